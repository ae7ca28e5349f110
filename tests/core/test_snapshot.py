"""Snapshots: what a document was, read in any pieces while it changes."""

from __future__ import annotations

import gc
import threading
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglabel.core.document import Document
from seglabel.core.geometry import Region
from seglabel.core.history import TILE

SHAPE = (2 * TILE + 30, TILE + 50)


def paint(document: Document, region: Region, category_id: int) -> None:
    edit = document.begin("brush")
    edit.paint(region, np.ones((region.height, region.width), bool), category_id)
    edit.commit()


def mixed() -> Document:
    labels = np.random.default_rng(0).integers(0, 4, SHAPE).astype(np.uint8)
    return Document(labels)


@given(st.lists(st.integers(0, SHAPE[0]), max_size=4), st.integers(0, 4))
def test_any_rows_are_as_they_were(cuts: list[int], changes_after: int):
    document = mixed()
    before = document.labels.copy()
    snapshot = document.snapshot()
    edges = sorted({0, *cuts, SHAPE[0]})
    for index, (top, bottom) in enumerate(pairwise(edges)):
        if index == changes_after:  # some rows are read before, some after
            paint(document, Region(100, 100, 400, 280), 9)
            paint(document, Region(0, 0, 300, 200), 8)
            document.undo()
        assert np.array_equal(snapshot.labels[top:bottom], before[top:bottom])


def test_rows_beyond_the_end_are_left_out():
    snapshot = mixed().snapshot()
    assert snapshot.labels[SHAPE[0] - 3 : SHAPE[0] + 9].shape == (3, SHAPE[1])
    assert snapshot.labels.shape == snapshot.labels.copy().shape == SHAPE


def test_numbers_that_came_later_are_not_in_it():
    document = mixed()
    snapshot = document.snapshot()
    edit = document.begin("merge")
    edit.number(Region.whole(SHAPE), np.ones(SHAPE, bool), np.uint16(3))
    edit.commit()
    assert snapshot.instances is None
    later = document.snapshot()
    document.undo()
    assert later.instances is not None and (later.instances == 3).all()
    assert document.snapshot().instances is None  # nothing is separated any more


def test_there_is_none_of_half_a_stroke():
    document = mixed()
    edit = document.begin("brush")
    document.snapshot()  # nothing was painted yet
    edit.paint(Region(0, 0, 3, 3), np.ones((3, 3), bool), 1)
    with pytest.raises(RuntimeError, match="'brush' is still open"):
        document.snapshot()


def test_a_document_forgets_snapshots_that_nobody_reads():
    document = mixed()
    snapshot = document.snapshot()
    paint(document, Region(0, 0, 9, 9), 5)
    assert document._living_snapshots() == [snapshot]
    del snapshot
    gc.collect()
    paint(document, Region(0, 0, 9, 9), 6)
    assert document._living_snapshots() == []


def test_another_thread_reads_it_while_strokes_go_on():
    document = mixed()
    before = document.labels.copy()
    snapshot = document.snapshot()
    read: list[bool] = []

    def look() -> None:
        for top in range(0, SHAPE[0], 7):
            rows = slice(top, top + 7)
            read.append(np.array_equal(snapshot.labels[rows], before[rows]))

    reader = threading.Thread(target=look)
    reader.start()
    for number in range(60):
        paint(document, Region(number * 8, 0, number * 8 + 60, SHAPE[1]), 1 + number % 7)
    reader.join()
    assert len(read) == -(-SHAPE[0] // 7) and all(read)
