"""A training that was ended by force, kept so that the next one goes on from there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seglabel.core.parsing import parse_json
from seglabel.core.samples import Resume
from seglabel.formats.atomic import WriteError, write_atomically
from seglabel.formats.project_store import ProjectStore

_FOLDER, _FILE = ".training", "state"
_LONGEST_NOTE = 1 << 16


@dataclass(frozen=True)
class Unfinished:
    """How far a training came: ``share`` (0 to 1) of it is over, ``model`` is its file's name.

    ``settings`` are those it was started with; ``identity`` is the same for trainings with the same
    settings and labels.
    """

    share: float
    model: str
    settings: Mapping[str, Any]
    identity: str


def identity_of(settings: Mapping[str, Any], labels: Any) -> str:
    """What two trainings share if one can go on where the other was; both must be JSON."""
    told = json.dumps([dict(settings), labels], sort_keys=True)
    return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


def unfinished(store: ProjectStore) -> Unfinished | None:
    """The training of this project that was ended by force, if there is one."""
    try:
        with _path(store).open("rb") as file:
            return _read_note(file.readline(_LONGEST_NOTE))
    except (OSError, ValueError, TypeError, KeyError, OverflowError):
        return None  # there is none, or none that anything can be made of


def forget(store: ProjectStore) -> None:
    """Nothing is to be gone on with any more."""
    with suppress(OSError):
        _path(store).unlink()
        _path(store).parent.rmdir()


def resume(
    store: ProjectStore, begun: Unfinished, *, is_fresh: bool, writes: bool
) -> tuple[Resume, Unfinished]:
    """What lets a training go on that begins as ``begun`` says, and as what it goes on.

    With ``is_fresh`` it starts anew. Unless it ``writes``, nothing is kept of it.
    """
    found = None if is_fresh else unfinished(store)
    state = None
    if found is not None and found.identity == begun.identity:
        with suppress(OSError):
            state = _path(store).read_bytes().partition(b"\n")[2]
            begun = found

    def keep(state: bytes, share: float) -> None:
        note = {
            "share": share,
            "model": begun.model,
            "settings": dict(begun.settings),
            "identity": begun.identity,
        }
        with suppress(WriteError), write_atomically(_path(store)) as file:  # there may be room soon
            file.write(json.dumps(note, default=str).encode() + b"\n")
            file.write(state)

    return (Resume(state, keep) if writes else Resume(state)), begun


def _path(store: ProjectStore) -> Path:
    return store.models_folder / _FOLDER / _FILE


def _read_note(line: bytes) -> Unfinished:
    data = parse_json(line)
    return Unfinished(
        float(data["share"]), str(data["model"]), dict(data["settings"]), str(data["identity"])
    )
