"""One writer per project: a lock of the operating system, and beside it who holds it and where.

The lock ends with the process that holds it, however that ends, so none is ever stale; what lies
beside it is only for people. A network drive may grant it twice: that is why each label file counts
its revisions, see :meth:`ProjectStore.save`.
"""

from __future__ import annotations

import getpass
import json
import os
import socket
import sys
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from seglabel.core.errors import ProjectError
from seglabel.core.parsing import parse_json
from seglabel.formats.atomic import WriteError, make_folder, write_bytes, write_error

_LOCK = "lock"
_HOLDER = "lock.json"
LOCK_FILES = (_LOCK, _HOLDER)
"""Files of a project that belong to who has it open."""


@dataclass(frozen=True)
class Holder:
    """Who has a project open for writing, since when (ISO 8601, UTC)."""

    program: str
    pid: int
    host: str
    user: str
    since: str

    @classmethod
    def own(cls) -> Holder:
        """This process."""
        try:
            user = getpass.getuser()
        except (OSError, KeyError):  # a container without a name for its user
            user = ""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        started = Path(sys.argv[0])
        program = started.parent.name if started.stem == "__main__" else started.stem
        return cls(program or "python", os.getpid(), socket.gethostname(), user, now)

    @property
    def is_parent(self) -> bool:
        """Whether it started this process."""
        return self.pid == os.getppid() and self.host == socket.gethostname()

    def __str__(self) -> str:
        who = f" by {self.user}" if self.user else ""
        return f"{self.program} (process {self.pid}{who} on {self.host}, since {self.since})"


class LockedError(ProjectError):
    """A project that somebody else writes to. ``holder`` is ``None`` where that is not known."""

    def __init__(self, root: Path, holder: Holder | None) -> None:
        who = "another program" if holder is None else str(holder)
        super().__init__(
            f"{root}: {who} has this project open. Close it there, or only look at it here."
        )
        self.holder = holder


class ProjectLock:
    """The right to write to a project; given back by :meth:`release` or the end of the process.

    All of one process have it together: two windows are two processes.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock: BaseFileLock | None = None  # once it is ours
        self._guard = threading.Lock()  # two threads at once would be in each other's way

    def acquire(self) -> None:
        """Take it, or raise LockedError; WriteError where nothing can be written at all."""
        with self._guard:
            if self._lock is None:
                self._take()

    def _take(self) -> None:
        path = self._root / _LOCK
        lock = FileLock(path, thread_local=False, is_singleton=True)
        try:
            make_folder(self._root)
            lock.acquire(timeout=0)
        except Timeout as error:
            raise LockedError(self._root, read_holder(self._root)) from error
        except NotImplementedError:  # a file system without locks: revisions have to do
            return
        except OSError as error:
            raise write_error(path, error) from error
        self._lock = lock
        if lock.lock_counter == 1:
            with suppress(WriteError):  # it only says who
                write_bytes(self._root / _HOLDER, json.dumps(asdict(Holder.own())).encode())

    def release(self) -> None:
        lock, self._lock = self._lock, None
        if lock is None:
            return
        if lock.lock_counter == 1:
            with suppress(OSError):
                (self._root / _HOLDER).unlink(missing_ok=True)
        lock.release()


def read_holder(root: Path) -> Holder | None:
    """Who said last that he holds the lock of a project, if that can be read."""
    try:
        said = parse_json((root / _HOLDER).read_bytes())
        return Holder(
            str(said["program"]),
            int(said["pid"]),
            str(said["host"]),
            str(said["user"]),
            str(said["since"]),
        )
    except (OSError, ValueError, TypeError, KeyError, OverflowError):
        return None
