from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from seglabel.core.cancel import Cancel
from seglabel.core.errors import Cancelled
from seglabel.core.progress import Progress
from seglabel.core.proposal import Proposal
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.demo import CELLS, DemoFolder, Drawn, leave_to_person, make_demo_project
from seglabel.jobs.demo_cells import NUCLEUS

SIZE = (24, 32)
NEW, LABELLED = ("things_01.png", "things_02.png"), ("things_03.png", "things_04.png")


def draw(number: int) -> Drawn:
    """A square whose place and colour follow from the number."""
    picture, labels = np.zeros((*SIZE, 3), np.uint8), np.zeros(SIZE, np.uint8)
    picture[number : number + 8, 4:12] = 60 * (number + 1)
    labels[number : number + 8, 4:12] = 1
    return picture, labels


def proposal() -> Proposal:
    grid = np.zeros((6, 8), np.float16)
    return Proposal(np.ones(SIZE, np.uint8), grid, grid, "thing-finder", "digest-1")


@pytest.fixture
def demo(categories) -> DemoFolder:
    return DemoFolder("things", "thing-finder", categories, draw, new=2, labelled=2)


@pytest.fixture
def store(demo, tmp_path) -> ProjectStore:
    return make_demo_project(tmp_path / "things", demo)


def test_a_demo_has_images_for_the_model_and_labelled_ones_to_learn_from(demo, store) -> None:
    records = store.project.records
    assert tuple(records) == (*NEW, *LABELLED)
    assert [records[name].status for name in NEW] == [Status.EMPTY] * 2
    assert [records[name].status for name in LABELLED] == [Status.REVIEWED] * 2
    for number, name in enumerate(records):
        assert np.array_equal(store.read_image(name), draw(number)[0])
    annotation = store.load(LABELLED[1])
    assert np.array_equal(annotation.labels, draw(3)[1]) and annotation.painted.all()
    again = ProjectStore.open(store.folder).project
    assert (again.categories, again.settings["model"]) == (demo.categories, "thing-finder")


def test_a_second_demo_changes_nothing_that_is_there(demo, store, bytes_of) -> None:
    mine = np.full(SIZE, 2, np.uint8)
    store.save(NEW[0], Annotation(mine, np.ones(SIZE, np.bool_), None, Status.CORRECTED))
    records = store.root / "images.jsonl"
    before, known = bytes_of(store.folder), records.read_bytes()
    again = make_demo_project(store.folder, demo)
    assert bytes_of(store.folder) == before
    assert records.read_bytes() == known
    assert (again.load(NEW[0]).labels == 2).all()


def test_a_demo_that_was_stopped_is_completed(demo, tmp_path) -> None:
    cancel, shown = Cancel(), []

    def stop_after_two(progress: Progress) -> None:
        shown.append((progress.done, progress.total))
        if progress.done == 2:
            cancel.set()

    with pytest.raises(Cancelled):
        make_demo_project(tmp_path / "things", demo, stop_after_two, cancel)
    assert shown == [(1, 4), (2, 4)]
    store = make_demo_project(tmp_path / "things", demo)
    assert store.project.records[LABELLED[1]].status is Status.REVIEWED
    assert np.array_equal(store.load(LABELLED[0]).labels, draw(2)[1])


def test_categories_and_a_model_that_a_person_gave_the_demo_stay(demo, store) -> None:
    other = replace(demo, model="another", categories=CELLS.categories)
    project = make_demo_project(store.folder, other).project
    assert (project.categories, project.settings["model"]) == (demo.categories, "thing-finder")


def test_an_image_left_to_the_person_is_as_if_its_proposal_had_been_cleared(
    store: ProjectStore,
) -> None:
    for name in NEW:
        store.save_proposal(name, proposal(), store.digest(name))
    digest = store.project.records[NEW[0]].model_digest
    leave_to_person(store, NEW[0])
    records = ProjectStore.open(store.folder).project.records
    assert [records[name].status for name in NEW] == [Status.EMPTY, Status.PROPOSED]
    assert records[NEW[0]].model_digest == digest  # so it is not proposed ahead of the person
    assert not store.load(NEW[0]).labels.any()
    leave_to_person(store, LABELLED[0])
    assert store.load(LABELLED[0]).labels.any()


def test_cells_are_drawn_with_their_labels_the_same_for_each_number() -> None:
    picture, labels = CELLS.draw(2)
    assert picture.shape[:2] == labels.shape
    assert set(np.unique(labels)) == {0, NUCLEUS}
    assert np.array_equal(CELLS.draw(2)[0], picture)
    assert not np.array_equal(CELLS.draw(3)[0], picture)
