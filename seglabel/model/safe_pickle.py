"""What may be made of a pickle: numbers and names, never anything that acts.

``torch.load(weights_only=True)`` refuses the numpy scalars and the loggers that well-known trainers
store beside their weights. They are let in one by one here; what is only named and never used gets
a stand-in that does nothing.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from seglabel.core.errors import CheckpointError

Globals = list[Callable[..., Any] | tuple[Callable[..., Any], str]]

_NUMBERS = (
    "Bool Int8 Int16 Int32 Int64 UInt8 UInt16 UInt32 UInt64 Float16 Float32 Float64"
).split()


class _History:
    """Stands for mmengine's HistoryBuffer, whose values nothing here looks at."""

    def __setstate__(self, state: object) -> None:
        """Keep nothing."""


def _nothing(*_: object) -> None:
    """Stands for ``getattr``, which these files name to find a method of their logger."""


def inert_globals() -> Globals:
    """What :func:`torch.load` may make besides tensors, for :func:`safe_globals`."""
    core = np._core.multiarray  # type: ignore[attr-defined]
    scalar, reconstruct = core.scalar, core._reconstruct
    return [
        np.ndarray,
        np.dtype,
        *(getattr(np.dtypes, f"{name}DType") for name in _NUMBERS),
        # numpy 2 and numpy 1 call the same functions by different names.
        (scalar, "numpy._core.multiarray.scalar"),
        (reconstruct, "numpy._core.multiarray._reconstruct"),
        (scalar, "numpy.core.multiarray.scalar"),
        (reconstruct, "numpy.core.multiarray._reconstruct"),
        (_History, "mmengine.logging.history_buffer.HistoryBuffer"),
        (_nothing, "builtins.getattr"),
    ]


class _ArrayUnpickler(pickle.Unpickler):
    """Makes numpy arrays and plain containers, nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        core = np._core.multiarray  # type: ignore[attr-defined]
        known = {
            ("numpy", "ndarray"): np.ndarray,
            ("numpy", "dtype"): np.dtype,
            ("collections", "OrderedDict"): OrderedDict,
            ("_codecs", "encode"): _encode,
        }
        for home in ("numpy.core.multiarray", "numpy._core.multiarray"):
            known[home, "_reconstruct"] = core._reconstruct
            known[home, "scalar"] = core.scalar
        try:
            return known[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module}.{name}") from None


def _encode(text: str, encoding: str = "latin1") -> bytes:
    """How old pickles spell bytes; for text alone and one encoding."""
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError("_codecs.encode")
    return text.encode("latin1")


def load_arrays(path: Path) -> Any:
    """A ``.pkl`` of numpy arrays, as detectron2 keeps its models. Raises CheckpointError."""
    try:
        with path.open("rb") as file:
            return _ArrayUnpickler(file, encoding="latin1").load()
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path}: holds more than arrays ({error}), and seglabel never runs code from a file. "
            "Convert it to safetensors where it was made"
        ) from error
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror or error}") from error
    except Exception as error:  # a damaged file makes the reader raise anything
        reason = f"{type(error).__name__}: {error}".splitlines()[0][:120]
        raise CheckpointError(f"{path}: damaged or not a pickle of arrays ({reason})") from error
