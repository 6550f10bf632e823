"""One process per data directory: a lock that the kernel drops when its holder dies."""

import fcntl
import os
from pathlib import Path

from schema.errors import ConfigError


class DataDirBusy(ConfigError):
    """Another running process uses this data directory."""

    code = "data_dir_busy"

    def __init__(self, path: Path, *, pid: str) -> None:
        self.path, self.pid = path, pid
        super().__init__(
            f"The data directory {path} is in use by a running demo (process {pid}); "
            "stop it or choose another directory."
        )


class DataDirForeign(ConfigError):
    """The data directory cannot be written by this user."""

    code = "data_dir_foreign"

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"The data directory {path} cannot be written by this user; "
            "choose another directory or remove it."
        )


class DirectoryLock:
    """Hold a directory for this process; made if it is missing, for our user only."""

    def __init__(self, path: Path) -> None:
        """Name the directory; `acquire` takes it."""
        self.path = path
        self._file: int | None = None

    def acquire(self) -> None:
        """Take the directory.

        Raises DataDirBusy when another process holds it, DataDirForeign without write access.
        """
        if self._file is not None:
            return
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except (PermissionError, FileExistsError, NotADirectoryError) as error:
            raise DataDirForeign(self.path) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            pid = os.pread(file, 20, 0).decode(errors="replace").strip()
            os.close(file)
            raise DataDirBusy(self.path, pid=pid or "unknown") from error
        os.ftruncate(file, 0)
        os.pwrite(file, str(os.getpid()).encode(), 0)
        self._file = file

    def release(self) -> None:
        """Give the directory back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
