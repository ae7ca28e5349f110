"""How much work it is to label images, from scratch and from proposals of better and better models.

    .venv/bin/python tests/benchmarks/annotator.py DATA [--models 5=A.safetensors,10=B.safetensors]
        [--first N] [--last N] [--limit N] [--longest N] [--threads N] [--keep FILE]

DATA has ``images``, ``labels`` (index PNGs of the same names, 0 is void) and, beside or above
them, ``classes.txt`` (the names from 0 on). A simulated annotator (simulated_annotator.py says what
it does and how exact it is) corrects each image by the tools of the window until every category in
it has an IoU of 0.95: from scratch, which is also what 0 corrected images give, as nothing proposes
without a model, and from the proposals of each of ``--models``, named by how many corrected images
they learned from. Each is done twice: by brush and fill alone, and with one press of Refine after
the first strokes. Printed are the actions and the changed pixels of every image, then their means;
Ctrl+C ends with those of the images done so far. With ``--keep`` what was done is kept as JSON
lines, and a later run, of other models too, does only what is missing. The figures count steps, so
they do not depend on the machine.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from simulated_annotator import LONGEST, WANTED, Correction, Labels, correct

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

    @property
    def digest(self) -> str:
        """Of the model."""
        return "" if self.segmenter is None else self.segmenter.digest

    @classmethod
    def load(cls, text: str) -> _Start:
        number, _, path = text.partition("=")
        return cls(f"after {number} images", Segmenter.load(path), Refiner.load(Path(path)))


@dataclass(frozen=True)
class _Result:
    correction: Correction
    miou: float  # before

    def to_json(self) -> dict[str, Any]:
        return {**vars(self.correction), "before": self.miou}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> _Result:
        before = data.pop("before")
        return cls(Correction(**{**data, "actions": Counter(data["actions"])}), before)


class _Kept:
    """What earlier runs found out, by what it depends on."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._found: dict[str, dict[str, Any]] = {}
        if path is not None and path.exists():
            lines = map(json.loads, path.read_text().splitlines())
            self._found = {line["key"]: line["result"] for line in lines}

    def get(self, key: str) -> _Result | None:
        found = self._found.get(key)
        return None if found is None else _Result.from_json(dict(found))

    def keep(self, key: str, result: _Result) -> None:
        if self._path is not None:
            with self._path.open("a") as file:
                file.write(json.dumps({"key": key, "result": result.to_json()}) + "\n")


_Results = dict[tuple[str, bool], list[_Result]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--models", default="", help="corrected images=checkpoint, …")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--last", type=int, default=None)
    parser.add_argument("--limit", type=int, default=1000, help="actions per image")
    parser.add_argument("--longest", type=int, default=LONGEST, help="pixels of a stroke's way")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="file of JSON lines")
    arguments = parser.parse_args()
    kept = _Kept(arguments.keep)
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
        f"{len(paths)} of {len(every)} images of {arguments.data}, IoU {WANTED} wanted, "
        f"strokes of at most {arguments.longest} px",
        flush=True,
    )
    results: _Results = defaultdict(list)
    try:
        for path in paths:
            bounds = (arguments.limit, arguments.longest)
            done = _correct_image(path, starts, categories, bounds, kept)
            for key, result in done.items():
                results[key].append(result)
    except KeyboardInterrupt:
        print("stopped")
    _print_table(starts, results, arguments.limit)


def _correct_image(
    path: Path,
    starts: list[_Start],
    categories: CategorySet,
    bounds: tuple[int, int],
    kept: _Kept,
) -> dict[tuple[str, bool], _Result]:
    found = {}
    for start in starts:
        for refines in (False, True):
            key = f"{path.name} {start.digest} {refines} {bounds}"
            result = kept.get(key)
            if result is None:
                result = _correct_from(path, start, categories, bounds, refines)
                kept.keep(key, result)
            found[start.name, refines] = result
            done = result.correction
            kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(done.actions.items()))
            print(
                f"{path.name:14} {start.name:18} {_REFINED[refines]:15} mIoU {result.miou:.3f} "
                f"-> {done.miou:.3f} by {done.total:4} actions ({kinds}), {done.drawn:7,.0f} px "
                f"drawn, {done.changed:7,} changed" + ("" if done.is_over else ", CUT SHORT"),
                flush=True,
            )
    return found


def _correct_from(
    path: Path, start: _Start, categories: CategorySet, bounds: tuple[int, int], refines: bool
) -> _Result:
    image, truth = _read(path)
    document = Document.blank(*truth.shape)
    if start.segmenter is not None:
        table = match_by_name(start.segmenter.categories, categories).table
        proposed = renumber(start.segmenter.propose(image).labels, table)
        merge_proposal(document, proposed, "propose")
    miou = _miou(truth, document.labels)
    refine = _refine(start.refiner, image, categories) if refines else None
    return _Result(correct(document, image, truth, refine, *bounds), miou)


def _read(path: Path) -> tuple[NDArray[np.uint8], Labels]:
    """The picture, and the truth with VOID where nothing is known."""
    labels = np.array(Image.open(path.parent.parent / "labels" / f"{path.stem}.png"))
    return np.array(Image.open(path).convert("RGB")), np.where(labels == 0, VOID, labels)


def _miou(truth: Labels, labels: Labels) -> float:
    """Over the categories in the image."""
    confusion = Confusion()
    confusion.add(truth, labels)
    return confusion.scores([int(i) for i in np.unique(truth) if i != VOID]).miou


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
