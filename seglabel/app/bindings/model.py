"""The model section, proposals and folder runs."""

from __future__ import annotations

from PySide6.QtCore import QObject

from seglabel.app.main_window import MainWindow
from seglabel.app.model_choosing import ModelChoosing
from seglabel.app.proposing import Proposing
from seglabel.app.workers.inference import Inference, ModelInfo
from seglabel.app.workspace import Workspace
from seglabel.jobs.fetch import FetchReport


class ModelBinding(QObject):
    """Says which model there is, what it is doing and what it said."""

    def __init__(
        self,
        window: MainWindow,
        workspace: Workspace,
        proposing: Proposing,
        choosing: ModelChoosing,
        inference: Inference,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._workspace = workspace
        self._proposing = proposing
        self._choosing = choosing
        inference.device_known.connect(window.show_device)
        proposing.model_loading.connect(self._model_loading)
        proposing.model_changed.connect(self._model_changed)
        proposing.working_changed.connect(lambda _: self._show_record())
        proposing.hint.connect(window.say_hint)
        proposing.image_hint.connect(window.say_of_image)
        proposing.failed.connect(window.say_error)
        proposing.strangers_found.connect(self._tell_of_strangers)
        choosing.fetched.connect(self._fetched)
        choosing.failed.connect(window.say_error)
        workspace.image_opened.connect(self._show_image)
        workspace.image_failed.connect(self._show_image)
        workspace.record_changed.connect(self._record_changed)
        self._loading = ""  # name of the model that is being loaded
        self._show_actions()

    def retranslate(self) -> None:
        """Say it again in the language that is set now."""
        if self._loading:
            self._window.proposal.show_loading(self._loading)
        else:
            self._show_model(self._proposing.model)
        self._show_record()

    def _model_loading(self, name: str) -> None:
        self._loading = name
        self._window.proposal.show_loading(name)

    def _model_changed(self, model: ModelInfo | None) -> None:
        self._loading = ""
        self._show_model(model)
        if model is not None and model.device:
            self._window.show_device(model.device)
        self._show_actions()

    def _show_model(self, model: ModelInfo | None) -> None:
        if model is None:
            self._window.proposal.show_no_model()
        else:
            self._window.proposal.show_model(model.name, len(model.categories))

    def _tell_of_strangers(self, text: str, of_image: bool) -> None:
        say = self._window.say_of_image if of_image else self._window.say_hint
        say(text, self.tr("Match them…"), self._choosing.ask_mapping)

    def _fetched(self, report: FetchReport) -> None:
        if report.is_checked:
            text = self.tr("Downloaded; it is the file that its authors published (SHA-256).")
        else:
            text = self.tr("Downloaded. Its authors publish no digest to check it by.")
        self._window.say_hint(text)

    def _show_image(self, *_: object) -> None:
        self._show_actions()
        self._show_record()

    def _record_changed(self, name: str) -> None:
        if name == self._workspace.name:
            self._show_record()

    def _show_record(self) -> None:
        if self._proposing.is_working:  # also while the image is saved meanwhile
            self._window.proposal.show_working()
            return
        project = self._workspace.project
        record = project.records.get(self._workspace.name) if project is not None else None
        self._window.proposal.show_proposal(record.confidence if record is not None else None)

    def _show_actions(self) -> None:
        has_model = self._proposing.model is not None
        actions = self._window.actions_table
        actions["model_facts"].setEnabled(has_model)
        actions["mapping"].setEnabled(has_model and self._workspace.store is not None)
        actions["propose"].setEnabled(has_model and self._workspace.image is not None)
        actions["propose_folder"].setEnabled(has_model and self._workspace.store is not None)
