"""What goes wrong on purpose: before and after a write, without an answer, late, cut, slow."""

import asyncio
import base64
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.app import create_app
from tests.sandbox.talk import ROOT, Talk, talking

CREATE = "POST /v1/products"
LIST = "GET /v1/products"


async def plan(talk: Talk, fault: str, operation: str = "*", **more: Any) -> None:
    """Plan one fault of Severa."""
    body = {"side": "SEVERA", "operation": operation, "fault": fault, **more}
    await talk.control("POST", "/faults", body)


async def products(talk: Talk) -> int:
    """Count the products."""
    return len(await talk.whole("/v1/products"))


class TestAnswers:
    @pytest.mark.parametrize(("fault", "status"), [("error_400", 400), ("error_503", 503)])
    async def test_fail_before_the_write(self, fault: str, status: int) -> None:
        async with talking() as talk:
            before = await products(talk)
            await plan(talk, fault, CREATE)
            answer = await talk.raw("POST", "/v1/products", json={"name": "X"})
            assert (answer.status_code, "error" in answer.json()) == (status, True)
            assert await products(talk) == before

    async def test_come_as_html_or_cut(self) -> None:
        async with talking() as talk:
            await plan(talk, "html_502", LIST)
            answer = await talk.raw("GET", "/v1/products")
            assert (answer.status_code, answer.headers["content-type"][:9]) == (502, "text/html")
            await plan(talk, "bad_json", "GET /v1/currencies")
            answer = await talk.client.get(
                f"{ROOT}/severa/rest-api/v1/currencies", headers=talk._headers
            )
            with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
                answer.json()

    async def test_come_short_or_empty_without_a_next_page(self) -> None:
        async with talking(size="medium") as talk:
            await plan(talk, "empty_list", LIST)
            await plan(talk, "short_list", LIST)
            first, second = [await talk.raw("GET", "/v1/products") for _ in range(2)]
            assert (len(first.json()), len(second.json())) == (0, 10)
            assert "nextpagetoken" not in {*first.headers, *second.headers}

    async def test_lose_their_token_once(self) -> None:
        async with talking() as talk:
            await plan(talk, "token_expired", LIST)
            assert (await talk.raw("GET", "/v1/products")).status_code == 401
            assert (await talk.raw("GET", "/v1/products")).status_code == 401
            await talk.sign_in()
            assert (await talk.raw("GET", "/v1/products")).status_code == 200

    async def test_are_refused_with_429(self) -> None:
        async with talking() as talk:
            await plan(talk, "rate_limited", LIST)
            assert (await talk.raw("GET", "/v1/products")).status_code == 429

    async def test_refuse_a_kind_that_does_not_exist(self) -> None:
        async with talking() as talk:
            body = {"side": "SEVERA", "operation": "*", "fault": "explode"}
            await talk.control("POST", "/faults", body, 400)


class TestSilence:
    @pytest.mark.parametrize(
        ("fault", "added"), [("timeout_before_write", 0), ("timeout_after_write", 1)]
    )
    async def test_hides_whether_the_write_landed(self, fault: str, added: int) -> None:
        async with talking() as talk:
            before = await products(talk)
            await plan(talk, fault, CREATE)
            with pytest.raises(httpx.ReadTimeout):
                await talk.raw("POST", "/v1/products", json={"name": "X"})
            assert await products(talk) == before + added

    async def test_may_be_followed_by_a_late_write(self) -> None:
        async with talking() as talk:
            before = await products(talk)
            await plan(talk, "late_write", CREATE, delay=0.05)
            with pytest.raises(httpx.ReadTimeout):
                await talk.raw("POST", "/v1/products", json={"name": "X"})
            assert await products(talk) == before
            await talk.world.settle()
            assert await products(talk) == before + 1

    async def test_drops_a_real_connection(self) -> None:
        async with talking() as talk, serving(create_app(talk.world)) as address:
            await plan(talk, "timeout_after_write", CREATE, delay=0.05)
            before = await products(talk)
            with pytest.raises(httpx.TransportError):
                async with httpx.AsyncClient() as client:
                    await client.post(
                        f"{address}/severa/rest-api/v1/products",
                        json={"name": "X"},
                        headers=talk._headers,
                    )
            assert await products(talk) == before + 1

    async def test_keeps_a_real_client_waiting(self) -> None:
        async with talking() as talk, serving(create_app(talk.world)) as address:
            await plan(talk, "timeout_before_write", CREATE, delay=5)
            with pytest.raises(httpx.ReadTimeout):
                async with httpx.AsyncClient(timeout=0.2) as client:
                    await client.post(
                        f"{address}/severa/rest-api/v1/products",
                        json={"name": "X"},
                        headers=talk._headers,
                    )

    async def test_waits_for_a_write_when_planned_for_any_operation(self) -> None:
        async with talking() as talk:
            await plan(talk, "timeout_after_write")
            before = await products(talk)
            with pytest.raises(httpx.ReadTimeout):
                await talk.raw("POST", "/v1/products", json={"name": "X"})
            assert await products(talk) == before + 1


class TestConcurrency:
    async def test_refuses_a_second_request_in_flight_at_financials(self) -> None:
        async with talking() as talk:
            headers = await ledger_headers(talk)
            url = f"{ROOT}/financials/v1/currency"
            answers = await asyncio.gather(
                *(talk.client.get(url, headers=headers) for _ in range(2))
            )
            codes = sorted(answer.status_code for answer in answers)
            refused = next(answer for answer in answers if answer.status_code == 429)
            assert codes == [200, 429]
            assert int(refused.headers["Retry-After"]) >= 1
            assert (await talk.client.get(url, headers=headers)).status_code == 200


class TestWebhooks:
    async def test_are_delivered_doubled_dropped_and_reordered(self) -> None:
        secret = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()
        heard: list[str] = []

        async def hear(request: Request) -> Response:
            heard.append(request.headers["webhook-id"])
            return Response(status_code=202)

        app = Starlette(routes=[Route("/hook", hear, methods=["POST"])])
        async with talking() as talk, serving(app) as address:
            target = {"url": f"{address}/hook", "secret": secret}
            await talk.control("POST", "/webhooks", {"severa": target})
            for fault in (None, "webhook_duplicated", "webhook_dropped", "webhook_reordered", None):
                if fault:
                    await plan(talk, fault)
                await talk.control("POST", "/severa/invoices", {"count": 1})
            await talk.world.settle()
            assert [int(name[-8:]) for name in heard] == [1, 2, 2, 5, 4]


async def ledger_headers(talk: Talk) -> dict[str, str]:
    """Get a token of Financials."""
    login = talk.world.companies[0].financials
    form = {
        "grant_type": "client_credentials",
        "client_id": login.client_id,
        "client_secret": login.client_secret,
        "tenant_id": login.tenant_id,
        "scope": " ".join(
            f"vismanet_erp_service_api:{verb}" for verb in ("read", "create", "update", "delete")
        ),
    }
    answer = await talk.client.post(f"{ROOT}/connect/token", data=form)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """Serve an application over real sockets."""
    door = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    task = asyncio.create_task(server.serve(sockets=[door]))
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
