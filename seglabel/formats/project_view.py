"""A project as a script sees it: read-only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seglabel.core.categories import CategorySet
from seglabel.core.errors import ProjectError
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.project_store import ProjectStore


def open_project(folder: str | Path, project: str | Path | None = None) -> ProjectView:
    """Look into the project of an image folder. Nothing is written. Raises ProjectError."""
    root = None if project is None else Path(project)
    return ProjectView(ProjectStore.read(Path(folder), root))


class ProjectView:
    """Names, categories, status and labels as they were on disk when asked for."""

    def __init__(self, store: ProjectStore) -> None:
        self._store = store

    @property
    def names(self) -> tuple[str, ...]:
        """All images, as paths relative to the folder."""
        return self._store.project.names

    @property
    def categories(self) -> CategorySet:
        return self._store.project.categories

    def status(self, name: str) -> Status:
        """``empty``, ``proposed``, ``corrected`` or ``reviewed``."""
        self._require(name)
        return self._store.project.records[name].status

    def labels(self, name: str) -> NDArray[np.uint8]:
        """Category ids, uint8 (H, W); all background where nothing was labelled."""
        annotation = self._annotation(name)
        if annotation is None:
            return np.zeros(self._shape(name), np.uint8)
        return annotation.labels

    def instances(self, name: str) -> NDArray[np.uint16]:
        """Instance numbers, uint16 (H, W); 0 where not separated."""
        annotation = self._annotation(name)
        if annotation is None or annotation.instances is None:
            shape = self._shape(name) if annotation is None else annotation.labels.shape
            return np.zeros(shape, np.uint16)
        return annotation.instances

    def _annotation(self, name: str) -> Annotation | None:
        self._require(name)
        return self._store.load(name)

    def _shape(self, name: str) -> tuple[int, int]:
        info = self._store.probe_image(name)
        return info.height, info.width

    def _require(self, name: str) -> None:
        if name not in self._store.project.records:
            raise ProjectError(f"{self._store.image_path(name)}: not an image of this project")
