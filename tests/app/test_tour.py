"""The guided tour: by what it goes on, and how it is closed and found again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton

from seglabel.app.dialogs.export import ExportChoice
from seglabel.app.dialogs.learning import LearnDialog
from seglabel.app.learning import Lesson
from seglabel.app.session import Session
from seglabel.app.tour import STEPS, Tour
from seglabel.core.proposal import Proposal
from seglabel.formats.exchange import ExportOptions
from seglabel.formats.registry import formats
from seglabel.tools import Pointer

KEYS = [step.key for step in STEPS]


# the state


def test_what_is_done_is_ticked_and_the_next_step_comes() -> None:
    tour = Tour().finish("propose")
    assert (tour.step.key, tour.done) == ("correct", {"propose"})


def test_a_later_step_done_early_is_ticked_and_left_out_when_its_turn_comes() -> None:
    tour = Tour().finish("correct")
    assert tour.step.key == "propose"
    assert tour.finish("propose").step.key == "refine"


def test_the_tour_is_over_after_the_last_step_and_back_leads_into_it_again() -> None:
    tour = Tour()
    for key in KEYS:
        tour = tour.finish(key)
    assert tour.step is None and tour.done == set(KEYS)
    assert tour.finish("propose") == tour
    assert tour.move(-1).step.key == "export"


def test_a_tour_leads_neither_before_its_first_nor_past_its_last_step() -> None:
    assert Tour().move(-1) == Tour()
    assert Tour().move(9).move(1) == Tour(len(STEPS))
    assert Tour().move(2).done == frozenset()


# the window


@pytest.fixture
def toured(with_model: Session) -> Session:
    with_model.window.actions_table["tour"].trigger()
    return with_model


def step_of(session: Session) -> str:
    step = session.tour_binding.tour.step
    return "" if step is None else step.key


def button(session: Session) -> QPushButton:
    """The one that does what the step is about."""
    return session.window.tour._button


def paint(session: Session) -> None:
    session.editor.press(Pointer(10, 60))
    session.editor.release(Pointer(10, 60))


def proposal(session: Session) -> Proposal:
    labels = np.ones(session.editor.document.shape, np.uint8)
    certain, doubt = np.ones((15, 20), np.float16), np.zeros((15, 20), np.float16)
    return Proposal(labels, certain, doubt, "strokes", "strokes-1")


def lesson(**changes: object) -> Lesson:
    values = {
        "path": Path("model-1.safetensors"),
        "images": 3,
        "judging": 1,
        "miou": 0.5,
        "previous": "",
        "previous_miou": None,
        "is_used": True,
        "is_stopped": False,
        "skipped": (),
    }
    return Lesson(**{**values, **changes})


def test_the_tour_goes_on_by_what_is_done_in_the_window(
    qtbot, toured: Session, tmp_path: Path, monkeypatch
) -> None:
    with qtbot.waitSignal(toured.proposing.merged, timeout=20000):
        button(toured).click()
    assert step_of(toured) == "correct"
    button(toured).click()
    assert toured.editor.tool == "brush"
    assert toured.window.focusWidget() is toured.window.canvas
    paint(toured)
    assert step_of(toured) == "refine"
    toured.refining._merge(proposal(toured))
    assert step_of(toured) == "learn"
    asked: list[int] = []
    monkeypatch.setattr(LearnDialog, "exec", lambda d: asked.append(d._minutes.value()) or 0)
    button(toured).click()
    qtbot.waitUntil(lambda: asked == [1], timeout=20000)
    assert step_of(toured) == "learn"  # it was only asked
    toured.learning.learned.emit(lesson())
    assert step_of(toured) == "export"
    choice = ExportChoice(formats()["masks"], tmp_path / "out", ExportOptions(), "all", {}, False)
    with qtbot.waitSignal(toured.exchanging.exported, timeout=10000):
        toured.exchanging.export(choice)
    assert step_of(toured) == ""
    assert all(mark.startswith("✓") for mark in toured.window.tour.marks)
    assert not button(toured).isVisible()
    assert "F1" in toured.window.tour.text


def test_an_undone_stroke_and_a_proposal_are_no_correction(qtbot, toured: Session) -> None:
    paint(toured)
    toured.tour_binding.begin()
    toured.editor.undo()
    with qtbot.waitSignal(toured.proposing.merged, timeout=20000):
        toured.proposing.propose()
    assert step_of(toured) == "correct"
    toured.editor.accept()
    toured.editor.undo()
    assert step_of(toured) == "correct"


def test_a_model_that_is_no_better_was_learned_all_the_same(toured: Session) -> None:
    toured.learning.undecided.emit(lesson(previous="a", previous_miou=0.6, is_used=False))
    assert toured.window.tour.marks[3].startswith("✓")


def test_a_closed_tour_goes_on_from_the_help_menu_where_it_was(qtbot, toured: Session) -> None:
    window, switch = toured.window, toured.window.actions_table["tour"]
    window.tour._next.click()
    window.tour._close.click()
    assert not window.tour.isVisible() and not switch.isChecked()
    assert window.focusWidget() is window.canvas
    paint(toured)  # nobody follows it any more
    switch.trigger()
    assert window.tour.isVisible() and step_of(toured) == "correct"
    window.tour._back.click()
    assert step_of(toured) == "propose"
    assert not window.tour._back.isEnabled()


def test_a_tour_that_was_over_begins_anew_from_the_help_menu(toured: Session) -> None:
    switch = toured.window.actions_table["tour"]
    for _ in STEPS:
        toured.window.tour._next.click()
    assert step_of(toured) == ""
    switch.trigger()
    switch.trigger()
    assert step_of(toured) == "propose"


def test_the_tour_covers_nothing_of_the_picture_and_goes_with_the_rest(
    qtbot, toured: Session
) -> None:
    window = toured.window
    window.resize(1024, 640)
    qtbot.waitUntil(lambda: window.size().toTuple() == (1024, 640))
    QApplication.processEvents()
    tour, canvas = (
        part.rect().translated(part.mapTo(window, part.rect().topLeft()))
        for part in (window.tour, window.canvas)
    )
    assert not tour.intersects(canvas)
    assert tour.height() < 90
    for _ in STEPS:
        window.tour._next.click()
        QApplication.processEvents()
        assert window.tour.height() == tour.height()  # the picture stays where it is
    window.show_picture_only(True)
    assert not window.tour.isVisible()
    window.show_picture_only(False)
    assert window.tour.isVisible()


def test_there_is_no_tour_without_a_project(make_session) -> None:
    assert not make_session().window.actions_table["tour"].isEnabled()


def test_the_tour_names_the_keys_that_are_set_now(toured: Session) -> None:
    table, tour = toured.window.actions_table, toured.window.tour
    assert "(Ctrl+P)" in tour.text
    table.set_keys(lambda key: {"propose": ("F9",), "heat": ()}.get(key, ("Ctrl+F12",)))
    assert "(F9)" in tour.text and "“Uncertainty”" in tour.text


def test_without_a_model_the_first_step_offers_to_get_one(session: Session) -> None:
    session.window.actions_table["tour"].trigger()
    load = session.window.actions_table["load_model"]
    assert button(session).text() == load.text() and button(session).isEnabled()


def test_while_a_model_is_loaded_the_first_step_offers_no_other(qtbot, session: Session) -> None:
    session.window.actions_table["tour"].trigger()
    propose = session.window.actions_table["propose"]
    with qtbot.waitSignal(session.proposing.model_changed, timeout=20000):
        session.proposing.load_model(session.workspace.store.root / "fake.safetensors")
        assert button(session).text() == propose.text() and not button(session).isEnabled()
    assert button(session).text() == propose.text()
    qtbot.waitUntil(button(session).isEnabled, timeout=20000)


def test_the_tour_follows_the_language_and_tells_a_screen_reader_where_it_is(
    toured: Session,
) -> None:
    tour = toured.window.tour
    assert tour.accessibleName() == "Guided tour, step 1 of 5: Propose"
    assert tour.accessibleDescription() == tour.text
    toured.look_binding.set_language("zh_CN")
    said = (tour.accessibleName(), tour.marks[0], tour.text)
    toured.look_binding.set_language("en")
    assert said[0] == "导览, 第 1 步，共 5 步：预标注"
    assert said[1] == "1 预标注"
    assert "（Ctrl+P）" in said[2]


def test_the_keyboard_gets_into_the_tour_and_through_it(qtbot, toured: Session) -> None:
    window = toured.window
    for _ in range(9):
        window.focus_next_part()
        if window.tour.isAncestorOf(window.focusWidget()):
            break
    tour = window.tour
    for control in (tour._button, tour._next, tour._close):
        assert window.focusWidget() is control
        qtbot.keyClick(control, Qt.Key.Key_Tab)
