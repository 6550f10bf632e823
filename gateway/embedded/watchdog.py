"""End what is left of a process that was killed: `python -I -S watchdog.py GRACE` reads its orders
from standard input, `+PID SIGNAL` and `-PID`, and acts when the writer is gone: the signal, then
SIGKILL after GRACE seconds. It imports nothing of ours. The parent-death signal comes first; this
is for children that ignore it, and for macOS.
"""

import os
import signal
import sys
import time


def main() -> None:
    """Follow the orders until the writer dies, then end every child still listed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    children: dict[int, int] = {}
    for line in sys.stdin:
        words = line.split()
        if words[0].startswith("+"):
            children[int(words[0])] = int(words[1])
        else:
            children.pop(-int(words[0]), None)
    _end(children, grace=float(sys.argv[1]))


def _end(children: dict[int, int], *, grace: float) -> None:
    for pid, number in children.items():
        _send(pid, number)
    limit = time.monotonic() + grace
    while time.monotonic() < limit and any(_send(pid, 0) for pid in children):
        time.sleep(0.05)
    for pid in children:
        _send(pid, signal.SIGKILL)


def _send(pid: int, number: int) -> bool:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main()
