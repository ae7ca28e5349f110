from __future__ import annotations

import numpy as np

from seglabel.app.proposal_check import ProposalCheck
from seglabel.core.document import Document
from seglabel.core.status import Status


def test_a_small_document_is_decided_at_once_and_a_large_one_soon(qtbot, monkeypatch) -> None:
    check, found = ProposalCheck(), []
    check.decided.connect(found.append)
    labels = np.zeros((64, 64), np.uint8)
    labels[60, 60] = 3
    check.start(Document(labels, status=Status.PROPOSED))
    assert found == [True]
    monkeypatch.setattr("seglabel.app.proposal_check._AT_ONCE_S", 0.0)
    large = Document(np.zeros((4000, 4000), np.uint8), status=Status.CORRECTED)
    check.start(large)
    assert found == [True]
    qtbot.waitUntil(lambda: found == [True, False])
    check.start(large)
    check.start(None)
    qtbot.waitUntil(lambda: found == [True, False, False])
