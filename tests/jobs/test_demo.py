from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from seglabel.core.status import Status
from seglabel.formats.project_store import Annotation, ProjectStore
from seglabel.jobs.demo import make_demo_project
from seglabel.jobs.demo_pictures import CELL, DEMO_CATEGORIES, DEMO_SIZE, ROD, draw_picture


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A demo made once; drawing its pictures takes a while."""
    folder = tmp_path_factory.mktemp("demo") / "images"
    make_demo_project(folder)
    return folder


@pytest.fixture
def folder(made, tmp_path) -> Path:
    """A copy of it for a test of its own."""
    shutil.copytree(made, tmp_path / "images")
    return tmp_path / "images"


def test_the_demo_has_labelled_and_new_pictures(folder) -> None:
    store = ProjectStore.open(folder)
    records = store.project.records
    labelled = [name for name, record in records.items() if record.status is Status.REVIEWED]
    new = [name for name, record in records.items() if record.status is Status.EMPTY]
    assert (len(labelled), len(new)) == (12, 8)
    assert store.project.categories == DEMO_CATEGORIES
    picture, truth = store.read_image(labelled[0]), store.load(labelled[0]).labels
    assert picture.shape[:2] == truth.shape == DEMO_SIZE
    assert set(np.unique(truth)) == {0, CELL, ROD}


def test_a_second_demo_changes_nothing_that_is_there(folder, bytes_of) -> None:
    store = ProjectStore.open(folder)
    mine = np.full(DEMO_SIZE, ROD, np.uint8)
    painted = np.ones(DEMO_SIZE, np.bool_)
    store.save("new_01.png", Annotation(mine, painted, None, Status.CORRECTED))
    project = store.root / "images.jsonl"
    before, known = bytes_of(folder), project.read_bytes()
    again = make_demo_project(folder)
    assert bytes_of(folder) == before
    assert project.read_bytes() == known
    assert (again.load("new_01.png").labels == ROD).all()


def test_a_demo_that_was_stopped_is_completed(folder) -> None:
    (folder / "labelled_03.png").unlink()
    (folder / "new_08.png").unlink()
    store = make_demo_project(folder)
    assert len(store.project.names) == 20
    assert store.project.records["labelled_03.png"].status is Status.REVIEWED


def test_demo_pictures_follow_from_their_number_alone() -> None:
    first, again, other = draw_picture(3), draw_picture(3), draw_picture(4)
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])
    assert not np.array_equal(first[0], other[0])


def test_categories_that_a_person_gave_the_demo_stay(folder, categories) -> None:
    store = ProjectStore.open(folder)
    store.project.categories = categories
    store.save_project()
    make_demo_project(folder)
    assert ProjectStore.open(folder).project.categories == categories
