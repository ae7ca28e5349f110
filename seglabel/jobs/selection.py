"""Which images a job works on, and how they are split."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Literal

from seglabel.core.errors import SegLabelError
from seglabel.core.project import ImageRecord
from seglabel.core.status import Status

StatusChoice = Literal["reviewed", "corrected", "all"]
SplitShares = dict[str, float]

WHOLE: SplitShares = {"train": 1.0}


def choose(records: Mapping[str, ImageRecord], choice: StatusChoice) -> list[str]:
    """Names by status: reviewed ones, those a person touched, or all that have labels or not."""
    if choice == "all":
        return list(records)
    wanted = {Status.REVIEWED} if choice == "reviewed" else {Status.REVIEWED, Status.CORRECTED}
    return [name for name, record in records.items() if record.status in wanted]


def parse_split(text: str) -> SplitShares:
    """Read ``train=0.8,val=0.2``. Raises SegLabelError."""
    shares: SplitShares = {}
    for part in text.split(","):
        name, _, value = part.partition("=")
        try:
            share = float(value)
        except ValueError:
            share = -1.0
        name = name.strip()
        if not name.isidentifier() or not 0 <= share <= 1 or name in shares:
            raise SegLabelError(f"split: expected something like train=0.8,val=0.2, found {text!r}")
        shares[name] = share
    if abs(sum(shares.values()) - 1) > 1e-3:
        raise SegLabelError(f"split: the shares in {text!r} sum to {sum(shares.values()):g}, not 1")
    return shares


def split(names: Sequence[str], shares: SplitShares, seed: int) -> dict[str, tuple[str, ...]]:
    """Distribute names by ``shares``; the same names and seed always give the same split."""

    def rank(name: str) -> bytes:
        return hashlib.blake2b(f"{seed}:{name}".encode(errors="surrogateescape")).digest()

    shuffled = sorted(names, key=rank)
    result: dict[str, tuple[str, ...]] = {}
    begin, reached = 0, 0.0
    for index, (name, share) in enumerate(shares.items()):
        reached += share
        end = len(names) if index == len(shares) - 1 else round(reached * len(names))
        result[name] = tuple(sorted(shuffled[begin:end]))
        begin = end
    return result
