"""Where changes are kept while the folder of their project does not take them.

A folder of its own for each project, in what the system keeps for this person: it lies on another
disk than one that is full, was taken away, or does not answer.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import platformdirs


def spare_folder(root: Path) -> Path:
    """Where the changes of the project at ``root`` are kept meanwhile."""
    digest = hashlib.blake2b(os.fsencode(root), digest_size=12).hexdigest()
    state = Path(platformdirs.user_state_dir("seglabel", appauthor=False))
    return state / "unsaved" / digest
