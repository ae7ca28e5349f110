"""Disks that lose what was not yet on them, and runs that are hit at every moment.

By default a few moments are tried; ``python3 packaging/dev.py faults`` tries them all.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from seglabel.core.categories import Category, CategorySet
from seglabel.model.architecture import Architecture
from seglabel.model.checkpoint import ModelSpec, channels_of, encode_checkpoint
from seglabel.model.deeplabv3plus import DeepLabV3Plus

CATEGORIES = CategorySet((Category(3, "red", (255, 0, 0)), Category(8, "blue", (0, 0, 255))))


class PowerLoss(BaseException):
    """Nothing in the program may handle this."""


class Disk:
    """Notes what of ``root`` is durable; loses power before the ``at``-th fsync or rename."""

    def __init__(self, patch: pytest.MonkeyPatch, root: Path, at: int | None = None) -> None:
        files = [path.stat() for path in root.rglob("*") if path.is_file()]
        self.events = 0
        self._at = at
        self._root = root
        # inode → bytes of a file that are on the disk
        self._sizes = {found.st_ino: found.st_size for found in files}
        self._renamed: dict[Path, bytes | None] = {}  # not on the disk yet → what was there before
        self._fsync, self._replace, self._unlink = os.fsync, os.replace, os.unlink
        patch.setattr(os, "fsync", self.fsync)
        patch.setattr(os, "replace", self.replace)
        patch.setattr(os, "unlink", self.unlink)

    @property
    def is_off(self) -> bool:
        return self._at is not None and self.events >= self._at

    def fsync(self, descriptor: int) -> None:
        self._pass()
        self._fsync(descriptor)
        found = os.fstat(descriptor)
        if stat.S_ISDIR(found.st_mode):
            for path in [p for p in self._renamed if p.parent.stat().st_ino == found.st_ino]:
                del self._renamed[path]
        else:
            self._sizes[found.st_ino] = found.st_size

    def replace(self, source: Any, target: Any) -> None:
        self._pass()
        path = Path(target)
        before = path.read_bytes() if path.exists() else None
        if path.exists():
            self._sizes.pop(path.stat().st_ino, None)  # a new file may get the same inode
        self._replace(source, target)
        self._renamed.setdefault(path, before)

    def unlink(self, path: Any, **choices: Any) -> None:
        if self.is_off:
            raise PowerLoss
        self._unlink(path, **choices)

    def _pass(self) -> None:
        self.events += 1
        if self.is_off:
            raise PowerLoss

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


@pytest.fixture
def pictures():
    return make_images


@pytest.fixture
def categories() -> CategorySet:
    return CATEGORIES


@pytest.fixture
def power_loss() -> type[BaseException]:
    return PowerLoss
