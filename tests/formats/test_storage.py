from __future__ import annotations

import io
from pathlib import Path

import fsspec
import numpy as np
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from PIL import Image

from seglabel.core.errors import ImageError, ProjectError, SegLabelError
from seglabel.core.geometry import Region
from seglabel.formats.atomic import WriteError
from seglabel.formats.storage import FolderStorage, UrlStorage, parse_place, storage_at

URL = "memory://pictures/new"


def png(height: int = 4) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((height, 6, 3), 7, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def read_image(storage, name: str) -> np.ndarray:
    with storage.open_image(name) as picture:
        return picture.read(Region.whole(picture.shape))


@pytest.fixture
def memory():
    """An empty file system in memory."""
    MemoryFileSystem.store.clear()
    yield fsspec.filesystem("memory")
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


@pytest.fixture(params=["folder", "url"])
def storage(request, tmp_path, memory):
    """Both kinds of storage with the same files in them."""
    made = storage_at(tmp_path if request.param == "folder" else URL)
    for name in ("b.png", "deep/er/a.JPG", "notes.txt", ".hidden/c.png", "deep/.d.png"):
        made.write(name, png())
    return made


def test_both_kinds_find_the_same_images(storage) -> None:
    assert storage.find_images() == ["b.png", "deep/er/a.JPG"]


def test_both_kinds_give_the_same_pictures_and_digests(storage, tmp_path) -> None:
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "x.png").write_bytes(png())
    plain = FolderStorage(tmp_path / "alone")
    for _ in range(2):
        assert storage.digest("deep/er/a.JPG") == plain.digest("x.png")
        assert (read_image(storage, "deep/er/a.JPG") == 7).all()
    storage.digest("b.png")
    storage.write("b.png", png(9))
    storage.digest("b.png")
    assert read_image(storage, "b.png").shape == (9, 6, 3)


def test_both_kinds_replace_a_file_and_know_what_is_not_there(storage) -> None:
    storage.write("deep/new/e.bin", b"old")
    storage.write("deep/new/e.bin", b"new")
    assert storage.read("deep/new/e.bin") == b"new"
    assert storage.read("deep/new/f.bin") is None
    assert storage.read("no/such/folder.bin") is None


def test_both_kinds_name_an_image_that_cannot_be_used(storage) -> None:
    storage.write("b.png", b"no picture")
    storage.write("deep/empty.png", b"")
    with pytest.raises(ImageError, match=r"b\.png: not an image"):
        read_image(storage, "b.png")
    with pytest.raises(ImageError, match=r"deep/empty\.png: the file is empty"):
        read_image(storage, "deep/empty.png")
    with pytest.raises(ImageError, match=r"gone\.png"):
        storage.digest("gone.png")


def test_a_picture_is_fetched_once_for_its_digest_and_its_pixels(memory, monkeypatch) -> None:
    storage = UrlStorage(URL)
    storage.write("a.png", png())
    fetched = []
    original = MemoryFileSystem.cat_file
    monkeypatch.setattr(
        MemoryFileSystem,
        "cat_file",
        lambda self, path, **choices: fetched.append(path) or original(self, path, **choices),
    )
    storage.digest("a.png")
    read_image(storage, "a.png")
    assert len(fetched) == 1


def test_an_upload_that_fails_leaves_the_old_file(memory, monkeypatch) -> None:
    storage = UrlStorage(URL)
    storage.write("a.bin", b"old")

    def fail(*_: object) -> None:
        raise RuntimeError("the line is cut")

    with monkeypatch.context() as patched:
        patched.setattr("fsspec.implementations.memory.MemoryFile.write", fail)
        with pytest.raises(WriteError, match=r"memory://.*a\.bin: cannot be written: the line"):
            storage.write("a.bin", b"new")
    assert storage.read("a.bin") == b"old"


@pytest.mark.parametrize("name", ["a/../../b.png", "x\\..\\b.png", "x//y.png"])
def test_a_key_that_leads_out_of_its_folder_is_refused(memory, name) -> None:
    # Object stores take any key; a local folder of labels must not.
    MemoryFileSystem.store[f"/pictures/new/{name}"] = memory.open(f"{URL}/z.png", "wb")
    with pytest.raises(ProjectError, match="cannot be the name"):
        UrlStorage(URL).find_images()


def test_a_place_with_nothing_in_it_is_refused(memory) -> None:
    with pytest.raises(ProjectError, match="there is nothing here"):
        UrlStorage(URL).find_images()


def test_a_url_of_which_nothing_is_known_is_refused() -> None:
    with pytest.raises(SegLabelError, match="nowhere://a: cannot be used here"):
        storage_at("nowhere://a")


def test_a_place_is_a_path_or_a_url() -> None:
    assert parse_place("pictures/new/") == Path("pictures/new")
    assert parse_place("file:///data/new") == Path("/data/new")
    assert parse_place("s3://bucket/new/") == "s3://bucket/new"
