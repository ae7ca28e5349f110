"""The built-in model for user-interface elements, on screens unlike those it learned from."""

from __future__ import annotations

from seglabel.app.screens import UI_CATEGORIES, render_screens
from seglabel.app.screens.rendering import HELD_OUT
from seglabel.core.categories import BACKGROUND
from seglabel.core.metrics import Confusion
from seglabel.model import Segmenter
from seglabel.resources import resource


def test_the_built_in_model_finds_elements_in_looks_that_it_never_learned(qapp) -> None:
    segmenter = Segmenter.load(resource("models", "ui-elements.safetensors"), "cpu", engine="torch")
    confusion = Confusion()

    for image, labels in render_screens(8, seed=2026, size=(480, 640), material=HELD_OUT):
        confusion.add(labels, segmenter.propose(image).labels)

    assert segmenter.categories == UI_CATEGORIES
    scores = confusion.scores((BACKGROUND, *UI_CATEGORIES.ids))
    assert scores.miou > 0.5
    assert scores.pixel_accuracy > 0.75
