from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save

from seglabel.core.errors import ExportError, SegLabelError
from seglabel.core.model_version import Judgement, ModelVersion
from seglabel.formats.atomic import WriteError
from seglabel.formats.model_card import CARD_KEY
from seglabel.formats.model_file import VERSION_KEY, version_note, with_notes
from seglabel.jobs.versions import (
    card_of,
    delete_version,
    export_version,
    find_project,
    find_version,
    list_versions,
    parent_name,
)

SPEC = {
    "architecture": {"backbone": "efficientnet_lite0", "output_stride": 16},
    "categories": {"categories": [{"id": 3, "name": "red | roof", "color": "#ff0000"}]},
    "channels": [0, 3],
    "license": "Apache-2.0",
    "training": {"steps": 70, "seconds": 8.5, "seed": 1, "miou": 0.25, "pixel_accuracy": 0.5},
}


def make(store, name: str, **facts: object) -> Path:
    """A checkpoint in the project, with a record if there are facts."""
    path = store.models_folder / f"{name}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    data = save({"w": np.arange(3, dtype=np.float32)}, {"seglabel": json.dumps(SPEC)})
    if facts:
        version = ModelVersion(name, **{"date": "2026-01-01T00:00:00Z", **facts})
        data = with_notes(data, version_note(version), path)
    path.write_bytes(data)
    return path


def test_versions_are_listed_as_a_tree_with_the_one_in_use(store) -> None:
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


def test_a_model_without_a_record_is_listed_with_what_is_known(store) -> None:
    path = make(store, "old")
    os.utime(path, (0, 1_700_000_000))
    (row,) = list_versions(store.root)
    assert not row.has_record
    assert (row.version.date, row.miou) == ("2023-11-14T22:13:20.000Z", 0.25)
    assert row.version.training == ()


def test_a_model_whose_training_was_ended_by_force_tells_its_score_so_far(store) -> None:
    make(store, "model-1", training=("a.png",))
    (row,) = list_versions(store.root)
    assert row.version.scores == Judgement("model-1", 0.25, 0.5)
    assert row.has_record


def test_a_damaged_model_is_listed_with_what_is_wrong(store) -> None:
    make(store, "model-1", training=())
    (store.models_folder / "bad.safetensors").write_bytes(b"cut")
    rows = list_versions(store.root)
    assert [row.name for row in rows] == ["bad", "model-1"]
    assert "bad.safetensors: not a safetensors file" in rows[0].problem
    assert json.dumps(rows[0].to_json())


def test_a_name_that_is_not_there_is_refused_with_those_that_are(store) -> None:
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


def test_a_deleted_model_takes_what_lies_beside_it_and_no_other_with_it(store) -> None:
    path, other = make(store, "model-1"), make(store, "model-10")
    beside = path.with_name(path.name + ".seglabel.json")
    beside.write_text("{}")
    delete_version(path)
    assert list(store.models_folder.iterdir()) == [other]
    delete_version(path)  # it is gone already


def test_an_exported_model_has_its_weights_and_its_card_and_no_name_of_an_image(
    store, tmp_path
) -> None:
    make(
        store,
        "model-1",
        project="roofs",
        parent="city.pth",
        training=("secret-1.png", "secret-2.png"),
        validation=("secret-3.png",),
        scores=Judgement("model-1", 0.5, 0.75, {"red | roof": 0.5}),
    )
    (row,) = list_versions(store.root)
    out = tmp_path / "given.safetensors"
    card_path = export_version(row, out)
    with safe_open(out, "np") as file:
        notes = file.metadata()
    assert notes[CARD_KEY] == card_path.read_text("utf-8")
    assert VERSION_KEY not in notes
    assert b"secret" not in out.read_bytes()
    assert "secret" not in notes[CARD_KEY]
    np.testing.assert_array_equal(load_file(out)["w"], [0, 1, 2])
    for said in (
        "# given",
        "2 images of the project roofs",
        "started from the model city.pth",
        "Scores on 1 image that it never learned from",
        "mIoU 0.500, pixel accuracy 0.750",
        "| red \\| roof | 0.500 |",
        "backbone efficientnet\\_lite0, output stride 16",
        "| licence of the weights it started from | Apache-2.0 |",
        "| steps | 70 |",
        "2026-01-01T00:00:00Z",
    ):
        assert said in notes[CARD_KEY], said


def test_a_card_never_claims_scores_that_nobody_measured(store) -> None:
    (row,) = _listed_without_scores(store)
    card = card_of(row, "x")
    assert card.scores == ()
    assert any("how good it is is not known" in limit for limit in card.limits)


def _listed_without_scores(store):
    path = store.models_folder / "m.safetensors"
    path.parent.mkdir(parents=True)
    path.write_bytes(save({"w": np.zeros(1, np.float32)}))
    return list_versions(store.root)


def test_an_export_replaces_nothing_and_never_lands_among_the_projects_models(
    store, tmp_path
) -> None:
    make(store, "model-1")
    (row,) = list_versions(store.root)
    with pytest.raises(ExportError, match="among the models"):
        export_version(row, store.models_folder / "model-9.safetensors")
    with pytest.raises(ExportError, match="expected the name of a"):
        export_version(row, tmp_path / "x.pth")
    (tmp_path / "x.md").write_text("mine")
    with pytest.raises(WriteError, match=r"x\.md: exists already"):
        export_version(row, tmp_path / "x.safetensors")
    assert not (tmp_path / "x.safetensors").exists()
    with pytest.raises(WriteError, match=r"x\.md: exists already"):
        export_version(row, tmp_path / "x.safetensors", replaces=True)
    assert (tmp_path / "x.md").read_text() == "mine"
    for _ in range(2):
        export_version(row, tmp_path / "y.safetensors", replaces=True)
    assert "# y" in (tmp_path / "y.md").read_text()
