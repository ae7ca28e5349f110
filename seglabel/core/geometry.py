"""Rectangles of pixels."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Region:
    """Half-open pixel rectangle: rows ``top … bottom − 1``, columns ``left … right − 1``."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def whole(cls, shape: tuple[int, ...]) -> Region:
        """The region that covers an array of ``shape`` (H, W, …)."""
        return cls(0, 0, shape[0], shape[1])

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def area(self) -> int:
        return max(self.height, 0) * max(self.width, 0)

    @property
    def is_empty(self) -> bool:
        return self.bottom <= self.top or self.right <= self.left

    @property
    def slices(self) -> tuple[slice, slice]:
        """Index of a numpy array (H, W, …)."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def __and__(self, other: Region) -> Region:
        """The part in common; may be empty."""
        return Region(
            max(self.top, other.top),
            max(self.left, other.left),
            min(self.bottom, other.bottom),
            min(self.right, other.right),
        )

    def __or__(self, other: Region) -> Region:
        """The smallest region that holds both."""
        return Region(
            min(self.top, other.top),
            min(self.left, other.left),
            max(self.bottom, other.bottom),
            max(self.right, other.right),
        )

    def grown(self, margin: int) -> Region:
        """Larger by ``margin`` pixels on every side."""
        return Region(
            self.top - margin, self.left - margin, self.bottom + margin, self.right + margin
        )

    def clipped(self, shape: tuple[int, ...]) -> Region:
        """The part inside an array of ``shape`` (H, W, …)."""
        return self & Region.whole(shape)

    def relative_to(self, origin: Region) -> Region:
        """The same pixels, counted from the top left corner of ``origin``."""
        return Region(
            self.top - origin.top,
            self.left - origin.left,
            self.bottom - origin.top,
            self.right - origin.left,
        )

    def contains(self, y: float, x: float) -> bool:
        return self.top <= y < self.bottom and self.left <= x < self.right


def union(first: Region | None, second: Region | None) -> Region | None:
    """The smallest region that holds both, where ``None`` means nothing."""
    if first is None or second is None:
        return second if first is None else first
    return first | second
