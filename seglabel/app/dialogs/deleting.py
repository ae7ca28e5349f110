"""What becomes of the pixels of a category that is deleted."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from seglabel.core.categories import BACKGROUND, VOID, CategorySet
from seglabel.jobs.merging import CategoryUsage

_WIDTH = 380


class DeleteCategoryDialog(QDialog):
    """Asks for another category, background or void."""

    def __init__(
        self,
        category_id: int,
        categories: CategorySet,
        usage: CategoryUsage,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        name = categories.name_of(category_id)
        self.setWindowTitle(self.tr("Delete {0}").format(name))
        explanation = QLabel(
            self.tr(
                "The category goes from the list, and its pixels become another one's in all "
                "images. This cannot be undone."
            ),
            self,
        )
        explanation.setWordWrap(True)
        used = QLabel(
            self.tr("{0} pixels in {1} images have it.").format(f"{usage.pixels:,}", usage.images)
            if usage.images
            else self.tr("No image has it."),
            self,
        )
        self._target = QComboBox(self)
        self._target.addItem(categories.background, BACKGROUND)
        self._target.addItem(self.tr("void (left out of training)"), VOID)
        for category in categories:
            if category.id != category_id:
                self._target.addItem(category.name, category.id)
        form = QFormLayout()
        form.addRow(self.tr("Its pixels become"), self._target)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        delete = buttons.addButton(self.tr("Delete"), QDialogButtonBox.ButtonRole.AcceptRole)
        delete.setAutoDefault(False)
        # What cannot be undone is not what Enter does.
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(explanation)
        layout.addWidget(used)
        layout.addLayout(form)
        layout.addWidget(buttons)
        self.setMinimumWidth(_WIDTH)

    def target(self) -> int:
        """The id that the pixels get."""
        return int(self._target.currentData())
