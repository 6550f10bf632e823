"""The gateway's ASGI application: routes, middleware and what lives as long as it does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute

from gateway import dashboard, graphql, health, lag, webhooks
from gateway.answers import http_failure
from gateway.metrics import Metrics
from gateway.middleware import KIB, BodyLimit, Front, Hosts, allowed_hosts
from gateway.services import Services, open_services
from schema.settings import Settings

BODY_LIMIT = 100 * KIB
WEBHOOK_LIMIT = 1024 * KIB


def create_app(settings: Settings, *, services: Services | None = None) -> Starlette:
    """Build the application; without open services it opens its own when it starts."""
    held: list[Services] = [] if services is None else [services]
    metrics = Metrics() if services is None else services.metrics
    inbox = webhooks.Inbox()
    sessions = dashboard.Sessions(lambda: _current(held))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            if services is None:
                opened = await stack.enter_async_context(open_services(settings, metrics=metrics))
                held[:] = [opened]
            stack.push_async_callback(inbox.close)
            await stack.enter_async_context(_background(lag.measure(metrics.loop_lag)))
            yield

    app = Starlette(
        routes=[
            *_routes(lambda: _current(held), inbox=inbox, metrics=metrics),
            *dashboard.routes(lambda: _current(held), sessions=sessions),
        ],
        middleware=[
            *_middleware(settings, metrics=metrics),
            Middleware(dashboard.SessionDoor, sessions=sessions, services=lambda: _current(held)),
        ],
        exception_handlers={HTTPException: http_failure},
        lifespan=lifespan,
    )
    # A sender of webhooks must never meet a redirect (W14).
    app.router.redirect_slashes = False
    return app


def _routes(
    services: Callable[[], Services], *, inbox: webhooks.Inbox, metrics: Metrics
) -> list[BaseRoute]:
    return [
        *graphql.routes(services),
        *webhooks.routes(services, inbox=inbox, metrics=metrics),
        *health.routes(services),
    ]


def _middleware(settings: Settings, *, metrics: Metrics) -> list[Middleware]:
    hosts = allowed_hosts(public_url=settings.public_url, more=settings.allowed_hosts)
    secure = settings.public_url.startswith("https://")
    return [
        Middleware(Front, metrics=metrics, secure=secure),
        Middleware(Hosts, allowed=hosts),
        *_cors(settings),
        Middleware(BodyLimit, limit=BODY_LIMIT, larger={webhooks.PREFIX: WEBHOOK_LIMIT}),
    ]


def _cors(settings: Settings) -> list[Middleware]:
    """Let pages of the named origins call; without names no page of another origin may (S9)."""
    origins = [text.strip() for text in settings.cors_origins.split(",") if text.strip()]
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_credentials=False,
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type", "x-request-id"],
            expose_headers=["x-request-id", "retry-after", "ratelimit", "ratelimit-policy"],
        )
    ]


def _current(held: list[Services]) -> Services:
    if not held:
        raise RuntimeError("The gateway has not started yet.")
    return held[0]


@asynccontextmanager
async def _background(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
