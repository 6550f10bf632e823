"""The whole demo from start to stop: signals, exit status, and the order of things."""

import asyncio
import json
import logging
import signal
import sys
import time
from contextlib import AsyncExitStack
from typing import Any

from gateway.demo.house import House
from gateway.demo.options import Options, check_port
from gateway.demo.scene import Scene, open_scene
from gateway.demo.screen import Screen
from gateway.demo.summary import show, summarize
from schema.errors import ConfigError, GatewayError
from schema.settings import Settings

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(options: Options) -> int:
    """Run the demo and return its exit status: 0 settled, 1 not, 2 a wrong setting.

    Raises ConfigError before anything is started.
    """
    # What ends is said on the screen; a second voice would tear the progress bar.
    logging.getLogger("gateway.embedded").addHandler(logging.NullHandler())
    Settings.from_env({**options.environ, "DATABASE_URL": "postgresql://unused"})
    return asyncio.run(_until_told(options))


async def _until_told(options: Options) -> int:
    """Run until the demo ends or a signal says stop; everything is shut down either way."""
    told: list[signal.Signals] = []
    task = asyncio.ensure_future(_demo(options))

    def stop(number: signal.Signals) -> None:
        # A second signal would cut the shutdown short and leave processes behind.
        if not told:
            told.append(number)
            task.cancel()

    for number in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        if not told:
            raise
        return 128 + told[0]


async def _demo(options: Options) -> int:
    started, screen = time.monotonic(), Screen()
    port = check_port(options.port)
    async with AsyncExitStack() as stack:
        house = House(options=options, port=port, say=screen.line)
        await stack.enter_async_context(house)
        scene = await open_scene(house, options=options, screen=screen, stack=stack)
        _greet(scene, seconds=time.monotonic() - started)
        failure, summary = await _tell(scene)
        if not options.exit:
            screen.line("\nServing until Ctrl-C.")
        if options.json:
            _print_json(summary, failure=failure, seconds=time.monotonic() - started)
        if options.exit:
            return 1 if failure else 0
        return await _serve(settled=failure is None)


def _greet(scene: Scene, *, seconds: float) -> None:
    screen, house = scene.story.screen, scene.house
    screen.line(f"The gateway serves after {seconds:.1f} s at {house.public_url}/graphql")
    screen.line(f"API key with all scopes: {scene.keep.api_key}")
    screen.line(f"Everything else is in {house.demo_file.path}")
    screen.line(
        "The vendors' long waits (execution limit, background release) are scaled by "
        f"{house.time_scale} here, with VENDOR_TIME_SCALE; a tick is every 5 minutes as always."
    )


async def _tell(scene: Scene) -> tuple[GatewayError | None, dict[str, Any]]:
    """Tell the story and sum it up, also when it got stuck."""
    failure: GatewayError | None = None
    summary: dict[str, Any] = {}
    try:
        await scene.story.tell()
    except ConfigError:
        raise
    except GatewayError as error:
        failure = error
    try:
        summary = await summarize(scene.story)
        show(summary, screen=scene.story.screen)
    except GatewayError as error:
        failure = failure or error
    if failure is not None:
        sys.stderr.write(f"{failure}\n")
    return failure, summary


def _print_json(summary: dict[str, Any], *, failure: GatewayError | None, seconds: float) -> None:
    result = {
        "status": "failed" if failure else "settled",
        "reason": str(failure) if failure else None,
        "seconds": round(seconds, 1),
        **summary,
    }
    sys.stdout.write(json.dumps(result, default=str) + "\n")
    sys.stdout.flush()


async def _serve(*, settled: bool) -> int:
    """Stand until a signal comes, which is the ordinary end."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        pass
    return 0 if settled else 1
