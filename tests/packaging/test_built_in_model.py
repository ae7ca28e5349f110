from __future__ import annotations

import hashlib

import numpy as np
import pytest
import safetensors.torch
import torch

from seglabel.core.categories import BACKGROUND, Category, CategorySet
from seglabel.formats.model_card import CardScores, ModelCard, read_card
from seglabel.model import Segmenter
from seglabel.model.architecture import Architecture
from seglabel.model.checkpoint import ModelSpec, channels_of, encode_checkpoint
from seglabel.model.deeplabv3plus import DeepLabV3Plus

DOT = CategorySet((Category(1, "dot", (255, 0, 0), is_thing=True),))
TRAINED = CategorySet((*DOT, Category(2, "rim", (0, 0, 255))))


@pytest.fixture
def checkpoint(tmp_path):
    """A small model that tells three things apart."""
    torch.manual_seed(0)
    arch = Architecture(
        "mobilenet_v2", 3, aspp_channels=8, low_level_channels=8, decoder_channels=8
    )
    path = tmp_path / "trained.safetensors"
    spec = ModelSpec(arch, TRAINED, channels_of(TRAINED))
    path.write_bytes(encode_checkpoint(DeepLabV3Plus(arch).state_dict(), spec))
    return path


def test_a_built_in_model_is_small_carries_its_card_and_says_the_same(
    script, checkpoint, tmp_path
) -> None:
    card = ModelCard(
        "dots", "Dots.", "a net", ("dot",), scores=(CardScores("ten images", 0.875),), license="CC0"
    )
    row = script("built_in_model").write_built_in(
        checkpoint,
        card,
        data_set="Drawings",
        terms="CC0",
        categories=DOT,
        channels=(BACKGROUND, 1, BACKGROUND),
        folder=tmp_path / "models",
    )
    path = tmp_path / "models" / "dots.safetensors"
    assert path.stat().st_size < 0.6 * checkpoint.stat().st_size
    assert row.files[0].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (row.name, row.categories, row.miou, row.is_built_in) == ("dots", 2, 87.5, True)
    assert "0.875" in read_card(path)
    assert path.with_suffix(".md").read_text().endswith(read_card(path))
    weights = safetensors.torch.load_file(path)
    assert {t.dtype for t in weights.values() if t.ndim > 1} == {torch.float16}
    picture = np.random.default_rng(0).integers(0, 256, (40, 56, 3), np.uint8)
    before, after = Segmenter.load(checkpoint, "cpu"), Segmenter.load(path, "cpu")
    assert after.categories == DOT
    assert abs(before.logits(picture) - after.logits(picture)).max() < 0.02
    assert set(after.propose(picture).labels.ravel()) <= {0, 1}
