"""Learning from the window: with a tiny program in place of ``seglabel``, and once for real."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QPushButton, QSpinBox

from seglabel.app.dialogs.learning import Learnable, LearnChoice, LearnDialog
from seglabel.app.learning_curve import LearningCurve
from seglabel.app.panels.learning_chart import LearningChart
from seglabel.app.session import Session
from seglabel.core.categories import Category, CategorySet
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.train import train
from seglabel.tools import Pointer

CATEGORIES = CategorySet((Category(1, "bright", (230, 30, 30)), Category(2, "grey", (30, 90, 230))))

# Says what the real one says, and waits where a test wants it to.
PROGRAM = """
import json, os, pathlib, signal, subprocess, sys, time
plan = json.loads(sys.argv[1])
stopped = []  # what is printed in a handler may break into what is just being printed
note = lambda *_: stopped.append(True)
signal.signal(signal.SIGINT, signal.SIG_IGN if plan.get("is_deaf") else note)
folder, project = pathlib.Path(sys.argv[3]), pathlib.Path(sys.argv[5])
(folder.parent / "command.new").write_text(json.dumps(sys.argv[2:]))
os.replace(folder.parent / "command.new", folder.parent / "command.json")
say = lambda **line: print(json.dumps(line), flush=True)
model = project / "models" / "model-7.safetensors"
result = {"event": "result", "model": str(model), "is_used": True, "previous": None,
    "training_images": 5, "validation_images": 1, "miou": 0.75, **plan.get("result", {})}
if plan.get("is_deaf"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (folder.parent / "child").write_text(str(child.pid))
for step in range(1, 5):
    say(event="progress", done=step, total=0, loss=2.0 / step, share=step / 10,
        stage="decoder" if step < 3 else "network")
if plan.get("keeps", True):
    model.parent.mkdir(parents=True, exist_ok=True)
    model.write_bytes(b"weights")
    say(event="progress", done=5, total=0, loss=0.4, share=0.5, miou=0.5, best_miou=0.5,
        iou={"bright": 0.6, "grey": 0.4}, checkpoint=str(model))
while plan.get("waits") and not stopped:
    time.sleep(0.02)
if stopped:
    say(**{**result, "is_cancelled": True})
    sys.exit(130)
if "error" in plan:
    say(event="result", error=plan["error"])
    sys.exit(2)
if "crash" in plan:
    sys.exit(plan["crash"])
say(**result)
"""

Start = Callable[..., Session]


@pytest.fixture
def start(qtbot, make_session, folder: Path, tmp_path: Path) -> Start:
    """A session in which *Learn* runs the tiny program by a plan, and which has begun to."""

    def begin(init: Path | None = None, **plan: object) -> Session:
        script = tmp_path / "program.py"
        script.write_text(PROGRAM)
        program = (sys.executable, str(script), json.dumps(plan))
        session = make_session(program=program)
        with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
            session.workspace.open_project(folder)
        session.workspace.set_categories(CATEGORIES)
        paint(session)
        with qtbot.waitSignal(session.learning.began, timeout=20000):
            session.learning.start(LearnChoice(2, init))
        return session

    return begin


def paint(session: Session, y: int = 30, x: int = 30) -> None:
    session.editor.press(Pointer(y, x))
    session.editor.release(Pointer(y, x))


def wait_for_banner(qtbot, session: Session, part: str) -> None:
    qtbot.waitUntil(lambda: part in session.window.banner.text, timeout=10_000)


def click(session: Session, text: str) -> None:
    buttons = session.window.banner.findChildren(QPushButton)
    next(b for b in buttons if b.text() == text and not b.isHidden()).click()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"


def test_everything_is_saved_before_it_is_learned_from(qtbot, start: Start, folder: Path) -> None:
    session = start()
    store = ProjectStore.read(folder)
    assert store.project.records["a.png"].status is Status.CORRECTED
    wait_for_banner(qtbot, session, "is used now")
    command = json.loads((folder.parent / "command.json").read_text())
    assert command[:4] == ["train", str(folder), "--project", str(store.root)]
    assert command[4:] == ["--json", "--budget", "2m", "--val", "0.1"]


def test_it_goes_on_from_the_model_that_was_chosen(qtbot, start: Start, folder: Path) -> None:
    session = start(init=folder / "old.safetensors")
    wait_for_banner(qtbot, session, "is used now")
    command = json.loads((folder.parent / "command.json").read_text())
    assert command[-2:] == ["--init", str(folder / "old.safetensors")]


def test_the_new_model_is_loaded_and_remembered_and_proposes_the_others_anew(
    qtbot, start: Start, folder: Path
) -> None:
    session = start(result={"previous": {"model": "old", "miou": 0.6}})
    wait_for_banner(
        qtbot,
        session,
        "model-7 is used now, learned from 5 images. mIoU on 1 held-back images: 0.750, before "
        "0.600.",
    )
    assert session.proposing.model.path.name == "model-7.safetensors"
    session.writer.flush()
    settings = ProjectStore.read(folder).project.settings
    assert (settings["model"], settings["learned_images"]) == ("model-7", 1)
    assert "What nobody touched is proposed anew meanwhile." in session.window.banner.text
    qtbot.waitUntil(lambda: not session.renewing.is_running, timeout=20000)
    assert session.workspace.status("c.png") is Status.PROPOSED


@pytest.mark.parametrize("takes_new", [False, True])
def test_a_model_that_is_no_better_is_asked_about(
    qtbot, start: Start, folder: Path, takes_new
) -> None:
    session = start(result={"is_used": False, "previous": {"model": "old", "miou": 0.8}})
    wait_for_banner(qtbot, session, "model-7 is not better than old: mIoU 0.750 against 0.800")
    assert session.proposing.model is None
    if takes_new:
        click(session, "Use model-7")
        wait_for_banner(qtbot, session, "model-7 is used now")
    else:
        click(session, "Keep old")
        assert not session.window.banner.isVisible()
    session.writer.flush()
    settings = ProjectStore.read(folder).project.settings
    assert settings.get("model") == ("model-7" if takes_new else None)


def test_without_anything_to_judge_by_one_can_go_back(qtbot, start: Start, folder: Path) -> None:
    old = folder / "old.safetensors"
    old.touch()
    result = {"miou": None, "previous": {"model": str(old), "miou": None}}
    session = start(result=result)
    wait_for_banner(qtbot, session, "Too few images are reviewed")
    with qtbot.waitSignal(session.proposing.model_changed, timeout=20000):
        click(session, "Back to old")
    assert session.proposing.model.path == old


def test_the_live_view_shows_loss_and_scores(qtbot, start: Start) -> None:
    session = start(waits=True)
    panel = session.window.learning
    qtbot.waitUntil(lambda: bool(panel.rows), timeout=10_000)
    assert (
        panel.text
        == "50\u00a0% done · whole network · loss 0.40 · validation mIoU 0.500 · best 0.500"
    )
    assert panel.rows == {"bright": "0.600", "grey": "0.400"}
    assert "Learning 5 of 10" in session.window.job_bar.text
    assert "steps/s" in session.window.job_bar.text
    assert panel.isVisible()


def test_work_goes_on_while_it_learns(qtbot, start: Start, folder: Path) -> None:
    session = start(waits=True)
    paint(session, 10, 60)
    session.workspace.save()
    session.writer.flush()
    assert ProjectStore.read(folder).load("a.png").labels[10, 60] == 1


def test_stopping_keeps_the_best_so_far(qtbot, start: Start) -> None:
    session = start(waits=True)
    qtbot.waitUntil(lambda: bool(session.window.learning.rows), timeout=10_000)
    session.job.stop()
    wait_for_banner(qtbot, session, "Stopped; the best until then is kept.")
    assert session.proposing.model.path.name == "model-7.safetensors"
    assert not session.job.is_running


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
@pytest.mark.parametrize("keeps", [True, False])
def test_a_killed_training_is_told_of_and_the_window_goes_on(
    qtbot, start: Start, keeps: bool
) -> None:
    session = start(waits=True, keeps=keeps)
    qtbot.waitUntil(lambda: bool(session.window.learning.text.count("done")), timeout=10_000)
    if keeps:
        qtbot.waitUntil(lambda: bool(session.window.learning.rows), timeout=10_000)
    os.kill(session.training.pid, signal.SIGKILL)
    wait_for_banner(qtbot, session, "(signal 9), perhaps because memory ran out.")
    assert not session.job.is_running
    paint(session, 50, 50)
    assert session.editor.document.labels[50, 50] == 1
    if not keeps:
        assert "Nothing was learned" in session.window.banner.text
        return
    with qtbot.waitSignal(session.proposing.model_changed, timeout=20000):
        click(session, "Use model-7")
    assert session.proposing.model.path.name == "model-7.safetensors"


def break_off(session: Session, seconds: float = 120.0) -> None:
    """What a real training of two minutes leaves behind when it is killed halfway."""

    class Dying:
        def learn(self, training, validation, categories, progress, cancel, keep, resume) -> None:
            resume.keep(b"state", 0.5)
            raise MemoryError

    settings = {"seconds": seconds, "validation_share": 0.1}
    store = ProjectStore.open(session.workspace.store.folder)
    with pytest.raises(MemoryError):
        train(store, Dying(), settings=settings)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_a_killed_training_can_be_gone_on_with(qtbot, start: Start, folder: Path) -> None:
    session = start(waits=True, keeps=False)
    qtbot.waitUntil(lambda: bool(session.window.learning.text.count("done")), timeout=10_000)
    break_off(session)
    (folder.parent / "command.json").unlink()
    os.kill(session.training.pid, signal.SIGKILL)
    wait_for_banner(qtbot, session, "(signal 9)")
    with qtbot.waitSignal(session.learning.began, timeout=20000):
        click(session, "Go on learning")
    qtbot.waitUntil((folder.parent / "command.json").exists, timeout=10_000)
    command = json.loads((folder.parent / "command.json").read_text())
    assert command[5:7] == ["--budget", "2m"]
    assert "--fresh" not in command
    session.job.stop()
    qtbot.waitUntil(lambda: not session.job.is_running, timeout=10_000)


@pytest.mark.parametrize("goes_on", [True, False])
def test_what_was_broken_off_before_is_offered_when_learning_again(
    qtbot, session: Session, monkeypatch, goes_on
) -> None:
    seen: list[LearnDialog] = []
    monkeypatch.setattr("seglabel.app.learning.ask", lambda d: bool(seen.append(d)))
    session.workspace.set_categories(CATEGORIES)
    paint(session)
    session.workspace.save()
    session.writer.flush()
    break_off(session)
    session.window.actions_table["learn"].trigger()
    qtbot.waitUntil(lambda: bool(seen), timeout=20000)
    box = seen[0].findChild(QCheckBox)
    assert box.text() == "&Go on with the training that broke off at 50\u00a0%"
    box.setChecked(goes_on)
    assert seen[0].choice == (
        LearnChoice(2, None) if goes_on else LearnChoice(2, None, is_fresh=True)
    )
    assert seen[0].findChild(QSpinBox).isEnabled() is not goes_on


def test_other_corrections_than_those_of_a_broken_off_training_start_anew(
    qtbot, session: Session, monkeypatch
) -> None:
    seen: list[LearnDialog] = []
    monkeypatch.setattr("seglabel.app.learning.ask", lambda d: bool(seen.append(d)))
    session.workspace.set_categories(CATEGORIES)
    paint(session)
    session.workspace.save()
    session.writer.flush()
    break_off(session)
    paint(session, 50, 50)
    session.window.actions_table["learn"].trigger()
    qtbot.waitUntil(lambda: bool(seen), timeout=20000)
    assert seen[0].findChild(QCheckBox).isHidden()
    assert seen[0].choice == LearnChoice(10, None)


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ({"error": "pictures: no image is labelled"}, "pictures: no image is labelled"),
        ({"crash": 3, "keeps": False}, "The training broke off with code 3."),
    ],
)
def test_a_training_that_fails_says_why(qtbot, start: Start, plan, said) -> None:
    session = start(**plan)
    wait_for_banner(qtbot, session, said)
    assert not session.job.is_running


def test_a_program_that_cannot_be_started_is_told_of(
    qtbot, make_session, folder: Path, tmp_path: Path
) -> None:
    session = make_session(program=(str(tmp_path / "nowhere"),))
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.open_project(folder)
    session.learning.start(LearnChoice(1, None))
    wait_for_banner(qtbot, session, "could not be started")


@pytest.mark.skipif(sys.platform == "win32", reason="groups of Unix")
def test_closing_the_window_ends_the_whole_group_at_once(qtbot, start: Start, folder: Path) -> None:
    session = start(waits=True, is_deaf=True)
    child = folder.parent / "child"
    qtbot.waitUntil(lambda: bool(session.window.learning.rows) and child.exists(), timeout=10_000)
    pids = [session.training.pid, int(child.read_text())]
    assert all(map(is_alive, pids))
    begin = time.monotonic()
    session.window.close()
    assert time.monotonic() - begin < 3
    qtbot.waitUntil(lambda: not any(map(is_alive, pids)), timeout=500)


# the dialog and the offer


def test_the_dialog_says_what_there_is_and_what_to_do(qtbot, tmp_path: Path) -> None:
    def dialog(reviewed: int, corrected: int, judging: int = 0, *, has: bool = True) -> LearnDialog:
        made = LearnDialog(
            Learnable(reviewed, corrected, judging, has), ("model-1", tmp_path / "m.safetensors")
        )
        qtbot.addWidget(made)
        return made

    nothing = dialog(0, 0)
    assert not nothing.can_learn
    assert "No image is corrected or reviewed yet" in nothing.text
    assert not dialog(3, 0, has=False).can_learn
    few = dialog(1, 2)
    assert few.can_learn
    assert "1 reviewed" in few.text and "From five images on" in few.text
    assert "2 of the reviewed images are held back" in dialog(20, 3, 2).text
    assert few.choice == LearnChoice(10, tmp_path / "m.safetensors")  # goes on from the model


def test_the_dialog_opens_with_what_was_just_painted(qtbot, session: Session, monkeypatch) -> None:
    seen: list[LearnDialog] = []
    monkeypatch.setattr("seglabel.app.learning.ask", lambda d: bool(seen.append(d)))
    paint(session)
    session.window.actions_table["learn"].trigger()
    qtbot.waitUntil(lambda: bool(seen), timeout=20000)
    assert "0 reviewed" in seen[0].text and "and 1 corrected" in seen[0].text
    assert not session.job.is_running


def test_after_five_corrected_images_learning_is_offered(qtbot, make_session, folder: Path) -> None:
    for name in "efgh":
        (folder / f"{name}.png").write_bytes((folder / "a.png").read_bytes())
    store = ProjectStore.open(folder)
    store.project.categories = CATEGORIES
    store.project.settings["learned_images"] = 0
    store.save_project()
    labels = np.ones((60, 80), np.uint8)
    for name in "efgh":
        painted = np.ones(labels.shape, np.bool_)
        store.save(f"{name}.png", Annotation(labels, painted, None, Status.CORRECTED))
    session = make_session()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.open_project(folder)
    assert not session.window.proposal.offers_to_learn
    paint(session)
    session.workspace.save()
    qtbot.waitUntil(lambda: session.window.proposal.offers_to_learn, timeout=20000)
    session.workspace.remember_learned(5)  # after that not before there are five more
    session.job.begin("something", lambda: None)
    assert not session.window.proposal.offers_to_learn
    session.job.end()
    assert not session.window.proposal.offers_to_learn


# the curve and its chart


def test_a_curve_of_many_steps_keeps_few_points() -> None:
    curve = LearningCurve()
    for step in range(10_000):
        curve.add({"loss": 2 - step / 10_000, "share": step / 10_000})
    assert 100 < len(curve.losses) <= 400
    assert curve.losses[0][1] > 1.99 and curve.losses[-1][1] < 1.01


@pytest.mark.parametrize(
    "line",
    [{}, {"loss": float("nan")}, {"loss": "much"}, {"miou": None}, {"iou": 3, "share": True}],
)
def test_a_line_that_tells_nothing_draws_nothing(line) -> None:
    curve = LearningCurve()
    curve.add(line)
    assert (curve.losses, curve.looks, curve.share) == ([], [], 0)


def test_the_chart_draws_both_curves_and_says_them(qtbot) -> None:
    chart = LearningChart()
    qtbot.addWidget(chart)
    chart.resize(240, 220)
    empty = chart.grab().toImage()
    curve = LearningCurve()
    for step in range(1, 9):
        curve.add({"loss": 2 / step, "share": step / 8})
    curve.add({"share": 0.2, "stage": "decoder"})
    curve.add({"share": 0.5, "miou": 0.4, "iou": {"bright": 0.2}, "stage": "network"})
    assert curve.stages == [(0.2, "decoder"), (0.5, "network")]
    curve.add({"share": 1.0, "miou": 0.6, "iou": {"bright": 0.5}, "best_miou": 0.6})
    chart.show_curve(curve)
    drawn = chart.grab().toImage()

    def differs(top: int, bottom: int) -> bool:
        places = [(x, y) for y in range(top, bottom) for x in range(40, 230)]
        return any(empty.pixel(x, y) != drawn.pixel(x, y) for x, y in places)

    assert differs(20, 100) and differs(130, 215)
    assert chart.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert chart.accessibleName() == "Loss and validation mIoU"
    assert "validation mIoU 0.600" in chart.accessibleDescription()


# for real


@pytest.fixture
def reviewed(qtbot, session: Session, folder: Path) -> Session:
    """Two images are reviewed."""
    picture = session.workspace.image.picture
    labels = np.where(picture.mean(axis=2) > 170, 1, 2).astype(np.uint8)
    session.writer.flush()
    store = ProjectStore.open(folder)
    for name in ("b.png", "c.png"):
        painted = np.ones(labels.shape, np.bool_)
        store.save(name, Annotation(labels, painted, None, Status.REVIEWED))
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.open_project(folder)
    return session


def test_a_real_training_ends_with_a_model_that_is_used(
    qtbot, reviewed: Session, folder: Path
) -> None:
    with qtbot.waitSignal(reviewed.learning.learned, timeout=120_000) as answer:
        reviewed.learning.start(LearnChoice(0.1, None))
    lesson = answer.args[0]
    assert lesson.path == folder / ".seglabel" / "models" / "model-1.safetensors"
    assert lesson.path.stat().st_size > 1_000_000
    assert (lesson.images, lesson.is_used, lesson.is_stopped) == (2, True, False)
    assert reviewed.proposing.model.path == lesson.path
    assert "loss" in reviewed.window.learning.text


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_a_real_training_that_is_stopped_keeps_what_it_learned(qtbot, reviewed: Session) -> None:
    with qtbot.waitSignal(reviewed.learning.went_on, timeout=60_000):
        reviewed.learning.start(LearnChoice(60, None))
    with qtbot.waitSignal(reviewed.learning.learned, timeout=60_000) as answer:
        reviewed.job.stop()
    assert answer.args[0].is_stopped
    assert answer.args[0].path.is_file()
