"""What a project holds and what it took."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from seglabel.core.cancel import Cancel
from seglabel.core.categories import VOID, Category, CategorySet
from seglabel.core.effort import Effort
from seglabel.core.errors import Cancelled
from seglabel.core.progress import Progress
from seglabel.core.project import ImageRecord
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.stats import Stats, count_labels, effort_stats

THINGS = CategorySet(
    (Category(3, "red", (255, 0, 0), is_thing=True), Category(8, "blue", (0, 0, 255)))
)


def blobs(shape: tuple[int, int] = (12, 20)) -> NDArray[np.uint8]:
    """Two red things of 9 pixels, 40 blue ones, 12 void; the rest is background."""
    labels = np.zeros(shape, np.uint8)
    labels[1:4, 1:4] = labels[1:4, 10:13] = 3
    labels[8:10] = 8
    labels[:, 19] = VOID
    labels[8:10, 19] = 8
    labels[11, 0:2] = VOID
    return labels


def record(
    name: str, place: int = 0, *, status: Status = Status.REVIEWED, **effort: object
) -> ImageRecord:
    return ImageRecord(name, status, effort=Effort(place=place, **effort))  # type: ignore[arg-type]


# labels


def test_pixels_and_objects_are_counted_per_category(store, label) -> None:
    store.project.categories = THINGS
    label(store, ["a.png", "b.png"], blobs())
    counts = count_labels(store)
    assert [
        (c.category_id, c.name, c.images, c.pixels, c.instances) for c in counts.categories
    ] == [
        (3, "red", 2, 36, 4),
        (8, "blue", 2, 80, 2),
    ]
    assert (counts.images, counts.void, counts.labelled) == (2, 24, 116)
    assert counts.background == 2 * 12 * 20 - 116 - 24


def test_objects_that_were_separated_count_apart(store) -> None:
    store.project.categories = THINGS
    labels = np.zeros((12, 20), np.uint8)
    labels[2:6, 2:10] = 3
    numbers = np.zeros(labels.shape, np.uint16)
    numbers[2:6, 2:6], numbers[2:6, 6:10] = 1, 2
    store.save("a.png", Annotation(labels, labels > 0, numbers, Status.REVIEWED))
    assert count_labels(store).categories[0].instances == 2


@pytest.mark.parametrize(("choice", "count"), [("reviewed", 1), ("corrected", 2), ("all", 3)])
def test_only_images_of_the_wanted_status_are_counted(store, label, choice, count) -> None:
    label(store, ["a.png"], status=Status.REVIEWED)
    label(store, ["b.png"], status=Status.CORRECTED)
    label(store, ["deep/a.png"], status=Status.PROPOSED)
    counts = count_labels(store, choice)
    assert counts.images == count
    assert counts.categories[0].pixels == count * 240


def test_damaged_labels_are_named_and_the_others_counted(store, label) -> None:
    label(store, ["a.png", "b.png"])
    (store.root / "labels" / "a.png.png").write_bytes(b"no picture")
    told: list[Progress] = []
    counts = count_labels(store, progress=told.append)
    assert counts.images == 1
    assert len(counts.failed) == 1
    assert "a.png" in counts.failed[0]
    assert [(p.done, p.total, bool(p.error)) for p in told] == [
        (1, 4, True),
        (2, 4, False),
        (3, 4, False),
        (4, 4, False),
    ]


def test_ids_without_a_category_are_counted_by_their_id(store, label) -> None:
    label(store, ["a.png"], 77)
    unknown = count_labels(store).categories[-1]
    assert (unknown.category_id, unknown.name, unknown.pixels) == (77, "category 77", 240)


def test_counting_can_be_stopped(store, label) -> None:
    label(store, ["a.png"])
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        count_labels(store, cancel=cancel)


def test_counting_writes_nothing(store, label, images: Path, bytes_of) -> None:
    label(store, ["a.png"], blobs())
    before = bytes_of(store.root)
    again = ProjectStore.read(images)
    Stats(effort_stats(again.project.records.values()), count_labels(again)).to_json()
    assert bytes_of(store.root) == before


# effort


def test_each_version_of_a_model_tells_what_it_had_right_in_the_order_of_its_use() -> None:
    records = [
        record("a", 4, pixels=100, changed=10, model="zeta", seconds=30.0, strokes=2),
        record("b", 3, pixels=300, changed=90, model="zeta", seconds=90.0, strokes=4),
        record("c", 1, pixels=100, changed=100, seconds=600.0, strokes=50),
        record("d", 5, pixels=100, changed=1, model="alpha", seconds=10.0),
    ]
    scratch, first, second = effort_stats(records).versions
    assert (scratch.model, scratch.share_right, scratch.strokes_per_image) == ("", None, 50)
    assert (first.model, first.images, first.share_right) == ("zeta", 2, 0.75)
    assert (first.strokes_per_image, first.seconds_per_image) == (3, 60)
    assert (second.model, second.share_right) == ("alpha", 0.99)
    assert effort_stats(records).share_right == 1 - 101 / 500


def test_a_model_that_was_trained_again_under_its_old_name_is_another_version() -> None:
    records = [
        record("a", 1, pixels=100, changed=50, model="m", model_digest="one-map", seconds=1.0),
        record("b", 2, pixels=100, changed=40, model="m", model_digest="two-map", seconds=1.0),
        record("c", 3, pixels=100, changed=30, model="m", model_digest="two-other", seconds=1.0),
    ]
    assert [version.images for version in effort_stats(records).versions] == [1, 2]


def test_a_proposal_that_grew_from_strokes_is_told_from_that_of_the_model_alone() -> None:
    models = ("strokes", "strokes + m", "m", "")
    records = [record(f"{i}", i, model=m, seconds=1.0) for i, m in enumerate(models, start=1)]
    refined = [version.refined for version in effort_stats(records).versions]
    assert refined == [(True, ""), (True, "m"), (False, "m"), (False, "")]


def test_imported_images_took_nobodys_time() -> None:
    records = [record("a", 1, pixels=100, changed=100), record("b", 2, seconds=5.0, pixels=9)]
    effort = effort_stats(records)
    assert [image.name for image in effort.reviewed] == ["b"]
    assert [version.images for version in effort.versions] == [1]


def test_imported_labels_still_tell_what_a_model_had_right() -> None:
    effort = effort_stats([record("a", 1, pixels=100, changed=20, model="m")])
    assert effort.versions[0].share_right == 0.8
    assert effort.versions[0].strokes_per_image is None


def test_reviewed_images_come_in_the_order_of_their_reviews() -> None:
    records = [record(name, place, seconds=1.0) for name, place in (("a", 3), ("b", 1), ("c", 2))]
    assert [image.name for image in effort_stats(records).reviewed] == ["b", "c", "a"]


def test_strokes_and_time_of_unfinished_images_count_for_the_whole() -> None:
    records = [
        record("a", 1, seconds=5.0, strokes=2),
        record("b", status=Status.CORRECTED, seconds=7.0, strokes=3),
        record("c", status=Status.EMPTY),
    ]
    effort = effort_stats(records)
    assert (effort.strokes, effort.seconds, effort.images) == (5, 12.0, 3)
    assert effort.statuses == {
        Status.EMPTY: 1,
        Status.PROPOSED: 0,
        Status.CORRECTED: 1,
        Status.REVIEWED: 1,
    }


def test_a_project_in_which_nothing_was_done_has_no_versions() -> None:
    effort = effort_stats([])
    assert (effort.versions, effort.reviewed, effort.share_right) == ((), (), None)
