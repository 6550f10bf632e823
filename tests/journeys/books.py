"""Both vendors compared field by field by a reader that knows only their public APIs.

It shares nothing with the product: no mapping, no mark, no link. Records are paired by the numbers
and codes that an accountant would pair them by.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx

Row = dict[str, Any]
_PAGE = 500
_REGISTERS = {
    "NonStockItem": "products",
    "ServiceItem": "products",
    "LaborItem": "worktypes",
    "ExpenseItem": "travelexpensetypes",
}
_CUSTOMER = (
    ("name", "name"),
    ("vatNumber", "vatRegistrationId"),
    ("email", "mainContact.email"),
    ("website", "mainContact.web"),
    ("notes", "mainContact.attention"),
    ("currency.code", "currencyId"),
)


def at(row: Any, path: str) -> Any:
    """Return what stands at a dotted path; None where it ends early."""
    for name in path.split("."):
        row = row.get(name) if isinstance(row, Mapping) else None
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """One pair of companies, read with clients of its own."""

    http: httpx.AsyncClient
    severa_login: Row
    financials_login: Row
    terms: Mapping[str, int]

    @classmethod
    async def open(cls, http: httpx.AsyncClient) -> "Books":
        """Read credentials from the sandbox that `http` points at."""
        company = (await http.get("/control/sample")).json()["companies"][0]
        return cls(
            http=http,
            severa_login=company["severa"],
            financials_login=company["financials"],
            terms=company["terms"],
        )

    # Readers.

    async def severa(self, table: str) -> list[Row]:
        """List a table of Severa, all pages."""
        headers = await self._severa_headers()
        rows: list[Row] = []
        page: str | None = None
        while True:
            given = {"rowCount": str(_PAGE)} | ({"pageToken": page} if page else {})
            path = f"/severa/rest-api/v1/{table}"
            answer = await self._ask("GET", path, headers=headers, params=given)
            rows += _read(answer)
            page = answer.headers.get("nextPageToken")
            if not page:
                return rows

    async def financials(self, table: str) -> list[Row]:
        """List a table of Financials, all pages."""
        headers = await self.financials_headers("read")
        rows: dict[str, Row] = {}
        place = 1
        while True:
            given = {"pageNumber": str(place), "pageSize": str(_PAGE)}
            path = f"/financials/v1/{table}"
            page = _read(await self._ask("GET", path, headers=headers, params=given))
            before = len(rows)
            rows |= {json.dumps(row, default=str): row for row in page}
            if not page or len(rows) == before:
                return list(rows.values())
            place += 1

    async def do_in_severa(self, method: str, path: str, body: Any) -> Any:
        """Write to Severa as any user with a client of its own."""
        headers = await self._severa_headers()
        return await self._json(method, f"/severa/rest-api/v1/{path}", headers=headers, json=body)

    async def _severa_headers(self) -> dict[str, str]:
        login = self.severa_login
        form = {"client_id": login["clientId"], "client_secret": login["clientSecret"]}
        token = await self._json("POST", "/severa/rest-api/v1/token", json=form)
        return {
            "authorization": f"Bearer {token['access_token']}",
            "client_id": login["clientId"],
        }

    async def financials_headers(self, scope: str) -> dict[str, str]:
        """Return the headers of a client of Financials."""
        login = self.financials_login
        form = {
            "grant_type": "client_credentials",
            "client_id": login["clientId"],
            "client_secret": login["clientSecret"],
            "tenant_id": login["tenantId"],
            "scope": f"vismanet_erp_service_api:{scope}",
        }
        token = await self._json("POST", "/connect/token", data=form)
        return {"authorization": f"Bearer {token['access_token']}"}

    async def _json(self, method: str, path: str, **options: Any) -> Any:
        return (await self._ask(method, path, **options)).json()

    async def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        for _ in range(50):
            answer = await self.http.request(method, path, **options)
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                break
            await asyncio.sleep(0.2)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
        return answer

    # Comparisons; each returns one sentence per difference.

    async def differences(self) -> list[str]:
        """Compare every register and every document."""
        return [
            *await self.of_customers(),
            *await self.of_items(),
            *await self.of_projects(),
            *await self.of_documents(),
        ]

    async def of_customers(self) -> list[str]:
        """Active customers of either side are on the other, equal in every field (R44 to R47)."""
        severa = [row for row in await self.severa("customers") if not row["isInternal"]]
        twins = {row["number"]: row for row in await self.financials("customer")}
        offices = _offices(await self.severa("addresses"))
        found = []
        for row in severa:
            twin = twins.pop(str(row["number"]), None)
            if twin is None:
                found += [f"customer {row['number']} {row['name']} is in Severa only"] * (
                    row["isActive"] is True
                )
                continue
            name = f"customer {row['number']}"
            found += _unequal(name, [(at(row, ours), at(twin, its)) for ours, its in _CUSTOMER])
            days = self.terms.get(str(at(twin, "creditTerms.id")))
            active = twin["status"] == "Active"
            found += _unequal(name, [(row["paymentTerm"], days), (row["isActive"], active)])
            found += _unequal(name, _address(offices.get(row["guid"]), at(twin, "mainAddress")))
        return found + [
            f"customer {number} {row['name']} is in Financials only"
            for number, row in twins.items()
            if row["status"] == "Active"
        ]

    async def of_items(self) -> list[str]:
        """A code is in one register of Severa and in the inventory (R31, R32, R37 to R39)."""
        mine: dict[str, tuple[str, Row]] = {}
        found = []
        for register in dict.fromkeys(_REGISTERS.values()):
            for row in await self.severa(register):
                if row.get("code"):
                    found += [f"code {row['code']} twice"] * (row["code"] in mine)
                    mine[row["code"]] = (register, row)
        inventory = {row["inventoryNumber"]: row for row in await self.financials("inventory")}
        for code in sorted(mine.keys() | inventory.keys()):
            register, row = mine.get(code, ("", {}))
            twin = inventory.get(code, {})
            if not row or not twin:
                alive = row.get("isActive") or twin.get("status") == "Active"
                found += [f"item {code} is on one side only"] * bool(alive)
                continue
            pairs = [
                (row["name"], twin["description"]),
                (row["isActive"], twin["status"] == "Active"),
                (register, _REGISTERS[twin["type"]]),
            ]
            found += _unequal(f"item {code}", pairs)
        return found

    async def of_projects(self) -> list[str]:
        """Projects of customers are in Financials, closed ones inactive (R54 to R57)."""
        twins = {row["projectID"]: row for row in await self.financials("project")}
        customers = {row["guid"]: row for row in await self.severa("customers")}
        found = []
        for row in await self.severa("projects"):
            twin = twins.pop(str(row["number"]), None)
            if row["isInternal"]:
                found += [f"internal project {row['number']} is in Financials"] * bool(twin)
                continue
            if twin is None:
                # One that had ended before the systems were linked has no postings to come.
                found += [f"project {row['number']} is missing"] * (not row["isClosed"])
                continue
            number = str(customers[at(row, "customer.guid")]["number"])
            pairs = [
                (row["name"], twin["description"]),
                (number, at(twin, "customer.number")),
                (row["isClosed"], twin["status"] in ("Completed", "Cancelled", "IsCancelled")),
            ]
            found += _unequal(f"project {row['number']}", pairs)
        return found

    async def of_documents(self) -> list[str]:
        """What Severa calls numbered is booked under that number with that total (R1, R59, R68)."""
        booked: dict[tuple[str, bool], Row] = {}
        orders: list[tuple[Any, ...]] = []
        for table, credit in (("customerinvoice", False), ("customerCreditNote", True)):
            for row in await self.financials(table):
                booked[row["referenceNumber"], credit] = row
                if row.get("customerRefNumber"):
                    names = ("customerRefNumber", "documentDate", "amountInCurrency")
                    orders.append((credit, *(row[name] for name in names)))
        found = [f"{order[1:]} is booked twice" for order in set(orders) if orders.count(order) > 1]
        for row in await self.severa("invoices"):
            if not row.get("number"):
                continue
            credit = bool(row.get("isCreditNote"))
            name = f"{'credit note' if credit else 'invoice'} {row['number']}"
            twin = booked.get((str(row["number"]), credit))
            if twin is None:
                found.append(f"{name} is not in the books")
                continue
            total = abs(Decimal(str(at(row, "totalIncludingTax.amount"))))
            if abs(total - Decimal(str(twin["amountInCurrency"]))) > Decimal("0.05"):
                found.append(f"{name}: {total} and {twin['amountInCurrency']}")
            settled = Decimal(str(twin["balanceInCurrency"])) == 0
            found += _unequal(name, [(at(row, "status.name") == "Paid", settled)])
        return found


def _offices(addresses: Iterable[Row]) -> dict[str, Row]:
    return {at(row, "customer.guid"): row for row in addresses if row["isVisitAddress"]}


def _address(office: Row | None, main: Row) -> list[tuple[Any, Any]]:
    if office is None:
        return []
    lines = [main.get(f"addressLine{n}") for n in (1, 2, 3)]
    return [
        (office["addressline"], "\n".join(line for line in lines if line)),
        (office["postalCode"], main.get("postalCode")),
        (office["city"], main.get("city")),
        (at(office, "country.englishName"), at(main, "country.name")),
    ]


def _unequal(name: str, pairs: Iterable[tuple[Any, Any]]) -> list[str]:
    return [
        f"{name}: {severa!r} in Severa, {financials!r} in Financials"
        for severa, financials in pairs
        if (severa or None) != (financials or None)
    ]


def _read(answer: httpx.Response) -> list[Row]:
    rows: list[Row] = json.loads(answer.content, parse_float=Decimal)
    return rows
