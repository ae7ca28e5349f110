"""The models that were trained in a project: listed, found, thrown away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seglabel.core.errors import CheckpointError, SegLabelError
from seglabel.core.model_version import (
    Judgement,
    ModelVersion,
    in_family_tree,
    natural_key,
    utc_text,
)
from seglabel.formats.atomic import WriteError
from seglabel.formats.model_file import ModelFile
from seglabel.formats.project_file import is_project, read_project_file
from seglabel.formats.project_store import PROJECT_FOLDER, ProjectStore, models_folder
from seglabel.jobs.models import MODEL_SUFFIX, is_built_in


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
