"""Become a child that dies with its parent, then turn into the wanted program.

Run as `python -I -S launch.py OPTIONS PROGRAM ARGUMENTS`, where OPTIONS is a JSON object with
`parent` (a pid), `signal` (sent when the parent dies) and `user` (a numeric id, or null). The
process keeps its pid, so whoever started this script owns the program. It imports nothing of ours.
"""

import ctypes
import json
import os
import pwd
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def main() -> None:
    """Prepare this process and replace it by the program."""
    options, argv = json.loads(sys.argv[1]), sys.argv[2:]
    if options["user"] is not None and os.geteuid() == 0:
        _become(options["user"], program=argv[0])
    _die_with(options["parent"], signal_number=options["signal"])
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    try:
        os.execvp(argv[0], argv)
    except OSError as error:
        sys.exit(f"{argv[0]} could not be started: {error.strerror}.")


def _become(user: int, *, program: str) -> None:
    entry = pwd.getpwuid(user)
    linux = sys.platform == "linux"
    if linux:
        _libc().prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid)
    os.setresuid(user, user, user)
    if linux:
        reachable = os.access(program, os.X_OK) and os.access(os.getcwd(), os.W_OK | os.X_OK)
        _keep_file_access(0 if reachable else 1 << CAP_DAC_OVERRIDE)


def _keep_file_access(mask: int) -> None:
    # A checkout below /root cannot be entered by another user. Opening those folders to everyone
    # would be worse than letting this one process pass the permission checks on files.
    header = _Header(CAPABILITY_VERSION_3, 0)
    sets = (_Sets * 2)(_Sets(mask, mask, mask), _Sets(0, 0, 0))
    libc = _libc()
    if libc.capset(ctypes.byref(header), sets) == 0 and mask:
        libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)


def _die_with(parent: int, *, signal_number: int) -> None:
    # A change of user clears the parent-death signal, so this comes last.
    if sys.platform == "linux":
        _libc().prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("The process that started this one is gone.")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    main()
