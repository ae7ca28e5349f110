"""A crash of the whole interpreter leaves a trace that the next start finds once."""

from __future__ import annotations

import faulthandler
import subprocess
import sys
from pathlib import Path

import pytest

from seglabel.formats.crash_note import noting_crashes, take_crash_note

PROGRAM = """
import platformdirs, sys
platformdirs.user_log_dir = lambda *_, **__: sys.argv[1]
from seglabel.formats.crash_note import noting_crashes

def falls_over():
    import faulthandler
    faulthandler._sigsegv()

with noting_crashes():
    if sys.argv[2] == "crash":
        falls_over()
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("platformdirs.user_log_dir", lambda *_, **__: str(tmp_path))
    return tmp_path


def run(folder: Path, how: str) -> int:
    command = [sys.executable, "-c", PROGRAM, str(folder), how]
    return subprocess.run(command, capture_output=True, check=False).returncode


def test_a_crash_is_found_once_at_the_next_start_and_says_where_it_was(folder: Path) -> None:
    assert run(folder, "end") == 0
    assert take_crash_note() is None  # an end as it should be leaves none
    assert run(folder, "crash") != 0
    note = take_crash_note()
    assert note is not None and note.parent == folder
    assert "falls_over" in note.read_text() and "Segmentation fault" in note.read_text()
    assert take_crash_note() is None
    assert note.exists()


def test_only_the_notes_of_the_last_crashes_are_kept(folder: Path) -> None:
    for day in range(1, 9):
        (folder / f"crash-2020010{day}-000000.txt").write_text("old")
    (folder / "crash.txt").write_text("new")
    assert take_crash_note() is not None
    assert len(list(folder.glob("crash-*.txt"))) == 5
    assert not (folder / "crash-20200104-000000.txt").exists()


def test_whoever_listens_for_crashes_already_goes_on_to(folder: Path) -> None:
    was = faulthandler.is_enabled()
    if not was:
        faulthandler.enable()
    with noting_crashes():
        assert not (folder / "crash.txt").exists()
    assert faulthandler.is_enabled()
    if not was:
        faulthandler.disable()
