"""Screens of user-interface elements, rendered from real widgets, with exact labels.

They are what the built-in model for user interfaces learns from, and sample pictures of the demo.
"""

from seglabel.app.screens.categories import UI_CATEGORIES
from seglabel.app.screens.rendering import Screen, render_screen, render_screens

__all__ = ["UI_CATEGORIES", "Screen", "render_screen", "render_screens"]
