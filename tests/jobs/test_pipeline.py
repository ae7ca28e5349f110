from __future__ import annotations

import threading
from contextlib import closing

import pytest

from seglabel.jobs.pipeline import Behind, in_groups, made_ahead


def test_everything_comes_in_its_order() -> None:
    assert [(i, take()) for i, take in made_ahead(range(9), lambda i: i * i)] == [
        (i, i * i) for i in range(9)
    ]


def test_the_next_is_made_while_the_caller_works() -> None:
    made: list[int] = []
    reached = threading.Event()

    def make(item: int) -> int:
        made.append(item)
        if item == 2:
            reached.set()
        return item

    for item, take in made_ahead(range(6), make):
        take()
        if item == 0:
            assert reached.wait(10)  # without the caller asking for it
            assert len(made) <= 4  # but no further ahead than it was told
    assert made == list(range(6))


def test_what_went_wrong_reaches_the_one_who_takes_it() -> None:
    def make(item: int) -> int:
        if item == 1:
            raise ValueError("one")
        return item

    taken = []
    for item, take in made_ahead(range(3), make):
        if item == 1:
            with pytest.raises(ValueError, match="one"):
                take()
        else:
            taken.append(take())
    assert taken == [0, 2]


def test_who_has_enough_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    pipeline = made_ahead(range(100), lambda item: item)
    next(pipeline)
    pipeline.close()
    assert threading.active_count() == before


def test_one_thing_at_a_time_is_done_behind() -> None:
    done: list[int] = []
    with Behind() as behind:
        for item in range(5):
            behind.do(lambda item=item: done.append(item))
    assert done == list(range(5))


def test_a_failure_behind_comes_with_the_next_thing_or_at_the_end() -> None:
    def fail() -> None:
        raise OSError("full")

    with pytest.raises(OSError, match="full"), Behind() as behind:
        behind.do(fail)
        behind.do(fail)
    with pytest.raises(OSError, match="full"), Behind() as behind:
        behind.do(fail)


def test_what_ends_the_caller_is_not_hidden_by_a_failure_behind() -> None:
    def fail() -> None:
        raise OSError("full")

    with pytest.raises(KeyError), Behind() as behind:
        behind.do(fail)
        raise KeyError


def test_neighbours_of_a_kind_come_together() -> None:
    groups = in_groups([1, 1, 1, 2, 2, 1], lambda item: item, lambda: 2)
    assert list(groups) == [[1, 1], [1], [2, 2], [1]]


def test_what_has_no_kind_goes_alone() -> None:
    groups = in_groups([1, None, None, 1, 1], lambda item: item, lambda: 8)
    assert list(groups) == [[1], [None], [None], [1, 1]]


def test_a_full_group_does_not_wait_for_the_next_item() -> None:
    taken: list[int] = []
    groups = in_groups((taken.append(i) or i for i in range(9)), lambda _: 1, lambda: 1)
    next(groups)
    assert taken == [0]


def test_the_size_of_groups_may_change_on_the_way() -> None:
    sizes = iter([1, 2, 2, 3, 3, 3])
    assert list(in_groups(range(6), lambda _: 1, lambda: next(sizes))) == [[0], [1, 2], [3, 4, 5]]


def test_more_is_made_ahead_when_more_is_wanted() -> None:
    made: list[int] = []
    reached = threading.Event()

    def make(item: int) -> int:
        made.append(item)
        if item == 9:
            reached.set()
        return item

    wanted = iter([1, 8] + [0] * 30)
    with closing(made_ahead(range(20), make, lambda: next(wanted))) as pipeline:
        next(pipeline)
        next(pipeline)
        assert reached.wait(10)
