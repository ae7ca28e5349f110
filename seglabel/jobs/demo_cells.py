"""Pictures of cell nuclei as a microscope might show them, drawn here with their exact truth."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from seglabel.core.categories import Category, CategorySet

NUCLEUS = 1
CELL_CATEGORIES = CategorySet((Category(NUCLEUS, "nucleus", (76, 201, 240), is_thing=True),))

_Field = NDArray[np.float32]
_SUPERSAMPLED = 8  # fixed-point bits with which OpenCV draws outlines
_TRIES = 40  # places tried for each nucleus before the picture counts as full
_TOUCHING = 0.35  # of the nuclei lie against another one
_SEEN = 0.75  # of a nucleus at least that others must leave free


@dataclass(frozen=True, eq=False)
class CellPicture:
    """``picture`` uint8 RGB (H, W, 3); ``labels`` uint8 (H, W), 0 or NUCLEUS; ``instances`` uint16
    (H, W), 0 or the number of the nucleus, from 1 on without a gap."""

    picture: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    instances: NDArray[np.uint16]


def draw_cells(count: int, seed: int, size: tuple[int, int] = (360, 480)) -> CellPicture:
    """Up to ``count`` nuclei (as many as fit) in a picture of ``size`` (height, width).

    They differ in size, shape and brightness, and about a third touches another one. Whether they
    glow on black or are stained on a pale ground follows from ``seed``, as everything does.
    """
    generator = np.random.default_rng(seed)
    instances = _placed(count, size, generator)
    shown = _density(instances, generator)
    picture = _stained(shown, generator) if generator.random() < 0.5 else _glowing(shown, generator)
    blurred = cv2.GaussianBlur(picture, (0, 0), float(generator.uniform(0.7, 1.4)))
    noise = generator.normal(0, generator.uniform(1.5, 5), (*size, 1))
    labels = np.where(instances > 0, np.uint8(NUCLEUS), np.uint8(0))
    return CellPicture(np.clip(blurred + noise, 0, 255).astype(np.uint8), labels, instances)


def _placed(
    count: int, size: tuple[int, int], generator: np.random.Generator
) -> NDArray[np.uint16]:
    """Numbered nuclei of similar size, none over another."""
    height, width = size
    instances = np.zeros(size, np.uint16)
    usual = generator.uniform(9, 17)
    centers: list[tuple[NDArray[np.float64], float]] = []
    for _ in range(count):
        radius = usual * generator.lognormal(0, 0.18)
        touches = bool(centers) and generator.random() < _TOUCHING
        for _ in range(_TRIES):
            if touches:
                beside, reach = centers[generator.integers(len(centers))]
                turn = generator.uniform(0, 2 * np.pi)
                away = 0.95 * (reach + radius) * np.array((np.cos(turn), np.sin(turn)))
                center = beside + away
            else:
                center = generator.uniform((0, 0), (width, height))
            mask = _filled(_outline(center, radius, generator), size)
            area = np.count_nonzero(mask)
            free = mask & (instances == 0)
            if area and np.count_nonzero(free) >= (_SEEN if touches else 1) * area:
                instances[_largest_part(free)] = len(centers) + 1
                centers.append((center, radius))
                break
        else:
            break
    return instances


def _outline(
    center: NDArray[np.float64], radius: float, generator: np.random.Generator
) -> NDArray[np.float64]:
    """A slightly wavy ellipse around ``center``, (n, 2) of (x, y)."""
    turns = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    longer = generator.uniform(1.0, 1.5) ** 0.5
    wave = np.ones_like(turns)
    for order in (2, 3, 4):
        wave += 0.03 * generator.normal() * np.cos(order * turns + generator.uniform(0, 2 * np.pi))
    ellipse = np.stack([longer * np.cos(turns), np.sin(turns) / longer], axis=1)
    angle = generator.uniform(0, np.pi)
    turned = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return center + radius * wave[:, None] * (ellipse @ turned)


def _filled(outline: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.bool_]:
    canvas = np.zeros(size, np.uint8)
    points = np.rint(outline * (1 << _SUPERSAMPLED)).astype(np.int32)
    cv2.fillPoly(canvas, [points], 1, cv2.LINE_8, _SUPERSAMPLED)
    return canvas.astype(np.bool_)


def _largest_part(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A nucleus is one piece, also where others cut it."""
    _, numbered, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    return np.asarray(numbered == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])))


def _density(instances: NDArray[np.uint16], generator: np.random.Generator) -> _Field:
    """How much of the dye lies at each pixel, 0 to about 1, float32 (H, W)."""
    strength = generator.uniform(0.55, 1.0, int(instances.max()) + 1).astype(np.float32)
    strength[0] = 0
    # A nucleus is thinner at its rim, and where two touch there are two rims.
    depth = np.zeros(instances.shape, np.float32)
    for number in range(1, len(strength)):
        mask = instances == number
        inside = cv2.distanceTransform(np.pad(mask, 1).astype(np.uint8), cv2.DIST_L2, 5)
        depth += np.asarray(inside[1:-1, 1:-1], np.float32)
    rounded = 1 - 0.55 * np.exp(-depth / 2.5)
    grain = 1 + 0.12 * _clouds(instances.shape, 2.0, generator)
    return np.asarray(strength[instances] * rounded * grain, np.float32)


def _glowing(density: _Field, generator: np.random.Generator) -> _Field:
    """Fluorescence: grey, or in one colour, on black with a haze around the nuclei."""
    haze = np.asarray(cv2.GaussianBlur(density, (0, 0), 12), np.float32)
    exposure, black = generator.uniform(90, 230), generator.uniform(3, 18)
    grey = black + exposure * (density + 0.12 * haze)
    color = np.ones(3) if generator.random() < 0.6 else np.array((0.25, 0.4, 1.0))
    return np.asarray(grey[..., None] * color, np.float32)


def _stained(density: _Field, generator: np.random.Generator) -> _Field:
    """Light that passes a stained section: each colour is absorbed by the dye (Beer and Lambert)
    and, unevenly, by the tissue around the nuclei."""
    tissue = 0.22 + 0.07 * _clouds((*density.shape,), 18, generator)
    nuclei = np.array((1.0, 1.35, 0.45)) * generator.uniform(0.8, 1.2, 3)
    around = np.array((0.25, 0.75, 0.3)) * generator.uniform(0.8, 1.2, 3)
    absorbed = density[..., None] * nuclei + (np.maximum(tissue, 0))[..., None] * around
    return np.asarray(generator.uniform(232, 250) * np.exp(-absorbed), np.float32)


def _clouds(size: tuple[int, ...], grain: float, generator: np.random.Generator) -> _Field:
    """Smooth noise (H, W) with mean 0 and deviation 1."""
    noise = generator.standard_normal(size).astype(np.float32)
    smooth = np.asarray(cv2.GaussianBlur(noise, (0, 0), grain), np.float32)
    return (smooth - smooth.mean()) / max(float(smooth.std()), 1e-6)
