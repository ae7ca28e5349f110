"""Choosing a model, downloading one, explaining it, and what its categories become."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QPushButton,
    QScrollArea,
    QTabWidget,
    QTextBrowser,
)

from seglabel.app.dialogs.mapping import MappingDialog
from seglabel.app.dialogs.model_facts import ModelFactsDialog
from seglabel.app.dialogs.models import ListedModel, ModelsDialog
from seglabel.app.session import Session
from seglabel.app.workers.inference import ModelInfo
from seglabel.core.categories import VOID, CategorySet
from seglabel.core.matching import TO_BACKGROUND, match_by_name
from seglabel.core.public_weights import PublicFile, PublicWeights
from seglabel.formats import open_project

WEIGHTS = b"weights" * 100


@pytest.fixture
def public(tmp_path: Path) -> Iterator[PublicWeights]:
    """An entry of a catalogue whose file a server on this machine has."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    served = tmp_path / "served"
    served.mkdir()
    (served / "net.pth").write_bytes(WEIGHTS)
    http = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(served)))
    thread = Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield PublicWeights(
        "street-net",
        (
            PublicFile(
                f"http://127.0.0.1:{http.server_port}/net.pth",
                "net.pth",
                hashlib.sha256(WEIGHTS).hexdigest()[:8],
            ),
        ),
        data_set="Cityscapes",
        categories=19,
        backbone="resnet50",
        output_stride=8,
        megabytes=0.001,
        license="Apache-2.0",
        terms="no commercial use of the data",
        miou=79.6,
    )
    http.shutdown()
    http.server_close()
    thread.join()


def answer(act: Callable[[QDialog], None]) -> None:
    """Do something with the dialog that is about to open."""

    def when_open() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        act(dialog)

    QTimer.singleShot(0, when_open)


def press(dialog: QDialog, text: str) -> None:
    button = next(b for b in dialog.findChildren(QPushButton) if b.text() == text)
    assert button.isEnabled()
    button.click()


def test_what_is_on_this_machine_stands_before_what_can_be_had(
    session: Session, public, tmp_path
) -> None:
    session.choosing._catalogue, session.choosing._folder = [public], tmp_path / "fetched"
    own = session.workspace.store.models_folder / "model-1.safetensors"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"")
    listed = session.choosing.listed()
    assert [(m.name, m.path is not None) for m in listed] == [
        ("model-1", True),
        ("street-net", False),
    ]


def test_what_comes_with_the_program_is_the_first_choice(session, public, tmp_path) -> None:
    own = session.workspace.store.models_folder / "model-1.safetensors"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"")
    built_in = replace(public, name="nuclei", files=(PublicFile("", "nuclei.safetensors"),))
    session.choosing._catalogue, session.choosing._folder = [public, built_in], tmp_path
    listed = session.choosing.listed()
    assert [m.name for m in listed] == ["nuclei", "model-1", "street-net"]
    dialog = ModelsDialog(listed, session.window)
    assert dialog._ok.text() == "Use this model"
    assert "cell nuclei" in dialog._about.text()
    assert "no commercial use" in dialog._about.text()


def test_the_card_of_a_model_is_shown_and_opens_nothing(qtbot) -> None:
    card = "# Dots\n\n[elsewhere](https://example.org) <b>bold</b>"
    dialog = ModelFactsDialog("net.pth", [Fact("output stride", "16")], card)
    qtbot.addWidget(dialog)
    browser = dialog.findChild(QTextBrowser)
    assert browser.toPlainText().startswith("Dots")
    assert "<b>" in browser.toPlainText()  # it is no HTML
    assert not browser.openLinks()
    assert dialog.findChildren(QTabWidget)[0].count() == 2


def test_a_search_leaves_what_fits(qtbot, public) -> None:
    dialog = ModelsDialog([ListedModel("model-1", Path("a")), ListedModel("b", None, public)])
    qtbot.addWidget(dialog)
    dialog._filter.setText("cityscapes RESNET")
    items = [dialog._list.topLevelItem(i) for i in range(2)]
    assert [item.isHidden() for item in items] == [True, False]
    assert dialog._ok.text() == "Download…"
    dialog._filter.setText("nothing of the kind")
    assert not dialog._ok.isEnabled()


def test_nothing_is_downloaded_before_its_terms_were_seen(qtbot, public) -> None:
    dialog = ModelsDialog([ListedModel(public.name, None, public)])
    qtbot.addWidget(dialog)
    seen: list[str] = []

    def refuse(box: QDialog) -> None:
        seen.append(box.text())  # type: ignore[attr-defined]
        box.reject()

    answer(refuse)
    with qtbot.assertNotEmitted(dialog.fetch_requested):
        dialog._ok.click()
    assert "no commercial use" in seen[0]
    answer(lambda box: press(box, "Download"))
    with qtbot.waitSignal(dialog.fetch_requested) as asked:
        dialog._ok.click()
    assert asked.args == [public]


def test_a_downloaded_model_is_loaded_and_remembered(qtbot, session, public, tmp_path) -> None:
    session.choosing._folder = tmp_path / "fetched"
    with qtbot.waitSignal(session.proposing.model_changed, timeout=10000):
        session.choosing.fetch(public)
    assert (tmp_path / "fetched" / "street-net" / "net.pth").read_bytes() == WEIGHTS
    assert "SHA-256" in session.window.banner.text
    assert not session.window.job_bar.is_running
    assert session.workspace.project.settings["model"].endswith("net.pth")


def test_a_download_that_fails_says_why(qtbot, session, public, tmp_path) -> None:
    session.choosing._folder = tmp_path / "fetched"
    gone = PublicWeights(
        **{
            **{name: getattr(public, name) for name in PublicWeights.__slots__},
            "files": (PublicFile("http://127.0.0.1:9/net.pth", "net.pth"),),
        }
    )
    with qtbot.waitSignal(session.running.failed, timeout=20000):
        session.choosing.fetch(gone)
    assert "online" in session.window.banner.text
    assert session.window.actions_table["load_model"].isEnabled()


def test_the_mapping_starts_from_names_and_tells_what_was_changed(qtbot) -> None:
    model, project = CategorySet.of("person", "car", "cow"), CategorySet.of("pedestrian", "vehicle")
    mapping = match_by_name(model, project)
    dialog = MappingDialog("net", mapping, project)
    qtbot.addWidget(dialog)
    shown = {name: choice.currentText() for name, choice in dialog._choices.items()}
    assert shown["person"] == "pedestrian"
    assert shown["cow"] == "background (nothing)"
    choice = dialog._choices["car"]
    choice.setCurrentIndex(choice.findData("vehicle"))
    assert dialog.chosen() == {"car": "vehicle"}


def test_long_names_of_a_model_do_not_push_the_choices_out_of_the_dialog(qtbot) -> None:
    model = CategorySet.of("traffic light with a rather long name, and sign", "car")
    project = CategorySet.of("everything that stands beside a road and means something", "car")
    dialog = MappingDialog("net", match_by_name(model, project), project)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    area = dialog.findChild(QScrollArea)
    for choice in dialog._choices.values():
        right = choice.mapTo(area.viewport(), choice.rect().bottomRight()).x()
        assert right < area.viewport().width()


def test_a_mapping_is_kept_and_used_for_the_image_and_the_folder(qtbot, with_model) -> None:
    session = with_model

    def choose(dialog: QDialog) -> None:
        assert isinstance(dialog, MappingDialog)
        for name, target in (("bright", "void"), ("grey", TO_BACKGROUND)):
            box = dialog._choices[name]
            box.setCurrentIndex(box.findData(target))
        press(dialog, "Apply")

    answer(choose)
    session.window.actions_table["mapping"].trigger()
    with qtbot.waitSignal(session.inference.proposed, timeout=20000):
        session.window.actions_table["propose"].trigger()
    labels = session.editor.document.labels
    assert (labels[:, :40] == VOID).all()
    assert not labels[:, 40:].any()
    with qtbot.waitSignal(session.inference.run_finished, timeout=10000):
        session.window.actions_table["propose_folder"].trigger()
    folder = session.workspace.store.folder
    assert set(np.unique(open_project(folder).labels("b.png"))) == {0, VOID}
    settings = json.loads((folder / ".seglabel" / "project.json").read_text())["settings"]
    assert settings["mapping"] == {"bright": "void", "grey": ""}


def test_strangers_of_a_model_that_is_about_to_be_replaced_are_not_named(
    qtbot, session, tmp_path
) -> None:
    session.workspace.set_categories(CategorySet.of("dark"))
    named: list[str] = []
    session.proposing.strangers_found.connect(lambda text, _: named.append(text))
    session.proposing.load_model(tmp_path / "first.safetensors")
    session.proposing.load_model(tmp_path / "second.safetensors")
    qtbot.waitUntil(lambda: not session.proposing.is_loading, timeout=20000)
    assert len(named) == 1


def test_strangers_are_named_with_a_way_to_match_them(qtbot, session, tmp_path) -> None:
    session.workspace.set_categories(CategorySet.of("dark"))
    with qtbot.waitSignal(session.proposing.strangers_found, timeout=20000):
        session.proposing.load_model(tmp_path / "fake.safetensors")
    assert "bright, grey" in session.window.banner.text
    opened: list[type] = []

    def close(dialog: QDialog) -> None:
        opened.append(type(dialog))
        dialog.reject()

    answer(close)
    qtbot.mouseClick(session.window.banner._button, Qt.MouseButton.LeftButton)
    assert opened == [MappingDialog]


def test_an_added_category_takes_no_colour_that_is_in_use(qtbot, with_model) -> None:
    session = with_model
    bright = session.proposing.model.categories.named("bright")
    session.workspace.set_categories(CategorySet().with_new("roof", bright.color)[0])

    def add(dialog: QDialog) -> None:
        press(dialog, "Add missing categories")
        press(dialog, "Apply")

    answer(add)
    session.window.actions_table["mapping"].trigger()
    colors = [category.color for category in session.workspace.project.categories]
    assert len(colors) == 3 == len(set(colors))


def test_categories_that_the_project_lacks_can_be_added_in_one_go(qtbot, session, tmp_path) -> None:
    session.workspace.set_categories(CategorySet.of("dark", "bright"))
    with qtbot.waitSignal(session.proposing.strangers_found, timeout=20000):
        session.proposing.load_model(tmp_path / "fake.safetensors")

    def add(dialog: QDialog) -> None:
        press(dialog, "Add missing categories")
        press(dialog, "Apply")

    answer(add)
    session.window.banner._button.click()
    categories = session.workspace.project.categories
    assert [(c.id, c.name) for c in categories] == [(1, "dark"), (2, "bright"), (3, "grey")]
    assert categories[3].color == session.proposing.model.categories.named("grey").color
    with qtbot.waitSignal(session.inference.proposed, timeout=20000):
        session.window.actions_table["propose"].trigger()
    assert set(np.unique(session.editor.document.labels)) == {0, 2, 3}


class Fact:
    def __init__(self, name: str, value: str, source: str = "") -> None:
        self.name, self.value, self.source = name, value, source


def test_corrections_are_taken_once_they_make_sense(qtbot) -> None:
    dialog = ModelFactsDialog("net.pth", [Fact("output stride", "16", "assumed")])
    qtbot.addWidget(dialog)
    assert not dialog._ok.isEnabled()
    dialog._mean.setText("0.5, 0.5")
    assert not dialog._ok.isEnabled()
    assert "three numbers" in dialog._problem.text()
    dialog._mean.setText("0.5, 0.5, 0.25")
    assert dialog._ok.isEnabled()
    assert dialog.mean == (0.5, 0.5, 0.25)
    assert dialog.output_stride is None


def test_a_correction_lies_beside_the_file_and_the_model_is_loaded_anew(
    qtbot, with_model, tmp_path
) -> None:
    torchvision = pytest.importorskip("torchvision")
    torch = pytest.importorskip("torch")
    net = torchvision.models.segmentation.deeplabv3_mobilenet_v3_large(
        weights=None, weights_backbone=None
    )
    path = tmp_path / "net.pth"
    torch.save(net.state_dict(), path)
    with qtbot.waitSignal(with_model.proposing.model_changed, timeout=20000):
        with_model.choosing.correct(path, output_stride=8)
    sidecar = json.loads((tmp_path / "net.pth.seglabel.json").read_text())
    assert sidecar == {"output_stride": 8}


def test_the_model_is_explained_with_what_is_assumed(qtbot, session, tmp_path) -> None:
    torchvision = pytest.importorskip("torchvision")
    torch = pytest.importorskip("torch")
    net = torchvision.models.segmentation.deeplabv3_mobilenet_v3_large(
        weights=None, weights_backbone=None
    )
    torch.save(net.state_dict(), tmp_path / "net.pth")
    with qtbot.waitSignal(session.proposing.model_changed, timeout=20000):
        session.proposing.load_model(tmp_path / "net.pth")
    shown: list[str] = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, ModelFactsDialog):
            QTimer.singleShot(20, look)
            return
        from PySide6.QtWidgets import QLabel

        shown.extend(label.text() for label in dialog.findChildren(QLabel))
        dialog.reject()

    QTimer.singleShot(20, look)
    session.window.actions_table["model_facts"].trigger()
    qtbot.waitUntil(lambda: bool(shown), timeout=20000)
    assert "torchvision" in shown
    assert "assumed, as usual for torchvision" in shown


def test_a_checkpoint_that_was_loaded_is_offered_again(
    qtbot, session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "elsewhere" / "model.safetensors"
    path.parent.mkdir()
    path.touch()
    with qtbot.waitSignal(session.proposing.model_changed, timeout=20000):
        session.proposing.load_model(path)
    used = [model for model in session.choosing.listed() if not model.is_of_project]
    assert used[0] == ListedModel("model.safetensors", path, is_of_project=False)
    assert session.choosing._start_folder() == path.parent
    dialog = ModelsDialog(used, session.window)
    assert dialog._list.topLevelItem(0).text(1) == "used before"


def test_a_model_whose_name_says_nothing_is_shown_with_its_folder() -> None:
    def title(name: str) -> str:
        return ModelInfo(Path("/runs/streets") / f"{name}.pth", name, "1", CategorySet(), "").title

    assert title("model") == "streets/model" and title("deeplab") == "deeplab"


def test_loading_a_model_is_told_until_it_is_loaded(
    qtbot, session: Session, tmp_path: Path
) -> None:
    session.proposing.load_model(tmp_path / "fake.safetensors")
    window = session.window
    assert window.device_text == "Loading fake.safetensors …"
    assert window.banner.isVisible() and window.banner.text.startswith("Loading fake")
    qtbot.waitUntil(lambda: not session.proposing.is_loading, timeout=20000)
    assert not window.device_text.startswith("Loading")
    assert not window.banner.text.startswith("Loading") or not window.banner.isVisible()


def test_enter_in_a_search_that_finds_nothing_does_nothing(qtbot) -> None:
    dialog = ModelsDialog([ListedModel("fake", Path("a"))])
    qtbot.addWidget(dialog)
    dialog.show()
    asked: list[object] = []
    dialog.file_requested.connect(lambda: asked.append("file"))
    dialog.use_requested.connect(lambda path: asked.append(path))
    QTest.keyClicks(dialog._filter, "nothing like it")
    QTest.keyClick(dialog._filter, Qt.Key.Key_Return)
    assert not asked and dialog.isVisible()
    other = ModelsDialog([ListedModel("fake", Path("a"))])
    other.use_requested.connect(lambda path: asked.append(path))
    qtbot.addWidget(other)
    other.show()
    QTest.keyClick(other._filter, Qt.Key.Key_Return)
    assert asked == [Path("a")]


def test_the_normalisation_in_effect_is_what_the_fields_show(qtbot, session: Session) -> None:
    facts = [Fact("normalisation", "mean 0.5, 0.5, 0.5, std 0.25, 0.25, 0.25 of RGB in 0–1")]
    dialog = ModelFactsDialog("net.pth", facts, parent=session.window)
    assert dialog._mean.placeholderText() == "0.5, 0.5, 0.5"
    assert dialog._std.placeholderText() == "0.25, 0.25, 0.25"


def test_what_is_said_of_a_proposal_goes_when_it_is_undone(qtbot, with_model: Session) -> None:
    session = with_model
    session.window.actions_table["propose_ahead"].setChecked(False)
    with qtbot.waitSignal(session.reviewing.uncertain_found, timeout=20000):
        session.window.actions_table["propose"].trigger()
    qtbot.waitUntil(lambda: "75" in session.window.proposal.image_text, timeout=20000)
    session.editor.undo()
    assert session.window.proposal.image_text == "This image has no proposal."
    assert session.reviewing.confidence_at(5, 5) is None
    session.editor.redo()
    qtbot.waitUntil(lambda: "75" in session.window.proposal.image_text, timeout=20000)


def test_a_proposal_of_another_model_is_named(
    qtbot, with_model: Session, segmenter, tmp_path: Path
) -> None:
    session = with_model
    with qtbot.waitSignal(session.reviewing.uncertain_found, timeout=20000):
        session.window.actions_table["propose"].trigger()
    qtbot.waitUntil(lambda: "75" in session.window.proposal.image_text, timeout=20000)
    segmenter.digest = "other-1"
    with qtbot.waitSignal(session.proposing.model_changed, timeout=20000):
        session.proposing.load_model(tmp_path / "other.safetensors")
    assert session.window.proposal.image_text.endswith("proposed by fake")
