"""Theme and language, switchable while the program runs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QApplication, QMenu

from seglabel.app.language import LANGUAGES, Language
from seglabel.app.main_window import MainWindow
from seglabel.app.settings import Settings
from seglabel.app.theme import apply_theme, resolve_theme


class LookBinding(QObject):
    """Two menus of choices, and following the desktop's light and dark."""

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
        self._theme_menu = _ChoiceMenu(window, settings.theme, self._set_theme)
        self._language_menu = _ChoiceMenu(window, settings.language, self._set_language)
        for menu in (self._theme_menu, self._language_menu):
            window.view_menu.addMenu(menu)
        application.styleHints().colorSchemeChanged.connect(lambda _: self._dress())
        self._retranslate()

    def _set_theme(self, choice: str) -> None:
        self._settings.theme = choice  # type: ignore[assignment]
        self._dress()

    def _dress(self) -> None:
        theme = resolve_theme(self._settings.theme, self._application)
        apply_theme(self._application, theme)
        self._window.dress(theme)
        self._refresh()

    def _set_language(self, language: str) -> None:
        self._settings.language = language
        self._language.install()
        self._retranslate()
        self._refresh()

    def _retranslate(self) -> None:
        self._window.retranslate()
        system = self.tr("As the system")
        self._theme_menu.show_choices(
            self.tr("Theme"),
            {"system": system, "light": self.tr("Light"), "dark": self.tr("Dark")},
        )
        self._language_menu.show_choices(self.tr("Language"), {"": system, **LANGUAGES})


class _ChoiceMenu(QMenu):
    """One of several, marked."""

    def __init__(self, parent: MainWindow, current: str, choose: Callable[[str], None]) -> None:
        super().__init__(parent)
        self._current = current
        self._choose = choose
        self._group = QActionGroup(self)

    def show_choices(self, title: str, choices: dict[str, str]) -> None:
        self.setTitle(title)
        self.clear()
        for key, text in choices.items():
            action = QAction(text, self)
            action.setCheckable(True)
            action.setChecked(key == self._current)
            action.triggered.connect(lambda _=False, key=key: self._chosen(key))
            self._group.addAction(action)
            self.addAction(action)

    def _chosen(self, key: str) -> None:
        self._current = key
        self._choose(key)
