"""What bf16 changes in the labels of a trained network.

    python tests/benchmarks/precision.py MODEL FOLDER [--count N] [--labels DIR]

Proposes every picture of FOLDER in float32 and in bf16 and prints the share of equal labels: of all
pixels, and of those further from any border between regions than the network's grid is coarse. With
--labels (index PNGs by the pictures' names) also the mean IoU of both.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from seglabel.core.categories import BACKGROUND, VOID
from seglabel.formats.folder import find_images
from seglabel.formats.images import read_image
from seglabel.formats.label_png import read_label_file
from seglabel.model import Segmenter

_GRID = 4  # pixels between two cells of the decoder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--void", type=int, default=VOID, help="id of unknown pixels in --labels")
    chosen = parser.parse_args()
    exact = Segmenter.load(chosen.model, "cpu", engine="openvino")
    fast = Segmenter.load(chosen.model, "cpu", engine="openvino", precision="bf16")
    equal, inner_equal, inner, total = 0, 0, 0, 0
    confusions = np.zeros((2, 256, 256), np.int64)
    names = find_images(chosen.folder)[: chosen.count]
    for name in names:
        picture = read_image(chosen.folder / name)
        first, second = exact.propose(picture).labels, fast.propose(picture).labels
        same = first == second
        away = ~near_a_border(first, _GRID)
        equal, total = equal + int(same.sum()), total + same.size
        inner_equal, inner = inner_equal + int((same & away).sum()), inner + int(away.sum())
        if chosen.labels is not None:
            truth = read_label_file(chosen.labels / Path(name).with_suffix(".png")).pixels
            truth[truth == chosen.void] = VOID
            for index, labels in enumerate((first, second)):
                pairs = truth.astype(np.int64) * 256 + labels
                confusions[index] += np.bincount(pairs.ravel(), minlength=65536).reshape(256, 256)
    print(f"{len(names)} pictures, {total:,} pixels, {exact.where} against {fast.where}")
    print(f"equal labels              {100 * equal / total:9.4f} %")
    print(
        f"more than {_GRID} px from borders {100 * inner_equal / inner:9.4f} %  ({inner:,} pixels)"
    )
    if chosen.labels is not None:
        print("mean IoU                  {:9.4f} against {:.4f}".format(*map(mean_iou, confusions)))


def near_a_border(labels: NDArray[np.uint8], distance: int) -> NDArray[np.bool_]:
    """Pixels with another label within ``distance`` rows or columns, bool (H, W)."""
    window = np.ones((2 * distance + 1, 2 * distance + 1), np.uint8)
    return np.asarray(cv2.dilate(labels, window) != cv2.erode(labels, window))


def mean_iou(confusion: NDArray[np.int64]) -> float:
    """Over the categories that occur; pixels of unknown truth do not count."""
    counted = confusion.copy()
    counted[VOID] = 0
    union = counted.sum(0) + counted.sum(1) - counted.diagonal()
    present = union > 0
    present[BACKGROUND] &= counted[BACKGROUND].any()
    return float((counted.diagonal()[present] / union[present]).mean())


if __name__ == "__main__":
    main()
