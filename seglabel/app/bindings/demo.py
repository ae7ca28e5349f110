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
        window.tour.folder_requested.connect(self._open_other)
        workspace.project_opened.connect(self._project_opened)

    def _made(self, folders: list[Path]) -> None:
        self._folders, self._is_new = folders, True
        self._workspace.open_project(folders[0])

    def _failed(self, reason: str) -> None:
        QMessageBox.warning(self._window, self.tr("The sample images were not made"), reason)

    def _project_opened(self, store: ProjectStore) -> None:
        is_first = store.folder in self._folders[:1]
        if self._is_new and is_first:
            self._tour.begin()
        self._is_new = False
        others = self._folders[1:] if is_first else []
        self._window.tour.offer_folder(others[0].name if others else "")

    def _open_other(self) -> None:
        self._workspace.open_project(self._folders[1])
