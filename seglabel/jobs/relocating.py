"""A project that is to lie elsewhere, because its folder cannot be written to any more."""

from __future__ import annotations

import shutil
from pathlib import Path

from seglabel.core.cancel import Cancel
from seglabel.core.errors import ProjectError
from seglabel.formats.atomic import TEMPORARY_PREFIX, write_atomically
from seglabel.formats.layout import PROJECT_FILE
from seglabel.formats.lock import LOCK_FILES
from seglabel.formats.project_file import is_project
from seglabel.formats.project_store import ProjectStore


def copy_project(store: ProjectStore, root: Path, cancel: Cancel) -> None:
    """Bring all that is kept of a project to ``root``, a new folder; the old one stays as it is.

    Only when it is whole, ``root`` is a project. Raises ProjectError, WriteError,
    Cancelled.
    """
    if is_project(root):
        raise ProjectError(f"{root}: a project lies there already; choose another place")
    if root.is_relative_to(store.root) or root == store.folder:
        raise ProjectError(f"{root}: lies within what is to be moved; choose another place")
    files = [
        path
        for path in sorted(store.root.rglob("*"))
        if path.is_file()
        and not path.name.startswith(TEMPORARY_PREFIX)
        and path.relative_to(store.root).as_posix() not in LOCK_FILES
    ]
    files.sort(key=lambda path: path == store.root / PROJECT_FILE)  # that one last
    for path in files:
        cancel.raise_if_set()
        try:
            source = path.open("rb")
        except OSError as error:
            raise ProjectError(f"{path}: cannot be read: {error.strerror or error}") from error
        with source, write_atomically(root / path.relative_to(store.root)) as file:
            shutil.copyfileobj(source, file)
