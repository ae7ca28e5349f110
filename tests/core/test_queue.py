"""Which image to label next."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglabel.core import queue as module
from seglabel.core.queue import Candidate, Place, Why, queue

WIDTH = 6


def direction(seed: int) -> np.ndarray:
    vector = np.random.default_rng(seed).normal(size=WIDTH)
    return vector / np.linalg.norm(vector)


@st.composite
def folders(draw) -> list[Candidate]:
    """Images with and without proposals, descriptors and labels; some of them alike."""
    count = draw(st.integers(0, 14))
    return [
        Candidate(
            f"{index:02}.png",
            draw(st.none() | st.floats(0, 1, width=16)),
            direction(draw(st.integers(0, 5))) if draw(st.integers(0, 3)) else None,
            draw(st.booleans()),
        )
        for index in range(count)
    ]


def names(places: tuple[Place, ...]) -> list[str]:
    return [place.name for place in places]


@given(folders())
def test_every_open_image_with_a_proposal_is_asked_for_once_and_no_other(folder):
    wanted = {c.name for c in folder if not c.is_labelled and c.uncertainty is not None}
    found = names(queue(folder))
    assert set(found) == wanted and len(found) == len(wanted)


@given(folders(), st.randoms(use_true_random=False))
def test_the_order_in_which_images_are_named_makes_no_difference(folder, random):
    expected = queue(folder)
    random.shuffle(folder)
    assert queue(folder) == expected


@given(st.lists(st.floats(1 / 32, 1, width=16), min_size=1, max_size=9), st.booleans())
def test_what_nothing_else_tells_apart_goes_by_uncertainty(doubts, are_alike):
    vector = np.eye(8)[0] if are_alike else None
    folder = [Candidate(f"{i}", doubt, vector) for i, doubt in enumerate(doubts)]
    found = [folder[int(name)].uncertainty for name in names(queue(folder))]
    assert found == sorted(doubts, reverse=True)


@given(st.integers(2, 5), st.integers(2, 6), st.integers(0, 99), st.booleans())
def test_of_images_that_are_alike_one_is_asked_for_before_the_next_kind(
    kinds, copies, seed, one_is_labelled
):
    generator = np.random.default_rng(seed)
    folder = [
        Candidate(f"{kind}-{copy}", float(generator.uniform(0.2, 0.4)), np.eye(8)[kind])
        for kind in range(kinds)
        for copy in range(copies)
    ]
    if one_is_labelled:
        folder.append(Candidate("labelled", None, np.eye(8)[0], is_labelled=True))
    wanted = kinds - one_is_labelled
    first = [name[0] for name in names(queue(folder))[:wanted]]
    assert len(set(first)) == wanted
    assert not one_is_labelled or "0" not in first


@given(folders())
def test_gains_never_rise_along_the_queue(folder):
    described = [c for c in folder if c.descriptor is not None]
    chosen = [c for c in described if c.is_labelled]
    open_ones = {c.name: c for c in described if not c.is_labelled and c.uncertainty is not None}
    vectors = np.array([c.descriptor for c in open_ones.values()], np.float64)
    if not chosen:
        return
    gains = []
    for place in queue(described):
        done = np.array([c.descriptor for c in chosen], np.float64)
        one = open_ones[place.name]
        gaps = distances(vectors, done).min(1)
        nearer = np.maximum(gaps - distances(vectors, one.descriptor[None]).min(1), 0).mean()
        gains.append(max(one.uncertainty, 0.01) * nearer)
        chosen.append(one)
    assert all(after <= before + 1e-5 for before, after in pairwise(gains))


def distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.linalg.norm(a[:, None].astype(np.float64) - b[None].astype(np.float64), axis=2)


def test_an_image_says_why_it_is_where_it_is():
    here, there = np.eye(2)
    tilted = np.array([0.6, 0.8])
    labelled = Candidate("labelled", 0.9, here, is_labelled=True)
    found = queue(
        [
            labelled,
            Candidate("far", 0.2, there),
            Candidate("doubtful", 0.8, np.array([0.96, 0.28])),
            Candidate("old", 0.9),
        ]
    )
    assert {place.name: place.why for place in found} == {
        "far": Why.UNLIKE,
        "doubtful": Why.UNCERTAIN,
        "old": Why.UNCERTAIN,
    }
    assert found[-1].name == "old"  # how far it is from the others is not known
    alike = [Candidate(f"{i}", 0.3, there) for i in range(6)]
    others = [Candidate("outlier", 0.3, here), Candidate("vague", 0.4, tilted)]
    assert queue([*alike, *others])[:2] == (Place("0", Why.TYPICAL), Place("vague", Why.UNLIKE))


def test_many_images_are_queued_by_a_sample_of_them_in_bounded_memory(monkeypatch):
    monkeypatch.setattr(module, "_DISTANCES", 4000)
    monkeypatch.setattr(module, "_FEWEST", 10)
    monkeypatch.setattr(module, "_RANKED", 12)
    generator = np.random.default_rng(0)
    kinds = np.repeat(np.arange(8), 50)
    folder = [
        Candidate(f"{index:03}", float(generator.uniform(0.3, 0.35)), np.eye(8)[kind])
        for index, kind in enumerate(kinds)
    ]
    found = names(queue(folder))
    assert sorted(found) == [candidate.name for candidate in folder]
    assert {kinds[int(name)] for name in found[:8]} == set(range(8))


@pytest.mark.parametrize("doubt", [0.0, 1.0])
def test_proposals_without_any_doubt_or_with_nothing_else_are_queued_all_the_same(doubt):
    folder = [Candidate(f"{seed}", doubt, direction(seed)) for seed in range(5)]
    assert len(queue(folder)) == 5
