from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

from seglabel.app.dialogs.unsaved import Answer, UnsavedDialog
from seglabel.app.session import Session
from seglabel.core.status import Status
from seglabel.formats import open_project
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.project_store import ProjectStore
from seglabel.tools import Pointer


def paint(session: Session, y: int = 30, x: int = 30) -> None:
    """One dab."""
    session.editor.press(Pointer(y, x))
    session.editor.release(Pointer(y, x))


def show(qtbot, session: Session, name: str) -> None:
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.go_to(name)


def shown_name(session: Session) -> str:
    """The image that is on the canvas, if any."""
    image = session.workspace.image
    return image.name if image is not None else ""


def wait_saved(qtbot, session: Session) -> None:
    """Save now and wait until it is on disk."""
    session.workspace.save()  # says so at once if there is anything to save
    qtbot.waitUntil(lambda: session.window.saved_text == "saved", timeout=20000)


def test_opening_a_folder_shows_its_first_image_and_all_names(session: Session) -> None:
    assert session.workspace.name == "a.png"
    assert session.workspace.project.names == ("a.png", "b.png", "c.png", "d.png")


def test_merely_looking_at_a_folder_writes_nothing_into_it(
    qtbot, make_session: Callable[..., Session], folder: Path
) -> None:
    session = make_session()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.open_project(folder)
    show(qtbot, session, "b.png")
    assert not (folder / ".seglabel").exists()


def test_work_is_saved_by_itself(qtbot, session: Session, folder: Path) -> None:
    paint(session)
    path = folder / ".seglabel" / "labels" / "a.png.png"
    qtbot.waitUntil(path.exists, timeout=20000)
    qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20000)
    assert open_project(folder).labels("a.png").any()


def test_going_to_another_image_saves_this_one(qtbot, session: Session, folder: Path) -> None:
    paint(session)
    show(qtbot, session, "b.png")
    qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20000)
    view = open_project(folder)
    assert view.labels("a.png").any()
    assert view.status("a.png") is Status.CORRECTED


def test_coming_back_finds_the_work_and_its_history(qtbot, session: Session) -> None:
    paint(session)
    before = session.editor.document.labels.copy()
    show(qtbot, session, "b.png")
    assert not session.editor.document.labels.any()
    show(qtbot, session, "a.png")
    assert np.array_equal(session.editor.document.labels, before)
    session.editor.undo()
    assert not session.editor.document.labels.any()


def test_reviewed_marks_saves_and_goes_on(qtbot, session: Session, folder: Path) -> None:
    paint(session)
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.window.actions_table["reviewed"].trigger()
    assert session.workspace.name == "b.png"
    qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20000)
    assert open_project(folder).status("a.png") is Status.REVIEWED


def test_what_is_painted_while_the_next_image_loads_is_saved(
    qtbot, session: Session, folder: Path
) -> None:
    for name in ("b.png", "d.png"):  # one that can be read and one that cannot
        show(qtbot, session, "a.png")
        session.workspace.go_to(name)
        before = np.count_nonzero(session.editor.document.labels)
        paint(session, 10 if name == "b.png" else 50, 10)
        assert np.count_nonzero(session.editor.document.labels) > before
        kept = session.editor.document.labels.copy()
        qtbot.waitUntil(lambda: shown_name(session) != "a.png", timeout=20000)
        qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20000)
        assert np.array_equal(open_project(folder).labels("a.png"), kept)


def test_an_image_without_labels_is_reviewed_by_a_second_enter_only(
    qtbot, session: Session
) -> None:
    document = session.editor.document
    session.window.actions_table["reviewed"].trigger()
    assert document.status is Status.EMPTY
    assert "no labels" in session.window.image_banner.text
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.window.actions_table["reviewed"].trigger()
    assert document.status is Status.REVIEWED
    assert session.workspace.name == "b.png"
    assert not session.window.image_banner.isVisible()


def test_nothing_is_reviewed_before_there_is_a_category(qtbot, make_session, other_folder) -> None:
    session = make_session()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.open_project(other_folder)
    for _ in range(3):
        session.window.actions_table["reviewed"].trigger()
    assert session.editor.document.status is Status.EMPTY
    assert "category" in session.window.banner.text
    session.window.categories.add_requested.emit("roof")
    session.window.actions_table["reviewed"].trigger()  # asked about anew
    assert session.editor.document.status is Status.EMPTY
    assert "no labels" in session.window.image_banner.text


def test_what_is_said_of_the_data_stays_when_an_image_cannot_be_read(
    qtbot, session: Session
) -> None:
    session.window.say_hint("Imported labels of 3 images.")
    with qtbot.waitSignal(session.workspace.image_failed, timeout=20000):
        session.workspace.go_to("d.png")
    window = session.window
    assert window.banner.isVisible() and window.image_banner.isVisible()
    assert not window.banner.geometry().intersects(window.image_banner.geometry())
    show(qtbot, session, "b.png")
    assert window.banner.isHidden() and window.image_banner.isHidden()  # news of before


def test_a_project_opens_where_it_was_left(
    qtbot, session: Session, make_session, folder: Path, other_folder: Path
) -> None:
    show(qtbot, session, "c.png")
    session.window.actions_table["outline"].trigger()
    session.window.close()
    again = make_session()
    for opened, name in ((other_folder, "a.png"), (folder, "c.png")):
        with qtbot.waitSignal(again.workspace.image_opened, timeout=20000):
            again.workspace.open_project(opened)
        assert shown_name(again) == name
    assert again.view.look.outline
    (folder / "c.png").unlink()
    with qtbot.waitSignal(again.workspace.image_opened, timeout=20000):
        again.workspace.open_project(folder)
    assert shown_name(again) == "a.png"


def test_a_picture_that_takes_long_is_said_to_be_loading_and_the_old_one_is_left(
    qtbot, session: Session, monkeypatch
) -> None:
    window, store, gate = session.window, session.workspace.store, threading.Event()
    canvas = window.canvas
    canvas.zoom_to(4.0)
    before = canvas.transform
    read = store.read_image

    def slowly(name: str) -> np.ndarray:
        gate.wait(10)
        return read(name)

    monkeypatch.setattr(store, "read_image", slowly)
    paint(session)
    session.workspace.go_to("c.png")
    qtbot.waitUntil(lambda: "c.png" in window._position.text(), timeout=20000)
    assert canvas.cursor().shape() is Qt.CursorShape.BusyCursor
    assert session.editor.document is None and not canvas.has_image
    assert window.actions_table["next"].isEnabled()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        gate.set()
    assert window._position.text() == "" and canvas.transform == before
    assert canvas.cursor().shape() is not Qt.CursorShape.BusyCursor
    show(qtbot, session, "a.png")
    assert session.editor.document.labels.any()


def test_reviewed_goes_past_images_that_cannot_be_read(qtbot, session: Session) -> None:
    store = session.workspace.store
    session.workspace.note_unreadable(store, "b.png", "b.png: damaged")
    paint(session)
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.window.actions_table["reviewed"].trigger()
    assert shown_name(session) == "c.png"
    session.workspace.note_unreadable(store, "d.png", "d.png: damaged")
    paint(session)
    session.window.actions_table["reviewed"].trigger()
    assert session.workspace.name == "c.png"


def test_pressing_enter_twice_reviews_no_image_that_was_not_seen(qtbot, session: Session) -> None:
    paint(session)
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        for _ in range(2):
            session.window.actions_table["reviewed"].trigger()
    assert session.workspace.name == "b.png"
    assert session.editor.document.status is Status.EMPTY


def test_holding_enter_reviews_one_image(qtbot, session: Session) -> None:
    table = session.window.actions_table
    assert not any(table[key].autoRepeat() for key in ("reviewed", "accept", "clear", "propose"))
    assert table["next"].autoRepeat() and table["larger"].autoRepeat()


def test_a_reviewed_image_can_be_taken_back(qtbot, session: Session, folder: Path) -> None:
    paint(session)
    document = session.editor.document
    painted = document.painted.copy()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.window.actions_table["reviewed"].trigger()
    show(qtbot, session, "a.png")
    assert document.status is Status.REVIEWED and document.painted.all()
    session.editor.undo()
    assert document.status is Status.CORRECTED
    assert np.array_equal(document.painted, painted)
    session.editor.redo()
    assert document.status is Status.REVIEWED
    session.editor.undo()
    wait_saved(qtbot, session)
    assert open_project(folder).status("a.png") is Status.CORRECTED


@pytest.mark.parametrize("verb", ["accept", "clear"])
def test_nothing_is_decided_about_an_image_that_is_being_left(
    qtbot, session: Session, verb: str
) -> None:
    paint(session)
    document = session.editor.document
    before = document.painted.copy()
    session.workspace.go_to("b.png")
    session.window.actions_table[verb].trigger()
    assert np.array_equal(document.painted, before)


def test_half_a_stroke_is_never_saved(qtbot, session: Session, folder: Path) -> None:
    paint(session)
    wait_saved(qtbot, session)
    before = open_project(folder).labels("a.png")
    paint(session, 10, 10)
    session.editor.press(Pointer(50, 50))
    session.workspace.save()
    assert not session.writer.has_pending
    session.editor.cancel_stroke()
    qtbot.waitUntil(lambda: session.window.saved_text == "saved", timeout=20000)
    labels = open_project(folder).labels("a.png")
    assert labels[10, 10] and not labels[50, 50]
    assert not before[10, 10]


def test_an_unreadable_image_is_shown_as_such_and_stops_nothing(qtbot, session: Session) -> None:
    with qtbot.waitSignal(session.workspace.image_failed, timeout=20000) as failed:
        session.workspace.go_to("d.png")
    assert "d.png" in failed.args[1]
    assert session.window.image_banner.isVisible()
    assert session.workspace.project.records["d.png"].error
    assert not session.window.actions_table["reviewed"].isEnabled()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.window.actions_table["previous"].trigger()
    assert session.workspace.name == "c.png"


def test_only_the_newest_wish_is_shown(qtbot, session: Session) -> None:
    opened: list[str] = []
    session.workspace.image_opened.connect(lambda image: opened.append(image.name))
    for name in ("b.png", "c.png", "b.png", "a.png", "c.png"):
        session.workspace.go_to(name)
    qtbot.waitUntil(lambda: opened[-1:] == ["c.png"], timeout=20000)
    assert session.editor.document is session.workspace.image.document


def test_a_folder_that_is_not_there_is_refused_in_words(
    qtbot, make_session: Callable[..., Session], tmp_path: Path, monkeypatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(
        "seglabel.app.bindings.project.QMessageBox.warning", lambda *a: said.append(a[2])
    )
    session = make_session()
    session.workspace.open_project(tmp_path / "nowhere")
    qtbot.waitUntil(lambda: bool(said), timeout=20000)
    assert "nowhere" in said[0]
    assert session.workspace.store is None


def test_a_failed_save_is_said_kept_and_can_be_tried_again(
    qtbot, session: Session, folder: Path
) -> None:
    paint(session)
    wait_saved(qtbot, session)
    labels = folder / ".seglabel" / "labels"
    shutil.rmtree(labels)
    labels.write_text("a file where a folder should be")
    paint(session, 10, 10)
    session.workspace.save()
    qtbot.waitUntil(session.window.banner.isVisible, timeout=20000)
    assert "labels" in session.window.banner.text
    assert session.writer.has_pending
    labels.unlink()
    session.workspace.save_all()
    qtbot.waitUntil(lambda: session.window.saved_text == "saved", timeout=20000)
    assert open_project(folder).labels("a.png")[10, 10]


def break_saving(folder: Path, name: str) -> Path:
    """Put a folder where the labels of one image should go; removing it mends that."""
    obstacle = folder / ".seglabel" / "labels" / f"{name}.png"
    obstacle.mkdir(parents=True)
    (obstacle / "in the way").touch()
    return obstacle


def test_an_image_that_cannot_be_saved_does_not_keep_others_from_it(
    qtbot, session: Session, folder: Path
) -> None:
    obstacle = break_saving(folder, "a.png")
    paint(session)
    show(qtbot, session, "b.png")
    paint(session)
    show(qtbot, session, "c.png")
    qtbot.waitUntil(lambda: not session.writer.is_working, timeout=20000)
    assert ProjectStore.open(folder).load("b.png").labels.any()
    qtbot.waitUntil(lambda: session.window.saved_text == "not saved!", timeout=20000)
    shutil.rmtree(obstacle)
    session.window.actions_table["save"].trigger()
    qtbot.waitUntil(lambda: session.window.saved_text == "saved", timeout=20000)
    assert open_project(folder).labels("a.png").any()


def test_equal_names_in_two_projects_are_saved_apart(
    qtbot, session: Session, folder: Path, other_folder: Path, segmenter
) -> None:
    writer, first = session.writer, session.workspace.store
    second = ProjectStore.open(other_folder)
    obstacle = break_saving(folder, "a.png")
    ones = np.ones((60, 80), np.uint8)
    writer.save(first, "a.png", Annotation(ones, ones.astype(bool)))
    writer.save(second, "a.png", Annotation(2 * ones, ones.astype(bool)))
    qtbot.waitUntil(lambda: not writer.is_working, timeout=20000)
    shutil.rmtree(obstacle)
    assert not writer.flush()
    assert open_project(folder).labels("a.png")[0, 0] == 1
    assert open_project(other_folder).labels("a.png")[0, 0] == 2


def test_what_another_project_says_of_an_equal_name_is_not_believed(
    qtbot, session: Session, other_folder: Path
) -> None:
    session.workspace.note_unreadable(ProjectStore.open(other_folder), "a.png", "damaged")
    assert not session.workspace.project.records["a.png"].error


def test_a_category_hidden_in_one_project_is_shown_in_the_next(
    qtbot, session: Session, other_folder: Path
) -> None:
    session.window.categories.hide_requested.emit(1)
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.open_project(other_folder)
    assert not session.view.look.hidden


def test_categories_that_were_saved_after_all_are_said_to_be_saved(
    qtbot, session: Session, folder: Path
) -> None:
    qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20000)
    project = folder / ".seglabel" / "project.json"
    project.unlink()
    project.mkdir()
    session.window.categories.add_requested.emit("new")
    qtbot.waitUntil(lambda: session.window.saved_text == "not saved!", timeout=20000)
    project.rmdir()
    session.workspace.save_all()
    qtbot.waitUntil(lambda: session.window.saved_text == "saved", timeout=20000)


@pytest.mark.parametrize("answer", list(Answer))
def test_closing_asks_before_it_loses_anything(
    qtbot, session: Session, folder: Path, monkeypatch, answer: Answer
) -> None:
    obstacle = break_saving(folder, "a.png")
    paint(session)
    asked: list[str] = []

    def ask(dialog: UnsavedDialog) -> Answer:
        asked.append(dialog.text())
        if answer is Answer.RETRY:
            shutil.rmtree(obstacle)
        return answer

    monkeypatch.setattr(UnsavedDialog, "ask", ask)
    session.window.close()
    assert len(asked) == 1 and "a.png" in asked[0]
    assert session.window.isVisible() is (answer is Answer.STAY)
    if answer is Answer.STAY:  # and everything goes on as before
        shutil.rmtree(obstacle)
        show(qtbot, session, "b.png")
        session.window.close()
    if answer is not Answer.LOSE:
        assert open_project(folder).labels("a.png").any()


def test_a_proposal_for_a_picture_that_vanished_blocks_nothing(
    qtbot, session: Session, folder: Path, segmenter
) -> None:
    proposal = segmenter.propose(session.workspace.image.picture)
    (folder / "a.png").unlink()
    session.writer.keep_proposal(session.workspace.store, "a.png", proposal)
    qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20000)


def test_an_unexpected_error_while_reading_is_said(qtbot, session: Session, monkeypatch) -> None:
    def fail(name: str) -> None:
        raise ValueError("nobody thought of this")

    monkeypatch.setattr(session.workspace.store, "load", fail)
    with qtbot.waitSignal(session.workspace.image_failed, timeout=20000) as failed:
        session.workspace.go_to("b.png")
    assert (
        "b.png" in failed.args[1] and "nobody thought of this" in session.window.image_banner.text
    )


def test_an_unexpected_error_while_saving_is_said_and_kept(
    qtbot, session: Session, monkeypatch
) -> None:
    def fail(name: str, annotation: object) -> None:
        raise ValueError("nobody thought of this")

    monkeypatch.setattr(session.workspace.store, "save", fail)
    paint(session)
    session.workspace.save()
    qtbot.waitUntil(session.window.banner.isVisible, timeout=20000)
    assert "nobody thought of this" in session.window.banner.text
    assert session.writer.has_pending
    monkeypatch.undo()


def test_a_picture_of_another_size_than_its_labels_is_never_rescaled(
    qtbot, session: Session, folder: Path
) -> None:
    store = ProjectStore.open(folder)
    wrong = np.ones((10, 10), np.uint8)
    store.save("c.png", Annotation(wrong, wrong.astype(bool), None, Status.REVIEWED))
    with qtbot.waitSignal(session.workspace.image_failed, timeout=20000) as failed:
        session.workspace.go_to("c.png")
    assert "10 × 10" in failed.args[1]
    assert np.array_equal(open_project(folder).labels("c.png"), wrong)


def test_closing_the_window_saves_what_was_just_painted(
    qtbot, make_session: Callable[..., Session], folder: Path
) -> None:
    session = make_session()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.open_project(folder)
    session.window.categories.add_requested.emit("thing")
    paint(session)
    session.window.close()
    assert open_project(folder).labels("a.png")[30, 30] == 1


def test_categories_survive_a_restart(
    qtbot, make_session: Callable[..., Session], folder: Path
) -> None:
    session = make_session()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.open_project(folder)
    session.window.categories.template_requested.emit("voc")
    session.window.close()
    again = make_session()
    with qtbot.waitSignal(again.workspace.image_opened, timeout=20000):
        again.workspace.open_project(folder)
    assert again.workspace.project.categories.named("sofa").id == 18


def test_the_project_can_lie_elsewhere(
    qtbot, make_session: Callable[..., Session], folder: Path, tmp_path: Path
) -> None:
    session = make_session()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.open_project(folder, tmp_path / "project")
    session.window.categories.add_requested.emit("thing")
    paint(session)
    wait_saved(qtbot, session)
    assert not (folder / ".seglabel").exists()
    assert (tmp_path / "project" / "labels" / "a.png.png").exists()


def choose_status(session: Session, text: str) -> None:
    menu = session.window.images.filter_menu
    next(action for action in menu.actions() if action.text() == text).trigger()


def test_images_of_one_status_are_listed_and_gone_through(qtbot, session: Session) -> None:
    workspace, panel = session.workspace, session.window.images
    session.editor.press(Pointer(30, 30))
    session.editor.release(Pointer(30, 30))
    with qtbot.waitSignal(workspace.image_opened, timeout=20000):
        workspace.mark_reviewed()
    assert workspace.name == "b.png"
    choose_status(session, "Empty")
    assert workspace.names == ("b.png", "c.png", "d.png")
    assert panel._list.model().rowCount() == 3 and panel._empty.isHidden()
    choose_status(session, "Reviewed")
    assert workspace.names == ("a.png", "b.png")  # and the one that is shown
    with qtbot.waitSignal(workspace.image_opened, timeout=20000):
        workspace.step(-1)
    assert workspace.name == "a.png"
    with qtbot.waitSignal(workspace.image_opened, timeout=20000):
        workspace.go_to("c.png")
    assert workspace.names == ("a.png", "c.png")
    choose_status(session, "All images")
    assert len(workspace.names) == 4


def test_a_filter_that_finds_nothing_says_so(qtbot, session: Session, folder) -> None:
    panel = session.window.images
    choose_status(session, "Reviewed")
    assert session.workspace.names == ("a.png",) and "reviewed" in panel._empty.text()
    assert not panel._empty.isHidden()
    session.workspace.step(1)
    assert session.workspace.name == "a.png"
    with qtbot.waitSignal(session.workspace.project_opened, timeout=20000):
        session.workspace.open_project(folder)
    assert len(session.workspace.names) == 4 and panel._empty.isHidden()


def test_a_message_goes_with_the_next_successful_action(qtbot, session: Session) -> None:
    window = session.window
    window.say_of_image("Nothing changed: this category is locked.")
    session.editor.press(Pointer(5, 5))
    session.editor.release(Pointer(5, 5))
    assert window.image_banner.isHidden()
    window.say_error("The disk is full.")
    session.editor.undo()
    assert window.banner.isVisible()  # what went wrong is read first
    qtbot.keyClick(window.canvas, Qt.Key.Key_Escape)
    assert window.banner.isHidden()


def test_an_offer_does_not_follow_through_all_images(qtbot, session: Session) -> None:
    window = session.window
    window.say_hint("19 of 20 categories become background.", "Match them…", lambda: None)
    session.editor.press(Pointer(5, 5))
    session.editor.release(Pointer(5, 5))
    assert window.banner.isVisible()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.go_to("b.png")
    assert window.banner.isHidden()


def test_a_refused_name_is_no_longer_news_once_another_was_taken(session: Session) -> None:
    session.category_binding.add("bright")
    assert session.window.banner.text == "Another category is called bright already."
    session.category_binding.add("dim")
    assert session.window.banner.isHidden()
