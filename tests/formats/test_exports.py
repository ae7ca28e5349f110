"""What holds for every export: whole or not made, honest about losses, never over the originals."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seglabel.core.cancel import Cancel
from seglabel.core.errors import Cancelled, ExportError
from seglabel.core.progress import Progress
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.atomic import WriteError
from seglabel.formats.exchange import ExportOptions, WrittenImage
from seglabel.formats.masks import MaskExporter
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.registry import Format, formats
from seglabel.jobs.export import export

FORMATS = ["coco", "voc", "masks"]


def labelled(value: int, shape=(12, 16), status=Status.REVIEWED) -> Annotation:
    return Annotation(np.full(shape, value, np.uint8), np.ones(shape, bool), None, status)


@pytest.fixture
def store(folder) -> ProjectStore:
    return folder.labelled({"a.png": labelled(1), "sub/b.jpg": labelled(3)})


def left_over(tmp_path) -> list:
    return list(tmp_path.glob(".tmp-*"))


@pytest.mark.parametrize("form", FORMATS)
def test_an_earlier_export_is_replaced_on_request(tmp_path, store, form):
    target = tmp_path / "out"
    target.mkdir()
    export(store, formats()[form], target, force=True)  # an empty folder is free
    (target / "of the last export").touch()
    with pytest.raises(ExportError, match="out: exists already"):
        export(store, formats()[form], target)
    assert (target / "of the last export").exists()
    report = export(store, formats()[form], target, force=True)
    assert not (target / "of the last export").exists()
    assert report.images == 2
    assert left_over(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [("holiday.jpg", b"a photograph"), ("seglabel-export.json", b"{}"), (".hidden", b"")],
)
def test_a_folder_of_something_else_is_never_replaced(tmp_path, store, name, content):
    target = tmp_path / "Documents"
    target.mkdir()
    (target / name).write_bytes(content)
    with pytest.raises(ExportError, match="Documents: holds something else than an earlier export"):
        export(store, formats()["masks"], target, force=True)
    assert (target / name).read_bytes() == content
    assert left_over(tmp_path) == []


def test_a_file_or_a_link_is_never_replaced_by_an_export(tmp_path, store):
    export(store, formats()["masks"], tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "file").write_text("mine")
    for name in ("link", "file"):
        with pytest.raises(ExportError, match=f"{name}: is no folder"):
            export(store, formats()["masks"], tmp_path / name, force=True)
    assert (tmp_path / "file").read_text() == "mine"
    assert (tmp_path / "link").is_symlink()


def test_an_export_whose_pictures_were_labelled_anew_is_not_replaced(tmp_path, store):
    target = tmp_path / "out"
    export(store, formats()["coco"], target)
    again = ProjectStore.open(target / "images")
    again.project.categories = store.project.categories
    again.save("a.png", labelled(3))
    for project in (store, again):
        with pytest.raises(ExportError, match="out: holds"):
            export(project, formats()["coco"], target, force=True)
    assert ProjectStore.open(target / "images").load("a.png") is not None


def test_a_folder_that_appears_while_an_export_is_made_stays(tmp_path, store):
    target = tmp_path / "out"

    def appear(_: Progress) -> None:
        target.mkdir(exist_ok=True)
        (target / "mine").touch()

    with pytest.raises(ExportError, match="out: exists already"):
        export(store, formats()["masks"], target, progress=appear)
    assert (target / "mine").exists()
    assert left_over(tmp_path) == []


@pytest.mark.parametrize(
    "place",
    [".", "..", "sub", "new", "sub/new", ".seglabel", ".seglabel/labels", ".seglabel/new"],
)
@pytest.mark.parametrize("form", FORMATS)
def test_an_export_never_lies_among_images_or_labels_or_replaces_them(store, bytes_of, place, form):
    before = bytes_of(store.folder)
    with pytest.raises(ExportError, match="choose another"):
        export(store, formats()[form], store.folder / place, force=True)
    assert bytes_of(store.folder) == before


def test_from_within_the_image_folder_the_answer_says_where_to_go(store, monkeypatch):
    monkeypatch.chdir(store.folder)
    with pytest.raises(ExportError, match=r"images/out: lies in the image folder .*, beside it"):
        export(store, formats()["voc"], Path("out"))
    assert not (store.folder / "out").exists()


@pytest.mark.parametrize("form", FORMATS)
def test_no_export_changes_the_images_or_the_project(exported, bytes_of, store, form):
    before = bytes_of(store.folder)
    exported(form, store=store, upright_copies=True, void_border=2)
    assert bytes_of(store.folder) == before


@pytest.mark.parametrize("name", ["a.png", "sub/b.jpg"])
@pytest.mark.parametrize("form", ["coco", "voc"])
def test_a_damaged_picture_is_named_and_the_others_go_out(exported, folder, store, form, name):
    path = folder.path / name
    path.write_bytes(path.read_bytes()[:-30])  # its header still tells the size
    store.accept_change(name)  # or that alone would be said
    target, report = exported(form, store=store)
    assert report.images == 1
    assert len(report.skipped) == 1
    assert report.skipped[0].startswith(f"{path}: damaged")
    assert not list(target.rglob(f"{path.stem}.*"))


@pytest.mark.parametrize("form", FORMATS)
def test_what_nobody_answers_for_is_counted(exported, folder, form):
    annotations = {f"{status}.png": labelled(1, status=status) for status in list(Status)[1:]}
    store = folder.labelled(annotations)
    for name in ("x.png", "y.png"):
        folder.add_picture(name)
    _, report = exported(form, store=folder.open())
    assert report.warnings == [
        "2 images were never labelled and went out as background alone",
        "1 images carry proposals that nobody corrected or reviewed",
    ]
    touched = folder.path.parent / "touched"
    assert export(store, formats()[form], touched, status="corrected").warnings == []


@pytest.mark.parametrize("form", FORMATS)
def test_a_missing_picture_and_one_of_another_size_are_named(exported, folder, store, form):
    folder.labelled({"c.png": labelled(1), "d.png": labelled(1)})
    store = folder.open()
    (folder.path / "c.png").unlink()
    folder.add_picture("d.png", 5, 7)
    target, report = exported(form, store=store)
    assert report.images == 2
    assert "c.png: cannot be opened" in report.skipped[0]
    assert report.skipped[1] == "d.png: labelled at 16 × 12 pixels, but the image now has 7 × 5"
    listed = {line for path in target.rglob("*.txt") for line in path.read_text().splitlines()}
    assert not listed & {"c", "d", "c.png", "d.png"}


@pytest.mark.parametrize("name", ["a\\b.png", "a\udcff.png"])
def test_names_that_no_data_set_can_hold_are_refused_by_name(exported, folder, store, name):
    Image.new("RGB", (16, 12)).save(os.fsencode(folder.path / name), "PNG")
    _, report = exported("coco", store=folder.open())
    assert report.images == 2
    assert report.skipped == [
        f"{name!r}: no data set can hold such a file name; rename the image",
    ]


def test_only_images_of_the_wanted_status_go_out(tmp_path, folder):
    folder.labelled(
        {f"{status}.png": labelled(1, status=status) for status in Status},
    )
    store = folder.open()
    for choice, images in (("reviewed", 1), ("corrected", 2), ("all", 4)):
        report = export(store, formats()["masks"], tmp_path / choice, status=choice)
        assert report.images == images


def test_a_folder_without_images_of_that_status_is_refused(tmp_path, folder):
    folder.add_picture("a.png")
    with pytest.raises(ExportError, match="has no reviewed images to export"):
        export(folder.open(), formats()["masks"], tmp_path / "out", status="reviewed")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("lasting", [False, True])
def test_a_disk_that_fails_at_any_moment_leaves_no_half_export(
    tmp_path, store, bytes_of, faults, form, lasting
):
    target = tmp_path / "out"
    export(store, formats()[form], tmp_path / "sound")
    for number in count(1, 3):
        with faults.at(number, lasting=lasting), suppress(WriteError):
            export(store, formats()[form], target)
        if target.exists():
            assert bytes_of(target) == bytes_of(tmp_path / "sound")
            shutil.rmtree(target)
        if not lasting:
            assert left_over(tmp_path) == []
        if not faults.struck:
            break
    assert number > 3


def test_a_failed_replacement_keeps_the_old_export(tmp_path, store, faults):
    target = tmp_path / "out"
    export(store, formats()["masks"], target)
    (target / "mark").touch()
    for number in count(1):
        with faults.at(number), suppress(WriteError):
            export(store, formats()["masks"], target, force=True)
        assert (target / "a.png").is_file()
        if not faults.struck:
            break
    assert not (target / "mark").exists()


def test_cancelling_leaves_nothing_behind(tmp_path, store):
    cancel = Cancel()

    def stop(progress: Progress) -> None:
        cancel.set()

    with pytest.raises(Cancelled):
        export(store, formats()["masks"], tmp_path / "out", progress=stop, cancel=cancel)
    assert not (tmp_path / "out").exists()
    assert left_over(tmp_path) == []


def test_progress_names_every_image_once(tmp_path, store):
    told: list[Progress] = []
    export(store, formats()["masks"], tmp_path / "out", progress=told.append)
    assert [(p.done, p.total, p.name, p.error) for p in told] == [
        (1, 2, "a.png", ""),
        (2, 2, "sub/b.jpg", ""),
    ]


def test_a_target_below_a_file_is_refused_in_words(tmp_path, store):
    (tmp_path / "file").touch()
    with pytest.raises(WriteError, match="out: cannot be written"):
        export(store, formats()["coco"], tmp_path / "file" / "out")


@pytest.mark.parametrize("form", FORMATS)
def test_more_objects_than_can_be_numbered_fail_one_image_by_name(exported, folder, store, form):
    labels = np.zeros((514, 514), np.uint8)
    labels[::2, ::2] = 1  # 66,049 dots of a thing
    store = folder.labelled({"dots.png": Annotation(labels, labels > 0)})
    _, report = exported(form, store=store)
    assert report.images == 2
    assert report.skipped[0].startswith("dots.png: holds 66,049 objects")


class Fragile(MaskExporter):
    """Breaks on its first image in a way that nobody thought of."""

    def add(self, image) -> WrittenImage:
        if image.name == "a.png":
            raise RuntimeError("out of luck")
        return super().add(image)


def test_an_exporter_that_breaks_on_one_image_does_not_end_the_export(tmp_path, store):
    form = Format("fragile", "Fragile", Fragile, formats()["masks"].importer)
    report = export(store, form, tmp_path / "out")
    assert report.images == 1
    assert report.skipped == ["a.png: RuntimeError: out of luck"]


class LossyExporter(MaskExporter):
    """Says that it wrote something else than it did."""

    def add(self, image) -> WrittenImage:
        written = super().add(image)
        return WrittenImage(np.flipud(written.labels) ^ 2, written.objects)


def test_an_export_that_does_not_read_back_equal_is_not_made(tmp_path, store):
    lossy = Format("lossy", "Lossy", LossyExporter, formats()["masks"].importer)
    with pytest.raises(ExportError, match=r"verification: a\.png reads back with other pixels"):
        export(store, lossy, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_format_that_is_only_read_cannot_be_written(tmp_path, store):
    with pytest.raises(ExportError, match="Nothing can be read but not written"):
        export(store, Format("x", "Nothing", None, None), tmp_path / "out")


def test_the_built_in_formats_are_listed_first_and_can_do_both():
    table = formats()
    assert list(table)[:3] == ["coco", "voc", "masks"]
    assert all(table[name].exporter and table[name].importer for name in FORMATS)


class Plugin:
    """An entry point as another distribution declares it."""

    def __init__(self, name: str, value: object) -> None:
        self.name = name
        self._value = value

    def load(self) -> object:
        return self._value


def test_a_plug_in_adds_a_format_but_replaces_none(monkeypatch):
    mine = Format("mine", "My own", MaskExporter, None)
    plugins = [
        Plugin("b", mine),
        Plugin("a", Format("coco", "Not COCO", None, None)),
        Plugin("c", "something else"),
    ]
    monkeypatch.setattr("seglabel.formats.registry.entry_points", lambda group: plugins)
    table = formats()
    assert table["mine"] is mine
    assert table["coco"].title == "COCO instances"
    assert len(table) == 4


def test_a_report_says_everything_as_json(exported, store):
    target, report = exported("masks", store=store)
    assert report.to_json() == {
        "target": str(target),
        "images": 2,
        "instances": 2,
        "skipped": [],
        "lossy": [],
        "warnings": [],
    }


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp", ".jpg"])
def test_upright_copies_show_the_same_picture(exported, zoo, suffix):
    target, _ = exported("coco", upright_copies=True)
    shown = np.array(Image.open(target / "images" / f"turned{suffix}"), int)
    difference = np.abs(shown - zoo.read_image(f"turned{suffix}")).mean()
    assert difference < (6 if suffix == ".jpg" else 1e-9)


def test_options_have_the_defaults_that_the_manual_gives():
    options = ExportOptions()
    assert (options.segmentation, options.void_border, options.orientation) == (
        "rle",
        0,
        "displayed",
    )
