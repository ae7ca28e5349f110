"""One model judged, or two compared, on the same images."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from seglabel.core.categories import VOID, CategorySet
from seglabel.core.metrics import Confusion, PairCounts, Scores
from seglabel.core.model_version import ModelVersion
from seglabel.core.palettes import Color

JudgedBy = Literal["held-back", "reviewed", "given"]
"""Which images judge: those held back from training, all reviewed ones, or those of a folder of
labels that was given."""


class Verdict(IntEnum):
    """What became of a pixel between the first and the second of two models."""

    UNJUDGED = 0
    RIGHT = 1
    GAINED = 2
    LOST = 3
    WRONG = 4


VERDICT_COLORS: Mapping[Verdict, Color] = {
    Verdict.UNJUDGED: (224, 224, 192),
    Verdict.RIGHT: (235, 235, 235),
    Verdict.GAINED: (26, 118, 210),
    Verdict.LOST: (230, 97, 0),
    Verdict.WRONG: (93, 42, 140),
}
"""Blue, orange and purple are told apart by every kind of eye, by their lightness too."""


def verdict_table() -> NDArray[np.uint8]:
    """RGB per verdict, uint8 (256, 3)."""
    table = np.zeros((256, 3), np.uint8)
    for verdict, color in VERDICT_COLORS.items():
        table[verdict] = color
    return table


def verdicts(
    truth: NDArray[np.uint8], first: NDArray[np.uint8], second: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """A :class:`Verdict` per pixel, uint8 (H, W), from label maps of that shape.

    Without a second model a pixel is right, wrong or not judged.
    """
    is_first = first == truth
    is_second = is_first if second is None else second == truth
    found = np.where(
        is_second,
        np.where(is_first, Verdict.RIGHT, Verdict.GAINED),
        np.where(is_first, Verdict.LOST, Verdict.WRONG),
    ).astype(np.uint8)
    found[truth == VOID] = Verdict.UNJUDGED
    return found


@dataclass(frozen=True)
class JudgedModel:
    """What was found of one model. ``images`` are its counts by name of image.

    ``learned_from`` says how many of these images taught it, ``None`` if that is not known;
    ``version`` how it came about, where it says so.
    """

    name: str
    scores: Scores
    images: Mapping[str, PairCounts]
    learned_from: int | None = None
    version: ModelVersion | None = None


@dataclass(frozen=True)
class ComparedPictures:
    """Pictures of one image, all uint8 RGB (H, W, 3) of one shape.

    ``proposals`` are by model, ``verdict`` shows what became of each pixel.
    """

    name: str
    image: NDArray[np.uint8]
    truth: NDArray[np.uint8]
    proposals: tuple[NDArray[np.uint8], ...]
    verdict: NDArray[np.uint8]


@dataclass(frozen=True)
class ImageRow:
    """mIoU of one image by each of the models, NaN where nothing in it is judged."""

    name: str
    mious: tuple[float, ...]

    @property
    def miou(self) -> float:
        """By the model that is judged."""
        return self.mious[-1]

    @property
    def change(self) -> float:
        """What the second model gained over the first."""
        return self.mious[-1] - self.mious[0]


@dataclass(frozen=True)
class Comparison:
    """``models`` is the one that is judged, or the one it is compared with and then that one.

    ``ids`` are the rows and columns of their confusion matrices.
    """

    categories: CategorySet
    ids: tuple[int, ...]
    models: tuple[JudgedModel, ...]
    rows: tuple[ImageRow, ...]
    judged_by: JudgedBy
    failed: tuple[str, ...] = ()

    @property
    def is_of_two(self) -> bool:
        return len(self.models) == 2

    def worst(self, count: int) -> list[ImageRow]:
        """The images that the judged model does worst, the worst first."""
        rows = [row for row in self.rows if not math.isnan(row.miou)]
        return sorted(rows, key=lambda row: (row.miou, row.name))[:count]

    def most_changed(self, count: int) -> list[ImageRow]:
        """The images on which two models differ most in mIoU, those that differ most first."""
        rows = [row for row in self.rows if row.change and not math.isnan(row.change)]
        return sorted(rows, key=lambda row: (-abs(row.change), row.name))[:count]

    def iou_rows(self) -> list[tuple[int, tuple[float | None, ...]]]:
        """IoU by id and model, ``None`` where a model has none; ids without any are left out."""
        rows = [(i, tuple(m.scores.iou.get(i) for m in self.models)) for i in self.ids]
        return [(i, values) for i, values in rows if any(v is not None for v in values)]


def compared(
    categories: CategorySet,
    ids: Sequence[int],
    judged: Sequence[JudgedModel],
    judged_by: JudgedBy,
    failed: Sequence[str] = (),
) -> Comparison:
    """Put together what was found of one or two models, on the images that all could judge."""
    common = [n for n in judged[0].images if all(n in model.images for model in judged)]
    models = []
    for model in judged:
        images = {name: model.images[name] for name in common}
        confusion = Confusion()
        for counts in images.values():
            confusion.add_counts(counts)
        models.append(
            JudgedModel(
                model.name, confusion.scores(ids), images, model.learned_from, model.version
            )
        )
    rows = (ImageRow(n, tuple(m.images[n].scores(ids).miou for m in models)) for n in common)
    return Comparison(categories, tuple(ids), tuple(models), tuple(rows), judged_by, tuple(failed))


def row_shares(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """Each row of a confusion matrix as shares of its true pixels, float64; 0 in empty rows."""
    totals = confusion.sum(axis=1, keepdims=True)
    return np.divide(confusion, totals, out=np.zeros(confusion.shape), where=totals > 0)


def most_confused(confusions: Sequence[NDArray[np.int64]], limit: int) -> list[int]:
    """Which rows a matrix of at most ``limit`` rows shows: those with most pixels, in order.

    Rows without a pixel, true or proposed, in any of the matrices are left out.
    """
    pixels = sum(c.sum(axis=0) + c.sum(axis=1) for c in confusions)
    order = [int(i) for i in np.argsort(-np.asarray(pixels), kind="stable") if pixels[i] > 0]
    return sorted(order[:limit])
