"""Putting right what can be put right in a project without a person's decision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seglabel.core.cancel import Cancel
from seglabel.core.errors import SegLabelError
from seglabel.core.progress import Progress, ProgressCallback, ignore_progress
from seglabel.formats import journal
from seglabel.formats.atomic import WriteError, write_bytes
from seglabel.formats.layout import LOG_FILE, REPLACED
from seglabel.formats.lock import ProjectLock
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.record_log import RecordLog
from seglabel.jobs.checking import (
    CheckReport,
    Finding,
    Kind,
    check,
    check_store,
    project_root,
)


@dataclass(frozen=True)
class Mended:
    """What was wrong, and what was done about it."""

    finding: Finding
    deed: str

    def to_json(self) -> dict[str, Any]:
        return {**self.finding.to_json(), "done": self.deed}


@dataclass(frozen=True)
class MendReport:
    """What was mended, what could not be and why, and what is still wrong after that."""

    mended: tuple[Mended, ...]
    failed: tuple[str, ...]
    after: CheckReport

    def to_json(self) -> dict[str, Any]:
        return {
            "mended": [one.to_json() for one in self.mended],
            "failed": list(self.failed),
            **self.after.to_json(),
        }


def mend(
    folder: Path,
    root: Path | None = None,
    *,
    accept_changed: bool = False,
    progress: ProgressCallback = ignore_progress,
    cancel: Cancel | None = None,
) -> MendReport:
    """Check a project, mend what is safe, and check it again.

    Nothing is lost: what is replaced or makes no sense is kept below ``replaced``, and labels go
    with their image. With ``accept_changed`` the labels of images whose files changed are taken to
    fit these. Raises LockedError where somebody else has the project, ProjectError, WriteError and
    Cancelled.
    """
    place = project_root(folder, root)
    if not place.is_dir():
        return MendReport((), (), check(folder, root, progress=progress, cancel=cancel))
    lock = ProjectLock(place)
    lock.acquire()
    try:
        mended = _mend_list(place)
        before = check(folder, root, progress=progress, cancel=cancel)
        if any(finding.kind is Kind.PROJECT for finding in before.findings):
            return MendReport(tuple(mended), (), before)
        store = ProjectStore.open(folder, root)
        try:
            report = mend_store(
                store, before, accept_changed=accept_changed, progress=progress, cancel=cancel
            )
        finally:
            store.close()
    finally:
        lock.release()
    return replace(report, mended=(*mended, *report.mended))


def mend_store(
    store: ProjectStore,
    report: CheckReport,
    *,
    accept_changed: bool = False,
    progress: ProgressCallback = ignore_progress,
    cancel: Cancel | None = None,
) -> MendReport:
    """Mend what was found in an open project, and check it again. Raises Cancelled."""
    cancel = cancel or Cancel()
    deeds: dict[Kind, Callable[[ProjectStore, Finding], str]] = dict(_DEEDS)
    if accept_changed:
        deeds[Kind.CHANGED] = _accept
    mended, failed = [], []
    todo = [finding for finding in report.findings if finding.kind in deeds]
    for done, finding in enumerate(todo, start=1):
        cancel.raise_if_set()
        try:
            mended.append(Mended(finding, deeds[finding.kind](store, finding)))
        except SegLabelError as error:
            failed.append(f"{finding.about}: {error}")
        progress(Progress(done, len(todo), finding.about))
    after = check_store(store, progress=progress, cancel=cancel)
    return MendReport(tuple(mended), tuple(failed), after)


def _mend_list(place: Path) -> list[Mended]:
    """Keep the lines that can be read; the labels themselves tell the rest."""
    path = place / LOG_FILE
    log = RecordLog(path)
    records, unfinished, problems = log.salvage()
    if not problems:
        return []
    kept = place / REPLACED / LOG_FILE
    write_bytes(kept, path.read_bytes())
    log.rewrite(records.values(), unfinished)
    text = f"{LOG_FILE}: {len(problems)} damaged lines, first {problems[0]}"
    deed = f"left them out; the old file is {kept.relative_to(place)}"
    return [Mended(Finding(Kind.LIST, LOG_FILE, text), deed)]


def _take_record(store: ProjectStore, finding: Finding) -> str:
    store.take_from_disk(finding.about)
    return "the list says what the labels say"


def _relink(store: ProjectStore, finding: Finding) -> str:
    store.relink(finding.about, finding.target)
    return f"gave its labels to {finding.target}"


def _settle(store: ProjectStore, finding: Finding) -> str:
    store.settle(finding.about)
    return "finished the save"


def _set_aside(store: ProjectStore, finding: Finding) -> str:
    kept = store.set_aside(finding.target, finding.about)
    return f"set it aside as {kept.relative_to(store.root)}; a new run makes another"


def _set_aside_journal(store: ProjectStore, finding: Finding) -> str:
    kept = journal.set_aside(store.journal_path(finding.about))
    return f"set it aside as {kept.name}" if kept is not None else "it is gone already"


def _remove(store: ProjectStore, finding: Finding) -> str:
    try:
        (store.root / finding.about).unlink(missing_ok=True)  # opening a project does it too
    except OSError as error:
        raise WriteError(f"cannot be removed: {error.strerror or error}") from error
    return "removed it"


def _accept(store: ProjectStore, finding: Finding) -> str:
    store.accept_change(finding.about)
    return "took its labels to fit the new file"


_DEEDS: dict[Kind, Callable[[ProjectStore, Finding], str]] = {
    Kind.RECORD: _take_record,
    Kind.MOVED: _relink,
    Kind.INSTANCES: _settle,
    Kind.PROPOSAL: _set_aside,
    Kind.JOURNAL: _set_aside_journal,
    Kind.TEMPORARY: _remove,
}
