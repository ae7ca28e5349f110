"""What becomes of labels as a whole: proposed, accepted, cleared, reviewed. Each is one edit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from seglabel.core.categories import BACKGROUND
from seglabel.core.document import Document, LabelMap
from seglabel.core.errors import LabelError
from seglabel.core.geometry import Region
from seglabel.core.history import Edit
from seglabel.core.status import Status
from seglabel.core.uncertainty import Threshold

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
    with document.begin(name) as edit:
        edit.assign(Region.whole(document.shape), ~document.painted, labels, painted=False)
        if not document.status.is_by_person:
            edit.set_status(Status.PROPOSED)
        return edit.commit()


def has_proposal(document: Document) -> bool:
    """Whether any pixel has a category that no person gave or accepted."""
    return any(bands_with_proposal(document))  # mostly the first rows decide


def bands_with_proposal(document: Document) -> Iterator[bool]:
    """The same of one band of rows after another."""
    if document.status is Status.EMPTY:
        return
    for band in _bands(document.shape):
        labels, painted = document.labels[band.slices], document.painted[band.slices]
        yield bool(((labels > 0) & ~painted).any())


def accept_proposal(document: Document, name: str) -> Edit | None:
    """Take every pixel that is not locked, as it stands, for a person's decision."""
    with document.begin(name) as edit:
        edit.adopt(Region.whole(document.shape), np.ones(document.shape, np.bool_))
        return edit.commit()


def mark_reviewed(document: Document, name: str) -> Edit | None:
    """Take every pixel for a person's decision, locked ones too, and the image for finished."""
    with document.begin(name) as edit:
        everything = np.ones(document.shape, np.bool_)
        edit.adopt(Region.whole(document.shape), everything, even_locked=True)
        edit.set_status(Status.REVIEWED)
        return edit.commit()


def clear_proposal(document: Document, name: str) -> Edit | None:
    """Give background to every pixel that no person painted, unless the image was reviewed."""
    if document.status is Status.REVIEWED:
        return None
    with document.begin(name) as edit:
        edit.assign(
            Region.whole(document.shape),
            ~document.painted,
            np.full(document.shape, BACKGROUND, np.uint8),
            painted=False,
        )
        if not document.status.is_by_person and not document.labels.any():  # locked ones stay
            edit.set_status(Status.EMPTY)
        return edit.commit()


def accept_region(
    document: Document, region: Region, mask: NDArray[np.bool_], name: str
) -> Edit | None:
    """Take the pixels of ``mask`` (bool, the region's size) for a person's decision."""
    with document.begin(name) as edit:
        edit.adopt(region, mask)
        return edit.commit()


def replace_region(
    document: Document, region: Region, mask: NDArray[np.bool_], category_id: int, name: str
) -> Edit | None:
    """Decide that the proposed pixels of ``mask`` are of another category.

    Background rejects them. What a person painted before stays.
    """
    with document.begin(name) as edit:
        edit.paint(region, mask & ~document.painted[region.slices], category_id)
        return edit.commit()


def accept_category(document: Document, category_id: int, name: str) -> Edit | None:
    """Take all that was proposed of one category for a person's decision."""
    with document.begin(name) as edit:
        for band in _bands(document.shape):
            edit.adopt(band, document.labels[band.slices] == category_id)
        return edit.commit()


def reject_category(document: Document, category_id: int, name: str) -> Edit | None:
    """Decide that all that was proposed of one category is background."""
    with document.begin(name) as edit:
        for band in _bands(document.shape):
            labels, painted = document.labels[band.slices], document.painted[band.slices]
            edit.paint(band, (labels == category_id) & ~painted, BACKGROUND)
        return edit.commit()


def clear_below(document: Document, threshold: Threshold, name: str) -> Edit | None:
    """Give background to the proposed pixels that a threshold hides; nobody decided about them."""
    if document.status is Status.REVIEWED:
        return None
    with document.begin(name) as edit:
        for band in _bands(document.shape):
            hidden = _hidden(document, threshold, band)
            edit.assign(band, hidden, np.zeros(hidden.shape, np.uint8), painted=False)
        return edit.commit()


def accept_above(document: Document, threshold: Threshold, name: str) -> Edit | None:
    """Take every pixel of at least the threshold's confidence for a person's decision."""
    with document.begin(name) as edit:
        for band in _bands(document.shape):
            confidence = threshold.certainty.confidence_at(*_pixels(band))
            edit.adopt(band, confidence >= threshold.confidence)
        return edit.commit()


def _hidden(document: Document, threshold: Threshold, band: Region) -> NDArray[np.bool_]:
    labels, painted = document.labels[band.slices], document.painted[band.slices]
    return threshold.hides(labels, painted, *_pixels(band))


def _pixels(region: Region) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return np.arange(region.top, region.bottom), np.arange(region.left, region.right)


def _bands(shape: tuple[int, int]) -> Iterator[Region]:
    """All rows, some at a time, so that no array as large as the image is made."""
    step = max(_BLOCK // max(shape[1], 1), 1)
    for top in range(0, shape[0], step):
        yield Region(top, 0, min(top + step, shape[0]), shape[1])
