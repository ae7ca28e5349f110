"""The demo from the command line: draw, learn, pre-annotate, export or open."""

from __future__ import annotations

import argparse
from pathlib import Path

from seglabel.cli.console import Console
from seglabel.core.cancel import Cancel
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.registry import formats
from seglabel.jobs.demo import make_demo_project
from seglabel.jobs.engines.local import predict
from seglabel.jobs.export import export
from seglabel.jobs.models import MODEL_SUFFIX
from seglabel.jobs.predict import PredictReport, select
from seglabel.jobs.sinks import ProjectSink
from seglabel.jobs.targets import require_free
from seglabel.jobs.train import train
from seglabel.system_libraries import has_visible_screen

_EXPORTS = ("coco", "voc")


def make_demo(arguments: argparse.Namespace, console: Console, cancel: Cancel) -> bool:
    """Do the whole job in ``arguments.folder``. Returns whether the window is to be opened."""
    from seglabel.model.allocator import keep_pages

    keep_pages()
    root: Path = arguments.folder.resolve()
    console.say(f"drawing sample pictures in {root / 'images'}")
    store = make_demo_project(root / "images")
    shows_window = has_visible_screen() and not arguments.headless
    if not shows_window:
        for name in _EXPORTS:  # said now rather than after a minute of learning
            require_free(store, root / name, force=True)
    model = _model(store, arguments, console, cancel)
    report = _propose(store, model, arguments, console, cancel)
    result = {"images": str(store.folder), "model": str(model), **report.to_json()}
    if shows_window:
        console.result(result, "opening the window …")
        return True
    exported = [_export(store, name, root, console) for name in _EXPORTS]
    result["exports"] = [str(target) for target in exported]
    console.result(
        result,
        f"pictures  {store.folder}",
        f"labels    {store.root / 'labels'} (PNG, pixel = category id)",
        f"model     {model}",
        *(f"export    {target}" for target in exported),
        f"open it with: seglabel {store.folder}",
    )
    return False


def _model(
    store: ProjectStore, arguments: argparse.Namespace, console: Console, cancel: Cancel
) -> Path:
    """The model that an earlier demo trained here, or a new one."""
    from seglabel.model.learning import DeepLabLearner

    current = store.project.settings.get("model")
    path = store.models_folder / f"{current}{MODEL_SUFFIX}"
    if isinstance(current, str) and path.is_file():
        return path
    console.say(f"learning from the labelled ones for {arguments.budget:.0f} s")
    learner = DeepLabLearner(seconds=arguments.budget, device=arguments.device, say=console.say)
    report = train(store, learner, validation_share=0.15, progress=console.progress, cancel=cancel)
    console.say(f"mIoU on the held-back pictures: {report.learned.miou:.3f}")
    return report.path


def _propose(
    store: ProjectStore,
    model: Path,
    arguments: argparse.Namespace,
    console: Console,
    cancel: Cancel,
) -> PredictReport:
    from seglabel.model import Segmenter

    segmenter = Segmenter.load(model, arguments.device)
    names = select(store.project.records.values(), "untouched")
    console.say(f"proposing labels for {len(names)} new pictures")
    return predict(
        store, names, segmenter, ProjectSink(store), progress=console.progress, cancel=cancel
    )


def _export(store: ProjectStore, name: str, root: Path, console: Console) -> Path:
    report = export(store, formats()[name], root / name, force=True, progress=console.progress)
    return report.target
