from __future__ import annotations

import numpy as np

from seglabel.core.proposed_regions import proposed_region, step, uncertain_regions
from seglabel.core.uncertainty import Certainty

SHAPE = (40, 60)


def scene() -> tuple[np.ndarray, np.ndarray]:
    """Category 1 in two squares of which the first is partly painted, 2 in one."""
    labels = np.zeros(SHAPE, np.uint8)
    labels[4:16, 4:16] = 1
    labels[4:16, 40:56] = 1
    labels[24:36, 20:32] = 2
    painted = np.zeros(SHAPE, np.bool_)
    painted[4:16, 8:12] = True
    return labels, painted


def doubts(*boxes: tuple[slice, slice, float]) -> Certainty:
    uncertainty = np.zeros((10, 15), np.float16)
    for rows, columns, value in boxes:
        uncertainty[rows, columns] = value
    return Certainty((1 - uncertainty).astype(np.float16), uncertainty, SHAPE)


def test_a_region_ends_where_a_person_painted():
    labels, painted = scene()
    region, mask = proposed_region(labels, painted, 10, 5)
    assert (region.top, region.left, region.bottom, region.right) == (4, 4, 16, 8)
    assert mask.all()
    assert proposed_region(labels, painted, 10, 9) is None


def test_a_region_goes_on_over_corners():
    labels = np.eye(5, dtype=np.uint8)
    region, mask = proposed_region(labels, np.zeros((5, 5), np.bool_), 2, 2)
    assert np.array_equal(mask, np.eye(5, dtype=np.bool_))
    assert region.area == 25


def test_background_is_a_region_too():
    labels, painted = scene()
    region, mask = proposed_region(labels, painted, 0, 0)
    assert region.area == labels.size
    assert np.array_equal(mask, (labels == 0) & ~painted)


def test_looking_for_a_region_changes_nothing():
    labels, painted = scene()
    labels.flags.writeable = painted.flags.writeable = False
    assert proposed_region(labels, painted, 30, 25) is not None


def test_regions_come_by_area_times_uncertainty():
    labels, painted = scene()
    certainty = doubts(
        (np.s_[1:4], np.s_[10:14], 0.6),  # 12 cells
        (np.s_[6:9], np.s_[5:8], 0.9),  # 9 cells
        (np.s_[1:4], np.s_[1:4], 0.8),  # of which painted: one column of three
    )
    found = uncertain_regions(labels, painted, certainty)
    assert [r.category_id for r in found.regions] == [2, 1, 1, 1]
    assert np.isclose(found.regions[0].weight, 9 * 0.9 * 16, rtol=1e-2)
    assert np.isclose(found.regions[1].weight, 12 * 0.6 * 16, rtol=1e-2)
    assert np.isclose(found.share, (12 + 9 + 6) / 150)
    for region in found.regions:
        assert labels[region.seed] == region.category_id
        assert not painted[region.seed]


def test_what_is_sure_or_locked_or_painted_is_not_listed():
    labels, painted = scene()
    everywhere = doubts((np.s_[:], np.s_[:], 0.7))
    assert uncertain_regions(labels, painted, doubts()).regions == ()
    found = uncertain_regions(labels, painted, everywhere, frozenset({0, 1}))
    assert [r.category_id for r in found.regions] == [2]
    assert uncertain_regions(labels, np.ones(SHAPE, np.bool_), everywhere).share == 0


def test_stepping_goes_on_after_a_region_that_was_decided_and_round_at_the_ends():
    labels, painted = scene()
    certainty = doubts((np.s_[1:4], np.s_[10:14], 0.6), (np.s_[6:9], np.s_[5:8], 0.9))
    found = uncertain_regions(labels, painted, certainty)
    first, second = found.regions
    assert step(found, None, 1) == first
    assert step(found, first, 1) == second
    assert step(found, second, 1) == first
    assert step(found, None, -1) == second
    assert step(found, second, -1) == first
    painted[24:36, 20:32] = True
    rest = uncertain_regions(labels, painted, certainty)
    assert step(rest, first, 1) == second
    assert step(rest, second, 1) == second
    assert step(uncertain_regions(labels, painted, doubts()), first, 1) is None


def test_nobody_is_led_to_a_crumb_of_a_few_pixels():
    labels = np.zeros((400, 600), np.uint8)
    labels[100:104, 100:108] = 1  # 32 pixels
    labels[200:240, 200:240] = 2
    grid = np.where(labels[2::4, 2::4] > 0, np.float16(0.8), np.float16(0.1))
    certainty = Certainty(np.full_like(grid, 0.5), grid, labels.shape)
    found = uncertain_regions(labels, np.zeros(labels.shape, np.bool_), certainty)
    assert [region.category_id for region in found.regions] == [2]
    assert found.regions[0].confidence == 0.5
    assert found.share > 1600 / labels.size  # it counts all the same
