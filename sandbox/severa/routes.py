"""All operations of the fake Severa, mounted under their base path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Mount

from sandbox.dispatch import Dispatcher
from sandbox.http import Side
from sandbox.severa import (
    contact,
    customer,
    deleted,
    door,
    entry,
    file,
    invoice_routes,
    organization,
    phase,
    project,
    register,
    setting,
)

if TYPE_CHECKING:
    from sandbox.world import World

PREFIX = "/severa/rest-api"
SIDE = Side(
    name="severa",
    prefix=PREFIX,
    aliases=(("/v1.0/", "/v1/"),),
    authenticate=door.authenticate,
    failure=door.failure,
    expire=door.expire,
    ops=(
        *door.OPS,
        *customer.OPS,
        *contact.OPS,
        *project.OPS,
        *phase.OPS,
        *register.OPS,
        *invoice_routes.OPS,
        *entry.OPS,
        *deleted.OPS,
        *file.OPS,
        *setting.OPS,
        *organization.OPS,
    ),
)


def routes(world: World) -> list[BaseRoute]:
    """Mount the fake Severa."""
    return [Mount(PREFIX, app=Dispatcher(world, SIDE))]
