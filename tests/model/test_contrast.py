from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from seglabel.core.geometry import Region
from seglabel.core.picture import ArrayPicture
from seglabel.core.samples import Sample
from seglabel.model.architecture import Architecture
from seglabel.model.checkpoint import ModelSpec, channels_of
from seglabel.model.contrast import SpreadPicture, spread, spread_table
from seglabel.model.deeplabv3plus import DeepLabV3Plus
from seglabel.model.devices import choose_device
from seglabel.model.learning.learner import _spread
from seglabel.model.refine.features import ImageNetFeatures, feature_maps
from seglabel.model.segmenter import Segmenter


def dark(height: int = 40, width: int = 60) -> np.ndarray:
    """Something bright, 40 of 255, on a dark ground of 10."""
    picture = np.full((height, width, 3), 10, np.uint8)
    picture[height // 4 : height // 2, width // 4 : width // 2] = 40
    return picture


def test_a_dark_picture_fills_the_whole_range() -> None:
    seen = spread(dark())
    assert (seen.min(), seen.max()) == (0, 255)
    assert seen.shape == (40, 60, 3)
    assert seen.dtype == np.uint8


def test_brightness_and_contrast_of_the_camera_make_no_difference() -> None:
    brighter = (dark().astype(int) * 3 + 60).astype(np.uint8)
    assert np.array_equal(spread(dark()), spread(brighter))


def test_hues_stay_and_a_picture_that_fills_the_range_stays_as_it_is() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (50, 50, 3), np.uint8)
    assert abs(spread(picture).astype(int) - picture).max() <= 3
    blue = dark()
    blue[..., :2] = 0
    assert not spread(blue)[..., :2].any()


def test_the_noise_of_an_empty_picture_stays_noise() -> None:
    noise = np.random.default_rng(0).integers(8, 12, (50, 50, 3), np.uint8)
    assert int(spread(noise).max()) - int(spread(noise).min()) < 70
    assert not spread(np.zeros((8, 8, 3), np.uint8)).any()


def test_parts_of_a_picture_are_spread_as_the_whole_is() -> None:
    source = SpreadPicture(ArrayPicture(dark()))
    region = Region(0, 0, 5, 60)  # holds nothing bright
    assert source.shape == (40, 60)
    assert np.array_equal(source.read(region), spread(dark())[region.slices])


def test_of_a_large_picture_only_pieces_are_looked_at() -> None:
    read: list[int] = []

    class Counting(ArrayPicture):
        def read(self, region: Region) -> np.ndarray:
            read.append(region.height * region.width)
            return super().read(region)

    picture = dark(3000, 3000)
    assert np.array_equal(spread_table(Counting(picture)), spread_table(ArrayPicture(dark())))
    assert sum(read) < picture.shape[0] * picture.shape[1] / 4


def test_a_model_that_learned_from_spread_pictures_sees_them_so_everywhere(categories) -> None:
    torch.manual_seed(0)
    arch = Architecture(
        "mobilenet_v2",
        len(channels_of(categories)),
        aspp_channels=8,
        low_level_channels=8,
        decoder_channels=8,
    )
    plain = ModelSpec(arch, categories, channels_of(categories))
    spec = replace(plain, spreads=True)
    assert ModelSpec.from_json(spec.to_json()) == spec
    net = DeepLabV3Plus(arch).eval()
    device = choose_device("cpu")
    seeing, blunt = (
        Segmenter(net, one, name="net", digest="", device=device) for one in (spec, plain)
    )
    picture = dark(64, 96)
    wanted = blunt.logits(spread(picture))
    assert np.array_equal(seeing.logits(picture), wanted)
    assert not np.array_equal(blunt.logits(picture), wanted)
    proposal = blunt.propose(spread(picture))
    for found in (
        seeing.propose(picture),
        seeing.propose(ArrayPicture(picture)),
        *seeing.propose_batch([picture, picture]),
    ):
        assert np.array_equal(found.confidence_grid, proposal.confidence_grid)
    backbone = ImageNetFeatures()
    model = DeepLabV3Plus(arch).eval()
    prior = feature_maps(picture, backbone, (model, spec)).prior
    assert torch.equal(prior, feature_maps(spread(picture), backbone, (model, plain)).prior)
    taught = _spread(Sample("dark", lambda: (picture, picture[..., 0])))
    assert np.array_equal(taught.load()[0], spread(picture))
