"""The stores and the sandbox of a demo, as real processes."""

import asyncio
import os
import signal
from pathlib import Path

import httpx
import pytest

from gateway.demo.control import Control
from gateway.demo.house import House
from gateway.demo.keep import open_keep
from gateway.demo.link import Company
from gateway.demo.options import Options
from gateway.embedded.process import ChildFailed


@pytest.fixture
def options(tmp_path: Path, database: str, redis_url: str) -> Options:
    """Options of a demo with the stores of the tests."""
    environ = {**os.environ, "DATABASE_URL": database, "REDIS_URL": redis_url}
    return Options(data_dir=tmp_path, environ=environ)


async def sandbox_pid(house: House, *, other_than: int | None = None) -> int:
    """Wait for the sandbox's process id."""
    for _ in range(200):
        pid = house.demo_file.pids["sandbox"]
        if pid is not None and pid != other_than and await _answers(house.sandbox_url):
            return pid
        await asyncio.sleep(0.05)
    raise AssertionError("the sandbox did not come")


async def _answers(root: str) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"{root}/control/sample")).status_code == 200
    except httpx.HTTPError:
        return False


async def bill(house: House) -> list[str]:
    """Let Severa bill one invoice."""
    control = Control(house.sandbox_url)
    try:
        return (await control.bill(count=1, mismatched=0, credit_notes=0))["invoices"]
    finally:
        await control.close()


class TestSandbox:
    async def test_shows_the_credentials_of_the_sample(self, options: Options) -> None:
        async with House(options=options, port=1) as house:
            await house.start_stores_and_sandbox(open_keep(options))
            control = Control(house.sandbox_url)
            [row] = await control.companies()
            await control.close()

        company = Company.read(row)
        assert company.financials["tenant_id"]
        assert company.units

    async def test_comes_back_when_it_is_killed(self, options: Options) -> None:
        async with House(options=options, port=1) as house:
            await house.start_stores_and_sandbox(open_keep(options))
            before = await sandbox_pid(house)
            os.kill(before, signal.SIGKILL)

            assert await sandbox_pid(house, other_than=before) != before

    async def test_remembers_over_a_restart_of_the_demo(self, options: Options) -> None:
        async with House(options=options, port=1) as house:
            await house.start_stores_and_sandbox(open_keep(options))
            first_was_new = house.new_sandbox
            await bill(house)
        async with House(options=options, port=1) as house:
            await house.start_stores_and_sandbox(open_keep(options))
            control = Control(house.sandbox_url)
            [row] = await control.companies()
            await control.close()

        assert (first_was_new, house.new_sandbox) == (True, False)
        assert row["records"]["invoices"] >= 1

    async def test_says_why_it_does_not_start(self, options: Options) -> None:
        (options.data_dir / "sandbox.state").write_bytes(b"damaged")
        async with House(options=options, port=1) as house:
            with pytest.raises(ChildFailed, match="cannot be read"):
                await house.start_stores_and_sandbox(open_keep(options))

    async def test_ends_with_the_demo(self, options: Options) -> None:
        async with House(options=options, port=1) as house:
            await house.start_stores_and_sandbox(open_keep(options))
            pid = await sandbox_pid(house)

        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
