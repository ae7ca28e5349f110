"""Proposals: confidence on the network's grid and on the image's."""

from __future__ import annotations

import numpy as np
import pytest

from seglabel.core.proposal import Proposal, unit_length


def proposal(shape: tuple[int, int], grid: np.ndarray) -> Proposal:
    return Proposal(
        np.zeros(shape, np.uint8),
        grid.astype(np.float16),
        (1 - grid).astype(np.float16),
        "model",
        "digest",
    )


def test_confidence_has_the_size_of_the_image():
    full = proposal((40, 60), np.linspace(0, 1, 150).reshape(10, 15)).confidence
    assert full.shape == (40, 60)
    assert full.dtype == np.float16
    assert 0 <= full.min() <= full.max() <= 1


def test_uniform_confidence_stays_uniform():
    assert (proposal((7, 9), np.full((2, 3), 0.5)).confidence == 0.5).all()


def test_mean_confidence_is_that_of_the_grid():
    grid = np.array([[0.0, 1.0], [0.5, 0.25]])
    assert proposal((8, 8), grid).mean_confidence == pytest.approx(0.4375)


def test_a_proposal_is_a_value_that_nobody_changes():
    with pytest.raises(AttributeError):
        proposal((2, 2), np.ones((1, 1))).model = "another"


def test_the_doubted_category_is_that_which_most_of_the_uncertainty_is_about():
    labels = np.zeros((40, 40), np.uint8)
    labels[:20, :20], labels[36:, 36:] = 4, 7  # a quarter, and a single cell of the grid
    uncertainty = np.full((10, 10), 0.1, np.float16)
    uncertainty[:5, :5], uncertainty[9, 9] = 0.5, 0.9
    made = Proposal(labels, 1 - uncertainty, uncertainty, "model", "digest")
    category_id, mean = made.doubted
    assert category_id == 4 and mean == pytest.approx(0.5)


@pytest.mark.parametrize("vector", [[3.0, 4.0], [1e4, 0.0], [0.0, 0.0]])
def test_descriptors_have_length_one_unless_they_are_nothing(vector):
    found = unit_length(np.array(vector, np.float32))
    assert found.dtype == np.float16
    length = np.linalg.norm(found.astype(np.float32))
    assert length == pytest.approx(1 if any(vector) else 0, abs=1e-3)
