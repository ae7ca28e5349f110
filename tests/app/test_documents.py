from __future__ import annotations

import numpy as np

from seglabel.app.documents import DocumentCache
from seglabel.core.document import Document
from seglabel.core.geometry import Region


def worked_on(strokes: int = 1, size: int = 64) -> Document:
    """A document with so many strokes that cannot be compressed."""
    document = Document.blank(size, size)
    noise = np.random.default_rng(0)
    for _ in range(strokes):
        edit = document.begin("brush")
        edit.paint(
            Region(0, 0, size, size), noise.random((size, size)) < 0.5, int(noise.integers(1, 99))
        )
        edit.commit()
    document.pack()
    return document


def test_the_history_outlives_the_pixels() -> None:
    cache = DocumentCache(pixel_bytes=3 * 64 * 64)
    first, second = worked_on(2), worked_on()
    cache.put("a", first)
    cache.put("b", second)
    assert cache.get("a") is None and cache.get("b") is second
    assert cache.history("a") is first.history and len(first.history) == 2


def test_a_history_loses_nothing_when_the_pixels_go_before_it_was_packed() -> None:
    cache = DocumentCache(pixel_bytes=100)
    first = Document.blank(64, 64)
    edit = first.begin("brush")
    edit.paint(Region(0, 0, 64, 64), np.random.default_rng(0).random((64, 64)) < 0.5, 3)
    edit.commit()
    pixels = first.labels.copy()
    cache.put("a", first)
    cache.put("b", worked_on())
    first.labels[:] = 9  # nobody looks at these any more
    again = Document(pixels.copy(), history=cache.history("a"))
    again.undo()
    assert not again.labels.any()
    again.redo()
    assert np.array_equal(again.labels, pixels)


def test_pixels_that_are_not_on_disk_yet_stay() -> None:
    cache = DocumentCache(pixel_bytes=100)
    first = worked_on()
    cache.put("a", first)
    cache.hold("a", first, 7)
    cache.put("b", worked_on())
    assert cache.get("a") is first
    cache.put("b", worked_on())
    cache.release("a", 7)
    assert cache.get("a") is None


def test_all_histories_together_stay_within_the_bound() -> None:
    one = worked_on(3).history.nbytes
    cache = DocumentCache(undo_bytes=round(2.5 * one))
    documents = {name: worked_on(3) for name in "abcd"}
    for name, document in documents.items():
        cache.put(name, document)
    assert [len(document.history) for document in documents.values()] == [0, 0, 3, 3]
    cache.limit_undo(round(0.5 * one))
    assert len(documents["c"].history) == 0 and len(documents["d"].history) == 1


def test_an_image_that_changed_on_disk_loses_the_history_that_no_longer_fits() -> None:
    cache = DocumentCache(pixel_bytes=100)
    cache.put("a", worked_on())
    cache.put("b", worked_on())
    for name in ("a", "b"):
        cache.forget(name)
    assert cache.history("a") is None and cache.history("b") is not None


def test_who_looks_at_another_image_does_not_push_out_the_one_that_is_shown() -> None:
    cache = DocumentCache(pixel_bytes=3 * 64 * 64)
    first = worked_on()
    cache.put("a", first)
    cache.hold("a", first, 1)
    shown = worked_on()
    cache.put("b", shown)
    assert cache.peek("a") is not None
    cache.release("a", 1)
    assert cache.peek("a") is None and cache.peek("b") is shown


def test_what_is_worked_on_while_the_next_image_is_read_is_held_too() -> None:
    cache = DocumentCache(pixel_bytes=100)
    shown = worked_on()
    cache.put("a", shown)
    cache.put("b", worked_on())
    assert cache.get("a") is None  # but a stroke more comes before the other image is there
    cache.hold("a", shown, 3)
    cache.put("c", worked_on())
    assert cache.get("a") is shown and cache.history("a") is shown.history


def test_what_is_painted_in_stays() -> None:
    cache = DocumentCache(pixel_bytes=100)
    shown = worked_on()
    cache.put("a", shown)
    edit = shown.begin("brush")
    cache.put("b", worked_on())
    assert cache.peek("a") is shown
    edit.cancel()
    cache.put("c", worked_on())
    assert cache.peek("a") is None
