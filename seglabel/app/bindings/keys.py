"""Keys of the person: used, changed and shown."""

from __future__ import annotations

from PySide6.QtCore import QObject

from seglabel.app.dialogs.asking import ask
from seglabel.app.dialogs.keys import KeysDialog
from seglabel.app.dialogs.shortcuts import ShortcutsDialog
from seglabel.app.keymap import Keymap
from seglabel.app.main_window import MainWindow
from seglabel.app.settings import Settings


class KeysBinding(QObject):
    """The settings keep the keymap; the table of actions follows it."""

    def __init__(self, window: MainWindow, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self._settings = settings
        keymap = self._keymap()
        if keymap != Keymap():
            window.actions_table.set_keys(keymap.keys_of)

    def show_sheet(self) -> None:
        """All keys, to look at."""
        ask(KeysDialog(self._window.actions_table, self._window))

    def ask_shortcuts(self) -> None:
        """Let the person change keys."""
        dialog = ShortcutsDialog(self._keymap(), self._window)
        dialog.keymap_chosen.connect(self._use)
        ask(dialog)

    def _keymap(self) -> Keymap:
        return Keymap.from_json(self._settings.keymap)

    def _use(self, keymap: Keymap) -> None:
        self._settings.keymap = keymap.to_json()
        self._window.actions_table.set_keys(keymap.keys_of)
