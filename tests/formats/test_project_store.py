"""The project on disk: what was acknowledged is there, and never half of anything."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import replace
from itertools import count, product

import numpy as np
import pytest
from PIL import Image

from seglabel.core.categories import CategorySet
from seglabel.core.errors import (
    ImageError,
    LabelError,
    ProjectError,
    ProjectFormatError,
    SegLabelError,
)
from seglabel.core.proposal import Proposal
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.atomic import WriteError
from seglabel.formats.layout import stored_name
from seglabel.formats.project_store import ProjectStore

SHAPE = (24, 32)


def annotation(seed: int, *, instances: bool = False, status=Status.CORRECTED) -> Annotation:
    """Labels in which every pixel tells the seed."""
    noise = np.random.default_rng(seed)
    return Annotation(
        np.full(SHAPE, seed, np.uint8),
        noise.random(SHAPE) < 0.5,
        np.full(SHAPE, seed, np.uint16) if instances else None,
        status,
    )


def proposal(value: int, shape=SHAPE) -> Proposal:
    confidence = np.full((6, 8), 0.5, np.float16)
    return Proposal(
        np.full(shape, value, np.uint8), confidence, 1 - confidence, "model", "model digest"
    )


def same(found: Annotation | None, wanted: Annotation | None) -> bool:
    if found is None or wanted is None:
        return found is wanted
    planes = zip(
        (found.labels, found.painted, found.instances),
        (wanted.labels, wanted.painted, wanted.instances),
        strict=True,
    )
    return found.status == wanted.status and all(
        (a is None) == (b is None) and np.array_equal(a, b) for a, b in planes
    )


def everything_below(path) -> dict[str, bytes | None]:
    return {
        str(one.relative_to(path)): one.read_bytes() if one.is_file() else None
        for one in path.rglob("*")
        if one.name != "lock.json"  # which says since when it is open
    }


# saving and finding again


@pytest.mark.parametrize("instances", [False, True])
def test_what_was_saved_is_there_after_a_restart(folder, instances):
    wanted = annotation(3, instances=instances, status=Status.REVIEWED)
    folder.labelled({"sub dir/ü 泡.png": wanted})
    store = folder.open()
    assert same(store.load("sub dir/ü 泡.png"), wanted)
    record = store.project.records["sub dir/ü 泡.png"]
    assert (record.status, record.revision) == (Status.REVIEWED, 1)
    assert (record.height, record.width) == SHAPE
    assert record.digest == store.digest("sub dir/ü 泡.png")


def test_opening_a_folder_writes_nothing(folder):
    folder.add_picture("a.png")
    before = everything_below(folder.path)
    folder.open()
    assert everything_below(folder.path) == before


def test_opening_a_project_writes_nothing(folder):
    folder.labelled({"a.png": annotation(1, instances=True)})
    before = everything_below(folder.path)
    store = folder.open()
    store.load("a.png")
    assert everything_below(folder.path) == before


def test_every_save_raises_the_revision_and_no_other_images(folder):
    store = folder.labelled({"a.png": annotation(1), "b.png": annotation(1)})
    for seed in (2, 3, 4):
        store.save("a.png", annotation(seed))
    records = folder.open().project.records
    assert records["a.png"].revision == 4
    assert records["b.png"].revision == 1


def test_instances_that_are_gone_from_a_save_are_gone_from_the_disk(folder):
    store = folder.labelled({"a.png": annotation(1, instances=True)})
    path = store.root / "instances" / "a.png.png"
    assert np.array_equal(np.array(Image.open(path), np.uint16), np.full(SHAPE, 1, np.uint16))
    store.save("a.png", annotation(2))
    assert not path.exists()
    assert folder.open().load("a.png").instances is None


def test_labels_on_disk_are_an_indexed_png_that_anybody_can_read(folder):
    store = folder.labelled({"sub/a.png": annotation(7)})
    with Image.open(store.root / "labels" / "sub" / "a.png.png") as image:
        assert image.mode == "P"
        assert (np.array(image) == 7).all()


def test_names_that_differ_in_suffix_or_folder_alone_never_meet(folder):
    names = ["a.png", "a.jpg", "x/a.png", "y/a.png"]
    wanted = {name: annotation(seed) for seed, name in enumerate(names, start=1)}
    folder.labelled(wanted)
    store = folder.open()
    assert all(same(store.load(name), wanted[name]) for name in names)


@pytest.mark.parametrize("name", ["n" * 240 + ".png", "ü" * 120 + ".png"])
def test_names_as_long_as_the_disk_allows_can_be_labelled(folder, name):
    twin = name[:-5] + "!.png"
    wanted = {name: annotation(1, instances=True), twin: annotation(2, instances=True)}
    store = folder.labelled(wanted)
    store.save_proposal(name, proposal(1), "digest")
    store = folder.open()
    assert all(same(store.load(one), wanted[one]) for one in wanted)
    assert len(stored_name(name).encode()) <= 200


def test_the_project_knows_whose_the_files_of_a_cut_name_are(folder):
    names = ["n" * 240 + f"{end}.png" for end in "ab"] + ["\udcff" * 220 + ".png"]
    store = folder.labelled({name: annotation(1) for name in ("short.png", *names[:2])})
    store.project.cut_names[stored_name(names[2])] = names[2]  # as old systems named files
    store.save_project()
    (folder.path / names[0]).unlink()  # its labels stay, and one can still tell whose they are
    assert folder.open().project.cut_names == {stored_name(name): name for name in names}


def test_a_project_may_lie_elsewhere(folder, tmp_path):
    folder.add_picture("a.png")
    before = everything_below(folder.path)
    folder.open(tmp_path / "elsewhere").save("a.png", annotation(1))
    assert same(folder.open(tmp_path / "elsewhere").load("a.png"), annotation(1))
    assert everything_below(folder.path) == before


def test_the_files_of_a_project_are_no_images_of_its_folder(folder):
    folder.add_picture("a.png")
    root = folder.path / "project"
    folder.open(root).save("a.png", annotation(1))
    assert folder.open(root).project.names == ("a.png",)
    with pytest.raises(ProjectError, match="cannot be its own image folder"):
        folder.open(folder.path)


def test_an_image_that_is_gone_does_not_take_its_labels_with_it(folder):
    folder.add_picture("a.png")
    store = folder.open()
    (folder.path / "a.png").unlink()
    store.save("a.png", annotation(1))
    with pytest.raises(ImageError):
        store.read_image("a.png")
    folder.add_picture("a.png")
    assert same(folder.open().load("a.png"), annotation(1))


def test_the_record_of_a_missing_image_waits_until_it_is_back(folder):
    folder.labelled({"a.png": annotation(1), "b.png": annotation(2)})
    (folder.path / "a.png").rename(folder.path.parent / "away.png")
    store = folder.open()
    assert store.project.names == ("b.png",)
    store.save("b.png", annotation(3))
    (folder.path.parent / "away.png").rename(folder.path / "a.png")
    assert folder.open().project.records["a.png"].status is Status.CORRECTED


def test_an_image_that_came_later_can_be_noted_and_labelled(folder):
    folder.add_picture("a.png")
    store = folder.open()
    with pytest.raises(ProjectError, match=r"b\.png: not an image of this project"):
        store.save("b.png", annotation(1))
    folder.add_picture("b.png")
    store.add_image("b.png")
    store.save("b.png", annotation(1))
    assert same(folder.open().load("b.png"), annotation(1))


def test_categories_and_settings_are_kept(folder):
    folder.add_picture("a.png")
    store = folder.open()
    store.project.settings["model"] = "mein Modell 泡"
    store.save_project()
    found = folder.open().project
    assert found.categories == store.project.categories
    assert found.settings == {"model": "mein Modell 泡"}


def test_why_a_run_failed_is_remembered_until_it_succeeds(folder):
    folder.add_picture("a.png")
    folder.open().record_error("a.png", "out of memory")
    store = folder.open()
    assert store.project.records["a.png"].error == "out of memory"
    assert store.project.records["a.png"].status is Status.EMPTY
    store.keep_proposal("a.png", proposal(1), "digest")
    assert folder.open().project.records["a.png"].error == ""


# proposals


def test_a_proposal_becomes_the_labels_of_an_untouched_image(folder):
    folder.add_picture("a.png")
    folder.open().save_proposal("a.png", proposal(3), "digest")
    store = folder.open()
    assert same(
        store.load("a.png"),
        Annotation(np.full(SHAPE, 3, np.uint8), np.zeros(SHAPE, bool), None, Status.PROPOSED),
    )
    record = store.project.records["a.png"]
    assert (record.model, record.model_digest, record.digest) == ("model", "model digest", "digest")
    assert record.confidence == 0.5
    store.save_proposal("a.png", proposal(7), "digest")
    assert (folder.open().load("a.png").labels == 7).all()


@pytest.mark.parametrize("status", [Status.CORRECTED, Status.REVIEWED])
def test_a_proposal_never_replaces_a_persons_labels(folder, status):
    store = folder.labelled({"a.png": annotation(1, status=status)})
    store.save_proposal("a.png", proposal(9), "digest")
    assert same(folder.open().load("a.png"), annotation(1, status=status))
    assert (folder.open().load_proposal("a.png").labels == 9).all()


def test_keeping_a_proposal_leaves_the_labels_alone(folder):
    store = folder.labelled({"a.png": annotation(1, status=Status.PROPOSED)})
    store.keep_proposal("a.png", proposal(9), "digest")
    assert (folder.open().load("a.png").labels == 1).all()
    assert folder.open().load_proposal("b.png") is None


def test_models_describe_an_image_without_changing_anything_else_of_it(folder):
    folder.add_picture("a.png")
    store = folder.open()
    described = replace(proposal(9), descriptor=np.array([0.6, 0.8], np.float16))
    store.save_proposal("a.png", described, "digest")
    before = store.project.records["a.png"]
    store.keep_descriptor("a.png", "newer", np.array([1, 0], np.float16))
    found = folder.open().load_descriptors("a.png")
    assert {digest: list(vector) for digest, vector in found.items()} == {
        described.model_digest: [np.float16(0.6), np.float16(0.8)],
        "newer": [1, 0],
    }
    assert folder.open().project.records["a.png"] == before
    assert (folder.open().load_proposal("a.png").labels == 9).all()


def test_the_record_says_which_category_a_proposal_is_least_sure_of(folder):
    folder.add_picture("a.png")
    store = folder.open()
    store.save_proposal("a.png", proposal(9), "digest")
    record = folder.open().project.records["a.png"]
    assert record.doubted == 9
    assert record.doubted_uncertainty == pytest.approx(proposal(9).mean_uncertainty, abs=1e-3)


def test_the_first_proposal_of_a_new_project_keeps_its_categories_too(folder):
    folder.add_picture("a.png")
    store = folder.open()
    store.keep_proposal("a.png", proposal(9), "digest")
    assert ProjectStore.open(folder.path).project.categories == store.project.categories


def write_foreign_labels(store: ProjectStore, name: str, value: int) -> None:
    path = store.root / "labels" / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full(SHAPE, value, np.uint8)).save(path)


def test_labels_of_another_program_are_a_persons_work(folder):
    folder.add_picture("a.png")
    write_foreign_labels(folder.open(), "a.png", 3)
    store = folder.open()
    assert store.project.records["a.png"].status is Status.CORRECTED
    store.save_proposal("a.png", proposal(9), "digest")
    found = folder.open().load("a.png")
    assert (found.labels == 3).all()
    assert found.painted.all()


def test_labels_that_another_program_writes_meanwhile_are_safe_from_proposals(folder):
    folder.add_picture("a.png")
    store = folder.open()
    store.save_proposal("a.png", proposal(1), "digest")
    write_foreign_labels(store, "a.png", 3)
    store.save_proposal("a.png", proposal(9), "digest")
    assert (folder.open().load("a.png").labels == 3).all()


def test_without_its_log_a_project_still_knows_who_labelled_what(folder):
    store = folder.labelled({"a.png": annotation(1, status=Status.REVIEWED)})
    store.save("a.png", annotation(2, status=Status.REVIEWED))
    (store.root / "images.jsonl").unlink()
    record = folder.open().project.records["a.png"]
    assert (record.status, record.revision, record.height) == (Status.REVIEWED, 2, SHAPE[0])


def test_a_proposal_does_not_replace_labels_that_cannot_be_read(folder):
    store = folder.labelled({"a.png": annotation(1)})
    path = store.root / "labels" / "a.png.png"
    damaged = path.read_bytes()[:20]
    path.write_bytes(damaged)
    with pytest.raises(LabelError, match=r"a\.png\.png: damaged"):
        store.save_proposal("a.png", proposal(9), "digest")
    assert path.read_bytes() == damaged


# failures and crashes

NAME = "a.png"


@pytest.mark.parametrize("lasting", [False, True])
@pytest.mark.parametrize(("old_instances", "new_instances"), list(product([False, True], repeat=2)))
def test_a_save_that_fails_anywhere_leaves_the_old_state_or_the_new(
    folder, faults, lasting, old_instances, new_instances
):
    old = annotation(1, instances=old_instances, status=Status.PROPOSED)
    new = annotation(2, instances=new_instances, status=Status.REVIEWED)
    store = folder.labelled({NAME: old})
    for number in count(1):
        store = folder.open()
        store.save(NAME, old)
        with faults.at(number, lasting=lasting):
            try:
                store.save(NAME, new)
                acknowledged = True
            except WriteError:
                acknowledged = False
        reopened = folder.open()
        found = reopened.load(NAME)
        assert same(found, new) or (same(found, old) and not acknowledged)
        assert reopened.project.records[NAME].status == found.status
        if not faults.struck:
            break
    assert number > 8


def test_a_second_failure_after_a_first_one_mixes_nothing(folder, faults):
    states = [annotation(seed, instances=True) for seed in (1, 2, 3)]
    folder.labelled({NAME: states[0]})
    for first, second in product(range(6, 16), range(2, 12, 2)):
        folder.open().save(NAME, states[0])
        store = folder.open()
        for number, state in ((first, states[1]), (second, states[2])):
            with faults.at(number), suppress(WriteError):
                store.save(NAME, state)
        found = folder.open().load(NAME)
        assert any(same(found, state) for state in states), (first, second)


def test_after_a_failed_save_the_next_one_succeeds(folder, faults):
    store = folder.labelled({NAME: annotation(1, instances=True)})
    for number in count(1):
        with faults.at(number):
            try:
                store.save(NAME, annotation(2, instances=True))
            except WriteError as error:
                assert str(store.root) in str(error)
        if not faults.struck:
            break
        store.save(NAME, annotation(3))
        assert same(folder.open().load(NAME), annotation(3))


def test_after_two_failed_saves_no_labels_are_taken_for_somebody_elses(folder, faults):
    # The first fails with its labels already in place, the second before its own are.
    folder.labelled({NAME: annotation(1, instances=True)})
    for first, second in product(range(6, 16), range(2, 12, 2)):
        store = folder.open()
        for number, seed in ((first, 2), (second, 3)):
            with faults.at(number), suppress(WriteError):
                store.save(NAME, annotation(seed, instances=True))
        store.save(NAME, annotation(4))
        assert same(folder.open().load(NAME), annotation(4)), (first, second)


def test_a_proposal_that_was_cut_short_is_not_taken_for_done(folder, faults):
    folder.add_picture(NAME)
    for number in count(1):
        with faults.at(number, lasting=True), suppress(WriteError):
            folder.open().save_proposal(NAME, proposal(5), "digest")
        if not faults.struck:
            break
        store = folder.open()
        if store.project.records[NAME].model_digest:
            assert (store.load(NAME).labels == 5).all()
    assert folder.open().project.records[NAME].model_digest == "model digest"


def test_what_interrupted_writes_left_is_swept_when_the_project_is_opened(folder):
    store = folder.labelled({NAME: annotation(1)})
    stray = store.root / "labels" / ".tmp-0123456789ab"
    stray.write_bytes(b"half a label map")
    os.utime(stray, (0, 0))  # left by a crash long ago
    folder.open()
    assert not stray.exists()


def test_labels_without_their_instances_are_an_error_and_no_guess(folder):
    store = folder.labelled({NAME: annotation(1, instances=True)})
    path = store.root / "instances" / f"{NAME}.png"
    other = folder.labelled({"b.png": annotation(2, instances=True)})
    path.write_bytes((other.root / "instances" / "b.png.png").read_bytes())
    with pytest.raises(LabelError, match=r"a\.png\.png: not the instances that were saved"):
        store.load(NAME)
    path.unlink()
    with pytest.raises(LabelError, match="not the instances"):
        store.load(NAME)


def test_a_damaged_label_file_is_named_and_does_not_close_the_project(folder):
    store = folder.labelled({NAME: annotation(1), "b.png": annotation(2)})
    path = store.root / "labels" / f"{NAME}.png"
    path.write_bytes(path.read_bytes()[:50])
    store = folder.open()
    with pytest.raises(LabelError, match=r"labels/a\.png\.png: damaged"):
        store.load(NAME)
    assert same(store.load("b.png"), annotation(2))


GOOD = {"schema": 1, "settings": {}, "categories": []}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "expected JSON"),
        (b'{"schema": 1', "expected JSON"),
        (b"\xff\xfe", "expected JSON"),
        (b"[" * 100_000, "expected JSON"),
        (b"[]", "expected an object, found list"),
        (b"{}", "expected schema 2, found None"),
        (json.dumps({**GOOD, "schema": 3}).encode(), "found 3; a newer seglabel wrote it"),
        (json.dumps({**GOOD, "settings": []}).encode(), "settings: expected an object"),
        (json.dumps({"schema": 1}).encode(), "categories: expected an object with a list"),
        (
            json.dumps(
                {**GOOD, "categories": [{"id": 255, "name": "x", "color": "#000000"}]}
            ).encode(),
            r"categories\[0\]\.id: 255 is reserved for void",
        ),
    ],
)
def test_a_corrupt_project_file_is_refused_and_left_as_it_is(folder, content, complaint):
    store = folder.labelled({NAME: annotation(1)})
    path = store.root / "project.json"
    path.write_bytes(content)
    with pytest.raises(ProjectFormatError, match=rf"project\.json: .*{complaint}"):
        folder.open()
    assert path.read_bytes() == content


def test_a_folder_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(SegLabelError, match="nowhere"):
        ProjectStore.open(tmp_path / "nowhere")


def test_a_new_project_has_no_categories_yet(other_folder):
    other_folder.add_picture(NAME)
    assert other_folder.open().project.categories == CategorySet()


@pytest.mark.parametrize("limit", ["Infinity", "NaN", "-1", '"5"', "null"])
def test_a_pixel_limit_that_makes_no_sense_is_none(tmp_path, limit):
    root = tmp_path / ".seglabel"
    root.mkdir()
    text = f'{{"schema": 1, "categories": [], "settings": {{"pixel_limit": {limit}}}}}'
    (root / "project.json").write_text(text)
    assert ProjectStore.read(tmp_path).pixel_limit is None
