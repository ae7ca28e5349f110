from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seglabel.core.cancel import Cancel
from seglabel.core.categories import CategorySet
from seglabel.core.errors import Cancelled, ImageError, SegLabelError
from seglabel.core.geometry import Region
from seglabel.core.instances import find_instances
from seglabel.core.progress import Progress
from seglabel.core.proposal import Proposal
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.categories_file import read_categories
from seglabel.formats.label_png import read_label_file
from seglabel.formats.masks import mask_names
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.registry import formats
from seglabel.jobs.demo_cells import CELL_CATEGORIES, draw_cells
from seglabel.jobs.engines.local import predict
from seglabel.jobs.importing import import_annotations
from seglabel.jobs.predict import part_of, select
from seglabel.jobs.sinks import ProjectSink, begin_folder


def folder_sink(target, store):
    project = store.project
    return begin_folder(target, store, mask_names(project.names), project.categories)


def run(store, model, only="untouched", sink=None, **choices):
    names = select(store.project.records.values(), only)
    return predict(store, names, model, sink or ProjectSink(store), **choices)


def test_touching_things_are_told_apart_where_that_is_wanted(tmp_path, proposer) -> None:
    drawn = draw_cells(30, 5)
    Image.fromarray(drawn.picture).save(tmp_path / "cells.png")
    store = ProjectStore.open(tmp_path)
    store.project.categories = CELL_CATEGORIES
    store.save_project()

    model = proposer()
    model.propose = lambda image, cancel=None: Proposal(
        drawn.labels, np.ones((1, 1), np.float16), np.zeros((1, 1), np.float16), "fake", "digest"
    )
    model.digest, model.categories = "digest", CELL_CATEGORIES
    names = store.project.names
    together = predict(store, names, model, ProjectSink(store))
    assert together.proposed == 1
    assert store.load("cells.png").instances is None
    apart = predict(store, names, model, ProjectSink(store, separates=True))
    assert apart.proposed == 1  # they are not the same proposals
    instances = store.load("cells.png").instances
    found = find_instances(drawn.labels, instances, CELL_CATEGORIES)
    assert len(found) >= 0.85 * int(drawn.instances.max())
    assert len(found) > len(find_instances(drawn.labels, None, CELL_CATEGORIES))
    assert predict(store, names, model, ProjectSink(store, separates=True)).skipped == 1


def test_every_untouched_image_gets_a_proposal(store, images, proposer) -> None:
    report = run(store, proposer())
    assert (report.proposed, report.skipped, report.failed) == (4, 0, [])
    again = ProjectStore.open(images)
    for name, record in again.project.records.items():
        assert record.status is Status.PROPOSED
        assert record.model == "colours"
        assert record.model_digest.startswith("c0-")  # what follows names the categories
        assert record.confidence == 0.75
        annotation = again.load(name)
        assert np.unique(annotation.labels[:, :10]).tolist() == [3]
        assert np.unique(annotation.labels[:, 10:]).tolist() == [8]
        assert not annotation.painted.any()  # nobody decided anything yet


def test_no_image_file_is_changed(store, images, proposer, bytes_of) -> None:
    before = bytes_of(images)
    run(store, proposer())
    assert bytes_of(images) == before


def test_a_bad_image_does_not_stop_the_run(store, images, proposer, damage) -> None:
    damage("b.png")
    told: list[Progress] = []
    report = run(store, proposer(), progress=told.append)
    assert report.proposed == 3
    assert len(report.failed) == 1
    assert "b.png" in report.failed[0]
    assert [p.done for p in told] == [1, 2, 3, 4]
    assert [p.name for p in told if p.error] == ["b.png"]
    record = ProjectStore.open(images).project.records["b.png"]
    assert record.status is Status.EMPTY
    assert "b.png" in record.error


def test_a_model_that_breaks_on_one_image_does_not_stop_the_run(store, proposer) -> None:
    class Fragile(proposer):
        def propose(self, image, cancel=None):
            if self.pictures == 1:
                self.pictures += 1
                raise RuntimeError("out of memory")
            return super().propose(image, cancel)

    report = run(store, Fragile())
    assert report.proposed == 3
    assert report.failed == ["b.png: RuntimeError: out of memory"]
    assert store.project.records["b.png"].error == report.failed[0]


def test_a_reason_that_names_no_image_gets_its_name(store, proposer) -> None:
    class Refusing(proposer):
        def propose(self, image, cancel=None):
            raise SegLabelError("scores are not finite")

    report = run(store, Refusing())
    assert report.failed[1] == "b.png: scores are not finite"


def test_a_mended_image_loses_its_error(store, images, proposer, damage, picture) -> None:
    damage("b.png")
    run(store, proposer())
    Image.fromarray(picture()).save(images / "b.png")
    assert run(store, proposer()).proposed == 1
    assert store.project.records["b.png"].error == ""


def test_a_second_run_skips_what_is_done(store, images, proposer) -> None:
    run(store, proposer())
    model = proposer()
    report = run(ProjectStore.open(images), model)
    assert (report.proposed, report.skipped) == (0, 4)
    assert model.pictures == 0


def test_another_model_proposes_anew(store, proposer) -> None:
    run(store, proposer())
    report = run(store, proposer(digest="c1"))
    assert (report.proposed, report.skipped) == (4, 0)
    assert store.project.records["a.png"].model_digest.startswith("c1-")


def test_a_category_that_was_missing_is_proposed_once_it_is_there(store, proposer) -> None:
    store.project.categories = store.project.categories.without(8)
    run(store, proposer())
    assert not (store.load("b.png").labels[:, 10:]).any()
    store.project.categories, blue = store.project.categories.with_new("blue")
    assert run(store, proposer()).proposed == 4
    assert (store.load("b.png").labels[:, 10:] == blue.id).all()
    store.project.categories, _ = store.project.categories.with_new("of no concern to the model")
    assert run(store, proposer()).skipped == 4


def test_an_image_whose_proposal_was_cleared_is_proposed_again(store, proposer) -> None:
    run(store, proposer())
    blank = np.zeros((12, 20), np.uint8)
    store.save("b.png", Annotation(blank, blank.astype(bool), None, Status.EMPTY))
    report = run(store, proposer())
    assert (report.proposed, report.skipped) == (1, 3)


def test_an_image_with_other_bytes_is_proposed_anew(store, images, proposer) -> None:
    run(store, proposer())
    Image.fromarray(np.zeros((5, 6, 3), np.uint8)).save(images / "a.png")
    report = run(store, proposer())
    assert (report.proposed, report.skipped) == (1, 3)
    assert store.load("a.png").labels.shape == (5, 6)


@pytest.mark.parametrize("status", [Status.CORRECTED, Status.REVIEWED])
def test_a_persons_labels_are_never_replaced(store, proposer, label, status) -> None:
    label(store, ["a.png"], 8, status=status)
    report = run(store, proposer(), "all")
    assert report.proposed == 4
    annotation = store.load("a.png")
    assert (annotation.labels == 8).all()
    assert annotation.status is status
    # What the model thinks of it is kept beside it.
    assert (store.load_proposal("a.png").labels[:, :10] == 3).all()


def test_pixels_of_locked_categories_keep_their_labels(store, proposer) -> None:
    name = next(iter(store.project.records))
    run(store, proposer(), only="all")
    before = store.load(name).labels
    locked = int(before[0, 0])
    store.project.settings["locked"] = [locked]
    other = replace(store.load_proposal(name), labels=np.full_like(before, 8))
    store.save_proposal(name, other, "another")
    after = store.load(name).labels
    assert (
        np.array_equal(after == locked, before == locked) and (after[before != locked] == 8).all()
    )


def test_only_says_which_images_are_meant(store, proposer, label) -> None:
    label(store, ["a.png"])
    label(store, ["b.png"], status=Status.CORRECTED)
    predict(store, ["deep/a.png"], proposer(), ProjectSink(store))
    records = store.project.records.values()
    assert select(records, "untouched") == ["deep/a.png", "deep/c.png"]
    assert select(records, "empty") == ["deep/c.png"]
    assert select(records, "proposed") == ["deep/a.png"]
    assert select(records, "all") == ["a.png", "b.png", "deep/a.png", "deep/c.png"]


def test_cancelling_keeps_what_is_done_and_the_next_run_goes_on_from_there(
    store, images, proposer
) -> None:
    cancel = Cancel()
    with pytest.raises(Cancelled):
        run(store, proposer(), cancel=cancel, progress=lambda p: p.done == 2 and cancel.set())
    again = ProjectStore.open(images)
    done = again.project.with_status(Status.PROPOSED)
    assert done == ("a.png", "b.png")
    report = run(again, proposer())
    assert (report.proposed, report.skipped) == (2, 2)


def test_whoever_shares_the_model_gets_a_turn_before_each_image(store, proposer) -> None:
    turns: list[int] = []
    model = proposer()
    run(store, model, between=lambda: turns.append(model.pictures))
    assert turns == [0, 1, 2, 3]


# categories


def test_categories_are_matched_by_name_whatever_their_ids_and_case(store, proposer) -> None:
    report = run(store, proposer(CategorySet.of("Blue", " RED ")))  # what it calls red is "Blue"
    assert report.unmapped == {}
    assert np.unique(store.load("a.png").labels[:, :10]).tolist() == [8]


def test_pixels_without_a_category_in_the_project_are_counted_by_name(store, proposer) -> None:
    report = run(store, proposer(CategorySet.of("red", "sea")))
    assert report.unmapped == {"sea": 4 * 12 * 10}
    labels = store.load("a.png").labels
    assert np.unique(labels[:, :10]).tolist() == [3]
    assert np.unique(labels[:, 10:]).tolist() == [0]
    assert report.to_json()["unmapped_pixels"] == {"sea": 480}


# plain PNGs


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_plain_pngs_are_named_as_the_images_and_hold_the_ids(store, out, proposer) -> None:
    report = run(store, proposer(), sink=folder_sink(out, store))
    assert report.proposed == 4
    files = sorted(p.relative_to(out).as_posix() for p in out.rglob("*.png"))
    assert files == ["a.png", "b.png", "deep/a.png", "deep/c.png"]
    assert read_label_file(out / "deep/c.png").labels()[0].tolist() == [3] * 10 + [8] * 10
    assert read_categories(out / "categories.txt") == store.project.categories
    # The project itself stays as it was.
    assert store.project.with_status(Status.EMPTY) == store.project.names


def test_images_that_differ_in_their_suffix_alone_get_a_png_each(
    store, images, out, proposer
) -> None:
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(images / "a.jpg")
    store = ProjectStore.open(images)
    run(store, proposer(), sink=folder_sink(out, store))
    assert {p.name for p in out.glob("*.png")} == {"a.jpg.png", "a.png.png", "b.png"}


def test_plain_pngs_are_resumed_and_redone_like_proposals_in_a_project(
    store, images, out, proposer
) -> None:
    def again(model) -> tuple[int, int]:
        report = run(store, model, sink=folder_sink(out, store))
        return report.proposed, report.skipped

    assert again(proposer()) == (4, 0)
    assert again(proposer()) == (0, 4)
    assert again(proposer(digest="c1")) == (4, 0)
    Image.fromarray(np.zeros((5, 6, 3), np.uint8)).save(images / "a.png")
    (out / "b.png").unlink()
    whole = (out / "deep/a.png").read_bytes()
    (out / "deep/a.png").write_bytes(whole[:-16])
    assert again(proposer(digest="c1")) == (3, 1)


@pytest.mark.parametrize("target", [".", "deep/..", "deep", "new"])
def test_plain_pngs_never_become_images_of_the_project(store, images, bytes_of, target) -> None:
    before = bytes_of(images)
    with pytest.raises(SegLabelError, match="lies in the image folder"):
        folder_sink(images / target, store)
    assert bytes_of(images) == before


@pytest.mark.parametrize("content", [b"", b"no PNG", None])
def test_labels_that_somebody_else_made_are_never_overwritten(
    store, out, bytes_of, content
) -> None:
    mine = out / "deep" / "c.png"
    mine.parent.mkdir(parents=True)
    Image.fromarray(np.ones((12, 20), np.uint8)).save(mine)  # by hand, in another program
    if content is not None:
        mine.write_bytes(content)
    before = bytes_of(out)
    with pytest.raises(SegLabelError, match=r"deep/c\.png: was not written by predict"):
        folder_sink(out, store)
    assert bytes_of(out) == before


def test_proposals_made_elsewhere_come_in_past_what_changed_and_what_is_a_persons(
    store, images, out, proposer, label
) -> None:
    run(store, proposer(), "all", folder_sink(out, store))
    changed, mine, *others = store.project.names
    size = Image.open(images / changed).size
    Image.new("RGB", size, "green").save(images / changed)
    label(store, [mine], 3, status=Status.CORRECTED)
    for _ in range(2):  # delivered twice, it comes in once
        report = import_annotations(store, formats()["masks"], out)
        skipped = sorted(report.skipped)
        assert len(skipped) == 2
        assert any(changed in one and "changed since" in one for one in skipped)
        assert any(mine in one and "already has labels" in one for one in skipped)
    assert report.images == 0 and report.unchanged == len(others)
    again = ProjectStore.read(images)
    assert again.load(changed) is None
    assert (again.load(mine).labels == 3).all() and again.load(mine).status is Status.CORRECTED
    for name in others:
        assert set(np.unique(again.load(name).labels)) == {3, 8}


def test_a_list_of_other_categories_is_never_overwritten(store, out, bytes_of) -> None:
    out.mkdir()
    (out / "categories.txt").write_text("background\nroad\n")
    before = bytes_of(out)
    with pytest.raises(SegLabelError, match=r"categories\.txt: lists other categories"):
        folder_sink(out, store)
    assert bytes_of(out) == before


def test_a_folder_of_pngs_that_is_a_link_to_the_images_is_seen_through(
    store, images, tmp_path, bytes_of
) -> None:
    link, links = tmp_path / "link", tmp_path / "links"
    links.mkdir()
    try:
        link.symlink_to(images, target_is_directory=True)
        (links / "a.png").symlink_to(images / "a.png")
    except OSError:
        pytest.skip("this system makes no links for ordinary people")
    before = bytes_of(images)
    for target in (link, links):
        with pytest.raises(SegLabelError, match="choose another"):
            folder_sink(target, store)
    assert bytes_of(images) == before


def test_a_report_says_how_fast_it_went(store, proposer) -> None:
    report = run(store, proposer())
    assert report.seconds > 0
    assert report.images_per_second == pytest.approx(4 / report.seconds)
    assert run(store, proposer(), "empty").images_per_second == 0


def test_every_image_is_in_exactly_one_part() -> None:
    names = [f"{n}.png" for n in range(100)]
    parts = [part_of(names, part, 3) for part in (1, 2, 3)]
    assert sorted(name for part in parts for name in part) == sorted(names)
    assert all(len(part) > 15 for part in parts)
    assert part_of(names, 1, 1) == names


def test_a_part_stays_the_same_when_other_images_are_done() -> None:
    names = [f"{n}.png" for n in range(100)]
    assert set(part_of(names[50:], 2, 3)) == set(part_of(names, 2, 3)) & set(names[50:])


# large pictures


def test_large_pictures_are_handed_over_unread_and_closed_afterwards(
    store, proposer, monkeypatch
) -> None:
    monkeypatch.setattr("seglabel.jobs.predict._READ_AHEAD", 100)
    handed = []

    class ReadsParts(proposer):
        def propose(self, image, cancel=None):
            handed.append(image)
            return super().propose(image.read(Region.whole(image.shape)), cancel)

    assert run(store, ReadsParts()).proposed == 4
    assert len(handed) == 4
    for picture in handed:
        with pytest.raises(ImageError, match="was closed"):
            picture.read(Region(0, 0, 1, 1))


def test_a_large_picture_that_is_damaged_inside_does_not_stop_the_run(
    store, proposer, images, monkeypatch
) -> None:
    monkeypatch.setattr("seglabel.jobs.predict._READ_AHEAD", 100)

    class ReadsParts(proposer):
        def propose(self, image, cancel=None):
            return super().propose(image.read(Region.whole(image.shape)), cancel)

    path = images / "b.png"
    data = path.read_bytes()
    path.write_bytes(data[: len(data) - 20])
    report = run(store, ReadsParts())
    assert report.proposed == 3
    assert "b.png: damaged" in report.failed[0]


def in_batches(proposer, breaks: frozenset[int] = frozenset()):
    """A model that wants two pictures of a shape at a time, and remembers what it was given."""

    class Batching(proposer):
        batch_size = 2

        def __init__(self):
            super().__init__()
            self.together = []

        def propose_batch(self, images, cancel=None):
            self.together.append(len(images))
            if len(self.together) in breaks:
                raise RuntimeError("of these, one is bad")
            return [self.propose(image, cancel) for image in images]

    return Batching()


def test_pictures_of_one_shape_are_proposed_together_in_the_same_labels(
    store, images, proposer
) -> None:
    model = in_batches(proposer)
    report = run(store, model)
    assert report.proposed == 4
    assert model.together == [2, 2]
    expected = {name: store.load(name).labels for name in store.project.names}
    run(store, proposer(digest="c1"))
    for name, labels in expected.items():
        assert np.array_equal(store.load(name).labels, labels)


def test_a_bad_picture_in_a_batch_takes_no_other_with_it(store, proposer) -> None:
    model = in_batches(proposer, breaks=frozenset({1, 2}))
    report = run(store, model)
    assert report.proposed == 4
    assert report.failed == []


@pytest.mark.parametrize("change", ["fewer", "shape", "nan"])
def test_a_batch_that_comes_back_wrong_is_done_one_by_one_and_counted_once(
    store, proposer, change
) -> None:
    class Wrong(type(in_batches(proposer))):
        def propose_batch(self, images, cancel=None):
            found = super().propose_batch(images, cancel)
            if change == "fewer":
                return found[:-1]
            bad = {"labels": found[-1].labels[1:]}
            if change == "nan":
                bad = {"uncertainty_grid": np.full((3, 5), np.nan, np.float16)}
            return [*found[:-1], replace(found[-1], **bad)]

    told = []
    report = run(store, Wrong(), progress=told.append)
    assert (report.proposed, report.failed) == (4, [])
    assert sorted(step.name for step in told) == sorted(store.project.names)


def test_a_proposal_that_does_not_fit_its_image_marks_it_and_the_run_goes_on(
    store, proposer
) -> None:
    class Narrow(proposer):
        def propose(self, image, cancel=None):
            found = super().propose(image, cancel)
            return replace(found, labels=found.labels[:, 1:]) if self.is_first() else found

        def is_first(self) -> bool:
            self.seen = getattr(self, "seen", 0) + 1
            return self.seen == 1

    report = run(store, Narrow())
    assert report.proposed == 3 and len(report.failed) == 1
    name = store.project.names[0]
    assert "expected labels uint8" in store.project.records[name].error
    assert store.load(name) is None


def test_a_batch_never_holds_what_is_damaged_or_done(store, images, proposer, damage) -> None:
    damage("b.png")
    model = in_batches(proposer)
    report = run(store, model)
    assert report.proposed == 3
    assert len(report.failed) == 1
    assert run(store, in_batches(proposer)).skipped == 3


def test_keeping_a_large_proposal_takes_little_more_than_its_labels(
    tmp_path, categories, proposer
) -> None:
    side = 6000

    class Large(proposer):
        def propose(self, image, cancel=None):
            labels = np.full((side, side), self.categories.ids[0], np.uint8)
            labels[::7, ::5] = self.categories.ids[1]
            grid = np.full((side // 4, side // 4), 0.5, np.float16)
            return Proposal(labels, grid, grid, self.name, self.digest)

    folder = tmp_path / "large"
    folder.mkdir()
    Image.new("1", (side, side)).save(folder / "a.png")
    store = ProjectStore.open(folder)
    store.project.categories = categories
    tracemalloc.start()
    try:
        assert run(store, Large()).proposed == 1
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= 3.5 * side * side  # of the model, of the project, and which were painted
