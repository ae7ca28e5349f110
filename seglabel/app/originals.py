"""Whether the images are still those that were labelled: looked up once a project is open."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from seglabel.app.running import Running
from seglabel.app.workers.jobs import JobRunner
from seglabel.app.workspace import Workspace
from seglabel.core.cancel import Cancel
from seglabel.core.progress import ProgressCallback
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.relinking import Faults, Move, find_faults, relink


class Originals(QObject):
    """Looks at the files beside all other work, and lets labels follow when told so."""

    found = Signal(object)  # Faults of the open project
    followed = Signal(int)  # so many labels lie with their images again

    def __init__(
        self, workspace: Workspace, runner: JobRunner, running: Running, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._runner = runner
        self._running = running
        self._cancel = Cancel()  # of the newest look; those before are cancelled
        runner.finished.connect(self._finished)
        workspace.project_opened.connect(self.look)

    def look(self, store: ProjectStore) -> None:
        """Find out which labelled images changed or are gone; answers by a signal if any."""
        self._cancel.set()
        self._cancel = Cancel()

        def work(progress: ProgressCallback, cancel: Cancel) -> tuple[ProjectStore, Faults]:
            del progress
            return store, find_faults(store, cancel=cancel)

        self._runner.start(work, self._cancel)

    def follow(self, moves: tuple[Move, ...]) -> None:
        """Give labels to the names that their images have now."""
        store = self._workspace.store
        if store is None:
            return

        def work(progress: ProgressCallback, cancel: Cancel) -> int:
            del progress, cancel  # it is short, and half of it would be of no use
            relink(store, moves)
            return len(moves)

        self._running.start(
            self.tr("Giving labels to renamed images"),
            work,
            self.followed.emit,
            self._workspace.reload,
            lock=self.tr("Labels cannot be changed while they are given to renamed images."),
        )

    def _finished(self, answer: tuple[ProjectStore, Faults]) -> None:
        store, faults = answer
        if store is self._workspace.store and faults:
            self._workspace.note_faults()
            self.found.emit(faults)
