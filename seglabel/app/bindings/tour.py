"""The guided tour follows what a person does."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from seglabel.app.editor import Editor
from seglabel.app.exchanging import Exchanging
from seglabel.app.learning import Learning
from seglabel.app.main_window import MainWindow
from seglabel.app.proposing import Proposing
from seglabel.app.refining import Refining
from seglabel.app.tour import CORRECT, EXPORT, LEARN, PROPOSE, REFINE, Step, Tour

_FIRST_LOOK_MINUTES = 1


class TourBinding(QObject):
    """A step is done when the thing itself was done, by whichever way."""

    def __init__(
        self,
        window: MainWindow,
        editor: Editor,
        proposing: Proposing,
        refining: Refining,
        learning: Learning,
        exchanging: Exchanging,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._learning = learning
        self._tour = Tour()
        self._is_painting = False
        self._switch = window.actions_table["tour"]
        self._switch.toggled.connect(self._show)
        window.tour.close_requested.connect(lambda: self._switch.setChecked(False))
        window.tour.move_requested.connect(lambda by: self._go_to(self._tour.move(by)))
        window.tour.action_requested.connect(self._do)
        proposing.model_loading.connect(lambda _: window.tour.show_waiting(True))
        proposing.model_changed.connect(lambda _: window.tour.show_waiting(proposing.is_loading))
        proposing.merged.connect(self._finishing(PROPOSE))
        editor.gesture_changed.connect(self._gesture_changed)
        editor.edited.connect(self._edited)
        refining.merged.connect(self._finishing(REFINE))
        learning.learned.connect(self._finishing(LEARN))
        learning.undecided.connect(self._finishing(LEARN))
        exchanging.exported.connect(self._finishing(EXPORT))

    @property
    def tour(self) -> Tour:
        """Where the person is."""
        return self._tour

    def begin(self) -> None:
        """Show the tour from its first step on."""
        self._go_to(Tour())
        self._switch.setChecked(True)

    def _show(self, shown: bool) -> None:
        if shown and self._tour.step is None:
            self._go_to(Tour())
        self._window.show_tour(shown)
        if not shown:
            self._window.canvas.setFocus()

    def _go_to(self, tour: Tour) -> None:
        self._tour = tour
        self._window.tour.show_tour(tour)

    def _finishing(self, step: Step) -> Callable[[object], None]:
        def finish(_: object) -> None:
            if self._switch.isChecked():
                self._go_to(self._tour.finish(step.key))

        return finish

    def _gesture_changed(self, is_open: bool) -> None:
        self._is_painting = is_open

    def _edited(self) -> None:
        if self._is_painting:  # undo, proposals and the like are no strokes
            self._finishing(CORRECT)(None)

    def _do(self, key: str) -> None:
        """What the button offers; the keys of the next step then reach the picture."""
        self._window.canvas.setFocus()
        if key == "learn":
            self._learning.ask(_FIRST_LOOK_MINUTES)
        else:
            self._window.actions_table[key].trigger()
