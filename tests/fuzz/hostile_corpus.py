"""Pictures that have broken other programs, made anew in every run, and what must come of each.

The base picture is 160 × 120 of gradients. An entry says what to write and what a reader must then
say: the size of the picture that comes (width, height), or a part of the reason why none does.
"""

from __future__ import annotations

import io
import os
import struct
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import numpy as np
import tifffile
from PIL import Image

WIDTH, HEIGHT = 160, 120
UPRIGHT, TURNED = (WIDTH, HEIGHT), (HEIGHT, WIDTH)

_NOT_READ = "not an image that seglabel reads"
_DAMAGED = "damaged or cut off"
_TOO_LARGE = "more pixels than|are more than the limit"


@dataclass(frozen=True)
class Entry:
    """A file and what must come of it: a size, or a reason (regular expression) to refuse it.

    ``probed`` tells whether the header alone may be believed: damage may lie behind it.
    """

    name: str
    make: Callable[[Path], object]
    expected: tuple[int, int] | str
    probed: bool = False

    @property
    def is_picture(self) -> bool:
        return not isinstance(self.expected, str)


def entries() -> list[Entry]:
    """All that can be made on this system."""
    found = [*_controls(), *_cut(), *_headers(), *_bombs(), *_kinds(), *_several(), *_strangers()]
    found += _more()
    if hasattr(os, "mkfifo"):
        found += _no_files()
    return found


def write(folder: Path) -> list[Entry]:
    """Make every entry in ``folder``; gives them."""
    made = entries()
    for entry in made:
        entry.make(folder / entry.name)
    return made


def base() -> Image.Image:
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    return Image.fromarray(
        np.stack([rows * 2, columns, (rows + columns) % 256], axis=2).astype(np.uint8)
    )


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """With right checksums, whatever the chunks say."""
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def png_header(width: int, height: int, depth: int = 8, colour: int = 2) -> bytes:
    """A PNG that claims a size and holds next to nothing."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return png((b"IHDR", header), (b"IDAT", zlib.compress(bytes(10))), (b"IEND", b""))


def tiff_header(width: int, height: int, *changes: tuple[int, int, int, int]) -> bytes:
    """A TIFF that claims a size and holds 200 bytes; entries are tag, type, count and value."""
    tags = {
        256: (4, 1, width), 257: (4, 1, height), 258: (3, 1, 8), 259: (3, 1, 1), 262: (3, 1, 1),
        273: (4, 1, 0), 277: (3, 1, 1), 278: (4, 1, height), 279: (4, 1, 200),
    }  # fmt: skip
    tags |= {tag: (kind, count, value) for tag, kind, count, value in changes}
    end = 8 + 2 + 12 * len(tags) + 4
    tags[273] = (4, 1, end) if tags[273][2] == 0 else tags[273]
    body = b"".join(struct.pack("<HHII", tag, *tags[tag]) for tag in sorted(tags))
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + body + bytes(4) + bytes(200)


def _file(name: str, data: Callable[[], bytes], expected: tuple[int, int] | str, **more) -> Entry:
    return Entry(name, lambda path: path.write_bytes(data()), expected, **more)


def _saved(name: str, image: Callable[[], Image.Image], expected, **options) -> Entry:
    return Entry(name, lambda path: image().save(path, **options), expected)


def _controls() -> list[Entry]:
    plain = [_saved(f"ok.{s}", base, UPRIGHT) for s in ("jpg", "png", "webp", "tif", "gif")]
    return [*plain, _saved("ok_lzw.tif", base, UPRIGHT, compression="tiff_lzw")]


def _cut() -> list[Entry]:
    def half(kind: str) -> Callable[[], bytes]:
        def run() -> bytes:
            data = encoded(base(), kind)
            return data[: len(data) // 2]

        return run

    def with_noise() -> bytes:
        data = bytearray(encoded(base(), "JPEG"))
        middle = len(data) // 2
        data[middle : middle + 40] = Random(1).randbytes(40)
        return bytes(data)

    def with_wrong_byte() -> bytes:
        data = bytearray(encoded(base(), "PNG"))
        data[len(data) // 2] ^= 0xFF
        return bytes(data)

    kinds = {"jpg": "JPEG", "png": "PNG", "tif": "TIFF", "webp": "WEBP"}
    halves = [
        _file(f"trunc50.{suffix}", half(kind), _DAMAGED, probed=True)
        for suffix, kind in kinds.items()
    ]
    return [
        *halves,
        _file("trunc_hdr.png", lambda: encoded(base(), "PNG")[:20], f"{_NOT_READ}|{_DAMAGED}"),
        _file("zero.jpg", bytes, "the file is empty"),
        _file("text.jpg", lambda: b"this is no picture\n" * 99, _NOT_READ),
        # No decoder can see it: a JPEG has no checksums. It must only do no harm.
        _file("corrupt_mid.jpg", with_noise, UPRIGHT),
        _file("corrupt_crc.png", with_wrong_byte, _DAMAGED, probed=True),
    ]


def _headers() -> list[Entry]:
    def jpeg(side: int) -> bytes:
        data = encoded(base(), "JPEG")
        at = data.index(b"\xff\xc0") + 5
        return data[:at] + struct.pack(">HH", side, side) + data[at + 4 :]

    return [
        _file("hdr_100kx100k_rgb8.png", lambda: png_header(100_000, 100_000), _TOO_LARGE),
        _file("hdr_2e31.png", lambda: png_header(2**31 - 1, 2**31 - 1), _TOO_LARGE),
        _file("hdr_0x0.png", lambda: png_header(0, 0), f"claims a size|{_DAMAGED}|{_NOT_READ}"),
        _file("hdr_65500sq.jpg", lambda: jpeg(65500), _TOO_LARGE),
        _file("hdr_100kx100k.tif", lambda: tiff_header(100_000, 100_000), _TOO_LARGE),
    ]


@cache
def _bombs() -> list[Entry]:
    @cache
    def zeros() -> bytes:
        stream, side = zlib.compressobj(9), 20_000
        rows = [stream.compress(bytes((side + 1) * 100)) for _ in range(side // 100)]
        header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
        data = b"".join([*rows, stream.flush()])
        return png((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))

    @cache
    def text() -> bytes:
        header = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)
        bomb = b"Comment\0\0" + zlib.compress(bytes(300 << 20), 1)
        rows = zlib.compress(bytes(14))
        return png((b"IHDR", header), (b"zTXt", bomb), (b"IDAT", rows), (b"IEND", b""))

    return [
        _file("bomb_20kx20k_gray.png", zeros, _TOO_LARGE),
        _file("bomb_zTXt_300M.png", text, _DAMAGED),
    ]


def _kinds() -> list[Entry]:
    def ramp(*bands: int) -> np.ndarray:
        values = np.linspace(0, 65535, HEIGHT * WIDTH * (bands[0] if bands else 1))
        return values.astype(np.uint16).reshape(HEIGHT, WIDTH, *bands)

    def rgb16() -> bytes:
        rows = ramp(3).astype(">u2").reshape(HEIGHT, -1).view(np.uint8)
        raw = np.concatenate([np.zeros((HEIGHT, 1), np.uint8), rows], axis=1).tobytes()
        header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 16, 2, 0, 0, 0)
        return png((b"IHDR", header), (b"IDAT", zlib.compress(raw)), (b"IEND", b""))

    def palette() -> Image.Image:
        return base().quantize(16)

    def translucent() -> Image.Image:
        image = base().convert("RGBA")
        image.putalpha(128)
        return image

    def turned(suffix: str) -> Entry:
        exif = Image.Exif()
        exif[0x0112] = 6
        return _saved(f"exif6.{suffix}", base, TURNED, exif=exif)

    return [
        _saved("gray16.png", lambda: Image.fromarray(ramp()), UPRIGHT),
        _saved("gray16.tif", lambda: Image.fromarray(ramp()), UPRIGHT),
        _file("rgb16.png", rgb16, UPRIGHT),
        Entry(
            "rgb16.tif",
            lambda path: tifffile.imwrite(path, ramp(3), photometric="rgb"),
            UPRIGHT,
        ),
        Entry(
            "float32.tif",
            lambda path: tifffile.imwrite(path, (ramp() / 65535).astype(np.float32)),
            UPRIGHT,
        ),
        _saved("cmyk.jpg", lambda: base().convert("CMYK"), UPRIGHT),
        _saved("cmyk.tif", lambda: base().convert("CMYK"), UPRIGHT),
        _saved("pal.png", palette, UPRIGHT),
        _saved("pal_trns.png", palette, UPRIGHT, transparency=3),
        _saved("bit1.png", lambda: base().convert("1"), UPRIGHT),
        _saved("la.png", lambda: base().convert("LA"), UPRIGHT),
        _saved("rgba.png", translucent, UPRIGHT),
        *map(turned, ("jpg", "png", "webp", "tif")),
    ]


def _several() -> list[Entry]:
    def frames() -> list[Image.Image]:
        return [base().rotate(90 * number) for number in range(4)]

    def make(path: Path) -> None:
        first, *rest = frames()
        first.save(path, save_all=True, append_images=rest)

    return [
        Entry(name, make, UPRIGHT) for name in ("anim.gif", "anim.webp", "anim.png", "multi.tif")
    ]


def _strangers() -> list[Entry]:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="100000" height="100000"/>'
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\nshowpage\n"
    return [
        _file("png_named.jpg", lambda: encoded(base(), "PNG"), UPRIGHT),
        _saved("ünï 名前 😀.png", base, UPRIGHT),
        _saved("n" * 236 + ".png", base, UPRIGHT),
        _file("eps_named.jpg", lambda: eps, _NOT_READ),
        _file("svg_named.png", lambda: svg, _NOT_READ),
    ]


def _no_files() -> list[Entry]:
    return [
        Entry("fifo.jpg", os.mkfifo, "found a pipe"),
        Entry("dir.jpg", Path.mkdir, "found a folder"),
        Entry("loop.jpg", lambda path: path.symlink_to("loop.jpg"), "cannot be opened"),
        Entry("dangling.jpg", lambda path: path.symlink_to("nowhere"), "cannot be opened"),
        Entry("device.jpg", lambda path: path.symlink_to("/dev/zero"), "found a device"),
    ]


def _more() -> list[Entry]:
    """Beyond the list of the design: what decoders of each format do with sizes and loops."""

    def circle() -> bytes:
        data = bytearray(encoded(base(), "TIFF"))
        (begin,) = struct.unpack("<I", data[4:8])
        (count,) = struct.unpack("<H", data[begin : begin + 2])
        data[begin + 2 + 12 * count : begin + 6 + 12 * count] = struct.pack("<I", begin)
        return bytes(data)

    hole = ((259, 3, 1, 8), (279, 4, 1, 0))

    def many_bands(path: Path) -> None:
        """15 GB of zeros in the holes of a sparse file."""
        path.write_bytes(tiff_header(16_000, 16_000, (277, 3, 1, 60), *hole))

    def many_numbers(path: Path) -> None:
        """The same in few pixels."""
        path.write_bytes(tiff_header(2000, 2000, (277, 3, 1, 2000), *hole))

    def strip_bomb(path: Path) -> None:
        """A strip that unpacks to 256 MB where a few bytes are expected."""
        data = zlib.compress(bytes(1 << 28), 1)
        head = tiff_header(64, 64, (259, 3, 1, 8), (279, 4, 1, len(data)))
        path.write_bytes(head[:-200] + data)

    def bmp(width: int, height: int) -> bytes:
        info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
        return b"BM" + struct.pack("<IHHI", 54 + 100, 0, 0, 54) + info + bytes(100)

    def gif(width: int, height: int) -> bytes:
        data = bytearray(encoded(base(), "GIF"))
        data[6:10] = struct.pack("<HH", width, height)
        return bytes(data)

    def long_gif() -> bytes:
        """A hundred thousand frames of one pixel."""
        head = b"GIF89a" + struct.pack("<HHBBB", WIDTH, HEIGHT, 0x80, 0, 0) + bytes(6)
        frame = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
        return head + frame * 100_000 + b";"

    def webp() -> bytes:
        canvas = b"VP8X" + struct.pack("<I", 10) + bytes(4) + b"\xff\xff\xff" * 2
        return b"RIFF" + struct.pack("<I", 4 + len(canvas)) + b"WEBP" + canvas

    def late_end() -> bytes:
        return encoded(base(), "PNG") + b"PK\3\4 and a zip archive behind it"

    return [
        _file("loop_of_pages.tif", circle, UPRIGHT),
        Entry("many_bands.tif", many_bands, "its numbers need", probed=True),
        Entry("many_numbers.tif", many_numbers, "its numbers need", probed=True),
        Entry("strip_bomb.tif", strip_bomb, _DAMAGED, probed=True),
        _file(
            "hdr_30k_bands.tif",
            lambda: tiff_header(9, 9, (277, 3, 1, 30_000)),
            _DAMAGED,
            probed=True,
        ),
        _file("negative.bmp", lambda: bmp(-160, 120), _TOO_LARGE),
        _file("hdr_2e31.bmp", lambda: bmp(2**31 - 1, 2**31 - 1), _TOO_LARGE),
        _file("hdr_30k.bmp", lambda: bmp(15_000, 15_000), _DAMAGED, probed=True),
        _file("hdr_65535.gif", lambda: gif(65535, 65535), _TOO_LARGE),
        _file("long.gif", long_gif, UPRIGHT),
        _file("hdr_2e24.webp", webp, f"{_NOT_READ}|{_DAMAGED}|{_TOO_LARGE}"),
        _file("hdr_9e9.ppm", lambda: b"P6 999999999 999999999 255\n" + bytes(99), _TOO_LARGE),
        _file("endless.ppm", lambda: b"P6 " + b"9" * 5000, f"{_NOT_READ}|{_DAMAGED}"),
        _file("hdr_16k_rgb16.png", lambda: png_header(16_000, 16_000, 16), _DAMAGED, probed=True),
        _file("zip_behind.png", late_end, UPRIGHT),
        _file("icon_named.png", lambda: encoded(base(), "ICO"), _NOT_READ),
        _file("pdf_named.jpg", lambda: encoded(base(), "PDF"), _NOT_READ),
    ]


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    print(f"{len(write(target))} files in {target}")
