"""Which model is used: choosing, downloading, explaining it, and what its categories become."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from seglabel.app.dialogs.asking import ask
from seglabel.app.dialogs.mapping import MappingDialog
from seglabel.app.dialogs.model_facts import ModelFactsDialog
from seglabel.app.dialogs.models import ListedModel, ModelsDialog
from seglabel.app.proposing import Proposing
from seglabel.app.running import Running
from seglabel.app.settings import Settings
from seglabel.app.workspace import Workspace
from seglabel.core.cancel import Cancel
from seglabel.core.errors import SegLabelError
from seglabel.core.matching import match_by_name
from seglabel.core.progress import Progress, ProgressCallback
from seglabel.core.public_weights import PublicWeights
from seglabel.formats.atomic import write_bytes
from seglabel.formats.categories_file import read_categories
from seglabel.formats.model_card import read_card
from seglabel.jobs.fetch import FetchReport, fetch, fetched_path, is_fetched
from seglabel.jobs.models import is_built_in, own_models
from seglabel.jobs.predict import chosen_mapping

if TYPE_CHECKING:
    from seglabel.model.identify import Fact


class ModelChoosing(QObject):
    """Shows the dialogs; the work runs as jobs, the proposing loads what was chosen."""

    fetched = Signal(object)  # FetchReport
    failed = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        proposing: Proposing,
        running: Running,
        catalogue: Sequence[PublicWeights],
        folder: Path,
        settings: Settings,
        window: QWidget,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._proposing = proposing
        self._running = running
        self._catalogue = catalogue
        self._folder = folder
        self._settings = settings
        self._window = window

    def listed(self) -> list[ListedModel]:
        """Built in, the project's models, files used before, what is on this machine or can be had.

        In this order.
        """
        store = self._workspace.store
        own = [] if store is None else own_models(store)
        built_in = [w for w in self._catalogue if w.is_built_in]
        public = [w for w in self._catalogue if not w.is_built_in]
        here = [w for w in public if is_fetched(w, self._folder)]
        known = {path.absolute() for path in own}
        known |= {fetched_path(w, self._folder).absolute() for w in here}
        recent = map(Path, self._settings.recent_models)
        used = [path for path in recent if path not in known and path.exists()]
        away = [w for w in public if w not in here]
        return [
            *(ListedModel(w.name, fetched_path(w, self._folder), w) for w in built_in),
            *(ListedModel(path.stem, path) for path in own),
            *(ListedModel(path.name, path, is_of_project=False) for path in used),
            *(ListedModel(w.name, fetched_path(w, self._folder), w) for w in here),
            *(ListedModel(w.name, None, w) for w in away),
        ]

    def ask_model(self) -> None:
        """Let the person choose one."""
        dialog = ModelsDialog(self.listed(), self._window)
        dialog.use_requested.connect(self._proposing.load_model)
        dialog.fetch_requested.connect(self.fetch)
        dialog.file_requested.connect(self.ask_file)
        ask(dialog)

    def remember(self, path: Path) -> None:
        """A checkpoint was loaded: it is offered again, as built-in ones are in any case."""
        if is_built_in(path):
            return
        self._settings.remember_model(path)

    def _start_folder(self) -> Path:
        """Where the last checkpoint came from, else where the images are."""
        store = self._workspace.store
        folders = [Path(path).parent for path in self._settings.recent_models]
        if store is not None:
            folders.append(store.folder)
        return next((folder for folder in folders if folder.is_dir()), Path.home())

    def ask_file(self) -> None:
        """Let the person choose a checkpoint file."""
        chosen, _ = QFileDialog.getOpenFileName(
            self._window,
            self.tr("A DeepLabv3+ checkpoint"),
            str(self._start_folder()),
            self.tr(
                "Checkpoints (*.safetensors *.pth *.pt *.tar *.ckpt *.bin *.pkl *.net);;"
                "All files (*)"
            ),
        )
        if chosen:
            self._proposing.load_model(Path(chosen))

    def fetch(self, weights: PublicWeights) -> None:
        """Download public weights and use them."""

        def work(progress: ProgressCallback, cancel: Cancel) -> FetchReport:
            def in_megabytes(now: Progress) -> None:
                progress(Progress(now.done >> 20, max(now.total >> 20, 1), unit="MB"))

            return fetch(weights, self._folder, progress=in_megabytes, cancel=cancel)

        self._running.start(
            self.tr("Downloading {0}").format(weights.name), work, self._take_fetched
        )

    def _take_fetched(self, report: FetchReport) -> None:
        self.fetched.emit(report)
        self._proposing.load_model(report.path)

    # what it is

    def ask_facts(self) -> None:
        """Explain the model that is loaded, and let the person correct what is assumed."""
        model = self._proposing.model
        if model is not None:
            self.ask_facts_of(model.path, model.title)

    def ask_facts_of(self, path: Path, title: str, card: str = "") -> None:
        """The same of any checkpoint; without a ``card``, that of the file is shown."""

        def work(_progress: ProgressCallback, _cancel: Cancel) -> tuple[list[Fact], str]:
            from seglabel.model.identify import describe, identify

            found = identify(path)
            return describe(found), card or read_card(found.path)

        self._running.start(
            self.tr("Reading {0}").format(title),
            work,
            lambda known: self._show_facts(path, *known),
        )

    def _show_facts(self, path: Path, facts: Sequence[Fact], card: str) -> None:
        dialog = ModelFactsDialog(path.name, facts, card, self._window)
        if ask(dialog):
            self.correct(
                path,
                output_stride=dialog.output_stride,
                mean=dialog.mean,
                std=dialog.std,
                categories=dialog.categories_file,
            )

    def correct(
        self,
        path: Path,
        *,
        output_stride: int | None = None,
        mean: tuple[float, float, float] | None = None,
        std: tuple[float, float, float] | None = None,
        categories: str = "",
    ) -> None:
        """Remember what a person knows better of a checkpoint, and load it anew."""

        def work(_progress: ProgressCallback, _cancel: Cancel) -> Path:
            from seglabel.model.identify import (
                Corrections,
                identify,
                read_sidecar,
                sidecar_path,
            )

            names = read_categories(Path(categories)) if categories else None
            told = Corrections(output_stride, mean, std, names)
            model = identify(path, told)
            model.network()  # what does not fit is refused before it is remembered
            before, _ = read_sidecar(model.path)
            write_bytes(sidecar_path(model.path), told.over(before).encode())
            return path

        self._running.start(
            self.tr("Correcting {0}").format(path.name), work, self._proposing.load_model
        )

    # what its categories become

    def ask_mapping(self) -> None:
        """Let the person say what the categories of the model become here."""
        model, project = self._proposing.model, self._workspace.project
        if model is None or project is None:
            return
        kept = chosen_mapping(project)
        mapping = match_by_name(model.categories, project.categories, kept)
        dialog = MappingDialog(model.title, mapping, project.categories, self._window)
        if not ask(dialog):
            return
        grown = project.categories
        try:
            for name in dialog.added():
                new = model.categories.named(name)
                assert new is not None
                is_taken = any(c.color == new.color for c in grown)
                color = None if is_taken else new.color  # two of one colour look like one
                grown, _ = grown.with_new(name, color, is_thing=new.is_thing)
        except SegLabelError as error:
            self.failed.emit(str(error))
            return
        self._workspace.set_categories(grown)
        self._workspace.remember_mapping(kept | dialog.chosen())
