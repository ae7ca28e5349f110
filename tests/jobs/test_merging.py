from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seglabel.core.cancel import Cancel
from seglabel.core.categories import BACKGROUND, VOID, CategorySet
from seglabel.core.document import Document
from seglabel.core.errors import Cancelled, SegLabelError
from seglabel.core.geometry import Region
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.journal import JournalEntry
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.merging import CategoryUsage, count_category, remove_category


@pytest.fixture
def store(tmp_path: Path) -> ProjectStore:
    """Three images of 4 × 6 pixels: two labelled, one untouched; categories a, b, c."""
    for name in ("one.png", "two.png", "three.png"):
        Image.fromarray(np.zeros((4, 6, 3), np.uint8)).save(tmp_path / name)
    store = ProjectStore.open(tmp_path)
    store.project.categories = CategorySet.of("a", "b", "c")
    store.save_project()
    labels = np.tile(np.array([0, 1, 2, 3, 1, 255], np.uint8), (4, 1))
    painted = labels == 1
    instances = np.where(labels == 1, 7, 0).astype(np.uint16)
    store.save("one.png", Annotation(labels, painted, instances, Status.CORRECTED))
    other = np.full((4, 6), 3, np.uint8)
    store.save("two.png", Annotation(other, other > 0, None, Status.REVIEWED))
    return store


@pytest.mark.parametrize("target", [2, BACKGROUND, VOID])
def test_pixels_of_a_removed_category_become_what_was_chosen_and_nothing_else_changes(
    store: ProjectStore, target: int
) -> None:
    before = store.load("one.png")
    untouched = store.project.records["two.png"]
    report = remove_category(store, 1, target)
    assert (report.images, report.failed) == (1, [])
    again = ProjectStore.open(store.folder)
    after = again.load("one.png")
    assert np.array_equal(after.labels, np.where(before.labels == 1, target, before.labels))
    assert np.array_equal(after.painted, before.painted)
    assert np.array_equal(after.instances, before.instances)
    assert after.status is Status.CORRECTED
    assert again.project.records["two.png"] == untouched
    assert again.load("three.png") is None
    assert [c.name for c in again.project.categories] == ["b", "c"]


def test_the_id_of_a_removed_category_is_given_to_no_other(store: ProjectStore) -> None:
    remove_category(store, 3, BACKGROUND)
    _, new = ProjectStore.open(store.folder).project.categories.with_new("d")
    assert new.id == 4


def test_a_category_stays_while_a_label_file_that_may_hold_it_cannot_be_read(
    store: ProjectStore,
) -> None:
    (store.root / "labels" / "two.png.png").write_bytes(b"not a picture")
    report = remove_category(store, 1, 2)
    assert report.images == 1 and len(report.failed) == 1 and "two.png" in report.failed[0]
    assert 1 in ProjectStore.open(store.folder).project.categories


def test_a_removal_that_is_stopped_leaves_the_category(store: ProjectStore) -> None:
    cancel = Cancel()
    with pytest.raises(Cancelled):
        remove_category(store, 1, 2, progress=lambda _: cancel.set(), cancel=cancel)
    assert 1 in store.project.categories


@pytest.mark.parametrize(("category", "target"), [(1, 1), (1, 9), (9, 1)])
def test_pixels_are_given_only_to_what_there_is(store, category: int, target: int) -> None:
    with pytest.raises(SegLabelError):
        remove_category(store, category, target)


def test_what_has_a_category_is_counted_without_changing_anything(store: ProjectStore) -> None:
    before = dict(store.project.records)
    assert count_category(store, 3) == CategoryUsage(images=2, pixels=4 + 24)
    assert dict(store.project.records) == before


def test_no_step_that_would_bring_a_deleted_category_back_can_be_undone(store) -> None:
    document = Document(np.full((4, 6), 1, np.uint8), np.zeros((4, 6), bool), None, Status.REVIEWED)
    store.save("one.png", document.snapshot())
    with document.begin("brush") as edit:
        edit.paint(Region(0, 0, 4, 6), np.ones((4, 6), bool), 2)
        edit.commit()
    store.note_changes("one.png", [JournalEntry(document.last_change, document.snapshot())])
    store.save("one.png", document.snapshot())
    assert store.load_history("one.png", store.load("one.png")) is not None
    remove_category(store, 2, 3)
    annotation = ProjectStore.read(store.folder).load("one.png")
    assert (annotation.labels == 3).all()
    assert store.load_history("one.png", annotation) is None


def test_labels_of_an_image_that_is_missing_change_too(store: ProjectStore) -> None:
    store.close()
    (store.folder / "one.png").rename(store.folder / "one.away")
    store = ProjectStore.open(store.folder)
    assert count_category(store, 1).images == 1
    remove_category(store, 1, VOID)
    store.close()
    (store.folder / "one.away").rename(store.folder / "one.png")
    again = ProjectStore.read(store.folder)
    assert again.project.categories.unknown_in(again.load("one.png").labels) == []
