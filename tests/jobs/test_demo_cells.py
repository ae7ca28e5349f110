from __future__ import annotations

import numpy as np
import pytest

from seglabel.core.regions import components
from seglabel.jobs.demo_cells import CELL_CATEGORIES, NUCLEUS, draw_cells


def test_drawn_cells_follow_from_their_seed_alone() -> None:
    first, again, other = draw_cells(20, 3), draw_cells(20, 3), draw_cells(20, 4)
    assert np.array_equal(first.picture, again.picture)
    assert np.array_equal(first.instances, again.instances)
    assert not np.array_equal(first.picture, other.picture)


@pytest.mark.parametrize("seed", range(4))
def test_every_drawn_nucleus_is_one_piece_with_a_number_of_its_own(seed) -> None:
    drawn = draw_cells(30, seed, (200, 240))
    assert drawn.picture.shape == (200, 240, 3)
    assert drawn.picture.dtype == np.uint8
    assert np.array_equal(drawn.labels == NUCLEUS, drawn.instances > 0)
    numbers = np.unique(drawn.instances)
    assert numbers.tolist() == list(range(len(numbers)))
    for number in numbers[1:]:
        assert len(components(drawn.instances == number)[1]) == 1


def test_some_drawn_nuclei_touch_so_that_components_alone_cannot_tell_them_apart() -> None:
    drawn = draw_cells(40, 0)
    assert len(components(drawn.labels == NUCLEUS)[1]) < int(drawn.instances.max())


def test_a_picture_that_is_full_holds_as_many_nuclei_as_fit() -> None:
    drawn = draw_cells(500, 1, (64, 64))
    assert 1 <= int(drawn.instances.max()) < 60


def test_nuclei_stand_out_from_what_is_around_them() -> None:
    for seed in range(6):
        drawn = draw_cells(25, seed)
        inside = drawn.instances > 0
        grey = drawn.picture.mean(axis=2)
        assert abs(grey[inside].mean() - grey[~inside].mean()) > 3 * grey[~inside].std()


def test_nuclei_are_things() -> None:
    assert CELL_CATEGORIES[NUCLEUS].is_thing
