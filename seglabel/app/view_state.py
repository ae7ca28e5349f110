"""How labels are shown: what the tool bar and the category list set and the canvas follows."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class ViewState(QObject):
    """Opacity of the overlay, what is drawn, and which categories are hidden."""

    changed = Signal()

    def __init__(
        self, opacity: float, outline: bool = False, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._opacity = opacity
        self._fill = True
        self._outline = outline
        self._hidden: frozenset[int] = frozenset()

    @property
    def opacity(self) -> float:
        """Of filled regions, 0–1."""
        return self._opacity

    @property
    def fill(self) -> bool:
        return self._fill

    @property
    def outline(self) -> bool:
        return self._outline

    @property
    def hidden(self) -> frozenset[int]:
        """Ids of categories that are not shown."""
        return self._hidden

    def set_opacity(self, opacity: float) -> None:
        self._opacity = min(max(opacity, 0.0), 1.0)
        self.changed.emit()

    def set_fill(self, fill: bool) -> None:
        self._fill = fill
        self.changed.emit()

    def set_outline(self, outline: bool) -> None:
        self._outline = outline
        self.changed.emit()

    def show_all(self) -> None:
        """Hide no category any more."""
        self._hidden = frozenset()
        self.changed.emit()

    def toggle_hidden(self, category_id: int) -> None:
        """Show a hidden category or hide a shown one."""
        self._hidden = self._hidden ^ {category_id}
        self.changed.emit()
