"""Labels of another image taken over: one edit each."""

from __future__ import annotations

from seglabel.core.document import Document, LabelMap
from seglabel.core.errors import LabelError
from seglabel.core.geometry import Region
from seglabel.core.history import Edit
from seglabel.core.regions import flood_region


def copy_labels(
    document: Document, labels: LabelMap, name: str, at: tuple[int, int] | None = None
) -> Edit | None:
    """Paint what ``labels`` (uint8, H × W) holds, as a person's work: every labelled pixel, or the
    connected region at pixel (y, x). Background is not copied.
    """
    if labels.shape != document.shape:
        raise LabelError(f"labels: expected {document.shape} pixels, found {labels.shape}")
    if at is None:
        region = Region.whole(document.shape)
        mask = labels > 0
    else:
        region, mask = flood_region(labels, *at)
        mask = mask & (labels[region.slices] > 0)
    with document.begin(name) as edit:
        edit.assign(region, mask, labels[region.slices], painted=True)
        return edit.commit()
