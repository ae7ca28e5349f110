"""The main window: lays the parts out and connects them. It keeps nothing and decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QByteArray, QMimeData, QSize, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QLabel,
    QMainWindow,
    QScrollArea,
    QSizePolicy,
    QSlider,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from seglabel.app.actions import (
    ACTIONS,
    CATEGORY,
    IMAGE,
    MENUS,
    NUMBER_KEYS,
    SECTIONS,
    Actions,
    translated,
)
from seglabel.app.canvas.picture_view import PictureView
from seglabel.app.canvas.view import CanvasView
from seglabel.app.icons import ICON_SIZE
from seglabel.app.panels.banner import Banner
from seglabel.app.panels.categories import CategoryPanel
from seglabel.app.panels.history import HistoryPanel
from seglabel.app.panels.images import ImagePanel
from seglabel.app.panels.job_bar import JobBar
from seglabel.app.panels.learning import LearningPanel
from seglabel.app.panels.proposal import ProposalPanel
from seglabel.app.panels.start_page import StartPage
from seglabel.app.panels.tool_options import ToolOptions
from seglabel.app.panels.toolbox import Toolbox
from seglabel.app.panels.tour import TourPanel
from seglabel.app.theme import Theme

_BANNER_MARGIN = 12
_BANNER_WIDTH = 720  # at most
_BANNER_GAP = 8
_SIDE_WIDTH = 260
_SHORTENED = ("open", "propose_folder", "export")  # buttons, where there is little room
_TOOLS = tuple(spec.key for spec in ACTIONS if spec.group == "tool")
_NEEDS_PROJECT = (
    "bands",
    "lock",
    "import",
    "export",
    "statistics",
    "check",
    "new_category",
    "find_category",
    *NUMBER_KEYS,
    "propose_folder",
    "learn",
    "versions",
    "full_screen",
    "tour",
)
_NEEDS_IMAGE = (
    "compare",
    "save",
    "previous",
    "next",
    "reviewed",
    *_TOOLS,
    "copy_region",
    "copy_previous",
    "propose",
    "refine",
    "fit",
    "actual_size",
    "zoom_in",
    "zoom_out",
)


@dataclass(frozen=True)
class _Around:
    """Where and how large the window was, and its parts in it."""

    geometry: QByteArray
    layout: QByteArray
    size: QSize


class MainWindow(QMainWindow):
    """Widgets and where they stand. What they do is connected by the composition root."""

    folder_dropped = Signal(str)
    opacity_chosen = Signal(float)
    close_requested = Signal(object)  # QCloseEvent

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("main")
        self.setWindowTitle("seglabel")
        self.setAcceptDrops(True)
        self.actions_table = Actions(theme, self)
        self.canvas = CanvasView()
        self.photograph = PictureView(leads=False)  # beside the canvas, without labels
        self.banner = Banner(self.canvas)
        self.image_banner = Banner(self.canvas)  # what is said of the image that is shown
        self.canvas.resized.connect(self._place_banners)
        self.tool_options = ToolOptions()
        self.tour = TourPanel(self.actions_table)
        self.start_page = StartPage()
        self.categories = CategoryPanel()
        self.images = ImagePanel(
            self.actions_table["sort_by_gain"], self.actions_table["next_in_queue"]
        )
        self.proposal = ProposalPanel(
            self.actions_table["propose"],
            self.actions_table["load_model"],
            self.actions_table["accept"],
            self.actions_table["clear"],
            self.actions_table["accept_above"],
            self.actions_table["clear_below"],
            self.actions_table["learn"],
        )
        self.learning = LearningPanel(self.actions_table["learn"], self.actions_table["versions"])
        self.history = HistoryPanel()
        self.job_bar = JobBar()
        self._opacity = QSlider(Qt.Orientation.Horizontal)
        self._pages = QStackedWidget()
        self._is_open = False
        self._is_alone = False  # the picture is
        self._is_toured = False
        self._around: _Around | None = None  # what the picture was taken out of
        self._is_returning = False  # to the size of before
        self._main_bar_width = 0  # with all its words
        self._build_center()
        self._build_docks()
        self._build_tool_bars()
        self._build_menus()
        self._build_status_bar()
        self.setTabOrder(self.canvas, self.categories)
        self.photograph.hide()
        self.dress(theme)
        self.show_project(False)
        self.show_image_actions(False)
        room = self.screen().availableSize()
        self.resize(min(1280, room.width() - 16), min(800, room.height() - 48))

    # building

    def _build_center(self) -> None:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tool_options)
        layout.addWidget(self.tour)
        self._pictures = QSplitter(Qt.Orientation.Horizontal)
        self._pictures.setChildrenCollapsible(False)
        for index, picture in enumerate((self.canvas, self.photograph)):
            self._pictures.addWidget(picture)
            self._pictures.setStretchFactor(index, 1)
        layout.addWidget(self._pictures, 1)
        self.actions_table.keys_changed.connect(self._attach_keys)
        self._attach_keys()
        self._pages.addWidget(self.start_page)
        self._pages.addWidget(page)
        self.setCentralWidget(self._pages)

    def _attach_keys(self) -> None:
        """Bare keys work while the focus is on the picture or in the strip, not in text fields."""
        bare = Qt.ShortcutContext.WidgetWithChildrenShortcut
        for spec in ACTIONS:
            action = self.actions_table[spec.key]
            is_bare = action.shortcutContext() == bare
            self.removeAction(action)
            for part in (self.canvas, self.images):
                part.removeAction(action)
                if is_bare:
                    part.addAction(action)
            if not is_bare:
                self.addAction(action)

    def _build_docks(self) -> None:
        self._categories_dock = self._dock("categoriesDock", self.categories)
        self._proposal_dock = self._dock("proposalDock", _scrolling(self.proposal))
        self._history_dock = self._dock("historyDock", self.history)
        self._learning_dock = self._dock("learningDock", _scrolling(self.learning))
        self._images_dock = self._dock("imagesDock", self.images)
        self._images_dock.setTitleBarWidget(QWidget())
        right, bottom = (
            Qt.DockWidgetArea.RightDockWidgetArea,
            Qt.DockWidgetArea.BottomDockWidgetArea,
        )
        self.addDockWidget(right, self._categories_dock)
        self.addDockWidget(right, self._proposal_dock)
        self.setTabPosition(right, QTabWidget.TabPosition.North)
        self.tabifyDockWidget(self._proposal_dock, self._history_dock)
        self.tabifyDockWidget(self._history_dock, self._learning_dock)
        for dock in (self._proposal_dock, self._history_dock, self._learning_dock):
            dock.setTitleBarWidget(QWidget())  # the tabs say it
        self._proposal_dock.raise_()
        self.addDockWidget(bottom, self._images_dock)
        self.setCorner(Qt.Corner.BottomRightCorner, right)
        self._retitle_docks()

    def lay_out(self) -> None:
        """Sizes to start with, until the person makes others."""
        docks = [self._categories_dock, self._proposal_dock]
        self.resizeDocks(docks, [_SIDE_WIDTH, _SIDE_WIDTH], Qt.Orientation.Horizontal)
        self.resizeDocks(docks, [400, 300], Qt.Orientation.Vertical)

    def _dock(self, name: str, widget: QWidget) -> QDockWidget:
        dock = QDockWidget(self)
        dock.setObjectName(name)
        dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetMovable)
        dock.setWidget(widget)
        return dock

    def _retitle_docks(self) -> None:
        self._categories_dock.setWindowTitle(self.tr("Categories"))
        self._proposal_dock.setWindowTitle(self.tr("Model"))
        self._history_dock.setWindowTitle(self.tr("History"))
        self._learning_dock.setWindowTitle(self.tr("Learning"))
        self._images_dock.setWindowTitle(self.tr("Images"))

    def _build_tool_bars(self) -> None:
        actions = self.actions_table
        bar = QToolBar()
        bar.setObjectName("main_bar")
        bar.setMovable(False)
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        bar.addAction(actions["open"])
        bar.addSeparator()
        bar.addAction(actions["propose"])
        bar.addAction(actions["refine"])
        bar.addAction(actions["learn"])
        bar.addAction(actions["propose_folder"])
        bar.addSeparator()
        for key in ("undo", "redo"):
            bar.addAction(actions[key])
            self._button(bar, key).setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        bar.addSeparator()
        for key in ("overlay", "outline", "heat", "side_by_side"):
            bar.addAction(actions[key])
            self._button(bar, key).setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._opacity.setRange(0, 100)
        self._opacity.setFixedWidth(96)
        self._opacity.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._opacity.valueChanged.connect(lambda value: self.opacity_chosen.emit(value / 100))
        bar.addWidget(self._opacity)
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar.addWidget(spacer)
        bar.addAction(actions["export"])
        bar.addSeparator()
        for key in ("previous", "next"):
            bar.addAction(actions[key])
            self._button(bar, key).setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        bar.addAction(actions["reviewed"])
        reviewed = self._button(bar, "reviewed")
        reviewed.setObjectName("primary")
        reviewed.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self._main_bar = bar
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, bar)
        tools = QToolBar()
        tools.setObjectName("tools")
        tools.setMovable(False)
        tools.setOrientation(Qt.Orientation.Vertical)
        self.toolbox = Toolbox()
        tools.addWidget(self.toolbox)
        self.show_tools((), False)
        self._tools_bar = tools
        self.addToolBar(Qt.ToolBarArea.LeftToolBarArea, tools)
        for toolbar in (bar, tools):
            toolbar.setIconSize(ICON_SIZE)
            toolbar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
            for button in toolbar.findChildren(QToolButton):
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _measure_main_bar(self) -> None:
        """How wide it is with all its words, in the language that is set now."""
        self._shorten_main_bar(False)
        self._main_bar_width = self._main_bar.sizeHint().width()
        self._fit_main_bar()

    def _fit_main_bar(self) -> None:
        """Some buttons give up their words, so that the last ones are not pushed out."""
        self._shorten_main_bar(self.width() < self._main_bar_width)

    def _shorten_main_bar(self, shortened: bool) -> None:
        style = Qt.ToolButtonStyle
        for key in _SHORTENED:
            self._button(self._main_bar, key).setToolButtonStyle(
                style.ToolButtonIconOnly if shortened else style.ToolButtonTextBesideIcon
            )

    def _button(self, bar: QToolBar, key: str) -> QToolButton:
        button = bar.widgetForAction(self.actions_table[key])
        assert isinstance(button, QToolButton)
        return button

    def _build_menus(self) -> None:
        self._menus = {menu: self.menuBar().addMenu("") for menu in MENUS}
        for menu, widget in self._menus.items():
            for action in self.actions_table.of_menu(menu):
                if action.objectName() in SECTIONS:
                    widget.addSeparator()
                widget.addAction(action)
        self._menus[IMAGE].addMenu(self.images.filter_menu)
        self._menus[CATEGORY].addSeparator()
        for part in (self.categories.current_menu, self.categories.ready_menu):
            self._menus[CATEGORY].addMenu(part)

    def _build_status_bar(self) -> None:
        self._position = QLabel()
        self._zoom = QLabel()
        self._saved = QLabel()
        self._device = QLabel()
        self._device.setObjectName("muted")
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        bar.setContentsMargins(12, 0, 12, 0)
        bar.addWidget(self._position, 1)
        for widget in (self.job_bar, self._saved, self._zoom, self._device):
            bar.addPermanentWidget(widget)
        self._zoom.setMinimumWidth(self.fontMetrics().horizontalAdvance("6400 %"))
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    # showing

    def dress(self, theme: Theme) -> None:
        """Icons and surround in the colours of a theme."""
        self.actions_table.dress(theme)
        self.categories.dress(theme)
        self.images.dress(theme)
        self.job_bar.dress(theme)
        for picture in (self.canvas, self.photograph):
            picture.set_surround(QColor(theme.canvas))

    def retranslate(self) -> None:
        """All texts in the language that is set now."""
        self.actions_table.retranslate()
        for menu, widget in self._menus.items():
            widget.setTitle(translated(menu))
        self._retitle_docks()
        self.canvas.setAccessibleName(self.tr("Canvas"))
        self.photograph.setAccessibleName(self.tr("Photograph"))
        self._opacity.setToolTip(self.tr("How strongly the overlay covers the picture"))
        self._opacity.setAccessibleName(self.tr("Opacity of the overlay"))
        self._main_bar.setWindowTitle(self.tr("Main tool bar"))
        self._tools_bar.setWindowTitle(self.tr("Tools"))
        self._measure_main_bar()
        for part in (
            self.categories,
            self.history,
            self.learning,
            self.images,
            self.proposal,
            self.tool_options,
            self.tour,
            self.start_page,
            self.job_bar,
            self.banner,
            self.image_banner,
        ):
            part.retranslate()

    def show_project(self, is_open: bool) -> None:
        """The start page, or everything else."""
        self._is_open = is_open
        self._pages.setCurrentIndex(1 if is_open else 0)
        self._show_parts()
        for key in _NEEDS_PROJECT:
            self.actions_table[key].setEnabled(is_open)

    def show_image_actions(self, has_image: bool) -> None:
        """Whether there is an image to work on."""
        for key in _NEEDS_IMAGE:
            self.actions_table[key].setEnabled(has_image)

    def show_side_by_side(self, shown: bool) -> None:
        """The photograph without labels beside the canvas, of the same width to start with."""
        if shown == self.photograph.isHidden():
            self.photograph.setVisible(shown)
            width = self._pictures.width() // 2
            self._pictures.setSizes([width, width])

    def show_tools(self, keys: tuple[str, ...], shown: bool) -> None:
        """Whether some tools are below the others at the left; menu and keys have them anyway."""
        others = [key for key in _TOOLS if key not in keys]
        all_shown = (*others, *keys) if shown else others
        self.toolbox.show_actions([self.actions_table[key] for key in all_shown])

    def show_lock(self, reason: str) -> None:
        """Whether and why labels and categories are only shown for the moment."""
        self.tool_options.show_lock(reason)
        self.categories.setEnabled(not reason)
        self.canvas.set_read_only(bool(reason))

    def show_opacity(self, opacity: float) -> None:
        self._opacity.setValue(round(100 * opacity))

    def show_position(self, text: str) -> None:
        self._position.setText(text)

    def show_zoom(self, scale: float) -> None:
        percent = 100 * scale
        self._zoom.setText(f"{percent:.0f} %" if percent >= 10 else f"{percent:.1f} %")

    def show_saved(self, text: str, *, is_error: bool = False) -> None:
        self._saved.setText(text)
        self._saved.setObjectName("error" if is_error else "")
        self._saved.style().unpolish(self._saved)
        self._saved.style().polish(self._saved)

    @property
    def saved_text(self) -> str:
        return self._saved.text()

    @property
    def device_text(self) -> str:
        return self._device.text()

    def show_device(self, text: str) -> None:
        self._device.setText(text)

    def focus_next_part(self) -> None:
        """Put the keyboard into the next part that can be seen, from the canvas around to it."""
        parts = (
            self.canvas,
            self.tool_options,
            self.tour,
            self.categories,
            self.proposal,
            self.history,
            self.learning,
            self.images,
        )
        seen = [part for part in parts if not part.visibleRegion().isEmpty()]
        focus = self.focusWidget()
        at = -1
        if focus is not None:
            at = next((i for i, p in enumerate(seen) if p is focus or p.isAncestorOf(focus)), -1)
        for part in seen[at + 1 :] + seen[: at + 1]:
            control = _first_control(part)
            if control is not None:
                control.setFocus(Qt.FocusReason.TabFocusReason)
                return

    def show_picture_only(self, alone: bool) -> None:
        """Hide everything but the picture, or bring it back."""
        if alone == self._is_alone:
            return
        if alone:
            self._around = _Around(self.saveGeometry(), self.saveState(), self.size())
        self._is_alone = alone
        self._is_returning = not alone
        self._show_parts()
        full = Qt.WindowState.WindowFullScreen
        state = self.windowState()
        self.setWindowState(state | full if alone else state & ~full)
        way_back = self.tr("F11 or Esc brings the window back.")
        if alone:
            self.say_hint(way_back)
        else:
            self.banner.retract(way_back)
            self._restore_around()

    def _restore_around(self) -> None:
        """Parts get the sizes that they had, once the window has its own again."""
        if self._around is not None and self.size() == self._around.size:
            self._is_returning = False
            self.restoreState(self._around.layout)

    @property
    def geometry_and_layout(self) -> tuple[QByteArray, QByteArray]:
        """To be remembered; while the picture is alone, of the window that comes back."""
        if self._is_alone and self._around is not None:
            return self._around.geometry, self._around.layout
        return self.saveGeometry(), self.saveState()

    def _show_parts(self) -> None:
        around: tuple[QWidget, ...] = (self.menuBar(), self.statusBar(), self.tool_options)
        of_project: tuple[QWidget, ...] = (
            self._main_bar,
            self._tools_bar,
            self._categories_dock,
            self._proposal_dock,
            self._history_dock,
            self._learning_dock,
            self._images_dock,
        )
        for widget in around:
            widget.setVisible(not self._is_alone)
        for widget in of_project:
            widget.setVisible(self._is_open and not self._is_alone)
        self.tour.setVisible(self._is_toured and not self._is_alone)

    def show_tour(self, shown: bool) -> None:
        """The guided tour between the options of the tool and the picture."""
        self._is_toured = shown
        self._show_parts()

    def show_history(self) -> None:
        """Bring the steps of the image that is shown to the front."""
        self._history_dock.show()
        self._history_dock.raise_()

    def show_learning(self) -> None:
        """Bring the live view of the learning to the front."""
        self._learning_dock.raise_()

    def say_hint(
        self,
        text: str,
        button: str = "",
        action: Callable[[], None] | None = None,
        other: str = "",
        other_action: Callable[[], None] | None = None,
    ) -> None:
        """Good to know, over the canvas; may offer one thing to do, or the choice of two."""
        self.image_banner.move_on()  # one message at a time
        self.banner.show_hint(text, button, action, other, other_action)
        self._place_banners()

    def say_error(
        self,
        text: str,
        button: str = "",
        action: Callable[[], None] | None = None,
        other: str = "",
        other_action: Callable[[], None] | None = None,
    ) -> None:
        """Something went wrong; stays until closed. May offer one thing to do, or two."""
        self.banner.show_error(text, button, action, other, other_action)
        self._place_banners()

    def say_of_image(
        self,
        text: str,
        button: str = "",
        action: Callable[[], None] | None = None,
        *,
        is_error: bool = False,
    ) -> None:
        """The same about the image that is shown: it goes with the image, and covers no other."""
        if not is_error and not self.banner.has_action:
            self.banner.move_on()  # one message at a time
        show = self.image_banner.show_error if is_error else self.image_banner.show_hint
        show(text, button, action)
        self._place_banners()

    def move_on(self) -> None:
        """An image was changed, or left: what was said before is no longer news."""
        self.image_banner.move_on()
        if not self.banner.has_action:
            self.banner.move_on()

    def _dismiss(self) -> bool:
        """Close the message that is on top, errors too. Returns whether there was one."""
        shown = (b for b in (self.image_banner, self.banner) if not b.isHidden())
        if (banner := next(shown, None)) is None:
            return False
        banner.hide()
        return True

    def _place_banners(self) -> None:
        """One above the other at the bottom of the canvas, where they hide least."""
        bottom = self.canvas.height() - _BANNER_MARGIN
        for banner in (self.banner, self.image_banner):
            if banner.isHidden():
                continue
            room = min(self.canvas.width() - 2 * _BANNER_MARGIN, _BANNER_WIDTH)
            width = banner.fitting_width(room)
            height = banner.heightForWidth(width)
            bottom -= height
            banner.setGeometry((self.canvas.width() - width) // 2, bottom, width, height)
            bottom -= _BANNER_GAP

    # events

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._is_returning:
            self._restore_around()
        self._fit_main_bar()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._is_alone:
            self.actions_table["full_screen"].trigger()
        elif event.key() == Qt.Key.Key_Escape and self._dismiss():
            event.accept()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped_folder(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        folder = _dropped_folder(event.mimeData())
        if folder is not None:
            event.acceptProposedAction()
            self.folder_dropped.emit(str(folder))

    def closeEvent(self, event: QCloseEvent) -> None:
        self.close_requested.emit(event)


def _first_control(part: QWidget) -> QWidget | None:
    """What of a part takes the keyboard first."""
    if part.focusPolicy() & Qt.FocusPolicy.TabFocus:
        return part
    control = part.nextInFocusChain()
    while control is not None and part.isAncestorOf(control):
        if (
            control.focusPolicy() & Qt.FocusPolicy.TabFocus
            and control.isVisible()
            and control.isEnabled()
        ):
            return control
        control = control.nextInFocusChain()
    return None


def _scrolling(panel: QWidget) -> QScrollArea:
    """A panel that scrolls where there is too little room for it."""
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its controls are gone through
    area.setWidget(panel)
    return area


def _dropped_folder(data: QMimeData) -> Path | None:
    """The folder that was dropped, or that of the first file."""
    for url in data.urls():
        path = Path(url.toLocalFile())
        if path.is_dir():
            return path
        if path.is_file():
            return path.parent
    return None
