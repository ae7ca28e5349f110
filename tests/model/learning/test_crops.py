from __future__ import annotations

import threading

import cv2
import numpy as np
import pytest
import torch

from seglabel.core.categories import VOID
from seglabel.core.errors import ImageError
from seglabel.core.samples import Sample
from seglabel.model.learning import crops as crop_rules
from seglabel.model.learning.crops import CropRules, Pool
from seglabel.model.learning.feeder import Feeder, NumberedCrops

HEIGHT, WIDTH, STRIPE = 90, 120, 20
EVERYTHING = np.arange(256, dtype=np.uint8)  # ids are channels; 255 stays VOID


def sample(picture: np.ndarray, labels: np.ndarray) -> Sample:
    return Sample("picture", lambda: (picture, labels))


def striped() -> Sample:
    """Red tells x, green tells y, and the label tells in which stripe x lies."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    picture = np.stack([2 * x, 2 * y, np.full_like(x, 90)], axis=2).astype(np.uint8)
    return sample(picture, (x // STRIPE).astype(np.uint8))


def crops(pool: Pool, rules: CropRules, count: int = 60, seed: int = 0):
    generator = np.random.default_rng(seed)
    return [pool.crop(rules, generator) for _ in range(count)]


PLAIN = CropRules(48, jitter=0.0)


@pytest.fixture(scope="module")
def stripes() -> Pool:
    return Pool([striped()], EVERYTHING, WIDTH // STRIPE)


@pytest.mark.parametrize("size", [16, 48, 200])
def test_crops_have_the_size_asked_for(stripes, size) -> None:
    for picture, labels in crops(stripes, CropRules(size), 20):
        assert picture.shape == (size, size, 3)
        assert picture.dtype == np.float32
        assert picture.min() >= 0
        assert picture.max() <= 1
        assert labels.shape == (size, size)
        assert set(np.unique(labels)) <= {*range(WIDTH // STRIPE), VOID}


def test_labels_stay_on_the_pixels_they_belong_to(stripes) -> None:
    # Through scaling, placing and mirroring: the colour of a pixel says where it came from.
    checked = 0
    for picture, labels in crops(stripes, PLAIN):
        x, y = picture[..., 0] * 255 / 2, picture[..., 1] * 255 / 2
        # At its border the picture is mixed with the grey beyond.
        known = np.pad(labels[1:-1, 1:-1] != VOID, 1).astype(np.uint8)
        inside = cv2.erode(known, np.ones((9, 9))) > 0
        inside &= (x > 8) & (x < WIDTH - 8) & (y > 8) & (y < HEIGHT - 8)
        inside &= np.abs((x + STRIPE / 2) % STRIPE - STRIPE / 2) > 2  # not at a stripe's border
        assert np.array_equal(labels[inside], (x[inside] // STRIPE).astype(np.uint8))
        checked += int(inside.sum())
    assert checked > 10_000


def test_what_lies_beyond_the_picture_teaches_nothing(stripes) -> None:
    for picture, labels in crops(stripes, CropRules(300, jitter=0.0), 10):
        outside = (picture * 255).round() == (127, 127, 127)
        assert (labels[outside.all(axis=2)] == VOID).all()
        assert (labels == VOID).any()


def red_slopes(found) -> np.ndarray:
    """How fast red changes across each crop: the sign tells the mirror, the size the scale."""
    return np.array([np.median(np.diff(picture[24, :, 0] * 255)) for picture, _ in found])


def test_crops_come_in_all_scales_of_the_range_and_in_no_other(stripes) -> None:
    rules = CropRules(48, scales=(0.5, 2.0), jitter=0.0)
    scales = 2 / np.abs(red_slopes(crops(stripes, rules, 150)))
    scales = scales[np.isfinite(scales)]
    assert 0.45 < scales.min() < 0.65  # rounded colours make the estimate a little rough
    assert 1.6 < scales.max() < 2.2


def test_half_of_the_crops_are_mirrored(stripes) -> None:
    slopes = red_slopes(crops(stripes, PLAIN, 150))
    assert 0.35 < (slopes < 0).mean() < 0.65


def test_the_same_seed_gives_the_same_crops(stripes) -> None:
    first, again = (
        crops(stripes, CropRules(32), 5, seed=3),
        crops(stripes, CropRules(32), 5, seed=3),
    )
    other = crops(stripes, CropRules(32), 5, seed=4)
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a[0], b[0]) for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize("scale", [0.1, 0.3, 0.5, 0.74])
@pytest.mark.parametrize("size", [16, 300])
def test_a_reduced_crop_looks_as_if_the_whole_picture_had_been_blurred(scale, size) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (200, 260, 3), np.uint8)
    whole = np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.35 / scale))
    generator = np.random.default_rng(2)
    for _ in range(6):
        rules = CropRules(size, scales=(scale, scale))
        matrix, _ = crop_rules._place(picture.shape[:2], None, rules, generator)
        wanted = cv2.warpAffine(
            whole, matrix, (size, size), flags=cv2.INTER_LINEAR, borderValue=(127, 127, 127)
        )
        found = crop_rules._resampled(picture, matrix, scale, (size, size))
        assert np.abs(found.astype(int) - wanted).max() <= 8  # 1/32 of a pixel apart at most


def test_a_small_crop_of_a_huge_picture_costs_no_look_at_all_of_it(monkeypatch) -> None:
    seen: list[int] = []
    blur = cv2.GaussianBlur
    monkeypatch.setattr(
        crop_rules.cv2, "GaussianBlur", lambda p, *a: (seen.append(p.size), blur(p, *a))[1]
    )
    huge = np.zeros((3000, 4000, 3), np.uint8)
    matrix, _ = crop_rules._place(
        huge.shape[:2], None, CropRules(64, scales=(0.5, 0.5)), np.random.default_rng(0)
    )
    crop_rules._resampled(huge, matrix, 0.5, (64, 64))
    assert seen[0] < 3 * 160 * 160


def test_a_rare_category_is_met_far_more_often_than_by_chance() -> None:
    labels = np.zeros((400, 400), np.uint8)
    labels[350:358, 40:48] = 1
    rare = sample(np.zeros((400, 400, 3), np.uint8), labels)
    common = sample(np.zeros((400, 400, 3), np.uint8), np.zeros((400, 400), np.uint8))
    pool = Pool([common, common, rare], EVERYTHING, 2)
    rules = CropRules(32, scales=(1.0, 1.0001))

    def share(balanced: float) -> float:
        chosen = CropRules(rules.size, rules.scales, balanced)
        return float(np.mean([(labels == 1).any() for _, labels in crops(pool, chosen, 150)]))

    assert share(0.0) < 0.1
    assert share(1.0) > 0.6


def test_where_little_is_painted_every_crop_has_some_of_it() -> None:
    labels = np.full((600, 600), VOID, np.uint8)
    labels[500:512, 60:90], labels[20:30, 400:430] = 0, 1
    pool = Pool([sample(np.zeros((600, 600, 3), np.uint8), labels)], EVERYTHING, 2)
    rules = CropRules(48, scales=(1.0, 1.0001), balanced=0.0)
    assert all((found != VOID).any() for _, found in crops(pool, rules, 100))


def test_a_category_of_a_single_pixel_in_a_huge_picture_stops_nothing() -> None:
    # Places are looked up in a reduced map, which may have lost it.
    labels = np.zeros((1500, 40), np.uint8)
    labels[1001, 21] = 1
    pool = Pool([sample(np.zeros((1500, 40, 3), np.uint8), labels)], EVERYTHING, 2)
    assert len(crops(pool, CropRules(16, balanced=1.0), 20)) == 20


def test_frequencies_count_only_what_is_learned() -> None:
    labels = np.array([[0, 0, 0, 1], [9, 9, VOID, VOID]], np.uint8)
    table = np.full(256, VOID, np.uint8)
    table[[0, 1]] = (0, 1)
    pool = Pool([sample(np.zeros((2, 4, 3), np.uint8), labels)], table, 3)
    assert pool.pixels.tolist() == [3, 1, 0]
    assert pool.frequencies.tolist() == [0.75, 0.25, 0]


def test_pictures_of_one_pixel_can_be_learned_from() -> None:
    pool = Pool([sample(np.zeros((1, 1, 3), np.uint8), np.ones((1, 1), np.uint8))], EVERYTHING, 2)
    assert len(crops(pool, CropRules(16), 10)) == 10


def test_batches_follow_from_the_seed_alone(stripes) -> None:
    def batches(seed: int) -> list[torch.Tensor]:
        with Feeder(NumberedCrops(stripes, CropRules(16), (seed,)), 2) as feeder:
            return [feeder.next()[0] for _ in range(3)]

    assert all(torch.equal(a, b) for a, b in zip(batches(1), batches(1), strict=True))
    assert not torch.equal(batches(1)[0], batches(2)[0])


def test_batches_come_in_order_however_many_threads_make_them(stripes) -> None:
    numbered = NumberedCrops(stripes, CropRules(16), (1,))

    def batches(count: int, **choices: int) -> list[torch.Tensor]:
        with Feeder(numbered, 2, **choices) as feeder:
            return [feeder.next()[0] for _ in range(count)]

    alone = batches(6)
    assert all(torch.equal(a, b) for a, b in zip(alone, batches(6, threads=4), strict=True))
    later = batches(3, first=3)
    assert all(torch.equal(a, b) for a, b in zip(alone[3:], later, strict=True))


def test_two_processes_get_the_halves_of_a_batch_twice_as_large(stripes) -> None:
    numbered = NumberedCrops(stripes, CropRules(16), (1,))
    with (
        Feeder(numbered, 4) as alone,
        Feeder(numbered, 2, rank=0, ranks=2) as first,
        Feeder(numbered, 2, rank=1, ranks=2) as second,
    ):
        for _ in range(3):
            both = torch.cat([first.next()[0], second.next()[0]])
            assert torch.equal(alone.next()[0], both)


def test_a_batch_is_made_of_pictures_and_channel_numbers(stripes) -> None:
    with Feeder(NumberedCrops(stripes, CropRules(16), (0,)), 3) as feeder:
        pictures, targets = feeder.next()
    assert pictures.shape == (3, 3, 16, 16)
    assert pictures.dtype == torch.float32
    assert targets.shape == (3, 16, 16)
    assert targets.dtype == torch.uint8


def test_no_thread_outlives_the_training(stripes) -> None:
    before = threading.active_count()
    with Feeder(NumberedCrops(stripes, CropRules(16), (0,)), 2, threads=3) as feeder:
        feeder.next()
    assert threading.active_count() == before


def test_an_image_that_cannot_be_read_is_named_and_the_others_are_used() -> None:
    def damaged() -> tuple[np.ndarray, np.ndarray]:
        raise ImageError("torn.png: damaged")

    pool = Pool([Sample("torn.png", damaged), striped()], EVERYTHING, WIDTH // STRIPE)
    assert len(pool) == 1
    assert pool.skipped == ["torn.png: damaged"]
    _, labels = pool.crop(CropRules(16), np.random.default_rng(0))
    assert (labels != VOID).any()


def test_an_image_that_breaks_while_training_is_reported_not_waited_for() -> None:
    reads = iter(range(100))

    def load() -> tuple[np.ndarray, np.ndarray]:
        if next(reads):
            raise ImageError("torn.png: damaged")
        return np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8), np.uint8)

    pool = Pool([Sample("torn.png", load)], EVERYTHING, 2)
    pool._cache.clear()  # as if memory had not sufficed to keep it
    crops = NumberedCrops(pool, CropRules(8), (0,))
    with Feeder(crops, 2) as feeder, pytest.raises(ImageError, match="torn"):
        feeder.next()


def test_a_mixed_crop_shows_one_rectangle_of_another_with_its_labels() -> None:
    flat = [
        sample(np.full((90, 120, 3), value, np.uint8), np.full((90, 120), number, np.uint8))
        for number, value in enumerate((40, 200))
    ]
    pool = Pool(flat, EVERYTHING, 2)
    rules = CropRules(48, scales=(1.0, 1.0), balanced=0.0, jitter=0.0, mixed=1.0)
    both = 0
    for picture, labels in crops(pool, rules):
        shown = (picture[..., 0] * 255).round()
        assert np.array_equal(shown, np.where(labels == 1, 200, 40))
        rows, columns = (
            np.nonzero(labels != labels[0, 0]) if labels[0, 0] == labels[-1, -1] else ([], [])
        )
        if len(rows):
            both += 1
            box = labels[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
            assert (box == box[0, 0]).all()
            assert all(0.2 * 48 - 1 <= side <= 0.8 * 48 + 1 for side in box.shape)
    assert both > 10
    plain = CropRules(48, scales=(1.0, 1.0), balanced=0.0, jitter=0.0)
    assert all(len(np.unique(labels)) == 1 for _, labels in crops(pool, plain))
