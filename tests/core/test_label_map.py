from __future__ import annotations

import numpy as np
import pytest

from seglabel.core.label_map import count_ids, renumber

SHAPES = [(1, 1), (3, 7), (2000, 1100), (0, 5), (5, 0)]


@pytest.mark.parametrize("shape", SHAPES)
def test_each_id_is_counted(shape):
    labels = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    assert np.array_equal(count_ids(labels), np.bincount(labels.ravel(), minlength=256))


@pytest.mark.parametrize("shape", SHAPES)
def test_ids_are_renumbered_as_the_table_says(shape):
    random = np.random.default_rng(0)
    labels = random.integers(0, 256, shape).astype(np.uint8)
    table = random.permutation(256).astype(np.uint8)
    renumbered = renumber(labels, table)
    assert renumbered.dtype == np.uint8
    assert renumbered.shape == shape
    assert np.array_equal(renumbered, table[labels])


def test_views_into_larger_arrays_are_read_as_they_look():
    labels = np.arange(200, dtype=np.uint8).reshape(10, 20)[1::2, ::-3]
    assert np.array_equal(renumber(labels, np.arange(256, dtype=np.uint8)), labels)
    assert count_ids(labels).sum() == labels.size
