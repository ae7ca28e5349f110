"""After learning: what nobody touched is proposed anew, behind everything else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from seglabel.app.panels.job_bar import JobBar
from seglabel.app.session import Session
from seglabel.app.workers.inference import AheadRequest
from seglabel.core.progress import Progress
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.predict import is_to_be_renewed
from seglabel.tools import Pointer

from .conftest import CATEGORIES, SIZE, FakeSegmenter, write_picture


@pytest.fixture
def folder(tmp_path: Path, segmenter: FakeSegmenter) -> Path:
    """Six images that an older model proposed; *b* is reviewed, *c* corrected; and a broken one."""
    target = tmp_path / "pictures"
    for index, name in enumerate("abcdef"):
        write_picture(target / f"{name}.png", index)
    store = ProjectStore.open(target)
    store.project.categories = CATEGORIES
    store.save_project()
    old = FakeSegmenter()
    old.digest = "old-1-0"
    for name in store.project.names:
        store.save_proposal(name, old.propose(store.read_image(name)), store.digest(name))
    for name, status in (("b.png", Status.REVIEWED), ("c.png", Status.CORRECTED)):
        store.save(name, Annotation(np.full(SIZE, 2, np.uint8), np.ones(SIZE, bool), None, status))
    (target / "g.png").write_bytes(b"not a picture at all")
    return target


@pytest.fixture
def opened(qtbot, make_session, folder: Path) -> Session:
    session = make_session()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.open_project(folder)
    return session


def learn(qtbot, session: Session, folder: Path) -> None:
    """As if a model had been learned and were kept."""
    path = ProjectStore.read(folder).models_folder / "model-2.safetensors"
    path.parent.mkdir(exist_ok=True)
    path.touch()
    with qtbot.waitSignal(session.learning.switched, timeout=20000):
        session.learning.use_file(path)


@pytest.fixture
def held(qtbot, opened: Session, segmenter: FakeSegmenter, folder: Path) -> Session:
    """The new model was learned, and is held at the first image that it looks at."""
    segmenter.gate.clear()
    learn(qtbot, opened, folder)
    return opened


def wait_until_done(qtbot, session: Session) -> None:
    qtbot.waitUntil(lambda: not session.renewing.is_running, timeout=10_000)
    qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20000)


def models(session: Session) -> dict[str, str]:
    """Which model each image has its proposal from."""
    records = session.workspace.project.records.values()
    return {record.name[0]: record.model_digest.rsplit("-", 1)[0] for record in records}


NEW = {"a": "fake-1", "b": "old-1", "c": "old-1", "d": "fake-1", "e": "fake-1", "f": "fake-1"}


def test_after_learning_all_that_nobody_touched_is_proposed_anew(
    qtbot, opened: Session, folder: Path
) -> None:
    learn(qtbot, opened, folder)
    wait_until_done(qtbot, opened)
    assert models(opened) == {**NEW, "g": ""}
    store = ProjectStore.read(folder)
    for name in ("b.png", "c.png"):
        assert (store.load(name).labels == 2).all()
    assert not is_to_be_renewed(store.project)
    assert opened.workspace.project.records["g.png"].error


def test_the_new_model_looks_at_what_is_labelled_without_changing_it(
    qtbot, opened: Session, folder: Path
) -> None:
    before = dict(opened.workspace.project.records)
    learn(qtbot, opened, folder)
    wait_until_done(qtbot, opened)
    store = ProjectStore.read(folder)
    for name in ("b.png", "c.png"):
        assert len(store.load_descriptors(name)) == 2
        assert store.project.records[name] == before[name]


def test_the_image_that_is_shown_follows_and_it_can_be_undone(
    qtbot, opened: Session, folder: Path
) -> None:
    document = opened.editor.document
    document.labels[:] = 0  # as if the older model had said so
    learn(qtbot, opened, folder)
    wait_until_done(qtbot, opened)
    qtbot.waitUntil(lambda: bool((document.labels[:, :40] == 1).all()), timeout=20000)
    opened.editor.undo()
    assert not document.labels.any()


def test_it_shows_in_the_status_bar_and_can_be_stopped(
    qtbot, held: Session, segmenter: FakeSegmenter, folder: Path
) -> None:
    bar = held.window.job_bar
    assert bar.is_running and "Proposing anew 0 of 7" in bar.text
    bar.cancel_requested.emit()
    assert not held.renewing.is_running and not bar.is_running
    segmenter.gate.set()
    held.writer.flush()
    assert not is_to_be_renewed(ProjectStore.read(folder).project)
    assert models(held)["f"] == "old-1"


def test_a_wish_of_the_person_comes_first(qtbot, held: Session, segmenter: FakeSegmenter) -> None:
    answers: list[str] = []
    held.inference.proposed.connect(lambda request, *_: answers.append(f"asked {request.name}"))
    held.inference.ahead_proposed.connect(lambda request, *_: answers.append(request.name))
    held.inference.described.connect(lambda request, *_: answers.append(request.name))
    held.proposing.propose()
    assert "Proposing …" in held.window.job_bar.text
    segmenter.gate.set()
    wait_until_done(qtbot, held)
    assert answers[0] == "asked a.png" and len(answers) > 4
    assert models(held) == {**NEW, "g": ""}


def test_a_job_of_the_person_comes_first_and_it_goes_on_after_that(
    qtbot, held: Session, segmenter: FakeSegmenter
) -> None:
    assert held.job.begin("Exporting", lambda: None)
    assert held.renewing._requests == []
    segmenter.gate.set()
    assert "Exporting" in held.window.job_bar.text
    held.job.end()
    assert "Proposing anew" in held.window.job_bar.text
    wait_until_done(qtbot, held)
    assert models(held) == {**NEW, "g": ""}


def test_going_from_image_to_image_does_not_disturb_it(
    qtbot, held: Session, segmenter: FakeSegmenter
) -> None:
    for name in ("d.png", "e.png", "b.png"):
        with qtbot.waitSignal(held.workspace.image_opened, timeout=20000):
            held.workspace.go_to(name)
    segmenter.gate.set()
    wait_until_done(qtbot, held)
    assert models(held) == {**NEW, "g": ""}
    assert (held.editor.document.labels == 2).all()  # b.png, which is reviewed


def test_what_a_person_paints_meanwhile_stays(
    qtbot, held: Session, segmenter: FakeSegmenter, folder: Path
) -> None:
    with qtbot.waitSignal(held.workspace.image_opened, timeout=20000):
        held.workspace.go_to("f.png")
    held.editor.set_category(2)
    held.editor.press(Pointer(5, 5))
    held.editor.release(Pointer(5, 5))
    labels = held.editor.document.labels.copy()
    assert labels[5, 5] == 2
    segmenter.gate.set()
    wait_until_done(qtbot, held)
    assert (held.editor.document.labels == labels).all()
    assert models(held)["f"] == "old-1"


def test_what_was_not_finished_goes_on_at_the_next_start(
    qtbot, held: Session, segmenter: FakeSegmenter, make_session: Callable, folder: Path
) -> None:
    held.window.close()
    assert is_to_be_renewed(ProjectStore.read(folder).project)
    segmenter.gate.set()
    session = make_session(folder)
    qtbot.waitUntil(lambda: session.proposing.model is not None, timeout=20000)
    wait_until_done(qtbot, session)
    assert models(session) == {**NEW, "g": ""}


def test_another_model_that_the_person_chooses_leaves_proposals_as_they_are(
    qtbot, held: Session, segmenter: FakeSegmenter, tmp_path: Path
) -> None:
    with qtbot.waitSignal(held.proposing.model_changed, timeout=20000):
        held.proposing.load_model(tmp_path / "public.pth")
        segmenter.gate.set()
    assert not held.renewing.is_running
    assert models(held)["f"] == "old-1"


def test_what_comes_next_is_proposed_before_the_rest(
    qtbot, opened: Session, segmenter: FakeSegmenter, tmp_path: Path
) -> None:
    with qtbot.waitSignal(opened.proposing.model_changed, timeout=20000):
        opened.proposing.load_model(tmp_path / "fake.safetensors")
    store, answers = opened.workspace.store, []
    opened.inference.ahead_proposed.connect(lambda request, *_: answers.append(request.name[0]))
    segmenter.gate.clear()
    requests = {n: AheadRequest(store, f"{n}.png", CATEGORIES, {}) for n in "abcd"}
    opened.inference.propose_anew([requests["a"], requests["b"], requests["c"]])
    qtbot.waitUntil(lambda: opened.inference._ahead_now is not None, timeout=20000)
    opened.inference.propose_ahead([requests["d"]])
    opened.inference.propose_anew([requests["a"], requests["c"]])  # the one in work goes on
    segmenter.gate.set()
    qtbot.waitUntil(lambda: len(answers) == 3, timeout=20000)
    assert answers == ["a", "d", "c"] and segmenter.proposed == 3


def test_the_rate_leaves_out_what_was_done_before_it_was_shown(qtbot, monkeypatch) -> None:
    now = [0.0]
    monkeypatch.setattr("seglabel.app.panels.job_bar.time.monotonic", lambda: now[0])
    bar = JobBar()
    qtbot.addWidget(bar)
    bar.go_on("Proposing anew")
    bar.show_progress(Progress(50, 100))
    now[0] = 2.0
    bar.go_on("Proposing anew")  # it is shown already: the count goes on
    bar.show_progress(Progress(54, 100))
    assert bar.text == "Proposing anew 54 of 100 · 2.0 images/s · 23 s left"
