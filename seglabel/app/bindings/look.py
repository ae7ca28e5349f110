"""Theme and language, switchable while the program runs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from seglabel.app.language import Language
from seglabel.app.main_window import MainWindow
from seglabel.app.settings import Settings, ThemeChoice
from seglabel.app.theme import apply_theme, resolve_theme


class LookBinding(QObject):
    """Dresses and words the window as the person or the desktop wants it."""

    def __init__(
        self,
        application: QApplication,
        window: MainWindow,
        settings: Settings,
        language: Language,
        refresh: Callable[[], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._application = application
        self._window = window
        self._settings = settings
        self._language = language
        self._refresh = refresh
        application.styleHints().colorSchemeChanged.connect(lambda _: self._dress())
        window.retranslate()

    def set_theme(self, choice: ThemeChoice) -> None:
        self._settings.theme = choice
        self._dress()

    def set_language(self, language: str) -> None:
        """``en``, ``zh_CN`` or empty for the system's."""
        self._settings.language = language
        self._language.install()
        self._window.retranslate()
        self._refresh()

    def _dress(self) -> None:
        theme = resolve_theme(self._settings.theme, self._application)
        apply_theme(self._application, theme)
        self._window.dress(theme)
        self._refresh()
