"""What a layout's reader makes of a file."""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import Tensor

from seglabel.core.categories import BACKGROUND, VOID, Category, CategorySet
from seglabel.core.errors import CheckpointError
from seglabel.core.palettes import voc_color
from seglabel.core.templates import CITYSCAPES, VOC
from seglabel.model.architecture import Architecture
from seglabel.model.checkpoint import IMAGENET_MEAN, IMAGENET_STD, ModelSpec
from seglabel.model.raw_checkpoint import RawCheckpoint

Triple = tuple[float, float, float]
Labels = tuple[CategorySet, tuple[int, ...]]
"""Categories, and the category id of each score channel."""


@dataclass(frozen=True)
class Draft:
    """A file understood. ``sources`` says of each fact how it is known, by the fact's name."""

    architecture: Architecture
    state: dict[str, Tensor]
    mean: Triple = IMAGENET_MEAN
    std: Triple = IMAGENET_STD
    labels: Labels | None = None
    sources: dict[str, str] = field(default_factory=dict)

    def spec(self, raw: RawCheckpoint) -> ModelSpec:
        """What the checkpoint means. Raises CheckpointError that names the file."""
        try:
            categories, channels = self.labels or guess_labels(self.architecture.outputs)
            return ModelSpec(
                self.architecture, categories, channels, self.mean, self.std, pads=False
            )
        except CheckpointError as error:
            raise CheckpointError(f"{raw.path}: {error}") from error


def guess_labels(outputs: int) -> Labels:
    """Categories of a file that names none: well-known sets by their size, else numbers."""
    if outputs == len(VOC) + 1:
        return VOC, (BACKGROUND, *VOC.ids)
    if outputs == len(CITYSCAPES):
        return CITYSCAPES, CITYSCAPES.ids
    if not 1 <= outputs <= VOID:
        raise CheckpointError(f"{outputs} output channels; a label map holds 1–{VOID}")
    numbered = tuple(Category(i, f"category {i}", voc_color(i)) for i in range(1, outputs))
    return CategorySet(numbered), (BACKGROUND, *(c.id for c in numbered))


def named_labels(names: list[str], colors: list[tuple[int, int, int]] | None = None) -> Labels:
    """Categories from a list of channel names; a first one called background is id 0."""
    has_background = bool(names) and names[0].strip().casefold() in ("background", "__background__")
    first = 0 if has_background else 1
    categories = []
    for index, name in enumerate(names):
        if index == 0 and has_background:
            continue
        color = colors[index] if colors is not None else voc_color(index + first)
        categories.append(Category(index + first, " ".join(name.split()), color))
    labels = CategorySet(
        tuple(categories),
        background=names[0] if has_background else "not labelled",
        background_is_void=not has_background,
    )
    return labels, ((BACKGROUND, *labels.ids) if has_background else labels.ids)
