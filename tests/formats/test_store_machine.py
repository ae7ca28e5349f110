"""A project store beside a dictionary: saves, proposals, failures and restarts in any order."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from PIL import Image

from seglabel.core.proposal import Proposal
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.atomic import WriteError
from seglabel.formats.project_store import ProjectStore

SHAPE = (5, 6)
NAMES = st.sampled_from(["a.png", "sub/a.png"])
ANNOTATIONS = st.builds(
    lambda value, painted, separated, status: Annotation(
        np.full(SHAPE, value, np.uint8),
        np.full(SHAPE, painted),
        np.full(SHAPE, value, np.uint16) if separated else None,
        status,
    ),
    st.integers(0, 255),
    st.booleans(),
    st.booleans(),
    st.sampled_from(Status),
)


def key(annotation: Annotation | None) -> tuple | None:
    """Everything that is kept, to be compared."""
    if annotation is None:
        return None
    planes = (annotation.labels, annotation.painted, annotation.instances)
    return annotation.status, *(None if p is None else p.tobytes() for p in planes)


class StoreMachine(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.folder = Path(tempfile.mkdtemp())
        for name in ("a.png", "sub/a.png"):
            (self.folder / name).parent.mkdir(exist_ok=True)
            Image.new("RGB", SHAPE[::-1]).save(self.folder / name)
        self.store = ProjectStore.open(self.folder)
        self.saved: dict[str, tuple] = {}

    def teardown(self):
        shutil.rmtree(self.folder)

    @rule(name=NAMES, annotation=ANNOTATIONS)
    def save(self, name: str, annotation: Annotation):
        self.store.save(name, annotation)
        self.saved[name] = key(annotation)

    @rule(name=NAMES, value=st.integers(0, 255))
    def propose(self, name: str, value: int):
        labels = np.full(SHAPE, value, np.uint8)
        self.store.save_proposal(
            name,
            Proposal(labels, np.ones((1, 1), np.float16), np.zeros((1, 1), np.float16), "m", "d"),
            "",
        )
        status = self.saved.get(name, (Status.EMPTY,))[0]
        if not status.is_by_person:
            proposed = Annotation(labels, np.zeros(SHAPE, bool), None, Status.PROPOSED)
            self.saved[name] = key(proposed)

    @rule(name=NAMES, annotation=ANNOTATIONS, number=st.integers(1, 16), lasting=st.booleans())
    def save_on_a_failing_disk(self, name, annotation, number, lasting):
        before = self.saved.get(name)
        faults = self.Faults(pytest.MonkeyPatch())
        with faults.at(number, lasting=lasting), suppress(WriteError):
            self.store.save(name, annotation)
            before = key(annotation)  # acknowledged: nothing else will do
        found = key(ProjectStore.open(self.folder).load(name))
        assert found in (before, key(annotation))
        if found is not None:
            self.saved[name] = found

    @rule()
    def restart(self):
        self.store = ProjectStore.open(self.folder)
        for name, (status, *_) in self.saved.items():
            assert self.store.project.records[name].status is status

    @invariant()
    def everything_saved_is_there(self):
        for name in ("a.png", "sub/a.png"):
            assert key(self.store.load(name)) == self.saved.get(name)


def test_a_store_keeps_what_a_dictionary_would_keep(faults):
    StoreMachine.Faults = type(faults)
    StoreMachine.TestCase.settings = settings(max_examples=30, stateful_step_count=10)
    StoreMachine.TestCase().runTest()
