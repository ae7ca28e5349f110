from __future__ import annotations

import os
import shutil
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from seglabel.app.session import Session
from seglabel.app.workers.inference import DeviceInfo
from seglabel.core.categories import Category, CategorySet
from seglabel.core.status import Status
from seglabel.formats import open_project
from seglabel.tools import Pointer


@pytest.fixture
def folder(folder: Path) -> Path:
    """Eight images; the third cannot be read."""
    for name in "defgh":
        shutil.copy(folder / "a.png", folder / f"{name}.png")
    (folder / "c.png").write_bytes(b"not a picture at all")
    return folder


def go_to(qtbot, session: Session, name: str) -> None:
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.go_to(name)


def propose(qtbot, session: Session) -> None:
    with qtbot.waitSignal(session.inference.proposed, timeout=20000):
        session.window.actions_table["propose"].trigger()


def paint(session: Session, y: int, x: int) -> None:
    session.editor.press(Pointer(y, x))
    session.editor.release(Pointer(y, x))


def status(session: Session, name: str) -> Status:
    return session.workspace.project.records[name].status


def ahead(session: Session) -> str:
    return session.window.proposal.ahead_text


def wait_until_quiet(qtbot, session: Session) -> None:
    """Until nothing is on its way ahead and everything is said."""

    def is_quiet() -> bool:
        done = not session.ahead._requests and not session.ahead._writing
        return done and not session.writer.has_pending

    qtbot.waitUntil(is_quiet, timeout=20000)
    done: list[bool] = []
    session.inference._thread.put(lambda: done.append(True))
    qtbot.waitUntil(lambda: bool(done), timeout=20000)
    qtbot.wait(1)


def test_nothing_is_proposed_ahead_until_a_person_asks_for_a_proposal(
    qtbot, with_model: Session, segmenter
) -> None:
    session = with_model
    assert session.window.actions_table["propose_ahead"].isChecked()
    paint(session, 5, 5)
    go_to(qtbot, session, "b.png")
    wait_until_quiet(qtbot, session)
    assert segmenter.proposed == 0 and ahead(session) == ""


def test_the_next_images_are_proposed_and_shown_at_once(
    qtbot, with_model: Session, folder: Path
) -> None:
    session = with_model
    propose(qtbot, session)
    wait_until_quiet(qtbot, session)
    assert [status(session, f"{n}.png") for n in "bde"] == [Status.PROPOSED] * 3
    assert status(session, "f.png") is Status.EMPTY  # no more than is soon wanted
    assert (open_project(folder).labels("b.png")[:, :40] == 1).all()
    go_to(qtbot, session, "b.png")
    document = session.editor.document
    assert (document.labels[:, :40] == 1).all() and document.status is Status.PROPOSED
    assert session.window.proposal.image_text == "Mean confidence 75\u00a0%"


def test_an_image_that_cannot_be_read_is_noted_and_passed_over(qtbot, with_model: Session) -> None:
    session = with_model
    propose(qtbot, session)
    wait_until_quiet(qtbot, session)
    assert session.workspace.project.records["c.png"].error
    assert not session.window.banner.isVisible()


def test_images_of_a_project_that_has_proposals_are_proposed_as_they_are_opened(
    qtbot, with_model: Session, make_session, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "fake.safetensors").touch()  # it is found again
    propose(qtbot, with_model)
    wait_until_quiet(qtbot, with_model)
    with_model.window.close()
    session = make_session()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.open_project(folder)
    go_to(qtbot, session, "h.png")
    qtbot.waitUntil(lambda: bool(session.editor.document.labels.any()), timeout=20000)
    wait_until_quiet(qtbot, session)
    assert status(session, "g.png") is Status.PROPOSED  # one back, for who looks again


def test_what_a_person_touched_stays_as_it_is(qtbot, with_model: Session, folder: Path) -> None:
    session = with_model
    go_to(qtbot, session, "b.png")
    paint(session, 5, 60)
    go_to(qtbot, session, "a.png")
    propose(qtbot, session)
    wait_until_quiet(qtbot, session)
    labels = open_project(folder).labels("b.png")
    assert labels[5, 60] == 1 and labels[0, 0] == 0
    assert status(session, "b.png") is Status.CORRECTED
    assert status(session, "f.png") is Status.PROPOSED  # one further instead


def test_a_result_ahead_that_comes_after_the_first_stroke_is_dropped(
    qtbot, with_model: Session, segmenter
) -> None:
    session = with_model
    propose(qtbot, session)
    segmenter.gate.clear()
    qtbot.waitUntil(lambda: session.ahead.is_expected("b.png") or session.ahead._writing)
    go_to(qtbot, session, "h.png")
    assert session.window.proposal.image_text == "Proposing …"
    paint(session, 5, 60)
    segmenter.gate.set()
    wait_until_quiet(qtbot, session)
    document = session.editor.document
    assert document.labels[5, 60] == 1 and document.labels[0, 0] == 0


def test_a_proposal_that_a_person_took_away_does_not_come_back(qtbot, with_model: Session) -> None:
    session = with_model
    propose(qtbot, session)
    wait_until_quiet(qtbot, session)
    go_to(qtbot, session, "b.png")
    session.window.actions_table["clear"].trigger()
    go_to(qtbot, session, "a.png")
    wait_until_quiet(qtbot, session)
    go_to(qtbot, session, "b.png")
    wait_until_quiet(qtbot, session)
    assert not session.editor.document.labels.any()


def test_a_person_goes_before_what_is_done_ahead(qtbot, with_model: Session, segmenter) -> None:
    session = with_model
    propose(qtbot, session)
    wait_until_quiet(qtbot, session)
    segmenter.gate.clear()
    go_to(qtbot, session, "e.png")
    qtbot.waitUntil(lambda: session.inference._ahead_now is not None, timeout=20000)
    go_to(qtbot, session, "a.png")
    answers: list[str] = []
    session.inference.proposed.connect(lambda request, *_: answers.append(request.name))
    session.inference.ahead_proposed.connect(lambda request, *_: answers.append(request.name))
    session.editor.undo()
    session.window.actions_table["propose"].trigger()
    segmenter.gate.set()
    qtbot.waitUntil(lambda: "a.png" in answers, timeout=20000)
    assert answers[0] == "a.png"


def test_a_late_result_ahead_never_reaches_another_project(
    qtbot, with_model: Session, segmenter, other_folder: Path
) -> None:
    session = with_model
    shutil.copy(other_folder / "a.png", other_folder / "b.png")
    propose(qtbot, session)
    wait_until_quiet(qtbot, session)
    old = session.workspace.store
    segmenter.gate.clear()
    go_to(qtbot, session, "e.png")
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.open_project(other_folder)
    segmenter.gate.set()
    wait_until_quiet(qtbot, session)
    assert not (other_folder / ".seglabel").exists()
    assert old.project.records["h.png"].status is Status.EMPTY


def test_a_result_that_was_already_on_its_way_is_dropped_when_categories_changed(
    qtbot, with_model: Session, segmenter
) -> None:
    session = with_model
    propose(qtbot, session)
    wait_until_quiet(qtbot, session)
    segmenter.gate.clear()
    go_to(qtbot, session, "b.png")
    go_to(qtbot, session, "e.png")
    request = session.ahead._requests[0]
    proposal = session.workspace.store.load_proposal("a.png")
    session.workspace.set_categories(CategorySet((Category(7, "bright", (1, 2, 3)),)))
    session.inference.ahead_proposed.emit(request, proposal, "digest")
    assert not session.ahead._writing
    segmenter.gate.set()
    wait_until_quiet(qtbot, session)
    go_to(qtbot, session, request.name)
    assert set(np.unique(session.editor.document.labels)) == {0, 7}


def load_another(qtbot, session: Session, segmenter, path: Path) -> None:
    segmenter.digest = "fake-2"
    with qtbot.waitSignal(session.proposing.model_changed, timeout=20000):
        session.proposing.load_model(path)
    wait_until_quiet(qtbot, session)


def test_another_model_waits_until_a_person_proposes_with_it(
    qtbot, with_model: Session, segmenter, tmp_path: Path
) -> None:
    session = with_model
    propose(qtbot, session)
    wait_until_quiet(qtbot, session)
    load_another(qtbot, session, segmenter, tmp_path / "better.safetensors")
    go_to(qtbot, session, "e.png")
    wait_until_quiet(qtbot, session)
    assert status(session, "h.png") is Status.EMPTY
    propose(qtbot, session)
    wait_until_quiet(qtbot, session)
    assert status(session, "h.png") is Status.PROPOSED


def test_another_model_never_replaces_what_is_proposed_already(
    qtbot, with_model: Session, segmenter, tmp_path: Path
) -> None:
    session = with_model
    propose(qtbot, session)
    wait_until_quiet(qtbot, session)
    load_another(qtbot, session, segmenter, tmp_path / "better.safetensors")
    propose(qtbot, session)
    wait_until_quiet(qtbot, session)
    records = session.workspace.project.records
    assert [records[f"{n}.png"].model_digest[:6] for n in "bde"] == ["fake-1"] * 3
    assert ahead(session) == "Proposed ahead: 3 of 3"


def test_a_project_with_proposals_of_another_model_is_left_alone_when_it_is_opened_again(
    qtbot, with_model: Session, make_session, segmenter, folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "better.safetensors"
    path.touch()  # it is found again
    propose(qtbot, with_model)
    wait_until_quiet(qtbot, with_model)
    load_another(qtbot, with_model, segmenter, path)
    with_model.window.close()
    session = make_session()
    with qtbot.waitSignal(session.proposing.model_changed, timeout=20000):
        session.workspace.open_project(folder)
    wait_until_quiet(qtbot, session)
    digests = {record.model_digest[:6] for record in session.workspace.project.records.values()}
    assert digests == {"", "fake-1"}


def test_a_job_stops_what_is_done_ahead(qtbot, with_model: Session, segmenter) -> None:
    session = with_model
    propose(qtbot, session)
    wait_until_quiet(qtbot, session)
    segmenter.gate.clear()
    go_to(qtbot, session, "e.png")
    qtbot.waitUntil(lambda: session.inference._ahead_now is not None, timeout=20000)
    assert session.job.begin("Exporting", lambda: None)
    qtbot.waitUntil(lambda: session.inference._ahead_now is None, timeout=20000)
    segmenter.gate.set()
    session.job.end()
    wait_until_quiet(qtbot, session)
    assert status(session, "h.png") is Status.PROPOSED


def test_an_error_of_the_model_is_noted_once_without_a_word(
    qtbot, with_model: Session, segmenter
) -> None:
    session = with_model
    propose(qtbot, session)
    wait_until_quiet(qtbot, session)
    segmenter.error = RuntimeError("out of memory")
    go_to(qtbot, session, "e.png")
    wait_until_quiet(qtbot, session)
    assert "out of memory" in session.workspace.project.records["f.png"].error
    assert not session.window.banner.isVisible() and not session.window.image_banner.isVisible()
    segmenter.error = None
    propose_again = session.window.actions_table["propose"]
    go_to(qtbot, session, "f.png")
    propose_again.trigger()
    qtbot.waitUntil(lambda: bool(session.editor.document.labels.any()), timeout=20000)


def test_the_panel_tells_quietly_how_far_ahead_it_is(qtbot, with_model: Session, segmenter) -> None:
    session = with_model
    told: list[str] = []
    session.ahead.changed.connect(lambda: told.append(ahead(session)))
    propose(qtbot, session)
    wait_until_quiet(qtbot, session)
    assert ahead(session) == "Proposed ahead: 3 of 3"
    counts = [int(text[16]) for text in told]
    assert counts == sorted(counts)
    go_to(qtbot, session, "h.png")
    assert ahead(session) == ""


def test_switched_off_it_stops_and_stays_off(
    qtbot, with_model: Session, make_session, segmenter
) -> None:
    session = with_model
    session.window.actions_table["propose_ahead"].trigger()
    propose(qtbot, session)
    wait_until_quiet(qtbot, session)
    assert segmenter.proposed == 1 and ahead(session) == ""
    session.window.close()
    later = make_session()
    assert not later.window.actions_table["propose_ahead"].isChecked()


def test_switched_on_it_waits_for_no_first_proposal(qtbot, with_model: Session) -> None:
    session = with_model
    session.window.actions_table["propose_ahead"].trigger()
    session.window.actions_table["propose_ahead"].trigger()
    qtbot.waitUntil(lambda: bool(session.editor.document.labels.any()), timeout=20000)
    wait_until_quiet(qtbot, session)
    assert status(session, "b.png") is Status.PROPOSED


def test_bf16_loads_the_model_anew_and_is_remembered(
    qtbot, with_model: Session, make_session, segmenter
) -> None:
    session = with_model
    action = session.window.actions_table["bf16"]
    assert segmenter.precision == "fp32" and action.isEnabled() and not action.isChecked()
    with qtbot.waitSignal(session.proposing.model_changed, timeout=20000):
        action.trigger()
    assert segmenter.precision == "bf16"
    session.window.close()
    assert make_session().window.actions_table["bf16"].isChecked()


def test_the_choice_of_bf16_holds_for_a_model_that_is_just_being_loaded(
    qtbot, session: Session, segmenter, tmp_path: Path
) -> None:
    session.proposing.load_model(tmp_path / "fake.safetensors")
    session.window.actions_table["bf16"].trigger()
    qtbot.waitUntil(lambda: not session.proposing.is_loading, timeout=20000)
    assert segmenter.precision == "bf16"


def test_bf16_is_no_choice_where_the_processor_lacks_it(qtbot, make_session) -> None:
    session = make_session()
    qtbot.waitUntil(lambda: session.window.actions_table["bf16"].isEnabled(), timeout=20000)
    session.model_binding._device_known(DeviceInfo("old CPU"))
    assert not session.window.actions_table["bf16"].isEnabled()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells threads apart")
def test_the_model_gives_way_to_the_hand(qtbot, with_model: Session) -> None:
    levels: list[int] = []

    def look() -> None:
        levels.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    with_model.inference._thread.put(look)
    qtbot.waitUntil(lambda: bool(levels), timeout=20000)
    assert levels[0] > os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@pytest.mark.parametrize("action", ["propose", "propose_folder"])
def test_an_image_whose_proposal_was_stopped_is_not_proposed_all_the_same(
    qtbot, with_model: Session, segmenter, action: str
) -> None:
    session = with_model
    session.window.actions_table["propose_ahead"].setChecked(False)
    segmenter.gate.clear()
    session.window.actions_table[action].trigger()
    session.window.job_bar._stop.click()
    qtbot.waitUntil(lambda: not session.job.is_running, timeout=20000)
    segmenter.gate.set()
    session.window.actions_table["propose_ahead"].setChecked(True)
    wait_until_quiet(qtbot, session)
    assert status(session, "b.png") is Status.PROPOSED
    assert not session.editor.document.labels.any()
