"""Which checkpoints there are: of a project, built in, files, public weights that were fetched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from seglabel.core.errors import SegLabelError
from seglabel.core.model_version import natural_key
from seglabel.core.public_weights import PublicWeights
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.fetch import fetched_path, is_fetched
from seglabel.resources import resource

MODEL_SUFFIX = ".safetensors"


def fetched_folder() -> Path:
    """Where this person's public weights lie."""
    return Path(platformdirs.user_data_dir("seglabel", appauthor=False)) / "models"


def own_models(store: ProjectStore) -> list[Path]:
    """Checkpoints that were trained in a project, ``model-2`` before ``model-10``."""
    folder = store.models_folder
    paths = folder.glob(f"*{MODEL_SUFFIX}") if folder.is_dir() else ()
    return sorted(paths, key=lambda path: natural_key(path.stem))


def built_in_path(name: str) -> Path | None:
    """The model of this name that comes with the program."""
    path = resource("models", f"{name}{MODEL_SUFFIX}")
    return path if Path(name).name == name and path.is_file() else None


def newest_model(store: ProjectStore) -> Path | None:
    """The checkpoint of a project that was trained last: the one with the highest number.

    Not the time of its file: clocks are set, and copying a project changes the times of all.
    """
    return max(own_models(store), key=lambda path: model_number(path.stem), default=None)


def model_number(name: str) -> int:
    """Which one of a project's models it is, from its name ``model-7``; 0 if it says none."""
    match = re.fullmatch(r"model-(\d+)", name)
    return int(match[1]) if match else 0


def remembered_as(path: Path, store: ProjectStore) -> str:
    """How a project notes that it uses a checkpoint: by name where that says it, else by path."""
    is_own = path.absolute().parent == store.models_folder.absolute()
    return path.stem if is_own or is_built_in(path) else str(path)


def is_built_in(path: Path) -> bool:
    """Whether a checkpoint comes with the program."""
    return path.resolve().parent == resource("models").resolve()


def current_model(store: ProjectStore) -> str | None:
    """What the project says it uses: a path or a name."""
    name = store.project.settings.get("model")
    return name if isinstance(name, str) and name else None


def on_this_machine(wanted: str, store: ProjectStore | None) -> Path | None:
    """A checkpoint by name in the project, else built in, else by path, if there is one."""
    own = [] if store is None else own_models(store)
    built_in = built_in_path(wanted)
    candidates = [
        *(path for path in own if path.stem == wanted),
        *([] if built_in is None else [built_in]),
        Path(wanted),
    ]
    return next((path for path in candidates if path.exists()), None)


def find_model(
    wanted: str, store: ProjectStore | None, catalogue: Sequence[PublicWeights], folder: Path
) -> Path:
    """A checkpoint by name in the project, built in, by path or by name in the catalogue.

    In this order. ``folder`` is where fetched weights lie. Raises SegLabelError that says how to
    get it.
    """
    here = on_this_machine(wanted, store)
    if here is not None:
        return here
    public = next((weights for weights in catalogue if weights.name == wanted), None)
    if public is not None:
        if is_fetched(public, folder):
            return fetched_path(public, folder)
        raise SegLabelError(
            f"model {wanted!r}: not on this machine yet ({public.megabytes:.0f} MB); "
            f"fetch it with: seglabel models fetch {wanted}"
        )
    own = [] if store is None else own_models(store)
    listed = f"; models of this project: {', '.join(path.stem for path in own)}" if own else ""
    raise SegLabelError(
        f"model {wanted!r}: neither a file nor a name that is known here (seglabel models list)"
        f"{listed}"
    )
