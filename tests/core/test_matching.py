"""From a model's categories to those of a project."""

from __future__ import annotations

import numpy as np
import pytest

from seglabel.core.categories import VOID, Category, CategorySet
from seglabel.core.errors import SegLabelError
from seglabel.core.matching import TO_BACKGROUND, TO_VOID, match_by_name, parse_mapping


def test_equal_names_meet_whatever_their_ids():
    project = CategorySet((Category(9, "Dog", (0, 0, 0)), Category(4, "cat", (0, 0, 0))))
    matched = match_by_name(CategorySet.of("cat", "dog "), project)
    assert matched.table.dtype == np.uint8
    assert matched.table[[0, 1, 2]].tolist() == [0, 4, 9]
    assert matched.unmapped == {}
    assert matched.targets == {"cat": "cat", "dog": "Dog"}


def test_what_the_project_does_not_know_becomes_background_and_is_named():
    matched = match_by_name(CategorySet.of("cat", "unicorn"), CategorySet.of("cat"))
    assert matched.table[2] == 0
    assert matched.unmapped == {2: "unicorn"}
    assert matched.targets["unicorn"] == TO_BACKGROUND


def test_ids_that_the_model_never_gives_become_background():
    matched = match_by_name(CategorySet.of("cat"), CategorySet.of("cat", "dog"))
    assert not matched.table[2:].any()


@pytest.mark.parametrize(
    ("model", "project"),
    [
        ("aeroplane", "Airplane"),
        ("person", "行人"),
        ("tvmonitor", "tv"),
        ("impervious_surface", "impervious surface"),
        ("traffic light", "traffic-light"),
    ],
)
def test_names_of_the_same_thing_meet(model: str, project: str):
    matched = match_by_name(CategorySet.of(model), CategorySet.of("other", project))
    assert matched.table[1] == 2
    assert matched.unmapped == {}


def test_where_two_would_do_none_is_guessed():
    matched = match_by_name(CategorySet.of("person"), CategorySet.of("pedestrian", "human"))
    assert matched.unmapped == {1: "person"}


def test_what_a_person_chose_comes_first():
    model, project = CategorySet.of("car", "person", "bus"), CategorySet.of("car", "vehicle")
    chosen = {"Car": "vehicle", "person": TO_VOID, "bus": TO_BACKGROUND}
    matched = match_by_name(model, project, chosen)
    assert matched.table[[1, 2, 3]].tolist() == [2, VOID, 0]
    assert matched.unmapped == {}  # background was chosen, not left over


def test_a_choice_whose_category_is_gone_is_no_choice():
    matched = match_by_name(CategorySet.of("car"), CategorySet.of("car"), {"car": "vehicle"})
    assert matched.table[1] == 1


def test_choices_are_read_from_a_line():
    project = CategorySet.of("Vehicle")
    chosen = parse_mapping("car=vehicle, person = void,sky=background", project)
    assert chosen == {"car": "vehicle", "person": TO_VOID, "sky": TO_BACKGROUND}


@pytest.mark.parametrize("line", ["car", "=vehicle", "car=lorry", ""])
def test_a_line_that_makes_no_sense_is_refused(line: str):
    with pytest.raises(SegLabelError, match="--map"):
        parse_mapping(line, CategorySet.of("vehicle"))
