"""Labels follow their images through any renaming, and never the wrong one."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.mending import mend

NAMES = ("a.png", "b.png", "c.png", "sub/d.png")
PLACES = (*NAMES, "e.png", "sub/f.png", "new/g.png")


@settings(max_examples=25, deadline=None)
@given(
    labelled=st.sets(st.sampled_from(NAMES), min_size=1),
    places=st.permutations(PLACES),
    gone=st.sets(st.sampled_from(NAMES), max_size=2),
)
def test_every_label_map_lies_with_its_image_or_where_it_lay(labelled, places, gone):
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        for value, name in enumerate(NAMES, start=1):
            (folder / name).parent.mkdir(exist_ok=True)
            Image.new("RGB", (8, 6), (value, 0, 0)).save(folder / name)
        store = ProjectStore.open(folder)
        for value, name in enumerate(NAMES, start=1):
            if name in labelled:
                labels = np.full((6, 8), value, np.uint8)
                store.save(name, Annotation(labels, labels > 0, None, Status.REVIEWED))
        store.close()
        shutil.move(folder, f"{work}-before")
        for name, place in zip(NAMES, places, strict=False):  # all are renamed at once
            if name not in gone:
                (folder / place).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(Path(f"{work}-before") / name, folder / place)
        (folder / "sub").mkdir(parents=True, exist_ok=True)
        shutil.move(Path(f"{work}-before") / ".seglabel", folder / ".seglabel")
        shutil.rmtree(f"{work}-before")
        mend(folder)
        store = ProjectStore.read(folder)
        kept = []
        for name in (*store.project.names, *store.project.missing):
            annotation = store.load(name)
            if annotation is None:
                continue
            value = int(annotation.labels[0, 0])
            kept.append(value)
            if name in store.project.names and not store.has_changed(name):
                with Image.open(folder / name) as image:
                    assert image.getpixel((0, 0))[0] == value
        assert sorted(kept) == sorted(NAMES.index(name) + 1 for name in labelled)
