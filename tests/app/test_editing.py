from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from seglabel.app.session import Session
from seglabel.core.status import Status
from seglabel.tools import Pointer


def to_view(session: Session, y: int, x: int) -> QPoint:
    """Where the middle of pixel (y, x) is on the canvas."""
    left, top = session.window.canvas.transform.to_view(y + 0.5, x + 0.5)
    return QPoint(math.floor(left), math.floor(top))


def drag(qtbot, session: Session, *pixels: tuple[int, int], **options) -> None:
    """Press on the first pixel, move over the others, release on the last."""
    canvas = session.window.canvas
    button = Qt.MouseButton.LeftButton
    modifier = options.get("modifier", Qt.KeyboardModifier.NoModifier)
    qtbot.mousePress(canvas, button, modifier, to_view(session, *pixels[0]))
    for pixel in pixels[1:]:
        qtbot.mouseMove(canvas, to_view(session, *pixel))
    qtbot.mouseRelease(canvas, button, modifier, to_view(session, *pixels[-1]))


def labels(session: Session) -> np.ndarray:
    document = session.editor.document
    assert document is not None
    return document.labels


def test_a_fast_stroke_has_no_gaps(qtbot, session: Session) -> None:
    session.editor.set_brush_size(3)
    session.editor.set_category(1)
    drag(qtbot, session, (30, 5), (30, 70))
    assert (labels(session)[29:32, 5:71] == 1).all()


def test_one_stroke_is_one_undo_step(qtbot, session: Session) -> None:
    drag(qtbot, session, (10, 10), (20, 20), (30, 10), (40, 40))
    assert labels(session).any()
    session.window.actions_table["undo"].trigger()
    assert not labels(session).any()
    assert session.editor.document.status is Status.EMPTY
    session.window.actions_table["redo"].trigger()
    assert labels(session).any()


def test_escape_gives_the_stroke_up(qtbot, session: Session) -> None:
    canvas = session.window.canvas
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=to_view(session, 10, 10))
    qtbot.mouseMove(canvas, to_view(session, 40, 40))
    assert labels(session).any()
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert not labels(session).any()
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=to_view(session, 40, 40))
    assert not session.editor.document.history.can_undo


def test_holding_alt_erases_for_the_moment(qtbot, session: Session) -> None:
    session.editor.set_brush_size(21)
    drag(qtbot, session, (30, 30))
    painted = np.count_nonzero(labels(session))
    session.editor.set_brush_size(5)
    drag(qtbot, session, (30, 30), modifier=Qt.KeyboardModifier.AltModifier)
    assert np.count_nonzero(labels(session)) == painted - 21
    assert session.editor.tool == "brush"


def test_the_right_button_erases_while_it_is_held(qtbot, session: Session) -> None:
    canvas, right = session.window.canvas, Qt.MouseButton.RightButton
    session.editor.set_brush_size(21)
    drag(qtbot, session, (30, 30))
    painted = labels(session).copy()
    session.editor.set_brush_size(5)
    qtbot.mousePress(canvas, right, pos=to_view(session, 30, 30))
    assert np.count_nonzero(labels(session)) == np.count_nonzero(painted) - 21
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert np.array_equal(labels(session), painted)
    qtbot.mouseRelease(canvas, right, pos=to_view(session, 30, 30))
    qtbot.mouseClick(canvas, right, pos=to_view(session, 30, 30))
    assert np.count_nonzero(labels(session)) == np.count_nonzero(painted) - 21
    assert session.editor.tool == "brush" and not session.editor.is_busy


def test_the_right_button_gives_a_left_stroke_up(qtbot, session: Session) -> None:
    canvas = session.window.canvas
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=to_view(session, 30, 30))
    qtbot.mousePress(canvas, Qt.MouseButton.RightButton, pos=to_view(session, 30, 30))
    assert not labels(session).any() and not session.editor.is_busy


def test_number_keys_choose_categories(qtbot, session: Session) -> None:
    canvas = session.window.canvas
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_2)
    assert session.editor.category_id == 2
    qtbot.keyClick(canvas, Qt.Key.Key_0)
    assert session.editor.category_id == 0
    qtbot.keyClick(canvas, Qt.Key.Key_7)  # there is no seventh category
    assert session.editor.category_id == 0


def test_brackets_and_the_wheel_with_ctrl_change_the_size(qtbot, session: Session) -> None:
    canvas, editor = session.window.canvas, session.editor
    canvas.setFocus()
    editor.set_brush_size(24)
    qtbot.keyClick(canvas, Qt.Key.Key_BracketRight)
    assert editor.brush.size > 24
    qtbot.keyClick(canvas, Qt.Key.Key_BracketLeft)
    assert editor.brush.size == 24
    for key, size in (("}", 48), ("{", 24)):  # Shift with a bracket, on most keyboards
        qtbot.keyClick(canvas, key)
        assert abs(editor.brush.size - size) <= 1
    editor.set_brush_size(24)
    canvas.brush_step_requested.emit(-1)
    assert editor.brush.size < 24
    editor.set_brush_size(100_000)
    assert editor.brush.size == 4000
    editor.set_brush_size(0)
    assert editor.brush.size == 1


def test_fill_gives_the_region_under_the_pointer_the_category(qtbot, session: Session) -> None:
    session.editor.set_brush_size(1)
    drag(qtbot, session, (0, 40), (59, 40))
    qtbot.keyClick(session.window.canvas, Qt.Key.Key_F)
    session.editor.set_category(2)
    drag(qtbot, session, (30, 10))
    qtbot.waitUntil(lambda: not session.editor.is_busy, timeout=2000)
    assert (labels(session)[:, :40] == 2).all()
    assert not labels(session)[:, 41:].any()


def test_pick_takes_the_category_under_the_pointer(qtbot, session: Session) -> None:
    session.editor.set_category(2)
    drag(qtbot, session, (30, 30))
    session.editor.set_category(1)
    qtbot.mouseMove(session.window.canvas, to_view(session, 30, 30))
    qtbot.keyClick(session.window.canvas, Qt.Key.Key_K)
    assert session.editor.category_id == 2


def test_the_pipette_takes_one_category_and_leaves_the_tool_as_it_is(
    qtbot, session: Session
) -> None:
    pick = session.window.actions_table["pick"]
    session.editor.set_category(2)
    drag(qtbot, session, (30, 30))
    painted = labels(session).copy()
    session.editor.set_category(1)
    session.editor.set_tool("fill")
    session.window.canvas.leaveEvent(QEvent(QEvent.Type.Leave))
    pick.trigger()  # by the button: the pointer is not over the picture
    assert pick.isChecked() and not session.window.actions_table["fill"].isChecked()
    qtbot.mouseMove(session.window.canvas, to_view(session, 30, 30))
    drag(qtbot, session, (30, 30))
    assert session.editor.category_id == 2 and session.editor.tool == "fill"
    assert session.window.actions_table["fill"].isChecked() and np.array_equal(
        labels(session), painted
    )
    drag(qtbot, session, (5, 5))
    qtbot.waitUntil(lambda: labels(session)[5, 5] == 2, timeout=2000)


def test_choosing_a_category_puts_the_eraser_down(qtbot, session: Session) -> None:
    session.editor.set_tool("eraser")
    qtbot.keyClick(session.window.canvas, Qt.Key.Key_0)
    assert session.editor.tool == "eraser"
    qtbot.keyClick(session.window.canvas, Qt.Key.Key_2)
    assert session.editor.tool == "brush"
    session.editor.set_tool("eraser")
    session.window.categories.category_chosen.emit(1)
    assert session.editor.tool == "brush"


def test_painting_shows_the_overlay_again(qtbot, session: Session) -> None:
    session.window.actions_table["overlay"].trigger()
    session.window.actions_table["outline"].trigger()
    drag(qtbot, session, (10, 10))
    assert not session.view.look.fill  # the outline shows what is painted
    session.window.actions_table["outline"].trigger()
    drag(qtbot, session, (30, 30))
    assert session.view.look.fill and session.window.actions_table["overlay"].isChecked()


def test_letters_in_the_category_field_are_text_and_not_commands(qtbot, session: Session) -> None:
    session.window.actions_table["new_category"].trigger()
    field = session.window.focusWidget()
    qtbot.keyClicks(field, "beef duo")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert session.editor.tool == "brush"
    assert session.workspace.name == "a.png"
    assert session.workspace.project.categories.named("beef duo") is not None
    assert session.editor.category_id == 3


def test_one_category_after_the_other_can_be_typed_until_escape(qtbot, session: Session) -> None:
    window = session.window
    window.actions_table["new_category"].trigger()
    field = window.focusWidget()
    place = field.mapTo(window, QPoint(0, 0))
    for name in ("bed", "floor"):
        qtbot.keyClicks(window.focusWidget(), name)
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert [c.name for c in session.workspace.project.categories][2:] == ["bed", "floor"]
    assert field.hasFocus() and field.mapTo(window, QPoint(0, 0)) == place
    assert session.workspace.name == "a.png"
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert window.canvas.hasFocus()
    window.actions_table["new_category"].trigger()
    qtbot.keyClick(field, Qt.Key.Key_Return)  # nothing more to type
    assert window.canvas.hasFocus()


def test_the_category_field_stays_in_place_when_the_first_category_comes(
    qtbot, make_session, other_folder
) -> None:
    session = make_session()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.open_project(other_folder)
    panel = session.window.categories
    before = panel._name.geometry()
    panel.add_requested.emit("roof")
    qtbot.waitUntil(lambda: not panel._ready.isVisible(), timeout=1000)
    QApplication.processEvents()
    assert panel._name.geometry() == before


def test_a_category_name_that_exists_is_refused_in_words(qtbot, session: Session) -> None:
    session.window.categories.add_requested.emit("grey")
    assert len(session.workspace.project.categories) == 2
    assert "grey" in session.window.banner.text


def test_renaming_and_recolouring_leave_pixels_alone(qtbot, session: Session) -> None:
    drag(qtbot, session, (30, 30))
    before = labels(session).copy()
    session.window.categories.rename_requested.emit(1, "very bright")
    session.window.categories.color_requested.emit(1, (1, 2, 3))
    category = session.workspace.project.categories[1]
    assert (category.name, category.color) == ("very bright", (1, 2, 3))
    assert np.array_equal(labels(session), before)


def row_point(session: Session, row: int, offset: int) -> QPoint:
    """A place in the list of categories, so far from the right edge of a row."""
    view = session.window.categories._list
    rect = view.visualRect(view.model().index(row, 0))
    return QPoint(rect.right() - offset, rect.center().y())


def test_a_click_on_the_eye_hides_and_does_not_choose(qtbot, session: Session) -> None:
    viewport = session.window.categories._list.viewport()
    session.editor.set_category(1)
    for _ in range(2):  # also where the row was pressed before
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=row_point(session, 2, 18))
        assert session.editor.category_id == 1
        assert session.window.categories._list.currentIndex().row() == 1
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=row_point(session, 2, 100))
        assert session.editor.category_id == 2
        session.editor.set_category(1)
    assert not session.view.look.hidden  # twice
    qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=row_point(session, 2, 18))
    assert session.view.look.hidden == {2}


def test_the_menu_of_a_category_does_not_choose_it(qtbot, session: Session) -> None:
    view = session.window.categories._list
    session.editor.set_category(1)
    qtbot.mousePress(view.viewport(), Qt.MouseButton.RightButton, pos=row_point(session, 2, 100))
    assert session.editor.category_id == 1 and view.currentIndex().row() == 1


def test_renaming_a_category_leaves_background_in_the_brush(qtbot, session: Session) -> None:
    session.editor.set_category(0)
    session.window.categories.rename_requested.emit(1, "very bright")
    assert session.editor.category_id == 0


def test_a_project_opens_with_its_first_category_in_the_brush(
    qtbot, session: Session, folder
) -> None:
    session.editor.set_category(0)
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.open_project(folder)
    assert session.editor.category_id == 1


def test_without_categories_nothing_invisible_is_painted(qtbot, make_session, other_folder) -> None:
    session = make_session()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.open_project(other_folder)
    drag(qtbot, session, (30, 30), (40, 40))
    assert not session.editor.document.painted.any()
    assert "category" in session.window.banner.text
    session.window.banner._button.click()
    field = session.window.focusWidget()
    drag(qtbot, session, (30, 30), (40, 40))  # says it again
    assert session.window.banner.isVisible()
    session.window.actions_table["new_category"].trigger()
    qtbot.keyClicks(field, "roof")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert not session.window.banner.isVisible()
    drag(qtbot, session, (30, 30), (40, 40))
    assert (labels(session)[session.editor.document.painted] == 1).all()


def test_rubbing_out_a_word_in_the_category_field_clears_no_proposal(
    qtbot, with_model: Session
) -> None:
    session = with_model
    with qtbot.waitSignal(session.inference.proposed, timeout=20000):
        session.window.actions_table["propose"].trigger()
    session.window.actions_table["new_category"].trigger()
    field = session.window.focusWidget()
    qtbot.keyClicks(field, "two words")
    qtbot.keyClick(field, Qt.Key.Key_Backspace, Qt.KeyboardModifier.ControlModifier)
    assert field.text() == "two "
    assert labels(session).any()
    session.window.canvas.setFocus()
    qtbot.keyClick(session.window.canvas, Qt.Key.Key_Backspace, Qt.KeyboardModifier.ControlModifier)
    assert not labels(session).any()


def test_clicks_beside_the_picture_leave_the_keys_to_it(qtbot, session: Session) -> None:
    window = session.window
    window.canvas.setFocus()
    spin = window.tool_options.control("size").spin
    size = session.editor.brush.size
    arrows = QPoint(spin.width() - 5, 5)
    qtbot.mouseClick(spin, Qt.MouseButton.LeftButton, pos=arrows)
    assert session.editor.brush.size == size + 1
    assert window.canvas.hasFocus()
    qtbot.mouseClick(window.proposal._model, Qt.MouseButton.LeftButton)
    assert window.canvas.hasFocus()


def hover(session: Session, at: QPoint) -> None:
    """The pointer comes over the canvas; a real one may be there already and would not move."""
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(at),
        QPointF(session.window.canvas.mapToGlobal(at)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(session.window.canvas, event)


def test_the_status_bar_names_what_is_under_the_pointer_now(qtbot, session: Session) -> None:
    position = session.window._position
    hover(session, to_view(session, 30, 30))
    qtbot.waitUntil(lambda: "background" in position.text())
    drag(qtbot, session, (30, 30))
    qtbot.waitUntil(lambda: "bright" in position.text())
    session.window.categories.rename_requested.emit(1, "very bright")
    qtbot.waitUntil(lambda: "very bright" in position.text())


def test_thumbnails_follow_the_colours_of_categories(qtbot, session: Session) -> None:
    session.editor.set_brush_size(200)
    drag(qtbot, session, (30, 30))
    session.writer.flush()
    thumbnails, store = session.thumbnails, session.workspace.store

    def middle() -> tuple[int, ...]:
        image = thumbnails.get(store, "a.png")
        return image.pixelColor(10, 30).getRgb()[:3] if image is not None else ()

    qtbot.waitUntil(lambda: bool(middle()) and middle()[0] > middle()[1] + 30, timeout=20000)
    session.window.categories.color_requested.emit(1, (0, 255, 0))
    qtbot.waitUntil(lambda: middle()[1] > middle()[0] + 30, timeout=20000)


def test_hiding_a_category_hides_it_on_the_canvas_only(qtbot, session: Session) -> None:
    session.editor.set_brush_size(41)
    drag(qtbot, session, (30, 30))
    canvas = session.window.canvas
    shown = canvas.grab().toImage().pixelColor(to_view(session, 30, 30))
    session.window.categories.hide_requested.emit(1)
    hidden = canvas.grab().toImage().pixelColor(to_view(session, 30, 30))
    assert shown != hidden
    assert labels(session)[30, 30] == 1


def test_no_pixel_is_painted_outside_the_brush(qtbot, session: Session) -> None:
    session.editor.set_brush_size(9)
    drag(qtbot, session, (30, 30))
    ys, xs = np.nonzero(labels(session))
    assert len(ys) == 69  # a disc of diameter 9 around a pixel centre
    assert (ys.min(), ys.max(), xs.min(), xs.max()) == (26, 34, 26, 34)


def fill_in_pieces(session: Session, monkeypatch, at_first: Callable[[], None]) -> list[int]:
    """Click with fill where the picture is empty, and call ``at_first`` once a piece is painted.

    Gives how many pixels are painted after each piece.
    """
    for name, value in {"_AT_ONCE": 100, "_PIECE": 800, "_TURN_S": 0}.items():
        monkeypatch.setattr(f"seglabel.app.painting.{name}", value)
    counts: list[int] = []

    def painted(_: object) -> None:
        counts.append(int(np.count_nonzero(labels(session))))
        if len(counts) == 1:
            QTimer.singleShot(0, at_first)

    session.editor.region_changed.connect(painted)
    session.editor.set_category(1)
    session.editor.set_tool("fill")
    session.editor.press(Pointer(30, 30))
    return counts


def test_a_large_fill_comes_in_pieces_and_is_one_step(qtbot, session, monkeypatch) -> None:
    counts = fill_in_pieces(session, monkeypatch, lambda: None)
    qtbot.waitUntil(lambda: not session.editor.is_busy, timeout=20000)
    assert counts == [800, 1600, 2400, 3200, 4000, 4800]
    assert session.editor.document.history.position == 1
    session.editor.undo()
    assert not labels(session).any()


def test_escape_gives_a_fill_up_that_is_half_painted(qtbot, session, monkeypatch) -> None:
    counts = fill_in_pieces(session, monkeypatch, session.editor.cancel_stroke)
    qtbot.waitUntil(lambda: len(counts) > 1 and counts[-1] == 0, timeout=20000)
    assert max(counts) < labels(session).size and not session.editor.is_busy
    assert not labels(session).any() and not session.editor.document.history.can_undo
