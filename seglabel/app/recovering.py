"""Every change survives a crash, and what one left unsaved is offered back."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from seglabel.app.dialogs.recovery import RecoveryDialog, Wish
from seglabel.app.editor import Editor
from seglabel.app.running import Running
from seglabel.app.workers.journal import JournalKeeper
from seglabel.app.workspace import SaveState, Workspace
from seglabel.core.cancel import Cancel
from seglabel.core.document import Document
from seglabel.core.progress import ProgressCallback
from seglabel.formats.journal import JournalEntry
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.recovery import Unsaved
from seglabel.formats.spare_journal import spare_folder
from seglabel.jobs.recovery import RecoveryReport, recover, set_aside


class Recovering(QObject):
    """Hands each change to the journal; asks once per project what becomes of unsaved work."""

    recovered = Signal(object)  # RecoveryReport
    unprotected = Signal(str)  # message: changes are not kept until they are saved
    protected = Signal()  # they are again
    diverted = Signal(object, str)  # folder where they are kept for now, why not in the project
    restored = Signal()  # they are kept in the project again

    def __init__(
        self,
        workspace: Workspace,
        editor: Editor,
        keeper: JournalKeeper,
        running: Running,
        window: QWidget,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._editor = editor
        self._keeper = keeper
        self._running = running
        self._window = window
        self._is_protected = True
        self._known: tuple[Document | None, int] = (None, 0)  # the last change that was handed over
        editor.document_changed.connect(self._document_changed)
        editor.edited.connect(self._edited)
        workspace.project_opened.connect(keeper.look)
        workspace.relocated.connect(keeper.forget)
        keeper.found.connect(self._found)
        keeper.kept.connect(self._kept)
        keeper.failed.connect(self._failed)
        keeper.diverted.connect(self._diverted)
        keeper.restored.connect(self.restored)
        workspace.save_state_changed.connect(self._save_state_changed)

    @property
    def is_protected(self) -> bool:
        """Whether what is done now survives a crash before it is saved."""
        return self._is_protected

    def _document_changed(self, document: Document | None) -> None:
        self._known = (document, 0 if document is None else document.changes)

    def _edited(self) -> None:
        document, store, image = self._editor.document, self._workspace.store, self._workspace.image
        if document is None or store is None or image is None or image.document is not document:
            return
        change = document.last_change
        if change is None or self._known == (document, change.number):
            return
        self._known = (document, change.number)
        self._keeper.keep(store, image.name, JournalEntry(change, document.snapshot()))

    def _kept(self) -> None:
        if not self._is_protected:
            self._is_protected = True
            self.protected.emit()

    def _failed(self, message: str) -> None:
        if self._is_protected:
            self._is_protected = False
            self.unprotected.emit(message)

    def _diverted(self, store: ProjectStore, reason: str) -> None:
        self.diverted.emit(spare_folder(store.root), reason)

    def _save_state_changed(self, state: SaveState) -> None:
        if state is SaveState.SAVED:
            self._keeper.retry()

    def _found(self, store: ProjectStore, unsaved: tuple[Unsaved, ...]) -> None:
        if not unsaved or store is not self._workspace.store:
            return
        wish = RecoveryDialog(unsaved, self._window).ask()
        names = tuple(one.name for one in unsaved)
        if store is not self._workspace.store or wish is Wish.LATER:
            return
        if wish is Wish.RECOVER:
            self._run(self.tr("Recovering unsaved work"), store, names)
        else:
            self._leave(store, names)

    def _run(self, title: str, store: ProjectStore, names: tuple[str, ...]) -> None:
        def work(progress: ProgressCallback, cancel: Cancel) -> RecoveryReport:
            return recover(store, names, progress=progress, cancel=cancel)

        self._running.start(
            title,
            work,
            self.recovered.emit,
            self._workspace.reload,
            lock=self.tr("Labels cannot be changed while unsaved work is recovered."),
        )

    def _leave(self, store: ProjectStore, names: tuple[str, ...]) -> None:
        def work(progress: ProgressCallback, cancel: Cancel) -> None:
            del progress, cancel
            set_aside(store, names)

        self._running.start(self.tr("Keeping what was saved"), work, lambda _: None)
