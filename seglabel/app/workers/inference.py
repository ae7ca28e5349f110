"""One thread that owns the model: it loads, proposes for one image, and runs over folders.

A folder run serves single requests between two images, so that the person never waits for it.
What is proposed ahead, and then what is proposed anew, comes after everything else. The thread
sees values only: paths, pictures, proposals; never a widget or a document.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from seglabel.app.workers.errors import noted
from seglabel.app.workers.thread import WorkThread
from seglabel.app.workers.worker import Worker
from seglabel.core.cancel import Cancel
from seglabel.core.categories import CategorySet
from seglabel.core.errors import Cancelled, failure
from seglabel.core.geometry import Region
from seglabel.core.matching import match_by_name
from seglabel.core.painted import Painted
from seglabel.core.proposal import Proposal
from seglabel.formats.images import OpenPicture
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.engines.local import mapped, predict
from seglabel.jobs.predict import Proposer, checked, chosen_mapping, propose_once, read_small
from seglabel.jobs.sinks import ProjectSink

Precision = Literal["fp32", "bf16"]

LoadSegmenter = Callable[[Path, Precision], Proposer]
"""Loads a checkpoint to compute in no less than a precision; called on the inference thread, where
it may import torch."""


@dataclass(frozen=True)
class DeviceInfo:
    """Where models compute, as a sentence, and whether bf16 is a choice there."""

    text: str
    has_bf16: bool = False


_NAMELESS = frozenset(
    {"model", "pytorch_model", "checkpoint", "weights", "best", "last", "latest", "final"}
)


@dataclass(frozen=True)
class ModelInfo:
    """The model that is loaded: its file, its name, what it tells apart, where it computes."""

    path: Path
    name: str
    digest: str
    categories: CategorySet
    device: str

    @property
    def title(self) -> str:
        """The name, with its folder where the name alone says nothing."""
        if self.name.casefold() not in _NAMELESS:
            return self.name
        return f"{self.path.absolute().parent.name}/{self.name}"


@dataclass(frozen=True)
class ProposeRequest:
    """Labels wanted for one picture, RGB (H, W, 3) or read by parts, in the ids of ``categories``.

    ``chosen`` says what categories of the model become, see :func:`match_by_name`.
    """

    name: str
    picture: NDArray[np.uint8] | OpenPicture
    categories: CategorySet
    chosen: Mapping[str, str]


@dataclass(frozen=True)
class RefineRequest:
    """Labels wanted for all of a picture from what a person painted of it.

    ``model`` is the checkpoint whose head is to help, ``None`` for the built-in backbone alone; for
    the others see :class:`ProposeRequest`.
    """

    name: str
    picture: NDArray[np.uint8] | OpenPicture
    painted: Painted
    categories: CategorySet
    chosen: Mapping[str, str]
    model: Path | None


class Refines(Protocol):
    """What turns strokes into a proposal; see ``seglabel.model.refine``."""

    def refine(
        self,
        image: NDArray[np.uint8],
        painted: Painted,
        categories: CategorySet,
        chosen: Mapping[str, str],
        cancel: Cancel,
    ) -> Proposal: ...


LoadRefiner = Callable[[Path | None], Refines]
"""Makes a refiner that uses a checkpoint or none; called on the inference thread."""


@dataclass(frozen=True)
class AheadRequest:
    """Labels wanted for an image that is not yet asked for; see :class:`ProposeRequest`.

    If ``only_describes``, they stay as they are, and how the model sees the image is all that is
    wanted.
    """

    store: ProjectStore
    name: str
    categories: CategorySet
    chosen: Mapping[str, str]
    only_describes: bool = False


class Inference(Worker):
    """Whatever needs a network, one piece after another; of single wishes, the newest wins."""

    model_loaded = Signal(object)  # ModelInfo
    model_failed = Signal(str)
    device_known = Signal(object)  # DeviceInfo
    moved = Signal(str)  # where the model computes now that it had to give something up
    proposed = Signal(object, object, object)  # ProposeRequest, Proposal, {unmapped name: pixels}
    propose_failed = Signal(object, str)  # ProposeRequest, message
    refined = Signal(object, object)  # RefineRequest, Proposal
    refine_failed = Signal(object, str)  # RefineRequest, message
    ahead_proposed = Signal(object, object, str)  # AheadRequest, Proposal, digest of the file
    ahead_failed = Signal(object, str)  # AheadRequest, message
    described = Signal(object, str, object)  # AheadRequest, digest of the model, descriptor or None
    run_progress = Signal(object)  # Progress
    run_finished = Signal(object)  # PredictReport
    run_cancelled = Signal()
    run_failed = Signal(str)

    def __init__(
        self,
        load_segmenter: LoadSegmenter,
        describe_device: Callable[[], DeviceInfo],
        load_refiner: LoadRefiner,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._load_segmenter = load_segmenter
        self._load_refiner = load_refiner
        self._refiner: tuple[Path | None, Refines] | None = None  # and the model that it uses
        self._strokes: RefineRequest | None = None  # the newest wins
        self._strokes_cancel = Cancel()
        self._describe_device = describe_device
        self._segmenter: Proposer | None = None
        self._where = ""  # it was said to compute
        self._lock = threading.Lock()
        self._requests: deque[ProposeRequest] = deque(maxlen=1)  # the newest wins
        self._single = Cancel()
        self._run = Cancel()
        self._ahead: list[deque[AheadRequest]] = [deque(), deque()]  # neighbours, all others
        self._ahead_now: tuple[int, AheadRequest] | None = None  # in work, and of which of the two
        self._ahead_cancel = Cancel()  # of the one in work
        self._thread = WorkThread("inference", gives_way=True)

    def start(self) -> None:
        """Find out which device there is; imports torch, so call it once the window is visible."""
        self._thread.put(self._tell_device)

    def load(self, path: Path, precision: Precision = "fp32") -> None:
        """Load a checkpoint and use it from now on."""
        self._thread.put(lambda: self._load(path, precision))

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

    def refine(self, request: RefineRequest) -> None:
        """Propose labels from strokes; an older request is dropped."""
        self.drop_refine()
        with self._lock:
            self._strokes = request
        self._thread.put(self._serve_strokes)

    def drop_refine(self) -> None:
        """Nobody waits for the labels that strokes were to become."""
        with self._lock:
            self._strokes_cancel.set()
            self._strokes, self._strokes_cancel = None, Cancel()

    def propose_ahead(self, requests: Sequence[AheadRequest]) -> None:
        """Propose for these, in this order, once nothing else is to be done.

        They replace those of the last call; the one in work is given up unless it is among them.
        """
        self._put_ahead(0, requests)

    def propose_anew(self, requests: Sequence[AheadRequest]) -> None:
        """The same for those that can wait even longer."""
        self._put_ahead(1, requests)

    def _put_ahead(self, rank: int, requests: Sequence[AheadRequest]) -> None:
        with self._lock:
            now = self._ahead_now
            in_work = now[1] if now is not None and now[0] == rank else None
            if in_work is not None and (in_work not in requests or self._ahead_cancel.is_set):
                self._ahead_cancel.set()
                in_work = None
            self._ahead[rank] = deque(request for request in requests if request != in_work)
        self._thread.put(self._serve_ahead)

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
        self.drop_refine()
        self.propose_ahead(())
        self.propose_anew(())
        return self._thread.close()

    # on the thread

    def _tell_device(self) -> None:
        try:
            self.tell(self.device_known, self._describe_device())
        except Exception as error:  # noqa: BLE001 - whatever a broken installation of torch raises
            self.tell(self.device_known, DeviceInfo(noted(error)))

    def _load(self, path: Path, precision: Precision) -> None:
        try:
            segmenter = self._load_segmenter(path, precision)
            where = _where(segmenter)
            model = ModelInfo(path, segmenter.name, segmenter.digest, segmenter.categories, where)
        except Exception as error:  # noqa: BLE001 - becomes a signal, the thread goes on
            self.tell(self.model_failed, noted(error))
            return
        self._segmenter, self._where = segmenter, where
        self._refiner = None  # the same file may hold another model now
        self.tell(self.model_loaded, model)

    def _look_where(self) -> None:
        """Say it if the model had to go on elsewhere, or in smaller pieces."""
        where = _where(self._segmenter)
        if where != self._where:
            self._where = where
            self.tell(self.moved, where)

    def _serve(self) -> None:
        with self._lock:
            if not self._requests:
                return
            request, cancel = self._requests.popleft(), self._single
        if self._segmenter is None:
            self.tell(self.propose_failed, request, "no model is loaded")
            return
        try:
            proposal, unmapped = _label(self._segmenter, request.picture, request, cancel)
        except Cancelled:
            return
        except Exception as error:  # noqa: BLE001 - becomes a signal, the thread goes on
            self.tell(self.propose_failed, request, noted(error))
            return
        finally:
            self._look_where()
        self.tell(self.proposed, request, proposal, unmapped)

    def _serve_strokes(self) -> None:
        with self._lock:
            request, cancel = self._strokes, self._strokes_cancel
            self._strokes = None
        if request is None:
            return
        try:
            if self._refiner is None or self._refiner[0] != request.model:
                self._refiner = (request.model, self._load_refiner(request.model))
            proposal = self._refiner[1].refine(
                _reduced(request.picture, request.painted),
                request.painted,
                request.categories,
                request.chosen,
                cancel,
            )
            cancel.raise_if_set()
            checked(proposal, request.painted.shape, proposal.model)
        except Cancelled:
            return
        except Exception as error:  # noqa: BLE001 - becomes a signal, the thread goes on
            self.tell(self.refine_failed, request, noted(error))
            return
        self.tell(self.refined, request, proposal)

    def _serve_between(self) -> None:
        self._look_where()
        self._serve_strokes()
        self._serve()

    def _serve_ahead(self) -> None:
        with self._lock:
            rank = 0 if self._ahead[0] else 1
            if self._segmenter is None or not self._ahead[rank]:
                return
            request = self._ahead[rank].popleft()
            self._ahead_now = (rank, request)
            self._ahead_cancel = cancel = Cancel()
        try:
            if request.only_describes:
                self._describe(self._segmenter, request, cancel)
            else:
                digest = request.store.digest(request.name)
                proposal = _label_ahead(self._segmenter, request, cancel)
                self.tell(self.ahead_proposed, request, proposal, digest)
        except Cancelled:
            pass
        except Exception as error:  # noqa: BLE001 - becomes a signal, the thread goes on
            noted(error)
            self.tell(self.ahead_failed, request, failure(request.name, error))
        self._look_where()
        with self._lock:
            self._ahead_now = None
        self._thread.put(self._serve_ahead)  # behind whatever was asked for meanwhile

    def _describe(self, segmenter: Proposer, request: AheadRequest, cancel: Cancel) -> None:
        """Tell how the model sees an image, or nothing if that is known."""
        mapping = match_by_name(segmenter.categories, request.categories, request.chosen)
        digest, descriptor = mapping.digest_with(segmenter.digest), None
        if digest not in request.store.load_descriptors(request.name):
            descriptor = _label_ahead(segmenter, request, cancel).descriptor
        self.tell(self.described, request, digest, descriptor)

    def _run_folder(self, store: ProjectStore, names: Sequence[str], cancel: Cancel) -> None:
        if self._segmenter is None:
            self.tell(self.run_failed, "no model is loaded")
            return
        try:
            report = predict(
                store,
                names,
                self._segmenter,
                ProjectSink(store),
                chosen=chosen_mapping(store.project),
                progress=lambda progress: self.tell(self.run_progress, progress),
                between=self._serve_between,
                cancel=cancel,
            )
        except Cancelled:
            self.tell(self.run_cancelled)
        except Exception as error:  # noqa: BLE001 - becomes a signal, the thread goes on
            self.tell(self.run_failed, noted(error))
        else:
            self.tell(self.run_finished, report)
        self._look_where()


def _where(segmenter: Proposer | None) -> str:
    """Where a model computes and what it had to give up; empty where it does not say."""
    return str(getattr(segmenter, "where", ""))


def _label(
    segmenter: Proposer,
    picture: NDArray[np.uint8] | OpenPicture,
    request: ProposeRequest | AheadRequest,
    cancel: Cancel,
) -> tuple[Proposal, dict[str, int]]:
    """The proposal in the categories of the request, and the pixels of unmapped names."""
    unmapped: dict[str, int] = {}
    mapping = match_by_name(segmenter.categories, request.categories, request.chosen)
    return mapped(propose_once(segmenter, picture, cancel), mapping, unmapped), unmapped


def _label_ahead(segmenter: Proposer, request: AheadRequest, cancel: Cancel) -> Proposal:
    """The proposal for an image that is read for it. Raises Cancelled."""
    picture = read_small(request.store.open_image(request.name))
    proposal, _ = _label(segmenter, picture, request, cancel)
    cancel.raise_if_set()
    return proposal


def _reduced(picture: NDArray[np.uint8] | OpenPicture, painted: Painted) -> NDArray[np.uint8]:
    """The picture in the size in which ``painted`` has it."""
    if painted.step == 1:
        whole = Region.whole(painted.shape)
        return picture if isinstance(picture, np.ndarray) else picture.read(whole)
    height, width = painted.labels.shape
    small = picture if isinstance(picture, np.ndarray) else picture.overview(max(height, width))
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
