from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from seglabel.core.cancel import Cancel
from seglabel.core.picture import ArrayPicture
from seglabel.model import Segmenter
from seglabel.model.tiling import ALIGNMENT, TilePlan, blended, plan_tiles, tile_weight

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


# tiled against untiled


class LocalNet(nn.Module):
    """Sees ``reach`` cells of its grid of four pixels to each side, and zeros beyond a border."""

    def __init__(self, reach: int, outputs: int = 5) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.first = nn.Conv2d(3, 8, 3, padding=reach // 2, dilation=reach // 2)
        far = reach - reach // 2
        self.second = nn.Conv2d(8, outputs, 3, padding=far, dilation=far)
        for weight in self.parameters():
            weight.data.normal_(generator=generator)

    def scores(self, pixels: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            x = torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None] / 255
            x = nn.functional.avg_pool2d(x, 4)
            return self.second(self.first(x).relu())[0].numpy()


@pytest.mark.parametrize("tile", [128, 256])
@pytest.mark.parametrize("size", [(512, 752), (256, 400), (256, 1024)])
def test_a_network_that_sees_no_further_than_the_margin_is_the_same_in_tiles(
    picture, tile, size
) -> None:
    net = LocalNet(reach=12)  # 48 pixels
    image = picture(*size)
    whole = net.scores(image)
    tiled = np.concatenate(list(blended(ArrayPicture(image), tile, 4, 5, net.scores)), axis=1)
    assert tiled.shape == whole.shape
    assert np.abs(tiled - whole).max() <= 1e-5 * np.abs(whole).max()


def test_a_network_that_sees_further_differs_in_tiles(picture) -> None:
    net = LocalNet(reach=24)  # or the test above could not fail
    image = picture(512, 752)
    tiled = np.concatenate(list(blended(ArrayPicture(image), 128, 4, 5, net.scores)), axis=1)
    whole = net.scores(image)
    assert np.abs(tiled - whole).max() > 1e-3 * np.abs(whole).max()


def test_a_network_that_looks_at_the_whole_picture_shows_no_seam(checkpoint, picture) -> None:
    """Image pooling gives each tile another mean, so that tiled scores differ everywhere.

    What must not be seen is where: at the borders of tiles the difference jumps no more than
    between any two cells.
    """
    segmenter = Segmenter.load(checkpoint()[0], "cpu")
    image, tile, cancel = picture(512, 1024), 256, Cancel()

    def score(piece: np.ndarray) -> np.ndarray:
        return np.asarray(segmenter._scores(piece, cancel, [])[0], np.float32)

    whole = score(image)
    plan = plan_tiles(512, 1024, tile, 96)
    tiled = np.concatenate(list(blended(ArrayPicture(image), tile, 4, len(whole), score)), axis=1)
    pasted = whole.copy()  # each tile over those before it
    for top in plan.rows:
        for left in plan.columns:
            piece = score(np.ascontiguousarray(image[top : top + tile, left : left + tile]))
            pasted[:, top // 4 :, left // 4 :][:, : tile // 4, : tile // 4] = piece
    assert seam(tiled - whole, plan) <= 1.7
    assert seam(pasted - whole, plan) >= 2.0


def seam(difference: np.ndarray, plan: TilePlan) -> float:
    """How much more (C, h, w) jumps at the border of a tile, at most, than between any cells."""
    found = []
    for axis, begins in ((1, plan.rows), (2, plan.columns)):
        jumps = np.abs(np.diff(difference, axis=axis)).mean(axis=(0, 3 - axis))
        borders = [begin // 4 for begin in begins[1:]]
        borders += [(begin + plan.size) // 4 for begin in begins[:-1]]
        found += [jumps[border - 1] / jumps.mean() for border in borders]
    return max(found)
