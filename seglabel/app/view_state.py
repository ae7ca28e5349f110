"""How images are shown: what menus, tool bar and category list set and the canvas follows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from seglabel.app.canvas.adjustment import UNCHANGED, Adjustment


@dataclass(frozen=True)
class Look:
    """One way to show an image. ``hidden`` holds ids of categories that are not shown."""

    opacity: float = 0.45  # of filled regions, 0–1
    fill: bool = True
    outline: bool = False
    heat: bool = False  # how uncertain proposals are
    objects: bool = False  # of things, told apart
    hidden: frozenset[int] = frozenset()
    photograph: bool = False  # alone, without labels
    solo: bool = False  # the current category alone
    adjustment: Adjustment = UNCHANGED
    grid: bool = True  # between pixels, where these are large
    rulers: bool = False
    overview: bool = True  # a small map, where not everything is seen
    side_by_side: bool = False  # the photograph without labels beside the canvas
    wheel_zooms: bool = True  # else it sizes the brush, and Ctrl + wheel zooms


class ViewState(QObject):
    """The look that is chosen now."""

    changed = Signal()

    def __init__(self, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._look = look

    @property
    def look(self) -> Look:
        return self._look

    def change(self, **values: Any) -> None:
        """Choose other values for fields of the look."""
        look = replace(self._look, **values)
        if look != self._look:
            self._look = look
            self.changed.emit()

    def toggle(self, field: str) -> None:
        """Switch on what is off, or off what is on."""
        self.change(**{field: not getattr(self._look, field)})

    def toggle_hidden(self, category_id: int) -> None:
        """Show a hidden category or hide a shown one."""
        self.change(hidden=self._look.hidden ^ {category_id})

    def show_all(self) -> None:
        """Hide no category any more."""
        self.change(hidden=frozenset(), solo=False)

    def shows(self, category_id: int, current: int) -> bool:
        """Whether a category is seen while ``current`` is the current one."""
        if self._look.solo:
            return category_id == current
        return category_id not in self._look.hidden
