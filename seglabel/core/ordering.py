"""In which order the images of a project are gone through."""

from __future__ import annotations

from collections.abc import Iterable

from seglabel.core.project import ImageRecord
from seglabel.core.status import Status


def by_doubt(records: Iterable[ImageRecord]) -> tuple[str, ...]:
    """Names by mean uncertainty, the most uncertain first; equal ones, and at the end those
    without a proposal, as they come."""

    def key(record: ImageRecord) -> float:
        return 1.0 if record.doubt is None else -record.doubt

    return tuple(record.name for record in sorted(records, key=key))


def next_to_review(records: Iterable[ImageRecord], current: str) -> str | None:
    """The image to look at after ``current``: the next most uncertain one that is not reviewed.

    Goes round at the end, and begins with the most uncertain one if ``current`` is reviewed.
    Images without a proposal, or that cannot be read, are left out.
    """
    open_records = [
        record
        for record in records
        if record.status is not Status.REVIEWED and record.doubt is not None and not record.error
    ]
    names = by_doubt(open_records)
    if current not in names:
        return names[0] if names else None
    following = names[(names.index(current) + 1) % len(names)]
    return following if following != current else None
