"""Demo: a small folder of pictures, some labelled, on which the whole job can be tried offline."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from seglabel.core.status import Status
from seglabel.formats.atomic import write_bytes
from seglabel.formats.project_store import Annotation, ProjectStore
from seglabel.jobs.demo_pictures import DEMO_CATEGORIES, draw_picture

_LABELLED = 12
_UNLABELLED = 8


def make_demo_project(folder: Path) -> ProjectStore:
    """Draw the pictures that ``folder`` lacks, label the first twelve, and open the project.

    What is there already stays as it is, so that a second call goes on where the first ended.
    """
    names = [f"labelled_{n:02}.png" for n in range(1, _LABELLED + 1)]
    names += [f"new_{n:02}.png" for n in range(1, _UNLABELLED + 1)]
    for seed, name in enumerate(names):
        path = folder / name
        if not path.exists():
            buffer = io.BytesIO()
            Image.fromarray(draw_picture(seed)[0]).save(buffer, "PNG")
            write_bytes(path, buffer.getvalue())
    store = ProjectStore.open(folder)
    if not len(store.project.categories):
        store.project.categories = DEMO_CATEGORIES
        store.save_project()
    for seed, name in enumerate(names[:_LABELLED]):
        if store.project.records[name].status is Status.EMPTY:
            labels = draw_picture(seed)[1]
            painted = np.ones(labels.shape, np.bool_)
            store.save(name, Annotation(labels, painted, None, Status.REVIEWED))
    return store
