"""The queue of a project from what lies on disk."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from seglabel.core.cancel import Cancel
from seglabel.core.errors import Cancelled
from seglabel.core.proposal import Proposal, unit_length
from seglabel.core.queue import Place, Why
from seglabel.core.status import Status
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.engines.local import predict
from seglabel.jobs.queueing import Queue
from seglabel.jobs.sinks import ProjectSink


def keep(store: ProjectStore, proposer, name: str, looks, digest: str = "new-0") -> None:
    """A proposal of an image that looks so to a model."""
    made: Proposal = proposer().propose(store.read_image(name))
    described = replace(made, model_digest=digest, descriptor=unit_length(np.array(looks)))
    store.save_proposal(name, described, store.digest(name))


@pytest.fixture
def three(store: ProjectStore, proposer) -> ProjectStore:
    """Two images that are alike, one that is not, and one without a proposal."""
    keep(store, proposer, "a.png", (1, 0))
    keep(store, proposer, "b.png", (1, 0.1))
    keep(store, proposer, "deep/a.png", (0, 1))
    return store


def order(queue: Queue, statuses=None, model: str = "new") -> list[str]:
    return [place.name for place in queue.places(statuses or {}, model)]


def test_what_is_unlike_the_labelled_images_comes_first(three: ProjectStore) -> None:
    places = Queue(three).places({"a.png": Status.CORRECTED}, "new")
    assert places == (Place("deep/a.png", Why.UNLIKE), Place("b.png", Why.UNCERTAIN))


def test_what_a_person_cleared_in_memory_is_not_asked_for(three: ProjectStore) -> None:
    assert "b.png" not in order(Queue(three), {"b.png": Status.EMPTY})


def test_images_are_compared_as_the_model_in_use_sees_them(three: ProjectStore, proposer) -> None:
    queue, statuses = Queue(three), {"a.png": Status.REVIEWED}
    assert order(queue, statuses)[0] == "deep/a.png"
    for name in ("b.png", "deep/a.png"):
        keep(three, proposer, name, (1, 0) if name == "deep/a.png" else (0, 1), "newer-0")
    assert order(queue, statuses, "newer")[0] == "b.png"  # nothing labelled is described yet
    three.keep_descriptor("a.png", "newer-0", unit_length(np.array((1, 0))))
    assert queue.places(statuses, "newer")[0] == Place("b.png", Why.UNLIKE)


def test_without_a_model_that_describes_the_usual_one_does(three: ProjectStore) -> None:
    statuses = {"a.png": Status.REVIEWED}
    assert order(Queue(three), statuses, "") == order(Queue(three), statuses, "new")


def test_an_image_on_which_a_run_failed_is_not_asked_for(three: ProjectStore) -> None:
    three.record_error("b.png", "cannot be read")
    assert order(Queue(three)) == ["a.png", "deep/a.png"]


def test_a_run_over_a_folder_keeps_what_the_queue_needs(store: ProjectStore, proposer) -> None:
    class Describing(proposer):
        def propose(self, image, cancel=None):
            looks = unit_length(image.mean((0, 1)))
            return replace(super().propose(image, cancel), descriptor=looks)

    predict(store, store.project.names, Describing(), ProjectSink(store))
    assert all(store.load_descriptors(name) for name in store.project.names)
    assert sorted(order(Queue(store), model="c0")) == sorted(store.project.names)


def test_it_can_be_told_to_stop(three: ProjectStore) -> None:
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        Queue(three).places({}, cancel=cancel)
