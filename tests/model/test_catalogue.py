from __future__ import annotations

import subprocess
import sys

import pytest

from seglabel.core.errors import SegLabelError
from seglabel.model.catalogue import CATALOGUE, find_public


def test_every_name_in_the_catalogue_is_its_own() -> None:
    names = [weights.name for weights in CATALOGUE]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("weights", CATALOGUE, ids=lambda weights: weights.name)
def test_an_entry_says_what_a_person_must_know(weights) -> None:
    assert weights.files[0].url.startswith("https://")
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
