"""The command `retry`: one line or one object per invoice, and an exit status for programs."""

import json
from pathlib import Path

import pytest

from gateway.cli import main
from schema.models import Customer, Integration, Invoice, Job
from schema.secrets import new_key
from schema.words import IntegrationState, InvoiceState, Role
from tests.gateway.cli.test_care import in_database


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, database: str, redis_url: str) -> None:
    """An environment with real stores."""
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("GATEWAY_SECRET_KEYS", new_key())
    monkeypatch.setenv("GATEWAY_PROFILE", "demo")


async def add_invoices() -> None:
    """Add a refused invoice, and one that is paid."""
    pair = await Integration.create(name="Norlund AS", state=IntegrationState.ACTIVE)
    customer = await Customer.create(integration_id=pair.id, name="Fjord AS")
    states = {"s-1": InvoiceState.FAILED, "s-2": InvoiceState.PAID}
    for guid, state in states.items():
        await Invoice.create(
            integration_id=pair.id, customer_id=customer.id, severa_id=guid, currency="NOK",
            state=state, severa_role=Role.FAILED,
        )  # fmt: skip


class TestRetry:
    def test_says_of_each_invoice_what_became_of_the_wish(
        self, database: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        in_database(database, add_invoices)

        status = main(["retry", "s-1", "s-2", "s-3", "--json"])

        said = {one["invoice"]: one["refused"] for one in json.loads(capsys.readouterr().out)}
        assert status == 1
        assert said == {"s-1": None, "s-2": "NOT_RETRYABLE", "s-3": "NOT_FOUND"}

    def test_takes_all_refused_ones_by_default(
        self, database: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        in_database(database, add_invoices)

        assert main(["retry"]) == 0
        assert capsys.readouterr().out == "s-1: is tried again.\n"

        async def look() -> None:
            assert [job.kind for job in await Job.all()] == ["invoice.retry"]

        in_database(database, look)
