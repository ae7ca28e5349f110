from __future__ import annotations

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save

from seglabel.core.errors import ExportError
from seglabel.core.model_version import Judgement
from seglabel.formats.atomic import WriteError
from seglabel.formats.model_card import CARD_KEY
from seglabel.formats.model_file import VERSION_KEY
from seglabel.jobs.giving_away import card_of, export_version
from seglabel.jobs.versions import list_versions


def test_an_exported_model_has_its_weights_and_its_card_and_no_name_of_an_image(
    store, make, tmp_path
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
    store, make, tmp_path
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
