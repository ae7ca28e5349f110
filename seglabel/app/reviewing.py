"""Reviewing a proposal: what is uncertain, the region in question, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from seglabel.app.editor import Editor
from seglabel.app.workers.reader import LoadedImage
from seglabel.app.workers.tool_work import ToolWorker
from seglabel.app.workspace import Workspace
from seglabel.core.cancel import Cancel
from seglabel.core.categories import BACKGROUND
from seglabel.core.document import Document
from seglabel.core.errors import LabelError
from seglabel.core.geometry import Region
from seglabel.core.history import Edit
from seglabel.core.proposal import Proposal
from seglabel.core.proposed_regions import (
    Uncertain,
    UncertainRegion,
    proposed_region,
    step,
    uncertain_regions,
)
from seglabel.core.review import (
    accept_above,
    accept_category,
    accept_region,
    clear_below,
    has_proposal,
    reject_category,
    replace_region,
)
from seglabel.core.status import Status
from seglabel.core.uncertainty import Certainty, Threshold

_IDLE_MS = 350  # of the pointer, before the region under it is shown

Mask = NDArray[np.bool_]
Decide = Callable[[Document, Region, Mask], Edit | None]


class Reviewing(QObject):
    """Knows how sure the model was of the image that is shown; regions are found off the GUI
    thread, and what an edit overtakes is dropped."""

    certainty_changed = Signal()
    threshold_changed = Signal()
    uncertain_found = Signal(object)  # Uncertain: of a proposal that was read or made
    region_changed = Signal(object)  # (Region, mask) in question, or None
    region_reached = Signal(object, object, object)  # Region, UncertainRegion, Uncertain
    decided = Signal(str, int, object)  # key of the verb, category before, Uncertain that is left
    hint = Signal(str)

    def __init__(
        self, workspace: Workspace, editor: Editor, worker: ToolWorker, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._editor = editor
        self._worker = worker
        self._certainty: Certainty | None = None
        self._confidence = 0.0  # below which nothing counts
        self._pixel: tuple[int, int] | None = None  # under the pointer
        self._region: tuple[Region, Mask] | None = None
        self._is_held = False  # the region came by going to it, not by pointing
        self._offers = False  # the region under a pointer that rests
        self._unseen: frozenset[int] = frozenset()  # categories that are not shown
        self._last: UncertainRegion | None = None  # that was gone to
        self._ticket = 0
        self._is_loading = False
        self._receive: Callable[[Any], object] = lambda result: None
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(_IDLE_MS)
        self._idle.timeout.connect(self._show_region)
        worker.finished.connect(self._finished)
        worker.failed.connect(self._failed)
        workspace.image_opened.connect(self._image_opened)
        editor.document_changed.connect(self._document_changed)
        editor.region_changed.connect(self._labels_changed)
        editor.gesture_changed.connect(self._gesture_changed)
        editor.rules_changed.connect(self.certainty_changed)

    @property
    def certainty(self) -> Certainty | None:
        """Of the last proposal for the image that is shown."""
        return self._certainty

    @property
    def threshold(self) -> Threshold | None:
        """What counts as not labelled, if anything does."""
        if self._certainty is None or self._confidence <= 0:
            return None
        return Threshold(self._certainty, self._confidence, self._editor.locked)

    @property
    def confidence(self) -> float:
        """The least that counts, 0–1."""
        return self._confidence

    @property
    def region(self) -> tuple[Region, Mask] | None:
        """The region in question."""
        return self._region

    def set_confidence(self, confidence: float) -> None:
        """Show as not labelled what is proposed with less, for every image from now on."""
        if confidence != self._confidence:
            self._confidence = confidence
            self.threshold_changed.emit()

    def confidence_at(self, y: int, x: int) -> float | None:
        """Of pixel (y, x), unless a person decided about it."""
        document = self._editor.document
        if self._certainty is None or document is None or document.painted[y, x]:
            return None
        if document.status is Status.EMPTY:  # the proposal was taken back
            return None
        return float(self._certainty.confidence_at(np.array([y]), np.array([x]))[0, 0])

    # what the image that is shown brings

    def _document_changed(self, _: object) -> None:
        self._drop()
        self._last = None
        self._set_certainty(None)

    def _image_opened(self, image: LoadedImage) -> None:
        store, document = self._workspace.store, image.document
        if store is None or document.status is Status.EMPTY:
            return
        locked = self._editor.locked

        def work(_: Cancel) -> tuple[Certainty, Uncertain] | None:
            if not has_proposal(document):
                return None
            try:
                certainty = store.load_certainty(image.name, document.shape)
            except LabelError:
                return None  # damaged: the next proposal replaces it
            return (
                None if certainty is None else (certainty, _uncertain(document, certainty, locked))
            )

        self._start(work, self._take_certainty, is_loading=True)

    def merged(self, proposal: Proposal) -> None:
        """The image that is shown has just got another proposal."""
        document, certainty = self._editor.document, Certainty.of(proposal)
        if document is None or document.shape != certainty.shape:
            return
        locked = self._editor.locked
        self._set_certainty(certainty)
        self._start(
            lambda _: (certainty, _uncertain(document, certainty, locked)),
            self._take_certainty,
            is_loading=True,
        )

    def _take_certainty(self, found: tuple[Certainty, Uncertain] | None) -> None:
        if found is not None:
            self._set_certainty(found[0])
            self.uncertain_found.emit(found[1])

    def _set_certainty(self, certainty: Certainty | None) -> None:
        if certainty is not self._certainty:
            self._certainty = certainty
            self.certainty_changed.emit()

    # the region in question

    def offer(self, offers: bool, unseen: frozenset[int]) -> None:
        """Mark the region under a pointer that rests, unless its category is ``unseen``.

        Who paints is not looking for regions: an outline would only be in the way.
        """
        self._offers, self._unseen = offers, unseen
        if not offers and self._region is not None and not self._is_held:
            self._mark(None)

    def hover(self, pixel: tuple[int, int] | None) -> None:
        """The pointer is over pixel (y, x), or over none."""
        self._pixel = pixel
        if pixel is None:
            self._idle.stop()
        elif self._offers and not self._has_region_at(pixel):
            self._idle.start()
        if not self._is_held and self._region is not None and not self._has_region_at(pixel):
            self._mark(None)

    def _has_region_at(self, pixel: tuple[int, int] | None) -> bool:
        if self._region is None or pixel is None:
            return False
        region, mask = self._region
        return region.contains(*pixel) and bool(mask[pixel[0] - region.top, pixel[1] - region.left])

    def _show_region(self) -> None:
        """The pointer rests."""
        document, pixel = self._editor.document, self._pixel
        if document is None or pixel is None or self._is_loading or self._editor.is_busy:
            return
        if not self._offers or int(document.labels[pixel]) in self._unseen:
            return
        if self._editor.is_read_only or document.status is Status.EMPTY:
            return
        # Background is everywhere: it is not offered by itself.
        if document.labels[pixel] != BACKGROUND and not document.painted[pixel]:
            self._find(document, pixel, self._mark)

    def _find(
        self,
        document: Document,
        pixel: tuple[int, int],
        receive: Callable[[tuple[Region, Mask] | None], object],
    ) -> None:
        self._start(lambda _: proposed_region(document.labels, document.painted, *pixel), receive)

    def _mark(self, region: tuple[Region, Mask] | None, *, held: bool = False) -> None:
        self._region, self._is_held = region, held
        self.region_changed.emit(region)

    def _labels_changed(self, _: object) -> None:
        """What was found is no longer so."""
        self._drop_search()
        if self._region is not None:
            self._mark(None)

    def _gesture_changed(self, is_open: bool) -> None:
        """What was asked for before must not break into what is drawn now."""
        if is_open:
            self._drop_search()

    def _drop_search(self) -> None:
        if self._ticket and not self._is_loading:
            self._ticket = 0
            self._worker.drop()

    def accept_region(self) -> None:
        """The region in question is right."""
        self._decide("accept_region", lambda d, r, m: accept_region(d, r, m, "accept_region"))

    def reject_region(self) -> None:
        """The region in question is background."""
        self._decide(
            "reject_region", lambda d, r, m: replace_region(d, r, m, BACKGROUND, "reject_region")
        )

    def replace_region(self) -> None:
        """The region in question is of the current category."""
        chosen = self._editor.category_id
        self._decide(
            "replace_region", lambda d, r, m: replace_region(d, r, m, chosen, "replace_region")
        )

    def _decide(self, key: str, decide: Decide) -> None:
        """About the region that is marked, or else the one under the pointer.

        Who was led to a region is led on to the next one.
        """
        document = self._editor.document
        if document is None or self._editor.is_read_only or self._is_stepping:
            return
        if self._region is not None:
            was_held = self._is_held
            if self._change_region(key, decide, self._region) and was_held:
                self.step(1)
        elif self._is_being_read():
            self.hint.emit(self.tr("The proposal is still being read."))
        elif not has_proposal(document):
            self.hint.emit(self.tr("Nothing is proposed here that you have not decided about."))
        elif self._pixel is None:
            self.hint.emit(self.tr("Point at a region, or press N for an uncertain one."))
        else:
            self._find(document, self._pixel, lambda found: self._change_region(key, decide, found))

    def _change_region(self, key: str, decide: Decide, found: tuple[Region, Mask] | None) -> bool:
        """Returns whether anything changed."""
        document = self._editor.document
        if found is None or document is None:
            self.hint.emit(self.tr("You have decided about this region already."))
            return False
        region, mask = found
        category_id = int(document.labels[region.slices][mask][0])
        if not self._editor.change(lambda document: decide(document, *found)):
            self.hint.emit(self.tr("Nothing changed: this category is locked."))
            return False
        self._tell_decided(key, category_id)
        return True

    def _tell_decided(self, key: str, category_id: int) -> None:
        """Find out what is left to look at."""
        document, certainty, locked = self._editor.document, self._certainty, self._editor.locked
        if document is None or certainty is None:
            return
        self._start(
            lambda _: _uncertain(document, certainty, locked),
            lambda uncertain: self.decided.emit(key, category_id, uncertain),
        )

    @property
    def _is_stepping(self) -> bool:
        """Whether the next region is being looked for: none is in question until it is found."""
        return bool(self._ticket) and self._receive == self._reach

    def step(self, count: int) -> None:
        """Go to the next uncertain region, or with −1 to the one before."""
        document, certainty = self._editor.document, self._certainty
        if document is None or self._editor.is_read_only:
            return
        if self._is_being_read():
            self.hint.emit(self.tr("The proposal is still being read."))
            return
        if certainty is None:
            self.hint.emit(self.tr("Nothing is proposed for this image."))
            return
        self._editor.leave_gesture()
        locked, last = self._editor.locked, self._last

        def work(_: Cancel) -> tuple[Uncertain, UncertainRegion, tuple[Region, Mask]] | None:
            uncertain = _uncertain(document, certainty, locked)
            target = step(uncertain, last, count)
            if target is None:
                return None
            found = proposed_region(document.labels, document.painted, *target.seed)
            return None if found is None else (uncertain, target, found)

        self._start(work, self._reach)

    def _reach(self, found: tuple[Uncertain, UncertainRegion, tuple[Region, Mask]] | None) -> None:
        if found is None:
            self._mark(None)
            self.hint.emit(self.tr("No uncertain region is left in this image."))
            return
        uncertain, self._last, region = found
        self._idle.stop()
        self._mark(region, held=True)
        self.region_reached.emit(region[0], self._last, uncertain)

    # the whole image

    def accept_category(self, category_id: int) -> None:
        """All that is proposed of one category is right."""
        if self._change(lambda d: accept_category(d, category_id, "accept_category")):
            self._tell_decided("accept_category", category_id)

    def reject_category(self, category_id: int) -> None:
        """All that is proposed of one category is background."""
        if self._change(lambda d: reject_category(d, category_id, "reject_category")):
            self._tell_decided("reject_category", category_id)

    def clear_below(self) -> None:
        """What the threshold hides is gone."""
        if (threshold := self.threshold) is not None:
            self._change(lambda d: clear_below(d, threshold, "clear_below"))

    def accept_above(self) -> None:
        """What is at least as sure as the threshold is right."""
        if (threshold := self.threshold) is not None:
            self._change(lambda d: accept_above(d, threshold, "accept_above"))

    def _change(self, verb: Callable[[Document], Edit | None]) -> bool:
        """Returns whether anything changed."""
        if self._editor.document is None or self._editor.is_read_only:
            return False
        if self._editor.change(verb):
            return True
        self.hint.emit(self.tr("Nothing changed: no pixel is both proposed and not locked."))
        return False

    def go_to_next_in_queue(self) -> None:
        """Show the image that it pays most to label next."""
        if not self._workspace.go_to_next_in_queue():
            self.hint.emit(self.tr("No other image with a proposal waits for you."))

    # work

    def _start(
        self,
        work: Callable[[Cancel], Any],
        receive: Callable[[Any], object],
        *,
        is_loading: bool = False,
    ) -> None:
        self._receive, self._is_loading = receive, is_loading
        self._ticket = self._worker.start(work)

    def _is_being_read(self) -> bool:
        """Whether it is not yet known how sure the model was: no other work may come between."""
        return self._is_loading and self._certainty is None

    def _drop(self) -> None:
        self._idle.stop()
        self._ticket, self._is_loading = 0, False
        self._worker.drop()
        if self._region is not None:
            self._mark(None)

    def _finished(self, ticket: int, result: object) -> None:
        if ticket == self._ticket:
            self._ticket, self._is_loading = 0, False
            self._receive(result)

    def _failed(self, ticket: int, message: str) -> None:
        if ticket == self._ticket:
            self._ticket, self._is_loading = 0, False
            self.hint.emit(message)


def _uncertain(document: Document, certainty: Certainty, locked: frozenset[int]) -> Uncertain:
    return uncertain_regions(document.labels, document.painted, certainty, locked)
