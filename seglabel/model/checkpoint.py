"""seglabel's own checkpoint: safetensors whose metadata says everything that the weights do not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from seglabel.core.categories import BACKGROUND, CategorySet
from seglabel.core.errors import CheckpointError, SegLabelError
from seglabel.core.parsing import parse_json
from seglabel.model.architecture import Architecture
from seglabel.model.raw_checkpoint import RawCheckpoint

METADATA_KEY = "seglabel"
FORMAT = 1

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class ModelSpec:
    """What a checkpoint means, besides its weights.

    ``channels`` gives the category id of each score channel. ``mean`` and ``std`` are for RGB in
    [0, 1]. ``pads`` says that pictures are padded to a multiple of the output stride by repeating
    their border, so that the network's grid and the pixels coincide. ``spreads`` says that pictures
    are first spread over the whole range of brightness, see ``seglabel.model.contrast``.
    """

    architecture: Architecture
    categories: CategorySet
    channels: tuple[int, ...]
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    pads: bool = True
    license: str = ""
    training: dict[str, Any] = field(default_factory=dict)
    spreads: bool = False

    def __post_init__(self) -> None:
        if len(self.channels) != self.architecture.outputs:
            raise CheckpointError(
                f"{self.architecture.outputs} output channels, but {len(self.channels)} categories"
            )
        unknown = [c for c in self.channels if c != BACKGROUND and c not in self.categories]
        if unknown:
            raise CheckpointError(f"output channels for ids without a category: {unknown}")

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "architecture": self.architecture.to_json(),
            "categories": self.categories.to_json(),
            "channels": list(self.channels),
            "mean": list(self.mean),
            "std": list(self.std),
            "pads": self.pads,
            "license": self.license,
            "training": self.training,
            "spreads": self.spreads,
        }

    def overridden(
        self,
        *,
        output_stride: int | None = None,
        mean: tuple[float, float, float] | None = None,
        std: tuple[float, float, float] | None = None,
        categories: CategorySet | None = None,
    ) -> ModelSpec:
        """The same with what a person knows better. Raises CheckpointError if it cannot be."""
        changes: dict[str, Any] = {}
        if output_stride is not None:
            changes["architecture"] = replace(self.architecture, output_stride=output_stride)
        if mean is not None:
            changes["mean"] = mean
        if std is not None:
            changes["std"] = std
        if categories is not None:
            outputs = self.architecture.outputs
            channels = channels_of(categories)
            if len(channels) != outputs and len(categories) == outputs:
                channels = categories.ids
            changes |= {"categories": categories, "channels": channels}
        return replace(self, **changes)

    @classmethod
    def from_json(cls, data: Any) -> ModelSpec:
        """Read what :meth:`to_json` wrote. Raises CheckpointError."""
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            found = data.get("format") if isinstance(data, dict) else data
            raise CheckpointError(f"expected checkpoint format {FORMAT}, found {found!r}")
        try:
            return cls(
                Architecture.from_json(data["architecture"]),
                CategorySet.from_json(data["categories"]),
                tuple(int(channel) for channel in data["channels"]),
                _triple(data["mean"]),
                _triple(data["std"]),
                bool(data.get("pads", True)),
                str(data.get("license", "")),
                dict(data.get("training", {})),
                bool(data.get("spreads", False)),
            )
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise CheckpointError(f"metadata lacks or garbles {error}") from error


def _triple(values: Any) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in values)
    return red, green, blue


def channels_of(categories: CategorySet) -> tuple[int, ...]:
    """Category id per score channel for a model that learns ``categories``."""
    return categories.ids if categories.background_is_void else (BACKGROUND, *categories.ids)


def encode_checkpoint(
    state: dict[str, Tensor],
    spec: ModelSpec,
    *,
    notes: Mapping[str, str] | None = None,
    half: bool = False,
) -> bytes:
    """A safetensors file with the weights and what they mean.

    ``notes`` are further metadata, as the model's card. ``half`` stores the weights of convolutions
    in half precision, which halves the file; norms and biases, of which there is little, keep
    theirs. Loading gives single precision again.
    """
    tensors = {key: value.detach().cpu().contiguous() for key, value in state.items()}
    if half:
        tensors = {k: v.half() if v.ndim > 1 else v for k, v in tensors.items()}
    note = json.dumps(spec.to_json(), sort_keys=True, ensure_ascii=False)
    return safetensors.torch.save(tensors, {**(notes or {}), METADATA_KEY: note, "format": "pt"})


def load_strictly(
    net: torch.nn.Module,
    state: dict[str, Tensor],
    path: Path,
    origins: Mapping[str, str] | None = None,
) -> None:
    """Load ``state`` into ``net``; every tensor must be there, be used and fit.

    Raises CheckpointError that names the first tensors that do not, as ``origins`` says that the
    file calls them.
    """
    own = net.state_dict()

    def name(key: str) -> str:
        return (origins or {}).get(key, key)

    # Files written by old versions of PyTorch lack these counters, which only training looks at.
    optional = {key for key in own if key.endswith("num_batches_tracked")}
    missing = sorted(name(key) for key in set(own) - set(state) - optional)
    unexpected = sorted(name(key) for key in set(state) - set(own))
    wrong = sorted(
        f"{name(key)} is {tuple(state[key].shape)}, expected {tuple(own[key].shape)}"
        for key in set(own) & set(state)
        if own[key].shape != state[key].shape
    )
    for what, keys in (("lacks", missing), ("has unexpected", unexpected), ("misfits:", wrong)):
        if keys:
            more = f" and {len(keys) - 3} more" if len(keys) > 3 else ""
            raise CheckpointError(f"{path}: {what} {', '.join(keys[:3])}{more}")
    net.load_state_dict(state, strict=False)


def spec_from_metadata(raw: RawCheckpoint) -> ModelSpec | None:
    """The spec of one of our own files, or ``None`` for a foreign one."""
    note = raw.metadata.get(METADATA_KEY)
    if note is None:
        return None
    try:
        return ModelSpec.from_json(parse_json(note))
    except (ValueError, SegLabelError) as error:
        raise CheckpointError(f"{raw.path}: {error}") from error
