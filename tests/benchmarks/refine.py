"""How well Refine labels images from a few strokes, and how long it takes.

    .venv/bin/python tests/benchmarks/refine.py DATA [--model M] [--threads N] [--first N]

DATA has ``images``, ``labels`` (index PNGs of the same names, 0 is void) and, beside or above
them, ``classes.txt`` (the names from 0 on). In each image one stroke of 30 × 10 pixels, then
three, are drawn at random (seeded) inside each category, cut to it as a person would. Printed is
the mean over images of the mean IoU over the stroked categories, next to the plain way in the same
run: logistic regression on the backbone's features at strides 8 and 16, upsampled to 4, plus colour
and place. With a model also: on how many images the refined proposal is better than the model's
own. Seconds are the median over images, and for one image enlarged to a megapixel.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional

from seglabel.core.categories import CategorySet
from seglabel.core.painted import Painted
from seglabel.model import Segmenter
from seglabel.model.refine.classifier import balanced, fit
from seglabel.model.refine.features import ImageNetFeatures, colours, padded_image, places
from seglabel.model.refine.refiner import FeatureCache, Refiner

_LENGTH, _WIDTH = 30, 10
_TRIES = 12
_LEAST = 100  # pixels of a category that is stroked

Labels = NDArray[np.uint8]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--last", type=int, default=None)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    cv2.setNumThreads(arguments.threads)
    names = (arguments.data / "classes.txt", arguments.data.parent / "classes.txt")
    listed = next(path for path in names if path.exists()).read_text().split()
    categories = CategorySet.of(*listed[1:])
    paths = sorted((arguments.data / "images").iterdir())[arguments.first : arguments.last]
    refiners = {"Refine, ImageNet alone": Refiner()}
    segmenter = None
    if arguments.model is not None:
        refiners["Refine, with the model"] = Refiner.load(arguments.model)
        segmenter = Segmenter.load(arguments.model)
    for strokes in (1, 3):
        tallies = {name: _Tally() for name in refiners}
        plain, own = _Tally(), _Tally()
        better = 0
        for number, path in enumerate(paths):
            image, truth = _read(path)
            drawn = draw_strokes(truth, strokes, np.random.default_rng(1000 * strokes + number))
            painted = Painted(drawn, drawn > 0, truth.shape)
            plain.take(_plain(image, drawn), truth, painted.ids)
            for name, refiner in refiners.items():
                begin = time.perf_counter()
                refiner.features(image)
                tallies[name].features.append(time.perf_counter() - begin)
                begin = time.perf_counter()
                labels = refiner.refine(image, painted, categories).labels
                tallies[name].seconds.append(time.perf_counter() - begin)
                tallies[name].take(labels, truth, painted.ids)
            if segmenter is not None:
                proposed = segmenter.propose(image).labels
                proposed[drawn > 0] = drawn[drawn > 0]
                own.take(proposed, truth, painted.ids)
                better += tallies["Refine, with the model"].scores[-1] > own.scores[-1]
        print(f"{strokes} stroke(s) per category, {len(paths)} images")
        print(f"  {'plain':24} mIoU {plain.mean:.3f}")
        for name, tally in tallies.items():
            print(f"  {name:24} mIoU {tally.mean:.3f}  {tally.times}", flush=True)
        if segmenter is not None:
            print(f"  {'the model, unrefined':24} mIoU {own.mean:.3f}")
            print(f"  refined is better on {better} of {len(paths)} images", flush=True)
    _time_a_megapixel(paths[0], categories)


@dataclass
class _Tally:
    scores: list[float] = field(default_factory=list)
    features: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def take(self, labels: Labels, truth: Labels, ids: tuple[int, ...]) -> None:
        self.scores.append(mean_iou(labels, truth, ids))

    @property
    def mean(self) -> float:
        return float(np.mean(self.scores))

    @property
    def times(self) -> str:
        # Features are computed with the first stroke and remembered from then on.
        features, seconds = (1000 * np.median(part) for part in (self.features, self.seconds))
        return f"features {features:.0f} ms, then {seconds:.0f} ms"


def _read(path: Path) -> tuple[NDArray[np.uint8], Labels]:
    labels = path.parent.parent / "labels" / f"{path.stem}.png"
    return np.array(Image.open(path).convert("RGB")), np.array(Image.open(labels))


def draw_strokes(truth: Labels, number: int, rng: np.random.Generator) -> Labels:
    """Strokes of each category, uint8 (H, W) of ids, 0 where there is none."""
    drawn = np.zeros(truth.shape, np.uint8)
    for category in (c for c in np.unique(truth) if c):
        own = truth == category
        pixels = np.argwhere(own)
        if len(pixels) < _LEAST:
            continue
        for _ in range(number):
            drawn[_stroke_inside(own, pixels, rng)] = category
    return drawn


def _stroke_inside(
    own: NDArray[np.bool_], pixels: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.bool_]:
    """The first of some random strokes that lies inside, or the one that does most, cut to it."""
    best, most = own, -1.0
    for _ in range(_TRIES):
        y, x = pixels[rng.integers(len(pixels))]
        angle = rng.uniform(0, np.pi)
        dy, dx = (part * (_LENGTH - _WIDTH) / 2 for part in (np.sin(angle), np.cos(angle)))
        canvas = np.zeros(own.shape, np.uint8)
        ends = [(round(x - s * dx), round(y - s * dy)) for s in (1, -1)]
        cv2.line(canvas, ends[0], ends[1], 1, _WIDTH)
        stroke = canvas > 0
        inside = float((stroke & own).sum() / stroke.sum())
        if inside > most:
            best, most = stroke & own, inside
        if inside >= 0.95:
            break
    return best


def mean_iou(labels: Labels, truth: Labels, ids: tuple[int, ...]) -> float:
    """Over ``ids``; what is void in ``truth`` does not count."""
    counts = truth > 0
    ious = []
    for i in ids:
        said, true = (labels == i) & counts, truth == i
        ious.append((said & true).sum() / max((said | true).sum(), 1))
    return float(np.mean(ious))


_NETS: list[ImageNetFeatures] = []


def _plain(image: NDArray[np.uint8], drawn: Labels) -> Labels:
    """Logistic regression on strides 8 and 16, upsampled to 4, plus colour and place."""
    if not _NETS:
        _NETS.append(ImageNetFeatures())
    pixels = padded_image(image)
    grid = (pixels.shape[0] // 4, pixels.shape[1] // 4)
    with torch.inference_mode():
        stages = _NETS[0].stages(pixels)
    chosen = [
        functional.interpolate(stage[None].clone(), size=grid, mode="bilinear")[0]
        for stage in (stages[3], stages[5])
    ]
    chosen += [colours(pixels, grid), places(grid)]
    rows = torch.cat([one.reshape(one.shape[0], -1) for one in chosen]).T
    rows = (rows - rows.mean(0)) / (rows.std(0) + 1e-6)
    small = np.zeros(grid, np.uint8)
    padded = np.zeros(pixels.shape[:2], np.uint8)
    padded[: drawn.shape[0], : drawn.shape[1]] = drawn
    small = padded.reshape(grid[0], 4, grid[1], 4).max((1, 3)).ravel()
    cells = np.flatnonzero(small)
    ids, targets = np.unique(small[cells], return_inverse=True)
    own = torch.from_numpy(targets)
    found = fit(rows[cells], own, balanced(own, len(ids)), len(ids), decay=1.0 / len(cells))
    scores = (rows @ found[:-1] + found[-1]).T.reshape(1, len(ids), *grid)
    full = functional.interpolate(scores, scale_factor=4, mode="bilinear")[0].argmax(0).numpy()
    labels = ids[full[: drawn.shape[0], : drawn.shape[1]]].astype(np.uint8)
    labels[drawn > 0] = drawn[drawn > 0]
    return labels


def _time_a_megapixel(path: Path, categories: CategorySet) -> None:
    image, truth = _read(path)
    image = np.asarray(cv2.resize(image, (1024, 1024), interpolation=cv2.INTER_LINEAR), np.uint8)
    truth = cv2.resize(truth, (1024, 1024), interpolation=cv2.INTER_NEAREST)
    refiner = Refiner(cache=FeatureCache())
    begin = time.perf_counter()
    refiner.features(image)
    first = time.perf_counter() - begin
    drawn = draw_strokes(truth, 3, np.random.default_rng(0))
    times = []
    for _ in range(7):
        begin = time.perf_counter()
        refiner.refine(image, Painted(drawn, drawn > 0, truth.shape), categories)
        times.append(time.perf_counter() - begin)
    print(
        f"a megapixel, {len(np.unique(truth))} categories: features {1000 * first:.0f} ms, "
        f"each refine then {1000 * np.median(times):.0f} ms (best {1000 * min(times):.0f})"
    )


if __name__ == "__main__":
    main()
