"""Train the built-in model for cell nuclei, and say how good it is on images it never saw.

    python packaging/train_nuclei_model.py DATA                       train, judge, write
    python packaging/train_nuclei_model.py DATA --checkpoint FILE     the same without training

DATA holds ``images/*.png`` and ``instances/*.png`` (16-bit, one id per nucleus, 0 = background):
the training images of the Data Science Bowl 2018, stage 1, with K. Lopuhin's corrections, both CC0.
Images whose name hashes into the first fifth are never learned from; the scores come from them.

The network learns three things to tell apart: background, nucleus, and the *border* where two
nuclei touch. In the model that is written the border counts as background, so that most nuclei that
touch come out as objects of their own without a further step.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from built_in_model import MODELS, write_built_in
from numpy.typing import NDArray

from seglabel import __version__
from seglabel.core.cancel import Cancel
from seglabel.core.categories import BACKGROUND, Category, CategorySet
from seglabel.core.instances import find_instances
from seglabel.core.metrics import Confusion, Scores
from seglabel.core.progress import Progress
from seglabel.core.public_weights import PublicWeights
from seglabel.core.samples import Sample
from seglabel.core.separating import as_instances, separate_touching
from seglabel.formats.model_card import CardScores, ModelCard, render_card
from seglabel.model.contrast import spread

Picture = NDArray[np.uint8]
Instances = NDArray[np.uint16]

NUCLEUS, BORDER = 1, 2
_NUCLEUS = Category(NUCLEUS, "nucleus", (76, 201, 240), is_thing=True)
LEARNED = CategorySet((_NUCLEUS, Category(BORDER, "border", (214, 40, 57))))
TOLD = CategorySet((_NUCLEUS,))
THINGS = frozenset({NUCLEUS})

_HELD_BACK = 0.2  # of the images; never learned from, the scores come from them
_SMALL = 400  # pictures up to this side are also shown twice as large: their nuclei are small
_ENLARGED = 2  # looks of such a picture that are


@dataclass(frozen=True)
class Annotated:
    """A picture with one number per nucleus, where its name hashes to between 0 and 1."""

    name: str
    picture: Picture
    instances: Instances
    place: float


def read_data(folder: Path) -> list[Annotated]:
    """All annotated pictures below ``folder``, by name."""
    found = []
    for path in sorted((folder / "images").glob("*.png")):
        picture = cv2.cvtColor(cv2.imread(str(path), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        numbers = cv2.imread(str(folder / "instances" / path.name), cv2.IMREAD_UNCHANGED)
        digest = hashlib.blake2b(path.name.encode(), digest_size=8).digest()
        place = int.from_bytes(digest, "big") / 2**64
        found.append(Annotated(path.name, np.asarray(picture), np.asarray(numbers), place))
    if not found:
        raise SystemExit(f"{folder}: expected images/*.png and instances/*.png")
    return found


def labels_with_borders(instances: Instances) -> Picture:
    """Ids of ``LEARNED`` (H, W): nuclei, and a line of four pixels where two of them touch."""
    around = np.ones((5, 5), np.uint8)
    inside = instances > 0
    highest = cv2.dilate(instances, around)
    lowest = cv2.erode(np.where(inside, instances, np.uint16(65535)), around)
    labels = np.where(inside, np.uint8(NUCLEUS), np.uint8(BACKGROUND))
    labels[inside & ((highest != instances) | (lowest != instances))] = BORDER
    return labels


def is_stained(one: Annotated) -> bool:
    """Whether the picture has colours, as stained sections have and fluorescence here has not."""
    return bool(one.picture.std(axis=2).mean() > 5)


# other looks of the same picture


def inverted(picture: Picture) -> Picture:
    """Dark on bright instead of bright on dark, and the other way round."""
    return np.asarray(255 - picture, np.uint8)


def stretched(picture: Picture, generator: np.random.Generator) -> Picture:
    """Brightness spread to what a camera with automatic exposure gives, with some gamma."""
    low, high = np.percentile(picture, (0.5, 99.8))
    spread = np.clip((picture.astype(np.float32) - low) / max(float(high - low), 8.0), 0, 1)
    return np.asarray(255 * spread ** generator.uniform(0.6, 1.3), np.uint8)


def stained(picture: Picture, generator: np.random.Generator) -> Picture:
    """Shown as a stained section: what was dark pale, what was bright purple, blue or brown."""
    grey = cv2.cvtColor(stretched(picture, generator), cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    paper = generator.uniform((205, 180, 205), (250, 235, 250))
    stain = generator.uniform((50, 20, 80), (130, 100, 170))
    if generator.random() < 0.25:
        stain = stain[::-1]  # brown, as DAB is
    cloud = cv2.GaussianBlur(generator.normal(size=grey.shape), (0, 0), 12)
    tissue = 25 * cloud / max(float(cloud.std()), 1e-6)
    colored = paper + (stain - paper) * grey[..., None] + tissue[..., None] * (1 - grey[..., None])
    return np.clip(colored, 0, 255).astype(np.uint8)


def colored(picture: Picture, generator: np.random.Generator) -> Picture:
    """Bright in one colour on black, as fluorescence is often shown."""
    color = generator.dirichlet((0.6, 0.6, 0.6))
    grey = cv2.cvtColor(stretched(picture, generator), cv2.COLOR_RGB2GRAY)
    shown = grey[..., None] * color / color.max()
    return np.asarray(np.clip(shown, 0, 255), np.uint8)


def noisy(picture: Picture, generator: np.random.Generator) -> Picture:
    """Out of focus, or with the noise of a short exposure."""
    blurred = cv2.GaussianBlur(picture, (0, 0), generator.uniform(0.5, 1.5))
    return np.clip(
        blurred + generator.normal(0, generator.uniform(2, 9), picture.shape), 0, 255
    ).astype(np.uint8)


def looks(one: Annotated) -> Iterator[tuple[str, Picture]]:
    """The picture as it is and in the looks that microscopes and stains give to others."""
    seed = int.from_bytes(hashlib.blake2b(one.name.encode(), digest_size=4).digest(), "big")
    generator = np.random.default_rng(seed)
    varied = stretched(one.picture, generator)
    yield "as it is", one.picture
    yield "varied", noisy(varied, generator)
    yield "inverted", inverted(varied)
    if is_stained(one):
        hue = np.roll(one.picture, 1, axis=2) if generator.random() < 0.5 else one.picture
        grey = cv2.cvtColor(one.picture, cv2.COLOR_RGB2GRAY)
        yield "other stain", stretched(hue, generator)
        yield "grey", np.repeat(grey[..., None], 3, axis=2)
    else:
        yield "stained", noisy(stained(one.picture, generator), generator)
        yield "colored", colored(one.picture, generator)


def training_samples(data: Sequence[Annotated]) -> list[Sample]:
    """Every look of every picture; of small pictures the first two also twice as large."""
    samples = []
    for one in data:
        is_small = max(one.picture.shape[:2]) <= _SMALL
        for number, (look, picture) in enumerate(looks(one)):
            name = f"{one.name}, {look}"
            samples.append(_sample(name, picture, one.instances))
            if is_small and number < _ENLARGED:
                samples.append(_sample(f"{name}, twice", picture, one.instances, factor=2))
    return samples


def _sample(name: str, picture: Picture, instances: Instances, factor: int = 1) -> Sample:
    def load() -> tuple[Picture, Picture]:
        shown = spread(picture)
        if factor == 1:
            return shown, labels_with_borders(instances)
        size = (picture.shape[1] * factor, picture.shape[0] * factor)
        large = cv2.resize(shown, size, interpolation=cv2.INTER_CUBIC)
        numbers = cv2.resize(instances, size, interpolation=cv2.INTER_NEAREST)
        return np.asarray(large, np.uint8), labels_with_borders(np.asarray(numbers, np.uint16))

    return Sample(name, load)


def train(data: Sequence[Annotated], rounds: Sequence[int], seed: int, checkpoint: Path) -> None:
    """Write a checkpoint of seglabel's that tells ``LEARNED`` apart.

    Each of ``rounds`` is a number of steps. A later one goes on from the one before, while the
    learning rate rises and falls anew (Loshchilov, Hutter 2017, arXiv 1608.03983).
    """
    from seglabel.model.allocator import keep_pages

    keep_pages()
    from seglabel.model.learning import DeepLabLearner
    from seglabel.model.learning.recipe import Recipe

    training = training_samples([one for one in data if one.place >= _HELD_BACK])
    for number, steps in enumerate(rounds):
        learner = DeepLabLearner(
            init=checkpoint if number else None,
            steps=steps,
            seed=seed + number,
            recipe=Recipe(crop=224, batch=6, rate=6e-4, scales=(0.6, 1.6)),
            say=_say,
        )
        learned = learner.learn(training, (), LEARNED, _tell, Cancel())
        checkpoint.write_bytes(learned.checkpoint)


def _say(sentence: str) -> None:
    print(sentence, flush=True)


def _tell(progress: Progress) -> None:
    values = progress.values or {}
    if progress.done % 25 == 0:
        print(progress.done, values, flush=True)


# judging


@dataclass(frozen=True)
class Found:
    """How objects were found: matched one to one at an IoU above 0.5, made up, and missed."""

    hits: int
    made_up: int
    missed: int

    @property
    def f1(self) -> float:
        return 2 * self.hits / max(2 * self.hits + self.made_up + self.missed, 1)

    @property
    def precision(self) -> float:
        """Hits among all found, made up and missed: the data set's own measure at 0.5."""
        return self.hits / max(self.hits + self.made_up + self.missed, 1)

    def __str__(self) -> str:
        return f"F1 {self.f1:.3f}, AP {self.precision:.3f}"


def judge(
    data: Sequence[Annotated], model: Path, scales: tuple[float, ...] = (1.0,)
) -> tuple[Scores, Found, Found]:
    """Scores of pixels; objects as components of the labels; objects parted at their necks too."""
    from seglabel.model import Augmentation, Segmenter

    segmenter = Segmenter.load(model, "cpu", augmentation=Augmentation(scales))
    confusion = Confusion()
    counts = np.zeros((2, 3), int)
    for one in data:
        labels = segmenter.propose(one.picture).labels
        truth = np.where(one.instances > 0, np.uint8(NUCLEUS), np.uint8(BACKGROUND))
        confusion.add(truth, labels)
        parted = as_instances(separate_touching(labels, None, THINGS), labels.shape)
        for way, numbers in enumerate((None, parted)):
            counts[way] += matched(numbered(labels, numbers), one.instances)
    together, apart = (Found(*row.tolist()) for row in counts)
    return confusion.scores((BACKGROUND, NUCLEUS)), together, apart


def numbered(labels: Picture, instances: Instances | None) -> NDArray[np.int32]:
    """The objects that an export would have, numbered from 1, int32 (H, W)."""
    numbers = np.zeros(labels.shape, np.int32)
    for number, found in enumerate(find_instances(labels, instances, TOLD), start=1):
        numbers[found.region.slices][found.mask] = number
    return numbers


def matched(found: NDArray[np.int32], true: Instances) -> tuple[int, int, int]:
    """Objects found at an IoU above 0.5, found but not there, there but not found."""
    wide = int(true.max()) + 1
    pairs = np.bincount((found.astype(np.int64) * wide + true).ravel())
    overlap = np.pad(pairs, (0, -len(pairs) % wide)).reshape(-1, wide)
    union = overlap.sum(1)[:, None] + overlap.sum(0)[None] - overlap
    hits = int((overlap[1:, 1:] > 0.5 * union[1:, 1:]).sum())  # above a half they are unique
    return hits, len(np.unique(found[found > 0])) - hits, len(np.unique(true[true > 0])) - hits


# writing


def write(checkpoint: Path, folder: Path, border: int, card: ModelCard) -> PublicWeights:
    """The model whose outputs mean background, nucleus and, where nuclei touch, ``border``."""
    return write_built_in(
        checkpoint,
        card,
        data_set="DSB 2018",
        terms="CC0 1.0",
        categories=TOLD,
        channels=(BACKGROUND, NUCLEUS, border),
        spreads=True,
        folder=folder,
    )


def blank_card(name: str) -> ModelCard:
    """A card for a model that is only to be judged."""
    return ModelCard(name, "", "", (), scores=(CardScores("", 0.0),))


def finished_card(checkpoint: Path, data: Sequence[Annotated], rounds: Sequence[int]) -> ModelCard:
    """Judge the model, with and without what it learned of borders, and say so."""
    held_back = [one for one in data if one.place < _HELD_BACK]
    taught = [one for one in data if one.place >= _HELD_BACK]
    with tempfile.TemporaryDirectory() as folder:
        for name, border in (("plain", NUCLEUS), ("nuclei", BACKGROUND)):
            write(checkpoint, Path(folder), border, blank_card(name))
        _, plain, _ = judge(held_back, Path(folder) / "plain.safetensors")
        scores, together, apart = judge(held_back, Path(folder) / "nuclei.safetensors")
        kinds = [[one for one in held_back if is_stained(one) is kind] for kind in (False, True)]
        glowing, stain = (
            judge(part, Path(folder) / "nuclei.safetensors")[0].iou[NUCLEUS] for part in kinds
        )
        twice, twice_together, twice_apart = judge(
            held_back, Path(folder) / "nuclei.safetensors", (1.0, 2.0)
        )
    return ModelCard(
        name="nuclei",
        summary="Cell nuclei in microscopy images: glowing on dark, dark on bright, or stained. "
        "Nuclei that touch are told apart.",
        network="DeepLabv3+, EfficientNet-Lite0, output stride 16",
        categories=("background", "nucleus"),
        training=(
            f"{len(taught)} of {len(data)} images of the Data Science Bowl 2018, stage 1, with "
            "K. Lopuhin's corrections (both CC0): cultured cells and tissue in fluorescence, "
            "and stained sections.",
            "Each was also shown inverted, recoloured as a stained section or as one colour of "
            "fluorescence, blurred and with noise, and small ones twice as large.",
            "A third output learned the border where two nuclei touch; here it counts as "
            "background.",
            "Pictures are spread over the whole range of brightness first, as the program does.",
        ),
        scores=(
            CardScores(
                f"{len(held_back)} images, a fifth of all by hash of the name, never learned from",
                scores.miou,
                scores.pixel_accuracy,
                {"background": scores.iou[BACKGROUND], "nucleus": scores.iou[NUCLEUS]},
            ),
        ),
        limits=(
            "The images come from few laboratories, and those held back from the same ones: "
            "expect less on others.",
            "Stained sections are the weaker part, since few were there to learn from.",
            "Nuclei of less than about 10 pixels across are missed or run together; "
            "--scales 1,2 helps.",
            "Nuclei that overlap in depth, and cells whose plasma is stained as dark as the "
            "nucleus, are beyond it.",
            "Where nuclei touch, one or two pixels between them are left to the background.",
            "For research; not a medical device.",
        ),
        facts={
            "IoU of nucleus in fluorescence": f"{glowing:.3f} on {len(kinds[0])} of the images",
            "IoU of nucleus in stained sections": f"{stain:.3f} on {len(kinds[1])} of the images",
            "objects, components of nucleus and border together": str(plain),
            "objects, as they come out": str(together),
            "objects, with --separate": str(apart),
            "with --scales 1,2": f"IoU of nucleus {twice.iou[NUCLEUS]:.3f}; objects "
            f"{twice_together}; with --separate {twice_apart}",
            "how objects count": "matched one to one at IoU > 0.5, over all held-back images",
            "steps": " + ".join(map(str, rounds)),
        },
        license="CC0-1.0",
        backbone_license="Apache-2.0",
        program=f"seglabel {__version__}",
        reproduce=("python packaging/train_nuclei_model.py DATA",),
    )


def main() -> None:
    """Train, judge, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with images/ and instances/")
    parser.add_argument("--checkpoint", type=Path, help="what was learned before: do not train")
    parser.add_argument(
        "--rounds", type=int, nargs="+", default=(450, 160, 300), help="their steps"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=MODELS, metavar="DIR", help="where to write")
    arguments = parser.parse_args()
    data = read_data(arguments.data)
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = arguments.checkpoint
        if checkpoint is None:
            checkpoint = Path(folder) / "learned.safetensors"
            train(data, arguments.rounds, arguments.seed, checkpoint)
        card = finished_card(checkpoint, data, arguments.rounds)
        row = write(checkpoint, arguments.out, BACKGROUND, card)
    print(render_card(card))
    print(f"for BUILT_IN in seglabel/model/catalogue.py:\n{row}")


if __name__ == "__main__":
    main()
