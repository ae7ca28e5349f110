"""Categories changed in any order beside an oracle of pixels: ids keep what they mean."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from PIL import Image

from seglabel.core.categories import BACKGROUND, VOID
from seglabel.core.document import Document
from seglabel.core.geometry import Region
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.journal import JournalEntry
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.merging import remove_category

SHAPE = (4, 6)
NAMES = ("a.png", "b.png", "sub/c.png")
COLORS = st.tuples(*[st.integers(0, 255)] * 3)


class CategoryMachine(RuleBasedStateMachine):
    """The oracle holds a plain array per image and what each id is called."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        for value, name in enumerate(NAMES):
            (self.folder / name).parent.mkdir(exist_ok=True)
            Image.new("RGB", SHAPE[::-1], (value, 0, 0)).save(self.folder / name)
        self.store = ProjectStore.open(self.folder)
        self.pixels: dict[str, np.ndarray] = {}
        self.names: dict[int, str] = {}
        self.order: list[int] = []
        self.given: set[int] = set()  # every id that ever was
        self.away: set[str] = set()  # images whose files are gone
        self.last_painted = BACKGROUND
        for word in "abc":
            self.add(word)

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    def change(self, categories) -> None:
        self.store.project.categories = categories
        self.store.save_project()

    def some(self, data, *others: int) -> int:
        return data.draw(st.sampled_from([*self.order, *others]))

    @precondition(lambda self: len(self.order) < 6)
    @rule(word=st.text("abc", min_size=1, max_size=3))
    def add_category(self, word: str) -> None:
        self.add(word)

    def add(self, word: str) -> None:
        name = f"{word}{len(self.given)}"
        categories, new = self.store.project.categories.with_new(name)
        assert new.id not in self.given
        assert new.id not in (BACKGROUND, VOID)
        self.change(categories)
        self.given.add(new.id)
        self.names[new.id] = name
        self.order.append(new.id)

    @precondition(lambda self: self.order)
    @rule(data=st.data(), color=COLORS)
    def rename_and_recolour(self, data, color) -> None:
        category_id, name = self.some(data), f"new {len(self.names)} {color}"
        if name in self.names.values():
            return
        categories = self.store.project.categories
        self.change(categories.with_changed(category_id, name=name, color=color))
        self.names[category_id] = name

    @precondition(lambda self: self.order)
    @rule(data=st.data())
    def reorder(self, data) -> None:
        self.order = list(data.draw(st.permutations(self.order)))
        self.change(self.store.project.categories.reordered(self.order))

    @rule(data=st.data(), name=st.sampled_from(NAMES), row=st.integers(0, SHAPE[0] - 1))
    def label(self, data, name: str, row: int) -> None:
        if name in self.away:
            return
        labels = self.pixels.get(name, np.zeros(SHAPE, np.uint8)).copy()
        labels[row] = self.some(data, BACKGROUND, VOID)
        self.store.save(name, Annotation(labels, labels > 0, None, Status.CORRECTED))
        self.pixels[name] = labels

    @rule(data=st.data(), name=st.sampled_from(NAMES))
    def paint_in_the_window(self, data, name: str) -> None:
        """As a stroke with its journal, so that there is something to undo."""
        if name in self.away:
            return
        labels = self.pixels.get(name, np.zeros(SHAPE, np.uint8)).copy()
        document = Document(labels, np.zeros(SHAPE, bool), None, Status.CORRECTED)
        self.store.save(name, document.snapshot())
        category_id = self.some(data, BACKGROUND)
        self.last_painted = category_id
        with document.begin("brush") as edit:
            edit.paint(Region(0, 0, 2, 3), np.ones((2, 3), bool), category_id)
            edit.commit()
        if document.last_change is not None:
            entry = JournalEntry(document.last_change, document.snapshot())
            self.store.note_changes(name, [entry])
        self.store.save(name, document.snapshot())
        self.pixels[name] = document.labels.copy()

    @precondition(lambda self: self.order)
    @rule(data=st.data())
    def delete(self, data) -> None:
        category_id = self.some(data)
        if self.last_painted in self.order and data.draw(st.booleans()):
            category_id = self.last_painted
        others = [one for one in self.order if one != category_id]
        target = data.draw(st.sampled_from([BACKGROUND, VOID, *others]))
        report = remove_category(self.store, category_id, target)
        assert report.failed == []
        for labels in self.pixels.values():
            labels[labels == category_id] = target
        self.order.remove(category_id)
        del self.names[category_id]

    @rule(name=st.sampled_from(NAMES))
    def take_an_image_away_or_back(self, name: str) -> None:
        here, there = self.folder / name, self.folder / f"{name}.away"
        if name in self.away:
            there.rename(here)
        else:
            here.rename(there)
        self.away ^= {name}
        self.restart()

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = ProjectStore.open(self.folder)

    @invariant()
    def everything_is_as_the_oracle_says(self) -> None:
        categories = self.store.project.categories
        assert list(categories.ids) == self.order
        assert {c.id: c.name for c in categories} == self.names
        for name, labels in self.pixels.items():
            annotation = self.store.load(name)
            assert np.array_equal(annotation.labels, labels)
            assert categories.unknown_in(annotation.labels) == []

    @invariant()
    def nothing_that_can_be_undone_brings_a_deleted_category_back(self) -> None:
        for name in self.pixels:
            annotation = self.store.load(name)
            history = self.store.load_history(name, annotation)
            if history is None:
                continue
            document = Document(
                annotation.labels, annotation.painted, None, annotation.status, history
            )
            for position in (0, len(history)):  # all undone, all done again
                document.go_to(position)
                assert self.store.project.categories.unknown_in(document.labels) == []


def test_categories_keep_their_pixels_through_all_that_is_done_to_them() -> None:
    CategoryMachine.TestCase.settings = settings(
        max_examples=40, stateful_step_count=14, deadline=None
    )
    CategoryMachine.TestCase().runTest()
