"""Objects of a label map: what exporters write one by one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seglabel.core.categories import BACKGROUND, VOID, CategorySet
from seglabel.core.geometry import Region
from seglabel.core.label_map import count_ids
from seglabel.core.regions import Mask, components


@dataclass(frozen=True, slots=True)
class Instance:
    """One object: its category, the smallest region around it and its mask in that region."""

    category_id: int
    region: Region
    mask: Mask

    @classmethod
    def of(cls, category_id: int, mask: Mask, within: Region | None = None) -> Instance:
        """The object whose pixels are those of ``mask``, bool (H, W) and not empty.

        ``mask`` is of the whole image unless it fills a region ``within`` it.
        """
        rows = np.flatnonzero(mask.any(axis=1))
        columns = np.flatnonzero(mask.any(axis=0))
        region = Region(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)
        kept = mask[region.slices].copy()  # lets go of the large mask
        if within is not None:
            origin = Region(-within.top, -within.left, 0, 0)
            region = region.relative_to(origin)
        return cls(category_id, region, kept)

    @property
    def area(self) -> int:
        """Number of pixels."""
        return int(np.count_nonzero(self.mask))


def find_instances(
    labels: NDArray[np.uint8],
    separated: NDArray[np.uint16] | None,
    categories: CategorySet,
) -> list[Instance]:
    """Every object of a label map, by category id.

    A thing category gives one object for each number in ``separated`` (uint16 (H, W), 0 = not
    separated), in the order of the numbers, then one for each connected component of the rest, from
    the top. A stuff category gives one object.
    Ids that ``categories`` does not know count as stuff. VOID and background are no objects.
    """
    found: list[Instance] = []
    present = np.flatnonzero(count_ids(labels))
    for category_id in (int(i) for i in present if i not in (BACKGROUND, VOID)):
        mask = labels == category_id
        is_thing = category_id in categories and categories[category_id].is_thing
        if not is_thing:
            found.append(Instance.of(category_id, mask))
            continue
        rest = mask
        if separated is not None:
            rest = mask & (separated == 0)
            numbers = [number for number in np.unique(separated[mask]) if number]
            found += [Instance.of(category_id, mask & (separated == number)) for number in numbers]
        numbered, boxes = components(rest)
        for index, (region, _) in enumerate(boxes, start=1):
            found.append(Instance(category_id, region, numbered[region.slices] == index))
    return found


def only_if_needed(
    labels: NDArray[np.uint8], instances: NDArray[np.uint16], categories: CategorySet
) -> NDArray[np.uint16] | None:
    """The part of ``instances`` that matters, or ``None`` where connected components say the same.

    Numbers on stuff, background and void are dropped: only things are separated.
    """
    things = [category.id for category in categories if category.is_thing]
    kept = np.where(np.isin(labels, things), instances, 0).astype(np.uint16)
    if not kept.any():
        return None
    for category_id in things:
        mask = labels == category_id
        numbered, boxes = components(mask)
        for index, (region, _) in enumerate(boxes, start=1):
            inside = kept[region.slices][numbered[region.slices] == index]
            if (inside != inside[0]).any():
                return kept
        if len(np.unique(kept[mask])) != len(boxes):
            return kept
    return None
