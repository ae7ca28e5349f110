"""What the window remembers between two starts: layout, recent folders, choices of view."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Literal

import platformdirs
from PySide6.QtCore import QByteArray, QSettings

ThemeChoice = Literal["system", "light", "dark"]
_RECENT_LIMIT = 8


class Settings:
    """Preferences of this person on this machine. Nothing of the data lives here."""

    def __init__(self, path: Path | None = None) -> None:
        if path is None:
            path = Path(platformdirs.user_config_dir("seglabel", appauthor=False)) / "window.ini"
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
        self._settings = QSettings(str(path), QSettings.Format.IniFormat)
        if self._settings.status() != QSettings.Status.NoError:
            self._start_over(path)

    def _start_over(self, path: Path) -> None:
        """A damaged file is kept beside a new one rather than stopping the program."""
        with contextlib.suppress(OSError):
            path.replace(path.with_suffix(".damaged.ini"))
        self._settings = QSettings(str(path), QSettings.Format.IniFormat)

    @property
    def theme(self) -> ThemeChoice:
        value = self._settings.value("theme", "system")
        return value if value in ("light", "dark") else "system"

    @theme.setter
    def theme(self, value: ThemeChoice) -> None:
        self._settings.setValue("theme", value)

    @property
    def language(self) -> str:
        """``en``, ``zh_CN`` or empty for the system's."""
        return str(self._settings.value("language", ""))

    @language.setter
    def language(self, value: str) -> None:
        self._settings.setValue("language", value)

    @property
    def overlay_opacity(self) -> float:
        """Between 0 and 1."""
        return self._number("overlay_opacity", 0.45)

    @overlay_opacity.setter
    def overlay_opacity(self, value: float) -> None:
        self._settings.setValue("overlay_opacity", value)

    @property
    def brush_size(self) -> int:
        return int(self._number("brush_size", 24))

    @brush_size.setter
    def brush_size(self, value: int) -> None:
        self._settings.setValue("brush_size", value)

    @property
    def recent_folders(self) -> list[str]:
        value = self._settings.value("recent_folders", [])
        folders = [value] if isinstance(value, str) else value
        return [str(folder) for folder in folders] if isinstance(folders, list) else []

    def remember_folder(self, folder: str) -> None:
        """Put ``folder`` first among the recent ones."""
        folders = [folder, *(other for other in self.recent_folders if other != folder)]
        self._settings.setValue("recent_folders", folders[:_RECENT_LIMIT])

    @property
    def geometry(self) -> QByteArray | None:
        value = self._settings.value("geometry")
        return value if isinstance(value, QByteArray) else None

    @property
    def layout(self) -> QByteArray | None:
        value = self._settings.value("layout")
        return value if isinstance(value, QByteArray) else None

    def remember_window(self, geometry: QByteArray, layout: QByteArray) -> None:
        self._settings.setValue("geometry", geometry)
        self._settings.setValue("layout", layout)

    def flush(self) -> None:
        self._settings.sync()

    def _number(self, key: str, default: float) -> float:
        try:
            return float(self._settings.value(key, default))  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return default
