"""The routes of Financials, under `/financials`, and the token endpoint of Visma Connect."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from starlette.routing import BaseRoute, Mount

from sandbox.dispatch import Dispatcher
from sandbox.http import Op, Reply, Side
from sandbox.limits import Window

from . import (
    background,
    serve_customer,
    serve_document,
    serve_file,
    serve_item,
    serve_ledger,
    serve_project,
    serve_reference,
    serve_setting,
    serve_supplier,
    token,
)
from .door import key_of

if TYPE_CHECKING:
    from sandbox.world import World

PREFIX = "/financials"
OPS: tuple[Op, ...] = (
    *serve_reference.OPS,
    *serve_setting.OPS,
    *serve_customer.OPS,
    *serve_item.OPS,
    *serve_project.OPS,
    *serve_document.OPS,
    *serve_ledger.OPS,
    *serve_supplier.OPS,
    *serve_file.OPS,
)
TOKEN_OPS: tuple[Op, ...] = (
    Op(method="POST", path="/connect/token", handler=token.issue, open=True),
)


def routes(world: World) -> list[BaseRoute]:
    """Mount the API and its token endpoint."""
    api = Side(
        name="financials",
        prefix=PREFIX,
        ops=OPS,
        authenticate=token.authenticate,
        failure=failure,
        expire=token.expire,
        finish=lambda reply, window: finish(world, reply, window),
        around=background.around,
        key=key_of,
    )
    connect = Side(
        name="financials",
        prefix="",
        ops=TOKEN_OPS,
        authenticate=token.authenticate,
        failure=failure,
        expire=token.expire,
    )
    return [
        Mount(PREFIX, app=Dispatcher(world, api)),
        Mount("/connect", app=Dispatcher(world, connect)),
    ]


def failure(status: int, text: str) -> Reply:
    """Answer an error status in the ERP's shape; the gateway's own are plain text."""
    if status in (429, 503):
        return Reply(status=status, body=text.encode(), media_type="text/plain")
    return Reply(status=status, body={"message": f"VismaId: {uuid4()}. Error: {text}"})


def finish(world: World, reply: Reply, window: Window | None) -> Reply:
    """Add the headers that every answer carries."""
    headers = reply.headers
    headers["Ipp-Request-Id"] = str(uuid4())
    allowed = world.limits.allowed["financials"]
    limit = window.limit if window is not None else allowed
    if limit is not None:
        remaining = window.remaining if window is not None else limit
        now = world.clock.now()
        reset = window.reset if window is not None else 3600 - now.minute * 60 - now.second
        headers["X-RateLimit-Limit"] = str(limit)
        headers["X-RateLimit-Remaining"] = str(remaining)
        headers["X-RateLimit-Reset"] = str(reset)
        headers["X-RateLimit-Policy"] = "4-fixed-window"
    return reply
