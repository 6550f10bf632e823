"""A person who works in Severa: an ordinary client of the vendor's API, with its own token."""

import asyncio
from decimal import Decimal
from typing import Any

import httpx

from schema.errors import GatewayError
from schema.money import dumps, loads

_TRIES, _PAUSE = 30, 0.4


class SeveraRefused(GatewayError):
    """Severa refused what the person wanted to do."""

    code = "severa_refused"


class Person:
    """Corrects an invoice in Severa, as its user would."""

    def __init__(self, *, base_url: str, client_id: str, client_secret: str) -> None:
        """Take the credentials of the Severa organization."""
        self._id, self._secret = client_id, client_secret
        self._client = httpx.AsyncClient(
            base_url=f"{base_url}/v1",
            trust_env=False,
            timeout=30,
            headers={"client_id": client_id, "content-type": "application/json"},
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def rows(self, invoice: str) -> list[dict[str, Any]]:
        """Read the rows of an invoice in their order."""
        found: list[dict[str, Any]] = await self._ask("GET", f"/invoices/{invoice}/invoicerows")
        return sorted(found, key=lambda row: row["sortOrder"])

    async def set_vat(self, row: str, *, percent: Decimal) -> None:
        """Correct the VAT percentage of a row (R77)."""
        patch = [{"op": "replace", "path": "/vatRate", "value": percent}]
        await self._ask("PATCH", f"/invoicerows/{row}", patch)

    async def _ask(self, method: str, path: str, body: Any = None) -> Any:
        if "authorization" not in self._client.headers:
            await self._log_in()
        return await self._send(method, path, body)

    async def _log_in(self) -> None:
        token = await self._send(
            "POST", "/token", {"client_id": self._id, "client_secret": self._secret}
        )
        self._client.headers["authorization"] = f"Bearer {token['access_token']}"

    async def _send(self, method: str, path: str, body: Any) -> Any:
        answer = await self._request(method, path, body)
        for _ in range(_TRIES):
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                break
            # The gateway uses the same calls per second; a person simply clicks again.
            await asyncio.sleep(_PAUSE)
            answer = await self._request(method, path, body)
        if answer.is_error:
            raise SeveraRefused(f"Severa refused {method} {path}: {answer.text[:300]}")
        return loads(answer.content)

    async def _request(self, method: str, path: str, body: Any) -> httpx.Response:
        content = None if body is None else dumps(body)
        try:
            return await self._client.request(method, path, content=content)
        except httpx.HTTPError as error:
            raise SeveraRefused(f"Severa did not answer {method} {path}: {error}") from error
