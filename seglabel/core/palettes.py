"""Colours for categories."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence

Color = tuple[int, int, int]
"""RGB, each 0–255."""

# Dark and light take turns, so that neighbours differ in lightness too and stay apart for people
# who do not tell red from green.
_DEFAULT = (
    "d62839 4cc9f0 1d4ed8 fcbf1e 7b2d8e 7ddf64 0b7a4b ff9ecf a0522d b8a1ff e8590c 5ff2d0 "
    "8d0b41 ffd8a8 3d5a80 d0f25e c2255c a5d8ff 5c6b1f f783ac 4b3fbf ffe066 11708a e599f7"
)
DEFAULT_PALETTE: tuple[Color, ...] = tuple(
    (int(text[:2], 16), int(text[2:4], 16), int(text[4:], 16)) for text in _DEFAULT.split()
)
_GOLDEN_ANGLE = 0.381966  # of a full turn: successive hues stay far apart however many there are


def voc_color(index: int) -> Color:
    """Entry ``index`` (0–255) of Pascal VOC's colour map.

    Bits 0, 1, 2 of the index become bit 7 of red, green, blue; bits 3–5 bit 6; bits 6, 7 bit 5.
    """
    channels = [0, 0, 0]
    for level in range(3):
        for channel in range(3):
            bit = index >> (3 * level + channel) & 1
            channels[channel] |= bit << (7 - level)
    return channels[0], channels[1], channels[2]


def default_color(category_id: int, taken: Sequence[Color] = ()) -> Color:
    """A colour for a new category that none of ``taken`` has; the same whenever asked."""
    size = len(DEFAULT_PALETTE)
    for offset in range(size):
        color = DEFAULT_PALETTE[(category_id - 1 + offset) % size]
        if color not in taken:
            return color
    index = category_id
    while True:
        hue = index * _GOLDEN_ANGLE % 1
        lightness = 0.4 if index % 2 else 0.7
        red, green, blue = (
            round(255 * value) for value in colorsys.hls_to_rgb(hue, lightness, 0.75)
        )
        if (red, green, blue) not in taken:
            return red, green, blue
        index += 1
