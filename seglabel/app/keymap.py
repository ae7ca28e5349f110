"""Which keys do what: the table's own, a preset instead, and what a person changed of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from PySide6.QtGui import QKeySequence

from seglabel.app.actions import ACTIONS
from seglabel.app.key_presets import PRESETS

Keys = tuple[str, ...]

HELD = frozenset({"Space", "V", "Esc", "Backspace", "Delete"})
"""Keys that mean something while they are held or while something is drawn."""


@dataclass(frozen=True)
class Keymap:
    """Shortcuts per action, as Qt's portable texts. ``changes`` are against the preset."""

    preset: str = "seglabel"
    changes: Mapping[str, Keys] = field(default_factory=dict)

    def keys_of(self, action: str) -> Keys:
        return self.changes.get(action, _preset_keys(self.preset)[action])

    def is_changed(self, action: str) -> bool:
        return action in self.changes

    def owner_of(self, shortcut: str) -> str | None:
        """The action that this press of keys belongs to."""
        return next((s.key for s in ACTIONS if shortcut in self.keys_of(s.key)), None)

    def with_keys(self, action: str, keys: Keys) -> Keymap:
        """Give an action these keys, and take them from whichever had them."""
        changed = self
        for key in keys:
            owner = changed.owner_of(key)
            if owner is not None and owner != action:
                left = tuple(other for other in changed.keys_of(owner) if other != key)
                changed = changed._with(owner, left)
        return changed._with(action, keys)

    def with_preset(self, preset: str) -> Keymap:
        """Another preset, with the same changes."""
        return Keymap.from_json({**self.to_json(), "preset": preset})

    def reset(self, action: str) -> Keymap:
        """Give an action the keys of the preset again, and take them from whichever has them."""
        return self.with_keys(action, _preset_keys(self.preset)[action])

    def _with(self, action: str, keys: Keys) -> Keymap:
        changes = {**self.changes, action: keys}
        if keys == _preset_keys(self.preset)[action]:
            del changes[action]
        return replace(self, changes=changes)

    def to_json(self) -> dict[str, Any]:
        return {"preset": self.preset, "changes": {k: list(v) for k, v in self.changes.items()}}

    @classmethod
    def from_json(cls, data: Any) -> Keymap:
        """What can be understood of ``data``: actions come and go between versions."""
        if not isinstance(data, dict):
            return cls()
        preset = str(data.get("preset"))
        keymap = cls(preset if preset in PRESETS else "seglabel")
        changes = data.get("changes")
        known = {spec.key for spec in ACTIONS}
        for action, keys in changes.items() if isinstance(changes, dict) else ():
            if action in known and isinstance(keys, list):
                texts = (portable(key) for key in keys if isinstance(key, str))
                keymap = keymap.with_keys(action, tuple(text for text in texts if text))
        return keymap


def portable(text: str) -> str:
    """A shortcut in Qt's portable spelling; empty if it is none."""
    return QKeySequence(text).toString(QKeySequence.SequenceFormat.PortableText)


def _preset_keys(preset: str) -> dict[str, Keys]:
    """All keys of a preset. What it gives to one action is taken from the others."""
    given = PRESETS[preset].keys
    taken = {key for keys in given.values() for key in keys}
    return {
        spec.key: given[spec.key]
        if spec.key in given
        else tuple(key for key in spec.shortcuts if key not in taken)
        for spec in ACTIONS
    }
