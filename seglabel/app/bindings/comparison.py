"""Flicker comparison: what the model proposed, in place of the labels, for the moment."""

from __future__ import annotations

from PySide6.QtCore import QObject

from seglabel.app.main_window import MainWindow
from seglabel.app.workers.reader import Reader
from seglabel.app.workers.writer import Writer
from seglabel.app.workspace import Workspace
from seglabel.core.proposal import Proposal
from seglabel.formats.project_store import ProjectStore


class ComparisonBinding(QObject):
    """While the key is held, or as long as the action is on, the proposal is shown."""

    def __init__(
        self,
        window: MainWindow,
        workspace: Workspace,
        reader: Reader,
        writer: Writer,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._workspace = workspace
        self._reader = reader
        self._proposal: Proposal | None = None  # of the image that is shown, once it was asked for
        self._action = window.actions_table["compare"]
        self._action.toggled.connect(self._show)
        window.canvas.comparing.connect(self._action.setChecked)
        reader.compared_read.connect(self._take)
        writer.proposal_saved.connect(self._forget)
        workspace.record_changed.connect(lambda _: self._forget())
        workspace.image_opened.connect(self._leave)
        workspace.image_failed.connect(self._leave)

    def _show(self, shown: bool) -> None:
        canvas = self._window.canvas
        if not shown:
            canvas.show_compared(None)
        elif self._proposal is not None:
            canvas.show_compared(self._proposal.labels)
        elif self._workspace.store is not None and self._workspace.image is not None:
            self._reader.read_compared(self._workspace.store, self._workspace.image.name)

    def _take(self, store: ProjectStore, name: str, proposal: Proposal | None) -> None:
        image = self._workspace.image
        if image is None or store is not self._workspace.store or name != image.name:
            return
        if not self._action.isChecked():
            return
        if proposal is None or proposal.labels.shape != image.document.shape:
            self._action.setChecked(False)
            self._window.say_of_image(self.tr("No model has proposed labels for this image yet."))
            return
        self._proposal = proposal
        self._window.canvas.show_compared(proposal.labels)

    def _forget(self, *_: object) -> None:
        self._proposal = None

    def _leave(self, *_: object) -> None:
        self._forget()
        self._action.setChecked(False)
