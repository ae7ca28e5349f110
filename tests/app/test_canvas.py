from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from seglabel.app.canvas.outline import outline_image
from seglabel.app.canvas.photograph import HeldPhotograph, level_for
from seglabel.app.canvas.transform import SCALE_LIMITS, ViewTransform
from seglabel.app.canvas.view import CanvasView
from seglabel.core.geometry import Region
from seglabel.tools import Brush

finite = st.floats(-5000, 5000)
scales = st.floats(0.01, 32)


@given(scales, finite, finite, finite, finite)
def test_a_point_of_the_view_comes_back_to_itself(scale, left, top, x, y) -> None:
    transform = ViewTransform(scale, left, top)
    back = transform.to_view(*transform.to_edge(x, y))
    assert back == pytest.approx((x, y), abs=1e-6)


@given(scales, finite, finite, scales, finite, finite)
def test_zooming_keeps_what_is_under_the_pointer(scale, left, top, wanted, x, y) -> None:
    before = ViewTransform(scale, left, top)
    after = before.zoomed(wanted, x, y)
    assert after.to_edge(x, y) == pytest.approx(before.to_edge(x, y), abs=1e-4, rel=1e-6)
    assert SCALE_LIMITS[0] <= after.scale <= SCALE_LIMITS[1]


@given(st.integers(1, 20000), st.integers(1, 20000), st.integers(200, 4000), st.integers(200, 4000))
def test_a_fitted_picture_is_seen_whole(height, width, view_height, view_width) -> None:
    transform = ViewTransform.fitting((height, width), (view_height, view_width))
    left, top = transform.to_view(0, 0)
    right, bottom = transform.to_view(height, width)
    assert left >= -1 and top >= -1
    assert right <= view_width + 1 and bottom <= view_height + 1
    assert transform.scale <= 8


def test_a_small_picture_is_enlarged_to_the_view_up_to_eight_times() -> None:
    assert ViewTransform.fitting((100, 100), (632, 932)).scale == 6.0
    assert ViewTransform.fitting((10, 10), (632, 932)).scale == 8.0
    assert ViewTransform.fitting((620, 900), (632, 932)).scale == 1.0  # sharp


def test_wheel_notches_stop_at_one_hundred_per_cent() -> None:
    transform = ViewTransform(0.9).stepped(1, 0, 0)
    assert transform.scale == 1
    assert ViewTransform(1.1).stepped(-1, 0, 0).scale == 1


def test_levels_never_have_fewer_pixels_than_the_view() -> None:
    for scale in (4.0, 1.0, 0.6, 0.5, 0.3, 0.25, 0.01):
        level = level_for(scale, 20)
        assert scale * 2**level <= 1 or level == 0
        assert scale * 2 ** (level + 1) > 1 - 1e-6 or scale >= 1


def test_an_outline_is_two_pixels_of_colour_inside_a_dark_rim() -> None:
    labels = np.zeros((40, 40), np.uint8)
    labels[10:30, 10:30] = 3
    colors = np.zeros(256, np.uint32)
    colors[3] = 0xFF112233
    image = outline_image(labels, ViewTransform(1.0), (0, 0), (40, 40), colors)
    row = image[20]
    assert list(row[10:12]) == [0xFF112233] * 2
    assert row[9] == 0x96000000 and row[12] == 0x96000000
    assert row[8] == 0 and row[20] == 0


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 20), st.integers(1, 20))
def test_a_part_of_the_outline_equals_that_part_of_the_whole(top, left, height, width) -> None:
    generator = np.random.default_rng(1)
    labels = np.repeat(np.repeat(generator.integers(0, 3, (8, 8), np.uint8), 5, 0), 5, 1)
    colors = np.zeros(256, np.uint32)
    colors[1:3] = (0xFFFF0000, 0xFF00FF00)
    transform = ViewTransform(1.3, 3.0, -2.0)
    whole = outline_image(labels, transform, (0, 0), (60, 60), colors)
    part = outline_image(labels, transform, (top, left), (height, width), colors)
    assert np.array_equal(part, whole[top : top + height, left : left + width])


@pytest.fixture
def canvas(qtbot) -> CanvasView:
    view = CanvasView()
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    qtbot.waitExposed(view)
    picture = np.full((300, 400, 3), 200, np.uint8)
    labels = np.zeros((300, 400), np.uint8)
    view.show_image(HeldPhotograph.build(picture), labels)
    colors = np.zeros((256, 3), np.uint8)
    colors[1] = (255, 0, 0)
    view.set_colors(colors, 0.5, frozenset())
    view.set_surround(QColor("#808080"))
    return view


def color_at(view: CanvasView, x: int, y: int) -> tuple[int, int, int]:
    color = view.grab().toImage().pixelColor(x, y)
    return color.red(), color.green(), color.blue()


def test_the_overlay_is_blended_over_the_photograph(canvas: CanvasView) -> None:
    assert color_at(canvas, 100, 100) == (200, 200, 200)
    labels = canvas._labels
    labels[50:150, 50:150] = 1
    canvas.refresh(Region(50, 50, 150, 150))
    red, green, blue = color_at(canvas, 100, 100)
    assert (red, green, blue) == pytest.approx((227, 100, 100), abs=3)
    canvas.set_overlay(fill=False, outline=False)
    assert color_at(canvas, 100, 100) == (200, 200, 200)


@pytest.mark.parametrize("scale", [0.3, 0.77, 1.0, 1.25, 1.5625, 3.81, 17.3])
def test_a_part_that_is_repainted_equals_that_part_of_the_whole(canvas, scale: float) -> None:
    generator = np.random.default_rng(3)
    picture = generator.integers(0, 256, (300, 400, 3), np.uint8)
    labels = generator.integers(0, 2, (300, 400), np.uint8)
    canvas.show_image(HeldPhotograph.build(picture), labels)
    canvas.set_overlay(fill=True, outline=scale > 2)
    canvas.zoom_to(scale)
    whole = canvas.grab().toImage()
    for left, top, width, height in ((101, 67, 33, 41), (200, 130, 1, 1), (7, 250, 390, 9)):
        part = canvas.grab(QRect(left, top, width, height)).toImage()
        wanted = whole.copy(left, top, width, height)
        if scale >= 1:
            assert part == wanted, (left, top)
        else:  # smooth scaling may round differently
            first, second = (np.array(i.constBits(), np.int16) for i in (part, wanted))
            assert np.abs(first - second).max() <= 8


def test_what_is_seen_at_a_pixel_is_what_the_pointer_finds_there(canvas: CanvasView) -> None:
    generator = np.random.default_rng(4)
    picture = generator.integers(0, 256, (300, 400, 3), np.uint8)
    labels = np.zeros((300, 400), np.uint8)
    canvas.show_image(HeldPhotograph.build(picture), labels)
    canvas.zoom_to(1.5625)
    seen = canvas.grab().toImage()
    for x, y in ((33, 44), (200, 111), (399, 299)):
        row, column = (math.floor(value) for value in canvas.transform.to_edge(x + 0.5, y + 0.5))
        color = seen.pixelColor(x, y)
        assert (color.red(), color.green(), color.blue()) == tuple(picture[row, column])


def test_the_pointer_can_always_be_seen(canvas: CanvasView) -> None:
    assert canvas.cursor().shape() == Qt.CursorShape.CrossCursor
    canvas.set_brush(Brush(24))
    assert canvas.cursor().shape() == Qt.CursorShape.BlankCursor  # the ring is drawn
    large = np.zeros((3000, 4000), np.uint8)
    picture = HeldPhotograph.build(np.zeros((3000, 4000, 3), np.uint8))
    canvas.show_image(picture, large)
    assert canvas.cursor().shape() == Qt.CursorShape.CrossCursor  # 2 pixels would not be found
    canvas.zoom_to(1.0)
    assert canvas.cursor().shape() == Qt.CursorShape.BlankCursor
    canvas.clear()
    assert canvas.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_only_the_changed_part_is_repainted(canvas: CanvasView, qtbot) -> None:
    painted: list[int] = []
    original = canvas.paintEvent

    def watch(event) -> None:
        painted.append(event.rect().width() * event.rect().height())
        original(event)

    canvas.paintEvent = watch  # type: ignore[method-assign]
    canvas.refresh(Region(100, 100, 110, 110))
    qtbot.waitUntil(lambda: bool(painted))
    assert painted[-1] < 40 * 40


def test_the_photograph_alone_shows_while_v_is_held(canvas: CanvasView, qtbot) -> None:
    canvas._labels[:] = 1
    canvas.refresh(Region(0, 0, 300, 400))
    shown = color_at(canvas, 200, 150)
    qtbot.keyPress(canvas, Qt.Key.Key_V)
    assert color_at(canvas, 200, 150) == (200, 200, 200)
    qtbot.keyRelease(canvas, Qt.Key.Key_V)
    assert color_at(canvas, 200, 150) == shown


def test_the_wheel_zooms_at_the_pointer(canvas: CanvasView, qtbot) -> None:
    at = QPointF(120, 80)
    before = canvas.transform.to_edge(at.x(), at.y())
    event = QWheelEvent(
        at,
        canvas.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)
    assert canvas.zoom > 1
    assert canvas.transform.to_edge(at.x(), at.y()) == pytest.approx(before)


@pytest.mark.parametrize("button", [Qt.MouseButton.MiddleButton, Qt.MouseButton.LeftButton])
def test_space_or_the_middle_button_pans_and_paints_nothing(canvas, qtbot, button) -> None:
    pressed: list[object] = []
    canvas.pressed.connect(lambda *_: pressed.append(1))
    canvas.zoom_to(2.0)
    before = canvas.transform
    if button == Qt.MouseButton.LeftButton:
        qtbot.keyPress(canvas, Qt.Key.Key_Space)
    qtbot.mousePress(canvas, button, pos=QPoint(100, 100))
    qtbot.mouseMove(canvas, QPoint(130, 90))
    qtbot.mouseRelease(canvas, button, pos=QPoint(130, 90))
    assert (canvas.transform.left, canvas.transform.top) == (before.left + 30, before.top - 10)
    assert not pressed


def send(canvas: CanvasView, kind: QEvent.Type, at: QPoint, button, buttons) -> None:
    """A mouse event with exactly these buttons."""
    event = QMouseEvent(
        kind,
        QPointF(at),
        canvas.mapToGlobal(QPointF(at)),
        button,
        buttons,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(canvas, event)


@pytest.fixture
def told(canvas: CanvasView) -> list[str]:
    """What the canvas says of strokes."""
    said: list[str] = []
    for name in ("pressed", "moved", "released", "cancelled"):
        getattr(canvas, name).connect(lambda *_, name=name: said.append(name))
    return said


PRESS, MOVE, RELEASE = (
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.MouseButtonRelease,
)
NONE, LEFT, MIDDLE = (
    Qt.MouseButton.NoButton,
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.MiddleButton,
)


def test_the_middle_button_neither_moves_nor_ends_a_stroke(canvas: CanvasView, told) -> None:
    before = canvas.transform
    send(canvas, PRESS, QPoint(100, 100), LEFT, LEFT)
    send(canvas, PRESS, QPoint(100, 100), MIDDLE, LEFT | MIDDLE)
    send(canvas, MOVE, QPoint(120, 100), NONE, LEFT | MIDDLE)
    send(canvas, RELEASE, QPoint(120, 100), LEFT, MIDDLE)
    send(canvas, MOVE, QPoint(140, 100), NONE, MIDDLE)
    send(canvas, RELEASE, QPoint(140, 100), MIDDLE, NONE)
    send(canvas, MOVE, QPoint(160, 100), NONE, NONE)
    assert told == ["pressed", "moved", "released"]
    assert canvas.transform == before


def test_the_left_button_neither_paints_nor_ends_a_pan(canvas: CanvasView, told) -> None:
    canvas.zoom_to(2.0)
    before = canvas.transform
    send(canvas, PRESS, QPoint(100, 100), MIDDLE, MIDDLE)
    send(canvas, PRESS, QPoint(100, 100), LEFT, LEFT | MIDDLE)
    send(canvas, RELEASE, QPoint(100, 100), LEFT, MIDDLE)
    send(canvas, MOVE, QPoint(90, 100), NONE, MIDDLE)
    send(canvas, RELEASE, QPoint(90, 100), MIDDLE, NONE)
    send(canvas, MOVE, QPoint(50, 100), NONE, NONE)
    assert told == []
    assert canvas.transform.left == before.left - 10


def test_a_stroke_whose_release_went_elsewhere_ends_with_the_next_move(canvas, told) -> None:
    send(canvas, PRESS, QPoint(100, 100), LEFT, LEFT)
    send(canvas, MOVE, QPoint(120, 100), NONE, NONE)
    send(canvas, MOVE, QPoint(140, 100), NONE, NONE)
    assert told == ["pressed", "released"]


def test_the_pixel_under_the_pointer_is_the_one_that_is_seen_there(canvas, qtbot) -> None:
    canvas.zoom_to(8.0)
    transform = canvas.transform
    first_y, first_x = (math.floor(value) for value in transform.to_edge(200, 150))
    for y, x in ((first_y, first_x), (first_y + 1, first_x + 3)):
        left, top = transform.to_view(y + 0.5, x + 0.5)
        qtbot.mouseMove(canvas, QPoint(math.floor(left), math.floor(top)))
        assert canvas.pixel_under_pointer == (y, x)
