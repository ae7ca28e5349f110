from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from seglabel.app.session import Session
from seglabel.core.cancel import Cancel
from seglabel.core.categories import CategorySet
from seglabel.core.painted import FROM_STROKES, Painted
from seglabel.core.proposal import Proposal
from seglabel.core.status import Status
from seglabel.tools import Pointer


class NearestColour:
    """Gives each pixel the category of the painted pixel whose grey is nearest. Can be held."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.models: list[Path | None] = []
        self.refined = 0
        self.shapes: list[tuple[int, ...]] = []

    def load(self, path: Path | None) -> NearestColour:
        self.models.append(path)
        return self

    def refine(
        self,
        image: np.ndarray,
        painted: Painted,
        categories: CategorySet,
        chosen: Mapping[str, str],
        cancel: Cancel,
    ) -> Proposal:
        while not self.gate.wait(0.02):
            cancel.raise_if_set()
        grey = image.mean(axis=2)
        means = {i: grey[painted.mask & (painted.labels == i)].mean() for i in painted.ids}
        ids = np.array(list(means), np.uint8)
        labels = ids[np.abs(grey[..., None] - np.array(list(means.values()))).argmin(2)]
        self.refined += 1
        self.shapes.append(image.shape)
        grid = np.full((15, 20), 0.5, np.float16)
        return Proposal(labels, grid, grid, FROM_STROKES, "")


@pytest.fixture
def refiner(session: Session) -> NearestColour:
    made = NearestColour()
    session.inference._load_refiner = made.load
    return made


def paint(session: Session, category: int, y: int, x: int) -> None:
    session.editor.set_brush_size(5)
    session.editor.set_category(category)
    session.editor.press(Pointer(y, x))
    session.editor.release(Pointer(y, x + 5))


def paint_both(session: Session) -> None:
    paint(session, 1, 40, 10)
    paint(session, 2, 50, 60)


def settle(qtbot, session: Session) -> None:
    """Until the inference thread did all that it was asked for, and its signals came."""
    done: list[bool] = []
    session.inference._thread.put(lambda: done.append(True))
    qtbot.waitUntil(lambda: bool(done), timeout=20000)


def test_refine_labels_the_rest_in_one_undo_step_and_needs_no_model(
    qtbot, session: Session, refiner: NearestColour
) -> None:
    paint_both(session)
    document = session.editor.document
    before, steps = document.labels.copy(), document.history.position
    with qtbot.waitSignal(session.refining.merged, timeout=20000):
        session.window.actions_table["refine"].trigger()
    assert (document.labels[:, :40] == 1).all() and (document.labels[35:, 40:] == 2).all()
    assert document.status is Status.CORRECTED
    assert document.history.position == steps + 1
    assert refiner.models == [None]
    session.editor.undo()
    assert (document.labels == before).all()


def test_what_is_locked_or_painted_stays_when_it_is_refined(
    qtbot, session: Session, refiner: NearestColour
) -> None:
    paint_both(session)
    paint(session, 2, 10, 10)  # of a colour that most others of it do not have
    document = session.editor.document
    mine, before = document.painted.copy(), document.labels.copy()
    session.editor.set_locked(frozenset({0}))
    with qtbot.waitSignal(session.refining.merged, timeout=20000):
        session.window.actions_table["refine"].trigger()
    assert (document.labels[mine] == before[mine]).all()
    assert not document.labels[~mine].any()  # background was locked


def test_without_strokes_of_two_categories_it_says_what_to_do(
    session: Session, refiner: NearestColour
) -> None:
    session.window.actions_table["refine"].trigger()
    assert "two categories" in session.window.image_banner.text
    paint(session, 1, 40, 10)
    session.window.actions_table["refine"].trigger()
    assert not session.refining.is_working and refiner.refined == 0


def test_a_late_refinement_never_touches_another_image(
    qtbot, session: Session, refiner: NearestColour
) -> None:
    paint_both(session)
    refiner.gate.clear()
    session.window.actions_table["refine"].trigger()
    first = session.editor.document
    labels = first.labels.copy()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.go_to("b.png")
    refiner.gate.set()
    settle(qtbot, session)
    assert not session.editor.document.labels.any()
    assert (first.labels == labels).all()


def test_a_refinement_that_comes_during_a_stroke_waits_for_its_end(
    qtbot, session: Session, refiner: NearestColour
) -> None:
    paint_both(session)
    refiner.gate.clear()
    session.window.actions_table["refine"].trigger()
    session.editor.press(Pointer(5, 60))
    with qtbot.waitSignal(session.inference.refined, timeout=20000):
        refiner.gate.set()
    document = session.editor.document
    assert session.editor.is_busy and document.labels[0, 0] == 0
    session.editor.release(Pointer(5, 62))
    assert document.labels[0, 0] == 1 and document.labels[5, 60] == 2


def test_live_refines_after_each_stroke_and_is_remembered(
    qtbot, session: Session, refiner: NearestColour
) -> None:
    session.window.actions_table["refine_live"].trigger()
    paint(session, 1, 40, 10)
    with qtbot.waitSignal(session.refining.merged, timeout=20000):
        paint(session, 2, 50, 60)
    assert (session.editor.document.labels[:, :40] == 1).all()
    assert session.refining.is_live and session._settings.refines_live


def test_a_live_refinement_that_another_stroke_overtakes_is_dropped(
    qtbot, session: Session, refiner: NearestColour
) -> None:
    session.window.actions_table["refine_live"].trigger()
    refiner.gate.clear()
    paint_both(session)
    qtbot.waitUntil(lambda: session.refining.is_working, timeout=20000)
    session.editor.press(Pointer(5, 60))
    assert not session.refining.is_working
    refiner.gate.set()
    settle(qtbot, session)
    assert session.editor.document.labels[0, 0] == 0
    with qtbot.waitSignal(session.refining.merged, timeout=20000):
        session.editor.release(Pointer(5, 62))
    assert session.editor.document.labels[0, 0] == 1


def test_the_panel_says_that_it_was_refined(
    qtbot, session: Session, refiner: NearestColour
) -> None:
    paint_both(session)
    refiner.gate.clear()
    session.window.actions_table["refine"].trigger()
    assert session.window.proposal.image_text == "Refining …"
    refiner.gate.set()
    qtbot.waitUntil(
        lambda: "Refined from your strokes" in session.window.proposal.image_text, timeout=20000
    )


def test_the_model_that_is_loaded_helps(
    qtbot, with_model: Session, refiner: NearestColour, tmp_path: Path
) -> None:
    paint_both(with_model)
    with qtbot.waitSignal(with_model.refining.merged, timeout=20000):
        with_model.window.actions_table["refine"].trigger()
    assert refiner.models == [tmp_path / "fake.safetensors"]


def test_a_failure_is_said_and_the_next_one_goes_on(
    qtbot, session: Session, refiner: NearestColour
) -> None:
    def fail(path: Path | None) -> NearestColour:
        raise MemoryError("too large")

    paint_both(session)
    session.inference._load_refiner = fail
    with qtbot.waitSignal(session.refining.failed, timeout=20000):
        session.window.actions_table["refine"].trigger()
    session.inference._load_refiner = refiner.load
    with qtbot.waitSignal(session.refining.merged, timeout=20000):
        session.window.actions_table["refine"].trigger()
    assert (session.editor.document.labels[:, :40] == 1).all()


def test_the_built_in_backbone_refines_before_there_is_any_model(qtbot, session: Session) -> None:
    paint_both(session)
    with qtbot.waitSignal(session.refining.merged, timeout=30000):
        session.window.actions_table["refine"].trigger()
    labels = session.editor.document.labels
    assert (labels[:, :36] == 1).mean() > 0.9 and (labels[35:, 44:] == 2).mean() > 0.9
