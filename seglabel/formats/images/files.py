"""Opening files that claim to be images, and saying what is wrong with them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from seglabel.core.errors import ImageError
from seglabel.formats.images.rendering import NoSuchBandError
from seglabel.formats.regular_file import open_regular


def open_image_file(path: Path) -> BinaryIO:
    """Open a file that may be a picture: a regular one, and not empty. Raises ImageError."""
    file = open_regular(path, ImageError, "an image file")
    if os.fstat(file.fileno()).st_size == 0:
        file.close()
        raise ImageError(f"{path}: the file is empty")
    return file


@dataclass(frozen=True, slots=True)
class ImageFile:
    """What tells a file from others: the digest of its bytes, their number, and the time of its
    last change in ns; 0 where these are not known."""

    digest: str
    size: int = 0
    time: int = 0


def size_and_time(path: Path) -> tuple[int, int]:
    """Bytes of a file and the time of its last change, in ns. Raises ImageError."""
    try:
        found = path.stat()
    except (OSError, RuntimeError) as error:  # the latter for links that lead to themselves
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"{path}: cannot be opened: {reason}") from error
    return found.st_size, found.st_mtime_ns


def file_of(path: Path) -> ImageFile:
    """Raises ImageError. What changes while it is read is not known by its time."""
    with open_image_file(path) as file:
        found = os.fstat(file.fileno())
        digest = hashlib.blake2b(digest_size=16)
        try:
            while block := file.read(1 << 20):
                digest.update(block)
        except OSError as error:
            raise ImageError(f"{path}: cannot be read: {error.strerror or error}") from error
        is_still = os.fstat(file.fileno()).st_mtime_ns == found.st_mtime_ns
        time_ns = found.st_mtime_ns if is_still else 0
        return ImageFile(digest.hexdigest(), found.st_size, time_ns)


def digest_file(path: Path) -> str:
    """blake2b of the file's bytes, 32 hexadecimal digits. Raises ImageError."""
    return file_of(path).digest


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
