"""A client of the gateway's own public GraphQL API."""

import asyncio
from typing import Any

import httpx

from schema.errors import GatewayError
from schema.money import dumps, loads

_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
_JSON = {"content-type": "application/json"}


class ApiFailed(GatewayError):
    """The gateway answered a question of the demo with an error."""

    code = "api_failed"


class Api:
    """Asks as any other client would, with an API key."""

    def __init__(self, *, url: str, key: str) -> None:
        """Name the address of the GraphQL endpoint and the key."""
        self._url = url
        self._client = httpx.AsyncClient(
            trust_env=False, timeout=30, headers={"authorization": f"Bearer {key}"}
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def ask(self, document: str, /, **variables: Any) -> dict[str, Any]:
        """Run one operation and return its data.

        Raises ApiFailed with the first error's message.
        """
        content = await self._post({"query": document, "variables": variables})
        if content.get("errors"):
            raise ApiFailed(f"The gateway answered: {content['errors'][0]['message']}")
        data: dict[str, Any] = content["data"]
        return data

    async def _post(self, body: dict[str, Any]) -> dict[str, Any]:
        """Ask, and ask again while the gateway is being started again."""
        for pause in (*_PAUSES, None):
            try:
                answer = await self._client.post(self._url, content=dumps(body), headers=_JSON)
                content: dict[str, Any] = loads(answer.content)
            except (httpx.HTTPError, ValueError) as error:
                if pause is None:
                    raise ApiFailed(f"The gateway did not answer: {error!r}") from error
                await asyncio.sleep(pause)
            else:
                return content
        raise AssertionError("unreachable")
