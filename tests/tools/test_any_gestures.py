"""Whatever is done with whichever tool: it can be undone, and locked pixels never change."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from seglabel.core.document import Document
from seglabel.tools import Brush, make_tools

SHAPE = (48, 64)
places = st.tuples(st.integers(-5, 52), st.integers(-5, 68))
events = st.one_of(
    st.tuples(st.just("drag"), st.lists(places, min_size=1, max_size=4), st.booleans()),
    st.tuples(st.just("click"), places, st.booleans()),
    st.tuples(st.sampled_from(["finish", "step_back", "cancel"])),
)
gestures = st.tuples(
    st.sampled_from(sorted(make_tools())),
    st.integers(1, 3),
    st.integers(1, 12),
    st.lists(events, max_size=6),
)


def picture() -> np.ndarray:
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    blocks = (rows // 12 * 3 + columns // 16) * 37 % 256
    return np.stack([blocks, 255 - blocks, blocks // 2], axis=-1).astype(np.uint8)


def start() -> Document:
    labels = (np.arange(SHAPE[1])[None, :] // 20 + np.zeros((SHAPE[0], 1), int)).astype(np.uint8)
    return Document(labels, painted=labels == 1)


def perform(hold, document: Document, steps) -> None:
    for tool, category_id, size, happenings in steps:
        hand = hold(document, tool, picture(), category_id=category_id, brush=Brush(size))
        for kind, *details in happenings:
            if kind == "drag":
                hand.drag(*details[0], secondary=details[1])
            elif kind == "click":
                hand.click(details[0], secondary=details[1])
            else:
                getattr(hand, kind)()
        hand.cancel()


@given(st.lists(gestures, max_size=4))
@settings(max_examples=60)
def test_undoing_all_of_any_gestures_leads_back_to_the_start(hold, steps):
    document, before = start(), start()
    perform(hold, document, steps)
    done = document.labels.copy()
    while document.history.can_undo:
        document.undo()
    assert np.array_equal(document.labels, before.labels)
    assert np.array_equal(document.painted, before.painted)
    assert document.instances is None or not document.instances.any()
    while document.history.can_redo:
        document.redo()
    assert np.array_equal(document.labels, done)


@given(st.lists(gestures, max_size=4))
@settings(max_examples=60)
def test_locked_pixels_never_change_whatever_is_done(hold, steps):
    document, before = start(), start()
    document.locked = frozenset({1})
    perform(hold, document, steps)
    locked = before.labels == 1
    assert (document.labels[locked] == 1).all() and document.painted[locked].all()


@given(st.lists(gestures, max_size=4))
@settings(max_examples=60)
def test_painting_over_chosen_categories_leaves_all_others_alone(hold, steps):
    document, before = start(), start()
    document.over = frozenset({2})
    perform(hold, document, steps)
    others = before.labels != 2
    assert np.array_equal(document.labels[others], before.labels[others])


@given(st.lists(gestures, max_size=4))
@settings(max_examples=30)
def test_a_gesture_that_was_given_up_leaves_no_trace(hold, steps):
    document, before = start(), start()
    unfinished = [(tool, c, s, [e for e in h if e[0] == "click"][:1]) for tool, c, s, h in steps]
    for tool, category_id, size, happenings in unfinished:
        hand = hold(document, tool, picture(), category_id=category_id, brush=Brush(size))
        for _, at, secondary in happenings:
            hand.press(at, secondary=secondary)
        hand.cancel()
        assert hand.tool.preview.is_empty
    if all(tool != "fill" for tool, *_ in unfinished):  # done by a press alone
        assert np.array_equal(document.labels, before.labels)
        assert not document.history.can_undo
