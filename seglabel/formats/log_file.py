"""What the program writes down of itself, for whoever looks for a fault afterwards.

Messages, paths, and where in the program something happened; never a picture, labels or pixels.
Window and commands share one file, which begins anew at a limit and keeps a few older ones.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

import platformdirs

LOG_NAME = "seglabel.log"
_LIMIT = 1 << 20  # bytes of one file
_OLDER = 3  # files that are kept besides the newest
_LINE_LIMIT = 400
_TAIL = 1 << 16  # bytes in which the last lines are looked for
_FORMAT = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"

# Errors of array libraries quote what they were given: so many numbers or bytes are no message.
_NUMBERS = re.compile(r"(?:-?\d[\d.e+-]*[\s,;\[\]()]+){8,}[\d.e+-]*")
_BYTES = re.compile(r"(?:\\x[0-9a-f]{2}[^\\\n]{0,4}){4,}")


def log_folder() -> Path:
    """Where logs and notes of crashes lie, in what the system keeps for this person."""
    return Path(platformdirs.user_log_dir("seglabel", appauthor=False))


@contextmanager
def keeping_log(limit: int = _LIMIT) -> Iterator[None]:
    """Write down meanwhile what seglabel says, and what else is a warning.

    ``limit`` is in bytes. Where the file cannot be written the program goes on without one.
    """
    ours = logging.getLogger("seglabel")
    try:
        log_folder().mkdir(parents=True, exist_ok=True)
        handler = _SharedFile(log_folder() / LOG_NAME, limit)
    except OSError as error:
        ours.warning("no log is kept: %s", error)
        yield
        return
    handler.setFormatter(_Discreet(_FORMAT))
    before = ours.level
    ours.setLevel(logging.INFO)
    logging.getLogger().addHandler(handler)
    try:
        yield
    except Exception:
        ours.exception("the program ends by an error")
        raise
    finally:
        logging.getLogger().removeHandler(handler)
        ours.setLevel(before)
        with suppress(OSError):
            handler.close()


def last_lines(count: int) -> list[str]:
    """The end of the log; empty if there is none."""
    with suppress(OSError), (log_folder() / LOG_NAME).open("rb") as file:
        file.seek(max(file.seek(0, os.SEEK_END) - _TAIL, 0))
        return file.read().decode("utf-8", "replace").splitlines()[-count:]
    return []


class _Discreet(logging.Formatter):
    """Leaves out runs of numbers and bytes, and cuts what is too long for a line."""

    def format(self, record: logging.LogRecord) -> str:
        text = _NUMBERS.sub("… ", _BYTES.sub("…", super().format(record)))
        return "\n".join(
            line if len(line) <= _LINE_LIMIT else f"{line[:_LINE_LIMIT]}…"
            for line in text.splitlines()
        )


class _SharedFile(RotatingFileHandler):
    """Of several processes at once: each notices when another one has begun a new file."""

    def __init__(self, path: Path, limit: int) -> None:
        super().__init__(
            path, maxBytes=limit, backupCount=_OLDER, encoding="utf-8", errors="backslashreplace"
        )

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802 - logging's name
        if self.stream is not None and not self._is_current(self.stream):
            self.stream.close()
            self.stream = self._open()
        return bool(super().shouldRollover(record))

    def _is_current(self, stream: IO[str]) -> bool:
        try:
            return os.path.samestat(Path(self.baseFilename).stat(), os.fstat(stream.fileno()))
        except OSError:
            return False

    def rotate(self, source: str, dest: str) -> None:
        # On Windows a file that another process has open stays, and goes on growing.
        with suppress(OSError):
            super().rotate(source, dest)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """A full disk must not make work that is only noted fail, nor fill the terminal."""
