"""A PNG from the top to the bottom, without ever holding all of it."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import imagecodecs
import numpy as np

from seglabel.formats.images.info import Picture

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PIECE = 1 << 20  # bytes read at once
_BAND = 1 << 20  # pixels


def is_streamable(file: BinaryIO) -> bool:
    """Whether it holds 8-bit RGB without interlacing (W3C PNG specification, 11.2.1)."""
    header = file.read(29)
    file.seek(0)
    return header[:8] == _SIGNATURE and header[24:26] == b"\x08\x02" and header[28] == 0


def png_bands(file: BinaryIO, samples: int = 3) -> Iterator[Picture]:
    """Rows of a PNG for which :func:`is_streamable` holds, uint8 RGB (n, W, 3), until all came.

    Of one with a single 8-bit sample per pixel, grey or indexed, the samples themselves (n, W).

    Each band becomes a PNG of its own, with the last row of the band above as its first: filters
    look no further than one row up (9.2). Raises ValueError or zlib.error for damage.
    """
    width, height = struct.unpack(">II", file.read(24)[16:])
    row, step = 1 + samples * width, max(1, _BAND // width)
    raw, done = bytearray(), 0
    above = bytes(row)  # above the first row everything is zero
    for data in _inflated(file):
        raw += data
        while done < height and len(raw) >= row * min(step, height - done):
            count = min(step, height - done)
            band = _decoded(above + raw[: row * count], width, samples)[1:]
            del raw[: row * count]
            above = b"\0" + band[-1].tobytes()
            done += count
            yield band
    if done < height:
        raise ValueError(f"the file ends after {done} of {height} rows")


def _inflated(file: BinaryIO) -> Iterator[bytes]:
    inflate = zlib.decompressobj()
    file.seek(len(_SIGNATURE))
    while True:
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"IEND":
            return
        if kind != b"IDAT":
            file.seek(length + 4, 1)
            continue
        while length:
            data = file.read(min(length, _PIECE))
            if not data:
                raise ValueError("the file ends within a chunk")
            length -= len(data)
            while data:
                yield inflate.decompress(data, 2 * _PIECE)
                data = inflate.unconsumed_tail
        file.seek(4, 1)


def _decoded(rows: bytes | bytearray, width: int, samples: int) -> Picture:
    height, colour_type = len(rows) // (1 + samples * width), 2 if samples == 3 else 0
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 0)), (b"IEND", b""))
    data = _SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
    return np.asarray(imagecodecs.png_decode(data), np.uint8)
