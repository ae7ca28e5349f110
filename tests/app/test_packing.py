"""Histories are packed while nobody paints."""

from __future__ import annotations

import numpy as np

from seglabel.app.packing import PackingTimer
from seglabel.app.session import Session
from seglabel.core.document import Document
from seglabel.core.geometry import Region
from seglabel.core.history import PackedTile

from .test_editing import drag, labels


def painted(document: Document) -> None:
    edit = document.begin("brush")
    region = Region.whole(document.shape)
    edit.paint(region, np.random.default_rng(0).random(document.shape) < 0.5, 1)
    edit.commit()


def is_packed(document: Document) -> bool:
    return all(
        isinstance(tile, PackedTile)
        for edit in document.history
        for patch in edit.patches
        for tile in (patch.before, patch.after)
    )


def test_a_stroke_is_packed_soon_after_its_release(qtbot, session: Session) -> None:
    drag(qtbot, session, (10, 10), (40, 40))
    document = session.editor.document
    assert document is not None and len(document.history) == 1
    qtbot.waitUntil(lambda: is_packed(document))
    session.editor.undo()
    assert not labels(session).any()


def test_packing_waits_while_a_stroke_is_under_way(qtbot) -> None:
    timer = PackingTimer()
    document = Document.blank(2000, 2000)
    painted(document)
    open_edit = document.begin("brush")
    timer.add(document)
    qtbot.waitUntil(lambda: not timer.is_active)
    assert not is_packed(document)
    open_edit.cancel()
    timer.add(document)
    qtbot.waitUntil(lambda: not timer.is_active)
    assert is_packed(document)


def test_a_document_is_packed_though_another_one_is_painted_in(qtbot) -> None:
    timer = PackingTimer()
    first, second = Document.blank(700, 700), Document.blank(700, 700)
    painted(first)
    painted(second)
    timer.add(first)
    timer.add(second)
    second.begin("brush")
    qtbot.waitUntil(lambda: not timer.is_active)
    assert is_packed(first) and not is_packed(second)
