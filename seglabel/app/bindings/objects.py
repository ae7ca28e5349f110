"""Objects of things: shown, told apart by tools, and numbered."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject

from seglabel.app.canvas.objects_layer import ObjectsLayer
from seglabel.app.editor import Editor
from seglabel.app.main_window import MainWindow
from seglabel.app.view_state import ViewState
from seglabel.app.workers.tool_work import ToolWorker
from seglabel.app.workspace import Workspace
from seglabel.core.cancel import Cancel
from seglabel.core.categories import CategorySet
from seglabel.core.document import Document
from seglabel.core.history import Edit
from seglabel.core.separating import Numbered, renumbered, separate_touching

TOOLS = ("split_line", "split_seeds", "merge_objects", "assign_object")
"""Tools for objects: they are on the bar while objects are shown, and show them when taken."""


_OF_ALL = ("renumber", "separate_touching")
"""Actions on all objects of the image."""


class ObjectsBinding(QObject):
    """The canvas follows the numbers of the document; tools and actions change these."""

    def __init__(
        self,
        window: MainWindow,
        editor: Editor,
        workspace: Workspace,
        view: ViewState,
        worker: ToolWorker,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._editor = editor
        self._workspace = workspace
        self._view = view
        self._worker = worker
        self._ticket = 0
        self._doing = ""  # key of the action that is waited for
        self._shown: tuple[object, ...] = ()
        view.changed.connect(self._show)
        workspace.categories_changed.connect(self._categories_changed)
        workspace.image_opened.connect(lambda _: self._show())
        editor.document_changed.connect(lambda _: self._forget())
        editor.region_changed.connect(lambda _: self._show())
        editor.edited.connect(self._drop)
        editor.gesture_changed.connect(self._drop)  # a late answer must not break into it
        editor.tool_changed.connect(self._tool_changed)
        worker.finished.connect(self._finished)
        worker.failed.connect(self._failed)
        self._shown_tools: bool | None = None
        actions = window.actions_table
        actions["objects"].triggered.connect(lambda _=False: self._toggle())
        actions["renumber"].triggered.connect(lambda _=False: self.renumber())
        actions["separate_touching"].triggered.connect(lambda _=False: self.separate_touching())
        self._show()

    def _categories_changed(self, categories: CategorySet) -> None:
        self._editor.set_things(frozenset(c.id for c in categories if c.is_thing))
        self._show()

    def _toggle(self) -> None:
        self._view.toggle("objects")
        self._say_if_there_are_none()

    def _tool_changed(self, name: str) -> None:
        if name in TOOLS:
            self._view.change(objects=True)  # nobody tells apart what cannot be seen
            self._say_if_there_are_none()

    def _say_if_there_are_none(self) -> None:
        if (
            self._view.look.objects
            and self._workspace.image is not None
            and not self._editor.things
        ):
            self._window.say_hint(
                self.tr(
                    "Only things have objects, and no category is one yet: right-click a category "
                    "and choose “Thing”."
                )
            )

    def _forget(self) -> None:
        self._drop()
        self._shown = ()
        self._show()

    def _drop(self, *_: object) -> None:
        self._ticket = 0

    def _show(self) -> None:
        document, look = self._editor.document, self._view.look
        numbers = None if document is None else document.instances
        things = self._editor.things
        is_on = look.objects and not look.photograph and document is not None
        # The same array is looked at again with every repaint.
        shown = (is_on, look.objects, document, id(numbers), things)
        if shown == self._shown:
            return
        self._shown = shown
        is_thing = np.isin(np.arange(256), list(things))
        self._window.canvas.set_objects(ObjectsLayer(numbers, is_thing) if is_on else None)
        self._window.actions_table["objects"].setChecked(look.objects)
        if look.objects != self._shown_tools:
            self._shown_tools = look.objects
            self._window.show_tools(TOOLS, look.objects)
        for key in _OF_ALL:
            self._window.actions_table[key].setEnabled(document is not None)

    def renumber(self) -> None:
        """All objects of the image, off the GUI thread."""
        project = self._workspace.project
        if project is not None:
            categories = project.categories
            self._start("renumber", lambda d, _: renumbered(d.labels, d.instances, categories))

    def separate_touching(self) -> None:
        """Part all objects of the image that have necks, off the GUI thread."""
        things = self._editor.things
        self._start(
            "separate_touching",
            lambda d, cancel: separate_touching(d.labels, d.instances, things, cancel),
        )

    def _start(self, key: str, work: Callable[[Document, Cancel], list[Numbered]]) -> None:
        document = self._editor.document
        if document is None or self._editor.is_read_only:
            return
        self._editor.leave_gesture()
        self._doing = key
        self._ticket = self._worker.start(lambda cancel: work(document, cancel))

    def _finished(self, ticket: int, answers: object) -> None:
        if ticket != self._ticket or not isinstance(answers, list):
            return
        self._ticket = 0
        is_parting = self._doing == "separate_touching"
        if not answers and is_parting and self._editor.things:
            self._window.say_of_image(
                self.tr("No objects without a number touch each other at a neck.")
            )
        elif not answers:
            self._window.say_of_image(self.tr("No object is in this image. Only things have any."))
        elif self._editor.change(lambda document: _numbered(document, self._doing, answers)):
            told = (
                self.tr("{0} groups of touching objects are parted. Ctrl+Z takes it back.")
                if is_parting
                else self.tr("{0} objects are numbered.")
            )
            self._window.say_of_image(told.format(len(answers)))
        self._view.change(objects=True)

    def _failed(self, ticket: int, message: str) -> None:
        if ticket == self._ticket:
            self._ticket = 0
            self._window.say_error(message)


def _numbered(document: Document, name: str, answers: list[Numbered]) -> Edit | None:
    with document.begin(name) as edit:
        for each in answers:
            edit.number(each.region, each.mask, each.numbers)
        return edit.commit()
