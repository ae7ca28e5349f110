"""Writing so that a crash leaves the old file or the new one, never half of either."""

from __future__ import annotations

import ctypes
import errno
import os
import secrets
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from seglabel.core.errors import SegLabelError

TEMPORARY_PREFIX = ".tmp-"
_STRAY_AGE_S = 3600  # no write of ours takes longer
_HERE, _SWAP = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux


class WriteError(SegLabelError):
    """A file that could not be written. What stood there before is untouched."""


@contextmanager
def write_atomically(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes the place of ``path`` once the block ends without an error.

    The bytes go to a temporary file in the same folder, reach the disk, take over the mode of the
    old file and are renamed; then the folder reaches the disk too. When this returns, the new
    content survives a crash or power loss. On any error the old file stays as it was and
    :class:`WriteError` says why (errors that are not the disk's pass through).
    """
    target = path.resolve()
    temporary = target.parent / f"{TEMPORARY_PREFIX}{secrets.token_hex(6)}"
    try:
        make_folder(target.parent)
        descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY, 0o666)
        with open(descriptor, "wb") as file:  # noqa: PTH123 - from a descriptor
            _copy_mode(target, temporary)
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
        sync_folder(target.parent)
    except OSError as error:
        raise write_error(target, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


_BINARY = getattr(os, "O_BINARY", 0)


def write_bytes(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data``, see :func:`write_atomically`."""
    with write_atomically(path) as file:
        file.write(data)


def require_writable(path: Path) -> None:
    """Raise WriteError if no file could be written to ``path``. Leaves nothing behind."""
    target = path.resolve()
    folder = next(one for one in target.parents if one.exists())
    probe = folder / f"{TEMPORARY_PREFIX}{secrets.token_hex(6)}"
    try:
        os.close(os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except OSError as error:
        raise write_error(target, error) from error
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)


def make_folder(folder: Path) -> None:
    """Make ``folder`` and those above it, so that their names survive power loss too."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for one in missing:
        sync_folder(one.parent)


def sync_folder(folder: Path) -> None:
    """Make renames and new names in ``folder`` survive power loss (not needed on Windows)."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def exchange(first: Path, second: Path) -> bool:
    """Let two files or folders of one disk swap their names in one step, so that neither name is
    ever missing. Returns False where the system or the disk cannot; then nothing was done."""
    if sys.platform != "linux":
        return False
    try:
        swap = ctypes.CDLL(None, use_errno=True).renameat2  # since glibc 2.28
    except (OSError, AttributeError):
        return False
    names = os.fsencode(first), os.fsencode(second)
    return bool(swap(_HERE, names[0], _HERE, names[1], _SWAP) == 0)


def sweep_temporaries(folder: Path, shared: Path | None = None) -> list[Path]:
    """Remove what interrupted writes left below ``folder``, and give it back.

    Nobody else may be writing there but to ``shared``, a folder in it: what is young there stays.
    """
    swept = []
    for path in folder.rglob(f"{TEMPORARY_PREFIX}*"):
        with suppress(OSError):  # gone meanwhile, or not ours to remove
            is_shared = shared is not None and path.is_relative_to(shared)
            is_stray = not is_shared or time.time() - path.stat().st_mtime > _STRAY_AGE_S
            if path.is_file() and is_stray:
                path.unlink()
                swept.append(path)
    return swept


def _copy_mode(target: Path, temporary: Path) -> None:
    with suppress(FileNotFoundError):
        os.chmod(temporary, stat.S_IMODE(target.stat().st_mode))


def write_error(path: Path, error: OSError) -> WriteError:
    """What to raise where ``path`` could not be written: which file, why, and how much room there
    is where that is the reason."""
    text = f"{path}: cannot be written: {error.strerror or error}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        with suppress(OSError, StopIteration):
            folder = next(one for one in path.parents if one.exists())
            text += f" ({shutil.disk_usage(folder).free / 1e6:,.1f} MB free on that disk)"
    return WriteError(text)
