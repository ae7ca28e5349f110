"""Text that somebody else may have written, as values."""

from __future__ import annotations

import json
from typing import Any


def parse_json(text: str | bytes) -> Any:
    """What ``json.loads`` gives. Raises ValueError for all that is no JSON.

    That includes brackets nested deeper than anyone means, for which Python raises RecursionError.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("brackets are nested too deep") from None
