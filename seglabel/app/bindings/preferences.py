"""Preferences: shown, used and remembered."""

from __future__ import annotations

from PySide6.QtCore import QObject

from seglabel.app.bindings.look import LookBinding
from seglabel.app.dialogs.asking import ask
from seglabel.app.dialogs.preferences import PreferencesDialog
from seglabel.app.main_window import MainWindow
from seglabel.app.settings import Settings
from seglabel.app.workspace import Workspace

_MB = 1 << 20
_SWITCHES = ("wheel_zooms", "propose_ahead", "refine_live", "bf16")


class PreferencesBinding(QObject):
    """What is chosen holds at once, and at the next start."""

    def __init__(
        self,
        window: MainWindow,
        workspace: Workspace,
        look: LookBinding,
        settings: Settings,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._workspace = workspace
        self._look = look
        self._settings = settings
        workspace.limit_undo(settings.undo_mb * _MB)

    def ask(self) -> None:
        """Let the person choose."""
        settings, table = self._settings, self._window.actions_table
        dialog = PreferencesDialog(
            settings.theme,
            settings.language,
            settings.undo_mb,
            tuple(table[key] for key in _SWITCHES),
            self._window,
        )
        dialog.theme_chosen.connect(self._look.set_theme)
        dialog.language_chosen.connect(self._look.set_language)
        dialog.undo_chosen.connect(self._set_undo)
        ask(dialog)

    def _set_undo(self, megabytes: int) -> None:
        self._settings.undo_mb = megabytes
        self._workspace.limit_undo(megabytes * _MB)
