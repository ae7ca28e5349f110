"""Which image to label next: the one from which a model is expected to learn most."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_RANKED = 200  # images that are chosen one by one; nobody looks further ahead
_DISTANCES = 5_000_000  # kept at a time
_FEWEST = 200  # images that represent all, however many there are
_LEAST = 1e-3  # gained by any image: where none brings others nearer, uncertainty alone counts
_SURE = 0.01  # so uncertain an image counts at least, that sure ones come in a sensible order too


class Why(StrEnum):
    """What mostly put an image where it is."""

    UNCERTAIN = "uncertain"
    UNLIKE = "unlike"  # what is labelled or comes before it
    TYPICAL = "typical"  # of many: it is the first of all


@dataclass(frozen=True, eq=False)
class Candidate:
    """What is known of an image.

    ``uncertainty`` is the mean over its proposal, in [0, 1], or ``None`` without one;
    ``descriptor``, float (D,) of length 1, is by the same model for all that have one.
    """

    name: str
    uncertainty: float | None = None
    descriptor: NDArray[np.floating] | None = None
    is_labelled: bool = False


@dataclass(frozen=True)
class Place:
    """An image in the queue."""

    name: str
    why: Why


def queue(candidates: Iterable[Candidate]) -> tuple[Place, ...]:
    """All images that have a proposal and are not labelled, by what is expected to be gained.

    One after another is chosen that gains most: its uncertainty times how much nearer it brings the
    images that are not labelled to the nearest one that is labelled or chosen before (Euclidean
    distance of descriptors). That is greedy facility location (Wei, Iyer, Bilmes, "Submodularity in
    data subset selection and active learning", 2015) on the core-set view of active learning
    (Sener, Savarese, "Active learning for convolutional neural networks: a core-set approach",
    2018), weighted by margin uncertainty: an image like one before it gains next to nothing. The
    k-centre rule of the latter is left alone, as it looks for outliers. Images without a descriptor
    follow, the most uncertain first. The order of ``candidates`` makes no difference.
    """
    known = sorted(candidates, key=lambda candidate: candidate.name)
    open_ones = [one for one in known if not one.is_labelled and one.uncertainty is not None]
    described = [one for one in open_ones if one.descriptor is not None]
    others = [one for one in open_ones if one.descriptor is None]
    others.sort(key=_doubt, reverse=True)
    places = [Place(one.name, Why.UNCERTAIN) for one in others]
    if not described:
        return tuple(places)
    labelled = [one.descriptor for one in known if one.is_labelled and one.descriptor is not None]
    return (*_by_gain(described, _stacked(labelled)), *places)


def _by_gain(open_ones: Sequence[Candidate], labelled: Floats) -> Iterable[Place]:
    vectors = _stacked([one.descriptor for one in open_ones if one.descriptor is not None])
    doubts = np.array([_doubt(one) for one in open_ones], np.float32)
    # Very many images are represented by some, spread evenly over the names.
    few = min(len(vectors), max(_DISTANCES // len(vectors), _FEWEST))
    sample = vectors[np.linspace(0, len(vectors) - 1, few).round().astype(np.int64)]
    distances = _distances(vectors, sample)
    # From each of the sample to the nearest one that is labelled or chosen.
    gaps = _nearest(sample, labelled) if len(labelled) else np.full(few, distances.max())
    order = _greedy(distances, gaps.astype(np.float32), np.maximum(doubts, _SURE))
    reasons = _reasons(doubts[order], vectors[order], labelled)
    if not len(labelled):
        gains = _gains(distances, gaps)
        is_typical = _relative(gains)[order[0]] > _relative(doubts)[order[0]]
        reasons[0] = Why.TYPICAL if is_typical else Why.UNCERTAIN
    return [Place(open_ones[i].name, why) for i, why in zip(order, reasons, strict=True)]


def _greedy(distances: Floats, gaps: Floats, weights: Floats) -> list[int]:
    """Indices by falling gain; ties as they come.

    Gains only ever fall, so that one that still leads after being worked out anew is the highest
    (Minoux, "Accelerated greedy algorithms for maximizing submodular set functions", 1978).
    """
    heap = [(-float(g), index) for index, g in enumerate(weights * _gains(distances, gaps))]
    heapq.heapify(heap)
    chosen: list[int] = []
    while heap and len(chosen) < _RANKED:
        _, index = heapq.heappop(heap)
        line = distances[index]
        now = -float(weights[index] * _gains(line[None], gaps)[0])
        if heap and (now, index) > heap[0]:
            heapq.heappush(heap, (now, index))
            continue
        chosen.append(index)
        gaps = np.minimum(gaps, line)
    rest = np.array(sorted(index for _, index in heap), np.int64)
    if not len(rest):
        return chosen
    gains = weights[rest] * _gains(distances[rest], gaps)
    return chosen + [int(i) for i in rest[np.argsort(-gains, kind="stable")]]


def _gains(distances: Floats, gaps: Floats) -> Floats:
    """By how much each line of distances (n, m) narrows the gaps (m,), as a mean, float32 (n,).

    Never quite nothing.
    """
    step = max(_DISTANCES // (8 * len(gaps)), 1)
    parts = [
        np.maximum(gaps - distances[begin : begin + step], 0).mean(1, dtype=np.float64) + _LEAST
        for begin in range(0, len(distances), step)
    ]
    return np.concatenate(parts).astype(np.float32)


def _reasons(doubts: Floats, vectors: Floats, labelled: Floats) -> list[Why]:
    """Of images in the order of the queue, whichever of two things is further above the usual.

    How uncertain it is, or how far from the nearest one that is labelled or comes before it.
    """
    ranked = vectors[:_RANKED]
    among = _distances(ranked, ranked)
    before = np.where(np.tri(len(ranked), k=-1, dtype=np.bool_), among, np.inf).min(1)
    gaps = np.concatenate((before, _nearest(vectors[_RANKED:], ranked)))
    usual = among
    if len(labelled):
        usual = _nearest(vectors, labelled)
        gaps = np.minimum(gaps, usual)
    is_unlike = gaps / max(float(usual.mean()), 1e-6) > _relative(doubts)
    return [Why.UNLIKE if unlike else Why.UNCERTAIN for unlike in is_unlike]


def _relative(values: Floats) -> Floats:
    return np.asarray(values / max(float(values.mean()), 1e-6), np.float32)


def _distances(vectors: Floats, others: Floats) -> Floats:
    """Euclidean, between vectors of length 1."""
    return np.asarray(np.sqrt(np.maximum(2 - 2 * (vectors @ others.T), 0)), np.float32)


def _nearest(vectors: Floats, others: Floats) -> Floats:
    """Distance of each to the nearest of ``others``, of which there is one, float32 (n,)."""
    found = np.empty(len(vectors), np.float32)
    step = max(_DISTANCES // len(others), 1)
    for begin in range(0, len(vectors), step):
        part = slice(begin, begin + step)
        found[part] = _distances(vectors[part], others).min(1)
    return found


def _stacked(descriptors: Sequence[NDArray[np.floating]]) -> Floats:
    """Of length 1 to the last digit, which what is kept of them is not: float32 (n, D)."""
    if not descriptors:
        return np.zeros((0, 0), np.float32)
    vectors = np.array(descriptors, np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)


def _doubt(candidate: Candidate) -> float:
    return candidate.uncertainty or 0.0
