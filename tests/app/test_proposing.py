from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from seglabel.app.panels.job_bar import JobBar
from seglabel.app.session import Session
from seglabel.app.wording import device_text
from seglabel.core.progress import Progress
from seglabel.core.status import Status
from seglabel.formats import open_project
from seglabel.jobs.predict import PredictReport
from seglabel.tools import Pointer


def propose(qtbot, session: Session) -> None:
    with qtbot.waitSignal(session.inference.proposed, timeout=20000):
        session.window.actions_table["propose"].trigger()


def paint(session: Session, y: int, x: int) -> None:
    session.editor.press(Pointer(y, x))
    session.editor.release(Pointer(y, x))


def test_without_a_model_there_is_nothing_to_press(session: Session) -> None:
    assert not session.window.actions_table["propose"].isEnabled()
    assert not session.window.actions_table["propose_folder"].isEnabled()


def test_a_proposal_labels_the_image_in_one_undo_step(qtbot, with_model: Session) -> None:
    session = with_model
    propose(qtbot, session)
    document = session.editor.document
    assert (document.labels[:, :40] == 1).all()
    assert (document.labels[20:30, 40:] == 2).all()
    assert document.status is Status.PROPOSED
    session.editor.undo()
    assert not document.labels.any()
    assert document.status is Status.EMPTY


def test_a_proposal_never_overwrites_what_a_person_painted(qtbot, with_model: Session) -> None:
    session = with_model
    session.editor.set_category(2)
    session.editor.set_brush_size(11)
    paint(session, 30, 10)
    mine = session.editor.document.painted.copy()
    propose(qtbot, session)
    document = session.editor.document
    assert (document.labels[mine] == 2).all()
    assert (document.labels[:, :40][~mine[:, :40]] == 1).all()
    assert document.status is Status.CORRECTED


def test_a_late_proposal_never_touches_another_image(qtbot, with_model: Session, segmenter) -> None:
    session = with_model
    session.window.actions_table["propose_ahead"].setChecked(False)  # the other gets its own there
    segmenter.gate.clear()
    session.window.actions_table["propose"].trigger()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.go_to("b.png")
    segmenter.gate.set()
    done: list[bool] = []
    session.inference._thread.put(lambda: done.append(True))
    qtbot.waitUntil(lambda: bool(done), timeout=20000)
    assert not session.editor.document.labels.any()


def test_a_proposal_that_comes_during_a_stroke_waits_for_its_end(
    qtbot, with_model: Session, segmenter
) -> None:
    session = with_model
    session.editor.set_category(2)
    segmenter.gate.clear()
    session.window.actions_table["propose"].trigger()
    session.editor.press(Pointer(30, 10))
    with qtbot.waitSignal(session.inference.proposed, timeout=20000):
        segmenter.gate.set()
    assert session.editor.is_busy
    assert session.editor.document.labels[0, 0] == 0
    session.editor.release(Pointer(30, 12))
    assert session.editor.document.labels[30, 10] == 2
    assert session.editor.document.labels[0, 0] == 1


def test_a_proposal_changes_no_pixel_of_a_reviewed_image(qtbot, with_model: Session) -> None:
    session = with_model
    session.editor.set_category(0)
    paint(session, 30, 30)
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.window.actions_table["reviewed"].trigger()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.go_to("a.png")
    session.window.actions_table["propose"].trigger()
    assert "yours already" in session.window.image_banner.text
    document = session.editor.document
    assert not document.labels.any() and document.status is Status.REVIEWED


def test_accepting_makes_the_proposal_mine_and_clearing_leaves_what_is_mine(
    qtbot, with_model: Session
) -> None:
    session = with_model
    session.editor.set_category(2)
    paint(session, 30, 10)
    propose(qtbot, session)
    session.window.actions_table["clear"].trigger()
    document = session.editor.document
    assert document.labels[30, 10] == 2
    assert document.labels[0, 0] == 0
    session.editor.undo()
    session.window.actions_table["accept"].trigger()
    assert document.painted.all()
    session.window.actions_table["clear"].trigger()
    assert document.labels[0, 0] == 1


def test_there_is_nothing_to_accept_or_clear_where_nothing_is_proposed(
    qtbot, with_model: Session
) -> None:
    session = with_model
    accept, clear = (session.window.actions_table[key] for key in ("accept", "clear"))
    paint(session, 30, 30)
    assert not accept.isEnabled() and not clear.isEnabled()
    propose(qtbot, session)
    assert accept.isEnabled() and clear.isEnabled()
    accept.trigger()
    assert not accept.isEnabled() and not clear.isEnabled()
    session.editor.undo()
    assert accept.isEnabled() and clear.isEnabled()


def test_a_folder_run_labels_untouched_images_and_goes_past_bad_ones(
    qtbot, with_model: Session, folder: Path
) -> None:
    session = with_model
    session.editor.set_category(2)
    paint(session, 30, 10)
    with qtbot.waitSignal(session.job.ended, timeout=10000):
        session.window.actions_table["propose_folder"].trigger()
    qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20000)
    view = open_project(folder)
    assert view.status("b.png") is Status.PROPOSED
    assert (view.labels("c.png")[:, :40] == 1).all()
    assert session.workspace.project.records["d.png"].error
    assert session.editor.document.status is Status.CORRECTED
    assert session.editor.document.labels[0, 0] == 0  # the touched image was left alone
    assert "d.png" in session.window.banner.text


def test_a_folder_run_reaches_an_image_that_is_shown_meanwhile_as_one_undo_step(
    qtbot, with_model: Session, segmenter, folder: Path
) -> None:
    session = with_model
    segmenter.gate.clear()
    session.window.actions_table["propose_folder"].trigger()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.go_to("b.png")
    document = session.editor.document
    segmenter.gate.set()
    qtbot.waitUntil(lambda: document.labels.any(), timeout=20000)
    assert session.editor.document is document and document.status is Status.PROPOSED
    session.editor.undo()
    assert not document.labels.any()
    session.editor.redo()
    assert not session.writer.flush()
    assert (open_project(folder).labels("b.png")[:, :40] == 1).all()


def test_a_folder_run_waits_for_the_stroke_in_hand(
    qtbot, with_model: Session, segmenter, folder: Path
) -> None:
    session = with_model
    session.editor.set_category(2)
    segmenter.gate.clear()
    session.window.actions_table["propose_folder"].trigger()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.go_to("b.png")
    session.editor.press(Pointer(30, 10))
    with qtbot.waitSignals([session.job.ended, session.workspace.shown_proposed], timeout=20000):
        segmenter.gate.set()
    assert session.editor.is_busy
    session.editor.release(Pointer(30, 10))
    document = session.editor.document
    assert document.labels[30, 10] == 2 and document.labels[0, 0] == 1


def test_a_folder_run_keeps_the_history_of_images_that_were_open_before(
    qtbot, with_model: Session, folder: Path
) -> None:
    session = with_model
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.go_to("b.png")
    paint(session, 5, 5)
    session.editor.undo()
    document = session.editor.document
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.go_to("a.png")
    with qtbot.waitSignal(session.job.ended, timeout=20000):
        session.window.actions_table["propose_folder"].trigger()
    qtbot.waitUntil(lambda: document.labels.any(), timeout=20000)
    assert not session.writer.flush()
    assert np.array_equal(open_project(folder).labels("b.png"), document.labels)
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.go_to("b.png")
    assert session.editor.document is document
    session.editor.undo()
    assert not document.labels.any()


def test_images_that_a_run_passes_over_stay_as_they_are_shown(
    qtbot, with_model: Session, segmenter
) -> None:
    session = with_model
    with qtbot.waitSignal(session.job.ended, timeout=20000):
        session.window.actions_table["propose_folder"].trigger()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.go_to("c.png")
    opened: list[str] = []
    session.workspace.image_opened.connect(lambda image: opened.append(image.name))
    session.editor.press(Pointer(30, 10))
    with qtbot.waitSignal(session.job.ended, timeout=20000):
        session.window.actions_table["propose_folder"].trigger()
    qtbot.wait(20)
    assert session.editor.is_busy and not opened


def test_the_shown_image_takes_part_in_a_folder_run_through_its_history(
    qtbot, with_model: Session
) -> None:
    session = with_model
    with qtbot.waitSignal(session.job.ended, timeout=10000):
        session.window.actions_table["propose_folder"].trigger()
    qtbot.waitUntil(lambda: session.editor.document.labels.any(), timeout=20000)
    session.editor.undo()
    assert not session.editor.document.labels.any()


def test_the_window_stays_alive_and_a_run_can_be_stopped(
    qtbot, with_model: Session, segmenter, folder: Path
) -> None:
    session = with_model
    segmenter.gate.clear()
    session.window.actions_table["propose_folder"].trigger()
    assert session.window.job_bar.isVisible()
    paint(session, 10, 10)  # painting goes on meanwhile
    assert session.editor.document.labels[10, 10] == 1
    with qtbot.waitSignal(session.job.ended, timeout=20000):
        session.window.job_bar.cancel_requested.emit()
    assert not session.window.job_bar.isVisible()
    assert session.window.actions_table["propose_folder"].isEnabled()


def test_a_single_wish_is_served_during_a_folder_run(qtbot, with_model: Session) -> None:
    session = with_model
    names: list[str] = []
    session.inference.proposed.connect(lambda request, *_: names.append(request.name))
    with qtbot.waitSignal(session.job.ended, timeout=10000):
        session.window.actions_table["propose_folder"].trigger()
    assert names == ["a.png"]


def test_a_proposal_that_is_under_way_outlives_a_save_and_is_shown_until_it_comes(
    qtbot, with_model: Session, segmenter
) -> None:
    session = with_model
    paint(session, 30, 30)
    session.editor.undo()
    segmenter.gate.clear()
    session.window.actions_table["propose"].trigger()
    with qtbot.waitSignal(session.writer.saved, timeout=20000):
        session.workspace.save()
    qtbot.waitUntil(lambda: session.window.saved_text == "saved", timeout=20000)
    assert session.window.proposal.image_text == "Proposing …"
    segmenter.gate.set()
    qtbot.waitUntil(lambda: session.editor.document.labels.any(), timeout=20000)
    assert session.editor.document.status is Status.PROPOSED


def test_a_single_proposal_is_seen_can_be_stopped_and_blocks_no_job(
    qtbot, with_model: Session, segmenter
) -> None:
    session = with_model
    window = session.window
    segmenter.gate.clear()
    window.actions_table["propose"].trigger()
    assert window.job_bar.is_running and session.running.is_free
    window.job_bar._stop.click()
    assert not window.job_bar.is_running and not session.proposing.is_working
    window.actions_table["propose"].trigger()
    assert session.job.begin("Exporting", lambda: None)
    assert "Exporting" in window.job_bar.text
    session.job.end()
    assert "Proposing" in window.job_bar.text
    segmenter.gate.set()
    qtbot.waitUntil(lambda: not window.job_bar.is_running, timeout=20000)
    assert session.editor.document.labels.any()


def test_a_step_that_takes_longer_than_the_others_is_not_said_to_end_at_once(
    qtbot, monkeypatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("seglabel.app.panels.job_bar.time.monotonic", lambda: now[0])
    bar = JobBar()
    qtbot.addWidget(bar)
    bar.start("Proposing")
    now[0] = 9.0
    bar.show_progress(Progress(9, 10))
    assert "1 s left" in bar.text
    now[0] = 60.0
    bar._show_text()
    assert "left" not in bar.text and bar.text.endswith("…")
    bar.finish()


def test_an_error_in_the_model_is_said_and_the_next_proposal_comes(
    qtbot, with_model: Session, segmenter
) -> None:
    session = with_model
    segmenter.error = RuntimeError("out of memory")
    with qtbot.waitSignal(session.inference.propose_failed, timeout=20000):
        session.window.actions_table["propose"].trigger()
    assert "out of memory" in session.window.banner.text
    segmenter.error = None
    propose(qtbot, session)
    assert session.editor.document.labels.any()


def test_an_image_that_the_model_breaks_on_is_marked_until_a_proposal_comes(
    qtbot, with_model: Session, segmenter
) -> None:
    session = with_model
    segmenter.error = RuntimeError("device-side assert")
    with qtbot.waitSignal(session.inference.propose_failed, timeout=20000):
        session.window.actions_table["propose"].trigger()
    records = session.workspace.project.records
    qtbot.waitUntil(lambda: "device-side assert" in records["a.png"].error, timeout=20000)
    segmenter.error = None
    propose(qtbot, session)
    qtbot.waitUntil(lambda: not records["a.png"].error, timeout=20000)
    assert session.workspace.status("a.png") is Status.PROPOSED


@pytest.mark.parametrize("action", ["propose", "propose_folder"])
def test_what_the_model_had_to_give_up_is_said(
    qtbot, with_model: Session, segmenter, action: str
) -> None:
    session = with_model
    segmenter.where = "CUDA (Some GPU), in tiles of 512 for lack of memory"
    session.window.actions_table[action].trigger()
    wait = lambda part: qtbot.waitUntil(  # noqa: E731
        lambda: part in session.window.device_text, timeout=20000
    )
    wait("in tiles of 512")
    if action == "propose_folder":  # what is said at its end would take the place of the rest
        said = "could not be proposed"
        qtbot.waitUntil(lambda: said in session.window.banner.text, timeout=20000)
    segmenter.where = "CUDA (Some GPU), on the CPU: CUDA (Some GPU) ran out of memory or was lost"
    told: list[str] = []
    session.inference.moved.connect(told.append)
    session.workspace.go_to("b.png")
    qtbot.waitUntil(lambda: session.workspace.is_settled, timeout=20000)
    session.window.actions_table["propose"].trigger()
    wait("on the CPU")
    assert len(told) == 1
    assert "It goes on: CUDA (Some GPU), on the CPU" in session.window.banner.text


def test_what_was_given_up_is_said_in_the_language_of_the_window(monkeypatch) -> None:
    said = {
        "in tiles of {0} for lack of memory": "T{0}",
        "on the CPU: {0} ran out of memory or was lost": "C {0}",
        "CPU (no CUDA device)": "P",
    }
    monkeypatch.setattr(
        "seglabel.app.wording.QCoreApplication.translate",
        lambda context, text: said.get(text, text),
    )
    assert device_text("CUDA (X), PyTorch, in tiles of 512 for lack of memory") == (
        "CUDA (X), PyTorch, T512"
    )
    lost = "CUDA (X), PyTorch, on the CPU: CUDA (X) ran out of memory or was lost"
    assert device_text(lost) == "CUDA (X), PyTorch, C CUDA (X)"
    assert device_text("CPU (no CUDA device), OpenVINO") == "P, OpenVINO"


def test_a_checkpoint_that_cannot_be_loaded_is_said(qtbot, session: Session, tmp_path) -> None:
    with qtbot.waitSignal(session.inference.model_failed, timeout=20000):
        session.proposing.load_model(tmp_path / "broken.safetensors")
    assert "damaged" in session.window.banner.text
    assert not session.window.actions_table["propose"].isEnabled()


def test_the_status_bar_names_the_device(qtbot, make_session) -> None:
    session = make_session()
    qtbot.waitUntil(lambda: "test device" in session.window.device_text, timeout=20000)


def test_an_empty_project_takes_the_categories_of_the_model(
    qtbot, make_session, folder: Path, tmp_path: Path
) -> None:
    session = make_session()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.open_project(folder)
    with qtbot.waitSignal(session.proposing.model_changed, timeout=20000):
        session.proposing.load_model(tmp_path / "fake.safetensors")
    assert [c.name for c in session.workspace.project.categories] == ["bright", "grey"]


def open_folder(qtbot, session: Session, folder: Path) -> None:
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.open_project(folder)


def wait_for_inference(qtbot, session: Session) -> None:
    """Until everything that was asked of the thread is done and said."""
    done: list[bool] = []
    session.inference._thread.put(lambda: done.append(True))
    qtbot.waitUntil(lambda: bool(done), timeout=20000)
    qtbot.wait(1)


def test_a_proposal_never_crosses_into_a_project_with_equal_names(
    qtbot, with_model: Session, segmenter, other_folder: Path
) -> None:
    session = with_model
    segmenter.gate.clear()
    session.window.actions_table["propose"].trigger()
    open_folder(qtbot, session, other_folder)
    assert session.workspace.name == "a.png"
    segmenter.gate.set()
    wait_for_inference(qtbot, session)
    assert not session.editor.document.labels.any()


def test_a_proposal_that_was_stopped_changes_nothing(qtbot, with_model: Session, segmenter) -> None:
    session = with_model
    proposal = segmenter.propose(session.workspace.image.picture)
    segmenter.gate.clear()
    session.window.actions_table["propose_folder"].trigger()
    request = session.proposing._request
    session.job.stop()
    session.inference.proposed.emit(request, proposal, {})  # it was already on its way
    segmenter.gate.set()
    assert not session.editor.document.labels.any()


def test_opening_a_folder_writes_nothing_whatever_model_is_loaded(
    qtbot, with_model: Session, other_folder: Path
) -> None:
    session = with_model
    open_folder(qtbot, session, other_folder)
    wait_for_inference(qtbot, session)
    session.writer.flush()
    assert not (other_folder / ".seglabel").exists()
    propose(qtbot, session)  # only now does the person want something of it
    assert [c.name for c in session.workspace.project.categories] == ["bright", "grey"]
    assert session.editor.document.labels.any()


def test_opening_a_project_leaves_its_file_as_it_is(
    qtbot, with_model: Session, folder: Path, other_folder: Path
) -> None:
    session = with_model
    session.writer.flush()
    path = folder / ".seglabel" / "project.json"
    assert "fake.safetensors" in path.read_text()
    before = path.stat()
    (folder.parent / "fake.safetensors").touch()
    open_folder(qtbot, session, other_folder)
    with qtbot.waitSignal(session.proposing.model_changed, timeout=20000):
        session.workspace.open_project(folder)
    session.writer.flush()
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_model_that_cannot_be_loaded_is_not_remembered(
    qtbot, session: Session, folder: Path, tmp_path: Path
) -> None:
    with qtbot.waitSignal(session.inference.model_failed, timeout=20000):
        session.proposing.load_model(tmp_path / "broken.safetensors")
    session.writer.flush()
    assert "broken" not in (folder / ".seglabel" / "project.json").read_text()


def test_categories_the_project_lacks_become_background_and_are_counted(
    qtbot, with_model: Session
) -> None:
    session = with_model
    session.window.categories.rename_requested.emit(2, "something else")
    propose(qtbot, session)
    assert set(np.unique(session.editor.document.labels)) == {0, 1}
    assert "grey" in session.window.image_banner.text
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.go_to("b.png")
    assert not session.window.image_banner.isVisible()


@pytest.mark.parametrize("action", ["propose", "propose_folder"])
def test_the_window_closes_at_once_whatever_the_model_is_doing(
    qtbot, with_model: Session, segmenter, action: str
) -> None:
    session = with_model
    segmenter.gate.clear()
    session.window.actions_table[action].trigger()
    session.window.close()
    assert not session.window.isVisible()


def test_a_folder_run_says_what_it_left_alone(qtbot, with_model: Session) -> None:
    session = with_model
    paint(session, 5, 5)
    session.workspace.save()
    records = session.workspace.project.records
    qtbot.waitUntil(lambda: records["a.png"].status is Status.CORRECTED, timeout=20000)
    assert session.job.begin("Proposing", lambda: None)
    session.inference.run_finished.emit(PredictReport(proposed=2))
    text = session.window.banner.text
    assert text.startswith("Images proposed: 2. Up to date already: 0.")
    assert text.endswith("because you worked on them: 1.")
