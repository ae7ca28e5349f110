"""What may be made of a pickle: numbers and names, never anything that acts.

``torch.load(weights_only=True)`` refuses the numpy scalars and the loggers that well-known trainers
store beside their weights. They are let in one by one here; what is only named and never used gets
a stand-in that does nothing. numpy's own parts are stand-ins too: its C code trusts what a pickle
says of an array, and a damaged one makes it read memory that is not its own.
"""

from __future__ import annotations

import math
import pickle
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from seglabel.core.errors import CheckpointError

Globals = list[Callable[..., Any] | tuple[Callable[..., Any], str]]

_NUMBERS = (
    "Bool Int8 Int16 Int32 Int64 UInt8 UInt16 UInt32 UInt64 Float16 Float32 Float64"
).split()
_CODE = re.compile(r"[<>=|]?(b1|[iuf][1248])")
_DEEPEST = 50  # containers within each other


class _History:
    """Stands for mmengine's HistoryBuffer, whose values nothing here looks at."""

    def __setstate__(self, state: object) -> None:
        """Keep nothing."""


def _nothing(*_: object) -> None:
    """Stands for ``getattr``, which these files name to find a method of their logger."""


class PickledType:
    """Stands for ``numpy.dtype``: a kind of number, its size and the order of its bytes."""

    def __init__(self, code: object, *_: object) -> None:
        text = code.decode("ascii") if isinstance(code, bytes) else code
        if not isinstance(text, str) or not _CODE.fullmatch(text):
            raise pickle.UnpicklingError(f"numbers of type {code!r}")
        self.dtype = np.dtype(text)

    def __setstate__(self, state: object) -> None:
        if not isinstance(state, tuple) or len(state) < 2 or state[1] not in ("<", ">", "|", "="):
            raise pickle.UnpicklingError("numbers in an unknown order")
        self.dtype = self.dtype.newbyteorder(state[1])


class PickledArray:
    """Stands for ``numpy.ndarray``: numbers of which shape, type and bytes fit each other."""

    def __init__(self, *_: object) -> None:
        self.array: NDArray[Any] = np.zeros(0)

    def __setstate__(self, state: object) -> None:
        if not isinstance(state, tuple) or len(state) != 5:
            raise pickle.UnpicklingError("an array in an unknown form")
        _, shape, kind, is_fortran, data = state
        if isinstance(data, str):  # as Python 2 wrote bytes
            data = data.encode("latin1")
        is_shape = isinstance(shape, tuple) and all(type(n) is int and n >= 0 for n in shape)
        if not is_shape or not isinstance(kind, PickledType) or not isinstance(data, bytes):
            raise pickle.UnpicklingError("an array in an unknown form")
        if len(data) != math.prod(shape) * kind.dtype.itemsize:
            raise pickle.UnpicklingError(f"{len(data)} bytes for an array of {shape}")
        order: Any = "F" if is_fortran else "C"
        numbers = np.frombuffer(data, kind.dtype).reshape(shape, order=order)
        self.array = numbers.astype(kind.dtype.newbyteorder("="))


def _reconstruct(*_: object) -> PickledArray:
    """Stands for numpy's function of that name, which begins an array."""
    return PickledArray()


def _scalar(kind: object, data: object = b"") -> Any:
    """Stands for numpy's function of that name."""
    if isinstance(data, str):
        data = data.encode("latin1")
    if not isinstance(kind, PickledType) or not isinstance(data, bytes):
        raise pickle.UnpicklingError("a number in an unknown form")
    if len(data) != kind.dtype.itemsize:
        raise pickle.UnpicklingError(f"{len(data)} bytes for a number")
    return np.frombuffer(data, kind.dtype)[0]


def _encode(text: str, encoding: str = "latin1") -> bytes:
    """How old pickles spell bytes; for text alone and one encoding."""
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError("_codecs.encode")
    return text.encode("latin1")


def _no_bytes() -> bytes:
    """How old pickles spell no bytes."""
    return b""


# numpy 2 and numpy 1 call the same functions by different names.
_OF_NUMPY: dict[str, Callable[..., Any]] = {
    "numpy.ndarray": PickledArray,
    "numpy.dtype": PickledType,
    **{f"numpy.dtypes.{name}DType": PickledType for name in _NUMBERS},
    **{f"numpy.{home}.multiarray.scalar": _scalar for home in ("core", "_core")},
    **{f"numpy.{home}.multiarray._reconstruct": _reconstruct for home in ("core", "_core")},
}


def inert_globals() -> Globals:
    """What :func:`torch.load` may make besides tensors, for :func:`safe_globals`.

    What it made is to be passed through :func:`with_arrays`.
    """
    return [
        *((stand_in, name) for name, stand_in in _OF_NUMPY.items()),
        (_History, "mmengine.logging.history_buffer.HistoryBuffer"),
        (_nothing, "builtins.getattr"),
    ]


def with_arrays(data: Any, convert: Callable[[NDArray[Any]], Any] = lambda array: array) -> Any:
    """The same with what ``convert`` makes of arrays in place of their stand-ins, at any depth.

    Raises UnpicklingError for containers that hold themselves.
    """
    known: dict[int, Any] = {}  # by identity: what is shared many times over is converted once

    def converted(value: Any, depth: int) -> Any:
        if depth > _DEEPEST:
            raise pickle.UnpicklingError("containers within containers without end")
        if id(value) in known:
            return known[id(value)]
        if isinstance(value, PickledArray):
            found = convert(value.array)
        elif isinstance(value, Mapping):
            found = {key: converted(inner, depth + 1) for key, inner in value.items()}
        elif type(value) in (list, tuple):
            found = type(value)(converted(inner, depth + 1) for inner in value)
        else:
            return value
        known[id(value)] = found
        return found

    return converted(data, 0)


class _ArrayUnpickler(pickle._Unpickler):
    """Makes stand-ins of numpy's arrays, and plain containers; nothing else.

    Python's own form of the reader: the one in C can be led astray by lengths that lie.
    """

    dispatch: ClassVar[dict[int, Callable[..., None]]] = dict(pickle._Unpickler.dispatch)
    stack: list[Any]

    def load_build(self) -> None:
        """Give a state to what has one: a file must not change the stand-ins themselves."""
        made = self.stack[-2]
        if isinstance(made, OrderedDict):
            self.stack.pop()
        elif isinstance(made, PickledArray | PickledType):
            made.__setstate__(self.stack.pop())
        else:
            raise pickle.UnpicklingError(f"a state for {type(made).__name__}")

    dispatch[pickle.BUILD[0]] = load_build

    def find_class(self, module: str, name: str) -> Any:
        known = {
            **_OF_NUMPY,
            "collections.OrderedDict": OrderedDict,
            "_codecs.encode": _encode,
            "builtins.bytes": _no_bytes,
            "__builtin__.bytes": _no_bytes,  # in Python 2
        }
        try:
            return known[f"{module}.{name}"]
        except KeyError:
            raise pickle.UnpicklingError(f"{module}.{name}") from None


def load_arrays(path: Path, convert: Callable[[NDArray[Any]], Any]) -> Any:
    """A ``.pkl`` of arrays, as detectron2 keeps its models, with what ``convert`` makes of them.

    Raises CheckpointError.
    """
    try:
        with path.open("rb") as file:
            return with_arrays(_ArrayUnpickler(file, encoding="latin1").load(), convert)
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
