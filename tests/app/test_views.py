"""Ways to look at an image: what is on the screen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from seglabel.app.canvas.adjustment import UNCHANGED, Adjustment
from seglabel.app.canvas.overview import Overview
from seglabel.app.canvas.picture_view import PictureView
from seglabel.app.canvas.ruler import Ruler, step_for
from seglabel.app.session import Session
from seglabel.app.view_state import Look
from seglabel.core.geometry import Region


def color_of(view: PictureView, y: int, x: int) -> tuple[int, int, int]:
    """What is seen in the middle of pixel (y, x)."""
    at_x, at_y = view.transform.to_view(y + 0.5, x + 0.5)
    color = view.grab().toImage().pixelColor(int(at_x), int(at_y))
    return color.red(), color.green(), color.blue()


def paint(session: Session, region: Region, category: int) -> None:
    document = session.workspace.image.document
    edit = document.begin("test")
    edit.paint(region, np.ones((region.height, region.width), np.bool_), category)
    edit.commit()
    session.window.canvas.refresh(region)


def switch(session: Session, action: str) -> None:
    session.window.actions_table[action].trigger()
    QApplication.processEvents()


def test_side_by_side_shows_the_photograph_without_labels_at_the_same_place(session) -> None:
    canvas, beside = session.window.canvas, session.window.photograph
    assert not beside.isVisible()
    paint(session, Region(0, 0, 60, 40), 1)
    switch(session, "side_by_side")
    assert abs(beside.width() - canvas.width()) <= 2
    assert color_of(beside, 10, 10) == (220, 220, 220) != color_of(canvas, 10, 10)
    canvas.zoom_to(11.0)
    assert beside.transform == canvas.transform
    beside.center_on(20, 30)
    assert canvas.transform == beside.transform
    switch(session, "side_by_side")
    assert not beside.isVisible()


def test_the_photograph_beside_marks_where_the_pointer_is(session, qtbot) -> None:
    switch(session, "side_by_side")
    canvas, beside = session.window.canvas, session.window.photograph
    before = color_of(beside, 40, 60)
    x, y = canvas.transform.to_view(40.5, 60.5)
    qtbot.mouseMove(canvas, QPoint(int(x), int(y)))
    canvas.hovered.emit((40, 60))
    assert color_of(beside, 40, 60) != before
    canvas.hovered.emit(None)
    assert color_of(beside, 40, 60) == before


def test_the_proposal_shows_in_place_of_the_labels_while_shift_v_is_held(qtbot, with_model) -> None:
    session, canvas = with_model, with_model.window.canvas
    with qtbot.waitSignal(session.writer.proposal_saved, timeout=20000):
        session.proposing.propose()
    proposed = color_of(canvas, 5, 5)
    paint(session, Region(0, 0, 60, 40), 2)
    corrected = color_of(canvas, 5, 5)
    assert corrected != proposed
    qtbot.keyPress(canvas, Qt.Key.Key_V, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: color_of(canvas, 5, 5) == proposed, timeout=20000)
    qtbot.keyRelease(canvas, Qt.Key.Key_V)
    assert color_of(canvas, 5, 5) == corrected
    assert (session.workspace.image.document.labels[:, :40] == 2).all()


def test_keys_end_only_the_comparison_that_they_began(qtbot, with_model: Session) -> None:
    session, canvas = with_model, with_model.window.canvas
    compare = session.window.actions_table["compare"]
    with qtbot.waitSignal(session.writer.proposal_saved, timeout=20000):
        session.proposing.propose()
    switch(session, "compare")
    qtbot.keyClick(canvas, Qt.Key.Key_V)
    assert compare.isChecked()
    switch(session, "compare")
    qtbot.keyPress(canvas, Qt.Key.Key_V, Qt.KeyboardModifier.ShiftModifier)
    assert compare.isChecked()
    QApplication.sendEvent(canvas, QFocusEvent(QEvent.Type.FocusOut))  # the release goes elsewhere
    assert not compare.isChecked()


def test_an_image_without_a_proposal_says_so(qtbot, session: Session) -> None:
    switch(session, "compare")
    qtbot.waitUntil(lambda: session.window.image_banner.isVisible(), timeout=20000)
    assert not session.window.actions_table["compare"].isChecked()


def test_painting_ends_the_comparison(qtbot, with_model: Session) -> None:
    session, canvas = with_model, with_model.window.canvas
    with qtbot.waitSignal(session.writer.proposal_saved, timeout=20000):
        session.proposing.propose()
    session.editor.set_category(1)
    switch(session, "compare")
    switch(session, "photograph")
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=canvas.rect().center())
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=canvas.rect().center())
    assert not session.window.actions_table["compare"].isChecked()
    assert not session.window.actions_table["photograph"].isChecked()


def test_the_current_category_can_be_seen_alone(session: Session) -> None:
    canvas = session.window.canvas
    bare = color_of(canvas, 10, 60), color_of(canvas, 50, 60)
    paint(session, Region(5, 50, 15, 70), 1)
    paint(session, Region(45, 50, 55, 70), 2)
    session.editor.set_category(1)
    switch(session, "solo")
    assert color_of(canvas, 10, 60) != bare[0] and color_of(canvas, 50, 60) == bare[1]
    session.editor.set_category(2)
    assert color_of(canvas, 10, 60) == bare[0] and color_of(canvas, 50, 60) != bare[1]


def test_brightness_changes_what_is_shown_and_nothing_else(session: Session) -> None:
    canvas, image = session.window.canvas, session.workspace.image
    before = color_of(canvas, 50, 60)
    session.view.change(adjustment=Adjustment(brightness=0.4))
    assert color_of(canvas, 50, 60)[0] == pytest.approx(before[0] + 102, abs=2)
    assert image.picture[50, 60, 0] == before[0]
    switch(session, "adjust")
    dialog = session.view_binding._adjusting
    assert dialog.isVisible()
    dialog._sliders["gamma"].setValue(50)
    assert session.view.look.adjustment.gamma > 2
    dialog._give(UNCHANGED)
    assert color_of(canvas, 50, 60) == before
    dialog.close()


def test_adjustments_are_monotonic_and_neutral_by_default() -> None:
    assert UNCHANGED.table is None
    for adjustment in (
        Adjustment(0.2),
        Adjustment(0, 0.7),
        Adjustment(0, -0.5),
        Adjustment(0, 0, 3),
    ):
        table = adjustment.table
        assert table is not None and (np.diff(table.astype(int)) >= 0).all()
    assert Adjustment(contrast=0.5).table[[0, 255]].tolist() == [0, 255]


def test_lines_between_pixels_show_once_pixels_are_large(session: Session) -> None:
    canvas = session.window.canvas
    for scale, expected in ((8.0, 1), (20.0, 2)):
        canvas.zoom_to(scale)
        canvas.center_on(50, 60)
        image = canvas.grab().toImage()
        x, y = (round(value) for value in canvas.transform.to_view(50, 60))
        seen = {image.pixelColor(x + step, y + 3).red() for step in range(1, int(scale) + 4)}
        assert min(len(seen), 2) == expected, scale
    switch(session, "grid")
    image = canvas.grab().toImage()
    assert len({image.pixelColor(x + step, y + 3).red() for step in range(24)}) == 1


def test_the_map_shows_only_where_not_everything_is_seen(qtbot, session: Session) -> None:
    canvas = session.window.canvas
    overview = canvas.findChild(Overview)
    assert not overview.isVisible()
    canvas.zoom_to(40.0)
    assert overview.isVisible()
    qtbot.mouseClick(overview, Qt.MouseButton.LeftButton, pos=QPoint(overview.width() - 1, 1))
    y, x = canvas.transform.to_edge(canvas.width() / 2, canvas.height() / 2)
    assert (y, x) == pytest.approx((0.5, 79.5), abs=2)
    bright = overview.grab().toImage().pixelColor(8, overview.height() - 8)
    assert bright.red() > 200  # the left half of the picture
    switch(session, "overview")
    assert not overview.isVisible()


def test_rulers_are_off_until_wanted(session: Session) -> None:
    rulers = session.window.canvas.findChildren(Ruler)
    assert len(rulers) == 2 and not any(ruler.isVisible() for ruler in rulers)
    switch(session, "rulers")
    assert all(ruler.isVisible() for ruler in rulers)
    assert [step_for(scale) for scale in (64, 10, 1, 0.3, 0.01)] == [1, 10, 100, 500, 10000]


def wheel(view: PictureView, notches: float, control: bool = False, drag: QPoint | None = None):
    at = QPointF(view.rect().center())
    modifiers = Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(
        at,
        view.mapToGlobal(at),
        drag or QPoint(),
        QPoint(0, round(120 * notches)),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def test_the_wheel_zooms_or_sizes_the_brush_as_the_person_likes(session: Session) -> None:
    canvas, editor = session.window.canvas, session.editor
    size, zoom = editor.brush.size, canvas.zoom
    wheel(canvas, 0.5)
    finer = canvas.zoom / zoom
    assert 1 < finer < 1.2  # half a notch is half a step
    wheel(canvas, 1, control=True)
    assert editor.brush.size > size
    switch(session, "wheel_zooms")
    size, zoom = editor.brush.size, canvas.zoom
    wheel(canvas, 1)
    assert editor.brush.size > size and canvas.zoom == zoom
    wheel(canvas, 1, control=True)
    assert canvas.zoom > zoom


def test_fingers_on_a_trackpad_move_the_picture_and_pinching_zooms(session: Session) -> None:
    canvas = session.window.canvas
    canvas.zoom_to(20.0)
    before = canvas.transform
    wheel(canvas, 0.2, drag=QPoint(15, 24))
    assert canvas.transform.scale == before.scale
    assert canvas.transform.left - before.left == pytest.approx(15)
    assert canvas.transform.top - before.top == pytest.approx(24)
    at = QPointF(canvas.rect().center())
    under = canvas.transform.to_edge(at.x(), at.y())
    gesture = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture,
        QPointingDevice.primaryPointingDevice(),
        2,
        at,
        at,
        QPointF(canvas.mapToGlobal(at)),
        0.5,
        QPointF(),
    )
    QApplication.sendEvent(canvas, gesture)
    assert canvas.zoom == pytest.approx(30)
    assert canvas.transform.to_edge(at.x(), at.y()) == pytest.approx(under)


@pytest.fixture(scope="module")
def screen(qapp) -> QPointingDevice:
    return QTest.createTouchDevice()


def test_one_finger_paints_and_two_move_the_picture(session: Session, screen) -> None:
    canvas, document = session.window.canvas, session.workspace.image.document
    session.editor.set_category(1)
    center = canvas.rect().center()
    QTest.touchEvent(canvas, screen).press(0, center, canvas).commit()
    QTest.touchEvent(canvas, screen).move(0, center + QPoint(40, 0), canvas).commit()
    QTest.touchEvent(canvas, screen).release(0, center + QPoint(40, 0), canvas).commit()
    painted = np.count_nonzero(document.labels)
    assert painted
    zoom = canvas.zoom
    first, second = center - QPoint(50, 0), center + QPoint(50, 0)
    QTest.touchEvent(canvas, screen).press(0, first, canvas).commit()
    QTest.touchEvent(canvas, screen).move(0, first, canvas).press(1, second, canvas).commit()
    wide = QPoint(50, 0)
    spread = QTest.touchEvent(canvas, screen)
    spread.move(0, first - wide, canvas).move(1, second + wide, canvas).commit()
    lifted = QTest.touchEvent(canvas, screen)
    lifted.release(0, first - wide, canvas).release(1, second + wide, canvas).commit()
    assert canvas.zoom == pytest.approx(2 * zoom)
    assert np.count_nonzero(document.labels) == painted  # the first finger's dab was taken back
    assert not session.editor.is_busy


def test_the_look_is_remembered_but_nothing_stays_hidden(make_session, folder: Path) -> None:
    first = make_session(folder)
    first.view.change(
        outline=True, rulers=True, wheel_zooms=False, opacity=0.3, hidden=frozenset({1}), solo=True
    )
    first.window.close()
    look = make_session(folder).view.look
    assert look == Look(outline=True, rulers=True, wheel_zooms=False, opacity=0.3)


_SCALED = """
import numpy as np
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication
from seglabel.app.canvas.photograph import HeldPhotograph
from seglabel.app.canvas.view import CanvasView
app = QApplication([])
canvas = CanvasView()
canvas.resize(401, 303)
generator = np.random.default_rng(3)
picture = generator.integers(0, 256, (300, 400, 3), np.uint8)
labels = generator.integers(0, 2, (300, 400), np.uint8)
canvas.show()
canvas.show_image(HeldPhotograph.build(picture), labels)
ratio = canvas.devicePixelRatioF()
def pixels(image):
    image = image.toImage().convertToFormat(image.toImage().Format.Format_RGB32)
    return np.array(image.constBits()).reshape(image.height(), -1, 4)[..., :3].astype(int)
for scale in (1 / ratio, 1.25, 3.0):
    canvas.zoom_to(scale)
    whole = pixels(canvas.grab())
    assert abs(whole.shape[1] - 401 * ratio) <= 1, whole.shape
    for left, top, width, height in ((100, 60, 34, 42), (8, 250, 390, 10)):
        part = pixels(canvas.grab(QRect(left, top, width, height)))
        y, x = int(top * ratio), int(left * ratio)
        wanted = whole[y : y + part.shape[0], x : x + part.shape[1]]
        assert (part == wanted).all(), (scale, left, top)
canvas.zoom_to(1 / ratio)  # one pixel of the picture on one of the screen
canvas.set_overlay(fill=False, outline=False)
shown = pixels(canvas.grab())
for row, column in ((20, 30), (150, 200), (290, 390)):
    y, x = canvas.transform.to_edge((column + 0.5) / ratio, (row + 0.5) / ratio)
    if 0 <= y < 300 and 0 <= x < 400:
        wanted = picture[int(y + 1e-6), int(x + 1e-6), ::-1]
        assert (shown[row, column] == wanted).all(), (row, column)
row = shown[200, 300:400]
assert len({tuple(color) for color in row}) > 90  # no pixel is shown twice
"""


@pytest.mark.parametrize("factor", ["1", "1.5", "2"])
def test_screens_with_finer_pixels_show_every_pixel(factor: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SCALED],
        env=os.environ | {"QT_SCALE_FACTOR": factor, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
