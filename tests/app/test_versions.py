"""The models of a project in the window: the list, going back, comparing, export, deletion."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QLabel,
    QMessageBox,
    QPushButton,
    QTextBrowser,
    QToolButton,
)
from safetensors.numpy import save

from seglabel.app.dialogs.comparison import ComparisonWindow
from seglabel.app.dialogs.model_facts import ModelFactsDialog
from seglabel.app.dialogs.versions import VersionsDialog
from seglabel.app.panels.confusion_view import ConfusionView
from seglabel.app.session import Session
from seglabel.app.workers.errands import Errands
from seglabel.core.categories import Category, CategorySet
from seglabel.core.model_version import Judgement, ModelVersion
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.model_card import render_card, without_front_matter
from seglabel.formats.model_file import version_note, with_notes
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.giving_away import card_of
from seglabel.jobs.versions import list_versions

CATEGORIES = CategorySet((Category(1, "bright", (230, 30, 30)), Category(2, "grey", (30, 90, 230))))
SWAPPED = CategorySet((Category(1, "grey", (30, 90, 230)), Category(2, "bright", (230, 30, 30))))


def write_model(root: Path, name: str, categories: CategorySet, **facts: object) -> Path:
    path = root / "models" / f"{name}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    spec = {
        "architecture": {"backbone": "efficientnet_lite0", "output_stride": 16},
        "categories": categories.to_json(),
        "channels": [0, *categories.ids],
        "training": {"steps": 40, "seconds": 61.0, "seed": 3, "stages": ["classifier", "network"]},
    }
    version = ModelVersion(name, project="pictures", **facts)
    data = save({"w": np.zeros(2, np.float32)}, {"seglabel": json.dumps(spec)})
    path.write_bytes(with_notes(data, version_note(version), path))
    return path


@pytest.fixture
def project(folder: Path) -> ProjectStore:
    """Three reviewed images; model-1 is always wrong, model-2 came from it and is right."""
    store = ProjectStore.open(folder)
    store.project.categories = CATEGORIES
    store.project.settings["model"] = "model-1"
    store.save_project()
    for name in ("a.png", "b.png", "c.png"):
        level = store.read_image(name).mean(axis=2)
        labels = np.where(level > 170, 1, np.where(level > 85, 2, 0)).astype(np.uint8)
        whole = np.ones(labels.shape, np.bool_)
        store.save(name, Annotation(labels, whole, None, Status.REVIEWED))
    write_model(store.root, "model-1", SWAPPED, date="2026-01-01T00:00:00.000Z")
    write_model(
        store.root,
        "model-2",
        CATEGORIES,
        date="2026-01-02T00:00:00.000Z",
        parent="model-1",
        training=("a.png",),
        validation=("b.png", "c.png"),
        scores=Judgement("model-2", 0.75),
        before=Judgement("model-1", 0.25),
    )
    return store


@pytest.fixture
def shown(qtbot, make_session, project: ProjectStore) -> Session:
    """The window with this project, in which model-1 is used."""
    session = make_session()
    with qtbot.waitSignal(session.proposing.model_changed, timeout=10_000):
        session.workspace.open_project(project.folder)
    qtbot.waitUntil(lambda: session.workspace.image is not None, timeout=10_000)
    return session


def choose(dialog: VersionsDialog, *names: str) -> None:
    """Select these rows and no others."""
    tree = dialog._list
    tree.clearSelection()
    for item in tree.findItems("", Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive):
        item.setSelected(item.text(0).split(" ")[0] in names)


def button(dialog: QDialog, text: str) -> QPushButton:
    return next(b for b in dialog.findChildren(QPushButton) if b.text() == text)


def with_dialog(qtbot, session: Session, act: Callable[[VersionsDialog], None]) -> None:
    """Open the dialog by its action, do something in it, and close it if it is still open."""
    done = []

    def when_open() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, VersionsDialog):
            QTimer.singleShot(5, when_open)
            return
        try:
            act(dialog)
        finally:
            done.append(True)
            dialog.close()

    QTimer.singleShot(0, when_open)
    session.window.actions_table["versions"].trigger()
    qtbot.waitUntil(lambda: bool(done), timeout=10_000)


# the list


def test_versions_stand_below_the_one_they_came_from_and_the_used_one_is_chosen(
    qtbot, project: ProjectStore
) -> None:
    dialog = VersionsDialog(list_versions(project.root))
    qtbot.addWidget(dialog)
    top = dialog._list.topLevelItem(0)
    assert top.text(0) == "model-1 (in use)"
    below = top.child(0)
    assert [below.text(i) for i in (0, 2, 3, 4, 5)] == ["model-2", "1", "2", "0.750", "model-1"]
    assert below.text(1).startswith("2026-01-0")
    assert not button(dialog, "Use this one").isEnabled()  # it is used already
    choose(dialog, "model-2")
    assert dialog.details.splitlines() == [
        "Learned from 1 images, starting from model-1.",
        "mIoU 0.750 on the images held back from it. model-1, used until then: 0.250.",
        "40 steps · 61 s · seed 3 · classifier alone → whole network",
    ]
    assert button(dialog, "Compare with model-1").isEnabled()


def test_two_that_are_chosen_are_compared_the_older_first(qtbot, project: ProjectStore) -> None:
    dialog = VersionsDialog(list_versions(project.root))
    qtbot.addWidget(dialog)
    choose(dialog, "model-1", "model-2")
    assert not button(dialog, "Export…").isEnabled()
    with qtbot.waitSignal(dialog.compare_requested) as asked:
        button(dialog, "Compare").click()
    assert [row.name for row in asked.args] == ["model-1", "model-2"]


def test_a_damaged_model_can_only_be_deleted(qtbot, project: ProjectStore) -> None:
    (project.models_folder / "bad.safetensors").write_bytes(b"cut")
    dialog = VersionsDialog(list_versions(project.root))
    qtbot.addWidget(dialog)
    choose(dialog, "bad")
    assert "not a safetensors file" in dialog.details
    enabled = {b.text() for b in dialog.findChildren(QPushButton) if b.isEnabled()}
    assert enabled == {"Delete…", "Close"}


def test_a_project_without_models_says_how_to_get_one(qtbot) -> None:
    dialog = VersionsDialog([])
    qtbot.addWidget(dialog)
    assert "Learn makes the first one" in dialog.details
    assert not button(dialog, "Delete…").isEnabled()


def test_the_list_is_reached_from_menu_panel_and_key(session: Session) -> None:
    action = session.window.actions_table["versions"]
    assert action.isEnabled()
    assert action.shortcut().toString() == "Ctrl+Shift+L"
    used = [b.defaultAction() for b in session.window.learning.findChildren(QToolButton)]
    assert action in used


# using


def test_one_can_go_back_to_any_model(qtbot, shown: Session, project: ProjectStore) -> None:
    def use(dialog: VersionsDialog) -> None:
        choose(dialog, "model-2")
        button(dialog, "Use this one").click()

    with qtbot.waitSignal(shown.learning.switched, timeout=10_000):
        with_dialog(qtbot, shown, use)
    # which begins to propose anew what nobody touched
    assert shown.proposing.model.path.name == "model-2.safetensors"
    shown.writer.flush()
    assert ProjectStore.read(project.folder).project.settings["model"] == "model-2"


def test_a_card_is_shown_as_people_read_it(qtbot, shown: Session, project: ProjectStore) -> None:
    card = without_front_matter(render_card(card_of(list_versions(project.root)[1], "model-2")))
    dialog = ModelFactsDialog("model-2", [], card)
    qtbot.addWidget(dialog)
    text = dialog.findChild(QTextBrowser).document().toPlainText()
    assert text.startswith("model-2\n")
    assert "|" not in text  # tables became tables
    assert "1 image of the project pictures" in text


# giving away and throwing away


def test_a_model_is_exported_with_its_card(qtbot, shown: Session, tmp_path, monkeypatch) -> None:
    out = tmp_path / "given.safetensors"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out.with_suffix("")), ""))

    def export(dialog: VersionsDialog) -> None:
        choose(dialog, "model-2")
        button(dialog, "Export…").click()
        qtbot.waitUntil(lambda: "Exported model-2 to" in dialog.said, timeout=10_000)

    with_dialog(qtbot, shown, export)
    assert out.is_file()
    assert "1 image of the project pictures" in out.with_suffix(".md").read_text("utf-8")


def test_an_export_that_cannot_be_is_said_in_the_dialog(
    qtbot, shown: Session, project: ProjectStore, monkeypatch
) -> None:
    out = project.models_folder / "mine.safetensors"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))

    def export(dialog: VersionsDialog) -> None:
        choose(dialog, "model-2")
        button(dialog, "Export…").click()
        qtbot.waitUntil(lambda: "lies among the models" in dialog.said, timeout=10_000)

    with_dialog(qtbot, shown, export)
    assert not out.exists()


def answer_box(text: str, seen: list[str]) -> None:
    """Press a button of the question that is about to be asked."""

    def when_open() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        seen.append(box.text())
        next(b for b in box.buttons() if b.text().replace("&", "") == text).click()

    QTimer.singleShot(0, when_open)


@pytest.mark.parametrize("answer", ["Delete", "Cancel"])
def test_no_model_is_deleted_without_being_asked_about(
    qtbot, shown: Session, project: ProjectStore, answer: str
) -> None:
    seen: list[str] = []

    def delete(dialog: VersionsDialog) -> None:
        choose(dialog, "model-1")  # the one in use
        answer_box(answer, seen)
        button(dialog, "Delete…").click()
        if answer == "Delete":
            qtbot.waitUntil(lambda: dialog.said == "model-1 is deleted.", timeout=10_000)
            assert dialog._list.topLevelItemCount() == 1

    with_dialog(qtbot, shown, delete)
    assert "model-1 is the model that this project uses." in seen[0]
    assert "cannot be undone" in seen[0]
    is_there = (project.models_folder / "model-1.safetensors").exists()
    assert is_there is (answer == "Cancel")
    shown.writer.flush()
    used = ProjectStore.read(project.folder).project.settings["model"]
    assert used == ("model-1" if is_there else "")


# comparing


def compare(qtbot, session: Session) -> ComparisonWindow:
    """Compare the model in use with the other, and wait for the pictures."""

    def ask(dialog: VersionsDialog) -> None:
        choose(dialog, "model-2")
        button(dialog, "Compare with model-1").click()

    with_dialog(qtbot, session, ask)
    windows = session.window.findChildren(ComparisonWindow)
    qtbot.waitUntil(lambda: bool(session.window.findChildren(ComparisonWindow)), timeout=20_000)
    (window,) = windows or session.window.findChildren(ComparisonWindow)
    qtbot.waitUntil(lambda: bool(window.captions), timeout=20_000)
    return window


def test_two_models_are_compared_on_images_that_taught_neither(
    qtbot, shown: Session, segmenter
) -> None:
    window = compare(qtbot, shown)
    assert window.windowTitle() == "model-2 compared with model-1"
    assert not window.isModal()
    assert sorted(window.shown_images) == ["b.png", "c.png"]  # a.png taught model-2
    assert window.captions == ["Image", "Truth", "Difference", "model-1", "model-2"]
    table = window._pages.widget(0)
    rows = {}
    for index in range(table.topLevelItemCount()):
        item = table.topLevelItem(index)
        rows[item.text(0)] = [item.text(i) for i in (1, 2, 3)]
    assert rows["bright"] == ["0.000", "1.000", "+1.000"]
    assert rows["background"] == ["1.000", "1.000", "+0.000"]
    views = window.findChildren(ConfusionView)
    assert "bright: 0%" in views[0].accessibleDescription()
    assert "bright: 100%" in views[1].accessibleDescription()
    assert segmenter.proposed == 4


def test_a_second_look_computes_nothing(qtbot, shown: Session, segmenter) -> None:
    compare(qtbot, shown).close()
    qtbot.waitUntil(lambda: not shown.window.findChildren(ComparisonWindow), timeout=10_000)
    before = segmenter.proposed
    compare(qtbot, shown)
    assert segmenter.proposed == before


def test_a_comparison_can_be_stopped_and_work_goes_on_beside_it(
    qtbot, shown: Session, segmenter
) -> None:
    segmenter.gate.clear()
    row, other = list_versions(shown.workspace.store.root)
    with qtbot.waitSignal(shown.job.started, timeout=10_000):
        shown.versions.compare(row, other)
    shown.workspace.step(1)
    qtbot.waitUntil(lambda: shown.workspace.name == "b.png", timeout=10_000)
    with qtbot.waitSignal(shown.job.ended, timeout=10_000):
        shown.job.stop()
    assert not shown.window.findChildren(ComparisonWindow)


def test_without_held_back_images_it_says_that_a_model_was_trained_on_them(
    qtbot, shown: Session, project: ProjectStore
) -> None:
    names = ("a.png", "b.png", "c.png")
    write_model(
        project.root,
        "model-2",
        CATEGORIES,
        date="2026-01-02T00:00:00.000Z",
        parent="model-1",
        training=names,
    )
    window = compare(qtbot, shown)
    said = " ".join(label.text() for label in window.findChildren(QLabel))
    assert "On 3 reviewed images, because none was held back." in said
    assert "model-2 was trained on 3 of these" in said


def test_a_comparison_is_saved_as_a_page(qtbot, shown: Session, tmp_path, monkeypatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        "seglabel.app.dialogs.comparison.QDesktopServices.openUrl",
        lambda url: opened.append(url.toLocalFile()),
    )
    target = tmp_path / "page"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(target))
    window = compare(qtbot, shown)
    button(window, "Save as a page…").click()
    qtbot.waitUntil(lambda: "Saved as" in window.said, timeout=10_000)
    assert opened == [str(target / "index.html")]
    assert "model-2 compared with model-1" in (target / "index.html").read_text("utf-8")


def test_an_image_of_a_comparison_opens_in_the_main_window(qtbot, shown: Session) -> None:
    window = compare(qtbot, shown)
    name = window.shown_images[-1]
    with qtbot.waitSignal(shown.workspace.image_opened, timeout=10_000):
        window.image_requested.emit(name)
    assert shown.workspace.name == name


def test_a_comparison_is_closed_with_its_project(qtbot, shown: Session, other_folder: Path) -> None:
    compare(qtbot, shown)
    with qtbot.waitSignal(shown.workspace.project_opened, timeout=10_000):
        shown.workspace.open_project(other_folder)
    qtbot.waitUntil(lambda: not shown.window.findChildren(ComparisonWindow), timeout=10_000)


def test_the_pointer_tells_what_a_cell_of_the_matrix_means(qtbot) -> None:
    view = ConfusionView("m", ["a", "b"], np.array([[0.75, 0.25], [0, 1]]))
    qtbot.addWidget(view)
    view.resize(view.sizeHint())
    corner = QPoint(view.width() - 10, view.height() - 10)
    assert view.cell_at(corner) == (1, 1)
    assert view.text_of(1, 1) == "b: 100.0 % of its pixels are right"
    assert view.text_of(0, 1) == "a: 25.0 % of its pixels are taken for b"
    assert view.cell_at(QPoint(3, 3)) is None
    assert not view.grab().isNull()


# off the GUI thread


def test_errands_are_done_in_order_and_refusals_told(qtbot) -> None:
    errands = Errands()
    told: list[object] = []

    def fail() -> None:
        raise ValueError("no")

    errands.put(lambda: 1, told.append, told.append)
    errands.put(fail, told.append, lambda text: told.append(text.split(" (")[0]))
    errands.put(lambda: 2, told.append, told.append)
    qtbot.waitUntil(lambda: len(told) == 3, timeout=10_000)
    assert told == [1, "ValueError: no", 2]
    assert errands.close()
