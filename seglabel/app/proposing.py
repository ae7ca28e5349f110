"""From the wish for a proposal to its pixels in the document."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from seglabel.app.current_job import CurrentJob
from seglabel.app.editor import Editor
from seglabel.app.workers.inference import Inference, ModelInfo, Precision, ProposeRequest
from seglabel.app.workers.writer import Writer
from seglabel.app.workspace import Workspace
from seglabel.core.matching import match_by_name
from seglabel.core.progress import Progress
from seglabel.core.proposal import Proposal
from seglabel.core.status import Status
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.models import current_model, on_this_machine, remembered_as
from seglabel.jobs.predict import PredictReport, chosen_mapping, select

_SHOWN_NAMES = 6


class Proposing(QObject):
    """Asks the inference worker, drops answers that come too late, merges the others."""

    model_changed = Signal(object)  # ModelInfo or None
    model_loading = Signal(str)
    working_changed = Signal(bool)  # a proposal for the image that is shown is on its way
    declined = Signal(str)  # name of an image whose proposal was stopped
    merged = Signal(object)  # Proposal for the image that is shown
    hint = Signal(str)
    image_hint = Signal(str)  # of the image that is shown
    # Categories of the model have no place in the project; whether the image is what it is about.
    strangers_found = Signal(str, bool)
    failed = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        editor: Editor,
        inference: Inference,
        writer: Writer,
        job: CurrentJob,
        precision: Precision = "fp32",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._editor = editor
        self._inference = inference
        self._writer = writer
        self._job = job
        self._precision = precision
        self._model: ModelInfo | None = None
        self._loading: deque[Path] = deque()  # one after another
        self._chosen: Path | None = None  # a checkpoint that the person wants for this project
        self._request: ProposeRequest | None = None  # the one that is waited for
        inference.model_loaded.connect(self._model_loaded)
        inference.model_failed.connect(self._model_failed)
        inference.proposed.connect(self._proposed)
        inference.propose_failed.connect(self._propose_failed)
        inference.run_progress.connect(self._run_progress)
        inference.run_finished.connect(self._run_finished)
        inference.run_cancelled.connect(self._run_cancelled)
        inference.run_failed.connect(self._run_failed)
        workspace.project_opened.connect(self._project_opened)
        workspace.image_opened.connect(self._drop_request)
        workspace.image_failed.connect(self._drop_request)
        workspace.shown_proposed.connect(self._merge)

    @property
    def model(self) -> ModelInfo | None:
        return self._model

    @property
    def is_wanted(self) -> bool:
        """Whether the person chose the model that is on its way, and waits for it."""
        return self._chosen is not None

    @property
    def is_loading(self) -> bool:
        """Whether another model is on its way."""
        return bool(self._loading)

    @property
    def is_working(self) -> bool:
        """Whether a proposal for the image that is shown is on its way."""
        return self._request is not None

    def stop(self) -> None:
        """The person no longer waits for the proposal of this image."""
        if self._request is not None:
            self.declined.emit(self._request.name)
        self._drop_request()

    def load_model(self, path: Path) -> None:
        """Use another checkpoint; the project remembers it once it is loaded."""
        self._chosen = path
        self._load(path)

    def set_precision(self, precision: Precision) -> None:
        """Compute so from now on: the model is loaded anew."""
        if precision == self._precision:
            return
        self._precision = precision
        if self._loading:
            self._load(self._loading[-1])
        elif self._model is not None:
            self._load(self._model.path)

    def _load(self, path: Path) -> None:
        self._loading.append(path)
        self.model_loading.emit(path.name)
        self._inference.load(path, self._precision)

    def propose(self) -> None:
        """Label the image that is shown."""
        image = self._workspace.image
        if image is None or self._model is None or not self._workspace.is_settled:
            return
        if self._editor.is_read_only:
            return
        document = image.document
        if document.status is Status.REVIEWED or document.painted.all():
            self.image_hint.emit(
                self.tr("Every pixel of this image is yours already: a proposal changes nothing.")
            )
            return
        self._adopt_categories(self._model)
        store = self._workspace.store
        assert store is not None
        self._request = ProposeRequest(
            image.name, image.picture, store.project.categories, chosen_mapping(store.project)
        )
        self.working_changed.emit(True)
        self._inference.propose(self._request)

    def propose_folder(self) -> None:
        """Label every image that nobody touched."""
        store = self._workspace.store
        if store is None or self._model is None:
            return
        if not self._job.begin(self.tr("Proposing"), self._stop_run):
            return
        self._workspace.save()
        self._adopt_categories(self._model)
        names = select(store.project.records.values(), "untouched")
        shown = self._workspace.image
        # The image that is shown goes through the editor, so that its undo history holds.
        if shown is not None and shown.name in names:
            names.remove(shown.name)
            if not shown.document.status.is_by_person:
                self.propose()
        self._inference.run_folder(store, names)

    def _stop_run(self) -> None:
        self._inference.cancel_run()
        self.stop()

    def _drop_request(self, *_: object) -> None:
        """Nobody waits for the proposal any more."""
        self._request = None
        self._inference.drop_request()
        self.working_changed.emit(False)

    def _adopt_categories(self, model: ModelInfo) -> None:
        """A project without categories takes those of the model that the person uses in it."""
        project = self._workspace.project
        if project is not None and not len(project.categories):
            self._workspace.set_categories(model.categories)

    # answers

    def _model_loaded(self, model: ModelInfo) -> None:
        self._loading.popleft()
        self._model = model
        if model.path == self._chosen:
            self._chosen = None
            self._remember(model)
        self.model_changed.emit(model)
        if not self._loading:  # else it is about to be replaced, perhaps as that of another project
            self._warn_of_strangers(model)

    def _remember(self, model: ModelInfo) -> None:
        store = self._workspace.store
        if store is not None:
            self._workspace.remember_model(remembered_as(model.path, store))
            self._adopt_categories(model)

    def _warn_of_strangers(self, model: ModelInfo) -> None:
        """Say which categories of the model have no counterpart in the project."""
        project = self._workspace.project
        if project is None or not len(project.categories):
            return
        chosen = chosen_mapping(project)
        unmapped = match_by_name(model.categories, project.categories, chosen).unmapped
        if unmapped:
            names = list(unmapped.values())
            shown = ", ".join(names[:_SHOWN_NAMES]) + (" …" if len(names) > _SHOWN_NAMES else "")
            text = self.tr(
                "{0} of {1} categories of {2} are not in this project and become background: {3}"
            )
            self.strangers_found.emit(
                text.format(len(names), len(model.categories), model.title, shown), False
            )

    def _model_failed(self, message: str) -> None:
        self._loading.popleft()
        self.model_changed.emit(self._model)
        self.failed.emit(message)

    def _proposed(
        self, request: ProposeRequest, proposal: Proposal, unmapped: dict[str, int]
    ) -> None:
        if request is not self._request:
            return  # too late: nobody waits for it any more
        self._request = None
        self.working_changed.emit(False)
        store = self._workspace.store
        if store is None or not self._workspace.is_settled:
            return
        self._writer.keep_proposal(store, request.name, proposal)
        self._merge(proposal)
        if unmapped:
            names = ", ".join(sorted(unmapped))
            text = self.tr("{0} pixels of {1} have no category here and became background.")
            self.strangers_found.emit(text.format(f"{sum(unmapped.values()):,}", names), True)

    def _merge(self, proposal: Proposal) -> None:
        """Merge it once no stroke is in hand and nothing locks the labels."""

        def merge() -> None:
            self._editor.merge(proposal)
            self.merged.emit(proposal)

        self._editor.when_free(merge)

    def _propose_failed(self, request: ProposeRequest, message: str) -> None:
        if request is self._request:
            self._request = None
            self.working_changed.emit(False)
            if self._workspace.store is not None:
                self._writer.record_error(self._workspace.store, request.name, message)
            self.failed.emit(message)

    def _project_opened(self, store: ProjectStore) -> None:
        self._chosen = None
        self._drop_request()
        wanted = current_model(store)
        path = None if wanted is None else on_this_machine(wanted, store)
        if path is not None:
            self._load(path)
        elif self._model is not None:
            self._warn_of_strangers(self._model)

    # folder runs

    def _run_progress(self, progress: Progress) -> None:
        if progress.is_written:
            self._workspace.proposal_written(progress.name)
        self._job.show(progress)

    def _run_finished(self, report: PredictReport) -> None:
        self._job.end()
        if report.failed:
            self.failed.emit(
                self.tr("{0} images could not be proposed. The first: {1}").format(
                    len(report.failed), report.failed[0]
                )
            )
        else:
            self.hint.emit(self._outcome(report))

    def _outcome(self, report: PredictReport) -> str:
        """What a run did, and what it left alone."""
        text = self.tr("Images proposed: {0}. Up to date already: {1}.").format(
            report.proposed, report.skipped
        )
        project = self._workspace.project
        records = () if project is None else project.records.values()
        left = sum(record.status.is_by_person for record in records)
        if left:
            text += " " + self.tr("Left as they are, because you worked on them: {0}.").format(left)
        return text

    def _run_cancelled(self) -> None:
        self._job.end()
        self.hint.emit(self.tr("Stopped. What is done stays done; a new run goes on from there."))

    def _run_failed(self, message: str) -> None:
        self._job.end()
        self.failed.emit(message)
