"""``seglabel stats``: what a project holds and what it took."""

from __future__ import annotations

import argparse
import unicodedata
from collections.abc import Sequence

from seglabel.cli.console import DONE, SOME_FAILED, Console, failures
from seglabel.core.cancel import Cancel
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.stats import (
    EffortStats,
    LabelCounts,
    Stats,
    VersionEffort,
    count_labels,
    effort_stats,
)

_Row = tuple[str, ...]
_NOTHING = "–"


def stats_command(arguments: argparse.Namespace, console: Console, cancel: Cancel) -> int:
    """Tables for people, one object for programs; damaged labels are named and left out."""
    store = ProjectStore.read(arguments.folder, arguments.project)
    effort = effort_stats(store.project.records.values())
    labels = count_labels(store, arguments.status, console.progress, cancel)
    if not arguments.json:
        console.output("\n\n".join(filter(None, (_images(effort), _pixels(labels), _work(effort)))))
    console.result(Stats(effort, labels).to_json(), *failures(labels.failed))
    return SOME_FAILED if labels.failed else DONE


def _images(effort: EffortStats) -> str:
    parts = [f"{count} {status}" for status, count in effort.statuses.items() if count]
    return f"{effort.images} images" + (f": {', '.join(parts)}" if parts else "")


def _pixels(labels: LabelCounts) -> str:
    """A row per category, with its share of the pixels that have one."""
    rows: list[_Row] = [("category", "images", "objects", "pixels", "share")]
    for count in labels.categories:
        share = count.pixels / labels.labelled if labels.labelled else 0.0
        numbers = (f"{count.images:,}", f"{count.instances:,}", f"{count.pixels:,}")
        rows.append((count.name, *numbers, f"{share:.1%}"))
    for name, pixels in (("no category", labels.background), ("void", labels.void)):
        rows.append((name, "", "", f"{pixels:,}", ""))
    return f"labels of {labels.images} images\n{_columns(rows)}"


def _work(effort: EffortStats) -> str:
    """A row per version of a model, with what a person had to do about its proposals."""
    lines = []
    if effort.versions:
        rows: list[_Row] = [("proposed by", "reviewed", "right", "strokes each", "minutes each")]
        rows += [
            (
                _name(version),
                f"{version.images:,}",
                _NOTHING if version.share_right is None else f"{version.share_right:.1%}",
                _per_image(version.strokes_per_image),
                _per_image(version.seconds_per_image, 60),
            )
            for version in effort.versions
        ]
        lines.append(_columns(rows))
    if effort.share_right is not None:
        lines.append(f"{effort.share_right:.1%} of the proposed pixels were right")
    if effort.strokes or effort.seconds:
        lines.append(f"{effort.strokes:,} strokes in {effort.seconds / 60:,.1f} minutes of work")
    return "\n".join(lines)


def _name(version: VersionEffort) -> str:
    is_refined, model = version.refined
    if is_refined:
        return f"Refine + {model}" if model else "Refine"
    return model or "nobody (from scratch)"


def _per_image(value: float | None, unit: float = 1) -> str:
    return _NOTHING if value is None else f"{value / unit:.1f}"


def _columns(rows: Sequence[_Row]) -> str:
    """The first column to the left, numbers to the right."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        line = first + " " * (widths[0] - _width(first))
        for cell, width in zip(others, widths[1:], strict=True):
            line += "  " + " " * (width - _width(cell)) + cell
        lines.append(line.rstrip())
    return "\n".join(lines)


def _width(text: str) -> int:
    """How many columns a terminal takes for it; Chinese characters take two."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)
