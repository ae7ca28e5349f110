"""How good a network is on the held-back images, shared out among the processes."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from seglabel.core.errors import failure
from seglabel.core.metrics import Confusion
from seglabel.core.samples import Sample
from seglabel.model.checkpoint import ModelSpec
from seglabel.model.deeplabv3plus import DeepLabV3Plus
from seglabel.model.devices import Device
from seglabel.model.learning.crew import Crew
from seglabel.model.segmenter import Segmenter


@dataclass(frozen=True)
class Verdict:
    """Scores on the held-back images; NaN and empty where none of them judges anything."""

    miou: float = float("nan")
    pixel_accuracy: float = float("nan")
    iou: dict[str, float] | None = None

    @property
    def is_known(self) -> bool:
        return not math.isnan(self.miou)

    def beats(self, other: Verdict) -> bool:
        """Whether it is better; where nothing judges, what is newer is."""
        return not self.miou <= other.miou

    def to_json(self) -> dict[str, Any]:
        return {"miou": self.miou, "pixel_accuracy": self.pixel_accuracy, "iou": self.iou}


class Judge:
    """Judges networks. Images that cannot be read are left out; ``skipped`` says why."""

    def __init__(
        self, samples: Sequence[Sample], spec: ModelSpec, device: Device, crew: Crew
    ) -> None:
        self._samples = list(samples)
        self._spec, self._device, self._crew = spec, device, crew
        self.skipped: list[str] = []

    def __len__(self) -> int:
        return len(self._samples)

    def judge(self, net: DeepLabV3Plus) -> Verdict:
        if not self._samples:
            return Verdict()
        segmenter = Segmenter(
            copy.deepcopy(net), self._spec, name="validation", digest="", device=self._device
        )
        confusion = Confusion()
        broken: dict[str, str] = {}
        for sample in self._samples[self._crew.rank :: self._crew.size]:
            try:
                picture, labels = sample.load()
            except Exception as problem:  # noqa: BLE001 - whatever a damaged file makes readers raise
                broken[sample.name] = failure(sample.name, problem)
                continue
            confusion.add(labels, segmenter.propose(picture).labels)
        confusion.counts = self._crew.sum(torch.from_numpy(confusion.counts)).cpu().numpy()
        for found in self._crew.gathered(broken):
            self._samples = [sample for sample in self._samples if sample.name not in found]
            self.skipped += found.values()
        scores = confusion.scores(self._spec.channels)
        name_of = self._spec.categories.name_of
        by_name = {name_of(i): round(value, 4) for i, value in scores.iou.items()}
        return Verdict(scores.miou, scores.pixel_accuracy, by_name)
