"""``seglabel benchmark``: plain PyTorch against seglabel's path, same weights, one run."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from seglabel.core.cancel import Cancel
from seglabel.core.errors import SegLabelError
from seglabel.core.progress import Progress, ProgressCallback
from seglabel.model.benchmark import VARIANTS

_WARM_UPS = 2


@dataclass
class Result:
    """One contestant: seconds per picture, agreement with the first, peak memory in bytes."""

    variant: str
    title: str
    seconds: list[float] = field(default_factory=list)
    agreement: float = 1.0
    peak: int = 0

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def to_json(self, plain: Result) -> dict[str, Any]:
        return {
            "variant": self.variant,
            "title": self.title,
            "seconds": round(self.median, 4),
            "fastest": round(min(self.seconds), 4),
            "images_per_second": round(1 / self.median, 3),
            "ratio": round(plain.median / self.median, 2),
            "ratio_of_fastest": round(min(plain.seconds) / min(self.seconds), 2),
            "agreement": round(self.agreement, 6),
            "peak_mb": round(self.peak / 1e6),
        }


class Contestant:
    """A process that runs when told to."""

    def __init__(self, variant: str, size: tuple[int, int], source: Sequence[str]) -> None:
        command = [sys.executable, "-m", "seglabel.model.benchmark", variant]
        self._process = subprocess.Popen(
            [*command, *map(str, size), *source],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )
        self.title = str(self._answer()["ready"])

    def __enter__(self) -> Contestant:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def ask(self, line: str) -> dict[str, Any]:
        """Send a line and wait for the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        line = self._process.stdout.readline()
        if not line:
            said = self._process.stderr.read().strip().splitlines()
            raise SegLabelError(said[-1] if said else "a contestant ended without a word")
        answer: dict[str, Any] = json.loads(line)
        return answer


def measure(
    source: Sequence[str],
    size: tuple[int, int],
    variants: Sequence[str],
    rounds: int,
    progress: ProgressCallback,
    cancel: Cancel,
) -> tuple[list[Result], list[str]]:
    """Run the contestants in turn. Returns results, the plain one first, and who could not start.

    ``source`` is ``--model FILE`` or ``--backbone NAME``, ``size`` height and width in pixels.
    """
    contestants: list[Contestant] = []
    results: list[Result] = []
    absent: list[str] = []
    try:
        for variant in variants:
            cancel.raise_if_set()
            try:
                contestant = Contestant(variant, size, source)
            except SegLabelError as error:
                if not results:
                    raise
                absent.append(f"{VARIANTS[variant]}: {error}")
                continue
            contestants.append(contestant)
            results.append(Result(variant, contestant.title))
        _run(contestants, results, rounds, progress, cancel)
        _compare(contestants, results)
    finally:
        for contestant in contestants:
            contestant.__exit__(None, None, None)
    return results, absent


def _run(
    contestants: Sequence[Contestant],
    results: Sequence[Result],
    rounds: int,
    progress: ProgressCallback,
    cancel: Cancel,
) -> None:
    for turn in range(_WARM_UPS + rounds):
        for contestant, result in zip(contestants, results, strict=True):
            cancel.raise_if_set()
            seconds = float(contestant.ask("go")["seconds"])
            if turn >= _WARM_UPS:
                result.seconds.append(seconds)
        progress(Progress(turn + 1, _WARM_UPS + rounds))


def _compare(contestants: Sequence[Contestant], results: Sequence[Result]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        labels = []
        for index, (contestant, result) in enumerate(zip(contestants, results, strict=True)):
            path = Path(folder) / f"{index}.npy"
            contestant.ask(f"labels {path}")
            labels.append(np.load(path))
            result.agreement = float((labels[-1] == labels[0]).mean())
            result.peak = int(contestant.ask("memory")["bytes"])


def table(results: Sequence[Result]) -> str:
    """For people: a row per contestant."""
    plain = results[0]
    head = f"{'':38}  ms/image  fastest  images/s   ratio  labels equal  peak MB"
    rows = [
        f"{VARIANTS[r.variant]:38}  {1e3 * r.median:8.0f}  {1e3 * min(r.seconds):7.0f}  "
        f"{1 / r.median:8.2f}  {plain.median / r.median:5.2f}×  {100 * r.agreement:10.3f} %  "
        f"{r.peak / 1e6:7.0f}"
        for r in results
    ]
    return "\n".join([head, *rows])
