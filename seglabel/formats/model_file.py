"""What a safetensors file says besides its weights, read and changed without touching these.

The file begins with the length of a JSON header, in which ``__metadata__`` holds texts by key.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seglabel.core.categories import CategorySet
from seglabel.core.errors import CheckpointError, SegLabelError
from seglabel.core.model_version import ModelVersion
from seglabel.core.parsing import parse_json
from seglabel.formats.regular_file import open_regular

VERSION_KEY = "seglabel.version"
SPEC_KEY = "seglabel"
_METADATA = "__metadata__"
_HEADER_LIMIT = 100_000_000  # as the safetensors library has it
_ALIGNMENT = 8


def read_notes(path: Path) -> dict[str, str]:
    """The texts of a safetensors file by key. Raises CheckpointError."""
    try:
        with open_regular(path, CheckpointError) as file:
            start = file.read(8)
            length = _header_length(start, path)
            header = _parsed(file.read(length), length, path)
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror or error}") from error
    return _notes(header)


def with_notes(data: bytes, notes: Mapping[str, str | None], path: Path) -> bytes:
    """The bytes of a safetensors file with other texts; ``None`` takes one away.

    ``path`` is for the message if it is no such file (CheckpointError).
    """
    length = _header_length(data[:8], path)
    header = _parsed(data[8 : 8 + length], length, path)
    kept = {**_notes(header), **notes}
    header[_METADATA] = {key: text for key, text in kept.items() if text is not None}
    encoded = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    encoded += b" " * (-len(encoded) % _ALIGNMENT)  # weights stay aligned in a mapped file
    return b"".join((struct.pack("<Q", len(encoded)), encoded, memoryview(data)[8 + length :]))


def _header_length(start: bytes, path: Path) -> int:
    length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
    if not 2 <= length <= _HEADER_LIMIT:
        raise CheckpointError(f"{path}: not a safetensors file")
    return int(length)


def _parsed(encoded: bytes, length: int, path: Path) -> dict[str, Any]:
    try:
        header = parse_json(encoded) if len(encoded) == length else None
    except ValueError:
        header = None
    if not isinstance(header, dict):
        raise CheckpointError(f"{path}: not a safetensors file")
    return header


def _notes(header: Mapping[str, Any]) -> dict[str, str]:
    notes = header.get(_METADATA)
    return {str(k): str(v) for k, v in notes.items()} if isinstance(notes, dict) else {}


@dataclass(frozen=True)
class ModelFile:
    """What one of seglabel's own files says of its model; blank where it says nothing.

    ``outputs`` are the names of its score channels, ``training`` what the learner noted.
    """

    backbone: str = ""
    output_stride: int = 0
    categories: CategorySet = field(default_factory=CategorySet)
    outputs: tuple[str, ...] = ()
    license: str = ""
    training: Mapping[str, Any] = field(default_factory=dict)
    version: ModelVersion | None = None

    @classmethod
    def read(cls, path: Path) -> ModelFile:
        """Raises CheckpointError that names the file."""
        notes = read_notes(path)
        try:
            spec = parse_json(notes.get(SPEC_KEY, "{}"))
            architecture = spec.get("architecture", {})
            known = spec.get("categories")
            categories = CategorySet() if known is None else CategorySet.from_json(known)
            version = notes.get(VERSION_KEY)
            return cls(
                str(architecture.get("backbone", "")),
                int(architecture.get("output_stride", 0)),
                categories,
                tuple(categories.name_of(int(i)) for i in spec.get("channels", ())),
                str(spec.get("license", "")),
                dict(spec.get("training", {})),
                None if version is None else ModelVersion.from_json(parse_json(version)),
            )
        except (AttributeError, TypeError, ValueError, OverflowError, SegLabelError) as error:
            raise CheckpointError(f"{path}: not what seglabel writes ({error})") from error


def version_note(version: ModelVersion) -> dict[str, str | None]:
    """The text under which a model's file carries how it came about."""
    return {VERSION_KEY: json.dumps(version.to_json(), ensure_ascii=True, sort_keys=True)}
