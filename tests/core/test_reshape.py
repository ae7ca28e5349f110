"""Regions made larger, smaller, smoother or whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglabel.core.geometry import Region
from seglabel.core.reshape import reshape, reshape_category

SHAPE = (40, 50)


def changed(labels: np.ndarray, category_id: int, operation, amount: int) -> np.ndarray:
    """The labels after a change of a whole category."""
    after = labels.copy()
    change = reshape(labels, Region.whole(labels.shape), labels == category_id, operation, amount)
    if change is not None:
        after[change.region.slices][change.mask] = change.labels[change.mask]
    return after


def square(*rows_and_columns: int, category_id: int = 1) -> np.ndarray:
    labels = np.zeros(SHAPE, np.uint8)
    top, left, bottom, right = rows_and_columns
    labels[top:bottom, left:right] = category_id
    return labels


def test_growing_and_shrinking_move_the_edge_by_so_many_pixels():
    labels = square(15, 15, 25, 30)
    grown = changed(labels, 1, "grow", 3)
    assert grown[20].tolist() == [0] * 12 + [1] * 21 + [0] * 17
    shrunk = changed(labels, 1, "shrink", 3)
    assert np.array_equal(shrunk, square(18, 18, 22, 27))


def test_the_border_of_the_image_is_no_edge_of_a_region():
    assert np.array_equal(changed(square(0, 0, 20, 50), 1, "shrink", 4), square(0, 0, 16, 50))


def test_what_a_region_loses_goes_to_its_neighbour():
    labels = square(0, 0, 40, 25) + square(0, 25, 40, 50, category_id=2)
    after = changed(labels, 1, "shrink", 3)
    assert (after[:, :22] == 1).all() and (after[:, 22:] == 2).all()


@pytest.mark.parametrize(("limit", "is_filled"), [(3, False), (4, True)])
def test_holes_are_filled_up_to_their_size_whatever_lies_in_them(limit: int, is_filled: bool):
    labels = square(5, 5, 30, 40)
    labels[10:12, 10:12] = 2
    labels[0:3, 0:3] = 0
    after = changed(labels, 1, "fill_holes", limit)
    assert bool((after[10:12, 10:12] == 1).all()) == is_filled
    assert not after[:5].any()


def test_a_bay_is_no_hole():
    labels = square(5, 5, 30, 40)
    labels[5:12, 10:12] = 0
    assert np.array_equal(changed(labels, 1, "fill_holes", 10_000), labels)


def test_islands_below_a_size_are_removed():
    labels = square(5, 5, 20, 20)
    labels[30:32, 30:33] = 1
    assert np.array_equal(changed(labels, 1, "remove_islands", 6), labels)
    assert np.array_equal(changed(labels, 1, "remove_islands", 7), square(5, 5, 20, 20))


def test_smoothing_takes_a_spike_and_fills_a_notch():
    labels = square(10, 10, 30, 40)
    labels[5:10, 25] = 1
    labels[10:15, 15] = 0
    after = changed(labels, 1, "smooth", 4)
    assert not after[5:9, 25].any() and after[12:15, 15].all()


@given(st.sampled_from(["grow", "shrink", "smooth"]), st.integers(1, 6), st.integers(0, 99))
def test_a_category_changed_in_parts_changes_as_if_at_once(operation, amount: int, seed: int):
    blocks = np.random.default_rng(seed).integers(0, 3, (12, 5)).astype(np.uint8)
    labels = np.kron(blocks, np.ones((7, 10), np.uint8))
    parts = labels.copy()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seglabel.core.reshape._BAND", 11 * labels.shape[1])
        for change in reshape_category(labels, 1, operation, amount):
            parts[change.region.slices][change.mask] = change.labels[change.mask]
    whole = changed(labels, 1, operation, amount)
    assert np.array_equal(parts == 1, whole == 1)


@given(
    st.sampled_from(["grow", "shrink", "smooth", "fill_holes", "remove_islands"]),
    st.integers(1, 9),
    st.integers(0, 99),
)
def test_only_the_category_and_its_surroundings_change(operation, amount: int, seed: int):
    blocks = np.random.default_rng(seed).integers(0, 3, (5, 5)).astype(np.uint8)
    labels = np.kron(blocks, np.ones((8, 10), np.uint8))
    after = changed(labels, 1, operation, amount)
    moved = after != labels
    # A pixel either joins the category or leaves it.
    assert ((after[moved] == 1) != (labels[moved] == 1)).all()
    if operation in ("grow", "fill_holes"):
        assert (after[moved] == 1).all()
    if operation in ("shrink", "remove_islands"):
        assert (labels[moved] == 1).all()
