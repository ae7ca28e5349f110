from __future__ import annotations

import pytest

from seglabel.core.holding_back import grouping, hold_back

STREETS = [f"street{street:02}/{number}.jpg" for street in range(40) for number in range(5)]


def keys(names: list[str]) -> int:
    return len(set(map(grouping(names), names)))


@pytest.mark.parametrize(
    ("names", "groups"),
    [
        (STREETS, 40),  # folders
        ([f"scene{s}_{n:04}.png" for s in "abcdefghijkl" for n in range(6)], 12),  # series
        ([f"film_{n:05}.png" for n in range(320)], 20),  # runs of consecutive numbers
        ([f"{n * 37}_{kind}.png" for n in range(30) for kind in ("flipped", "plain")], 30),
        (["a/1.png", "a/2.png", "b/1.png", "b/2.png"], 4),  # too few to group
        (["cat.png", "dog.png"], 2),
    ],
)
def test_images_are_grouped_by_folder_or_by_file_name(names, groups) -> None:
    assert keys(names) == groups


def test_a_group_is_held_back_as_a_whole() -> None:
    split = hold_back(STREETS, set(STREETS), (), 0.2)
    folders = [{name.split("/")[0] for name in part} for part in (split.training, split.validation)]
    assert not folders[0] & folders[1]
    assert 4 <= len(folders[1]) <= 12
    assert sorted(split.training + split.validation) == sorted(STREETS)


def test_an_image_that_taught_is_never_judged_by_later() -> None:
    held: set[str] = set()
    for count in range(20, len(STREETS), 20):
        split = hold_back(STREETS, set(STREETS[:count]), set(STREETS[count : count + 5]), 0.2)
        assert not held & set(split.training)
        held |= set(split.validation)
        assert held == set(split.validation)


def test_what_is_corrected_in_a_held_back_group_teaches_nothing() -> None:
    held = hold_back(STREETS, set(STREETS), (), 0.2).validation
    split = hold_back(STREETS, set(STREETS) - set(held[:1]), held[:1], 0.2)
    assert split.unused == held[:1]
    assert held[0] not in split.training


def test_one_is_held_back_where_the_share_makes_one() -> None:
    names = [f"{letter}.png" for letter in "abcdefghij"]
    split = hold_back(names, set(names), (), 0.1)
    assert len(split.validation) >= 1
    assert hold_back(names[:4], set(names[:4]), (), 0.01).validation == ()


def test_nothing_is_held_back_by_a_share_of_nothing() -> None:
    assert hold_back(STREETS, set(STREETS), (), 0.0).training == tuple(STREETS)


def test_something_is_always_left_to_learn_from() -> None:
    assert hold_back(["a.png"], {"a.png"}, (), 0.99).training == ("a.png",)
