from __future__ import annotations

import dataclasses
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QListWidget, QPushButton

from seglabel.app import exchanging
from seglabel.app.dialogs.deleting import DeleteCategoryDialog
from seglabel.app.dialogs.export import ExportChoice, ExportDialog
from seglabel.app.dialogs.importing import ImportChoice
from seglabel.app.session import Session
from seglabel.core.project import ImageRecord
from seglabel.core.status import Status
from seglabel.formats import open_project
from seglabel.formats.exchange import ExportOptions
from seglabel.formats.registry import formats
from seglabel.jobs.importing import import_annotations
from seglabel.jobs.merging import CategoryUsage
from seglabel.jobs.selection import WHOLE
from seglabel.tools import Pointer


def paint(session: Session, y: int = 30, x: int = 30) -> None:
    session.editor.press(Pointer(y, x))
    session.editor.release(Pointer(y, x))


def reopen(qtbot, session: Session, folder: Path) -> None:
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.open_project(folder)


@pytest.fixture
def gate(monkeypatch) -> Iterator[threading.Event]:
    """Holds every import until it is set."""
    event = threading.Event()

    def wait(*arguments: object, **choices: object) -> object:
        event.wait(10)
        return import_annotations(*arguments, **choices)

    monkeypatch.setattr(exchanging, "import_annotations", wait)
    yield event
    event.set()


@pytest.fixture
def masks(tmp_path: Path) -> ImportChoice:
    """A mask for a.png that calls all of it *grey*."""
    source = tmp_path / "masks"
    source.mkdir()
    Image.fromarray(np.full((60, 80), 2, np.uint8)).save(source / "a.png")
    names = tmp_path / "names.txt"
    names.write_text("1,bright,#e61e1e\n2,grey,#1e5ae6\n")
    return ImportChoice(formats()["masks"], source, names, False, True)


def export_choice(target: Path) -> ExportChoice:
    return ExportChoice(formats()["coco"], target, ExportOptions(), "all", WHOLE, False)


def break_saving(folder: Path) -> Path:
    obstacle = folder / ".seglabel" / "labels" / "a.png.png"
    obstacle.mkdir(parents=True)
    (obstacle / "in the way").touch()
    return obstacle


def test_opening_the_same_folder_again_finds_the_newest_strokes(
    qtbot, session: Session, folder: Path
) -> None:
    for x in range(10, 60, 10):
        paint(session, 30, x)
        reopen(qtbot, session, folder)
        assert session.editor.document.labels[30, x] == 1
    paint(session, 5, 5)
    session.writer.flush()
    session.workspace.save()
    assert not session.writer.flush()
    assert open_project(folder).labels("a.png")[30, 10:60:10].all()


def test_a_folder_is_not_opened_over_work_that_cannot_be_saved(
    qtbot, session: Session, folder: Path, monkeypatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(
        "seglabel.app.bindings.project.QMessageBox.warning", lambda *a: said.append(a[2])
    )
    obstacle = break_saving(folder)
    paint(session)
    document = session.editor.document
    session.workspace.open_project(folder)
    qtbot.waitUntil(lambda: bool(said), timeout=20000)
    assert session.editor.document is document and document.labels[30, 30]
    paint(session, 10, 10)  # and work goes on
    assert document.labels[10, 10]
    shutil.rmtree(obstacle)
    reopen(qtbot, session, folder)
    assert session.editor.document.labels[10, 10]


def test_nothing_can_be_painted_while_labels_are_imported(
    qtbot, session: Session, folder: Path, gate, masks
) -> None:
    session.exchanging.bring_in(masks)
    paint(session)
    session.window.actions_table["accept"].trigger()
    session.window.actions_table["reviewed"].trigger()
    document = session.editor.document
    assert not document.labels.any() and document.status is Status.EMPTY
    assert session.workspace.name == "a.png"
    assert not session.window.categories.isEnabled()
    assert session.window.tool_options._lock.text()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        gate.set()
    assert (session.editor.document.labels == 2).all()
    assert session.window.categories.isEnabled()
    assert not session.window.tool_options._lock.text()
    paint(session)
    session.workspace.save()
    assert not session.writer.flush()
    assert np.count_nonzero(open_project(folder).labels("a.png") == 2) > 2000


def test_what_an_import_that_broke_off_brought_in_is_shown(
    qtbot, session: Session, masks, monkeypatch
) -> None:
    def break_off(*arguments: object, **choices: object) -> object:
        import_annotations(*arguments, **choices)
        raise OSError("the disk went away")

    monkeypatch.setattr(exchanging, "import_annotations", break_off)
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.exchanging.bring_in(masks)
    assert (session.editor.document.labels == 2).all()
    assert "the disk went away" in session.window.banner.text


def test_the_notes_of_an_import_can_be_read_in_full_and_copied(
    qtbot, session: Session, masks: ImportChoice
) -> None:
    paint(session)
    with qtbot.waitSignal(session.exchanging.imported, timeout=20000):
        session.exchanging.bring_in(dataclasses.replace(masks, replace=False))
    banner = session.window.banner
    assert "--" not in banner.text and "already has" not in banner.text
    shown: list[str] = []

    def read() -> None:
        dialog = QApplication.activeModalWidget()
        notes = dialog.findChild(QListWidget)
        shown.extend(notes.item(row).text() for row in range(notes.count()))
        copy = next(b for b in dialog.findChildren(QPushButton) if b.text() == "Copy")
        copy.click()
        dialog.reject()

    QTimer.singleShot(0, read)
    banner._button.click()
    assert any("a.png: already has labels" in note for note in shown)
    assert not any("--replace" in note for note in shown)
    assert QApplication.clipboard().text() == "\n".join(shown)


def test_a_deleted_category_gives_its_pixels_to_another_one_everywhere(
    qtbot, session: Session, folder: Path
) -> None:
    paint(session)
    before = session.editor.document.labels.copy()
    session.deleting.delete(1, 2)
    assert session.editor.is_read_only
    wanted = np.where(before == 1, 2, before)
    qtbot.waitUntil(
        lambda: (
            session.editor.document is not None
            and np.array_equal(session.editor.document.labels, wanted)
            and not session.editor.is_read_only
        ),
        timeout=20000,
    )
    assert [c.name for c in session.workspace.project.categories] == ["grey"]
    assert session.editor.category_id == 2
    assert "1 images" in session.window.banner.text
    session.window.categories.add_requested.emit("new")
    assert session.workspace.project.categories.named("new").id == 3
    session.writer.flush()
    assert [c.id for c in open_project(folder).categories] == [2, 3]


def test_categories_can_be_moved_in_the_list_and_are_asked_about_before_they_go(
    qtbot, session: Session
) -> None:
    def actions(category_id: int) -> dict[str, QAction]:
        made = session.window.categories.make_menu(category_id).actions()
        return {action.text(): action for action in made}

    assert not actions(1)["Move up"].isEnabled() and not actions(2)["Move down"].isEnabled()
    actions(1)["Move down"].trigger()
    assert session.workspace.project.categories.ids == (2, 1)
    usage = CategoryUsage(2, 900)
    dialog = DeleteCategoryDialog(1, session.workspace.project.categories, usage)
    qtbot.addWidget(dialog)
    assert [dialog._target.itemData(i) for i in range(3)] == [0, 255, 2]
    told: list[str] = []

    def answer(modal: QDialog) -> None:
        told.extend(label.text() for label in modal.findChildren(QLabel))
        told.extend(b.text() for b in modal.findChildren(QPushButton) if b.isDefault())
        modal.reject()

    session.editor.press(Pointer(5, 5))
    session.editor.release(Pointer(5, 5))
    painted = int((session.editor.document.labels == 1).sum())
    with qtbot.waitSignal(session.window.categories.delete_requested):
        answer_modal(answer)
        actions(1)["Delete…"].trigger()
    qtbot.waitUntil(lambda: bool(told), timeout=20000)
    assert f"{painted:,} pixels in 1 images have it." in told
    assert "Cancel" in told and "Delete" not in told
    assert 1 in session.workspace.project.categories


def answer_modal(answer: Callable[[QDialog], None]) -> None:
    """Call ``answer`` with the dialog as soon as there is one."""

    def look() -> None:
        modal = QApplication.activeModalWidget()
        if isinstance(modal, QDialog):
            answer(modal)
        else:
            QTimer.singleShot(10, look)

    QTimer.singleShot(0, look)


def test_an_export_takes_no_unseen_proposals_unless_they_are_asked_for(
    qtbot, session: Session, tmp_path: Path
) -> None:
    records = {
        name: ImageRecord(name, status)
        for name, status in (("a", Status.PROPOSED), ("b", Status.CORRECTED), ("c", Status.EMPTY))
    }
    dialog = ExportDialog(formats().values(), records, tmp_path, session.window)
    assert dialog.choice().status == "corrected" and dialog._note.isHidden()
    dialog._status.setCurrentIndex(dialog._status.findData("all"))
    assert not dialog._note.isHidden() and dialog._note.text().startswith("1 of them")


def test_a_second_job_is_refused_and_said_why(
    qtbot, with_model: Session, segmenter, tmp_path: Path, other_folder: Path
) -> None:
    session = with_model
    segmenter.gate.clear()
    session.window.actions_table["propose_folder"].trigger()
    session.exchanging.export(export_choice(tmp_path / "out"))
    assert "Proposing" in session.window.banner.text
    session.workspace.open_project(other_folder)
    assert session.window.job_bar._text.text().startswith("Proposing")
    with qtbot.waitSignal(session.job.ended, timeout=20000):
        session.window.banner._button.click()  # stop it
    with qtbot.waitSignal(session.exchanging.exported, timeout=10000):
        session.exchanging.export(export_choice(tmp_path / "out"))
    assert session.workspace.store.folder != other_folder


def test_an_export_behind_a_failing_save_is_refused(
    qtbot, session: Session, folder: Path, tmp_path: Path
) -> None:
    obstacle = break_saving(folder)
    paint(session)
    with qtbot.waitSignal(session.running.failed, timeout=20000):
        session.exchanging.export(export_choice(tmp_path / "out"))
    assert not session.job.is_running
    shutil.rmtree(obstacle)
    with qtbot.waitSignal(session.exchanging.exported, timeout=10000):
        session.exchanging.export(export_choice(tmp_path / "out"))


def test_an_export_that_waits_for_the_disk_can_be_stopped(
    qtbot, session: Session, tmp_path: Path, monkeypatch
) -> None:
    slow = threading.Event()
    store = session.workspace.store
    save = store.save
    monkeypatch.setattr(store, "save", lambda *a: (slow.wait(10), save(*a)))
    paint(session)
    session.exchanging.export(export_choice(tmp_path / "out"))
    session.window.job_bar.cancel_requested.emit()
    assert not session.job.is_running
    slow.set()
    assert not session.writer.flush()
    qtbot.wait(20)
    assert not (tmp_path / "out").exists()
