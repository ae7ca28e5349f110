"""The demo from the window, with a tiny program in place of ``seglabel demo``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QMessageBox

from seglabel.app.session import Session
from seglabel.app.tour import STEPS

PROGRAM = """
import json, pathlib, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where it was started to ignore it
plan = json.loads(sys.argv[1])
root = pathlib.Path(sys.argv[3])
assert sys.argv[2] == "demo" and sys.argv[4:] == ["--prepare", "--json"]
say = lambda **line: print(json.dumps(line), flush=True)
say(event="progress", done=2, total=8)
while plan.get("waits"):
    time.sleep(0.02)
if "error" in plan:
    say(event="result", error=plan["error"])
    sys.exit(2)
if "crash" in plan:
    sys.exit(plan["crash"])
say(event="result", folders=[str(root / name) for name in ("screens", "cells")], failed=[])
"""

Start = Callable[..., Session]


@pytest.fixture
def start(make_session, tmp_path: Path) -> Start:
    """A session at its start page whose demo goes by a plan."""

    def begin(**plan: object) -> Session:
        script = tmp_path / "program.py"
        script.write_text(PROGRAM)
        return make_session(program=(sys.executable, str(script), json.dumps(plan)))

    return begin


@pytest.fixture
def place(tmp_path: Path, folder: Path, monkeypatch) -> Path:
    """The person chooses this one, where the images of the demo appear."""
    root = tmp_path / "seglabel-demo"
    root.mkdir()
    folder.rename(root / "screens")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *a: str(tmp_path))
    return root


def test_the_demo_is_made_and_opened_with_the_tour_above_it(
    qtbot, start: Start, place: Path
) -> None:
    session = start()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.window.start_page._demo.click()
        assert session.job.is_running
    assert session.workspace.store.folder == place / "screens"
    assert session.window.tour.isVisible()
    assert session.tour_binding.tour.at == 0


def test_a_demo_asked_for_at_the_start_is_made_at_once(qtbot, start: Start, place: Path) -> None:
    session = start()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.start(None, None, place)
    assert session.window.tour.isVisible()


def test_a_folder_that_is_opened_otherwise_begins_no_tour(qtbot, start: Start, place: Path) -> None:
    session = start()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.open_project(place / "screens")
    assert not session.window.tour.isVisible()


def test_at_the_end_of_the_tour_the_other_folder_of_the_demo_is_offered(
    qtbot, start: Start, place: Path, other_folder: Path
) -> None:
    other_folder.rename(place / "cells")
    session = start()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.window.start_page._demo.click()
    tour = session.window.tour
    for _ in STEPS:
        assert "cells" not in tour._button.text()
        tour._next.click()
    assert tour._button.isVisible() and "cells" in tour._button.text()
    with qtbot.waitSignal(session.workspace.project_opened, timeout=20000):
        tour._button.click()
    assert session.workspace.store.folder == place / "cells"
    assert not tour._button.isVisible()  # there is no third
    assert "other" not in tour.text


def test_a_demo_that_is_stopped_says_nothing_and_leaves_the_start_page(
    qtbot, start: Start, place: Path
) -> None:
    session = start(waits=True)
    with qtbot.waitSignal(session.job.progressed, timeout=20000) as shown:
        session.window.start_page._demo.click()
    assert (shown.args[0].done, shown.args[0].total) == (2, 8)
    with qtbot.waitSignal(session.job.ended, timeout=20000):
        session.job.stop()
    assert session.workspace.store is None
    assert not session.window.banner.isVisible()


@pytest.mark.parametrize(
    ("plan", "reason"), [({"error": "no room left"}, "no room left"), ({"crash": 3}, "3")]
)
def test_a_demo_that_fails_says_why(
    qtbot, start: Start, place: Path, monkeypatch, plan, reason: str
) -> None:
    said: list[str] = []
    monkeypatch.setattr(QMessageBox, "warning", lambda _, *texts: said.extend(texts))
    session = start(**plan)
    with qtbot.waitSignal(session.demo.failed, timeout=20000):
        session.window.start_page._demo.click()
    assert reason in said[-1]
    assert not session.job.is_running


def test_a_machine_without_a_documents_folder_is_offered_the_home_folder(
    session: Session, tmp_path: Path, monkeypatch
) -> None:
    offered: list[str] = []
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _: str(tmp_path / "Documents"))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *a: offered.append(a[2]) or "")
    session.demo.ask()
    (tmp_path / "Documents").mkdir()
    session.demo.ask()
    assert offered == [str(Path.home()), str(tmp_path / "Documents")]
