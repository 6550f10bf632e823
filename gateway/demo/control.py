"""The sandbox's control routes: what people and other programs do in the two systems."""

from decimal import Decimal
from typing import Any

import httpx

from schema.errors import GatewayError
from schema.money import dumps, loads


class ControlFailed(GatewayError):
    """The sandbox refused a control request."""

    code = "control_failed"


class Control:
    """A client of the control routes."""

    def __init__(self, root: str) -> None:
        """Name the sandbox's address."""
        self.root = root
        self._client = httpx.AsyncClient(base_url=f"{root}/control", trust_env=False, timeout=120)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def companies(self) -> list[dict[str, Any]]:
        """List the sample companies with their credentials."""
        found: list[dict[str, Any]] = (await self._ask("GET", "/sample"))["companies"]
        return found

    async def aim_webhooks(self, targets: dict[str, dict[str, str]]) -> None:
        """Tell both sides where their webhooks go and how they are signed."""
        await self._ask("POST", "/webhooks", targets)

    async def bill(self, *, count: int, mismatched: int, credit_notes: int) -> dict[str, list[str]]:
        """Create invoices and credit notes in the transfer status of Severa."""
        body = {"count": count, "mismatched": mismatched, "creditNotes": credit_notes}
        made: dict[str, list[str]] = await self._ask("POST", "/severa/invoices", body)
        return made

    async def pay(self, *, reference: str, share: Decimal | None = None) -> None:
        """Pay a document of Financials, all of it or a share."""
        body: dict[str, Any] = {"referenceNumber": reference}
        if share is not None:
            body["share"] = share
        await self._ask("POST", "/financials/pay", body)

    async def summary(self) -> dict[str, Any]:
        """Count what is in both systems."""
        found: dict[str, Any] = await self._ask("GET", "/summary")
        return found

    async def _ask(self, method: str, path: str, body: Any = None) -> Any:
        try:
            answer = await self._client.request(
                method,
                path,
                content=None if body is None else dumps(body),
                headers={"content-type": "application/json"},
            )
        except httpx.HTTPError as error:
            raise ControlFailed(f"The sandbox did not answer {method} {path}: {error}") from error
        if answer.is_error:
            raise ControlFailed(
                f"The sandbox refused {method} {path}: {answer.status_code} {answer.text[:300]}"
            )
        return loads(answer.content) if answer.content else None
