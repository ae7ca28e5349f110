"""Run lengths: COCO's, to the character."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pycocotools import mask as coco_mask

from seglabel.core.geometry import Region
from seglabel.formats import rle

# pycocotools 2.0 speaks to numpy 2 in an old way.
pytestmark = pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")

masks = hnp.arrays(np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, max_side=24))
sparse = hnp.arrays(
    np.bool_, hnp.array_shapes(min_dims=2, max_dims=2, max_side=90), fill=st.just(False)
)


def encoded(mask) -> list[int]:
    return rle.encode(mask, Region.whole(mask.shape), mask.shape)


@given(masks | sparse)
def test_a_mask_survives_both_forms(mask):
    counts = encoded(mask)
    assert sum(counts) == mask.size
    assert np.array_equal(rle.decode(counts, mask.shape), mask)
    assert rle.decompress(rle.compress(counts)) == counts


@given(masks | sparse)
def test_pycocotools_writes_the_same_characters(mask):
    theirs = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    assert rle.compress(encoded(mask)) == theirs["counts"].decode("ascii")


@given(masks | sparse)
def test_pycocotools_reads_both_forms(mask):
    counts, size = encoded(mask), list(mask.shape)
    as_list = coco_mask.frPyObjects({"size": size, "counts": counts}, *size)
    as_text = {"size": size, "counts": rle.compress(counts)}
    for theirs in (as_list, as_text):
        assert np.array_equal(coco_mask.decode(theirs).astype(bool), mask)


@given(st.data())
def test_a_mask_in_a_region_is_encoded_as_part_of_the_image(data):
    height, width = data.draw(st.integers(1, 20)), data.draw(st.integers(1, 20))
    top, left = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    bottom = data.draw(st.integers(top + 1, height))
    right = data.draw(st.integers(left + 1, width))
    mask = data.draw(hnp.arrays(np.bool_, (bottom - top, right - left)))
    whole = np.zeros((height, width), bool)
    whole[top:bottom, left:right] = mask
    counts = rle.encode(mask, Region(top, left, bottom, right), (height, width))
    assert counts == encoded(whole)


@pytest.mark.parametrize(
    ("rows", "counts"),
    [
        ([[0, 0], [0, 0]], [4]),
        ([[1, 1], [1, 1]], [0, 4]),
        ([[1, 0], [0, 0]], [0, 1, 3]),
        ([[0, 0], [0, 1]], [3, 1]),
        ([[0, 1], [1, 0]], [1, 2, 1]),  # down the columns, not along the rows
    ],
)
def test_small_masks_have_these_runs(rows, counts):
    assert encoded(np.array(rows, bool)) == counts


@pytest.mark.parametrize(
    "counts",
    [
        [],
        [3],
        [5],
        [-1, 5],
        [5, -1],
        [2**62, 2**62, 2**62, 2**62, 4],  # their sum would overflow to 4
        [2**70],
        [1.5, 2.5],
        [[4]],
        [[1], 3],
        ["4"],
        [None],
        None,
        4,
        {"counts": [4]},
    ],
)
def test_runs_that_do_not_fill_the_image_are_refused(counts):
    with pytest.raises(ValueError, match=r"run|sequence"):
        rle.decode(counts, (2, 2))


@pytest.mark.parametrize("text", ["é", " ", "\x7f", "p\n", "P", "ooooooooooooooooo0"])
def test_compressed_runs_that_are_cut_or_garbage_are_refused(text):
    with pytest.raises(ValueError, match=r"compressed|too large"):
        rle.decompress(text)


@given(st.text(st.characters(min_codepoint=40, max_codepoint=120), max_size=12))
def test_any_text_is_decoded_or_refused(text):
    try:
        mask = rle.decode(rle.decompress(text), (4, 5))
    except ValueError:
        return
    assert mask.shape == (4, 5)
    theirs = coco_mask.decode({"size": [4, 5], "counts": text.encode()})
    assert np.array_equal(mask, theirs.astype(bool))
