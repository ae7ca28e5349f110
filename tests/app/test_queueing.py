"""What to label next: the order of the images, the reasons, and the way through them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

from seglabel.app.session import Session
from seglabel.core.project import ImageRecord
from seglabel.core.proposal import Proposal, unit_length
from seglabel.core.queue import Place, Why
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.project_store import ProjectStore
from seglabel.tools import Pointer

from .conftest import CATEGORIES, SIZE


def proposal(doubt: float, looks: tuple[float, ...] = (1, 0), category: int = 2) -> Proposal:
    uncertainty = np.full((15, 20), doubt, np.float16)
    labels = np.full(SIZE, category, np.uint8)
    seen = unit_length(np.array(looks))
    return Proposal(labels, 1 - uncertainty, uncertainty, "fake", "fake-1-0", descriptor=seen)


def trigger(session: Session, key: str) -> None:
    session.window.actions_table[key].trigger()


def opened(qtbot, session: Session, folder: Path) -> Session:
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.open_project(folder)
    session.workspace.set_categories(CATEGORIES)
    return session


def wait_for_queue(qtbot, session: Session, *names: str) -> None:
    workspace = session.workspace
    qtbot.waitUntil(lambda: tuple(p.name for p in workspace.queue) == names, timeout=20000)


def wait_for_image(qtbot, session: Session, name: str) -> None:
    qtbot.waitUntil(
        lambda: session.workspace.image is not None and session.workspace.image.name == name,
        timeout=20000,
    )


def item(session: Session, name: str, role: Qt.ItemDataRole) -> str:
    model = session.window.images._model
    return model.data(model.index_of(name), role)


@pytest.fixture
def proposed(qtbot, make_session, folder: Path) -> Session:
    """Three proposals: *a* is like *b* and less uncertain, *c* is like no other."""
    store = ProjectStore.open(folder)
    store.project.categories = CATEGORIES
    store.save_proposal("a.png", proposal(0.3), "digest")
    store.save_proposal("b.png", proposal(0.4), "digest")
    store.save_proposal("c.png", proposal(0.2, (0, 1)), "digest")
    session = opened(qtbot, make_session(), folder)
    wait_for_queue(qtbot, session, "b.png", "c.png", "a.png")
    return session


def test_the_list_follows_the_queue_where_that_is_wanted(qtbot, proposed: Session) -> None:
    assert proposed.workspace.names == ("a.png", "b.png", "c.png", "d.png")
    trigger(proposed, "sort_by_gain")
    assert proposed.workspace.names == ("b.png", "c.png", "a.png", "d.png")
    trigger(proposed, "sort_by_gain")
    assert proposed.workspace.names == ("a.png", "b.png", "c.png", "d.png")


def test_next_in_queue_goes_from_the_first_to_the_last_and_round(qtbot, proposed: Session) -> None:
    way = []
    for name in ("b.png", "c.png", "a.png", "b.png"):
        trigger(proposed, "next_in_queue")
        wait_for_image(qtbot, proposed, name)
        way.append(proposed.workspace.name)
    assert way == ["b.png", "c.png", "a.png", "b.png"]


def test_the_list_says_why_an_image_is_next(qtbot, proposed: Session) -> None:
    spoken = Qt.ItemDataRole.AccessibleTextRole
    assert item(proposed, "b.png", spoken) == (
        "b.png, proposed, number 1 to label: uncertain: grey 0.40"
    )
    assert item(proposed, "c.png", spoken) == (
        "c.png, proposed, number 2 to label: unlike what is labelled or comes before it"
    )
    assert item(proposed, "d.png", spoken) == "d.png, empty"
    assert "Number 1 to label: uncertain: grey 0.40" in item(
        proposed, "b.png", Qt.ItemDataRole.ToolTipRole
    )


def test_what_is_labelled_is_asked_for_no_more_and_what_is_unlike_it_comes_first(
    qtbot, proposed: Session, folder: Path
) -> None:
    trigger(proposed, "sort_by_gain")
    trigger(proposed, "next_in_queue")
    wait_for_image(qtbot, proposed, "b.png")
    trigger(proposed, "reviewed")
    first = (1, Place("c.png", Why.UNLIKE))
    qtbot.waitUntil(lambda: proposed.workspace.place("c.png") == first, timeout=20000)
    assert proposed.workspace.place("b.png") is None
    assert "unlike what is labelled" in item(proposed, "c.png", Qt.ItemDataRole.ToolTipRole)


def test_an_image_in_work_keeps_its_place_until_one_goes_on(qtbot, proposed: Session) -> None:
    trigger(proposed, "sort_by_gain")
    trigger(proposed, "next_in_queue")
    wait_for_image(qtbot, proposed, "b.png")
    proposed.editor.press(Pointer(5, 5))
    proposed.editor.release(Pointer(5, 5))
    proposed.workspace.save()
    qtbot.waitUntil(lambda: len(proposed.workspace._new_queue) == 2, timeout=20000)
    assert proposed.workspace.names == ("b.png", "c.png", "a.png", "d.png")
    trigger(proposed, "reviewed")
    wait_for_image(qtbot, proposed, "c.png")
    assert proposed.workspace.names == ("c.png", "a.png", "b.png", "d.png")


def test_reviewing_ends_with_the_last_image_of_the_queue(qtbot, proposed: Session) -> None:
    trigger(proposed, "sort_by_gain")
    for name in ("b.png", "c.png", "a.png"):
        trigger(proposed, "next_in_queue")
        wait_for_image(qtbot, proposed, name)
        proposed.editor.mark_reviewed()
        proposed.workspace.save()
    wait_for_queue(qtbot, proposed)
    trigger(proposed, "next_in_queue")
    assert "No other image with a proposal waits for you." in proposed.window.image_banner.text


def test_without_proposals_the_order_is_that_of_the_names_and_that_is_said(
    qtbot, session: Session
) -> None:
    trigger(session, "sort_by_gain")
    assert session.workspace.names == ("a.png", "b.png", "c.png", "d.png")
    assert "Nothing is proposed yet" in session.window.banner.text


def test_an_image_that_cannot_be_read_is_not_asked_for(qtbot, proposed: Session) -> None:
    project = proposed.workspace.project
    broken = ImageRecord("d.png", Status.PROPOSED, uncertainty=0.9)
    project.update(broken)
    proposed.workspace.note_unreadable(proposed.workspace.store, "d.png", "damaged")
    with qtbot.waitSignal(proposed.queue_worker.finished, timeout=20000):
        pass
    assert "d.png" not in [place.name for place in proposed.workspace.queue]


def test_a_damaged_proposal_leaves_the_others_in_the_queue(
    qtbot, make_session, folder: Path
) -> None:
    store = ProjectStore.open(folder)
    store.project.categories = CATEGORIES
    for name in ("a.png", "b.png"):
        store.save_proposal(name, proposal(0.3), "digest")
    store.save("c.png", Annotation(np.ones(SIZE, np.uint8), np.ones(SIZE, bool)))
    (store.root / "proposals" / "a.png.npz").write_bytes(b"damaged")
    session = opened(qtbot, make_session(), folder)
    wait_for_queue(qtbot, session, "b.png", "a.png")
