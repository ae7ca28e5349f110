"""Opening files that claim to be images, and saying what is wrong with them."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from seglabel.core.errors import ImageError
from seglabel.formats.images.rendering import NoSuchBandError


def open_regular(path: Path) -> BinaryIO:
    """Open without ever waiting on a FIFO or touching a device. Raises ImageError."""
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


def digest_file(path: Path) -> str:
    """blake2b of the file's bytes, 32 hexadecimal digits. Raises ImageError."""
    with open_regular(path) as file:
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


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Whatever a decoder raises inside becomes an ImageError that names the file."""
    try:
        yield
    except ImageError:
        raise
    except NoSuchBandError as error:
        raise ImageError(f"{path}: {error}") from error
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


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    if stat.S_ISFIFO(mode):
        return "a pipe"
    return "a device or socket"
