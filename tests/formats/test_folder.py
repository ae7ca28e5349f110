"""Which files of a folder are images, and which foreign names may be trusted."""

from __future__ import annotations

import os
import sys
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglabel.core.errors import ProjectError
from seglabel.formats.folder import checked_name, find_images, shortened


def make(folder, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_images_are_found_in_all_folders_in_order(tmp_path):
    make(tmp_path, "b.jpg", "a b/ü 泡.PNG", "a.Tiff", "a/z.webp", "notes.txt", "a/b.json", "jpg")
    assert find_images(tmp_path) == ["a b/ü 泡.PNG", "a.Tiff", "a/z.webp", "b.jpg"]


def test_hidden_files_and_folders_are_left_out(tmp_path):
    make(tmp_path, "a.jpg", ".hidden.jpg", ".seglabel/labels/a.jpg.png", "sub/.cache/b.jpg")
    assert find_images(tmp_path) == ["a.jpg"]


def test_links_to_folders_are_not_followed_but_links_to_files_are_listed(tmp_path):
    make(tmp_path, "real/a.jpg")
    (tmp_path / "real" / "loop").symlink_to("..")
    (tmp_path / "again").symlink_to("real")
    (tmp_path / "link.jpg").symlink_to("real/a.jpg")
    (tmp_path / "self.jpg").symlink_to("self.jpg")
    assert find_images(tmp_path) == ["link.jpg", "real/a.jpg", "self.jpg"]


def test_equal_names_in_two_folders_and_suffixes_stay_apart(tmp_path):
    make(tmp_path, "x/a.jpg", "y/a.jpg", "a.jpg", "a.png")
    assert find_images(tmp_path) == ["a.jpg", "a.png", "x/a.jpg", "y/a.jpg"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse to make such a file")
def test_a_name_that_is_no_unicode_is_listed(tmp_path):
    make(tmp_path, os.fsdecode(b"a\xff.jpg"))
    assert find_images(tmp_path) == ["a\udcff.jpg"]


def test_something_else_than_a_folder_is_refused_by_name(tmp_path):
    make(tmp_path, "file.jpg")
    with pytest.raises(ProjectError, match=r"file\.jpg: expected a folder .* it is a file"):
        find_images(tmp_path / "file.jpg")
    with pytest.raises(ProjectError, match=r"nowhere: expected a folder .* does not exist"):
        find_images(tmp_path / "nowhere")


def test_a_folder_that_may_not_be_listed_is_an_error_and_not_an_empty_folder(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(ProjectError, match="cannot be listed: Permission denied"):
        find_images(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "../x.jpg",
        "a/../../x.jpg",
        "/etc/passwd",
        "\\server\\share\\x",
        "..\\..\\x.jpg",
        "C:\\x.jpg",
        "c:x.jpg",
        "C:",
        "a\0b.jpg",
        "",
        ".",
        "./",
        "//",
        "\ud800.jpg",
        "n" * 300 + ".jpg",
        "x/" + "ü" * 128,
    ],
)
def test_names_that_lead_elsewhere_or_nowhere_are_refused(name):
    with pytest.raises(ValueError, match=r"name|path|folder|Unicode"):
        checked_name(name)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("a.jpg", "a.jpg"),
        ("sub dir/ü 泡.jpg", "sub dir/ü 泡.jpg"),
        ("sub\\a.jpg", "sub/a.jpg"),
        ("./a//b/./c.jpg", "a/b/c.jpg"),
        ("..a/b..jpg", "..a/b..jpg"),
        ("ab:c.jpg", "ab:c.jpg"),
        ("a\udcff.jpg", "a\udcff.jpg"),
    ],
)
def test_honest_names_are_only_tidied(name, clean):
    assert checked_name(name) == clean


@given(st.text(st.sampled_from("ab./\\:\0 ü\ud800") | st.characters(), max_size=12))
def test_a_checked_name_stays_in_its_folder(name):
    try:
        clean = checked_name(name)
    except ValueError:
        return
    path = PurePosixPath(clean)
    assert not path.is_absolute()
    assert ".." not in path.parts
    assert path.name
    assert os.path.normpath("/root/" + clean).startswith("/root/")
    assert checked_name(clean) == clean


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9)


@given(words, st.integers(1, 60), st.integers(20, 255))
def test_a_shortened_name_fits_and_a_short_one_is_left_alone(word, times, limit):
    name = word * times
    short = shortened(name, limit)
    assert len(short.encode()) <= limit
    assert (short == name) == (len(name.encode()) <= limit)
    assert short[: limit // 4 - 5] == name[: limit // 4 - 5]  # what people recognise it by


def test_long_names_that_begin_alike_stay_apart():
    assert shortened("n" * 240 + "a") != shortened("n" * 240 + "b")
