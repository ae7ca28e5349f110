"""Saving the work that a crash left unsaved, or leaving it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seglabel.core.cancel import Cancel
from seglabel.core.errors import SegLabelError
from seglabel.core.progress import Progress, ProgressCallback
from seglabel.formats import journal
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.recovery import recovered


@dataclass(frozen=True)
class RecoveryReport:
    """Images whose work is saved now, and why others' is not: their journals were set aside."""

    images: tuple[str, ...]
    problems: tuple[str, ...]


def recover(
    store: ProjectStore,
    names: Sequence[str],
    *,
    progress: ProgressCallback,
    cancel: Cancel,
) -> RecoveryReport:
    """Save what the journals of these images hold. Raises Cancelled, WriteError."""
    done, problems = [], []
    for index, name in enumerate(names):
        cancel.raise_if_set()
        progress(Progress(index, len(names), name))
        try:
            document = recovered(store, name)
        except SegLabelError as error:
            problems.append(str(error))
            set_aside(store, [name])
            continue
        store.save(name, document.snapshot())
        store.forget_elsewhere(name)
        done.append(name)
    return RecoveryReport(tuple(done), tuple(problems))


def set_aside(store: ProjectStore, names: Sequence[str]) -> None:
    """What was saved of these images counts; the rest stays under another name."""
    for name in names:
        journal.set_aside(store.journal_path(name))
        journal.set_aside(store.spare_journal_path(name))
