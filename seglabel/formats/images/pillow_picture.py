"""Everything that is not TIFF, decoded whole by Pillow."""

from __future__ import annotations

import io
import mmap
import re
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

import imagecodecs
import numpy as np
from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    WebPImagePlugin,
)

from seglabel.formats.images.info import ImageInfo, Picture, check_size
from seglabel.formats.images.orientation import ORIENTATION_TAG, upright
from seglabel.formats.images.png_bands import is_streamable, png_bands
from seglabel.formats.images.rendering import Rendering, to_rgb8
from seglabel.formats.images.shrinking import fitted, shrink

# Only these decoders are ever tried (JPEG's also opens MPO, the JPEGs of many cameras). Naming the
# classes registers them with Pillow.
_FORMATS = tuple(
    plugin.format
    for plugin in (
        JpegImagePlugin.JpegImageFile,
        PngImagePlugin.PngImageFile,
        WebPImagePlugin.WebPImageFile,
        BmpImagePlugin.BmpImageFile,
        GifImagePlugin.GifImageFile,
        PpmImagePlugin.PpmImageFile,
    )
)
_LARGE = 1 << 26  # pixels, from which on it matters how often a picture lies in memory
_BAND = 1 << 22  # pixels converted at once
# Between segments and within scans: neither a stuffed zero, nor a restart, nor a fill byte.
_JPEG_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

# Pillow's own limit would only warn; ours is checked before any pixel is decoded.
Image.MAX_IMAGE_PIXELS = 1 << 31
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


def probe(file: BinaryIO, path: Path, pixel_limit: int) -> ImageInfo:
    """What the header says."""
    with Image.open(file, formats=_FORMATS) as image:
        return _info(image, path, pixel_limit)


def read(file: BinaryIO, path: Path, rendering: Rendering, pixel_limit: int) -> Picture:
    """The upright picture, uint8 RGB (H, W, 3)."""
    with Image.open(file, formats=_FORMATS) as image:
        info = _info(image, path, pixel_limit)
        is_large = image.width * image.height > _LARGE
        is_plain = image.mode == "RGB" and "transparency" not in image.info
    file.seek(0)
    if info.format == "PNG":
        with Image.open(file, formats=("PNG",)) as image:
            image.verify()  # Pillow checks the checksums of image data only here
        file.seek(0)
        if _is_deep_color_png(file):
            stored = to_rgb8(np.asarray(imagecodecs.png_decode(file.read())), rendering)
            return np.ascontiguousarray(upright(stored, info.orientation), np.uint8)
    if is_large and is_plain and info.format in ("PNG", "JPEG", "MPO"):
        return np.ascontiguousarray(upright(_read_large(file), info.orientation), np.uint8)
    with Image.open(file, formats=_FORMATS) as image:
        image.load()
        stored = _rgb(image, rendering)
    return np.ascontiguousarray(upright(stored, info.orientation), np.uint8)


def read_bands(
    file: BinaryIO, path: Path, rendering: Rendering, pixel_limit: int
) -> Iterator[Picture]:
    """The same from the top to the bottom, in one piece where it cannot be decoded in parts."""
    with Image.open(file, formats=_FORMATS) as image:
        info = _info(image, path, pixel_limit)
        is_plain = "transparency" not in image.info and not info.is_turned
    file.seek(0)
    if not is_plain or not is_streamable(file):
        yield read(file, path, rendering, pixel_limit)
        return
    with Image.open(file, formats=("PNG",)) as image:
        image.verify()
    file.seek(0)
    yield from png_bands(file)


def read_thumbnail(
    file: BinaryIO, path: Path, size: tuple[int, int], rendering: Rendering, pixel_limit: int
) -> Picture:
    """The upright picture shrunk to fit into ``size`` (width, height).

    JPEGs are decoded at a fraction of their size, everything else in full.
    """
    with Image.open(file, formats=_FORMATS) as image:
        info = _info(image, path, pixel_limit)
        if image.format in ("JPEG", "MPO"):
            longest = max(size)
            image.draft("RGB", (longest, longest))
            image.thumbnail((longest, longest))
            picture = np.ascontiguousarray(upright(_rgb(image, rendering), info.orientation))
            return shrink(np.asarray(picture, np.uint8), fitted(picture.shape[:2], size))
    file.seek(0)
    return shrink(read(file, path, rendering, pixel_limit), fitted(info.shape, size))


def _info(image: Image.Image, path: Path, pixel_limit: int) -> ImageInfo:
    width, height = image.size
    check_size(path, height, width, pixel_limit)
    orientation = _orientation(image)
    if orientation >= 5:
        height, width = width, height
    frames = int(getattr(image, "n_frames", 1))
    if image.format == "MPO":  # a photograph and its preview or depth map, not an animation
        frames = 1
    return ImageInfo(str(image.format), height, width, orientation, frames)


def _orientation(image: Image.Image) -> int:
    # Pillow would decode a whole PNG in search of EXIF behind the pixels, where nobody puts it.
    if image.format == "PNG" and "exif" not in image.info:
        return 1
    orientation = image.getexif().get(ORIENTATION_TAG, 1)
    return orientation if orientation in range(1, 9) else 1


def _is_deep_color_png(file: BinaryIO) -> bool:
    """Whether a PNG has 16 bits in several bands, which Pillow would cut to 8 without a word."""
    header = file.read(26)
    file.seek(0)
    depth, color_type = header[24], header[25]
    return header[:8] == _PNG_SIGNATURE and depth == 16 and color_type in (2, 4, 6)


def _rgb(image: Image.Image, rendering: Rendering) -> Picture:
    if image.mode in ("I;16", "I;16B", "I;16L", "I", "F"):
        return to_rgb8(np.asarray(image), rendering)
    if image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    step = max(1, _BAND // image.width)
    for top in range(0, image.height, step):  # converted at once it would be there three times
        box = (0, top, image.width, min(top + step, image.height))
        pixels[top : box[3]] = np.asarray(image.crop(box).convert("RGB"))
    return pixels


def _read_large(file: BinaryIO) -> Picture:
    """A PNG or JPEG of 8-bit RGB, of which Pillow would take four bytes a pixel, and then copies.

    The file's bytes stay where they are.
    """
    with ExitStack() as stack:
        data: Any  # bytes that were read, or those of the file
        if isinstance(file, io.BytesIO):
            data = stack.enter_context(file.getbuffer())
        else:
            data = stack.enter_context(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        if data[:8] == _PNG_SIGNATURE:
            return np.asarray(imagecodecs.png_decode(data), np.uint8)
        if not _is_whole_jpeg(data):
            raise OSError("the file ends before the picture does")
        return np.asarray(imagecodecs.jpeg_decode(data), np.uint8)


def _is_whole_jpeg(data: Any) -> bool:
    """Whether the end-of-image marker comes behind the last scan (ITU T.81, B.1)."""
    at = 2
    while marker := _JPEG_MARKER.search(data, at):
        code = data[marker.end() - 1]
        if code == 0xD9:
            return True
        length = int.from_bytes(data[marker.end() : marker.end() + 2], "big")
        at = marker.end() + max(length, 2)
    return False
