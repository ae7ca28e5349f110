"""A disk that refuses any one step of anything that is written costs nothing that was there.

Each thing is written once per step that it takes, and that step fails: the disk is full, broken or
not ours. Then the old state is there or the new one, the error says which file and why, and the
same again succeeds.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seglabel.core.categories import Category, CategorySet
from seglabel.core.document import Document
from seglabel.core.effort import Effort
from seglabel.core.errors import SegLabelError
from seglabel.core.geometry import Region
from seglabel.core.model_version import ModelVersion
from seglabel.core.proposal import Proposal
from seglabel.core.status import Status
from seglabel.formats import journal
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.journal import JournalEntry
from seglabel.formats.model_file import VERSION_KEY, ModelFile
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.recovery import find_unsaved, recovered
from seglabel.formats.registry import formats
from seglabel.jobs.export import export
from seglabel.jobs.giving_away import export_version
from seglabel.jobs.importing import import_annotations
from seglabel.jobs.recovery import recover
from seglabel.jobs.versions import ListedVersion, delete_version

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="looks at descriptors as Linux")
SHAPE = (12, 20)
NAME, OTHER = "a.png", "deep/b.png"
CATEGORIES = CategorySet(
    (Category(3, "red", (255, 0, 0), is_thing=True), Category(8, "blue", (0, 0, 255)))
)
ERRORS = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EACCES, errno.ESTALE, errno.ENOTCONN)


@dataclass(frozen=True)
class Writing:
    """Something that is written: how to get there, the act, and what is to be seen of it."""

    prepare: Callable[[Path], None]
    act: Callable[[Path], object]
    look: Callable[[Path], object]


def opened(folder: Path) -> ProjectStore:
    store = ProjectStore.open(folder / "images")
    if not len(store.project.categories):
        store.project.categories = CATEGORIES
    return store


def annotation(value: int, status: Status = Status.CORRECTED) -> Annotation:
    labels = np.full(SHAPE, value, np.uint8)
    instances = np.zeros(SHAPE, np.uint16)
    instances[:, :10], instances[:, 10:] = value, value + 1
    return Annotation(labels, labels > 3, instances, status, Effort(value))


def pictures(folder: Path) -> None:
    for name in (NAME, OTHER):
        path = folder / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((*SHAPE, 3), len(name), np.uint8)).save(path)


def labelled(folder: Path) -> None:
    pictures(folder)
    store = opened(folder)
    store.save(NAME, annotation(3))
    store.save(OTHER, annotation(3, Status.REVIEWED))
    store.close()


def kept(folder: Path) -> object:
    """Everything that a project says of its images, but how often it was tried to be said."""
    store = opened(folder)
    found: list[object] = [store.project.categories, sorted(store.project.settings)]
    for name, record in sorted(store.project.records.items()):
        there = store.load(name)
        proposal = store.load_proposal(name)
        assert there is None or record.status is there.status
        planes = () if there is None else (there.labels, there.painted, there.instances)
        found += [
            name,
            *(None if plane is None else plane.tobytes() for plane in planes),
            None if there is None else (there.status, there.effort.strokes),
            None if proposal is None else proposal.labels.tobytes(),
            record.error,
            record.model_digest,
            sorted(store.load_descriptors(name)),
        ]
    found.append(sorted((one.name, one.changes) for one in find_unsaved(store)))
    store.close()
    return found


def in_store(act: Callable[[ProjectStore], object]) -> Callable[[Path], object]:
    def run(folder: Path) -> object:
        store = opened(folder)
        try:
            return act(store)
        finally:
            store.close()

    return run


def proposal(value: int) -> Proposal:
    grid = np.full((3, 5), 0.75, np.float16)
    return Proposal(np.full(SHAPE, value, np.uint8), grid, grid, "model", f"digest {value}")


def rename_category(store: ProjectStore) -> None:
    store.project.categories, _ = CATEGORIES.with_new("new", (1, 2, 3))
    store.save_project()


# what is done to an image, and its journal


def strokes(count: int) -> Iterator[tuple[JournalEntry, Document]]:
    document = Document(np.zeros(SHAPE, np.uint8), origin="one beginning")
    for index in range(count):
        with document.begin("brush") as edit:
            edit.paint(Region(index, 0, index + 2, 20), np.ones((2, 20), np.bool_), 3)
            edit.commit()
        change = document.last_change
        assert change is not None
        yield JournalEntry(change, document.snapshot(), seconds=1e9 + index), document


def begun(folder: Path) -> None:
    """Two strokes are in the journal and not saved."""
    pictures(folder)
    store = opened(folder)
    begin(store)
    store.close()


def go_on(store: ProjectStore) -> None:
    store.note_changes(NAME, [entry for entry, _ in strokes(4)][2:])


def begin(store: ProjectStore) -> None:
    store.note_changes(NAME, [entry for entry, _ in strokes(2)])


def save_all_strokes(store: ProjectStore) -> None:
    *_, (_, document) = strokes(2)
    store.save(NAME, document.snapshot())


def journalled(folder: Path) -> object:
    """What would be there after a crash."""
    store = opened(folder)
    found: list[object] = []
    for one in find_unsaved(store):
        document = recovered(store, one.name)
        found.append((one.name, document.changes, document.labels.tobytes()))
    there = store.load(NAME)
    if not found and there is not None:
        found.append((NAME, there.changes, there.labels.tobytes()))
    store.close()
    return found


def recover_all(store: ProjectStore) -> None:
    from seglabel.core.cancel import Cancel
    from seglabel.core.progress import ignore_progress

    names = [one.name for one in find_unsaved(store)]
    recover(store, names, progress=ignore_progress, cancel=Cancel())


def any_copy(folder: Path) -> object:
    """The strokes of the journal, wherever they lie now, and the labels that replace them."""
    store = opened(folder)
    kept = [journal.read(path) for path in sorted((store.root / "journal").glob("*"))]
    there = store.load(NAME)
    store.close()
    changes = {len(one.changes) for one in kept if one is not None}
    return changes, None if there is None else there.labels.tobytes()


# what leaves a project, and comes into one


def tree(folder: Path) -> object:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def exporting(name: str) -> Writing:
    def act(folder: Path) -> None:
        store = ProjectStore.read(folder / "images")
        export(store, formats()[name], folder / "out", force=True)

    def prepare(folder: Path) -> None:
        labelled(folder)
        act(folder)  # an earlier one is replaced
        store = opened(folder)
        store.save(NAME, annotation(8))
        store.close()

    return Writing(prepare, act, lambda folder: tree(folder / "out"))


def importing(folder: Path) -> None:
    pictures(folder)
    store = opened(folder)
    store.save_project()
    store.close()
    (folder / "elsewhere").mkdir()
    for name in (NAME, "new.png"):
        path = folder / "elsewhere" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((*SHAPE, 3), 7, np.uint8)).save(path)
    other = ProjectStore.open(folder / "elsewhere")
    other.project.categories = CATEGORIES
    for name in (NAME, "new.png"):
        other.save(name, annotation(8))
    export(other, formats()["coco"], folder / "set")
    other.close()


def bring_in(store: ProjectStore) -> None:
    report = import_annotations(store, formats()["coco"], store.folder.parent / "set",
                                copy_images=True)  # fmt: skip
    assert report.images + report.unchanged == 2, report.skipped


def brought_in(folder: Path) -> object:
    """Per image, for each is brought in by itself."""
    store = opened(folder)
    found = {}
    for name in store.project.records:
        there = store.load(name)
        found[name] = None if there is None else (there.labels.tobytes(), there.status)
    store.close()
    return found


def weights() -> bytes:
    import safetensors.numpy

    return safetensors.numpy.save({"w": np.arange(300, dtype=np.float32)}, {VERSION_KEY: "{}"})


def a_model(folder: Path) -> None:
    labelled(folder)
    models = folder / "images" / ".seglabel" / "models"
    models.mkdir()
    (models / "model-1.safetensors").write_bytes(weights())
    (models / "model-1.note.json").write_bytes(b"{}")


def give_away(folder: Path) -> None:
    path = folder / "images" / ".seglabel" / "models" / "model-1.safetensors"
    version = ModelVersion("model-1", "2026-01-01T00:00:00")
    row = ListedVersion(path, version, ModelFile(), path.stat().st_size, has_record=True)
    out = folder / "given" / "mine.safetensors"
    export_version(row, out, replaces=out.exists())  # as a person answers who tries again


def delete_model(folder: Path) -> None:
    delete_version(folder / "images" / ".seglabel" / "models" / "model-1.safetensors")


def models(folder: Path) -> object:
    """Weights without a note are whole, a note without weights is no model."""
    return sorted(p.name for p in (folder / "images").rglob("models/*.safetensors"))


def save_mine(store: ProjectStore) -> None:
    store.save(NAME, annotation(8, Status.REVIEWED))


WRITINGS = {
    "an image": Writing(labelled, in_store(save_mine), kept),
    "the first image": Writing(pictures, in_store(save_mine), kept),
    "categories": Writing(labelled, in_store(rename_category), kept),
    "a proposal": Writing(
        labelled, in_store(lambda s: s.keep_proposal(NAME, proposal(8), "d")), kept
    ),
    "a proposal that becomes labels": Writing(
        pictures, in_store(lambda s: s.save_proposal(NAME, proposal(8), "d")), kept
    ),
    "a descriptor": Writing(
        labelled,
        in_store(lambda s: s.keep_descriptor(NAME, "m", np.ones(4, np.float16))),
        kept,
    ),
    "why a run failed": Writing(labelled, in_store(lambda s: s.record_error(NAME, "no")), kept),
    "strokes": Writing(begun, in_store(go_on), journalled),
    "the first strokes": Writing(pictures, in_store(begin), journalled),
    "an image with a journal": Writing(begun, in_store(save_all_strokes), journalled),
    "what a crash left": Writing(begun, in_store(recover_all), journalled),
    "labels that no journal leads to": Writing(
        begun, in_store(lambda s: s.save(NAME, annotation(8))), any_copy
    ),
    "COCO": exporting("coco"),
    "VOC": exporting("voc"),
    "index PNGs": exporting("masks"),
    "an import": Writing(importing, in_store(bring_in), brought_in),
    "a model given away": Writing(a_model, give_away, lambda folder: tree(folder / "given")),
    "a model that goes": Writing(a_model, delete_model, models),
}
PARTS = {
    "a proposal",  # a file, and the record that says that it is done
    "a proposal that becomes labels",
    "an import",
    "a model given away",
    "strokes",
    "the first image",
    "the first strokes",
}
"""Those that are several things, each of which is there or not."""


@pytest.mark.parametrize("what", WRITINGS)
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
def test_any_step_that_the_disk_refuses_leaves_the_old_or_the_new_and_can_be_tried_again(
    tmp_path: Path, disk, tried, what: str, lasting: bool
) -> None:
    writing = WRITINGS[what]
    whole = tmp_path / "whole"
    writing.prepare(whole)
    with pytest.MonkeyPatch.context() as patch:
        undisturbed = disk(patch, whole)
        writing.act(whole)
    new = writing.look(whole)
    for moment in tried(undisturbed.events, few=2):
        error = ERRORS[moment % len(ERRORS)]
        folder = tmp_path / str(moment)
        writing.prepare(folder)
        old = writing.look(folder)
        said = ""
        with pytest.MonkeyPatch.context() as patch:
            struck = disk(patch, folder, moment, error=error, lasting=lasting)
            try:
                writing.act(folder)
            except SegLabelError as problem:
                said = str(problem)
        where = f"step {moment} of {undisturbed.events}: {os.strerror(error)}: {said}"
        assert struck.struck, where
        found = writing.look(folder)
        if said:
            assert os.strerror(error) in said, where
            assert str(folder) in said, where
            if error == errno.ENOSPC:
                assert "MB free on that disk" in said, where
            assert found in (old, new) or what in PARTS, where
            writing.act(folder)
            found = writing.look(folder)
        assert found == new, where
        # It was opened again; pictures are swept by whoever copies the next.
        swept = folder / "images" / ("" if said or what != "an import" else ".seglabel")
        assert not list(swept.rglob(".tmp-*")), where
        shutil.rmtree(folder)


# a disk that is full for real


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """2 MB, and no more."""
    place = tmp_path / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(words, capture_output=True).returncode:
        pytest.skip("mounting a disk of 2 MB takes the rights of root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def noise(value: int) -> Annotation:
    labels = np.random.default_rng(value).integers(3, 250, (700, 700)).astype(np.uint8)
    return Annotation(labels, np.ones(labels.shape, np.bool_), None, Status.CORRECTED)


def test_a_full_disk_keeps_what_it_has_and_takes_the_rest_when_there_is_room(
    tmp_path: Path, small_disk: Path
) -> None:
    pictures(tmp_path)
    images = tmp_path / "images"
    for name in (NAME, OTHER):
        Image.fromarray(np.zeros((700, 700, 3), np.uint8)).save(images / name)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1_400_000))
    store = ProjectStore.open(images, small_disk / "project")
    store.project.categories = CategorySet.of(*map(str, range(250)))
    store.save(NAME, noise(1))
    with pytest.raises(SegLabelError, match=r"No space left on device \(\d+\.\d MB free"):
        store.save(NAME, noise(2))
    with pytest.raises(SegLabelError, match="No space left on device"):
        export(store, formats()["masks"], small_disk / "out")
    assert not (small_disk / "out").exists()
    store.close()
    again = ProjectStore.open(images, small_disk / "project")
    there = again.load(NAME)
    assert there is not None
    assert (there.labels == noise(1).labels).all()
    assert not list(small_disk.rglob(".tmp-*"))
    ballast.unlink()
    again.save(NAME, noise(2))
    there = again.load(NAME)
    assert there is not None
    assert (there.labels == noise(2).labels).all()
    again.close()


# the order of the steps


def test_whatever_is_renamed_was_on_the_disk_before_and_its_name_is_after(
    tmp_path: Path, disk
) -> None:
    for number, writing in enumerate(WRITINGS.values()):
        folder = tmp_path / str(number)
        writing.prepare(folder)
        with pytest.MonkeyPatch.context() as patch:
            noted = disk(patch, folder)
            writing.act(folder)
        unsynced: set[Path] = set()
        unnamed: set[Path] = set()
        for what, path in noted.trace:
            if what in ("write", "create"):
                unsynced.add(path.resolve())
            elif what == "sync":
                unsynced.discard(path.resolve())
            elif what == "rename":
                left = {p for p in unsynced if p.name.startswith(".tmp-")}
                assert not left, f"{path} took the place of the old file before it was on the disk"
                unnamed.add(path.resolve().parent)
            elif what == "sync folder":
                unnamed.discard(path.resolve())
        # Instances are found under the name that they have until then, too.
        unnamed -= {folder / "images" / ".seglabel" / "instances"}
        assert not unnamed, f"folders that do not know their files for good: {unnamed}"
