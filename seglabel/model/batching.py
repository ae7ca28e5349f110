"""How many pictures a GPU is given at once."""

from __future__ import annotations

_LIMIT = 64
_WORTH = 1.05  # a batch twice as large is kept if it makes the pictures so much faster
_TRIES = 3  # of each size; the first may choose algorithms or record kernels


class BatchSize:
    """Grows by doubling while that pays, and settles at what was fastest.

    ``size`` is how many pictures to take next.
    """

    def __init__(self, limit: int = _LIMIT) -> None:
        self.size = 1
        self._limit = limit
        self._best_size, self._best_rate = 1, 0.0
        self._rates: list[float] = []

    def note(self, count: int, seconds: float) -> None:
        """A batch of ``count`` pictures took so long. Other sizes than the current tell nothing."""
        if count != self.size or self.size > self._limit or seconds <= 0:
            return
        self._rates.append(count / seconds)
        if len(self._rates) < _TRIES:
            return
        rate, self._rates = max(self._rates), []
        if self._best_rate and self.size != self._best_size and rate < _WORTH * self._best_rate:
            self.size = self._limit = self._best_size
            return
        self._best_size, self._best_rate = self.size, max(rate, self._best_rate)
        self.size = min(2 * self.size, max(self._limit, self.size))

    def halve(self) -> bool:
        """Memory ran out: never so many again. Returns False if it was one picture alone."""
        if self.size == 1:
            return False
        self.size //= 2
        self._limit = self._best_size = self.size
        self._rates = []
        return True
