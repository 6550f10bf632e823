"""Everything that the demo starts and stops: stores, sandbox, gateway and worker."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from gateway.demo.demo_file import DemoFile
from gateway.demo.keep import Keep
from gateway.demo.options import Options
from gateway.demo.processes import Process, Say, process, wait_until_ready
from gateway.demo.stores import Stores
from gateway.demo.together import together
from gateway.embedded.lock import DirectoryLock
from gateway.embedded.port import free_port
from schema.settings import Settings

TIME_SCALE = "0.01"
# A killed worker's lease and its last call are waited out, so both are short here.
LEASE_SECONDS = "10"


class House:
    """The data directory and what runs on it; `async with` stops all of it at the end."""

    def __init__(self, *, options: Options, port: int, say: Say = lambda text: None) -> None:
        """Take the data directory.

        Raises DataDirBusy or DataDirForeign.
        """
        self.data_dir = options.data_dir.absolute()
        self.public_url = f"http://127.0.0.1:{port}"
        self.sandbox_url = f"http://127.0.0.1:{free_port()}"
        self._port, self._environ, self._say = port, options.environ, say
        self._lock = DirectoryLock(self.data_dir)
        self._lock.acquire()
        self.demo_file = DemoFile(self.data_dir / "demo.json")
        self.new_sandbox = not self._sandbox_state.exists()
        self.stores = Stores(
            data_dir=self.data_dir,
            database_url=options.environ.get("DATABASE_URL", ""),
            redis_url=options.environ.get("REDIS_URL", ""),
        )
        self._processes: list[Process] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    @property
    def time_scale(self) -> str:
        """The factor on the vendors' long waits."""
        return self._environ.get("VENDOR_TIME_SCALE") or TIME_SCALE

    def secret_keys(self, keep: Keep) -> str:
        """The keys of the environment, which are not kept, or those of the data directory."""
        return self._environ.get("GATEWAY_SECRET_KEYS") or keep.secret_keys

    async def start_stores_and_sandbox(self, keep: Keep) -> None:
        """Start what the others need; raises the first failure."""
        await together(self.stores.start(), self._start_sandbox(keep))

    async def start_gateway_and_worker(self, keep: Keep) -> None:
        """Start both processes on the migrated database and wait until the gateway answers."""
        environ = self.environ(keep)
        Settings.from_env(environ)
        gateway = self._process("gateway", ["gateway.cli", "serve"], environ=environ)
        worker = self._process("worker", ["worker"], environ=environ)
        await together(gateway.start(), worker.start())
        await wait_until_ready(gateway, f"{self.public_url}/readyz")

    def environ(self, keep: Keep) -> dict[str, str]:
        """The environment of gateway and worker; what the user has set otherwise stays."""
        return {
            "LEASE_SECONDS": LEASE_SECONDS,
            "WEBHOOK_TARGETS": "any",
            **self._environ,
            "DATABASE_URL": self.stores.database_url,
            "REDIS_URL": self.stores.redis_url,
            "GATEWAY_SECRET_KEYS": self.secret_keys(keep),
            "GATEWAY_PROFILE": "demo",
            "GATEWAY_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self._port),
            "GATEWAY_PUBLIC_URL": self.public_url,
            "SEVERA_BASE_URL": f"{self.sandbox_url}/severa/rest-api",
            "FINANCIALS_BASE_URL": f"{self.sandbox_url}/financials",
            "FINANCIALS_TOKEN_URL": f"{self.sandbox_url}/connect/token",
            "VENDOR_TIME_SCALE": self.time_scale,
        }

    async def stop(self) -> None:
        """End the processes, then the stores, then give the directory back."""
        sandbox, others = self._processes[:1], self._processes[1:]
        try:
            # The sandbox goes last, so that a call under way still gets its answer.
            await asyncio.gather(*(one.stop() for one in others))
            await asyncio.gather(*(one.stop() for one in sandbox))
        finally:
            await self.stores.stop()
            self.demo_file.path.unlink(missing_ok=True)
            self._lock.release()

    async def _start_sandbox(self, keep: Keep) -> None:
        port = self.sandbox_url.rsplit(":", 1)[1]
        words = ["sandbox", "--port", port, "--size", keep.size, "--seed", str(keep.seed)]
        words += ["--time-scale", self.time_scale, "--state", str(self._sandbox_state)]
        child = self._process("sandbox", words, environ=_plain(self._environ))
        await child.start()
        await wait_until_ready(child, f"{self.sandbox_url}/control/sample", limit=300)

    @property
    def _sandbox_state(self) -> Path:
        return self.data_dir / "sandbox.state"

    def _process(self, name: str, words: list[str], *, environ: Mapping[str, str]) -> Process:
        child = process(
            name,
            words,
            log_path=self.data_dir / f"{name}.log",
            environ=environ,
            on_pid=self.demo_file.set_pid,
            say=self._say,
        )
        self._processes.append(child)
        return child


def _plain(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without anything of ours: the sandbox is a stranger."""
    mine = ("DATABASE_URL", "REDIS_URL", "GATEWAY_")
    return {name: value for name, value in environ.items() if not name.startswith(mine)}
