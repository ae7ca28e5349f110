"""Opening what a stranger's folder holds without waiting on it: files alone, nothing else."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from seglabel.core.errors import SegLabelError


def open_regular(path: Path, kind: type[SegLabelError], expected: str = "a file") -> BinaryIO:
    """Open without ever waiting on a FIFO or touching a device. Raises ``kind``."""
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise kind(f"{path}: cannot be opened: {error.strerror or error}") from error
    except ValueError as error:  # a NUL in its name
        raise kind(f"{path!r}: cannot be opened: {error}") from error
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise kind(f"{path}: expected {expected}, found {_called(mode)}")
    return open(descriptor, "rb")  # noqa: PTH123 - from a descriptor


def read_regular(path: Path, kind: type[SegLabelError], expected: str = "a file") -> bytes:
    """All bytes of a file. Raises ``kind``, also where memory does not suffice."""
    with open_regular(path, kind, expected) as file:
        try:
            return file.read()
        except OSError as error:
            raise kind(f"{path}: cannot be read: {error.strerror or error}") from error
        except MemoryError as error:
            raise kind(f"{path}: too large for this machine's memory") from error


def _called(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    if stat.S_ISFIFO(mode):
        return "a pipe"
    return "a device or socket"
