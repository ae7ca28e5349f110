"""What holds for every import: the right image, the right category, and no person's work lost."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from seglabel.core.cancel import Cancel
from seglabel.core.categories import Category, CategorySet
from seglabel.core.errors import Cancelled, ImportRefused
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.registry import Format, formats
from seglabel.jobs.importing import import_annotations, merge_categories

SHAPE = (24, 32)


def categories_of(**ids: int) -> CategorySet:
    return CategorySet(tuple(Category(i, name, (i, i, i)) for name, i in ids.items()))


@pytest.fixture
def masks(tmp_path):
    """A folder of masks of one id each, by name."""

    def make(**values: int):
        source = tmp_path / "masks"
        for name, value in values.items():
            path = source / (name.replace("__", "/") + ".png")
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full(SHAPE, value, np.uint8)).save(path)
        return source

    return make


def bring(store, source, **options):
    return import_annotations(store, formats()["masks"], source, **options)


def label_of(folder, name: str) -> int | None:
    found = folder.open().load(name)
    return None if found is None else int(found.labels[0, 0])


# names


@pytest.mark.parametrize(
    ("images", "mask", "meant"),
    [
        (["a.jpg", "sub/a.jpg"], "a", "a.jpg"),
        (["a.jpg", "sub/a.jpg"], "sub__a", "sub/a.jpg"),
        (["sub/a.jpg"], "a", "sub/a.jpg"),
        (["a.jpg"], "other__a", "a.jpg"),
        (["a.b.jpg", "a.jpg"], "a.b", "a.b.jpg"),
        (["a.jpg", "a.png"], "a.jpg", "a.jpg"),
        (["a.jpg", "a.jpg.jpg"], "a.jpg", "a.jpg"),
    ],
)
def test_a_mask_finds_the_image_it_was_made_for(folder, masks, images, mask, meant):
    for name in images:
        folder.add_picture(name)
    report = bring(folder.open(), masks(**{mask: 1}), categories=categories_of(cat=1))
    assert report.skipped == []
    assert {name: label_of(folder, name) for name in images} == {
        name: 1 if name == meant else None for name in images
    }


@pytest.mark.parametrize(
    ("images", "mask", "complaint"),
    [
        (["a.jpg", "a.png"], "a", "a: could be any of a.jpg, a.png"),
        (["x/a.jpg", "y/a.jpg"], "a", "a: could be any of x/a.jpg, y/a.jpg"),
        (["x/a.jpg"], "y__a", "y/a: no image of that name"),
        # A dot need not begin a suffix: version 1.5 is not a picture of version 1.
        (["v1.jpg"], "v1.5", "v1.5: no image of that name"),
        (["b.jpg"], "a", "a: no image of that name"),
    ],
)
def test_a_mask_that_fits_no_image_or_several_is_named(folder, masks, images, mask, complaint):
    for name in images:
        folder.add_picture(name)
    report = bring(folder.open(), masks(**{mask: 1}), categories=categories_of(cat=1))
    assert report.images == 0
    assert report.skipped[0].startswith(complaint)
    assert all(label_of(folder, name) is None for name in images)


# categories


def test_categories_meet_by_name_and_new_ones_keep_their_id_where_it_is_free():
    own = categories_of(cat=1, dog=2)
    merged, table = merge_categories(own, categories_of(Dog=1, cow=9, CAT=2))
    assert [(c.id, c.name) for c in merged] == [(1, "cat"), (2, "dog"), (9, "cow")]
    assert table[[0, 1, 2, 9, 255]].tolist() == [0, 2, 1, 9, 255]


def test_an_id_that_is_taken_gives_way_to_a_new_one():
    merged, table = merge_categories(categories_of(cat=1, dog=5), categories_of(cow=5))
    assert merged.named("cow").id == 6
    assert table[5] == 6


def test_the_id_of_a_removed_category_is_not_given_to_an_imported_one():
    emptied = CategorySet.of("cat", "dog").without(1).without(2)
    merged, table = merge_categories(emptied, categories_of(cow=1))
    assert merged.named("cow").id == 3
    assert table[1] == 3


def test_names_that_differ_in_case_alone_are_not_thrown_together():
    own = categories_of(sky=3)
    merged, table = merge_categories(own, categories_of(Cat=1, cat=2))
    assert len(merged) == 3
    assert table[1] != table[2]


@pytest.mark.parametrize(
    ("theirs", "ours", "becomes", "says_so"),
    [(True, False, 255, False), (False, True, 0, True), (True, True, 0, False)],
)
def test_what_id_0_means_is_never_changed_in_silence(folder, masks, theirs, ours, becomes, says_so):
    folder.add_picture("a.png")
    store = folder.open()
    store.project.categories = store.project.categories.with_background_void(ours)
    names = categories_of(cat=1).with_background_void(theirs)
    report = bring(store, masks(a=0), categories=names)
    assert label_of(folder, "a.png") == becomes
    assert any("id 0 means background" in line for line in report.notes) is says_so


def test_labels_are_written_in_the_ids_of_the_project(folder, masks):
    folder.add_picture("a.png")
    report = bring(folder.open(), masks(a=9), categories=categories_of(SKY=9))
    assert report.images == 1
    assert label_of(folder, "a.png") == 7


def test_an_id_that_the_data_set_does_not_explain_is_refused(folder, masks):
    # The project's own category 7 is another matter: nothing says that the mask means it.
    folder.add_picture("a.png")
    report = bring(folder.open(), masks(a=7), categories=categories_of(bird=9))
    assert report.skipped == ["a.png: holds ids without a category: [7]"]
    assert label_of(folder, "a.png") is None


def test_ids_that_nothing_explains_are_those_of_the_project(folder, masks):
    for name in "abc":
        folder.add_picture(f"{name}.png")
    store = folder.open()
    before = store.project.categories
    report = bring(store, masks(a=7, b=3))
    assert (label_of(folder, "a.png"), label_of(folder, "b.png")) == (7, 3)
    assert store.project.categories == before
    assert report.notes == []


def test_unexplained_ids_that_the_project_lacks_become_new_categories_and_it_says_so(folder, masks):
    for name in "abc":
        folder.add_picture(f"{name}.png")
    store = folder.open()  # it has 1, 3 and 7, and once had 5
    report = bring(store, masks(a=7, b=5, c=9))
    assert [label_of(folder, f"{name}.png") for name in "abc"] == [7, 8, 9]
    assert [(c.id, c.name) for c in store.project.categories][3:] == [
        (8, "category 5"),
        (9, "category 9"),
    ]
    assert len(report.notes) == 1
    assert report.notes[0].endswith(
        "does not say what these ids mean; new categories: 5 → category 5 (8), 9 → category 9 (9)"
    )


def test_a_new_project_is_told_that_its_categories_have_no_names(other_folder, masks):
    other_folder.add_picture("a.png")
    report = bring(other_folder.open(), masks(a=4))
    assert report.notes[0].endswith("new categories: 4 → category 4 (4)")


# objects


def test_objects_that_stuff_cannot_keep_apart_are_counted(folder, masks):
    source = masks(a=7, b=1)
    numbers = np.ones(SHAPE, np.uint16)
    numbers[:, 10:], numbers[:, 20:] = 2, 3
    (source / "_instances").mkdir()
    for name in "ab":
        folder.add_picture(f"{name}.png")
        Image.fromarray(numbers).save(source / "_instances" / f"{name}.png")
    report = bring(folder.open(), source)  # 7 is stuff, 1 a thing
    assert report.notes == [
        "3 objects of sky were not kept apart: in the project it is stuff, not a thing"
    ]
    store = folder.open()
    assert store.load("a.png").instances is None
    assert np.unique(store.load("b.png").instances).tolist() == [1, 2, 3]


# twice


def test_the_same_import_again_changes_nothing_and_complains_of_nothing(folder, masks, bytes_of):
    source = masks(a=1, b=1)
    numbers = np.ones(SHAPE, np.uint16)
    numbers[:, 10:] = 2
    (source / "_instances").mkdir()
    Image.fromarray(numbers).save(source / "_instances" / "a.png")
    for name in "ab":
        folder.add_picture(f"{name}.png")
    assert bring(folder.open(), source).images == 2
    before = bytes_of(folder.path)
    report = bring(folder.open(), source)
    assert (report.images, report.unchanged, report.skipped) == (0, 2, [])
    assert bytes_of(folder.path) == before
    Image.fromarray(numbers[:, ::-1].copy()).save(source / "_instances" / "a.png")
    report = bring(folder.open(), source)  # other objects in the same labels
    assert (report.unchanged, len(report.skipped)) == (1, 1)


@pytest.mark.parametrize("replace", [False, True])
def test_two_records_of_one_image_are_named_and_the_first_one_counts(folder, masks, replace):
    folder.add_picture("sub/a.jpg")
    source = masks(a=1, sub__a=3)
    report = bring(folder.open(), source, replace=replace)
    assert (report.images, label_of(folder, "sub/a.jpg")) == (1, 1)
    assert report.skipped == ["sub/a: means sub/a.jpg, which a gave labels already"]
    with pytest.raises(ImportRefused, match="which a gave labels already"):
        bring(folder.open(), source, strict=True)


# a person's work


@pytest.mark.parametrize("status", [Status.CORRECTED, Status.REVIEWED])
def test_what_a_person_labelled_is_replaced_only_on_request(folder, masks, status):
    old = Annotation(np.full(SHAPE, 3, np.uint8), np.ones(SHAPE, bool), None, status)
    store = folder.labelled({"a.png": old})
    report = bring(store, masks(a=1), categories=categories_of(cat=1))
    assert "already has labels" in report.skipped[0] and report.kept == 1
    assert label_of(folder, "a.png") == 3
    bring(store, masks(a=1), categories=categories_of(cat=1), replace=True)
    assert label_of(folder, "a.png") == 1


def test_imported_labels_count_as_reviewed_and_as_a_persons(folder, masks):
    folder.add_picture("a.png")
    bring(folder.open(), masks(a=1), categories=categories_of(cat=1))
    found = folder.open().load("a.png")
    assert found.status is Status.REVIEWED
    assert found.painted.all()


def test_labels_of_another_size_are_refused_and_turned_ones_recognised(folder, masks):
    folder.add_picture("a.png", 9, 9)
    folder.add_picture("b.png", *SHAPE[::-1])
    report = bring(folder.open(), masks(a=1, b=1), categories=categories_of(cat=1))
    assert report.skipped == [
        "a.png: labels of 32 × 24 pixels, the image has 9 × 9",
        "b.png: labels of 32 × 24 pixels, the image has 24 × 32; height and width are exchanged",
    ]


def test_an_import_that_brings_nothing_adds_no_categories(folder, masks, bytes_of):
    folder.add_picture("a.png")
    store = folder.open()
    before = bytes_of(folder.path)
    report = bring(store, masks(b=1), categories=categories_of(bird=1))
    assert report.images == 0
    assert store.project.categories.named("bird") is None
    assert bytes_of(folder.path) == before


# strict, cancelled, impossible


def test_a_strict_import_changes_nothing_if_one_record_is_bad(folder, masks, bytes_of):
    folder.add_picture("a.png")
    store = folder.open()
    before = bytes_of(folder.path)
    with pytest.raises(ImportRefused, match=r"1 bad records, nothing was changed:\nb: no image"):
        bring(store, masks(a=1, b=1), categories=categories_of(new=1), strict=True)
    assert bytes_of(folder.path) == before
    bring(store, masks(a=1), categories=categories_of(cat=1))


def test_a_strict_import_of_sound_records_is_made(folder, masks):
    folder.add_picture("a.png")
    report = bring(folder.open(), masks(a=1), categories=categories_of(cat=1), strict=True)
    assert report.to_json() == {
        "images": 1,
        "unchanged": 0,
        "copied": 0,
        "kept": 0,
        "skipped": [],
        "problems": [],
        "notes": [],
    }


def test_cancelling_keeps_what_was_brought_in(folder, masks):
    for name in "ab":
        folder.add_picture(f"{name}.png")
    cancel = Cancel()
    with pytest.raises(Cancelled):
        bring(
            folder.open(),
            masks(a=1, b=1),
            categories=categories_of(cat=1),
            cancel=cancel,
            progress=lambda progress: cancel.set(),
        )
    assert (label_of(folder, "a.png"), label_of(folder, "b.png")) == (1, None)


def test_a_format_that_is_only_written_cannot_be_read(folder, tmp_path):
    folder.add_picture("a.png")
    with pytest.raises(ImportRefused, match="Nothing can be written but not read"):
        import_annotations(folder.open(), Format("x", "Nothing", None, None), tmp_path)
