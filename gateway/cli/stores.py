"""Commands about the database's shape."""

import asyncio
import sys
import tempfile
from argparse import Namespace
from pathlib import Path

from gateway.cli.settings import settings


def migrate(arguments: Namespace) -> int:
    """Run every migration that the database lacks."""
    from schema.migrate import revision, upgrade

    asyncio.run(upgrade(settings().database_url))
    sys.stdout.write(f"The database is at revision {revision()}.\n")
    return 0


def drift(arguments: Namespace) -> int:
    """Migrate a temporary PostgreSQL and compare it with the models."""
    asyncio.run(_drift())
    sys.stdout.write("The models and the migrations agree.\n")
    return 0


async def _drift() -> None:
    from gateway.embedded.postgres import EmbeddedPostgres
    from schema.migrate import check, upgrade

    with tempfile.TemporaryDirectory(prefix="severa-drift-") as path:
        async with EmbeddedPostgres(data_dir=Path(path) / "postgres", fsync=False) as server:
            await upgrade(server.url)
            await check(server.url)
