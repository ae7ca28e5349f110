from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seglabel.core.proposal import Proposal
from seglabel.core.uncertainty import Certainty, Threshold


def certainty(seed: int = 0, grid=(7, 9), shape=(26, 33)) -> Certainty:
    random = np.random.default_rng(seed)
    confidence = random.random(grid).astype(np.float16)
    return Certainty(confidence, (1 - confidence).astype(np.float16), shape)


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 60), st.integers(1, 60))
def test_any_pixel_has_the_confidence_of_the_proposal_enlarged_as_a_whole(h, w, height, width):
    known = certainty(h * 100 + w, (h, w), (height, width))
    whole = Proposal(
        np.zeros((height, width), np.uint8), known.confidence_grid, known.uncertainty_grid, "", ""
    )
    rows, columns = np.arange(height), np.arange(width)
    assert np.allclose(known.confidence_at(rows, columns), whole.confidence, atol=2e-3)
    assert np.allclose(known.uncertainty_at(rows, columns), whole.uncertainty, atol=2e-3)


def test_a_part_is_the_same_as_in_the_whole():
    known = certainty()
    rows, columns = np.array([3, 4, 11, 25]), np.array([0, 0, 7, 8, 32])
    whole = known.confidence_at(np.arange(26), np.arange(33))
    assert np.array_equal(known.confidence_at(rows, columns), whole[np.ix_(rows, columns)])


def test_of_nothing_there_is_nothing():
    assert certainty().confidence_at(np.arange(0), np.arange(3)).shape == (0, 3)


def test_a_threshold_hides_what_is_proposed_unsurely_and_not_locked():
    known = Certainty(np.full((1, 1), 0.4, np.float16), np.ones((1, 1), np.float16), (1, 5))
    labels = np.array([[0, 1, 2, 255, 1]], np.uint8)
    painted = np.array([[False, False, False, False, True]])
    pixels = np.arange(1), np.arange(5)
    hidden = Threshold(known, 0.5, frozenset({2})).hides(labels, painted, *pixels)
    assert hidden.tolist() == [[False, True, False, True, False]]
    assert not Threshold(known, 0.3).hides(labels, painted, *pixels).any()
