"""Model cards: what a model is, learned from what, how good and where not, as Markdown.

The front matter is that of model cards on Hugging Face (Mitchell et al. 2019, Model Cards for Model
Reporting, arXiv 1810.03993, is where the idea comes from).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from seglabel.core.errors import CheckpointError
from seglabel.formats.model_file import read_notes

CARD_KEY = "card"
"""Under which key of a safetensors file's metadata its card stands."""

_FRONT_MATTER = re.compile(r"\A---\n.*?^---\n+", re.DOTALL | re.MULTILINE)
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!])")
_LIBRARY = "library_name: seglabel"
_HEAD = 400  # bytes in which the front matter says whose it is
_MANY = 40


@dataclass(frozen=True)
class CardScores:
    """How good a model is on the images that ``on`` names, such as *12 held-back images*.

    ``iou`` is by name of category; all numbers are in [0, 1].
    """

    on: str
    miou: float
    pixel_accuracy: float | None = None
    iou: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelCard:
    """The facts of a card; what is empty is left out.

    ``license`` is that of the weights, ``backbone_license`` that of those it started from.
    ``facts`` are further rows, such as steps and seed; ``reproduce`` the commands that make the
    model anew. ``model`` is what ``--model`` takes, if not a file of its name.
    """

    name: str
    summary: str
    network: str
    categories: tuple[str, ...]
    training: tuple[str, ...] = ()
    scores: tuple[CardScores, ...] = ()
    limits: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    license: str = ""
    backbone_license: str = ""
    date: str = ""
    program: str = ""
    reproduce: tuple[str, ...] = ()
    model: str = ""


def render_card(card: ModelCard) -> str:
    """The card as Markdown. The same facts give the same text."""
    parts = [_front_matter(card), f"# {plain(card.name)}", plain(card.summary)]
    parts += _section("What it tells apart", [_categories(card.categories)])
    parts += _section("Learned from", _listed(card.training))
    for scores in card.scores:
        parts += _section(f"Scores on {plain(scores.on)}", _scores(scores))
    parts += _section("Limits", _listed(card.limits))
    facts = {
        "network": card.network,
        **card.facts,
        "licence of these weights": card.license,
        "licence of the weights it started from": card.backbone_license,
        "made on": card.date,
        "made with": card.program,
    }
    parts += _section("Facts", [_table(("fact", "value"), [(k, v) for k, v in facts.items() if v])])
    parts += _section("Make it anew", _code(card.reproduce))
    model = card.model or f"{_file_name(card.name)}.safetensors"
    parts += _section("Use it", _code([f"seglabel predict FOLDER --model {model}"]))
    return "\n\n".join(parts) + "\n"


def read_card(path: Path) -> str:
    """The card that a safetensors file carries, without its front matter; empty if there is none.

    Reads no weights. Whatever is no safetensors file has no card.
    """
    try:
        card = read_notes(path).get(CARD_KEY, "")
    except CheckpointError:
        return ""
    return without_front_matter(card)


def without_front_matter(card: str) -> str:
    """What people read of a card."""
    return _FRONT_MATTER.sub("", card)


def is_card_file(path: Path) -> bool:
    """Whether a file is a card of seglabel."""
    try:
        with path.open("rb") as file:
            return _LIBRARY.encode() in file.read(_HEAD)
    except OSError:
        return False


def plain(text: str) -> str:
    """Any text as one line of Markdown that means nothing but itself."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _front_matter(card: ModelCard) -> str:
    """Metadata that hubs of models read. JSON is YAML, whatever a name holds."""
    lines = ["---"]
    if card.license:
        lines.append(f"license: {json.dumps(card.license.lower())}")
    lines += [_LIBRARY, "pipeline_tag: image-segmentation"]
    lines += ["tags:", "- deeplabv3plus", "- semantic-segmentation", "---"]
    return "\n".join(lines)


def _section(title: str, paragraphs: Sequence[str]) -> list[str]:
    said = [paragraph for paragraph in paragraphs if paragraph]
    return [f"## {title}", *said] if said else []


def _categories(names: Sequence[str]) -> str:
    shown = ", ".join(map(plain, names[:_MANY]))
    more = f" and {len(names) - _MANY} more" if len(names) > _MANY else ""
    return f"{len(names)} categories: {shown}{more}." if names else ""


def _listed(sentences: Sequence[str]) -> list[str]:
    return ["\n".join(f"* {plain(sentence)}" for sentence in sentences)] if sentences else []


def _scores(scores: CardScores) -> list[str]:
    head = f"mIoU {scores.miou:.3f}"
    if scores.pixel_accuracy is not None:
        head += f", pixel accuracy {scores.pixel_accuracy:.3f}"
    rows = [(name, f"{iou:.3f}") for name, iou in scores.iou.items()]
    return [f"{head}.", _table(("category", "IoU"), rows)]


def _table(head: tuple[str, str], rows: Sequence[tuple[str, str]]) -> str:
    if not rows:
        return ""
    lines = [head, ("---", "---")]
    texts = [f"| {left} | {right} |" for left, right in lines]
    return "\n".join(texts + [f"| {plain(left)} | {plain(right)} |" for left, right in rows])


def _code(lines: Sequence[str]) -> list[str]:
    """Indented by four, which no line of it can end."""
    return ["\n".join(f"    {' '.join(line.split())}" for line in lines)] if lines else []


def _file_name(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name).strip("-") or "model"
