"""Random crops of labelled pictures: scale, place, mirror, colour. No torch here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from seglabel.core.categories import VOID
from seglabel.core.errors import failure
from seglabel.core.samples import Sample

_CACHE_BYTES = 2 << 30
_BLURRED_BELOW = 0.75
_SPARSE = 0.25  # share of labelled pixels below which most crops would teach nothing
_PICKING_SIDE = 1024  # places are looked up in a label map reduced to at most this


@dataclass(frozen=True, slots=True)
class CropRules:
    """How crops are made.

    ``size`` is the side in pixels. Scales are drawn log-uniformly from ``scales``. A share
    ``balanced`` of the crops is centred near a pixel of a category that is drawn with a weight that
    falls with its frequency; the others lie anywhere, or, in a picture that is mostly unlabelled,
    around any pixel that is labelled. ``jitter`` is the largest relative change of
    brightness, contrast and saturation. On a share ``mixed`` of the crops lies a rectangle of
    another one, so that nothing is told by what is usually around it (CutMix, Yun et al. 2019, for
    segmentation French et al. 2020).
    """

    size: int
    scales: tuple[float, float] = (0.5, 2.0)
    balanced: float = 0.5
    jitter: float = 0.3
    mixed: float = 0.0


@dataclass(frozen=True)
class _Prepared:
    picture: NDArray[np.uint8]
    labels: NDArray[np.uint8]  # channel indices, VOID where nothing is learned
    reduced: NDArray[np.uint8]
    step: int

    @property
    def nbytes(self) -> int:
        return int(self.picture.nbytes + self.labels.nbytes + self.reduced.nbytes)


class Pool:
    """The samples, decoded once as far as memory allows, with their category frequencies.

    ``table`` (uint8, 256) turns category ids into channel indices and everything else into VOID.
    One that cannot be read must not end a training: ``skipped`` says which and why.
    """

    def __init__(self, samples: Sequence[Sample], table: NDArray[np.uint8], channels: int) -> None:
        self._samples: list[Sample] = []
        self._table = table
        self._cache: dict[int, _Prepared] = {}
        self._free = _CACHE_BYTES
        self.skipped: list[str] = []
        rows = []
        for sample in samples:
            self._samples.append(sample)
            try:
                labels = self._get(len(self._samples) - 1).labels
            except Exception as problem:  # noqa: BLE001 - whatever a damaged file makes readers raise
                self._samples.pop()
                self.skipped.append(failure(sample.name, problem))
            else:
                rows.append(np.bincount(labels.ravel(), minlength=256)[:channels])
        counts = np.array(rows, np.int64).reshape(-1, channels)
        self.pixels = counts.sum(axis=0)
        total = max(int(self.pixels.sum()), 1)
        self.frequencies: NDArray[np.float64] = self.pixels / total
        self._holders = [np.flatnonzero(counts[:, c]) for c in range(channels)]
        present = self.pixels > 0
        weights = np.where(present, (self.frequencies + 1e-9) ** -0.5, 0.0)
        self._category_weights = weights / weights.sum() if present.any() else weights

    def __len__(self) -> int:
        return len(self._samples)

    def crop(
        self, rules: CropRules, generator: np.random.Generator
    ) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """One crop: float32 RGB (size, size, 3) in [0, 1] and channel indices (size, size)."""
        picture, labels = self._single(rules, generator)
        if rules.mixed and generator.random() < rules.mixed:
            rows, columns = (_part(rules.size, generator) for _ in range(2))
            upper_picture, upper_labels = self._single(rules, generator)
            picture[rows, columns] = upper_picture[rows, columns]
            labels[rows, columns] = upper_labels[rows, columns]
        return picture, labels

    def _single(
        self, rules: CropRules, generator: np.random.Generator
    ) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        center = None
        if generator.random() < rules.balanced and self._category_weights.any():
            channel = int(generator.choice(len(self._holders), p=self._category_weights))
            index = int(generator.choice(self._holders[channel]))
            sample = self._get(index)
            center = _pick_place(sample.reduced == channel, sample.step, generator)
        else:
            sample = self._get(int(generator.integers(len(self._samples))))
            labelled = sample.reduced != VOID
            if np.count_nonzero(labelled) < _SPARSE * labelled.size:
                center = _pick_place(labelled, sample.step, generator)
        matrix, scale = _place(sample.labels.shape, center, rules, generator)
        size = (rules.size, rules.size)
        crop = _resampled(sample.picture, matrix, scale, size)
        labels = cv2.warpAffine(
            sample.labels, matrix, size, flags=cv2.INTER_NEAREST, borderValue=VOID
        )
        colored = _jitter(np.asarray(crop, np.float32) / np.float32(255), rules.jitter, generator)
        return colored, np.asarray(labels, np.uint8)

    def _get(self, index: int) -> _Prepared:
        if index in self._cache:
            return self._cache[index]
        picture, labels = self._samples[index].load()
        channels = self._table[labels]
        step = max(1, -(-max(labels.shape) // _PICKING_SIDE))
        prepared = _Prepared(
            picture, channels, np.ascontiguousarray(channels[::step, ::step]), step
        )
        if prepared.nbytes <= self._free:
            self._free -= prepared.nbytes
            self._cache[index] = prepared
        return prepared


def _part(side: int, generator: np.random.Generator) -> slice:
    """Between a fifth and four fifths of a side, anywhere on it."""
    length = round(side * generator.uniform(0.2, 0.8))
    begin = int(generator.integers(side - length + 1))
    return slice(begin, begin + length)


def _pick_place(
    wanted: NDArray[np.bool_], step: int, generator: np.random.Generator
) -> tuple[float, float] | None:
    """A random wanted pixel (y, x) of a map reduced by ``step``; ``None`` if it has lost them."""
    places = np.flatnonzero(wanted)
    if not len(places):
        return None
    y, x = divmod(int(places[generator.integers(len(places))]), wanted.shape[1])
    return float(y * step), float(x * step)


def _place(
    shape: tuple[int, ...],
    center: tuple[float, float] | None,
    rules: CropRules,
    generator: np.random.Generator,
) -> tuple[NDArray[np.float64], float]:
    """The affine map from picture to crop (2, 3), and its scale."""
    low, high = (math.log(scale) for scale in rules.scales)
    scale = math.exp(generator.uniform(low, high))
    side = rules.size / scale
    begins = []
    for axis in (0, 1):
        first, last = min(0.0, shape[axis] - side), max(0.0, shape[axis] - side)
        if center is None:
            begins.append(generator.uniform(first, last))
        else:
            wanted = center[axis] - generator.uniform(0, side)
            begins.append(float(np.clip(wanted, first, last)))
    top, left = begins
    if generator.random() < 0.5:
        mirrored = [[-scale, 0, rules.size - 1 + left * scale], [0, scale, -top * scale]]
        return np.array(mirrored, np.float64), scale
    return np.array([[scale, 0, -left * scale], [0, scale, -top * scale]], np.float64), scale


def _resampled(
    picture: NDArray[np.uint8], matrix: NDArray[np.float64], scale: float, size: tuple[int, int]
) -> NDArray[np.uint8]:
    """The part of the picture that ``matrix`` puts into a crop of ``size`` (width, height)."""
    if scale < _BLURRED_BELOW:
        # Blur what the reduced picture could only show as noise; only what lies under the crop.
        sigma = 0.35 / scale
        room = math.ceil(4 * sigma) + 2  # more than the blur reaches
        corners = np.array([[0, 0, 1], [size[0], size[1], 1]], np.float64).T
        ends = cv2.invertAffineTransform(matrix) @ corners
        first = np.maximum(np.floor(ends.min(axis=1)) - room, 0).astype(int)
        last = (np.ceil(ends.max(axis=1)) + room).astype(int)
        part = picture[first[1] : last[1], first[0] : last[0]]
        picture = np.asarray(cv2.GaussianBlur(part, (0, 0), sigma), np.uint8)
        matrix = matrix.copy()
        matrix[:, 2] += matrix[:, :2] @ first
    crop = cv2.warpAffine(
        picture, matrix, size, flags=cv2.INTER_LINEAR, borderValue=(127, 127, 127)
    )
    return np.asarray(crop, np.uint8)


def _jitter(
    picture: NDArray[np.float32], amount: float, generator: np.random.Generator
) -> NDArray[np.float32]:
    """Other brightness, contrast, saturation and tint, kept in [0, 1]."""
    brightness, contrast, saturation = 1 + generator.uniform(-amount, amount, 3)
    tint = (1 + generator.uniform(-amount / 3, amount / 3, 3)).astype(np.float32)
    picture = picture * np.float32(brightness)
    mean = picture.mean()
    picture = (picture - mean) * np.float32(contrast) + mean
    grey = picture.mean(axis=2, keepdims=True)
    picture = ((picture - grey) * np.float32(saturation) + grey) * tint
    return np.clip(picture, 0, 1).astype(np.float32, copy=False)
