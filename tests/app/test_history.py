from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt

from seglabel.app import editor
from seglabel.app.actions import ACTIONS
from seglabel.app.panels.history import HistoryPanel, Step
from seglabel.app.session import Session
from seglabel.tools import Pointer


def paint(session: Session, y: int = 30, x: int = 30) -> None:
    """One dab."""
    session.editor.press(Pointer(y, x))
    session.editor.release(Pointer(y, x))


def show(qtbot, session: Session, name: str) -> None:
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.go_to(name)


def texts(session: Session) -> list[str]:
    model = session.window.history._list.model()
    return [model.index(row).data() for row in range(model.rowCount())]


def labels(session: Session) -> np.ndarray:
    return session.editor.document.labels


def three_strokes(session: Session) -> list[np.ndarray]:
    """The labels before the first and after each."""
    states = [labels(session).copy()]
    for x in (10, 30, 50):
        paint(session, 20, x)
        states.append(labels(session).copy())
    return states


def test_the_history_names_every_step(session: Session) -> None:
    paint(session)
    session.editor.set_tool("eraser")
    paint(session)
    session.editor.accept()
    session.editor.mark_reviewed()
    assert texts(session) == [
        "As it was",
        "Brush · bright",
        "Eraser",
        "Accept proposal",
        "Marked reviewed",
    ]
    session.look_binding.set_language("zh_CN")
    assert texts(session)[1] == "画笔 · bright"
    session.look_binding.set_language("en")


def test_a_click_goes_to_a_step_and_back(qtbot, session: Session) -> None:
    states = three_strokes(session)
    view = session.window.history._list
    session.window._history_dock.raise_()
    qtbot.waitUntil(view.isVisible)
    for row in (1, 3, 0, 2):
        at = view.visualRect(view.model().index(row)).center()
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert (labels(session) == states[row]).all()
        assert view.currentIndex().row() == row
    assert session.window.actions_table["redo"].isEnabled()
    assert texts(session) == ["As it was", "Brush · bright", "Brush · bright", "Brush · bright"]


def test_keys_go_through_the_steps(qtbot, session: Session) -> None:
    states = three_strokes(session)
    view = session.window.history._list
    session.window._history_dock.raise_()
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert (labels(session) == states[2]).all()
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert (labels(session) == states[0]).all()
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert (labels(session) == states[3]).all()


def test_undo_moves_the_mark_and_a_new_stroke_drops_what_was_undone(session: Session) -> None:
    three_strokes(session)
    view = session.window.history._list
    session.editor.undo()
    session.editor.undo()
    assert view.currentIndex().row() == 1
    session.editor.set_tool("eraser")
    paint(session, 20, 10)
    assert texts(session) == ["As it was", "Brush · bright", "Eraser"]
    assert view.currentIndex().row() == 2


def test_a_step_is_not_gone_to_while_labels_are_locked(session: Session) -> None:
    states = three_strokes(session)
    session.editor.set_read_only(True)
    view = session.window.history._list
    view.setCurrentIndex(view.model().index(0))
    assert (labels(session) == states[3]).all()
    assert view.currentIndex().row() == 3
    session.editor.set_read_only(False)


def test_the_history_stays_when_the_image_is_left_and_saved(qtbot, session: Session) -> None:
    states = three_strokes(session)
    show(qtbot, session, "b.png")
    assert texts(session) == ["As it was"]
    show(qtbot, session, "a.png")
    assert len(texts(session)) == 4
    session.editor.go_to_step(1)
    assert (labels(session) == states[1]).all()


def test_the_history_stays_when_the_pixels_had_to_be_read_again(qtbot, session: Session) -> None:
    states = three_strokes(session)
    session.workspace._documents._pixel_bytes = 1
    document = session.editor.document
    show(qtbot, session, "b.png")
    qtbot.waitUntil(lambda: session.workspace._documents.peek("a.png") is None, timeout=20000)
    show(qtbot, session, "a.png")
    assert session.editor.document is not document
    assert (labels(session) == states[3]).all()
    session.editor.go_to_step(0)
    assert (labels(session) == states[0]).all()


def test_every_step_that_is_made_anywhere_has_a_name_to_read(session: Session) -> None:
    sources = Path(editor.__file__).parent.rglob("*.py")
    verbs = r"(?:_proposal|_region|_category|_above|_below|(?<!un)reviewed|begin)"
    made = verbs + r"\([^\"()]*\"(\w+)\"\)"
    names = {name for path in sources for name in re.findall(made, path.read_text("utf-8"))}
    assert {"propose", "reviewed", "accept_region", "clear_below"} <= names
    known = {spec.key for spec in ACTIONS} | {"reviewed"}
    assert names | set(session.editor.tools) <= known


def test_another_step_among_hundreds_adds_one_row_and_moves_no_other(qtbot) -> None:
    panel = HistoryPanel()
    qtbot.addWidget(panel)
    steps = [Step("brush", "sky", (1, 2, 3)), Step("eraser")] * 500
    panel.show_steps(steps, len(steps))
    model = panel._list.model()
    added: list[tuple[int, int]] = []
    moved: list[str] = []
    model.rowsInserted.connect(lambda parent, first, last: added.append((first, last)))
    model.rowsRemoved.connect(lambda *_: moved.append("removed"))
    model.modelReset.connect(lambda: moved.append("reset"))
    steps = [*steps, Step("fill")]
    panel.show_steps(steps, len(steps))
    assert added == [(len(steps), len(steps))]
    assert moved == []


def test_steps_that_are_forgotten_for_room_are_no_longer_listed(session: Session) -> None:
    states = three_strokes(session)
    session.workspace.limit_undo(1)
    assert texts(session) == ["As it was", "Brush · bright"]
    session.window.history.step_chosen.emit(0)
    assert np.array_equal(labels(session), states[2])


def test_the_first_row_can_be_read_before_anything_was_done(qtbot) -> None:
    panel = HistoryPanel()
    qtbot.addWidget(panel)
    panel.resize(240, 200)
    panel.show()
    qtbot.waitExposed(panel)
    row = panel._list.visualRect(panel._list.model().index(0, 0))
    assert panel._empty.isVisible() and not panel._empty.geometry().intersects(row)


def test_a_step_follows_the_name_and_colour_of_its_category(session: Session) -> None:
    paint(session)
    session.window.categories.rename_requested.emit(1, "very bright")
    assert texts(session) == ["As it was", "Brush · very bright"]
    model = session.window.history._list.model()
    swatch = model.index(1).data(Qt.ItemDataRole.DecorationRole).toImage()
    assert swatch.pixelColor(5, 5).getRgb()[:3] == session.workspace.categories[1].color
