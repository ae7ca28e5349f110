"""From a model's categories to those of a project."""

from __future__ import annotations

import numpy as np

from seglabel.core.categories import Category, CategorySet
from seglabel.core.matching import match_by_name


def test_equal_names_meet_whatever_their_ids():
    project = CategorySet((Category(9, "Dog", (0, 0, 0)), Category(4, "cat", (0, 0, 0))))
    matched = match_by_name(CategorySet.of("cat", "dog "), project)
    assert matched.table.dtype == np.uint8
    assert matched.table[[0, 1, 2]].tolist() == [0, 4, 9]
    assert matched.unmapped == {}


def test_what_the_project_does_not_know_becomes_background_and_is_named():
    matched = match_by_name(CategorySet.of("cat", "unicorn"), CategorySet.of("cat"))
    assert matched.table[2] == 0
    assert matched.unmapped == {2: "unicorn"}


def test_ids_that_the_model_never_gives_become_background():
    matched = match_by_name(CategorySet.of("cat"), CategorySet.of("cat", "dog"))
    assert not matched.table[2:].any()
