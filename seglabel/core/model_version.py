"""Versions: the models that were trained in a project, and how each came about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from seglabel.core.errors import ProjectFormatError

FORMAT = 1

Item = TypeVar("Item")


def utc_text(moment: datetime) -> str:
    """ISO 8601 in UTC to the millisecond, so that of two models the younger can be told."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Judgement:
    """How good ``model`` is on the held-back images; ``iou`` is by name of category.

    All numbers are in [0, 1]; ``miou`` is ``None`` where nothing was held back.
    """

    model: str
    miou: float | None = None
    pixel_accuracy: float | None = None
    iou: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "miou": self.miou,
            "pixel_accuracy": self.pixel_accuracy,
            "iou": dict(self.iou),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Judgement:
        """Read what :meth:`to_json` wrote. Raises KeyError, TypeError or ValueError."""
        return cls(
            str(data["model"]),
            _number(data.get("miou")),
            _number(data.get("pixel_accuracy")),
            {str(name): float(value) for name, value in dict(data.get("iou", {})).items()},
        )


@dataclass(frozen=True)
class ModelVersion:
    """How a model of a project came about. It travels inside the model's own file.

    ``date`` is ISO 8601 in UTC, ``parent`` the name of the model whose weights it started from
    (empty: a backbone that knows ImageNet), ``project`` the name of the image folder. It learned
    from the images ``training`` and was judged by those in ``validation``; ``labels`` is a digest
    of all their labels. ``before`` is the model that the project used until then. ``settings`` are
    those of the training, such as ``seed``. ``program`` is the version of seglabel.
    """

    name: str
    date: str
    project: str = ""
    parent: str = ""
    training: tuple[str, ...] = ()
    validation: tuple[str, ...] = ()
    labels: str = ""
    scores: Judgement | None = None
    before: Judgement | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    program: str = ""

    def judged(self, scores: Judgement | None, before: Judgement | None) -> ModelVersion:
        """The same with how good it turned out."""
        return replace(self, scores=scores, before=before)

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "name": self.name,
            "date": self.date,
            "project": self.project,
            "parent": self.parent,
            "training": list(self.training),
            "validation": list(self.validation),
            "labels": self.labels,
            "scores": None if self.scores is None else self.scores.to_json(),
            "before": None if self.before is None else self.before.to_json(),
            "settings": dict(self.settings),
            "program": self.program,
        }

    @classmethod
    def from_json(cls, data: Any) -> ModelVersion:
        """Read what :meth:`to_json` wrote. Raises ProjectFormatError."""
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            found = data.get("format") if isinstance(data, dict) else data
            raise ProjectFormatError(f"version: expected format {FORMAT}, found {found!r}")
        try:
            return cls(
                name=str(data["name"]),
                date=str(data["date"]),
                project=str(data.get("project", "")),
                parent=str(data.get("parent", "")),
                training=tuple(map(str, data.get("training", ()))),
                validation=tuple(map(str, data.get("validation", ()))),
                labels=str(data.get("labels", "")),
                scores=_judgement(data.get("scores")),
                before=_judgement(data.get("before")),
                settings=dict(data.get("settings", {})),
                program=str(data.get("program", "")),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ProjectFormatError(f"version: lacks or garbles {error}") from error


def _judgement(data: Any) -> Judgement | None:
    return None if data is None else Judgement.from_json(data)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def natural_key(name: str) -> tuple[tuple[bool, int, str], ...]:
    """Sorts ``model-2`` before ``model-10``."""
    parts = re.findall(r"\d+|\D+", name)
    return tuple((False, int(p), "") if p.isdecimal() else (True, 0, p) for p in parts)


def in_family_tree(items: Iterable[tuple[ModelVersion, Item]]) -> list[tuple[int, Item]]:
    """Items with their depth, each below the one whose weights its model started from.

    A parent is older than its child: a younger model of the parent's name only took its place.
    """
    versions = sorted(items, key=lambda pair: natural_key(pair[0].name))
    known = {version.name: version for version, _ in versions}
    children: dict[str, list[tuple[ModelVersion, Item]]] = {}
    for version, item in versions:
        parent = known.get(version.parent)
        is_known = parent is not None and parent.date < version.date
        children.setdefault(version.parent if is_known else "", []).append((version, item))
    found: list[tuple[int, Item]] = []

    def add(name: str, depth: int) -> None:
        for version, item in children.get(name, ()):
            found.append((depth, item))
            add(version.name, depth + 1)

    add("", 0)
    return found


def unseen(names: Sequence[str], versions: Iterable[ModelVersion | None]) -> list[str]:
    """Those of ``names`` from which none of the models is known to have learned."""
    seen = {name for version in versions if version is not None for name in version.training}
    return [name for name in names if name not in seen]
