"""Runs mutations as a caller of one's choice, over a pair of companies with one invoice."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.fernet import Fernet

from gateway.auth import Principal
from gateway.graphql.context import Context
from gateway.graphql.engine import Engine
from gateway.graphql.operation import Request
from gateway.graphql.schema import schema
from gateway.services import Services, open_services
from schema.models import Customer, Integration, Invoice
from schema.settings import Hidden, Settings
from schema.words import IntegrationState, InvoiceState, Role, Scope

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def caller(*scopes: Scope, integrations: Any = None, name: str = "tester") -> Principal:
    """Return a caller; without scopes it has all of them."""
    return Principal(
        id=f"key:{name}",
        name=name,
        scopes=frozenset(scopes or tuple(Scope)),
        integration_ids=integrations,
    )


class Doer:
    """Runs mutations."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.engine = Engine(schema, open_introspection=True)

    async def raw(self, query: str, given: dict[str, Any], principal: Principal) -> dict[str, Any]:
        """Return the whole answer."""
        request = Request(query=query, variables={"input": given})
        context = Context(principal=principal, services=self.services)
        answer = await self.engine.run(self.engine.prepare(request), request, context)
        return answer.body

    async def __call__(self, query: str, principal: Principal | None = None, **given: Any) -> Any:
        """Return the payload of a mutation."""
        body = await self.raw(query, given, principal or caller())
        assert "errors" not in body, body
        return next(iter(body["data"].values()))


@pytest.fixture
def who() -> Callable[..., Principal]:
    """Make a caller."""
    return caller


@pytest.fixture
async def do(database: str, redis_url: str) -> AsyncIterator[Doer]:
    """Run a mutation."""
    settings = Settings(
        database_url=Hidden(database),
        redis_url=Hidden(redis_url),
        secret_keys=Hidden(Fernet.generate_key().decode()),
        profile="demo",
    )
    async with open_services(settings, clock=lambda: NOW) as opened:
        yield Doer(opened)


@pytest.fixture
async def pair(do: Doer) -> Integration:
    """An active integration."""
    return await Integration.create(name="Pair", state=IntegrationState.ACTIVE)


@pytest.fixture
async def invoice(pair: Integration) -> Invoice:
    """A failed invoice."""
    customer = await Customer.create(integration_id=pair.id, name="Customer")
    return await Invoice.create(
        integration_id=pair.id,
        customer_id=customer.id,
        severa_id="s-1",
        state=InvoiceState.FAILED,
        severa_role=Role.FAILED,
        currency="NOK",
    )
