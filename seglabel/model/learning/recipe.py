"""The numbers of a training, and in which stages it goes."""

from __future__ import annotations

from dataclasses import dataclass

CLASSIFIER, DECODER, NETWORK = "classifier", "decoder", "network"
"""Names of the stages."""

_TINY_SECONDS = 75.0
_TINY_STEPS = 60
_HEAD_SECONDS = 60.0
_BRIEF_SECONDS = 240.0
_BRIEF_STEPS = 200


@dataclass(frozen=True, slots=True)
class Recipe:
    """The numbers of a training.

    ``crop`` is in pixels, ``scales`` are the smallest and the largest that crops are resized by.
    ``rate`` is the highest learning rate of AdamW, of which the backbone gets ``backbone_share``;
    ``warm_up`` is the share of the training in which it is reached, anew in each stage.
    ``category_weight_power`` says how much more rare categories count, ``overlap`` the weight of
    the loss that is their IoU beside the one per pixel. ``jitter`` and ``mixed`` are those of
    :class:`~seglabel.model.learning.crops.CropRules`.
    """

    crop: int
    batch: int
    rate: float = 1e-3
    backbone_share: float = 0.4
    weight_decay: float = 1e-2
    warm_up: float = 0.03
    category_weight_power: float = 0.25
    overlap: float = 0.5
    scales: tuple[float, float] = (0.5, 2.0)
    jitter: float = 0.3
    mixed: float = 0.0


CPU_RECIPE = Recipe(crop=384, batch=4)
GPU_RECIPE = Recipe(crop=512, batch=8)
BRIEF_RECIPE = Recipe(crop=256, batch=4)
"""For a few minutes on a CPU, where twice as many steps are worth more than larger crops."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the training, which ends when a share ``until`` of all of it is over.

    ``parts`` of the network learn, the others stay as they are. ``cached``: the backbone is among
    those, and what it says of a crop is computed once and used many times.
    """

    name: str
    parts: tuple[str, ...]
    until: float
    cached: bool


@dataclass(frozen=True, slots=True)
class Length:
    """How long a training lasts: ``seconds``, or a number of ``steps``."""

    seconds: float | None
    steps: int | None

    @property
    def is_tiny(self) -> bool:
        """Too short for a CPU to move the backbone to any avail."""
        return self._is_below(_TINY_SECONDS, _TINY_STEPS)

    @property
    def is_brief(self) -> bool:
        return self._is_below(_BRIEF_SECONDS, _BRIEF_STEPS)

    @property
    def share_of_head(self) -> float:
        """How much of a CPU's time the head alone is worth: a minute, but no more than half."""
        if self.seconds is None:
            return 0.2
        return min(max(_HEAD_SECONDS / self.seconds, 0.1), 0.5)

    @property
    def looks(self) -> int:
        """How often the held-back images are looked at on the way, which takes time too."""
        return 5 if self.is_brief else 10

    def _is_below(self, seconds: float, steps: int) -> bool:
        if self.steps is not None:
            return self.steps <= steps
        return (self.seconds or 0) <= seconds


def usual_recipe(length: Length, *, is_cpu: bool) -> Recipe:
    """The numbers that suit the device."""
    if not is_cpu:
        return GPU_RECIPE
    return BRIEF_RECIPE if length.is_brief else CPU_RECIPE


def plan(
    length: Length, *, is_cpu: bool, has_new_head: bool, has_new_categories: bool
) -> tuple[Stage, ...]:
    """The stages of a training.

    Where a model is gone on from that lacks a category, its row of the classifier is learned first,
    before its random numbers harm what lies below. A head that is all new learns on what the
    backbone knows already, which costs a CPU a third of a whole step; nothing but that where there
    is hardly time.
    """
    stages = []
    if has_new_categories and not has_new_head:
        stages.append(Stage(CLASSIFIER, ("classifier",), 0.05, cached=True))
    head = ("aspp", "decoder", "classifier")
    if is_cpu and length.is_tiny:
        return (*stages, Stage(DECODER, head, 1.0, cached=True))
    if has_new_head:
        stages.append(Stage(DECODER, head, length.share_of_head if is_cpu else 0.05, cached=True))
    return (*stages, Stage(NETWORK, ("backbone", *head), 1.0, cached=False))
