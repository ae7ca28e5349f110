"""From the arguments to the project they mean."""

from __future__ import annotations

import argparse

from seglabel.formats.project_store import PIXEL_LIMIT_SETTING, ProjectStore


def open_project(arguments: argparse.Namespace, *, writes: bool) -> ProjectStore:
    """The project of a folder, read with a ``--pixel-limit`` that was given.

    A command that ``writes`` has it for itself, and remembers the limit in it. Raises LockedError.
    """
    kind = ProjectStore.open if writes else ProjectStore.read
    store = kind(arguments.folder, arguments.project)
    limit = arguments.pixel_limit
    if limit is not None and limit != store.project.settings.get(PIXEL_LIMIT_SETTING):
        store.project.settings[PIXEL_LIMIT_SETTING] = limit
        if writes:
            store.save_project()
    return store
