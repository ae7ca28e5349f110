"""Instances: what counts as one object, and when numbers are worth keeping."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from seglabel.core.categories import Category, CategorySet
from seglabel.core.geometry import Region
from seglabel.core.instances import find_instances, only_if_needed

SKY, CAR, DOG = 1, 3, 7
CATEGORIES = CategorySet(
    (
        Category(SKY, "sky", (0, 0, 1), is_thing=False),
        Category(CAR, "car", (0, 0, 2), is_thing=True),
        Category(DOG, "dog", (0, 0, 3), is_thing=True),
    )
)
SHAPE = (7, 9)
label_maps = hnp.arrays(np.uint8, SHAPE, elements=st.sampled_from([0, SKY, CAR, DOG, 200, 255]))
instance_maps = hnp.arrays(np.uint16, SHAPE, elements=st.integers(0, 3))


def labels_of(text: str) -> np.ndarray:
    """Rows of digits as a label map; a dot is background."""
    rows = text.split()
    return np.array([[0 if c == "." else int(c) for c in row] for row in rows], np.uint8)


def partition(labels, separated) -> set[tuple[int, frozenset[tuple[int, int]]]]:
    return {
        (
            one.category_id,
            frozenset(
                (one.region.top + int(y), one.region.left + int(x))
                for y, x in np.argwhere(one.mask)
            ),
        )
        for one in find_instances(labels, separated, CATEGORIES)
    }


def test_things_are_counted_by_component_and_stuff_is_one_object():
    labels = labels_of("3.3 ... 1.1 ..3")
    found = find_instances(labels, None, CATEGORIES)
    assert [(one.category_id, one.region, one.area) for one in found] == [
        (SKY, Region(2, 0, 3, 3), 2),
        (CAR, Region(0, 0, 1, 1), 1),
        (CAR, Region(0, 2, 1, 3), 1),
        (CAR, Region(3, 2, 4, 3), 1),
    ]


def test_touching_things_stay_apart_where_a_person_separated_them():
    labels = labels_of("3333 3333")
    separated = np.array([[1, 1, 2, 2]] * 2, np.uint16)
    found = find_instances(labels, separated, CATEGORIES)
    assert [one.region for one in found] == [Region(0, 0, 2, 2), Region(0, 2, 2, 4)]


def test_one_number_joins_parts_that_do_not_touch():
    labels = labels_of("3..3")
    found = find_instances(labels, np.array([[4, 0, 0, 4]], np.uint16), CATEGORIES)
    assert [(one.region, one.mask.tolist()) for one in found] == [
        (Region(0, 0, 1, 4), [[True, False, False, True]])
    ]


@given(label_maps, st.none() | instance_maps)
def test_every_labelled_pixel_belongs_to_exactly_one_object(labels, separated):
    count = np.zeros(SHAPE, int)
    for one in find_instances(labels, separated, CATEGORIES):
        assert one.mask.shape == (one.region.height, one.region.width)
        assert one.mask.any(axis=0)[[0, -1]].all(), "the region is not the smallest"
        assert one.mask.any(axis=1)[[0, -1]].all(), "the region is not the smallest"
        assert (labels[one.region.slices][one.mask] == one.category_id).all()
        count[one.region.slices] += one.mask
    assert np.array_equal(count, ~np.isin(labels, [0, 255]))


@given(label_maps, instance_maps)
def test_dropping_needless_numbers_changes_no_object(labels, separated):
    kept = only_if_needed(labels, separated, CATEGORIES)
    assert partition(labels, kept) == partition(labels, separated)


@given(label_maps)
def test_numbers_that_say_what_components_say_are_not_kept(labels):
    numbers = np.zeros(SHAPE, np.uint16)
    for number, one in enumerate(find_instances(labels, None, CATEGORIES), start=1):
        numbers[one.region.slices][one.mask] = number
    assert only_if_needed(labels, numbers, CATEGORIES) is None


def test_numbers_on_stuff_and_background_are_dropped():
    labels = labels_of("33 11 ..")
    separated = np.array([[1, 2], [3, 4], [5, 6]], np.uint16)
    kept = only_if_needed(labels, separated, CATEGORIES)
    assert kept is not None
    assert kept.tolist() == [[1, 2], [0, 0], [0, 0]]
