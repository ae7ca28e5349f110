"""Checkpoint layouts: what a file is, seen from its keys, and its weights under our names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from seglabel.core.errors import CheckpointError
from seglabel.model.checkpoint import ModelSpec, RawCheckpoint, spec_from_metadata
from seglabel.model.layouts import transformers


@dataclass(frozen=True)
class ReadModel:
    """A checkpoint understood: what it means and its weights for our network."""

    layout: str
    spec: ModelSpec
    state: dict[str, Tensor]


@dataclass(frozen=True)
class _Layout:
    name: str
    matches: Callable[[RawCheckpoint], bool]
    read: Callable[[RawCheckpoint], tuple[ModelSpec, dict[str, Tensor]]]


_LAYOUTS = (_Layout("transformers", transformers.matches, transformers.read),)


def understand(raw: RawCheckpoint) -> ReadModel:
    """Find out which layout a checkpoint has. Raises CheckpointError if it is none we know."""
    spec = spec_from_metadata(raw)
    if spec is not None:
        return ReadModel("seglabel", spec, raw.tensors)
    for layout in _LAYOUTS:
        if layout.matches(raw):
            spec, state = layout.read(raw)
            return ReadModel(layout.name, spec, state)
    sample = ", ".join(sorted(raw.tensors)[:3])
    known = ", ".join(["seglabel", *(layout.name for layout in _LAYOUTS)])
    raise CheckpointError(
        f"{raw.path}: not a DeepLab layout that seglabel knows ({known}); its tensors begin with "
        f"{sample}"
    )
