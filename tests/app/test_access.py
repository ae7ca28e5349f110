"""Keyboard, screen reader, both languages and small windows: every control of every window."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QDockWidget,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QMenuBar,
    QScrollBar,
    QSizePolicy,
    QTabBar,
    QToolButton,
    QWidget,
)

from seglabel.app.canvas.adjustment import UNCHANGED
from seglabel.app.canvas.view import CanvasView
from seglabel.app.dialogs.adjusting import AdjustingDialog
from seglabel.app.dialogs.comparison import ComparisonWindow
from seglabel.app.dialogs.deleting import DeleteCategoryDialog
from seglabel.app.dialogs.export import ExportDialog
from seglabel.app.dialogs.importing import ImportDialog
from seglabel.app.dialogs.keys import KeysDialog
from seglabel.app.dialogs.learning import Learnable, LearnDialog
from seglabel.app.dialogs.mapping import MappingDialog
from seglabel.app.dialogs.model_facts import ModelFactsDialog
from seglabel.app.dialogs.models import ListedModel, ModelsDialog
from seglabel.app.dialogs.notes import NotesDialog
from seglabel.app.dialogs.palette import Entry, PaletteDialog
from seglabel.app.dialogs.preferences import PreferencesDialog
from seglabel.app.dialogs.shortcuts import ShortcutsDialog
from seglabel.app.dialogs.statistics import StatisticsDialog
from seglabel.app.dialogs.unsaved import UnsavedDialog
from seglabel.app.dialogs.versions import VersionsDialog
from seglabel.app.keymap import Keymap
from seglabel.app.session import Session
from seglabel.app.tour import STEPS
from seglabel.core.categories import Category, CategorySet
from seglabel.core.comparison import Comparison, JudgedModel, compared
from seglabel.core.matching import match_by_name
from seglabel.core.metrics import PairCounts, Scores
from seglabel.core.model_version import Judgement, ModelVersion
from seglabel.formats.model_file import ModelFile
from seglabel.formats.registry import formats
from seglabel.jobs.merging import CategoryUsage
from seglabel.jobs.versions import ListedVersion

CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QKeySequenceEdit,
    QLineEdit,
    CanvasView,
)
SIZES = ((1024, 640), (1280, 800))

# Names that are the same in both languages: of programs, formats, methods, keys and the like.
PROPER = re.compile(
    r"seglabel|labelme|CVAT|COCO|Pascal|VOC|PNGs?|bf16|GrabCut|English|GPU|CPU|CUDA|DeepLab\S*"
    r"|Ctrl|Shift|Alt|Esc|Space|Tab|Enter|Return|Backspace|Del|Left|Right|Up|Down|PgUp|PgDown|F\d+"
    r"|[\w.-]+\.(?:png|jpg|json|safetensors|pth|txt)|MB|px"
)
# What comes from the project and the machine of these tests.
DATA = re.compile(r"bright|grey|background|pictures|fake|test device|car|tree|sky|device")

Make = Callable[[Session, Path], QDialog]


def _adjusting(session: Session, _: Path) -> QDialog:
    dialog = AdjustingDialog(session.window)
    dialog.show_adjustment(UNCHANGED)
    return dialog


def _version(name: str, **facts: object) -> ListedVersion:
    scores = Judgement(name, 0.5)
    version = ModelVersion(
        name, "2026-01-01T00:00:00.000Z", parent="fake", scores=scores, before=scores
    )
    file = ModelFile(training={"steps": 9, "seconds": 3.5, "seed": 1})
    return ListedVersion(Path(f"{name}.safetensors"), version, file, 9000, True, **facts)


def _comparison() -> Comparison:
    """Of two models that the reviewed image taught, so that everything is said that can be."""
    known = CategorySet((Category(1, "car", (9, 9, 9)), Category(2, "sky", (9, 9, 99))))
    truth, wrong = np.array([[1, 2]], np.uint8), np.array([[2, 2]], np.uint8)
    models = [
        JudgedModel(name, Scores(0, 0, {}, np.zeros((3, 3), np.int64), 0), {"a.png": counts}, 1)
        for name, counts in (
            ("model-1", PairCounts.of(truth, wrong)),
            ("model-2", PairCounts.of(truth, truth)),
        )
    ]
    return compared(known, (0, 1, 2), models, "reviewed", ["a.png"])


DIALOGS: dict[str, Make] = {
    "adjusting": _adjusting,
    "deleting": lambda session, _: DeleteCategoryDialog(
        1, session.workspace.project.categories, CategoryUsage(2, 900), session.window
    ),
    "export": lambda session, folder: ExportDialog(
        formats().values(), session.workspace.project.records, folder, session.window
    ),
    "import": lambda session, folder: ImportDialog(formats().values(), folder, session.window),
    "keys": lambda session, _: KeysDialog(session.window.actions_table, session.window),
    "mapping": lambda session, _: MappingDialog(
        "fake",
        match_by_name(
            CategorySet((Category(1, "car", (9, 9, 9)), Category(2, "sky", (9, 9, 99)))),
            session.workspace.project.categories,
        ),
        session.workspace.project.categories,
        session.window,
    ),
    "facts": lambda session, _: ModelFactsDialog("fake.pth", [], "# A card", session.window),
    "models": lambda session, folder: ModelsDialog(
        [ListedModel("fake", folder / "fake.pth")], session.window
    ),
    "versions": lambda session, folder: VersionsDialog(
        [_version("model-1"), _version("model-2", depth=1, is_used=True)], session.window
    ),
    "versions_none": lambda session, _: VersionsDialog([], session.window),
    "comparison": lambda session, _: ComparisonWindow(_comparison(), session.window),
    "notes": lambda session, _: NotesDialog("1", ["a.png"], session.window, folder=True),
    "palette": lambda session, _: PaletteDialog(
        session.window.actions_table["palette"].text(),
        [Entry(session.window.actions_table["brush"].text(), "", lambda: None)],
        lambda typed: [],
        session.window,
    ),
    "preferences": lambda session, _: PreferencesDialog(
        "light",
        "en",
        256,
        tuple(session.window.actions_table[key] for key in ("wheel_zooms", "bf16")),
        session.window,
    ),
    "learning": lambda session, folder: LearnDialog(
        Learnable(12, 3, 1, True), ("model-1", folder), session.window
    ),
    "learning_nothing": lambda session, _: LearnDialog(
        Learnable(0, 0, 0, True), None, session.window
    ),
    "statistics": lambda session, _: StatisticsDialog(
        session.workspace.project.categories, session.window
    ),
    "shortcuts": lambda session, _: ShortcutsDialog(Keymap(), session.window),
    "unsaved": lambda session, _: UnsavedDialog(["a.png"], session.window),
}


@pytest.fixture
def chinese(session: Session) -> Iterator[Session]:
    session.look_binding.set_language("zh_CN")
    yield session
    session.look_binding.set_language("en")


@pytest.fixture(params=DIALOGS)
def make_dialog(request, qtbot, folder: Path) -> Callable[[Session], QDialog]:
    def make(session: Session) -> QDialog:
        dialog = DIALOGS[request.param](session, folder)
        qtbot.addWidget(dialog)
        dialog.show()
        QApplication.processEvents()
        return dialog

    return make


def shown(root: QWidget, *kinds: type[QWidget]) -> list[QWidget]:
    """What of these kinds can be seen in a window, but not the parts that Qt made inside them."""
    found = [widget for kind in kinds for widget in root.findChildren(kind)]
    return [
        widget
        for widget in found
        if widget.isVisibleTo(root) and widget.window() is root and not _is_part(widget)
    ]


def _is_part(widget: QWidget) -> bool:
    """Scroll bars, the field of a spin box, the close button of a tab and the like."""
    if widget.objectName().startswith("qt_") or isinstance(widget, QScrollBar | QHeaderView):
        return True
    parent = widget.parentWidget()
    whole = (QAbstractSpinBox, QComboBox, QKeySequenceEdit, QLineEdit, QTabBar, QMenuBar)
    if isinstance(parent, QDockWidget) and isinstance(widget, QAbstractButton):
        return True
    return isinstance(parent, whole)


def spoken(widget: QWidget) -> str:
    """What a screen reader says the control is."""
    found = QAccessible.queryAccessibleInterface(widget)
    return found.text(QAccessible.Text.Name).strip() if found is not None else ""


def describe(widget: QWidget) -> str:
    text = getattr(widget, "text", None)
    return f"{type(widget).__name__} {widget.objectName()!r} {text() if callable(text) else ''!r}"


def nameless(root: QWidget) -> list[str]:
    return [describe(widget) for widget in shown(root, *CONTROLS) if not spoken(widget)]


def unreachable(root: QWidget) -> list[str]:
    """Controls that Tab never gets to. A field with a slider for the same number beside it and
    links in a text are reached otherwise."""
    return [
        describe(widget)
        for widget in shown(root, *CONTROLS)
        if not widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isEnabledTo(root)
        and not _has_twin(widget)
    ]


def _has_twin(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    sliders = parent.findChildren(QAbstractSlider) if parent is not None else []
    return isinstance(widget, QAbstractSpinBox) and any(
        slider.focusPolicy() & Qt.FocusPolicy.TabFocus for slider in sliders
    )


def test_every_control_of_the_window_has_a_name_and_is_reached_by_tab(
    with_model: Session,
) -> None:
    window = with_model.window
    window.say_error("Something went wrong.", "Try again", lambda: None)
    for tool in with_model.editor.tools:
        with_model.editor.set_tool(tool)
        assert nameless(window) == [], tool
        assert unreachable(window) == [], tool
    window._history_dock.raise_()
    QApplication.processEvents()
    assert nameless(window) == [] and unreachable(window) == []


def test_every_control_of_the_start_page_has_a_name_and_is_reached_by_tab(make_session) -> None:
    window = make_session().window
    assert nameless(window) == [] and unreachable(window) == []


def test_every_control_of_a_dialog_has_a_name_and_is_reached_by_tab(
    session: Session, make_dialog
) -> None:
    dialog = make_dialog(session)
    assert nameless(dialog) == [] and unreachable(dialog) == []


def texts(root: QWidget) -> list[str]:
    """All that can be read in a window or heard of it."""
    found = [root.windowTitle()] if isinstance(root, QDialog) else []
    for widget in shown(root, QWidget):
        found += [widget.toolTip(), widget.accessibleName(), widget.accessibleDescription()]
        if isinstance(widget, QLabel | QAbstractButton):
            found.append(widget.text())
        if isinstance(widget, QLineEdit):
            found.append(widget.placeholderText())
        if isinstance(widget, QComboBox):
            found += [widget.itemText(i) for i in range(widget.count())]
        if isinstance(widget, QTabBar):
            found += [widget.tabText(i) for i in range(widget.count())]
    return found


def untranslated(found: list[str]) -> set[str]:
    """Texts with English words that are no names."""
    left = set()
    for text in found:
        words = DATA.sub("", PROPER.sub("", re.sub(r"<[^>]*>|&\w+;|/\S*", " ", text)))
        if re.search(r"[A-Za-z]{3}", words) and not re.search("[\u4e00-\u9fff]", text):
            left.add(text)
    return left


def test_no_english_is_left_in_the_chinese_window(chinese: Session) -> None:
    window = chinese.window
    for tool in chinese.editor.tools:
        chinese.editor.set_tool(tool)
        assert untranslated(texts(window)) == set(), tool
    menus = window.menuBar().actions()
    actions = [action for menu in menus for action in menu.menu().actions()]
    found = [text for a in (*menus, *actions) for text in (a.text(), a.toolTip(), a.statusTip())]
    assert untranslated(found) == set()
    docks = [dock.windowTitle() for dock in window.findChildren(QDockWidget)]
    assert untranslated(docks) == set()


def test_no_english_is_left_in_the_window_after_switching_with_a_model(
    qtbot, with_model: Session
) -> None:
    with qtbot.waitSignal(with_model.inference.proposed, timeout=20000):
        with_model.window.actions_table["propose"].trigger()
    with_model.look_binding.set_language("zh_CN")
    found = texts(with_model.window)
    with_model.look_binding.set_language("en")
    assert untranslated(found) == set()


def test_no_english_is_left_on_the_chinese_start_page(make_session) -> None:
    session = make_session()
    session.look_binding.set_language("zh_CN")
    found = texts(session.window)
    session.look_binding.set_language("en")
    assert untranslated(found) == set()


def test_no_english_is_left_in_a_chinese_dialog(chinese: Session, make_dialog) -> None:
    assert untranslated(texts(make_dialog(chinese))) == set()


def clipped(root: QWidget) -> list[str]:
    """Texts that need more room than they have."""
    left = []
    for widget in shown(root, QLabel, QAbstractButton, QComboBox):
        if isinstance(widget, QLabel) and (not widget.text() or gives_way(widget)):
            continue
        if isinstance(widget, QLabel) and widget.wordWrap():
            if widget.heightForWidth(widget.width()) > widget.height():
                left.append(f"{describe(widget)}: height {widget.height()}")
        elif widget.width() < needed_width(widget):
            left.append(f"{describe(widget)}: width {widget.width()} of {needed_width(widget)}")
        elif widget.height() < min(widget.fontMetrics().height(), widget.sizeHint().height()):
            left.append(f"{describe(widget)}: height {widget.height()}")
    return left


def gives_way(label: QLabel) -> bool:
    """Made to be cut off where there is no room; its tooltip has the whole text."""
    ignored = label.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Ignored
    return ignored and label.toolTip() == label.text()


def needed_width(widget: QWidget) -> int:
    if isinstance(widget, QToolButton):
        style, icon = widget.toolButtonStyle(), widget.iconSize().width()
        text = widget.fontMetrics().size(0, widget.text().replace("&", "")).width()
        if style == Qt.ToolButtonStyle.ToolButtonIconOnly or not widget.text():
            return icon
        return text + (icon if style == Qt.ToolButtonStyle.ToolButtonTextBesideIcon else 0)
    return widget.sizeHint().width()


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("size", SIZES)
def test_no_text_of_the_window_is_clipped(qtbot, with_model: Session, language: str, size) -> None:
    session, window = with_model, with_model.window
    session.look_binding.set_language(language)
    window.resize(*size)
    qtbot.waitUntil(lambda: window.size().toTuple() == size)
    try:
        for tool in session.editor.tools:
            session.editor.set_tool(tool)
            QApplication.processEvents()
            QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
            assert clipped(window) == [], tool
    finally:
        session.look_binding.set_language("en")


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_step_of_the_tour_is_read_and_reached_in_a_small_window(
    qtbot, with_model: Session, language: str
) -> None:
    session, window = with_model, with_model.window
    session.look_binding.set_language(language)
    window.resize(*SIZES[0])
    session.tour_binding.begin()
    try:
        for _ in range(len(STEPS) + 1):
            QApplication.processEvents()
            QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
            assert clipped(window.tour) == []
            assert nameless(window.tour) == [] and unreachable(window.tour) == []
            if language == "zh_CN":
                assert untranslated(texts(window.tour)) == set()
            window.tour.move_requested.emit(1)
        assert window.size().toTuple() == SIZES[0]
    finally:
        session.look_binding.set_language("en")


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_no_text_of_a_dialog_is_clipped(session: Session, make_dialog, language: str) -> None:
    session.look_binding.set_language(language)
    try:
        dialog = make_dialog(session)
        room = (1024 - 32, 640 - 32)
        assert dialog.minimumSizeHint().width() <= room[0]
        assert dialog.minimumSizeHint().height() <= room[1]
        assert clipped(dialog) == []
    finally:
        session.look_binding.set_language("en")


def press(qtbot, session: Session, key: Qt.Key) -> None:
    """Press a key wherever the keyboard is."""
    qtbot.keyClick(session.window.focusWidget(), key)


@pytest.fixture
def active(qtbot, session: Session) -> Session:
    with qtbot.waitActive(session.window):
        session.window.activateWindow()
    session.window.canvas.setFocus()
    return session


def test_f6_goes_through_the_parts_of_the_window_and_comes_back(qtbot, active: Session) -> None:
    window = active.window
    visited = []
    for _ in range(5):
        press(qtbot, active, Qt.Key.Key_F6)
        focus = window.focusWidget()
        parts = (window.tool_options, window.categories, window.proposal, window.images)
        visited.append(next((p for p in parts if p.isAncestorOf(focus)), focus))
    assert visited == [*parts, window.canvas]


def test_a_category_is_chosen_and_renamed_by_keyboard_alone(qtbot, active: Session) -> None:
    window = active.window
    press(qtbot, active, Qt.Key.Key_F6)
    press(qtbot, active, Qt.Key.Key_F6)
    press(qtbot, active, Qt.Key.Key_End)
    press(qtbot, active, Qt.Key.Key_Return)
    assert active.editor.category_id == 2
    assert window.canvas.hasFocus()
    window.categories._list.setFocus()
    press(qtbot, active, Qt.Key.Key_F2)
    qtbot.keyClicks(window.focusWidget(), "stone")
    press(qtbot, active, Qt.Key.Key_Return)
    project = active.workspace.project
    qtbot.waitUntil(lambda: [c.name for c in project.categories] == ["bright", "stone"])


def test_a_folder_without_images_says_what_to_do(qtbot, make_session, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    session = make_session()
    with qtbot.waitSignal(session.workspace.project_opened, timeout=20000):
        session.workspace.open_project(tmp_path / "empty")
    window = session.window
    assert window.images._empty.isVisible() and "put pictures" in window.images._empty.text()
    assert "holds no images" in window.banner.text and window.banner._button.isVisible()


def test_a_search_without_a_hit_says_so(session: Session, folder: Path, qtbot) -> None:
    keys = ShortcutsDialog(Keymap(), session.window)
    models = ModelsDialog([ListedModel("fake", folder / "fake.pth")], session.window)
    for dialog in (keys, models):
        qtbot.addWidget(dialog)
    keys._search.setText("qqqq")
    assert "fits" in keys._message.text()
    keys._search.setText("brush")
    assert "fits" not in keys._message.text()
    models._filter.setText("qqqq")
    assert "fits" in models._about.text()


def test_tab_goes_through_the_preferences_from_top_to_bottom(
    session: Session, folder: Path, qtbot
) -> None:
    dialog = DIALOGS["preferences"](session, folder)
    qtbot.addWidget(dialog)
    dialog.show()
    controls, widget = [], dialog.nextInFocusChain()
    while widget is not None and widget is not dialog:
        if widget in shown(dialog, *CONTROLS):
            controls.append(widget)
        widget = widget.nextInFocusChain()
    heights = [control.mapTo(dialog, QPoint(0, 0)).y() for control in controls]
    assert len(controls) == 6 and heights == sorted(heights)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("width", [1024, 1280])
def test_no_button_is_pushed_out_of_the_main_bar(
    qtbot, session: Session, width: int, language: str
) -> None:
    window = session.window
    session.look_binding.set_language(language)
    window.resize(width, 640)
    qtbot.waitUntil(lambda: window.width() == width)
    for key in ("open", "export", "next", "reviewed"):
        button = window._button(window._main_bar, key)
        qtbot.waitUntil(button.isVisible)
        assert button.mapTo(window, button.rect().bottomRight()).x() < width
    session.look_binding.set_language("en")
