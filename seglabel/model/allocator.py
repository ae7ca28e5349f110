"""Keeping memory pages that glibc would hand back to the kernel after every operation.

Large tensors are mapped, zeroed by the kernel and unmapped again for each layer; at 1024 × 2048
that takes most of the time of a forward pass on the CPU. Raising two thresholds makes the process
keep its pages, at the price of a peak that stays until the process ends.
"""

from __future__ import annotations

import ctypes
import sys

_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3


def keep_pages() -> bool:
    """Ask glibc to keep freed pages; call before large tensors exist. False without glibc."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return False
    kept = mallopt(_M_MMAP_THRESHOLD, 1 << 30) and mallopt(_M_TRIM_THRESHOLD, (1 << 31) - 1)
    return bool(kept)
