"""The commands that look after an installation: secrets, doctor, issues."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from gateway.cli import main
from schema.clock import utc_now
from schema.database import opened
from schema.ids import new_id
from schema.models import Integration, Issue, Subscriber
from schema.secrets import Vault, fingerprint, new_key
from schema.words import IntegrationState

OLD, NEW = new_key(), new_key()


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, database: str, redis_url: str) -> pytest.MonkeyPatch:
    """An environment with real stores and one key."""
    for name, value in {
        "DATABASE_URL": database,
        "REDIS_URL": redis_url,
        "GATEWAY_SECRET_KEYS": OLD,
        "GATEWAY_PROFILE": "demo",
    }.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def in_database(url: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do something in a database, on a loop of its own as the commands do."""

    async def visit() -> None:
        async with opened(url, pool=1):
            await work()

    asyncio.run(visit())


async def add_integration() -> None:
    """Add an integration with one secret under the old key."""
    one = Integration(name="Norlund AS", state=IntegrationState.ACTIVE, next_tick_at=utc_now())
    one.severa_credentials = Vault(OLD).seal(integration_id=one.id, values={"client_id": "x"})
    await one.save(force_create=True)


async def add_subscriber() -> None:
    """Add a subscriber with its secret under the old key."""
    own = new_id()
    sealed = Vault(OLD).seal(integration_id=own, values={"secret": "whsec_eA=="})
    await Subscriber.create(id=own, url="https://hooks.example.com/", secret=sealed)


async def add_issue() -> None:
    """Add an open issue."""
    await add_integration()
    await Issue.create(
        integration=await Integration.first(),
        code="vat_mismatch",
        subject="invoice",
        cause="Row 1 has 24 %.",
        next_step="Correct it.",
        opened_at=utc_now(),
        last_seen_at=utc_now(),
    )


class TestSecrets:
    def test_rotate_to_the_first_key(
        self, settings: pytest.MonkeyPatch, database: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        in_database(database, add_integration)
        settings.setenv("GATEWAY_SECRET_KEYS", f"{NEW},{OLD}")

        assert main(["secrets", "rotate"]) == 0
        assert main(["secrets", "rotate"]) == 0
        assert capsys.readouterr().out.split()[0] == "1"
        assert main(["secrets", "retire", fingerprint(OLD)]) == 0

    def test_rotate_those_of_subscribers_too(
        self, settings: pytest.MonkeyPatch, database: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        in_database(database, add_subscriber)
        settings.setenv("GATEWAY_SECRET_KEYS", f"{NEW},{OLD}")

        assert main(["secrets", "rotate"]) == 0
        assert main(["secrets", "show"]) == 0
        assert capsys.readouterr().out.endswith(f"{fingerprint(NEW)} 1\n{fingerprint(OLD)} 0\n")

    def test_keep_a_key_that_is_in_use(
        self, settings: pytest.MonkeyPatch, database: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        in_database(database, add_integration)

        assert main(["secrets", "retire", fingerprint(OLD)]) == 2
        assert "still protects 1 secrets" in capsys.readouterr().err

    def test_are_counted_per_key(
        self, settings: pytest.MonkeyPatch, database: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        in_database(database, add_integration)
        settings.setenv("GATEWAY_SECRET_KEYS", f"{NEW},{OLD}")

        assert main(["secrets", "show"]) == 0
        assert capsys.readouterr().out == f"{fingerprint(NEW)} 0\n{fingerprint(OLD)} 1\n"


class TestDoctor:
    def test_is_content_with_a_healthy_installation(
        self, settings: pytest.MonkeyPatch, database: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        in_database(database, add_integration)

        assert main(["doctor", "--json"]) == 0
        found = {one["check"]: one["state"] for one in json.loads(capsys.readouterr().out)}
        assert found["secrets"] == found["migrations"] == found["redis"] == "ok"

    def test_finds_a_lost_key(
        self, settings: pytest.MonkeyPatch, database: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        in_database(database, add_integration)
        settings.setenv("GATEWAY_SECRET_KEYS", NEW)

        assert main(["doctor"]) == 1
        assert "lacks" in capsys.readouterr().out.replace("\n", " ")

    def test_finds_a_database_without_migrations(
        self,
        settings: pytest.MonkeyPatch,
        empty_database: str,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        settings.setenv("DATABASE_URL", empty_database)

        assert main(["doctor", "--json"]) == 1
        assert "severa-gateway migrate" in capsys.readouterr().out


class TestIssues:
    def test_are_shown_with_their_next_step(
        self, settings: pytest.MonkeyPatch, database: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        in_database(database, add_issue)

        assert main(["issues", "--json"]) == 0
        [issue] = json.loads(capsys.readouterr().out)
        assert issue["title"] == "VAT of a row differs"
        assert issue["next step"] == "Correct it."


class TestDrift:
    def test_is_not_there(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["drift"]) == 0
        assert "agree" in capsys.readouterr().out


class TestSdl:
    def test_is_exported(self) -> None:
        assert Path("schema/schema.graphql").exists()
        assert main(["sdl", "--check"]) == 0
