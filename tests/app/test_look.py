from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QLabel,
    QLineEdit,
    QToolButton,
)

from seglabel.app import wording
from seglabel.app.actions import ACTIONS, NUMBER_KEYS, SECTIONS
from seglabel.app.canvas.adjustment import Adjustment
from seglabel.app.dialogs.adjusting import AdjustingDialog
from seglabel.app.dialogs.export import ExportDialog
from seglabel.app.dialogs.keys import KeysDialog
from seglabel.app.session import Session
from seglabel.app.settings import Settings
from seglabel.app.theme import DARK, LIGHT, Theme
from seglabel.formats.registry import formats
from seglabel.resources import resource

TRANSLATIONS = resource("translations", "seglabel_zh_CN.ts")


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    values = [
        value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4
        for value in QColor(color).getRgbF()[:3]
    ]
    return 0.2126 * values[0] + 0.7152 * values[1] + 0.0722 * values[2]


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_text_stands_out_from_what_it_is_written_on(theme: Theme) -> None:
    for ground in (theme.window, theme.panel, theme.field):
        assert contrast(theme.text, ground) >= 4.5
        assert contrast(theme.muted, ground) >= 4.5
        assert contrast(theme.error, ground) >= 4.5
    assert contrast(theme.on_accent, theme.accent) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_the_surround_of_the_picture_has_no_tint(theme: Theme) -> None:
    red, green, blue, _ = QColor(theme.canvas).getRgb()
    assert red == green == blue


def test_every_action_has_a_tooltip_and_nearly_every_one_a_shortcut() -> None:
    assert all(spec.text and spec.tip for spec in ACTIONS)
    assert [spec.key for spec in ACTIONS if not spec.shortcuts] == ["about"]


def test_no_two_actions_share_a_shortcut() -> None:
    keys = [key for spec in ACTIONS for key in spec.shortcuts]
    assert len(keys) == len(set(keys))


def test_no_press_of_a_key_means_two_shortcuts_of_one_action() -> None:
    # Qt takes "Shift+[" and "{" for the same press, calls them ambiguous, and does nothing.
    keys = [key for spec in ACTIONS for key in spec.shortcuts]
    assert [key for key in keys if re.fullmatch(r"Shift\+[^A-Z]", key)] == []


def test_every_action_does_something(session: Session) -> None:
    for spec in ACTIONS:
        action = session.window.actions_table[spec.key]
        assert action.receivers("2triggered(bool)") > 0, spec.key


def test_the_theme_can_be_switched_while_the_window_is_open(session: Session, tmp_path) -> None:
    application = QCoreApplication.instance()
    session.look_binding.set_theme("dark")
    assert application.palette().window().color() == QColor(DARK.window)
    session.look_binding.set_theme("light")
    assert application.palette().window().color() == QColor(LIGHT.window)
    assert Settings(tmp_path / "window.ini").theme == "light"


def test_the_language_can_be_switched_while_the_window_is_open(session: Session) -> None:
    action = session.window.actions_table["undo"]
    session.look_binding.set_language("zh_CN")
    assert action.text() == "撤销"
    assert session.window.tool_options.control("size").label.text() == "大小"
    session.look_binding.set_language("en")
    assert action.text() == "Undo"


def test_what_the_window_says_of_the_data_follows_the_language(qtbot, with_model: Session) -> None:
    session = with_model
    with qtbot.waitSignal(session.inference.proposed, timeout=20000):
        session.window.actions_table["propose"].trigger()
    session.workspace.save()
    qtbot.waitUntil(lambda: session.window.saved_text == "saved", timeout=20000)
    session.look_binding.set_language("zh_CN")
    panel = session.window.proposal
    for text in (session.window.saved_text, panel._model.text(), panel.image_text):
        assert re.search("[\u4e00-\u9fff]", text), text
    session.look_binding.set_language("en")


def test_every_text_of_the_window_is_translated() -> None:
    unfinished = [
        message.findtext("source")
        for message in ElementTree.parse(TRANSLATIONS).iter("message")
        if message.find("translation").get("type") or not message.findtext("translation")
    ]
    assert unfinished == []


def test_placeholders_survive_translation() -> None:
    for message in ElementTree.parse(TRANSLATIONS).iter("message"):
        source, target = message.findtext("source"), message.findtext("translation")
        assert sorted(re.findall(r"\{\d\}", source)) == sorted(re.findall(r"\{\d\}", target))


def test_the_collected_texts_are_those_of_the_source(tmp_path: Path) -> None:
    copy = tmp_path / TRANSLATIONS.name
    shutil.copyfile(TRANSLATIONS, copy)
    root = resource().parent
    rooms = (root / "seglabel" / room for room in ("app", "tools"))
    sources = sorted(str(path) for room in rooms for path in room.rglob("*.py"))
    tool = Path(sys.executable).with_name("pyside6-lupdate")
    subprocess.run(
        [str(tool), *sources, "-no-obsolete", "-locations", "none", "-ts", str(copy)],
        check=True,
        capture_output=True,
    )

    def texts(path: Path) -> set[tuple[str, str]]:
        return {
            (context.findtext("name"), message.findtext("source"))
            for context in ElementTree.parse(path).iter("context")
            for message in context.iter("message")
        }

    assert texts(copy) == texts(TRANSLATIONS), "run packaging/translate.py"


def test_controls_have_names_for_screen_readers(session: Session) -> None:
    window = session.window
    nameless = [
        widget
        for kind in (QAbstractButton, QAbstractSlider, QLineEdit)
        for widget in window.findChildren(kind)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not (widget.accessibleName() or _own_text(widget))
        and widget.isVisibleTo(window)
        and not widget.objectName().startswith("qt_")
    ]
    assert nameless == []


def _own_text(widget) -> str:
    text = getattr(widget, "text", None)
    if isinstance(widget, QToolButton) and widget.defaultAction() is not None:
        return widget.defaultAction().text()
    return text() if callable(text) else ""


@pytest.mark.parametrize("size", [(1024, 640), (1280, 800), (2560, 1440)])
def test_the_canvas_gets_most_of_the_window(qtbot, session: Session, size) -> None:
    window = session.window
    window.resize(*size)
    qtbot.waitUntil(lambda: window.size().toTuple() == size)
    share = window.canvas.width() * window.canvas.height() / (size[0] * size[1])
    assert share >= (0.46 if size == (1024, 640) else 0.56)


def test_the_picture_alone_comes_back_as_it_was(qtbot, session: Session, make_session) -> None:
    window, action = session.window, session.window.actions_table["full_screen"]
    window.showMaximized()
    action.trigger()
    assert window.isFullScreen() and not window.menuBar().isVisible()
    assert not window.categories.isVisible()
    assert "F11" in window.banner.text and window.banner.isVisible()
    action.trigger()
    assert window.isMaximized() and not window.isFullScreen()
    assert window.banner.isHidden()  # it is back
    assert window.categories.isVisible() and window.menuBar().isVisible()
    assert not make_session().window.actions_table["full_screen"].isEnabled()  # no picture yet


def test_parts_of_the_window_keep_their_sizes_while_the_picture_is_alone(
    qtbot, session: Session, make_session
) -> None:
    window = session.window
    window.resize(1100, 700)
    qtbot.waitUntil(lambda: window.width() == 1100)
    dock = window._categories_dock
    before = dock.height()
    window.resizeDocks([dock, window._proposal_dock], [200, 400], Qt.Orientation.Vertical)
    qtbot.waitUntil(lambda: dock.height() != before)
    chosen = dock.height()
    for way in ("action", "Esc"):
        window.actions_table["full_screen"].trigger()
        qtbot.waitUntil(lambda: window.isFullScreen() and not window.categories.isVisible())
        if way == "Esc":
            qtbot.keyClick(window.canvas, Qt.Key.Key_Escape)
        else:
            window.actions_table["full_screen"].trigger()
        assert not window.isFullScreen() and not window.actions_table["full_screen"].isChecked()
        qtbot.waitUntil(lambda: dock.height() == chosen)
    window.actions_table["full_screen"].trigger()
    window.close()
    again = make_session().window
    assert not again.isFullScreen()


def test_the_picture_stays_in_place_whatever_tool_is_chosen(qtbot, session: Session) -> None:
    window = session.window
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: window.width() == 1280)
    for part in (window.tool_options, window.canvas):
        places = set()
        for tool in ("brush", "fill", "eraser"):
            window.actions_table[tool].trigger()
            qtbot.wait(1)
            places.add(part.geometry().getRect())
        assert len(places) == 1
    window.actions_table["fill"].trigger()
    assert "fill" in window.tool_options._hint.text()
    assert window.tool_options._hint.isVisible()


def test_every_menu_opens_with_alt_and_a_letter_of_its_own(session: Session) -> None:
    for language in ("zh_CN", "en"):
        session.look_binding.set_language(language)
        titles = [action.text() for action in session.window.menuBar().actions()]
        letters = [re.search(r"&(\w)", title).group(1).lower() for title in titles]
        assert len(set(letters)) == len(titles)


def test_the_keys_dialog_shows_no_mnemonics(qtbot, session: Session) -> None:
    for language in ("zh_CN", "en"):
        session.look_binding.set_language(language)
        dialog = KeysDialog(session.window.actions_table, session.window)
        qtbot.addWidget(dialog)
        headings = [label.text().partition("</h3>")[0] for label in dialog.findChildren(QLabel)]
        assert not any("&amp;" in heading or "(" in heading for heading in headings)


def test_a_message_of_one_line_covers_little_of_the_picture(session: Session) -> None:
    session.window.say_hint("Imported labels of 3 images.", "Open folder", lambda: None)
    assert session.window.banner.height() <= 44


def test_the_keys_dialog_lists_every_shortcut(qtbot, session: Session) -> None:
    dialog = KeysDialog(session.window.actions_table, session.window)
    qtbot.addWidget(dialog)
    text = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "0 – 9" in text
    for spec in ACTIONS:
        if spec.shortcuts and spec.key not in NUMBER_KEYS:
            shown = session.window.actions_table[spec.key].text().rstrip("…")
            assert shown in text


def test_the_export_dialog_counts_the_images_that_can_be_read(
    qtbot, session: Session, monkeypatch
) -> None:
    workspace = session.workspace
    workspace.note_unreadable(workspace.store, "d.png", "d.png: damaged")
    shown: list[str] = []
    monkeypatch.setattr(
        ExportDialog, "exec", lambda dialog: shown.append(dialog._status.itemText(0)) or 0
    )
    session.exchanging.ask_export()
    assert shown == ["all images (3)"]


def test_the_export_dialog_refuses_a_folder_that_exists(qtbot, session: Session, folder) -> None:
    dialog = ExportDialog(
        formats().values(), session.workspace.project.records, folder, session.window
    )
    qtbot.addWidget(dialog)
    assert dialog._ok.isEnabled()
    dialog._target.setText(str(folder))
    assert not dialog._ok.isEnabled()
    dialog._force.setChecked(True)
    assert dialog._ok.isEnabled()


def test_the_export_dialog_offers_what_the_format_knows(qtbot, session: Session, folder) -> None:
    dialog = ExportDialog(
        formats().values(), session.workspace.project.records, folder, session.window
    )
    qtbot.addWidget(dialog)
    dialog.show()
    dialog._form.setCurrentIndex(dialog._form.findText("Pascal VOC"))
    assert dialog._border.isVisible() and not dialog._segmentation.isVisible()
    dialog._splits.setChecked(True)
    choice = dialog.choice()
    assert choice.form.name == "voc"
    assert choice.shares == {"train": 0.8, "val": 0.2}


def test_a_damaged_settings_file_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "window.ini"
    path.write_bytes(b"\x00\xff[[[ not an ini \x80 = \n\n]]")
    settings = Settings(path)
    assert settings.theme == "system"
    assert settings.tool_options == {}


def test_the_controls_of_a_tool_stay_in_place_whatever_the_category_is_called(
    qtbot, session: Session
) -> None:
    window, bar = session.window, session.window.tool_options
    window.resize(1024, 640)
    qtbot.waitUntil(lambda: window.width() == 1024)
    places = set()
    for name in ("a", "a category with a name that is much longer than there is room"):
        session.window.categories.rename_requested.emit(1, name)
        session.editor.set_category(1)
        qtbot.wait(1)
        places.add(bar.control("size").geometry().getRect())
    assert len(places) == 1 and bar._category.toolTip().startswith("a category")


def test_the_pressure_of_a_pen_is_offered_where_there_is_one(session: Session, request) -> None:
    pressure = session.window.tool_options.control("pressure")
    assert pressure.isHidden()
    request.getfixturevalue("connected_pen")
    session.editor.set_tool("eraser")
    assert not pressure.isHidden()


def test_the_menu_lists_categories_by_name_and_what_can_be_done_to_the_current_one(
    session: Session,
) -> None:
    table, panel = session.window.actions_table, session.window.categories
    assert [table[key].text() for key in NUMBER_KEYS[:3]] == ["background", "bright", "grey"]
    assert not table["category_3"].isVisible()
    session.editor.set_category(2)
    panel.current_menu.aboutToShow.emit()
    rename = next(a for a in panel.current_menu.actions() if a.text() == "Rename")
    assert rename.isEnabled()
    assert panel.make_menu(2).actions()[0].text() == "grey"
    panel.rename_requested.emit(2, "dull & grey")
    assert table["category_2"].text() == "dull && grey"


def test_a_ready_made_list_can_still_be_added_later(session: Session) -> None:
    menu = session.window.categories.ready_menu
    next(a for a in menu.actions() if "VOC" in a.text()).trigger()
    names = [category.name for category in session.workspace.categories]
    assert names[:3] == ["bright", "grey", "aeroplane"] and len(names) == 22


def test_the_title_says_which_image_it_is_and_how_many_there_are(qtbot, session: Session) -> None:
    assert session.window.windowTitle() == "a.png (1 / 4) – pictures – seglabel"
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.step(1)
    assert session.window.windowTitle() == "b.png (2 / 4) – pictures – seglabel"


def test_enter_closes_the_adjustments_and_resets_nothing(qtbot) -> None:
    dialog = AdjustingDialog()
    qtbot.addWidget(dialog)
    dialog.show_adjustment(Adjustment(0.5, 0.0, 1.0))
    dialog.show()
    qtbot.waitExposed(dialog)
    with qtbot.assertNotEmitted(dialog.adjusted):
        qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.isHidden()


def test_long_menus_are_divided(session: Session) -> None:
    keys = {spec.key for spec in ACTIONS}
    assert keys >= SECTIONS
    for menu in session.window._menus.values():
        run = 0
        for action in menu.actions():
            run = 0 if action.isSeparator() else run + 1
            assert run <= 10


def test_a_device_is_named_in_the_language_of_the_window_with_its_engine(monkeypatch) -> None:
    words = {"CPU (no CUDA device)": "CPU（没有 CUDA 设备）"}
    monkeypatch.setattr(
        wording.QCoreApplication, "translate", lambda _, text: words.get(text, text), raising=False
    )
    assert wording.device_text("CPU (no CUDA device), ONNX") == "CPU（没有 CUDA 设备）, ONNX"
    assert wording.device_text("CUDA (a card)") == "CUDA (a card)"
