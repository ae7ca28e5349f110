"""Learn: from the person's corrections to a better model, in a process of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from seglabel.app.current_job import CurrentJob
from seglabel.app.dialogs.asking import ask
from seglabel.app.dialogs.learning import (
    USUAL_MINUTES,
    BrokenOff,
    Learnable,
    LearnChoice,
    LearnDialog,
)
from seglabel.app.learning_curve import LearningCurve
from seglabel.app.proposing import Proposing
from seglabel.app.workers.inference import ModelInfo
from seglabel.app.workers.program import OwnProgram, ProgramEnd
from seglabel.app.workspace import Workspace
from seglabel.core.holding_back import USUAL_SHARE
from seglabel.core.progress import Progress
from seglabel.core.status import Status
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.models import on_this_machine
from seglabel.jobs.train import LEARNED_SETTING, held_back, interrupted

ENOUGH_IMAGES = 5
"""So many corrected images are worth learning from."""


@dataclass(frozen=True)
class Lesson:
    """What a training brought. ``miou`` and ``previous_miou`` are ``None`` where nothing judges."""

    path: Path
    images: int
    judging: int
    miou: float | None
    previous: str
    previous_miou: float | None
    is_used: bool
    is_stopped: bool
    skipped: tuple[str, ...]

    @classmethod
    def from_result(cls, result: dict[str, Any]) -> Lesson:
        """From the last line of ``seglabel train --json``."""
        previous = result.get("previous") or {}
        return cls(
            path=Path(result["model"]),
            images=result.get("training_images", 0),
            judging=result.get("validation_images", 0),
            miou=result.get("miou"),
            previous=previous.get("model", ""),
            previous_miou=previous.get("miou"),
            is_used=bool(result.get("is_used")),
            is_stopped=bool(result.get("is_cancelled")),
            skipped=tuple(result.get("skipped", ())),
        )

    @property
    def previous_title(self) -> str:
        return Path(self.previous).stem


class Learning(QObject):
    """Runs the training process as the current job and loads what it brought."""

    began = Signal(object)  # LearningCurve
    went_on = Signal()  # the curve has grown
    switched = Signal()  # another model of the project is used and loaded now
    learned = Signal(object)  # Lesson whose model that is
    undecided = Signal(object)  # Lesson whose model is no better than the one before
    died = Signal(str, object)  # what happened, and the Path of the best until then or None
    hint = Signal(str)
    failed = Signal(str)
    offer_changed = Signal(int)  # so many images are worth learning from; 0: nothing is offered

    def __init__(
        self,
        workspace: Workspace,
        proposing: Proposing,
        process: OwnProgram,
        job: CurrentJob,
        program: Sequence[str],
        window: QWidget,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._proposing = proposing
        self._process = process
        self._job = job
        self._program = tuple(program)
        self._window = window
        self._curve = LearningCurve()
        self._waiting: object = None  # the wish to begin, until everything is saved
        self._is_stopped = False
        self._awaited: tuple[Path, Lesson | None] | None = None  # the model that is being loaded
        self._worked_on: set[str] = set()  # images that a person corrected or reviewed
        process.told.connect(self._told)
        process.ended.connect(self._ended)
        proposing.model_changed.connect(self._model_changed)
        workspace.images_changed.connect(self._count_anew)
        workspace.record_changed.connect(self._count)
        job.started.connect(self._offer)
        job.ended.connect(self._offer)

    def ask(self, minutes: int = USUAL_MINUTES) -> None:
        """Let the person choose how long and from what, and begin."""
        if self._workspace.store is not None and self._job.is_free():
            self._workspace.when_saved(lambda: self._ask(minutes), self._refuse)

    def _ask(self, minutes: int) -> None:
        store, model = self._workspace.store, self._proposing.model
        if store is None:
            return
        dialog = LearnDialog(
            _learnable(store),
            None if model is None else (model.name, model.path),
            self._window,
            minutes,
            _broken_off(store),
        )
        if ask(dialog):
            self.start(dialog.choice)

    def _refuse(self) -> None:
        self.failed.emit(self.tr("Not started, because your work could not be saved."))

    def start(self, choice: LearnChoice) -> None:
        """Save everything, then learn from it."""
        store = self._workspace.store
        if store is None or not self._job.begin(self.tr("Learning"), self._stop):
            return
        command = [
            *self._program,
            *("train", str(store.folder), "--project", str(store.root), "--json"),
            *("--budget", f"{choice.minutes:g}m", "--val", str(USUAL_SHARE)),
        ]
        if choice.init is not None:
            command += ["--init", str(choice.init)]
        if choice.is_fresh:
            command += ["--fresh"]
        self._is_stopped = False
        self._curve = LearningCurve()
        wish = self._waiting = object()

        def begin() -> None:
            if self._waiting is wish:
                self._waiting = None
                self._process.start(command)
                self.began.emit(self._curve)

        def refuse() -> None:
            if self._waiting is wish:
                self._end()
                self._refuse()

        self._workspace.when_saved(begin, refuse)

    @property
    def can_go_on(self) -> bool:
        """Whether a training was ended by force that can be gone on with."""
        store = self._workspace.store
        return store is not None and _broken_off(store) is not None

    def go_on(self) -> None:
        """Go on with the training that was ended by force."""
        store = self._workspace.store
        broken_off = None if store is None else _broken_off(store)
        if broken_off is not None and self._job.is_free():
            self.start(broken_off.choice)

    def use(self, lesson: Lesson) -> None:
        """The project uses what was learned from now on."""
        self._switch(lesson.path, lesson)

    def use_file(self, path: Path) -> None:
        """The project uses this checkpoint from now on."""
        self._switch(path)

    def go_back(self, lesson: Lesson) -> None:
        """The project uses again what it used before."""
        path = on_this_machine(lesson.previous, self._workspace.store)
        if path is None:
            self.failed.emit(self.tr("{0} is no longer there.").format(lesson.previous))
        else:
            self._switch(path)

    def _switch(self, path: Path, lesson: Lesson | None = None) -> None:
        self._awaited = (path, lesson)
        self._proposing.load_model(path)

    # while it runs

    def _stop(self) -> None:
        self._is_stopped = True
        if self._waiting is not None:
            self._end()
        else:
            self._process.stop()

    def _told(self, line: dict[str, Any]) -> None:
        self._curve.add(line)
        done, share = int(line.get("done", 0)), self._curve.share
        total = int(line.get("total", 0)) or (round(done / share) if share > 0 else 0)
        self._job.show(Progress(done, max(total, done), unit=self.tr("steps")))
        self.went_on.emit()

    def _end(self) -> None:
        self._waiting = None
        self._job.end()

    def _ended(self, end: ProgramEnd) -> None:
        self._end()
        if "model" in end.result:
            self._take(Lesson.from_result(end.result))
            return
        checkpoint = Path(self._curve.checkpoint) if self._curve.checkpoint else None
        if self._is_stopped and checkpoint is None:
            self.hint.emit(self.tr("Stopped before anything was learned."))
        elif self._is_stopped:
            self.died.emit(self.tr("Stopped."), checkpoint)
        elif "error" in end.result:
            self.failed.emit(str(end.result["error"]))
        else:
            self.died.emit(self._cause(end), checkpoint)

    def _cause(self, end: ProgramEnd) -> str:
        if end.code is None:
            return self.tr("The training could not be started: {0}").format(end.said)
        if end.code < 0:
            text = self.tr(
                "The training was ended from outside (signal {0}), perhaps because memory ran out."
            )
            return text.format(-end.code)
        last = end.said.splitlines()[-1] if end.said else ""
        return self.tr("The training broke off with code {0}. {1}").format(end.code, last).strip()

    def _take(self, lesson: Lesson) -> None:
        self._workspace.remember_learned(len(self._worked_on))
        self._offer()
        if lesson.is_used:
            self.use(lesson)
        else:
            self.undecided.emit(lesson)

    def _model_changed(self, model: ModelInfo | None) -> None:
        if self._awaited is None or self._proposing.is_loading:
            return
        (path, lesson), self._awaited = self._awaited, None
        if model is None or model.path != path:
            return
        self.switched.emit()
        if lesson is not None:
            self.learned.emit(lesson)

    # what there is to learn from

    def _count_anew(self, store: ProjectStore) -> None:
        self._worked_on = set(store.project.with_status(Status.CORRECTED, Status.REVIEWED))
        self._offer()

    def _count(self, name: str) -> None:
        before = len(self._worked_on)
        if self._workspace.status(name).is_by_person:
            self._worked_on.add(name)
        else:
            self._worked_on.discard(name)
        if len(self._worked_on) != before:
            self._offer()

    def _offer(self, *_: object) -> None:
        """Offer to learn once enough images were corrected since it was done last."""
        project = self._workspace.project
        last = project.settings.get(LEARNED_SETTING, 0) if project is not None else 0
        new = len(self._worked_on) - (last if isinstance(last, int) else 0)
        is_offered = new >= ENOUGH_IMAGES and not self._job.is_running
        self.offer_changed.emit(len(self._worked_on) if is_offered else 0)


def _broken_off(store: ProjectStore) -> BrokenOff | None:
    found = interrupted(store)
    seconds = None if found is None else found.settings.get("seconds")
    if found is None or not isinstance(seconds, int | float):
        return None  # begun elsewhere, with other choices than the window has
    parent = str(found.settings.get("parent", ""))
    init = on_this_machine(parent, store) if parent else None
    if parent and init is None:
        return None
    return BrokenOff(found.share, LearnChoice(seconds / 60, init))


def _learnable(store: ProjectStore) -> Learnable:
    project, split = store.project, held_back(store, USUAL_SHARE)
    return Learnable(
        reviewed=len(project.with_status(Status.REVIEWED)),
        corrected=len(project.with_status(Status.CORRECTED)),
        judging=len(split.validation),
        has_categories=len(project.categories) > 0,
    )
