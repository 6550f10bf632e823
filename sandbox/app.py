"""The Starlette application: both vendors and the control routes on one port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette

if TYPE_CHECKING:
    from sandbox.world import World


def create_app(world: World) -> Starlette:
    """Mount Severa, Financials and the control routes of one world."""
    from sandbox.control.routes import routes as control
    from sandbox.financials.routes import routes as financials
    from sandbox.severa.routes import routes as severa

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await world.close()

    app = Starlette(
        routes=[*severa(world), *financials(world), *control(world)],
        lifespan=lifespan,
    )
    app.state.world = world
    return app
