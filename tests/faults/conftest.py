"""Disks that lose what was not yet on them, and runs that are hit at every moment.

By default a few moments are tried; ``python3 packaging/dev.py faults`` tries them all.
"""

from __future__ import annotations

import builtins
import io
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from seglabel.core.categories import Category, CategorySet

CATEGORIES = CategorySet((Category(3, "red", (255, 0, 0)), Category(8, "blue", (0, 0, 255))))


class PowerLoss(BaseException):
    """Nothing in the program may handle this."""


class Disk:
    """Notes what of ``root`` is durable, and fails at the ``at``-th event that changes anything.

    An event is a file that is created, a write, an fsync, a rename, a removal. Without an ``error``
    power is lost before that event and stays off. With one, a number such as ENOSPC, the event is
    refused, and all after it where that is ``lasting``; of a write that is refused a part is
    written all the same. ``trace`` lists the events: what was done, and to which path.
    """

    def __init__(
        self,
        patch: pytest.MonkeyPatch,
        root: Path,
        at: int | None = None,
        *,
        error: int | None = None,
        lasting: bool = False,
    ) -> None:
        files = [path.stat() for path in root.rglob("*") if path.is_file()]
        self.events = 0
        self.trace: list[tuple[str, Path]] = []
        self.struck = False
        self._at, self._error, self._lasting = at, error, lasting or error is None
        self._root = root.resolve()
        self._guard = threading.Lock()  # programs write on several threads
        # inode → bytes of a file that are on the disk
        self._sizes = {found.st_ino: found.st_size for found in files}
        self._renamed: dict[Path, bytes | None] = {}  # not on the disk yet → what was there before
        self._paths: dict[int, Path] = {}  # of descriptors
        self._fsync, self._replace, self._unlink = os.fsync, os.replace, os.unlink
        self._open, self._os_open, self._os_truncate = open, os.open, os.truncate
        patch.setattr(os, "fsync", self.fsync)
        patch.setattr(os, "replace", self.replace)
        patch.setattr(os, "rename", self.replace)
        patch.setattr(os, "unlink", self.unlink)
        patch.setattr(os, "truncate", self.truncate)
        patch.setattr(os, "open", self.os_open)
        patch.setattr(io, "open", self.open)
        patch.setattr(builtins, "open", self.open)

    def mend(self) -> None:
        """Nothing fails any more."""
        self._at = None

    def os_open(self, path: Any, flags: int, *rest: Any, **choices: Any) -> int:
        if flags & os.O_CREAT:
            self._pass("create", Path(path))
        descriptor = self._os_open(path, flags, *rest, **choices)
        self._paths[descriptor] = Path(os.fsdecode(path))
        return descriptor

    def open(self, file: Any, mode: str = "r", *rest: Any, **choices: Any) -> Any:
        """As the built-in, but what is written to files in the root can fail."""
        if not set(mode) & set("wax+") or "b" not in mode:
            return self._open(file, mode, *rest, **choices)
        path = self._paths.get(file) if isinstance(file, int) else Path(file)
        if path is None or not path.resolve().is_relative_to(self._root):
            return self._open(file, mode, *rest, **choices)
        if not isinstance(file, int) and not path.exists():
            self._pass("create", path)
        raw = _FailingFile(file, mode.replace("b", ""), lambda: self._strikes("write", path))
        return io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)

    def fsync(self, descriptor: int) -> None:
        found = os.fstat(descriptor)
        is_folder = stat.S_ISDIR(found.st_mode)
        where = Path(f"/proc/self/fd/{descriptor}").readlink()
        self._pass("sync folder" if is_folder else "sync", where)
        self._fsync(descriptor)
        if is_folder:
            for path in [p for p in self._renamed if p.parent.stat().st_ino == found.st_ino]:
                del self._renamed[path]
        else:
            self._sizes[found.st_ino] = found.st_size

    def replace(self, source: Any, target: Any, **choices: Any) -> None:
        self._pass("rename", Path(target))
        path = Path(target)
        before = path.read_bytes() if path.is_file() else None
        if path.exists():
            self._sizes.pop(path.stat().st_ino, None)  # a new file may get the same inode
        self._replace(source, target, **choices)
        self._renamed.setdefault(path, before)

    def unlink(self, path: Any, **choices: Any) -> None:
        where = Path(os.fsdecode(path))
        if "dir_fd" in choices or (where.exists() or where.is_symlink()):
            self._pass("remove", where)
        self._unlink(path, **choices)

    def truncate(self, path: Any, length: int) -> None:
        self._pass("truncate", Path(path))
        self._os_truncate(path, length)

    def _pass(self, what: str, path: Path) -> None:
        """Count an event, unless it is the one that fails."""
        if self._strikes(what, path):
            if self._error is None:
                raise PowerLoss
            raise OSError(self._error, os.strerror(self._error), str(path))

    def _strikes(self, what: str, path: Path) -> int | None:
        """Count an event; what it fails with: an error number, -1 for the loss of power."""
        with self._guard:
            self.events += 1
            at = self._at
            if at is None or self.events < at or (self.events > at and not self._lasting):
                self.trace.append((what, path))
                return None
            self.struck = True
            return self._error or -1

    def lose(self, *, keeps_names: bool) -> None:
        """Turn what lies there into what a disk may hold after power came back.

        Bytes that were not synced are there in part. Renames of which the folder does not know yet
        are kept or not.
        """
        undone = set()
        if not keeps_names:
            for path, before in self._renamed.items():
                path.rename(path.with_name(f".tmp-{path.name}"))
                if before is not None:
                    path.write_bytes(before)
                    undone.add(path)
        for path in self._root.rglob("*"):
            if path.is_file() and path not in undone:
                found = path.stat()
                durable = self._sizes.get(found.st_ino, 0)
                if found.st_size > durable:
                    os.truncate(path, (found.st_size + durable) // 2)


class _FailingFile(io.FileIO):
    """A file whose writes are refused when ``strikes`` says so, after a part was written."""

    def __init__(self, file: Any, mode: str, strikes: Callable[[], int | None]) -> None:
        super().__init__(file, mode)
        self._strikes = strikes
        self._refused: int | None = None  # the rest of a write is

    def write(self, data: Any) -> int:
        refused, self._refused = self._refused, None
        if refused is None and (refused := self._strikes()) is not None and len(data) > 1:
            self._refused = refused
            return super().write(memoryview(data)[: len(data) // 2])
        if refused is not None:
            raise PowerLoss if refused == -1 else OSError(refused, os.strerror(refused), self.name)
        return super().write(data)


def moments(count: int, few: int) -> range:
    """Which of ``count`` moments are tried, from 1."""
    is_thorough = os.environ.get("SEGLABEL_FAULTS") == "all"
    return range(1, count + 1, 1 if is_thorough else max(1, count // few))


def make_images(folder: Path, count: int) -> Path:
    """Pictures that all differ, half of them in a folder of their own."""
    picture = np.zeros((12, 20, 3), np.uint8)
    picture[:, :10, 0], picture[:, 10:, 2] = 255, 255
    for number in range(count):
        path = folder / ("deep" if number % 2 else ".") / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture[:, :, 1] = number
        Image.fromarray(picture).save(path)
    return folder


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint with random weights that knows red and blue."""
    import torch  # only who needs a model waits for it

    from seglabel.model.architecture import Architecture
    from seglabel.model.checkpoint import ModelSpec, channels_of, encode_checkpoint
    from seglabel.model.deeplabv3plus import DeepLabV3Plus

    torch.manual_seed(0)
    arch = Architecture(
        "mobilenet_v2", 3, aspp_channels=8, low_level_channels=8, decoder_channels=8
    )
    spec = ModelSpec(arch, CATEGORIES, channels_of(CATEGORIES))
    path = tmp_path_factory.mktemp("models") / "tiny.safetensors"
    path.write_bytes(encode_checkpoint(DeepLabV3Plus(arch).state_dict(), spec))
    return path


@pytest.fixture
def disk():
    return Disk


@pytest.fixture
def tried():
    return moments


@pytest.fixture(scope="session")
def pictures():
    return make_images


@pytest.fixture
def categories() -> CategorySet:
    return CATEGORIES


@pytest.fixture
def power_loss() -> type[BaseException]:
    return PowerLoss
