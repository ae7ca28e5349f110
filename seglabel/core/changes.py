"""What was done to a document, change by change, so that it can be done again after a crash."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from seglabel.core.effort import Effort
from seglabel.core.history import Edit, History

if TYPE_CHECKING:
    from seglabel.core.document import Document


@dataclass(frozen=True, slots=True)
class Change:
    """The ``number``-th change of an annotation since its beginning, which led to ``effort``.

    Either ``edit`` was made, or the history was gone through by ``move`` steps: -1 is one undo.
    """

    number: int
    edit: Edit | None = None
    move: int = 0
    effort: Effort = field(default_factory=Effort)


def history_of(changes: Iterable[Change]) -> History:
    """The history that they led to, without a bound. Their tiles must be complete."""
    history = History(byte_limit=1 << 62)
    for change in changes:
        if change.edit is not None:
            history.push(change.edit)
        else:
            history.move_to(history.position + change.move)
    return history


def repeat(document: Document, changes: Iterable[Change]) -> None:
    """Do again what was done to this document, from where it stands. Tiles must be complete."""
    for change in changes:
        if change.edit is not None:
            document.repeat(change.edit)
        else:
            document.go_to(document.history.position + change.move)
        document.effort = change.effort
