"""Canvas, tools and brush."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QColor, QInputDevice

from seglabel.app.editor import Editor
from seglabel.app.main_window import MainWindow
from seglabel.app.panels.tool_options import translated
from seglabel.app.view_state import ViewState
from seglabel.app.workspace import Workspace
from seglabel.core.categories import BACKGROUND, CategorySet
from seglabel.tools import Brush, Pointer, Preview, Tool
from seglabel.tools.options import PRESSURE, Option

_ERASED = QColor(255, 255, 255)  # shows what would become background
_READING_MS = 40  # nobody reads faster what is under the pointer; each text costs half a brush step


class CanvasBinding(QObject):
    """Pointer events go to the editor; what it changes comes back to the canvas."""

    def __init__(
        self,
        window: MainWindow,
        editor: Editor,
        workspace: Workspace,
        view: ViewState,
        confidence_at: Callable[[int, int], float | None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._confidence_at = confidence_at
        self._window = window
        self._editor = editor
        self._workspace = workspace
        self._view = view
        self._asked = ""  # the hint that there is no category
        self._is_picking = False  # the next click takes a category
        self._reading = QTimer(self)
        self._reading.setSingleShot(True)
        self._reading.setInterval(_READING_MS)
        self._reading.timeout.connect(self._show_hover)
        canvas, options = window.canvas, window.tool_options
        canvas.pressed.connect(self._press)
        workspace.review_doubted.connect(self._doubt_review)
        canvas.moved.connect(self._move)
        canvas.released.connect(self._release)
        canvas.pointed.connect(self._hover)
        canvas.finish_requested.connect(editor.finish)
        canvas.step_back_requested.connect(editor.step_back)
        canvas.cancelled.connect(editor.cancel_stroke)
        canvas.hovered.connect(self._read_soon)
        canvas.zoom_changed.connect(window.show_zoom)
        canvas.brush_step_requested.connect(editor.step_brush)
        editor.region_changed.connect(canvas.refresh)
        editor.region_changed.connect(self._read_soon)
        workspace.categories_changed.connect(self._read_soon)
        editor.edited.connect(window.move_on)
        editor.edited.connect(self._show_history)
        editor.edited.connect(lambda: self._read_soon(None))
        editor.document_changed.connect(self._show_history)
        workspace.history_limited.connect(self._show_history)
        editor.tool_changed.connect(lambda _: self._show_picking(False))
        editor.document_changed.connect(lambda _: self._show_picking(False))
        editor.brush_changed.connect(self._show_brush)
        editor.gesture_changed.connect(canvas.set_gesture)
        editor.gesture_changed.connect(self._show_history)
        editor.preview_changed.connect(self._show_preview)
        editor.category_changed.connect(lambda _: self._show_preview(editor.preview))
        editor.failed.connect(window.say_error)
        editor.refused.connect(self._say_refused)
        editor.given_up.connect(self._say_given_up)
        options.build(editor.options.options)
        options.option_requested.connect(editor.options.set)
        editor.options.changed.connect(self._show_option)
        options.finished_typing.connect(canvas.setFocus)
        workspace.categories_changed.connect(self._categories_changed)
        for option in editor.options.options:
            self._show_option(option.key)
        self._show_tool(editor.tool)
        self._show_history()

    def _press(self, pointer: Pointer, erases: bool) -> None:
        if self._is_picking:
            self._show_picking(False)
            if (pixel := self._window.canvas.pixel_under_pointer) is not None:
                self._editor.pick(*pixel)
            return
        tool = self._editor.active_tool
        paints = tool.paints and not tool.erases and not erases
        if paints and self._workspace.image is not None and not len(self._workspace.categories):
            self._ask_category(self.tr("There is no category yet to paint with."))
            return
        self._show_what_is_painted()
        self._look()
        self._editor.press(pointer, erases)

    def _move(self, pointer: Pointer) -> None:
        self._look()
        self._editor.move(pointer)

    def _release(self, pointer: Pointer) -> None:
        self._look()
        self._editor.release(pointer)

    def _hover(self, pointer: Pointer | None) -> None:
        if not self._is_picking:
            self._look()
            self._editor.hover(pointer)

    def _look(self) -> None:
        canvas = self._window.canvas
        self._editor.look_at(canvas.seen, canvas.zoom)

    def _show_preview(self, preview: Preview) -> None:
        """In the colour of what would be painted."""
        painted = self._editor.painted_category
        red, green, blue = (
            int(value) for value in self._workspace.categories.color_table()[painted]
        )
        color = _ERASED if painted == BACKGROUND else QColor(red, green, blue)
        words = translated(preview.text).format(*preview.values)
        self._window.canvas.set_preview(replace(preview, text=words, values=()), color)

    def _show_option(self, key: str) -> None:
        tool, values = self._editor.active_tool, self._editor.options.values
        bar = self._window.tool_options
        bar.show_value(key, values[key])
        bar.show_tool(self._options_of(tool), tool.hint)

    def _options_of(self, tool: Tool) -> tuple[Option, ...]:
        """Those that matter now: the pressure of a pen does where there is one."""
        options = tool.shown_options(self._editor.options.values)
        return options if _has_pen() else tuple(o for o in options if o is not PRESSURE)

    def _show_what_is_painted(self) -> None:
        """Nobody paints what cannot be seen."""
        look = self._view.look
        self._window.actions_table["compare"].setChecked(False)
        self._view.change(
            fill=look.fill or not look.outline,
            photograph=False,
            hidden=look.hidden - {self._editor.painted_category},
        )

    def _say_refused(self, rule: str) -> None:
        if rule == "locked":
            text = self.tr("Nothing changed: what is here is locked (the padlock in Categories).")
        else:
            text = self.tr("Nothing changed: “Over” above the picture leaves these pixels alone.")
        self._window.say_of_image(text)

    def _say_given_up(self) -> None:
        self._window.say_hint(
            self.tr("What you drew was not finished, and is gone. Enter finishes.")
        )

    def _ask_category(self, text: str) -> None:
        self._asked = text
        self._window.say_hint(text, self.tr("Add a category"), self._window.categories.start_typing)

    def _categories_changed(self, categories: CategorySet) -> None:
        if len(categories):
            self._window.banner.retract(self._asked)

    def _doubt_review(self) -> None:
        if len(self._workspace.categories):
            self._window.say_of_image(
                self.tr("This image has no labels. Enter again marks it reviewed as background.")
            )
        else:
            self._ask_category(self.tr("There is no category yet, so nothing can be reviewed."))

    def pick(self) -> None:
        """Take the category under the pointer, or of the next click where it is elsewhere.

        The tool stays as it is.
        """
        pixel = self._window.canvas.pixel_under_pointer
        if pixel is not None:
            self._editor.pick(*pixel)
        self._show_picking(pixel is None and not self._is_picking)

    def _show_picking(self, picking: bool) -> None:
        self._is_picking = picking
        self._show_tool(self._editor.tool)

    def _show_tool(self, name: str) -> None:
        self._window.actions_table["pick" if self._is_picking else name].setChecked(True)
        self._show_brush(self._editor.brush)
        tool, options = self._editor.active_tool, self._window.tool_options
        options.show_tool(self._options_of(tool), tool.hint)
        options.show_picking(self._is_picking)

    def _show_brush(self, brush: Brush) -> None:
        has_footprint = self._editor.active_tool.has_footprint and not self._is_picking
        self._window.canvas.set_brush(brush if has_footprint else None)

    def _read_soon(self, _: object) -> None:
        if not self._reading.isActive():
            self._reading.start()

    def _show_hover(self) -> None:
        document, pixel = self._editor.document, self._window.canvas.pixel_under_pointer
        if document is None:
            return
        if pixel is None:
            self._window.show_position("")
            return
        y, x = pixel
        name = self._workspace.categories.name_of(int(document.labels[y, x]))
        confidence = self._confidence_at(y, x)
        sure = "" if confidence is None else f" {confidence:.2f}"
        number = 0 if document.instances is None else int(document.instances[y, x])
        of_object = f" #{number}" if number else ""
        self._window.show_position(f"x {x}  y {y}  ·  {name}{of_object}{sure}")

    def _show_history(self, *_: object) -> None:
        document = self._editor.document
        actions = self._window.actions_table
        can_undo = document is not None and document.history.can_undo
        actions["undo"].setEnabled(can_undo or self._editor.is_busy)
        actions["redo"].setEnabled(document is not None and document.history.can_redo)


def _has_pen() -> bool:
    """Whether a tablet is connected."""
    kind = QInputDevice.DeviceType
    return any(d.type() in (kind.Stylus, kind.Airbrush) for d in QInputDevice.devices())
