"""One writer per project, whoever it is, and nothing overwritten where a lock is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seglabel.core.errors import ConflictError
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.atomic import WriteError
from seglabel.formats.label_png import read_label_file
from seglabel.formats.lock import LockedError, ProjectLock, read_holder
from seglabel.formats.project_store import ProjectStore

SHAPE = (20, 30)
HOLD = """
import sys
from pathlib import Path
from seglabel.formats.project_store import ProjectStore
store = ProjectStore.open(Path(sys.argv[1]))
store.save_project()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "pictures"
    target.mkdir()
    Image.fromarray(np.zeros((*SHAPE, 3), np.uint8)).save(target / "a.png")
    return target


@contextmanager
def another_program(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Has the project of a folder open for writing."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def labels(value: int) -> Annotation:
    return Annotation(
        np.full(SHAPE, value, np.uint8), np.ones(SHAPE, np.bool_), status=Status.CORRECTED
    )


def test_who_comes_second_is_told_who_has_the_project(folder: Path) -> None:
    with another_program(folder) as other:
        with pytest.raises(LockedError, match=rf"process {other.pid}\b"):
            ProjectStore.open(folder)
        looking = ProjectStore.open_or_look(folder)
        assert str(other.pid) in looking.refusal
        with pytest.raises(WriteError, match=str(other.pid)):
            looking.save("a.png", labels(1))
        assert looking.load("a.png") is None


def test_the_lock_of_a_program_that_was_killed_is_free(folder: Path) -> None:
    with another_program(folder) as other:
        os.kill(other.pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
        other.wait()
        store = ProjectStore.open(folder)
        store.save("a.png", labels(1))
        store.close()
    assert read_label_file(folder / ".seglabel/labels/a.png.png").labels().max() == 1


def test_a_project_that_is_begun_by_another_program_meanwhile_is_not_written_to(
    folder: Path,
) -> None:
    store = ProjectStore.open(folder)  # nothing is on disk yet, not even a lock
    with another_program(folder), pytest.raises(LockedError):
        store.save("a.png", labels(1))
    store.save("a.png", labels(2))
    assert read_label_file(folder / ".seglabel/labels/a.png.png").labels().max() == 2


def test_a_closed_project_is_open_to_others(folder: Path) -> None:
    store = ProjectStore.open(folder)
    store.save("a.png", labels(1))
    store.close()
    with another_program(folder):
        assert ProjectStore.open_or_look(folder).refusal


def test_all_of_one_program_have_the_lock_together_until_the_last_gives_it_back(
    tmp_path: Path,
) -> None:
    first, second = ProjectLock(tmp_path), ProjectLock(tmp_path)
    first.acquire()
    second.acquire()
    first.release()
    assert (tmp_path / "lock.json").exists()
    second.release()
    assert not (tmp_path / "lock.json").exists()


def test_threads_that_write_first_at_the_same_moment_are_not_in_each_others_way(
    tmp_path: Path,
) -> None:
    for number in range(30):
        lock, barrier = ProjectLock(tmp_path / str(number)), threading.Barrier(4)

        def take(lock: ProjectLock = lock, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            lock.acquire()

        with ThreadPoolExecutor(4) as pool:
            taken = [pool.submit(take) for _ in range(4)]
        assert [one.exception() for one in taken] == [None] * 4
        lock.release()
        assert not (tmp_path / str(number) / "lock.json").exists()


def test_where_the_lock_was_lost_newer_labels_stay_and_the_others_lie_beside_them(
    folder: Path,
) -> None:
    mine, theirs = ProjectStore.open(folder), ProjectStore.open(folder)
    mine.save("a.png", labels(1))
    theirs.project.update(mine.project.records["a.png"])
    theirs.save("a.png", labels(2))
    with pytest.raises(ConflictError, match="revision 2") as error:
        mine.save("a.png", labels(3))
    path = folder / ".seglabel/labels/a.png.png"
    assert (read_label_file(path).labels() == 2).all()
    beside = next((folder / ".seglabel/conflicts").rglob("*.png"))
    assert str(beside) in str(error.value)
    assert (read_label_file(beside).labels() == 3).all()
    mine.save("a.png", labels(4))  # now it has seen theirs
    assert (read_label_file(path).labels() == 4).all()


def test_looking_writes_nothing(folder: Path) -> None:
    store = ProjectStore.read(folder)
    with pytest.raises(WriteError, match="looking only"):
        store.save("a.png", labels(1))
    assert not (folder / ".seglabel").exists()


@pytest.mark.parametrize(
    "said", [b'{"program":"p","pid":Infinity,"host":"h","user":"u","since":"s"}', b"[" * 9999]
)
def test_a_note_of_a_holder_that_makes_no_sense_names_nobody(tmp_path, said) -> None:
    (tmp_path / "lock.json").write_bytes(said)
    assert read_holder(tmp_path) is None
