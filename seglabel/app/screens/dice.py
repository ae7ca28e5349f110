"""Seeded choices, and the words that a screen is written in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from seglabel.app.screens.words import Language

_T = TypeVar("_T")


@dataclass(frozen=True)
class Dice:
    """Everything random about a screen comes from here, so that a seed fixes the screen."""

    generator: np.random.Generator
    language: Language

    def chance(self, probability: float) -> bool:
        return bool(self.generator.random() < probability)

    def pick(self, choices: Sequence[_T]) -> _T:
        return choices[int(self.generator.integers(len(choices)))]

    def some(self, choices: Sequence[_T], count: int) -> list[_T]:
        """``count`` different ones (or all there are) in random order."""
        order = self.generator.permutation(len(choices))[:count]
        return [choices[int(place)] for place in order]

    def whole(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return int(self.generator.integers(low, high + 1))

    def real(self, low: float, high: float) -> float:
        return float(self.generator.uniform(low, high))

    def caption(self) -> str:
        """What stands on a control: one to three words."""
        return self.pick(self.language.captions)

    def captions(self, count: int) -> list[str]:
        return self.some(self.language.captions, count)

    def phrase(self, low: int = 3, high: int = 9) -> str:
        """Some words in a row."""
        words = [self.pick(self.language.words) for _ in range(self.whole(low, high))]
        return self.language.space.join(words).capitalize()

    def paragraph(self) -> str:
        stop = "。" if not self.language.space else ". "
        return stop.join(self.phrase(4, 12) for _ in range(self.whole(2, 5)))

    def value(self) -> str:
        """What a field or a cell holds: a number, a date, a name."""
        kind = self.whole(0, 5)
        if kind == 0:
            return str(self.whole(0, 9999))
        if kind == 1:
            return f"{self.real(0, 1000):.2f}"
        if kind == 2:
            return f"20{self.whole(10, 39)}-{self.whole(1, 12):02}-{self.whole(1, 28):02}"
        if kind == 3:
            return f"{self.pick(self.language.words)}_{self.whole(1, 99)}.txt"
        return self.phrase(1, 3)
