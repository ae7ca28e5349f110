"""How much work it is to label images, from scratch and from proposals of better and better models.

    .venv/bin/python tests/benchmarks/annotator.py DATA [--models 5=A.safetensors,10=B.safetensors]
        [--first N] [--last N] [--limit N] [--threads N]

DATA has ``images``, ``labels`` (index PNGs of the same names, 0 is void) and, beside or above
them, ``classes.txt`` (the names from 0 on). A simulated annotator (simulated_annotator.py says what
it does and how exact it is) corrects each image by the tools of the window until every category in
it has an IoU of 0.95: from scratch, which is also what 0 corrected images give, as nothing proposes
without a model, and from the proposals of each of ``--models``, named by how many corrected images
they learned from. Each is done twice: by brush and fill alone, and with one press of Refine after
the first strokes. Printed are the actions and the changed pixels of every image, then their means;
Ctrl+C ends with those of the images done so far. The figures count steps, so they do not depend on
the machine.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from simulated_annotator import WANTED, Correction, Labels, correct

from seglabel.core.categories import VOID, CategorySet
from seglabel.core.document import Document
from seglabel.core.errors import SegLabelError
from seglabel.core.label_map import renumber
from seglabel.core.matching import match_by_name
from seglabel.core.metrics import Confusion
from seglabel.core.painted import Painted
from seglabel.core.review import merge_proposal
from seglabel.model import Segmenter
from seglabel.model.refine.refiner import Refiner

_REFINED = {False: "brush and fill", True: "with Refine"}


@dataclass(frozen=True)
class _Start:
    """What an image is corrected from."""

    name: str
    segmenter: Segmenter | None
    refiner: Refiner

    @classmethod
    def load(cls, text: str) -> _Start:
        number, _, path = text.partition("=")
        return cls(f"after {number} images", Segmenter.load(path), Refiner.load(Path(path)))


@dataclass(frozen=True)
class _Result:
    correction: Correction
    miou: float  # before


_Results = dict[tuple[str, bool], list[_Result]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--models", default="", help="corrected images=checkpoint, …")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--last", type=int, default=None)
    parser.add_argument("--limit", type=int, default=1000, help="actions per image")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    cv2.setNumThreads(arguments.threads)
    names = (arguments.data / "classes.txt", arguments.data.parent / "classes.txt")
    listed = next(path for path in names if path.exists()).read_text().split()
    categories = CategorySet.of(*listed[1:])
    every = sorted((arguments.data / "images").iterdir())
    paths = every[arguments.first : arguments.last]
    starts = [_Start("from scratch (0)", None, Refiner())]
    starts += [_Start.load(text) for text in filter(None, arguments.models.split(","))]
    print(
        f"{len(paths)} of {len(every)} images of {arguments.data}, IoU {WANTED} wanted", flush=True
    )
    results: _Results = defaultdict(list)
    try:
        for path in paths:
            for key, result in _correct_image(path, starts, categories, arguments.limit).items():
                results[key].append(result)
    except KeyboardInterrupt:
        print("stopped")
    _print_table(starts, results, arguments.limit)


def _correct_image(
    path: Path, starts: list[_Start], categories: CategorySet, limit: int
) -> dict[tuple[str, bool], _Result]:
    image, truth = _read(path)
    found = {}
    for start in starts:
        labels = np.zeros(truth.shape, np.uint8)
        if start.segmenter is not None:
            table = match_by_name(start.segmenter.categories, categories).table
            labels = renumber(start.segmenter.propose(image).labels, table)
        miou = _miou(truth, labels, categories)
        for refines in (False, True):
            document = Document.blank(*truth.shape)
            if start.segmenter is not None:
                merge_proposal(document, labels, "propose")
            refine = _refine(start.refiner, image, categories) if refines else None
            done = correct(document, image, truth, refine, limit)
            found[start.name, refines] = _Result(done, miou)
            kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(done.actions.items()))
            print(
                f"{path.name:14} {start.name:18} {_REFINED[refines]:15} mIoU {miou:.3f} "
                f"-> {done.miou:.3f} by {done.total:4} actions ({kinds}), {done.drawn:7,.0f} px "
                f"drawn, {done.changed:7,} changed" + ("" if done.is_over else ", CUT SHORT"),
                flush=True,
            )
    return found


def _read(path: Path) -> tuple[NDArray[np.uint8], Labels]:
    """The picture, and the truth with VOID where nothing is known."""
    labels = np.array(Image.open(path.parent.parent / "labels" / f"{path.stem}.png"))
    return np.array(Image.open(path).convert("RGB")), np.where(labels == 0, VOID, labels)


def _miou(truth: Labels, labels: Labels, categories: CategorySet) -> float:
    confusion = Confusion()
    confusion.add(truth, labels)
    return confusion.scores(categories.ids).miou


def _refine(
    refiner: Refiner, image: NDArray[np.uint8], categories: CategorySet
) -> Callable[[Document], Labels | None]:
    def refine(document: Document) -> Labels | None:
        painted = Painted.of(document, document.labels.size)
        try:
            return refiner.refine(image, painted, categories).labels
        except SegLabelError:  # one category alone teaches nothing
            return None

    return refine


def _print_table(starts: list[_Start], results: _Results, limit: int) -> None:
    images = min(len(rows) for rows in results.values()) if results else 0
    if not images:
        return
    print(f"\nmeans over {images} images, at most {limit} actions each; -> is what was reached")
    print(f"{'':18} {'':15}   mIoU      ->  actions  median  px drawn  px changed  cut short")
    actions = {}
    for start in starts:
        for refines, kind in _REFINED.items():
            rows = results[start.name, refines][:images]
            done = [row.correction for row in rows]
            actions[start.name, refines] = np.mean([one.total for one in done])
            print(
                f"{start.name:18} {kind:15}  {np.mean([row.miou for row in rows]):.3f}  "
                f"{np.mean([one.miou for one in done]):.3f} {actions[start.name, refines]:8.1f} "
                f"{np.median([one.total for one in done]):7.0f} "
                f"{np.mean([one.drawn for one in done]):9,.0f} "
                f"{np.mean([one.changed for one in done]):11,.0f} "
                f"{sum(not one.is_over for one in done):10}"
            )
    scratch = actions[starts[0].name, False]
    for start in starts:
        falls = [1 - actions[start.name, refines] / scratch for refines in _REFINED]
        print(
            f"{start.name}: {falls[0]:.0%} fewer actions than from scratch without Refine, "
            f"{falls[1]:.0%} with it"
        )


if __name__ == "__main__":
    main()
