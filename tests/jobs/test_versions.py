from __future__ import annotations

import json
import os

import pytest

from seglabel.core.errors import SegLabelError
from seglabel.core.model_version import Judgement
from seglabel.jobs.versions import (
    delete_version,
    find_project,
    find_version,
    list_versions,
    parent_name,
)


def test_versions_are_listed_as_a_tree_with_the_one_in_use(store, make) -> None:
    make(store, "model-1", date="2026-01-01T00:00:00Z")
    make(store, "model-2", date="2026-01-02T00:00:00Z", parent="city.pth")
    make(store, "model-10", date="2026-01-03T00:00:00Z", parent="model-1")
    store.project.settings["model"] = "model-2"
    store.save_project()
    rows = list_versions(store.root)
    assert [(row.depth, row.name, row.is_used) for row in rows] == [
        (0, "model-1", False),
        (1, "model-10", False),
        (0, "model-2", True),
    ]
    assert [row.origin for row in rows] == ["efficientnet_lite0", "model-1", "city.pth"]


def test_a_model_without_a_record_is_listed_with_what_is_known(store, make) -> None:
    path = make(store, "old")
    os.utime(path, (0, 1_700_000_000))
    (row,) = list_versions(store.root)
    assert not row.has_record
    assert (row.version.date, row.miou) == ("2023-11-14T22:13:20.000Z", 0.25)
    assert row.version.training == ()


def test_a_model_whose_training_was_ended_by_force_tells_its_score_so_far(store, make) -> None:
    make(store, "model-1", training=("a.png",))
    (row,) = list_versions(store.root)
    assert row.version.scores == Judgement("model-1", 0.25, 0.5)
    assert row.has_record


def test_a_damaged_model_is_listed_with_what_is_wrong(store, make) -> None:
    make(store, "model-1", training=())
    (store.models_folder / "bad.safetensors").write_bytes(b"cut")
    rows = list_versions(store.root)
    assert [row.name for row in rows] == ["bad", "model-1"]
    assert "bad.safetensors: not a safetensors file" in rows[0].problem
    assert json.dumps(rows[0].to_json())


def test_a_name_that_is_not_there_is_refused_with_those_that_are(store, make) -> None:
    make(store, "model-1")
    rows = list_versions(store.root)
    assert find_version(rows, "model-1.safetensors").name == "model-1"
    with pytest.raises(SegLabelError, match=r"model-2: no model of this project; .* model-1"):
        find_version(rows, "model-2")


def test_a_project_is_found_by_its_images_or_by_itself(store, images, tmp_path) -> None:
    assert find_project(images) == images / ".seglabel"
    assert find_project(images / ".seglabel") == images / ".seglabel"
    with pytest.raises(SegLabelError, match="holds no project"):
        find_project(tmp_path)


def test_parents_inside_the_project_are_called_by_name_others_by_file(store, tmp_path) -> None:
    assert parent_name(store.models_folder / "model-1.safetensors", store) == "model-1"
    assert parent_name(tmp_path / "city.pth", store) == "city.pth"
    assert parent_name(None, store) == ""


def test_a_deleted_model_takes_what_lies_beside_it_and_no_other_with_it(store, make) -> None:
    path, other = make(store, "model-1"), make(store, "model-10")
    beside = path.with_name(path.name + ".seglabel.json")
    beside.write_text("{}")
    delete_version(path)
    assert list(store.models_folder.iterdir()) == [other]
    delete_version(path)  # it is gone already
