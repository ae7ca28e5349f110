"""Demo: folders of drawn images on which all of the work can be tried offline."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seglabel.core.cancel import Cancel
from seglabel.core.categories import CategorySet
from seglabel.core.progress import Progress, ProgressCallback, ignore_progress
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.atomic import write_bytes
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.demo_cells import CELL_CATEGORIES, draw_cells
from seglabel.jobs.models import current_model

Drawn = tuple[NDArray[np.uint8], NDArray[np.uint8]]
"""A picture, uint8 RGB (H, W, 3), and its true labels, uint8 (H, W)."""

_CELLS = 30  # in a picture


@dataclass(frozen=True)
class DemoFolder:
    """One folder of the demo: what is drawn by number, and which model proposes in it.

    The first ``new`` images are for the model, the others, ``labelled``, come with their true
    labels, so that there is something to learn from. With ``separates`` touching objects are told
    apart.
    """

    name: str
    model: str
    categories: CategorySet
    draw: Callable[[int], Drawn]
    new: int
    labelled: int = 0
    separates: bool = False

    @property
    def images(self) -> list[str]:
        """The names of the images."""
        return [f"{self.name}_{n:02}.png" for n in range(1, self.new + self.labelled + 1)]


def _draw_cells(number: int) -> Drawn:
    drawn = draw_cells(_CELLS, number)
    return drawn.picture, drawn.labels


CELLS = DemoFolder("cells", "nuclei", CELL_CATEGORIES, _draw_cells, new=6, separates=True)


def make_demo_project(
    folder: Path,
    demo: DemoFolder,
    progress: ProgressCallback = ignore_progress,
    cancel: Cancel | None = None,
) -> ProjectStore:
    """Draw the images that ``folder`` lacks, label those that come with labels, open the project.

    What is there already stays as it is, so that a second call goes on where the first ended.
    """
    cancel = cancel or Cancel()
    labels: dict[str, NDArray[np.uint8]] = {}
    for number, name in enumerate(demo.images):
        cancel.raise_if_set()
        path, is_labelled = folder / name, number >= demo.new
        if not path.exists():
            picture, truth = demo.draw(number)
            buffer = io.BytesIO()
            Image.fromarray(picture).save(buffer, "PNG")
            write_bytes(path, buffer.getvalue())
            if is_labelled:
                labels[name] = truth
        progress(Progress(number + 1, len(demo.images), name))
    store = ProjectStore.open(folder)
    if not len(store.project.categories) or current_model(store) is None:
        if not len(store.project.categories):
            store.project.categories = demo.categories
        store.project.settings.setdefault("model", demo.model)
        store.save_project()
    for number, name in enumerate(demo.images):
        if number >= demo.new and store.project.records[name].status is Status.EMPTY:
            truth = labels[name] if name in labels else demo.draw(number)[1]
            painted = np.ones(truth.shape, np.bool_)
            store.save(name, Annotation(truth, painted, None, Status.REVIEWED))
    return store


def leave_to_person(store: ProjectStore, name: str) -> None:
    """Take the proposal of an image away that nobody touched, as a person does by *Clear*.

    So it is not proposed ahead of the person who wants to see how that is done.
    """
    annotation = store.load(name)
    if annotation is not None and annotation.status is Status.PROPOSED:
        nothing = np.zeros_like(annotation.labels)
        store.save(name, Annotation(nothing, nothing.astype(np.bool_), None, Status.EMPTY))
