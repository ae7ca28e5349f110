"""Ways to damage a file that get past its checksums and its syntax, to where mistakes may be.

A mutator takes the bytes of a file and a source of chance and gives the bytes of a worse one. The
same seed always gives the same damage.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

Mutator = Callable[[bytes, Random], bytes]

_NUMBERS = (0, 1, 2, 7, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2**24, 2**31 - 1, 2**31)
_LARGE = (*_NUMBERS, 2**32 - 1, 2**32, 2**40, 2**53, 2**62, 2**63 - 1)
_WORDS = (
    *(b"NaN", b"Infinity", b"-Infinity", b"1e999", b"null", b"true", b"-1", b"9" * 30),
    *(b"[" * 40, b'{"a":' * 20, b'"\\ud800"', b'""', b"[]", b"{}", b"\xff\xfe", b"\0", b"\r\n"),
    *(b"../", b"/etc/passwd", b"C:\\", b"\xf0\x9f\x98\x80", b"#", b":", b",", b'"'),
)
_HOSTILE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 255, 256, 65536, 2**31, 2**63, 10**30, 1e308, -0.5, 0.1),
    *(float("nan"), float("inf"), float("-inf"), "", "a", "1", "\0", "\ud800", "x" * 300),
    *("../up", "/etc/passwd", "C:\\x", "..\\..\\x", "a/../../b", ".hidden", "é", "e\u0301"),
    *([], {}, [None], [[]], [1, 2, 3], [-1, 81], {"a": 1}, [1e8] * 6, [0.5] * 7, ["1"] * 6),
)
_DEEP = 3000  # brackets, more than any parser follows


def damage(data: bytes, random: Random) -> bytes:
    """Bits, bytes, numbers and pieces of anything, changed at a few places."""
    body = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 4, 8))):
        at = random.randrange(len(body) + 1)
        match random.randrange(7):
            case 0 if at < len(body):
                body[at] ^= 1 << random.randrange(8)
            case 1 if at < len(body):
                body[at] = random.randrange(256)
            case 2:
                body[at:at] = random.choice(_WORDS)
            case 3:
                del body[at : at + random.choice((1, 2, 4, 16, 200))]
            case 4:
                body[at:at] = body[at : at + random.choice((1, 4, 32))]
            case 5:
                form = random.choice("<>") + random.choice("BHIQ")
                size = struct.calcsize(form)
                number = random.choice(_LARGE) & ((1 << 8 * size) - 1)
                body[at : at + size] = struct.pack(form, number)
            case 6 if random.random() < 0.2:
                del body[at:]
    return bytes(body)


def damage_json(data: bytes, random: Random) -> bytes:
    """Values of a JSON text, taken away, doubled or replaced by others that are JSON too."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return damage(data, random)
    for _ in range(random.choice((1, 1, 2, 3))):
        document = _edited(document, random)
    if random.random() < 0.02:
        text = json.dumps(document)
        at = random.randrange(len(text) + 1)
        return (text[:at] + "[" * _DEEP + text[at:]).encode()
    return json.dumps(document, ensure_ascii=random.random() < 0.9).encode(errors="surrogatepass")


def _edited(document: Any, random: Random) -> Any:
    """The document with one of its values changed, somewhere inside."""
    place = document
    while isinstance(place, dict | list) and place:
        keys = list(place) if isinstance(place, dict) else range(len(place))
        key = random.choice(list(keys))
        inner = place[key]
        if isinstance(inner, dict | list) and inner and random.random() < 0.7:
            place = inner
            continue
        match random.randrange(5):
            case 0:
                del place[key]
            case 1 if isinstance(place, list):
                place.append(deepcopy(inner))
            case 2 if isinstance(inner, int | float) and not isinstance(inner, bool):
                place[key] = random.choice((inner + 1, -inner, float(inner), str(inner), [inner]))
            case _:
                place[key] = deepcopy(random.choice(_HOSTILE))
        return document
    return deepcopy(random.choice(_HOSTILE))


def damage_lines(data: bytes, random: Random) -> bytes:
    """Lines of JSON, one of them damaged, doubled or gone."""
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    match random.randrange(4):
        case 0:
            lines.insert(at, lines[at])
        case 1 if len(lines) > 1:
            del lines[at]
        case _:
            lines[at] = damage_json(lines[at], random)
    return b"\n".join(lines)


def damage_png(data: bytes, random: Random) -> bytes:
    """Chunks of a PNG, with checksums that are right again."""
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        return damage(data, random)
    chunks = _png_chunks(data)
    if not chunks:
        return damage(data, random)
    at = random.randrange(len(chunks))
    kind, body = chunks[at]
    match random.randrange(6):
        case 0:
            chunks.insert(random.randrange(len(chunks) + 1), chunks[at])
        case 1:
            del chunks[at]
        case 2:
            chunks[at] = damage(kind, random)[:4].ljust(4, b"x"), body
        case 3 if kind == b"IDAT":
            try:
                rows = zlib.decompressobj().decompress(body, 1 << 20)
            except zlib.error:
                rows = body
            chunks[at] = kind, zlib.compress(damage(rows, random))
        case 4 if kind == b"iTXt":
            head, _, text = body.partition(b"\0" * 5)
            chunks[at] = kind, head + b"\0" * 5 + damage_json(text, random)
        case _:
            chunks[at] = kind, damage(body, random)
    return data[:8] + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def _png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    chunks, at = [], 8
    while at + 12 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    return chunks


def damage_tiff(data: bytes, random: Random) -> bytes:
    """One entry of the first directory of a classic little-endian TIFF."""
    if data[:4] != b"II*\0" or len(data) < 10:
        return damage(data, random)
    (begin,) = struct.unpack("<I", data[4:8])
    if begin + 2 > len(data):
        return damage(data, random)
    (count,) = struct.unpack("<H", data[begin : begin + 2])
    at = begin + 2 + 12 * random.randrange(max(count, 1))
    if at + 12 > len(data):
        return damage(data, random)
    tag, kind, number, value = struct.unpack("<HHII", data[at : at + 12])
    match random.randrange(4):
        case 0:
            tag = random.choice(
                (*range(254, 300), 317, 320, 322, 323, 324, 325, 330, 338, 339, 347)
            )
        case 1:
            kind = random.choice((*range(19), 65535))
        case 2:
            number = random.choice(_LARGE) & 0xFFFFFFFF
        case _:
            numbers = (*range(12), 34712, 34887, 34925, 50000, 50001, 50002, *_LARGE)
            value = random.choice(numbers) & 0xFFFFFFFF
    return data[:at] + struct.pack("<HHII", tag, kind, number, value) + data[at + 12 :]


def damage_image(data: bytes, random: Random) -> bytes:
    """A picture of any kind."""
    if random.random() < 0.5:
        return damage(data, random)
    return damage_tiff(data, random) if data[:2] == b"II" else damage_png(data, random)


def damage_journal(data: bytes, random: Random) -> bytes:
    """Records of a journal, with lengths and checksums that are right again."""
    bodies, at = [], 0
    while at + 8 <= len(data):
        (length,) = struct.unpack("<I", data[at : at + 4])
        bodies.append(data[at + 8 : at + 8 + length])
        at += 12 + length
    if not bodies:
        return damage(data, random)
    at = random.randrange(len(bodies))
    match random.randrange(6):
        case 0:
            bodies.insert(at, bodies[at])
        case 1 if len(bodies) > 1:
            del bodies[at]
        case 2:
            bodies[at] = damage(bodies[at], random)
        case _:
            line, newline, blobs = bodies[at].partition(b"\n")
            bodies[at] = damage_json(line, random) + newline + blobs
    return b"".join(
        struct.pack("<II", len(body), zlib.crc32(body)) + body + struct.pack("<I", len(body))
        for body in bodies
    )


def damage_safetensors(data: bytes, random: Random) -> bytes:
    """The header of a safetensors file, with a length that is right again."""
    if len(data) < 8:
        return damage(data, random)
    (length,) = struct.unpack("<Q", data[:8])
    if not 0 < length <= len(data) - 8 or random.random() < 0.2:
        return damage(data, random)
    header, weights = data[8 : 8 + length], data[8 + length :]
    try:
        said = json.loads(header)
        notes = said["__metadata__"]
        key = random.choice(list(notes))
        if random.random() < 0.5:
            notes[key] = damage_json(str(notes[key]).encode(), random).decode(errors="replace")
            header = json.dumps(said).encode()
        else:
            header = damage_json(header, random)
    except (ValueError, RecursionError, KeyError, TypeError, IndexError, AttributeError):
        header = damage_json(header, random)
    return struct.pack("<Q", len(header)) + header + weights


def damage_members(inner: Mutator) -> Mutator:
    """A mutator of zip archives that damages one of the files within."""

    def run(data: bytes, random: Random) -> bytes:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                members = {name: archive.read(name) for name in archive.namelist()}
        except Exception:  # noqa: BLE001 - whatever is no archive any more
            return damage(data, random)
        if not members or random.random() < 0.1:
            return damage(data, random)
        name = random.choice(list(members))
        if random.random() < 0.1:
            del members[name]
        else:
            members[name] = inner(members[name], random)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            for key, body in members.items():
                archive.writestr(key, body)
        return buffer.getvalue()

    return run


def damage_array(data: bytes, random: Random) -> bytes:
    """A ``.npy`` file: what its header says, or its bytes."""
    if data[:6] != b"\x93NUMPY" or len(data) < 10 or random.random() < 0.3:
        return damage(data, random)
    (length,) = struct.unpack("<H", data[8:10])
    header, body = data[10 : 10 + length], data[10 + length :]
    shapes = (b"()", b"(3,)", b"(4294967296, 65536)", b"(-1,)", b"(0, 0)", b"(1099511627776,)")
    dtypes = (b"'|O'", b"'<f8'", b"'|u1'", b"'<u2'", b"'<U9'", b"'|V8'", b"'<c16'", b"'<M8[s]'")
    before, key, _ = header.partition(random.choice((b"'shape': ", b"'descr': ")))
    if key:
        value = random.choice(shapes if b"shape" in key else dtypes)
        header = (
            before
            + key
            + value
            + (b", }" if b"shape" in key else b", 'fortran_order': False, 'shape': (2,), }")
        )
    header = header + b" " * (-len(header) % 16) + b"\n"
    return data[:8] + struct.pack("<H", len(header) & 0xFFFF) + header + body
