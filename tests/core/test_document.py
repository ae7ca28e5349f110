"""Documents: painting, cancelling, undoing, against a model that keeps a copy of every state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from numpy.typing import NDArray

from seglabel.core.document import Document
from seglabel.core.errors import LabelError
from seglabel.core.geometry import Region
from seglabel.core.history import TILE, History
from seglabel.core.review import accept_proposal, clear_proposal, mark_reviewed, merge_proposal
from seglabel.core.snapshot import Snapshot
from seglabel.core.status import Status

SHAPE = (TILE + 9, TILE + 14)  # four tiles, three of them narrow
IDS = st.sampled_from([0, 1, 2, 3, 254, 255])
EVERYTHING = Region.whole(SHAPE)


def rectangle(region: Region) -> NDArray[np.bool_]:
    return np.ones((region.height, region.width), bool)


@dataclass
class State:
    labels: NDArray[np.uint8]
    painted: NDArray[np.bool_]
    instances: NDArray[np.uint16]
    status: Status

    def copy(self) -> State:
        return State(self.labels.copy(), self.painted.copy(), self.instances.copy(), self.status)

    def looks_like(self, other: State) -> bool:
        return (
            np.array_equal(self.labels, other.labels)
            and np.array_equal(self.painted, other.painted)
            and np.array_equal(self.instances, other.instances)
        )


class DocumentMachine(RuleBasedStateMachine):
    """Every verb of a document beside the same done to whole copies."""

    @initialize(seed=st.integers(0, 99))
    def start(self, seed: int):
        noise = np.random.default_rng(seed)
        instances = noise.integers(0, 3, SHAPE).astype(np.uint16)
        self.document = Document(np.zeros(SHAPE, np.uint8), instances=instances.copy())
        self.now = State(np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, bool), instances, Status.EMPTY)
        self.past: list[State] = []
        self.future: list[State] = []
        self.snapshots: list[tuple[Snapshot, State]] = []

    # what the verbs mean, said by whole arrays

    def _write(self, state: State, mask: NDArray[np.bool_], values, painted: bool) -> None:
        mask = mask & ~np.isin(state.labels, list(self.document.locked))
        state.instances[mask & (state.labels != values)] = 0
        state.labels[mask] = np.broadcast_to(values, SHAPE)[mask]
        if painted:
            state.painted |= mask

    def _committed(self, state: State, edit) -> None:
        unchanged = state.looks_like(self.now) and state.status == self.now.status
        assert (edit is None) == unchanged
        if edit is not None:
            self.past.append(self.now)
            self.future.clear()
            self.now = state

    # the verbs

    @rule(
        dabs=st.lists(
            st.tuples(
                st.integers(-30, TILE + 20),
                st.integers(-30, TILE + 20),
                st.integers(1, 60),
                st.integers(1, 60),
                IDS,
                st.integers(0, 9),
            ),
            max_size=3,
        ),
        cancels=st.booleans(),
    )
    def stroke(self, dabs, cancels: bool):
        edit = self.document.begin("brush")
        state = self.now.copy()
        for top, left, height, width, category_id, seed in dabs:
            region = Region(top, left, top + height, left + width)
            # Every tenth dab changes nothing, as when a stroke runs beside its region.
            mask = np.random.default_rng(seed).random((height, width)) < (0.5 if seed else 0)
            edit.paint(region, mask, category_id)
            whole = np.zeros(SHAPE, bool)
            inside = region.clipped(SHAPE)
            if not inside.is_empty:
                whole[inside.slices] = mask[inside.relative_to(region).slices]
            self._write(state, whole, np.uint8(category_id), painted=True)
        if cancels:
            edit.cancel()
            return
        if not state.looks_like(self.now):
            state.status = Status.CORRECTED
        self._committed(state, edit.commit())

    @rule(seed=st.integers(0, 9))
    def merge(self, seed: int):
        proposed = np.random.default_rng(seed).integers(0, 4, SHAPE).astype(np.uint8)
        state = self.now.copy()
        self._write(state, ~state.painted, proposed, painted=False)
        if not state.status.is_by_person:
            state.status = Status.PROPOSED
        self._committed(state, merge_proposal(self.document, proposed, "propose"))

    @rule()
    def accept(self):
        state = self.now.copy()
        state.painted |= ~np.isin(state.labels, list(self.document.locked))
        if not state.looks_like(self.now):
            state.status = Status.CORRECTED
        self._committed(state, accept_proposal(self.document, "accept"))

    @rule()
    def clear(self):
        state = self.now.copy()
        self._write(state, ~state.painted, np.uint8(0), painted=False)
        if not state.status.is_by_person and not state.labels.any():  # locked ones stay
            state.status = Status.EMPTY
        self._committed(state, clear_proposal(self.document, "clear"))

    @rule(locked=st.frozensets(IDS, max_size=2))
    def lock(self, locked: frozenset[int]):
        self.document.locked = locked

    @rule()
    def undo(self):
        region = self.document.undo()
        assert (region is None) == (not self.past)
        if self.past:
            self.future.append(self.now)
            self.now = self.past.pop()

    @rule()
    def redo(self):
        region = self.document.redo()
        assert (region is None) == (not self.future)
        if self.future:
            self.past.append(self.now)
            self.now = self.future.pop()

    @rule(all_of_it=st.booleans())
    def pack(self, all_of_it: bool):
        """Between any two verbs: all that waits, or a tile of it."""
        more = self.document.pack() if all_of_it else self.document.pack(0)
        assert not (more and all_of_it)

    @rule()
    def take_snapshot(self):
        self.snapshots.append((self.document.snapshot(), self.now.copy()))

    @precondition(lambda self: self.snapshots)
    @rule(lets_go=st.booleans())
    def read_snapshot(self, lets_go: bool):
        """It shows what was, whatever was done since."""
        snapshot, then = self.snapshots.pop(0) if lets_go else self.snapshots[-1]
        found = snapshot.labels.copy(), snapshot.painted.copy(), snapshot.instances
        numbers = np.zeros(SHAPE, np.uint16) if found[2] is None else found[2]
        assert State(found[0], found[1], numbers, snapshot.status).looks_like(then)
        assert snapshot.status == then.status

    @rule(share=st.floats(0, 1))
    def go_to(self, share: float):
        states = [*self.past, self.now, *reversed(self.future)]
        position = round(share * (len(states) - 1))
        assert (self.document.go_to(position) is None) == (position == len(self.past))
        self.past, self.now = states[:position], states[position]
        self.future = states[:position:-1]

    @precondition(lambda self: hasattr(self, "now"))
    @invariant()
    def document_and_model_agree(self):
        found = State(
            self.document.labels,
            self.document.painted,
            self.document.instances,
            self.document.status,
        )
        assert found.looks_like(self.now)
        assert found.status == self.now.status
        assert self.document.history.position == len(self.past)
        history = self.document.history
        assert len(history) == len(self.past) + len(self.future)
        assert history.nbytes == sum(edit.nbytes for edit in history)


DocumentMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=25)
TestDocumentAgainstCopies = DocumentMachine.TestCase


def test_a_stroke_is_one_undoable_step():
    document = Document.blank(40, 50)
    edit = document.begin("brush")
    for left in range(0, 30, 5):
        region = Region(10, left, 14, left + 6)
        assert edit.paint(region, rectangle(region), 3) == region
    assert edit.region == Region(10, 0, 14, 31)
    edit.commit()
    assert np.count_nonzero(document.labels) == 4 * 31
    assert document.undo() == Region(10, 0, 14, 31)
    assert not document.labels.any()
    assert not document.painted.any()
    assert not document.history.can_undo


def test_painting_returns_the_part_inside_the_image():
    document = Document.blank(10, 10)
    edit = document.begin("brush")
    region = Region(-3, 8, 2, 20)
    assert edit.paint(region, rectangle(region), 1) == Region(0, 8, 2, 10)
    outside = Region(-9, -9, -1, -1)
    assert edit.paint(outside, rectangle(outside), 1) is None
    edit.commit()
    assert np.count_nonzero(document.labels) == 4


def test_a_cancelled_stroke_leaves_no_trace():
    document = Document.blank(300, 300)
    edit = document.begin("brush")
    region = Region(200, 200, 290, 290)
    edit.paint(region, rectangle(region), 1)
    assert edit.cancel() == region
    assert not document.labels.any()
    assert not document.painted.any()
    assert document.status is Status.EMPTY
    assert len(document.history) == 0


def test_locked_categories_keep_their_pixels():
    document = Document.blank(4, 4)
    document.labels[:2] = 7
    document.locked = frozenset({7})
    edit = document.begin("brush")
    edit.paint(Region(0, 0, 4, 4), np.ones((4, 4), bool), 1)
    edit.commit()
    assert document.labels.tolist() == [[7] * 4] * 2 + [[1] * 4] * 2
    assert not document.painted[:2].any()


def test_a_proposal_never_overwrites_what_a_person_painted():
    document = Document.blank(6, 6)
    edit = document.begin("eraser")
    edit.paint(Region(0, 0, 3, 6), np.ones((3, 6), bool), 0)  # background is a decision too
    edit.commit()
    merge_proposal(document, np.full((6, 6), 9, np.uint8), "propose")
    assert document.labels.tolist() == [[0] * 6] * 3 + [[9] * 6] * 3
    assert document.status is Status.CORRECTED


def test_a_proposal_for_another_size_is_refused():
    document = Document.blank(6, 7)
    with pytest.raises(LabelError, match=r"expected \(6, 7\).*found \(7, 6\)"):
        merge_proposal(document, np.zeros((7, 6), np.uint8), "propose")
    assert not document.is_being_edited


def test_clearing_a_proposal_makes_the_image_empty_again():
    document = Document.blank(6, 6)
    merge_proposal(document, np.full((6, 6), 9, np.uint8), "propose")
    assert document.status is Status.PROPOSED
    clear_proposal(document, "clear")
    assert document.status is Status.EMPTY
    assert not document.labels.any()


def test_accepting_makes_every_pixel_a_persons_own():
    document = Document.blank(6, 6)
    merge_proposal(document, np.full((6, 6), 9, np.uint8), "propose")
    accept_proposal(document, "accept")
    assert document.painted.all()
    assert document.status is Status.CORRECTED
    assert accept_proposal(document, "accept") is None  # nothing was left to accept


def test_an_edit_that_changed_nothing_is_not_kept():
    document = Document.blank(6, 6)
    edit = document.begin("brush")
    edit.paint(Region(0, 0, 6, 6), np.zeros((6, 6), bool), 1)
    assert edit.commit() is None
    assert len(document.history) == 0
    assert document.status is Status.EMPTY


def test_only_one_edit_is_open_at_a_time():
    document = Document.blank(6, 6)
    edit = document.begin("brush")
    for verb in (lambda: document.begin("fill"), document.undo, document.redo):
        with pytest.raises(RuntimeError, match="'brush' is still open"):
            verb()
    edit.cancel()
    document.begin("fill").cancel()


def test_undo_restores_the_status_and_redo_the_new_one():
    document = Document.blank(6, 6)
    edit = document.begin("review")
    edit.set_status(Status.REVIEWED)
    edit.commit()
    assert document.undo() == Region(0, 0, 0, 0)
    assert document.status is Status.EMPTY
    document.redo()
    assert document.status is Status.REVIEWED


def test_a_pixel_of_another_category_leaves_its_object():
    labels = np.full((4, 4), 1, np.uint8)
    document = Document(labels, instances=np.full((4, 4), 5, np.uint16))
    edit = document.begin("brush")
    edit.paint(Region(0, 0, 2, 4), np.ones((2, 4), bool), 2)
    edit.paint(Region(2, 0, 4, 4), np.ones((2, 4), bool), 1)
    edit.commit()
    assert document.instances.tolist() == [[0] * 4] * 2 + [[5] * 4] * 2
    document.undo()
    assert (document.instances == 5).all()


def test_planes_of_another_size_are_refused_by_name():
    labels = np.zeros((3, 4), np.uint8)
    with pytest.raises(LabelError, match="painted"):
        Document(labels, painted=np.zeros((4, 3), bool))
    with pytest.raises(LabelError, match="instances"):
        Document(labels, instances=np.zeros((4, 3), np.uint16))
    with pytest.raises(LabelError, match="expected uint8"):
        Document(labels.astype(np.int64))


def test_undo_keeps_its_promise_only_within_the_byte_limit():
    labels = np.zeros((2 * TILE, 2 * TILE), np.uint8)
    document = Document(labels, history=History(byte_limit=3_000))
    noise = np.random.default_rng(0)
    for _ in range(10):
        edit = document.begin("brush")
        edit.paint(Region(0, 0, 60, 60), noise.random((60, 60)) < 0.5, int(noise.integers(1, 9)))
        edit.commit()
        document.pack()
    assert 1 <= len(document.history) < 10
    while document.history.can_undo:
        document.undo()
    assert document.labels.any()  # the oldest strokes are past undoing, and still there


def test_nothing_that_a_model_says_changes_a_reviewed_image() -> None:
    document = Document(np.full((6, 6), 3, np.uint8), status=Status.REVIEWED)  # nothing painted
    assert merge_proposal(document, np.full((6, 6), 9, np.uint8), "propose") is None
    assert clear_proposal(document, "clear") is None
    assert (document.labels == 3).all() and document.status is Status.REVIEWED


def test_reviewing_makes_every_pixel_a_persons_own_and_can_be_undone() -> None:
    document = Document.blank(6, 6)
    mark_reviewed(document, "reviewed")
    assert document.painted.all() and document.status is Status.REVIEWED
    assert mark_reviewed(document, "reviewed") is None
    document.undo()
    assert not document.painted.any() and document.status is Status.EMPTY


def noise_stroke(document: Document, seed: int) -> None:
    """An edit whose tiles are as different from each other as can be."""
    edit = document.begin("brush")
    mask = np.random.default_rng(seed).random(document.shape) < 0.5
    edit.paint(Region.whole(document.shape), mask, 1 + seed)
    edit.commit()


def test_a_stroke_can_be_undone_before_its_tiles_are_packed() -> None:
    document = Document.blank(600, 600)
    noise_stroke(document, 1)
    first = document.labels.copy()
    noise_stroke(document, 2)
    second = document.labels.copy()
    assert document.pack(0)  # one tile of many
    document.undo()
    assert np.array_equal(document.labels, first)
    document.undo()
    assert not document.labels.any() and not document.painted.any()
    assert not document.pack()
    document.go_to(2)
    assert np.array_equal(document.labels, second)


def test_what_waits_to_be_packed_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seglabel.core.document.LOOSE_BYTES", 5 * TILE * TILE)
    document = Document.blank(600, 600)
    states = [document.labels.copy()]
    for seed in range(3):
        noise_stroke(document, seed)
        states.append(document.labels.copy())
    loose = [patch.before.loose_bytes for edit in document.history for patch in edit.patches]
    assert 4 * TILE * TILE < sum(loose) < 6 * TILE * TILE
    for state in reversed(states[:-1]):
        document.undo()
        assert np.array_equal(document.labels, state)


def test_packing_leaves_only_the_tiles_that_changed() -> None:
    document = Document.blank(600, 600)
    edit = document.begin("brush")
    everything = Region.whole(document.shape)
    mask = np.zeros(document.shape, bool)
    mask[3, 3] = True
    edit.paint(everything, mask, 1)
    kept = edit.commit()
    assert kept is not None and len(kept.patches) == 18
    document.pack()
    assert [(patch.plane, patch.region.top, patch.region.left) for patch in kept.patches] == [
        ("labels", 0, 0),
        ("painted", 0, 0),
    ]
    assert document.history.nbytes == kept.nbytes


def test_steps_beyond_the_limit_are_forgotten_once_they_are_packed() -> None:
    document = Document(np.zeros((600, 600), np.uint8), history=History(byte_limit=100_000))
    noise_stroke(document, 0)
    noise_stroke(document, 1)
    assert len(document.history) == 2
    document.pack()
    assert len(document.history) == 1 and document.history.can_undo


def test_an_edit_that_breaks_off_leaves_everything_as_it_was() -> None:
    document = Document(np.arange(12, dtype=np.uint8).reshape(3, 4))
    before = document.labels.copy()
    region = Region.whole(document.shape)
    with pytest.raises(MemoryError), document.begin("half done") as edit:
        edit.paint(region, np.ones(document.shape, np.bool_), 7)
        raise MemoryError
    assert np.array_equal(document.labels, before)
    assert not document.is_being_edited
    with document.begin("the next") as edit:
        edit.paint(region, np.ones(document.shape, np.bool_), 7)
        assert edit.commit() is not None


def test_an_edit_knows_the_category_that_it_painted_if_it_was_one() -> None:
    document = Document.blank(8, 8)
    region, mask = Region(0, 0, 4, 4), np.ones((4, 4), np.bool_)
    for painted, expected in (((3, 3), 3), ((3, 4), None)):
        edit = document.begin("brush")
        for category_id in painted:
            edit.paint(region, mask, category_id)
        done = edit.commit()
        assert done is not None and done.category_id == expected
