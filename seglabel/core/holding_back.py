"""Which images a model is judged by and never learns from."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

USUAL_SHARE = 0.1
"""Of the images, is held back unless somebody wants it otherwise."""

_LEAST_GROUPS = 10  # fewer are no sample
_LARGEST_SHARE = 0.2  # of all images, that one group may have
_BLOCK = 16  # consecutive numbers: neighbours of a film or a walk look alike
_LAST_NUMBER = re.compile(r"(\d+)\D*$")
_FIRST_NUMBER = re.compile(r"^\D*\d+")


@dataclass(frozen=True, slots=True)
class HeldBack:
    """``training`` and ``validation`` names, and what is ``unused``: images that belong to those
    held back but cannot be judged by, since they are not reviewed."""

    training: tuple[str, ...]
    validation: tuple[str, ...]
    unused: tuple[str, ...] = ()


def hold_back(
    names: Sequence[str], reviewed: Collection[str], corrected: Collection[str], share: float
) -> HeldBack:
    """Split the labelled images among all ``names`` of a project.

    Whole groups of images that are alike by folder or file name are held back, each where the hash
    of its name lies below ``share`` (0 to below 1). So an image that was held back once stays so
    however many are labelled later, and none that taught is judged by afterwards. Where nothing
    falls below it although ``share`` of the reviewed images makes one, the group with the lowest
    hash is held back. Only reviewed images are judged by, which takes every pixel. Something is
    always left to learn from.
    """
    key_of = grouping(names)
    labelled = tuple(name for name in names if name in reviewed or name in corrected)
    groups = {name: key_of(name) for name in labelled}
    judging = {groups[name] for name in labelled if name in reviewed}
    held = {key for key in set(groups.values()) if _place(key) < share}
    if not held & judging and judging and share * len(reviewed) >= 1:
        held.add(min(judging, key=_place))
    if not set(groups.values()) - held:
        held = set()
    return HeldBack(
        tuple(name for name in labelled if groups[name] not in held),
        tuple(name for name in labelled if groups[name] in held and name in reviewed),
        tuple(name for name in labelled if groups[name] in held and name not in reviewed),
    )


def grouping(names: Sequence[str]) -> Callable[[str], str]:
    """The coarsest way to group ``names`` that still makes enough groups, none of them too large.

    By folder; by what stands before the last number of the file name (``street_0012``); by runs of
    consecutive numbers; by what stands up to the first number (``12_flipped``); else one by one.
    """
    for key_of in (_folder, _series, _block, _source):
        counts = Counter(map(key_of, names))
        if len(counts) >= _LEAST_GROUPS and max(counts.values()) <= _LARGEST_SHARE * len(names):
            return key_of
    return lambda name: name


def _place(key: str) -> float:
    """Where a name lies between 0 and 1, the same for ever."""
    digest = hashlib.blake2b(key.encode(errors="surrogateescape"), digest_size=8).digest()
    return float(int.from_bytes(digest, "big") / 2**64)


def _folder(name: str) -> str:
    return str(PurePosixPath(name).parent)


def _series(name: str) -> str:
    stem = PurePosixPath(name).stem
    return f"{_folder(name)}/{_LAST_NUMBER.sub('', stem)}"


def _block(name: str) -> str:
    number = _LAST_NUMBER.search(PurePosixPath(name).stem)
    return f"{_series(name)}/{int(number[1]) // _BLOCK}" if number else name


def _source(name: str) -> str:
    stem = PurePosixPath(name).stem
    first = _FIRST_NUMBER.match(stem)
    return f"{_folder(name)}/{first[0] if first else stem}"
