"""The composition root: makes every part and hands each what it needs.

This file is the map of the window. Data goes down by calls, wishes come up by signals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox

from seglabel import __version__
from seglabel.app.ahead import ProposingAhead
from seglabel.app.bindings.canvas import CanvasBinding
from seglabel.app.bindings.categories import CategoryBinding
from seglabel.app.bindings.comparison import ComparisonBinding
from seglabel.app.bindings.demo import DemoBinding
from seglabel.app.bindings.diary import Diary
from seglabel.app.bindings.exchange import ExchangeBinding
from seglabel.app.bindings.finding import FindingBinding
from seglabel.app.bindings.history import HistoryBinding
from seglabel.app.bindings.job import JobBinding
from seglabel.app.bindings.keys import KeysBinding
from seglabel.app.bindings.learning import LearningBinding
from seglabel.app.bindings.look import LookBinding
from seglabel.app.bindings.model import ModelBinding
from seglabel.app.bindings.objects import ObjectsBinding
from seglabel.app.bindings.originals import OriginalsBinding
from seglabel.app.bindings.preferences import PreferencesBinding
from seglabel.app.bindings.project import ProjectBinding
from seglabel.app.bindings.queue import QueueBinding
from seglabel.app.bindings.recovery import RecoveryBinding
from seglabel.app.bindings.refining import RefiningBinding
from seglabel.app.bindings.review import ReviewBinding
from seglabel.app.bindings.rules import RulesBinding
from seglabel.app.bindings.tour import TourBinding
from seglabel.app.bindings.view import ViewBinding
from seglabel.app.checking import Checking
from seglabel.app.copying import Copying
from seglabel.app.current_job import CurrentJob
from seglabel.app.deleting import Deleting
from seglabel.app.demo import Demo
from seglabel.app.dialogs.unsaved import Answer, UnsavedDialog
from seglabel.app.editor import Editor
from seglabel.app.effort_clock import EffortClock
from seglabel.app.exchanging import Exchanging
from seglabel.app.language import Language
from seglabel.app.learning import Learning
from seglabel.app.main_window import MainWindow
from seglabel.app.model_choosing import ModelChoosing
from seglabel.app.originals import Originals
from seglabel.app.proposing import Proposing
from seglabel.app.queueing import Queueing
from seglabel.app.recovering import Recovering
from seglabel.app.refining import Refining, load_refiner
from seglabel.app.renewing import Renewing
from seglabel.app.reviewing import Reviewing
from seglabel.app.running import Running
from seglabel.app.settings import Settings
from seglabel.app.statistics import Statistics
from seglabel.app.theme import apply_theme, resolve_theme
from seglabel.app.unexpected import Unexpected
from seglabel.app.versions import Versions
from seglabel.app.view_state import ViewState
from seglabel.app.workers.errands import Errands
from seglabel.app.workers.inference import DeviceInfo, Inference, LoadRefiner, LoadSegmenter
from seglabel.app.workers.jobs import JobRunner
from seglabel.app.workers.journal import JournalKeeper
from seglabel.app.workers.program import OwnProgram, own_program
from seglabel.app.workers.reader import Reader
from seglabel.app.workers.thread import close_together
from seglabel.app.workers.thumbnails import Thumbnails
from seglabel.app.workers.tool_work import ToolWorker
from seglabel.app.workers.writer import Writer
from seglabel.app.workspace import OpenStore, Workspace
from seglabel.core.public_weights import PublicWeights
from seglabel.jobs.models import fetched_folder
from seglabel.model.catalogue import CATALOGUE

_SAVING_S = 1.2  # how long closing waits for what is not yet on disk
_KEEPING_S = 0.4  # then for changes to be kept elsewhere
_ENDING_S = 1.2  # and for threads to end


class Session(QObject):
    """One window and everything behind it."""

    def __init__(
        self,
        application: QApplication,
        settings: Settings,
        open_store: OpenStore,
        load_segmenter: LoadSegmenter,
        describe_device: Callable[[], DeviceInfo],
        catalogue: Sequence[PublicWeights] = CATALOGUE,
        fetched: Path | None = None,
        load_refiner: LoadRefiner = load_refiner,
        program: Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        self._settings = settings
        self._is_asking = False
        self.has_ended = False  # whether the window was closed and no thread is left
        language = Language(application, settings)
        language.install()
        theme = resolve_theme(settings.theme, application)
        apply_theme(application, theme)

        # workers: each owns a thread
        self.reader = Reader(self)
        self.writer = Writer(self)
        self.keeper = JournalKeeper(self)
        self.thumbnails = Thumbnails(self)
        self.inference = Inference(load_segmenter, describe_device, load_refiner, self)
        self.runner = JobRunner(self)
        self.counter = JobRunner(self)
        self.looker = JobRunner(self)
        self.tool_worker = ToolWorker(self)
        self.review_worker = ToolWorker(self)
        self.object_worker = ToolWorker(self)
        self.queue_worker = ToolWorker(self)
        self.training = OwnProgram(self)
        self.errands = Errands(self)
        self.drawing = OwnProgram(self)

        # state and what changes it
        self.job = CurrentJob(self)
        self.view = ViewState(settings.look, self)
        self.editor = Editor(self.tool_worker, self)
        self.workspace = Workspace(
            open_store,
            self.editor,
            self.reader,
            self.writer,
            self.job,
            settings.last_image,
            self,
        )
        self.proposing = Proposing(
            self.workspace,
            self.editor,
            self.inference,
            self.writer,
            self.job,
            "bf16" if settings.allows_bf16 else "fp32",
            self,
        )
        self.ahead = ProposingAhead(
            self.workspace,
            self.editor,
            self.proposing,
            self.inference,
            self.writer,
            self.job,
            settings.proposes_ahead,
            self,
        )

        self.renewing = Renewing(
            self.workspace, self.proposing, self.inference, self.writer, self.job, self
        )
        self.queueing = Queueing(
            self.workspace, self.proposing, self.renewing, self.job, self.queue_worker, self
        )
        self.refining = Refining(
            self.workspace,
            self.editor,
            self.proposing,
            self.inference,
            self.writer,
            settings.refines_live,
            self,
        )
        self.reviewing = Reviewing(self.workspace, self.editor, self.review_worker, self)

        self.copying = Copying(self.workspace, self.editor, self.reader, self)

        # what is seen, and what ties it to the above
        self.window = window = MainWindow(theme)
        self.running = Running(self.workspace, self.runner, self.job, self)
        self.recovering = Recovering(
            self.workspace, self.editor, self.keeper, self.running, window, self
        )
        self.deleting = Deleting(self.workspace, self.running, window, self)
        self.demo = Demo(self.drawing, self.job, program or own_program(), window, self)
        self.exchanging = Exchanging(self.workspace, self.running, window, self)
        self.choosing = ModelChoosing(
            self.workspace,
            self.proposing,
            self.running,
            catalogue,
            fetched or fetched_folder(),
            settings,
            window,
            self,
        )
        self.learning = Learning(
            self.workspace,
            self.proposing,
            self.training,
            self.job,
            program or own_program(),
            window,
            self,
        )
        self.versions = Versions(
            self.workspace,
            self.choosing,
            self.running,
            self.errands,
            load_segmenter,
            window,
            self,
        )
        self.project_binding = ProjectBinding(
            window, self.workspace, self.thumbnails, settings, self
        )
        self.canvas_binding = CanvasBinding(
            window, self.editor, self.workspace, self.view, self.reviewing.confidence_at, self
        )
        self.view_binding = ViewBinding(
            window, self.editor, self.workspace, self.view, self.reader, self
        )
        self.comparison_binding = ComparisonBinding(
            window, self.workspace, self.reader, self.writer, self
        )
        self.category_binding = CategoryBinding(
            window, self.editor, self.workspace, self.view, self.deleting, self
        )
        self.history_binding = HistoryBinding(window.history, self.editor, self.workspace, self)
        self.rules_binding = RulesBinding(window, self.editor, self.workspace, self)
        self.model_binding = ModelBinding(
            window,
            self.workspace,
            self.editor,
            self.proposing,
            self.refining,
            self.ahead,
            self.choosing,
            settings,
            self.inference,
            self,
        )
        self.objects_binding = ObjectsBinding(
            window, self.editor, self.workspace, self.view, self.object_worker, self
        )
        self.refining_binding = RefiningBinding(
            window, self.refining, self.reviewing, settings, self
        )
        self.review_binding = ReviewBinding(
            window,
            self.editor,
            self.workspace,
            self.proposing,
            self.reviewing,
            self.view,
            self,
        )
        self.job_binding = JobBinding(
            window,
            self.job,
            self.proposing,
            self.renewing,
            self.editor,
            self.workspace,
            self,
        )
        self.learning_binding = LearningBinding(
            window, self.learning, self.renewing, self.workspace, self
        )
        self.queue_binding = QueueBinding(
            window, self.workspace, self.queueing, self.renewing, self
        )
        self.recovery_binding = RecoveryBinding(window, self.recovering, self)
        self.originals = Originals(self.workspace, self.looker, self.running, self)
        self.checking = Checking(self.workspace, self.running, window, self)
        self.originals_binding = OriginalsBinding(
            window, self.workspace, self.originals, self.checking, self
        )
        self.exchange_binding = ExchangeBinding(window, self.exchanging, self)
        self.tour_binding = TourBinding(
            window,
            self.editor,
            self.proposing,
            self.refining,
            self.learning,
            self.exchanging,
            self,
        )
        self.demo_binding = DemoBinding(window, self.demo, self.workspace, self.tour_binding, self)
        self.look_binding = LookBinding(
            application, window, settings, language, self._say_again, self
        )
        self.statistics = Statistics(self.workspace, self.counter, window, self)
        self.effort_clock = EffortClock(self.editor, window.canvas, self)
        self.keys_binding = KeysBinding(window, settings, self)
        self.preferences_binding = PreferencesBinding(
            window, self.workspace, self.look_binding, settings, self
        )
        self.finding_binding = FindingBinding(window, self.workspace, self.category_binding, self)
        self.diary = Diary(self.workspace, self.inference, self.job, self)
        self.unexpected = Unexpected(window, lambda: self.recovering.is_protected, self)
        self.running.failed.connect(window.say_error)
        self.reader.trouble.connect(window.say_error)
        self.versions.use_requested.connect(self.learning.use_file)
        self.versions.failed.connect(window.say_error)
        self.versions.hint.connect(window.say_hint)
        self.copying.refused.connect(window.say_of_image)
        self._connect_actions()
        self.editor.options.restore(settings.tool_options)
        window.close_requested.connect(self._close)

    def start(self, folder: Path | None, root: Path | None, demo: Path | None = None) -> None:
        """Show the window; the device is looked up and the folder opened once it is visible.

        With ``demo`` the demo is made there and opened instead.
        """
        window = self.window
        if self._settings.geometry is not None:
            window.restoreGeometry(self._settings.geometry)
        if self._settings.layout is None:
            self.workspace.project_opened.connect(
                window.lay_out, Qt.ConnectionType.SingleShotConnection
            )
        else:
            window.restoreState(self._settings.layout)
        window.show_project(False)
        window.show()
        QTimer.singleShot(0, self.inference.start)
        if folder is not None:
            QTimer.singleShot(0, lambda: self.project_binding.open_folder(folder, root))
        elif demo is not None:
            QTimer.singleShot(0, lambda: self.demo.make(demo))

    def _connect_actions(self) -> None:
        window, editor, workspace, view = self.window, self.editor, self.workspace, self.view
        table, canvas = window.actions_table, window.canvas
        verbs: dict[str, Callable[[], object]] = {
            "open": self.project_binding.ask_folder,
            "import": self.exchanging.ask_import,
            "export": self.exchanging.ask_export,
            "statistics": self.statistics.ask,
            "save": workspace.save_all,
            "quit": window.close,
            "undo": editor.undo,
            "redo": editor.redo,
            "new_category": window.categories.start_typing,
            "previous": lambda: workspace.step(-1),
            "next": lambda: workspace.step(1),
            "reviewed": workspace.mark_reviewed,
            "pick": self.canvas_binding.pick,
            "lock": self.rules_binding.toggle_lock,
            "copy_region": lambda: self.copying.copy_region(canvas.pixel_under_pointer),
            "copy_previous": self.copying.copy_all,
            "smaller": lambda: editor.step_brush(-1),
            "larger": lambda: editor.step_brush(1),
            "much_smaller": lambda: editor.step_brush(-5),
            "much_larger": lambda: editor.step_brush(5),
            "propose": self.proposing.propose,
            "refine": self.refining.refine,
            "propose_folder": self.proposing.propose_folder,
            "learn": self.learning.ask,
            "accept": workspace.accept,
            "clear": workspace.clear,
            "load_model": self.choosing.ask_model,
            "versions": self.versions.ask,
            "mapping": self.choosing.ask_mapping,
            "model_facts": self.choosing.ask_facts,
            "overlay": lambda: view.toggle("fill"),
            "outline": lambda: view.toggle("outline"),
            "fit": canvas.fit,
            "actual_size": lambda: canvas.zoom_to(1.0),
            "zoom_in": lambda: canvas.zoom_by(1),
            "zoom_out": lambda: canvas.zoom_by(-1),
            "next_part": window.focus_next_part,
            "full_screen": lambda: window.show_picture_only(table["full_screen"].isChecked()),
            "palette": self.finding_binding.ask_anything,
            "find_category": self.finding_binding.ask_category,
            "shortcuts": self.keys_binding.ask_shortcuts,
            "preferences": self.preferences_binding.ask,
            "keys": self.keys_binding.show_sheet,
            "about": self._about,
        }
        for name in editor.tools:
            verbs[name] = lambda name=name: editor.set_tool(name)  # type: ignore[misc]
        for key, verb in verbs.items():
            table[key].triggered.connect(lambda _=False, verb=verb: verb())

    def _say_again(self) -> None:
        """What depends on data, in the theme and language that are set now."""
        self.category_binding.show_current()
        self.project_binding.retranslate()
        self.model_binding.retranslate()
        self.review_binding.retranslate()

    def _about(self) -> None:
        text = self.tr(
            "<h3>seglabel {0}</h3><p>Label images for semantic segmentation: DeepLabv3+ proposes, "
            "you correct.</p><p>Licence: Apache 2.0</p>"
        )
        QMessageBox.about(self.window, self.tr("About seglabel"), text.format(__version__))

    def _close(self, event: QCloseEvent) -> None:
        """Everything that waits is written, every thread ends, the layout is remembered.

        What cannot be written keeps the window open unless the person gives it up. Nothing is
        waited for longer than a person would: see :attr:`has_ended`.
        """
        if self._is_asking or not self._is_saved_or_given_up():
            event.ignore()
            return
        self._settings.look = self.view.look
        self._settings.tool_options = dict(self.editor.options.values)
        self._settings.remember_window(*self.window.geometry_and_layout)
        self._settings.flush()
        for dialog in self.window.findChildren(QDialog):
            if dialog.isVisible():  # it would wait for an answer without a window
                dialog.reject()
        workers = (
            self.training,
            self.drawing,
            self.runner,
            self.counter,
            self.looker,
            self.errands,
            self.inference,
            self.tool_worker,
            self.review_worker,
            self.object_worker,
            self.queue_worker,
            self.thumbnails,
            self.keeper,
            self.workspace,
        )
        self.has_ended = close_together([worker.close for worker in workers], _ENDING_S)
        for worker in (*workers, self.reader, self.writer):
            worker.blockSignals(True)  # what they still had to say would open windows anew
        event.accept()

    def _is_saved_or_given_up(self) -> bool:
        """Save everything; ask what to do as long as something cannot be written."""
        while unsaved := self.workspace.flush(_SAVING_S):
            if self._will_come_back(unsaved):
                return True
            self._is_asking = True
            answer = UnsavedDialog(unsaved, self.window).ask()
            self._is_asking = False
            if answer is not Answer.RETRY:
                return answer is Answer.LOSE
        return True

    def _will_come_back(self, unsaved: list[str]) -> bool:
        """Whether saving is just slow, and the next start offers back what is not saved by now."""
        is_slow = self.writer.is_working and "" not in unsaved  # no journal keeps the categories
        return is_slow and self.keeper.is_safe(_KEEPING_S)
