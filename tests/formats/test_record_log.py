"""The log of records: append-only, and a crash costs at most the line in hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglabel.core.errors import ProjectFormatError
from seglabel.core.project import ImageRecord
from seglabel.core.status import Status
from seglabel.formats.atomic import WriteError
from seglabel.formats.record_log import RecordLog


@pytest.fixture
def path(tmp_path):
    return tmp_path / "images.jsonl"


@pytest.fixture
def log(path) -> RecordLog:
    return RecordLog(path)


def record(name: str, revision: int = 1) -> ImageRecord:
    return ImageRecord(name, Status.CORRECTED, revision)


def test_a_log_that_does_not_exist_yet_is_empty(log, path):
    assert log.read() == ({}, set())
    assert not path.exists()


def test_the_last_record_of_an_image_counts(log):
    for revision in (1, 2, 3):
        log.append(record("a.jpg", revision))
        log.append(record("ü/b.jpg", revision * 10))
    records, unfinished = log.read()
    assert records == {"a.jpg": record("a.jpg", 3), "ü/b.jpg": record("ü/b.jpg", 30)}
    assert unfinished == set()


def test_empty_lines_are_of_no_account(log, path):
    log.append(record("a.jpg"))
    path.write_bytes(path.read_bytes() + b"\n  \n")
    log.append(record("b.jpg"))
    assert set(log.read()[0]) == {"a.jpg", "b.jpg"}


def test_the_name_of_a_new_log_reaches_the_disk_too(log, path, monkeypatch):
    synced = []
    monkeypatch.setattr("seglabel.formats.record_log.sync_folder", synced.append)
    log.append(record("a.jpg"))
    log.append(record("b.jpg"))
    assert synced == [path.parent]


def test_a_save_that_was_announced_and_never_ended_is_named(log):
    log.announce("a.jpg")
    log.append(record("a.jpg"))
    log.announce("b.jpg")
    log.append(record("c.jpg"))
    assert log.read()[1] == {"b.jpg"}


@given(cut=st.integers(1, 80))
def test_a_torn_last_line_costs_that_line_alone(tmp_path_factory, cut):
    path = tmp_path_factory.mktemp("log") / "images.jsonl"
    log = RecordLog(path)
    log.append(record("a.jpg"))
    whole = path.read_bytes()
    log.append(record("b.jpg"))
    data = path.read_bytes()
    path.write_bytes(data[: max(len(data) - cut, len(whole))])
    assert log.read()[0]["a.jpg"] == record("a.jpg")
    log.append(record("c.jpg"))
    records, _ = log.read()
    assert {"a.jpg", "c.jpg"} <= set(records)


@pytest.mark.parametrize("tail", [b'{"name":"b.j', b"\0\0\0\0", b'{"name":"\xff'])
def test_after_a_crash_the_log_is_read_and_goes_on(log, path, tail):
    log.append(record("a.jpg"))
    with path.open("ab") as file:
        file.write(tail)
    assert set(log.read()[0]) == {"a.jpg"}
    log.append(record("c.jpg"))
    log.append(record("d.jpg"))
    assert set(log.read()[0]) == {"a.jpg", "c.jpg", "d.jpg"}


def test_a_last_line_without_its_end_is_kept(log, path):
    log.append(record("a.jpg"))
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    log.append(record("b.jpg"))
    assert set(log.read()[0]) == {"a.jpg", "b.jpg"}


@pytest.mark.parametrize(
    "line", [b"{}", b"[1]", b"not json", b'{"name":"x","revision":"1"}', b"[" * 9999]
)
def test_a_damaged_line_in_the_middle_is_named_and_not_skipped(log, path, line):
    log.append(record("a.jpg"))
    path.write_bytes(path.read_bytes() + line + b"\n")
    log.append(record("b.jpg"))
    with pytest.raises(ProjectFormatError, match=r"images\.jsonl, line 2: "):
        log.read()


def test_a_name_that_is_no_unicode_survives(log):
    log.append(record("a\udcff.jpg"))
    log.announce("b\udcff.jpg")
    records, unfinished = log.read()
    assert set(records) == {"a\udcff.jpg"}
    assert unfinished == {"b\udcff.jpg"}


def test_a_disk_that_refuses_a_line_is_an_error_that_names_the_log(log, faults):
    with faults.at(1), pytest.raises(WriteError, match=r"images\.jsonl: cannot be written: No"):
        log.append(record("a.jpg"))
