"""The project: records by name, and records as lines of JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglabel.core.errors import ProjectFormatError
from seglabel.core.project import ImageRecord, Project
from seglabel.core.status import Status

records = st.builds(
    ImageRecord,
    name=st.text(min_size=1),
    status=st.sampled_from(Status),
    revision=st.integers(0, 10**6),
    height=st.integers(0, 10**5),
    width=st.integers(0, 10**5),
    digest=st.text("0123456789abcdef", max_size=32),
    model=st.text(max_size=9),
    model_digest=st.text(max_size=9),
    confidence=st.none() | st.floats(0, 1),
    error=st.text(max_size=9),
)


@given(records)
def test_a_record_survives_being_written_and_read(record: ImageRecord):
    assert ImageRecord.from_json(json.loads(json.dumps(record.to_json()))) == record


def test_a_new_record_takes_one_short_line_and_claims_nothing():
    assert ImageRecord("a.jpg") == ImageRecord("a.jpg", Status.EMPTY, 0, 0, 0, "", "", "", None, "")
    assert ImageRecord("a.jpg").to_json() == {"name": "a.jpg"}


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ([], "expected an object with a name"),
        ({"status": "empty"}, "expected an object with a name"),
        ({"name": 3}, "expected an object with a name"),
        ({"name": "a.jpg", "status": "done"}, "a.jpg: unknown status 'done'"),
        ({"name": "a.jpg", "status": []}, r"a.jpg: unknown status \[\]"),
        ({"name": "a.jpg", "revision": "3"}, "a.jpg: revision: unexpected '3'"),
        ({"name": "a.jpg", "digest": None}, "a.jpg: digest: unexpected None"),
        ({"name": "a.jpg", "confidence": "high"}, "a.jpg: confidence: unexpected 'high'"),
    ],
)
def test_a_bad_record_is_refused_by_name(data: object, complaint: str):
    with pytest.raises(ProjectFormatError, match=complaint):
        ImageRecord.from_json(data)


def test_what_a_newer_program_adds_to_a_record_is_ignored():
    assert ImageRecord.from_json({"name": "a.jpg", "mood": "good"}) == ImageRecord("a.jpg")


def test_images_are_found_by_status_in_their_order():
    project = Project()
    statuses = {"a": Status.EMPTY, "b": Status.REVIEWED, "c": Status.PROPOSED, "d": Status.EMPTY}
    project.set_images(ImageRecord(name, status) for name, status in statuses.items())
    assert project.with_status(Status.EMPTY) == ("a", "d")
    assert project.with_status(Status.PROPOSED, Status.REVIEWED) == ("b", "c")
    assert project.names == ("a", "b", "c", "d")


def test_an_update_keeps_the_place_in_the_list():
    project = Project()
    project.set_images(ImageRecord(name) for name in "ab")
    project.update(ImageRecord("a", Status.CORRECTED))
    assert project.names == ("a", "b")
    assert project.records["a"].status is Status.CORRECTED


def test_nobody_changes_the_list_behind_the_projects_back():
    with pytest.raises(TypeError):
        Project().records["a"] = ImageRecord("a")


@pytest.mark.parametrize(
    ("status", "by_person"),
    [
        (Status.EMPTY, False),
        (Status.PROPOSED, False),
        (Status.CORRECTED, True),
        (Status.REVIEWED, True),
    ],
)
def test_only_corrected_and_reviewed_images_are_a_persons_work(status: Status, by_person: bool):
    assert status.is_by_person is by_person
