"""Closing the window in the middle of anything ends the program soon, whole, and with the work."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from closing_driver import CATEGORIES, STATES
from processes import wait_for_end

from seglabel.formats.project_store import ProjectStore
from seglabel.formats.recovery import find_unsaved, recovered

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="tells processes by signals")
DRIVER = Path(__file__).with_name("closing_driver.py")
LIMIT_S = 3.0
IN_EVERY_RUN = (  # the others where all faults are tried
    "proposing_by_a_deaf_model",
    "learning",
    "making_the_demo",
    "saving_to_a_disk_that_hangs",
    "asking_preferences",
)
TRIED = STATES if os.environ.get("SEGLABEL_FAULTS") == "all" else IN_EVERY_RUN


@dataclass
class Closed:
    """How a closed program ended. ``seconds`` from the wish to close to the end of the process,
    ``blocked`` of these until the window was gone."""

    code: int
    seconds: float
    blocked: float
    said: str
    children: list[int] = field(default_factory=list)


def close_in(state: str, folder: Path, scratch: Path) -> Closed:
    scratch.mkdir()
    places = {name: str(scratch) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    environment = {**os.environ, **places, "QT_QPA_PLATFORM": "offscreen"}
    with (scratch / "stderr").open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, str(DRIVER), state, str(folder), str(scratch)],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment,
        )
        children: list[int] = []
        begin = blocked = 0.0
        for line in process.stdout:
            if line.startswith("child"):
                children.append(int(line.split()[1]))
            elif line == "closing\n":
                begin = time.monotonic()
            elif line == "closed\n":
                blocked = time.monotonic() - begin
            elif line == "open\n":
                process.kill()
        code = process.wait()
        end = time.monotonic()
    return Closed(code, end - begin, blocked, (scratch / "stderr").read_text(), children)


@pytest.fixture(scope="module")
def usual_s(tmp_path_factory: pytest.TempPathFactory, pictures) -> float:
    """How long closing takes on this machine where nothing is under way."""
    folder = tmp_path_factory.mktemp("idle")
    closed = close_in("idle", prepared(folder / "pictures", pictures), folder / "scratch")
    assert closed.code == 0, closed.said
    print(f"idle: gone after {closed.blocked:.2f} s, ended after {closed.seconds:.2f} s")
    return closed.seconds


def prepared(folder: Path, pictures) -> Path:
    pictures(folder, 3)
    store = ProjectStore.open(folder)
    store.project.categories = CATEGORIES
    store.save_project()
    store.close()
    return folder


@pytest.mark.parametrize("state", TRIED)
def test_closing_ends_everything_in_time_and_keeps_the_work(
    tmp_path: Path, pictures, usual_s: float, state: str
) -> None:
    folder = prepared(tmp_path / "pictures", pictures)
    closed = close_in(state, folder, tmp_path / "scratch")
    print(f"{state}: gone after {closed.blocked:.2f} s, ended after {closed.seconds:.2f} s")
    assert closed.code == 0, closed.said
    for word in ("Traceback", "QThread", "Destroyed", "abort", "Fatal"):
        assert word not in closed.said
    assert closed.seconds < LIMIT_S + usual_s
    for pid in closed.children:
        wait_for_end(pid)
    assert bool(closed.children) == (state in ("learning", "making_the_demo"))
    store = ProjectStore.open(folder)  # nobody holds it any more
    if "0.png" in {one.name for one in find_unsaved(store)}:
        labels = recovered(store, "0.png").labels
    else:
        annotation = store.load("0.png")
        assert annotation is not None, "what was painted is lost"
        labels = annotation.labels
    assert labels.any()
    store.close()
