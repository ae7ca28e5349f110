"""Learning: its live view, and what is said and asked about what it brought."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from seglabel.app.learning import Learning, Lesson
from seglabel.app.learning_curve import LearningCurve
from seglabel.app.main_window import MainWindow
from seglabel.app.renewing import Renewing
from seglabel.app.workspace import Workspace


class LearningBinding(QObject):
    """The panel follows the training; banners say what came of it."""

    def __init__(
        self,
        window: MainWindow,
        learning: Learning,
        renewing: Renewing,
        workspace: Workspace,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._learning = learning
        self._renewing = renewing
        learning.switched.connect(renewing.begin)  # before it is said what was learned
        learning.began.connect(self._show)
        learning.went_on.connect(window.learning.refresh)
        learning.learned.connect(self._learned)
        learning.undecided.connect(self._ask)
        learning.died.connect(self._died)
        learning.hint.connect(window.say_hint)
        learning.failed.connect(window.say_error)
        learning.offer_changed.connect(window.proposal.show_offer)
        workspace.categories_changed.connect(window.learning.show_categories)
        workspace.project_opened.connect(lambda _: window.learning.show_curve(LearningCurve()))

    def _show(self, curve: LearningCurve) -> None:
        self._window.learning.show_curve(curve)
        self._window.show_learning()

    def _learned(self, lesson: Lesson) -> None:
        text = self.tr("{0} is used now, learned from {1} images.")
        said = [text.format(lesson.path.stem, lesson.images)]
        if lesson.is_stopped:
            said.insert(0, self.tr("Stopped; the best until then is kept."))
        if lesson.miou is not None and lesson.previous_miou is not None:
            text = self.tr("mIoU on {0} held-back images: {1:.3f}, before {2:.3f}.")
            said.append(text.format(lesson.judging, lesson.miou, lesson.previous_miou))
        elif lesson.miou is not None:
            text = self.tr("mIoU on {0} held-back images: {1:.3f}.")
            said.append(text.format(lesson.judging, lesson.miou))
        if lesson.skipped:
            text = self.tr("{0} images could not be read. The first: {1}")
            said.append(text.format(len(lesson.skipped), lesson.skipped[0]))
        if self._renewing.is_running:
            said.append(self.tr("What nobody touched is proposed anew meanwhile."))
        was_judged = lesson.miou is not None and lesson.previous_miou is not None
        if lesson.previous and not was_judged:
            said.append(self.tr("Too few images are reviewed to tell whether it is better."))
            self._window.say_hint(
                " ".join(said),
                self.tr("Back to {0}").format(lesson.previous_title),
                lambda: self._learning.go_back(lesson),
            )
            return
        self._window.say_hint(" ".join(said))

    def _ask(self, lesson: Lesson) -> None:
        if lesson.miou is None or lesson.previous_miou is None:
            text = self.tr("{0} was learned. Which model is to be used?").format(lesson.path.stem)
        else:
            text = self.tr(
                "{0} is not better than {1}: mIoU {2:.3f} against {3:.3f} on {4} held-back images. "
                "Which one is to be used?"
            ).format(
                lesson.path.stem,
                lesson.previous_title,
                lesson.miou,
                lesson.previous_miou,
                lesson.judging,
            )
        self._window.say_hint(
            text,
            self.tr("Keep {0}").format(lesson.previous_title),
            lambda: None,
            self.tr("Use {0}").format(lesson.path.stem),
            lambda: self._learning.use(lesson),
        )

    def _died(self, text: str, checkpoint: Path | None) -> None:
        can_go_on = self._learning.can_go_on
        go_on = (self.tr("Go on learning"), self._learning.go_on) if can_go_on else ("", None)
        if checkpoint is None:
            nothing = self.tr("Nothing was learned; the model is as it was.")
            self._window.say_error(f"{text} {nothing}", *go_on)
            return
        kept = self.tr("The best until then is kept as {0}.").format(checkpoint.stem)
        use = (
            self.tr("Use {0}").format(checkpoint.stem),
            lambda: self._learning.use_file(checkpoint),
        )
        self._window.say_error(f"{text} {kept}", *use, *go_on)
