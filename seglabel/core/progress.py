"""How a job tells what it is doing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` steps. ``name`` is the image in work or just finished, ``error`` why it
    failed, ``values`` whatever else is worth showing (loss, scores). ``is_written``: new labels of
    the image are on disk. ``unit`` is what is counted if not images."""

    done: int
    total: int
    name: str = ""
    error: str = ""
    values: dict[str, Any] | None = None
    is_written: bool = False
    unit: str = ""

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {"event": "progress", "done": self.done, "total": self.total}
        if self.name:
            data["name"] = self.name
        if self.error:
            data["error"] = self.error
        return {**data, **(self.values or {})}


ProgressCallback = Callable[[Progress], None]


def ignore_progress(progress: Progress) -> None:
    """For callers who do not want to know."""
    del progress
