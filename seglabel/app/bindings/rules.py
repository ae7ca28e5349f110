"""What may be painted over: locked categories, and those chosen above the canvas."""

from __future__ import annotations

from PySide6.QtCore import QObject

from seglabel.app.editor import Editor
from seglabel.app.main_window import MainWindow
from seglabel.app.workspace import Workspace
from seglabel.core.categories import BACKGROUND, CategorySet
from seglabel.formats.project_store import ProjectStore


class RulesBinding(QObject):
    """Locks are kept with the project; what is painted over is chosen anew each time."""

    def __init__(
        self, window: MainWindow, editor: Editor, workspace: Workspace, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._editor = editor
        self._workspace = workspace
        workspace.project_opened.connect(self._project_opened)
        workspace.categories_changed.connect(self._categories_changed)
        editor.rules_changed.connect(self._show)
        window.categories.lock_requested.connect(self.toggle_lock)
        window.tool_options.over.chosen.connect(editor.set_over)
        window.tool_options.over.chosen.connect(lambda _: window.canvas.setFocus())
        self._show()

    def toggle_lock(self, category_id: int | None = None) -> None:
        """Lock a category, or the current one, or let it go."""
        chosen = self._editor.category_id if category_id is None else category_id
        self._editor.set_locked(self._editor.locked ^ {chosen})
        self._workspace.remember_locked(self._editor.locked)

    def _project_opened(self, store: ProjectStore) -> None:
        self._editor.set_over(None)
        self._editor.set_locked(store.project.locked)

    def _categories_changed(self, categories: CategorySet) -> None:
        """What is not there any more is neither locked nor chosen."""
        known = frozenset((BACKGROUND, *categories.ids))
        self._editor.set_locked(self._editor.locked & known)
        over = self._editor.over
        self._editor.set_over(None if over is None else (over & known) or None)
        self._show()

    def _show(self) -> None:
        self._window.categories.show_locked(self._editor.locked)
        self._window.tool_options.over.show_choice(self._workspace.categories, self._editor.over)
