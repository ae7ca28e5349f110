"""What was done to the image, and going to any step of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from seglabel.app.editor import Editor
from seglabel.app.panels.history import HistoryPanel, Step
from seglabel.app.workspace import Workspace
from seglabel.core.categories import CategorySet
from seglabel.core.history import Edit


class HistoryBinding(QObject):
    """The panel follows the history of the document that is edited."""

    def __init__(
        self, panel: HistoryPanel, editor: Editor, workspace: Workspace, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._panel = panel
        self._editor = editor
        self._workspace = workspace
        editor.edited.connect(self._show)
        editor.document_changed.connect(self._show)
        workspace.history_limited.connect(self._show)
        workspace.categories_changed.connect(self._show)
        panel.step_chosen.connect(editor.go_to_step)

    def _show(self, *_: object) -> None:
        document = self._editor.document
        if document is None:
            self._panel.show_steps((), 0)
        else:
            history, categories = document.history, self._workspace.categories
            colors = categories.color_table()
            steps = [_step(edit, categories, colors) for edit in history]
            self._panel.show_steps(steps, history.position)


def _step(edit: Edit, categories: CategorySet, colors: NDArray[np.uint8]) -> Step:
    """What is shown of an edit. That the eraser paints background goes without saying."""
    if edit.category_id is None or edit.name == "eraser":
        return Step(edit.name)
    red, green, blue = (int(value) for value in colors[edit.category_id])
    return Step(edit.name, categories.name_of(edit.category_id), (red, green, blue))
