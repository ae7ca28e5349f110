"""Gestures of several clicks, slow tools and pens, through the window."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QInputDevice, QPointingDevice, QTabletEvent
from PySide6.QtWidgets import QApplication

from seglabel.app.session import Session
from seglabel.tools import Pointer


def to_view(session: Session, y: int, x: int) -> QPoint:
    at = session.window.canvas.transform.to_view(y + 0.5, x + 0.5)
    return QPoint(*(int(value) for value in at))


def click(qtbot, session: Session, *pixels: tuple[int, int]) -> None:
    for pixel in pixels:
        canvas, at = session.window.canvas, to_view(session, *pixel)
        qtbot.mouseMove(canvas, at)
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)


def labels(session: Session) -> np.ndarray:
    return session.editor.document.labels


@pytest.fixture
def polygon(qtbot, session: Session) -> Session:
    """Three corners of a polygon are set."""
    session.window.canvas.setFocus()
    qtbot.keyClick(session.window.canvas, Qt.Key.Key_P)
    click(qtbot, session, (10, 10), (10, 50), (40, 50))
    return session


def test_enter_closes_a_polygon_and_reviews_nothing(qtbot, polygon: Session) -> None:
    assert not labels(polygon).any() and len(polygon.editor.preview.lines) >= 1
    qtbot.keyClick(polygon.window.canvas, Qt.Key.Key_Return)
    assert labels(polygon)[15, 40] == 1
    assert polygon.workspace.name == "a.png" and polygon.editor.preview.is_empty
    polygon.window.actions_table["undo"].trigger()
    assert not labels(polygon).any()


def test_undo_takes_corners_back_as_long_as_a_polygon_is_open(qtbot, polygon: Session) -> None:
    undo = polygon.window.actions_table["undo"]
    for _ in range(3):
        assert polygon.editor.is_busy and undo.isEnabled()
        undo.trigger()
    assert not polygon.editor.is_busy and not undo.isEnabled()


def test_escape_gives_a_polygon_up_and_backspace_one_corner(qtbot, polygon: Session) -> None:
    canvas = polygon.window.canvas
    qtbot.keyClick(canvas, Qt.Key.Key_Backspace)
    assert polygon.editor.is_busy
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert not polygon.editor.is_busy and polygon.editor.preview.is_empty
    assert not labels(polygon).any()


def test_going_on_paints_an_open_polygon(qtbot, polygon: Session) -> None:
    drawn = polygon.editor.document
    with qtbot.waitSignal(polygon.workspace.image_opened, timeout=20000):
        polygon.workspace.step(1)
    assert not polygon.editor.is_busy and polygon.editor.preview.is_empty
    assert drawn.labels[15, 40] == 1 and drawn.history.can_undo
    assert not labels(polygon).any()


def test_another_tool_paints_what_the_strokes_of_the_watershed_led_to(qtbot, session) -> None:
    editor = session.editor
    editor.set_tool("watershed")
    editor.set_category(1)
    for x in (10, 30):
        with qtbot.waitSignal(session.tool_worker.finished, timeout=20000):
            editor.press(Pointer(10.0, float(x)))
            editor.move(Pointer(40.0, float(x)))
            editor.release(Pointer(40.0, float(x)))
    assert editor.is_busy and not labels(session).any()
    editor.set_tool("brush")
    assert labels(session)[20, 10] == 1 and not editor.is_busy
    assert session.window.image_banner.isHidden()


def test_strokes_that_could_not_be_finished_before_going_on_are_not_lost_silently(
    session: Session,
) -> None:
    session.editor.set_tool("watershed")
    session.editor.press(Pointer(10.0, 10.0))
    session.editor.move(Pointer(40.0, 10.0))
    session.editor.set_tool("brush")
    assert not labels(session).any() and not session.editor.is_busy
    assert "not finished" in session.window.banner.text


def test_work_before_is_saved_while_a_polygon_is_open(qtbot, session: Session) -> None:
    session.window.canvas.setFocus()
    click(qtbot, session, (30, 30))
    qtbot.keyClick(session.window.canvas, Qt.Key.Key_P)
    click(qtbot, session, (10, 10), (10, 50))
    session.workspace.save()
    qtbot.waitUntil(lambda: session.window.saved_text == "saved", timeout=20000)
    assert session.editor.is_busy


@pytest.fixture
def held_fill(session: Session, monkeypatch) -> threading.Event:
    """Fill waits until the event is set."""
    gate = threading.Event()
    from seglabel.tools import fill

    original = fill.flood_region

    def wait(*arguments):
        gate.wait(5)
        return original(*arguments)

    monkeypatch.setattr(fill, "flood_region", wait)
    session.editor.set_tool("fill")
    return gate


def test_a_late_fill_never_touches_another_image(qtbot, session: Session, held_fill) -> None:
    click(qtbot, session, (30, 30))
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.step(1)
    over = threading.Event()
    held_fill.set()
    session.tool_worker._thread.put(over.set)  # once the fill is
    qtbot.waitUntil(over.is_set, timeout=20000)
    QApplication.processEvents()
    assert not labels(session).any() and not session.editor.is_busy


def test_a_slow_fill_takes_the_category_that_was_current_at_the_click(
    qtbot, session: Session, held_fill
) -> None:
    session.editor.set_category(1)
    click(qtbot, session, (30, 30))
    session.editor.set_category(2)
    with qtbot.waitSignal(session.editor.stroke_finished, timeout=20000):
        held_fill.set()
    assert set(np.unique(labels(session))) == {1}


def test_escape_drops_a_fill_that_takes_long(qtbot, session: Session, held_fill) -> None:
    session.window.canvas.setFocus()
    click(qtbot, session, (30, 30))
    assert session.editor.is_busy
    qtbot.keyClick(session.window.canvas, Qt.Key.Key_Escape)
    assert not session.editor.is_busy
    held_fill.set()
    click(qtbot, session, (30, 30))
    qtbot.waitUntil(lambda: labels(session).all(), timeout=20000)
    assert len(session.editor.document.history) == 1


def pen(session: Session, kind: QEvent.Type, pixel: tuple[int, int], pressure: float) -> None:
    canvas, at = session.window.canvas, QPointF(to_view(session, *pixel))
    device = QPointingDevice(
        "pen",
        1,
        QInputDevice.DeviceType.Stylus,
        QPointingDevice.PointerType.Pen,
        QInputDevice.Capability.Pressure,
        1,
        3,
    )
    is_up = kind == QEvent.Type.TabletRelease
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    event = QTabletEvent(
        kind,
        device,
        at,
        canvas.mapToGlobal(at),
        pressure,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        Qt.KeyboardModifier.NoModifier,
        none if kind == QEvent.Type.TabletMove else left,
        none if is_up else left,
    )
    QApplication.sendEvent(canvas, event)


def test_a_pen_paints_by_its_pressure_and_its_made_up_mouse_is_ignored(
    qtbot, session: Session
) -> None:
    session.editor.set_brush_size(20)
    pen(session, QEvent.Type.TabletPress, (30, 20), 0.25)
    at = to_view(session, 5, 70)
    qtbot.mousePress(session.window.canvas, Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseRelease(session.window.canvas, Qt.MouseButton.LeftButton, pos=at)
    pen(session, QEvent.Type.TabletMove, (30, 50), 0.75)
    pen(session, QEvent.Type.TabletRelease, (30, 50), 0.0)
    heights = np.count_nonzero(labels(session), axis=0)
    assert heights[50] == 15 and not labels(session)[5, 70]
    assert len(session.editor.document.history) == 1


def test_options_are_remembered_and_shared_by_tools(qtbot, make_session, session: Session) -> None:
    control = session.window.tool_options.control("wand_tolerance")
    session.editor.set_tool("wand")
    control.spin.setValue(44)
    assert session.editor.options.values["wand_tolerance"] == 44
    session.window.tool_options.control("wand_contiguous").box.click()
    session.window.close()
    again = make_session()
    assert again.editor.options.values["wand_tolerance"] == 44
    assert again.editor.options.values["wand_contiguous"] is False


def test_labels_of_the_previous_image_can_be_copied(qtbot, session: Session) -> None:
    click(qtbot, session, (10, 10), (40, 60))
    first = labels(session).copy()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.step(1)
    qtbot.mouseMove(session.window.canvas, to_view(session, 40, 60))
    session.window.actions_table["copy_region"].trigger()
    copied = labels(session)
    assert copied[40, 60] == 1 and not copied[10, 10]
    session.window.actions_table["copy_previous"].trigger()
    assert np.array_equal(copied, first)
    for _ in range(2):
        session.window.actions_table["undo"].trigger()
    assert not copied.any()


def test_labels_that_are_only_on_disk_are_copied_too(qtbot, session: Session) -> None:
    click(qtbot, session, (10, 10))
    first = labels(session).copy()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.step(1)
    qtbot.waitUntil(lambda: session.window.saved_text == "saved", timeout=20000)
    session.workspace._documents._documents.pop("a.png")
    session.window.actions_table["copy_previous"].trigger()
    qtbot.waitUntil(lambda: np.array_equal(labels(session), first), timeout=20000)


def test_where_there_is_nothing_to_copy_it_is_said(qtbot, session: Session) -> None:
    session.window.actions_table["copy_previous"].trigger()
    assert "no image before" in session.window.image_banner.text
    assert not labels(session).any()


def test_only_options_that_matter_are_shown(session: Session) -> None:
    bar, editor = session.window.tool_options, session.editor
    editor.set_tool("reshape")
    assert bar.control("reshape_distance").isVisible()
    assert not bar.control("reshape_area").isVisible()
    editor.options.set("reshape_operation", "fill_holes")
    assert bar.control("reshape_area").isVisible()
    assert not bar.control("reshape_distance").isVisible()
    assert not bar.control("size").isVisible()


def test_no_tool_makes_a_small_window_wider(qtbot, connected_pen, session: Session) -> None:
    window, editor = session.window, session.editor
    window.resize(1024, 640)
    qtbot.waitUntil(lambda: window.width() == 1024)
    for name in editor.tools:
        editor.set_tool(name)
        QApplication.processEvents()
        assert window.width() == 1024, name
        bar = window.tool_options
        for option in editor.active_tool.shown_options(editor.options.values):
            control = bar.control(option.key)
            assert control.isVisible() and control.geometry().right() <= bar.over.x(), name


@pytest.fixture
def by_rows(session: Session, monkeypatch) -> Session:
    """Anything larger than a few rows is painted piece by piece."""
    for name, value in {"_AT_ONCE": 400, "_PIECE": 400, "_TURN_S": 0}.items():
        monkeypatch.setattr(f"seglabel.app.painting.{name}", value)
    return session


def whole_image(session: Session) -> None:
    """A rectangle over everything was drawn; its pieces are not painted yet."""
    editor, (height, width) = session.editor, session.editor.document.shape
    editor.set_category(1)
    editor.set_tool("rectangle")
    editor.press(Pointer(0, 0))
    editor.move(Pointer(height - 1, width - 1))
    editor.release(Pointer(height - 1, width - 1))
    assert editor.is_busy and not labels(session).all()


def test_a_category_chosen_between_two_pieces_is_for_the_next_gesture(
    qtbot, by_rows: Session
) -> None:
    whole_image(by_rows)
    by_rows.editor.set_category(2)
    qtbot.waitUntil(lambda: not by_rows.editor.is_busy, timeout=20000)
    assert (labels(by_rows) == 1).all()


def test_what_was_drawn_to_its_end_is_not_lost_by_going_on(qtbot, by_rows: Session) -> None:
    whole_image(by_rows)
    painted = by_rows.editor.document
    with qtbot.waitSignal(by_rows.workspace.image_opened, timeout=20000):
        by_rows.workspace.step(1)
    assert (painted.labels == 1).all() and len(painted.history) == 1
    assert not labels(by_rows).any()
    qtbot.waitUntil(lambda: by_rows.window.saved_text == "saved", timeout=20000)
    saved = by_rows.workspace.store.load("a.png")
    assert saved is not None and (saved.labels == 1).all()


def test_escape_gives_up_what_is_not_painted_to_the_last_piece(by_rows: Session) -> None:
    whole_image(by_rows)
    by_rows.editor.cancel_stroke()
    assert not labels(by_rows).any() and not by_rows.editor.is_busy


def test_labels_that_are_read_late_wait_for_the_gesture_in_hand(qtbot, session: Session) -> None:
    click(qtbot, session, (10, 10))
    first = labels(session).copy()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.step(1)
    qtbot.waitUntil(lambda: session.window.saved_text == "saved", timeout=20000)
    session.workspace._documents._documents.pop("a.png")
    session.editor.set_tool("polygon")
    with qtbot.waitSignal(session.reader.labels_read, timeout=20000):
        session.window.actions_table["copy_previous"].trigger()
        click(qtbot, session, (40, 50), (40, 70), (55, 70))
    assert session.editor.is_busy and not labels(session).any()
    session.editor.finish()
    assert labels(session)[45, 65] == 1
    assert np.array_equal(labels(session)[:35], first[:35]) and first[:35].any()


def test_a_proposal_waits_while_labels_are_locked(qtbot, with_model: Session, segmenter) -> None:
    segmenter.gate.clear()
    with_model.proposing.propose()
    with_model.editor.set_read_only(True)
    with qtbot.waitSignal(with_model.inference.proposed, timeout=20000):
        segmenter.gate.set()
    assert not labels(with_model).any() and with_model.reviewing.certainty is None
    with_model.editor.set_read_only(False)
    assert labels(with_model).any() and with_model.reviewing.certainty is not None


def test_what_is_drawn_takes_the_colour_of_a_category_chosen_meanwhile(
    qtbot, session: Session
) -> None:
    session.editor.set_category(1)
    session.editor.set_tool("wand")
    session.editor.press(Pointer(30, 20))
    qtbot.waitUntil(lambda: session.editor.preview.fill is not None, timeout=20000)
    at = to_view(session, 30, 20)

    def color() -> QColor:
        return session.window.canvas.grab().toImage().pixelColor(at)

    before = color()
    session.editor.set_category(2)
    assert color().blue() > before.blue() and color().red() < before.red()
