"""After learning: what nobody touched is proposed anew, behind everything else."""

from __future__ import annotations

from collections import deque
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from seglabel.app.current_job import CurrentJob
from seglabel.app.proposing import Proposing
from seglabel.app.workers.inference import AheadRequest, Inference, ModelInfo
from seglabel.app.workers.writer import Writer
from seglabel.app.workspace import Workspace
from seglabel.core.matching import match_by_name
from seglabel.core.progress import Progress
from seglabel.core.proposal import Proposal
from seglabel.core.status import Status
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.models import current_model, remembered_as
from seglabel.jobs.predict import chosen_mapping, is_to_be_renewed

_AT_ONCE = 3  # asked for at a time, or being written


class Renewing(QObject):
    """Goes through the images that the model in use did not propose, in the order of the queue.

    It gives way to jobs, to the person's own wishes and to what is proposed ahead, goes on after
    them, and at the next start if it was not finished. Reviewed and corrected images keep their
    labels; the model only looks at them once, so that others can be compared with them.
    """

    changed = Signal()  # whether it runs, or how far it is
    finished = Signal(int)  # so many images were proposed anew

    def __init__(
        self,
        workspace: Workspace,
        proposing: Proposing,
        inference: Inference,
        writer: Writer,
        job: CurrentJob,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._proposing = proposing
        self._inference = inference
        self._writer = writer
        self._job = job
        self._left: deque[str] = deque()
        self._requests: list[AheadRequest] = []
        self._writing: set[str] = set()
        self._total = 0
        self._renewed = 0
        inference.ahead_proposed.connect(self._proposed)
        inference.ahead_failed.connect(self._fail)
        inference.described.connect(self._described)
        writer.proposal_saved.connect(self._written)
        writer.descriptor_saved.connect(self._written)
        writer.error_recorded.connect(self._written)
        workspace.images_changed.connect(self._look_anew)
        workspace.categories_changed.connect(self._look_anew)
        workspace.mapping_changed.connect(self._look_anew)
        proposing.model_changed.connect(self._look_anew)
        for signal in (proposing.model_loading, proposing.working_changed, job.started, job.ended):
            signal.connect(self._plan)

    @property
    def is_running(self) -> bool:
        """Whether anything is still to be proposed anew, even if something comes before it."""
        return bool(self._left or self._writing)

    @property
    def progress(self) -> Progress:
        return Progress(self._total - len(self._left) - len(self._writing), self._total)

    def begin(self) -> None:
        """Everything is to be as the model in use proposes it."""
        self._workspace.remember_renewing(True)
        self._look_anew()

    def stop(self) -> None:
        """What is done stays done."""
        self._workspace.remember_renewing(False)
        self._look_anew()

    # what to do

    def _look_anew(self, *_: object) -> None:
        """Find out again what there is to do."""
        was_running = self.is_running
        store, model = self._workspace.store, self._proposing.model
        self._left.clear()
        self._writing.clear()
        if store is not None and model is not None and _is_wanted(store, model):
            self._left.extend(self._to_do(store, model))
            if not self._left:
                self._workspace.remember_renewing(False)
        self._total, self._renewed = len(self._left), 0
        self._plan()
        if was_running or self.is_running:
            self.changed.emit()

    def _to_do(self, store: ProjectStore, model: ModelInfo) -> list[str]:
        """The image that is shown, then by the queue, then by name; before them what is labelled.

        Nothing if there is nothing to propose.
        """
        records = store.project.records
        digest = self._digest(store, model)
        shown = self._workspace.name
        queued = [place.name for place in self._workspace.queue]
        names = [
            name
            for name in dict.fromkeys((shown, *queued, *records))
            if name in records
            and not records[name].error
            and records[name].model_digest != digest
            and not self._workspace.status(name).is_by_person
        ]
        labelled = store.project.with_status(Status.CORRECTED, Status.REVIEWED)
        return [*labelled, *names] if names else []

    def _digest(self, store: ProjectStore, model: ModelInfo) -> str:
        """What the record of an image says that the model proposed as it does here."""
        project = store.project
        mapping = match_by_name(model.categories, project.categories, chosen_mapping(project))
        return mapping.digest_with(model.digest)

    def _plan(self, *_: object) -> None:
        before = self._requests
        self._requests = self._wanted()
        if self._requests != before:
            self._inference.propose_anew(self._requests)

    def _wanted(self) -> list[AheadRequest]:
        store = self._workspace.store
        proposing = self._proposing
        is_busy = self._job.is_running or proposing.is_working or proposing.is_loading
        if store is None or is_busy or not len(store.project.categories):
            return []
        room = max(_AT_ONCE - len(self._writing), 0)  # a full disk stops it
        return [self._request(store, name) for name in islice(self._left, room)]

    def _request(self, store: ProjectStore, name: str) -> AheadRequest:
        project = store.project
        is_labelled = self._workspace.status(name).is_by_person
        return AheadRequest(
            store, name, project.categories, chosen_mapping(project), only_describes=is_labelled
        )

    # what happens

    def _proposed(self, request: AheadRequest, proposal: Proposal, digest: str) -> None:
        if not self._take(request):
            return
        if not self._workspace.status(request.name).is_by_person:  # or its turn is over
            self._renewed += 1
            self._writing.add(request.name)
            self._writer.save_proposal(request.store, request.name, proposal, digest)
        self._go_on()

    def _described(
        self, request: AheadRequest, digest: str, descriptor: NDArray[np.float16] | None
    ) -> None:
        if not self._take(request):
            return
        if descriptor is not None:
            self._writing.add(request.name)
            self._writer.keep_descriptor(request.store, request.name, digest, descriptor)
        self._go_on()

    def _fail(self, request: AheadRequest, message: str) -> None:
        if self._take(request):
            self._writing.add(request.name)
            self._writer.record_error(request.store, request.name, message)
            self._go_on()

    def _take(self, request: AheadRequest) -> bool:
        """Whether it is still wanted; it no longer is, then."""
        if request not in self._requests:
            return False
        self._requests = [other for other in self._requests if other != request]
        self._left.remove(request.name)
        return True

    def _written(self, store: ProjectStore, name: str) -> None:
        if store is self._workspace.store and name in self._writing:
            self._writing.discard(name)
            self._go_on()

    def _go_on(self) -> None:
        self._plan()
        if not self.is_running:
            self._workspace.remember_renewing(False)
            self.finished.emit(self._renewed)
        self.changed.emit()


def _is_wanted(store: ProjectStore, model: ModelInfo) -> bool:
    """Whether the project is to be as this model proposes it."""
    is_its_own = current_model(store) == remembered_as(model.path, store)
    return is_its_own and is_to_be_renewed(store.project)
