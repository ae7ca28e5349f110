"""What the log says of a session: what was opened, loaded, begun and ended."""

from __future__ import annotations

import logging

from PySide6.QtCore import QObject

from seglabel import __version__
from seglabel.app.current_job import CurrentJob
from seglabel.app.workers.inference import DeviceInfo, Inference, ModelInfo
from seglabel.app.workspace import Workspace
from seglabel.formats.project_store import ProjectStore

_log = logging.getLogger(__name__)


class Diary(QObject):
    """Milestones only; what goes wrong is noted where it does."""

    def __init__(
        self, workspace: Workspace, inference: Inference, job: CurrentJob, parent: QObject
    ) -> None:
        super().__init__(parent)
        _log.info("window of seglabel %s", __version__)
        workspace.project_opened.connect(self._project_opened)
        workspace.conflicted.connect(lambda text: _log.warning("%s", text))
        inference.device_known.connect(self._device_known)
        inference.model_loaded.connect(self._model_loaded)
        job.started.connect(lambda title: _log.info("begun: %s", title))
        job.ended.connect(lambda: _log.info("ended"))

    def _project_opened(self, store: ProjectStore) -> None:
        count = len(store.project.records)
        right = f"only looked at: {store.refusal}" if store.refusal else "worked on"
        _log.info("%s with %d images, project at %s, %s", store.folder, count, store.root, right)

    def _device_known(self, device: DeviceInfo) -> None:
        _log.info("computes on %s", device.text)

    def _model_loaded(self, model: ModelInfo) -> None:
        _log.info("model %s on %s", model.path, model.device)
