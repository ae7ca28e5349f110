"""The queue of a project: which of its images to label next, from what is kept of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from seglabel.core.cancel import Cancel
from seglabel.core.errors import SegLabelError
from seglabel.core.matching import model_of
from seglabel.core.project import ImageRecord
from seglabel.core.queue import Candidate, Place, queue
from seglabel.core.status import Status
from seglabel.formats.project_store import ProjectStore

_Descriptors = Mapping[str, NDArray[np.float16]]


class Queue:
    """The images of one project in the order in which it pays to label them.

    Descriptors are read once, and again when another model has proposed for their image. For one
    thread at a time.
    """

    def __init__(self, store: ProjectStore) -> None:
        self._store = store
        self._known: dict[str, tuple[object, _Descriptors]] = {}

    def places(
        self, statuses: Mapping[str, Status], model: str = "", cancel: Cancel | None = None
    ) -> tuple[Place, ...]:
        """All images with a proposal that no person worked on, by what is expected to be gained.

        ``statuses`` are those that are not as on disk. Images are compared as ``model``, a digest,
        describes them, or where it did not yet, the model that describes most. Those that a person
        corrected count as labelled: they are learned from. Raises Cancelled.
        """
        cancel = cancel or Cancel()
        found: list[tuple[ImageRecord, bool, _Descriptors]] = []
        for record in tuple(self._store.project.records.values()):
            cancel.raise_if_set()
            status = statuses.get(record.name, record.status)
            is_open = record.doubt is not None and not record.error
            is_labelled = status.is_by_person
            if is_labelled or (is_open and status is Status.PROPOSED):
                found.append((record, is_labelled, self._descriptors(record, is_labelled)))
        described = Counter(chain.from_iterable(descriptors for _, _, descriptors in found))
        if model not in described:
            model = max(described, key=lambda digest: (described[digest], digest), default="")
        return queue(
            Candidate(record.name, record.doubt, descriptors.get(model), is_labelled)
            for record, is_labelled, descriptors in found
        )

    def _descriptors(self, record: ImageRecord, is_labelled: bool) -> _Descriptors:
        """By the digest of the model; a damaged file has none."""
        # A model that describes what is labelled does not change its record.
        described = self._store.described_at(record.name) if is_labelled else 0
        state = (record.model_digest, described)
        known = self._known.get(record.name)
        if known is not None and known[0] == state:
            return known[1]
        descriptors: _Descriptors = {}
        with suppress(SegLabelError):
            read = self._store.load_descriptors(record.name)
            descriptors = {model_of(digest): vector for digest, vector in read.items()}
        self._known[record.name] = (state, descriptors)
        return descriptors
