"""All of a training that has to survive the end of its process."""

from __future__ import annotations

import io
from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor

from seglabel.core.errors import TrainingError


@dataclass
class TrainingState:
    """Where a training stands, between two steps.

    ``stage`` is the number of the stage, ``step`` counts steps of the training, ``stage_step``
    those of the stage, which began at ``stage_begin``; ``share`` of all is over (0 to 1 both),
    ``elapsed`` is in seconds.
    ``looks`` at the held-back images were taken, the last ``misses`` of them in vain. ``net``,
    ``average``, ``optimizer`` and ``scaler`` are state dicts, ``random`` is PyTorch's generator.
    ``best`` is the best checkpoint as uint8, judged by ``verdict``.
    """

    stage: int
    step: int
    stage_step: int
    stage_begin: float
    share: float
    elapsed: float
    looks: int
    misses: int
    net: dict[str, Tensor]
    average: dict[str, Tensor]
    optimizer: dict[str, Any]
    scaler: dict[str, Any]
    random: Tensor
    best: Tensor | None
    verdict: dict[str, Any]

    def encode(self) -> bytes:
        buffer = io.BytesIO()
        torch.save({name: getattr(self, name) for name in _NAMES}, buffer)
        return buffer.getvalue()

    @classmethod
    def decode(cls, data: bytes) -> TrainingState:
        """Raises TrainingError if ``data`` is not what :meth:`encode` gave."""
        try:
            # Tensors, numbers and names alone: no code is run.
            found = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
            return cls(**found)
        except Exception as error:  # whatever a damaged file makes the reader raise
            raise TrainingError(f"what was kept of the training is damaged: {error}") from error


_NAMES = tuple(field.name for field in fields(TrainingState))
