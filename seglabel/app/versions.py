"""The models of a project: looked at, gone back to, compared, given away, thrown away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from seglabel.app.dialogs.asking import ask
from seglabel.app.dialogs.comparison import ComparisonWindow
from seglabel.app.dialogs.versions import VersionsDialog
from seglabel.app.model_choosing import ModelChoosing
from seglabel.app.running import Running
from seglabel.app.workers.errands import Errands
from seglabel.app.workers.inference import LoadSegmenter
from seglabel.app.workspace import Workspace
from seglabel.core.cancel import Cancel
from seglabel.core.comparison import Comparison
from seglabel.core.progress import ProgressCallback
from seglabel.formats.evaluation_store import EVALUATIONS_FOLDER, EvaluationStore
from seglabel.formats.model_card import render_card, without_front_matter
from seglabel.jobs.compare import (
    Candidate,
    Judging,
    judges_of_project,
    way_of_proposing,
    write_report,
)
from seglabel.jobs.giving_away import card_of, export_version
from seglabel.jobs.models import MODEL_SUFFIX
from seglabel.jobs.predict import Proposer, chosen_mapping
from seglabel.jobs.versions import ListedVersion, delete_version, list_versions


@dataclass(frozen=True)
class _Compared:
    """What a comparison gave, and what makes pictures of it."""

    judging: Judging
    comparison: Comparison


class Versions(QObject):
    """Shows the dialogs; files are read and written off the GUI thread."""

    use_requested = Signal(object)  # Path of a model
    hint = Signal(str)
    failed = Signal(str)
    exported = Signal(object)  # Path of the file

    def __init__(
        self,
        workspace: Workspace,
        choosing: ModelChoosing,
        running: Running,
        errands: Errands,
        load_segmenter: LoadSegmenter,
        window: QWidget,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._choosing = choosing
        self._running = running
        self._errands = errands
        self._load_segmenter = load_segmenter
        self._window = window
        self._dialog: VersionsDialog | None = None
        self._windows: list[ComparisonWindow] = []
        workspace.project_opened.connect(self._close_windows)

    def ask(self) -> None:
        """Show the models of the project, once their files are read."""
        store = self._workspace.store
        if store is not None:
            self._errands.put(lambda: list_versions(store.root), self._show, self.failed.emit)

    def _show(self, rows: list[ListedVersion]) -> None:
        if self._dialog is not None:
            self._dialog.show_versions(rows)
            return
        dialog = self._dialog = VersionsDialog(rows, self._window)
        dialog.use_requested.connect(self.use)
        dialog.compare_requested.connect(self.compare)
        dialog.export_requested.connect(self.ask_export)
        dialog.delete_requested.connect(self.ask_delete)
        dialog.about_requested.connect(self.ask_about)
        ask(dialog)
        self._dialog = None

    def use(self, row: ListedVersion) -> None:
        """The project uses this model from now on."""
        self.use_requested.emit(row.path)

    def ask_about(self, row: ListedVersion) -> None:
        """Show its card and its facts."""
        card = without_front_matter(render_card(card_of(row, row.name)))
        self._choosing.ask_facts_of(row.path, row.name, card)

    # giving away and throwing away

    def ask_export(self, row: ListedVersion) -> None:
        """Let the person choose where to, and write it."""
        store = self._workspace.store
        if store is None:
            return
        wanted = store.folder.parent / f"{store.folder.name}-{row.name}{MODEL_SUFFIX}"
        chosen, _ = QFileDialog.getSaveFileName(
            self._dialog or self._window,
            self.tr("Export {0} with its model card").format(row.name),
            str(wanted),
            f"safetensors (*{MODEL_SUFFIX})",
        )
        if chosen:
            out = Path(chosen)
            self.export(row, out if out.suffix else out.with_name(out.name + MODEL_SUFFIX))

    def export(self, row: ListedVersion, out: Path) -> None:
        """Write a model for others, with its card."""

        def tell(card: Path) -> None:
            text = self.tr("Exported {0} to {1}, with its card {2}. Names of images stay here.")
            self._say(text.format(row.name, out, card.name))
            self.exported.emit(out)

        self._errands.put(lambda: export_version(row, out, replaces=True), tell, self._refuse)

    def ask_delete(self, row: ListedVersion) -> None:
        """Delete a model if the person agrees."""
        text = self.tr("Delete {0} ({1} MB)? This cannot be undone.").format(
            row.name, f"{row.bytes / 1e6:.1f}"
        )
        if row.is_used:
            text = "\n\n".join(
                (self.tr("{0} is the model that this project uses.").format(row.name), text)
            )
        box = QMessageBox(
            QMessageBox.Icon.Question,
            self.tr("Delete {0}").format(row.name),
            text,
            parent=self._dialog or self._window,
        )
        delete = box.addButton(self.tr("Delete"), QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        ask(box)
        if box.clickedButton() is delete:
            self.delete(row)

    def delete(self, row: ListedVersion) -> None:
        """Remove a model, and what was found of it in comparisons."""
        store = self._workspace.store
        if store is None:
            return

        def work() -> list[ListedVersion]:
            delete_version(row.path)
            EvaluationStore(store.root / EVALUATIONS_FOLDER).forget(f"{row.name}-")
            return list_versions(store.root)

        def tell(rows: list[ListedVersion]) -> None:
            if self._workspace.store is store and row.is_used:
                self._workspace.remember_model("")
            if self._dialog is not None:
                self._dialog.show_versions(rows)
            self._say(self.tr("{0} is deleted.").format(row.name))

        self._errands.put(work, tell, self._refuse)

    def _say(self, text: str) -> None:
        """In the dialog while it is open, else in the window."""
        if self._dialog is not None:
            self._dialog.say(text)
        else:
            self.hint.emit(text)

    def _refuse(self, text: str) -> None:
        if self._dialog is not None:
            self._dialog.say(text, is_error=True)
        else:
            self.failed.emit(text)

    # comparing

    def compare(self, first: ListedVersion, second: ListedVersion) -> None:
        """Compare the second with the first on images that taught neither, and show it."""
        store = self._workspace.store
        if store is None:
            return

        def work(progress: ProgressCallback, cancel: Cancel) -> _Compared:
            both = tuple(Candidate(r.path, self._loading(r.path), _HOW) for r in (first, second))
            judges = judges_of_project(store, [candidate.version for candidate in both])
            kept = EvaluationStore(store.root / EVALUATIONS_FOLDER)
            judging = Judging(store, judges, both, kept, chosen_mapping(store.project))
            comparison = judging.comparison(judging.reports(progress, cancel))
            for candidate in both:
                candidate.release()
            return _Compared(judging, comparison)

        title = self.tr("Comparing {0} and {1}").format(first.name, second.name)
        self._running.start(title, work, self._show_comparison)

    def _loading(self, path: Path) -> Callable[[], Proposer]:
        return lambda: self._load_segmenter(path, "fp32")

    def _show_comparison(self, found: _Compared) -> None:
        window = ComparisonWindow(found.comparison, self._window)
        self._windows.append(window)
        window.finished.connect(lambda _: self._forget(window))

        def put(work: Callable[[], object], tell: Callable[[Any], None]) -> None:
            """Nothing is told to a window that was closed meanwhile."""
            self._errands.put(
                work,
                lambda answer: tell(answer) if window in self._windows else None,
                lambda text: window.show_problem(text) if window in self._windows else None,
            )

        def draw(name: str) -> None:
            put(lambda: found.judging.pictures(name, window.picture_side), window.show_pictures)

        def save(folder: str) -> None:
            put(
                lambda: write_report(found.judging, found.comparison, Path(folder)),
                window.show_saved,
            )

        window.pictures_requested.connect(draw)
        window.page_requested.connect(save)
        window.image_requested.connect(self._workspace.go_to)
        window.begin()
        window.show()

    def _forget(self, window: ComparisonWindow) -> None:
        self._windows.remove(window)
        window.deleteLater()

    def _close_windows(self) -> None:
        """They are about another project."""
        for window in list(self._windows):
            window.close()


_HOW = way_of_proposing()
