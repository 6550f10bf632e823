"""How customers are read and written on each side (R157 to R175, Q42, Q44)."""

from collections.abc import Mapping
from typing import Any

from schema.words import Side
from worker.context import Context
from worker.mapping.address import financials_address
from worker.mapping.convert import NOTES, TEXT, CannotMap
from worker.mapping.customer import ADDRESS_FIELDS, CLASS, CUSTOMER
from worker.mapping.field import Form, put
from worker.sync import push, sightings
from worker.sync.flow import Case, Seen
from worker.sync.rules import customer_number
from worker.sync.rules.customer_address import Addresses, with_addresses
from worker.sync.rules.severa import patch_body
from worker.sync.rules.unlinked import unlinked
from worker.vendors.endpoints import Operation
from worker.vendors.financials import FINANCIALS, operations, wrap
from worker.vendors.financials import shapes as financials_shapes
from worker.vendors.severa import SEVERA
from worker.vendors.severa import operations as severa

FIELDS = (*CUSTOMER, CLASS)
_ROWS = {row.name: row for row in FIELDS}


class SeveraHalf:
    """Customers in Severa; their addresses are objects of their own there."""

    async def read(self, ctx: Context, case: Case) -> Seen:
        """Read one customer again."""
        key = case.seen[Side.SEVERA].key
        answer = await ctx.severa.read(severa.CUSTOMER_READ, path={"guid": key})
        return await _composed(ctx, answer.body)

    async def find(self, ctx: Context, case: Case) -> Seen | None:
        """Look for a customer by its exact name, which is unique in Severa (R53)."""
        name = case.seen[Side.FINANCIALS].body["name"].strip()
        pages = ctx.severa.pages(SEVERA["customers"], params={"customerNames": name})
        rows = [row async for page in pages for row in page.rows if row["name"].strip() == name]
        free = await unlinked(
            ctx, side=Side.SEVERA, entity="CUSTOMER", keys=[row["guid"] for row in rows]
        )
        for row in rows:
            if row["guid"] in free:
                return await _composed(ctx, row)
        return None

    async def create(self, ctx: Context, case: Case, wanted: Form) -> Seen:
        """Create a customer with its number and addresses (R7, R47)."""
        source = case.seen[Side.FINANCIALS].body
        body = _severa_body({name: value for name, value in wanted.items() if value is not None})
        number = _ROWS["number"].convert.write(
            Side.SEVERA, str(source["number"]).strip(), ctx.references, None
        )
        body["number"] = number
        write = _write(case, Side.SEVERA, "create", severa.CUSTOMER_CREATE, {}, body)
        made = await customer_number.give(ctx, case, write, number, owner=None)
        addresses = Addresses(ctx, case, customer=made, rows={})
        await addresses.write(wanted)
        return await _composed(ctx, addresses.customer)

    async def update(self, ctx: Context, case: Case, wanted: Form) -> Seen:
        """Change a customer and its addresses."""
        seen = case.seen[Side.SEVERA]
        body, shown = _severa_body(wanted), seen.body
        if body:
            shown = (await self._patch(ctx, case, body))[0]
        addresses = Addresses(ctx, case, customer=shown, rows=seen.body["_addresses"])
        await addresses.write(wanted)
        return await _composed(ctx, addresses.customer)

    async def _patch(self, ctx: Context, case: Case, body: dict[str, Any]) -> Any:
        seen, number = case.seen[Side.SEVERA], body.get("number")
        told = {}
        if number is not None:
            old = seen.body.get("number")
            told = customer_number.renumbered(seen.key, seen.body["name"], old, number)
        path = {"guid": seen.key}
        write = _write(
            case,
            Side.SEVERA,
            "update",
            severa.CUSTOMER_PATCH,
            path,
            patch_body(body),
            context=told,
        )
        if number is None:
            return (await push.push(ctx, write)).body
        return await customer_number.give(ctx, case, write, number, owner=seen.key)


class FinancialsHalf:
    """Customers in Financials, which owns their numbers."""

    async def read(self, ctx: Context, case: Case) -> Seen:
        """Read one customer again by its stable key."""
        key = case.seen[Side.FINANCIALS].key
        answer = await ctx.financials.read(
            operations.CUSTOMER_READ_INTERNAL, path={"internalID": key}
        )
        return _financials_seen(answer.body, answer.etag)

    async def find(self, ctx: Context, case: Case) -> Seen | None:
        """Look for a customer by VAT number, else by exact name (Q44)."""
        source = case.seen[Side.SEVERA].body
        vat = (source.get("vatNumber") or "").strip()
        params = {"vatRegistrationId": vat} if vat else {"name": source["name"].strip()}
        found = []
        async for page in ctx.financials.pages(FINANCIALS["customer"], params=params):
            found += [row for row in page.rows if row["name"].strip() == source["name"].strip()]
        free = await unlinked(
            ctx,
            side=Side.FINANCIALS,
            entity="CUSTOMER",
            keys=[str(row["internalId"]) for row in found],
        )
        found = [row for row in found if str(row["internalId"]) in free]
        if len(found) > 1:
            raise CannotMap(
                "name_twice",
                f"{source['name']} exists {len(found)} times in Financials: "
                + ", ".join(str(row["number"]).strip() for row in found),
            )
        return _financials_seen(found[0], None) if found else None

    async def create(self, ctx: Context, case: Case, wanted: Form) -> Seen:
        """Create a customer; Financials gives it its number (R7)."""
        told = {name: value for name, value in wanted.items() if value}
        office = told.get("office")
        for name in ("billing", "postal"):
            if told.get(name) == office:
                told.pop(name, None)  # Left out, it is the main address in Financials.
        body = _financials_body(told)
        country = (office or {}).get("country") or ctx.references.home_country
        body["customerClassId"] = _class_for(ctx, case, country)
        body["overrideWithClassValues"] = True
        answer = await push.push(
            ctx,
            _write(
                case,
                Side.FINANCIALS,
                "create",
                operations.CUSTOMER_CREATE,
                {},
                wrap(body, financials_shapes.CUSTOMER),
            ),
        )
        made = await ctx.financials.read(
            operations.CUSTOMER_READ, path={"customerCd": str(answer.location_key)}
        )
        return _financials_seen(made.body, made.etag)

    async def update(self, ctx: Context, case: Case, wanted: Form) -> Seen:
        """Change a customer, if nobody else did since it was read."""
        seen = case.seen[Side.FINANCIALS]
        body = _financials_body(_without_shared(seen.body, wanted))
        if "customerClassId" in body:
            # The class brings its VAT handling and accounts; the terms stay the customer's own.
            body["overrideWithClassValues"] = True
            terms = (seen.body.get("creditTerms") or {}).get("id")
            if terms is not None:
                body.setdefault("creditTermsId", terms)
        write = _write(
            case,
            Side.FINANCIALS,
            "update",
            operations.CUSTOMER_UPDATE_INTERNAL,
            {"internalID": seen.key},
            wrap(body, financials_shapes.CUSTOMER),
            seen.etag,
        )
        await push.push(ctx, write)
        return await self.read(ctx, case)


def _without_shared(body: Mapping[str, Any], wanted: Form) -> Form:
    """Leave out an address that is the main one in Financials and stays equal to it."""
    main = (body.get("mainAddress") or {}).get("addressId")
    kept = dict(wanted)
    for name in ("billing", "postal"):
        place = str(_ROWS[name].financials)
        same = main is not None and (body.get(place) or {}).get("addressId") == main
        if same and name in kept and kept[name] == kept.get("office"):
            del kept[name]
    return kept


def _write(
    case: Case,
    side: Side,
    word: str,
    operation: Operation,
    path: dict[str, str],
    body: Any,
    etag: str | None = None,
    context: dict[str, Any] | None = None,
) -> push.Write:
    assert case.record is not None
    return push.Write(
        entity="CUSTOMER",
        record_id=case.record.id,
        side=side,
        purpose=f"customer.{word}",
        operation=operation,
        path=path,
        body=body,
        if_match=etag,
        label=f"{word} customer {label(case)} in {side.value.capitalize()}",
        context=context or {},
    )


def _severa_body(wanted: Form) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, value in wanted.items():
        place = _ROWS[name].target(Side.SEVERA)
        if name not in ADDRESS_FIELDS and place is not None:
            put(body, place, value)
    return body


def _financials_body(wanted: Form) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, value in wanted.items():
        place = _ROWS[name].target(Side.FINANCIALS)
        if place is None or name == "number":
            continue
        if value is None and _ROWS[name].convert in (TEXT, NOTES):
            value = ""  # An empty text clears; the contract allows no null inside a value.
        if value is not None:
            put(body, place, financials_address(value) if name in ADDRESS_FIELDS else value)
    return body


async def _composed(ctx: Context, body: dict[str, Any]) -> Seen:
    seen = Seen(side=Side.SEVERA, resource="customers", key=body["guid"], body=body)
    return (await compose(ctx, Side.SEVERA, [seen]))[0]


async def compose(ctx: Context, side: Side, seen: list[Seen]) -> list[Seen]:
    """Add the addresses of customers of Severa, which are objects of their own there."""
    if side is Side.FINANCIALS:
        return seen
    found = await sightings.children(
        ctx, side=side, resource="addresses", parents=[item.key for item in seen]
    )
    return [with_addresses(item, found.get(item.key, [])) for item in seen]


def _financials_seen(body: dict[str, Any], etag: str | None) -> Seen:
    return Seen(
        side=Side.FINANCIALS,
        resource="customer",
        key=str(body["internalId"]),
        body=body,
        etag=etag,
    )


def _class_for(ctx: Context, case: Case, country: str | None) -> str:
    """Choose the class of a new customer: a person's choice, a rule, or what is usual (Q42)."""
    references = ctx.references
    wish = getattr(case.record, "class_id", None)
    if wish is not None and wish in references.customer_classes:
        return str(wish)
    chosen = references.options.get("customer_classes") or {}
    for key in (country or "", "*"):
        if key in chosen:
            return str(chosen[key])
        if key in references.customer_class_of:
            return references.customer_class_of[key]
    if references.customer_classes:
        return next(iter(references.customer_classes))
    raise CannotMap("class_missing", "Financials has no customer class.")


def label(case: Case) -> str:
    """Name a customer for people."""
    for seen in case.seen.values():
        return str(seen.body.get("name")).strip()
    return str(getattr(case.record, "name", "?"))
