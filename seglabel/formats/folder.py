"""Which images a folder holds."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from seglabel.core.errors import ProjectError
from seglabel.formats.images import IMAGE_SUFFIXES

NAME_LIMIT = 255
"""Bytes of one part of a path that the usual file systems allow."""


def find_images(folder: Path) -> list[str]:
    """Relative paths with ``/`` of all image files below ``folder``, sorted.

    Hidden files and folders (such as ``.seglabel``) are left out. Links to folders are not
    followed, so that no loop can be met. Raises ProjectError if the folder cannot be listed.
    """
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        raise ProjectError(f"{folder}: expected a folder of images, but it {what}")

    def refuse(error: OSError) -> None:
        if Path(error.filename or folder) == folder:
            raise ProjectError(f"{folder}: cannot be listed: {error.strerror or error}") from error

    names = []
    for parent, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        inside = Path(parent).relative_to(folder)
        names += [
            (inside / name).as_posix()
            for name in files
            if not name.startswith(".") and Path(name).suffix.lower() in IMAGE_SUFFIXES
        ]
    return sorted(names)


def shortened(part: str, limit: int = 200) -> str:
    """One part of a path, cut to ``limit`` bytes and ended by a digest where it is longer."""
    return part if len(_encoded(part)) <= limit else digested(part, limit)


def digested(part: str, limit: int = 200) -> str:
    """The same of a part of any length, so that it is called as no other."""
    encoded = _encoded(part)
    digest = hashlib.blake2b(encoded, digest_size=8).hexdigest()
    return encoded[: limit - len(digest) - 1].decode("utf-8", "ignore") + "~" + digest


def _encoded(part: str) -> bytes:
    return part.encode("utf-8", "surrogateescape")


def checked_name(name: str) -> str:
    """A relative path with ``/`` that stays inside its folder. Raises ValueError."""
    clean = name.replace("\\", "/")
    if clean.startswith("/") or (len(clean) > 1 and clean[1] == ":"):
        raise ValueError(f"{name!r} is an absolute path")
    parts = [part for part in clean.split("/") if part not in ("", ".")]
    if not parts or "\0" in clean:
        raise ValueError(f"{name!r} is not a file name")
    if ".." in parts:
        raise ValueError(f"{name!r} leads out of its folder")
    try:
        longest = max(len(os.fsencode(part)) for part in parts)
    except UnicodeEncodeError:
        raise ValueError(f"{name!r} is not valid Unicode") from None
    if longest > NAME_LIMIT:
        raise ValueError(f"{name[:60]!r}… is longer than a file name can be")
    return "/".join(parts)
