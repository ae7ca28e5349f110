"""Batches of crops, made on threads of their own while the network computes."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType

import numpy as np
import torch
from torch import Tensor

from seglabel.model.learning.crops import CropRules, Pool

_AHEAD = 4

Batch = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class NumberedCrops:
    """Endlessly many crops, each of which follows from ``seed`` and its number alone."""

    pool: Pool
    rules: CropRules
    seed: tuple[int, ...]

    def make(self, numbers: Sequence[int]) -> Batch:
        """Float32 pictures (N, 3, H, W) in [0, 1] and uint8 channel indices (N, H, W)."""
        crops = [
            self.pool.crop(self.rules, np.random.default_rng((*self.seed, number)))
            for number in numbers
        ]
        pictures = np.stack([picture for picture, _ in crops])
        targets = np.stack([labels for _, labels in crops])
        return torch.from_numpy(pictures).permute(0, 3, 1, 2), torch.from_numpy(targets)


class Feeder:
    """A context that hands out batches of crops in the order of their numbers.

    The sequence may be entered at any batch, the ``first``. Of several processes, each of which
    has a ``rank``, every one gets its part of what one alone would get as a larger batch.
    """

    def __init__(
        self,
        crops: NumberedCrops,
        batch: int,
        *,
        first: int = 0,
        threads: int = 1,
        rank: int = 0,
        ranks: int = 1,
    ) -> None:
        self._crops, self._batch, self._next = crops, batch, first
        self._rank, self._ranks = rank, ranks
        self._threads = ThreadPoolExecutor(threads, "crops")
        self._ahead: deque[Future[Batch]] = deque()

    def __enter__(self) -> Feeder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._threads.shutdown(cancel_futures=True)

    def next(self) -> Batch:
        """The next batch. Raises what went wrong while it was made."""
        while len(self._ahead) < _AHEAD:
            begin = (self._next * self._ranks + self._rank) * self._batch
            numbers = range(begin, begin + self._batch)
            self._ahead.append(self._threads.submit(self._crops.make, numbers))
            self._next += 1
        return self._ahead.popleft().result()
