"""What a training told so far: its loss, and how good it is on the held-back images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_BINS = 400


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the held-back images after ``share`` (0–1) of the training."""

    share: float
    miou: float
    iou: dict[str, float]


class LearningCurve:
    """Grows by the lines of JSON of a training. However many steps, it keeps a few hundred."""

    def __init__(self) -> None:
        self.share = 0.0
        self.looks: list[Look] = []
        self.best_miou: float | None = None
        self.checkpoint = ""  # where the best so far lies
        self.stages: list[tuple[float, str]] = []  # share at which each began, and its name
        self._sums: dict[int, tuple[float, int]] = {}

    def add(self, line: dict[str, Any]) -> None:
        """Take in one step. What is not told, or is no number, is left out."""
        share, loss = _number(line.get("share")), _number(line.get("loss"))
        if share is None:
            total, done = _number(line.get("total")), _number(line.get("done"))
            share = done / total if total and done is not None else self.share
        self.share = min(max(share, 0.0), 1.0)
        if loss is not None:
            place = min(int(self.share * _BINS), _BINS - 1)
            total_loss, count = self._sums.get(place, (0.0, 0))
            self._sums[place] = (total_loss + loss, count + 1)
        stage = line.get("stage")
        if isinstance(stage, str) and stage not in [name for _, name in self.stages]:
            self.stages.append((self.share, stage))
        miou, iou = _number(line.get("miou")), line.get("iou")
        if miou is not None:
            known = iou if isinstance(iou, dict) else {}
            self.looks.append(Look(self.share, miou, known))
        best = _number(line.get("best_miou"))
        self.best_miou = self.best_miou if best is None else best
        self.checkpoint = str(line.get("checkpoint", self.checkpoint))

    @property
    def losses(self) -> list[tuple[float, float]]:
        """Share of the training and mean loss there, in order."""
        return [(place / _BINS, total / n) for place, (total, n) in sorted(self._sums.items())]


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and value == value else None  # type: ignore[arg-type]
