"""Which keys do what, and changing it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from seglabel.app.actions import ACTIONS, MENUS, translated, without_mnemonic
from seglabel.app.key_presets import PRESETS
from seglabel.app.keymap import HELD, Keymap, portable

_SIZE = (640, 560)
_KEY_ROLE = Qt.ItemDataRole.UserRole
_SPECS = {spec.key: spec for spec in ACTIONS}


def _text(action: str) -> str:
    return translated(_SPECS[action].text).rstrip("…")


def _native(keys: tuple[str, ...]) -> str:
    form = QKeySequence.SequenceFormat.NativeText
    return " / ".join(QKeySequence(key).toString(form) for key in keys)


class ShortcutsDialog(QDialog):
    """Changes hold at once. A key that belongs to another action is taken only when asked to."""

    keymap_chosen = Signal(object)  # Keymap

    def __init__(self, keymap: Keymap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self._keymap = keymap
        self._preset = QComboBox(self)
        for key, preset in PRESETS.items():
            self._preset.addItem(QCoreApplication.translate("presets", preset.text), key)
        self._preset.setCurrentIndex(self._preset.findData(keymap.preset))
        preset_label = QLabel(self.tr("&Keys"), self)
        preset_label.setBuddy(self._preset)
        self._search = QLineEdit(self)
        self._search.setPlaceholderText(self.tr("Search an action or a key…"))
        self._search.setAccessibleName(self.tr("Search an action or a key"))
        self._search.setClearButtonEnabled(True)
        self._list = QTreeWidget(self)
        self._list.setAccessibleName(self.tr("Actions and their keys"))
        self._list.setHeaderLabels([self.tr("Action"), self.tr("Keys")])
        self._list.setUniformRowHeights(True)
        self._list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._list.header().setStretchLastSection(False)
        self._recorder = QKeySequenceEdit(self)
        self._recorder.setMaximumSequenceLength(1)
        self._recorder.setClearButtonEnabled(True)
        self._recorder.setAccessibleName(self.tr("New key: press it here"))
        recorder_label = QLabel(self.tr("&New key"), self)
        recorder_label.setBuddy(self._recorder)
        self._use = self._button(self.tr("Use it"), self._use_key)
        self._add = self._button(self.tr("Use it too"), self._add_key)
        self._none = self._button(self.tr("No key"), self._no_key)
        self._reset = self._button(self.tr("Reset"), self._reset_one)
        self._reset.setToolTip(self.tr("Back to the key of the chosen set"))
        self._message = QLabel(self)
        self._message.setWordWrap(True)
        self._message.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        self._reset_all = self._button(self.tr("Reset all"), self._reset_everything)
        buttons.addButton(self._reset_all, QDialogButtonBox.ButtonRole.ResetRole)
        buttons.rejected.connect(self.reject)
        top = QHBoxLayout()
        for widget in (preset_label, self._preset):
            top.addWidget(widget)
        top.addWidget(self._search, 1)
        row = QGridLayout()
        for column, below in enumerate(
            (recorder_label, self._recorder, self._use, self._add, self._none, self._reset)
        ):
            row.addWidget(below, 0, column)
        row.setColumnStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self._list, 1)
        layout.addLayout(row)
        layout.addWidget(self._message)
        layout.addWidget(buttons)
        self._items = self._fill()
        self._preset.activated.connect(self._choose_preset)
        self._search.textChanged.connect(self._filter)
        self._list.currentItemChanged.connect(lambda *_: self._start())
        self._list.itemActivated.connect(lambda _: self._recorder.setFocus())
        self._recorder.keySequenceChanged.connect(lambda _: self._judge())
        self._list.setCurrentItem(next(iter(self._items.values())))
        self._search.setFocus()
        self._show()
        self.resize(*_SIZE)

    def _button(self, text: str, slot) -> QPushButton:  # type: ignore[no-untyped-def]
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(slot)
        return button

    def _fill(self) -> dict[str, QTreeWidgetItem]:
        items = {}
        for menu in MENUS:
            group = QTreeWidgetItem([without_mnemonic(translated(menu))])
            group.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self._list.addTopLevelItem(group)
            group.setFirstColumnSpanned(True)
            group.setExpanded(True)
            for spec in ACTIONS:
                if spec.menu == menu:
                    item = QTreeWidgetItem(group, [_text(spec.key), ""])
                    item.setData(0, _KEY_ROLE, spec.key)
                    item.setToolTip(0, translated(spec.tip))
                    items[spec.key] = item
        return items

    # what is chosen

    @property
    def _action(self) -> str:
        """The action that is to be changed; empty if none."""
        item = self._list.currentItem()
        return item.data(0, _KEY_ROLE) or "" if item is not None else ""

    @property
    def _pressed(self) -> str:
        return portable(self._recorder.keySequence().toString())

    def _start(self) -> None:
        """Another action was chosen."""
        self._recorder.clear()
        self._judge()

    def _judge(self) -> None:
        """Say what stands against the key that was pressed, and what can be done."""
        action, key = self._action, self._pressed
        owner = self._keymap.owner_of(key) if key else None
        refusal = self._refusal(key)
        text = refusal
        if not refusal and owner is not None and owner != action:
            text = self.tr("{0} is the key of “{1}”, which would lose it.")
            text = text.format(_native((key,)), _text(owner))
        elif not refusal and owner is not None:
            text = self.tr("{0} is its key already.").format(_native((key,)))
        self._message.setText(text)
        takes_over = bool(owner) and owner != action
        self._use.setText(self.tr("Take it over") if takes_over else self.tr("Use it"))
        can = bool(action and key) and not refusal
        self._use.setEnabled(can)
        self._add.setEnabled(can and owner is None)
        self._none.setEnabled(bool(action) and bool(self._keymap.keys_of(action)))
        self._reset.setEnabled(bool(action) and self._keymap.is_changed(action))
        self._reset_all.setEnabled(bool(self._keymap.changes))

    def _refusal(self, key: str) -> str:
        if key in HELD:
            text = self.tr("{0} is held or ends a stroke, and cannot be given away.")
            return text.format(_native((key,)))
        if key.startswith("Alt+") and len(key) == len("Alt+A") and key[-1].isalpha():
            return self.tr("Alt with a letter opens the menus.")
        return ""

    # changing it

    def _use_key(self) -> None:
        self._change(self._keymap.with_keys(self._action, (self._pressed,)))

    def _add_key(self) -> None:
        keys = (*self._keymap.keys_of(self._action), self._pressed)
        self._change(self._keymap.with_keys(self._action, keys))

    def _no_key(self) -> None:
        self._change(self._keymap.with_keys(self._action, ()))

    def _reset_one(self) -> None:
        self._change(self._keymap.reset(self._action))

    def _reset_everything(self) -> None:
        self._change(Keymap(self._keymap.preset))

    def _choose_preset(self, index: int) -> None:
        self._change(self._keymap.with_preset(self._preset.itemData(index)))

    def _change(self, keymap: Keymap) -> None:
        self._keymap = keymap
        self._show()
        self._start()
        self.keymap_chosen.emit(keymap)

    def _show(self) -> None:
        for action, item in self._items.items():
            item.setText(1, _native(self._keymap.keys_of(action)))
            font = item.font(1)
            font.setBold(self._keymap.is_changed(action))
            item.setFont(1, font)

    def _filter(self, typed: str) -> None:
        self._judge()
        words = typed.casefold().split()
        for action, item in self._items.items():
            texts = (item.text(0), _SPECS[action].text, item.text(1))
            whole = " ".join(texts).casefold()
            item.setHidden(not all(word in whole for word in words))
        for row in range(self._list.topLevelItemCount()):
            group = self._list.topLevelItem(row)
            assert group is not None
            children = [group.child(i) for i in range(group.childCount())]
            group.setHidden(all(child.isHidden() for child in children if child is not None))
        first = next((item for item in self._items.values() if not item.isHidden()), None)
        if first is None:
            self._message.setText(self.tr("No action and no key fits. Type fewer letters."))
        if first is not None and (current := self._list.currentItem()) and current.isHidden():
            self._list.setCurrentItem(first)

    def button(self, name: str) -> QAbstractButton:
        """One of ``use``, ``add``, ``none``, ``reset`` and ``reset_all``."""
        button = getattr(self, f"_{name}")
        assert isinstance(button, QAbstractButton)
        return button
