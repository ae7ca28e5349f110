"""Projects that any earlier version wrote open, whole, and what they were is kept.

The samples were each written by the version whose files they show: pictures of 8 × 6 pixels, one
corrected with instances, one reviewed after a proposal, one proposed, one of a long name, one never
labelled whose run failed, and one that was repainted after its review and proposed for then.
"""

from __future__ import annotations

import json
import zipfile
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from seglabel.core.categories import Category
from seglabel.core.errors import ProjectFormatError
from seglabel.core.project import Fault
from seglabel.core.status import Status
from seglabel.formats.atomic import WriteError
from seglabel.formats.layout import SCHEMA
from seglabel.formats.lock import LOCK_FILES
from seglabel.formats.migrations import migrate
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.recovery import find_unsaved, recovered

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.zip"))
OLD = [path for path in SAMPLES if f"schema-{SCHEMA}" not in path.name]
LONG = "n" * 240 + ".png"
STATUSES = {
    "corrected.png": Status.CORRECTED,
    "reviewed.png": Status.REVIEWED,
    "sub/ü 泡.png": Status.PROPOSED,
    LONG: Status.CORRECTED,
    "untouched.png": Status.EMPTY,
    "repainted.png": Status.REVIEWED,
}


def unpacked(sample: Path, target: Path) -> Path:
    with zipfile.ZipFile(sample) as archive:
        archive.extractall(target)
    (target / "project").rename(target / ".seglabel")
    return target


@pytest.fixture(params=SAMPLES, ids=lambda path: path.stem)
def sample(request, tmp_path) -> Path:
    return unpacked(request.param, tmp_path / "pictures")


def files_of(root: Path) -> dict[str, bytes]:
    """All but who has it open, and since when."""
    files = (p for p in root.rglob("*") if p.is_file() and p.name not in LOCK_FILES)
    return {str(p.relative_to(root)): p.read_bytes() for p in files}


def expected(value: int) -> np.ndarray:
    labels = np.zeros((6, 8), np.uint8)
    labels[1:4, 2:7] = value
    labels[0] = 255
    return labels


def require_all_there(store: ProjectStore) -> None:
    project = store.project
    assert {name: record.status for name, record in project.records.items()} == STATUSES
    assert [category.id for category in project.categories] == [1, 3, 7]
    assert project.categories[3] == Category(3, "bläse 泡", (30, 200, 40), True)
    assert project.categories.next_id == 9
    assert project.settings["model"] == "model-1"
    assert project.settings["mapping"] == {"car": "cat"}
    for name, value in (("reviewed.png", 3), (LONG, 7), ("repainted.png", 1)):
        assert np.array_equal(store.load(name).labels, expected(value))
        assert np.array_equal(store.load(name).painted, expected(value) == value)
    assert (store.load("sub/ü 泡.png").labels == 1).all()
    assert not store.load("sub/ü 泡.png").painted.any()
    assert store.load("untouched.png") is None
    assert project.records["untouched.png"].error == "out of memory"
    assert (store.load_proposal("reviewed.png").labels == 7).all()
    assert project.records["reviewed.png"].model_digest == "d1"
    assert project.records["reviewed.png"].revision == 2


def test_a_project_of_any_version_opens_with_all_that_is_in_it(sample):
    store = ProjectStore.open(sample)
    require_all_there(store)
    corrected = store.load("corrected.png")
    if corrected.origin:  # it was worked on in a window that counts changes
        assert [one.name for one in find_unsaved(store)] == ["corrected.png"]
        assert (recovered(store, "corrected.png").labels[4:, :4] == 1).all()
        assert (corrected.labels[4:, :4] == 3).all()
    else:
        assert np.array_equal(corrected.labels, expected(1))
        assert sorted(np.unique(corrected.instances)) == [0, 1, 2]
    store.close()
    require_all_there(ProjectStore.open(sample))


def test_only_what_changed_since_it_was_labelled_is_flagged(sample):
    store = ProjectStore.open(sample)
    changed = [name for name in store.project.names if store.has_changed(name)]
    assert changed == ["repainted.png"]
    assert store.project.fault("repainted.png") is Fault.CHANGED


def test_work_goes_on_in_a_project_of_any_version(sample):
    store = ProjectStore.open(sample)
    store.save("reviewed.png", store.load("reviewed.png"))
    store.close()
    again = ProjectStore.open(sample)
    assert again.project.records["reviewed.png"].revision == 3
    assert np.array_equal(again.load("reviewed.png").labels, expected(3))


@pytest.mark.parametrize("sample", OLD, ids=lambda path: path.stem, indirect=True)
def test_what_a_project_was_before_its_migration_is_kept(sample):
    root = sample / ".seglabel"
    before = files_of(root)
    ProjectStore.open(sample).close()
    assert json.loads((root / "project.json").read_bytes())["schema"] == SCHEMA
    after = files_of(root)
    for name in ("project.json", "images.jsonl"):
        assert after[f"backup/schema-1/{name}"] == before[name]
    untouched = set(before) - {"project.json", "images.jsonl"}
    assert {name: after[name] for name in untouched} == {name: before[name] for name in untouched}


def test_looking_at_a_project_of_any_version_changes_nothing(sample):
    before = files_of(sample)
    require_all_there(ProjectStore.read(sample))
    assert files_of(sample) == before


def test_a_project_of_this_version_needs_no_migration(sample):
    ProjectStore.open(sample).close()
    before = files_of(sample)
    assert migrate(sample / ".seglabel") is None
    ProjectStore.open(sample).close()
    assert files_of(sample) == before


def test_a_migration_that_fails_anywhere_is_done_at_the_next_opening(tmp_path, faults):
    for number in count(1):
        folder = unpacked(OLD[0], tmp_path / str(number))
        before = files_of(folder / ".seglabel")
        with faults.at(number, lasting=True):
            try:
                ProjectStore.open(folder).close()
            except WriteError:
                assert faults.struck
        struck = faults.struck
        store = ProjectStore.open(folder)
        require_all_there(store)
        assert store.has_changed("repainted.png")
        after = files_of(folder / ".seglabel")
        for name in ("project.json", "images.jsonl"):
            assert after[f"backup/schema-1/{name}"] == before[name]
        store.close()
        if not struck:
            break
    assert number > 8


def test_a_folder_that_is_called_as_labels_keeps_its_own(tmp_path):
    """Schema 1 called it as it is called, so that an image beside it could not be labelled."""
    folder = unpacked(OLD[-1], tmp_path / "pictures")
    for path in (folder, folder / ".seglabel" / "labels"):
        (path / "sub").rename(path / "x.png.png")
    log = folder / ".seglabel" / "images.jsonl"
    log.write_bytes(log.read_bytes().replace(b"sub/", b"x.png.png/"))
    (folder / "x.png").write_bytes((folder / "untouched.png").read_bytes())
    store = ProjectStore.open(folder)
    assert (store.load("x.png.png/ü 泡.png").labels == 1).all()
    store.save("x.png", store.load("reviewed.png"))
    store.close()
    store = ProjectStore.open(folder)
    assert (store.load("x.png.png/ü 泡.png").labels == 1).all()
    assert np.array_equal(store.load("x.png").labels, expected(3))


@pytest.mark.parametrize("newer", [SCHEMA + 1, 99])
def test_a_newer_version_than_known_is_refused_and_left_as_it_is(tmp_path, newer):
    folder = unpacked(SAMPLES[-1], tmp_path / "pictures")
    path = folder / ".seglabel" / "project.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "schema": newer}))
    before = files_of(folder)
    with pytest.raises(ProjectFormatError, match="a newer seglabel wrote it: update seglabel"):
        ProjectStore.open(folder)
    assert files_of(folder) == before
