"""A folder of pictures, a small model and the program itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from seglabel.core.categories import Category, CategorySet
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.project_store import ProjectStore
from seglabel.model.architecture import Architecture
from seglabel.model.checkpoint import ModelSpec, channels_of, encode_checkpoint
from seglabel.model.deeplabv3plus import DeepLabV3Plus

CATEGORIES = CategorySet((Category(1, "red", (255, 0, 0)), Category(2, "blue", (0, 0, 255))))


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Nets this small gain nothing from threads, which on a busy machine wait for each other."""
    torch.set_num_threads(1)


@dataclass(frozen=True)
class Outcome:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Stdout as JSON lines; NaN and the like are no JSON."""

        def refuse(constant: str) -> None:
            raise ValueError(constant)

        return [json.loads(line, parse_constant=refuse) for line in self.out.splitlines()]


@pytest.fixture
def seglabel(capsys) -> Callable[..., Outcome]:
    """Run one command line in this process."""
    from seglabel.__main__ import main

    def run(*arguments: object) -> Outcome:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:  # argparse, which refuses by itself
            code = int(end.code or 0)
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err)

    return run


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Three pictures, red on the left and blue on the right."""
    folder = tmp_path / "pictures"
    picture = np.zeros((24, 40, 3), np.uint8)
    picture[:, :20, 0], picture[:, 20:, 2] = 255, 255
    for name in ("one.png", "sub/two.png", "zwei 图.png"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(path)
    return folder


@pytest.fixture
def labelled(images: Path) -> ProjectStore:
    """The same pictures as a project in which the first one is reviewed."""
    store = ProjectStore.open(images)
    store.project.categories = CATEGORIES
    store.save_project()
    labels = np.ones((24, 40), np.uint8)
    labels[:, 20:] = 2
    painted = np.ones((24, 40), np.bool_)
    store.save("one.png", Annotation(labels, painted, None, Status.REVIEWED))
    return store


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
