"""Checking the open project from the window, and mending it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from seglabel.app.dialogs.asking import ask
from seglabel.app.dialogs.notes import NotesDialog
from seglabel.app.running import Running
from seglabel.app.workspace import Workspace
from seglabel.core.cancel import Cancel
from seglabel.core.progress import ProgressCallback
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.checking import CheckReport, check_store
from seglabel.jobs.mending import MendReport, mend_store


class Checking(QObject):
    """The job, and what it found in a dialog that offers to mend what needs no decision."""

    def __init__(
        self, workspace: Workspace, running: Running, window: QWidget, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._running = running
        self._window = window

    def ask(self) -> None:
        """Read all of the project, with what was done until now, and show what is wrong."""
        store = self._workspace.store
        if store is None or not self._running.is_free:
            return

        def work(progress: ProgressCallback, cancel: Cancel) -> CheckReport:
            return check_store(store, progress=progress, cancel=cancel)

        self._running.start(
            self.tr("Checking the project"), work, lambda report: self._show(store, report)
        )

    def _show(self, store: ProjectStore, report: CheckReport, mended: Sequence[str] = ()) -> None:
        self._workspace.note_faults()
        mendable = sum(finding.is_mendable for finding in report.findings)
        dialog = NotesDialog(
            self._summary(report, len(mended)),
            [*mended, *(finding.text for finding in report.findings)],
            self._window,
            title=self.tr("Check of the project"),
            action=self.tr("Mend {0} of them").format(mendable)
            if mendable and not store.refusal
            else "",
        )
        dialog.action_requested.connect(lambda: self._mend(store, report))
        ask(dialog)

    def _summary(self, report: CheckReport, mended: int) -> str:
        text = self.tr("{0} images, {1} with labels.").format(report.images, report.labelled)
        if mended:
            text += " " + self.tr("Mended: {0}.").format(mended)
        if not report.findings:
            return text + " " + self.tr("Nothing is wrong.")
        return text + " " + self.tr("Things that are wrong: {0}.").format(len(report.findings))

    def _mend(self, store: ProjectStore, report: CheckReport) -> None:
        if store is not self._workspace.store:
            return

        def work(progress: ProgressCallback, cancel: Cancel) -> MendReport:
            return mend_store(store, report, progress=progress, cancel=cancel)

        self._running.start(
            self.tr("Mending the project"),
            work,
            lambda done: self._show(store, done.after, self._deeds(done)),
            self._workspace.reload,
            lock=self.tr("Labels cannot be changed while the project is mended."),
        )

    def _deeds(self, done: MendReport) -> list[str]:
        text = self.tr("Mended: {0} ({1})")
        return [
            *(text.format(one.finding.text, one.deed) for one in done.mended),
            *(self.tr("Not mended: {0}").format(reason) for reason in done.failed),
        ]
