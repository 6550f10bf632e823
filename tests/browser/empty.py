"""A gateway without any integration beside a fresh sandbox, for the wizard; ends with a signal."""

import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from gateway.demo.control import Control
from gateway.demo.files import write_json
from gateway.demo.house import House
from gateway.demo.keep import open_keep, save_keep
from gateway.demo.link import Company, ensure_keys
from gateway.demo.options import Options, check_port
from schema.database import opened


async def main(folder: Path) -> None:
    """Start everything, write down where it is, and wait."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    environ = {**os.environ, "SEVERA_CALLS_PER_SECOND": "0", "LEASE_SECONDS": "4"}
    options = Options(data_dir=folder / "data", environ=environ)
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(House(options=options, port=check_port(0)))
        keep = open_keep(options)
        await house.start_stores_and_sandbox(keep)
        control = Control(house.sandbox_url)
        stack.push_async_callback(control.close)
        company = Company.read((await control.companies())[0])
        async with opened(house.stores.database_url, pool=2):
            keep = await ensure_keys(keep)
        save_keep(options.data_dir, keep)
        await house.start_gateway_and_worker(keep)
        facts = {
            "dashboardUrl": f"{house.public_url}/",
            "graphqlUrl": f"{house.public_url}/graphql",
            "sandboxUrl": house.sandbox_url,
            "apiKey": keep.api_key,
            "readOnlyKey": keep.read_only_key,
            "company": company.name,
            "severa": company.severa,
            "financials": company.financials,
            "units": company.units,
        }
        write_json(folder / "empty.json", facts)
        await told.wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
