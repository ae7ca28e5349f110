"""Ahead of the person: the images that come next are proposed while this one is worked on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from PySide6.QtCore import QObject, Signal

from seglabel.app.current_job import CurrentJob
from seglabel.app.editor import Editor
from seglabel.app.proposing import Proposing
from seglabel.app.workers.inference import AheadRequest, Inference
from seglabel.app.workers.writer import Writer
from seglabel.app.workspace import Workspace
from seglabel.core.matching import match_by_name, model_of
from seglabel.core.proposal import Proposal
from seglabel.core.status import Status
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.predict import chosen_mapping

_FOLLOWING = 3  # images that nobody touched
_PRECEDING = 1
_HORIZON = 100  # images that are looked at for those


@dataclass(frozen=True)
class AheadState:
    """So many of the next images that nobody touched are proposed; of none there is no talk."""

    ready: int = 0
    total: int = 0


class ProposingAhead(QObject):
    """Tells the inference worker which images to propose while it has nothing else to do.

    It begins once the person asked the model in use for a proposal in the project, gives way to
    whatever else they want of it, and plans anew when categories or mapping change. What is
    proposed already is never replaced. At most so many proposals as are wanted ahead are in memory.
    """

    changed = Signal()

    def __init__(
        self,
        workspace: Workspace,
        editor: Editor,
        proposing: Proposing,
        inference: Inference,
        writer: Writer,
        job: CurrentJob,
        is_on: bool,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._editor = editor
        self._proposing = proposing
        self._inference = inference
        self._writer = writer
        self._job = job
        self._is_on = is_on
        self._asked: set[str] = set()  # digests of models, for a proposal, ever, in this project
        self._requests: list[AheadRequest] = []
        self._writing: set[str] = set()
        self._failed: set[tuple[str, str]] = set()  # digest of the model as used here, name
        self._declined: set[str] = set()
        self._state = AheadState()
        inference.proposed.connect(self._answered)
        proposing.declined.connect(self._decline)
        inference.ahead_proposed.connect(self._proposed)
        inference.ahead_failed.connect(self._fail)
        writer.proposal_saved.connect(self._saved)
        writer.error_recorded.connect(self._recorded)
        workspace.project_opened.connect(self._project_opened)
        workspace.record_changed.connect(self._record_changed)
        editor.edited.connect(self._edited)
        for signal in (
            workspace.images_changed,
            workspace.order_changed,
            workspace.image_wanted,
            workspace.image_opened,
            workspace.image_failed,
            workspace.categories_changed,
            workspace.mapping_changed,
            proposing.model_loading,
            proposing.model_changed,
            proposing.working_changed,
            job.started,
            job.ended,
        ):
            signal.connect(self._plan)

    @property
    def is_on(self) -> bool:
        return self._is_on

    @property
    def state(self) -> AheadState:
        return self._state

    def is_expected(self, name: str) -> bool:
        """Whether an image will be proposed soon without being asked for."""
        return any(request.name == name for request in self._requests)

    def set_on(self, is_on: bool) -> None:
        """Switch it on or off; switching it on is asking the model in use for proposals."""
        self._is_on = is_on
        if is_on and self._proposing.model is not None:
            self._asked.add(self._proposing.model.digest)
        self._plan()

    # what to do

    def _plan(self, *_: object) -> None:
        before = (self._requests, self._state)
        self._requests, self._state = self._wanted()
        if self._requests != before[0]:
            self._inference.propose_ahead(self._requests)
        if (self._requests, self._state) != before:
            self.changed.emit()

    def _wanted(self) -> tuple[list[AheadRequest], AheadState]:
        store, model, name = self._workspace.store, self._proposing.model, self._workspace.name
        if not self._is_on or store is None or model is None or model.digest not in self._asked:
            return [], AheadState()
        project = store.project
        if not len(project.categories) or name not in project.records:
            return [], AheadState()
        chosen = chosen_mapping(project)
        mapping = match_by_name(model.categories, project.categories, chosen)
        digest = mapping.digest_with(model.digest)
        following, preceding = self._untouched_around(name)
        ready = [n for n in following if self._is_answered(store, n, digest)]
        state = AheadState(len(ready), len(following))
        if self._job.is_running or self._proposing.is_working or self._proposing.is_loading:
            return [], state
        names = [n for n in (*following, *preceding) if self._is_to_do(store, n, digest)]
        if self._is_shown_untouched(name) and self._is_to_do(store, name, digest):
            names.insert(0, name)
        room = max(_FOLLOWING + _PRECEDING + 1 - len(self._writing), 0)  # a full disk stops it
        return [AheadRequest(store, n, project.categories, chosen) for n in names[:room]], state

    def _untouched_around(self, name: str) -> tuple[list[str], list[str]]:
        """The next images that nobody touched, and those just before, nearest first."""
        names = self._workspace.names
        here = names.index(name)
        after = islice(names, here + 1, here + 1 + _HORIZON)
        before = reversed(names[max(here - _PRECEDING, 0) : here])
        following = (n for n in after if self._is_untouched(n))
        return list(islice(following, _FOLLOWING)), [n for n in before if self._is_untouched(n)]

    def _is_untouched(self, name: str) -> bool:
        if name in self._workspace.unreadable:
            return False
        return not self._workspace.status(name).is_by_person

    def _is_shown_untouched(self, name: str) -> bool:
        """Whether nothing was done to the image that is shown, not even undone."""
        image = self._workspace.image
        if image is None or image.name != name:
            return self._workspace.status(name) is Status.EMPTY and self._is_untouched(name)
        document = image.document
        is_blank = document.status is Status.EMPTY and not len(document.history)
        return is_blank and not self._editor.is_busy and not self._editor.is_read_only

    def _is_to_do(self, store: ProjectStore, name: str, digest: str) -> bool:
        """Whether nothing is proposed for an image, by whichever model."""
        if name in self._declined or name in self._writing or (digest, name) in self._failed:
            return False
        return not self._is_answered(store, name, digest)

    def _is_answered(self, store: ProjectStore, name: str, digest: str) -> bool:
        """Whether an image has a proposal, or the person took that of this model away."""
        is_empty = self._workspace.status(name) is Status.EMPTY
        return not is_empty or store.project.records[name].model_digest == digest

    # what happens

    def _answered(self, _: object, proposal: Proposal, __: object) -> None:
        self._asked.add(model_of(proposal.model_digest))
        self._plan()

    def _decline(self, name: str) -> None:
        self._declined.add(name)
        self._plan()

    def _proposed(self, request: AheadRequest, proposal: Proposal, digest: str) -> None:
        if self._take(request):
            self._writing.add(request.name)
            self._writer.save_proposal(request.store, request.name, proposal, digest)
            self._plan()

    def _fail(self, request: AheadRequest, message: str) -> None:
        model = self._proposing.model
        if self._take(request) and model is not None:
            mapping = match_by_name(model.categories, request.categories, request.chosen)
            self._failed.add((mapping.digest_with(model.digest), request.name))
            self._writing.add(request.name)
            self._writer.record_error(request.store, request.name, message)
            self._plan()

    def _take(self, request: AheadRequest) -> bool:
        """Whether it is still wanted; it no longer is, then."""
        if request not in self._requests:
            return False
        self._requests = [other for other in self._requests if other != request]
        return True

    def _saved(self, store: ProjectStore, name: str) -> None:
        if store is self._workspace.store:
            self._writing.discard(name)
            self._workspace.proposal_written(name)  # it comes back as a changed record

    def _recorded(self, store: ProjectStore, name: str) -> None:
        if store is self._workspace.store:
            self._writing.discard(name)
            self._workspace.record_changed.emit(name)

    def _project_opened(self, store: ProjectStore) -> None:
        self._writing.clear()
        self._failed.clear()
        self._declined.clear()
        self._asked = {model_of(record.model_digest) for record in store.project.records.values()}
        self._plan()

    def _record_changed(self, name: str) -> None:
        project = self._workspace.project
        record = project.records.get(name) if project is not None else None
        if record is not None:
            self._asked.add(model_of(record.model_digest))
        self._plan()

    def _edited(self) -> None:
        if self.is_expected(self._workspace.name):  # no longer untouched
            self._plan()
