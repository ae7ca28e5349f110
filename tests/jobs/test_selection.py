from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglabel.core.errors import SegLabelError
from seglabel.core.status import Status
from seglabel.jobs.selection import WHOLE, choose, parse_split, split

names = st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=60)
weights = st.lists(st.integers(0, 10), min_size=1, max_size=4).filter(any)


def shares_of(numbers: list[int]) -> dict[str, float]:
    return {f"part{i}": number / sum(numbers) for i, number in enumerate(numbers)}


@given(names=names, numbers=weights, seed=st.integers())
def test_every_image_falls_into_exactly_one_part(names, numbers, seed) -> None:
    parts = split(names, shares_of(numbers), seed)
    assert sorted(name for part in parts.values() for name in part) == sorted(names)


@given(names=names, numbers=weights, seed=st.integers())
def test_parts_are_as_large_as_their_shares(names, numbers, seed) -> None:
    shares = shares_of(numbers)
    for part, found in split(names, shares, seed).items():
        assert abs(len(found) - shares[part] * len(names)) <= 1


@given(names=names, numbers=weights, seed=st.integers())
def test_a_split_depends_on_names_and_seed_alone(names, numbers, seed) -> None:
    shares = shares_of(numbers)
    assert split(names, shares, seed) == split(names[::-1], shares, seed)


def test_another_seed_splits_otherwise() -> None:
    many = [f"{i}.png" for i in range(50)]
    halves = {"train": 0.5, "val": 0.5}
    assert split(many, halves, 1) != split(many, halves, 2)


def test_without_shares_everything_is_one_part() -> None:
    assert split(["b", "a"], WHOLE, 0) == {"train": ("a", "b")}


def test_shares_are_read_as_people_write_them() -> None:
    assert parse_split("train=0.8,val=0.2") == {"train": 0.8, "val": 0.2}
    assert parse_split(" train = 0.333 , val=.333,test=0.334") == {
        "train": 0.333,
        "val": 0.333,
        "test": 0.334,
    }
    assert parse_split("all=1") == {"all": 1.0}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "train",
        "train=",
        "train=x",
        "train=0.8",
        "train=0.8,val=0.3",
        "train=-0.2,val=1.2",
        "train=0.5,train=0.5",
        "=1",
        "../evil=1",
        "a b=1",
        "train=nan",
        "train=nan,val=1",
        "train=inf,val=-inf",
    ],
)
def test_shares_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(SegLabelError, match="split"):
        parse_split(text)


def test_images_are_chosen_by_how_far_they_are(store, label) -> None:
    label(store, ["a.png"], status=Status.REVIEWED)
    label(store, ["b.png"], status=Status.CORRECTED)
    label(store, ["deep/a.png"], status=Status.PROPOSED)
    assert choose(store.project.records, "reviewed") == ["a.png"]
    assert choose(store.project.records, "corrected") == ["a.png", "b.png"]
    assert choose(store.project.records, "all") == list(store.project.names)
