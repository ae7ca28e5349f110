from __future__ import annotations

import subprocess
import sys

import pytest

from seglabel.core.errors import SegLabelError
from seglabel.formats.model_card import read_card
from seglabel.model.catalogue import BUILT_IN, CATALOGUE, find_public
from seglabel.model.identify import identify
from seglabel.resources import resource


def test_every_name_in_the_catalogue_is_its_own() -> None:
    names = [weights.name for weights in CATALOGUE]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("weights", CATALOGUE, ids=lambda weights: weights.name)
def test_an_entry_says_what_a_person_must_know(weights) -> None:
    assert weights.is_built_in or weights.files[0].url.startswith("https://")
    assert weights.data_set
    assert weights.categories > 1
    assert weights.license
    assert weights.terms
    assert weights.megabytes > 0
    assert weights.miou is None or 0 < weights.miou < 100


def test_the_catalogue_covers_the_zoo_that_people_use() -> None:
    data_sets = {weights.data_set for weights in CATALOGUE}
    for name in ("Cityscapes", "ADE20K", "Context", "LoveDA", "Potsdam", "Vaihingen", "iSAID"):
        assert any(name in data_set for data_set in data_sets), name
    assert sum("download.pytorch.org" in w.files[0].url for w in CATALOGUE) == 3
    assert sum("huggingface.co" in w.files[0].url for w in CATALOGUE) == 1


def test_addresses_are_built_as_their_authors_publish_them() -> None:
    weights = find_public("deeplabv3plus_r50-d8_512x1024_40k_cityscapes")
    assert weights.files[0].url == (
        "https://download.openmmlab.com/mmsegmentation/v0.5/deeplabv3plus/"
        "deeplabv3plus_r50-d8_512x1024_40k_cityscapes/"
        "deeplabv3plus_r50-d8_512x1024_40k_cityscapes_20200605_094610-d222ffcd.pth"
    )
    assert weights.files[0].sha256 == "d222ffcd"
    assert find_public("deeplabv3_mobilenet_v3_large_coco").files[0].url == (
        "https://download.pytorch.org/models/deeplabv3_mobilenet_v3_large-fc3c493d.pth"
    )


def test_a_wrong_name_is_answered_with_near_ones() -> None:
    with pytest.raises(SegLabelError, match=r"r101.*deeplabv3_resnet101|near it"):
        find_public("r101")


def test_a_list_of_models_costs_no_torch() -> None:
    code = "import sys; import seglabel.model.catalogue; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("weights", BUILT_IN, ids=lambda weights: weights.name)
def test_a_built_in_model_is_what_the_catalogue_says(weights) -> None:
    path = resource("models", weights.files[0].name)
    model = identify(path)  # checks its digest
    assert model.digest == weights.files[0].sha256
    spec = model.spec
    assert len(set(spec.channels)) == weights.categories
    assert spec.architecture.backbone == weights.backbone
    assert spec.architecture.output_stride == weights.output_stride
    assert spec.license == weights.license
    assert path.stat().st_size < 9e6
    assert f"{weights.megabytes:.1f}" == f"{path.stat().st_size / 1e6:.1f}"
    assert path.with_suffix(".md").read_text("utf-8").endswith(read_card(path))


def test_no_model_lies_with_the_program_without_being_offered() -> None:
    known = {weights.files[0].name for weights in BUILT_IN}
    folder = resource("models")
    assert {path.name for path in folder.glob("*.safetensors")} == known
