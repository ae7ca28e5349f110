"""``seglabel stats``."""

from __future__ import annotations

import numpy as np

from seglabel.core.categories import Category, CategorySet
from seglabel.core.effort import Effort
from seglabel.core.proposal import Proposal
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.project_store import ProjectStore

CATEGORIES = CategorySet((Category(1, "red", (255, 0, 0)), Category(2, "蓝色", (0, 0, 255))))


def work_on(images) -> ProjectStore:
    """One image from scratch, one after a proposal of which a quarter was wrong."""
    store = ProjectStore.open(images)
    store.project.categories = CATEGORIES
    store.save_project()
    first, second, *_ = store.project.names
    grid = np.full((2, 2), 0.5, np.float16)
    for name, effort in ((first, Effort(40, 300.0)), (second, Effort(5, 60.0))):
        height, width = (store.probe_image(name).height, store.probe_image(name).width)
        labels = np.ones((height, width), np.uint8)
        if name == second:
            proposal = Proposal(labels.copy(), grid, grid, "model-1", "digest-map")
            store.save_proposal(name, proposal, "")
            labels[: height // 4] = 2
        store.save(name, Annotation(labels, labels > 0, None, Status.REVIEWED, effort))
    return store


def test_stats_are_tables_for_people(seglabel, images) -> None:
    work_on(images)
    outcome = seglabel("stats", images)
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert lines[0] == "3 images: 1 empty, 2 reviewed"
    assert "labels of 2 images" in lines
    assert any(line.split()[:3] == ["red", "2", "2"] for line in lines)
    assert any(line.startswith("蓝色") for line in lines)
    assert any(line.split() == ["model-1", "1", "75.0%", "5.0", "1.0"] for line in lines)
    assert any(line.startswith("nobody (from scratch)") and "40.0" in line for line in lines)
    assert "75.0% of the proposed pixels were right" in lines
    assert "45 strokes in 6.0 minutes of work" in lines


def test_stats_are_json_for_programs(seglabel, images) -> None:
    work_on(images)
    outcome = seglabel("stats", images, "--json", "--status", "reviewed")
    assert outcome.code == 0
    result = outcome.lines[-1]
    assert result["event"] == "result"
    assert result["images"] == {"empty": 1, "proposed": 0, "corrected": 0, "reviewed": 2}
    assert [row["name"] for row in result["categories"]] == ["red", "蓝色"]
    assert result["effort"]["share_right"] == 0.75
    assert [row["model"] for row in result["effort"]["models"]] == ["", "model-1"]
    assert [row["strokes"] for row in result["effort"]["images"]] == [40, 5]
    assert result["failed"] == []


def test_stats_go_past_a_bad_label_file_and_name_it(seglabel, images) -> None:
    store = work_on(images)
    name = store.project.names[0]
    (store.root / "labels" / f"{name}.png").write_bytes(b"torn")
    outcome = seglabel("stats", images)
    assert outcome.code == 1
    assert "labels of 1 images" in outcome.out
    assert "1 images failed" in outcome.err
    assert name in outcome.err
    as_json = seglabel("stats", images, "--json")
    assert as_json.code == 1
    assert name in as_json.lines[-1]["failed"][0]


def test_stats_name_refine_as_people_know_it(seglabel, images) -> None:
    store = work_on(images)
    name = store.project.names[2]
    labels = np.ones((store.probe_image(name).height, store.probe_image(name).width), np.uint8)
    grid = np.full((2, 2), 0.5, np.float16)
    store.keep_proposal(name, Proposal(labels, grid, grid, "strokes + model-1", ""), "")
    store.save(name, Annotation(labels, labels > 0, None, Status.REVIEWED, Effort(1, 30.0)))
    assert any(
        line.startswith("Refine + model-1") and "100.0%" in line
        for line in seglabel("stats", images).out.splitlines()
    )


def test_stats_of_a_folder_nobody_worked_on_say_so(seglabel, images) -> None:
    outcome = seglabel("stats", images)
    assert outcome.code == 0
    assert outcome.out.startswith("3 images: 3 empty")
    assert "minutes" not in outcome.out


def test_stats_of_no_folder_are_refused(seglabel, tmp_path) -> None:
    outcome = seglabel("stats", tmp_path / "nowhere")
    assert outcome.code == 2
    assert "nowhere" in outcome.err
