"""What a person put into an image."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglabel.core.categories import VOID
from seglabel.core.document import Document
from seglabel.core.effort import PAUSE, Effort, compared
from seglabel.core.errors import ProjectFormatError
from seglabel.core.geometry import Region
from seglabel.core.review import (
    accept_proposal,
    clear_proposal,
    mark_reviewed,
    merge_proposal,
)

PLACE = Region(2, 2, 6, 8)
MASK = np.ones((4, 6), np.bool_)


def paint(document: Document, category_id: int = 1) -> None:
    with document.begin("brush") as edit:
        edit.paint(PLACE, MASK, category_id)
        edit.commit()


def test_each_change_by_a_person_is_a_stroke() -> None:
    document = Document.blank(10, 10)
    paint(document)
    paint(document, 2)
    accept_proposal(document, "accept")
    assert document.effort.strokes == 3


def test_a_stroke_that_changes_nothing_or_is_given_up_is_none() -> None:
    document = Document.blank(10, 10)
    paint(document)
    paint(document)
    document.begin("brush").paint(PLACE, MASK, 2)
    assert document._open is not None
    document._open.cancel()
    assert document.effort.strokes == 1


def test_what_the_model_does_and_saying_that_it_is_right_are_no_strokes() -> None:
    document = Document.blank(10, 10)
    merge_proposal(document, np.ones((10, 10), np.uint8), "propose")
    clear_proposal(document, "clear")
    mark_reviewed(document, "reviewed")
    assert document.effort == Effort()


def test_a_stroke_that_was_undone_was_work_but_undoing_is_no_stroke() -> None:
    document = Document.blank(10, 10)
    paint(document)
    document.undo()
    document.redo()
    document.go_to(0)
    assert document.effort.strokes == 1


def test_a_snapshot_keeps_the_effort_of_its_moment() -> None:
    document = Document.blank(10, 10)
    paint(document)
    snapshot = document.snapshot()
    paint(document, 2)
    assert snapshot.effort.strokes == 1


def test_time_counts_up_to_a_pause() -> None:
    effort = Effort().with_pause(3.5).with_pause(PAUSE).with_pause(PAUSE + 0.1).with_pause(-1)
    assert effort.seconds == 3.5 + PAUSE


def test_the_share_that_was_right_needs_a_proposal() -> None:
    assert Effort(place=1, pixels=200, changed=50, model="m").share_right == 0.75
    assert Effort(place=1, pixels=200, changed=200).share_right is None
    assert Effort(strokes=3, seconds=9.0).share_right is None


def test_an_image_that_is_no_longer_reviewed_keeps_strokes_and_time() -> None:
    assert Effort(3, 9.0, 1, 200, 50, "m", "d").unreviewed() == Effort(3, 9.0)


def test_void_is_not_compared() -> None:
    labels = np.array([[1, 1, 2], [2, VOID, VOID]], np.uint8)
    proposed = np.array([[1, 2, 2], [1, 1, VOID]], np.uint8)
    assert compared([labels[:1], labels[1:]], proposed) == (4, 2)
    assert compared([labels], None) == (4, 4)


@given(
    st.builds(
        Effort,
        strokes=st.integers(0, 10**6),
        seconds=st.integers(0, 10**7).map(lambda tenths: tenths / 10),
        place=st.integers(0, 10**6),
        pixels=st.integers(0, 10**10),
        changed=st.integers(0, 10**10),
        model=st.text(max_size=20),
        model_digest=st.text(max_size=20),
    )
)
def test_effort_comes_back_as_it_was_written(effort: Effort) -> None:
    assert Effort.from_json(effort.to_json()) == effort


@pytest.mark.parametrize(
    "data", [[], "x", {"strokes": -1}, {"strokes": "3"}, {"model": 3}, {"seconds": True}]
)
def test_what_is_no_effort_is_refused(data: object) -> None:
    with pytest.raises(ProjectFormatError, match="effort"):
        Effort.from_json(data)


def test_no_effort_takes_no_room() -> None:
    assert Effort().to_json() == {}
    assert Effort.from_json({"of a later version": 1}) == Effort()
