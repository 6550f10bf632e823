"""The control routes, test only: load, act, break, look."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.codec import parse, render
from sandbox.control import load, turn
from sandbox.control.act import delete_record, edit_record, reimburse, severa_invoices
from sandbox.control.errors import ControlRefused
from sandbox.control.look import requests_of, summary
from sandbox.financials import control
from sandbox.http import Refused

if TYPE_CHECKING:
    from sandbox.world import World

Action = Callable[["World", dict[str, Any]], Any]
FINANCIALS = (
    *("pay", "void-payment", "supplier-invoices", "release", "edit-draft", "reverse"),
    *("mismatch-next", "close-period"),
)


def routes(world: World) -> list[BaseRoute]:
    """Mount every control route of one world."""
    rows: list[tuple[str, str, Action]] = [
        ("POST", "/control/load", load.load),
        ("GET", "/control/sample", load.sample),
        ("POST", "/control/severa/invoices", severa_invoices),
        ("POST", "/control/severa/reimburse", reimburse),
        ("POST", "/control/edit", edit_record),
        ("POST", "/control/delete", delete_record),
        ("POST", "/control/clock", turn.clock),
        ("POST", "/control/limits", turn.limits),
        ("DELETE", "/control/limits", turn.restore_limits),
        ("POST", "/control/faults", turn.plan_fault),
        ("GET", "/control/faults", turn.planned_faults),
        ("DELETE", "/control/faults", turn.clear_faults),
        ("POST", "/control/webhooks", turn.webhooks),
        ("POST", "/control/assume", turn.assume),
        ("GET", "/control/summary", summary),
        ("GET", "/control/requests", requests_of),
    ]
    rows += [("POST", f"/control/financials/{name}", _ledger(name)) for name in FINANCIALS]
    return [
        Route(path, endpoint=_endpoint(world, action), methods=[method])
        for method, path, action in rows
    ]


def _ledger(name: str) -> Action:
    """Find the act of the ledger by the name of its route."""

    def act(world: World, payload: dict[str, Any]) -> Any:
        company = load.company_of(world, payload)
        return getattr(control, name.replace("-", "_"))(world, company, payload)

    return act


def _endpoint(world: World, action: Action) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            answer = action(world, await _payload(request))
        except ControlRefused as refusal:
            return _json({"error": str(refusal)}, status=refusal.status)
        except Refused as refusal:
            return _json({"error": refusal.reply.body}, status=refusal.reply.status)
        except (KeyError, TypeError, ValueError, LookupError) as error:
            return _json({"error": f"{type(error).__name__}: {error}"}, status=400)
        return _json(answer if answer is not None else {})

    return endpoint


async def _payload(request: Request) -> dict[str, Any]:
    given: dict[str, Any] = dict(request.query_params)
    body = await request.body()
    if body.strip():
        parsed = parse(body)
        if not isinstance(parsed, dict):
            raise ControlRefused("The body must be an object.")
        given.update(parsed)
    return given


def _json(value: Any, *, status: int = 200) -> Response:
    return Response(render(value), status_code=status, media_type="application/json")
