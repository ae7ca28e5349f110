"""A whole folder on the machines of a Ray cluster.

Ray Data hands out the names of images in blocks; each worker, a process with one model, does with
a block what the engine of one machine does with a folder. It reads pictures and writes labels
itself, so neither passes through the machine that asked. What became of each image comes back as
a row. A worker that dies takes its block with it: the block is done again elsewhere, where what
was written before is found to be done.
"""

from __future__ import annotations

import json
import logging
import math
import os
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import ray
import ray.data

import seglabel
from seglabel.core.cancel import Cancel
from seglabel.core.categories import CategorySet
from seglabel.core.errors import Cancelled, SegLabelError
from seglabel.core.progress import Progress, ProgressCallback, ignore_progress
from seglabel.formats.storage import Place, storage_at
from seglabel.jobs.engines.local import predict
from seglabel.jobs.predict import PredictReport, Proposer
from seglabel.jobs.sinks import FolderSink

_MOST_CORES = 4  # of one worker: more of them scale worse than more workers
_LONGEST_BLOCK = 32  # images: how many are done again, or found done, when a worker dies
_BLOCKS_EACH = 8  # at least, so that all workers end at about the same time
_ATTEMPTS = 3  # at a block whose worker dies each time
_PATIENCE_S = 0.5  # how soon a wish to stop is seen
_GRACE_S = 10.0  # for workers to end what they are at

_PROPOSED, _SKIPPED, _FAILED, _STOPPED = "proposed", "skipped", "failed", "stopped"
# Names need not be valid Unicode, so neither they nor what is said of them are Arrow strings.
_ROW = pa.schema(
    [
        ("name", pa.binary()),
        ("state", pa.string()),
        ("error", pa.binary()),
        ("unmapped", pa.string()),
    ]
)


@dataclass(frozen=True)
class Errand:
    """What every worker has to know; it travels by pickle.

    ``load`` makes a segmenter that computes with so many threads. ``source`` and ``target`` must
    mean the same on every machine.
    """

    load: Callable[[int], Proposer]
    source: Place
    target: Place
    categories: CategorySet
    chosen: Mapping[str, str]
    version: str = seglabel.__version__


@dataclass(frozen=True)
class Layout:
    """How many workers there are, and what each of them occupies."""

    workers: int
    cores: int
    gpus: int = 0


def plan_layout(nodes: Sequence[Mapping[str, float]], *, may_use_gpus: bool) -> Layout:
    """One worker for each GPU of the cluster, or without any as many as its cores feed.

    ``nodes`` are the resources of each machine as Ray calls them. Raises SegLabelError if there
    are none.
    """
    with_gpus = [node for node in nodes if node.get("GPU", 0) >= 1 and node.get("CPU", 0) >= 1]
    if may_use_gpus and with_gpus:
        each = min(int(node["CPU"] / node["GPU"]) for node in with_gpus)
        return Layout(
            sum(int(node["GPU"]) for node in with_gpus), max(1, min(each, _MOST_CORES)), gpus=1
        )
    cores = [int(node.get("CPU", 0)) for node in nodes]
    cores = [count for count in cores if count]
    if not cores:
        raise SegLabelError("Ray: the cluster has no processor to compute on")
    each = min(*cores, _MOST_CORES)
    return Layout(sum(count // each for count in cores), each)


def predict_on_ray(
    errand: Errand,
    files: Mapping[str, str],
    *,
    may_use_gpus: bool = True,
    say: Callable[[str], None] = lambda sentence: None,
    progress: ProgressCallback = ignore_progress,
    cancel: Cancel | None = None,
) -> PredictReport:
    """Propose labels for the images that ``files`` names, each with the name of its PNG.

    Joins the cluster that ``RAY_ADDRESS`` or a running Ray on this machine names, or else begins
    one of this machine alone. Reports as the local engine does; an image that a worker wrote before
    it died counts as skipped. An image on which workers die again and again is reported as failed.
    Raises Cancelled when told to stop; what was written stays. Raises SegLabelError if Ray or a
    worker cannot begin, or nothing can be written.
    """
    cancel = cancel or Cancel()
    report = PredictReport()
    begin = time.perf_counter()
    missing = dict(files)
    with _connection() as nodes:
        layout = plan_layout(nodes, may_use_gpus=may_use_gpus)
        say(_describe(layout, len(nodes)))
        parcel, foreman = ray.put(errand), ray.remote(num_cpus=0)(_Foreman).remote()
        longest = max(1, min(_LONGEST_BLOCK, len(files) // (layout.workers * _BLOCKS_EACH)))
        # What comes back from no worker is tried once more, each image for itself, so that one
        # that kills its worker takes no other with it.
        for length in (longest, 1):
            for row in _rows((parcel, foreman), missing, length, layout, cancel):
                name = _text(row["name"])
                if missing.pop(name, None) is not None:
                    _count(report, row)
                    _tell(progress, report, len(files), name, row)
            if files and len(missing) == len(files):
                raise SegLabelError(
                    "Ray: workers die before they finish anything, perhaps for lack of memory"
                )
    for name in missing:
        error = f"{name}: {_ATTEMPTS} workers died of it, perhaps for lack of memory"
        report.failed.append(error)
        done = report.proposed + report.skipped + len(report.failed)
        progress(Progress(done, len(files), name, error))
    report.seconds = time.perf_counter() - begin
    return report


class _Foreman:
    """Whom all workers ask: whether to begin a block once more, and whether to go on."""

    def __init__(self) -> None:
        self._begun: Counter[tuple[bytes, int]] = Counter()
        self._is_stopped = False

    def may_begin(self, first: bytes, length: int) -> bool:
        self._begun[first, length] += 1
        return not self._is_stopped and self._begun[first, length] <= _ATTEMPTS

    def may_go_on(self) -> bool:
        return not self._is_stopped

    def stop(self) -> None:
        self._is_stopped = True


class _Worker:
    """One model in a process of its own."""

    def __init__(self, references: tuple[Any, Any], threads: int) -> None:
        self._parcel, self._foreman = references
        self._threads = threads
        self._ready: tuple[Errand, Proposer] | None = None
        self._cancel = Cancel()
        self._asked = 0.0

    def __call__(self, table: pa.Table) -> pa.Table:
        names, files = table["name"].to_pylist(), table["file"].to_pylist()
        if not ray.get(self._foreman.may_begin.remote(names[0], len(names))):
            return pa.Table.from_pylist([], _ROW)
        try:
            rows = self._propose(dict(zip(map(_text, names), map(_text, files), strict=True)))
        except Cancelled:
            rows = []
        except Exception as problem:  # noqa: BLE001 - it is told and raised where it can be read
            reason = str(problem)
            if not isinstance(problem, SegLabelError):
                reason = f"{type(problem).__name__}: {reason}"
            rows = [_row("", _STOPPED, reason)]
        return pa.Table.from_pylist(rows, _ROW)

    def _propose(self, files: Mapping[str, str]) -> list[dict[str, Any]]:
        errand, segmenter = self._ready or self._load()
        told: list[Progress] = []
        report = predict(
            storage_at(errand.source),
            list(files),
            segmenter,
            FolderSink(storage_at(errand.target), files, errand.categories),
            chosen=errand.chosen,
            progress=told.append,
            between=self._listen,
            cancel=self._cancel,
        )
        rows = [_row(step.name, _state(step), step.error) for step in told]
        if rows:
            rows[0]["unmapped"] = json.dumps(report.unmapped)
        return rows

    def _listen(self) -> None:
        """Stop if all are to stop; asked no more often than a person would notice."""
        if time.monotonic() - self._asked > _PATIENCE_S:
            self._asked = time.monotonic()
            if not ray.get(self._foreman.may_go_on.remote()):
                self._cancel.set()

    def _load(self) -> tuple[Errand, Proposer]:
        errand = ray.get(self._parcel)
        if errand.version != seglabel.__version__:
            raise SegLabelError(
                f"a worker has seglabel {seglabel.__version__}, expected {errand.version}: "
                "install the same on all machines"
            )
        self._ready = errand, errand.load(self._threads)
        return self._ready


def _rows(
    references: tuple[Any, Any],
    files: Mapping[str, str],
    length: int,
    layout: Layout,
    cancel: Cancel,
) -> Iterator[dict[str, Any]]:
    """What became of each image, as it becomes known. Raises Cancelled, SegLabelError."""
    if not files:
        return
    items = [{"name": _bytes(name), "file": _bytes(file)} for name, file in files.items()]
    blocks = math.ceil(len(items) / length)
    results = ray.data.from_items(items, override_num_blocks=blocks).map_batches(
        _Worker,
        fn_constructor_args=(references, layout.cores),
        batch_size=None,
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(size=min(layout.workers, blocks)),
        num_cpus=layout.cores,
        num_gpus=layout.gpus,
    )
    tables = _until_cancelled(
        lambda: results.iter_batches(batch_size=None, batch_format="pyarrow"),
        cancel,
        stop=references[1].stop.remote,
    )
    with closing(tables):
        for table in tables:
            for row in table.to_pylist():
                if row["state"] == _STOPPED:
                    raise SegLabelError(_text(row["error"]))
                yield row


def _until_cancelled(
    make: Callable[[], Any], cancel: Cancel, stop: Callable[[], object]
) -> Generator[Any, None, None]:
    """What an iterator gives that is waited for on a thread of its own, so that a wish is seen.

    Raises Cancelled. Whoever has enough of it closes it; ``stop`` then makes the rest come soon.
    """
    made: queue.SimpleQueue[tuple[Any, Exception | None]] = queue.SimpleQueue()
    has_enough = threading.Event()

    def work() -> None:
        try:
            for value in make():
                made.put((value, None))
                if has_enough.is_set():  # letting go of the iterator ends what it is made by
                    break
        except Exception as problem:  # noqa: BLE001 - raised where it is waited for
            made.put((None, problem))
        else:
            made.put((None, None))

    thread = threading.Thread(target=work, name="ray rows", daemon=True)
    thread.start()
    try:
        while True:
            cancel.raise_if_set()
            try:
                value, problem = made.get(timeout=_PATIENCE_S)
            except queue.Empty:
                continue
            if problem is not None:
                raise SegLabelError(f"Ray: {str(problem).splitlines()[0]}") from problem
            if value is None:
                return
            yield value
    finally:
        if thread.is_alive():
            has_enough.set()
            stop()
            thread.join(_GRACE_S)


@contextmanager
def _connection() -> Iterator[list[Mapping[str, float]]]:
    """Joined to a cluster, or to one that lives as long as this; gives what its machines have.

    Leaving ends all that was begun here and is still under way.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # what matters is raised
    os.environ["RAY_ENABLE_AUTO_CONNECT"] = "0"  # or a late call would begin a cluster again
    try:
        ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    except Exception as error:
        raise SegLabelError(
            f"Ray: no cluster can be reached or begun: {str(error).splitlines()[0]}"
        ) from error
    try:
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(logging.CRITICAL)
        yield [node["Resources"] for node in ray.nodes() if node["Alive"]]
    finally:
        ray.shutdown()


def _describe(layout: Layout, machines: int) -> str:
    each = f"{layout.cores} cores" + (" and a GPU" if layout.gpus else "")
    return f"Ray: {layout.workers} workers with {each} each, on {machines} machines"


def _count(report: PredictReport, row: Mapping[str, Any]) -> None:
    if row["state"] == _PROPOSED:
        report.proposed += 1
    elif row["state"] == _SKIPPED:
        report.skipped += 1
    else:
        report.failed.append(_text(row["error"]))
    for category, pixels in json.loads(row["unmapped"]).items():
        report.unmapped[category] = report.unmapped.get(category, 0) + pixels


def _tell(
    progress: ProgressCallback, report: PredictReport, total: int, name: str, row: Mapping[str, Any]
) -> None:
    done = report.proposed + report.skipped + len(report.failed)
    is_written = row["state"] == _PROPOSED
    progress(Progress(done, total, name, _text(row["error"]), is_written=is_written))


def _state(step: Progress) -> str:
    if step.error:
        return _FAILED
    return _PROPOSED if step.is_written else _SKIPPED


def _row(name: str, state: str, error: str) -> dict[str, Any]:
    return {"name": _bytes(name), "state": state, "error": _bytes(error), "unmapped": "{}"}


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
