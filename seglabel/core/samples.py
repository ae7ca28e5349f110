"""What a model learns from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Sample:
    """One image with its labels. ``load`` gives uint8 RGB (H, W, 3) and uint8 ids (H, W).

    VOID pixels teach nothing. ``load`` may be called often and from any thread.
    """

    name: str
    load: Callable[[], tuple[NDArray[np.uint8], NDArray[np.uint8]]]


@dataclass(frozen=True)
class Resume:
    """What lets a training go on in another process after an end by force.

    ``state`` is what the one before kept last, if there was one; ``keep`` takes what has to be kept
    now, with the share of the training that is over (0 to 1).
    """

    state: bytes | None = None
    keep: Callable[[bytes, float], None] = lambda state, share: None


@dataclass(frozen=True)
class Learned:
    """What a learner brings back: a checkpoint as bytes and how good it is.

    ``miou``, ``pixel_accuracy`` and ``iou`` (by name) are those of the checkpoint on the validation
    images, NaN and empty if there were none. ``training`` and ``validation`` count the images that
    were used, ``skipped`` says why others were not. ``is_cancelled``: the person stopped it before
    its time; the checkpoint is the best until then. ``is_early``: it ended by itself, since it no
    longer became better.
    """

    checkpoint: bytes
    steps: int
    seconds: float
    miou: float
    pixel_accuracy: float
    iou: dict[str, float] = field(default_factory=dict)
    training: int = 0
    validation: int = 0
    skipped: tuple[str, ...] = ()
    is_cancelled: bool = False
    is_early: bool = False
