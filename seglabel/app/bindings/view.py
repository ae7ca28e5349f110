"""How images are shown."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt

from seglabel.app.canvas.overview import Overview
from seglabel.app.canvas.photograph import Photograph
from seglabel.app.canvas.picture_view import PictureView
from seglabel.app.canvas.ruler import Ruler
from seglabel.app.dialogs.adjusting import AdjustingDialog
from seglabel.app.editor import Editor
from seglabel.app.main_window import MainWindow
from seglabel.app.view_state import ViewState
from seglabel.app.workers.reader import Reader
from seglabel.app.workspace import Workspace
from seglabel.core.geometry import Region

SWITCHES = ("photograph", "solo", "side_by_side", "grid", "rulers", "overview", "wheel_zooms")
"""Fields of the look that an action of the same name switches on and off."""


class ViewBinding(QObject):
    """The canvas, and what lies around and beside it, follow the look that is chosen."""

    def __init__(
        self,
        window: MainWindow,
        editor: Editor,
        workspace: Workspace,
        view: ViewState,
        reader: Reader,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._editor = editor
        self._workspace = workspace
        self._view = view
        canvas, beside = window.canvas, window.photograph
        self._overview = Overview(canvas)
        self._rulers = [Ruler(canvas, orientation) for orientation in Qt.Orientation]
        self._adjusting = AdjustingDialog(window)
        self._adjusting.adjusted.connect(lambda adjustment: view.change(adjustment=adjustment))
        _link(canvas, beside)
        canvas.photograph_changed.connect(self._show_beside)
        beside.brush_step_requested.connect(editor.step_brush)
        window.opacity_chosen.connect(lambda opacity: view.change(opacity=opacity))
        window.show_opacity(view.look.opacity)
        workspace.project_opened.connect(lambda _: view.show_all())
        workspace.categories_changed.connect(self._show_colors)
        editor.category_changed.connect(self._show_colors)
        reader.part_arrived.connect(self._show_part)
        view.changed.connect(self._show)
        for field in SWITCHES:
            window.actions_table[field].triggered.connect(
                lambda _=False, field=field: view.toggle(field)
            )
        window.actions_table["adjust"].triggered.connect(self._ask_adjustment)
        self._show()

    def _show(self) -> None:
        look, window = self._view.look, self._window
        canvas, actions = window.canvas, window.actions_table
        self._show_colors()
        canvas.set_overlay(
            fill=look.fill and not look.photograph, outline=look.outline and not look.photograph
        )
        for picture in (canvas, window.photograph):
            picture.set_adjustment(look.adjustment)
            picture.set_grid(look.grid)
            picture.set_wheel_zooms(look.wheel_zooms)
        self._overview.set_wanted(look.overview)
        for ruler in self._rulers:
            ruler.setVisible(look.rulers)
        window.show_side_by_side(look.side_by_side)
        window.categories.show_hidden(look.hidden)
        actions["overlay"].setChecked(look.fill)
        for field in ("outline", *SWITCHES):
            actions[field].setChecked(getattr(look, field))

    def _show_colors(self, _: object = None) -> None:
        look, current = self._view.look, self._editor.category_id
        colors = self._workspace.categories.color_table()
        hidden = frozenset(i for i in range(256) if not self._view.shows(i, current))
        self._window.canvas.set_colors(colors, look.opacity, hidden)

    def _show_beside(self) -> None:
        photograph: Photograph | None = self._window.canvas.photograph
        if photograph is None:
            self._window.photograph.clear()
        else:
            self._window.photograph.show_photograph(photograph)

    def _show_part(self, photograph: Photograph, region: Region) -> None:
        """A part of the photograph can be shown finer than before."""
        if photograph is self._window.canvas.photograph:
            for view in (self._window.canvas, self._window.photograph):
                view.refresh(region)
            self._overview.renew()

    def _ask_adjustment(self) -> None:
        self._adjusting.show_adjustment(self._view.look.adjustment)
        self._adjusting.show()
        self._adjusting.raise_()
        self._adjusting.activateWindow()


def _link(first: PictureView, second: PictureView) -> None:
    """Two views show the same part; each marks where the pointer is in the other."""
    for one, other in ((first, second), (second, first)):
        one.transform_changed.connect(other.follow)
        one.hovered.connect(other.set_mark)
