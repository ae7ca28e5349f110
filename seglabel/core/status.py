"""How far the work on one image has come."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """``empty → proposed → corrected → reviewed``."""

    EMPTY = "empty"
    PROPOSED = "proposed"
    CORRECTED = "corrected"
    REVIEWED = "reviewed"

    @property
    def is_by_person(self) -> bool:
        """Whether a person worked on the image, so that no run may replace its labels."""
        return self in (Status.CORRECTED, Status.REVIEWED)
