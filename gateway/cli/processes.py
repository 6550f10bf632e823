"""Commands that turn into one of the processes: the gateway, the worker, the sandbox."""

import asyncio
import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import NoReturn

from gateway.cli.settings import settings

ROOT = Path(__file__).resolve().parent.parent.parent


def serve(arguments: Namespace) -> int:
    """Run the gateway on a migrated database until it is told to stop."""
    from schema.migrate import require_head

    chosen = settings()
    asyncio.run(require_head(chosen.database_url))
    from gateway.serve import serve as listen

    listen(chosen)
    return 0


def work(arguments: Namespace) -> NoReturn:
    """Become the worker; the gateway never imports it."""
    _become("worker", arguments.rest)


def sandbox(arguments: Namespace) -> NoReturn:
    """Become the sandbox."""
    _become("sandbox", arguments.rest)


def _become(module: str, rest: list[str]) -> NoReturn:
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    os.execve(sys.executable, [sys.executable, "-m", module, *rest], environ)
