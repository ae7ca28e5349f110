"""What people do with the models that come with the program, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seglabel.__main__ import main
from seglabel.formats import open_project
from seglabel.jobs.demo_cells import draw_cells

GLOWING, STAINED = 0, 1  # seeds


@pytest.fixture
def cells(tmp_path: Path) -> Path:
    """A folder with a glowing and a stained picture of nuclei."""
    folder = tmp_path / "cells"
    folder.mkdir()
    for seed in (GLOWING, STAINED):
        Image.fromarray(draw_cells(14, seed, (256, 320)).picture).save(folder / f"{seed}.png")
    return folder


def test_a_folder_of_cells_becomes_coco_with_an_annotation_for_each_nucleus(
    cells: Path, tmp_path: Path, capsys
) -> None:
    assert main(["predict", str(cells), "--model", "nuclei", "--separate", "--device", "cpu"]) == 0
    project = open_project(cells)
    for seed in (GLOWING, STAINED):
        drawn = draw_cells(14, seed, (256, 320))
        found, true = project.labels(f"{seed}.png") > 0, drawn.labels > 0
        assert (found & true).sum() > 0.8 * (found | true).sum()
    target = tmp_path / "coco"
    assert main(["export", "coco", str(cells), str(target)]) == 0
    capsys.readouterr()
    file = next(path for path in target.rglob("*.json") if "annotations" in path.read_text())
    content = json.loads(file.read_text())
    assert [category["name"] for category in content["categories"]] == ["nucleus"]
    for image in content["images"]:
        count = sum(a["image_id"] == image["id"] for a in content["annotations"])
        seed = int(Path(image["file_name"]).stem)
        true = int(draw_cells(14, seed, (256, 320)).instances.max())
        assert 0.6 * true <= count <= 1.4 * true


def test_a_picture_of_nothing_has_no_nuclei(tmp_path: Path, capsys) -> None:
    noise = np.random.default_rng(0).integers(4, 9, (256, 256, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "empty.png")
    assert main(["predict", str(tmp_path), "--model", "nuclei", "--device", "cpu"]) == 0
    capsys.readouterr()
    assert (open_project(tmp_path).labels("empty.png") > 0).mean() < 0.02
