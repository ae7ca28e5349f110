"""Writing: after any failure the disk holds the old file or the new one."""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from itertools import count
from pathlib import Path

import pytest

import seglabel
from seglabel.formats.atomic import (
    WriteError,
    exchange,
    require_writable,
    sweep_temporaries,
    sync_folder,
    write_atomically,
    write_bytes,
)

OLD, NEW = b"the old content", b"and the new one"


def strays(folder) -> list:
    return list(folder.rglob(".tmp-*"))


def test_a_file_is_written_and_replaced(tmp_path):
    path = tmp_path / "deep" / "er" / "file"
    write_bytes(path, OLD)
    write_bytes(path, NEW)
    assert path.read_bytes() == NEW
    assert strays(tmp_path) == []


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_a_failed_save_keeps_the_old_file(tmp_path, faults, error):
    path = tmp_path / "file"
    write_bytes(path, OLD)
    for number in count(1):
        with faults.at(number, error=error):
            try:
                write_bytes(path, NEW)
            except WriteError as problem:
                assert str(path) in str(problem)
                assert os.strerror(error) in str(problem)
        if not faults.struck:
            break
        assert path.read_bytes() in (OLD, NEW)
        assert strays(tmp_path) == []
    assert number > 4  # open, fsync, replace and the folder's fsync each had their turn
    assert path.read_bytes() == NEW


def test_a_program_that_dies_at_any_moment_leaves_old_or_new(tmp_path, faults):
    path = tmp_path / "file"
    for number in count(1):
        write_bytes(path, OLD)
        with faults.at(number, lasting=True):
            try:
                write_bytes(path, NEW)
            except WriteError:
                assert path.read_bytes() in (OLD, NEW)
            else:
                assert path.read_bytes() == NEW
        if not faults.struck:
            break


def test_the_message_of_a_failed_save_tells_how_much_room_is_left(tmp_path, faults):
    with faults.at(1), pytest.raises(WriteError, match=r"No space left .* MB free on that disk"):
        write_bytes(tmp_path / "file", NEW)


def test_a_full_disk_in_the_middle_of_the_bytes_keeps_the_old_file(tmp_path):
    resource = pytest.importorskip("resource")
    path = tmp_path / "file"
    write_bytes(path, OLD)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(WriteError, match="File too large"):
            write_bytes(path, bytes(1_000_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == OLD
    assert strays(tmp_path) == []


def test_an_error_of_the_caller_passes_through_and_keeps_the_old_file(tmp_path):
    path = tmp_path / "file"
    write_bytes(path, OLD)
    with pytest.raises(ZeroDivisionError), write_atomically(path) as file:
        file.write(NEW)
        _ = 1 / 0
    assert path.read_bytes() == OLD
    assert strays(tmp_path) == []


def test_bytes_reach_the_disk_before_the_name_and_the_name_before_the_return(tmp_path, monkeypatch):
    events: list[tuple[str, object]] = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(descriptor):
        found = os.fstat(descriptor)
        what = "folder" if stat.S_ISDIR(found.st_mode) else found.st_size
        events.append(("fsync", what))
        fsync(descriptor)

    def noted_replace(source, target):
        events.append(("replace", Path(target).name))
        replace(source, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    write_bytes(tmp_path / "file", NEW)
    assert events == [("fsync", len(NEW)), ("replace", "file"), ("fsync", "folder")]


def test_new_folders_reach_the_disk_too(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr("seglabel.formats.atomic.sync_folder", synced.append)
    write_bytes(tmp_path / "a" / "b" / "file", NEW)
    assert set(synced) == {tmp_path, tmp_path / "a", tmp_path / "a" / "b"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_the_mode_of_the_old_file_is_kept(tmp_path, mode):
    path = tmp_path / "file"
    path.write_bytes(OLD)
    path.chmod(mode)
    write_bytes(path, NEW)
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_new_file_is_as_readable_as_any_other(tmp_path):
    (tmp_path / "plain").touch()
    write_bytes(tmp_path / "file", NEW)
    plain, ours = ((tmp_path / name).stat().st_mode for name in ("plain", "file"))
    assert ours == plain


def test_a_link_stays_a_link_and_its_target_is_replaced(tmp_path):
    (tmp_path / "real").mkdir()
    write_bytes(tmp_path / "real" / "file", OLD)
    (tmp_path / "link").symlink_to("real/file")
    write_bytes(tmp_path / "link", NEW)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "file").read_bytes() == NEW


def test_a_file_in_place_of_the_folder_is_an_error_and_no_loss(tmp_path):
    (tmp_path / "file").write_bytes(OLD)
    with pytest.raises(WriteError, match="cannot be written"):
        write_bytes(tmp_path / "file" / "below", NEW)
    assert (tmp_path / "file").read_bytes() == OLD


def test_asking_whether_a_place_can_be_written_leaves_nothing_behind(tmp_path, faults):
    (tmp_path / "file").write_bytes(OLD)
    require_writable(tmp_path / "file")
    require_writable(tmp_path / "deep" / "er" / "new")
    with pytest.raises(WriteError, match="new: cannot be written"):
        require_writable(tmp_path / "file" / "new")
    with faults.at(1), pytest.raises(WriteError, match="No space left"):
        require_writable(tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() == OLD


def test_sweeping_removes_strays_and_nothing_else(tmp_path):
    for name in ("a/.tmp-0123", ".tmp-x", "a/keep", "tmp-keep"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, 0))
    assert {path.name for path in sweep_temporaries(tmp_path)} == {".tmp-0123", ".tmp-x"}
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"keep", "tmp-keep"}


def test_sweeping_leaves_what_another_process_may_be_writing(tmp_path):
    with write_atomically(tmp_path / "models" / "file") as file:
        file.write(NEW)
        assert sweep_temporaries(tmp_path, tmp_path / "models") == []
    assert (tmp_path / "models" / "file").read_bytes() == NEW


@pytest.mark.skipif(sys.platform != "linux", reason="no other system swaps names in one step")
def test_two_folders_swap_their_names_or_nothing_happens(tmp_path):
    for name in ("a", "b"):
        write_bytes(tmp_path / name / "file", name.encode())
    assert exchange(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "a" / "file").read_bytes() == b"b"
    assert (tmp_path / "b" / "file").read_bytes() == b"a"
    assert not exchange(tmp_path / "a", tmp_path / "nothing")
    assert (tmp_path / "a" / "file").read_bytes() == b"b"


OWN_WAYS = {
    "formats/atomic.py",
    "formats/journal.py",  # adds to a file, and takes back what did not get there whole
    "formats/record_log.py",  # the same
    "formats/download.py",  # goes on with a part, which gets its name when it is whole
    "formats/storage.py",  # what lies behind a URL
    "app/screens/marks.py",  # drawings that are made anew by whoever needs them
    "formats/crash_note.py",  # stays open for the moment when nothing can be opened any more
    "cli/segmenters.py",  # what a process gets from another, in a folder that goes again
    "model/benchmark.py",  # numbers that one process hands to another
    "model/engines/openvino_engine.py",  # a cache, renamed when it is whole
}


def test_nothing_but_atomic_writing_makes_files() -> None:
    """A writer of its own could leave half a file, or nothing of the old one."""
    root = Path(seglabel.__file__).parent
    writes = re.compile(
        r"""\.write_text\(|\.write_bytes\(|open\([^)]*["'][wax]b?\+?["']|shutil\.(copy|move)\w*\("""
        r"""|np\.save|\.tofile\(|pixmap\.save\(|save_model\("""
    )
    ours = {
        path.relative_to(root).as_posix(): path.read_text("utf-8") for path in root.rglob("*.py")
    }
    found = {name for name, text in ours.items() if any(
        not match[0].startswith("shutil.copyfileobj") and "archive.open" not in line
        for line in text.splitlines() for match in writes.finditer(line))}  # fmt: skip
    assert found <= OWN_WAYS


def test_syncing_a_folder_closes_what_it_opened(tmp_path, faults, monkeypatch):
    closed = []
    close = os.close
    monkeypatch.setattr(os, "close", lambda number: (closed.append(number), close(number)))
    with faults.at(1), pytest.raises(OSError, match="No space left"):
        sync_folder(tmp_path)
    assert len(closed) == 1
