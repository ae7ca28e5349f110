"""The demo without a screen: the real program with the models that it comes with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from seglabel.core.status import Status
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.demo import CELLS
from seglabel.jobs.demo_cells import draw_cells

# Below what the model cards say, and far above what any mistake would leave.
GOOD_CELLS = 0.7
GOOD_SCREENS = 0.5


def run(*arguments: object) -> str:
    """Run seglabel where nobody looks; returns its stdout."""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    process = subprocess.run(
        [sys.executable, "-m", "seglabel", *map(str, arguments)],
        env={name: value for name, value in os.environ.items() if name not in hidden},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("home") / "demo"
    result = json.loads(run("demo", root, "--json").splitlines()[-1])
    assert result["failed"] == [] and result["models"] == ["ui-elements", "nuclei"]
    assert [Path(path).parent for path in result["folders"] + result["exports"]] == [root] * 6
    return root


def test_every_new_image_of_the_demo_is_proposed_and_every_image_exported(demo: Path) -> None:
    for folder, new, labelled in (("screens", 8, 12), ("cells", CELLS.new, 0)):
        project = ProjectStore.open(demo / folder).project
        assert len(project.with_status(Status.PROPOSED)) == new
        assert len(project.with_status(Status.REVIEWED)) == labelled
        coco = demo / f"{folder}-coco" / "annotations" / "instances_train.json"
        assert len(json.loads(coco.read_text())["images"]) == new + labelled
        masks = list((demo / f"{folder}-voc").rglob("SegmentationClass/*.png"))
        assert len(masks) == new + labelled


def test_the_proposals_for_cells_are_mostly_right(demo: Path) -> None:
    store = ProjectStore.open(demo / "cells")
    both = either = 0
    for number, name in enumerate(CELLS.images):
        truth, found = CELLS.draw(number)[1] > 0, store.load(name).labels > 0
        both, either = both + np.sum(truth & found), either + np.sum(truth | found)
    assert both / either >= GOOD_CELLS
    coco = json.loads((demo / "cells-coco" / "annotations" / "instances_train.json").read_text())
    drawn = sum(draw_cells(30, number).instances.max() for number in range(CELLS.new))
    assert 0.8 * drawn <= len(coco["annotations"]) <= 1.25 * drawn  # those that touch are apart


def test_the_model_for_screens_is_mostly_right_about_those_of_the_demo(demo: Path) -> None:
    report = json.loads(run("evaluate", demo / "screens", "--json").splitlines()[-1])
    assert report["miou"] >= GOOD_SCREENS
