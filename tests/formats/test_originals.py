"""Images that change, move or go after they were labelled: noticed, and nothing is lost."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image

from seglabel.core.document import Document
from seglabel.core.errors import ConflictError, LabelError, ProjectError
from seglabel.core.geometry import Region
from seglabel.core.project import Fault
from seglabel.core.proposal import Proposal
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.atomic import WriteError
from seglabel.formats.journal import JournalEntry
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.recovery import find_unsaved, recovered
from seglabel.formats.registry import formats
from seglabel.jobs.export import export
from seglabel.jobs.importing import import_annotations

SHAPE = (24, 32)


def annotation(value: int, status: Status = Status.CORRECTED) -> Annotation:
    separated = np.full(SHAPE, value, np.uint16)
    return Annotation(np.full(SHAPE, value, np.uint8), np.ones(SHAPE, bool), separated, status)


def proposal(value: int) -> Proposal:
    grid = np.full((6, 8), 0.5, np.float16)
    return Proposal(np.full(SHAPE, value, np.uint8), grid, grid, "model", f"digest {value}")


def repaint(path, value: int = 200, shape=SHAPE) -> None:
    """Another picture under the same name."""
    Image.new("RGB", shape[::-1], (value, 0, 0)).save(path)


def files_of(root) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@pytest.mark.parametrize("keeps_time", [False, True])
def test_an_image_that_was_replaced_is_noticed_by_its_digest(folder, keeps_time):
    folder.labelled({"a.bmp": annotation(1), "b.bmp": annotation(3)}).close()
    path = folder.path / "a.bmp"
    before = path.stat()
    repaint(path)
    if keeps_time:  # the same size too, as a BMP has: only the content tells
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert (path.stat().st_size, path.stat().st_mtime_ns) == (
            before.st_size,
            before.st_mtime_ns,
        )
    store = folder.open()
    assert store.has_changed("a.bmp")
    assert not store.has_changed("b.bmp")
    assert store.project.fault("a.bmp") is Fault.CHANGED
    assert store.project.fault("b.bmp") is None
    assert (store.load("a.bmp").labels == 1).all()


def test_a_file_that_was_only_touched_or_copied_is_the_same_and_known_from_then_on(
    folder, monkeypatch
):
    folder.labelled({"a.png": annotation(1)}).close()
    os.utime(folder.path / "a.png", ns=(1, 1))
    store = folder.open()
    assert not store.has_changed("a.png", trusting=True)
    store.close()
    store = folder.open()

    def refuse(path):
        raise AssertionError("was read again")

    monkeypatch.setattr("seglabel.formats.images.file_of", refuse)
    assert not store.has_changed("a.png", trusting=True)


def test_looking_at_a_project_that_is_only_read_writes_nothing(folder):
    folder.labelled({"a.png": annotation(1)}).close()
    os.utime(folder.path / "a.png", ns=(1, 1))
    before = files_of(folder.path / ".seglabel")
    assert not ProjectStore.read(folder.path).has_changed("a.png")
    assert files_of(folder.path / ".seglabel") == before


def test_what_was_shown_counts_and_not_what_the_file_is_when_labels_are_saved(folder):
    path = folder.add_picture("a.png")
    store = folder.open()
    assert not store.has_changed("a.png")  # as it is shown
    repaint(path)
    store.save("a.png", annotation(1))
    assert store.has_changed("a.png")
    store.close()
    assert folder.open().has_changed("a.png")


def test_neither_strokes_nor_proposals_make_a_changed_image_forget_that_it_changed(folder):
    store = folder.labelled({"a.png": annotation(1)})
    repaint(folder.path / "a.png")
    store.keep_proposal("a.png", proposal(3), store.digest("a.png"))
    store.save("a.png", annotation(7))
    store.save_proposal("a.png", proposal(3), store.digest("a.png"))
    store.close()
    store = folder.open()
    (store.root / "images.jsonl").unlink()  # the label file alone knows it too
    assert folder.open().has_changed("a.png")


def test_a_proposal_for_the_new_file_is_about_the_new_file_where_nobody_worked(folder):
    folder.add_picture("a.png")
    store = folder.open()
    store.save_proposal("a.png", proposal(1), store.digest("a.png"))
    repaint(folder.path / "a.png")
    assert store.has_changed("a.png")
    store.save_proposal("a.png", proposal(3), store.digest("a.png"))
    assert store.project.fault("a.png") is None
    assert not store.has_changed("a.png")


def test_a_person_can_say_that_the_labels_fit_the_changed_file(folder):
    store = folder.labelled({"a.png": annotation(1, Status.REVIEWED)})
    repaint(folder.path / "a.png")
    assert store.has_changed("a.png")
    store.accept_change("a.png")
    store.close()
    store = folder.open()
    assert not store.has_changed("a.png")
    assert store.project.records["a.png"].status is Status.REVIEWED
    found = store.load("a.png")
    assert (found.labels == 1).all()
    assert (found.instances == 1).all()


def test_labels_of_another_size_are_neither_rescaled_nor_accepted(folder):
    store = folder.labelled({"a.png": annotation(1)})
    before = (store.root / "labels" / "a.png.png").read_bytes()
    repaint(folder.path / "a.png", shape=(48, 64))
    assert store.has_changed("a.png")
    with pytest.raises(LabelError, match="32 × 24 pixels, the image 64 × 48"):
        store.accept_change("a.png")
    assert (store.root / "labels" / "a.png.png").read_bytes() == before


def test_an_image_that_is_gone_is_missing_and_its_labels_stay(folder):
    folder.labelled({"a.png": annotation(1), "b.png": annotation(3)}).close()
    (folder.path / "a.png").unlink()
    store = folder.open()
    assert store.project.names == ("b.png",)
    assert list(store.project.missing) == ["a.png"]
    assert store.project.fault("a.png") is Fault.MISSING
    assert (store.load("a.png").labels == 1).all()
    folder.add_picture("a.png")
    store.close()
    assert folder.open().project.fault("a.png") is None


def test_an_image_that_was_never_labelled_is_not_missed(folder):
    folder.labelled({"a.png": annotation(1)}).close()
    folder.add_picture("b.png")
    folder.open().record_error("b.png", "failed")
    (folder.path / "b.png").unlink()
    assert dict(folder.open().project.missing) == {}


def everything_of(store: ProjectStore, name: str) -> tuple:
    found = store.load(name)
    record = store.project.record(name)
    kept = store.load_proposal(name)
    return (
        found.labels.tobytes(),
        found.painted.tobytes(),
        found.instances.tobytes(),
        found.status,
        record.changed(name="", file_time=0),
        None if kept is None else kept.labels.tobytes(),
        sorted(store.load_descriptors(name)),
    )


def test_labels_follow_an_image_with_all_that_is_kept_of_it(folder):
    store = folder.labelled({"a.png": annotation(1), "b.png": annotation(3)})
    store.keep_proposal("a.png", proposal(3), store.digest("a.png"))
    store.keep_descriptor("a.png", "model", np.ones(2, np.float16))
    (folder.path / "sub").mkdir()
    (folder.path / "a.png").rename(folder.path / "sub" / "c.png")
    store.close()
    store = folder.open()
    before = everything_of(store, "a.png")
    store.relink("a.png", "sub/c.png")
    assert everything_of(store, "sub/c.png") == before
    store.close()
    store = folder.open()
    assert everything_of(store, "sub/c.png") == before
    assert dict(store.project.missing) == {}
    assert not store.has_changed("sub/c.png")
    assert not any("a.png" in name for name in files_of(store.root) if name != "images.jsonl")


def test_unsaved_work_follows_an_image_too(folder):
    store = folder.labelled({"a.png": annotation(1)})
    saved = store.load("a.png")
    document = Document(saved.labels, saved.painted, None, saved.status)
    store.save("a.png", document.snapshot())
    with document.begin("brush") as edit:
        edit.paint(Region(0, 0, 4, 4), np.ones((4, 4), bool), 3)
        edit.commit()
    store.note_changes("a.png", [JournalEntry(document.last_change, document.snapshot())])
    store.close()
    (folder.path / "a.png").rename(folder.path / "c.png")
    store = folder.open()
    store.relink("a.png", "c.png")
    assert [one.name for one in find_unsaved(store)] == ["c.png"]
    assert (recovered(store, "c.png").labels[:4, :4] == 3).all()


def test_labels_never_take_the_place_of_a_persons(folder):
    folder.labelled({"a.png": annotation(1), "b.png": annotation(3)}).close()
    (folder.path / "a.png").unlink()
    store = folder.open()
    with pytest.raises(ProjectError, match=r"b\.png: was labelled by a person"):
        store.relink("a.png", "b.png")
    assert (store.load("b.png").labels == 3).all()
    assert (store.load("a.png").labels == 1).all()


def test_what_a_model_proposed_for_the_new_name_is_set_aside(folder):
    store = folder.labelled({"a.png": annotation(1)})
    shutil.copy(folder.path / "a.png", folder.path / "c.png")
    store.close()
    store = folder.open()
    store.save_proposal("c.png", proposal(3), store.digest("c.png"))
    aside = (store.root / "labels" / "c.png.png").read_bytes()
    (folder.path / "a.png").unlink()
    store.close()
    store = folder.open()
    store.relink("a.png", "c.png")
    assert (store.load("c.png").labels == 1).all()
    assert (store.root / "replaced" / "labels" / "c.png.png").read_bytes() == aside


def test_a_move_that_fails_anywhere_leaves_the_labels_with_one_of_the_names(folder, faults):
    folder.labelled({"a.png": annotation(1)}).close()
    shutil.copy(folder.path / "a.png", folder.path / "c.png")
    (folder.path / "a.png").rename(folder.path.parent / "a.png")
    for number in range(1, 60):
        store = folder.open()
        with faults.at(number, lasting=True), suppress(WriteError):
            store.relink("a.png", "c.png")
        store.close()
        store = folder.open()
        found = [store.load(name) for name in ("a.png", "c.png")]
        assert sum(one is not None for one in found) == 1
        (one,) = (one for one in found if one is not None)
        assert (one.labels == 1).all()
        assert (one.instances == 1).all()
        if found[1] is not None:
            break
        store.close()
    assert number > 3
    assert not faults.struck or found[1] is not None


@pytest.mark.parametrize("form", ["coco", "voc", "masks"])
def test_an_export_says_which_images_it_leaves_out_and_why(folder, tmp_path, form):
    labelled = {name: annotation(1) for name in ("a.png", "b.png", "c.png", "d.png")}
    folder.labelled(labelled).close()
    repaint(folder.path / "a.png")
    repaint(folder.path / "b.png", shape=(48, 64))
    (folder.path / "c.png").unlink()
    report = export(ProjectStore.read(folder.path), formats()[form], tmp_path / "out")
    assert report.images == 1
    assert len(report.skipped) == 3
    said = "\n".join(report.skipped)
    assert "a.png: its file changed after it was labelled" in said
    assert "b.png: labelled at 32 × 24 pixels, but the image now has 64 × 48" in said
    assert "c.png: its file is gone; its labels are kept" in said


def test_an_import_over_labels_is_about_the_file_as_it_is_now(folder, tmp_path):
    store = folder.labelled({"a.png": annotation(1, Status.REVIEWED)})
    export(store, formats()["masks"], tmp_path / "out")
    repaint(folder.path / "a.png")
    assert store.has_changed("a.png")
    store.save("a.png", annotation(3))
    import_annotations(store, formats()["masks"], tmp_path / "out", replace=True)
    assert not store.has_changed("a.png")


@pytest.mark.parametrize("clock", [0, 1_000_000_000, 4_000_000_000])
def test_what_is_newer_hangs_on_revisions_and_never_on_the_clock(folder, monkeypatch, clock):
    """Whatever the clock says, and whatever times the files have."""
    monkeypatch.setattr("time.time", lambda: float(clock))
    monkeypatch.setattr("time.time_ns", lambda: clock * 10**9)
    store = folder.labelled({"a.png": annotation(1), "b.png": annotation(3)})
    stale = ProjectStore.open(folder.path)
    store.save("a.png", annotation(7))
    for path in sorted(store.root.rglob("*"), reverse=True):
        os.utime(path, (clock, clock))
    with pytest.raises(ConflictError, match="as revision 2"):
        stale.save("a.png", annotation(3))
    store.close()
    stale.close()
    store = folder.open()
    assert store.project.records["a.png"].revision == 2
    assert (store.load("a.png").labels == 7).all()
    store.save("a.png", annotation(3))
    os.utime(store.root / "labels" / "a.png.png", (1, 1))  # older than all, says its time
    store.close()
    assert (folder.open().load("a.png").labels == 3).all()
    assert folder.open().project.records["a.png"].revision == 3
