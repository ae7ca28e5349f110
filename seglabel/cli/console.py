"""What a command says: sentences and a progress bar for people, JSON lines for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from tqdm import tqdm

from seglabel.core.progress import Progress

DONE, SOME_FAILED, REFUSED, CANCELLED = 0, 1, 2, 130
"""Exit codes."""


class Console:
    """People read stderr; with ``as_json``, programs read one JSON object a line on stdout."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._stdout = sys.stdout  # where it leads now, whatever libraries print later
        self._bar: tqdm[Any] | None = None

    def __enter__(self) -> Console:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close_bar()

    def say(self, sentence: str) -> None:
        """A sentence for the person."""
        self._close_bar()
        print(sentence, file=sys.stderr, flush=True)

    def result(self, data: dict[str, Any], *sentences: str) -> None:
        """How it ended: ``data`` for programs, ``sentences`` for people."""
        self._close_bar()
        if self._as_json:
            self._print_json({"event": "result", **data})
        for sentence in sentences:
            self.say(sentence)

    def output(self, text: str) -> None:
        """What was asked for, on stdout."""
        self._close_bar()
        print(text, file=self._stdout, flush=True)

    def output_json(self, data: dict[str, Any]) -> None:
        """One object of what was asked for, as a line on stdout."""
        self._close_bar()
        self._print_json(data)

    def progress(self, progress: Progress) -> None:
        """One step of a job. What failed is said to people once, at the end."""
        if self._as_json:
            self._print_json(progress.to_json())
            return
        if self._bar is None:
            # Without a terminal a bar would only fill a log file.
            self._bar = tqdm(
                total=progress.total or None, file=sys.stderr, dynamic_ncols=True, disable=None
            )
        self._bar.update(progress.done - self._bar.n)
        if progress.values:
            shown = {k: v for k, v in progress.values.items() if isinstance(v, float | int)}
            self._bar.set_postfix(shown)

    def _print_json(self, data: dict[str, Any]) -> None:
        print(
            json.dumps(data), file=self._stdout, flush=True
        )  # only ASCII: no pipe's encoding can fail on it

    def _close_bar(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def failures(messages: Sequence[str]) -> list[str]:
    """What failed, in sentences for the end."""
    if not messages:
        return []
    return [f"{len(messages)} images failed:", *(f"  {message}" for message in messages)]
