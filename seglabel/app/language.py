"""The language of the window."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from seglabel.app.settings import Settings
from seglabel.resources import resource

LANGUAGES = {"en": "English", "zh_CN": "简体中文"}


class Language:
    """Installs translations of our own texts and of Qt's."""

    def __init__(self, application: QApplication, settings: Settings) -> None:
        self._application = application
        self._settings = settings
        self._translators: list[QTranslator] = []

    def install(self) -> None:
        """Use the language of the settings, or the system's, from now on."""
        for translator in self._translators:
            self._application.removeTranslator(translator)
        self._translators = []
        language = self._settings.language or _system_language()
        if language == "en":
            return
        folders = (
            (f"seglabel_{language}", str(resource("translations"))),
            (
                f"qtbase_{language}",
                QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath),
            ),
        )
        for name, folder in folders:
            translator = QTranslator(self._application)
            if translator.load(name, folder):
                self._application.installTranslator(translator)
                self._translators.append(translator)


def _system_language() -> str:
    return "zh_CN" if QLocale.system().language() == QLocale.Language.Chinese else "en"
