"""The demo as a user runs it: it settles everything, survives a killed worker, ends without a
trace, and goes on where it stopped.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
KEYS = {
    *("graphqlUrl", "websocketUrl", "dashboardUrl", "apiKey", "readOnlyKey", "webhookUrls"),
    *("webhookSecrets", "sandboxUrl", "databaseUrl", "redisUrl", "pids", "integrationId"),
    *("severa", "financials"),
}
START_LIMIT, STORY_LIMIT, STOP_LIMIT = 60.0, 180.0, 20.0


@dataclass(slots=True, kw_only=True)
class Demo:
    """A running demo."""

    process: subprocess.Popen[str]
    data_dir: Path

    @property
    def file(self) -> dict[str, Any]:
        """What demo.json says, once it is there."""
        path = self.data_dir / "demo.json"
        wait_for(path.exists, limit=START_LIMIT, demo=self)
        read: dict[str, Any] = json.loads(path.read_text())
        return read

    def ask(self, document: str) -> dict[str, Any]:
        """Ask the public API."""
        facts = self.file
        answer = httpx.post(
            facts["graphqlUrl"],
            json={"query": document},
            headers={"authorization": f"Bearer {facts['apiKey']}"},
            trust_env=False,
        )
        content: dict[str, Any] = answer.json()
        assert "errors" not in content, content
        data: dict[str, Any] = content["data"]
        return data

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit status."""
        self.process.send_signal(number)
        return self.process.wait(STOP_LIMIT)

    def last_line(self) -> dict[str, Any]:
        """Wait for the JSON summary on standard output."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("{"):
                read: dict[str, Any] = json.loads(line)
                return read
        raise AssertionError("the demo ended without a summary")


def wait_for(done: Any, *, limit: float, demo: Demo) -> None:
    """Wait until something holds while the demo lives."""
    deadline = time.monotonic() + limit
    while not done():
        assert demo.process.poll() is None, "the demo has ended"
        assert time.monotonic() < deadline, "the demo is too slow"
        time.sleep(0.05)


def start(data_dir: Path, *words: str) -> Demo:
    """Start a demo on a free port."""
    environ = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gateway.cli",
            "demo",
            "--port",
            "0",
            "--data-dir",
            data_dir,
            *words,
        ],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
    )
    return Demo(process=process, data_dir=data_dir)


def end(demo: Demo) -> None:
    """End a demo for good, whatever happened."""
    if demo.process.poll() is None:
        demo.process.terminate()
        try:
            demo.process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            demo.process.kill()
    if demo.process.stdout is not None:
        demo.process.stdout.close()
    demo.process.wait()


def refusal(words: Sequence[str], **environ: str) -> tuple[int, list[str]]:
    """Run a demo that must refuse; return its exit status and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway.cli", "demo", *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        timeout=START_LIMIT,
        check=False,
    )
    return done.returncode, done.stderr.strip().splitlines()


def command(demo: Demo, *words: str) -> subprocess.CompletedProcess[str]:
    """Run another command on the stores of a running demo."""
    keep = json.loads((demo.data_dir / "keep.json").read_text())
    return subprocess.run(
        [sys.executable, "-m", "gateway.cli", *words],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DATABASE_URL": demo.file["databaseUrl"],
            "REDIS_URL": demo.file["redisUrl"],
            "GATEWAY_SECRET_KEYS": keep["secret_keys"],
        },
        capture_output=True,
        text=True,
        timeout=STORY_LIMIT,
        check=False,
    )


def users_of(data_dir: Path) -> list[int]:
    """List the processes whose command line names the data directory."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes()
        except OSError:
            continue
        if str(data_dir).encode() in words and int(path.parent.name) != os.getpid():
            found.append(int(path.parent.name))
    return found


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory that all starts of this module share."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def told(data_dir: Path) -> Iterator[tuple[Demo, dict[str, Any]]]:
    """A demo that has told its story, with its summary."""
    demo = start(data_dir, "--json")
    try:
        yield demo, demo.last_line()
    finally:
        end(demo)


class TestStory:
    def test_settles_everything(self, told: tuple[Demo, dict[str, Any]]) -> None:
        _, summary = told

        assert summary["status"] == "settled", summary["reason"]
        assert summary["invoicesByState"]["PAID"] >= 20
        assert summary["invoicesByState"]["PARTIALLY_PAID"] >= 1

    def test_books_nothing_twice(self, told: tuple[Demo, dict[str, Any]]) -> None:
        _, summary = told

        assert summary["sandbox"]["duplicates"] == []
        assert summary["sandbox"]["numbers"]["missing"] == []
        assert summary["sandbox"]["financials"]["sentByFinancials"] == 0

    def test_corrects_the_mismatched_invoice(self, told: tuple[Demo, dict[str, Any]]) -> None:
        _, summary = told

        assert summary["mismatch"]["way"][0] == "FAILED"
        assert summary["mismatch"]["way"][-1] in ("PAID", "PARTIALLY_PAID")

    def test_counts_what_the_api_shows(self, told: tuple[Demo, dict[str, Any]]) -> None:
        demo, summary = told
        data = demo.ask("{ customers { totalCount } invoices { totalCount } }")

        assert data["customers"]["totalCount"] == summary["counts"]["customers"] > 0
        assert data["invoices"]["totalCount"] == summary["counts"]["invoices"] >= 26


class TestDemoFile:
    def test_names_everything(self, told: tuple[Demo, dict[str, Any]]) -> None:
        demo, _ = told

        assert set(demo.file) >= KEYS
        assert set(demo.file["pids"]) == {"gateway", "worker", "sandbox"}

    def test_credentials_open_both_vendors(self, told: tuple[Demo, dict[str, Any]]) -> None:
        severa, financials = told[0].file["severa"], told[0].file["financials"]
        one = httpx.post(
            f"{severa['baseUrl']}/v1/token",
            json={"client_id": severa["clientId"], "client_secret": severa["clientSecret"]},
            trust_env=False,
        )
        other = httpx.post(
            financials["tokenUrl"],
            data={
                "grant_type": "client_credentials",
                "client_id": financials["clientId"],
                "client_secret": financials["clientSecret"],
                "tenant_id": financials["tenantId"],
                "scope": "vismanet_erp_service_api:read",
            },
            trust_env=False,
        )

        assert (one.status_code, other.status_code) == (200, 200)

    def test_follows_a_killed_worker(self, told: tuple[Demo, dict[str, Any]]) -> None:
        demo, _ = told
        before = demo.file["pids"]["worker"]
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: demo.file["pids"]["worker"] != before, limit=10, demo=demo)

        os.kill(demo.file["pids"]["worker"], 0)

    def test_read_only_key_cannot_write(self, told: tuple[Demo, dict[str, Any]]) -> None:
        facts = told[0].file
        document = "mutation($id: ID!) { startSync(input: {integrationId: $id}) { run { id } } }"
        answer = httpx.post(
            facts["graphqlUrl"],
            json={"query": document, "variables": {"id": facts["integrationId"]}},
            headers={"authorization": f"Bearer {facts['readOnlyKey']}"},
            trust_env=False,
        )

        assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


class TestCommands:
    def test_sync_follows_a_run(self, told: tuple[Demo, dict[str, Any]]) -> None:
        done = command(told[0], "sync", "--json")
        [run] = json.loads(done.stdout)

        assert (done.returncode, run["state"]) == (0, "SUCCEEDED")
        assert len(run["steps"]) > 0

    def test_retry_refuses_what_is_paid(self, told: tuple[Demo, dict[str, Any]]) -> None:
        data = told[0].ask("{ invoices(filter: {states: [PAID]}, first: 1) { nodes { number } } }")
        number = data["invoices"]["nodes"][0]["number"]
        done = command(told[0], "retry", number, "no such number")

        assert done.returncode == 1
        assert f"{number}: The invoice is PAID" in done.stderr
        assert "no such number: there is no such invoice." in done.stderr

    def test_status_shows_the_integration(self, told: tuple[Demo, dict[str, Any]]) -> None:
        [row] = json.loads(command(told[0], "status", "--json").stdout)

        assert row["state"] == "ACTIVE"
        assert row["issues"] == 0

    def test_doctor_is_content(self, told: tuple[Demo, dict[str, Any]]) -> None:
        done = command(told[0], "doctor", "--json")

        assert done.returncode == 0, done.stdout


class TestRefusals:
    def test_of_a_directory_in_use(self, told: tuple[Demo, dict[str, Any]]) -> None:
        status, said = refusal(["--port", "0", "--data-dir", str(told[0].data_dir)])

        assert status == 2
        assert "is in use by a running demo" in said[0]
        assert len(said) == 1

    def test_of_a_port_in_use(self, told: tuple[Demo, dict[str, Any]], tmp_path: Path) -> None:
        port = told[0].file["graphqlUrl"].split(":")[2].split("/")[0]
        status, said = refusal(["--port", port, "--data-dir", str(tmp_path)])

        assert (status, said) == (
            2,
            [f"Port {port} of 127.0.0.1 is in use; choose another one with --port, or --port 0."],
        )

    @pytest.mark.parametrize(
        "environ",
        [
            {"VENDOR_TIME_SCALE": "slow"},
            {"DATABASE_URL": "mysql://x"},
            {"DATABASE_URL": "postgresql://nobody:x@127.0.0.1:9/nowhere"},
            {"REDIS_URL": "http://127.0.0.1"},
            {"REDIS_URL": "redis://127.0.0.1:9/0"},
            {"GATEWAY_SECRET_KEYS": "short"},
        ],
        ids=lambda environ: "=".join(*environ.items()),
    )
    def test_of_a_wrong_setting(self, tmp_path: Path, environ: dict[str, str]) -> None:
        status, said = refusal(["--port", "0", "--data-dir", str(tmp_path)], **environ)

        assert (status, len(said)) == (2, 1), said
        assert next(iter(environ)).split("_")[0].lower() in said[0].lower().replace(
            "postgresql", "database"
        )
        assert users_of(tmp_path) == []


class TestEnd:
    def test_leaves_no_process(self, told: tuple[Demo, dict[str, Any]]) -> None:
        demo, _ = told
        pids = list(demo.file["pids"].values())

        assert demo.stop() == 0
        assert users_of(demo.data_dir) == []
        assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []

    def test_is_followed_by_a_start_that_goes_on(
        self, told: tuple[Demo, dict[str, Any]], data_dir: Path
    ) -> None:
        _, before = told
        again = start(data_dir, "--exit", "--json")
        try:
            summary = again.last_line()
            status = again.process.wait(STOP_LIMIT)
        finally:
            end(again)

        assert (status, summary["status"]) == (0, "settled"), summary["reason"]
        assert summary["counts"] == before["counts"]
        assert summary["mismatch"] == before["mismatch"]

    @pytest.mark.parametrize("moment", [0.3, 1.0, 2.0, 4.0, 7.0])
    def test_is_clean_at_any_moment(self, tmp_path: Path, moment: float) -> None:
        demo = start(tmp_path)
        try:
            time.sleep(moment)
            demo.process.send_signal(signal.SIGINT)
            status = demo.process.wait(STOP_LIMIT)
        finally:
            end(demo)

        assert status != 0
        assert users_of(tmp_path) == []
