"""Reading the tensors of a checkpoint file. No code in the file is ever run."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import torch
from numpy.typing import NDArray
from torch import Tensor

from seglabel.core.errors import CheckpointError
from seglabel.core.parsing import parse_json
from seglabel.model.safe_pickle import inert_globals, load_arrays, with_arrays

_WRAPPERS = (
    "state_dict",
    "model_state",
    "model_state_dict",
    "model",
    "net",
    "ema",
    "module",
    "weights",
    "params",
)
_DEEPEST = 4
_PREFIXES = ("module.", "model.", "_orig_mod.", "net.")
_NORMALISATION = ("mean", "std")  # what Lightning modules keep beside their network


@dataclass(frozen=True)
class RawCheckpoint:
    """Tensors of a file by name, and whatever the file says of itself.

    ``metadata`` is what a safetensors file carries, ``extra`` what lay beside the tensors in the
    containers of a PyTorch file.
    """

    path: Path
    tensors: dict[str, Tensor]
    metadata: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def config_path(self) -> Path:
        """Where Hugging Face's layouts describe a model."""
        return self.path.with_name("config.json")

    @property
    def config(self) -> dict[str, Any]:
        """That description, empty where there is none. Raises CheckpointError if garbled."""
        try:
            data = parse_json(self.config_path.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise CheckpointError(f"{self.config_path}: expected JSON ({error})") from error
        if not isinstance(data, dict):
            raise CheckpointError(
                f"{self.config_path}: expected an object, found {type(data).__name__}"
            )
        return data


def read_checkpoint(path: Path) -> RawCheckpoint:
    """Tensors of a safetensors, PyTorch or detectron2 file, out of their containers.

    A folder with ``model.safetensors`` counts as that file. Raises CheckpointError.
    """
    path = _weights_file(path)
    if path.suffix == ".safetensors":
        raw = _read_safetensors(path)
    elif path.suffix == ".pkl":
        raw = RawCheckpoint(path, *_unwrapped(load_arrays(path, _tensor), path))
    else:
        raw = RawCheckpoint(path, *_unwrapped(_load_weights_only(path), path))
    return _without_prefixes(raw)


def _weights_file(path: Path) -> Path:
    if path.is_dir():
        for name in ("model.safetensors", "pytorch_model.bin"):
            if (path / name).is_file():
                return path / name
        if any(path.glob("*.ckpt*.index")):
            raise CheckpointError(f"{path}: {_TENSORFLOW}")
        raise CheckpointError(f"{path}: expected a folder with model.safetensors")
    if re.search(r"\.(index|meta|data-\d+-of-\d+|pb)$", path.name):
        raise CheckpointError(f"{path}: {_TENSORFLOW}")
    if not path.is_file():
        what = "is not a file" if path.exists() else "does not exist"
        raise CheckpointError(f"{path}: {what}; expected a checkpoint")
    return path


_TENSORFLOW = (
    "a TensorFlow checkpoint. No maintained library reads one without TensorFlow itself, nor does "
    "seglabel; Hugging Face Transformers converts the released MobileNetV2 models "
    "(its convert_original_tf_checkpoint_to_pytorch script), and seglabel reads what it writes"
)


def _read_safetensors(path: Path) -> RawCheckpoint:
    try:
        with safetensors.safe_open(str(path), "pt") as file:
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
            return RawCheckpoint(path, tensors, file.metadata() or {})
    except (safetensors.SafetensorError, OSError) as error:
        raise CheckpointError(f"{path}: damaged or not a safetensors file ({error})") from error


def _load_weights_only(path: Path) -> Any:
    try:
        with torch.serialization.safe_globals(inert_globals()):
            return with_arrays(torch.load(path, map_location="cpu", weights_only=True))
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror or error}") from error
    except Exception as error:  # a damaged file makes the reader raise anything
        # PyTorch's own words advise to run the file's code all the same: only the name is kept.
        text = str(error)
        refused = re.search(r"GLOBAL (\S+)|(TorchScript)", text)
        if refused is None and not _is_pytorch(path):
            raise CheckpointError(f"{path}: not a checkpoint") from error
        if refused is None and "Weights only load failed" not in text:
            reason = f"{type(error).__name__}: {error}".splitlines()[0][:120]
            raise CheckpointError(f"{path}: damaged or not a PyTorch file ({reason})") from error
        what = f" ({refused[1] or refused[2]})" if refused else ", or is damaged"
        raise CheckpointError(
            f"{path}: holds more than weights{what}, and seglabel never runs code from a file. "
            "Save the state_dict alone (torch.save(model.state_dict(), …)) or convert it to "
            "safetensors"
        ) from error


def _is_pytorch(path: Path) -> bool:
    """Whether a file begins as PyTorch and pickle write them."""
    with path.open("rb") as file:
        begin = file.read(2)
    return begin[:1] == b"\x80" or begin == b"PK" or tarfile.is_tarfile(path)


def _unwrapped(data: Any, path: Path) -> tuple[dict[str, Tensor], dict[str, str], dict[str, Any]]:
    """The tensors within their containers, no metadata, and what lay beside them."""
    extra: dict[str, Any] = {}
    for _ in range(_DEEPEST + 1):
        if not isinstance(data, Mapping):
            raise CheckpointError(f"{path}: expected a state_dict, found {type(data).__name__}")
        tensors = {str(key): value for key, value in data.items() if isinstance(value, Tensor)}
        inner = next((key for key in _WRAPPERS if isinstance(data.get(key), Mapping)), None)
        if 2 * len(tensors) > len(data) or inner is None:
            break
        extra = {str(k): v for k, v in data.items() if k != inner} | extra
        data = data[inner]
    if not tensors:
        raise CheckpointError(f"{path}: holds no tensors")
    return tensors, {}, extra


def _tensor(array: NDArray[Any]) -> Any:
    """Of numbers; what PyTorch cannot hold stays as it is."""
    return torch.from_numpy(np.ascontiguousarray(array)) if array.dtype.kind in "fiu" else array


def _without_prefixes(raw: RawCheckpoint) -> RawCheckpoint:
    """Without what trainers put before every name."""
    tensors, extra = dict(raw.tensors), dict(raw.extra)
    while True:
        beside = [key for key in _NORMALISATION if key in tensors]
        inner = [key for key in tensors if key not in beside]
        prefix = next((p for p in _PREFIXES if inner and all(k.startswith(p) for k in inner)), None)
        if prefix is None:
            return RawCheckpoint(raw.path, tensors, raw.metadata, extra)
        extra |= {key: tensors[key] for key in beside}
        tensors = {key.removeprefix(prefix): tensors[key] for key in inner}
