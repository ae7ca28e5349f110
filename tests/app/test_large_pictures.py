"""Pictures that are shown from their files, tile by tile."""

from __future__ import annotations

import queue
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from seglabel.app.canvas.photograph import HeldPhotograph
from seglabel.app.canvas.tiled_photograph import TiledPhotograph
from seglabel.app.session import Session
from seglabel.core.errors import ImageError
from seglabel.core.geometry import Region
from seglabel.core.picture import ArrayPicture


class Later:
    """Work waits until the test does it."""

    def __init__(self) -> None:
        self.waiting: queue.SimpleQueue = queue.SimpleQueue()

    def put(self, work) -> None:
        self.waiting.put(work)

    def do_all(self) -> None:
        while not self.waiting.empty():
            self.waiting.get()()


def random_picture(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (height, width, 3), np.uint8)


@pytest.fixture
def few_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few that small pictures are treated as large ones."""
    monkeypatch.setattr("seglabel.app.canvas.tiled_photograph._HELD_BYTES", 300_000)


def whole(photograph, level: int) -> Region:
    height, width = (-(-side >> level) for side in photograph.shape)
    return Region(0, 0, height, width)


def test_tiles_show_what_the_whole_picture_would(few_bytes) -> None:
    picture = random_picture(2048, 1536)
    worker, came = Later(), []
    photograph = TiledPhotograph(ArrayPicture(picture), worker, came.append)
    held = HeldPhotograph.build(picture)
    assert photograph.level_count == held.level_count
    assert photograph.read(0, Region(0, 0, 9, 9)).tolist() == np.full((9, 9, 3), 128).tolist()
    worker.do_all()
    assert photograph.is_complete
    for level in range(photograph.level_count):
        region = whole(held, level)
        photograph.read(level, region)
        worker.do_all()
        shown = photograph.read(level, region).astype(int)
        assert np.abs(shown - held.read(level, region)).max() <= level, level
    assert any(region.contains(2047, 1535) for region in came)


@given(st.data())
def test_a_tile_that_has_not_come_shows_the_coarse_level(data) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seglabel.app.canvas.tiled_photograph._HELD_BYTES", 300_000)
        worker = Later()
        picture = np.full((1100, 900, 3), 77, np.uint8)
        photograph = TiledPhotograph(ArrayPicture(picture), worker, lambda _: None)
        worker.do_all()
        level = data.draw(st.integers(0, photograph.level_count - 1))
        area = whole(photograph, level)
        top = data.draw(st.integers(0, area.bottom - 1))
        left = data.draw(st.integers(0, area.right - 1))
        region = Region(top, left, top + 300, left + 200) & area
        shown = photograph.read(level, region)
        assert shown.shape == (region.height, region.width, 3) and (shown == 77).all()


def test_what_is_held_of_a_large_picture_is_bounded(few_bytes, monkeypatch) -> None:
    monkeypatch.setattr("seglabel.app.canvas.tiled_photograph._TILE_BYTES", 3 << 20)
    worker = Later()
    picture = random_picture(4096, 2048)
    photograph = TiledPhotograph(ArrayPicture(picture), worker, lambda _: None)
    for top in range(0, 4096, 256):
        photograph.read(0, Region(top, 0, min(top + 700, 4096), 2048))
        worker.do_all()
    assert photograph.nbytes < (4 << 20) < picture.nbytes


def test_the_tile_asked_for_last_comes_before_the_rest(few_bytes) -> None:
    worker, came = Later(), []
    photograph = TiledPhotograph(ArrayPicture(random_picture(4096, 4096)), worker, came.append)
    photograph.read(0, Region(0, 0, 10, 10))
    photograph.read(0, Region(4000, 4000, 4010, 4010))
    worker.do_all()
    assert came[0] == Region(3584, 3584, 4096, 4096) and came[1] == Region(0, 0, 512, 512)


def test_a_damaged_part_is_grey_and_the_rest_is_shown(few_bytes) -> None:
    class Damaged(ArrayPicture):
        def read(self, region: Region) -> np.ndarray:
            if region.top < 512:
                raise ImageError("damaged")
            return super().read(region)

    worker = Later()
    photograph = TiledPhotograph(Damaged(np.full((1536, 512, 3), 9, np.uint8)), worker, print)
    worker.do_all()
    last = photograph.read(
        photograph.level_count - 1, whole(photograph, photograph.level_count - 1)
    )
    assert (last[0] == 128).all() and (last[-1] == 9).all()


def test_a_large_tiff_is_shown_from_its_file(
    qtbot, make_session, tmp_path: Path, monkeypatch, few_bytes
) -> None:
    monkeypatch.setattr("seglabel.app.workers.reader._HELD_PIXELS", 1 << 16)
    picture = random_picture(1500, 1200) // 4
    picture[700:800, 500:700] = (250, 10, 10)
    folder = tmp_path / "large"
    folder.mkdir()
    tifffile.imwrite(folder / "one.tif", picture, tile=(256, 256), photometric="rgb")
    tifffile.imwrite(folder / "two.tif", 255 - picture, tile=(256, 256), photometric="rgb")
    session: Session = make_session()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.open_project(folder)
    canvas = session.window.canvas
    assert isinstance(canvas.photograph, TiledPhotograph)
    qtbot.waitUntil(lambda: canvas.photograph.is_complete, timeout=20000)

    def red() -> int:
        x, y = canvas.transform.to_view(750, 600)
        return canvas.grab().toImage().pixelColor(int(x), int(y)).red()

    qtbot.waitUntil(lambda: red() > 200, timeout=20000)
    canvas.zoom_to(4.0)
    canvas.center_on(750, 600)
    qtbot.waitUntil(lambda: red() == 250, timeout=20000)
    first = canvas.photograph
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.step(1)
    assert canvas.photograph is not first
    qtbot.waitUntil(lambda: red() == 5, timeout=20000)
