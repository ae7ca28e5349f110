from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import tifffile
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seglabel.core.cancel import Cancel
from seglabel.core.errors import Cancelled, SegLabelError
from seglabel.core.geometry import Region
from seglabel.core.picture import ArrayPicture
from seglabel.formats.images import open_picture
from seglabel.model import Augmentation, Segmenter
from seglabel.model.devices import choose_device

SIZES = [(1, 1), (1, 40), (17, 33), (64, 64), (127, 61)]


def same_labels(first, second) -> float:
    """The share of pixels with the same label."""
    return float((first.labels == second.labels).mean())


# pictures of any size


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("choices", [{}, {"low_level_channels": 0}, {"same_padding": True}])
@pytest.mark.parametrize("pads", [True, False])
def test_a_picture_of_any_size_gets_labels_and_confidence_of_that_size(
    checkpoint, picture, tiny, size, choices, pads
) -> None:
    path, _ = checkpoint(arch=tiny(**choices), pads=pads)
    segmenter = Segmenter.load(path, "cpu")
    proposal = segmenter.propose(picture(*size))
    assert proposal.labels.shape == proposal.confidence.shape == size
    assert proposal.labels.dtype == np.uint8
    assert set(np.unique(proposal.labels)) <= {0, 2, 7, 31}  # ids, not channel numbers
    assert proposal.confidence.dtype == np.float16
    assert proposal.confidence.min() >= 1 / 4 - 1e-3  # the winner of four has at least a quarter
    assert proposal.confidence.max() <= 1
    scores = segmenter.logits(picture(*size))
    assert scores.shape == (4, *size)
    assert scores.dtype == np.float32


def test_a_proposal_says_which_model_made_it(checkpoint, picture) -> None:
    path, _ = checkpoint("field.safetensors")
    segmenter = Segmenter.load(path, "cpu")
    proposal = segmenter.propose(picture(20, 20))
    assert (proposal.model, proposal.model_digest) == ("field", segmenter.digest)
    assert "CPU" in proposal.note


def test_what_else_decides_a_proposal_is_part_of_the_digest(checkpoint) -> None:
    path, _ = checkpoint()
    choices = [
        {},
        {"tile": 128},
        {"tile": 256},
        {"augmentation": Augmentation(flip=True)},
        {"augmentation": Augmentation((0.5, 1.0))},
        {"augmentation": Augmentation((0.5, 1.0), flip=True)},
        {"precision": "bf16", "engine": "torch"},
    ]
    digests = [Segmenter.load(path, "cpu", **choice).digest for choice in choices]
    assert len(set(digests)) == len(choices)
    plain = Segmenter.load(path, "cpu", augmentation=Augmentation())
    assert plain.digest == digests[0]  # the usual stays what it was: earlier runs are resumed


def test_labels_are_the_winners_of_the_scores(checkpoint, picture) -> None:
    path, _ = checkpoint()
    segmenter = Segmenter.load(path, "cpu")
    image = picture(50, 90)
    expected = np.array(segmenter.spec.channels)[segmenter.logits(image).argmax(0)]
    assert (segmenter.propose(image).labels == expected).mean() >= 0.9999


def test_the_same_picture_always_gets_the_same_proposal(checkpoint, picture) -> None:
    path, _ = checkpoint()
    first = Segmenter.load(path, "cpu").propose(picture(40, 70))
    again = Segmenter.load(path, "cpu").propose(picture(40, 70))
    assert np.array_equal(first.labels, again.labels)
    assert np.array_equal(first.confidence, again.confidence)


def test_a_picture_that_is_a_view_into_another_is_read_as_it_looks(checkpoint, picture) -> None:
    path, _ = checkpoint()
    segmenter = Segmenter.load(path, "cpu")
    view = picture(64, 64)[::-1, 10:42, ::-1]
    copy = np.ascontiguousarray(view)
    assert np.array_equal(segmenter.propose(view).labels, segmenter.propose(copy).labels)


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_what_is_no_rgb_picture_is_refused(colour_segmenter, bad) -> None:
    segmenter, _ = colour_segmenter()
    for refuses in (segmenter.propose, segmenter.logits):
        with pytest.raises(SegLabelError, match="uint8 RGB"):
            refuses(bad)


def test_weights_that_compute_nonsense_are_reported_not_turned_into_background(
    checkpoint, picture
) -> None:
    # A damaged or overflowing network gives NaN, of which argmax makes channel 0 without a word.
    path, net = checkpoint()
    net.classifier.bias.data[1] = float("nan")
    spec = Segmenter.load(path, "cpu").spec
    segmenter = Segmenter(net, spec, name="broken", digest="", device=choose_device("cpu"))
    for computes in (segmenter.propose, segmenter.logits):
        with pytest.raises(SegLabelError, match=r"broken.*not finite"):
            computes(picture(20, 20))


# sources


class Recorded(ArrayPicture):
    """A picture that remembers what was read of it."""

    def __init__(self, pixels: np.ndarray) -> None:
        super().__init__(pixels)
        self.regions: list[Region] = []

    def read(self, region: Region) -> np.ndarray:
        self.regions.append(region)
        return super().read(region)


@pytest.mark.parametrize("size", [(40, 70), (128, 128), (300, 290)])
def test_a_source_is_proposed_for_as_the_same_picture_in_memory(checkpoint, picture, size) -> None:
    path, _ = checkpoint()
    segmenter = Segmenter.load(path, "cpu", tile=128)
    image = picture(*size)
    expected = segmenter.propose(image)
    found = segmenter.propose(Recorded(image))
    assert np.array_equal(found.labels, expected.labels)
    assert np.array_equal(found.confidence_grid, expected.confidence_grid)


def test_of_a_source_only_one_tile_at_a_time_is_read(colour_segmenter, picture) -> None:
    source = Recorded(picture(300, 500))
    colour_segmenter(128)[0].propose(source)
    assert max(region.area for region in source.regions) <= 128 * 128
    seen = np.zeros(source.shape, bool)
    for region in source.regions:
        seen[region.slices] = True
    assert seen.all()


def test_memory_for_a_large_tiff_is_bounded_by_its_labels_and_a_row_of_tiles(
    colour_segmenter, tmp_path
) -> None:
    side, tile = 6000, np.full((512, 512, 3), 90, np.uint8)
    rest = [None] * ((-(-side // 512)) ** 2 - 1)  # holes: they take no time to write
    layout = {"tile": (512, 512), "compression": "zlib", "photometric": "rgb"}
    shape = (side, side, 3)
    path = tmp_path / "large.tif"
    tifffile.imwrite(path, iter([tile, *rest]), shape=shape, dtype=np.uint8, **layout)
    segmenter, _ = colour_segmenter()
    with open_picture(path, cache_bytes=16 << 20) as picture:
        tracemalloc.start()
        try:
            proposal = segmenter.propose(picture)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert proposal.labels.shape == (side, side)
    assert (proposal.labels[:400, :400] == segmenter.propose(tile).labels[:400, :400]).all()
    assert peak <= proposal.labels.nbytes + (64 << 20)  # the picture alone has 108 MB


# tiles


@settings(max_examples=25)
@given(
    height=st.integers(1, 420),
    width=st.integers(1, 420),
    tile=st.sampled_from((128, 144, 208)),
    stride=st.sampled_from((4, 16)),
)
def test_tiles_leave_no_seams(colour_segmenter, picture, height, width, tile, stride) -> None:
    # This network sees single cells of its grid, so tiles must not change a single label.
    image = picture(height, width)
    whole = colour_segmenter(stride=stride)[0].propose(image)
    tiled = colour_segmenter(tile, stride=stride)[0].propose(image)
    assert tiled.labels.shape == (height, width)
    assert tiled.confidence.shape == (height, width)
    # Up to rounding: two categories may lie equal to the last digit.
    assert same_labels(tiled, whole) >= 0.9999
    difference = tiled.confidence.astype(np.float32) - whole.confidence.astype(np.float32)
    assert np.abs(difference).max() <= 2e-3


def test_tiles_are_used_where_asked_for_and_only_beyond_their_size(
    colour_segmenter, picture
) -> None:
    segmenter, net = colour_segmenter(128)
    segmenter.propose(picture(128, 128))
    assert net.pictures == 1
    segmenter.propose(picture(128, 160))
    assert net.pictures == 1 + 2


def test_a_huge_picture_is_seen_in_tiles_without_being_asked(colour_segmenter) -> None:
    segmenter, net = colour_segmenter()
    image = np.zeros((2050, 2060, 3), np.uint8)
    assert segmenter.propose(image).labels.shape == (2050, 2060)
    assert net.pictures > 1


def test_a_constant_picture_gets_one_label_in_tiles_too(colour_segmenter) -> None:
    segmenter, _ = colour_segmenter(128)
    image = np.full((300, 290, 3), (200, 30, 90), np.uint8)
    assert len(np.unique(segmenter.propose(image).labels)) == 1


def test_a_real_network_in_tiles_agrees_with_itself_inside_one_tile(checkpoint, picture) -> None:
    # The first tile sees exactly this corner; away from the overlap nothing else has a say.
    path, _ = checkpoint()
    image = picture(400, 400)
    tiled = Segmenter.load(path, "cpu", tile=256).propose(image)
    corner = Segmenter.load(path, "cpu").propose(np.ascontiguousarray(image[:256, :256]))
    inner = slice(0, 256 - 128)
    assert (tiled.labels[inner, inner] == corner.labels[inner, inner]).mean() >= 0.999


@pytest.mark.parametrize("tile", [0, 100, 112, 130, -128])
def test_a_tile_size_that_cannot_be_is_refused(colour_segmenter, tile) -> None:
    with pytest.raises(SegLabelError, match="tile"):
        colour_segmenter(tile)


# descriptors


@pytest.mark.parametrize("choices", [{}, {"low_level_channels": 0}])
def test_a_descriptor_is_the_mean_of_what_the_aspp_sees(checkpoint, picture, tiny, choices) -> None:
    path, net = checkpoint(arch=tiny(**choices))
    image = picture(64, 96)
    found = Segmenter.load(path, "cpu").propose(image).descriptor
    spec = Segmenter.load(path, "cpu").spec
    pixels = torch.from_numpy(((image / 255 - spec.mean) / spec.std).transpose(2, 0, 1)[None])
    with torch.inference_mode():
        seen = net.aspp(net.backbone(pixels.float())[1]).mean((2, 3))[0].numpy()
    assert found.dtype == np.float16 and found.shape == seen.shape
    assert np.allclose(found, seen / np.linalg.norm(seen), atol=2e-3)


@pytest.mark.parametrize("augmentation", [None, Augmentation((0.5, 1.0), flip=True)])
def test_views_and_tiles_hardly_change_a_descriptor(
    colour_segmenter, picture, augmentation
) -> None:
    image = picture(256, 256)
    plain = colour_segmenter()[0].propose(image).descriptor
    tiled = colour_segmenter(128, augmentation)[0].propose(image).descriptor
    assert np.allclose(plain, tiled, atol=0.05)


# cancelling


def test_a_cancelled_request_is_not_begun(colour_segmenter, picture) -> None:
    segmenter, net = colour_segmenter()
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        segmenter.propose(picture(20, 20), cancel)
    assert net.pictures == 0


def test_cancelling_stops_before_the_next_tile(colour_segmenter, picture) -> None:
    segmenter, net = colour_segmenter(128)
    cancel = Cancel()
    net.register_forward_hook(lambda *_: cancel.set())
    with pytest.raises(Cancelled):
        segmenter.propose(picture(400, 400), cancel)
    assert net.pictures == 1


def test_cancelling_stops_before_the_next_scale(colour_segmenter, picture) -> None:
    segmenter, net = colour_segmenter(None, Augmentation((0.5, 1.0, 2.0), flip=True))
    cancel = Cancel()
    net.register_forward_hook(lambda *_: cancel.set())
    with pytest.raises(Cancelled):
        segmenter.propose(picture(40, 40), cancel)
    assert net.pictures == 1


# augmentation


def test_flipping_makes_a_mirrored_picture_give_mirrored_labels(checkpoint, picture) -> None:
    path, _ = checkpoint()
    segmenter = Segmenter.load(path, "cpu", augmentation=Augmentation(flip=True))
    image = picture(48, 96)
    mirrored = segmenter.propose(np.ascontiguousarray(image[:, ::-1]))
    straight = segmenter.propose(image)
    assert (mirrored.labels[:, ::-1] == straight.labels).mean() >= 0.999
    plain = Segmenter.load(path, "cpu")  # without it the network does prefer a side
    assert same_labels(plain.propose(image), straight) < 1


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("pads", [True, False])
def test_scales_and_flips_suit_pictures_of_any_size(checkpoint, picture, size, pads) -> None:
    path, _ = checkpoint(pads=pads)
    augmentation = Augmentation((0.25, 1.0, 1.5), flip=True)
    segmenter = Segmenter.load(path, "cpu", augmentation=augmentation)
    proposal = segmenter.propose(picture(*size))
    assert proposal.labels.shape == proposal.confidence.shape == size


@pytest.mark.parametrize("size", [(64, 96), (61, 91)])
@pytest.mark.parametrize("augmentation", [Augmentation(flip=True), Augmentation((0.5, 1.0, 2.0))])
def test_views_of_the_picture_fall_on_each_other(colour_segmenter, size, augmentation) -> None:
    # Two halves of one colour each: averaging views that do not lie over each other would move
    # or fray the border between them.
    image = np.zeros((*size, 3), np.uint8)
    image[:, : size[1] // 2] = (250, 10, 60)
    image[:, size[1] // 2 :] = (20, 240, 90)
    plain = colour_segmenter()[0].propose(image)
    averaged = colour_segmenter(None, augmentation)[0].propose(image)
    assert len(np.unique(plain.labels)) == 2
    left, right = size[1] // 2 - 4, size[1] // 2 + 4
    for proposal in (plain, averaged):
        assert len(np.unique(proposal.labels[:, :left])) == 1
        assert len(np.unique(proposal.labels[:, right:])) == 1
    assert same_labels(plain, averaged) >= 0.95


def test_averaging_a_picture_with_itself_changes_nothing(colour_segmenter, picture) -> None:
    image = picture(64, 64)
    plain = colour_segmenter()[0].propose(image)
    twice = colour_segmenter(None, Augmentation((1.0, 1.0)))[0].propose(image)
    assert same_labels(plain, twice) >= 0.999
    assert np.allclose(plain.confidence, twice.confidence, atol=2e-3)


def test_no_picture_is_looked_at_twice_for_an_average(colour_segmenter, picture) -> None:
    segmenter, net = colour_segmenter(None, Augmentation((1.0,), flip=True))
    segmenter.propose(picture(40, 40))
    assert net.pictures == 2


def test_a_segmenter_never_keeps_gradients(checkpoint, picture) -> None:
    path, _ = checkpoint()
    segmenter = Segmenter.load(path, "cpu")
    with torch.enable_grad():
        assert isinstance(segmenter.logits(picture(20, 20)), np.ndarray)
