"""What the tests of tools share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hand import Hand


@pytest.fixture(scope="session")
def hold() -> Callable[..., Hand]:
    """Takes a tool in hand."""
    return Hand
