"""Objects of things told apart: found at a pixel, split, merged and numbered.

An object is what :func:`~seglabel.core.instances.find_instances` calls one: the pixels of a thing
that have the same number, or a connected component of those that have none. Every function looks
only, and answers with new numbers for some pixels.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from seglabel.core.cancel import Cancel
from seglabel.core.categories import CategorySet
from seglabel.core.errors import LabelError
from seglabel.core.geometry import Region
from seglabel.core.instances import find_instances
from seglabel.core.regions import components

Labels = NDArray[np.uint8]
Numbers = NDArray[np.uint16]
Mask = NDArray[np.bool_]
Points = Sequence[tuple[float, float]]
"""(y, x) with pixel centres on whole numbers."""

_FLOODED = 200_000  # pixels at most that a watershed floods, a second or so; else coarser
_SLIVER = 0.005  # of an object: what a line cuts off and is smaller was not meant
_CONVEX = 0.95  # objects that fill so much of their convex hull have no neck
_NECK = 0.88  # of the depth of both parts at most is the depth of a neck between them
_SHALLOWEST = 1.5  # pixels from the rim: what is nowhere deeper is no object
_LEVELS = 24  # that are looked at for necks
_MOST = np.iinfo(np.uint16).max


@dataclass(frozen=True, eq=False)
class Numbered:
    """New numbers, uint16, for the pixels of ``mask`` (bool); both have the size of ``region``."""

    region: Region
    mask: Mask
    numbers: Numbers


@dataclass(frozen=True, eq=False)
class Found:
    """One object: its category, its number (0 = none), and its ``mask`` inside ``region``."""

    category_id: int
    number: int
    region: Region
    mask: Mask


def object_at(
    labels: Labels, numbers: Numbers | None, things: frozenset[int], y: int, x: int
) -> Found | None:
    """The object of pixel (y, x); ``None`` outside the image and where no thing is."""
    if not Region.whole(labels.shape).contains(y, x) or int(labels[y, x]) not in things:
        return None
    category_id = int(labels[y, x])
    number = 0 if numbers is None else int(numbers[y, x])
    same = labels == category_id
    if numbers is not None:
        same &= numbers == number
    if number == 0:
        numbered, boxes = components(same)
        index = int(numbered[y, x])
        region = boxes[index - 1][0]
        return Found(category_id, 0, region, numbered[region.slices] == index)
    top, bottom = _extent(same.any(axis=1))
    left, right = _extent(same.any(axis=0))
    region = Region(top, left, bottom, right)
    return Found(category_id, number, region, same[region.slices].copy())


def objects_along(
    labels: Labels, numbers: Numbers | None, things: frozenset[int], points: Points
) -> list[Found]:
    """The objects that a line through ``points`` meets, each once, in the order of meeting."""
    found: list[Found] = []
    for y, x in _pixels_along(points, labels.shape):
        if any(_has(each, y, x) for each in found):
            continue
        met = object_at(labels, numbers, things, y, x)
        if met is not None:
            found.append(met)
    return found


def split_by_line(
    labels: Labels, numbers: Numbers | None, things: frozenset[int], points: Points
) -> list[Numbered]:
    """Cut every object that a line through ``points`` (y, x) divides.

    No pixel is lost: those under the line go to the nearest part. The largest part keeps the
    number of the object; the others get numbers that nothing has.
    """
    answers: list[Numbered] = []
    free = _free_numbers(numbers)
    for each in objects_along(labels, numbers, things, points):
        cut = np.zeros(each.mask.shape, np.uint8)
        way = np.rint(np.asarray(points, np.float64)[:, ::-1]).astype(np.int32)
        way -= np.array((each.region.left, each.region.top), np.int32)
        # A line whose pixels touch by their edges lets no corner through.
        cv2.polylines(cut, [way.reshape(-1, 1, 2)], False, 1, 1, cv2.LINE_4)
        parts, _ = components(each.mask & (cut == 0))
        sizes = np.bincount(parts.ravel())
        parts[(sizes < _SLIVER * each.mask.sum())[parts]] = 0
        if len(np.unique(parts)) > 2:
            answers.append(_as_objects(each, _spread(parts, each.mask), free))
    return answers


def split_by_seeds(
    labels: Labels,
    numbers: Numbers | None,
    things: frozenset[int],
    seeds: Sequence[Points],
    pixels: NDArray[np.uint8] | None,
    origin: tuple[int, int] = (0, 0),
) -> list[Numbered]:
    """Part the object under the first seed so that every seed in it gets its own share.

    The watershed transform (Meyer 1992) grows the seeds, lines through points (y, x), over
    ``pixels``, uint8 RGB (h, w, 3) that cover the object from ``origin`` (y, x) on, so that parts
    meet at edges of the picture; without them over the distance from the rim of the object, so that
    they meet at necks.
    """
    first = seeds[0][0]
    found = object_at(labels, numbers, things, round(first[0]), round(first[1]))
    if found is None:
        return []
    region, mask = found.region, found.mask
    factor = max(math.ceil(math.sqrt(mask.size / _FLOODED)), 1)
    size = -(-mask.shape[1] // factor), -(-mask.shape[0] // factor)
    markers = np.zeros((size[1], size[0]), np.int32)
    for index, seed in enumerate(seeds, start=1):
        for y, x in _pixels_along(seed, labels.shape):
            if _has(found, y, x):
                markers[(y - region.top) // factor, (x - region.left) // factor] = index
    if len(np.unique(markers[markers > 0])) < 2:
        return []
    small = cv2.resize(mask.view(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    if pixels is None:
        depth = cv2.distanceTransform(np.pad(small, 1).view(np.uint8), cv2.DIST_L2, 5)
        relief = np.asarray(-depth[1:-1, 1:-1], np.float32)
    else:
        at = region.relative_to(Region(*origin, *origin))
        grey = cv2.cvtColor(np.ascontiguousarray(pixels[at.slices]), cv2.COLOR_RGB2GRAY)
        coarse = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        relief = _steepness(np.asarray(coarse, np.uint8))
    shares = _flood(relief, small | (markers > 0), markers)
    shares = shares.repeat(factor, axis=0).repeat(factor, axis=1)
    shares = np.where(mask, shares[: mask.shape[0], : mask.shape[1]], 0)
    return [_as_objects(found, _spread(shares, mask), _free_numbers(numbers))]


def separate_touching(
    labels: Labels,
    numbers: Numbers | None,
    things: frozenset[int],
    cancel: Cancel | None = None,
) -> list[Numbered]:
    """Part connected objects of things at their necks, as touching cells, coins or bubbles have.

    Objects are parted where the way from one of their deepest points to another (by the distance
    from the rim) is much narrower than both, by the watershed transform of that distance. Whatever
    has a number already stays as it is. No pixel is lost. Raises Cancelled.
    """
    cancel = cancel or Cancel()
    answers: list[Numbered] = []
    free = _free_numbers(numbers)
    for category_id in sorted(things):
        mask = labels == category_id
        if numbers is not None:
            mask &= numbers == 0
        numbered, boxes = components(mask)
        for index, (region, _) in enumerate(boxes, start=1):
            cancel.raise_if_set()
            found = Found(category_id, 0, region, numbered[region.slices] == index)
            parts = _parted_at_necks(found.mask)
            if parts is not None:
                answers.append(_as_objects(found, parts, free))
    return answers


def merge_along(
    labels: Labels, numbers: Numbers | None, things: frozenset[int], points: Points
) -> list[Numbered]:
    """Make the objects that a line meets one, as far as they are of the first one's category."""
    met = objects_along(labels, numbers, things, points)
    same = [each for each in met if each.category_id == met[0].category_id]
    if len(same) < 2:
        return []
    known = [each.number for each in same if each.number]
    number = known[0] if known else next(_free_numbers(numbers))
    return [_all_as(each, number) for each in same if each.number != number]


def with_number(
    labels: Labels, numbers: Numbers | None, things: frozenset[int], y: int, x: int
) -> tuple[Found, list[Numbered], int] | None:
    """The object of pixel (y, x), what gives it a number if it has none, and the number."""
    found = object_at(labels, numbers, things, y, x)
    if found is None:
        return None
    if found.number:
        return found, [], found.number
    number = next(_free_numbers(numbers))
    return found, [_all_as(found, number)], number


def as_instances(answers: Sequence[Numbered], shape: tuple[int, ...]) -> Numbers | None:
    """The numbers of objects as a map of ``shape`` (H, W), or ``None`` if there is none."""
    if not answers:
        return None
    numbers = np.zeros(shape, np.uint16)
    for each in answers:
        numbers[each.region.slices][each.mask] = each.numbers[each.mask]
    return numbers


def renumbered(labels: Labels, numbers: Numbers | None, categories: CategorySet) -> list[Numbered]:
    """All objects of things numbered 1, 2, 3 …, by category and as exporters write them."""
    objects = (
        instance
        for instance in find_instances(labels, numbers, categories)
        if instance.category_id in categories and categories[instance.category_id].is_thing
    )
    answers = []
    for number, each in enumerate(objects, start=1):
        if number > _MOST:
            raise LabelError(f"more than {_MOST} objects in one image cannot be numbered")
        values = np.full(each.mask.shape, number, np.uint16)
        answers.append(Numbered(each.region, each.mask, values))
    return answers


def _has(found: Found, y: int, x: int) -> bool:
    region = found.region
    return region.contains(y, x) and bool(found.mask[y - region.top, x - region.left])


def _extent(flags: Mask) -> tuple[int, int]:
    places = np.flatnonzero(flags)
    return int(places[0]), int(places[-1]) + 1


def _pixels_along(points: Points, shape: tuple[int, ...]) -> list[tuple[int, int]]:
    """The pixels inside the image that a line through ``points`` meets, in its order."""
    found: dict[tuple[int, int], None] = {}
    ends = [*points[1:], points[-1]]
    whole = Region.whole(shape)
    for (y0, x0), (y1, x1) in zip(points, ends, strict=True):
        steps = max(int(np.ceil(max(abs(y1 - y0), abs(x1 - x0)))), 1)
        ys = np.rint(np.linspace(y0, y1, steps + 1)).astype(int).tolist()
        xs = np.rint(np.linspace(x0, x1, steps + 1)).astype(int).tolist()
        found.update(((y, x), None) for y, x in zip(ys, xs, strict=True) if whole.contains(y, x))
    return list(found)


def _steepness(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How fast brightness changes, by Sobel's operator."""
    smooth = cv2.GaussianBlur(grey, (3, 3), 0)
    across, down = (cv2.Sobel(smooth, cv2.CV_32F, dx, 1 - dx) for dx in (1, 0))
    return np.asarray(cv2.magnitude(across, down), np.float32)


def _flood(
    relief: NDArray[np.float32], mask: Mask, markers: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Markers (1, 2, … where not 0) grown inside ``mask`` until they meet, lowest pixels first.

    cv2.watershed knows no mask and goes by steps of colour, not by height.
    """
    width = relief.shape[1] + 2
    heights = np.pad(relief, 1).ravel().tolist()
    # Nothing beyond the mask takes part: it is taken already.
    shares = np.pad(np.where(mask, markers, -1), 1, constant_values=-1).ravel().tolist()
    around = (-width, width, -1, 1, -width - 1, -width + 1, width - 1, width + 1)
    waiting = [(heights[at], at, at) for at, share in enumerate(shares) if share > 0]
    heapq.heapify(waiting)
    age = len(shares)
    while waiting:
        height, _, at = heapq.heappop(waiting)
        for step in around:
            there = at + step
            if shares[there] == 0:
                shares[there] = shares[at]
                age += 1
                heapq.heappush(waiting, (max(height, heights[there]), age, there))
    grown = np.array(shares, np.int32).reshape(-1, width)[1:-1, 1:-1]
    return np.maximum(grown, 0)


def _parted_at_necks(mask: Mask) -> NDArray[np.int32] | None:
    """Parts (1, 2, … inside ``mask``, 0 outside) or ``None`` if it has no neck."""
    if _fullness(mask) > _CONVEX:
        return None
    factor = max(math.ceil(math.sqrt(mask.size / _FLOODED)), 1)
    size = -(-mask.shape[1] // factor), -(-mask.shape[0] // factor)
    small = cv2.resize(mask.view(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    depth = _depth(small)
    cores = _cores(depth, 0.0)
    if len(cores) < 2:
        return None
    markers = np.zeros(small.shape, np.int32)
    for index, core in enumerate(cores, start=1):
        markers[core] = index
    shares = _flood(-depth, small, markers).repeat(factor, axis=0).repeat(factor, axis=1)
    return _spread(np.where(mask, shares[: mask.shape[0], : mask.shape[1]], 0), mask)


def _fullness(mask: Mask) -> float:
    """Which share of its convex hull an object fills."""
    rows, columns = np.nonzero(mask ^ (_depth(mask) > 1.5))  # the rim is enough
    hull = cv2.convexHull(np.stack([columns, rows], axis=1).astype(np.int32))
    # Corners are centres of pixels, half a pixel within the rim all around.
    area = cv2.contourArea(hull) + cv2.arcLength(hull, True) / 2 + 1
    return float(np.count_nonzero(mask) / area)


def _depth(mask: Mask) -> NDArray[np.float32]:
    """Distance from the rim in pixels, float32 (h, w); what lies beyond the array is outside."""
    padded = np.pad(mask, 1).view(np.uint8)
    return np.asarray(cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1], np.float32)


def _cores(depth: NDArray[np.float32], level: float) -> list[Mask]:
    """What is left of each part when the water rises until its necks are under it.

    A part counts only if it is so deep that a neck at that level is narrow for it.
    """
    top = float(depth.max())
    while level < _NECK * top:
        numbered, boxes = components(depth > level)
        parts = [
            np.where(numbered == index, depth, np.float32(0)) for index in range(1, len(boxes) + 1)
        ]
        deep = [part for part in parts if part.max() >= max(level / _NECK, _SHALLOWEST)]
        if len(deep) > 1:
            return [core for part in deep for core in _cores(part, level)]
        level += max(_NECK * top / _LEVELS, 0.25)
    return [depth > min(level, 0.999 * top)] if top >= _SHALLOWEST else []


def _spread(parts: NDArray[np.int32], mask: Mask) -> NDArray[np.int32]:
    """``parts`` (0 = none) with every pixel of ``mask`` in the nearest part."""
    _, nearest = cv2.distanceTransformWithLabels(
        (parts == 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(int(nearest.max()) + 1, np.int32)
    table[nearest[parts > 0]] = parts[parts > 0]
    return np.where(mask, table[nearest], 0).astype(np.int32)


def _as_objects(found: Found, parts: NDArray[np.int32], free: Iterator[int]) -> Numbered:
    """Every part (1, 2, … where not 0) as an object; the largest keeps the number there was."""
    table = np.zeros(int(parts.max()) + 1, np.uint16)
    sizes = np.bincount(parts[found.mask], minlength=len(table))
    sizes[0] = 0
    for part in np.argsort(-sizes, kind="stable").tolist():
        if sizes[part]:
            keeps = found.number and not table.any()
            table[part] = found.number if keeps else next(free)
    return Numbered(found.region, found.mask, table[parts])


def _all_as(found: Found, number: int) -> Numbered:
    return Numbered(found.region, found.mask, np.full(found.mask.shape, number, np.uint16))


def _free_numbers(numbers: Numbers | None) -> Iterator[int]:
    """Numbers that no object has, from the smallest on. Raises LabelError when none is left."""
    used = np.zeros(_MOST + 1, np.bool_)
    if numbers is not None:
        used[numbers.ravel()] = True
    for number in np.flatnonzero(~used[1:]).tolist():
        yield number + 1
    raise LabelError(f"all {_MOST} numbers for objects of an image are used")
