"""The journal: what was done comes back from it, whatever a crash cut off."""

from __future__ import annotations

import errno
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from seglabel.core.document import Document
from seglabel.core.errors import LabelError
from seglabel.core.geometry import Region
from seglabel.formats import journal
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.atomic import WriteError
from seglabel.formats.journal import JournalEntry
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.recovery import find_unsaved, recovered

SHAPE = (300, 520)  # several tiles
NAME = "a/ö.png"


@pytest.fixture
def store(tmp_path: Path) -> ProjectStore:
    path = tmp_path / "pictures" / NAME
    path.parent.mkdir(parents=True)
    Image.fromarray(np.zeros((*SHAPE, 3), np.uint8)).save(path)
    return ProjectStore.open(tmp_path / "pictures")


def keep(store: ProjectStore, document: Document) -> None:
    change = document.last_change
    assert change is not None
    store.note_changes(NAME, [JournalEntry(change, document.snapshot())])


def paint(document: Document, at: int, category_id: int) -> None:
    region = Region(at, at, at + 40, at + 90)
    with document.begin("brush") as edit:
        edit.paint(region, np.ones((40, 90), np.bool_), category_id)
        edit.commit()


def number(document: Document, at: int) -> None:
    region = Region(at, 0, at + 20, 30)
    with document.begin("number") as edit:
        edit.number(region, np.ones((20, 30), np.bool_), np.uint16(at + 1))
        edit.commit()


def state(document: Document) -> tuple[object, ...]:
    instances = document.instances
    return (
        document.labels.tobytes(),
        document.painted.tobytes(),
        b"" if instances is None or not instances.any() else instances.tobytes(),
        document.status,
        document.effort,
        document.history.position,
        len(document.history),
    )


def do(document: Document, action: tuple[str, int]) -> bool:
    """Returns whether anything was done."""
    what, value = action
    before = document.changes
    if what == "paint":
        paint(document, value * 20, value % 4)
    elif what == "number":
        number(document, value * 10)
    elif what == "undo":
        document.undo()
    elif what == "redo":
        document.redo()
    else:
        document.go_to(value)
    return document.changes > before


actions = st.lists(
    st.tuples(st.sampled_from(["paint", "paint", "number", "undo", "redo", "go_to"]),
              st.integers(0, 10)),
    min_size=1, max_size=12,
)  # fmt: skip


@given(actions, st.integers(0, 11), st.floats(0, 1))
def test_after_a_crash_all_is_there_up_to_the_record_that_was_cut(
    tmp_path_factory, steps, saved_after, cut
) -> None:
    folder = tmp_path_factory.mktemp("project")
    path = folder / NAME
    path.parent.mkdir(parents=True)
    Image.fromarray(np.zeros((*SHAPE, 3), np.uint8)).save(path)
    store = ProjectStore.open(folder)
    document = Document.blank(*SHAPE)
    states, saved, ends = {0: state(document)}, 0, [0]
    for index, action in enumerate(steps):
        if not do(document, action):
            continue
        keep(store, document)
        states[document.changes] = state(document)
        ends.append(store.journal_path(NAME).stat().st_size)
        if index == saved_after:
            store.save(NAME, document.snapshot())
            saved = document.changes
        document.pack()
    if not document.changes:
        return
    log = store.journal_path(NAME)
    length = round(cut * ends[-1])
    log.write_bytes(log.read_bytes()[:length])
    whole = max(n for n, end in enumerate(ends) if end <= length)
    reopened = ProjectStore.open(folder)
    unsaved = {one.name: one.changes for one in find_unsaved(reopened)}
    assert unsaved == ({NAME: whole - saved} if whole > saved else {})
    if whole > saved:
        found = recovered(reopened, NAME)
        assert state(found) == states[whole]
        while found.history.can_undo:
            found.undo()
        assert not found.labels.any()
        assert not found.painted.any()


def test_steps_can_be_undone_after_saving_and_a_restart(store: ProjectStore) -> None:
    document = Document.blank(*SHAPE)
    for at in (0, 30, 200):
        paint(document, at, 1)
        keep(store, document)
    document.undo()
    keep(store, document)
    store.save(NAME, document.snapshot())
    reopened = ProjectStore.open(store.folder)
    annotation = reopened.load(NAME)
    assert annotation is not None
    history = reopened.load_history(NAME, annotation)
    assert history is not None
    assert (history.position, len(history)) == (2, 3)
    assert list(find_unsaved(reopened)) == []


def test_work_goes_on_behind_a_record_that_was_cut(store: ProjectStore) -> None:
    document = Document.blank(*SHAPE)
    paint(document, 0, 1)
    keep(store, document)
    log = store.journal_path(NAME)
    whole = log.read_bytes()
    paint(document, 50, 2)
    keep(store, document)
    log.write_bytes(log.read_bytes()[:-3])
    again = recovered(ProjectStore.open(store.folder), NAME)
    paint(again, 90, 3)
    keep(store, again)
    assert log.read_bytes().startswith(whole)
    assert state(recovered(ProjectStore.open(store.folder), NAME)) == state(again)


def test_unsaved_work_that_nobody_took_back_is_set_aside_and_not_overwritten(
    store: ProjectStore,
) -> None:
    document = Document.blank(*SHAPE)
    paint(document, 0, 1)
    keep(store, document)
    kept = store.journal_path(NAME).read_bytes()
    other = Document.blank(*SHAPE)
    paint(other, 100, 2)
    keep(store, other)
    aside = [path for path in store.journal_path(NAME).parent.iterdir() if path.suffix == ".1"]
    assert [path.read_bytes() for path in aside] == [kept]
    assert state(recovered(ProjectStore.open(store.folder), NAME)) == state(other)


@pytest.mark.parametrize("fails", ["first", "later"])
def test_what_failed_to_reach_the_disk_is_written_once_when_it_is_tried_again(
    store: ProjectStore, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    store.save_project()
    document = Document.blank(*SHAPE)
    if fails == "later":
        paint(document, 60, 3)
        keep(store, document)
    entries = []
    for at in (0, 100):
        paint(document, at, 1)
        change = document.last_change
        assert change is not None
        entries.append(JournalEntry(change, document.snapshot()))

    def fail(descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(WriteError, match="journal"):
            store.note_changes(NAME, entries)
    store.note_changes(NAME, entries)
    assert state(recovered(ProjectStore.open(store.folder), NAME)) == state(document)
    folder = store.journal_path(NAME).parent
    assert [path.name for path in folder.iterdir()] == [store.journal_path(NAME).name]


def test_labels_from_elsewhere_end_what_can_be_undone(store: ProjectStore) -> None:
    document = Document.blank(*SHAPE)
    paint(document, 0, 1)
    keep(store, document)
    store.save(NAME, document.snapshot())
    imported = Annotation(np.full(SHAPE, 3, np.uint8), np.ones(SHAPE, np.bool_))
    store.save(NAME, imported)
    assert not store.journal_path(NAME).exists()
    found = store.load(NAME)
    assert found is not None
    assert store.load_history(NAME, found) is None


def test_a_long_journal_is_begun_anew_once_all_of_it_is_saved(
    store: ProjectStore, monkeypatch
) -> None:
    monkeypatch.setattr(journal, "JOURNAL_BYTES", 2000)
    document = Document.blank(*SHAPE)
    sizes = []
    for turn in range(12):
        paint(document, turn * 17, 1 + turn % 3)
        keep(store, document)
        sizes.append(store.journal_path(NAME).stat().st_size)
    assert sizes == sorted(sizes), "nothing is dropped before it is saved"
    store.save(NAME, document.snapshot())
    paint(document, 5, 2)
    keep(store, document)
    assert store.journal_path(NAME).stat().st_size < sizes[-1]
    assert state(recovered(ProjectStore.open(store.folder), NAME))[:5] == state(document)[:5]


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 255)), min_size=1, max_size=4))
def test_a_damaged_journal_gives_no_work_that_nobody_did(tmp_path_factory, damages) -> None:
    path = tmp_path_factory.mktemp("journal") / "a.log"
    document = Document.blank(*SHAPE)
    for at in (0, 40):
        paint(document, at, 2)
        change = document.last_change
        assert change is not None
        journal.append(path, NAME, [JournalEntry(change, document.snapshot())], ("", 0))
    whole = journal.read(path)
    content = bytearray(path.read_bytes())
    for at, bits in damages:
        content[round(at * (len(content) - 1))] ^= bits
    path.write_bytes(content)
    try:
        found = journal.read(path)
    except LabelError as error:
        assert str(path) in str(error)
        return
    assert found is not None
    assert whole is not None
    assert len(found.changes) <= len(whole.changes)
    for mine, theirs in zip(found.changes, whole.changes, strict=False):
        assert mine.edit is not None
        assert theirs.edit is not None
        assert mine.edit.patches[0].after == theirs.edit.patches[0].after


def record(said: str) -> bytes:
    """A record whose checksum is right, whatever it says."""
    body = said.encode() + b"\n"
    return struct.pack("<II", len(body), zlib.crc32(body)) + body + struct.pack("<I", len(body))


@pytest.mark.parametrize(
    "shape",
    ["[-3, 4]", "[0, 4]", "[Infinity, 4]", "[1e9, 1e9]", "[99999999999, 4]", "[3]", "[" * 9999],
)
def test_a_journal_of_an_impossible_size_is_none(tmp_path, shape) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(record(f'{{"version": 1, "name": "a", "origin": "o", "shape": {shape}}}'))
    assert journal.last_number(path) is None
    with pytest.raises(LabelError, match=r"a\.log"):
        journal.read(path)


@pytest.mark.parametrize(
    "change",
    [
        '{"n": Infinity, "t": 1, "effort": {}, "move": 1}',
        '{"n": 1, "t": 1, "effort": {}, "move": -Infinity}',
        '{"n": 1, "t": 1, "effort": {}, "patches": [["labels", 1e999, 0, 1, 1, [], []]]}',
        "[" * 9999,
    ],
)
def test_a_change_that_makes_no_sense_ends_what_can_be_read(tmp_path, change) -> None:
    path = tmp_path / "a.log"
    head = '{"version": 1, "name": "a", "origin": "o", "shape": [3, 4]}'
    path.write_bytes(record(head) + record(change))
    journal.last_number(path)
    found = journal.read(path)
    assert found is not None
    assert found.changes == ()


def test_a_stroke_waits_for_the_disk_once_however_large_the_image_and_its_journal(
    store: ProjectStore, monkeypatch
) -> None:
    synced: list[int] = []
    sync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda number: (synced.append(number), sync(number)))
    document = Document.blank(*SHAPE)
    counts = []
    for at in range(0, 120, 10):
        paint(document, at, 1)
        synced.clear()
        keep(store, document)
        counts.append(len(synced))
    assert set(counts[1:]) == {1}
