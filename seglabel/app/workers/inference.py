"""One thread that owns the model: it loads, proposes for one image, and runs over folders.

A folder run serves single requests between two images, so that the person never waits for it. The
thread sees values only: paths, pictures, proposals; never a widget or a document.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from seglabel.app.workers.errors import sentence
from seglabel.app.workers.thread import WorkThread
from seglabel.core.cancel import Cancel
from seglabel.core.categories import CategorySet
from seglabel.core.errors import Cancelled
from seglabel.core.matching import match_by_name
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.engines.local import mapped, predict
from seglabel.jobs.predict import Proposer, chosen_mapping
from seglabel.jobs.sinks import ProjectSink

LoadSegmenter = Callable[[Path], Proposer]
"""Loads a checkpoint; called on the inference thread, where it may import torch."""


@dataclass(frozen=True)
class ModelInfo:
    """The model that is loaded: its file, its name, what it tells apart, where it computes."""

    path: Path
    name: str
    categories: CategorySet
    device: str


@dataclass(frozen=True)
class ProposeRequest:
    """Labels wanted for one picture, uint8 RGB (H, W, 3), in the ids of ``categories``.

    ``chosen`` says what categories of the model become, see :func:`match_by_name`.
    """

    name: str
    picture: NDArray[np.uint8]
    categories: CategorySet
    chosen: Mapping[str, str]


class Inference(QObject):
    """Signals come back to the thread that made this object."""

    model_loaded = Signal(object)  # ModelInfo
    model_failed = Signal(str)
    device_known = Signal(str)
    proposed = Signal(object, object, object)  # ProposeRequest, Proposal, {unmapped name: pixels}
    propose_failed = Signal(object, str)  # ProposeRequest, message
    run_progress = Signal(object)  # Progress
    run_finished = Signal(object)  # PredictReport
    run_cancelled = Signal()
    run_failed = Signal(str)

    def __init__(
        self,
        load_segmenter: LoadSegmenter,
        describe_device: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._load_segmenter = load_segmenter
        self._describe_device = describe_device
        self._segmenter: Proposer | None = None
        self._lock = threading.Lock()
        self._requests: deque[ProposeRequest] = deque(maxlen=1)  # the newest wins
        self._single = Cancel()
        self._run = Cancel()
        self._thread = WorkThread("inference")

    def start(self) -> None:
        """Find out which device there is; imports torch, so call it once the window is visible."""
        self._thread.put(self._tell_device)

    def load(self, path: Path) -> None:
        """Load a checkpoint and use it from now on."""
        self._thread.put(lambda: self._load(path))

    def propose(self, request: ProposeRequest) -> None:
        """Propose labels for one picture; an older request that still waits is dropped."""
        with self._lock:
            self._single.set()
            self._single = Cancel()
            self._requests.append(request)
        self._thread.put(self._serve)

    def drop_request(self) -> None:
        """Nobody waits for the single proposal any more."""
        with self._lock:
            self._single.set()
            self._requests.clear()

    def run_folder(self, store: ProjectStore, names: Sequence[str]) -> None:
        """Propose labels for all ``names`` and keep them in the project."""
        self._run = cancel = Cancel()
        self._thread.put(lambda: self._run_folder(store, names, cancel))

    def cancel_run(self) -> None:
        self._run.set()

    def close(self) -> bool:
        """Stop whatever is under way. Returns False if it does not stop in time."""
        self.cancel_run()
        self.drop_request()
        return self._thread.close()

    # on the thread

    def _tell_device(self) -> None:
        try:
            self.device_known.emit(self._describe_device())
        except Exception as error:  # noqa: BLE001 - whatever a broken installation of torch raises
            self.device_known.emit(sentence(error))

    def _load(self, path: Path) -> None:
        try:
            segmenter = self._load_segmenter(path)
        except Exception as error:  # noqa: BLE001 - becomes a signal, the thread goes on
            self.model_failed.emit(sentence(error))
            return
        self._segmenter = segmenter
        where = str(getattr(segmenter, "where", ""))
        self.model_loaded.emit(ModelInfo(path, segmenter.name, segmenter.categories, where))

    def _serve(self) -> None:
        with self._lock:
            if not self._requests:
                return
            request, cancel = self._requests.popleft(), self._single
        if self._segmenter is None:
            self.propose_failed.emit(request, "no model is loaded")
            return
        try:
            proposal = self._segmenter.propose(request.picture, cancel)
            mapping = match_by_name(self._segmenter.categories, request.categories, request.chosen)
            unmapped: dict[str, int] = {}
            proposal = mapped(proposal, mapping, unmapped)
        except Cancelled:
            return
        except Exception as error:  # noqa: BLE001 - becomes a signal, the thread goes on
            self.propose_failed.emit(request, sentence(error))
            return
        self.proposed.emit(request, proposal, unmapped)

    def _run_folder(self, store: ProjectStore, names: Sequence[str], cancel: Cancel) -> None:
        if self._segmenter is None:
            self.run_failed.emit("no model is loaded")
            return
        try:
            report = predict(
                store,
                names,
                self._segmenter,
                ProjectSink(store),
                chosen=chosen_mapping(store.project),
                progress=self.run_progress.emit,
                between=self._serve,
                cancel=cancel,
            )
        except Cancelled:
            self.run_cancelled.emit()
        except Exception as error:  # noqa: BLE001 - becomes a signal, the thread goes on
            self.run_failed.emit(sentence(error))
        else:
            self.run_finished.emit(report)
