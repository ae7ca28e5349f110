"""What was done to the image, and going to any step of it."""

from __future__ import annotations

from PySide6.QtCore import QObject

from seglabel.app.editor import Editor
from seglabel.app.panels.history import HistoryPanel
from seglabel.app.workspace import Workspace


class HistoryBinding(QObject):
    """The panel follows the history of the document that is edited."""

    def __init__(
        self, panel: HistoryPanel, editor: Editor, workspace: Workspace, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._panel = panel
        self._editor = editor
        editor.edited.connect(self._show)
        editor.document_changed.connect(self._show)
        workspace.history_limited.connect(self._show)
        panel.step_chosen.connect(editor.go_to_step)

    def _show(self, *_: object) -> None:
        document = self._editor.document
        if document is None:
            self._panel.show_steps((), 0)
        else:
            history = document.history
            self._panel.show_steps([edit.name for edit in history], history.position)
