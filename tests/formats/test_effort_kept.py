"""The effort of an image lies with its labels, and is compared with the proposal at review."""

from __future__ import annotations

import json

import numpy as np
import pytest

from seglabel.core.categories import VOID
from seglabel.core.effort import Effort
from seglabel.core.errors import LabelError
from seglabel.core.proposal import Proposal
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.project_store import ProjectStore

SHAPE = (24, 32)
WORK = Effort(strokes=4, seconds=12.5)


def annotation(labels: int | np.ndarray, status: Status, effort: Effort = WORK) -> Annotation:
    full = np.full(SHAPE, labels, np.uint8) if isinstance(labels, int) else labels
    return Annotation(full, np.ones(SHAPE, np.bool_), None, status, effort)


def proposal(value: int, model: str = "model-1", shape: tuple[int, int] = SHAPE) -> Proposal:
    grid = np.full((6, 8), 0.5, np.float16)
    return Proposal(np.full(shape, value, np.uint8), grid, grid, model, f"{model} digest")


def reviewed_half(folder, effort: Effort = WORK) -> ProjectStore:
    """Everything was proposed as 1; the person made half of it 2."""
    folder.add_picture("a.png")
    store = folder.open()
    store.save_proposal("a.png", proposal(1), "")
    labels = np.ones(SHAPE, np.uint8)
    labels[:12] = 2
    store.save("a.png", annotation(labels, Status.REVIEWED, effort))
    return store


def test_a_reviewed_image_tells_what_the_model_had_right(folder):
    store = reviewed_half(folder)
    wanted = Effort(4, 12.5, 1, 24 * 32, 12 * 32, "model-1", "model-1 digest")
    assert store.project.records["a.png"].effort == wanted
    again = folder.open()
    assert again.project.records["a.png"].effort == wanted
    loaded = again.load("a.png")
    assert loaded is not None
    assert loaded.effort == wanted


def test_a_crash_before_the_list_was_written_loses_no_effort(folder):
    store = reviewed_half(folder)
    log = store.root / "images.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    assert json.loads(lines[-1])["effort"]["changed"] == 12 * 32
    log.write_bytes(b"".join(lines[:-1]))  # what announces the save stays
    assert folder.open().project.records["a.png"].effort == store.project.records["a.png"].effort


def test_what_was_corrected_only_keeps_strokes_and_time(folder):
    store = reviewed_half(folder)
    store.save("a.png", annotation(1, Status.CORRECTED, store.project.records["a.png"].effort))
    assert store.project.records["a.png"].effort == WORK


def test_without_a_proposal_every_pixel_is_the_persons_work(folder):
    folder.add_picture("a.png")
    labels = np.ones(SHAPE, np.uint8)
    labels[0] = VOID
    store = folder.open()
    store.save("a.png", annotation(labels, Status.REVIEWED))
    assert store.project.records["a.png"].effort == Effort(4, 12.5, 1, 23 * 32, 23 * 32)


@pytest.mark.parametrize("harm", ["damage", "other size"])
def test_a_proposal_that_cannot_be_compared_hinders_no_saving(folder, harm):
    folder.add_picture("a.png")
    store = folder.open()
    store.keep_proposal("a.png", proposal(1, shape=(5, 5)), "")
    if harm == "damage":
        (store.root / "proposals" / "a.png.npz").write_bytes(b"no archive")
    store.save("a.png", annotation(1, Status.REVIEWED))
    effort = store.project.records["a.png"].effort
    assert (effort.model, effort.changed) == ("", 24 * 32)


def test_images_are_counted_in_the_order_of_their_reviews(folder):
    for name in ("a.png", "b.png", "c.png"):
        folder.add_picture(name)
    store = folder.open()
    for name in ("c.png", "a.png", "b.png", "a.png"):
        before = store.project.records[name].effort
        store.save(name, annotation(1, Status.REVIEWED, before))
    places = {name: record.effort.place for name, record in store.project.records.items()}
    assert places == {"c.png": 1, "a.png": 2, "b.png": 3}


def test_a_run_over_the_folder_keeps_the_effort(folder):
    folder.add_picture("a.png")
    store = folder.open()
    store.save("a.png", annotation(0, Status.EMPTY))  # everything was undone
    store.save_proposal("a.png", proposal(1), "")
    loaded = folder.open().load("a.png")
    assert loaded is not None
    assert loaded.effort == store.project.records["a.png"].effort == WORK


def test_a_project_from_before_effort_was_recorded_opens(folder):
    store = reviewed_half(folder, Effort())
    log = store.root / "images.jsonl"
    old = [json.loads(line) for line in log.read_text().splitlines()]
    for entry in old:
        entry.pop("effort", None)
    log.write_text("".join(json.dumps(entry) + "\n" for entry in old))
    again = folder.open()
    assert again.project.records["a.png"].effort == Effort()
    assert again.project.records["a.png"].status is Status.REVIEWED


def test_effort_that_makes_no_sense_is_named_with_its_file(folder, monkeypatch):
    store = reviewed_half(folder)
    monkeypatch.setattr(Effort, "to_json", lambda self: {"strokes": "many"})
    store.save("a.png", annotation(1, Status.CORRECTED))
    with pytest.raises(LabelError, match=r"a\.png\.png: effort: strokes"):
        store.load("a.png")
