"""The demo from the command line: draw, pre-annotate, and export or leave it to the window."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from seglabel.cli.console import DONE, SOME_FAILED, Console, failures
from seglabel.core.cancel import Cancel
from seglabel.core.progress import Progress, ProgressCallback
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.registry import formats
from seglabel.jobs.demo import DemoFolder, leave_to_person, make_demo_project
from seglabel.jobs.engines.local import predict
from seglabel.jobs.export import export
from seglabel.jobs.models import current_model, fetched_folder, find_model
from seglabel.jobs.predict import PredictReport, chosen_mapping, select
from seglabel.jobs.sinks import ProjectSink
from seglabel.jobs.targets import require_free
from seglabel.model.catalogue import CATALOGUE

_EXPORTS = ("coco", "voc")


def make_demo(
    arguments: argparse.Namespace,
    demos: Sequence[DemoFolder],
    console: Console,
    cancel: Cancel,
) -> int:
    """Make the folders of the demo in ``arguments.folder``. Returns the exit code.

    With ``arguments.prepare`` nothing is exported and the first image is left to a person.
    """
    from seglabel.model.allocator import keep_pages

    keep_pages()
    root: Path = arguments.folder.resolve()
    bar = _Bar(sum(2 * demo.new + demo.labelled for demo in demos), console.progress)
    console.say(f"drawing sample images in {root}")
    stores = [
        make_demo_project(root / demo.name, demo, bar.part(len(demo.images)), cancel)
        for demo in demos
    ]
    targets = {} if arguments.prepare else _targets(root, demos, stores)
    for target, (store, _) in targets.items():  # said now rather than after the proposals
        require_free(store, target, force=True)
    failed: list[str] = []
    for demo, store in zip(demos, stores, strict=True):
        sink = ProjectSink(store, separates=demo.separates)
        report = _propose(store, sink, bar.part(demo.new), console, cancel)
        failed += report.failed
    if arguments.prepare:
        leave_to_person(stores[0], demos[0].images[0])
    for target, (store, name) in targets.items():
        failed += export(store, formats()[name], target, force=True).skipped
    result: dict[str, Any] = {
        "folders": [str(store.folder) for store in stores],
        "models": [current_model(store) for store in stores],
        "exports": [str(target) for target in targets],
        "failed": failed,
    }
    sentences = []
    for store in stores:
        sentences += [
            f"images    {store.folder}",
            f"labels    {store.root / 'labels'} (PNG, pixel = category id)",
        ]
    sentences += [f"export    {target}" for target in targets]
    console.result(
        result, *sentences, *failures(failed), f"open it with: seglabel {stores[0].folder}"
    )
    return SOME_FAILED if failed else DONE


def _targets(
    root: Path, demos: Sequence[DemoFolder], stores: Sequence[ProjectStore]
) -> dict[Path, tuple[ProjectStore, str]]:
    """Where which folder is exported to, in which format."""
    return {
        root / f"{demo.name}-{name}": (store, name)
        for demo, store in zip(demos, stores, strict=True)
        for name in _EXPORTS
    }


def _propose(
    store: ProjectStore,
    sink: ProjectSink,
    progress: ProgressCallback,
    console: Console,
    cancel: Cancel,
) -> PredictReport:
    """With the model that the project uses: built in, or what was learned since."""
    from seglabel.model import Segmenter

    path = find_model(current_model(store) or "", store, CATALOGUE, fetched_folder())
    names = select(store.project.records.values(), "untouched")
    console.say(f"proposing labels for {store.folder.name} with {path.stem}")
    return predict(
        store,
        names,
        Segmenter.load(path),
        sink,
        chosen=chosen_mapping(store.project),
        progress=progress,
        cancel=cancel,
    )


class _Bar:
    """One progress of parts that follow one another."""

    def __init__(self, total: int, show: ProgressCallback) -> None:
        self._total = total
        self._show = show
        self._before = 0

    def part(self, size: int) -> ProgressCallback:
        """Of the next part, which has so many steps."""
        before, self._before = self._before, self._before + size

        def show(progress: Progress) -> None:
            self._show(replace(progress, done=before + progress.done, total=self._total))

        return show
