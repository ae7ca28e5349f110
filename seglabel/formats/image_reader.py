"""The one place where image files are opened: window, runs, command line and exports see the same.

Pixels come as uint8 RGB (H, W, 3), upright (EXIF orientation applied). What the file holds is
mapped like this: grey is repeated, palettes and CMYK are converted, alpha is dropped (as every
training pipeline does), deeper than 8 bits is stretched between the 0.1 and 99.9 percentiles of
its finite values over all bands together; of more than four bands the first three are shown. Of
animations and multi-page files the first picture counts, and :attr:`ImageInfo.frames` tells.
"""

from __future__ import annotations

import hashlib
import io
import logging
import math
import os
import stat
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import cv2
import imagecodecs
import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from seglabel.core.errors import ImageError

Picture = NDArray[np.uint8]

PIXEL_LIMIT = 1 << 28
"""Pictures with more pixels than this (16384²) are refused unless the caller allows more."""

IMAGE_SUFFIXES = frozenset(
    ".bmp .gif .jpeg .jpg .jpe .mpo .pbm .pgm .png .pnm .ppm .tif .tiff .webp".split()
)
# Only these decoders are ever tried (JPEG's also opens MPO, the JPEGs of many cameras). Naming the
# classes registers them with Pillow.
_PILLOW_FORMATS = tuple(
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
_UNKNOWN_COLORS = (
    tifffile.PHOTOMETRIC.CIELAB,
    tifffile.PHOTOMETRIC.ICCLAB,
    tifffile.PHOTOMETRIC.ITULAB,
    tifffile.PHOTOMETRIC.LOGLUV,
)
_TIFF_SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_ORIENTATION_TAG = 0x0112
_SAMPLE = 1 << 20  # pixels looked at to find percentiles

# What is wrong with a file is said by our errors, not by lines on the terminal.
logging.getLogger("tifffile").addHandler(logging.NullHandler())
# Pillow's own limit would only warn; ours is checked before any pixel is decoded.
Image.MAX_IMAGE_PIXELS = 1 << 31
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """What an image file says of itself. ``height`` and ``width`` are upright.

    ``orientation`` is the EXIF value 1–8; from 5 on, the stored rows are the upright columns.
    """

    format: str
    height: int
    width: int
    orientation: int
    frames: int

    @property
    def is_turned(self) -> bool:
        return self.orientation != 1


def probe_image(path: Path, *, pixel_limit: int = PIXEL_LIMIT) -> ImageInfo:
    """Read the header only. Raises ImageError that names the file and what is wrong with it."""
    with _open_regular(path) as file:
        return _guarded(path, _probe, file, path, pixel_limit)


def read_image(path: Path, *, pixel_limit: int = PIXEL_LIMIT) -> Picture:
    """The upright picture, uint8 RGB (H, W, 3). Raises ImageError; never gives half a picture."""
    with _open_regular(path) as file:
        return _guarded(path, _read, file, path, pixel_limit)


def decode_image(data: bytes, name: str, *, pixel_limit: int = PIXEL_LIMIT) -> Picture:
    """The same of a file's bytes; ``name`` is how the reason of an ImageError calls it."""
    path = Path(name)
    if not data:
        raise ImageError(f"{path}: the file is empty")
    return _guarded(path, _read, io.BytesIO(data), path, pixel_limit)


def read_thumbnail(path: Path, size: tuple[int, int], *, pixel_limit: int = PIXEL_LIMIT) -> Picture:
    """The upright picture shrunk to fit into ``size`` (width, height), uint8 RGB.

    JPEGs are decoded at a fraction of their size, everything else in full. Raises ImageError.
    """
    with _open_regular(path) as file:
        return _guarded(path, _read_thumbnail, file, path, size, pixel_limit)


def digest_file(path: Path) -> str:
    """blake2b of the file's bytes, 32 hexadecimal digits. Raises ImageError."""
    with _open_regular(path) as file:
        digest = hashlib.blake2b(digest_size=16)
        try:
            while block := file.read(1 << 20):
                digest.update(block)
        except OSError as error:
            raise ImageError(f"{path}: cannot be read: {error.strerror or error}") from error
        return digest.hexdigest()


def digest_bytes(data: bytes) -> str:
    """The same of bytes that were read already."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def upright(array: NDArray[np.generic], orientation: int) -> NDArray[np.generic]:
    """Turn stored rows and columns (H, W, …) as EXIF ``orientation`` asks for display."""
    if orientation in (5, 6, 7, 8):
        array = array.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        array = array[::-1]
    if orientation in (2, 3, 6, 7):
        array = array[:, ::-1]
    return array


def as_stored(array: NDArray[np.generic], orientation: int) -> NDArray[np.generic]:
    """The opposite of :func:`upright`: from displayed pixels back to the file's own rows."""
    inverse = {6: 8, 8: 6}.get(orientation, orientation)
    return upright(array, inverse)


def _open_regular(path: Path) -> BinaryIO:
    """Open without ever waiting on a FIFO or touching a device."""
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise ImageError(f"{path}: cannot be opened: {error.strerror or error}") from error
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise ImageError(f"{path}: expected an image file, found {_kind(found.st_mode)}")
    if found.st_size == 0:
        os.close(descriptor)
        raise ImageError(f"{path}: the file is empty")
    return open(descriptor, "rb")  # noqa: PTH123 - from a descriptor


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    if stat.S_ISFIFO(mode):
        return "a pipe"
    return "a device or socket"


def _guarded(path: Path, action, *arguments):  # type: ignore[no-untyped-def]
    try:
        return action(*arguments)
    except ImageError:
        raise
    except UnidentifiedImageError as error:
        raise ImageError(
            f"{path}: not an image that seglabel reads "
            "(JPEG, PNG, TIFF, WebP, BMP, GIF and PPM are)"
        ) from error
    except Image.DecompressionBombError as error:
        raise ImageError(f"{path}: more pixels than can be held ({error})") from error
    except MemoryError as error:
        raise ImageError(f"{path}: too large for this machine's memory") from error
    except Exception as error:
        raise ImageError(f"{path}: damaged or cut off ({error or type(error).__name__})") from error


def _probe(file: BinaryIO, path: Path, pixel_limit: int) -> ImageInfo:
    if _is_tiff(file):
        with tifffile.TiffFile(file, name=path.name) as tiff:
            return _tiff_info(tiff, path, pixel_limit)
    with Image.open(file, formats=_PILLOW_FORMATS) as image:
        return _pillow_info(image, path, pixel_limit)


def _read(file: BinaryIO, path: Path, pixel_limit: int) -> Picture:
    if _is_tiff(file):
        with tifffile.TiffFile(file, name=path.name) as tiff:
            info = _tiff_info(tiff, path, pixel_limit)
            picture = _tiff_picture(tiff.pages[0], path)  # type: ignore[arg-type]
            return np.ascontiguousarray(upright(picture, info.orientation), np.uint8)
    return _read_with_pillow(file, path, pixel_limit)


def _read_thumbnail(file: BinaryIO, path: Path, size: tuple[int, int], pixel_limit: int) -> Picture:
    if not _is_tiff(file):
        with Image.open(file, formats=_PILLOW_FORMATS) as image:
            info = _pillow_info(image, path, pixel_limit)
            if image.format in ("JPEG", "MPO"):
                longest = max(size)
                image.draft("RGB", (longest, longest))
                image.thumbnail((longest, longest))
                picture = upright(_pillow_rgb(image), info.orientation)
                return _shrink(np.ascontiguousarray(picture, np.uint8), size)
        file.seek(0)
    return _shrink(_read(file, path, pixel_limit), size)


def _shrink(picture: Picture, size: tuple[int, int]) -> Picture:
    height, width = picture.shape[:2]
    scale = min(size[0] / width, size[1] / height, 1.0)
    wanted = (max(round(width * scale), 1), max(round(height * scale), 1))
    return np.asarray(cv2.resize(picture, wanted, interpolation=cv2.INTER_AREA), np.uint8)


def _is_tiff(file: BinaryIO) -> bool:
    signature = file.read(4)
    file.seek(0)
    return signature in _TIFF_SIGNATURES


def _check_size(path: Path, height: int, width: int, pixel_limit: int) -> None:
    if height <= 0 or width <= 0:
        raise ImageError(f"{path}: claims a size of {width} × {height} pixels")
    if height * width > pixel_limit:
        raise ImageError(
            f"{path}: {width} × {height} pixels are more than the limit of "
            f"{pixel_limit / 1e6:,.0f} million; raise the limit if the file is meant to be so large"
        )


def _pillow_info(image: Image.Image, path: Path, pixel_limit: int) -> ImageInfo:
    width, height = image.size
    _check_size(path, height, width, pixel_limit)
    orientation = _pillow_orientation(image)
    if orientation >= 5:
        height, width = width, height
    frames = int(getattr(image, "n_frames", 1))
    if image.format == "MPO":  # a photograph and its preview or depth map, not an animation
        frames = 1
    return ImageInfo(str(image.format), height, width, orientation, frames)


def _pillow_orientation(image: Image.Image) -> int:
    # Pillow would decode a whole PNG in search of EXIF behind the pixels, where nobody puts it.
    if image.format == "PNG" and "exif" not in image.info:
        return 1
    orientation = image.getexif().get(_ORIENTATION_TAG, 1)
    return orientation if orientation in range(1, 9) else 1


def _read_with_pillow(file: BinaryIO, path: Path, pixel_limit: int) -> Picture:
    with Image.open(file, formats=_PILLOW_FORMATS) as image:
        info = _pillow_info(image, path, pixel_limit)
    file.seek(0)
    if info.format == "PNG":
        with Image.open(file, formats=("PNG",)) as image:
            image.verify()  # Pillow checks the checksums of image data only here
        file.seek(0)
        if _is_deep_color_png(file):
            stored = _to_rgb8(np.asarray(imagecodecs.png_decode(file.read())))
            return np.ascontiguousarray(upright(stored, info.orientation), np.uint8)
    with Image.open(file, formats=_PILLOW_FORMATS) as image:
        image.load()
        stored = _pillow_rgb(image)
    return np.ascontiguousarray(upright(stored, info.orientation), np.uint8)


def _is_deep_color_png(file: BinaryIO) -> bool:
    """Whether a PNG has 16 bits in several bands, which Pillow would cut to 8 without a word."""
    header = file.read(26)
    file.seek(0)
    depth, color_type = header[24], header[25]
    return header[:8] == _PNG_SIGNATURE and depth == 16 and color_type in (2, 4, 6)


def _pillow_rgb(image: Image.Image) -> Picture:
    if image.mode in ("I;16", "I;16B", "I;16L", "I", "F"):
        return _to_rgb8(np.asarray(image))
    if image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")
    return np.array(image.convert("RGB"))


def _tiff_info(tiff: tifffile.TiffFile, path: Path, pixel_limit: int) -> ImageInfo:
    page = tiff.pages[0]
    assert isinstance(page, tifffile.TiffPage)
    height, width = int(page.imagelength), int(page.imagewidth)
    _check_size(path, height, width, pixel_limit)
    tag = page.tags.get(_ORIENTATION_TAG)
    orientation = int(tag.value) if tag is not None and 1 <= int(tag.value) <= 8 else 1
    if orientation >= 5:
        height, width = width, height
    return ImageInfo("TIFF", height, width, orientation, len(tiff.pages))


def _tiff_picture(page: tifffile.TiffPage, path: Path) -> Picture:
    pixels = page.asarray()
    if "Z" in page.axes:
        raise ImageError(f"{path}: a volume of {page.imagedepth} slices; expected a flat picture")
    if page.axes == "SYX":
        pixels = np.moveaxis(pixels, 0, -1)
    photometric = page.photometric
    if photometric == tifffile.PHOTOMETRIC.PALETTE and page.colormap is not None:
        table = (page.colormap >> 8).astype(np.uint8)  # (3, 2 ** bits) of 16-bit values
        return np.ascontiguousarray(table.T[pixels])
    if pixels.dtype == np.uint8 and 1 < page.bitspersample < 8:
        pixels = (pixels * (255 / (2**page.bitspersample - 1))).astype(np.uint8)
    if photometric == tifffile.PHOTOMETRIC.MINISWHITE:
        pixels = ~pixels if pixels.dtype.kind in "bu" else pixels.max(initial=0) - pixels
    if photometric in _UNKNOWN_COLORS:
        kind = tifffile.PHOTOMETRIC(photometric).name
        raise ImageError(f"{path}: its colours ({kind}) cannot be turned into RGB")
    if photometric == tifffile.PHOTOMETRIC.YCBCR and page.compression == tifffile.COMPRESSION.NONE:
        # Compressed by JPEG they come as RGB.
        return np.array(Image.fromarray(np.ascontiguousarray(pixels), "YCbCr").convert("RGB"))
    if photometric == tifffile.PHOTOMETRIC.SEPARATED and pixels.shape[-1] == 4:
        cmyk = pixels if pixels.dtype == np.uint8 else _stretch(pixels)
        return np.array(Image.fromarray(np.ascontiguousarray(cmyk), "CMYK").convert("RGB"))
    return _to_rgb8(pixels)


def _to_rgb8(pixels: NDArray[np.generic]) -> Picture:
    """Any (H, W) or (H, W, bands) array of numbers as uint8 RGB."""
    if pixels.ndim == 3 and pixels.shape[2] in (1, 2):
        pixels = pixels[:, :, 0]
    if pixels.ndim == 3:
        pixels = pixels[:, :, :3]
    if pixels.ndim not in (2, 3):
        raise ValueError(f"expected a picture, found an array of shape {pixels.shape}")
    if pixels.dtype == np.bool_:
        pixels = pixels.astype(np.uint8) * 255
    elif pixels.dtype != np.uint8:
        pixels = _stretch(pixels)
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[:, :, None], 3, axis=2)
    return np.ascontiguousarray(pixels, dtype=np.uint8)


def _sample(pixels: NDArray[np.generic]) -> NDArray[np.generic]:
    """Values of about ``_SAMPLE`` pixels out of (H, W) or (H, W, bands), all bands of each."""
    width = pixels.shape[1]
    whole = pixels.reshape(pixels.shape[0] * width, -1)
    step = max(1, len(whole) // _SAMPLE)
    while math.gcd(step, width) > 1:  # otherwise some columns would never be looked at
        step += 1
    return whole[::step]


def _stretch(pixels: NDArray[np.generic]) -> Picture:
    """Map the 0.1 to 99.9 percentiles of the finite values to 0–255."""
    if np.iscomplexobj(pixels):
        raise ValueError("complex numbers cannot be shown")
    sample = _sample(pixels).astype(np.float64)
    sample = sample[np.isfinite(sample)]
    if sample.size == 0:
        return np.zeros(pixels.shape, np.uint8)
    low, high = np.percentile(sample, (0.1, 99.9))
    if high <= low:
        low, high = float(sample.min()), float(sample.max())
    scale = 255 / (high - low) if high > low else 0.0
    shifted = (np.nan_to_num(pixels.astype(np.float32), posinf=high, neginf=low) - low) * scale
    return np.clip(np.rint(shifted), 0, 255).astype(np.uint8)
