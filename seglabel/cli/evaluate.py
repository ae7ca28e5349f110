"""``seglabel evaluate``: a model judged, or compared with another, and a page that shows it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from seglabel.cli.console import DONE, SOME_FAILED, Console, failures
from seglabel.cli.projects import open_project
from seglabel.cli.segmenters import SegmenterChoice, chosen_segmenter, decided_mapping
from seglabel.core.cancel import Cancel
from seglabel.core.categories import CategorySet
from seglabel.core.comparison import Comparison
from seglabel.core.errors import SegLabelError
from seglabel.core.status import Status
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.compare import (
    Candidate,
    Judges,
    Judging,
    judges_given,
    judges_of_project,
    kept_evaluations,
    way_of_proposing,
    write_report,
)
from seglabel.jobs.evaluate import EvaluateReport, categories_of_folder, truth_of_folder
from seglabel.jobs.models import fetched_folder, find_model
from seglabel.model.catalogue import CATALOGUE

if TYPE_CHECKING:
    from seglabel.model import Segmenter


def evaluate_command(arguments: argparse.Namespace, console: Console, cancel: Cancel) -> int:
    """The last line on stdout is the result, whatever else is asked for."""
    store = open_project(arguments, writes=False)
    candidates = _candidates(arguments, store, console)
    judges = _judges(arguments, store, candidates)
    # What is found is kept for pictures of it, and for the next time that it is looked at.
    is_shown = arguments.report is not None or arguments.against is not None
    with kept_evaluations(store) if is_shown else nullcontext() as kept:
        chosen = decided_mapping(arguments, store, judges.categories)
        judging = Judging(store, judges, candidates, kept, chosen)
        reports = judging.reports(console.progress, cancel)
        comparison = judging.comparison(reports)
        report = reports[-1]
        report.left_out = sorted(set(store.project.names) - set(judges.names))
        if arguments.labels is None:
            report.left_out = []
        result = report.to_json()
        if len(reports) == 2:
            result["against"] = {"model": candidates[0].name, **reports[0].to_json()}
        if arguments.report is not None:
            path = write_report(judging, comparison, arguments.report)
            result["report"] = str(path)
            console.say(f"wrote {path}")
    _say(arguments, console, comparison, report)
    console.output(json.dumps(result))  # in ASCII
    return SOME_FAILED if any(r.failed for r in reports) else DONE


def _candidates(
    arguments: argparse.Namespace, store: ProjectStore, console: Console
) -> tuple[Candidate, ...]:
    """The model that is judged, behind the one that it is compared with."""
    choice = chosen_segmenter(arguments, store)
    choices = [choice]
    if arguments.against is not None:
        other = find_model(arguments.against, store, CATALOGUE, fetched_folder())
        choices.insert(0, replace(choice, path=other.absolute()))
    how = way_of_proposing(
        tile=choice.tile, scales=choice.scales, flip=choice.flip, precision=choice.precision
    )
    return tuple(Candidate(c.path, _loading(c, console), how) for c in choices)


def _loading(choice: SegmenterChoice, console: Console) -> Callable[[], Segmenter]:
    def load() -> Segmenter:
        segmenter = choice.load()
        console.say(f"{segmenter.name} on {segmenter.where}")
        return segmenter

    return load


def _judges(
    arguments: argparse.Namespace, store: ProjectStore, candidates: tuple[Candidate, ...]
) -> Judges:
    versions = [candidate.version for candidate in candidates]
    if arguments.labels is None:
        if not store.project.with_status(Status.REVIEWED):
            raise SegLabelError(
                f"{arguments.folder}: no image is reviewed; give the truth with --labels DIR"
            )
        wanted = arguments.images or ("reviewed" if arguments.against is None else "held-back")
        return judges_of_project(store, versions, all_reviewed=wanted == "reviewed")
    names, truth = truth_of_folder(arguments.labels, store.project.names)
    return judges_given(names, truth, _categories(arguments, store, candidates[-1]))


def _categories(
    arguments: argparse.Namespace, store: ProjectStore, judged: Candidate
) -> CategorySet:
    """What the ids of the labels that were given mean."""
    listed = categories_of_folder(arguments.labels)
    if listed is not None:
        return listed
    own = store.project.categories
    return own if len(own) else judged.categories


def _say(
    arguments: argparse.Namespace,
    console: Console,
    comparison: Comparison,
    report: EvaluateReport,
) -> None:
    """The numbers for people, with what flatters them."""
    for category_id, values in comparison.iou_rows():
        numbers = "".join("       –" if v is None else f"{v:8.3f}" for v in values)
        console.say(f"{numbers}  {comparison.categories.name_of(category_id)}")
    for model in comparison.models:
        name = f"{model.name}: " if comparison.is_of_two else ""
        seconds = "" if comparison.is_of_two else f" in {report.seconds:.1f} s"
        console.say(
            f"{name}mIoU {model.scores.miou:.4f}, pixel accuracy {model.scores.pixel_accuracy:.4f} "
            f"on {len(comparison.rows)} images{seconds}"
        )
    if comparison.judged_by == "held-back":
        console.say("these images were held back: none of them taught the models")
    if comparison.judged_by == "reviewed" and (arguments.images == "held-back"):
        console.say("no image was held back from these models, so all reviewed ones judge")
    for model in comparison.models:
        if model.learned_from:
            console.say(
                f"note: {model.name} learned from {model.learned_from} of these images, which "
                "flatters it; --images held-back judges by others, where there are any"
            )
    if report.left_out:
        console.say(
            f"{len(report.left_out)} images have no labels in {arguments.labels}: not judged"
        )
    for sentence in failures(list(comparison.failed)):
        console.say(sentence)
