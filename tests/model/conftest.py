"""Small networks, pictures and checkpoints for the tests of the model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from seglabel.core.categories import Category, CategorySet
from seglabel.model.architecture import Architecture
from seglabel.model.checkpoint import ModelSpec, channels_of, encode_checkpoint
from seglabel.model.deeplabv3plus import DeepLabV3Plus
from seglabel.model.devices import Device
from seglabel.model.segmenter import Augmentation, Segmenter

SHARED = Path(__file__).parents[3] / "shared"
"""Real pictures and weights, which lie beside a checkout where there are any."""

CPU = Device("cpu", "CPU (as asked)")


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Nets this small gain nothing from threads, which on a busy machine wait for each other."""
    torch.set_num_threads(1)


@pytest.fixture
def shared() -> Path:
    """The folder with real data. Skips the test where there is none."""
    if not (SHARED / "models").is_dir():
        pytest.skip(f"needs the real pictures and weights in {SHARED}, which is absent")
    return SHARED


@pytest.fixture
def categories() -> CategorySet:
    """Ids with a gap, so that a channel's index is never its id by chance."""
    return CategorySet(
        (
            Category(2, "bird", (10, 20, 30), is_thing=True),
            Category(7, "sky", (40, 50, 60)),
            Category(31, "wall", (70, 80, 90)),
        )
    )


def tiny_architecture(outputs: int = 4, **choices: object) -> Architecture:
    """The smallest backbone with a head of a few channels."""
    small = {
        "aspp_channels": 8,
        "low_level_channels": 8,
        "decoder_channels": 8,
        "dropout": 0.0,
    }
    return Architecture("mobilenet_v2", outputs, **{**small, **choices})


def randomise(net: nn.Module, seed: int = 0) -> nn.Module:
    """Random weights and batch-norm statistics, so that no layer is an identity by chance."""
    generator = torch.Generator().manual_seed(seed)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.weight.data.uniform_(0.5, 1.5, generator=generator)
            module.bias.data.normal_(0, 0.2, generator=generator)
            module.running_mean.normal_(0, 0.2, generator=generator)
            module.running_var.uniform_(0.5, 1.5, generator=generator)
        elif isinstance(module, nn.Conv2d):
            fan_in = module.weight[0].numel()
            module.weight.data.normal_(0, (2 / fan_in) ** 0.5, generator=generator)
            if module.bias is not None:
                module.bias.data.normal_(0, 0.2, generator=generator)
    return net.eval()


def noise(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    """A picture of smooth random colours, uint8 RGB (height, width, 3)."""
    generator = np.random.default_rng(seed)
    coarse = torch.from_numpy(generator.uniform(0, 255, (1, 3, height // 8 + 2, width // 8 + 2)))
    full = nn.functional.interpolate(coarse, (height, width), mode="bilinear")
    return np.ascontiguousarray(full[0].permute(1, 2, 0).numpy().astype(np.uint8))


class ColourNet(nn.Module):
    """Scores from the mean colour of each cell of the grid, and from nothing else.

    It sees no surroundings, so that tiles cannot change what it says of a cell.
    """

    def __init__(self, outputs: int, stride: int = 4, seed: int = 0) -> None:
        super().__init__()
        self.stride = stride
        self.classify = nn.Conv2d(3, outputs, 1)
        generator = torch.Generator().manual_seed(seed)
        self.classify.weight.data.normal_(generator=generator)
        self.classify.bias.data.normal_(generator=generator)
        self.pictures = 0

    def forward(self, x: Tensor) -> Tensor:
        self.pictures += 1
        return self.classify(nn.functional.avg_pool2d(x, self.stride))

    def described(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The descriptor is the mean colour."""
        return self(x), x.mean((2, 3))


@pytest.fixture(scope="session")
def tiny() -> Callable[..., Architecture]:
    return tiny_architecture


@pytest.fixture(scope="session")
def picture() -> Callable[..., NDArray[np.uint8]]:
    return noise


@pytest.fixture(scope="session")
def randomised() -> Callable[..., nn.Module]:
    return randomise


@pytest.fixture
def colour_segmenter(
    categories: CategorySet,
) -> Callable[..., tuple[Segmenter, ColourNet]]:
    """A segmenter that looks at colours alone, and its network."""

    def make(
        tile: int | None = None, augmentation: Augmentation | None = None, stride: int = 4
    ) -> tuple[Segmenter, ColourNet]:
        low_level = 8 if stride == 4 else 0  # without a decoder the grid is coarser
        arch = tiny_architecture(low_level_channels=low_level)
        net = ColourNet(arch.outputs, stride)
        spec = ModelSpec(arch, categories, channels_of(categories))
        segmenter = Segmenter(
            net,  # type: ignore[arg-type]
            spec,
            name="colour",
            digest="c0",
            device=CPU,
            tile=tile,
            augmentation=augmentation,
        )
        return segmenter, net

    return make


@pytest.fixture
def checkpoint(
    tmp_path: Path, categories: CategorySet
) -> Callable[..., tuple[Path, DeepLabV3Plus]]:
    """Writes a checkpoint with random weights and returns its path and its network."""

    def make(
        name: str = "tiny.safetensors", *, seed: int = 0, arch: Architecture | None = None, **spec
    ) -> tuple[Path, DeepLabV3Plus]:
        arch = arch or tiny_architecture()
        net = DeepLabV3Plus(arch)
        randomise(net, seed)
        known = spec.pop("categories", categories)
        told = ModelSpec(arch, known, spec.pop("channels", channels_of(known)), **spec)
        path = tmp_path / name
        path.write_bytes(encode_checkpoint(net.state_dict(), told))
        return path, net

    return make
