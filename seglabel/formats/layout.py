"""Where the files of a project lie below its folder."""

from __future__ import annotations

from pathlib import Path

from seglabel.formats.folder import digested, shortened
from seglabel.formats.images import IMAGE_SUFFIXES

SCHEMA = 2
"""1: the first. 2: a record says of which file its labels are, apart from the last proposal."""

PROJECT_FILE = "project.json"
LOG_FILE = "images.jsonl"
MODELS = "models"
CONFLICTS = "conflicts"
BACKUP = "backup"
REPLACED = "replaced"
PENDING = ".new"

KINDS = {
    "labels": ".png",
    "instances": ".png",
    "proposals": ".npz",
    "descriptors": ".npz",
    "journal": ".log",
}
"""Folders that hold a file of each image, and what its name gets appended there."""

_ENDINGS = (*dict.fromkeys(KINDS.values()), f".png{PENDING}")


def stored_path(root: Path, kind: str, name: str, suffix: str | None = None) -> Path:
    """The file of a kind of an image."""
    return root / kind / (stored_name(name) + (KINDS[kind] if suffix is None else suffix))


def stored_name(name: str) -> str:
    """Under which relative path the files of image ``name`` are kept.

    The image's own path; a part too long for the file system is cut and ends in a digest, and so
    does a folder that is called as the labels of an image. Whose such files are stands in
    ``project.json``.
    """
    *folders, file = name.split("/")
    return "/".join([*(_stored_folder(folder) for folder in folders), shortened(file)])


def stored_name_1(name: str) -> str:
    """The same in schema 1, where such a folder kept its name."""
    return "/".join(shortened(part) for part in name.split("/"))


def _stored_folder(part: str) -> str:
    lower = part.lower()
    images = tuple(IMAGE_SUFFIXES)
    is_file = any(lower.endswith(e) and lower.removesuffix(e).endswith(images) for e in _ENDINGS)
    return digested(part) if is_file else shortened(part)
