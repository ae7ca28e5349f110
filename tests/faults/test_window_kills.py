"""The real window, killed at random moments in busy hands, loses at most what was in the hand.

In some rounds it also learns; what learns is left without a window, then.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from learning_driver import STEPS, is_whole
from PIL import Image
from processes import wait_for_end
from window_driver import digest_of

from seglabel.core.categories import Category, CategorySet
from seglabel.core.document import Document
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.recovery import find_unsaved, recovered
from seglabel.jobs.models import current_model, on_this_machine
from seglabel.jobs.train import interrupted
from seglabel.jobs.versions import list_versions

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills by SIGKILL")
NAMES = ("a.png", "b/c.png", "d.png")
SHAPE = (220, 300)
LEARNS_EVERY = 4  # rounds
DRIVER = Path(__file__).with_name("window_driver.py")
CATEGORIES = CategorySet((Category(1, "one", (200, 0, 0)), Category(2, "two", (0, 0, 200))))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "pictures"
    noise = np.random.default_rng(0)
    for name in NAMES:
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(noise.integers(0, 255, (*SHAPE, 3), np.uint8)).save(path)
    store = ProjectStore.open(target)
    store.project.categories = CATEGORIES
    store.save_project()
    store.close()
    return target


@dataclass
class Moment:
    """So many changes, steps of learning and models must have been told of."""

    changes: int
    learners: int = 0
    steps: int = 0
    models: int = 0


class Told:
    """What the window said it did and kept, by image."""

    def __init__(self) -> None:
        self.digests: dict[tuple[str, str, int], str] = {}
        self.origins: dict[str, str] = {}
        self.kept: defaultdict[str, int] = defaultdict(int)
        self.changes = 0
        self.learners: list[int] = []  # processes that learned
        self.steps = 0
        self.models: list[Path] = []  # that the project was said to have
        self.failures: list[str] = []

    def listen(self, line: str) -> None:
        what, *words = line.split()
        if what == "learner":
            self.learners.append(int(words[0]))
        elif what == "step":
            self.steps += 1
        elif what == "learned":
            self.models.append(Path(line.partition(" ")[2].rstrip("\n")))
        elif what == "failed":
            self.failures.append(line)
        if what == "did":
            name, origin, number, digest = words
            self.digests[name, origin, int(number)] = digest
            self.origins[name] = origin
            self.changes += 1
        elif what == "kept":
            self.kept[words[0]] = int(words[1])


def is_reached(told: Told, last: Moment) -> bool:
    return (
        told.changes >= last.changes
        and len(told.learners) >= last.learners
        and told.steps >= last.steps
        and len(told.models) >= last.models
    )


def run_and_kill(folder: Path, scratch: Path, seed: int, told: Told, chance: random.Random) -> None:
    """Kill the window at some moment after a few dozen changes, and if it learns somewhere in
    that: as what learns is being started, at a step of it, or as its model is being used."""
    learns = seed % LEARNS_EVERY == 1
    last = Moment(told.changes + chance.randint(12, 60))
    if learns:
        last.learners = len(told.learners) + 1
        last.steps = told.steps + chance.choice((0, 1, chance.randint(1, STEPS), STEPS))
        last.models = len(told.models) + chance.choice((0, 0, 0, 1))
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [
            *(sys.executable, str(DRIVER), str(folder), str(scratch), str(seed)),
            *(["learns"] if learns else []),
        ],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    timer: threading.Timer | None = None
    for line in process.stdout:
        if not line.endswith("\n"):
            break  # cut off by the kill
        told.listen(line)
        if timer is None and is_reached(told, last):
            timer = threading.Timer(chance.uniform(0, 0.06), process.kill)
            timer.start()
    process.wait()
    assert process.returncode == -9, "the window ended by itself"
    for pid in told.learners:
        wait_for_end(pid)


def check_models(store: ProjectStore, told: Told, where: str) -> None:
    """Every model is whole and says where it came from; those that were announced are there."""
    versions = list_versions(store.root)
    assert [one.problem for one in versions if one.problem] == [], where
    assert all(is_whole(one.path) and one.has_record for one in versions), where
    assert set(told.models) <= {one.path for one in versions}, where
    used = current_model(store)
    assert used is None or on_this_machine(used, store) is not None, where
    assert told.failures == [], where
    interrupted(store)  # can be read, or is not there


def found(store: ProjectStore, name: str, unsaved: set[str]) -> Document:
    """The annotation of an image as the next start would give it back."""
    if name in unsaved:
        return recovered(store, name)
    annotation = store.load(name)
    if annotation is None:
        return Document.blank(*SHAPE)
    return Document(
        annotation.labels,
        annotation.painted,
        annotation.instances,
        annotation.status,
        None,
        annotation.effort,
        annotation.origin,
        annotation.changes,
    )


def test_no_acknowledged_change_is_lost_and_no_pixel_comes_from_nowhere(
    folder: Path, tmp_path: Path, tried
) -> None:
    chance = random.Random(7)
    told = Told()
    blank = digest_of(Document.blank(*SHAPE))
    for number in tried(200, 2):
        run_and_kill(folder, tmp_path, number, told, chance)
        store = ProjectStore.open(folder)
        check_models(store, told, f"kill {number}")
        assert set(store.project.names) == set(NAMES)
        assert store.project.categories == CATEGORIES
        unsaved = {one.name for one in find_unsaved(store)}
        for name in NAMES:
            document = found(store, name, unsaved)
            kind = "recovered" if name in unsaved else "saved"
            where = f"kill {number}, {name} ({kind}), change {document.changes}"
            assert document.changes >= told.kept[name], where
            expected = told.digests.get((name, document.origin, document.changes), blank)
            assert digest_of(document) == expected, where
        assert not list(store.root.rglob(".tmp-*")), "swept at the opening"
        store.close()
        print(
            f"kill {number}: {told.changes} changes, {len(told.learners)} learnings with "
            f"{told.steps} steps and {len(told.models)} models so far",
            flush=True,
        )
    assert told.changes > 20
    assert told.learners
