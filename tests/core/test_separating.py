from __future__ import annotations

import cv2
import numpy as np
import pytest

from seglabel.core.cancel import Cancel
from seglabel.core.categories import Category, CategorySet
from seglabel.core.document import Document
from seglabel.core.errors import Cancelled
from seglabel.core.geometry import Region
from seglabel.core.instances import find_instances
from seglabel.core.separating import (
    Numbered,
    as_instances,
    merge_along,
    object_at,
    renumbered,
    separate_touching,
    split_by_line,
    split_by_seeds,
    with_number,
)
from seglabel.core.status import Status
from seglabel.jobs.demo_cells import draw_cells

CATEGORIES = CategorySet(
    (Category(1, "cell", (255, 0, 0), is_thing=True), Category(2, "wall", (0, 255, 0)))
)
THINGS = frozenset({1})
SHAPE = (40, 60)


def two_discs() -> np.ndarray:
    """Two discs of category 1 that touch, and a wall."""
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    labels = np.zeros(SHAPE, np.uint8)
    labels[(y - 20) ** 2 + (x - 18) ** 2 <= 144] = 1
    labels[(y - 20) ** 2 + (x - 40) ** 2 <= 144] = 1
    labels[:3] = 2
    return labels


def applied(labels: np.ndarray, numbers, answers: list[Numbered]) -> np.ndarray:
    result = np.zeros(labels.shape, np.uint16) if numbers is None else numbers.copy()
    for each in answers:
        result[each.region.slices][each.mask] = each.numbers[each.mask]
    return result


def objects(labels: np.ndarray, numbers) -> int:
    return sum(i.category_id == 1 for i in find_instances(labels, numbers, CATEGORIES))


def test_an_object_without_a_number_is_a_connected_component():
    found = object_at(two_discs(), None, THINGS, 20, 18)
    assert found is not None
    assert (found.number, found.mask.sum()) == (0, (two_discs() == 1).sum())
    assert object_at(two_discs(), None, THINGS, 1, 5) is None
    assert object_at(two_discs(), None, THINGS, -1, 5) is None


@pytest.mark.parametrize("line", [[(0, 29), (39, 29)], [(2, 25), (38, 33)], [(38, 31), (4, 27)]])
def test_a_line_across_cuts_an_object_and_loses_no_pixel(line):
    labels = two_discs()
    numbers = applied(labels, None, split_by_line(labels, None, THINGS, line))
    assert objects(labels, numbers) == 2
    assert (numbers[labels == 1] > 0).all()
    assert not numbers[labels != 1].any()
    assert numbers[20, 10] != numbers[20, 50]


def test_a_line_that_ends_inside_cuts_nothing():
    labels = two_discs()
    assert split_by_line(labels, None, THINGS, [(0, 18), (20, 18)]) == []
    assert split_by_line(labels, None, THINGS, [(0, 5), (0, 50)]) == []


def test_the_largest_part_keeps_its_number():
    labels = two_discs()
    numbers = np.where(labels == 1, 7, 0).astype(np.uint16)
    cut = applied(labels, numbers, split_by_line(labels, numbers, THINGS, [(0, 46), (39, 46)]))
    assert cut[20, 18] == 7
    assert cut[20, 50] not in (0, 7)


def test_seeds_part_an_object_at_its_neck():
    labels = two_discs()
    seeds = [[(20.0, 14.0)], [(18.0, 42.0), (22.0, 44.0)]]
    numbers = applied(labels, None, split_by_seeds(labels, None, THINGS, seeds, None))
    assert objects(labels, numbers) == 2
    assert (numbers[labels == 1] > 0).all()
    assert len(np.unique(numbers[:, :26][labels[:, :26] == 1])) == 1
    assert len(np.unique(numbers[:, 33:][labels[:, 33:] == 1])) == 1


def test_seeds_part_an_object_at_an_edge_of_the_picture():
    labels = np.ones((20, 40), np.uint8)
    picture = np.zeros((20, 40, 3), np.uint8)
    picture[:, 27:] = 200
    seeds = [[(10.0, 3.0)], [(10.0, 35.0)]]
    numbers = applied(labels, None, split_by_seeds(labels, None, THINGS, seeds, picture))
    assert (numbers[:, :26] == numbers[10, 3]).all()
    assert (numbers[:, 29:] == numbers[10, 35]).all()
    assert numbers[10, 3] != numbers[10, 35]


def test_one_seed_parts_nothing():
    assert split_by_seeds(two_discs(), None, THINGS, [[(20, 18)], [(0, 0)]], None) == []


def test_touching_objects_are_parted_at_their_necks_and_lose_no_pixel():
    labels = two_discs()
    numbers = applied(labels, None, separate_touching(labels, None, THINGS))
    assert objects(labels, numbers) == 2
    assert ((numbers > 0) == (labels == 1)).all()
    assert len(np.unique(numbers[:, :26][labels[:, :26] == 1])) == 1
    assert len(np.unique(numbers[:, 33:][labels[:, 33:] == 1])) == 1


def test_what_has_no_neck_stays_one_object():
    labels = np.zeros((60, 200), np.uint8)
    cv2.ellipse(labels, (40, 30), (35, 12), 20, 0, 360, 1, -1)
    cv2.rectangle(labels, (90, 5), (120, 50), 1, -1)
    cv2.circle(labels, (160, 30), 25, 1, -1)
    labels[::7, 185:190] = 1  # specks
    assert separate_touching(labels, None, THINGS) == []


def test_stuff_and_what_has_a_number_are_left_alone():
    labels = two_discs()
    assert separate_touching(labels, None, frozenset({2})) == []
    numbers = np.where(labels == 1, 7, 0).astype(np.uint16)
    assert separate_touching(labels, numbers, THINGS) == []


def test_drawn_nuclei_that_touch_come_apart():
    drawn = draw_cells(40, 1)
    labels = (drawn.instances > 0).astype(np.uint8)
    numbers = applied(labels, None, separate_touching(labels, None, THINGS))
    true = int(drawn.instances.max())
    together = objects(labels, None)
    apart = objects(labels, numbers)
    assert together < 0.8 * true
    assert 0.93 * true <= apart <= 1.05 * true


def test_separating_stops_when_told_to():
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        separate_touching(two_discs(), None, THINGS, cancel)


def test_a_large_object_is_parted_on_a_coarser_grid():
    labels = cv2.resize(two_discs(), None, fx=20, fy=20, interpolation=cv2.INTER_NEAREST)
    numbers = as_instances(separate_touching(labels, None, THINGS), labels.shape)
    assert objects(labels, numbers) == 2
    assert as_instances([], labels.shape) is None


def test_merging_undoes_a_split():
    labels = two_discs()
    numbers = applied(labels, None, split_by_line(labels, None, THINGS, [(0, 29), (39, 29)]))
    merged = applied(labels, numbers, merge_along(labels, numbers, THINGS, [(20, 18), (20, 40)]))
    assert objects(labels, merged) == 1
    assert len(np.unique(merged[labels == 1])) == 1


def test_merging_joins_what_does_not_touch():
    labels = two_discs()
    labels[:, 28:31][labels[:, 28:31] == 1] = 0
    assert objects(labels, None) == 2
    merged = applied(labels, None, merge_along(labels, None, THINGS, [(20, 18), (20, 40)]))
    assert objects(labels, merged) == 1


def test_renumbering_counts_from_one_without_gaps():
    labels = two_discs()
    labels[35:38, 5:9] = 1
    numbers = np.where((labels == 1) & (np.arange(60) < 29), 40, 0).astype(np.uint16)
    numbers[(labels == 1) & (np.arange(60) >= 29)] = 9
    numbers[35:38, 5:9] = 0
    new = applied(labels, numbers, renumbered(labels, numbers, CATEGORIES))
    assert new[20, 50] == 1
    assert new[20, 10] == 2
    assert new[36, 6] == 3
    assert set(np.unique(new)) == {0, 1, 2, 3}


def test_an_object_gets_a_number_before_pixels_are_assigned_to_it():
    labels = two_discs()
    _, answers, number = with_number(labels, None, THINGS, 20, 18)
    assert number == 1
    assert applied(labels, None, answers)[20, 18] == 1
    numbers = applied(labels, None, answers)
    assert with_number(labels, numbers, THINGS, 20, 18)[1:] == ([], 1)


def test_numbers_are_undone_and_done_again_and_locked_ones_stay():
    labels = two_discs()
    document = Document(labels.copy(), status=Status.PROPOSED)
    edit = document.begin("split_line")
    for each in split_by_line(labels, None, THINGS, [(0, 29), (39, 29)]):
        edit.number(each.region, each.mask, each.numbers)
    assert edit.commit() is not None
    assert document.status is Status.CORRECTED
    assert np.array_equal(document.labels, labels)
    after = document.instances.copy()
    document.undo()
    assert not document.instances.any()
    document.redo()
    assert np.array_equal(document.instances, after)
    document.locked = frozenset({1})
    edit = document.begin("renumber")
    assert edit.number(Region.whole(SHAPE), labels == 1, np.uint16(5)) is None
    assert edit.commit() is None


def test_a_history_with_numbers_can_be_undone_in_a_document_that_has_none_yet():
    labels = two_discs()
    document = Document(labels.copy())
    edit = document.begin("merge")
    edit.number(Region.whole(SHAPE), labels == 1, np.uint16(3))
    edit.commit()
    document.pack()
    again = Document(labels.copy(), history=document.history)
    again.undo()
    again.redo()
    assert (again.instances[labels == 1] == 3).all()
