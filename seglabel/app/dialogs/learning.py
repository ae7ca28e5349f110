"""How long to learn, and from what to begin."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from seglabel.app.theme import make_primary

USUAL_MINUTES = 10
_MOST_MINUTES = 24 * 60
_GOOD_START = 5  # images from which on learning is worth its time
_TEXT_WIDTH = 380


@dataclass(frozen=True)
class Learnable:
    """What there is to learn from: numbers of images, ``judging`` ones among the reviewed."""

    reviewed: int
    corrected: int
    judging: int
    has_categories: bool


@dataclass(frozen=True)
class LearnChoice:
    """What the person decided; ``init`` is the checkpoint to go on from, else ImageNet's."""

    minutes: float
    init: Path | None


class LearnDialog(QDialog):
    """Says what there is to learn from; the button works where that is enough to begin."""

    def __init__(
        self,
        learnable: Learnable,
        model: tuple[str, Path] | None,
        parent: QWidget | None = None,
        minutes: int = USUAL_MINUTES,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Learn"))
        self._facts = self._paragraph(self._describe(learnable))
        self._advice = self._paragraph(self._advise(learnable))
        self._advice.setObjectName("muted")
        self._minutes = QSpinBox(self)
        self._minutes.setRange(1, _MOST_MINUTES)
        self._minutes.setValue(minutes)
        self._minutes.setSuffix(self.tr(" min"))
        self._start = QComboBox(self)
        if model is not None:
            name, path = model
            self._start.addItem(self.tr("the current model, {0}").format(name), path)
        self._start.addItem(self.tr("a network that knows ImageNet"), None)
        form = QFormLayout()
        for title, field in (
            (self.tr("&Time"), self._minutes),
            (self.tr("&Begin with"), self._start),
        ):
            form.addRow(title, field)
            field.setAccessibleName(title.replace("&", ""))
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Ok | kinds.Cancel, self)
        self._ok = buttons.button(kinds.Ok)
        self._ok.setText(self.tr("Learn"))
        make_primary(self._ok)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        is_enough = learnable.has_categories and learnable.reviewed + learnable.corrected > 0
        for part in (self._ok, self._minutes, self._start):
            part.setEnabled(is_enough)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(self._facts)
        layout.addLayout(form)
        layout.addWidget(self._advice)
        layout.addWidget(buttons)

    @property
    def choice(self) -> LearnChoice:
        return LearnChoice(self._minutes.value(), self._start.currentData())

    @property
    def can_learn(self) -> bool:
        return self._ok.isEnabled()

    @property
    def text(self) -> str:
        """All that it says of the images."""
        return f"{self._facts.text()}\n{self._advice.text()}"

    def _paragraph(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setWordWrap(True)
        label.setMinimumWidth(_TEXT_WIDTH)
        return label

    def _describe(self, learnable: Learnable) -> str:
        if not learnable.has_categories:
            return self.tr("The project has no categories yet. Add some, and paint them.")
        if not learnable.reviewed + learnable.corrected:
            return self.tr(
                "No image is corrected or reviewed yet. Paint the categories in a few images, and "
                "press “Reviewed, next” where all of an image is right."
            )
        text = self.tr(
            "Images to learn from: {0} reviewed, with every pixel, and {1} corrected, with what "
            "you painted."
        )
        return text.format(learnable.reviewed, learnable.corrected)

    def _advise(self, learnable: Learnable) -> str:
        if learnable.reviewed + learnable.corrected < _GOOD_START:
            advice = self.tr("From five images on it is worth the time.")
        elif learnable.judging:
            advice = self.tr(
                "{0} of the reviewed images are held back: the new model is used only if it is "
                "better on them."
            ).format(learnable.judging)
        else:
            advice = self.tr(
                "From ten reviewed images on some are held back to tell whether the new model is "
                "better."
            )
        rest = self.tr("You can go on working meanwhile, and stop it at any time.")
        return f"{advice} {rest}"
