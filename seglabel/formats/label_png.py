"""Label maps as ordinary PNGs: 8-bit indexed, pixel = category id; instances as 16-bit grey.

What seglabel needs besides the ids travels inside the same file, so that labels and what is known
of them can never disagree: a text chunk ``seglabel`` with JSON, and a private chunk ``slPM`` with
the mask of painted pixels. Other programs skip both.
"""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from seglabel.core.errors import LabelError
from seglabel.core.parsing import parse_json
from seglabel.core.snapshot import Rows
from seglabel.formats.images import WINDOW_PIXEL_LIMIT
from seglabel.formats.images.png_bands import png_bands
from seglabel.formats.regular_file import open_regular, read_regular

_TEXT_KEY = "seglabel"
_BAND = 1 << 13  # bytes of packed bits that are looked at together
_PAINTED_CHUNK = b"slPM"
_INDEXED = 3  # PNG's colour type
_COMPRESSION = 3
_PIECE = 1 << 20  # bytes that are compressed together


def encode_labels(
    labels: Rows[np.uint8],
    color_table: NDArray[np.uint8],
    *,
    note: dict[str, Any] | None = None,
    painted: Rows[np.bool_] | None = None,
) -> bytes:
    """An indexed PNG of uint8 (H, W) ids with all 256 colours, so that no reader renumbers them.

    Written band by band: Pillow would copy the whole map to change its mode.
    """
    height, width = labels.shape
    chunks = [
        b"\x89PNG\r\n\x1a\n",
        _chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, _INDEXED, 0, 0, 0)),
        _chunk(b"PLTE", color_table.tobytes()),
    ]
    if note is not None:
        text = json.dumps(note, sort_keys=True, ensure_ascii=False).encode()
        chunks.append(_chunk(b"iTXt", _TEXT_KEY.encode() + bytes(5) + text))
    if painted is not None and (data := _compressed_bits(painted)):
        chunks.append(_chunk(_PAINTED_CHUNK, data))
    chunks += (_chunk(b"IDAT", data) for data in _compressed_rows(labels))
    return b"".join([*chunks, _chunk(b"IEND", b"")])


def _compressed_bits(mask: Rows[np.bool_]) -> bytes:
    """A mask as bits in rows that follow each other without a gap; nothing if it is empty."""
    height, width = mask.shape
    stream = zlib.compressobj(1)
    pieces, is_empty = [], True
    step = max(_PIECE // (8 * (width + 1)), 1) * 8  # whole bytes, wherever rows end
    for top in range(0, height, step):
        band = mask[top : top + step]
        is_empty = is_empty and not band.any()
        pieces.append(stream.compress(np.packbits(band).data))
    return b"" if is_empty else b"".join([*pieces, stream.flush()])


def _compressed_rows(labels: Rows[np.uint8]) -> Iterator[bytes]:
    """Rows, each behind a zero that says that it stands as it is, as one stream in pieces."""
    height, width = labels.shape
    stream = zlib.compressobj(_COMPRESSION)
    step = max(_PIECE // (width + 1), 1)
    for top in range(0, height, step):
        band = labels[top : top + step]
        rows = np.zeros((len(band), width + 1), np.uint8)
        rows[:, 1:] = band
        if piece := stream.compress(rows.data):
            yield piece
    yield stream.flush()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def encode_instances(instances: NDArray[np.uint16]) -> bytes:
    """A 16-bit grey PNG of uint16 (H, W)."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(instances)).save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()


def read_label_file(path: Path) -> LabelFile:
    """Open a PNG that holds ids. Raises LabelError that names the file."""
    return LabelFile(read_regular(path, LabelError, "a PNG of category ids"), path)


def read_small_labels(path: Path, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """The ids of a PNG at ``shape`` (h, w) points spread evenly over it, uint8 (h, w).

    A file that seglabel wrote is never held whole. Raises LabelError that names the file.
    """
    try:
        with open_regular(path, LabelError) as file:
            header = file.read(29)
            file.seek(0)
            if header[24:26] != b"\x08\x03" or header[28:29] != b"\0":  # 8 bits, indexed, plain
                return _spread_points(read_label_file(path).labels(), shape)
            width, height = struct.unpack(">2I", header[16:24])
            if not 0 < width * height <= WINDOW_PIXEL_LIMIT:
                raise LabelError(f"{path}: claims a size of {width} × {height} pixels")
            rows, columns = _middles(height, shape[0]), _middles(width, shape[1])
            small, top = np.zeros(shape, np.uint8), 0
            for band in png_bands(file, samples=1):
                here = (rows >= top) & (rows < top + len(band))
                small[here] = band[rows[here] - top][:, columns]
                top += len(band)
            return small
    except OSError as error:
        raise LabelError(f"{path}: cannot be read: {error.strerror or error}") from error
    except LabelError:
        raise
    except Exception as error:
        raise LabelError(f"{path}: damaged ({error or type(error).__name__})") from error


def _spread_points(labels: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.uint8]:
    rows, columns = _middles(labels.shape[0], shape[0]), _middles(labels.shape[1], shape[1])
    return labels[rows[:, None], columns]


def _middles(length: int, count: int) -> NDArray[np.int64]:
    """The pixel in the middle of each of ``count`` equal parts of a line."""
    return (2 * np.arange(count) + 1) * length // (2 * count)


def peek_label_file(path: Path) -> tuple[dict[str, Any], tuple[int, int]]:
    """Note and (H, W) of a PNG of ids, its pixels not decoded. Raises LabelError."""
    try:
        with open_regular(path, LabelError) as file:
            return _peek(file, path)
    except OSError as error:
        raise LabelError(f"{path}: cannot be read: {error.strerror or error}") from error


def peek_labels(data: bytes, path: Path) -> tuple[dict[str, Any], tuple[int, int]]:
    """The same of a file's bytes."""
    return _peek(io.BytesIO(data), path)


def _peek(file: BinaryIO, path: Path) -> tuple[dict[str, Any], tuple[int, int]]:
    try:
        with Image.open(file, formats=("PNG",)) as image:
            return _parse_note(image.info.get(_TEXT_KEY), path), (image.height, image.width)
    except LabelError:
        raise
    except Exception as error:
        raise LabelError(f"{path}: damaged ({error or type(error).__name__})") from error


def _parse_note(text: str | None, path: Path) -> dict[str, Any]:
    if text is None:
        return {}
    try:
        note = parse_json(text)
    except ValueError as error:
        raise LabelError(f"{path}: damaged note ({error})") from error
    return note if isinstance(note, dict) else {}


def _pixels_of(image: Image.Image) -> NDArray[np.uint8]:
    """The samples of an image of one byte each, copied by bands: Pillow itself copies thrice."""
    pixels = np.empty((image.height, image.width), np.uint8)
    step = max(_PIECE // max(image.width, 1), 1)
    for top in range(0, image.height, step):
        bottom = min(top + step, image.height)
        pixels[top:bottom] = np.asarray(image.crop((0, top, image.width, bottom)))
    return pixels


class LabelFile:
    """A PNG of ids: ``pixels`` uint8 or uint16 (H, W), colours, note and painted mask."""

    def __init__(self, data: bytes, path: Path) -> None:
        self._path = path
        try:
            with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
                if image.width * image.height > WINDOW_PIXEL_LIMIT:
                    raise LabelError(f"{path}: {image.width} × {image.height} pixels are too many")
                image.verify()
            with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
                image.load()
                self._take(image, bit_depth=data[24])
        except LabelError:
            raise
        except UnidentifiedImageError as error:
            raise LabelError(f"{path}: expected a PNG of category ids") from error
        except Exception as error:
            raise LabelError(f"{path}: damaged ({error or type(error).__name__})") from error

    def _take(self, image: Image.Image, bit_depth: int) -> None:
        self.color_table: NDArray[np.uint8] | None = None
        if image.mode in ("P", "L"):
            self.pixels: NDArray[Any] = _pixels_of(image)
            if image.mode == "L" and bit_depth < 8:
                # Pillow spreads 2 and 4 bits of grey over 0–255; the ids are the bits themselves.
                self.pixels //= 255 // ((1 << bit_depth) - 1)
        elif image.mode == "1":
            self.pixels = np.array(image).astype(np.uint8)
        elif image.mode.startswith("I"):
            self.pixels = np.array(image).astype(np.uint16)
        else:
            raise LabelError(
                f"{self._path}: expected one id per pixel (an indexed or grey PNG), "
                f"found colours ({image.mode})"
            )
        if image.mode == "P" and (palette := image.getpalette("RGB")):
            colors = np.array(palette, np.uint8).reshape(-1, 3)
            self.color_table = np.zeros((256, 3), np.uint8)
            self.color_table[: len(colors)] = colors
        self._text = image.info.get(_TEXT_KEY)
        chunks = getattr(image, "private_chunks", [])
        self._painted = next((chunk[1] for chunk in chunks if chunk[0] == _PAINTED_CHUNK), None)

    def labels(self) -> NDArray[np.uint8]:
        """The ids as uint8 (H, W). Raises LabelError if any is above 255."""
        if self.pixels.dtype == np.uint8:
            return self.pixels
        highest = int(self.pixels.max(initial=0))
        if highest > 255:
            raise LabelError(f"{self._path}: expected ids of at most 255, found {highest}")
        return self.pixels.astype(np.uint8)

    @property
    def note(self) -> dict[str, Any]:
        """What seglabel stored beside the pixels; empty for files of other programs."""
        return _parse_note(self._text, self._path)

    def painted(self) -> NDArray[np.bool_]:
        """Which pixels a person decided, bool (H, W)."""
        shape = self.pixels.shape
        if self._painted is None:
            return np.zeros(shape, np.bool_)
        wanted = (self.pixels.size + 7) // 8
        try:
            packed = zlib.decompressobj().decompress(self._painted, wanted)
        except zlib.error as error:
            raise LabelError(f"{self._path}: damaged mask of painted pixels ({error})") from error
        if len(packed) != wanted:
            raise LabelError(f"{self._path}: the mask of painted pixels is too short")
        # Pages of zeros that nothing is written to take no memory: a large image, little of it
        # painted, must not cost as much again as its labels.
        painted = np.zeros(self.pixels.size, np.bool_)
        packed_bits = np.frombuffer(packed, np.uint8)
        for begin in range(0, wanted, _BAND):
            band = packed_bits[begin : begin + _BAND]
            if band.any():
                place = painted[8 * begin : 8 * (begin + len(band))]
                place[:] = np.unpackbits(band, count=len(place)).view(np.bool_)
        return painted.reshape(shape)
