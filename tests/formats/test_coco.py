"""COCO: read by pycocotools, byte for byte the same twice, and hostile files do no harm."""

from __future__ import annotations

import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from seglabel.core.cancel import Cancel
from seglabel.core.categories import CategorySet
from seglabel.core.errors import Cancelled, ImportRefused
from seglabel.core.geometry import Region
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.coco import decode_segmentation, fill_polygon, read_coco
from seglabel.formats.registry import formats
from seglabel.jobs.importing import import_annotations

# pycocotools 2.0 speaks to numpy 2 in an old way.
pytestmark = pytest.mark.filterwarnings("ignore:__array__:DeprecationWarning")

SEGMENTATIONS = ["rle", "compressed-rle", "polygon"]


def annotations_file(target):
    return target / "annotations" / "instances_train.json"


# what we write


@pytest.mark.parametrize("segmentation", SEGMENTATIONS)
def test_pycocotools_finds_every_object_pixel_for_pixel(exported, truth, segmentation):
    target, report = exported("coco", segmentation=segmentation)
    coco = COCO(annotations_file(target))
    found = {image["file_name"]: set() for image in coco.dataset["images"]}
    for annotation in coco.dataset["annotations"]:
        mask = coco.annToMask(annotation).astype(bool)
        name = coco.imgs[annotation["image_id"]]["file_name"]
        found[name].add((annotation["category_id"], mask.tobytes()))
    assert found == truth.objects
    assert report.instances == len(coco.dataset["annotations"])
    assert report.images == len(truth.labels)


@pytest.mark.parametrize("segmentation", SEGMENTATIONS)
def test_area_and_box_are_those_of_the_mask_and_nothing_is_a_crowd(exported, segmentation):
    target, _ = exported("coco", segmentation=segmentation)
    coco = COCO(annotations_file(target))
    for annotation in coco.dataset["annotations"]:
        ys, xs = np.nonzero(coco.annToMask(annotation))
        assert annotation["area"] == len(ys)
        width, height = np.ptp(xs) + 1, np.ptp(ys) + 1
        assert annotation["bbox"] == [xs.min(), ys.min(), width, height]
        assert annotation["iscrowd"] == 0


def test_a_coco_file_has_everything_that_strict_readers_ask_for(exported, truth):
    target, _ = exported("coco")
    data = json.loads(annotations_file(target).read_bytes())
    assert set(data) == {"info", "licenses", "images", "annotations", "categories"}
    assert [category["id"] for category in data["categories"]] == [1, 3, 5, 7]
    assert data["categories"][1]["name"] == "bläse 泡"
    for records in (data["images"], data["annotations"]):
        assert [record["id"] for record in records] == list(range(1, len(records) + 1))
    assert [image["file_name"] for image in data["images"]] == sorted(truth.labels)
    assert all(record["file_name"].isprintable() for record in data["images"])


def test_images_lie_where_their_names_say_and_are_untouched(exported, zoo):
    target, _ = exported("coco")
    for name in zoo.project.names:
        copy = target / "images" / name
        assert copy.read_bytes() == (zoo.folder / name).read_bytes()


@pytest.mark.parametrize("segmentation", SEGMENTATIONS)
def test_exporting_coco_twice_gives_the_same_bytes(exported, bytes_of, segmentation):
    first, _ = exported("coco", "one", segmentation=segmentation)
    second, _ = exported("coco", "two", segmentation=segmentation)
    assert bytes_of(first) == bytes_of(second)


@pytest.mark.parametrize("segmentation", SEGMENTATIONS)
def test_what_was_exported_as_coco_comes_back_in_a_new_project(
    exported, truth, twin, zoo, segmentation
):
    target, _ = exported("coco", segmentation=segmentation)
    report = import_annotations(twin, formats()["coco"], target)
    assert (report.images, report.skipped, report.problems) == (len(truth.labels), [], [])
    with_void = truth.labels["void.gif"]
    truth.labels["void.gif"] = np.where(with_void == 255, 0, with_void)
    truth.assert_same(twin)
    assert twin.project.categories.categories == zoo.project.categories.categories


def test_void_is_counted_as_lost_and_never_an_object(exported):
    _, report = exported("coco")
    assert report.lossy == ["void.gif: COCO cannot hold its 20 void pixels"]


def test_pixels_that_nobody_labelled_are_counted_since_coco_calls_them_background(exported, folder):
    labels = np.zeros((9, 9), np.uint8)
    labels[:3] = 1
    store = folder.labelled({"a.png": Annotation(labels, labels > 0, None, Status.REVIEWED)})
    _, report = exported("coco", store=store)
    assert report.warnings == []
    store.project.categories = store.project.categories.with_background_void(True)
    _, report = exported("coco", "again", store=store)
    assert report.warnings == [
        "54 pixels are not labelled (id 0, background); COCO's readers take them for background"
    ]


def test_every_turned_picture_is_warned_of(exported):
    _, report = exported("coco")
    turned = [line.partition(":")[0] for line in report.warnings if "EXIF" in line]
    assert turned == [
        "turned.jpg",
        "turned.png",
        "turned.tif",
        "turned.webp",
    ]


def test_raw_orientation_gives_masks_in_the_rows_of_the_file(exported, truth):
    target, report = exported("coco", orientation="raw")
    coco = COCO(annotations_file(target))
    images = {image["file_name"]: image for image in coco.dataset["images"]}
    height, width = truth.labels["turned.jpg"].shape
    assert (images["turned.jpg"]["height"], images["turned.jpg"]["width"]) == (width, height)
    found = np.zeros((width, height), np.uint8)
    for annotation in coco.imgToAnns[images["turned.jpg"]["id"]]:
        found[coco.annToMask(annotation).astype(bool)] = annotation["category_id"]
    # EXIF 6: the picture has to be turned a quarter clockwise to be upright
    assert np.array_equal(np.rot90(found, -1), truth.labels["turned.jpg"])
    assert not any("EXIF" in line for line in report.warnings)


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
def test_upright_copies_are_read_alike_by_everyone(exported, truth, suffix):
    target, report = exported("coco", upright_copies=True)
    with Image.open(target / "images" / f"turned.{suffix}") as image:
        assert image.size[::-1] == truth.labels["turned.jpg"].shape
        assert image.getexif().get(0x0112, 1) == 1
    assert any(line.startswith(f"turned.{suffix}: the picture was turned") for line in report.lossy)


def test_each_split_has_its_own_file(exported, truth):
    target, _ = exported("coco", shares={"train": 0.5, "val": 0.5})
    names = {}
    for split in ("train", "val"):
        data = json.loads((target / "annotations" / f"instances_{split}.json").read_bytes())
        names[split] = {image["file_name"] for image in data["images"]}
    assert names["train"] | names["val"] == set(truth.labels)
    assert not names["train"] & names["val"]


# what we read


def coco_of(**parts) -> dict:
    """A small data set of one image with one object, with parts replaced."""
    square = [2, 1, 6, 1, 6, 4, 2, 4]
    whole = {
        "images": [{"id": 1, "file_name": "a.png", "width": 10, "height": 8}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [square], "iscrowd": 0}
        ],
        "categories": [{"id": 1, "name": "cat"}],
    }
    return {**whole, **parts}


def annotation(segmentation, **changes) -> dict:
    return {"id": 9, "image_id": 1, "category_id": 1, "segmentation": segmentation, **changes}


@pytest.fixture
def read(tmp_path):
    """Read a data set that is written as JSON first."""

    def run(data):
        path = tmp_path / "coco.json"
        path.write_text(data if isinstance(data, str) else json.dumps(data))
        incoming = read_coco(path)
        return incoming, list(incoming.images)

    return run


def test_area_box_info_and_crowd_flag_may_be_missing(read):
    data = coco_of()
    del data["annotations"][0]["iscrowd"]
    incoming, [image] = read(data)
    assert np.count_nonzero(image.labels) == 4 * 3
    assert image.labels[1:4, 2:6].all()
    assert incoming.problems == image.problems == ()


def test_an_image_of_one_pixel_is_an_image(read):
    image = {"id": 1, "file_name": "a.png", "width": 1, "height": 1}
    pixel = annotation({"size": [1, 1], "counts": [0, 1]})
    _, [found] = read(coco_of(images=[image], annotations=[pixel]))
    assert found.labels.tolist() == [[1]]


@pytest.mark.parametrize("first", [0, "cat", "7", -3, 900, 2.5])
def test_ids_of_any_kind_are_read_through_a_table(read, first):
    data = coco_of(
        categories=[{"id": first, "name": "cat"}, {"id": 4, "name": "dog"}],
        images=[{"id": "image seven", "file_name": "a.png", "width": 10, "height": 8}],
    )
    data["annotations"][0] |= {"category_id": first, "image_id": "image seven", "id": "x"}
    incoming, [image] = read(data)
    assert [c.name for c in incoming.categories] == ["cat", "dog"]
    assert image.labels.max() == incoming.categories.named("cat").id


def test_category_ids_within_1_and_254_are_kept(read):
    categories = [{"id": number, "name": str(number)} for number in (254, 1, 7)]
    incoming, _ = read(coco_of(categories=categories))
    assert incoming.categories.ids == (254, 1, 7)


def test_one_id_out_of_range_does_not_renumber_the_others(read):
    numbers = (7, 0, 300, 1)
    categories = [{"id": number, "name": f"old {number}"} for number in numbers]
    incoming, _ = read(coco_of(categories=categories))
    assert [(c.id, c.name) for c in incoming.categories] == [
        (7, "old 7"),
        (2, "old 0"),
        (3, "old 300"),
        (1, "old 1"),
    ]
    assert incoming.problems == ()
    assert incoming.notes == (
        "category 'old 0': its id 0 is not within 1–254, so it became 2",
        "category 'old 300': its id 300 is not within 1–254, so it became 3",
    )


def test_crowds_come_in_as_objects_and_are_counted(read):
    data = coco_of()
    data["annotations"].append(annotation({"size": [8, 10], "counts": [70, 10]}, iscrowd=1))
    incoming, [image] = read(data)
    assert np.count_nonzero(image.labels) == 12 + 10
    assert len(incoming.notes) == 1
    assert incoming.notes[0].endswith("1 crowds (iscrowd 1) became ordinary objects")


def test_overlapping_objects_leave_the_smaller_one_on_top_and_say_so(read):
    large = {"size": [8, 10], "counts": [0, 80]}
    data = coco_of()
    data["annotations"].append(annotation(large))
    _, [image] = read(data)
    assert (image.labels == 1).all()
    assert sorted(np.bincount(image.instances.ravel()).tolist()) == [0, 12, 68]
    assert image.notes == ("a.png: 12 pixels lie under a smaller object",)
    assert image.problems == ()  # nothing is wrong with either


def test_several_polygons_of_one_object_are_united(read):
    outer, inner = [0, 0, 8, 0, 8, 8, 0, 8], [2, 2, 6, 2, 6, 6, 2, 6]
    _, [image] = read(coco_of(annotations=[annotation([outer, inner])]))
    assert np.count_nonzero(image.labels) == 64


BAD_SEGMENTATIONS = [
    None,
    [],
    {},
    "text",
    7,
    [[]],
    [[1, 2, 3, 4, 5]],
    [[1, 2, 3, 4, 5, 6, 7]],
    [[1, 2, 3, 4, 5, "6"]],
    [[1, 2, 3, 4, 5, None]],
    [[0, 0, 5, 0, float("nan"), 5]],
    [[0, 0, 5, 0, float("inf"), 5]],
    [[0, 0, 5, 0, 1e8, 5]],
    [[0, 0, 5, 0, 10**400, 5]],
    [{"x": 1}],
    {"size": [8, 10]},
    {"counts": [80]},
    {"size": 80, "counts": [80]},
    {"size": [10, 8], "counts": [80]},
    {"size": [4, 20], "counts": [80]},
    {"size": [8, 10], "counts": [79]},
    {"size": [8, 10], "counts": [81]},
    {"size": [8, 10], "counts": [-1, 81]},
    {"size": [8, 10], "counts": [2**62] * 4 + [80]},
    {"size": [8, 10], "counts": []},
    {"size": [8, 10], "counts": ""},
    {"size": [8, 10], "counts": "garbage é"},
    {"size": [8, 10], "counts": "oooo"},
    {"size": [8, 10], "counts": {"a": 1}},
    {"size": [8, 10], "counts": [80]},  # sound, but of no pixel at all
    {"size": [100_000, 100_000], "counts": [10**10]},
]


@pytest.mark.parametrize("segmentation", BAD_SEGMENTATIONS, ids=lambda s: ascii(s)[:40])
def test_a_bad_segmentation_is_left_out_and_named_and_the_rest_is_read(read, segmentation):
    data = coco_of()
    data["annotations"].append(annotation(segmentation))
    _, [image] = read(data)
    assert np.count_nonzero(image.labels) == 12
    assert len(image.problems) == 1
    assert image.problems[0].startswith("annotations[1]: ")


def test_exchanged_height_and_width_are_recognised(read):
    turned = {"size": [10, 8], "counts": [0, 80]}
    _, [image] = read(coco_of(annotations=[annotation(turned)]))
    assert image.problems == (
        "annotations[0]: run lengths for [10, 8] pixels, the image has [8, 10]; "
        "height and width are exchanged",
    )


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"id": 1}, "annotation id 1 appears twice"),
        ({"image_id": 5}, "no image has the id 5"),
        ({"category_id": 5}, "no category has the id 5"),
        ({"image_id": []}, "unhashable"),
        ({"category_id": {}}, "unhashable"),
        ({"id": [1]}, "unhashable"),
    ],
)
def test_an_annotation_that_fits_nothing_is_named_by_its_number(read, changes, complaint):
    data = coco_of()
    data["annotations"].append(annotation([[0, 0, 9, 0, 9, 9]], **changes))
    incoming, [image] = read(data)
    assert len(incoming.problems) == 1
    assert incoming.problems[0].startswith("annotations[1]: ")
    assert complaint in incoming.problems[0]
    assert np.count_nonzero(image.labels) == 12


@pytest.mark.parametrize("entry", [None, 3, "text", [], {}, {"image_id": 1}])
@pytest.mark.parametrize("key", ["images", "annotations", "categories"])
def test_an_entry_that_is_no_record_is_named_and_left_out(read, key, entry):
    data = coco_of()
    data[key] = [*data[key], entry]
    incoming, [image] = read(data)
    assert any(problem.startswith(f"{key}[1]: ") for problem in incoming.problems)
    assert np.count_nonzero(image.labels) == 12


@pytest.mark.parametrize(
    "changes",
    [
        {"file_name": "../../etc/passwd"},
        {"file_name": "/etc/passwd"},
        {"file_name": "..\\..\\x.jpg"},
        {"file_name": "C:\\x.jpg"},
        {"file_name": "a\0.jpg"},
        {"file_name": ""},
        {"file_name": "n" * 5000},
        {"width": 0},
        {"height": -4},
        {"width": "wide"},
        {"width": None},
        {"width": float("nan")},
        {"width": float("inf")},
        {"width": 100_000, "height": 100_000},
        {"id": 1},
        {"id": []},
    ],
    ids=lambda changes: ascii(changes)[:40],
)
def test_an_image_that_cannot_be_is_named_and_left_out(read, changes):
    data = coco_of()
    data["images"].append({"id": 2, "file_name": "b.png", "width": 10, "height": 8, **changes})
    incoming, images = read(data)
    assert [image.name for image in images] == ["a.png"]
    assert [problem.partition(":")[0] for problem in incoming.problems] == ["images[1]"]


@pytest.mark.parametrize("bad", [{"id": [], "name": "x"}, {"id": 2}, {"id": 2, "name": "  "}])
def test_a_category_without_id_or_name_is_named_and_left_out(read, bad):
    incoming, _ = read(coco_of(categories=[{"id": 1, "name": "cat"}, bad]))
    assert incoming.categories.ids == (1,)
    assert incoming.problems[0].startswith("categories[1]: ")


@pytest.mark.parametrize("again", [{"id": 1, "name": "dog"}, {"id": 2, "name": "cat"}])
def test_a_category_that_appears_twice_is_named(read, again):
    incoming, _ = read(coco_of(categories=[{"id": 1, "name": "cat"}, again]))
    assert [c.name for c in incoming.categories] == ["cat"]
    assert "appears twice" in incoming.problems[0]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "{}", '{"images": {}, "annotations": []}', "[" * 9999],
)
def test_something_else_than_coco_is_refused_by_name(read, text):
    with pytest.raises(ImportRefused, match=r"coco\.json: expected"):
        read(text)


def test_more_than_254_categories_are_refused(read):
    categories = [{"id": number, "name": str(number)} for number in range(300)]
    with pytest.raises(ImportRefused, match="more than 254 categories"):
        read(coco_of(categories=categories))


def test_splits_with_other_categories_are_refused(tmp_path):
    for name, category in (("train", "cat"), ("val", "dog")):
        data = coco_of(categories=[{"id": 1, "name": category}])
        (tmp_path / f"instances_{name}.json").write_text(json.dumps(data))
    with pytest.raises(ImportRefused, match=r"instances_val\.json: its categories differ"):
        read_coco(tmp_path)


def test_a_folder_without_coco_is_refused(tmp_path):
    with pytest.raises(ImportRefused, match="expected a COCO file or a folder"):
        read_coco(tmp_path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 300) | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["id", "image_id", "category_id", "size", "counts", "file_name", "width"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.data())
def test_no_json_whatsoever_does_more_than_be_refused(tmp_path_factory, data):
    whole = coco_of()
    for key in data.draw(st.sets(st.sampled_from(sorted(whole)), min_size=1)):
        whole[key] = [*whole[key], data.draw(json_values), *data.draw(st.lists(json_values))]
    path = tmp_path_factory.mktemp("coco") / "coco.json"
    path.write_text(json.dumps(whole))
    try:
        images = list(read_coco(path).images)
    except ImportRefused as error:
        assert "coco.json" in str(error)
    else:
        assert images[0].name == "a.png"


# polygons


@given(st.data())
def test_polygons_on_whole_numbers_are_filled_like_by_pycocotools(data):
    # A staircase: every edge lies between pixels, so that there is nothing to argue about.
    heights = data.draw(st.lists(st.integers(0, 12), min_size=1, max_size=14))
    flat = [0, 14]
    for x, height in enumerate(heights):
        flat += [x, 14 - height, x + 1, 14 - height]
    flat += [len(heights), 14]
    theirs = coco_mask.decode(coco_mask.frPyObjects([flat], 14, 16))[..., 0]
    region, mask = decode_segmentation([flat], (14, 16))
    ours = np.zeros((14, 16), np.bool_)
    ours[region.slices] = mask
    assert np.array_equal(ours, theirs.astype(bool))


@pytest.mark.parametrize("corners", [3, 4, 7, 40])
def test_slanted_polygons_come_out_as_large_as_they_are(corners):
    angles = np.arange(corners) * 2 * np.pi / corners + 0.3
    points = np.stack([50 + 30 * np.cos(angles), 45 + 30 * np.sin(angles)], axis=-1)
    x, y = points.T
    size = abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2
    ours = fill_polygon(points, Region.whole((90, 100)))
    assert abs(np.count_nonzero(ours) - size) < 25
    theirs = coco_mask.decode(coco_mask.frPyObjects([points.ravel().tolist()], 90, 100))[..., 0]
    assert np.count_nonzero(ours != theirs.astype(bool)) < 60  # it rounds along the outline


@given(st.lists(st.tuples(*[st.floats(-60, 60)] * 2), min_size=3, max_size=8))
def test_a_pixel_is_set_exactly_where_its_centre_lies_inside(corners):
    height, width = 12, 15
    expected = np.zeros((height, width), bool)
    following = [*corners[1:], corners[0]]
    for row in range(height):
        for (xa, ya), (xb, yb) in zip(corners, following, strict=True):
            if (ya > row + 0.5) != (yb > row + 0.5):
                at = xa + (row + 0.5 - ya) / (yb - ya) * (xb - xa)
                expected[row] ^= np.arange(width) + 0.5 > at
    found = fill_polygon(np.array(corners), Region.whole((height, width)))
    # A corner or edge may pass exactly through a centre, and rounding then decides.
    assert np.count_nonzero(found != expected) <= 2


# copying pictures along


def hostile(tmp_path, name: str) -> object:
    """A data set of one picture with a name that was made up; the picture is there."""
    folder = tmp_path / "set"
    (folder / "annotations").mkdir(parents=True)
    picture = folder / "images" / name.lstrip("/")
    picture.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (10, 8)).save(picture, "PNG")
    data = coco_of(images=[{"id": 1, "file_name": name, "width": 10, "height": 8}])
    (folder / "annotations" / "instances_train.json").write_text(json.dumps(data))
    return folder


def test_pictures_that_come_along_are_copied_when_asked(tmp_path, other_folder):
    store = other_folder.open()
    source = hostile(tmp_path, "sub/ünï.png")
    report = import_annotations(store, formats()["coco"], source, copy_images=True)
    assert (report.images, report.copied) == (1, 1)
    reopened = other_folder.open()
    assert reopened.project.names == ("sub/ünï.png",)
    assert np.count_nonzero(reopened.load("sub/ünï.png").labels) == 12


@pytest.mark.parametrize("strict", [False, True])
def test_a_picture_whose_labels_do_not_fit_is_not_copied(tmp_path, other_folder, strict):
    source = hostile(tmp_path, "a.png")
    Image.new("RGB", (7, 5)).save(source / "images" / "a.png")
    arguments = (other_folder.open(), formats()["coco"], source)
    complaint = "a.png: labels of 10 × 8 pixels, the image has 7 × 5"
    if strict:
        with pytest.raises(ImportRefused, match=complaint):
            import_annotations(*arguments, copy_images=True, strict=True)
    else:
        report = import_annotations(*arguments, copy_images=True)
        assert report.skipped == [complaint]
    assert list(other_folder.path.iterdir()) == []


def test_a_strict_import_takes_overlapping_objects(tmp_path, other_folder):
    source = hostile(tmp_path, "a.png")
    path = source / "annotations" / "instances_train.json"
    data = json.loads(path.read_bytes())
    data["annotations"].append(annotation({"size": [8, 10], "counts": [0, 80]}))
    path.write_text(json.dumps(data))
    store = other_folder.open()
    report = import_annotations(store, formats()["coco"], source, copy_images=True, strict=True)
    assert (report.images, report.notes) == (
        1,
        ["a.png: 12 pixels lie under a smaller object"],
    )


@pytest.mark.parametrize("name", [".seglabel/labels/b.png", ".hidden.png", "link/b.png"])
def test_no_picture_is_copied_where_it_does_not_belong(tmp_path, other_folder, name):
    (tmp_path / "outside").mkdir()
    store = other_folder.open()
    (other_folder.path / "link").symlink_to(tmp_path / "outside")
    report = import_annotations(store, formats()["coco"], hostile(tmp_path, name), copy_images=True)
    assert (report.images, report.copied, len(report.skipped)) == (0, 0, 1)
    assert list((tmp_path / "outside").iterdir()) == []
    assert list(other_folder.path.rglob("*.png")) == []


def test_a_picture_that_is_there_already_is_not_overwritten(tmp_path, other_folder):
    other_folder.add_picture("a.png", 8, 10)
    before = (other_folder.path / "a.png").read_bytes()
    store = other_folder.open()
    import_annotations(store, formats()["coco"], hostile(tmp_path, "a.png"), copy_images=True)
    assert (other_folder.path / "a.png").read_bytes() == before


def test_a_new_project_takes_the_categories_as_they_are(tmp_path, other_folder):
    other_folder.add_picture("a.png", 8, 10)
    store = other_folder.open()
    import_annotations(store, formats()["coco"], hostile(tmp_path, "a.png"))
    assert [(c.id, c.name) for c in other_folder.open().project.categories] == [(1, "cat")]
    assert store.project.categories != CategorySet()


def test_reading_a_long_file_ends_when_it_is_asked_to(tmp_path):
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(coco_of()))
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        read_coco(path, None, cancel)


def test_a_file_larger_than_memory_is_refused_with_its_size(tmp_path, monkeypatch):
    def take_all(*_):
        raise MemoryError

    path = tmp_path / "coco.json"
    path.write_text(json.dumps(coco_of()))
    monkeypatch.setattr("seglabel.formats.coco.read_lists", take_all)
    with pytest.raises(ImportRefused, match=r"coco\.json: 0\.0 GB are more than fit into memory"):
        read_coco(path)


def test_polygons_of_a_large_image_are_filled_where_they_lie_alone(read):
    """A mask of the whole image for each of a million objects would take hours."""
    image = {"id": 1, "file_name": "a.png", "width": 9000, "height": 7000}
    square = [8990.0, 6990, 9010, 6990, 9010, 7010, 8990, 7010]
    tracemalloc.start()
    region, mask = decode_segmentation([square], (7000, 9000))
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()
    assert (region, mask.shape, mask.all()) == (Region(6990, 8990, 7000, 9000), (10, 10), True)
    outside = [-40.0, -40, -30, -40, -30, -30]
    _, [found] = read(
        coco_of(images=[image], annotations=[annotation([outside]), annotation([square], id=2)])
    )
    assert found.problems == ("annotations[0]: covers no pixel",)
    assert np.count_nonzero(found.labels) == 100
    assert found.labels[6990:, 8990:].all()
