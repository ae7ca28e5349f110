"""Finding by typing: actions, categories and images."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import islice

from PySide6.QtCore import QCoreApplication, QObject

from seglabel.app.actions import (
    ACTIONS,
    NUMBER_KEYS,
    QT_TRANSLATE_NOOP,
    native_keys,
    translated,
    without_mnemonic,
)
from seglabel.app.bindings.categories import CategoryBinding
from seglabel.app.dialogs.palette import Entry, Find, PaletteDialog
from seglabel.app.main_window import MainWindow
from seglabel.app.workspace import Workspace
from seglabel.core.categories import BACKGROUND

_IMAGES = 40

SYNONYMS = {
    "heat": (QT_TRANSLATE_NOOP("synonyms", "heat map"),),
    "solo": (QT_TRANSLATE_NOOP("synonyms", "solo"), QT_TRANSLATE_NOOP("synonyms", "isolate")),
    "compare": (
        QT_TRANSLATE_NOOP("synonyms", "flicker"),
        QT_TRANSLATE_NOOP("synonyms", "compare"),
        QT_TRANSLATE_NOOP("synonyms", "before and after"),
    ),
    "objects": (QT_TRANSLATE_NOOP("synonyms", "instances"),),
    "statistics": (
        QT_TRANSLATE_NOOP("synonyms", "effort"),
        QT_TRANSLATE_NOOP("synonyms", "class balance"),
    ),
    "undo": (QT_TRANSLATE_NOOP("synonyms", "undo history"),),
    "full_screen": (QT_TRANSLATE_NOOP("synonyms", "full screen"),),
    "preferences": (
        QT_TRANSLATE_NOOP("synonyms", "settings"),
        QT_TRANSLATE_NOOP("synonyms", "dark mode"),
    ),
    "pick": (QT_TRANSLATE_NOOP("synonyms", "eyedropper"),),
    "fill": (QT_TRANSLATE_NOOP("synonyms", "bucket"),),
    "reshape": (
        QT_TRANSLATE_NOOP("synonyms", "dilate"),
        QT_TRANSLATE_NOOP("synonyms", "erode"),
    ),
}
"""Other words that people know an action by."""


def translated_synonyms(key: str) -> tuple[str, ...]:
    """The same in the language of the window."""
    words = SYNONYMS.get(key, ())
    return tuple(QCoreApplication.translate("synonyms", word) for word in words)


class FindingBinding(QObject):
    """Makes the lists to choose from when one is asked for, so that they are never out of date."""

    def __init__(
        self,
        window: MainWindow,
        workspace: Workspace,
        categories: CategoryBinding,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._workspace = workspace
        self._categories = categories

    def ask_anything(self) -> None:
        """Let the person type an action, a category or an image, and do it, take it or show it."""
        prompt = self.tr("Find an action, a category or an image")
        self._ask(prompt, [*self._actions(), *self._category_entries()], self._images)

    def ask_category(self) -> None:
        """Let the person type a category, and paint with it. A new name makes a new one."""
        prompt = self.tr("Which category?")
        self._ask(prompt, self._category_entries(), self._new_category)

    def _ask(self, prompt: str, entries: Sequence[Entry], find: Find) -> None:
        chosen = PaletteDialog(prompt, entries, find, self._window).choose()
        if self._workspace.store is not None:
            self._window.canvas.setFocus()
        if chosen is not None:
            chosen.run()

    def _actions(self) -> list[Entry]:
        table = self._window.actions_table
        return [
            Entry(
                action.text(),
                without_mnemonic(translated(spec.menu)),
                action.trigger,
                (spec.text, *SYNONYMS.get(spec.key, ()), *translated_synonyms(spec.key)),
                translated(spec.tip),
                native_keys(action),
                is_enabled=action.isEnabled(),
            )
            for spec in ACTIONS
            if spec.key not in (*NUMBER_KEYS, "palette")
            for action in (table[spec.key],)
        ]

    def _category_entries(self) -> list[Entry]:
        project = self._workspace.project
        if project is None:
            return []
        categories, table = project.categories, self._window.actions_table
        rows = [(BACKGROUND, categories.background, (0, 0, 0))]
        rows += [(category.id, category.name, category.color) for category in categories]
        return [
            Entry(
                name,
                self.tr("Category"),
                partial(self._categories.take, category_id),
                keys=native_keys(table[NUMBER_KEYS[row]]) if row < len(NUMBER_KEYS) else "",
                color=color,
            )
            for row, (category_id, name, color) in enumerate(rows)
        ]

    def _new_category(self, typed: str) -> list[Entry]:
        project = self._workspace.project
        if not typed or project is None or any(c.name == typed for c in project.categories):
            return []
        text = self.tr("New category “{0}”").format(typed)
        return [Entry(text, "", partial(self._categories.add, typed))]

    def _images(self, typed: str) -> list[Entry]:
        """Images that have all the words that were typed in their names."""
        project = self._workspace.project
        if not typed or project is None:
            return []
        words = typed.casefold().split()
        found = (n for n in project.names if all(word in n.casefold() for word in words))
        return [
            Entry(name, self.tr("Image"), partial(self._workspace.go_to, name))
            for name in islice(found, _IMAGES)
        ]
