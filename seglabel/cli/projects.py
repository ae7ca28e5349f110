"""From the arguments to the project they mean."""

from __future__ import annotations

import argparse

from seglabel.formats.project_store import PIXEL_LIMIT_SETTING, ProjectStore


def open_project(arguments: argparse.Namespace) -> ProjectStore:
    """The project of a folder, in which a ``--pixel-limit`` that was given is remembered."""
    store = ProjectStore.open(arguments.folder, arguments.project)
    limit = arguments.pixel_limit
    if limit is not None and limit != store.project.settings.get(PIXEL_LIMIT_SETTING):
        store.project.settings[PIXEL_LIMIT_SETTING] = limit
        store.save_project()
    return store
