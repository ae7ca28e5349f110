from __future__ import annotations

import numpy as np
import pytest
import torch

from seglabel.core.cancel import Cancel
from seglabel.core.categories import VOID, CategorySet
from seglabel.core.document import Document
from seglabel.core.errors import Cancelled, SegLabelError
from seglabel.core.geometry import Region
from seglabel.core.painted import FROM_STROKES, Painted
from seglabel.core.review import merge_proposal
from seglabel.model.architecture import Architecture
from seglabel.model.checkpoint import ModelSpec
from seglabel.model.deeplabv3plus import DeepLabV3Plus
from seglabel.model.refine.features import ImageNetFeatures, feature_maps
from seglabel.model.refine.refiner import FeatureCache, Refiner

CATEGORIES = CategorySet.of("plain", "striped")


def _picture(height: int = 120, width: int = 150) -> np.ndarray:
    """Reddish noise at the left, blue stripes at the right."""
    rng = np.random.default_rng(0)
    picture = np.empty((height, width, 3), np.uint8)
    picture[...] = (150, 90, 80)
    picture[:, width // 2 :] = (40, 60, 140)
    picture[::6, width // 2 :] = (230, 230, 250)
    return np.clip(picture + rng.integers(-12, 12, picture.shape), 0, 255).astype(np.uint8)


def _stroked(document: Document, step: int = 1) -> Document:
    width = document.shape[1]
    for category, left in ((1, 10 * step), (2, width - 40 * step)):
        edit = document.begin("brush")
        mask = np.ones((8 * step, 30 * step), np.bool_)
        edit.paint(Region(50 * step, left, 58 * step, left + 30 * step), mask, category)
        edit.commit()
    return document


@pytest.fixture(scope="module")
def refiner() -> Refiner:
    return Refiner()


def test_two_strokes_label_the_two_halves_without_any_training(refiner: Refiner) -> None:
    picture = _picture()
    painted = Painted.of(_stroked(Document.blank(*picture.shape[:2])), 1 << 22)
    proposal = refiner.refine(picture, painted, CATEGORIES)
    truth = np.where(np.arange(150) < 75, 1, 2)
    assert (proposal.labels == truth).mean() > 0.97
    assert proposal.model == FROM_STROKES
    assert proposal.confidence_grid.shape == proposal.uncertainty_grid.shape == (30, 38)
    assert 0 <= proposal.confidence_grid.min() <= proposal.confidence_grid.max() <= 1


def test_painted_and_locked_pixels_stay(refiner: Refiner) -> None:
    picture = _picture()
    document = _stroked(Document.blank(*picture.shape[:2]))
    document.labels[:20, 80:] = 3  # proposed before, then locked
    mine = document.painted.copy()
    before = document.labels.copy()
    document.locked = frozenset({3})
    proposal = refiner.refine(picture, Painted.of(document, 1 << 22), CATEGORIES)
    assert merge_proposal(document, proposal.labels, "refine") is not None
    assert (document.labels[mine] == before[mine]).all()
    assert (document.labels[:20, 80:] == 3).all()
    assert (document.labels[80:, 120:] == 2).all()
    document.undo()
    assert (document.labels == before).all()


def test_the_same_strokes_give_the_same_labels(refiner: Refiner) -> None:
    picture = _picture()
    painted = Painted.of(_stroked(Document.blank(*picture.shape[:2])), 1 << 22)
    first = refiner.refine(picture, painted, CATEGORIES)
    other = Refiner().refine(picture, painted, CATEGORIES)
    assert (first.labels == other.labels).all()
    assert (first.confidence_grid == other.confidence_grid).all()


def test_void_is_no_category_to_learn(refiner: Refiner) -> None:
    picture = _picture()
    document = _stroked(Document.blank(*picture.shape[:2]))
    edit = document.begin("brush")
    edit.paint(Region(0, 0, 10, 10), np.ones((10, 10), np.bool_), VOID)
    edit.commit()
    painted = Painted.of(document, 1 << 22)
    assert painted.ids == (1, 2)
    labels = refiner.refine(picture, painted, CATEGORIES).labels
    assert (labels[:10, :10] == VOID).all() and not (labels[10:] == VOID).any()


def test_one_category_alone_is_refused_in_words(refiner: Refiner) -> None:
    picture = _picture()
    document = Document.blank(*picture.shape[:2])
    edit = document.begin("brush")
    edit.paint(Region(0, 0, 10, 10), np.ones((10, 10), np.bool_), 1)
    edit.commit()
    with pytest.raises(SegLabelError, match="two categories"):
        refiner.refine(picture, Painted.of(document, 1 << 22), CATEGORIES)


def test_of_a_large_picture_a_reduced_copy_is_labelled_and_the_labels_are_whole(
    refiner: Refiner,
) -> None:
    document = _stroked(Document.blank(241, 301), step=2)
    painted = Painted.of(document, 121 * 151)
    assert painted.step == 2 and painted.labels.shape == (121, 151)
    labels = refiner.refine(_picture(121, 151), painted, CATEGORIES).labels
    assert labels.shape == (241, 301)
    assert (labels[:, :140] == 1).mean() > 0.97 and (labels[:, 160:] == 2).mean() > 0.97


def test_features_are_computed_once_and_only_so_many_are_kept() -> None:
    cache = FeatureCache(byte_limit=1)
    refiner = Refiner(cache=cache)
    first, second = _picture(), _picture()[::-1].copy()
    maps = refiner.features(first)
    assert refiner.features(first.copy()) is maps
    refiner.features(second)
    assert cache.nbytes == refiner.features(second).nbytes
    assert refiner.features(first) is not maps


def test_a_cancelled_refine_gives_nothing(refiner: Refiner) -> None:
    cancel = Cancel()
    cancel.set()
    painted = Painted.of(_stroked(Document.blank(120, 150)), 1 << 22)
    with pytest.raises(Cancelled):
        refiner.refine(_picture(), painted, CATEGORIES, cancel=cancel)


def test_classifying_before_upsampling_is_classifying_what_was_upsampled() -> None:
    maps = feature_maps(_picture(), ImageNetFeatures())
    weights = torch.randn(maps.width + 1, 3, generator=torch.Generator().manual_seed(0))
    cells = np.arange(0, maps.grid[0] * maps.grid[1], 17)
    scores = maps.scores(weights).reshape(3, -1)[:, cells].T
    torch.testing.assert_close(
        maps.at(cells) @ weights[:-1] + weights[-1], scores, atol=1e-3, rtol=1e-3
    )


def test_the_head_of_a_model_labels_what_no_stroke_speaks_against() -> None:
    """The head knows *third* everywhere; a stroke of one other category changes its like alone."""
    torch.manual_seed(0)
    known = CategorySet.of("third", "plain")
    net = DeepLabV3Plus(Architecture("efficientnet_lite0", outputs=2))
    torch.nn.init.zeros_(net.classifier.weight)
    net.classifier.bias.data = torch.tensor([6.0, 0.0])
    refiner = Refiner((net, ModelSpec(net.arch, known, known.ids)), "m")
    project = CategorySet.of("plain", "striped", "third")
    document = Document.blank(120, 150)
    for category, left in ((3, 10), (2, 110)):
        edit = document.begin("brush")
        edit.paint(Region(50, left, 58, left + 30), np.ones((8, 30), np.bool_), category)
        edit.commit()
    proposal = refiner.refine(_picture(), Painted.of(document, 1 << 22), project)
    assert (proposal.labels[:, :70] == 3).mean() > 0.95
    assert (proposal.labels[:, 80:] == 2).mean() > 0.9
    assert proposal.model == "strokes + m"
