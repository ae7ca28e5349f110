"""Which image a data set means, and that nothing is changed beyond what was asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seglabel.core.errors import ImportRefused
from seglabel.core.status import Status
from seglabel.formats.exchange import ImportedImage, ImportedSet
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.registry import Format
from seglabel.jobs.importing import import_annotations

LABELS = np.full((12, 20), 3, np.uint8)


@pytest.fixture
def bring(store, categories) -> Callable:
    """Imports label maps by the names that a data set gives to its images."""

    def run(*images: ImportedImage | str, into: ProjectStore = store, **choices):
        incoming = [
            ImportedImage(image, LABELS) if isinstance(image, str) else image for image in images
        ]
        form = Format(
            "test",
            "A data set",
            None,
            lambda source, known, cancel: ImportedSet(categories, iter(incoming)),
        )
        return import_annotations(into, form, Path("data set"), **choices)

    return run


def labelled(store: ProjectStore) -> tuple[str, ...]:
    return store.project.with_status(Status.REVIEWED)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("b.png", "b.png"),
        ("b", "b.png"),
        ("b.jpg", "b.png"),  # pictures were converted since
        ("deep/c", "deep/c.png"),
        ("deep\\c.png", "deep/c.png"),  # written on Windows
        ("c.png", "deep/c.png"),  # the data set knows no folders
        ("c", "deep/c.png"),
        ("deep/a.png", "deep/a.png"),
        ("a.png", "a.png"),  # the path itself wins over another image's base name
        ("JPEGImages/b.jpg", "b.png"),  # the project knows no folders
    ],
)
def test_an_image_is_found_by_what_identifies_it(bring, store, given, meant) -> None:
    report = bring(given)
    assert report.skipped == []
    assert labelled(store) == (meant,)


@pytest.mark.parametrize("given", ["nothing.png", "other/c.png", "deep/b.png/c", ""])
def test_an_image_that_is_not_there_is_skipped_by_name(bring, store, given) -> None:
    report = bring(given, "b.png")
    assert labelled(store) == ("b.png",)
    assert len(report.skipped) == 1
    assert given in report.skipped[0]


def test_a_name_that_could_mean_several_images_is_never_guessed(bring, store, images) -> None:
    (images / "other").mkdir()
    Image.open(images / "b.png").save(images / "other" / "c.png")
    again = ProjectStore.open(images)
    report = bring("c.png", into=again)
    assert labelled(again) == ()
    assert "deep/c.png, other/c.png" in report.skipped[0]


def test_strict_changes_nothing_if_a_single_record_is_bad(bring, store, images, bytes_of) -> None:
    project = store.root
    before = {p: p.read_bytes() for p in project.rglob("*") if p.is_file()}
    wrong_size = ImportedImage("b.png", np.full((3, 3), 3, np.uint8))
    with pytest.raises(ImportRefused, match=r"(?s)2 bad records.*b\.png.*nothing\.png"):
        bring("a.png", wrong_size, "nothing.png", strict=True)
    assert {p: p.read_bytes() for p in project.rglob("*") if p.is_file()} == before
    assert labelled(ProjectStore.open(images)) == ()


@pytest.mark.parametrize(
    "name", ["../out.png", "/out.png", "C:\\out.png", "a/../../out.png", "..\\out.png", "x\0.png"]
)
def test_a_copied_picture_never_leaves_the_image_folder(bring, store, tmp_path, name) -> None:
    picture = tmp_path / "given" / "picture.png"
    picture.parent.mkdir()
    Image.fromarray(np.zeros((12, 20, 3), np.uint8)).save(picture)
    before = sorted(p for p in tmp_path.rglob("*") if ".seglabel" not in p.parts)
    report = bring(ImportedImage(name, LABELS, image=picture), copy_images=True)
    assert (report.images, report.copied, len(report.skipped)) == (0, 0, 1)
    assert sorted(p for p in tmp_path.rglob("*") if ".seglabel" not in p.parts) == before


def test_pictures_that_are_missing_are_copied_when_asked_for(
    bring, store, images, tmp_path
) -> None:
    picture = tmp_path / "picture.png"
    Image.fromarray(np.zeros((12, 20, 3), np.uint8)).save(picture)
    report = bring(ImportedImage("new/one", LABELS, image=picture), copy_images=True)
    assert (report.images, report.copied) == (1, 1)
    assert (images / "new/one.png").read_bytes() == picture.read_bytes()
    assert labelled(ProjectStore.open(images)) == ("new/one.png",)


def test_a_persons_work_is_replaced_only_when_asked_for(bring, store, label) -> None:
    label(store, ["a.png"], 8, status=Status.CORRECTED)
    assert "a.png" in bring("a.png").skipped[0]
    assert (store.load("a.png").labels == 8).all()
    assert bring("a.png", replace=True).images == 1
    assert (store.load("a.png").labels == 3).all()
