"""Pictures for the demo, drawn here: something like stained cells and rods under a microscope."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from seglabel.core.categories import Category, CategorySet

CELL, ROD = 1, 2
DEMO_CATEGORIES = CategorySet(
    (
        Category(CELL, "cell", (123, 45, 142), is_thing=True),
        Category(ROD, "rod", (11, 122, 75), is_thing=True),
    )
)
DEMO_SIZE = (360, 480)
"""Height and width of a demo picture."""

_PAPER = np.array((236, 226, 232), np.float32)
_PLASMA = np.array((214, 168, 202), np.float32)
_NUCLEUS = np.array((112, 72, 148), np.float32)
_ROD = np.array((72, 118, 96), np.float32)


def draw_picture(seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A picture, uint8 RGB (H, W, 3), and its true labels, uint8 (H, W). The same for each seed."""
    generator = np.random.default_rng(seed)
    height, width = DEMO_SIZE
    picture = _PAPER + 14 * _clouds(generator, 40)[:, :, None]
    labels = np.zeros(DEMO_SIZE, np.uint8)
    for _ in range(int(generator.integers(7, 14))):
        center = generator.uniform((0, 0), (width, height))
        _draw_cell(picture, labels, center, generator)
    for _ in range(int(generator.integers(6, 13))):
        center = generator.uniform((0, 0), (width, height))
        _draw_rod(picture, labels, center, generator)
    picture += 5 * _clouds(generator, 3)[:, :, None]
    picture *= _vignette() * generator.uniform(0.9, 1.05)
    blurred = cv2.GaussianBlur(picture, (0, 0), float(generator.uniform(0.6, 1.1)))
    picture = np.asarray(blurred, np.float32)
    picture += generator.normal(0, 3, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8), labels


def _draw_cell(
    picture: NDArray[np.float32],
    labels: NDArray[np.uint8],
    center: NDArray[np.float64],
    generator: np.random.Generator,
) -> None:
    radius = generator.uniform(18, 34)
    outline = _blob(center, radius, generator, roughness=0.12)
    mask = _filled(outline)
    _tint(picture, mask, _PLASMA + generator.normal(0, 6, 3), 0.85)
    offset = generator.uniform(-0.25, 0.25, 2) * radius
    nucleus = _filled(_blob(center + offset, radius * 0.45, generator, roughness=0.08))
    _tint(picture, nucleus & mask, _NUCLEUS + generator.normal(0, 8, 3), 0.9)
    labels[mask] = CELL


def _draw_rod(
    picture: NDArray[np.float32],
    labels: NDArray[np.uint8],
    center: NDArray[np.float64],
    generator: np.random.Generator,
) -> None:
    length, angle = generator.uniform(14, 34), generator.uniform(0, np.pi)
    half = np.array((np.cos(angle), np.sin(angle))) * length / 2
    canvas = np.zeros(DEMO_SIZE, np.uint8)
    first, last = np.rint(center - half).astype(int), np.rint(center + half).astype(int)
    thickness = int(generator.integers(6, 10))
    cv2.line(canvas, first.tolist(), last.tolist(), 1, thickness, cv2.LINE_8)
    mask = canvas.astype(np.bool_)
    _tint(picture, mask, _ROD + generator.normal(0, 8, 3), 0.9)
    labels[mask] = ROD


def _blob(
    center: NDArray[np.float64], radius: float, generator: np.random.Generator, *, roughness: float
) -> NDArray[np.int32]:
    """A closed, slightly wavy outline around ``center`` (x, y), int32 (n, 2)."""
    turns = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    wave = np.ones_like(turns)
    for order in (2, 3, 5):
        phase = generator.uniform(0, 2 * np.pi)
        wave += roughness * generator.normal() / order * np.cos(order * turns + phase)
    points = center + radius * wave[:, None] * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    return np.rint(points).astype(np.int32)


def _filled(outline: NDArray[np.int32]) -> NDArray[np.bool_]:
    canvas = np.zeros(DEMO_SIZE, np.uint8)
    cv2.fillPoly(canvas, [outline], 1)
    return canvas.astype(np.bool_)


def _tint(
    picture: NDArray[np.float32],
    mask: NDArray[np.bool_],
    color: NDArray[np.floating],
    strength: float,
) -> None:
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.0)[:, :, None] * strength
    picture += soft * (color.astype(np.float32) - picture)


def _clouds(generator: np.random.Generator, grain: float) -> NDArray[np.float32]:
    """Smooth noise (H, W) with mean 0 and deviation 1."""
    noise = generator.standard_normal(DEMO_SIZE).astype(np.float32)
    smooth = np.asarray(cv2.GaussianBlur(noise, (0, 0), grain), np.float32)
    return (smooth - smooth.mean()) / max(float(smooth.std()), 1e-6)


def _vignette() -> NDArray[np.float32]:
    height, width = DEMO_SIZE
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return (1 - 0.12 * (x**2 + y**2)).astype(np.float32)[:, :, None]
