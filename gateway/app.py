"""The gateway's ASGI application: routes, middleware and what lives as long as it does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from gateway.services import Services, open_services
from schema.settings import Settings


def create_app(settings: Settings, *, services: Services | None = None) -> Starlette:
    """Build the application; without open services it opens them when it starts."""
    held: list[Services] = [] if services is None else [services]

    def current() -> Services:
        return held[0]

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        if held:
            yield
            return
        async with open_services(settings) as opened:
            held.append(opened)
            try:
                yield
            finally:
                held.clear()

    return Starlette(routes=_routes(current), lifespan=lifespan)


def _routes(current):  # type: ignore[no-untyped-def]
    from gateway.graphql import routes

    return routes(current)
