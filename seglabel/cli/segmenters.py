"""From ``--model`` and what goes with it to a segmenter, here or on another machine."""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from seglabel.core.categories import CategorySet
from seglabel.core.errors import CheckpointError, SegLabelError
from seglabel.core.matching import parse_mapping
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.models import current_model, fetched_folder, find_model, newest_model
from seglabel.jobs.predict import chosen_mapping
from seglabel.model.catalogue import BUILT_IN, CATALOGUE

if TYPE_CHECKING:
    from seglabel.model import Segmenter


@dataclass(frozen=True)
class SegmenterChoice:
    """A checkpoint and how it is to be used, as the command line says it."""

    path: Path
    device: str
    tile: int | None
    scales: tuple[float, ...]
    flip: bool
    precision: str

    def load(self) -> Segmenter:
        """Raises CheckpointError that names what is wrong, SegLabelError for a device."""
        from seglabel.model.allocator import keep_pages

        keep_pages()
        from seglabel.model import Augmentation, Segmenter

        return Segmenter.load(
            self.path,
            self.device,
            tile=self.tile,
            augmentation=Augmentation(self.scales, self.flip),
            precision=self.precision,
        )


@dataclass(frozen=True)
class SegmenterParcel:
    """The same with the bytes of the checkpoint, for a machine that does not have the file."""

    choice: SegmenterChoice
    files: dict[str, bytes]

    @classmethod
    def pack(cls, choice: SegmenterChoice) -> SegmenterParcel:
        """Raises CheckpointError if a file cannot be read."""
        from seglabel.model.identify import sidecar_path

        path = choice.path
        if path.is_dir():
            paths = [file for file in path.iterdir() if file.is_file()]
        else:
            paths = [file for file in (path, sidecar_path(path)) if file.is_file()]
        try:
            files = {file.relative_to(path.parent).as_posix(): file.read_bytes() for file in paths}
        except OSError as error:
            raise CheckpointError(f"{path}: cannot be read: {error.strerror or error}") from error
        return cls(choice, files)

    def __call__(self, threads: int) -> Segmenter:
        """Unpack and load; it computes with ``threads`` threads, and so does all of its process."""
        from seglabel.model.devices import limit_threads

        limit_threads(threads)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            for name, data in self.files.items():
                file = Path(folder) / name
                file.parent.mkdir(exist_ok=True)
                file.write_bytes(data)
            return replace(self.choice, path=Path(folder) / self.choice.path.name).load()


def chosen_segmenter(arguments: argparse.Namespace, store: ProjectStore | None) -> SegmenterChoice:
    """What the arguments ask for, without a wish the project's current model."""
    return SegmenterChoice(
        _model_path(arguments, store),
        arguments.device,
        arguments.tile,
        arguments.scales,
        arguments.flip,
        arguments.precision,
    )


def _model_path(arguments: argparse.Namespace, store: ProjectStore | None) -> Path:
    wanted = arguments.model or (current_model(store) if store is not None else None)
    newest = newest_model(store) if store is not None else None
    if wanted is None and newest is not None:
        return newest.absolute()
    if wanted is None:
        built_in = ", ".join(weights.name for weights in BUILT_IN)
        raise SegLabelError(
            f"{arguments.folder}: the project has no model yet; give one with --model (built in: "
            f"{built_in}; others: seglabel models list), or train one with seglabel train"
        )
    return find_model(wanted, store, CATALOGUE, fetched_folder()).absolute()


def decided_mapping(
    arguments: argparse.Namespace, store: ProjectStore | None, categories: CategorySet
) -> dict[str, str]:
    """What was decided about categories of models before, and now by ``--map``."""
    before = chosen_mapping(store.project) if store is not None else {}
    now = parse_mapping(arguments.map, categories) if arguments.map else {}
    return before | now
