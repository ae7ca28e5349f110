from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglabel.model.batching import BatchSize


def run(batch: BatchSize, seconds: Callable[[int], float], rounds: int = 60) -> list[int]:
    sizes = []
    for _ in range(rounds):
        sizes.append(batch.size)
        batch.note(batch.size, seconds(batch.size))
    return sizes


def test_batches_grow_while_launching_costs_more_than_computing() -> None:
    sizes = run(BatchSize(limit=16), lambda count: 1.0 + 0.001 * count)
    assert sizes[-1] == 16
    assert sorted(sizes) == sizes


def test_batches_that_gain_nothing_go_back_to_what_was_fastest() -> None:
    sizes = run(BatchSize(), lambda count: max(1.0, count / 4))
    assert max(sizes) == 8
    assert set(sizes[-10:]) == {4}


def test_a_card_that_gains_nothing_stays_at_single_pictures() -> None:
    assert set(run(BatchSize(), lambda count: float(count))[-10:]) == {1}


def test_a_slow_first_call_of_a_size_does_not_decide() -> None:
    seen: set[int] = set()

    def seconds(count: int) -> float:
        is_new = count not in seen
        seen.add(count)
        return 100.0 if is_new else 1.0

    assert run(BatchSize(limit=8), seconds)[-1] == 8


def test_after_memory_ran_out_batches_never_grow_so_large_again() -> None:
    batch = BatchSize()
    run(batch, lambda count: 1.0, rounds=9)
    full = batch.size
    assert full == 8
    assert batch.halve()
    assert max(run(batch, lambda count: 1.0)) == full // 2


def test_one_picture_cannot_be_halved() -> None:
    assert not BatchSize().halve()


@given(st.lists(st.tuples(st.integers(1, 64), st.floats(0, 10)) | st.none(), max_size=80))
def test_the_size_is_always_possible(events) -> None:
    batch = BatchSize(limit=32)
    for event in events:
        if event is None:
            batch.halve()
        else:
            batch.note(*event)
        assert batch.size in {1, 2, 4, 8, 16, 32}


@pytest.mark.parametrize("count", [1, 3])
def test_batches_of_another_size_tell_nothing(count: int) -> None:
    batch = BatchSize()
    run(batch, lambda _: 1.0, rounds=3)
    assert batch.size == 2
    for _ in range(9):
        batch.note(count, 1.0)
    assert batch.size == 2
