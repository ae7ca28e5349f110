"""What a whole folder costs beside the forward passes alone.

    python tests/benchmarks/folder.py FOLDER --model MODEL [--precision fp32|bf16] [--rounds N]

In one process, in turn: the network over the decoded pictures, nothing else; and a folder run from
files to proposals in a new project. Prints seconds of both and their ratio.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seglabel.formats.folder import find_images
from seglabel.formats.images import read_image
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.engines.local import predict
from seglabel.jobs.sinks import ProjectSink
from seglabel.model import Segmenter
from seglabel.model.allocator import keep_pages


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    keep_pages()
    segmenter = Segmenter.load(chosen.model, "cpu", precision=chosen.precision)
    names = find_images(chosen.folder)
    pictures = [padded(read_image(chosen.folder / name)) for name in names]

    def forward() -> None:
        for picture in pictures:
            segmenter.engine.run(picture[None])

    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "pictures"
        shutil.copytree(chosen.folder, copy)

        def whole() -> None:
            shutil.rmtree(copy / ".seglabel", ignore_errors=True)
            store = ProjectStore.open(copy)
            store.project.categories = segmenter.categories
            report = predict(store, names, segmenter, ProjectSink(store))
            assert report.proposed == len(names), report

        times: dict[str, list[float]] = {"forward passes alone": [], "folder run": []}
        for turn in range(chosen.rounds + 1):
            for (_, taken), work in zip(times.items(), (forward, whole), strict=True):
                seconds = timed(work)
                if turn:  # the first warms up
                    taken.append(seconds)
    alone, run = (statistics.median(taken) for taken in times.values())
    ratios = [b / a for a, b in zip(*times.values(), strict=True)]
    print(f"{len(names)} pictures, {segmenter.where}")
    for title, taken in times.items():
        median = statistics.median(taken)
        print(f"{title:22} {median:7.2f} s  (fastest {min(taken):.2f})")
    print(f"ratio of medians {run / alone:.3f}, median of ratios {statistics.median(ratios):.3f}")


def padded(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """To a multiple of 16, as the network sees it."""
    bottom, right = -picture.shape[0] % 16, -picture.shape[1] % 16
    return np.pad(picture, ((0, bottom), (0, right), (0, 0)), mode="edge")


def timed(work: Callable[[], None]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
