"""Turns labelled images into a checkpoint."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from seglabel.core.cancel import Cancel
from seglabel.core.categories import VOID, CategorySet
from seglabel.core.errors import TrainingError
from seglabel.core.progress import Progress, ProgressCallback
from seglabel.core.samples import Learned, Resume, Sample
from seglabel.model.contrast import spread
from seglabel.model.devices import choose_device
from seglabel.model.learning.crew import Crew
from seglabel.model.learning.crops import Pool
from seglabel.model.learning.judge import Judge
from seglabel.model.learning.recipe import Length, Recipe, plan, usual_recipe
from seglabel.model.learning.run import Run, Talk, Task
from seglabel.model.learning.start import Start, from_checkpoint, from_imagenet
from seglabel.model.learning.state import TrainingState

_DEFAULT_SECONDS = 600.0


class DeepLabLearner:
    """Trains a DeepLabv3+ for ``seconds`` or for a number of ``steps``.

    ``recipe`` replaces the numbers that suit the device, ``clock`` what seconds are. ``width`` is
    the number of channels of the ASPP and the decoder, unless it goes on from ``init``. Under
    ``torchrun`` several processes learn together; the first one tells and keeps.
    """

    def __init__(
        self,
        *,
        backbone: str = "efficientnet_lite0",
        init: Path | None = None,
        seconds: float | None = None,
        steps: int | None = None,
        seed: int = 0,
        device: str = "auto",
        recipe: Recipe | None = None,
        width: int = 256,
        say: Callable[[str], None] = lambda sentence: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if steps is not None and steps < 1:
            raise TrainingError(f"steps: expected at least 1, found {steps}")
        if seconds is not None and seconds <= 0:
            raise TrainingError(f"seconds: expected more than 0, found {seconds}")
        if not 0 <= seed < 1 << 63:
            raise TrainingError(f"seed: expected a number from 0 on, found {seed}")
        self._backbone = backbone
        self._init = init
        self._width = width
        self._length = Length(None if steps is not None else seconds or _DEFAULT_SECONDS, steps)
        self._seed = seed
        self._device = choose_device(device)
        self._recipe = recipe or usual_recipe(self._length, is_cpu=self._device.type == "cpu")
        self._say = say
        self._clock = clock

    def learn(
        self,
        training: Sequence[Sample],
        validation: Sequence[Sample],
        categories: CategorySet,
        progress: ProgressCallback,
        cancel: Cancel,
        keep: Callable[[bytes], None] = lambda checkpoint: None,
        resume: Resume | None = None,
    ) -> Learned:
        """Train and return the best checkpoint seen. Raises TrainingError or Cancelled.

        ``keep`` gets each checkpoint that is the best so far, ``resume`` now and then all that is
        needed to go on after an end by force. Every step is told with its ``loss``, the ``stage``
        and which ``share`` of the training is over; with each look at the validation images come
        their ``miou`` and ``iou`` by name.
        """
        begin = self._clock()
        crew = Crew.join(self._device)
        talk = Talk(self._say if crew.leads else _silent, progress if crew.leads else _ignore, keep)
        resume = resume or Resume()
        try:
            run = self._prepare(training, validation, categories, crew, talk, begin)
            if resume.state is not None:
                try:
                    run.restore(TrainingState.decode(resume.state))
                except TrainingError as error:
                    talk.say(f"starting anew, because {error}")
                    run = self._prepare(training, validation, categories, crew, talk, begin)
            return run.train(cancel, resume)
        finally:
            crew.leave()

    def _prepare(
        self,
        training: Sequence[Sample],
        validation: Sequence[Sample],
        categories: CategorySet,
        crew: Crew,
        talk: Talk,
        begin: float,
    ) -> Run:
        torch.manual_seed(self._seed)
        start = self._start(categories, talk.say)
        pool = self._pool(training, start)
        together = f", {crew.size} processes together" if crew.size > 1 else ""
        talk.say(
            f"learning {len(start.spec.channels)} categories from {len(pool)} images "
            f"on {self._device.reason}{together}"
        )
        if crew.size > 1:
            torch.manual_seed(self._seed + crew.rank)  # different dropout, equal weights
        stages = plan(
            self._length,
            is_cpu=self._device.type == "cpu",
            has_new_head=start.has_new_head,
            has_new_categories=start.unknown > 0,
        )
        return Run(
            start.net,
            Task(
                start.spec,
                pool,
                Judge(validation, start.spec, self._device, crew),
                self._recipe,
                stages,
                self._length,
                self._device,
                crew,
                self._seed,
                talk,
                self._clock,
                begin,
                start.has_new_head,
            ),
        )

    def _start(self, categories: CategorySet, say: Callable[[str], None]) -> Start:
        if self._init is not None:
            return from_checkpoint(self._init, categories)
        return from_imagenet(self._backbone, categories, say, self._width)

    def _pool(self, training: Sequence[Sample], start: Start) -> Pool:
        channels = start.spec.channels
        table = np.full(256, VOID, np.uint8)
        table[list(channels)] = np.arange(len(channels), dtype=np.uint8)
        if start.spec.spreads:
            training = [_spread(sample) for sample in training]
        pool = Pool(training, table, len(channels))
        if not pool.pixels.any():
            reason = f"; {pool.skipped[0]}" if pool.skipped else ""
            raise TrainingError(
                f"the labelled images hold no pixel of any category to learn{reason}"
            )
        return pool


def _spread(sample: Sample) -> Sample:
    """The same with the picture as the model will see it."""

    def load() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        picture, labels = sample.load()
        return spread(picture), labels

    return Sample(sample.name, load)


def _silent(sentence: str) -> None:
    del sentence


def _ignore(progress: Progress) -> None:
    del progress
