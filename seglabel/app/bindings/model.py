"""The model section, proposals and folder runs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from seglabel.app.ahead import ProposingAhead
from seglabel.app.editor import Editor
from seglabel.app.main_window import MainWindow
from seglabel.app.model_choosing import ModelChoosing
from seglabel.app.proposing import Proposing
from seglabel.app.refining import Refining
from seglabel.app.settings import Settings
from seglabel.app.wording import device_text
from seglabel.app.workers.inference import DeviceInfo, Inference, ModelInfo
from seglabel.app.workspace import Workspace
from seglabel.core.painted import FROM_STROKES
from seglabel.core.status import Status
from seglabel.jobs.fetch import FetchReport


class ModelBinding(QObject):
    """Says which model there is, what it is doing and what it said."""

    def __init__(
        self,
        window: MainWindow,
        workspace: Workspace,
        editor: Editor,
        proposing: Proposing,
        refining: Refining,
        ahead: ProposingAhead,
        choosing: ModelChoosing,
        settings: Settings,
        inference: Inference,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._workspace = workspace
        self._editor = editor
        self._proposing = proposing
        self._refining = refining
        self._ahead = ahead
        self._choosing = choosing
        self._settings = settings
        self._has_bf16 = False
        self._device = ""  # where models compute, once it is known
        inference.device_known.connect(self._device_known)
        inference.moved.connect(self._moved)
        proposing.model_loading.connect(self._model_loading)
        proposing.model_changed.connect(self._model_changed)
        proposing.working_changed.connect(lambda _: self._show_record())
        refining.working_changed.connect(lambda _: self._show_record())
        proposing.hint.connect(window.say_hint)
        proposing.image_hint.connect(window.say_of_image)
        proposing.failed.connect(window.say_error)
        proposing.strangers_found.connect(self._tell_of_strangers)
        ahead.changed.connect(self._show_ahead)
        choosing.fetched.connect(self._fetched)
        choosing.failed.connect(window.say_error)
        workspace.image_opened.connect(self._show_image)
        workspace.image_failed.connect(self._show_image)
        workspace.record_changed.connect(self._record_changed)
        editor.edited.connect(self._show_record)
        self._told = ""  # that a model is being loaded
        self._loading = ""  # name of the model that is being loaded
        self._tie("propose_ahead", ahead.is_on, self._set_ahead)
        self._tie("bf16", settings.allows_bf16, self._set_bf16)
        self._show_device()
        self._show_actions()

    def _tie(self, key: str, is_on: bool, set_on: Callable[[bool], None]) -> None:
        action = self._window.actions_table[key]
        action.setChecked(is_on)
        action.toggled.connect(set_on)

    def _set_ahead(self, is_on: bool) -> None:
        self._settings.proposes_ahead = is_on
        self._ahead.set_on(is_on)

    def _set_bf16(self, is_on: bool) -> None:
        self._settings.allows_bf16 = is_on
        self._proposing.set_precision("bf16" if is_on else "fp32")

    def _device_known(self, device: DeviceInfo) -> None:
        self._has_bf16 = device.has_bf16
        if self._proposing.model is None:  # which says more
            self._device = device.text
            self._show_device()
        self._show_actions()

    def _moved(self, where: str) -> None:
        """The model had to give something up: that is why it is slower from now on."""
        self._device = where
        self._show_device()
        text = self.tr("There was not enough memory, or the device was lost. It goes on: {0}")
        self._window.say_hint(text.format(device_text(where)))

    def retranslate(self) -> None:
        """Say it again in the language that is set now."""
        if self._loading:
            self._window.proposal.show_loading(self._loading)
        else:
            self._show_model(self._proposing.model)
        self._show_ahead()
        self._show_device()
        self._show_actions()

    def _show_device(self) -> None:
        text = device_text(self._device) if self._device else self.tr("looking for a GPU …")
        self._window.show_device(text)

    def _model_loading(self, name: str) -> None:
        self._loading = name
        self._window.proposal.show_loading(name)
        self._window.show_device(self.tr("Loading {0} …").format(name))
        if self._proposing.is_wanted and self._window.banner.isHidden():
            self._told = self.tr("Loading {0} … You can go on labelling.").format(name)
            self._window.say_hint(self._told)

    def _model_changed(self, model: ModelInfo | None) -> None:
        self._loading = ""
        self._window.banner.retract(self._told)
        self._show_device()
        if model is not None:
            self._choosing.remember(model.path)
        self._show_model(model)
        self._show_record()
        if model is not None and model.device:
            self._device = model.device
            self._show_device()
        self._show_actions()

    def _show_model(self, model: ModelInfo | None) -> None:
        if model is None:
            self._window.proposal.show_no_model()
        else:
            self._window.proposal.show_model(model.title, len(model.categories))

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

    def _show_ahead(self) -> None:
        state = self._ahead.state
        self._window.proposal.show_ahead(state.ready, state.total)
        self._show_record()

    def _show_record(self) -> None:
        is_expected = self._ahead.is_expected(self._workspace.name)
        if self._proposing.is_working or is_expected:  # also while the image is saved meanwhile
            self._window.proposal.show_working()
            return
        if self._refining.is_working:
            self._window.proposal.show_refining()
            return
        project = self._workspace.project
        record = project.records.get(self._workspace.name) if project is not None else None
        document = self._editor.document
        is_taken_back = document is not None and document.status is Status.EMPTY
        if record is None or is_taken_back:
            self._window.proposal.show_proposal(None)
            return
        who, _, helper = record.model.partition(" + ")
        is_refined = who == FROM_STROKES
        model = self._proposing.model
        is_known = model is not None and record.model_digest.startswith(model.digest)
        by = "" if is_refined or is_known or model is None else record.model
        self._window.proposal.show_proposal(record.confidence, helper if is_refined else None, by)

    def _show_actions(self) -> None:
        has_model = self._proposing.model is not None
        actions = self._window.actions_table
        actions["model_facts"].setEnabled(has_model)
        actions["mapping"].setEnabled(has_model and self._workspace.store is not None)
        actions["propose"].setEnabled(has_model and self._workspace.image is not None)
        actions["propose_folder"].setEnabled(has_model and self._workspace.store is not None)
        actions["bf16"].setEnabled(self._has_bf16)
