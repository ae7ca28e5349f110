"""Refine from strokes: its switch, and what is said of it."""

from __future__ import annotations

from PySide6.QtCore import QObject

from seglabel.app.main_window import MainWindow
from seglabel.app.refining import Refining
from seglabel.app.reviewing import Reviewing
from seglabel.app.settings import Settings


class RefiningBinding(QObject):
    """Shows that it works and who proposed; whether it is live is remembered."""

    def __init__(
        self,
        window: MainWindow,
        refining: Refining,
        reviewing: Reviewing,
        settings: Settings,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._refining = refining
        self._settings = settings
        live = window.actions_table["refine_live"]
        live.setChecked(refining.is_live)
        live.toggled.connect(self._set_live)
        refining.merged.connect(reviewing.merged)
        refining.image_hint.connect(window.say_of_image)
        refining.failed.connect(window.say_error)

    def _set_live(self, is_live: bool) -> None:
        self._settings.refines_live = is_live
        self._refining.set_live(is_live)
