"""What becomes of labels as a whole: proposed, accepted, cleared, reviewed. Each is one edit."""

from __future__ import annotations

import numpy as np

from seglabel.core.categories import BACKGROUND
from seglabel.core.document import Document, LabelMap
from seglabel.core.errors import LabelError
from seglabel.core.geometry import Region
from seglabel.core.history import Edit
from seglabel.core.status import Status

_BLOCK = 1 << 20  # pixels


def merge_proposal(document: Document, labels: LabelMap, name: str) -> Edit | None:
    """Give every pixel that no person painted the category in ``labels`` (uint8, H × W).

    An image that was reviewed is finished: nothing changes in it.
    """
    if labels.shape != document.shape:
        raise LabelError(
            f"proposal: expected {document.shape} pixels as the image has, found {labels.shape}"
        )
    if document.status is Status.REVIEWED:
        return None
    edit = document.begin(name)
    edit.assign(Region.whole(document.shape), ~document.painted, labels, painted=False)
    if not document.status.is_by_person:
        edit.set_status(Status.PROPOSED)
    return edit.commit()


def has_proposal(document: Document) -> bool:
    """Whether any pixel has a category that no person gave or accepted."""
    if document.status is Status.EMPTY:
        return False
    step = max(_BLOCK // max(document.shape[1], 1), 1)
    for top in range(0, document.shape[0], step):  # mostly the first rows decide
        rows = slice(top, top + step)
        if ((document.labels[rows] > 0) & ~document.painted[rows]).any():
            return True
    return False


def accept_proposal(document: Document, name: str) -> Edit | None:
    """Take every pixel that is not locked, as it stands, for a person's decision."""
    edit = document.begin(name)
    edit.adopt(Region.whole(document.shape), np.ones(document.shape, np.bool_))
    return edit.commit()


def mark_reviewed(document: Document, name: str) -> Edit | None:
    """Take every pixel for a person's decision, locked ones too, and the image for finished."""
    edit = document.begin(name)
    everything = np.ones(document.shape, np.bool_)
    edit.adopt(Region.whole(document.shape), everything, even_locked=True)
    edit.set_status(Status.REVIEWED)
    return edit.commit()


def clear_proposal(document: Document, name: str) -> Edit | None:
    """Give background to every pixel that no person painted, unless the image was reviewed."""
    if document.status is Status.REVIEWED:
        return None
    edit = document.begin(name)
    edit.assign(
        Region.whole(document.shape),
        ~document.painted,
        np.full(document.shape, BACKGROUND, np.uint8),
        painted=False,
    )
    if not document.status.is_by_person:
        edit.set_status(Status.EMPTY)
    return edit.commit()
