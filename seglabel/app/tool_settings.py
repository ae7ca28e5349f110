"""What is set for the tools: one value for every option, kept between two starts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QObject, Signal

from seglabel.tools import Tool
from seglabel.tools.options import Option, Value, Values


class ToolSettings(QObject):
    """Values by the key of the option; tools that have an option in common share its value."""

    changed = Signal(str)  # key

    def __init__(self, tools: Iterable[Tool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._options: dict[str, Option] = {o.key: o for tool in tools for o in tool.options}
        self._values: dict[str, Value] = {o.key: o.default for o in self._options.values()}

    @property
    def options(self) -> tuple[Option, ...]:
        """Every option that a tool has."""
        return tuple(self._options.values())

    @property
    def values(self) -> Values:
        return self._values

    def set(self, key: str, value: Value) -> None:
        """Set an option; a value that it does not take is left aside."""
        option = self._options.get(key)
        if option is not None and option.accepts(value) and value != self._values[key]:
            self._values = {**self._values, key: value}
            self.changed.emit(key)

    def restore(self, values: Mapping[str, Value]) -> None:
        """Set what was remembered, as far as it is known and allowed."""
        for key, value in values.items():
            self.set(key, value)
