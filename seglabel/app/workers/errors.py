"""What a worker says when something goes wrong."""

from __future__ import annotations

import traceback
from pathlib import Path

from seglabel.core.errors import SegLabelError


def sentence(error: Exception) -> str:
    """What to show: our own errors are sentences already, others get their kind and place."""
    if isinstance(error, SegLabelError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"
