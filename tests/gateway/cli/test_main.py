"""The command line as a user meets it: real processes, exit statuses and sentences."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
COMMANDS = (
    *("demo", "serve", "work", "sandbox", "migrate", "drift", "sdl", "status", "issues", "doctor"),
    *("key", "secrets", "sync", "retry"),
)
UNANSWERED = "postgresql://nobody:nothing@127.0.0.1:9/nowhere"


def run(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the program with these words and settings, and no others."""
    return subprocess.run(
        [sys.executable, "-m", "gateway.cli", *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line of a refusal."""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


class TestHelp:
    def test_names_every_command(self) -> None:
        done = run("--help")

        assert done.returncode == 0
        assert [name for name in COMMANDS if f"\n    {name} " not in done.stdout] == []

    def test_answers_at_once(self) -> None:
        started = time.perf_counter()
        run("--help")

        assert time.perf_counter() - started < 1.0

    def test_imports_nothing_heavy(self) -> None:
        words = "import sys, gateway.cli; print(sorted(sys.modules))"
        done = subprocess.run(
            [sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True, check=True
        )

        assert "tortoise" not in done.stdout
        assert "'schema" not in done.stdout

    @pytest.mark.parametrize("name", [name for name in COMMANDS if name not in ("work", "sandbox")])
    def test_is_there_for_each_command(self, name: str) -> None:
        assert run(name, "--help").returncode == 0


class TestRefusals:
    @pytest.mark.parametrize("name", ["serve", "migrate", "status"])
    def test_name_a_missing_setting(self, name: str) -> None:
        done = run(name)

        assert done.returncode == 2
        assert "DATABASE_URL is not set" in sentence(done)

    def test_name_an_unreadable_setting(self) -> None:
        done = run("serve", DATABASE_URL=UNANSWERED, GATEWAY_PORT="eighty")

        assert done.returncode == 2
        assert "GATEWAY_PORT is 'eighty'" in sentence(done)

    @pytest.mark.parametrize("name", ["serve", "migrate", "status"])
    def test_say_that_the_database_is_away(self, name: str) -> None:
        done = run(name, DATABASE_URL=UNANSWERED)

        assert done.returncode == 2
        assert "PostgreSQL does not answer" in sentence(done)

    def test_refuse_another_kind_of_database(self) -> None:
        done = run("migrate", DATABASE_URL="mysql://127.0.0.1/x")

        assert done.returncode == 2
        assert "postgresql://" in sentence(done)

    @pytest.mark.parametrize("name", ["serve", "status"])
    def test_ask_for_migrations(self, name: str, empty_database: str) -> None:
        done = run(name, DATABASE_URL=empty_database)

        assert done.returncode == 2
        assert "severa-gateway migrate" in sentence(done)


class TestMigrate:
    def test_tells_the_revision(self, empty_database: str) -> None:
        done = run("migrate", DATABASE_URL=empty_database)

        assert done.returncode == 0
        assert done.stdout.startswith("The database is at revision 0")


class TestStatus:
    def test_is_empty_at_first(self, database: str) -> None:
        done = run("status", "--json", DATABASE_URL=database)

        assert (done.returncode, done.stdout) == (0, "[]\n")


class TestKey:
    def test_is_made_listed_and_revoked(self, database: str) -> None:
        made = run("key", "make", "tool", "--scope", "sync:write", DATABASE_URL=database)
        prefix = made.stdout.split("_")[1]
        revoked = run("key", "revoke", prefix, DATABASE_URL=database)
        listed = run("key", "list", "--json", DATABASE_URL=database)

        assert (made.returncode, revoked.returncode) == (0, 0)
        assert f'"prefix": "{prefix}"' in listed.stdout
        assert '"revoked": null' not in listed.stdout

    def test_refuses_an_unknown_scope(self, database: str) -> None:
        done = run("key", "make", "tool", "--scope", "everything", DATABASE_URL=database)

        assert done.returncode == 2
        assert "'everything' is no scope" in sentence(done)

    def test_cannot_revoke_what_is_not_there(self, database: str) -> None:
        done = run("key", "revoke", "nothing", DATABASE_URL=database)

        assert done.returncode == 2
        assert "No valid key" in sentence(done)
