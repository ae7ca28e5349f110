"""``seglabel`` with a learner that needs no network and no time: what it writes is as real.

A checkpoint holds the sum of its weights, so that half of one is known as such.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save

from seglabel.core.cancel import Cancel
from seglabel.core.categories import CategorySet
from seglabel.core.errors import TrainingError
from seglabel.core.progress import Progress, ProgressCallback
from seglabel.core.samples import Learned, Resume, Sample

STEPS = 24
_KEEPS_STATE, _KEEPS_BEST = 3, 5


def checkpoint_of(step: int) -> bytes:
    weights = np.random.default_rng(step).integers(0, 1 << 30, 50_000)
    return save({"weights": weights, "sum": weights.sum(keepdims=True)})


def is_whole(path: Path) -> bool:
    found = load_file(path)
    return bool(found["weights"].sum() == found["sum"][0])


class Pupil:
    """Looks at every sample in each step, as a network would; goes on where it was ended."""

    def __init__(self, **choices: Any) -> None:
        del choices

    def learn(
        self,
        training: Sequence[Sample],
        validation: Sequence[Sample],
        categories: CategorySet,
        progress: ProgressCallback,
        cancel: Cancel,
        keep: Callable[[bytes], None],
        resume: Resume,
    ) -> Learned:
        first = 1 if resume.state is None else _step_of(resume.state)
        step = first
        for step in range(first, STEPS + 1):
            if cancel.is_set:
                break
            for sample in training:
                sample.load()
            if step % _KEEPS_STATE == 0:
                resume.keep(f"step {step} ".encode() * 9000, step / STEPS)
            if step % _KEEPS_BEST == 0:
                keep(checkpoint_of(step))
            progress(Progress(step, STEPS, values={"loss": 1 / step, "share": step / STEPS}))
        return Learned(
            checkpoint_of(STEPS),
            step,
            1.0,
            float("nan"),
            float("nan"),
            training=len(training),
            validation=len(validation),
            is_cancelled=cancel.is_set,
        )


def _step_of(state: bytes) -> int:
    word = state.split(b" ")[1]
    if state != b"step %s " % word * 9000:
        raise TrainingError("the state to go on from is damaged")
    return int(word)


def main() -> int:
    learning = types.ModuleType("seglabel.model.learning")
    learning.DeepLabLearner = Pupil  # type: ignore[attr-defined]
    sys.modules["seglabel.model.learning"] = learning
    from seglabel.__main__ import main

    return main()


if __name__ == "__main__":
    sys.exit(main())
