"""The guided tour: its steps, and how far a person is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from seglabel.tools.options import QT_TRANSLATE_NOOP

CONTEXT = "tour"
"""Of the texts, for the translator."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. ``{name}`` in the text stands for the key of the action ``name``.

    ``actions``: the first of them that can be done is what a button offers.
    """

    key: str
    title: str
    text: str
    actions: tuple[str, ...]


PROPOSE = Step(
    "propose",
    QT_TRANSLATE_NOOP("tour", "Propose"),
    QT_TRANSLATE_NOOP(
        "tour",
        "Let the model label the image ({propose}). {heat} shows where it was unsure, {outline} "
        "the outlines.",
    ),
    ("propose", "load_model"),
)
CORRECT = Step(
    "correct",
    QT_TRANSLATE_NOOP("tour", "Correct"),
    QT_TRANSLATE_NOOP(
        "tour",
        "Choose a category at the right and paint with the brush ({brush}) where the proposal is "
        "wrong. {smaller} and {larger} change its size, {undo} takes a stroke back.",
    ),
    ("brush",),
)
REFINE = Step(
    "refine",
    QT_TRANSLATE_NOOP("tour", "Refine"),
    QT_TRANSLATE_NOOP(
        "tour",
        "Your strokes are examples: {refine} labels the rest of the image after them. What you "
        "painted stays as it is.",
    ),
    ("refine",),
)
LEARN = Step(
    "learn",
    QT_TRANSLATE_NOOP("tour", "Learn"),
    QT_TRANSLATE_NOOP(
        "tour",
        "{reviewed} marks an image as right and goes to the next. From such images and from "
        "your corrections the model learns ({learn}); a minute is enough for a first look.",
    ),
    ("learn",),
)
EXPORT = Step(
    "export",
    QT_TRANSLATE_NOOP("tour", "Export"),
    QT_TRANSLATE_NOOP(
        "tour",
        "Give the labels away as COCO, Pascal VOC or index PNGs ({export}). What is written is "
        "read back and compared; your images are never changed.",
    ),
    ("export",),
)
STEPS = (PROPOSE, CORRECT, REFINE, LEARN, EXPORT)
FAREWELL = QT_TRANSLATE_NOOP(
    "tour", "That was all of it. The tour waits in the Help menu; {keys} shows every key."
)


@dataclass(frozen=True, slots=True)
class Tour:
    """Where a person is: at a step, or past the last one, and what is ``done`` (keys of steps)."""

    at: int = 0
    done: frozenset[str] = frozenset()

    @property
    def step(self) -> Step | None:
        """What is to be done now; ``None`` once the tour is over."""
        return STEPS[self.at] if self.at < len(STEPS) else None

    def finish(self, key: str) -> Tour:
        """A person did what a step asks for, at whatever time. Being at it, they come to the next
        one that is not done."""
        done = self.done | {key}
        if self.step is None or self.step.key != key:
            return replace(self, done=done)
        later = range(self.at + 1, len(STEPS))
        at = next((i for i in later if STEPS[i].key not in done), len(STEPS))
        return Tour(at, done)

    def move(self, by: int) -> Tour:
        """So many steps on, or back if negative, whether they are done or not."""
        return replace(self, at=min(max(self.at + by, 0), len(STEPS)))
