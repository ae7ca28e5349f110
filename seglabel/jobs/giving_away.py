"""Give a model of a project away: its weights with a card that says what they are."""

from __future__ import annotations

from pathlib import Path

from seglabel import __version__
from seglabel.core.errors import ExportError
from seglabel.core.model_version import ModelVersion
from seglabel.formats.atomic import WriteError, write_bytes
from seglabel.formats.model_card import (
    CARD_KEY,
    CardScores,
    ModelCard,
    is_card_file,
    render_card,
)
from seglabel.formats.model_file import VERSION_KEY, ModelFile, with_notes
from seglabel.jobs.models import MODEL_SUFFIX
from seglabel.jobs.versions import ListedVersion

CARD_SUFFIX = ".md"

_FEW = 20  # images that judge


def export_version(row: ListedVersion, out: Path, *, replaces: bool = False) -> Path:
    """Write a model for others: safetensors with its card, which also lies beside it as Markdown.

    Names of images stay here. ``replaces`` an earlier model, and its card if it is one. Returns
    where the card lies. Raises ExportError or WriteError.
    """
    card_path = out.with_suffix(CARD_SUFFIX)
    if out.suffix != MODEL_SUFFIX:
        raise ExportError(f"{out}: expected the name of a {MODEL_SUFFIX} file to write")
    if row.problem:
        raise ExportError(row.problem)
    if out.resolve().parent == row.path.resolve().parent:
        raise ExportError(f"{out}: lies among the models of the project; choose another folder")
    is_card = replaces and is_card_file(card_path)
    for path, may_go in ((out, replaces), (card_path, is_card)):
        if path.exists() and not may_go:
            raise WriteError(f"{path}: exists already; choose another name")
    try:
        data = row.path.read_bytes()
    except OSError as error:
        raise ExportError(f"{row.path}: cannot be read: {error.strerror or error}") from error
    card = render_card(card_of(row, out.stem))
    write_bytes(out, with_notes(data, {CARD_KEY: card, VERSION_KEY: None}, row.path))
    write_bytes(card_path, card.encode())
    return card_path


def card_of(row: ListedVersion, name: str) -> ModelCard:
    """What its card says of a version that is given away as ``name``."""
    version, file = row.version, row.file
    categories = file.outputs
    project = f" of the project {version.project}" if version.project else ""
    training, limits = [], []
    if version.training:
        training.append(f"{_images(len(version.training))}{project}, labelled by its owner")
    else:
        training.append(f"labelled images{project}; how many is not known")
    if version.parent:
        training.append(f"started from the model {version.parent}")
    elif file.backbone:
        training.append(f"started from a {file.backbone} backbone that knows ImageNet")
    if row.miou is None:
        limits.append("No image was held back to judge it by: how good it is is not known.")
    elif len(version.validation) < _FEW:
        judging = _images(len(version.validation)) if version.validation else "few images"
        limits.append(f"Its scores come from {judging} only.")
    limits += [
        "It knows pictures like those it learned from; expect less on others.",
        "It gives every pixel one of its categories, also where something else is seen.",
    ]
    return ModelCard(
        name=name,
        summary="A DeepLabv3+ for semantic segmentation, learned from a person's corrections.",
        network=_network(file),
        categories=categories,
        training=tuple(training),
        scores=_card_scores(version),
        limits=tuple(limits),
        facts=_card_facts(row),
        license="",
        backbone_license=file.license,
        date=version.date,
        program=f"seglabel {version.program or __version__}",
    )


def _images(count: int) -> str:
    return f"{count} image" if count == 1 else f"{count} images"


def _network(file: ModelFile) -> str:
    if not file.backbone:
        return "DeepLabv3+"
    return f"DeepLabv3+, backbone {file.backbone}, output stride {file.output_stride}"


def _card_scores(version: ModelVersion) -> tuple[CardScores, ...]:
    scores = version.scores
    if scores is None or scores.miou is None:
        return ()
    count = len(version.validation)
    on = f"{_images(count)} that it never learned from" if count else "held-back images"
    return (CardScores(on, scores.miou, scores.pixel_accuracy, scores.iou),)


def _card_facts(row: ListedVersion) -> dict[str, str]:
    notes = {**row.version.settings, **row.file.training}
    wanted = (("steps", "steps"), ("seconds", "seconds"), ("seed", "seed"), ("stages", "stages"))
    told = {title: notes[key] for key, title in wanted if notes.get(key) is not None}
    facts = {title: _fact(value) for title, value in told.items()}
    facts["size of the file"] = f"{row.bytes / 1e6:.1f} MB"
    return facts


def _fact(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
