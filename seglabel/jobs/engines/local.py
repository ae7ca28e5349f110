"""A whole folder on this machine: decoding, computing and writing overlap."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from seglabel.core.cancel import Cancel
from seglabel.core.errors import Cancelled, SegLabelError, failure
from seglabel.core.label_map import count_ids, renumber
from seglabel.core.matching import CategoryMap, match_by_name
from seglabel.core.progress import Progress, ProgressCallback, ignore_progress
from seglabel.core.proposal import Proposal
from seglabel.formats.atomic import WriteError
from seglabel.formats.images import OpenPicture
from seglabel.jobs.pipeline import Behind, in_groups, made_ahead
from seglabel.jobs.predict import (
    Pictures,
    PredictReport,
    Proposer,
    Sink,
    propose_once,
    propose_together,
    read_small,
)

_log = logging.getLogger(__name__)
_Prepared = tuple[str, NDArray[np.uint8] | OpenPicture | None]


def predict(
    pictures: Pictures,
    names: Sequence[str],
    segmenter: Proposer,
    sink: Sink,
    *,
    chosen: Mapping[str, str] | None = None,
    progress: ProgressCallback = ignore_progress,
    between: Callable[[], None] = lambda: None,
    cancel: Cancel | None = None,
) -> PredictReport:
    """Propose labels for ``names``. A bad image is reported and the run goes on.

    ``chosen`` says what categories of the model become here, see :func:`match_by_name`.
    An image is skipped if the same bytes were already proposed by the same model in the same
    categories. ``between`` is called before each image, for whoever shares the segmenter.
    ``progress`` is told by more than one thread, never by two at once. Raises Cancelled when told
    to stop: the image in work is dropped, what was written stays, and a second run goes on from
    there.
    """
    cancel = cancel or Cancel()
    mapping = match_by_name(segmenter.categories, sink.categories, chosen)
    run = _Run(sink, len(names), progress, cancel)
    begin = time.perf_counter()

    def prepare(name: str) -> _Prepared:
        """The digest of the file, and its picture if it is still to be proposed."""
        digest = pictures.digest(name)
        is_done = sink.is_done(name, digest, mapping.digest_with(segmenter.digest))
        return digest, None if is_done else read_small(pictures.open_image(name))

    def ahead() -> int:
        return 2 * segmenter.batch_size

    try:
        with Behind() as behind, closing(made_ahead(names, prepare, ahead)) as prepared:
            taken = (_Taken.of(name, take) for name, take in prepared)
            for group in in_groups(taken, _Taken.kind, lambda: segmenter.batch_size):
                between()
                cancel.raise_if_set()
                for image, found in _proposed(segmenter, group, cancel):
                    if found is None:
                        run.skip(image.name)
                    elif isinstance(found, Exception):
                        run.fail(image.name, found)
                    else:
                        here = mapped(found, mapping, run.report.unmapped)
                        behind.do(partial(run.write, image.name, here, image.digest))
    finally:
        run.report.seconds = time.perf_counter() - begin
    return run.report


@dataclass(frozen=True)
class _Taken:
    """An image on its way: its picture, or what went wrong with it, or neither if it is done."""

    name: str
    digest: str = ""
    picture: NDArray[np.uint8] | OpenPicture | None = None
    problem: Exception | None = None

    @classmethod
    def of(cls, name: str, take: Callable[[], _Prepared]) -> _Taken:
        try:
            return cls(name, *take())
        except (Cancelled, WriteError):
            raise
        except Exception as problem:  # noqa: BLE001 - one image must never end the run
            return cls(name, problem=problem)

    def kind(self) -> tuple[int, ...] | None:
        """Images of the same kind can be computed together; ``None`` goes alone."""
        return self.picture.shape if isinstance(self.picture, np.ndarray) else None


def _proposed(
    segmenter: Proposer, group: Sequence[_Taken], cancel: Cancel
) -> Iterator[tuple[_Taken, Proposal | Exception | None]]:
    """A proposal for each, or what went wrong with it; ``None`` where nothing is to be done."""
    if len(group) > 1:
        try:
            pictures = [one.picture for one in group if isinstance(one.picture, np.ndarray)]
            together = propose_together(segmenter, pictures, cancel)
        except Cancelled:
            raise
        except Exception:  # noqa: BLE001 - one by one it shows which of them it was
            pass
        else:
            yield from zip(group, together, strict=True)
            return
    for one in group:
        if one.picture is None:
            yield one, one.problem
            continue
        try:
            found: Proposal | Exception = propose_once(segmenter, one.picture, cancel)
        except Cancelled:
            raise
        except Exception as problem:  # noqa: BLE001 - one image must never end the run
            found = problem
        yield one, found


class _Run:
    """What became of each image. Called from two threads, tells one thing at a time."""

    def __init__(self, sink: Sink, total: int, progress: ProgressCallback, cancel: Cancel) -> None:
        self.report = PredictReport()
        self._sink, self._total, self._progress, self._cancel = sink, total, progress, cancel
        self._lock = threading.Lock()
        self._done = 0

    def write(self, name: str, proposal: Proposal, digest: str) -> None:
        """Keep a proposal unless the run was stopped. Raises WriteError, which ends the run."""
        if self._cancel.is_set:
            return
        try:
            self._sink.write(name, proposal, digest)
        except WriteError:
            raise
        except Exception as problem:  # noqa: BLE001 - one image must never end the run
            self.fail(name, problem)
            return
        with self._lock:
            self.report.proposed += 1
            self._tell(name, is_written=True)

    def skip(self, name: str) -> None:
        with self._lock:
            self.report.skipped += 1
            self._tell(name)

    def fail(self, name: str, problem: Exception) -> None:
        error = failure(name, problem)
        _log.warning("%s", error, exc_info=None if isinstance(problem, SegLabelError) else problem)
        self._sink.fail(name, error)
        with self._lock:
            self.report.failed.append(error)
            self._tell(name, error)

    def _tell(self, name: str, error: str = "", *, is_written: bool = False) -> None:
        self._done += 1
        self._progress(Progress(self._done, self._total, name, error, is_written=is_written))


def mapped(proposal: Proposal, mapping: CategoryMap, unmapped: dict[str, int]) -> Proposal:
    """The proposal in the project's ids; pixels without a counterpart are added to ``unmapped``."""
    if mapping.unmapped:
        counts = count_ids(proposal.labels)
        for category_id, name in mapping.unmapped.items():
            if counts[category_id]:
                unmapped[name] = unmapped.get(name, 0) + int(counts[category_id])
    return replace(
        proposal,
        labels=renumber(proposal.labels, mapping.table),
        model_digest=mapping.digest_with(proposal.model_digest),
    )
