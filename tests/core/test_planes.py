from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglabel.core import planes
from seglabel.core.planes import lean_copy


@given(st.integers(0, 40), st.integers(1, 30), st.data())
def test_a_lean_copy_is_the_same_and_its_own(height: int, width: int, data) -> None:
    plane = np.zeros((height, width), data.draw(st.sampled_from([np.uint8, np.bool_, np.uint16])))
    for row in data.draw(st.lists(st.integers(0, max(height - 1, 0)), max_size=4)):
        plane[row : row + 1, data.draw(st.integers(0, width - 1))] = 1
    kept, planes._BAND = planes._BAND, 64
    try:
        copy = lean_copy(plane)
    finally:
        planes._BAND = kept
    assert copy.dtype == plane.dtype and np.array_equal(copy, plane)
    plane[:] = 1
    assert not height or not np.shares_memory(copy, plane)


def _resident() -> int:
    """Pages that this process has in memory, in bytes."""
    import resource  # only where it exists

    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.skipif(sys.platform != "linux", reason="asks the system as Linux is asked")
def test_empty_bands_of_a_copy_take_no_memory() -> None:
    plane = np.zeros((8192, 8192), np.uint8)
    plane[:64] = 1
    before = _resident()
    copy = lean_copy(plane)
    assert _resident() - before < plane.nbytes // 2
    assert copy[0, 0] == 1 and copy[-1, -1] == 0
