"""The job in the status bar, and the labels that some jobs lock."""

from __future__ import annotations

from PySide6.QtCore import QObject

from seglabel.app.current_job import CurrentJob
from seglabel.app.editor import Editor
from seglabel.app.main_window import MainWindow
from seglabel.app.proposing import Proposing
from seglabel.app.renewing import Renewing
from seglabel.app.workspace import Workspace


class JobBinding(QObject):
    """Shows what runs, stops it on demand, and keeps hands off while labels are replaced.

    The proposal for one image is no job: it runs beside one, and is shown where there is none; what
    is proposed anew is shown where there is neither.
    """

    def __init__(
        self,
        window: MainWindow,
        job: CurrentJob,
        proposing: Proposing,
        renewing: Renewing,
        editor: Editor,
        workspace: Workspace,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._job = job
        self._proposing = proposing
        self._renewing = renewing
        self._editor = editor
        self._refusal = ""  # why the project is only looked at
        job.started.connect(window.job_bar.start)
        job.progressed.connect(window.job_bar.show_progress)
        job.ended.connect(self._show_quiet)
        job.refused.connect(self._refused)
        job.started.connect(self._show_lock)
        job.ended.connect(self._show_lock)
        proposing.working_changed.connect(self._show_quiet)
        renewing.changed.connect(self._show_quiet)
        window.job_bar.cancel_requested.connect(self._stop)
        workspace.access_changed.connect(self._access_changed)

    def _show_quiet(self) -> None:
        bar = self._window.job_bar
        if self._job.is_running:
            return
        if self._proposing.is_working:
            bar.start(self.tr("Proposing"))
        elif self._renewing.is_running:
            bar.go_on(self.tr("Proposing anew"))
            bar.show_progress(self._renewing.progress)
        else:
            bar.finish()

    def _stop(self) -> None:
        if self._job.is_running:
            self._job.stop()
        elif self._proposing.is_working:
            self._proposing.stop()
        else:
            self._renewing.stop()

    def _show_lock(self) -> None:
        lock = self._job.lock or (self._refusal and self.tr("This project is only looked at."))
        self._editor.set_read_only(bool(lock))
        self._window.show_lock(lock)

    def _access_changed(self, refusal: str) -> None:
        self._refusal = refusal
        self._show_lock()

    def _refused(self, title: str) -> None:
        text = self.tr("{0} is under way. Wait for its end or stop it first.")
        self._window.say_hint(text.format(title), self.tr("Stop it"), self._job.stop)
