"""The commands themselves: arguments → job → sentences and an exit code."""

from __future__ import annotations

import argparse
import logging
import os
import shlex
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seglabel import __version__
from seglabel.cli.check import check_command
from seglabel.cli.console import CANCELLED, DONE, REFUSED, SOME_FAILED, Console, failures
from seglabel.cli.evaluate import evaluate_command
from seglabel.cli.models import (
    convert_model,
    export_model,
    fetch_model,
    list_models,
    show_model,
)
from seglabel.cli.parser import DEBUG, build_parser
from seglabel.cli.predict import predict_command
from seglabel.cli.projects import open_project
from seglabel.cli.stats import stats_command
from seglabel.core.cancel import Cancel
from seglabel.core.errors import Cancelled, SegLabelError
from seglabel.formats.categories_file import read_categories
from seglabel.formats.exchange import ExportOptions
from seglabel.formats.log_file import LOG_NAME, keeping_log, log_folder
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.registry import Format, formats
from seglabel.jobs.demo import DemoFolder
from seglabel.jobs.export import export
from seglabel.jobs.importing import import_annotations
from seglabel.jobs.models import fetched_folder, find_model
from seglabel.jobs.selection import parse_split
from seglabel.jobs.train import Previous, TrainReport, assist, train
from seglabel.jobs.versions import parent_name
from seglabel.model.catalogue import CATALOGUE
from seglabel.system_libraries import has_visible_screen

if TYPE_CHECKING:
    from seglabel.model import Segmenter


@dataclass(frozen=True)
class OpenWindow:
    """The command ends by opening the window, which makes the demo in a folder."""

    demo: Path


Outcome = int | OpenWindow
Command = Callable[[argparse.Namespace, Console, Cancel], Outcome]
DemoFolders = Callable[[], Sequence[DemoFolder]]
_log = logging.getLogger(__name__)


def run_command(argv: Sequence[str], demo_folders: DemoFolders) -> Outcome:
    """Run one command. Returns the exit code, or that a window is to be opened.

    ``demo_folders`` gives what the demo consists of.
    """
    commands: dict[str, Command] = {**_COMMANDS, "demo": partial(_demo, demo_folders)}
    arguments = build_parser().parse_args(argv)
    with (
        keeping_log(),
        Console(as_json=arguments.json) as console,
        _cancel_on_interrupt() as cancel,
    ):
        _log.info("seglabel %s: %s", __version__, shlex.join(argv))
        try:
            outcome = commands[arguments.command](arguments, console, cancel)
            _log.info("%s ends with %s", arguments.command, outcome)
            return outcome
        except Cancelled:
            _log.info("%s was cancelled", arguments.command)
            console.result({"cancelled": True}, "cancelled; what is done stays done")
            return CANCELLED
        except SegLabelError as error:
            _log.warning("%s", error)
            console.result({"error": str(error)}, f"seglabel: {error}")
            return REFUSED
        except Exception as error:
            if os.environ.get(DEBUG):
                raise
            _log.exception("%s ends by an unexpected error", arguments.command)
            reason = f"{type(error).__name__}: {error}"
            console.result(
                {"error": reason},
                f"seglabel: ended by an error of its own ({reason}); {DEBUG}=1 shows where, "
                f"and so does {log_folder() / LOG_NAME}",
            )
            return REFUSED


@contextmanager
def _cancel_on_interrupt() -> Iterator[Cancel]:
    """Ctrl+C asks the job to stop; a second one ends the program at once."""
    cancel = Cancel()

    def stop(*_: object) -> None:
        cancel.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    try:
        previous = signal.signal(signal.SIGINT, stop)
    except ValueError:  # not in the main thread, as under some test runners
        yield cancel
        return
    try:
        yield cancel
    finally:
        signal.signal(signal.SIGINT, previous)


# the commands


def _train(arguments: argparse.Namespace, console: Console, cancel: Cancel) -> int:
    from seglabel.model.allocator import keep_pages

    keep_pages()
    from seglabel.model.learning import DeepLabLearner

    assists = int(os.environ.get("RANK", "0")) > 0  # another process, of torchrun, leads
    store = ProjectStore.read(arguments.folder, arguments.project)

    def locate(name: str) -> Path:
        return find_model(name, store, CATALOGUE, fetched_folder())

    init = None if arguments.init is None else locate(arguments.init)
    learner = DeepLabLearner(
        backbone=arguments.backbone,
        init=init,
        seconds=arguments.budget,
        steps=arguments.steps,
        seed=arguments.seed,
        device=arguments.device,
        say=console.say,
    )

    def load(name: str) -> Segmenter:
        from seglabel.model import Segmenter

        return Segmenter.load(locate(name), arguments.device)

    same: dict[str, Any] = {
        "validation_share": arguments.val,
        "out": arguments.out,
        "parent": parent_name(init, store),
        "settings": _training_settings(arguments),
        "is_fresh": arguments.fresh,
        "cancel": cancel,
    }
    if assists:
        return CANCELLED if assist(store, learner, **same).is_cancelled else DONE
    report = train(store, learner, load=load, progress=console.progress, **same)
    learned = report.learned
    sentences = [
        f"learned from {learned.training} images in {learned.steps} steps, "
        f"{learned.seconds:.0f} s; wrote {report.path}"
    ]
    if learned.validation:
        sentences.append(
            f"on {learned.validation} held-back images: mIoU {learned.miou:.3f}, "
            f"pixel accuracy {learned.pixel_accuracy:.3f}"
        )
    if report.unused:
        sentences.append(
            f"{report.unused} corrected images belong to those held back and taught nothing; "
            "review them to have them judge"
        )
    if report.previous is not None:
        sentences.append(_compared(report.previous, report))
    if learned.is_cancelled:
        sentences.append("stopped before its time; this is the best until then")
    if learned.is_early:
        sentences.append("ended early: the held-back images showed nothing better any more")
    if report.misplaced:
        sentences.append(f"warning: {report.misplaced}")
    console.result(report.to_json(), *sentences, *failures(learned.skipped))
    if learned.is_cancelled:
        return CANCELLED
    return SOME_FAILED if learned.skipped or report.misplaced else DONE


def _training_settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """What a model remembers of how it was trained."""
    wanted = {
        "seconds": arguments.budget,
        "steps": arguments.steps,
        "seed": arguments.seed,
        "validation_share": arguments.val,
        "backbone": arguments.backbone,
    }
    return {key: value for key, value in wanted.items() if value is not None}


def _compared(previous: Previous, report: TrainReport) -> str:
    """Why the project uses the new model, or why not."""
    new = report.path.stem
    if previous.problem:
        return f"{previous.name} could not be judged ({previous.problem}); {new} is used now"
    if not report.learned.validation:
        return (
            f"{new} is used now; nothing was held back to compare it with {previous.name}: "
            "review more images, or raise --val"
        )
    scores = f"{previous.name} has mIoU {previous.miou:.3f} on the same images"
    if report.is_used:
        return f"{scores}; {new} is used now"
    return f"{scores} and is still used; to use the new one: --model {new}"


def _import(arguments: argparse.Namespace, console: Console, cancel: Cancel) -> int:
    store = open_project(arguments, writes=True)
    categories = read_categories(arguments.categories) if arguments.categories else None
    report = import_annotations(
        store,
        _format(arguments.format),
        arguments.source,
        categories=categories,
        copy_images=arguments.copy_images,
        strict=arguments.strict,
        replace=arguments.replace,
        progress=console.progress,
        cancel=cancel,
    )
    console.result(
        report.to_json(),
        f"imported labels of {report.images} images into {store.root}",
        *([f"{report.unchanged} had these labels already"] if report.unchanged else []),
        *(f"left out: {problem}" for problem in report.problems),
        *(f"note: {note}" for note in report.notes),
        *failures(report.skipped),
        *([f"{report.kept} have labels already; --replace takes the new"] if report.kept else []),
    )
    if store.project.categories.background_is_void:
        console.say(
            f"id 0 ({store.project.categories.background}) means not labelled: "
            "nothing is learned from it and nothing is judged by it"
        )
    if not report.skipped:
        return DONE
    return SOME_FAILED if report.images or report.unchanged else REFUSED


def _export(arguments: argparse.Namespace, console: Console, cancel: Cancel) -> int:
    store = open_project(arguments, writes=False)
    report = export(
        store,
        _format(arguments.format),
        arguments.target,
        options=ExportOptions(
            segmentation=arguments.segmentation,
            void_border=arguments.void_border,
            orientation=arguments.orientation,
            upright_copies=arguments.upright_copies,
        ),
        status=arguments.status,
        shares=parse_split(arguments.split) if arguments.split else None,
        seed=arguments.seed,
        force=arguments.force,
        progress=console.progress,
        cancel=cancel,
    )
    console.result(
        report.to_json(),
        f"exported {report.images} images with {report.instances} objects to {report.target}; "
        "read back and found equal",
        *(f"lost: {sentence}" for sentence in report.lossy),
        *(f"warning: {sentence}" for sentence in report.warnings),
        *failures(report.skipped),
    )
    return SOME_FAILED if report.skipped else DONE


def _doctor(_arguments: argparse.Namespace, console: Console, _cancel: Cancel) -> int:
    from seglabel.cli.doctor import examine

    findings = examine()
    console.result(
        {finding.topic: finding.to_json() for finding in findings},
        *(f"{'ok  ' if f.is_fine else 'FAIL'}  {f.topic:18} {f.text}" for f in findings),
    )
    return DONE if all(finding.is_fine for finding in findings) else SOME_FAILED


def _demo(
    folders: DemoFolders, arguments: argparse.Namespace, console: Console, cancel: Cancel
) -> Outcome:
    if has_visible_screen() and not (arguments.headless or arguments.prepare):
        root = arguments.folder.resolve()
        console.result({"folder": str(root)}, "opening the window …")
        return OpenWindow(root)
    from seglabel.cli.demo import make_demo

    return make_demo(arguments, folders(), console, cancel)


def _benchmark(arguments: argparse.Namespace, console: Console, cancel: Cancel) -> int:
    from seglabel.cli.benchmark import measure, table
    from seglabel.model.devices import choose_device

    source = ["--backbone", arguments.backbone]
    if arguments.model:
        path = find_model(arguments.model, None, CATALOGUE, fetched_folder())
        source = ["--model", str(path)]
    variants = ["plain", "plain-pages", "torch", "openvino", "openvino-bf16"]
    device = choose_device()
    if device.type != "cpu":
        variants += ["plain-gpu", "autocast", "gpu"]
    height, width = arguments.size
    console.say(f"{source[1]} at {height} × {width}, {os.cpu_count()} cores, {device.reason}")
    results, absent = measure(
        source, arguments.size, variants, arguments.rounds, console.progress, cancel
    )
    plain = results[0]
    data = {"size": [height, width], "results": [r.to_json(plain) for r in results]}
    console.result({**data, "absent": absent}, *(f"not here: {reason}" for reason in absent))
    if not arguments.json:
        console.output(table(results))
        if not arguments.model:
            console.say("labels of random weights hang on rounding: judge bf16 with --model")
    return DONE


def _models(arguments: argparse.Namespace, console: Console, cancel: Cancel) -> int:
    return _MODEL_ACTIONS[arguments.action or "list"](arguments, console, cancel)


_MODEL_ACTIONS = {
    "list": list_models,
    "info": show_model,
    "fetch": fetch_model,
    "convert": convert_model,
    "export": export_model,
}

_COMMANDS: dict[str, Command] = {
    "predict": predict_command,
    "train": _train,
    "evaluate": evaluate_command,
    "import": _import,
    "export": _export,
    "models": _models,
    "stats": stats_command,
    "check": check_command,
    "benchmark": _benchmark,
    "doctor": _doctor,
}


# what they share


def _format(name: str) -> Format:
    table = formats()
    if name not in table:
        raise SegLabelError(f"format: expected one of {', '.join(table)}, found {name!r}")
    return table[name]
