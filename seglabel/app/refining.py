"""From strokes to a proposal for the rest of the image that is shown."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from seglabel.app.editor import Editor
from seglabel.app.proposing import Proposing
from seglabel.app.workers.inference import Inference, RefineRequest, Refines
from seglabel.app.workers.writer import Writer
from seglabel.app.workspace import Workspace
from seglabel.core.painted import Painted
from seglabel.core.proposal import Proposal
from seglabel.core.status import Status
from seglabel.jobs.predict import chosen_mapping

_PIXEL_LIMIT = 1 << 22
"""Of larger pictures (2048²) a reduced copy is worked on."""

_LIVE_MS = 200  # after a stroke; another one starts it again


def load_refiner(path: Path | None) -> Refines:
    """See ``LoadRefiner``. A core is left free so that painting stays smooth meanwhile."""
    import torch

    from seglabel.model.refine.refiner import Refiner

    torch.set_num_threads(max((os.cpu_count() or 1) - 1, 1))
    return Refiner.load(path)


class Refining(QObject):
    """Asks the inference worker, drops answers that come too late, merges the others."""

    working_changed = Signal(bool)  # whether an answer is waited for
    merged = Signal(object)  # Proposal for the image that is shown
    image_hint = Signal(str)  # of the image that is shown
    failed = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        editor: Editor,
        proposing: Proposing,
        inference: Inference,
        writer: Writer,
        is_live: bool,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._editor = editor
        self._proposing = proposing
        self._inference = inference
        self._writer = writer
        self._is_live = is_live
        self._request: RefineRequest | None = None  # the one that is waited for
        self._is_asked = False  # by the person, not by the stroke
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_LIVE_MS)
        self._pause.timeout.connect(self._refine_live)
        inference.refined.connect(self._refined)
        inference.refine_failed.connect(self._refine_failed)
        workspace.project_opened.connect(self._drop)
        workspace.image_wanted.connect(self._drop)
        workspace.image_opened.connect(self._drop)
        workspace.image_failed.connect(self._drop)
        editor.gesture_changed.connect(self._gesture_changed)
        editor.stroke_finished.connect(self._stroke_finished)

    @property
    def is_live(self) -> bool:
        return self._is_live

    @property
    def is_working(self) -> bool:
        """Whether an answer is waited for."""
        return self._request is not None

    def set_live(self, is_live: bool) -> None:
        """Refine after each stroke from now on, or no more."""
        self._is_live = is_live
        if not is_live:
            self._pause.stop()

    def refine(self) -> None:
        """Label the rest of the image that is shown after what is painted in it."""
        problem = self._ask()
        if problem:
            self.image_hint.emit(problem)
        else:
            self._is_asked = True

    def _refine_live(self) -> None:
        if not self._editor.is_busy:
            self._ask()

    def _ask(self) -> str:
        """Ask for it. Returns why not, if there is a reason to tell."""
        image, store = self._workspace.image, self._workspace.store
        self._pause.stop()
        if image is None or store is None or not self._workspace.is_settled:
            return ""
        if self._editor.is_read_only:
            return ""
        document = image.document
        if document.status is Status.REVIEWED or document.painted.all():
            return self.tr(
                "Every pixel of this image is yours already: there is nothing to refine."
            )
        painted = Painted.of(document, _PIXEL_LIMIT)
        model = self._proposing.model
        if len(painted.ids) < (2 if model is None else 1):
            return self.tr(
                "Paint a stroke of at least two categories first (background counts): what you "
                "paint is the example for the rest of the image."
            )
        self._is_asked = False
        self._request = RefineRequest(
            image.name,
            image.picture,
            painted,
            store.project.categories,
            chosen_mapping(store.project),
            None if model is None else model.path,
        )
        self._inference.refine(self._request)
        self.working_changed.emit(True)
        return ""

    def _drop(self, *_: object) -> None:
        """Nobody waits for the answer any more."""
        self._pause.stop()
        if self._request is not None:
            self._request = None
            self._inference.drop_refine()
            self.working_changed.emit(False)

    # strokes

    def _gesture_changed(self, is_open: bool) -> None:
        if is_open and self._request is not None and not self._is_asked:
            self._drop()  # this stroke will ask anew

    def _stroke_finished(self) -> None:
        if self._is_live:
            self._pause.start()

    # answers

    def _refined(self, request: RefineRequest, proposal: Proposal) -> None:
        if request is not self._request:
            return  # too late: nobody waits for it any more
        self._request = None
        self.working_changed.emit(False)
        store = self._workspace.store
        if store is None or not self._workspace.is_settled:
            return
        self._writer.keep_proposal(store, request.name, proposal)
        self._editor.when_free(lambda: self._merge(proposal))

    def _merge(self, proposal: Proposal) -> None:
        self._editor.merge(proposal, "refine")
        self.merged.emit(proposal)

    def _refine_failed(self, request: RefineRequest, message: str) -> None:
        if request is self._request:
            self._request = None
            self.working_changed.emit(False)
            self.failed.emit(message)
