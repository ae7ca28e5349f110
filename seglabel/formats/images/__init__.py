"""The one place where image files are opened: window, runs, command line and exports see the same.

Pixels come as uint8 RGB (H, W, 3), upright (EXIF orientation applied). What the file holds is
mapped like this: grey is repeated, palettes and CMYK are converted, alpha is dropped (as every
training pipeline does), deeper than 8 bits is stretched between the 0.1 and 99.9 percentiles of
its finite values over all bands together; of more than four bands the first three are shown. A
:class:`Rendering` chooses other bands and percentiles. Of animations and multi-page files the
first picture counts, and :attr:`ImageInfo.frames` tells.
"""

from seglabel.formats.images.files import (
    ImageFile,
    digest_bytes,
    digest_file,
    file_of,
    size_and_time,
)
from seglabel.formats.images.info import PIXEL_LIMIT, WINDOW_PIXEL_LIMIT, ImageInfo, Picture
from seglabel.formats.images.orientation import as_stored, upright
from seglabel.formats.images.reading import (
    CACHE_BYTES,
    IMAGE_SUFFIXES,
    OpenPicture,
    open_bytes,
    open_picture,
    probe_image,
    read_image,
    read_thumbnail,
)
from seglabel.formats.images.rendering import Rendering

__all__ = [
    "CACHE_BYTES",
    "IMAGE_SUFFIXES",
    "PIXEL_LIMIT",
    "WINDOW_PIXEL_LIMIT",
    "ImageFile",
    "ImageInfo",
    "OpenPicture",
    "Picture",
    "Rendering",
    "as_stored",
    "digest_bytes",
    "digest_file",
    "file_of",
    "open_bytes",
    "open_picture",
    "probe_image",
    "read_image",
    "read_thumbnail",
    "size_and_time",
    "upright",
]
