"""Checking a project finds what is wrong with it, and mending loses nothing."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seglabel.core.cancel import Cancel
from seglabel.core.errors import Cancelled
from seglabel.core.proposal import Proposal
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.lock import LockedError
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.checking import CheckReport, Kind, check
from seglabel.jobs.mending import mend

SIZE = (12, 20)


@pytest.fixture
def folder(images: Path, store: ProjectStore, label: Callable[..., None]) -> Path:
    """Four different pictures: two reviewed, one of them with instances; one proposed, one not."""
    for value, name in enumerate(store.project.names):
        Image.new("RGB", SIZE[::-1], (value, 0, 0)).save(images / name)
    labels = np.full(SIZE, 3, np.uint8)
    instances = np.ones(SIZE, np.uint16)
    instances[:, 10:] = 2
    store.save("a.png", Annotation(labels, labels > 0, instances, Status.REVIEWED))
    label(store, ["b.png"], 8)
    store.save_proposal("deep/a.png", proposal(), store.digest("deep/a.png"))
    store.close()
    return images


def proposal() -> Proposal:
    grid = np.full((3, 5), 0.5, np.float16)
    return Proposal(np.full(SIZE, 3, np.uint8), grid, grid, "model", "digest")


def root(folder: Path) -> Path:
    return folder / ".seglabel"


def found(report: CheckReport) -> list[tuple[Kind, str]]:
    return [(finding.kind, finding.about) for finding in report.findings]


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and not p.name.startswith("lock")
    }


def labels_of(folder: Path, name: str) -> np.ndarray:
    annotation = ProjectStore.read(folder).load(name)
    assert annotation is not None
    return annotation.labels


def test_a_sound_project_has_nothing_wrong_and_is_not_written_to(folder: Path) -> None:
    before = files_of(folder)
    report = check(folder)
    assert (report.images, report.labelled, report.findings) == (4, 3, ())
    done = mend(folder)
    assert (done.mended, done.failed, done.after.findings) == ((), (), ())
    assert files_of(folder) == before


def test_a_folder_without_a_project_has_nothing_wrong_and_gets_none(images: Path) -> None:
    shutil.rmtree(images / ".seglabel", ignore_errors=True)
    assert check(images).findings == ()
    assert mend(images).after.findings == ()
    assert not (images / ".seglabel").exists()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:30])


def test_damaged_labels_and_ids_and_sizes_are_listed_and_left_as_they_are(folder: Path) -> None:
    cut(root(folder) / "labels" / "a.png.png")
    store = ProjectStore.open(folder)
    labels = np.full(SIZE, 8, np.uint8)
    labels[0, :5] = 77
    store.save("b.png", Annotation(labels, labels > 0, None, Status.REVIEWED))
    store.close()
    Image.new("RGB", (40, 24)).save(folder / "deep" / "a.png")
    (folder / "deep" / "c.png").write_bytes(b"no image")
    before = files_of(folder)
    report = check(folder)
    assert found(report) == [
        (Kind.LABELS, "a.png"),
        (Kind.SIZE, "deep/a.png"),
        (Kind.CATEGORY, "b.png"),
        (Kind.IMAGE, "deep/c.png"),
        (Kind.CHANGED, "deep/a.png"),
    ]
    texts = "\n".join(finding.text for finding in report.findings)
    assert "b.png: 5 pixels have ids that no category has: 77" in texts
    assert "deep/a.png: was labelled at 20 × 12 pixels, but the image has 40 × 24" in texts
    done = mend(folder)
    assert done.mended == ()
    assert found(done.after) == found(report)
    assert files_of(folder) == before


def test_labels_without_their_instances_are_listed(folder: Path) -> None:
    (root(folder) / "instances" / "a.png.png").unlink()
    assert found(check(folder)) == [(Kind.LABELS, "a.png")]


def test_labels_that_are_gone_are_missed(folder: Path) -> None:
    (root(folder) / "labels" / "b.png.png").unlink()
    assert found(check(folder)) == [(Kind.LABELS, "b.png")]


def test_a_list_that_lags_behind_the_labels_is_mended_from_them(folder: Path) -> None:
    log = root(folder) / "images.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(line for line in lines if b'"b.png"' not in line))
    store = ProjectStore.read(folder)  # which asks the labels of images it does not know
    assert store.project.records["b.png"].status is Status.REVIEWED
    log.write_bytes(b"".join(lines) + b'{"name":"b.png","status":"empty"}\n')
    assert found(check(folder)) == [(Kind.RECORD, "b.png")]
    done = mend(folder)
    assert [one.finding.kind for one in done.mended] == [Kind.RECORD]
    assert done.after.findings == ()
    assert ProjectStore.read(folder).project.records["b.png"].status is Status.REVIEWED


def test_damaged_lines_of_the_list_are_left_out_and_the_file_is_kept(folder: Path) -> None:
    log = root(folder) / "images.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    broken = b"".join(
        [*lines[:2], b'{"name":"b.png","sta\x00\xff\n', *lines[2:], b"[]\n", lines[-1]]
    )
    log.write_bytes(broken)
    assert found(check(folder)) == [(Kind.LIST, "images.jsonl")]
    done = mend(folder)
    assert done.after.findings == ()
    assert (root(folder) / "replaced" / "images.jsonl").read_bytes() == broken
    assert (labels_of(folder, "a.png") == 3).all()
    statuses = [r.status for r in ProjectStore.read(folder).project.records.values()]
    assert statuses == [Status.REVIEWED, Status.REVIEWED, Status.PROPOSED, Status.EMPTY]


def test_a_damaged_project_file_is_named_and_left_as_it_is(folder: Path) -> None:
    cut(root(folder) / "project.json")
    before = files_of(folder)
    assert found(check(folder)) == [(Kind.PROJECT, "project.json")]
    assert found(mend(folder).after) == [(Kind.PROJECT, "project.json")]
    assert files_of(folder) == before


def test_labels_follow_images_that_were_renamed_moved_or_counted_anew(folder: Path) -> None:
    """a → moved/x, and b → c → d at once, as when frames are numbered again."""
    (folder / "moved").mkdir()
    (folder / "a.png").rename(folder / "moved" / "x.png")
    (folder / "deep" / "a.png").rename(folder / "frame.png")
    (folder / "b.png").rename(folder / "deep" / "a.png")
    report = check(folder)
    assert sorted(found(report)) == [
        (Kind.MOVED, "a.png"),
        (Kind.MOVED, "b.png"),
        (Kind.MOVED, "deep/a.png"),
    ]
    done = mend(folder)
    assert {one.finding.about: one.finding.target for one in done.mended} == {
        "a.png": "moved/x.png",
        "b.png": "deep/a.png",
        "deep/a.png": "frame.png",
    }
    assert done.after.findings == ()
    assert (labels_of(folder, "moved/x.png") == 3).all()
    assert (labels_of(folder, "deep/a.png") == 8).all()
    statuses = {n: r.status for n, r in ProjectStore.read(folder).project.records.items()}
    assert statuses["deep/a.png"] is Status.REVIEWED
    assert statuses["frame.png"] is Status.PROPOSED


def test_a_whole_folder_that_was_renamed_keeps_its_labels(folder: Path) -> None:
    (folder / "deep").rename(folder / "tiefer")
    assert found(check(folder)) == [(Kind.MOVED, "deep/a.png")]
    assert mend(folder).after.findings == ()


def test_nothing_is_guessed_where_two_files_have_the_content(folder: Path) -> None:
    (folder / "a.png").rename(folder / "one.png")
    shutil.copy(folder / "one.png", folder / "two.png")
    before = files_of(folder)
    done = mend(folder)
    assert done.mended == ()
    assert found(done.after) == [(Kind.MISSING, "a.png")]
    assert "any of one.png, two.png, which are all the same" in done.after.findings[0].text
    assert files_of(folder) == before


def test_two_images_that_changed_names_are_listed_and_not_mixed_up(folder: Path) -> None:
    (folder / "a.png").rename(folder / "x")
    (folder / "b.png").rename(folder / "a.png")
    (folder / "x").rename(folder / "b.png")
    done = mend(folder)
    assert found(done.after) == [(Kind.CHANGED, "a.png"), (Kind.CHANGED, "b.png")]
    assert "it is called b.png now, where labels of another image are in the way" in (
        done.after.findings[0].text
    )
    assert (labels_of(folder, "a.png") == 3).all()


def test_a_missing_image_without_a_line_in_the_list_is_found_by_its_labels(folder: Path) -> None:
    (root(folder) / "images.jsonl").unlink()
    (folder / "a.png").rename(folder / "new.png")
    assert found(check(folder)) == [(Kind.RECORD, "a.png")]
    done = mend(folder)
    assert found(done.after) == [(Kind.MOVED, "a.png")]
    assert mend(folder).after.findings == ()
    assert (labels_of(folder, "new.png") == 3).all()


def test_labels_of_changed_images_are_accepted_only_when_told_so(folder: Path) -> None:
    Image.new("RGB", SIZE[::-1], (200, 0, 0)).save(folder / "a.png")
    Image.new("RGB", (40, 24), (200, 0, 0)).save(folder / "b.png")
    assert found(mend(folder).after) == [
        (Kind.SIZE, "b.png"),
        (Kind.CHANGED, "a.png"),
        (Kind.CHANGED, "b.png"),
    ]
    done = mend(folder, accept_changed=True)
    assert [one.finding.about for one in done.mended] == ["a.png"]
    assert "they cannot be about it" in done.failed[0]
    assert found(done.after) == [(Kind.SIZE, "b.png"), (Kind.CHANGED, "b.png")]
    assert (labels_of(folder, "a.png") == 3).all()


def test_a_save_that_was_cut_off_is_finished(folder: Path) -> None:
    final = root(folder) / "instances" / "a.png.png"
    final.rename(final.with_name("a.png.png.new"))
    assert found(check(folder)) == [(Kind.INSTANCES, "a.png")]
    assert mend(folder).after.findings == ()
    assert final.exists()
    stale = final.with_name("b.png.png.new")
    stale.write_bytes(b"of a save that never came to its labels")
    assert mend(folder).after.findings == ()
    assert not stale.exists()
    kept = root(folder) / "replaced" / "instances" / stale.name
    assert kept.read_bytes() == b"of a save that never came to its labels"


@pytest.mark.parametrize("kind", ["proposals", "descriptors"])
def test_a_damaged_proposal_is_set_aside(folder: Path, kind: str) -> None:
    path = root(folder) / kind / "deep" / "a.png.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"PK\x03\x04 no archive")
    assert found(check(folder)) == [(Kind.PROPOSAL, "deep/a.png")]
    done = mend(folder)
    assert done.after.findings == ()
    kept = root(folder) / "replaced" / kind / "deep" / "a.png.npz"
    assert kept.read_bytes() == b"PK\x03\x04 no archive"
    assert (labels_of(folder, "deep/a.png") == 3).all()


def test_a_damaged_journal_is_set_aside(folder: Path) -> None:
    path = root(folder) / "journal" / "b.png.log"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no journal at all")
    assert found(check(folder)) == [(Kind.JOURNAL, "b.png")]
    assert mend(folder).after.findings == ()
    assert path.with_name("b.png.log.1").read_bytes() == b"no journal at all"


def test_what_is_left_behind_is_told_apart(folder: Path) -> None:
    place = root(folder)
    (place / "labels" / ".tmp-0123456789ab").write_bytes(b"half")
    (place / "conflicts").mkdir()
    (place / "conflicts" / "a.png.3.png").write_bytes(b"labels")
    (place / "notes.txt").write_text("mine")
    (place / "proposals" / "gone.png.npz").write_bytes(b"of an image that is gone")
    (place / "models").mkdir()
    (place / "models" / "model-1.safetensors").write_bytes(b"")
    assert found(check(folder)) == [
        (Kind.CONFLICT, "conflicts/a.png.3.png"),
        (Kind.TEMPORARY, "labels/.tmp-0123456789ab"),
        (Kind.STRAY, "notes.txt"),
        (Kind.STRAY, "proposals/gone.png.npz"),
    ]
    done = mend(folder)
    assert [one.finding.kind for one in done.mended] == [Kind.TEMPORARY]
    assert [kind for kind, _ in found(done.after)] == [Kind.CONFLICT, Kind.STRAY, Kind.STRAY]
    assert (place / "notes.txt").read_text() == "mine"


def test_mending_waits_for_nobody_who_has_the_project(folder: Path, monkeypatch) -> None:
    def refuse(self: object) -> None:
        raise LockedError(root(folder), None)

    monkeypatch.setattr("seglabel.formats.lock.ProjectLock.acquire", refuse)
    assert check(folder).findings == ()
    with pytest.raises(LockedError):
        mend(folder)


def test_a_check_can_be_stopped(folder: Path) -> None:
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        check(folder, cancel=cancel)


def test_a_touched_image_is_still_the_same(folder: Path) -> None:
    os.utime(folder / "a.png", ns=(1, 1))
    assert check(folder).findings == ()


def test_findings_are_plain_values_for_programs(folder: Path) -> None:
    (folder / "a.png").unlink()
    (finding,) = json.loads(json.dumps(check(folder).to_json()))["findings"]
    assert finding == {
        "kind": "missing image",
        "about": "a.png",
        "text": "a.png: its file is gone; its labels are kept",
        "target": "",
        "is_mendable": False,
    }
