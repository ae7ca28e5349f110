"""Where a crash of the whole program leaves its trace, and finding it at the next start."""

from __future__ import annotations

import faulthandler
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seglabel.formats.log_file import log_folder

_NAME = "crash.txt"  # of what runs; empty as long as nothing crashes
_KEPT = 5  # crashes


@contextmanager
def noting_crashes() -> Iterator[None]:
    """Let a crash of the interpreter or of a library say where it was, of each thread.

    Whoever listens for crashes already goes on to. Without a place to write there is no note.
    """
    if faulthandler.is_enabled():
        yield
        return
    try:
        log_folder().mkdir(parents=True, exist_ok=True)
        file = (log_folder() / _NAME).open("ab", buffering=0)
    except OSError:
        yield
        return
    with file:
        faulthandler.enable(file, all_threads=True)
        try:
            yield
        finally:
            faulthandler.disable()


def take_crash_note() -> Path | None:
    """What was noted of a crash since the last start, under a name that stays, or ``None``."""
    note = log_folder() / _NAME
    try:
        if not note.stat().st_size:
            return None
        kept = note.with_name(time.strftime("crash-%Y%m%d-%H%M%S.txt"))
        note.replace(kept)
        for old in sorted(note.parent.glob("crash-*.txt"))[:-_KEPT]:
            old.unlink()
    except OSError:  # there is none, or another window holds it
        return None
    return kept
