"""Whatever images are called, each gets its own labels back from a data set."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from seglabel.core.categories import CategorySet
from seglabel.core.errors import ExportError
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.exchange import ExportImage, ExportOptions, copy_picture
from seglabel.formats.images import IMAGE_SUFFIXES, probe_image
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.registry import formats
from seglabel.jobs.export import export
from seglabel.jobs.importing import import_annotations

FORMATS = ["coco", "voc", "masks"]
CATEGORIES = CategorySet.of("cat", "dog")
KINDS = {".jpg": "JPEG", ".png": "PNG", ".bmp": "BMP", ".JPG": "JPEG", ".gif": "GIF"}
NFC, NFD = "caf\u00e9", "cafe\u0301"
HARD = {
    "same stems": ["a.jpg", "a.png", "a.bmp", "a.jpg.png", "a.png.jpg", "a.png.png"],
    "other extensions": ["b.JPG", "b.jpg", "b.jpeg", "b.PNG", "b.gif"],
    "nested folders": ["x/a.png", "x/y/a.png", "a.png", "x.png", "x/y.png", "x.png.png/a.png"],
    "flattened alike": ["x_a.png", "x/a.png", "x.a.png", "x a.png", "x__a.png", "x_a_2.png"],
    "Unicode forms": [f"{NFC}.png", f"{NFD}.png", f"{NFC}/a.png", f"{NFD}/a.png"],
    "case": ["A.png", "a.png", "a.PNG", "Dir/a.png", "dir/a.png", "STRASSE.png", "straße.png"],
    "files and folders": ["x.jpg", "x.png/a.jpg", "x.jpg.png/b.jpg", "x.jpg.npz/c.jpg"],
    "the longest": ["n" * 251 + ".png", "n" * 251 + ".jpg", "n" * 251 + ".bmp"],
    "long": ["n" * 240 + ".png", "n" * 240 + ".jpg", "ü" * 120 + ".png", "d" * 240 + "/a.png"],
    "folders of the formats": [
        "_instances/a.png",
        "_instances/x/a.png",
        "images/a.png",
        "annotations/a.png",
        "a.png",
    ],
    "letters that mean something": ["#a.png", "ab:c.png", "a%20b.png", "a&<b>.png", "'\".png"],
    "numbers and dots": ["1.png", "01.png", "1.0.png", "1.0.1.png", "a..png", "a/b..png"],
    "blanks": [" a.png", "a .png", " /a.png", "\u3000.png", "a\u00a0b.png"],
    "not joined": ["\u202eevil.png", "\u200b.png", "👩‍👩‍👧.png", "泡/泡.png"],
}


def make(folder: Path, names: Iterable[str]) -> ProjectStore:
    """Pictures that all differ in their labels: the number of each in binary."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        kind = KINDS.get(path.suffix, "JPEG" if path.suffix == ".jpeg" else "PNG")
        Image.new("RGB", (8, 6)).save(path, kind)
    store = ProjectStore.open(folder)
    store.project.categories = CATEGORIES
    for number, name in enumerate(sorted(names)):
        labels = np.zeros((6, 8), np.uint8)
        bits = [(number >> bit) & 1 for bit in range(8)]
        labels[2] = np.array(bits) + 1
        store.save(name, Annotation(labels, labels > 0, None, Status.REVIEWED))
    return store


def require_round_trip(form: str, names: Iterable[str], work: Path) -> None:
    store = make(work / "one", names)
    assert sorted(store.project.names) == sorted(names)
    report = export(store, formats()[form], work / "out")
    assert (report.images, report.skipped) == (len(list(names)), [])
    shutil.copytree(work / "one", work / "two", ignore=shutil.ignore_patterns(".seglabel"))
    twin = ProjectStore.open(work / "two")
    brought = import_annotations(twin, formats()[form], work / "out")
    assert (brought.images, brought.skipped, brought.problems) == (report.images, [], [])
    again = ProjectStore.read(work / "two")
    for name in names:
        assert np.array_equal(again.load(name).labels, store.load(name).labels), name
    store.close()
    twin.close()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("case", HARD)
def test_hard_names_come_back_to_themselves(tmp_path, form, case):
    if sys.platform != "linux":
        pytest.skip("other file systems cannot hold all of these names beside each other")
    require_round_trip(form, HARD[case], tmp_path)


letters = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\\0")
parts = st.text(st.sampled_from("aA.é_ -e\u0301") | letters, min_size=1, max_size=6).filter(
    lambda part: not part.startswith(".") and part not in (".", "..") and ":" not in part[:2]
)
image_names = st.builds(
    lambda folders, stem, suffix: "/".join([*folders, stem + suffix]),
    st.lists(parts, max_size=2),
    parts,
    st.sampled_from(sorted(KINDS)),
)


def can_lie_together(names: list[str]) -> bool:
    """No file has the name of a folder that another lies in."""
    folders = {parent for name in names for parent in Path(name).parents}
    return not folders & {Path(name) for name in names}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse many of these names")
@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=25, deadline=None)
@given(names=st.lists(image_names, min_size=1, max_size=5, unique=True).filter(can_lie_together))
def test_any_names_come_back_to_themselves(form, names):
    with tempfile.TemporaryDirectory() as work:
        require_round_trip(form, names, Path(work))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse to make such files")
@pytest.mark.parametrize("form", FORMATS)
def test_names_that_no_data_set_can_hold_are_said_and_keep_nobody_else_back(tmp_path, form):
    unfit = ["a\\b.png", "a:b.png", os.fsdecode(b"a\xff.png"), "line\nbreak.png", "bell\a.png"]
    names = ["good.png", *unfit]
    store = make(tmp_path / "one", names)
    report = export(store, formats()[form], tmp_path / "out")
    assert report.images == 1
    assert len(report.skipped) == len(unfit)
    assert all("rename the image" in reason for reason in report.skipped)


@pytest.mark.parametrize("form", FORMATS)
def test_loops_of_links_are_no_images_and_do_not_disturb(tmp_path, form):
    folder = tmp_path / "one"
    make(folder, ["a.png", "sub/b.png"]).close()
    (folder / "sub" / "loop").symlink_to("..")
    (folder / "self").symlink_to("self")
    (folder / "c.png").symlink_to("c.png")
    store = ProjectStore.open(folder)
    report = export(store, formats()[form], tmp_path / "out")
    assert report.images == 2
    assert len(report.skipped) == 1
    assert "c.png" in report.skipped[0]


def test_all_kinds_of_images_are_told_by_their_suffix():
    assert {suffix.lower() for suffix in KINDS} <= set(IMAGE_SUFFIXES)


def test_pictures_whose_names_are_one_on_a_disk_do_not_replace_each_other(tmp_path):
    make(tmp_path / "one", ["A.png", "a.png"]).close()
    info = probe_image(tmp_path / "one" / "a.png")
    labels = np.zeros((6, 8), np.uint8)
    for name in ("A.png", "a.png"):
        image = ExportImage(name, tmp_path / "one" / name, info, labels, None, "train")
        refused = pytest.raises(ExportError, match=r"a\.png: another image has that name")
        with refused if name == "a.png" else nullcontext():
            copy_picture(image, tmp_path / "out.png", ExportOptions())  # as such a disk would
