"""A gateway with rows of its own: factories, callers, the engine and a server on a free port."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import uvicorn
from cryptography.fernet import Fernet
from starlette.applications import Starlette

from gateway.auth import Principal, make_key
from gateway.graphql import routes
from gateway.graphql.context import Context
from gateway.graphql.engine import Engine
from gateway.graphql.operation import Request
from gateway.graphql.schema import schema
from gateway.services import Services, open_services
from schema import database as db
from schema import journal
from schema.ids import new_id
from schema.models import (
    Attempt,
    Change,
    Conflict,
    Customer,
    Integration,
    Invoice,
    InvoiceRow,
    Issue,
    IssueRecord,
    Link,
    Payment,
    PaymentApplication,
    Product,
    Project,
    ProjectCost,
    SyncRun,
    SyncStep,
)
from schema.settings import Hidden, Settings
from schema.types.ids import write_id
from schema.words import (
    AttemptState,
    Entity,
    IntegrationState,
    InvoiceState,
    ProductKind,
    Role,
    Scope,
    Side,
    SyncDirection,
    SyncRunState,
    SyncTrigger,
)

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


class Make:
    """Inserts rows with sensible values; every keyword overrides one."""

    def __init__(self) -> None:
        self.count = 0

    def _next(self) -> int:
        self.count += 1
        return self.count

    async def integration(self, **values: Any) -> Integration:
        given = {"name": f"Pair {self._next()}", "state": IntegrationState.ACTIVE} | values
        return await Integration.create(**given)

    async def customer(self, integration: Integration, **values: Any) -> Customer:
        n = self._next()
        given = {"name": f"Customer {n:04}", "number": str(10000 + n), "currency": "NOK"} | values
        return await Customer.create(integration_id=integration.id, **given)

    async def product(self, integration: Integration, **values: Any) -> Product:
        n = self._next()
        given = {"name": f"Product {n}", "code": f"P{n}", "kind": ProductKind.PRODUCT} | values
        return await Product.create(integration_id=integration.id, **given)

    async def project(self, integration: Integration, **values: Any) -> Project:
        n = self._next()
        given = {"name": f"Project {n}", "number": str(n)} | values
        return await Project.create(integration_id=integration.id, **given)

    async def invoice(self, customer: Customer, **values: Any) -> Invoice:
        n = self._next()
        given = {
            "severa_id": f"severa-{n}",
            "severa_role": Role.TRANSFER,
            "severa_status_id": "status-1",
            "severa_status_name": "To transfer",
            "state": InvoiceState.READY,
            "currency": "NOK",
            "date": date(2026, 11, 1),
            "due_date": date(2026, 11, 15),
            "total_excluding_vat": Decimal(100),
            "total_vat": Decimal(25),
            "total_including_vat": Decimal(125),
        } | values
        return await Invoice.create(
            integration_id=customer.integration_id, customer_id=customer.id, **given
        )

    async def row(self, invoice: Invoice, **values: Any) -> InvoiceRow:
        n = self._next()
        given = {
            "severa_id": f"row-{n}",
            "position": n,
            "description": "Work",
            "quantity": Decimal(2),
            "unit_price": Decimal(50),
            "total": Decimal(100),
            "vat_percent": Decimal(25),
        } | values
        return await InvoiceRow.create(invoice_id=invoice.id, **given)

    async def payment(self, invoice: Invoice, **values: Any) -> Payment:
        n = self._next()
        given = {"number": str(n), "date": date(2026, 11, 20), "amount": Decimal(50)} | values
        payment = await Payment.create(integration_id=invoice.integration_id, **given)
        await PaymentApplication.create(
            payment_id=payment.id, invoice_id=invoice.id, amount=payment.amount
        )
        return payment

    async def cost(self, project: Project, **values: Any) -> ProjectCost:
        n = self._next()
        given = {"journal_key": str(n), "date": date(2026, 11, 2), "currency": "NOK"} | values
        return await ProjectCost.create(
            integration_id=project.integration_id, project_id=project.id, **given
        )

    async def link(self, record: Any, side: Side, external_id: str, **values: Any) -> Link:
        given = {"entity": record._meta.db_table.upper(), "base": {}} | values
        return await Link.create(
            integration_id=record.integration_id,
            record_id=record.id,
            side=side.value,
            external_id=external_id,
            **given,
        )

    async def issue(self, record: Any, **values: Any) -> Issue:
        given = {
            "code": "vat_mismatch",
            "subject": str(record.id),
            "cause": "The VAT of row 1 is 24 %, Financials would use 25 %.",
            "next_step": "Correct the row in Severa.",
            "opened_at": NOW,
            "last_seen_at": NOW,
        } | values
        issue = await Issue.create(integration_id=record.integration_id, **given)
        await IssueRecord.create(
            issue_id=issue.id, entity=record._meta.db_table.upper(), record_id=record.id
        )
        return issue

    async def attempt(self, record: Any, **values: Any) -> Attempt:
        given = {
            "side": Side.FINANCIALS,
            "operation": "POST /customerinvoice",
            "purpose": "create",
            "mark": "SEV-1",
            "state": AttemptState.SUCCEEDED,
        } | values
        return await Attempt.create(
            integration_id=record.integration_id,
            entity=record._meta.db_table.upper(),
            record_id=record.id,
            **given,
        )

    async def conflict(self, record: Any, **values: Any) -> Conflict:
        given = {
            "field": "website",
            "base": "https://old.example",
            "severa_value": "https://severa.example",
            "financials_value": "https://books.example",
            "opened_at": NOW,
        } | values
        return await Conflict.create(
            integration_id=record.integration_id,
            entity=Entity(record._meta.db_table.upper()),
            record_id=record.id,
            **given,
        )

    async def change(self, record: Any, *, stamped: bool = True, **values: Any) -> Change:
        entity = Entity(record._meta.db_table.upper())
        given = {
            "kind": f"{entity.value.lower()}.changed",
            "fields_changed": [{"field": "name", "before": "a", "after": "b"}],
            "actor": "worker",
            "reason": "changed in Severa",
            "at": NOW,
        } | values
        change = Change(
            integration_id=record.integration_id, entity=entity, record_id=record.id, **given
        )
        await change.save()
        if stamped:
            await journal.stamp()
        return change

    async def run(self, integration: Integration, **values: Any) -> SyncRun:
        given = {"trigger": SyncTrigger.SCHEDULE, "state": SyncRunState.SUCCEEDED} | values
        return await SyncRun.create(integration_id=integration.id, **given)

    async def step(self, run: SyncRun, position: int, **values: Any) -> SyncStep:
        given = {
            "name": "customers",
            "entity": Entity.CUSTOMER,
            "direction": SyncDirection.BOTH,
            "state": SyncRunState.SUCCEEDED,
            "started_at": NOW,
            "finished_at": NOW,
        } | values
        return await SyncStep.create(run_id=run.id, position=position, **given)


def gid(row: Any) -> str:
    """Return the global id of a row."""
    names = {"sync_run": "SyncRun", "project_cost": "ProjectCost", "api_key": "ApiKey"}
    table = row._meta.db_table
    return str(write_id(names.get(table, table.capitalize()), row.id))


def who(
    *scopes: Scope, integrations: frozenset[UUID] | None = None, name: str = "tester"
) -> Principal:
    """Return a caller; without scopes it has all of them."""
    return Principal(
        id=f"key:{name}",
        name=name,
        scopes=frozenset(scopes or tuple(Scope)),
        integration_ids=integrations,
    )


class Asker:
    """Runs operations through the engine as a caller of one's choice."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.engine = Engine(schema, open_introspection=True)

    async def raw(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        principal: Principal | None = None,
    ) -> dict[str, Any]:
        """Return the whole answer."""
        request = Request(query=query, variables=variables)
        context = Context(principal=principal or who(), services=self.services)
        answer = await self.engine.run(self.engine.prepare(request), request, context)
        return answer.body

    async def __call__(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        principal: Principal | None = None,
    ) -> dict[str, Any]:
        """Return the data of an answer without errors."""
        body = await self.raw(query, variables, principal)
        assert "errors" not in body, body
        data: dict[str, Any] = body["data"]
        return data

    async def code(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        principal: Principal | None = None,
    ) -> str:
        """Return the code of the first error."""
        body = await self.raw(query, variables, principal)
        code: str = body["errors"][0]["extensions"]["code"]
        return code

    def stream(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        principal: Principal | None = None,
    ) -> Any:
        """Return the answers of a subscription."""
        request = Request(query=query, variables=variables)
        context = Context(principal=principal or who(), services=self.services)
        return self.engine.stream(self.engine.prepare(request), request, context)


@pytest.fixture
def make() -> Make:
    """Factories of rows."""
    return Make()


@pytest.fixture
def settings(database: str, redis_url: str) -> Settings:
    """Settings of a gateway in the demo profile."""
    return Settings(
        database_url=Hidden(database),
        redis_url=Hidden(redis_url),
        secret_keys=Hidden(Fernet.generate_key().decode()),
        profile="demo",
    )


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[Services]:
    """Open stores of a gateway, with the clock at rest."""
    async with open_services(settings, clock=lambda: NOW) as opened:
        yield opened


@pytest.fixture
def ask(services: Services) -> Asker:
    """Ask the engine."""
    return Asker(services)


@pytest.fixture
def principal() -> Callable[..., Principal]:
    """Make a caller."""
    return who


@pytest.fixture
def global_id() -> Callable[[Any], str]:
    """Turn a row into its global id."""
    return gid


@asynccontextmanager
async def serving(services: Services) -> AsyncIterator[str]:
    """Serve the GraphQL routes on a free port."""
    app = Starlette(routes=routes(lambda: services))
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        log_level="warning",
        timeout_graceful_shutdown=1,
        ws_max_size=262_144,
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[method-assign]  # the test stays the owner of signals
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"127.0.0.1:{port}/graphql"
    finally:
        await services.hub.stop()
        server.should_exit = True
        await task


@pytest.fixture
async def server(services: Services) -> AsyncIterator[str]:
    """The address of a served gateway, without its scheme."""
    async with serving(services) as address:
        yield address


@pytest.fixture
async def key(services: Services) -> str:
    """The text of an API key with all scopes."""
    _, text = await make_key(name="all", scopes=list(Scope))
    return text


@pytest.fixture
def count_sql(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list that every statement of the resolvers is added to; the hub's own are left out."""
    seen: list[str] = []
    original = db.rows

    async def counted(sql: str, *values: Any) -> list[dict[str, Any]]:
        if "counter" not in sql and "position IS NULL" not in sql:
            seen.append(sql)
        return await original(sql, *values)

    monkeypatch.setattr(db, "rows", counted)
    return seen


@pytest.fixture
def fresh_id() -> Callable[[], UUID]:
    """Make an id that no row has."""
    return new_id
