"""Runs the sandbox: `python -m sandbox --port 0 --size small --seed 1`."""

from __future__ import annotations

import argparse
import asyncio
import socket
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import uvicorn

from sandbox.app import create_app
from sandbox.hooks import Target
from sandbox.samples.build import SIZES
from sandbox.snapshot import Changes, StateUnreadable, keeping, restore
from sandbox.world import World, make_world

HOST = "127.0.0.1"


def main(argv: list[str] | None = None) -> int:
    """Start the sandbox and serve until it is stopped."""
    options = _options().parse_args(argv)
    world = make_world(
        size=options.size,
        seed=options.seed,
        time_scale=options.time_scale,
        companies=options.companies,
        branches=options.branches,
        matched=options.matched,
    )
    if options.state:
        try:
            restore(world, Path(options.state))
        except StateUnreadable as error:
            sys.stderr.write(f"{error}\n")
            return 2
    _aim(world, options)
    door = _listen(options.host, options.port)
    address = f"http://{options.host}:{door.getsockname()[1]}"
    if options.port_file:
        _write_port(Path(options.port_file), str(door.getsockname()[1]))
    sys.stdout.write(f"sandbox listening on {address}\n")
    sys.stdout.flush()
    asyncio.run(_serve(world, door, state=Path(options.state) if options.state else None))
    return 0


async def _serve(world: World, door: socket.socket, *, state: Path | None) -> None:
    """Serve until a signal comes; with a state file, remember everything in it."""
    app = Changes(create_app(world))
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=2)
    )
    async with AsyncExitStack() as stack:
        if state is not None:
            await stack.enter_async_context(keeping(world, state, changes=app))
        await server.serve(sockets=[door])


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sandbox", description=__doc__)
    parser.add_argument("--host", default=HOST)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--port-file")
    parser.add_argument("--state", help="a file that keeps everything over a restart")
    parser.add_argument("--size", choices=sorted(SIZES), default="small")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--companies", type=int, default=1)
    parser.add_argument("--branches", type=int, default=2)
    parser.add_argument("--matched", action="store_true")
    parser.add_argument("--time-scale", type=float, default=1.0)
    for side in ("severa", "financials"):
        parser.add_argument(f"--{side}-webhook-url")
        parser.add_argument(f"--{side}-webhook-secret", default="")
    return parser


def _aim(world: World, options: argparse.Namespace) -> None:
    """Point each side's webhooks at their targets."""
    for side in ("severa", "financials"):
        url = getattr(options, f"{side}_webhook_url")
        if url:
            secret = getattr(options, f"{side}_webhook_secret")
            world.hooks.targets[side] = Target(url=url, secret=secret)


def _listen(host: str, port: int) -> socket.socket:
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind((host, port))
    return door


def _write_port(path: Path, port: str) -> None:
    """Write the port in one step, so that a reader never sees half of it."""
    draft = path.with_suffix(".tmp")
    draft.write_text(port)
    draft.replace(path)


if __name__ == "__main__":
    raise SystemExit(main())
