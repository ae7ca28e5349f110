"""Index PNGs: the simplest format, and still easy to get wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from seglabel.core.errors import ImportRefused
from seglabel.formats.categories_file import read_categories
from seglabel.formats.masks import mask_names, read_masks
from seglabel.formats.registry import formats
from seglabel.jobs.importing import import_annotations


def test_pillow_reads_every_index_and_the_void(exported, truth):
    target, report = exported("masks")
    files = mask_names(truth.labels)
    for name, labels in truth.labels.items():
        with Image.open(target / files[name]) as image:
            assert image.mode == "P"
            assert np.array_equal(np.array(image), labels), name
    assert (report.images, report.lossy) == (len(truth.labels), [])
    assert report.instances == sum(map(len, truth.objects.values()))


def test_instances_are_written_only_where_they_were_separated(exported, zoo):
    target, _ = exported("masks")
    written = [
        path.relative_to(target / "_instances").as_posix()
        for path in (target / "_instances").rglob("*.png")
    ]
    assert written == ["sub dir/ünï 泡.png"]
    with Image.open(target / "_instances" / written[0]) as image:
        assert set(np.unique(np.array(image)).tolist()) == {0, 1, 2, 300}


def test_colors_and_categories_are_those_of_the_project(exported, zoo):
    target, _ = exported("masks")
    categories = read_categories(target / "categories.txt")
    assert categories.categories == zoo.project.categories.categories
    with Image.open(target / "ring.png") as image:
        assert image.getpalette("RGB")[3:6] == [200, 30, 40]


def test_exporting_masks_twice_gives_the_same_bytes(exported, bytes_of):
    first, _ = exported("masks", "one")
    second, _ = exported("masks", "two")
    assert bytes_of(first) == bytes_of(second)


def test_what_was_exported_as_masks_comes_back_in_a_new_project(exported, truth, twin, zoo):
    target, _ = exported("masks")
    report = import_annotations(twin, formats()["masks"], target)
    assert (report.images, report.skipped, report.problems) == (len(truth.labels), [], [])
    truth.assert_same(twin)
    assert twin.project.categories.categories == zoo.project.categories.categories


def test_each_split_has_a_list_of_its_images(exported, truth):
    target, _ = exported("masks", shares={"train": 0.5, "val": 0.5})
    train, val = ((target / f"{n}.txt").read_text().splitlines() for n in ("train", "val"))
    assert sorted(train + val) == sorted(truth.labels)


names = st.lists(
    st.tuples(
        st.sampled_from(["", "x/", "x/y/"]),
        st.sampled_from(["a", "a.jpg", "a.png", "b.c", "b"]),
        st.sampled_from([".jpg", ".png", ".JPG", ".tif"]),
    ).map("".join),
    unique=True,
)


@given(names)
def test_no_two_images_share_a_mask_and_every_mask_finds_its_image(images):
    files = mask_names(images)
    assert len(set(files.values())) == len(images)
    for name, file in files.items():
        # A reader takes the suffix off: what is left is the image, or its one possible stem.
        bare = file.removesuffix(".png")
        meant = [bare] if bare in images else [n for n in images if n.rpartition(".")[0] == bare]
        assert meant == [name]


# what we read


@pytest.fixture
def foreign(tmp_path):
    """A folder of index PNGs of other programs."""

    def make(**masks: np.ndarray):
        for name, pixels in masks.items():
            path = tmp_path / "masks" / f"{name}.png"
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(pixels).save(path)
        return tmp_path / "masks"

    return make


def test_without_a_list_there_is_a_category_for_every_id_that_occurs(foreign):
    source = foreign(a=np.array([[0, 9, 255]], np.uint8), b=np.array([[4, 4, 9]], np.uint8))
    assert [(c.id, c.name) for c in read_masks(source).categories] == [
        (4, "category 4"),
        (9, "category 9"),
    ]


def test_the_palette_gives_the_colors_of_categories_without_a_list(tmp_path):
    image = Image.fromarray(np.array([[0, 2]], np.uint8))
    image.putpalette([0, 0, 0, 1, 1, 1, 10, 20, 30])
    image.save(tmp_path / "a.png")
    assert read_masks(tmp_path).categories[2].color == (10, 20, 30)


def test_a_list_of_names_beside_the_masks_is_used(foreign):
    source = foreign(a=np.array([[0, 1]], np.uint8))
    (source / "categories.txt").write_text("background\ncat\n")
    assert [c.name for c in read_masks(source).categories] == ["cat"]


def test_suffixes_in_capitals_and_hidden_files_are_told_apart(foreign):
    source = foreign(a=np.ones((2, 2), np.uint8))
    (source / "a.png").rename(source / "A.PNG")
    (source / ".hidden.png").write_bytes(b"")
    (source / "folder.png").mkdir()
    assert [image.name for image in read_masks(source).images] == ["A"]


def test_a_damaged_mask_is_left_out_by_name_and_the_rest_is_read(foreign, other_folder):
    source = foreign(a=np.ones((24, 32), np.uint8), c=np.full((24, 32), 300, np.uint16))
    (source / "b.png").write_bytes(b"no PNG")
    for name in "abc":
        other_folder.add_picture(f"{name}.jpg")
    report = import_annotations(other_folder.open(), formats()["masks"], source)
    assert report.images == 1
    assert [line.partition(": ")[0].rpartition("/")[2] for line in report.skipped] == [
        "b.png",
        "c.png",
    ]
    assert other_folder.open().load("a.jpg").labels.all()


def test_instances_that_fit_no_labels_are_refused_by_name(foreign, other_folder):
    source = foreign(a=np.ones((24, 32), np.uint8))
    (source / "_instances").mkdir()
    Image.fromarray(np.ones((3, 3), np.uint16)).save(source / "_instances" / "a.png")
    other_folder.add_picture("a.jpg")
    report = import_annotations(other_folder.open(), formats()["masks"], source)
    assert "its size differs from that of the labels" in report.skipped[0]


def test_a_folder_without_masks_is_refused(tmp_path):
    with pytest.raises(ImportRefused, match="holds no PNG files"):
        read_masks(tmp_path)
    with pytest.raises(ImportRefused, match="expected a folder of index PNGs"):
        read_masks(tmp_path / "nowhere")
