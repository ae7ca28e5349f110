"""What a checkpoint file is: its layout, what it says, what is assumed, what a person corrected."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from torch import Tensor

from seglabel.core.categories import CategorySet
from seglabel.core.errors import CheckpointError, SegLabelError
from seglabel.core.parsing import parse_json
from seglabel.model.catalogue import published_digest
from seglabel.model.checkpoint import METADATA_KEY, ModelSpec, encode_checkpoint, load_strictly
from seglabel.model.deeplabv3plus import DeepLabV3Plus
from seglabel.model.layouts import OWN, understand
from seglabel.model.raw_checkpoint import RawCheckpoint, read_checkpoint

_SHOWN_NAMES = 12
SIDECAR_SUFFIX = ".seglabel.json"

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Corrections:
    """What a person knows better than the file or its layout's defaults; ``None`` where nothing.

    ``mean`` and ``std`` are for RGB in [0, 1].
    """

    output_stride: int | None = None
    mean: Triple | None = None
    std: Triple | None = None
    categories: CategorySet | None = None

    def over(self, earlier: Corrections) -> Corrections:
        """These, and where there are none those made earlier."""
        values = {k: v for k, v in vars(self).items() if v is not None}
        return replace(earlier, **values)

    def apply(self, spec: ModelSpec) -> ModelSpec:
        """The spec with these facts. Raises CheckpointError if they do not fit."""
        return spec.overridden(
            output_stride=self.output_stride,
            mean=self.mean,
            std=self.std,
            categories=self.categories,
        )

    @property
    def facts(self) -> tuple[str, ...]:
        """Names of the facts that are corrected."""
        found = []
        if self.output_stride is not None:
            found.append("output stride")
        if self.mean is not None or self.std is not None:
            found.append("normalisation")
        if self.categories is not None:
            found.append("categories")
        return tuple(found)

    def encode(self) -> bytes:
        """The text of a side-car."""
        data: dict[str, Any] = {
            "output_stride": self.output_stride,
            "mean": self.mean,
            "std": self.std,
            "categories": None if self.categories is None else self.categories.to_json(),
        }
        kept = {key: value for key, value in data.items() if value is not None}
        return json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"

    @classmethod
    def decode(cls, data: bytes, path: Path) -> Corrections:
        """Read a side-car. Raises CheckpointError that names it."""
        try:
            content = parse_json(data)
            stride, categories = content.get("output_stride"), content.get("categories")
            return cls(
                None if stride is None else int(stride),
                _triple(content.get("mean")),
                _triple(content.get("std")),
                None if categories is None else CategorySet.from_json(categories),
            )
        except (AttributeError, TypeError, ValueError, OverflowError, SegLabelError) as error:
            raise CheckpointError(f"{path}: not what seglabel wrote there ({error})") from error


def _triple(values: Any) -> Triple | None:
    if values is None:
        return None
    red, green, blue = (float(value) for value in values)
    return red, green, blue


@dataclass(frozen=True)
class IdentifiedModel:
    """A checkpoint understood.

    ``sources`` says of facts by name where they come from if not from the tensors, ``origins`` what
    the file calls the tensors of ``state``; ``dropped`` are tensors that inference does not need.
    ``notes`` is what else one of our own files carries, as its card. ``digest`` is that of
    everything that decides its numbers.
    """

    path: Path
    layout: str
    spec: ModelSpec
    state: dict[str, Tensor]
    sources: dict[str, str]
    origins: dict[str, str]
    dropped: tuple[str, ...]
    digest: str
    notes: dict[str, str] = field(default_factory=dict)

    def network(self) -> DeepLabV3Plus:
        """The network with its weights. Raises CheckpointError if they do not fit strictly."""
        try:
            net = DeepLabV3Plus(self.spec.architecture)
        except CheckpointError as error:
            raise CheckpointError(f"{self.path}: {error}") from error
        except Exception as error:  # sizes that each are possible but do not go together
            raise CheckpointError(f"{self.path}: describes no network ({error})") from error
        load_strictly(net, self.state, self.path, self.origins)
        return net

    def converted(self, *, half: bool = False) -> bytes:
        """The same model as seglabel's own safetensors. Raises CheckpointError.

        ``half``: with weights in half precision, see :func:`encode_checkpoint`.
        """
        origin = {"converted_from": self.path.name, "layout": self.layout}
        spec = replace(self.spec, training={**origin, **self.spec.training})
        state = self.network().state_dict()
        return encode_checkpoint(state, spec, notes=self.notes, half=half)


def identify(path: Path, corrections: Corrections | None = None) -> IdentifiedModel:
    """Read a checkpoint of any known layout. Raises CheckpointError that names what is wrong.

    Facts come from ``corrections``, else the side-car, else the file, else what is usual for its
    layout. No code in the file is ever run.
    """
    raw = read_checkpoint(path)
    model = understand(raw)
    sidecar = sidecar_path(raw.path)
    remembered, noted = read_sidecar(raw.path)
    try:
        spec = (corrections or Corrections()).over(remembered).apply(model.spec)
    except CheckpointError as error:
        raise CheckpointError(f"{raw.path}: {error}") from error
    sources = dict(model.sources)
    sources |= dict.fromkeys(remembered.facts, f"corrected ({sidecar.name})")
    sources |= dict.fromkeys((corrections or Corrections()).facts, "as told")
    return IdentifiedModel(
        raw.path,
        model.layout,
        spec,
        model.state,
        sources,
        model.origins,
        model.dropped,
        _digest(raw.path, noted),
        _notes(raw) if model.layout == OWN else {},
    )


def _notes(raw: RawCheckpoint) -> dict[str, str]:
    own = (METADATA_KEY, "format")
    return {key: text for key, text in raw.metadata.items() if key not in own}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing to know about a checkpoint. ``source`` is empty where the tensors tell."""

    name: str
    value: str
    source: str = ""


def describe(model: IdentifiedModel) -> list[Fact]:
    """What a checkpoint is, in the order in which a person wants to know."""
    spec, arch = model.spec, model.spec.architecture
    parameters = sum(t.numel() for t in model.network().parameters())
    # Several channels may mean one category.
    names = list(dict.fromkeys(spec.categories.name_of(channel) for channel in spec.channels))
    shown = ", ".join(names[:_SHOWN_NAMES]) + (", …" if len(names) > _SHOWN_NAMES else "")
    head = "DeepLabv3+" if arch.has_decoder else "DeepLabv3 (no decoder)"
    if arch.rates:
        head += f", {'separable' if arch.separable else 'dense'} head"
    told = [
        Fact("layout", model.layout),
        Fact("network", head),
        Fact("backbone", arch.backbone),
        Fact("output stride", str(arch.output_stride)),
        Fact("atrous rates", ", ".join(map(str, arch.rates)) or "none"),
        Fact("parameters", f"{parameters / 1e6:.2f} million"),
        Fact("categories", f"{len(names)}: {shown}"),
        Fact(
            "normalisation",
            f"mean {_numbers(spec.mean)}, std {_numbers(spec.std)} of RGB in 0–1"
            + (", of pictures spread over the whole range" if spec.spreads else ""),
        ),
        Fact("align_corners", "yes" if arch.align_corners else "no"),
        Fact("license", spec.license or "not stated"),
        Fact("left out", "; ".join(model.dropped) or "nothing"),
        Fact("digest", f"sha256 {model.digest}"),
    ]
    return [replace(fact, source=model.sources.get(fact.name, "")) for fact in told]


def _numbers(values: Triple) -> str:
    return " ".join(f"{value:.4g}" for value in values)


def sidecar_path(path: Path) -> Path:
    """Where seglabel remembers what a person corrected about a checkpoint file."""
    return path.with_name(path.name + SIDECAR_SUFFIX)


def read_sidecar(path: Path) -> tuple[Corrections, bytes]:
    """What was corrected before, and the text that says so. Raises CheckpointError."""
    sidecar = sidecar_path(path)
    try:
        data = sidecar.read_bytes()
    except FileNotFoundError:
        return Corrections(), b""
    except OSError as error:
        raise CheckpointError(f"{sidecar}: cannot be read: {error.strerror or error}") from error
    return Corrections.decode(data, sidecar), data


def _digest(path: Path, sidecar: bytes) -> str:
    """Raises CheckpointError if a file that comes with the program is not as it came."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    published = published_digest(path)
    if published and digest.hexdigest() != published:
        raise CheckpointError(f"{path}: damaged, but it is part of seglabel: reinstall it")
    digest.update(sidecar)
    return digest.hexdigest()
