"""What the window remembers between two starts: layout, recent folders, choices of view."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import Any, Literal

import platformdirs
from PySide6.QtCore import QByteArray, QSettings

from seglabel.app.view_state import Look
from seglabel.core.history import UNDO_BYTES

ThemeChoice = Literal["system", "light", "dark"]
_LOOK_FLAGS = ("outline", "side_by_side", "grid", "rulers", "overview", "wheel_zooms")
_RECENT_LIMIT = 8
_LINE = re.compile(r"|[;#][^\0]*|\[[^\0]*\]|[^=\0]+=[^\0]*")
_PROJECTS_LIMIT = 100  # whose last image is remembered


class Settings:
    """Preferences of this person on this machine. Nothing of the data lives here."""

    def __init__(self, path: Path | None = None) -> None:
        if path is None:
            path = Path(platformdirs.user_config_dir("seglabel", appauthor=False)) / "window.ini"
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
        if _is_damaged(path):  # kept beside a new one rather than stopping the program
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
    def look(self) -> Look:
        """How images were shown last; nothing is hidden, and the photograph as it is."""
        flags: dict[str, Any] = {
            name: self._flag(name, getattr(Look(), name)) for name in _LOOK_FLAGS
        }
        return Look(opacity=self._number("overlay_opacity", Look().opacity), **flags)

    @look.setter
    def look(self, look: Look) -> None:
        self._settings.setValue("overlay_opacity", look.opacity)
        for name in _LOOK_FLAGS:
            self._settings.setValue(name, getattr(look, name))

    @property
    def tool_options(self) -> dict[str, int | str | bool]:
        """What was set for the tools, by the key of the option."""
        with contextlib.suppress(ValueError):
            values = json.loads(str(self._settings.value("tool_options", "{}")))
            if isinstance(values, dict):
                return {str(k): v for k, v in values.items() if isinstance(v, int | str | bool)}
        return {}

    @tool_options.setter
    def tool_options(self, values: dict[str, int | str | bool]) -> None:
        self._settings.setValue("tool_options", json.dumps(values))

    @property
    def recent_folders(self) -> list[str]:
        value = self._settings.value("recent_folders", [])
        folders = [value] if isinstance(value, str) else value
        return [str(folder) for folder in folders] if isinstance(folders, list) else []

    def remember_folder(self, folder: str) -> None:
        """Put ``folder`` first among the recent ones."""
        folders = [folder, *(other for other in self.recent_folders if other != folder)]
        self._settings.setValue("recent_folders", folders[:_RECENT_LIMIT])

    def place(self, folder: Path) -> Path | None:
        """Where the project of a folder lies, if elsewhere than in it."""
        root = self._places().get(str(folder))
        return Path(root) if root else None

    def remember_place(self, folder: Path, root: Path | None) -> None:
        """The project of a folder lies at ``root``, or in the folder itself."""
        places = self._places()
        places.pop(str(folder), None)
        if root is not None:
            places[str(folder)] = str(root)
        kept = dict(list(places.items())[-_PROJECTS_LIMIT:])
        self._settings.setValue("places", json.dumps(kept))

    def _places(self) -> dict[str, str]:
        with contextlib.suppress(ValueError):
            places = json.loads(str(self._settings.value("places", "{}")))
            if isinstance(places, dict):
                return {str(folder): str(root) for folder, root in places.items()}
        return {}

    @property
    def recent_models(self) -> list[str]:
        """Paths of checkpoints that were loaded, the last one first."""
        with contextlib.suppress(ValueError):
            paths = json.loads(str(self._settings.value("recent_models", "[]")))
            if isinstance(paths, list):
                return [str(path) for path in paths]
        return []

    def remember_model(self, path: Path) -> None:
        """Put a checkpoint first among the recent ones."""
        now = str(path.absolute())
        paths = [now, *(other for other in self.recent_models if other != now)]
        self._settings.setValue("recent_models", json.dumps(paths[:_RECENT_LIMIT]))

    @property
    def proposes_ahead(self) -> bool:
        """Whether the next images are proposed while one is worked on."""
        return self._flag("proposes_ahead", True)

    @proposes_ahead.setter
    def proposes_ahead(self, value: bool) -> None:
        self._settings.setValue("proposes_ahead", value)

    @property
    def refines_live(self) -> bool:
        """Whether each stroke is followed by a proposal for the rest of the image."""
        return self._flag("refines_live", False)

    @refines_live.setter
    def refines_live(self, value: bool) -> None:
        self._settings.setValue("refines_live", value)

    @property
    def allows_bf16(self) -> bool:
        """Whether models may compute in bf16 where that is faster."""
        return self._flag("allows_bf16", False)

    @allows_bf16.setter
    def allows_bf16(self, value: bool) -> None:
        self._settings.setValue("allows_bf16", value)

    @property
    def undo_mb(self) -> int:
        """Megabytes that what can be undone may take."""
        return max(round(self._number("undo_mb", UNDO_BYTES >> 20)), 1)

    @undo_mb.setter
    def undo_mb(self, value: int) -> None:
        self._settings.setValue("undo_mb", value)

    @property
    def keymap(self) -> object:
        """Keys as JSON, whatever it holds; ``None`` if none were chosen."""
        with contextlib.suppress(ValueError):
            return json.loads(str(self._settings.value("keymap", "null")))
        return None

    @keymap.setter
    def keymap(self, value: object) -> None:
        self._settings.setValue("keymap", json.dumps(value))

    def last_image(self, root: Path) -> str:
        """The image that was shown last in the project at ``root``; empty if not known."""
        return self._last_images().get(str(root), "")

    def remember_image(self, root: Path, name: str) -> None:
        """Begin with this image when the project is opened again."""
        images = self._last_images()
        images.pop(str(root), None)
        images[str(root)] = name
        kept = dict(list(images.items())[-_PROJECTS_LIMIT:])
        self._settings.setValue("last_images", json.dumps(kept))

    def _last_images(self) -> dict[str, str]:
        with contextlib.suppress(ValueError):
            images = json.loads(str(self._settings.value("last_images", "{}")))
            if isinstance(images, dict):
                return {str(root): str(name) for root, name in images.items()}
        return {}

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

    def _flag(self, key: str, default: bool) -> bool:
        return str(self._settings.value(key, default)).lower() == "true"

    def _number(self, key: str, default: float) -> float:
        try:
            return float(self._settings.value(key, default))  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return default


def _is_damaged(path: Path) -> bool:
    """Whether a settings file is cut off or something else.

    QSettings takes what it can of anything, and writes the rest over.
    """
    try:
        lines = path.read_bytes().decode().replace("\r\n", "\n").split("\n")
    except OSError:
        return False  # there is none, or nothing can be done about it
    except UnicodeDecodeError:
        return True
    return lines[-1] != "" or not all(_LINE.fullmatch(line) for line in lines)
