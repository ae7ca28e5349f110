"""What this machine offers, and what is missing."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from seglabel import __version__
from seglabel.formats.log_file import log_folder
from seglabel.system_libraries import advice, missing_libraries

_PACKAGES = ("PySide6_Essentials", "torch", "torchvision", "timm", "numpy", "Pillow", "tifffile")
_LITTLE_SPACE = 2e9


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report."""

    topic: str
    is_fine: bool
    text: str

    def to_json(self) -> dict[str, Any]:
        return {"ok": self.is_fine, "text": self.text}


def examine() -> list[Finding]:
    """Look at everything that seglabel needs."""
    checks: tuple[Callable[[], Finding], ...] = (
        _program,
        _libraries,
        _qt,
        _screen,
        _packages,
        _opencv,
        _device,
        _disk,
        _log,
    )
    findings = []
    for check in checks:
        try:
            findings.append(check())
        except Exception as error:  # noqa: BLE001 - a broken installation raises anything
            topic = check.__name__.strip("_").replace("_", " ")
            findings.append(Finding(topic, False, f"{type(error).__name__}: {error}"))
    return findings


def _program() -> Finding:
    text = f"{__version__}, Python {platform.python_version()}, {platform.platform()}"
    return Finding("seglabel", sys.version_info >= (3, 11), text)


def _libraries() -> Finding:
    missing = missing_libraries()
    return Finding("system libraries", not missing, advice(missing) if missing else "all there")


def _qt() -> Finding:
    # Only the metadata: the command line never loads Qt itself.
    return Finding("Qt", True, f"PySide6 {metadata.version('PySide6_Essentials')}")


def _screen() -> Finding:
    if not sys.platform.startswith("linux"):
        return Finding("screen", True, sys.platform)
    display = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    if display:
        return Finding("screen", True, display)
    return Finding("screen", True, "none: the commands work, the window cannot be opened")


def _packages() -> Finding:
    versions = []
    missing = []
    for name in _PACKAGES:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    text = f"missing: {', '.join(missing)}" if missing else ", ".join(versions)
    return Finding("packages", not missing, text)


def _opencv() -> Finding:
    """Two OpenCV distributions write into the same folder and break each other."""
    found = sorted(
        f"{d.metadata['Name']} {d.version}"
        for d in metadata.distributions()
        if (d.metadata["Name"] or "").lower().startswith("opencv-")
    )
    if len(found) == 1:
        return Finding("OpenCV", True, found[0])
    text = f"expected one distribution, found {', '.join(found) or 'none'}"
    return Finding("OpenCV", False, f"{text}; uninstall all and install opencv-python-headless")


def _device() -> Finding:
    from seglabel.model.devices import choose_device

    return Finding("device", True, choose_device().reason)


def _disk() -> Finding:
    free = shutil.disk_usage(Path.home()).free
    return Finding("disk", free > _LITTLE_SPACE, f"{free / 1e9:.1f} GB free in {Path.home()}")


def _log() -> Finding:
    return Finding("log", True, str(log_folder()))
