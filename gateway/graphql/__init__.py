"""The GraphQL API: schema, resolvers, transports and the hub of the subscriptions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute

if TYPE_CHECKING:
    from gateway.services import Services


def routes(services: Callable[[], Services]) -> list[BaseRoute]:
    """Return the routes of the GraphQL address; the services are asked for when they are used."""
    from starlette.routing import Route, WebSocketRoute

    from gateway.graphql.view import View

    view = View(services)
    return [Route("/graphql", view), WebSocketRoute("/graphql", view)]
