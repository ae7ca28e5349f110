"""Whether processes that were left alone have ended."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

PATIENCE_S = 60


def wait_for_end(pid: int) -> None:
    patience = time.monotonic() + PATIENCE_S
    while is_alive(pid):
        assert time.monotonic() < patience, f"process {pid} goes on for nobody"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    with contextlib.suppress(OSError):  # a zombie that nobody asks for, where that can be seen
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not Path("/proc/self").exists()
