"""What a worker says when something goes wrong."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

from seglabel.core.errors import SegLabelError

_log = logging.getLogger(__name__)


def sentence(error: BaseException) -> str:
    """What to show: our own errors are sentences already, others get their kind and place."""
    known = _known(error)
    if known:
        return known
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{place}"


def noted(error: Exception) -> str:
    """The same of an error that a worker met; the log keeps it, and whence it came if it is not
    one that says all itself."""
    text = sentence(error)
    _log.warning("%s", text, exc_info=None if _known(error) else error)
    return text


def _known(error: BaseException) -> str:
    """The sentence of an error that was foreseen; empty for others."""
    if isinstance(error, SegLabelError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    return ""
