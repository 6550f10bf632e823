"""The lock files: complete, with hashes, without any address, and in step with pyproject.toml."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-node.lock")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
PINNED = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[^ ]+)( ; .+)? \\$")


def pinned(lock: str) -> dict[str, str]:
    """Read the names and versions of a lock file."""
    lines = (ROOT / lock).read_text().splitlines()
    found = [match for line in lines if (match := PINNED.match(line))]
    return {match["name"]: match["version"] for match in found}


def wanted(*extras: str) -> list[Requirement]:
    """Read the requirements of the project and of some of its extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    texts = list(project["dependencies"])
    for extra in extras:
        texts += project["optional-dependencies"][extra]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize("lock", LOCKS)
class TestLockFiles:
    def test_hold_versions_and_hashes_and_nothing_else(self, lock: str) -> None:
        lines = (ROOT / lock).read_text().splitlines()

        assert lines
        assert [line for line in lines if not (PINNED.match(line) or HASH.match(line))] == []

    def test_give_every_version_a_hash(self, lock: str) -> None:
        lines = (ROOT / lock).read_text().splitlines()
        ends = [index for index, line in enumerate(lines) if PINNED.match(line)]

        assert all(HASH.match(lines[index + 1]) for index in ends)


@pytest.mark.parametrize(
    ("lock", "extras"),
    [
        ("requirements.lock", ("embedded", "build")),
        ("requirements-dev.lock", ("embedded", "build", "dev")),
    ],
)
class TestRequirements:
    def test_are_met_by_the_lock(self, lock: str, extras: tuple[str, ...]) -> None:
        versions = pinned(lock)
        unmet = [
            str(requirement)
            for requirement in wanted(*extras)
            if not requirement.specifier.contains(
                versions.get(canonicalize_name(requirement.name), "0")
            )
        ]

        assert unmet == []


class TestTheTwoLocks:
    def test_agree_on_every_version(self) -> None:
        runtime, everything = pinned("requirements.lock"), pinned("requirements-dev.lock")

        assert {name: everything.get(name) for name in runtime} == runtime


class TestTheTestClients:
    def test_are_locked_without_an_address(self) -> None:
        text = (ROOT / "tests/clients/package-lock.json").read_text()
        packages = json.loads(text)["packages"]
        outside = {name: entry for name, entry in packages.items() if name}

        assert "http" not in text.replace("node_modules/graphql-http", "").replace(
            '"graphql-http"', ""
        )
        assert outside
        assert all(entry["integrity"].startswith("sha512-") for entry in outside.values())
