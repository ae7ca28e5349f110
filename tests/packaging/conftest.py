"""The set-up script, loaded from where it lies: it is no part of the package."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

PACKAGING = Path(__file__).parents[2] / "packaging"
SCRIPT = PACKAGING / "dev.py"


@pytest.fixture
def dev(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """``packaging/dev.py`` with a root of its own, so that nothing of ours can be touched."""
    monkeypatch.setattr(sys, "path", list(sys.path))  # the script adds the checkout to it
    spec = importlib.util.spec_from_file_location("dev", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    root = tmp_path / "checkout"
    root.mkdir()
    (root / "pyproject.toml").write_text("[project]\n")
    module.ROOT, module.ENVIRONMENT = root, root / ".venv"
    module.STAMP = module.ENVIRONMENT / "installed.txt"
    return module


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Any script of the folder by its name, as Python imports it beside another."""
    monkeypatch.syspath_prepend(PACKAGING)
    return importlib.import_module


@pytest.fixture
def commands(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What the script would have run; every command succeeds and does nothing."""
    ran: list[list[str]] = []

    def run(command: list[str], **choices: object) -> int:
        ran.append(command)
        return 0

    monkeypatch.setattr(dev, "_run", run)
    return ran


@pytest.fixture
def environment(dev: ModuleType) -> ModuleType:
    """The script in a checkout whose virtual environment exists."""
    python = dev._python()
    python.parent.mkdir(parents=True)
    python.touch()
    return dev
