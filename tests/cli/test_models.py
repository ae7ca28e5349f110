"""The catalogue, what a file is, downloads and conversion, from the command line."""

from __future__ import annotations

import hashlib
import json
import os
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from seglabel.core.categories import Category, CategorySet
from seglabel.core.public_weights import PublicFile, PublicWeights
from seglabel.formats import open_project
from seglabel.formats.model_card import CARD_KEY
from seglabel.model.architecture import Architecture
from seglabel.model.checkpoint import ModelSpec, channels_of, encode_checkpoint
from seglabel.model.deeplabv3plus import DeepLabV3Plus


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Fetched models of this test go here."""
    folder = tmp_path / "data"
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: str(folder))
    return folder


@pytest.fixture
def model(model: Path, tmp_path: Path) -> Path:
    """The small model in a folder of this test's own, where a side-car may lie beside it."""
    own = tmp_path / "models" / model.name
    own.parent.mkdir()
    own.write_bytes(model.read_bytes())
    return own


@pytest.fixture
def published(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A catalogue with one entry, which a server on this machine has."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(model.parent)))
    thread = Thread(target=http.serve_forever, daemon=True)
    thread.start()
    weights = PublicWeights(
        "public-tiny",
        (PublicFile(f"http://127.0.0.1:{http.server_port}/{model.name}", model.name),),
        data_set="Drawings",
        categories=3,
        backbone="mobilenet_v2",
        output_stride=16,
        megabytes=model.stat().st_size / 1e6,
        license="CC0-1.0",
        terms="no terms",
    )
    monkeypatch.setattr("seglabel.model.catalogue.CATALOGUE", (weights,))
    for user in ("models", "commands", "segmenters"):
        monkeypatch.setattr(f"seglabel.cli.{user}.CATALOGUE", (weights,))
    yield weights
    http.shutdown()
    http.server_close()
    thread.join()


def test_the_catalogue_is_the_default(seglabel) -> None:
    outcome = seglabel("models")
    assert outcome.code == 0
    assert "deeplabv3_resnet50_coco" in outcome.out
    assert outcome.out == seglabel("models", "list").out


def test_the_catalogue_is_there_for_programs_too(seglabel) -> None:
    lines = [json.loads(line) for line in seglabel("models", "list", "--json").out.splitlines()]
    assert {"name", "data_set", "categories", "miou", "license", "files"} <= set(lines[0])
    assert all(line["fetched"] is line["built_in"] for line in lines)


def test_a_file_is_explained(seglabel, model: Path) -> None:
    outcome = seglabel("models", "info", model)
    assert outcome.code == 0
    assert "mobilenet_v2" in outcome.out
    assert "seglabel" in outcome.out


def test_corrections_are_remembered(seglabel, model: Path) -> None:
    assert seglabel("models", "info", model, "--output-stride", "8").code == 0
    facts = json.loads(seglabel("models", "info", model, "--json").out)["facts"]
    assert facts["output stride"]["value"] == "8"
    assert "corrected" in facts["output stride"]["source"]
    assert seglabel("models", "info", model, "--mean", "0.5,0.5,0.5").code == 0
    facts = json.loads(seglabel("models", "info", model, "--json").out)["facts"]
    assert facts["output stride"]["value"] == "8"


def test_a_correction_that_does_not_fit_is_not_remembered(seglabel, model, tmp_path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("background\n" + "\n".join(f"kind {n}" for n in range(9)))
    assert seglabel("models", "info", model, "--categories", names).code == 2
    assert list(model.parent.glob("*.json")) == []


def test_public_weights_are_fetched_and_used_by_name(seglabel, published, images, own_data) -> None:
    refused = seglabel("predict", images, "--model", "public-tiny", "--device", "cpu")
    assert refused.code == 2
    assert "seglabel models fetch public-tiny" in refused.err
    fetched = seglabel("models", "fetch", "public-tiny")
    assert fetched.code == 0
    assert "no terms" in fetched.err
    assert (own_data / "models" / "public-tiny" / published.files[0].name).is_file()
    assert seglabel("predict", images, "--model", "public-tiny", "--device", "cpu").code == 0
    assert seglabel("models", "fetch", "public-tiny", "--json").out.count("was_there") == 1


def test_an_unknown_name_is_refused(seglabel) -> None:
    assert seglabel("models", "fetch", "no-such-net").code == 2


def test_a_converted_file_is_our_own(seglabel, model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.safetensors"
    assert seglabel("models", "convert", model, out).code == 0
    facts = json.loads(seglabel("models", "info", out, "--json").out)["facts"]
    assert facts["layout"] == {"value": "seglabel", "source": ""}
    assert seglabel("models", "convert", model, out).code == 2  # never over another file
    assert seglabel("models", "convert", model, tmp_path / "out.pth").code == 2


@pytest.fixture
def built_in(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model that comes with the program, which lies elsewhere for this test."""
    monkeypatch.setattr("seglabel.resources._PACKAGE", tmp_path / "program")
    path = tmp_path / "program" / "_resources" / "models" / "dots.safetensors"
    path.parent.mkdir(parents=True)
    path.write_bytes(model.read_bytes())
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    weights = PublicWeights(
        "dots",
        (PublicFile("", path.name, digest),),
        data_set="Drawings",
        categories=3,
        backbone="mobilenet_v2",
        output_stride=16,
        megabytes=0.5,
        license="CC0-1.0",
        terms="CC0",
    )
    monkeypatch.setattr("seglabel.model.catalogue.BUILT_IN", (weights,))
    monkeypatch.setattr("seglabel.model.catalogue.CATALOGUE", (weights,))
    for user in ("models", "commands", "segmenters"):
        monkeypatch.setattr(f"seglabel.cli.{user}.CATALOGUE", (weights,))
    monkeypatch.setattr("seglabel.cli.segmenters.BUILT_IN", (weights,))
    return path


def test_a_built_in_model_goes_by_its_name_everywhere(
    seglabel, labelled, built_in, tmp_path, monkeypatch
) -> None:
    (tmp_path / "dots").mkdir()
    monkeypatch.chdir(tmp_path)  # a folder of the same name is not meant
    folder = labelled.folder
    assert json.loads(seglabel("models", "list", "--json").out)["built_in"] is True
    assert "comes with seglabel" in seglabel("models").out
    assert "mobilenet_v2" in seglabel("models", "info", "dots").out
    assert seglabel("models", "fetch", "dots").code == 0  # it is here
    assert seglabel("predict", folder, "--model", "dots", "--device", "cpu").code == 0
    settings = json.loads((folder / ".seglabel" / "project.json").read_text())["settings"]
    assert settings["model"] == "dots"  # by name: another installation has it elsewhere
    again = seglabel("predict", folder, "--device", "cpu", "--json")
    assert again.lines[-1]["skipped"] == 2
    assert seglabel("evaluate", folder, "--model", "dots", "--device", "cpu").code == 0
    out = tmp_path / "on.safetensors"
    line = ("train", folder, "--init", "dots", "--steps", "1", "--device", "cpu", "--val", "0")
    assert seglabel(*line, "--out", out).code == 0
    assert out.is_file()


def test_a_built_in_model_that_is_damaged_is_refused(seglabel, images, built_in) -> None:
    data = bytearray(built_in.read_bytes())
    data[-1] ^= 1
    built_in.write_bytes(data)
    outcome = seglabel("predict", images, "--model", "dots", "--device", "cpu")
    assert outcome.code == 2
    assert "reinstall" in outcome.err
    assert "reinstall" in seglabel("models", "fetch", "dots").err


def test_without_a_wish_the_newest_model_of_the_project_proposes(
    seglabel, images, model, built_in
) -> None:
    refused = seglabel("predict", images, "--device", "cpu")
    assert refused.code == 2
    assert "built in: dots" in refused.err
    folder = images / ".seglabel" / "models"
    folder.mkdir(parents=True)
    for age, name in ((1, "model-9"), (2, "model-10")):  # whatever the clock said
        path = folder / f"{name}.safetensors"
        path.write_bytes(model.read_bytes())
        os.utime(path, ns=(1_000 - age, 1_000 - age))
    outcome = seglabel("predict", images, "--device", "cpu")
    assert outcome.code == 0
    assert "model-10 on" in outcome.err


def test_a_model_in_half_precision_is_half_as_large_and_keeps_its_card(seglabel, tmp_path) -> None:
    arch = Architecture("mobilenet_v2", 3, aspp_channels=8, low_level_channels=8)
    two = CategorySet((Category(1, "red", (255, 0, 0)), Category(2, "blue", (0, 0, 255))))
    spec = ModelSpec(arch, two, channels_of(two))
    state = DeepLabV3Plus(arch).state_dict()
    card = "---\nlicense: cc0-1.0\n---\n# A card"
    whole, half = tmp_path / "whole.safetensors", tmp_path / "half.safetensors"
    whole.write_bytes(encode_checkpoint(state, spec, notes={CARD_KEY: card}))
    assert seglabel("models", "convert", whole, half, "--half").code == 0
    assert half.stat().st_size < 0.55 * whole.stat().st_size
    out = seglabel("models", "info", half).out
    assert "# A card" in out
    assert "license: cc0" not in out  # what hubs read is nothing for people


def test_a_mapping_is_applied_told_and_remembered(seglabel, labelled, model: Path) -> None:
    folder = labelled.folder
    line = ("predict", folder, "--model", model, "--device", "cpu")
    first = seglabel(*line, "--map", "red=void,blue=void")
    assert first.code == 0, first.err
    assert "red → void, blue → void" in first.err
    seen = np.unique(open_project(folder).labels("sub/two.png"))
    assert set(seen) <= {0, 255}
    settings = json.loads((folder / ".seglabel" / "project.json").read_text())["settings"]
    assert settings["mapping"] == {"red": "void", "blue": "void"}
    assert "red → void" in seglabel(*line).err  # also when it is not said again


def test_a_mapping_to_nowhere_is_refused(seglabel, labelled, model: Path) -> None:
    outcome = seglabel("predict", labelled.folder, "--model", model, "--map", "a=nowhere")
    assert outcome.code == 2
    assert "nowhere" in outcome.err


# the models of a project


def test_the_models_of_a_project_are_listed_used_by_name_and_given_away(
    seglabel, labelled, model, tmp_path
) -> None:
    folder = labelled.folder
    for init in (model, labelled.models_folder / "model-1.safetensors"):
        outcome = seglabel("train", folder, "--init", init, "--steps", 1, "--val", 0)
        assert outcome.code == 0, outcome.err
    listed = seglabel("models", "list", "--project", folder, "--json").lines
    assert [(row["name"], row["parent"], row["is_used"]) for row in listed] == [
        ("model-1", "tiny.safetensors", False),
        ("model-2", "model-1", True),
    ]
    assert listed[1]["training"] == ["one.png"]
    settings = listed[1]["settings"]
    assert [settings[key] for key in ("steps", "seed", "validation_share")] == [1, 0, 0.0]
    table = seglabel("models", "list", "--project", folder).out.splitlines()
    assert table[0].split()[:3] == ["name", "date", "images"]
    assert table[2].startswith("*    model-2")  # below the one it started from
    out = tmp_path / "given" / "red-blue.safetensors"
    outcome = seglabel("models", "export", "model-1", out, "--project", folder)
    assert outcome.code == 0, outcome.err
    assert "# red-blue" in out.with_suffix(".md").read_text("utf-8")
    for name in ("model-1", out):
        assert seglabel("evaluate", folder, "--model", name).code == 0
    refused = seglabel("models", "export", "model-7", out, "--project", folder)
    assert refused.code == 2
    assert "there are: model-1, model-2" in refused.err


def test_a_folder_without_a_project_has_no_models(seglabel, tmp_path) -> None:
    outcome = seglabel("models", "list", "--project", tmp_path)
    assert outcome.code == 2
    assert "holds no project" in outcome.err
