"""The screens of the demo: with looks and layouts that the built-in model never saw."""

from __future__ import annotations

from functools import cache

from PySide6.QtWidgets import QApplication

from seglabel.app.screens import UI_CATEGORIES, render_screen
from seglabel.app.screens.rendering import HELD_OUT
from seglabel.jobs.demo import DemoFolder, Drawn

_SEED = 12


@cache
def _application() -> QApplication:
    """To render in where nobody needs to see it; for as long as the program runs."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    return QApplication(["seglabel", "-platform", "offscreen"])


def _draw(number: int) -> Drawn:
    _application()
    screen = render_screen((_SEED, number), material=HELD_OUT)
    return screen.image, screen.labels


SCREENS = DemoFolder("screens", "ui-elements", UI_CATEGORIES, _draw, new=8, labelled=12)
