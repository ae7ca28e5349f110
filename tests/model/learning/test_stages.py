from __future__ import annotations

import numpy as np
import pytest
import torch

from seglabel.core.samples import Sample
from seglabel.model.learning.crops import CropRules, Pool
from seglabel.model.learning.features import FeatureCache
from seglabel.model.learning.feeder import NumberedCrops
from seglabel.model.learning.recipe import CLASSIFIER, DECODER, NETWORK, Length, plan

HOUR, MINUTE = Length(3600, None), Length(60, None)
EVERYTHING = np.arange(256, dtype=np.uint8)


def names(length: Length, *, is_cpu: bool = True, head: bool = True, new: bool = True) -> list[str]:
    stages = plan(length, is_cpu=is_cpu, has_new_head=head, has_new_categories=new)
    assert stages[-1].until == 1
    assert [s.until for s in stages] == sorted(s.until for s in stages)
    return [stage.name for stage in stages]


def test_with_time_the_head_is_learned_first_and_then_the_whole_network() -> None:
    assert names(HOUR) == [DECODER, NETWORK]
    assert names(HOUR, is_cpu=False) == [DECODER, NETWORK]


def test_in_a_minute_a_cpu_leaves_the_backbone_as_it_is() -> None:
    assert names(MINUTE) == [DECODER]
    assert names(Length(None, 20)) == [DECODER]
    assert names(MINUTE, is_cpu=False) == [DECODER, NETWORK]


def test_a_category_that_a_model_lacks_is_learned_by_its_classifier_first() -> None:
    assert names(HOUR, head=False) == [CLASSIFIER, NETWORK]
    assert names(MINUTE, head=False) == [CLASSIFIER, DECODER]
    assert names(HOUR, head=False, new=False) == [NETWORK]


def test_the_backbone_learns_in_no_stage_that_keeps_what_it_says() -> None:
    for head in (True, False):
        for stage in plan(HOUR, is_cpu=True, has_new_head=head, has_new_categories=True):
            assert stage.cached is ("backbone" not in stage.parts)


# what is kept of the backbone


class Backbone:
    """Says the mean colour at two strides, and counts the pictures that it sees."""

    def __init__(self) -> None:
        self.pictures = 0

    def __call__(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        self.pictures += len(pictures)
        pool = torch.nn.functional.avg_pool2d
        return pool(pictures, 4), pool(pictures, 16)


@pytest.fixture
def crops() -> NumberedCrops:
    generator = np.random.default_rng(0)
    picture = generator.integers(0, 256, (80, 80, 3), np.uint8)
    labels = (np.indices((80, 80)).sum(axis=0) % 3).astype(np.uint8)
    pool = Pool([Sample("noise", lambda: (picture, labels))], EVERYTHING, 3)
    return NumberedCrops(pool, CropRules(32), (7,))


ROOM = 10 * (2 * 3 * 8 * 8 + 2 * 3 * 2 * 2 + 32 * 32)  # ten crops: two maps of float16, and labels


def test_memory_bounds_what_is_kept_and_what_is_kept_is_not_computed_again(crops) -> None:
    backbone = Backbone()
    cache = FeatureCache(backbone, crops, 4, limit=ROOM)
    for step in range(50):
        low, high, targets = cache.next(step)
        assert (low.shape, high.shape) == ((4, 3, 8, 8), (4, 3, 2, 2))
        assert targets.shape == (4, 32, 32)
    assert backbone.pictures == 10


def test_features_lie_with_the_labels_of_their_crop(crops) -> None:
    cache = FeatureCache(Backbone(), crops, 4, limit=ROOM)
    known = {crops.make([n])[1].numpy().tobytes(): crops.make([n])[0] for n in range(10)}
    for step in range(20):
        low, _, targets = cache.next(step)
        for index in range(4):
            picture = known[targets[index].numpy().tobytes()]
            expected = torch.nn.functional.avg_pool2d(picture, 4)[0]
            assert torch.allclose(low[index], expected, atol=1e-3)


def test_a_step_has_the_same_features_wherever_a_training_went_on(crops) -> None:
    whole, resumed = (FeatureCache(Backbone(), crops, 4, limit=ROOM) for _ in range(2))
    steps = [whole.next(step) for step in range(30)]
    for step in (17, 18, 29):
        for one, other in zip(steps[step], resumed.next(step), strict=True):
            assert torch.equal(one, other)


def test_two_processes_share_the_crops_of_a_batch_twice_as_large(crops) -> None:
    alone = FeatureCache(Backbone(), crops, 4, limit=ROOM)
    both = [FeatureCache(Backbone(), crops, 2, rank=r, ranks=2, limit=ROOM) for r in (0, 1)]
    for step in range(12):
        parts = [one.next(step) for one in both]
        for part, whole in enumerate(alone.next(step)):
            assert torch.equal(torch.cat([found[part] for found in parts]), whole)


def test_less_memory_than_one_crop_still_gives_batches(crops) -> None:
    cache = FeatureCache(Backbone(), crops, 4, limit=1)
    assert cache.next(0)[0].shape[0] == cache.next(1)[0].shape[0] == 4
