"""From the strokes of one image to a proposal for all of it."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seglabel.core.cancel import Cancel
from seglabel.core.categories import VOID, CategorySet
from seglabel.core.errors import SegLabelError
from seglabel.core.matching import match_by_name
from seglabel.core.painted import FROM_STROKES, Painted
from seglabel.core.proposal import Proposal
from seglabel.model.checkpoint import ModelSpec
from seglabel.model.deeplabv3plus import DeepLabV3Plus
from seglabel.model.identify import identify
from seglabel.model.refine.classifier import balanced, fit
from seglabel.model.refine.edges import smooth, winners_at_edges
from seglabel.model.refine.features import CELL, FeatureMaps, ImageNetFeatures, feature_maps

_CACHE_BYTES = 256 << 20


@dataclass(frozen=True)
class _Manner:
    """How the classifier learns.

    ``decay`` pulls its weights to zero, ``sharpness`` multiplies its scores, which the fit alone
    leaves flat, ``rounds`` are those in which it learns from what it is sure of, ``reach`` is over
    how many cells its probabilities are averaged.
    """

    decay: float
    sharpness: float
    rounds: int
    reach: float


_FROM_NOTHING = _Manner(decay=0.01, sharpness=3.0, rounds=2, reach=20.0)
# The head of the model knows most already; only as much is added as the strokes ask for.
_FROM_HEAD = _Manner(decay=0.02, sharpness=0.5, rounds=0, reach=8.0)
_SURE = 0.5  # share of each category's cells, the surest first
_TAUGHT = 1500  # cells in a round
_STROKE_CELLS = 256  # of each category
_UNKNOWN = -1.0  # score of a category that the model does not know, relative to its best


class FeatureCache:
    """The features of the last images, as many as fit into ``byte_limit``."""

    def __init__(self, byte_limit: int = _CACHE_BYTES) -> None:
        self._byte_limit = byte_limit
        self._kept: OrderedDict[str, FeatureMaps] = OrderedDict()

    @property
    def nbytes(self) -> int:
        return sum(maps.nbytes for maps in self._kept.values())

    def get(self, key: str) -> FeatureMaps | None:
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key]

    def keep(self, key: str, maps: FeatureMaps) -> None:
        """Those that were not asked for the longest time go; one alone is always kept."""
        self._kept[key] = maps
        while len(self._kept) > 1 and self.nbytes > self._byte_limit:
            self._kept.popitem(last=False)


@dataclass(frozen=True)
class _Prior:
    """What the model says of the categories of a project, float32 (K, h, w), by id."""

    ids: tuple[int, ...]
    scores: Tensor


class Refiner:
    """Proposes labels for an image from strokes in it; remembers the features of the last images.

    Without a model it sees with a backbone trained on ImageNet alone. With one it also sees what
    the model's decoder sees, and starts from what its head says of the categories it knows.
    """

    def __init__(
        self,
        model: tuple[DeepLabV3Plus, ModelSpec] | None = None,
        name: str = "",
        cache: FeatureCache | None = None,
    ) -> None:
        self._backbone = ImageNetFeatures()
        self._model = model
        if model is not None:
            model[0].eval().requires_grad_(False)
        self._cache = cache or FeatureCache()
        self.name = f"{FROM_STROKES} + {name}" if name else FROM_STROKES

    @classmethod
    def load(cls, path: Path | None = None) -> Refiner:
        """With a checkpoint of any known layout, or none. Raises CheckpointError."""
        if path is None:
            return cls()
        model = identify(path)
        return cls((model.network(), model.spec), path.stem if path.is_file() else path.name)

    def refine(
        self,
        image: NDArray[np.uint8],
        painted: Painted,
        categories: CategorySet,
        chosen: Mapping[str, str] | None = None,
        cancel: Cancel | None = None,
    ) -> Proposal:
        """Labels for uint8 RGB (H, W, 3), of which ``painted`` has every pixel.

        ``categories`` are those of the project, ``chosen`` what those of the model become there.
        Where ``painted`` has only every ``step``-th pixel, ``image`` is the picture reduced by as
        much; the labels are for the whole picture. Needs two categories to tell apart, painted or
        known to the model, else raises SegLabelError. Raises Cancelled.

        The proposal has no digest of a model: to runs over the folder it counts as none.
        """
        cancel = cancel or Cancel()
        maps = self.features(image)
        cancel.raise_if_set()
        prior = self._prior(maps, categories, chosen or {})
        ids = tuple(sorted({*painted.ids, *(() if prior is None else prior.ids)}))
        if len(ids) < 2:
            raise SegLabelError(
                "refine: expected strokes of two categories or a model that knows more, found "
                f"{len(ids)} category; paint another one, background counts"
            )
        guide = _guide(image, maps.grid)
        planes = _classified(maps, guide, ids, _cells(painted, ids, maps.grid), prior, cancel)
        found = winners_at_edges(np.ascontiguousarray(planes.transpose(2, 0, 1)), image, CELL)
        labels = np.array(ids, np.uint8)[found]
        labels[painted.mask] = painted.labels[painted.mask]
        height, width = painted.shape
        if painted.step > 1:
            labels = labels.repeat(painted.step, 0)[:height].repeat(painted.step, 1)[:, :width]
        return Proposal(
            np.ascontiguousarray(labels), *_certainty(planes, image.shape), self.name, ""
        )

    def features(self, image: NDArray[np.uint8]) -> FeatureMaps:
        """Of an image, computed once."""
        content = np.ascontiguousarray(image)
        key = hashlib.blake2b(content.data, digest_size=16).hexdigest() + str(image.shape)
        maps = self._cache.get(key)
        if maps is None:
            maps = feature_maps(image, self._backbone, self._model)
            self._cache.keep(key, maps)
        return maps

    def _prior(
        self, maps: FeatureMaps, categories: CategorySet, chosen: Mapping[str, str]
    ) -> _Prior | None:
        if self._model is None or maps.prior is None:
            return None
        spec = self._model[1]
        matched = match_by_name(spec.categories, categories, chosen)
        targets = matched.table[np.array(spec.channels)]
        targets[np.isin(spec.channels, list(matched.unmapped))] = VOID  # nothing known of those
        ids = tuple(int(i) for i in np.unique(targets) if i != VOID)
        scores = [torch.logsumexp(maps.prior[torch.from_numpy(targets == i)], 0) for i in ids]
        return _Prior(ids, torch.stack(scores)) if ids else None


def _cells(
    painted: Painted, ids: tuple[int, ...], grid: tuple[int, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers of painted cells, and of the category in ``ids`` that has most of each.

    At most so many of each category, evenly spread.
    """
    size = (grid[1] * CELL, grid[0] * CELL)
    bottom, right = size[1] - painted.labels.shape[0], size[0] - painted.labels.shape[1]
    shares = np.zeros((len(ids), *grid), np.float32)
    for index in (ids.index(i) for i in painted.ids):
        mask = ((painted.labels == ids[index]) & painted.mask).astype(np.float32)
        mask = cv2.copyMakeBorder(mask, 0, bottom, 0, right, cv2.BORDER_CONSTANT, value=0)
        cv2.resize(mask, grid[::-1], dst=shares[index], interpolation=cv2.INTER_AREA)
    owner = np.where(shares.max(0) > 0, shares.argmax(0), -1).ravel()
    chosen = [_spread(np.flatnonzero(owner == index), _STROKE_CELLS) for index in range(len(ids))]
    cells = np.concatenate(chosen)
    return cells, owner[cells]


def _spread(numbers: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    if len(numbers) <= most:
        return numbers
    return numbers[np.linspace(0, len(numbers) - 1, most).astype(np.int64)]


def _classified(
    maps: FeatureMaps,
    guide: NDArray[np.uint8],
    ids: tuple[int, ...],
    strokes: tuple[NDArray[np.int64], NDArray[np.int64]],
    prior: _Prior | None,
    cancel: Cancel,
) -> NDArray[np.float32]:
    """Probabilities of ``ids``, float32 (h, w, K).

    The classifier of the strokes labels all cells; then it learns from the strokes and from the
    cells of which it is surest together (self-training). That tells it how common each category
    is, which strokes of equal size do not.
    """
    cells, owners = strokes
    planes = np.zeros((0, 0, 0), np.float32)
    manner = _FROM_NOTHING if prior is None else _FROM_HEAD
    offsets = None if prior is None else _offsets(prior, ids) / manner.sharpness
    features, targets = maps.at(cells), torch.from_numpy(owners)
    weights = balanced(targets, len(torch.unique(targets)))
    solution = None
    for number in range(manner.rounds + 1):
        if number:
            more, their = _surest(planes)
            all_cells = np.concatenate([cells, more])
            rows = torch.cat([features, maps.at(more)])
            sample = torch.cat([targets, torch.from_numpy(their)])
            weight = torch.cat([weights, torch.full((len(more),), 1 / len(more))])
        else:
            all_cells, rows, sample, weight = cells, features, targets, weights
        cancel.raise_if_set()
        there = None if offsets is None else offsets.reshape(len(ids), -1)[:, all_cells].T
        solution = fit(
            rows, sample, weight, len(ids), decay=manner.decay, offsets=there, start=solution
        )
        scores = maps.scores(solution)
        if offsets is not None:
            scores = scores + offsets
        chances = (manner.sharpness * scores).softmax(0).permute(1, 2, 0)
        planes = smooth(np.ascontiguousarray(chances.numpy()), guide, manner.reach)
    return planes


def _offsets(prior: _Prior, ids: tuple[int, ...]) -> Tensor:
    """The model's scores of ``ids``, relative to the best at each cell."""
    relative = prior.scores - prior.scores.amax(0)
    unknown = torch.full_like(relative[0], _UNKNOWN)
    known = dict(zip(prior.ids, relative, strict=True))
    return torch.stack([known.get(i, unknown) for i in ids])


def _surest(planes: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers and categories of the cells that each category is surest of."""
    flat = planes.reshape(-1, planes.shape[2])
    owner, chance = flat.argmax(1), flat.max(1)
    found = []
    for index in range(flat.shape[1]):
        own = np.flatnonzero(owner == index)
        order = np.argsort(-chance[own], kind="stable")
        found.append(own[order[: max(int(len(own) * _SURE), 20)]])
    every = max(sum(map(len, found)) // _TAUGHT, 1)
    cells = np.concatenate([own[::every] for own in found])
    return cells, owner[cells]


def _guide(image: NDArray[np.uint8], grid: tuple[int, int]) -> NDArray[np.uint8]:
    height, width = image.shape[:2]
    bottom, right = grid[0] * CELL - height, grid[1] * CELL - width
    padded = cv2.copyMakeBorder(image, 0, bottom, 0, right, cv2.BORDER_REPLICATE)
    small = cv2.resize(padded, grid[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), np.uint8)


def _certainty(
    planes: NDArray[np.float32], shape: tuple[int, ...]
) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
    """Confidence and uncertainty of the cells that reach into the image, see Proposal."""
    seen = planes[: -(-shape[0] // CELL), : -(-shape[1] // CELL)]
    ordered = np.sort(seen, axis=2)
    best = np.clip(ordered[..., -1], 0, 1)
    return best.astype(np.float16), np.clip(1 - (best - ordered[..., -2]), 0, 1).astype(np.float16)
