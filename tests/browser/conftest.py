"""A running demo, an empty gateway, and Node scripts that drive a real Chromium on them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LIMIT = 150.0
Drive = Callable[..., None]


@contextmanager
def running(words: list[str], *, ready: Callable[[], bool]) -> Iterator[None]:
    """Run a command until it is ready, and end it with everything that it started."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, *words], cwd=ROOT, env=kept, stdout=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + LIMIT
        while not ready():
            assert process.poll() is None, "it ended too soon"
            assert time.monotonic() < deadline, "it is too slow"
            time.sleep(0.1)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The `demo.json` of a demo that has told its story."""
    folder = tmp_path_factory.mktemp("demo")
    words = ["-m", "gateway.cli", "demo", "--port", "0", "--data-dir", str(folder)]

    def told() -> bool:
        story = folder / "story.json"
        return story.exists() and json.loads(story.read_text()).get("settled") is True

    with running(words, ready=told):
        yield folder / "demo.json"


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The `demo.json` of a gateway that nobody has linked with anything yet."""
    folder = tmp_path_factory.mktemp("empty")
    file = folder / "empty.json"
    with running(["-m", "tests.browser.empty", str(folder)], ready=file.exists):
        yield file


@pytest.fixture(scope="session")
def drive() -> Drive:
    """Run one of the scripts; what it says is shown when it fails."""
    node = shutil.which("node") or str(ROOT / ".venv" / "node" / "node")

    def run(script: str, file: Path, **environ: str) -> None:
        done = subprocess.run(
            [node, str(HERE / script)],
            env={**os.environ, "DEMO_FILE": str(file), **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-6000:]

    return run
