"""A person who knows the truth and corrects labels with the brush and with fill, by the tools.

What it can do and what it can't, so that its figures can be judged:

* One action is one brush stroke, one fill, one press of Refine, or the undo of a Refine that made
  it worse. Choosing a category or a brush size is free, looking and thinking too.
* It takes the largest wrong region first: connected pixels that should be of one category and are
  not. It does not see slivers along edges, which two people would draw differently as well, and
  crumbs. Regions that concern no category below the wanted IoU are left alone. Where no region is
  left it is done, be the wanted IoU reached or not.
* For that region it does what makes most pixels of the image right: a fill of what is under the
  pointer, or one stroke with a brush of one width along the middle of the region or along its
  edge. A stroke never branches, doubles back or scribbles, and may slip two pixels over an edge.
  It is no longer than what a hand draws with care before it is lifted. Nothing is painted on
  purpose that does not belong there: it fills only where nine tenths of what is filled do.
* Its hand is steady and its eye exact. A person needs more, from scratch as well as from proposals.
* With Refine it first strokes each category that is not right yet once, in its largest wrong
  region, by brush alone; then it presses R.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import cv2
import numpy as np
from hand import Hand
from numpy.typing import NDArray
from strokes import Stroke, best_stroke

from seglabel.core.categories import VOID
from seglabel.core.document import Document
from seglabel.core.metrics import Confusion
from seglabel.core.regions import flood_region
from seglabel.core.review import merge_proposal
from seglabel.tools import Brush

Labels = NDArray[np.uint8]
Mask = NDArray[np.bool_]

Refine = Callable[[Document], Labels | None]
"""Labels for the whole image, uint8 (H, W), from what is painted; ``None`` if that can't be."""

WANTED = 0.95
"""IoU of every category that is in the image."""

SLIVER, CRUMB = 2, 16
"""Errors up to so many pixels wide, or of fewer pixels, are not seen as regions."""

LONGEST = 100
"""Pixels of way of a stroke."""

_FITTING = 0.9
"""The part of what is filled that has to belong to the category."""

_EYE = cv2.getStructuringElement(cv2.MORPH_RECT, (SLIVER + 1, SLIVER + 1))


@dataclass
class Correction:
    """What it took: actions by kind, ``drawn`` pixels of way under the brush, and what it led to.

    ``changed`` counts pixels that are not as before. ``miou`` is over the categories in the image.
    ``is_over`` is false where the limit of actions ended it.
    """

    actions: Counter[str] = field(default_factory=Counter)
    drawn: float = 0.0
    changed: int = 0
    miou: float = 0.0
    is_over: bool = False

    @property
    def total(self) -> int:
        """All actions."""
        return self.actions.total()


def correct(
    document: Document,
    picture: NDArray[np.uint8],
    truth: Labels,
    refine: Refine | None = None,
    limit: int = 1000,
    longest: int = LONGEST,
) -> Correction:
    """Correct ``document`` until it is as ``truth`` (uint8, H × W; VOID is ignored) says.

    ``picture`` is uint8 RGB (H, W, 3). At most ``limit`` actions are done, and no stroke is longer
    than ``longest`` pixels of way.
    """
    before = document.labels.copy()
    person = _Person(document, picture, truth, longest)
    if refine is not None:
        person.refine(refine)
    done = person.done
    while done.total < limit and not done.is_over:
        done.is_over = not person.act()
    done.changed = int(np.count_nonzero((document.labels != before) & (truth != VOID)))
    done.miou = float(np.mean(list(person.iou().values())))
    return done


class _Person:
    def __init__(
        self, document: Document, picture: NDArray[np.uint8], truth: Labels, longest: int
    ) -> None:
        self.done = Correction()
        self._document = document
        self._picture = picture
        self._longest = longest
        # By category: what was wrong, its regions by number, their areas.
        self._looked: dict[int, tuple[Mask, NDArray[np.int32], NDArray[np.int32]]] = {}
        self._truth = truth
        self._counts = truth != VOID
        self._ids = tuple(int(i) for i in np.unique(truth[self._counts]))

    def iou(self) -> dict[int, float]:
        """Of every category in the image."""
        confusion = Confusion()
        confusion.add(self._truth, self._document.labels)
        return confusion.scores(self._ids).iou

    def _not_right(self) -> set[int]:
        return {i for i, iou in self.iou().items() if iou < WANTED}

    def act(self) -> bool:
        """Do what helps most with the largest wrong region. Returns whether there was one."""
        for category_id, wrong in self._wrong_regions(self._not_right()):
            gains = self._gains(category_id)
            stroke = self._stroke(category_id, wrong, gains)
            least = 0 if stroke is None else stroke.gain
            at = self._fill(category_id, wrong, gains, least)
            if at is not None:
                Hand(self._document, "fill", self._picture, category_id=category_id).click(at)
                self.done.actions["fill"] += 1
                return True
            if stroke is not None:
                self._draw(category_id, stroke)
                return True
        return False

    def refine(self, refine: Refine) -> None:
        """Stroke each category that is not right, then press R; undo that if it made it worse."""
        wanted = self._not_right()
        for category_id in sorted(wanted):
            regions = self._wrong_regions({category_id}, ours_only=True)
            for _, wrong in islice(regions, 1):
                stroke = self._stroke(category_id, wrong, self._gains(category_id))
                if stroke is not None:
                    self._draw(category_id, stroke)
        labels = refine(self._document) if self.done.total else None
        if labels is None:
            return
        right = self._right_pixels()
        merge_proposal(self._document, labels, "refine")
        self.done.actions["refine"] += 1
        if self._right_pixels() < right:
            self._document.undo()
            self.done.actions["undo"] += 1

    def _right_pixels(self) -> int:
        return int(np.count_nonzero(self._document.labels == self._truth))

    def _gains(self, category_id: int) -> NDArray[np.int8]:
        """What painting ``category_id`` does to each pixel, see :func:`best_stroke`."""
        labels, truth = self._document.labels, self._truth
        gets_right = (truth == category_id) & (labels != category_id)
        gets_wrong = (labels == truth) & (truth != category_id) & self._counts
        return gets_right.astype(np.int8) - gets_wrong.astype(np.int8)

    def _wrong_regions(
        self, not_right: set[int], *, ours_only: bool = False
    ) -> Iterator[tuple[int, Mask]]:
        """The largest first; with ``ours_only`` without those that merely disturb a category."""
        labels, truth = self._document.labels, self._truth
        wrong = (labels != truth) & self._counts
        concerned = np.zeros(256, np.bool_)
        concerned[list(not_right)] = True
        found = []
        for category_id in self._ids:
            mask = wrong & (truth == category_id)
            if not concerned[category_id]:
                if ours_only:
                    continue
                mask &= concerned[labels]
            before = self._looked.get(category_id)
            if before is None or not np.array_equal(before[0], mask):  # most are as they were
                seen = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, _EYE)
                _, numbered, stats, _ = cv2.connectedComponentsWithStats(seen, connectivity=8)
                before = mask, numbered, stats[:, cv2.CC_STAT_AREA]
                self._looked[category_id] = before
            _, numbered, areas = before
            found += [
                (-int(areas[n]), category_id, n, numbered)
                for n in range(1, len(areas))
                if areas[n] >= CRUMB
            ]
        found.sort(key=lambda one: one[:3])
        for _, category_id, n, numbered in found:
            yield category_id, numbered == n

    def _stroke(self, category_id: int, wrong: Mask, gains: NDArray[np.int8]) -> Stroke | None:
        safe = (self._truth == category_id) | ~self._counts
        return best_stroke(wrong, safe, gains, self._longest)

    def _draw(self, category_id: int, stroke: Stroke) -> None:
        brush = Brush(stroke.size)
        hand = Hand(self._document, "brush", self._picture, category_id=category_id, brush=brush)
        every = max(stroke.size // 8, 1)  # as the pointer of a quick hand is seen
        hand.drag(*stroke.way[::every], stroke.way[-1])
        self.done.actions["brush"] += 1
        self.done.drawn += stroke.length

    def _fill(
        self, category_id: int, wrong: Mask, gains: NDArray[np.int8], least: int
    ) -> tuple[int, int] | None:
        """Where to click to fill, if that makes more than ``least`` pixels right."""
        labels = self._document.labels
        best = None
        for label in np.unique(labels[wrong]):
            part = (wrong & (labels == label)).astype(np.uint8)
            depth = cv2.distanceTransform(part, cv2.DIST_L2, 3)
            y, x = (int(i) for i in np.unravel_index(np.argmax(depth), depth.shape))
            region, mask = flood_region(labels, y, x)
            gain = int(gains[region.slices][mask].sum(dtype=np.int64))
            known = self._truth[region.slices][mask & self._counts[region.slices]]
            is_fitting = np.count_nonzero(known == category_id) >= _FITTING * known.size
            if gain > least and is_fitting:
                best, least = (y, x), gain
        return best
