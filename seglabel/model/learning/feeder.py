"""Batches of crops, made on threads of their own while the network computes."""

from __future__ import annotations

import queue
import threading
from types import TracebackType

import numpy as np
import torch
from torch import Tensor

from seglabel.model.learning.crops import CropRules, Pool

_AHEAD = 4
_WAIT_S = 0.2


class Feeder:
    """A context that hands out (N, 3, H, W) float32 batches in [0, 1] and (N, H, W) int64 targets.

    With one thread the sequence of batches follows from ``seed`` alone.
    """

    def __init__(
        self, pool: Pool, rules: CropRules, batch: int, *, seed: int, threads: int = 1
    ) -> None:
        self._pool, self._rules, self._batch = pool, rules, batch
        self._queue: queue.Queue[tuple[Tensor, Tensor] | Exception] = queue.Queue(_AHEAD)
        self._stop = threading.Event()
        seeds = np.random.SeedSequence(seed).spawn(threads)
        self._threads = [
            threading.Thread(
                target=self._run, args=(np.random.default_rng(s),), name="crops", daemon=True
            )
            for s in seeds
        ]

    def __enter__(self) -> Feeder:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def next(self) -> tuple[Tensor, Tensor]:
        """The next batch. Raises what went wrong while it was made."""
        item = self._queue.get()
        if isinstance(item, Exception):
            raise item
        return item

    def _run(self, generator: np.random.Generator) -> None:
        while not self._stop.is_set():
            item: tuple[Tensor, Tensor] | Exception
            try:
                item = self._make(generator)
            except Exception as error:  # noqa: BLE001 - raised again where the batch is wanted
                item = error
            while not self._stop.is_set():
                try:
                    self._queue.put(item, timeout=_WAIT_S)
                    break
                except queue.Full:
                    continue

    def _make(self, generator: np.random.Generator) -> tuple[Tensor, Tensor]:
        crops = [self._pool.crop(self._rules, generator) for _ in range(self._batch)]
        pictures = np.stack([picture for picture, _ in crops])
        targets = np.stack([labels for _, labels in crops]).astype(np.int64)
        return torch.from_numpy(pictures).permute(0, 3, 1, 2), torch.from_numpy(targets)
