"""Pascal VOC: read by torchvision and Pillow, index for index."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps
from torchvision.datasets import VOCSegmentation

from seglabel.core.categories import Category, CategorySet
from seglabel.core.errors import ExportError, ImportRefused
from seglabel.core.palettes import voc_color
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.registry import formats
from seglabel.formats.voc import flat_stems, read_voc
from seglabel.jobs.importing import import_annotations


def root_of(target):
    return target / "VOCdevkit" / "VOC2012"


def stems_of(target) -> dict[str, str]:
    """Image name → stem, from the mapping file."""
    names = json.loads((root_of(target) / "image_names.json").read_bytes())
    return {name: stem for stem, name in names.items()}


def uniform(category_id: int) -> Annotation:
    """A small picture of one category."""
    labels = np.full((9, 9), category_id, np.uint8)
    return Annotation(labels, np.ones(labels.shape, bool), None, Status.REVIEWED)


# what we write


def test_torchvision_reads_every_index_and_the_void(exported, truth):
    target, report = exported("voc")
    data_set = VOCSegmentation(str(target), year="2012", image_set="trainval")
    found = {}
    for index, path in enumerate(data_set.masks):
        picture, labels = data_set[index]
        found[path.rpartition("/")[2].removesuffix(".png")] = np.array(labels)
        upright = ImageOps.exif_transpose(picture)
        assert upright.size == labels.size
    stems = stems_of(target)
    assert set(stems) == set(truth.labels)
    for name, labels in truth.labels.items():
        assert np.array_equal(found[stems[name]], labels), name
    assert report.images == len(found)
    assert report.instances == sum(map(len, truth.objects.values()))


def test_object_pictures_number_the_objects_in_the_order_of_the_xml(exported, truth):
    target, _ = exported("voc")
    for name, stem in stems_of(target).items():
        numbers = np.array(Image.open(root_of(target) / "SegmentationObject" / f"{stem}.png"))
        xml = ET.parse(root_of(target) / "Annotations" / f"{stem}.xml")
        ids = {"cat": 1, "bläse 泡": 3, "sky": 7}
        found = {
            (ids[one.findtext("name")], (numbers == index).tobytes())
            for index, one in enumerate(xml.iter("object"), start=1)
        }
        assert found == truth.objects[name], name
        assert np.array_equal(numbers == 255, truth.labels[name] == 255)
        assert numbers[numbers < 255].max(initial=0) == len(found)


def test_boxes_in_the_xml_are_counted_from_one_and_inclusive(exported):
    target, _ = exported("voc")
    xml = ET.parse(root_of(target) / "Annotations" / f"{stems_of(target)['void.gif']}.xml")
    box = xml.find("object/bndbox")
    assert [int(box.findtext(tag)) for tag in ("xmin", "ymin", "xmax", "ymax")] == [11, 11, 30, 30]
    size = [xml.findtext(f"size/{tag}") for tag in ("width", "height", "depth")]
    assert size == ["56", "40", "3"]
    assert xml.findtext("segmented") == "1"
    assert xml.findtext("filename").endswith(".jpg")


@pytest.mark.parametrize(
    ("rows", "columns", "truncated"),
    [
        ((0, 3), (2, 5), "1"),
        ((2, 5), (0, 3), "1"),
        ((6, 9), (2, 5), "1"),
        ((2, 5), (9, 12), "1"),
        ((1, 8), (1, 11), "0"),
    ],
)
def test_an_object_at_any_border_is_marked_truncated(exported, folder, rows, columns, truncated):
    labels = np.zeros((9, 12), np.uint8)
    labels[slice(*rows), slice(*columns)] = 1
    store = folder.labelled({"a.png": Annotation(labels, labels > 0)})
    target, _ = exported("voc", store=store)
    xml = ET.parse(root_of(target) / "Annotations" / "a.xml")
    assert xml.findtext("object/truncated") == truncated


def test_index_pictures_carry_the_whole_voc_color_map(exported):
    target, _ = exported("voc")
    for path in sorted(root_of(target).glob("Segmentation*/*.png")):
        with Image.open(path) as image:
            assert image.mode == "P"
            palette = np.array(image.getpalette("RGB")).reshape(-1, 3)
        assert [tuple(color) for color in palette.tolist()] == [voc_color(i) for i in range(256)]


def test_lists_name_every_image_once_and_without_suffix(exported, truth):
    target, _ = exported("voc", shares={"train": 0.5, "val": 0.5})
    lists = root_of(target) / "ImageSets" / "Segmentation"
    train, val, both = (
        (lists / f"{name}.txt").read_text().splitlines() for name in ("train", "val", "trainval")
    )
    assert sorted(train + val) == sorted(both)
    assert len(set(both)) == len(truth.labels)
    assert all((root_of(target) / "JPEGImages" / f"{stem}.jpg").is_file() for stem in both)
    assert not any(set(stem) & set("./\\ ") for stem in both)


def test_images_held_back_for_testing_are_in_no_list_to_learn_from(exported, truth):
    shares = {"train": 0.4, "val": 0.3, "test": 0.3}
    target, _ = exported("voc", shares=shares)
    lists = root_of(target) / "ImageSets" / "Segmentation"
    train, val, both, test = (
        set((lists / f"{name}.txt").read_text().splitlines())
        for name in ("train", "val", "trainval", "test")
    )
    assert both == train | val
    assert len(test) == 4
    assert not both & test


def test_a_list_that_is_called_trainval_on_purpose_is_kept(exported):
    target, _ = exported("voc", shares={"trainval": 0.5, "test": 0.5})
    lists = root_of(target) / "ImageSets" / "Segmentation"
    sizes = {path.stem: len(path.read_text().splitlines()) for path in lists.iterdir()}
    assert sizes == {"train": 0, "val": 0, "trainval": 7, "test": 7}


def test_every_picture_is_an_honest_jpeg_and_jpegs_are_copied_as_they_are(exported, zoo):
    target, report = exported("voc")
    for name, stem in stems_of(target).items():
        path = root_of(target) / "JPEGImages" / f"{stem}.jpg"
        with Image.open(path) as image:
            assert image.format == "JPEG"
        if name.endswith(".jpg"):
            assert path.read_bytes() == (zoo.folder / name).read_bytes()
        else:
            assert any(line.startswith(f"{name}: the picture became") for line in report.lossy)


def test_the_label_map_begins_with_background_and_declares_what_occurs(exported):
    target, _ = exported("voc")
    assert (root_of(target) / "labelmap.txt").read_text(encoding="utf-8").splitlines() == [
        "# label:color_rgb:parts:actions",
        "background:0,0,0::",
        "cat:128,0,0::",
        "bläse 泡:128,128,0::",
        "never, used:128,0,128::",
        "sky:128,128,128::",
        "ignored:224,224,192::",
    ]


def test_the_line_of_a_class_name_is_its_index(exported):
    target, _ = exported("voc")
    names = (root_of(target) / "class_names.txt").read_text(encoding="utf-8").splitlines()
    assert [names[i] for i in (0, 1, 3, 5, 7)] == [
        "background",
        "cat",
        "bläse 泡",
        "never, used",
        "sky",
    ]


def test_exporting_voc_twice_gives_the_same_bytes(exported, bytes_of):
    first, _ = exported("voc", "one", void_border=3)
    second, _ = exported("voc", "two", void_border=3)
    assert bytes_of(first) == bytes_of(second)


def test_what_was_exported_as_voc_comes_back_in_a_new_project(exported, truth, twin, zoo):
    target, _ = exported("voc")
    report = import_annotations(twin, formats()["voc"], target)
    assert (report.images, report.skipped, report.problems) == (len(truth.labels), [], [])
    truth.assert_same(twin)
    assert twin.project.categories == zoo.project.categories


def dotted(folder, count: int):
    """A project of one image with so many separate dots of a thing category."""
    labels = np.zeros((60, 60), np.uint8)
    labels[::2, ::2].flat[:count] = 1
    painted = np.ones(labels.shape, bool)
    return folder.labelled(
        {"many.png": Annotation(labels, painted, None, Status.REVIEWED), "plain.png": uniform(1)}
    )


def test_254_objects_fit_into_an_object_picture(exported, folder):
    target, report = exported("voc", store=dotted(folder, 254))
    assert report.skipped == []
    numbers = np.array(Image.open(root_of(target) / "SegmentationObject" / "many.png"))
    assert np.unique(numbers).tolist() == list(range(255))


def test_an_image_of_255_objects_is_refused_by_name_and_the_others_go_out(exported, folder):
    target, report = exported("voc", store=dotted(folder, 255))
    assert report.skipped == [
        "many.png: has 255 objects; a VOC object PNG holds at most 254",
    ]
    data_set = VOCSegmentation(str(target), year="2012", image_set="train")
    assert len(data_set) == 1
    assert (np.array(data_set[0][1]) == 1).all()


def test_what_nobody_labelled_goes_out_as_void_and_comes_back_as_void(
    exported, folder, other_folder
):
    labels = np.zeros((9, 9), np.uint8)
    labels[:3] = 1
    store = folder.labelled({"a.jpg": Annotation(labels, labels > 0, None, Status.REVIEWED)})
    store.project.categories = store.project.categories.with_background_void(True)
    target, report = exported("voc", store=store)
    assert (report.images, report.instances) == (1, 1)
    expected = np.where(labels == 0, 255, labels)
    for kind in ("SegmentationClass", "SegmentationObject"):
        found = np.array(Image.open(root_of(target) / kind / "a.png"))
        assert np.array_equal(found, expected)
    assert "ignored:224,224,192::" in (root_of(target) / "labelmap.txt").read_text()
    other_folder.add_picture("a.jpg", 9, 9)
    import_annotations(other_folder.open(), formats()["voc"], target)
    assert np.array_equal(other_folder.open().load("a.jpg").labels, expected)


@pytest.mark.parametrize(("width", "void_columns"), [(1, 2), (2, 2), (3, 4), (4, 4), (5, 6)])
def test_a_void_border_lies_evenly_on_both_sides_of_a_line(exported, folder, width, void_columns):
    labels = np.zeros((20, 40), np.uint8)
    labels[:, 20:] = 7
    store = folder.labelled(
        {"a.png": Annotation(labels, np.ones(labels.shape, bool), None, Status.REVIEWED)}
    )
    target, report = exported("voc", store=store, void_border=width)
    found = np.array(Image.open(root_of(target) / "SegmentationClass" / "a.png"))
    half = void_columns // 2
    assert np.flatnonzero(found[10] == 255).tolist() == list(range(20 - half, 20 + half))
    assert report.lossy[-1] == f"a.png: {void_columns * 20} border pixels became void"


def test_a_void_border_runs_between_touching_objects_and_not_around_void(exported, truth):
    target, _ = exported("voc", void_border=1)
    stems = stems_of(target)
    folder = root_of(target) / "SegmentationClass"
    found = np.array(Image.open(folder / f"{stems['sub dir/ünï 泡.png']}.png"))
    assert (found[5, 11:13] == 255).all()  # where two cats touch
    void = np.array(Image.open(folder / f"{stems['void.gif']}.png"))
    inner = np.s_[12:28, 12:28]  # within the object, away from its outline
    assert np.array_equal(void[inner], truth.labels["void.gif"][inner])


def test_names_that_become_equal_without_folders_stay_apart():
    stems = flat_stems(["a/b.jpg", "a_b.jpg", "a b.png", "A_B.jpg", "a/b_2.jpg", "x.y/z.jpg"])
    assert len({stem.casefold() for stem in stems.values()}) == 6
    assert stems["x.y/z.jpg"] == "x_y_z"


@given(st.lists(st.text("ab._ /", min_size=1, max_size=6).map(lambda n: f"x{n}y.jpg"), unique=True))
def test_stems_are_unique_and_do_not_depend_on_the_order(names):
    stems = flat_stems(names)
    assert stems == flat_stems(names[::-1])
    assert len(set(stems.values())) == len(names)
    assert not any(set(stem) & set("./\\ ") for stem in stems.values())


def test_names_longer_than_a_stem_may_be_are_cut_and_found_again(exported, folder):
    names = ["d" * 200 + "/" + "n" * 240 + f"{end}.png" for end in "ab"]
    store = folder.labelled(
        {name: uniform(value) for name, value in zip(names, (1, 3), strict=True)}
    )
    target, report = exported("voc", store=store)
    assert report.skipped == []
    read = {image.name: int(image.labels[0, 0]) for image in read_voc(target).images}
    assert read == dict(zip(names, (1, 3), strict=True))


# what we read


@pytest.fixture
def foreign(tmp_path):
    """A VOC folder as another program writes it: two class pictures and what is asked for."""

    def make(**files: str | bytes):
        folder = tmp_path / "VOC2012"
        (folder / "SegmentationClass").mkdir(parents=True)
        (folder / "SegmentationObject").mkdir()
        for name, value in (("one", 1), ("two", 15)):
            image = Image.fromarray(np.full((6, 8), value, np.uint8))
            image.putpalette([v for i in range(256) for v in voc_color(i)])
            image.save(folder / "SegmentationClass" / f"{name}.png")
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (folder / name.replace("__", ".")).write_bytes(data)
        return folder

    return make


def test_without_any_list_the_classes_are_those_of_the_challenge(foreign):
    incoming = read_voc(foreign())
    assert incoming.categories[15].name == "person"
    assert [(i.name, int(i.labels.max())) for i in incoming.images] == [("one", 1), ("two", 15)]


def test_a_label_map_gives_names_by_its_colors_in_any_order(foreign):
    text = "# c\n\nignored:224,224,192::\n dog :64,0,0::\nbackground:0,0,0::\ncat:128,0,0:x:y\n"
    categories = read_voc(foreign(labelmap__txt="\ufeff" + text)).categories
    assert [(c.id, c.name) for c in categories] == [(8, "dog"), (1, "cat")]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("cat:1,2,3::\n", r"line 1: expected name:r,g,b:: with a colour of VOC's map"),
        ("cat\n", "line 1"),
        ("cat:128,0::\n", "line 1"),
        ("cat:128,0,0::\ndog:128,0,0::\n", r"categories\[1\]\.id: 1 is used twice"),
        ("cat:128,0,0::\ncat:0,128,0::\n", r"categories\[1\]\.name: 'cat' is used twice"),
        (b"\xff\xfe\x00", "cannot be read as text"),
    ],
)
def test_a_bad_label_map_is_refused_by_name_and_reason(foreign, text, complaint):
    with pytest.raises(ImportRefused, match=rf"labelmap\.txt.*{complaint}"):
        read_voc(foreign(labelmap__txt=text))


@pytest.mark.parametrize("text", ["{", "[]", '{"categories": [{"id": 255, "name": "x"}]}'])
def test_damaged_categories_of_our_own_are_named_instead_of_guessed(foreign, text):
    with pytest.raises(ImportRefused, match=r"categories\.json: "):
        read_voc(foreign(categories__json=text))


def test_a_class_picture_of_colors_is_left_out_by_name_and_the_rest_is_read(foreign, other_folder):
    source = foreign()
    Image.new("RGB", (8, 6)).save(source / "SegmentationClass" / "colors.png")
    (source / "SegmentationClass" / "cut.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    for name in ("one", "two", "colors", "cut"):
        other_folder.add_picture(f"{name}.jpg", 6, 8)
    report = import_annotations(other_folder.open(), formats()["voc"], source)
    assert report.images == 2
    assert len(report.skipped) == 2
    assert "colors.png: expected one id per pixel" in report.skipped[0]
    assert "cut.png: " in report.skipped[1]
    assert other_folder.open().load("two.jpg").labels.max() == 15


def test_an_object_picture_of_another_size_is_left_out_with_a_note(foreign):
    source = foreign()
    Image.fromarray(np.ones((3, 3), np.uint8)).save(source / "SegmentationObject" / "one.png")
    one, two = read_voc(source).images
    assert one.instances is None
    assert "its size differs" in one.problems[0]
    assert two.problems == ()


def test_names_in_the_mapping_file_lead_nowhere_else(foreign, other_folder, tmp_path):
    source = foreign(image_names__json='{"one": "../../escaped.png", "two": ""}')
    (source / "JPEGImages").mkdir()
    for name in ("one", "two"):
        Image.new("RGB", (8, 6)).save(source / "JPEGImages" / f"{name}.jpg")
    store = other_folder.open()
    report = import_annotations(store, formats()["voc"], source, copy_images=True)
    assert report.images == 0
    assert len(report.skipped) == 2
    assert list(tmp_path.rglob("escaped*")) == []


def test_a_folder_without_class_pictures_is_refused(tmp_path):
    with pytest.raises(ImportRefused, match="expected a folder with SegmentationClass"):
        read_voc(tmp_path)


def test_ids_that_no_category_explains_are_refused_by_name(exported, folder):
    store = folder.labelled({"a.png": uniform(9)})
    with pytest.raises(ExportError, match=r"a\.png: holds ids without a category: \[9\]"):
        exported("voc", store=store)


def test_names_that_break_a_label_map_are_changed_there_and_it_says_so(exported, folder):
    store = folder.labelled({"a.png": uniform(1)})
    names = ("animal: cat", "animal_ cat", "#1", "background", "plain")
    store.project.categories = CategorySet(
        tuple(Category(i, name, (i, 2, 3)) for i, name in enumerate(names, start=1))
    )
    target, report = exported("voc", store=store)
    lines = (root_of(target) / "labelmap.txt").read_text().splitlines()
    rows = [line.partition(":")[0] for line in lines[2:]]
    assert rows == ["animal_ cat_2", "animal_ cat", "_1", "background_2", "plain"]
    xml = ET.parse(root_of(target) / "Annotations" / "a.xml")
    assert xml.findtext("object/name") == "animal_ cat_2"
    assert [line.rpartition(" it is ")[2] for line in report.warnings] == [
        "'animal_ cat_2'",
        "'_1'",
        "'background_2'",
    ]
    assert [c.name for c in read_voc(target).categories] == list(names)
