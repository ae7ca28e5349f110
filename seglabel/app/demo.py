"""The demo from the window: ask where to, and have it made in a process of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from seglabel.app.current_job import CurrentJob
from seglabel.app.workers.program import OwnProgram, ProgramEnd
from seglabel.core.progress import Progress

DEMO_FOLDER = "seglabel-demo"


class Demo(QObject):
    """Runs ``seglabel demo --prepare``.

    Screens are drawn of real widgets, which neither this window's style may reach nor its thread
    wait for.
    """

    made = Signal(object)  # list of Paths: the folders with images
    failed = Signal(str)  # why

    def __init__(
        self,
        process: OwnProgram,
        job: CurrentJob,
        program: Sequence[str],
        window: QWidget,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._process = process
        self._job = job
        self._program = tuple(program)
        self._window = window
        self._is_stopped = False
        process.told.connect(self._told)
        process.ended.connect(self._ended)

    def ask(self) -> None:
        """Ask where to put it, then make it."""
        if not self._job.is_free():
            return
        documents = QStandardPaths.writableLocation(
            QStandardPaths.StandardLocation.DocumentsLocation
        )
        chosen = QFileDialog.getExistingDirectory(
            self._window,
            self.tr("Where shall the folder “{0}” go?").format(DEMO_FOLDER),
            documents if Path(documents).is_dir() else str(Path.home()),
        )
        if chosen:
            self.make(Path(chosen) / DEMO_FOLDER)

    def make(self, root: Path) -> None:
        """Draw and pre-annotate sample images in ``root``; what is there already stays."""
        if self._job.begin(self.tr("Making sample images"), self._stop):
            self._is_stopped = False
            self._process.start((*self._program, "demo", str(root), "--prepare", "--json"))

    def _stop(self) -> None:
        self._is_stopped = True
        self._process.stop()

    def _told(self, line: dict[str, Any]) -> None:
        self._job.show(Progress(int(line.get("done", 0)), int(line.get("total", 0))))

    def _ended(self, end: ProgramEnd) -> None:
        self._job.end()
        if self._is_stopped:
            return
        if folders := end.result.get("folders"):
            self.made.emit([Path(folder) for folder in folders])
            return
        self.failed.emit(
            end.result.get("error")
            or end.said
            or self.tr("The program ended with code {0}.").format(end.code)
        )
