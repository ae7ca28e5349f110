"""The job in the status bar, and the labels that some jobs lock."""

from __future__ import annotations

from PySide6.QtCore import QObject

from seglabel.app.current_job import CurrentJob
from seglabel.app.editor import Editor
from seglabel.app.main_window import MainWindow


class JobBinding(QObject):
    """Shows what runs, stops it on demand, and keeps hands off while labels are replaced."""

    def __init__(
        self, window: MainWindow, job: CurrentJob, editor: Editor, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._job = job
        self._editor = editor
        job.started.connect(window.job_bar.start)
        job.progressed.connect(window.job_bar.show_progress)
        job.ended.connect(window.job_bar.finish)
        job.refused.connect(self._refused)
        job.started.connect(self._show_lock)
        job.ended.connect(self._show_lock)
        window.job_bar.cancel_requested.connect(job.stop)

    def _show_lock(self) -> None:
        self._editor.set_read_only(bool(self._job.lock))
        self._window.show_lock(self._job.lock)

    def _refused(self, title: str) -> None:
        text = self.tr("{0} is under way. Wait for its end or stop it first.")
        self._window.say_hint(text.format(title), self.tr("Stop it"), self._job.stop)
