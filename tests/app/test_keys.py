"""Keys: the map of them, the dialog that changes it, and what the window makes of it."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLabel

from seglabel.app.actions import ACTIONS, NUMBER_KEYS
from seglabel.app.dialogs.keys import KeysDialog
from seglabel.app.dialogs.shortcuts import ShortcutsDialog
from seglabel.app.key_presets import PRESETS
from seglabel.app.keymap import HELD, Keymap, portable
from seglabel.app.session import Session

LEFT_HAND = set("12345QWERTASDFGZXCVB") | {"Tab"}


@pytest.mark.parametrize("preset", PRESETS)
def test_no_preset_gives_one_key_to_two_actions(preset: str) -> None:
    keymap = Keymap(preset)
    keys = [key for spec in ACTIONS for key in keymap.keys_of(spec.key)]
    assert len(keys) == len(set(keys))
    assert not HELD & set(keys)


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_speak_of_actions_that_exist_in_qts_own_spelling(preset: str) -> None:
    known = {spec.key for spec in ACTIONS}
    assert set(PRESETS[preset].keys) <= known
    for keys in PRESETS[preset].keys.values():
        assert all(portable(key) == key for key in keys)


def test_the_left_hand_reaches_every_tool_and_what_is_done_to_each_image() -> None:
    keymap = Keymap("left_hand")
    wanted = {spec.key for spec in ACTIONS if spec.group == "tool"}
    wanted |= {"undo", "redo", "previous", "next", "reviewed", "smaller", "larger", "propose"}
    wanted |= {"find_category", "palette", "outline", "overlay", "fit", "zoom_in", "zoom_out"}
    wanted |= {*NUMBER_KEYS[1:6], "accept", "lock", "save", "heat", "compare"}
    wanted |= {"accept_region", "reject_region", "next_uncertain", "previous_uncertain"}
    for action in wanted:
        letters = [key.rsplit("+", 1)[-1] for key in keymap.keys_of(action)]
        assert LEFT_HAND & set(letters), action


def test_every_key_of_the_design_does_what_it_says() -> None:
    wanted = {
        "brush": "B",
        "eraser": "E",
        "lasso": "L",
        "polygon": "P",
        "fill": "F",
        "wand": "W",
        "superpixel": "S",
        "scissors": "X",
        "grabcut": "G",
        "watershed": "T",
        "pick": "K",
        "find_category": "/",
        "smaller": "[",
        "larger": "]",
        "lock": "Q",
        "propose": "Ctrl+P",
        "refine": "R",
        "propose_folder": "Ctrl+Shift+P",
        "fit": "Ctrl+0",
        "actual_size": "Ctrl+1",
        "overlay": "Tab",
        "outline": "O",
        "undo": "Ctrl+Z",
        "redo": "Ctrl+Shift+Z",
        "reviewed": "Return",
        "next": "D",
        "previous": "U",
        "palette": "Ctrl+K",
        "full_screen": "F11",
        "heat": "H",
        "accept_region": "A",
        "reject_region": "Z",
        "next_uncertain": "N",
        "previous_uncertain": "Shift+N",
    }
    assert {
        action: key for action, key in wanted.items() if key not in Keymap().keys_of(action)
    } == {}
    assert [Keymap().owner_of(str(digit)) for digit in range(10)] == list(NUMBER_KEYS)
    assert Keymap().owner_of("?") == Keymap().owner_of("F1") == "keys"


def test_taking_a_key_leaves_its_owner_the_others() -> None:
    keymap = Keymap().with_keys("fill", ("D",))
    assert keymap.keys_of("fill") == ("D",)
    assert keymap.keys_of("next") == ("Right",)
    assert keymap.owner_of("D") == "fill" and keymap.owner_of("F") is None
    back = keymap.reset("next").reset("fill")
    assert back == Keymap()


def test_two_actions_can_exchange_their_keys() -> None:
    keymap = Keymap().with_keys("fill", ("B",)).with_keys("brush", ("F",))
    assert (keymap.keys_of("fill"), keymap.keys_of("brush")) == (("B",), ("F",))
    assert Keymap.from_json(keymap.to_json()) == keymap


def test_changes_stay_when_the_preset_is_changed() -> None:
    keymap = Keymap().with_keys("fill", ("Ctrl+Alt+F",)).with_preset("labelme")
    assert keymap.keys_of("fill") == ("Ctrl+Alt+F",)
    assert keymap.keys_of("previous") == ("A", "Left")


@pytest.mark.parametrize(
    "data",
    [None, 3, [], {"preset": "emacs"}, {"changes": 1}, {"changes": {"gone": ["A"], "fill": "F"}}],
)
def test_a_keymap_of_another_version_is_read_as_far_as_it_is_understood(data: object) -> None:
    assert Keymap.from_json(data) == Keymap()


@pytest.fixture
def dialog(qtbot, session: Session) -> ShortcutsDialog:
    made = ShortcutsDialog(Keymap(), session.window)
    made.keymap_chosen.connect(session.keys_binding._use)
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


def choose(dialog: ShortcutsDialog, action: str, key: str = "") -> None:
    dialog._list.setCurrentItem(dialog._items[action])
    dialog._recorder.setKeySequence(QKeySequence(key))


def back_to(qtbot, session: Session, dialog: ShortcutsDialog) -> None:
    """Close the dialog, as a person would."""
    dialog.close()
    with qtbot.waitActive(session.window):
        session.window.activateWindow()


def test_a_new_key_works_at_once_and_after_a_restart(
    qtbot, session: Session, dialog: ShortcutsDialog, make_session
) -> None:
    choose(dialog, "fill")
    dialog._recorder.setFocus()
    qtbot.keyClick(dialog._recorder, Qt.Key.Key_Y)
    qtbot.mouseClick(dialog._use, Qt.MouseButton.LeftButton)
    back_to(qtbot, session, dialog)
    session.window.canvas.setFocus()
    qtbot.keyClick(session.window.canvas, Qt.Key.Key_Y)
    assert session.editor.tool == "fill"
    session.editor.set_tool("brush")
    qtbot.keyClick(session.window.canvas, Qt.Key.Key_F)
    assert session.editor.tool == "brush"
    assert "(Y)" in session.window.actions_table["fill"].toolTip()
    sheet = KeysDialog(session.window.actions_table, session.window)
    qtbot.addWidget(sheet)
    text = " ".join(label.text() for label in sheet.findChildren(QLabel))
    assert re.search(r"<b>Y</b>[^F]*Fill<", text)
    again = make_session()
    assert again.window.actions_table["fill"].shortcut() == QKeySequence("Y")


def test_a_key_that_belongs_to_another_is_taken_only_when_asked(
    qtbot, session: Session, dialog: ShortcutsDialog
) -> None:
    choose(dialog, "fill", "B")
    assert "Brush" in dialog._message.text()
    assert dialog._use.text() == "Take it over" and not dialog._add.isEnabled()
    assert session.window.actions_table["brush"].shortcut() == QKeySequence("B")
    dialog._use.click()
    table = session.window.actions_table
    assert table["fill"].shortcut() == QKeySequence("B") and table["brush"].shortcut().isEmpty()
    dialog._list.setCurrentItem(dialog._items["brush"])
    dialog._reset.click()
    assert table["brush"].shortcut() == QKeySequence("B") and table["fill"].shortcut().isEmpty()
    dialog._reset_all.click()
    assert table["fill"].shortcut() == QKeySequence("F")


@pytest.mark.parametrize("key", ["Space", "V", "Esc", "Alt+F"])
def test_keys_that_are_held_or_open_menus_are_not_given_away(
    dialog: ShortcutsDialog, key: str
) -> None:
    choose(dialog, "fill", key)
    assert dialog._message.text() and not dialog._use.isEnabled()
    assert not dialog._add.isEnabled()


def test_a_second_key_and_no_key(session: Session, dialog: ShortcutsDialog) -> None:
    action = session.window.actions_table["fill"]
    choose(dialog, "fill", "Shift+Y")
    dialog._add.click()
    assert [key.toString() for key in action.shortcuts()] == ["F", "Shift+Y"]
    dialog._none.click()
    assert action.shortcuts() == []


def test_a_bare_key_can_become_one_that_works_anywhere_and_back(
    qtbot, session: Session, dialog: ShortcutsDialog
) -> None:
    window = session.window
    choose(dialog, "fill", "Ctrl+Alt+F")
    dialog._use.click()
    back_to(qtbot, session, dialog)
    window.categories.start_typing()
    qtbot.keyClick(
        window.categories._name,
        Qt.Key.Key_F,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier,
    )
    assert session.editor.tool == "fill"
    session.keys_binding._use(Keymap())
    session.editor.set_tool("brush")
    window.categories.start_typing()
    qtbot.keyClick(window.categories._name, Qt.Key.Key_F)
    assert session.editor.tool == "brush" and window.categories._name.text() == "f"


def test_the_search_finds_actions_by_text_and_by_key(dialog: ShortcutsDialog) -> None:
    def found() -> set[str]:
        return {action for action, item in dialog._items.items() if not item.isHidden()}

    dialog._search.setText("magic")
    assert found() == {"wand"}
    dialog._search.setText("ctrl+shift+p")
    assert found() == {"propose_folder"}
    assert dialog._action == "propose_folder"
    dialog._search.clear()
    assert len(found()) == len(ACTIONS)


def test_a_preset_is_used_at_once(session: Session, dialog: ShortcutsDialog) -> None:
    dialog._choose_preset(dialog._preset.findData("labelme"))
    table = session.window.actions_table
    assert QKeySequence("A") in table["previous"].shortcuts()
    assert table["new_category"].shortcut() == QKeySequence("Ctrl+Alt+N")
    dialog._choose_preset(dialog._preset.findData("seglabel"))
    assert QKeySequence("U") in table["previous"].shortcuts()
