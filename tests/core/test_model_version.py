from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglabel.core.errors import ProjectFormatError
from seglabel.core.model_version import (
    Judgement,
    ModelVersion,
    in_family_tree,
    natural_key,
    unseen,
)

texts = st.text(max_size=12)
shares = st.floats(0, 1)
judgements = st.builds(
    Judgement, texts, st.none() | shares, st.none() | shares, st.dictionaries(texts, shares)
)
versions = st.builds(
    ModelVersion,
    name=texts,
    date=texts,
    project=texts,
    parent=texts,
    training=st.lists(texts).map(tuple),
    validation=st.lists(texts).map(tuple),
    labels=texts,
    scores=st.none() | judgements,
    before=st.none() | judgements,
    settings=st.dictionaries(texts, st.integers() | texts),
    program=texts,
)


@given(versions)
def test_a_version_comes_back_from_json_as_it_was(version: ModelVersion) -> None:
    assert ModelVersion.from_json(json.loads(json.dumps(version.to_json()))) == version


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"format": 2, "name": "m", "date": ""},
        {"format": 1, "date": ""},
        {"format": 1, "name": "m", "date": "", "training": 3},
        {"format": 1, "name": "m", "date": "", "scores": {"miou": 1}},
        {"format": 1, "name": "m", "date": "", "scores": {"model": "m", "miou": "much"}},
        {"format": 1, "name": "m", "date": "", "scores": {"model": "m", "iou": [1]}},
    ],
)
def test_what_is_no_version_is_refused(data: object) -> None:
    with pytest.raises(ProjectFormatError, match="version"):
        ModelVersion.from_json(data)


def family(*members: tuple[str, str, str]) -> list[tuple[int, str]]:
    made = [ModelVersion(name, date, parent=parent) for name, date, parent in members]
    return in_family_tree((version, version.name) for version in made)


def test_each_model_stands_below_the_one_it_started_from() -> None:
    assert family(
        ("model-10", "5", "model-1"),
        ("model-3", "3", "model-2"),
        ("model-2", "2", "model-1"),
        ("model-1", "1", ""),
        ("model-4", "4", "weights.pth"),
    ) == [(0, "model-1"), (1, "model-2"), (2, "model-3"), (1, "model-10"), (0, "model-4")]


def test_a_parent_that_is_gone_and_replaced_by_a_younger_model_is_no_parent() -> None:
    # model-2 started from the model-1 of long ago; another has that name now.
    assert family(("model-1", "9", "model-2"), ("model-2", "2", "model-1")) == [
        (0, "model-2"),
        (1, "model-1"),
    ]


def test_even_a_circle_loses_no_model() -> None:
    names = {name for _, name in family(("a", "1", "a"), ("b", "1", "c"), ("c", "1", "b"))}
    assert names == {"a", "b", "c"}


def test_numbers_in_names_count_as_numbers() -> None:
    names = ["model-10", "model-2", "best", "2", "model-2b", "x²"]
    ordered = ["2", "best", "model-2", "model-2b", "model-10", "x²"]
    assert sorted(names, key=natural_key) == ordered


def test_images_that_any_model_learned_from_are_not_unseen() -> None:
    first = ModelVersion("a", "", training=("1", "2"), validation=("3",))
    second = ModelVersion("b", "", training=("2", "4"))
    assert unseen(["1", "2", "3", "4", "5"], [first, second, None]) == ["3", "5"]
