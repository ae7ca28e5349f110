"""What the backbone says of crops, computed once and learned from many times."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from seglabel.model.learning.feeder import NumberedCrops

_CACHE_BYTES = 512 << 20

Kept = tuple[Tensor, Tensor, Tensor]


class FeatureCache:
    """Features of crops in memory, as many as fit into ``limit`` bytes, in half precision.

    ``compute`` gives low-level (N, C, h, w) and high-level (N, D, h, w) features of pictures
    (N, 3, H, W) in [0, 1]. Steps take new crops until as many were met as fit; from then on those
    come again, mixed anew each time. Which ones follows from the step alone.
    """

    def __init__(
        self,
        compute: Callable[[Tensor], tuple[Tensor, Tensor]],
        crops: NumberedCrops,
        batch: int,
        *,
        rank: int = 0,
        ranks: int = 1,
        limit: int = _CACHE_BYTES,
    ) -> None:
        self._compute, self._crops, self._batch = compute, crops, batch
        self._rank, self._ranks = rank, ranks
        self._limit = limit
        self._kept: dict[int, Kept] = {}

    def next(self, step: int) -> tuple[Tensor, Tensor, Tensor]:
        """Float32 features and uint8 targets (N, H, W) of one step."""
        numbers = self._numbers(step)
        missing = sorted(set(numbers) - set(self._kept))
        if missing:
            self._take(missing)
        low, high, targets = (
            torch.cat([self._kept[number][part] for number in numbers]) for part in range(3)
        )
        return low.float(), high.float(), targets

    def _numbers(self, step: int) -> list[int]:
        """Of the crops of one step: this process's part of all."""
        whole = self._batch * self._ranks
        if not self._kept:
            self._take([self._rank * self._batch])  # tells how much room a crop needs
        numbers = range(step * whole, (step + 1) * whole)
        if numbers.stop > self._room:
            generator = np.random.default_rng((*self._crops.seed, step))
            numbers = generator.choice(self._room, whole, replace=whole > self._room).tolist()
        return list(numbers[self._rank * self._batch : (self._rank + 1) * self._batch])

    @property
    def _room(self) -> int:
        one = next(iter(self._kept.values()))
        return max(self._limit // sum(part.nbytes for part in one), 1)

    def _take(self, numbers: list[int]) -> None:
        pictures, targets = self._crops.make(numbers)
        with torch.no_grad():
            low, high = self._compute(pictures)
        for index, number in enumerate(numbers):
            only = slice(index, index + 1)
            # Cloned, or each would keep the whole batch alive.
            self._kept[number] = (
                low[only].half().clone(),
                high[only].half().clone(),
                targets[only].clone(),
            )
