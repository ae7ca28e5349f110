"""Reviewing proposals in the window, as a person does: with keys, a slider and the pointer."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from seglabel.app import reviewing
from seglabel.app.canvas.review_layer import heat_strip
from seglabel.app.panels.proposal import ProposalPanel
from seglabel.app.session import Session
from seglabel.core.document import Document
from seglabel.core.proposal import Proposal
from seglabel.core.status import Status
from seglabel.tools import Pointer

SIZE = (60, 80)


class DoubtfulSegmenter:
    """Sure of what is bright, unsure of the grey stripe and of the dark below it."""

    name = "doubtful"
    digest = "doubtful-1"

    def grids(self) -> tuple[np.ndarray, np.ndarray]:
        confidence = np.full((15, 20), 0.9, np.float16)
        uncertainty = np.full((15, 20), 0.1, np.float16)
        confidence[5:7, 10:], uncertainty[5:7, 10:] = 0.4, 0.8
        confidence[12:, 12:], uncertainty[12:, 12:] = 0.45, 0.6
        return confidence, uncertainty


@pytest.fixture
def proposed(qtbot, with_model: Session, segmenter, monkeypatch) -> Session:
    """A session whose first image was proposed: 1 at the left, a stripe of 2 at the right."""
    session = with_model
    grids = DoubtfulSegmenter().grids()
    propose = segmenter.propose

    def doubtful(image, cancel=None) -> Proposal:
        plain = propose(image, cancel)
        return Proposal(plain.labels, *grids, plain.model, plain.model_digest)

    monkeypatch.setattr(segmenter, "propose", doubtful)
    session.window.actions_table["propose_ahead"].setChecked(False)
    with qtbot.waitSignal(session.reviewing.uncertain_found, timeout=20000):
        trigger(session, "propose")
    return session


def trigger(session: Session, key: str) -> None:
    action = session.window.actions_table[key]
    assert action.isEnabled(), key
    action.trigger()


def document(session: Session) -> Document:
    found = session.editor.document
    assert found is not None
    return found


def point_at(session: Session, y: int, x: int) -> None:
    canvas = session.window.canvas
    at_x, at_y = canvas.transform.to_view(y + 0.5, x + 0.5)
    QTest.mouseMove(canvas, QPoint(round(at_x), round(at_y)))
    session.reviewing.hover((y, x))


def wait_for_edit(qtbot, session: Session, key: str) -> None:
    with qtbot.waitSignal(session.editor.edited, timeout=20000):
        trigger(session, key)


def test_the_uncertain_share_is_told_and_the_keys_that_help(proposed: Session) -> None:
    text = proposed.window.image_banner.text
    assert text.startswith("15\u00a0%")  # (2 · 10 + 3 · 8) of 300 cells
    assert "N next" in text


def test_going_to_uncertain_regions_goes_from_the_heaviest_down(qtbot, proposed: Session) -> None:
    reviewing = proposed.reviewing
    seen = []
    for _ in range(3):
        with qtbot.waitSignal(reviewing.region_reached, timeout=20000):
            trigger(proposed, "next_uncertain")
        region, mask = reviewing.region
        rows, columns = np.nonzero(mask)
        seen.append(int(document(proposed).labels[rows[0] + region.top, columns[0] + region.left]))
        assert proposed.window.canvas.seen & region == region
    assert seen == [2, 0, 2]
    with qtbot.waitSignal(reviewing.region_reached, timeout=20000):
        trigger(proposed, "previous_uncertain")
    assert reviewing.region[0].area > 1000  # the dark background again


def test_a_accepts_the_region_that_was_gone_to_and_undo_gives_it_back(
    qtbot, proposed: Session
) -> None:
    with qtbot.waitSignal(proposed.reviewing.region_reached, timeout=20000):
        trigger(proposed, "next_uncertain")
    wait_for_edit(qtbot, proposed, "accept_region")
    assert document(proposed).painted[20:30, 40:].all()
    assert document(proposed).painted.sum() == 400
    assert proposed.reviewing.region is None
    proposed.editor.undo()
    assert not document(proposed).painted.any()
    assert document(proposed).status is Status.PROPOSED


def test_z_rejects_the_region_under_the_pointer(qtbot, proposed: Session) -> None:
    point_at(proposed, 25, 60)
    wait_for_edit(qtbot, proposed, "reject_region")
    assert not document(proposed).labels[20:30, 40:].any()
    assert document(proposed).painted[20:30, 40:].all()
    assert (document(proposed).labels[:, :40] == 1).all()


def test_shift_a_gives_the_region_the_current_category(qtbot, proposed: Session) -> None:
    proposed.editor.set_category(1)
    point_at(proposed, 25, 60)
    wait_for_edit(qtbot, proposed, "replace_region")
    assert (document(proposed).labels[20:30, 40:] == 1).all()


def test_a_pointer_that_rests_marks_the_region_below_it_while_heat_is_shown(
    qtbot, proposed: Session
) -> None:
    canvas = proposed.window.canvas
    trigger(proposed, "heat")
    plain = canvas.grab().toImage()
    with qtbot.waitSignal(proposed.reviewing.region_changed, timeout=20000):
        point_at(proposed, 25, 60)
    region, mask = proposed.reviewing.region
    assert (region.top, region.left, region.bottom, region.right) == (20, 40, 30, 80)
    assert mask.all()
    assert canvas.grab().toImage() != plain
    point_at(proposed, 5, 5)
    assert proposed.reviewing.region is None


def test_nothing_is_marked_under_the_pointer_of_who_paints(qtbot, proposed: Session) -> None:
    point_at(proposed, 25, 60)
    assert not proposed.reviewing._idle.isActive()
    trigger(proposed, "heat")
    with qtbot.waitSignal(proposed.reviewing.region_changed, timeout=20000):
        point_at(proposed, 25, 61)
    trigger(proposed, "heat")
    assert proposed.reviewing.region is None


def test_a_region_of_a_hidden_category_is_not_marked(qtbot, proposed: Session) -> None:
    trigger(proposed, "heat")
    proposed.view.toggle_hidden(2)
    point_at(proposed, 25, 60)
    qtbot.waitUntil(lambda: not proposed.reviewing._idle.isActive(), timeout=20000)
    assert proposed.reviewing.region is None and not proposed.reviewing._ticket


def test_who_was_led_to_a_region_is_led_on_after_deciding(qtbot, proposed: Session) -> None:
    with qtbot.waitSignal(proposed.reviewing.region_reached, timeout=20000):
        trigger(proposed, "next_uncertain")
    text = proposed.window.image_banner.text
    assert text.startswith("grey, confidence 40\u00a0%. Uncertain regions left: 2. 15\u00a0%")
    with qtbot.waitSignal(proposed.reviewing.region_reached, timeout=20000):
        trigger(proposed, "accept_region")
        trigger(proposed, "accept_region")  # nothing is in question until the next is reached
    assert document(proposed).painted.sum() == 400
    text = proposed.window.image_banner.text
    assert "Uncertain regions left: 1. 8\u00a0%" in text
    assert proposed.reviewing.region[0].area > 1000


def test_what_was_decided_is_told_and_how_much_is_left(qtbot, proposed: Session) -> None:
    point_at(proposed, 25, 60)
    with qtbot.waitSignal(proposed.reviewing.decided, timeout=20000):
        trigger(proposed, "accept_region")
    text = proposed.window.image_banner.text
    assert text == "grey accepted here.  Uncertain regions left: 1."


def test_an_edit_overtakes_the_region_that_was_being_looked_for(qtbot, proposed: Session) -> None:
    point_at(proposed, 25, 60)
    trigger(proposed, "accept_region")  # looked for off the GUI thread
    proposed.editor.press(Pointer(25, 60))
    proposed.editor.release(Pointer(25, 60))
    done: list[bool] = []
    proposed.review_worker.finished.connect(lambda *_: done.append(True))
    proposed.review_worker.start(lambda _: None)
    qtbot.waitUntil(lambda: bool(done), timeout=20000)
    assert [edit.name for edit in document(proposed).history] == ["propose", "brush"]


def test_what_a_person_painted_is_said_to_be_decided(qtbot, proposed: Session) -> None:
    proposed.editor.press(Pointer(25, 60))
    proposed.editor.release(Pointer(25, 60))
    point_at(proposed, 25, 60)
    with qtbot.waitSignal(proposed.reviewing.hint, timeout=20000):
        trigger(proposed, "reject_region")
    assert document(proposed).labels[25, 60] == proposed.editor.category_id


def test_the_slider_hides_what_is_unsure_and_changes_no_pixel(proposed: Session) -> None:
    panel: ProposalPanel = proposed.window.proposal
    before = document(proposed).labels.copy()
    plain = shown(proposed, 25, 60)
    panel._threshold.setValue(60)
    assert shown(proposed, 25, 60) != plain
    assert shown(proposed, 5, 5) == shown(proposed, 55, 5)  # sure: still covered
    assert np.array_equal(document(proposed).labels, before)
    panel._threshold.setValue(0)
    assert shown(proposed, 25, 60) == plain


def shown(session: Session, y: int, x: int) -> str:
    canvas = session.window.canvas
    at_x, at_y = canvas.transform.to_view(y + 0.5, x + 0.5)
    return canvas.grab().toImage().pixelColor(round(at_x), round(at_y)).name()


def test_what_is_below_can_be_cleared_and_what_is_above_accepted(qtbot, proposed: Session) -> None:
    assert not proposed.window.actions_table["clear_below"].isEnabled()
    proposed.window.proposal._threshold.setValue(60)
    wait_for_edit(qtbot, proposed, "clear_below")
    assert not document(proposed).labels[22:27, 46:].any()
    wait_for_edit(qtbot, proposed, "accept_above")
    assert document(proposed).painted[:, :30].all()
    assert not document(proposed).painted[22:27, 46:].any()
    for _ in range(2):
        proposed.editor.undo()
    assert (document(proposed).labels[20:30, 40:] == 2).all()
    assert not document(proposed).painted.any()


def test_a_category_is_accepted_from_its_menu_and_rejected_by_key(qtbot, proposed: Session) -> None:
    menu = proposed.window.categories.make_menu(1)
    texts = {action.text(): action for action in menu.actions()}
    texts["Accept what is proposed of it"].trigger()
    assert document(proposed).painted[:, :40].all()
    proposed.editor.set_category(2)
    wait_for_edit(qtbot, proposed, "reject_category")
    assert not (document(proposed).labels == 2).any()
    assert (document(proposed).labels[:, :40] == 1).all()


def test_a_locked_category_is_not_rejected(qtbot, proposed: Session) -> None:
    proposed.editor.set_locked(frozenset({2}))
    point_at(proposed, 25, 60)
    with qtbot.waitSignal(proposed.reviewing.hint, timeout=20000):
        trigger(proposed, "reject_region")
    assert (document(proposed).labels[20:30, 40:] == 2).all()


def test_heat_shows_light_where_the_model_was_unsure_and_nobody_decided(
    qtbot, proposed: Session
) -> None:
    canvas = proposed.window.canvas
    assert not proposed.review_binding._legend.isVisible()
    before = canvas.grab().toImage()
    trigger(proposed, "heat")
    assert proposed.review_binding._legend.isVisible()
    with_heat = canvas.grab().toImage()
    assert with_heat != before
    proposed.editor.accept()
    accepted = canvas.grab().toImage()
    proposed.view.change(heat=False)
    at_x, at_y = canvas.transform.to_view(25.5, 70.5)
    at = QPoint(round(at_x), round(at_y))
    assert with_heat.pixelColor(at) != before.pixelColor(at)
    assert accepted.pixelColor(at) == before.pixelColor(at)


def test_the_light_of_heat_grows_with_uncertainty_whatever_the_hue() -> None:
    row = heat_strip(1, 64)[0]
    row = row[row != 0xB0000000]  # without the hatching
    channels = np.stack([(row >> shift) & 255 for shift in (16, 8, 0)], -1).astype(float)
    light = channels @ (0.299, 0.587, 0.114)
    assert (np.diff(light) >= -1).all()
    assert light[-1] > 180


def test_the_doubts_of_a_saved_proposal_are_there_when_its_image_is_opened_again(
    qtbot, proposed: Session
) -> None:
    proposed.workspace.save()
    qtbot.waitUntil(lambda: not proposed.writer.has_pending, timeout=20000)
    with qtbot.waitSignal(proposed.workspace.image_opened, timeout=20000):
        proposed.workspace.go_to("b.png")
    assert proposed.reviewing.certainty is None
    with qtbot.waitSignal(proposed.reviewing.uncertain_found, timeout=20000):
        proposed.workspace.go_to("a.png")
    assert proposed.reviewing.confidence_at(25, 70) == pytest.approx(0.4, abs=0.01)
    assert proposed.workspace.project.records["a.png"].uncertainty == pytest.approx(
        DoubtfulSegmenter().grids()[1].mean(), abs=0.01
    )


def test_the_keys_of_reviewing_work_on_the_picture(qtbot, proposed: Session) -> None:
    canvas = proposed.window.canvas
    canvas.setFocus()
    with qtbot.waitSignal(proposed.reviewing.region_reached, timeout=20000):
        QTest.keyClick(canvas, Qt.Key.Key_N)
    with qtbot.waitSignal(proposed.editor.edited, timeout=20000):
        QTest.keyClick(canvas, Qt.Key.Key_A)
    assert document(proposed).painted[20:30, 40:].all()


def reopened(qtbot, session: Session) -> None:
    """The first image is shown anew, once its proposal is on disk."""
    qtbot.waitUntil(lambda: not session.writer.has_pending, timeout=20000)
    for name in ("b.png", "a.png"):
        with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
            session.workspace.go_to(name)


def test_a_key_pressed_too_early_does_not_lose_how_sure_the_model_was(
    qtbot, proposed: Session, monkeypatch
) -> None:
    gate, store = threading.Event(), proposed.workspace.store
    load = store.load_certainty
    monkeypatch.setattr(store, "load_certainty", lambda *of: gate.wait(5) and load(*of))
    reopened(qtbot, proposed)
    point_at(proposed, 25, 60)
    proposed.reviewing.accept_region()
    assert "still being read" in proposed.window.image_banner.text
    gate.set()
    qtbot.waitUntil(lambda: proposed.reviewing.certainty is not None, timeout=20000)
    wait_for_edit(qtbot, proposed, "accept_region")


def test_a_proposal_that_cannot_be_read_is_said_and_regions_are_found_all_the_same(
    qtbot, proposed: Session, monkeypatch
) -> None:
    def fail(*_):
        raise OSError(5, "Input/output error", "a.npz")

    monkeypatch.setattr(proposed.workspace.store, "load_certainty", fail)
    reopened(qtbot, proposed)
    banner = proposed.window.image_banner
    qtbot.waitUntil(lambda: "Input/output error" in banner.text, timeout=20000)
    point_at(proposed, 25, 60)
    wait_for_edit(qtbot, proposed, "accept_region")


def test_a_region_found_late_does_not_break_into_what_is_drawn(
    qtbot, proposed: Session, monkeypatch
) -> None:
    gate = threading.Event()
    find = reviewing.proposed_region
    monkeypatch.setattr(reviewing, "proposed_region", lambda *of: gate.wait(5) and find(*of))
    proposed.editor.set_tool("polygon")
    point_at(proposed, 25, 60)
    proposed.reviewing.accept_region()
    proposed.editor.press(Pointer(5, 5))
    proposed.editor.release(Pointer(5, 5))
    with qtbot.waitSignal(proposed.review_worker.finished, timeout=500, raising=False):
        gate.set()
    assert proposed.editor.is_busy and not document(proposed).painted.any()
