"""Finding images again that were renamed or moved after they were labelled, by their content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from seglabel.core.cancel import Cancel
from seglabel.core.errors import ImageError
from seglabel.core.progress import Progress, ProgressCallback, ignore_progress
from seglabel.core.project import Fault, ImageRecord
from seglabel.core.status import Status
from seglabel.formats.project_store import ProjectStore


@dataclass(frozen=True)
class Move:
    """The image whose labels are kept as ``old`` has its file at ``new`` now."""

    old: str
    new: str


@dataclass(frozen=True)
class Moves:
    """``sure`` ones in the order in which they can be done, and names whose file could be any of
    several, or whose labels could be given to none because a person labelled that image."""

    sure: tuple[Move, ...] = ()
    unclear: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Faults:
    """Labelled images whose files changed or are gone, and where these are now; false if none."""

    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    moves: Moves = Moves()

    def __bool__(self) -> bool:
        return bool(self.missing or self.changed)


def find_faults(store: ProjectStore, *, cancel: Cancel | None = None) -> Faults:
    """Compare the files of labelled images with what was labelled.

    A file is only read where its size or time is another one. Raises Cancelled.
    """
    cancel = cancel or Cancel()
    project = store.project
    for record in tuple(project.records.values()):
        cancel.raise_if_set()
        if record.status is not Status.EMPTY:
            with suppress(ImageError):  # said when it is opened
                store.has_changed(record.name, trusting=True)
    changed = tuple(name for name in project.names if project.fault(name) is Fault.CHANGED)
    missing = tuple(project.missing)
    if not (changed or missing):
        return Faults()
    return Faults(missing, changed, find_moves(store, cancel=cancel))


def find_moves(
    store: ProjectStore,
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: Cancel | None = None,
) -> Moves:
    """Where the files are now of labelled images that are missing or changed.

    What changed must be known, see :meth:`ProjectStore.has_changed`. Only files of the same content
    count, and nothing is guessed. Raises Cancelled.
    """
    cancel = cancel or Cancel()
    project = store.project
    lost = [*project.missing.values()]
    lost += [r for r in project.records.values() if project.fault(r.name) is Fault.CHANGED]
    wanted: dict[str, list[str]] = defaultdict(list)
    for record in lost:
        if record.labelled:
            wanted[record.labelled].append(record.name)
    if not wanted:
        return Moves()
    found = _with_content(store, set(wanted), _sizes(lost), progress, cancel)
    pairs, unclear = [], []
    for digest, olds in wanted.items():
        news = found.get(digest, [])
        if len(olds) == 1 and len(news) == 1:
            pairs.append(Move(olds[0], news[0]))
        else:
            unclear += [(old, tuple(news)) for old in olds if news]
    sure, stuck = _in_order(pairs, project.records.values())
    unclear += [(move.old, (move.new,)) for move in stuck]
    return Moves(sure, tuple(sorted(unclear)))


def relink(store: ProjectStore, moves: Sequence[Move]) -> None:
    """Give the labels to where the files are now. Raises ProjectError, WriteError."""
    for move in moves:
        store.relink(move.old, move.new)


def _sizes(lost: Iterable[ImageRecord]) -> set[int]:
    """Of the files that are looked for; none where one is not known."""
    sizes = {record.file_size for record in lost if record.labelled}
    return set() if 0 in sizes else sizes


def _with_content(
    store: ProjectStore,
    digests: set[str],
    sizes: set[int],
    progress: ProgressCallback,
    cancel: Cancel,
) -> dict[str, list[str]]:
    """Images by the digest of their files, of those digests. Only files of such sizes are read."""
    found: dict[str, list[str]] = defaultdict(list)
    names = store.project.names
    for done, name in enumerate(names, start=1):
        cancel.raise_if_set()
        record = store.project.records[name]
        is_as_labelled = record.labelled and store.project.fault(name) is None
        try:
            if is_as_labelled:
                digest = record.labelled
            elif sizes and store.image_path(name).stat().st_size not in sizes:
                digest = ""
            else:
                digest = store.digest(name)
        except (OSError, ImageError):
            digest = ""  # whoever opens it is told
        if digest in digests:
            found[digest].append(name)
        progress(Progress(done, len(names), name))
    return found


def _in_order(
    moves: Sequence[Move], records: Iterable[ImageRecord]
) -> tuple[tuple[Move, ...], list[Move]]:
    """First those whose new name is free, then those whose became so; and those that are stuck.

    Free is what no person labelled and whose own labels do not belong elsewhere.
    """
    taken = {record.name for record in records if record.status.is_by_person}
    taken |= {move.old for move in moves}
    done: list[Move] = []
    rest = list(moves)
    while free := [move for move in rest if move.new not in taken]:
        done += free
        taken -= {move.old for move in free}
        taken |= {move.new for move in free}
        rest = [move for move in rest if move not in free]
    return tuple(done), rest
