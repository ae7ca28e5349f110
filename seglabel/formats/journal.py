"""What was done to each image since its file was written, and before, as an append-only file.

Every change becomes one record: made durable at once, it gives a person the work back that a crash
took before it was saved, and the steps to undo after any restart. A record is::

    length of the body: uint32 · CRC-32 of the body: uint32 · body · length of the body: uint32

all little endian. The body is one line of JSON and the bytes of the tiles that it describes. The
first record names the image and the beginning that changes are counted from. A last record that a
crash cut off is dropped; anything else that does not fit ends what can be read.
"""

from __future__ import annotations

import json
import os
import struct
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from seglabel.core.changes import Change
from seglabel.core.effort import Effort
from seglabel.core.errors import LabelError, ProjectFormatError
from seglabel.core.geometry import Region
from seglabel.core.history import Edit, PackedTile, TilePatch
from seglabel.core.parsing import parse_json
from seglabel.core.snapshot import Snapshot
from seglabel.core.status import Status
from seglabel.formats.atomic import (
    WriteError,
    make_folder,
    sync_folder,
    write_bytes,
    write_error,
)
from seglabel.formats.images import WINDOW_PIXEL_LIMIT

JOURNAL_BYTES = 32 << 20
"""A file larger than this is begun anew once all in it is saved: its oldest steps are given up."""

_VERSION = 1
_PREFIX = struct.Struct("<II")
_SUFFIX = struct.Struct("<I")
_MOST = 1 << 31  # bytes that a record may claim
# What comes of a body whose checksum is right but which is none of ours.
_NONSENSE = (ValueError, TypeError, KeyError, OverflowError, zlib.error, ProjectFormatError)
_DTYPES = {
    "labels": np.dtype(np.uint8).str,
    "painted": np.dtype(np.bool_).str,
    "instances": np.dtype(np.uint16).str,
}


@dataclass(frozen=True)
class Journal:
    """What a file says: of which image (height, width), since which beginning, what was done."""

    name: str
    origin: str
    shape: tuple[int, int]
    changes: tuple[Change, ...] = ()
    seconds: float = 0.0  # since the epoch, of the last change

    def after(self, number: int) -> tuple[Change, ...]:
        """The changes behind the ``number``-th, if they follow it without a gap."""
        rest = tuple(change for change in self.changes if change.number > number)
        return rest if rest and rest[0].number == number + 1 else ()

    def until(self, number: int) -> tuple[Change, ...]:
        """The changes up to the ``number``-th, if that is among them."""
        first = tuple(change for change in self.changes if change.number <= number)
        return first if first and first[-1].number == number else ()

    def continued(self, other: Journal) -> Journal:
        """With what another journal of the same annotation knows beyond the end of this one."""
        last = self.changes[-1].number if self.changes else 0
        rest = other.after(last)
        if other.origin != self.origin or other.shape != self.shape or not rest:
            return self
        return replace(self, changes=(*self.changes, *rest), seconds=other.seconds)


@dataclass(frozen=True)
class JournalEntry:
    """A change that is to be kept, and the document as that left it."""

    change: Change
    snapshot: Snapshot
    seconds: float = field(default_factory=time.time)


def append(path: Path, name: str, entries: Sequence[JournalEntry], saved: tuple[str, int]) -> None:
    """Add changes of one image, in order; on return they survive power loss.

    ``saved`` is the beginning and the number of the last change that the file of labels holds. A
    journal that the changes do not continue is begun anew; where it holds what was never saved, it
    is set aside before. Raises WriteError, and then nothing was added.
    """
    if not entries:
        return
    first = entries[0]
    try:
        make_folder(path.parent)
        end = _end_before(path, entries, saved)
        known = end > 0
        records = b"" if known else _first_record(name, first.snapshot)
        records += b"".join(_encode(entry) for entry in entries)
        try:
            with path.open("ab") as file:
                file.truncate(end)
                file.write(records)
                file.flush()
                os.fsync(file.fileno())
            if not known:
                sync_folder(path.parent)
        except OSError:
            with suppress(OSError):  # where it cannot be, the next attempt finds them and goes on
                os.truncate(path, end)
            raise
    except OSError as error:
        raise write_error(path, error) from error


def set_aside(path: Path) -> Path | None:
    """Give a journal another name, under which nothing reads or overwrites it."""
    for number in range(1, 1000):
        aside = path.with_name(f"{path.name}.{number}")
        if not aside.exists():
            try:
                path.rename(aside)
                sync_folder(path.parent)
            except FileNotFoundError:
                return None
            except OSError as error:
                raise write_error(path, error) from error
            return aside
    raise WriteError(f"{path}: too many journals were set aside; remove some")


def copy(path: Path, target: Path, name: str) -> None:
    """Write what a journal holds as that of the image ``name``; nothing if it holds nothing.

    Raises OSError and WriteError.
    """
    with path.open("rb") as file:
        head = _head(file)
        rest = file.read()
    if head is not None:
        shape = list(head.shape)
        said = {"version": _VERSION, "name": name, "origin": head.origin, "shape": shape}
        write_bytes(target, _record(said) + rest)


def _end_before(path: Path, entries: Sequence[JournalEntry], saved: tuple[str, int]) -> int:
    """Where ``entries`` follow what a journal holds, in bytes; 0 where it is to be begun anew."""
    if not path.exists():
        return 0
    origin, first = entries[0].snapshot.origin, entries[0].change.number
    with path.open("rb+") as file:
        known = _last(file)
        size = file.seek(0, os.SEEK_END)
        if known is None:
            return 0
        is_saved = known.origin == saved[0] and known.number <= saved[1]
        there = known.number - first + 1  # as many of them, if it is they
        if known.origin == origin and 0 <= there <= len(entries):
            if there == 0:
                return 0 if is_saved and size > JOURNAL_BYTES else size
            if known.seconds == _moment(entries[there - 1]):
                # An attempt failed after it had written them, and on a disk that would not take
                # them back: they are written again, for what a disk refused once is not on it.
                return _begin_of_last(file, there)
    if not is_saved:
        set_aside(path)
    return 0


def _begin_of_last(file: BinaryIO, count: int) -> int:
    """Where the last ``count`` records begin."""
    at = file.seek(0, os.SEEK_END)
    for _ in range(count):
        file.seek(at - _SUFFIX.size)
        (length,) = _SUFFIX.unpack(file.read(_SUFFIX.size))
        at -= _PREFIX.size + length + _SUFFIX.size
    return at


def _first_record(name: str, snapshot: Snapshot) -> bytes:
    height, width = snapshot.labels.shape
    head = {"version": _VERSION, "name": name, "origin": snapshot.origin}
    return _record({**head, "shape": [height, width]})


def read(path: Path) -> Journal | None:
    """What a file says as far as it can be read; ``None`` where there is none.

    Raises LabelError if it cannot be read at all.
    """
    try:
        with path.open("rb") as file:
            return _read(file, path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LabelError(f"{path}: cannot be read: {error.strerror or error}") from error


def last_number(path: Path) -> tuple[str, str, int] | None:
    """The image, the beginning and the number of the last change, without reading the others.

    ``None`` where there is no such file or nothing in it.
    """
    try:
        with path.open("rb") as file:
            head = _head(file)
            known = _last(file) if head is not None else None
    except OSError:
        return None
    return None if head is None or known is None else (head.name, known.origin, known.number)


def _read(file: BinaryIO, path: Path) -> Journal:
    head = _head(file)
    if head is None:
        raise LabelError(f"{path}: expected the journal of an image, found something else")
    changes: list[Change] = []
    seconds = 0.0
    for body, _ in _records(file):
        try:
            change, when = _decode(body)
        except _NONSENSE:
            break
        if changes and change.number != changes[-1].number + 1:
            break
        changes.append(change)
        seconds = when
    return replace(head, changes=tuple(changes), seconds=seconds)


def _head(file: BinaryIO) -> Journal | None:
    """What the first record says; leaves ``file`` behind it."""
    file.seek(0)
    body = _next(file)
    if body is None:
        return None
    try:
        said = parse_json(body)
        if said["version"] != _VERSION:
            return None
        height, width = (int(edge) for edge in said["shape"])
        if height <= 0 or width <= 0 or height * width > WINDOW_PIXEL_LIMIT:
            return None
        return Journal(str(said["name"]), str(said["origin"]), (height, width))
    except _NONSENSE:
        return None


class _Last(NamedTuple):
    """The beginning of an annotation, and the number and the time of a change since then."""

    origin: str
    number: int
    seconds: float


def _last(file: BinaryIO) -> _Last | None:
    """The beginning and the last change that is whole; what follows it is cut off the file if it
    may be written to."""
    head = _head(file)
    if head is None:
        return None
    begin = file.tell()
    body = _last_body(file, begin)
    if body is None:
        end = begin
        for candidate, at in _records(file):
            body, end = candidate, at
        if file.writable():
            file.truncate(end)
    if body is None:
        return None
    try:
        said = parse_json(body.split(b"\n", 1)[0])
        return _Last(head.origin, int(said["n"]), float(said["t"]))
    except _NONSENSE:
        return None


def _last_body(file: BinaryIO, begin: int) -> bytes | None:
    """The last record found from the end; leaves ``file`` at ``begin`` if it is not whole."""
    end = file.seek(0, os.SEEK_END)
    if end - begin >= _PREFIX.size + _SUFFIX.size:
        file.seek(end - _SUFFIX.size)
        (length,) = _SUFFIX.unpack(file.read(_SUFFIX.size))
        at = end - _SUFFIX.size - length - _PREFIX.size
        if at >= begin:
            file.seek(at)
            body = _next(file)
            if body is not None and file.tell() == end:
                return body
    file.seek(begin)
    return None


def _records(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """The bodies of the records from here on and where each ends, up to one that is not whole."""
    while (body := _next(file)) is not None:
        yield body, file.tell()


def _next(file: BinaryIO) -> bytes | None:
    prefix = file.read(_PREFIX.size)
    if len(prefix) < _PREFIX.size:
        return None
    length, checksum = _PREFIX.unpack(prefix)
    if length > _MOST:
        return None
    body, suffix = file.read(length), file.read(_SUFFIX.size)
    is_whole = len(body) == length and suffix == _SUFFIX.pack(length)
    return body if is_whole and zlib.crc32(body) == checksum else None


def _record(said: dict[str, Any], blobs: bytes = b"") -> bytes:
    # File names need not be valid Unicode; json.loads reads such bytes back as they were.
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    body = text.encode("utf-8", "surrogatepass") + b"\n" + blobs
    return _PREFIX.pack(len(body), zlib.crc32(body)) + body + _SUFFIX.pack(len(body))


def _encode(entry: JournalEntry) -> bytes:
    change = entry.change
    effort = change.effort.to_json()
    said: dict[str, Any] = {"n": change.number, "t": _moment(entry), "effort": effort}
    edit = change.edit
    if edit is None:
        return _record({**said, "move": change.move})
    patches, blobs = [], []
    for patch in edit.patches:
        region = patch.region
        shape = region.height, region.width
        before = patch.before.packed(shape)
        after = patch.after  # packed in the meantime, or still what the document shows
        now = entry.snapshot.tile(patch.plane, region) if after is None else after.packed(shape)
        if before == now:
            continue
        tiles = [[tile.dtype, len(tile.data), len(tile.starts)] for tile in (before, now)]
        patches.append([patch.plane, *_corners(region), *tiles])
        blobs += [before.data, before.starts, now.data, now.starts]
    said |= {
        "edit": edit.name,
        "region": _corners(edit.region),
        "status": [str(edit.status_before), str(edit.status_after)],
        "category": edit.category_id,
        "patches": patches,
    }
    return _record(said, b"".join(blobs))


def _moment(entry: JournalEntry) -> float:
    """When a change was made, as exactly as it is kept."""
    return round(entry.seconds, 3)


def _corners(region: Region) -> list[int]:
    return [region.top, region.left, region.bottom, region.right]


def _decode(body: bytes) -> tuple[Change, float]:
    """Raises one of _NONSENSE for none of ours."""
    line, _, blobs = body.partition(b"\n")
    said = parse_json(line)
    number, seconds = int(said["n"]), float(said["t"])
    effort = Effort.from_json(said["effort"])
    if "move" in said:
        return Change(number, None, int(said["move"]), effort), seconds
    patches, at = [], 0
    for plane, top, left, bottom, right, *tiles in said["patches"]:
        region = Region(int(top), int(left), int(bottom), int(right))
        pair = []
        for dtype, length, starts in tiles:
            middle, end = at + int(length), at + int(length) + int(starts)
            pair.append(_tile(region, plane, dtype, blobs[at:middle], blobs[middle:end]))
            at = end
        before, after = pair
        patches.append(TilePatch(plane, region, before, after))
    if at != len(blobs):
        raise ValueError("more tiles than described")
    before_status, after_status = (Status(one) for one in said["status"])
    category = None if said["category"] is None else int(said["category"])
    region = Region(*(int(corner) for corner in said["region"]))
    edit = Edit(str(said["edit"]), region, tuple(patches), before_status, after_status, category)
    return Change(number, edit, 0, effort), seconds


def _tile(region: Region, plane: str, dtype: str, data: bytes, starts: bytes) -> PackedTile:
    """One tile, checked: its values are those of a plane and as many as it has pixels."""
    tile = PackedTile((region.height, region.width), dtype, data, starts)
    is_inside = region.top >= 0 and region.left >= 0
    if dtype != _DTYPES[plane] or not is_inside or not tile.is_whole:
        raise ValueError(f"no tile of {plane}")
    return tile
