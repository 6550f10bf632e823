"""Both vendors as strangers see them: the control routes, and plain clients of their public lists.

Nothing of the product is used here, so that what it believes cannot color what is compared.
"""

import asyncio
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx

_PAGE = 500
_DRAFTS = ("Hold", "Balanced")
_RECENT = 12
_CREATES = ("POST /v2/customerinvoice", "POST /v2/customerCreditNote")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An invoice or credit note on one side, in words that both sides share."""

    company: int
    order: str
    number: str
    total: Decimal
    status: str
    credit: bool
    balance: Decimal = Decimal(0)


class Vendors:
    """Clients of one sandbox."""

    def __init__(self, root: str) -> None:
        self._http = httpx.AsyncClient(base_url=root, trust_env=False, timeout=120)
        self.companies: list[dict[str, Any]] = []

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def wait_until_ready(self, limit: float = 120.0) -> None:
        """Wait until the sandbox answers."""
        for _ in range(int(limit / 0.1)):
            try:
                self.companies = (await self.control("GET", "/sample"))["companies"]
                return
            except httpx.HTTPError:
                await asyncio.sleep(0.1)
        raise TimeoutError("The sandbox does not answer.")

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        """Use a control route."""
        content = None if body is None else json.dumps(body)
        answer = await self._http.request(method, f"/control{path}", content=content)
        answer.raise_for_status()
        return json.loads(answer.content, parse_float=Decimal) if answer.content else None

    async def severa_invoices(self) -> list[Seen]:
        """List every invoice of every Severa organization."""
        return [
            _of_severa(row, place)
            for place, company in enumerate(self.companies)
            for row in await self._severa_rows(company["severa"])
        ]

    async def _ledger_headers(self, login: dict[str, str], scope: str) -> dict[str, str]:
        form = {
            "grant_type": "client_credentials",
            "client_id": login["clientId"],
            "client_secret": login["clientSecret"],
            "tenant_id": login["tenantId"],
            "scope": f"vismanet_erp_service_api:{scope}",
        }
        answer = await self._patiently("POST", "/connect/token", data=form)
        return {"authorization": f"Bearer {answer.json()['access_token']}"}

    async def _severa_rows(self, login: dict[str, str]) -> list[dict[str, Any]]:
        names = {"client_id": login["clientId"], "client_secret": login["clientSecret"]}
        scope = {"scope": "invoices:read"}
        token = await self._post_json("/severa/rest-api/v1/token", names | scope)
        headers = {"authorization": f"Bearer {token}", "client_id": login["clientId"]}
        rows: list[dict[str, Any]] = []
        page: str | None = None
        while True:
            params = {"rowCount": str(_PAGE)} | ({"pageToken": page} if page else {})
            answer = await self._get("/severa/rest-api/v1/invoices", headers, params)
            rows += self._read(answer)
            page = answer.headers.get("nextPageToken")
            if not page:
                return rows

    async def financials_documents(self) -> list[Seen]:
        """List every customer invoice and credit note of every company in Financials."""
        return [
            found
            for place, company in enumerate(self.companies)
            for found in await self._documents(company["financials"], place)
        ]

    async def _documents(self, login: dict[str, str], place: int) -> list[Seen]:
        headers = await self._ledger_headers(login, "read")
        found = []
        for path, credit in (("customerinvoice", False), ("customerCreditNote", True)):
            for row in await self._all_pages(f"/financials/v1/{path}", headers):
                found.append(_of_financials(row, place, credit=credit))
        return found

    async def create_again(self) -> bool:
        """Let the newest draft that stands still land once more, word for word.

        Tells whether there was one.
        """
        rows = await self.control("GET", "/requests?side=FINANCIALS")
        created = [row for row in rows if row["operation"] in _CREATES and row["status"] == 201]
        drafts = {row.order for row in await self.financials_documents() if row.status in _DRAFTS}
        for row in reversed(created[-_RECENT:]):
            order = str(row["body"]["customerRefNumber"]["value"])
            if order in drafts:
                await self._create(row["operation"], row["body"], int(order.split("-")[1]) - 1)
                return True
        return False

    async def _create(self, operation: str, body: dict[str, Any], company: int) -> None:
        headers = await self._ledger_headers(self.companies[company]["financials"], "create")
        answer = await self._http.post(
            f"/financials{operation.split()[1]}",
            headers=headers | {"content-type": "application/json"},
            content=json.dumps(body, default=float),
        )
        answer.raise_for_status()

    async def _all_pages(self, path: str, headers: dict[str, str]) -> list[dict[str, Any]]:
        rows: dict[str, dict[str, Any]] = {}
        place = 1
        while True:
            params = {"pageNumber": str(place), "pageSize": str(_PAGE)}
            page = self._read(await self._get(path, headers, params))
            before = len(rows)
            rows |= {str(row["referenceNumber"]): row for row in page}
            if not page or len(rows) == before:
                return list(rows.values())
            place += 1

    async def _post_json(self, path: str, body: dict[str, str]) -> str:
        answer = await self._patiently("POST", path, json=body)
        return str(answer.json()["access_token"])

    async def _get(
        self, path: str, headers: dict[str, str], params: dict[str, str]
    ) -> httpx.Response:
        return await self._patiently("GET", path, headers=headers, params=params)

    async def _patiently(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Ask again when a fault that was meant for others strikes us."""
        for _ in range(20):
            try:
                answer = await self._http.request(method, path, **options)
                answer.raise_for_status()
                json.loads(answer.content)
                return answer
            except (httpx.HTTPError, ValueError):
                await asyncio.sleep(0.1)
        raise TimeoutError(f"{method} {path} fails again and again.")

    def _read(self, answer: httpx.Response) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(answer.content, parse_float=Decimal)
        return rows


def _of_severa(row: dict[str, Any], company: int) -> Seen:
    total = Decimal(str(row["totalIncludingTax"]["amount"]))
    return Seen(
        company=company,
        order=str(row.get("orderNumber") or ""),
        number=str(row.get("number") or ""),
        total=total,
        status=row["status"]["name"],
        credit=bool(row.get("isCreditNote")),
    )


def _of_financials(row: dict[str, Any], company: int, *, credit: bool) -> Seen:
    total = Decimal(str(row.get("amountInCurrency") or 0))
    return Seen(
        company=company,
        order=str(row.get("customerRefNumber") or ""),
        number=str(row["referenceNumber"]).strip(),
        total=-total if credit else total,
        status=str(row["status"]),
        credit=credit,
        balance=Decimal(str(row.get("balanceInCurrency") or row.get("balance") or 0)),
    )
