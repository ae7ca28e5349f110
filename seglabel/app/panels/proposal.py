"""The model: which one is used, what it says of this image, and what to do with that."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)


class ProposalPanel(QWidget):
    """Shows the model's state; its buttons are actions of the table."""

    confidence_chosen = Signal(float)  # 0–1: the least that counts

    def __init__(
        self,
        propose: QAction,
        load_model: QAction,
        accept: QAction,
        clear: QAction,
        accept_above: QAction,
        clear_below: QAction,
        learn: QAction,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = QLabel(self)
        self._model.setWordWrap(True)
        self._model.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._model.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._image = QLabel(self)
        self._image.setObjectName("muted")
        self._image.setWordWrap(True)
        self._ahead = QLabel(self)
        self._ahead.setObjectName("muted")
        self._ahead.setWordWrap(True)
        self._offer = QLabel(self)
        self._offer.setWordWrap(True)
        self._learn = _button(learn, self)
        self._images_to_learn = 0
        buttons = QGridLayout()
        buttons.setSpacing(4)
        for place, action in enumerate((propose, load_model, accept, clear)):
            buttons.addWidget(_button(action, self), place // 2, place % 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(self._model)
        layout.addWidget(self._image)
        layout.addWidget(self._offer)
        layout.addWidget(self._learn)
        layout.addLayout(buttons)
        layout.addLayout(self._build_threshold(accept_above, clear_below))
        layout.addWidget(self._ahead)
        layout.addStretch(1)
        self.retranslate()
        self.show_no_model()
        self.show_offer(0)
        self.show_proposal(None)

    def _build_threshold(self, accept_above: QAction, clear_below: QAction) -> QVBoxLayout:
        self._threshold_name = QLabel(self)
        self._threshold_value = QLabel(self)
        self._threshold_value.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._threshold = QSlider(Qt.Orientation.Horizontal, self)
        self._threshold.setRange(0, 100)
        self._threshold.setPageStep(5)
        self._threshold.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._threshold.valueChanged.connect(lambda value: self.confidence_chosen.emit(value / 100))
        texts, buttons = QHBoxLayout(), QVBoxLayout()
        texts.addWidget(self._threshold_name, 1)
        texts.addWidget(self._threshold_value)
        buttons.setSpacing(4)
        self._threshold_buttons = [_button(action, self) for action in (accept_above, clear_below)]
        for button in self._threshold_buttons:
            buttons.addWidget(button)
        layout = QVBoxLayout()
        layout.setSpacing(4)
        layout.addLayout(texts)
        layout.addWidget(self._threshold)
        layout.addLayout(buttons)
        return layout

    def retranslate(self) -> None:
        self._threshold_name.setText(self.tr("Hide below confidence"))
        self._threshold.setAccessibleName(self.tr("Hide below confidence"))
        self._threshold.setToolTip(
            self.tr("What is proposed with less confidence is shown as not labelled")
        )
        self._show_threshold_value()
        self.show_offer(self._images_to_learn)

    def show_confidence(self, confidence: float) -> None:
        """The least confidence that counts, 0–1; with 0 all does."""
        self._threshold.setValue(round(100 * confidence))
        self._show_threshold_value()

    def allow_threshold(self, allowed: bool) -> None:
        """Whether anything is known of the confidence in this image."""
        for part in (self._threshold_name, self._threshold_value, self._threshold):
            part.setEnabled(allowed)

    def _show_threshold_value(self) -> None:
        value = self._threshold.value()
        self._threshold_value.setText(f"{value}\u00a0%" if value else self.tr("off"))

    @property
    def image_text(self) -> str:
        """What is said of the image that is shown."""
        return self._image.text()

    @property
    def ahead_text(self) -> str:
        """What is said of the images that come next."""
        return self._ahead.text()

    def show_no_model(self, reason: str = "") -> None:
        hint = self.tr(
            "No model yet. Paint a few strokes and refine, choose a model, or label a few images "
            "and let one learn from them."
        )
        self._model.setText(f"{reason}\n{hint}" if reason else hint)

    def show_offer(self, images: int) -> None:
        """Offer to learn from so many images; with none nothing is offered."""
        self._images_to_learn = images
        text = self.tr("{0} images are corrected: a model can learn from them.")
        self._offer.setText(text.format(images))
        self._offer.setVisible(images > 0)
        self._learn.setVisible(images > 0)

    @property
    def offers_to_learn(self) -> bool:
        return not self._learn.isHidden()

    def show_loading(self, name: str) -> None:
        self._model.setText(self.tr("Loading {0} …").format(name))

    def show_model(self, name: str, categories: int) -> None:
        several = self.tr("<b>{0}</b> · {1} categories")
        text = self.tr("<b>{0}</b> · one category") if categories == 1 else several
        self._model.setText(text.format(name, categories))

    def show_proposal(
        self, confidence: float | None, from_strokes: str | None = None, by: str = ""
    ) -> None:
        """Mean confidence (0–1) of the last proposal for the image that is shown.

        ``from_strokes`` names the model that helped to make it from strokes, empty for none;
        ``by`` the model that made it where that is not the one in use.
        """
        if confidence is None:
            self._image.setText(self.tr("This image has no proposal."))
            return
        if from_strokes is None:
            text = self.tr("Mean confidence {0}\u00a0%")
        elif not from_strokes:
            text = self.tr("Refined from your strokes: mean confidence {0}\u00a0%")
        else:
            text = self.tr("Refined from your strokes and {1}: mean confidence {0}\u00a0%")
        said = text.format(round(100 * confidence), from_strokes)
        self._image.setText(self.tr("{0}, proposed by {1}").format(said, by) if by else said)

    def show_refining(self) -> None:
        self._image.setText(self.tr("Refining …"))

    def show_working(self) -> None:
        self._image.setText(self.tr("Proposing …"))

    def show_ahead(self, ready: int, total: int) -> None:
        """So many of the next images are proposed already; of none nothing is said."""
        text = self.tr("Proposed ahead: {0} of {1}")
        self._ahead.setText(text.format(ready, total) if total else "")
        self._ahead.setToolTip(
            self.tr("The next images that nobody touched; see “Propose ahead” in the Model menu")
        )


def _button(action: QAction, parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
