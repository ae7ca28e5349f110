"""The demo: from the start page to its first image, with the guided tour above it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox

from seglabel.app.bindings.tour import TourBinding
from seglabel.app.demo import Demo
from seglabel.app.main_window import MainWindow
from seglabel.app.workspace import Workspace
from seglabel.formats.project_store import ProjectStore


class DemoBinding(QObject):
    """Opens what was made and begins the tour in it."""

    def __init__(
        self,
        window: MainWindow,
        demo: Demo,
        workspace: Workspace,
        tour: TourBinding,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._workspace = workspace
        self._tour = tour
        self._folders: list[Path] = []  # of the demo that was made last
        self._is_new = False  # its first folder is about to be opened
        window.start_page.demo_requested.connect(demo.ask)
        demo.made.connect(self._made)
        demo.failed.connect(self._failed)
        tour.over.connect(self._tell_of_others)
        workspace.project_opened.connect(self._project_opened)

    def _made(self, folders: list[Path]) -> None:
        self._folders, self._is_new = folders, True
        self._workspace.open_project(folders[0])

    def _failed(self, reason: str) -> None:
        QMessageBox.warning(self._window, self.tr("The sample images were not made"), reason)

    def _project_opened(self, store: ProjectStore) -> None:
        if self._is_new and store.folder == self._folders[0]:
            self._tour.begin()
        self._is_new = False

    def _tell_of_others(self) -> None:
        """Where the tour ends in the demo there is more to see."""
        store = self._workspace.store
        if store is None or store.folder not in self._folders[:1] or len(self._folders) < 2:
            return
        other = self._folders[1]
        self._window.say_hint(
            self.tr("The demo has images of cells too, for the other built-in model."),
            self.tr("Open “{0}”").format(other.name),
            lambda: self._workspace.open_project(other),
        )
