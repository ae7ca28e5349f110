"""Cancelling, and telling how far a job is."""

from __future__ import annotations

import pytest

from seglabel.core.cancel import Cancel
from seglabel.core.errors import Cancelled, SegLabelError
from seglabel.core.progress import Progress


def test_work_goes_on_until_it_is_told_to_stop():
    cancel = Cancel()
    cancel.raise_if_set()
    cancel.set()
    assert cancel.is_set
    with pytest.raises(Cancelled, match="cancelled"):
        cancel.raise_if_set()


def test_being_cancelled_is_an_answer_and_no_crash():
    assert issubclass(Cancelled, SegLabelError)


def test_progress_as_json_says_only_what_there_is_to_say():
    assert Progress(1, 4).to_json() == {"event": "progress", "done": 1, "total": 4}
    whole = Progress(2, 4, "a.jpg", "damaged", {"loss": 0.5})
    assert whole.to_json() == {
        "event": "progress",
        "done": 2,
        "total": 4,
        "name": "a.jpg",
        "error": "damaged",
        "loss": 0.5,
    }
