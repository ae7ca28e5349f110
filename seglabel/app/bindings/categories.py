"""The list of categories and the one that is painted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFileDialog

from seglabel.app.actions import NUMBER_KEYS
from seglabel.app.deleting import Deleting
from seglabel.app.editor import Editor
from seglabel.app.main_window import MainWindow
from seglabel.app.view_state import ViewState
from seglabel.app.workspace import Workspace
from seglabel.core.categories import BACKGROUND, VOID, CategorySet
from seglabel.core.errors import SegLabelError
from seglabel.core.templates import template
from seglabel.formats.categories_file import read_categories
from seglabel.jobs.merging import MergeReport


class CategoryBinding(QObject):
    """Wishes of the panel become a new category set of the project."""

    def __init__(
        self,
        window: MainWindow,
        editor: Editor,
        workspace: Workspace,
        view: ViewState,
        deleting: Deleting,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._editor = editor
        self._workspace = workspace
        self._view = view
        self._refused = ""  # what was said of the last change that could not be made
        self._shown = CategorySet()
        panel = window.categories
        workspace.project_opened.connect(self._project_opened)
        workspace.categories_changed.connect(self._categories_changed)
        editor.category_changed.connect(self.show_current)
        panel.category_chosen.connect(self._chosen)
        panel.finished_typing.connect(window.canvas.setFocus)
        panel.add_requested.connect(self.add)
        panel.rename_requested.connect(lambda i, name: self._change(i, name=name))
        panel.color_requested.connect(lambda i, color: self._change(i, color=color))
        panel.thing_requested.connect(lambda i, thing: self._change(i, is_thing=thing))
        panel.background_void_requested.connect(
            lambda void: self._apply(lambda c: c.with_background_void(void))
        )
        panel.move_requested.connect(self._move)
        panel.delete_requested.connect(deleting.ask)
        deleting.deleted.connect(self._deleted)
        panel.hide_requested.connect(view.toggle_hidden)
        panel.template_requested.connect(
            lambda key: self._apply(lambda c: c.with_all_of(template(key)))
        )
        panel.file_requested.connect(self._ask_file)
        for digit, key in enumerate(NUMBER_KEYS):
            window.actions_table[key].triggered.connect(
                lambda _=False, digit=digit: self._digit_pressed(digit)
            )

    def show_current(self, category_id: int | None = None) -> None:
        """Mark what is painted, in the list and above the canvas."""
        if category_id is None:
            category_id = self._editor.category_id
        categories = self._workspace.categories
        self._window.categories.show_current(category_id)
        red, green, blue = (int(value) for value in categories.color_table()[category_id])
        self._window.tool_options.show_category(
            categories.name_of(category_id), QColor(red, green, blue)
        )

    def _project_opened(self, _store: object) -> None:
        self._shown = CategorySet()

    def _categories_changed(self, categories: CategorySet) -> None:
        """The brush keeps its category as long as there is one of that id."""
        self._window.categories.show_categories(categories, self._view.look.hidden)
        is_new, self._shown = not len(self._shown), categories
        if is_new or self._editor.category_id not in (BACKGROUND, VOID, *categories.ids):
            self._editor.set_category(categories.ids[0] if len(categories) else BACKGROUND)
        self._name_keys(categories)
        self.show_current()

    def _name_keys(self, categories: CategorySet) -> None:
        """The menu lists the categories that number keys take, and no key without one."""
        table = self._window.actions_table
        names = [categories.background, *(category.name for category in categories)]
        table.set_names(dict(zip(NUMBER_KEYS, names, strict=False)))
        for row, key in enumerate(NUMBER_KEYS):
            table[key].setVisible(row < len(names))

    def _chosen(self, category_id: int) -> None:
        self.take(category_id)
        self._window.canvas.setFocus()

    def _digit_pressed(self, digit: int) -> None:
        category_id = self._window.categories.id_of_key(digit)
        if category_id is not None:
            self.take(category_id)

    def take(self, category_id: int) -> None:
        """Paint with it from now on; the eraser knows no category."""
        self._editor.set_category(category_id)
        if self._editor.tool == "eraser" and category_id != BACKGROUND:
            self._editor.set_tool("brush")

    def add(self, name: str) -> None:
        """Make a new category and paint it."""
        if self._apply(lambda categories: categories.with_new(name)[0]):
            added = self._workspace.categories.categories[-1]
            self.take(added.id)

    def _ask_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self._window, self.tr("A file with one category a line")
        )
        if chosen:
            self._apply(lambda c: c.with_all_of(read_categories(Path(chosen))))

    def _change(self, category_id: int, **values: object) -> None:
        self._apply(lambda c: c.with_changed(category_id, **values))  # type: ignore[arg-type]

    def _move(self, category_id: int, step: int) -> None:
        ids = list(self._workspace.categories.ids)
        place = ids.index(category_id)
        ids.insert(place + step, ids.pop(place))
        self._apply(lambda c: c.reordered(ids))

    def _deleted(self, name: str, report: MergeReport) -> None:
        if report.is_removed:
            text = self.tr("Deleted {0}; the labels of {1} images changed.")
            self._window.say_hint(text.format(name, report.images))
        else:
            text = self.tr("{0} stays: labels of {1} images cannot be read. The first: {2}")
            self._window.say_error(text.format(name, len(report.failed), report.failed[0]))

    def _apply(self, change: Callable[[CategorySet], CategorySet]) -> bool:
        if self._workspace.project is None:
            return False
        try:
            changed = change(self._workspace.categories)
        except SegLabelError as error:
            self._refused = _sentence(error)
            self._window.say_error(self._refused)
            self._categories_changed(self._workspace.categories)  # show again what holds
            return False
        self._window.banner.retract(self._refused)
        self._workspace.set_categories(changed)
        return True


def _sentence(error: SegLabelError) -> str:
    """With a capital and a full stop, unless it begins with the path of a file."""
    text = str(error)
    return text if ": " in text else f"{text[:1].upper()}{text[1:].rstrip('.')}."
