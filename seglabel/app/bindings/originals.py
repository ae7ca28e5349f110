"""What is said about images that changed, moved or went after they were labelled."""

from __future__ import annotations

from PySide6.QtCore import QObject

from seglabel.app.checking import Checking
from seglabel.app.main_window import MainWindow
from seglabel.app.originals import Originals
from seglabel.app.workers.reader import LoadedImage
from seglabel.app.workspace import Workspace
from seglabel.core.project import Fault
from seglabel.jobs.relinking import Faults


class OriginalsBinding(QObject):
    """A line when a project is opened, a mark in the list, and a line over the image itself."""

    def __init__(
        self,
        window: MainWindow,
        workspace: Workspace,
        originals: Originals,
        checking: Checking,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._workspace = workspace
        self._originals = originals
        self._checking = checking
        self._said = ""
        window.images.flag(self._fault)
        window.actions_table["check"].triggered.connect(lambda _=False: checking.ask())
        originals.found.connect(self._found)
        originals.followed.connect(self._followed)
        workspace.image_opened.connect(self._image_opened)
        workspace.image_failed.connect(self._image_failed)
        workspace.images_changed.connect(lambda _: window.banner.retract(self._said))
        workspace.faults_changed.connect(window.images.refresh_all)

    def _fault(self, name: str) -> Fault | None:
        project = self._workspace.project
        return None if project is None else project.fault(name)

    def _found(self, faults: Faults) -> None:
        store = self._workspace.store
        parts = []
        if moves := faults.moves.sure:
            text = self.tr("Labelled images that were renamed or moved: {0}.")
            parts.append(text.format(len(moves)))
        moved = {move.old for move in moves}
        if missing := len(set(faults.missing) - moved):
            parts.append(self.tr("Gone: {0}; their labels are kept.").format(missing))
        if changed := len(set(faults.changed) - moved):
            parts.append(self.tr("Changed after they were labelled: {0}.").format(changed))
        details, self._said = self.tr("Check…"), " ".join(parts)
        if moves and store is not None and not store.refusal:
            self._window.say_hint(
                self._said,
                self.tr("Let the labels follow"),
                lambda: self._originals.follow(moves),
                details,
                self._checking.ask,
            )
        else:
            self._window.say_hint(self._said, details, self._checking.ask)

    def _followed(self, count: int) -> None:
        text = self.tr("The labels of {0} images lie with them again.")
        self._window.say_hint(text.format(count))

    def _image_opened(self, image: LoadedImage) -> None:
        if self._fault(image.name) is not Fault.CHANGED:
            return
        self._window.images.refresh(image.name)
        self._window.say_of_image(
            self.tr("This image changed after it was labelled. Look whether the labels still fit."),
            self.tr("They fit"),
            lambda: self._workspace.accept_change(image.name),
        )

    def _image_failed(self, name: str, _message: str) -> None:
        if self._fault(name) is Fault.MISSING:
            text = self.tr(
                "{0} is gone: it was deleted, renamed or moved. Its labels are kept; put it back, "
                "or look whether it has another name now."
            )
            self._window.say_of_image(
                text.format(name), self.tr("Check…"), self._checking.ask, is_error=True
            )
