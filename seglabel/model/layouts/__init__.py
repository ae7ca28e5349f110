"""Checkpoint layouts: what a file is, seen from its keys, and its weights under our names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from torch import Tensor

from seglabel.core.errors import CheckpointError
from seglabel.model.checkpoint import ModelSpec, spec_from_metadata
from seglabel.model.layouts import (
    bubbliiiing,
    detectron2,
    jfzhang95,
    mmseg,
    smp,
    torchvision,
    tramac,
    transformers,
    vainf,
)
from seglabel.model.layouts.draft import Draft
from seglabel.model.layouts.weights import Weights
from seglabel.model.raw_checkpoint import RawCheckpoint

OWN = "seglabel"


@dataclass(frozen=True)
class ReadModel:
    """A checkpoint understood: what it means and its weights for our network.

    ``sources`` says of each fact that the file does not tell by its tensors where it comes from;
    ``origins`` gives the file's names of the tensors by ours, ``dropped`` are tensors that
    inference does not need.
    """

    layout: str
    spec: ModelSpec
    state: dict[str, Tensor]
    sources: dict[str, str] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Layout:
    name: str
    signature: tuple[str, ...]  # beginnings of keys, of which each must occur
    read: Callable[[Weights], Draft]


_LAYOUTS = (
    _Layout("mmsegmentation", mmseg.SIGNATURE, mmseg.read),
    _Layout("segmentation_models_pytorch", smp.SIGNATURE, smp.read),
    _Layout("VainF", vainf.SIGNATURE, vainf.read),
    _Layout("VainF DeepLabv3", vainf.SIGNATURE_V3, vainf.read_v3),
    _Layout("torchvision", torchvision.SIGNATURE, torchvision.read),
    _Layout("bubbliiiing", bubbliiiing.SIGNATURE, bubbliiiing.read),
    _Layout("jfzhang95", jfzhang95.SIGNATURE, jfzhang95.read),
    _Layout("Tramac", tramac.SIGNATURE, tramac.read),
    _Layout("detectron2", detectron2.SIGNATURE, detectron2.read),
    _Layout("transformers", transformers.SIGNATURE, transformers.read),
)

LAYOUTS: tuple[str, ...] = (OWN, *(layout.name for layout in _LAYOUTS))

# what no layout stores, and what the person sees it called
_FACTS = ("output stride", "categories", "normalisation", "align_corners")


def understand(raw: RawCheckpoint) -> ReadModel:
    """Find out which layout a checkpoint has. Raises CheckpointError if it is none we know."""
    spec = spec_from_metadata(raw)
    if spec is not None:
        return ReadModel(OWN, spec, raw.tensors)
    for layout in _LAYOUTS:
        if all(any(key.startswith(s) for key in raw.tensors) for s in layout.signature):
            weights = Weights(raw)
            draft = layout.read(weights)
            assumed = dict.fromkeys(_FACTS, f"assumed, as usual for {layout.name}")
            return ReadModel(
                layout.name,
                draft.spec(raw),
                draft.state,
                assumed | draft.sources,
                weights.origins,
                tuple(weights.dropped),
            )
    sample = ", ".join(sorted(raw.tensors)[:3])
    raise CheckpointError(
        f"{raw.path}: not a DeepLab layout that seglabel knows ({', '.join(LAYOUTS)}); its tensors "
        f"begin with {sample}"
    )
