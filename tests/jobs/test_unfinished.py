from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import save

from seglabel.core.cancel import Cancel
from seglabel.core.errors import TrainingError
from seglabel.core.samples import Learned, Resume
from seglabel.jobs.train import assist, train
from seglabel.jobs.unfinished import unfinished

WEIGHTS = save({"weight": np.ones(1, np.int32)})


class Pupil:
    """Keeps something on its way, and ends as it is told to."""

    def __init__(self, end: BaseException | None = None) -> None:
        self._end = end
        self.begun_with: bytes | None = None

    def learn(
        self, training, validation, categories, progress, cancel, keep, resume: Resume
    ) -> Learned:
        self.begun_with = resume.state
        resume.keep(b"line one\nline two", 0.4)
        keep(WEIGHTS)
        if self._end is not None:
            raise self._end
        return Learned(WEIGHTS, 3, 1.0, float("nan"), float("nan"))


def killed(store, **arguments) -> None:
    with pytest.raises(MemoryError):
        train(store, Pupil(MemoryError()), **arguments)


def test_the_same_training_goes_on_with_what_was_kept_and_writes_the_same_model(
    store, label
) -> None:
    label(store, ["a.png"])
    killed(store, settings={"seed": 1})
    found = unfinished(store)
    assert (found.share, found.model) == (0.4, "model-1.safetensors")
    assert found.settings == {"seed": 1, "parent": ""}
    pupil = Pupil()
    report = train(store, pupil, settings={"seed": 1})
    assert pupil.begun_with == b"line one\nline two"
    assert report.path.name == "model-1.safetensors"
    assert unfinished(store) is None
    assert not (store.models_folder / ".training").exists()


@pytest.mark.parametrize("change", ["settings", "labels", "split", "categories", "fresh"])
def test_any_other_training_starts_anew(store, label, change) -> None:
    label(store, store.project.names)
    killed(store, settings={"seed": 1})
    settings, share = {"seed": 1}, 0.1
    if change == "settings":
        settings = {"seed": 2}
    elif change == "labels":
        label(store, ["b.png"], 8)
    elif change == "split":
        share = 0.5
    elif change == "categories":
        store.project.categories = store.project.categories.with_background_void(True)
    pupil = Pupil()
    train(
        store,
        pupil,
        settings=settings,
        validation_share=share,
        is_fresh=change == "fresh",
    )
    assert pupil.begun_with is None
    assert unfinished(store) is None


def test_a_training_that_was_refused_or_stopped_is_not_gone_on_with(store, label) -> None:
    label(store, ["a.png"])
    with pytest.raises(TrainingError):
        train(store, Pupil(TrainingError("the loss became nan")))
    assert unfinished(store) is None


def test_what_nobody_can_read_is_no_unfinished_training(store, label) -> None:
    label(store, ["a.png"])
    killed(store)
    path = store.models_folder / ".training" / "state"
    for damage in (b"", b"{", b"[1, 2]\n", b"\xff\xfe\n", b'{"share": null}\n'):
        path.write_bytes(damage)
        assert unfinished(store) is None
    assert train(store, Pupil()).learned.steps == 3


def test_a_process_that_assists_begins_where_the_leading_one_does_and_writes_nothing(
    store, label, bytes_of
) -> None:
    label(store, ["a.png"])
    killed(store, settings={"seed": 1})
    before = bytes_of(store.root)
    pupil = Pupil()
    assist(store, pupil, settings={"seed": 1}, cancel=Cancel())
    assert pupil.begun_with == b"line one\nline two"
    assert bytes_of(store.root) == before
