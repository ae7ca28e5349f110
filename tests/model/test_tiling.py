from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seglabel.model.tiling import ALIGNMENT, plan_tiles, tile_weight

lengths = st.integers(1, 400).map(lambda n: n * ALIGNMENT)
# As the segmenter asks for them: tiles of at least 128 pixels that overlap by 96 or a quarter.
sizes = st.integers(8, 64).map(lambda n: n * ALIGNMENT)


@given(height=lengths, width=lengths, size=sizes)
def test_tiles_cover_everything_on_the_networks_grid(height, width, size) -> None:
    overlap = max(size // 4, 96)
    plan = plan_tiles(height, width, size, overlap)
    for begins, length in ((plan.rows, height), (plan.columns, width)):
        assert begins[0] == 0
        assert all(begin % ALIGNMENT == 0 for begin in begins)
        assert begins[-1] + size == max(length, size)
        assert all(a < b for a, b in pairwise(begins))
        # The margins of both neighbours, where the network saw padding, never meet.
        assert all(a + size - b >= 96 for a, b in pairwise(begins))


@given(length=lengths, size=sizes)
def test_no_tile_is_wasted(length, size) -> None:
    overlap = max(size // 4, 96)
    count = len(plan_tiles(length, size, size, overlap).rows)
    assert count == 1 or (count - 1) * (size - overlap) < length - overlap


@given(margin=st.integers(0, 12), rise=st.integers(1, 40), inside=st.integers(0, 100))
def test_a_tile_counts_fully_inside_and_hardly_at_its_border(margin, rise, inside) -> None:
    overlap = 2 * margin + rise
    weight = tile_weight(2 * overlap + inside, overlap, margin)
    assert weight.dtype == np.float32
    assert np.array_equal(weight, weight[::-1])
    assert (np.diff(weight[: len(weight) // 2]) >= 0).all()
    assert (weight[overlap:-overlap] == 1).all()
    assert (weight[:margin] <= 1e-3).all()
    assert (weight > 0).all()  # the corners of the picture have nothing else to count


@given(length=lengths, size=sizes, stride=st.sampled_from((4, 16)))
def test_every_pixel_lies_well_inside_some_tile(length, size, stride) -> None:
    overlap, margin = max(size // 4, 96), 48
    weight = tile_weight(size // stride, overlap // stride, margin // stride)
    length = max(length, size)
    together = np.zeros(length // stride)
    for begin in plan_tiles(length, length, size, overlap).rows:
        together[begin // stride :][: len(weight)] += weight
    border = overlap // stride
    assert together[border:-border].min(initial=1) > 0.25
