"""Train the built-in model for user-interface elements on screens that are rendered here.

    python packaging/train_ui_model.py FOLDER [--minutes 90] [--init FILE]

FOLDER keeps the rendered screens (about 300 MB) and the best checkpoint so far; screens that are
there already are used again. Needs no network. The model is written below ``resources/models``
with its card, and its row for ``seglabel/model/catalogue.py`` is printed. Screens of the families
held out are only used to judge by, at the end. ``--init`` goes on from a checkpoint, and with
``--minutes 0`` one is judged and written as it is.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from built_in_model import MODELS, write_built_in
from PIL import Image

from seglabel.app.screens import UI_CATEGORIES, render_screen
from seglabel.app.screens.rendering import HELD_OUT, TRAINING, Material
from seglabel.core.cancel import Cancel
from seglabel.core.categories import BACKGROUND
from seglabel.core.metrics import Confusion, Scores
from seglabel.core.progress import Progress
from seglabel.core.samples import Sample
from seglabel.formats.model_card import CardScores, ModelCard, render_card
from seglabel.model import Segmenter
from seglabel.model.allocator import keep_pages
from seglabel.model.checkpoint import encode_checkpoint
from seglabel.model.identify import identify
from seglabel.model.learning import DeepLabLearner
from seglabel.model.learning.learner import Recipe

_NAME = "ui-elements"
_WIDTH = 128  # channels of ASPP and decoder: two thirds of the work of the usual 256
_SIZES = ((480, 640), (480, 640), (600, 800))  # height and width of screens, in turn
_SEEDS = {"training": 1, "validation": 2, "held-out": 3}
_RECIPE = Recipe(crop=320, batch=4, scales=(0.65, 1.15), jitter=0.45, mixed=0.4)
_LIMITS = (
    "The screens that it is judged by were looked at several times while the renderer was made, "
    "and some families to train on were added because of what was seen: expect less on others.",
    "It has only seen rendered screens. On screenshots of real programs (FeatherPad, KeePassXC, "
    "qpdfview) and of a web page in Chromium it finds check boxes, radio buttons, buttons, tabs, "
    "text, text fields, combo boxes, sliders, menus and tool bars more often than not.",
    "There it often takes wide empty parts of windows for a list or a text field, the edges of "
    "windows for scroll bars, filled buttons of web pages for images, and the end of a long "
    "caption beside a check box for text.",
    "Its scores say how far it is from what a person would accept: proposals want correction, and "
    "learning from a few corrected screenshots of the same program.",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--screens", type=int, default=3000)
    parser.add_argument("--validation", type=int, default=24)
    parser.add_argument("--held-out", type=int, default=120)
    parser.add_argument("--minutes", type=float, default=90.0)
    parser.add_argument("--rate", type=float, default=1e-3, help="highest learning rate")
    parser.add_argument("--init", type=Path)
    parser.add_argument("--steps-before", type=int, default=0, help="that --init has learned in")
    parser.add_argument("--screens-before", type=int, default=0, help="that it has learned from")
    parser.add_argument("--out", type=Path, default=MODELS, help="folder of the model")
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    keep_pages()
    application = QApplication.instance() or QApplication([])
    folder: Path = arguments.folder
    training = screens(folder, "training", arguments.screens, TRAINING)
    validation = screens(folder, "validation", arguments.validation, TRAINING)
    held_out = screens(folder, "held-out", arguments.held_out, HELD_OUT)
    del application
    best = arguments.init
    if arguments.minutes > 0:
        best = learn(training, validation, arguments)
    half = folder / f"{_NAME}.safetensors"
    half.write_bytes(halved(best))
    segmenter = Segmenter.load(half, engine="torch")
    card = describe(
        arguments.screens_before + len(training),
        arguments.steps_before + int(segmenter.spec.training.get("steps", 0)),
        [
            _scored(
                f"{len(held_out)} rendered screens of {_families(HELD_OUT)} that were not in "
                "training",
                judge(segmenter, held_out),
            ),
            _scored(
                f"{len(validation)} rendered screens of the families trained on, but not "
                "trained on themselves",
                judge(segmenter, validation),
            ),
        ],
    )
    row = write_built_in(
        half, card, data_set="rendered screens", terms="rendered by seglabel", folder=arguments.out
    )
    print(render_card(card), row, sep="\n")
    return 0


def screens(folder: Path, name: str, count: int, material: Material) -> list[Sample]:
    """``count`` screens with labels as files below ``folder``, rendered where they are missing."""
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    samples = []
    for number in range(count):
        image, labels = place / f"{number:05}.png", place / f"{number:05}_labels.png"
        if not labels.exists():
            size = _SIZES[number % len(_SIZES)]
            screen = render_screen((_SEEDS[name], number), size, material)
            Image.fromarray(screen.image).save(image)
            Image.fromarray(screen.labels).save(labels)
        samples.append(Sample(image.stem, lambda image=image, labels=labels: _read(image, labels)))
        if number % 100 == 99:
            print(f"{name}: {number + 1} screens", flush=True)
    return samples


def _read(image: Path, labels: Path) -> tuple[np.ndarray, np.ndarray]:
    return np.array(Image.open(image).convert("RGB")), np.array(Image.open(labels))


def learn(
    training: Sequence[Sample], validation: Sequence[Sample], arguments: argparse.Namespace
) -> Path:
    """Train and return the checkpoint that was best on ``validation``."""

    def show(progress: Progress) -> None:
        values = progress.values or {}
        if progress.done % 50 == 0 or "miou" in values:
            print(progress.done, values, flush=True)

    learner = DeepLabLearner(
        seconds=60 * arguments.minutes,
        init=arguments.init,
        recipe=replace(_RECIPE, rate=arguments.rate),
        width=_WIDTH,
        say=print,
    )
    best: Path = arguments.folder / "best.safetensors"
    learner.learn(training, validation, UI_CATEGORIES, show, Cancel(), keep=best.write_bytes)
    return best


def halved(checkpoint: Path) -> bytes:
    """The checkpoint as it is shipped, so that what is judged is what is used."""
    model = identify(checkpoint)
    return encode_checkpoint(model.network().state_dict(), model.spec, half=True)


def judge(segmenter: Segmenter, samples: Sequence[Sample]) -> Scores:
    """How well a model does on screens, over all their pixels together."""
    confusion = Confusion()
    for sample in samples:
        picture, labels = sample.load()
        confusion.add(labels, segmenter.propose(picture).labels)
    return confusion.scores((BACKGROUND, *UI_CATEGORIES.ids))


def _scored(on: str, scores: Scores) -> CardScores:
    iou = {UI_CATEGORIES.name_of(i): value for i, value in scores.iou.items()}
    return CardScores(on, scores.miou, scores.pixel_accuracy, iou)


def describe(count: int, steps: int, scores: Sequence[CardScores]) -> ModelCard:
    """The card of a model that learned from ``count`` screens in ``steps``."""
    sizes = " and ".join(f"{width} × {height}" for height, width in sorted(set(_SIZES)))
    return ModelCard(
        name=_NAME,
        summary=(
            "Finds the elements of user interfaces on screenshots: a start for labelling your own."
        ),
        network=(
            f"DeepLabv3+ with {_WIDTH} channels in ASPP and decoder, backbone efficientnet_lite0, "
            "output stride 16"
        ),
        categories=tuple(category.name for category in UI_CATEGORIES),
        training=(
            f"{count} screens of {sizes} pixels, which seglabel renders itself from real widgets "
            f"of Qt, with exact labels: {_families(TRAINING)}; Qt's styles Fusion and Windows; "
            "several fonts, seven languages, scale factors from 1 to 2. No screenshot of any "
            "program is among them.",
            "A control includes its own caption: the text on a button is button, the words beside "
            "a check box are check box, the entries of a list are list or table. An open menu and "
            "a menu bar are menu; a tool bar is one, with its flat buttons. Tabs are only the "
            "tabs, not the page behind them. Text is free-standing text, as the block that it "
            "fills.",
        ),
        scores=tuple(scores),
        limits=_LIMITS,
        facts={"steps": f"{steps} of {_RECIPE.batch} crops"},
        license="Apache-2.0",
        backbone_license="Apache-2.0",
        reproduce=("python packaging/train_ui_model.py FOLDER",),
    )


def _families(material: Material) -> str:
    sheets = [f"{name} {kind}" for kind, made in material.sheets.items() for name in made]
    return (
        f"layouts ({', '.join(material.pages)}), palettes ({', '.join(material.palettes)}) and "
        f"style sheets ({', '.join(sheets)})"
    )


if __name__ == "__main__":
    sys.exit(main())
