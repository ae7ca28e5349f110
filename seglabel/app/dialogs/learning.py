"""How long to learn, and from what to begin."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
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
    """What the person decided; ``init`` is the checkpoint to go on from, else ImageNet's.

    ``is_fresh``: a training that was broken off is not gone on with, even if it was the same.
    """

    minutes: float
    init: Path | None
    is_fresh: bool = False


@dataclass(frozen=True)
class BrokenOff:
    """A training that was ended by force after a ``share`` (0–1), and how it was begun."""

    share: float
    choice: LearnChoice


class LearnDialog(QDialog):
    """Says what there is to learn from; the button works where that is enough to begin."""

    def __init__(
        self,
        learnable: Learnable,
        model: tuple[str, Path] | None,
        parent: QWidget | None = None,
        minutes: int = USUAL_MINUTES,
        broken_off: BrokenOff | None = None,
    ) -> None:
        super().__init__(parent)
        self._broken_off = broken_off
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
        self._goes_on = QCheckBox(self)
        self._goes_on.setVisible(broken_off is not None)
        if broken_off is not None:
            self._goes_on.setText(
                self.tr("&Go on with the training that broke off at {0}\u00a0%").format(
                    round(100 * broken_off.share)
                )
            )
            self._minutes.setValue(round(broken_off.choice.minutes))
            starts = [self._start.itemData(i) for i in range(self._start.count())]
            if broken_off.choice.init in starts:
                self._start.setCurrentIndex(starts.index(broken_off.choice.init))
            self._goes_on.toggled.connect(self._minutes.setDisabled)
            self._goes_on.toggled.connect(self._start.setDisabled)
            self._goes_on.setChecked(True)
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Ok | kinds.Cancel, self)
        self._ok = buttons.button(kinds.Ok)
        self._ok.setText(self.tr("Learn"))
        make_primary(self._ok)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        is_enough = learnable.has_categories and learnable.reviewed + learnable.corrected > 0
        self._ok.setEnabled(is_enough)
        for part in (self._minutes, self._start):
            part.setEnabled(is_enough and not self._goes_on.isChecked())
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(self._facts)
        layout.addWidget(self._goes_on)
        layout.addLayout(form)
        layout.addWidget(self._advice)
        layout.addWidget(buttons)

    @property
    def choice(self) -> LearnChoice:
        if self._broken_off is not None and self._goes_on.isChecked():
            return self._broken_off.choice
        minutes, init = self._minutes.value(), self._start.currentData()
        return LearnChoice(minutes, init, is_fresh=self._broken_off is not None)

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
