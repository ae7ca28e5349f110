"""History: what it keeps, what it forgets, and that packing loses nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from seglabel.core.geometry import Region
from seglabel.core.history import (
    TILE,
    Edit,
    History,
    PackedTile,
    TilePatch,
    tile_at,
    tile_counts,
    tile_places,
)
from seglabel.core.status import Status


def edit(name: str, noise_bytes: int = 0) -> Edit:
    """An edit whose payload has about ``noise_bytes`` that cannot be compressed."""
    noise = np.random.default_rng(0).integers(0, 256, (1, max(noise_bytes, 1)), np.uint8)
    tile = PackedTile.pack(noise)
    region = Region.whole(noise.shape)
    patch = TilePatch("labels", region, tile, PackedTile.pack(np.zeros_like(noise)))
    return Edit(name, region, (patch,), Status.EMPTY, Status.CORRECTED)


@given(
    st.one_of(
        hnp.arrays(dtype, hnp.array_shapes(min_dims=2, max_dims=2, max_side=6))
        for dtype in (np.uint8, np.uint16, np.bool_)
    )
)
def test_a_packed_tile_gives_back_its_pixels(pixels):
    packed = PackedTile.pack(pixels)
    restored = np.empty_like(pixels)
    restored[:] = packed.unpack()
    assert np.array_equal(restored, pixels)
    assert packed.unpack().dtype == pixels.dtype


@given(st.integers(0, 9), st.sampled_from([1, 2, 7, 40, 256]))
def test_tiles_of_noise_and_of_large_areas_are_packed_without_loss(seed: int, side: int):
    small = np.random.default_rng(seed).integers(0, 4, (-(-TILE // side),) * 2).astype(np.uint8)
    pixels = np.kron(small, np.ones((side, side), np.uint8))[:TILE, :TILE]
    packed = PackedTile.pack(pixels)
    assert np.array_equal(np.broadcast_to(packed.unpack(), pixels.shape), pixels)
    assert packed.nbytes < (30_000 if side < 7 else 70 + 3 * TILE * (TILE // side + 2))


def test_a_uniform_tile_takes_next_to_no_memory():
    assert PackedTile.pack(np.full((TILE, TILE), 7, np.uint8)).nbytes < 100


# Around the borders of tiles, where one pixel more or less makes a difference.
bounds = st.sampled_from([-300, -1, 0, 1, 255, 256, 257, 511, 512, 513, 529, 530, 699, 700, 900])


@given(bounds, bounds, bounds, bounds)
def test_tiles_cover_the_region_once_and_none_lies_beside_it(top, left, bottom, right):
    shape = (530, 700)
    region = Region(top, left, bottom, right).clipped(shape)
    covered = np.zeros(shape, np.uint8)
    if not region.is_empty:
        places = np.mgrid[: tile_counts(shape)[0], : tile_counts(shape)[1]]
        rows, columns = tile_places(region)
        for row, column in places[:, rows, columns].reshape(2, -1).T.tolist():
            tile = tile_at(row, column, shape)
            covered[tile.slices] += 1
            assert not (tile & region).is_empty
    assert covered.max(initial=0) <= 1
    inside = region.clipped(shape)
    if not inside.is_empty:
        assert covered[inside.slices].all()


def names_around(history: History) -> tuple[str | None, str | None]:
    """Of the edit that would be undone and of the one that would be done again."""
    names = [None, *(one.name for one in history), None]
    return names[history.position], names[history.position + 1]


def test_undone_edits_come_back_in_order():
    history = History()
    for name in "abc":
        history.push(edit(name))
    assert [history.step_back().name for _ in "cb"] == ["c", "b"]
    assert names_around(history) == ("a", "b")
    assert [history.step_forward().name for _ in "bc"] == ["b", "c"]
    assert history.step_forward() is None
    assert names_around(history) == ("c", None)


def test_a_new_edit_drops_what_was_undone():
    history = History()
    for name in "abc":
        history.push(edit(name))
    history.step_back()
    history.step_back()
    history.push(edit("d"))
    assert [one.name for one in history] == ["a", "d"]
    assert not history.can_redo
    assert history.nbytes == sum(one.nbytes for one in history)


def test_an_empty_history_has_nothing_to_undo():
    history = History()
    assert history.step_back() is None
    assert (history.can_undo, history.can_redo, history.position) == (False, False, 0)


@pytest.mark.parametrize("limit", [1_000, 5_000, 20_000])
def test_the_oldest_edits_are_forgotten_beyond_the_byte_limit(limit: int):
    history = History(byte_limit=limit)
    for number in range(30):
        history.push(edit(str(number), 900))
        assert history.nbytes == sum(one.nbytes for one in history)
        assert history.nbytes <= limit or len(history) == 1
    assert [one.name for one in history] == [str(n) for n in range(30 - len(history), 30)]
    assert history.position == len(history)


def test_edits_that_fill_the_limit_exactly_are_all_kept():
    history = History(byte_limit=2 * edit("a", 900).nbytes)
    history.push(edit("a", 900))
    history.push(edit("b", 900))
    assert len(history) == 2


def test_the_newest_edit_can_be_undone_however_large_it_is():
    history = History(byte_limit=100)
    history.push(edit("large", 10_000))
    assert names_around(history) == ("large", None)


def test_a_smaller_limit_forgets_the_oldest_steps_first_and_undone_ones_last():
    history = History()
    for name in "abcd":
        history.push(edit(name, 900))
    history.step_back()
    one = edit("a", 900).nbytes
    history.limit(2 * one)
    assert [kept.name for kept in history] == ["c", "d"]
    assert (*names_around(history), history.nbytes) == ("c", "d", 2 * one)
    history.limit(one)
    assert [kept.name for kept in history] == ["c"]


def test_steps_that_change_no_pixels_count_too():
    history = History(byte_limit=10_000)
    for _ in range(1000):
        history.push(Edit("review", Region(0, 0, 0, 0), (), Status.EMPTY, Status.REVIEWED))
    assert len(history) < 100


def test_moving_gives_the_steps_on_the_way():
    history = History()
    for name in "abcd":
        history.push(edit(name))
    assert [one.name for one in history.move_to(1)] == ["b", "c", "d"]
    assert names_around(history) == ("a", "b")
    assert [one.name for one in history.move_to(99)] == ["b", "c", "d"]
    assert history.move_to(4) == ()
