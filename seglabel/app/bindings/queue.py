"""What to label next: the order of the list, and why an image is where it is."""

from __future__ import annotations

from PySide6.QtCore import QObject

from seglabel.app.main_window import MainWindow
from seglabel.app.panels.images import Reason
from seglabel.app.queueing import Queueing
from seglabel.app.renewing import Renewing
from seglabel.app.workspace import Workspace
from seglabel.core.queue import Why


class QueueBinding(QObject):
    """The strip shows the queue, and a word is said of what is proposed anew."""

    def __init__(
        self,
        window: MainWindow,
        workspace: Workspace,
        queueing: Queueing,
        renewing: Renewing,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._workspace = workspace
        window.images.explain(self._reason)
        window.actions_table["sort_by_gain"].toggled.connect(self._sort)
        workspace.queue_changed.connect(window.images.refresh_all)
        queueing.failed.connect(window.say_error)
        renewing.finished.connect(self._renewed)

    def _sort(self, by_gain: bool) -> None:
        self._workspace.go_by_gain(by_gain)
        if by_gain and not self._workspace.queue:
            self._window.say_hint(
                self.tr(
                    "Nothing is proposed yet, so nothing tells what to label next: the images stay "
                    "in the order of their names until a model has proposed."
                )
            )

    def _reason(self, name: str) -> Reason | None:
        """Why an image is in the queue, in the language of the window."""
        found, project = self._workspace.place(name), self._workspace.project
        if found is None or project is None:
            return None
        rank, place = found
        if place.why is Why.UNLIKE:
            text = self.tr("unlike what is labelled or comes before it")
            return Reason(rank, self.tr("new kind"), text)
        if place.why is Why.TYPICAL:
            return Reason(rank, self.tr("typical"), self.tr("like many others"))
        record = project.records[name]
        if record.doubted is None or record.doubted_uncertainty is None:
            text = self.tr("uncertain: {0}").format(f"{record.doubt or 0:.2f}")
            return Reason(rank, text, text)
        doubted = project.categories.name_of(record.doubted)
        doubt = f"{doubted} {record.doubted_uncertainty:.2f}"
        return Reason(rank, doubt, self.tr("uncertain: {0}").format(doubt))

    def _renewed(self, count: int) -> None:
        """Unless something else is being said, which may be a choice to make."""
        if count and self._window.banner.isHidden():
            self._window.say_hint(
                self.tr("Proposed anew: {0} images.").format(count),
                self.tr("Next in queue"),
                self._window.actions_table["next_in_queue"].trigger,
            )
