"""System libraries that Qt needs on Linux, and the line that installs them.

Standard library only: ``packaging/dev.py`` uses this before anything is installed.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

# library file → package in Debian and Ubuntu, Fedora, Arch, openSUSE
_LIBRARIES: dict[str, tuple[str, str, str, str]] = {
    "libEGL.so.1": ("libegl1", "libglvnd-egl", "libglvnd", "libEGL1"),
    "libGL.so.1": ("libgl1", "libglvnd-glx", "libglvnd", "libGL1"),
    "libglib-2.0.so.0": ("libglib2.0-0", "glib2", "glib2", "libglib-2_0-0"),
    "libfontconfig.so.1": ("libfontconfig1", "fontconfig", "fontconfig", "libfontconfig1"),
    "libdbus-1.so.3": ("libdbus-1-3", "dbus-libs", "dbus", "libdbus-1-3"),
    "libxkbcommon.so.0": ("libxkbcommon0", "libxkbcommon", "libxkbcommon", "libxkbcommon0"),
    "libxkbcommon-x11.so.0": (
        "libxkbcommon-x11-0",
        "libxkbcommon-x11",
        "libxkbcommon-x11",
        "libxkbcommon-x11-0",
    ),
    "libxcb-cursor.so.0": (
        "libxcb-cursor0",
        "xcb-util-cursor",
        "xcb-util-cursor",
        "libxcb-cursor0",
    ),
    "libxcb-icccm.so.4": ("libxcb-icccm4", "xcb-util-wm", "xcb-util-wm", "libxcb-icccm4"),
    "libxcb-keysyms.so.1": (
        "libxcb-keysyms1",
        "xcb-util-keysyms",
        "xcb-util-keysyms",
        "libxcb-keysyms1",
    ),
    "libxcb-shape.so.0": ("libxcb-shape0", "libxcb", "libxcb", "libxcb-shape0"),
}
_FONTS = ("fonts-dejavu-core", "dejavu-sans-fonts", "ttf-dejavu", "dejavu-fonts")
_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")
_FONT_SUFFIXES = (".ttf", ".otf", ".ttc", ".pfb", ".pcf.gz")
_UNSEEN_PLATFORMS = ("offscreen", "minimal", "vnc")  # Qt's own that need no display
_MANAGERS = (
    ("apt-get", "apt-get install -y --no-install-recommends"),
    ("dnf", "dnf install -y"),
    ("pacman", "pacman -S --needed --noconfirm"),
    ("zypper", "zypper --non-interactive install"),
)


def missing_libraries() -> list[str]:
    """Library files that Qt will look for and not find, ``"a font"`` if there is none at all."""
    if not sys.platform.startswith("linux"):
        return []
    missing = [name for name in _LIBRARIES if not _can_load(name)]
    return missing if _has_font() else [*missing, "a font"]


def packages_for(missing: Iterable[str], manager: str = "apt-get") -> list[str]:
    """Names of the packages that bring ``missing``, for one of the known package managers."""
    column = [name for name, _ in _MANAGERS].index(manager)
    names = [_FONTS[column] if m == "a font" else _LIBRARIES[m][column] for m in missing]
    return list(dict.fromkeys(names))


def package_manager() -> str | None:
    """The first known package manager on this machine."""
    return next((name for name, _ in _MANAGERS if shutil.which(name)), None)


def install_command(packages: Iterable[str], manager: str) -> str:
    """The line that installs ``packages``; with ``sudo`` unless already root."""
    line = f"{dict(_MANAGERS)[manager]} {' '.join(packages)}"
    return line if is_root() else f"sudo {line}"


def advice(missing: list[str]) -> str:
    """What to tell a person whose machine lacks ``missing``."""
    manager = package_manager()
    if manager is None:
        return f"Qt needs system libraries that are missing: {', '.join(missing)}"
    line = install_command(packages_for(missing, manager), manager)
    listed = ", ".join(missing)
    return f"Qt needs system libraries that are missing ({listed}). Install them:\n  {line}"


def has_visible_screen() -> bool:
    """Whether somebody would see a window that is opened here."""
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    return has_screen() and platform not in _UNSEEN_PLATFORMS


def has_screen() -> bool:
    """Whether Qt can open a window here, seen by anybody or not."""
    if os.environ.get("QT_QPA_PLATFORM") or not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _can_load(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _has_font() -> bool:
    for folder in _FONT_FOLDERS:
        for _, _, files in os.walk(Path(folder).expanduser()):
            if any(name.lower().endswith(_FONT_SUFFIXES) for name in files):
                return True
    return False
