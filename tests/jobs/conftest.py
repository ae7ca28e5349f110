"""Small projects and a model without a network for the tests of the jobs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from safetensors.numpy import save

from seglabel.core.cancel import Cancel
from seglabel.core.categories import BACKGROUND, Category, CategorySet
from seglabel.core.model_version import ModelVersion
from seglabel.core.proposal import Proposal
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.model_file import version_note, with_notes
from seglabel.formats.project_store import ProjectStore

SIZE = (12, 20)
NAMES = ("a.png", "b.png", "deep/a.png", "deep/c.png")
CATEGORIES = CategorySet((Category(3, "red", (255, 0, 0)), Category(8, "blue", (0, 0, 255))))


def split_picture(height: int = SIZE[0], width: int = SIZE[1]) -> NDArray[np.uint8]:
    """Red on the left, blue on the right."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, : width // 2, 0], picture[:, width // 2 :, 2] = 255, 255
    return picture


class ColourProposer:
    """A whole model: calls red pixels by one id, blue ones by another, all else background."""

    def __init__(
        self, categories: CategorySet = CATEGORIES, *, name: str = "colours", digest: str = "c0"
    ) -> None:
        self.categories = categories
        self.name = name
        self.digest = digest
        self.pictures = 0

    batch_size = 1

    def propose(self, image: NDArray[np.uint8], cancel: Cancel | None = None) -> Proposal:
        (cancel or Cancel()).raise_if_set()
        self.pictures += 1
        red, blue = self.categories.ids[:2]
        labels = np.full(image.shape[:2], BACKGROUND, np.uint8)
        labels[image[..., 0] > 128] = red
        labels[image[..., 2] > 128] = blue
        return Proposal(
            labels,
            np.full((3, 5), 0.75, np.float16),
            np.full((3, 5), 0.5, np.float16),
            self.name,
            self.digest,
        )


@pytest.fixture
def proposer() -> Callable[..., ColourProposer]:
    return ColourProposer


@pytest.fixture
def categories() -> CategorySet:
    return CATEGORIES


@pytest.fixture
def picture() -> Callable[..., NDArray[np.uint8]]:
    return split_picture


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A folder of four pictures, two of which share a base name."""
    folder = tmp_path / "images"
    for name in NAMES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(split_picture()).save(path)
    return folder


@pytest.fixture
def store(images: Path) -> ProjectStore:
    """A project of these pictures with the categories red (3) and blue (8)."""
    opened = ProjectStore.open(images)
    opened.project.categories = CATEGORIES
    opened.save_project()
    return opened


@pytest.fixture
def label() -> Callable[..., None]:
    """Gives images labels as a person would: all of one id or a whole label map."""

    def make(
        store: ProjectStore,
        names: Sequence[str],
        labels: NDArray[np.uint8] | int = 3,
        *,
        status: Status = Status.REVIEWED,
        painted: NDArray[np.bool_] | None = None,
    ) -> None:
        for name in names:
            whole = np.broadcast_to(np.asarray(labels, np.uint8), SIZE).copy()
            mask = np.ones(SIZE, np.bool_) if painted is None else painted
            store.save(name, Annotation(whole, mask, None, status))

    return make


@pytest.fixture
def damage(images: Path) -> Callable[[str], None]:
    """Cuts an image file in half."""

    def cut(name: str) -> None:
        path = images / name
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2])

    return cut


@pytest.fixture
def bytes_of() -> Callable[[Path], dict[str, bytes]]:
    """The content of every file below a folder, hidden ones aside."""

    def read(folder: Path) -> dict[str, bytes]:
        files = (path for path in folder.rglob("*") if path.is_file())
        found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
        return {name: data for name, data in found.items() if not name.startswith(".")}

    return read


MODEL_SPEC = {
    "architecture": {"backbone": "efficientnet_lite0", "output_stride": 16},
    "categories": {"categories": [{"id": 3, "name": "red | roof", "color": "#ff0000"}]},
    "channels": [0, 3],
    "license": "Apache-2.0",
    "training": {"steps": 70, "seconds": 8.5, "seed": 1, "miou": 0.25, "pixel_accuracy": 0.5},
}


@pytest.fixture
def make() -> Callable[..., Path]:
    """Writes checkpoints into a project."""

    def write(store, name: str, **facts: object) -> Path:
        """A checkpoint in the project, with a record if there are facts."""
        path = store.models_folder / f"{name}.safetensors"
        path.parent.mkdir(parents=True, exist_ok=True)
        data = save({"w": np.arange(3, dtype=np.float32)}, {"seglabel": json.dumps(MODEL_SPEC)})
        if facts:
            version = ModelVersion(name, **{"date": "2026-01-01T00:00:00Z", **facts})
            data = with_notes(data, version_note(version), path)
        path.write_bytes(data)
        return path

    return write
