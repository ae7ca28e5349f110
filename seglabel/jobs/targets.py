"""Where jobs may write: never among images and labels, and over nothing but what they wrote."""

from __future__ import annotations

import json
from pathlib import Path

from seglabel.core.errors import ExportError
from seglabel.core.parsing import parse_json
from seglabel.formats.atomic import write_bytes
from seglabel.formats.project_store import PROJECT_FOLDER, ProjectStore
from seglabel.formats.storage import Place

MARKER = "seglabel-export.json"
_SCHEMA = 1


def refuse_own_ground(store: ProjectStore, target: Place) -> None:
    """Raises ExportError if what is written to ``target`` would become part of the project."""
    if isinstance(target, Path) and target.resolve().is_relative_to(store.root):
        raise ExportError(f"{target}: lies in the project {store.root}; choose another place")
    refuse_among_images(store.folder, target)


def refuse_among_images(images: Place, target: Place) -> None:
    """Raises ExportError if ``target`` lies in the folder of images, or is it."""
    if isinstance(images, Path) and isinstance(target, Path):
        target = target.resolve()  # where a name without folders would lie
        is_inside = target.is_relative_to(images.resolve())
    else:
        is_inside = f"{target}/".startswith(f"{images}/")
    if is_inside:
        raise ExportError(
            f"{target}: lies in the image folder {images}, where all pictures belong to the "
            "project; choose another place, beside it for example"
        )


def require_free(store: ProjectStore, target: Path, *, force: bool) -> None:
    """Raises ExportError if ``target`` exists.

    With ``force`` it may be an empty folder or an earlier export, but no more than that.
    """
    if not target.exists():
        return
    if not force:
        raise ExportError(f"{target}: exists already; choose another name or replace it (--force)")
    if target.is_symlink() or not target.is_dir():
        raise ExportError(f"{target}: is no folder, so it is not replaced; choose another name")
    for own in (store.folder, store.root):
        if own.is_relative_to(target.resolve()):
            raise ExportError(f"{target}: holds {own}; choose another place")
    try:
        is_empty = not any(target.iterdir())
        labelled = next(target.rglob(PROJECT_FOLDER), None)
    except OSError as error:
        raise ExportError(f"{target}: cannot be listed: {error.strerror or error}") from error
    if not is_empty and not _is_marked(target):
        raise ExportError(
            f"{target}: holds something else than an earlier export (there is no {MARKER}), "
            "so it is not replaced; choose another name or empty it yourself"
        )
    if labelled is not None:
        raise ExportError(f"{target}: holds labels ({labelled}), so it is not replaced")


def mark(target: Path, format_name: str) -> None:
    """Note in an export that it is one, so that a later one may replace it."""
    content = json.dumps({"format": format_name, "schema": _SCHEMA}, sort_keys=True)
    write_bytes(target / MARKER, content.encode() + b"\n")


def _is_marked(target: Path) -> bool:
    try:
        data = parse_json((target / MARKER).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(data, dict) and "format" in data and "schema" in data
