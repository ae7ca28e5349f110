"""Finding by typing, and what the preferences change."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QDialog

from seglabel.app.dialogs.palette import Entry, PaletteDialog
from seglabel.app.dialogs.preferences import PreferencesDialog
from seglabel.app.fuzzy import fitness
from seglabel.app.session import Session
from seglabel.app.settings import Settings


def best(typed: str, *texts: str) -> str:
    scores = {text: fitness(typed, text) for text in texts}
    return max((t for t in texts if scores[t] is not None), key=lambda t: scores[t], default="")


def test_letters_in_order_are_enough_and_the_better_fit_comes_first() -> None:
    assert best("zi", "Propose again in size", "Zoom in", "Fit") == "Zoom in"
    assert best("fill", "Refill", "Fill", "Flood it all") == "Fill"
    assert best("mb", "Much smaller brush", "Combine") == "Much smaller brush"
    assert best("图像", "下一张图像", "图层") == "下一张图像"
    assert fitness("xyz", "Brush") is None
    assert fitness("", "Brush") == 0


def in_dialog(session: Session, monkeypatch, action: str, act) -> None:
    """Trigger an action that opens a dialog, and do something there."""

    def run(dialog: PaletteDialog | PreferencesDialog) -> int:
        dialog.show()
        act(dialog)
        dialog.close()
        return dialog.result()

    for kind in (PaletteDialog, PreferencesDialog):
        monkeypatch.setattr(kind, "exec", run)
    session.window.actions_table[action].trigger()


def type_and_enter(session: Session, monkeypatch, action: str, text: str) -> list[str]:
    """Open the palette, type, press Enter. Returns what was listed."""
    listed: list[str] = []

    def act(dialog: PaletteDialog) -> None:
        dialog._field.setText(text)
        listed.extend(entry.text for entry in dialog._shown)
        dialog._field.returnPressed.emit()

    in_dialog(session, monkeypatch, action, act)
    return listed


def test_an_action_is_found_in_english_and_in_the_language_of_the_window(
    qtbot, session: Session, monkeypatch
) -> None:
    session.look_binding.set_language("zh_CN")
    for text in ("wand", "魔棒"):
        session.editor.set_tool("brush")
        type_and_enter(session, monkeypatch, "palette", text)
        assert session.editor.tool == "wand"
    session.look_binding.set_language("en")


def test_the_palette_shows_an_image_and_takes_a_category(
    qtbot, session: Session, monkeypatch
) -> None:
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        type_and_enter(session, monkeypatch, "palette", "c.png")
    assert session.workspace.name == "c.png"
    type_and_enter(session, monkeypatch, "palette", "gry")
    assert session.editor.category_id == 2


def test_a_category_is_chosen_by_typing_or_made_if_it_is_new(
    qtbot, session: Session, monkeypatch
) -> None:
    listed = type_and_enter(session, monkeypatch, "find_category", "gr")
    assert listed == ["grey", "background", "New category “gr”"]
    assert session.editor.category_id == 2
    assert session.window.canvas.hasFocus() or not session.window.isActiveWindow()
    type_and_enter(session, monkeypatch, "find_category", "sky")
    project = session.workspace.project
    assert [category.name for category in project.categories] == ["bright", "grey", "sky"]
    assert session.editor.category_id == project.categories.categories[-1].id


def test_what_cannot_be_done_now_is_listed_but_not_done(qtbot, make_session, monkeypatch) -> None:
    session = make_session()
    listed = type_and_enter(session, monkeypatch, "palette", "export")
    assert listed[0] == "Export…"
    assert not session.window.actions_table["export"].isEnabled()


@pytest.fixture
def palette(qtbot) -> PaletteDialog:
    entries = [Entry(text, "", lambda: None) for text in ("sky", "road", "roof")]
    dialog = PaletteDialog("Which?", entries, lambda typed: [])
    qtbot.addWidget(dialog)
    with qtbot.waitActive(dialog):
        dialog.show()
        dialog.activateWindow()
    return dialog


def test_arrows_move_in_the_list_while_one_types(qtbot, palette: PaletteDialog) -> None:
    qtbot.keyClicks(palette._field, "ro")
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Down):
        qtbot.keyClick(palette._field, key)
    assert palette._list.currentItem().text(0) == "roof"
    assert palette._field.accessibleDescription() == "roof"
    qtbot.keyClick(palette._field, Qt.Key.Key_Return)
    assert palette.result() == 1


def test_escape_gives_up_and_enter_without_a_fit_does_nothing(
    qtbot, palette: PaletteDialog
) -> None:
    qtbot.keyClicks(palette._field, "xyz")
    assert palette._nothing.isVisible() and not palette._list.isVisible()
    qtbot.keyClick(palette._field, Qt.Key.Key_Return)
    assert palette.isVisible()
    qtbot.keyClick(palette._field, Qt.Key.Key_Escape)
    assert not palette.isVisible() and palette.result() == 0


@pytest.mark.parametrize("digit", [0, 1, 2])
def test_number_keys_take_categories(qtbot, session: Session, digit: int) -> None:
    session.window.canvas.setFocus()
    qtbot.keyClick(session.window.canvas, str(digit))
    assert session.editor.category_id == digit


def test_preferences_hold_at_once_and_at_the_next_start(
    qtbot, session: Session, monkeypatch, tmp_path
) -> None:
    def act(dialog: PreferencesDialog) -> None:
        dialog._switches[0][1].click()
        dialog._undo.setValue(64)
        dialog._switches[1][1].click()

    in_dialog(session, monkeypatch, "preferences", act)
    size, zoom = session.editor.brush.size, session.window.canvas.zoom
    turn_wheel(session)
    assert session.editor.brush.size > size and session.window.canvas.zoom == zoom
    assert session.editor.document.history._byte_limit == 64 << 20
    assert not session.ahead.is_on
    settings = Settings(tmp_path / "window.ini")
    assert (settings.undo_mb, settings.proposes_ahead) == (64, False)


def turn_wheel(session: Session) -> None:
    canvas = session.window.canvas
    middle = QPointF(canvas.rect().center())
    event = QWheelEvent(
        middle,
        QPointF(canvas.mapToGlobal(canvas.rect().center())),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def test_the_preferences_follow_the_language_while_they_are_open(
    qtbot, session: Session, monkeypatch
) -> None:
    titles: list[str] = []

    def act(dialog: PreferencesDialog) -> None:
        for index in (2, 1):
            dialog._language.activated.emit(index)
            QApplication.processEvents()
            titles.append(dialog.windowTitle())

    in_dialog(session, monkeypatch, "preferences", act)
    assert titles == ["首选项", "Preferences"]


def test_a_dialog_is_gone_once_it_was_answered(qtbot, session: Session) -> None:
    before = len(session.window.findChildren(QDialog))
    for key in ("palette", "preferences", "shortcuts", "keys"):
        QTimer.singleShot(0, lambda: QApplication.activeModalWidget().reject())
        session.window.actions_table[key].trigger()
    qtbot.waitUntil(lambda: len(session.window.findChildren(QDialog)) == before, timeout=20000)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("heat", "heat"),
        ("heat map", "heat"),
        ("solo", "solo"),
        ("flicker", "compare"),
        ("instance", "objects"),
        ("undo history", "undo"),
    ],
)
def test_words_that_people_know_find_the_action_first(
    qtbot, session: Session, typed: str, key: str
) -> None:
    entries = session.finding_binding._actions()
    scored = [(entry.fitness(typed), entry.text) for entry in entries]
    best_text = max((pair for pair in scored if pair[0] is not None), key=lambda pair: pair[0])[1]
    assert best_text == session.window.actions_table[key].text()
