"""Whether the first images of the queue tell more than the most uncertain ones, or any others.

    python tests/benchmarks/next_images.py FOLDER --model MODEL [--first 5,10,20] [--draws N]

Every image of FOLDER is proposed once. Of the first N images by the queue, by uncertainty alone and
drawn at random it prints how far an image of the folder lies from the nearest of them, on average
and at most: as the model describes images, which is what the queue goes by, and as the last stage
of an ImageNet backbone does, which it knows nothing of; and how uncertain they are. Then each of
the three most uncertain images gets nine copies (other light, shifted by some pixels, saved as
JPEG): how many of the first ten are like one before them?
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seglabel.core.queue import Candidate, queue
from seglabel.formats.folder import find_images
from seglabel.formats.images import read_image
from seglabel.model import Segmenter
from seglabel.model.allocator import keep_pages
from seglabel.model.refine.features import ImageNetFeatures, padded_image

Picture = NDArray[np.uint8]
Vectors = NDArray[np.float64]

_PLANTED, _COPIES, _TOP = 3, 9, 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--first", default="5,10,20")
    parser.add_argument("--draws", type=int, default=200)
    chosen = parser.parse_args()
    keep_pages()
    segmenter, backbone = Segmenter.load(chosen.model, "cpu"), ImageNetFeatures()
    names = find_images(chosen.folder)
    seen, foreign = [], []
    for name in names:
        picture = read_image(chosen.folder / name)
        seen.append(described(segmenter, name, picture))
        foreign.append(backbone.stages(padded_image(picture))[-1].mean((1, 2)).numpy())
    spaces = {
        "as the model sees it": distances(unit([one.descriptor for one in seen])),
        "as ImageNet sees it": distances(unit(foreign)),
    }
    print(f"{len(seen)} images, {segmenter.name} on {segmenter.where}\n")
    generator = np.random.default_rng(0)
    draws = [generator.permutation(len(seen)) for _ in range(chosen.draws)]
    for count in (int(text) for text in chosen.first.split(",")):
        tell(count, orders(seen, draws), spaces, np.array([one.uncertainty for one in seen]))
    plant(segmenter, chosen.folder, seen, chosen.draws)


def described(segmenter: Segmenter, name: str, picture: Picture) -> Candidate:
    proposal = segmenter.propose(picture)
    return Candidate(name, proposal.mean_uncertainty, proposal.descriptor)


def orders(seen: Sequence[Candidate], draws: Sequence[NDArray[np.int64]]) -> Mapping[str, list]:
    """Indices of images, the next first, by each way of choosing; of some several draws."""
    rows = {one.name: row for row, one in enumerate(seen)}
    by_gain = [rows[place.name] for place in queue(seen)]
    by_doubt = sorted(range(len(seen)), key=lambda row: -(seen[row].uncertainty or 0))
    return {"queue": [by_gain], "uncertainty alone": [by_doubt], "random": list(draws)}


def tell(count: int, ways: Mapping[str, list], spaces: Mapping[str, Vectors], doubts) -> None:
    print(f"the first {count:2}              distance to the nearest: mean (most) of")
    print(" " * 22 + "".join(f"{title:>24}" for title in spaces) + f"{'uncertainty':>14}")
    for title, several in ways.items():
        cells = []
        for space in spaces.values():
            nearest = [space[:, list(order[:count])].min(1) for order in several]
            mean, most = np.mean([(n.mean(), n.max()) for n in nearest], axis=0)
            cells.append(f"{mean:16.3f} ({most:.3f})")
        doubt = np.mean([doubts[list(order[:count])].mean() for order in several])
        print(f"{title:22}" + "".join(cells) + f"{doubt:14.3f}")
    print()


def plant(segmenter: Segmenter, folder: Path, seen: Sequence[Candidate], draws: int) -> None:
    """Count images like one before them among the first, where copies were put in."""
    worst = sorted(seen, key=lambda one: -(one.uncertainty or 0))[:_PLANTED]
    family = {one.name: one.name for one in seen}
    more = list(seen)
    generator = np.random.default_rng(1)
    for one in worst:
        picture = read_image(folder / one.name)
        for index in range(_COPIES):
            name = f"{one.name} again {index}"
            family[name] = one.name
            more.append(described(segmenter, name, altered(picture, generator)))
    shuffled = [generator.permutation(len(more)) for _ in range(draws)]
    print(f"{_COPIES} copies each of {_PLANTED} images: of the first {_TOP}, like one before them")
    for title, several in orders(more, shuffled).items():
        repeated = [
            _TOP - len({family[more[row].name] for row in order[:_TOP]}) for order in several
        ]
        print(f"{title:22}{np.mean(repeated):6.1f}")


def altered(picture: Picture, generator: np.random.Generator) -> Picture:
    """The same scene a moment later, as a camera might have taken it."""
    down, across = generator.integers(0, 12, 2)
    light = picture[down:, across:].astype(np.float32) * generator.uniform(0.9, 1.1)
    file = io.BytesIO()
    Image.fromarray(np.clip(light, 0, 255).astype(np.uint8)).save(file, "JPEG", quality=85)
    return np.array(Image.open(file))


def unit(vectors: Sequence[NDArray]) -> Vectors:
    stacked = np.array(vectors, np.float64)
    return stacked / np.linalg.norm(stacked, axis=1, keepdims=True)


def distances(vectors: Vectors) -> Vectors:
    """Euclidean, of each to each."""
    return np.sqrt(np.maximum(2 - 2 * vectors @ vectors.T, 0))


if __name__ == "__main__":
    main()
