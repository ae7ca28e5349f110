"""What the categories of the model become in the project."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from seglabel.app.theme import make_primary
from seglabel.core.categories import CategorySet
from seglabel.core.matching import TO_BACKGROUND, TO_VOID, CategoryMap

_SIZE = (520, 520)
_LEAST_LETTERS = 16  # of a choice that are always seen


class MappingDialog(QDialog):
    """A row per category of the model, with what was found by name to begin with."""

    def __init__(
        self, name: str, mapping: CategoryMap, project: CategorySet, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Categories of the model"))
        self._before = mapping.targets
        self._missing = list(mapping.unmapped.values())
        explanation = QLabel(
            self.tr(
                "What {0} finds becomes a category of this project. Names of the same thing were "
                "matched; choose where that is wrong or where nothing was found."
            ).format(f"<b>{name}</b>"),
            self,
        )
        explanation.setWordWrap(True)
        page = QWidget(self)
        grid = QGridLayout(page)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        self._choices: dict[str, QComboBox] = {}
        for row, (category, target) in enumerate(mapping.targets.items()):
            choice = self._choice(project, target)
            choice.setAccessibleName(category)
            label = QLabel(category, page)
            label.setWordWrap(True)
            if category in mapping.unmapped.values():
                label.setToolTip(self.tr("nothing of this name in the project"))
                label.setObjectName("error")
            grid.addWidget(label, row, 0)
            grid.addWidget(QLabel("→", page), row, 1)
            grid.addWidget(choice, row, 2)
            self._choices[category] = choice
        grid.setRowStretch(len(self._choices), 1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(page)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self._add = buttons.addButton(
            self.tr("Add missing categories"), QDialogButtonBox.ButtonRole.ActionRole
        )
        self._add.setToolTip(self.tr("Each becomes a category of the project, in its own colour"))
        self._add.setEnabled(bool(self._missing))
        self._add.clicked.connect(self._add_missing)
        make_primary(buttons.addButton(self.tr("Apply"), QDialogButtonBox.ButtonRole.AcceptRole))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(explanation)
        layout.addWidget(area, 1)
        layout.addWidget(buttons)
        self.resize(*_SIZE)

    def _choice(self, project: CategorySet, target: str) -> QComboBox:
        choice = QComboBox(self)
        # However long the names are, a row fits into the dialog.
        choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        choice.setMinimumContentsLength(_LEAST_LETTERS)
        choice.addItem(self.tr("{0} (nothing)").format(project.background), TO_BACKGROUND)
        for category in project:
            choice.addItem(category.name, category.name)
        choice.addItem(self.tr("void (left out of training)"), TO_VOID)
        choice.setCurrentIndex(max(choice.findData(target), 0))
        return choice

    def _add_missing(self) -> None:
        """Offer the names that the project lacks as new ones, and choose them."""
        self._add.setEnabled(False)
        for name in self._missing:
            choice = self._choices[name]
            choice.insertItem(1, self.tr("{0} (new)").format(name), name)
            choice.setCurrentIndex(1)

    def added(self) -> list[str]:
        """Names of the model that are to become categories of the project."""
        return [name for name in self._missing if self._choices[name].currentData() == name]

    def chosen(self) -> dict[str, str]:
        """What the person changed: a name of the model → a name of the project or nothing."""
        now = {name: choice.currentData() for name, choice in self._choices.items()}
        return {name: target for name, target in now.items() if target != self._before[name]}
