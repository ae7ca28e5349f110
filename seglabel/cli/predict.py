"""``seglabel predict``: into a project, into a folder of PNGs, here or on a cluster."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from seglabel.cli.console import DONE, SOME_FAILED, Console, failures
from seglabel.cli.projects import open_project
from seglabel.cli.segmenters import (
    SegmenterChoice,
    SegmenterParcel,
    chosen_segmenter,
    decided_mapping,
)
from seglabel.core.cancel import Cancel
from seglabel.core.categories import CategorySet
from seglabel.core.errors import SegLabelError
from seglabel.core.matching import CategoryMap, match_by_name
from seglabel.formats.masks import mask_names
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.storage import Place, storage_at
from seglabel.jobs.engines.local import predict
from seglabel.jobs.models import remembered_as
from seglabel.jobs.predict import (
    Only,
    Pictures,
    PredictReport,
    Proposer,
    Sink,
    chosen_mapping,
    part_of,
    select,
)
from seglabel.jobs.sinks import ProjectSink, begin_folder

if TYPE_CHECKING:
    from seglabel.model import Segmenter


@dataclass(frozen=True)
class _Source:
    """The images: all of them, where their pixels are, and the project if they have one."""

    place: Place
    names: Sequence[str]
    pictures: Pictures
    store: ProjectStore | None


def predict_command(arguments: argparse.Namespace, console: Console, cancel: Cancel) -> int:
    """Run it and say how it went."""
    _require_out(arguments)
    ray_engine = _ray_engine(arguments) if arguments.engine == "ray" else None
    source = _open(arguments)
    choice = chosen_segmenter(arguments, source.store)
    segmenter = choice.load()
    console.say(f"{segmenter.name} on {segmenter.where}")
    names = part_of(_wanted(arguments, source), *arguments.shard)
    sink, where = _sink(arguments, source, choice, segmenter)
    chosen = decided_mapping(arguments, source.store, sink.categories)
    _remember(source.store, chosen)
    mapping = match_by_name(segmenter.categories, sink.categories, chosen)
    for sentence in _mapping_sentences(mapping):
        console.say(sentence)
    if ray_engine is None:
        look = _telling_falls(segmenter, console)
        report = predict(
            source.pictures,
            names,
            segmenter,
            sink,
            chosen=chosen,
            progress=console.progress,
            between=look,
            cancel=cancel,
        )
        look()
    else:
        errand = ray_engine.Errand(
            SegmenterParcel.pack(choice), source.place, where, sink.categories, chosen
        )
        files = mask_names(source.names)
        with redirect_stdout(sys.stderr):  # what Ray has to say is for people
            report = ray_engine.predict_on_ray(
                errand,
                {name: files[name] for name in names},
                may_use_gpus=arguments.device in ("auto", "cuda"),
                say=console.say,
                progress=console.progress,
                cancel=cancel,
            )
    console.result(report.to_json(), *_sentences(report, where))
    return SOME_FAILED if report.failed else DONE


def _telling_falls(segmenter: Segmenter, console: Console) -> Callable[[], None]:
    """Says, when asked, if a model had to go on elsewhere or in smaller pieces since."""
    where = [segmenter.where]

    def look() -> None:
        if segmenter.where != where[-1]:
            where.append(segmenter.where)
            console.say(
                "there was not enough memory, or the device was lost; "
                f"{segmenter.name} goes on: {segmenter.where}"
            )

    return look


def _require_out(arguments: argparse.Namespace) -> None:
    """A project is one machine's: what many write, or what has none, needs a folder of labels."""
    if arguments.out is not None:
        if arguments.separate:
            raise SegLabelError("--separate: plain label PNGs hold no objects; leave --out away")
        return
    if arguments.shard[1] > 1:
        raise SegLabelError(
            "--shard: several machines cannot write into one project at once; give --out DIR"
        )
    if arguments.engine == "ray":
        raise SegLabelError(
            "--engine ray: several machines cannot write into one project at once; give --out DIR"
        )
    if isinstance(arguments.folder, str):
        raise SegLabelError(f"{arguments.folder}: a project cannot lie at a URL; give --out DIR")


def _ray_engine(arguments: argparse.Namespace) -> ModuleType:
    for place in (arguments.folder, arguments.out):
        if isinstance(place, str) and place.startswith("memory:"):
            raise SegLabelError(f"{place}: lies in the memory of one process; no worker can see it")
    if arguments.pixel_limit is not None:
        raise SegLabelError("--pixel-limit: holds for a project's own machine, not for a cluster")
    try:
        from seglabel.jobs.engines import ray_data
    except ImportError as error:
        raise SegLabelError(
            f'--engine ray: Ray is not installed here ({error}): pip install "seglabel[ray]"'
        ) from error
    return ray_data


def _open(arguments: argparse.Namespace) -> _Source:
    folder = arguments.folder
    if isinstance(folder, Path):
        store = open_project(arguments, writes=arguments.out is None)
        return _Source(store.folder, store.project.names, store, store)
    of_projects = (arguments.project, arguments.pixel_limit)
    if any(given is not None for given in of_projects) or arguments.only not in (None, "all"):
        raise SegLabelError(
            f"{folder}: has no project, so --project, --only and --pixel-limit mean nothing here"
        )
    storage = storage_at(folder)
    return _Source(folder, storage.find_images(), storage, None)


def _wanted(arguments: argparse.Namespace, source: _Source) -> Sequence[str]:
    """Plain PNGs touch nobody's work: they are of every image, as the labels of a test set are."""
    if source.store is None:
        return source.names
    usual: Only = "untouched" if arguments.out is None else "all"
    return select(source.store.project.records.values(), arguments.only or usual)


def _sink(
    arguments: argparse.Namespace, source: _Source, choice: SegmenterChoice, segmenter: Proposer
) -> tuple[Sink, Place]:
    store = source.store
    if arguments.out is not None:
        out = arguments.out.absolute() if isinstance(arguments.out, Path) else arguments.out
        known = store.project.categories if store is not None else CategorySet()
        categories = known if len(known) else segmenter.categories
        files = mask_names(source.names)
        return begin_folder(out, store or source.place, files, categories), out
    assert store is not None  # or --out was required
    categories = store.project.categories if len(store.project.categories) else segmenter.categories
    if arguments.separate and not any(category.is_thing for category in categories):
        raise SegLabelError(
            f"--separate: no category of {store.folder} is a thing, and only things have objects"
        )
    store.project.categories = categories
    # The window goes on with the same model.
    store.project.settings.setdefault("model", remembered_as(choice.path.resolve(), store))
    store.save_project()
    return ProjectSink(store, separates=arguments.separate), store.root


def _remember(store: ProjectStore | None, chosen: dict[str, str]) -> None:
    if store is not None and chosen != chosen_mapping(store.project):
        store.project.settings["mapping"] = chosen
        store.save_project()


def _mapping_sentences(mapping: CategoryMap) -> Iterator[str]:
    changed = [f"{a} → {b or 'background'}" for a, b in mapping.targets.items() if a != b]
    if changed:
        yield f"categories: {', '.join(changed)} (change it with --map)"


def _sentences(report: PredictReport, where: Place) -> Iterator[str]:
    rate = f"{report.images_per_second:.2f} images/s"
    yield f"proposed {report.proposed} images in {report.seconds:.1f} s ({rate}) into {where}"
    if report.skipped:
        yield f"{report.skipped} were proposed by this model before"
    for name, pixels in report.unmapped.items():
        yield f"{pixels:,} pixels of {name} have no category in the project: background"
    yield from failures(report.failed)
