"""The models that were trained in a project: listed, given away, thrown away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seglabel import __version__
from seglabel.core.errors import CheckpointError, ExportError, SegLabelError
from seglabel.core.model_version import (
    Judgement,
    ModelVersion,
    in_family_tree,
    natural_key,
    utc_text,
)
from seglabel.formats.atomic import WriteError, write_bytes
from seglabel.formats.model_card import CARD_KEY, CardScores, ModelCard, is_card_file, render_card
from seglabel.formats.model_file import VERSION_KEY, ModelFile, with_notes
from seglabel.formats.project_store import (
    PROJECT_FOLDER,
    ProjectStore,
    is_project,
    models_folder,
    read_project_file,
)
from seglabel.jobs.models import MODEL_SUFFIX, is_built_in

CARD_SUFFIX = ".md"


@dataclass(frozen=True)
class ListedVersion:
    """A row of the list. ``has_record`` is False where the file does not say how it came about:
    then ``version`` says what else is known. ``problem``: why it cannot be read."""

    path: Path
    version: ModelVersion
    file: ModelFile
    bytes: int
    has_record: bool
    is_used: bool = False
    depth: int = 0
    problem: str = ""

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def miou(self) -> float | None:
        """On the images that were held back when it was trained."""
        scores = self.version.scores
        return None if scores is None else scores.miou

    @property
    def origin(self) -> str:
        """What it started from: a model, or a backbone."""
        return self.version.parent or self.file.backbone

    def to_json(self) -> dict[str, Any]:
        return {
            **self.version.to_json(),
            "path": str(self.path),
            "backbone": self.file.backbone,
            "categories": list(self.file.outputs),
            "training_notes": dict(self.file.training),
            "bytes": self.bytes,
            "is_used": self.is_used,
            "has_record": self.has_record,
            "problem": self.problem,
        }


def find_project(folder: Path) -> Path:
    """Where the project of ``folder``, or that ``folder`` itself is, lies. Raises SegLabelError."""
    for root in (folder / PROJECT_FOLDER, folder):
        if is_project(root):
            return root
    raise SegLabelError(f"{folder}: holds no project of seglabel")


def list_versions(root: Path) -> list[ListedVersion]:
    """All models of the project at ``root``, each below the one it started from.

    One that is damaged is listed with what is wrong.
    """
    used = read_project_file(root).settings.get("model")
    folder = models_folder(root)
    paths = folder.glob(f"*{MODEL_SUFFIX}") if folder.is_dir() else ()
    rows = [_listed(path, used) for path in sorted(paths, key=lambda p: natural_key(p.stem))]
    tree = in_family_tree((replace(row.version, name=row.name), row) for row in rows)
    return [replace(row, depth=depth) for depth, row in tree]


def find_version(rows: Iterable[ListedVersion], name: str) -> ListedVersion:
    """The one of this name. Raises SegLabelError that says which there are."""
    listed = list(rows)
    found = next((row for row in listed if row.name == name.removesuffix(MODEL_SUFFIX)), None)
    if found is None:
        known = ", ".join(row.name for row in listed) or "none"
        raise SegLabelError(f"{name}: no model of this project; there are: {known}")
    return found


def _listed(path: Path, used: object) -> ListedVersion:
    problem, file = "", ModelFile()
    try:
        file = ModelFile.read(path)
    except CheckpointError as error:
        problem = str(error)
    stat = path.stat()
    version = file.version or _version_without_record(path, file, stat.st_mtime)
    if version.scores is None and "miou" in file.training:
        # Ended by force: the learner noted how good it was so far.
        version = replace(version, scores=_noted(path.stem, file))
    return ListedVersion(
        path,
        version,
        file,
        stat.st_size,
        file.version is not None,
        is_used=used in (path.stem, str(path)),
        problem=problem,
    )


def _version_without_record(path: Path, file: ModelFile, modified: float) -> ModelVersion:
    date = utc_text(datetime.fromtimestamp(modified, UTC))
    return ModelVersion(path.stem, date, scores=_noted(path.stem, file))


def _noted(name: str, file: ModelFile) -> Judgement | None:
    miou, accuracy = (_float(file.training.get(key)) for key in ("miou", "pixel_accuracy"))
    return None if miou is None else Judgement(name, miou, accuracy)


def _float(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def parent_name(init: Path | None, store: ProjectStore) -> str:
    """What a model that starts from ``init`` calls its parent."""
    if init is None:
        return ""
    is_inside = init.resolve().parent == models_folder(store.root).resolve()
    return init.stem if is_inside or is_built_in(init) else init.name


# throwing away


def delete_version(path: Path) -> list[Path]:
    """Remove a model and what lies beside it under its name. Raises WriteError."""
    beside = [p for p in path.parent.glob("*") if p.name.startswith(f"{path.stem}.")]
    # The weights come first: what is left without them is listed no more.
    gone = [path, *(p for p in beside if p != path and p.is_file())]
    for file in gone:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise WriteError(f"{file}: cannot be removed: {error.strerror or error}") from error
    return gone


# giving away


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


_FEW = 20  # images that judge


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
