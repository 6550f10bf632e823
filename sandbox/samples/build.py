"""Makes sample companies out of words and a seed."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from sandbox.samples import company as c
from sandbox.samples.countries import COUNTRIES, Country
from sandbox.samples.numbers import organization_number, vat_number
from sandbox.samples.words import COMPANIES, ITEMS, PROJECTS, SUPPLIERS, WORDS, Words

# Firms, projects, extra items per size.
SIZES = {"small": (16, 18, 0), "medium": (1200, 1000, 150), "large": (24_000, 8000, 1500)}
FIRST_FIRM = 10_001
FIRST_SEVERA_FIRM = 101
FIRST_PROJECT = 1001
FOREIGN_LANDS = {"NO": ("SE", "FI"), "SE": ("NO", "FI"), "FI": ("SE", "NO")}
STATES: tuple[c.State, ...] = (
    *("open", "open", "open", "sales", "open", "closed", "open", "open", "lost"),
    *("open", "sales", "open"),
)
TITLES = ("CEO", "CFO", "Project manager", "Purchaser", "Accountant")


class Builder:
    """Builds one company; the seed decides everything."""

    def __init__(
        self, *, size: str, seed: int, index: int, branches: int, today: date | None
    ) -> None:
        self._size = size
        self._seed = seed
        self._index = index
        self._branch_count = max(1, min(branches, 3))
        self._today = today or datetime.now(UTC).date()
        self._chance = Random(f"{size}-{seed}-{index}")
        self._land: Country = COUNTRIES[index % len(COUNTRIES)]
        self._words = WORDS[self._land.code]

    def build(self) -> c.Company:
        """Put the whole company together."""
        firm_count, project_count, more_items = SIZES[self._size]
        land = self._land
        own = [
            organization_number(land.code, self._chance) for _ in range(max(2, self._branch_count))
        ]
        firms = self._firms(firm_count)
        branches = self._branches(own)
        return c.Company(
            index=self._index,
            seed=self._seed,
            size=self._size,
            today=self._today,
            country=land.code,
            name=self._numbered(COMPANIES[land.code][0]),
            org_number=own[0],
            vat_number=vat_number(land.code, own[0]),
            address=self._address(self._words),
            home=land.currencies[0].code,
            currencies=land.currencies,
            terms=land.terms,
            measures=land.measures,
            vat_categories=land.vat_categories,
            foreign_vat_id=land.foreign_vat_id,
            customer_classes=land.customer_classes,
            item_classes=land.item_classes,
            branches=branches,
            divisions=self._divisions(branches),
            accounts=land.accounts,
            suppliers=self._suppliers(),
            people=tuple(self._person(self._words, "norlund", "both") for _ in range(4)),
            firms=firms,
            items=self._items(more_items),
            projects=self._projects(project_count, firms),
            severa=c.SeveraLogin(
                client_id=f"Sandbox_{self._token(16)}.apps.vismasevera.com",
                client_secret=self._token(48),
            ),
            financials=c.FinancialsLogin(
                client_id=f"isv_sandbox_{self._token(8)}",
                client_secret=self._token(48),
                tenant_id=str(uuid.UUID(int=self._chance.getrandbits(128), version=4)),
                company_number=1_000_000 + self._chance.randrange(900_000) + self._index,
            ),
        )

    def _numbered(self, name: str) -> str:
        """Names repeat after every country has had its turn, so later ones get a number."""
        turn = self._index // len(COUNTRIES)
        head, tail = name.rsplit(" ", 1)
        return name if turn == 0 else f"{head} {turn + 1} {tail}"

    def _token(self, length: int) -> str:
        return f"{self._chance.getrandbits(length * 4):0{length}x}"

    def _branches(self, own: list[str]) -> tuple[c.Branch, ...]:
        names = COMPANIES[self._land.code]
        return tuple(
            c.Branch(
                number=str(place + 1),
                name=self._numbered(names[place]),
                corporate_id=own[place],
                vat_number=vat_number(self._land.code, own[place]),
            )
            for place in range(self._branch_count)
        )

    def _divisions(self, branches: tuple[c.Branch, ...]) -> tuple[c.Division, ...]:
        rows = [
            c.Division(
                code=f"BU{branch.number}",
                name=branch.name,
                vat_number=branch.vat_number,
                branch=branch.number,
                parent=None if branch.number == "1" else "BU1",
            )
            for branch in branches
        ]
        for name, parent in (("Consulting", rows[0]), ("Development", rows[-1])):
            code = f"{parent.code}-{name[:3].upper()}"
            rows.append(
                c.Division(code=code, name=name, vat_number=None, branch=None, parent=parent.code)
            )
        return tuple(rows)

    def _address(self, words: Words) -> c.Address:
        town = self._chance.choice(words.towns)
        street = f"{self._chance.choice(words.streets)} {self._chance.randrange(1, 120)}"
        return c.Address(
            lines=(street,),
            postal_code=town.postal_code,
            city=town.city,
            country=words.code,
            region=town.region if self._chance.random() < 0.3 else None,
        )

    def _postbox(self, words: Words) -> c.Address:
        town = self._chance.choice(words.towns)
        box = {"NO": "Postboks", "SE": "Box", "FI": "PL"}[words.code]
        lines = (f"{box} {self._chance.randrange(10, 990)}", "Invoices")
        return c.Address(
            lines=lines, postal_code=town.postal_code, city=town.city, country=words.code
        )

    def _person(self, words: Words, host: str, where: c.Where) -> c.Person:
        chance = self._chance
        man = chance.random() < 0.5
        first = chance.choice(words.men if man else words.women)
        last = chance.choice(words.families)
        return c.Person(
            first_name=first,
            last_name=last,
            salutation="Mr." if man else chance.choice(("Ms.", "Mrs.")),
            title=chance.choice(TITLES),
            email=f"{_ascii(first)}.{_ascii(last)}@{host}.example",
            mobile=f"{words.phone} 4{chance.randrange(10**6, 10**7)}",
            phone=f"{words.phone} 2{chance.randrange(10**6, 10**7)}",
            do_not_email=chance.random() < 0.2,
            where=where,
        )

    def _firms(self, count: int) -> tuple[c.Firm, ...]:
        names = {code: _names(WORDS[code], self._chance, count) for code in WORDS}
        return tuple(self._firm(place, names) for place in range(count))

    def _firm(self, place: int, names: dict[str, list[str]]) -> c.Firm:
        # Of sixteen: eight on both sides, four in Severa only, four in Financials only.
        where: c.Where = ("both", "both", "severa", "financials")[place % 4] if place else "both"
        foreign = place % 8 in (1, 5) and where == "both"
        code = FOREIGN_LANDS[self._land.code][place // 8 % 2] if foreign else self._land.code
        words = WORDS[code]
        name = names[code].pop()
        host = _ascii(name.rsplit(" ", 1)[0])
        number = organization_number(code, self._chance)
        people = self._people(words, host, where, place)
        customer_class = self._land.customer_classes[1 if foreign else 0]
        return c.Firm(
            key=f"firm-{place + 1}",
            number=FIRST_FIRM + place,
            severa_number=FIRST_SEVERA_FIRM + place,
            name=name,
            country=code,
            corporate_id=number,
            vat_number=vat_number(code, number),
            currency=self._land.currencies[1 if foreign else 0].code,
            terms_days=self._land.terms[place % len(self._land.terms)].days,
            email=f"post@{host}.example",
            website=f"https://www.{host}.example",
            notes="Invoices need an order number" if place % 5 == 2 else "",
            headquarters=self._address(words),
            billing=self._postbox(words) if place % 3 == 0 else None,
            postal=self._address(words) if place % 6 == 1 else None,
            people=people,
            customer_class=customer_class.id,
            vat_zone=customer_class.kind,
            active=not (where == "financials" and place % 8 == 3),
            where=where,
        )

    def _people(self, words: Words, host: str, where: c.Where, place: int) -> tuple[c.Person, ...]:
        homes: tuple[c.Where, ...] = (where,) if place % 2 else (where, "severa")
        if where == "financials":
            homes = ("financials",)
        return tuple(self._person(words, host, home) for home in homes)

    def _items(self, more: int) -> tuple[c.Item, ...]:
        rows = ITEMS[self._land.code]
        items = []
        for place in range(len(rows) + more):
            words = rows[place % len(rows)]
            turn = place // len(rows)
            items.append(self._item(words, turn, place))
        return tuple(items)

    def _item(self, words: object, turn: int, place: int) -> c.Item:
        from sandbox.samples.words import ItemWords

        assert isinstance(words, ItemWords)
        category = self._land.vat_categories[words.rank]
        classes = {row.kind: row.id for row in self._land.item_classes}
        register = {"LaborItem": "worktype", "ExpenseItem": "travel"}.get(words.kind, "product")
        homes: dict[int, c.Where] = {6: "severa", 7: "financials", 11: "severa", 14: "financials"}
        price = Decimal(words.price + 4 * turn)
        return c.Item(
            code=words.code if turn == 0 else f"{words.code[:8]}{turn:04d}",
            name=words.name if turn == 0 else f"{words.name} {turn}",
            kind=words.kind,  # type: ignore[arg-type]  # the word table holds only the four kinds
            register=register,  # type: ignore[arg-type]  # one of the three registers
            item_class=classes[words.kind],
            price=price,
            cost=price / 2,
            vat_category=category.id,
            vat_percent=category.percent,
            unit=words.unit,
            active=turn == 0 or place % 40 != 7,
            where=homes.get(place % len(ITEMS[self._land.code]), "both"),
        )

    def _projects(self, count: int, firms: tuple[c.Firm, ...]) -> tuple[c.Project, ...]:
        known = [firm for firm in firms if firm.where != "financials" and firm.active]
        units = 2 + self._branch_count
        rows = []
        for place in range(count):
            internal = place == 3
            firm = None if internal else known[place % len(known)]
            rows.append(self._project(place, firm, units))
        return tuple(rows)

    def _project(self, place: int, firm: c.Firm | None, units: int) -> c.Project:
        name = PROJECTS[self._land.code][place % len(PROJECTS[self._land.code])]
        people = (
            [spot for spot, person in enumerate(firm.people) if person.where != "financials"]
            if firm
            else []
        )
        start = self._today - timedelta(days=20 + self._chance.randrange(300))
        codes = [f"BU{spot + 1}" for spot in range(self._branch_count)]
        codes += ["BU1-CON", f"BU{self._branch_count}-DEV"]
        return c.Project(
            number=FIRST_PROJECT + place,
            name=f"{name}, {firm.name.rsplit(' ', 1)[0]}" if firm else "Internal work",
            firm=firm.key if firm else None,
            state="open" if firm is None else STATES[place % len(STATES)],
            start=start,
            division=codes[place % units],
            order_number=f"{4_500_000 + place}" if place % 3 == 0 else "",
            our_reference=f"{self._chance.choice(self._words.women)} N.",
            your_reference=f"Ref {place + 1:04d}",
            person=people[0] if people else None,
        )

    def _suppliers(self) -> tuple[c.Supplier, ...]:
        return tuple(
            c.Supplier(
                number=str(50_001 + place),
                name=name,
                corporate_id=organization_number(self._land.code, self._chance),
                address=self._address(self._words),
            )
            for place, name in enumerate(SUPPLIERS[self._land.code])
        )


def _names(words: Words, chance: Random, count: int) -> list[str]:
    """Make that many different names: root and line, then with a town when those run out."""
    plain = [f"{root} {line}" for root in words.roots for line in words.lines]
    chance.shuffle(plain)
    names = plain[:count]
    for town in words.towns:
        for other in words.towns:
            if len(names) >= count:
                break
            place = town.city if town is other else f"{town.city}-{other.city}"
            names += [f"{name} {place}" for name in plain[: count - len(names)]]
    return [f"{name} {words.suffixes[0]}" for name in reversed(names)]


def _ascii(text: str) -> str:
    table = str.maketrans({"å": "a", "ä": "a", "æ": "a", "ö": "o", "ø": "o", " ": "", "-": ""})
    return text.lower().translate(table)
