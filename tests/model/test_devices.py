from __future__ import annotations

import platform
import subprocess
import sys

import pytest
import torch

from seglabel.core.errors import SegLabelError
from seglabel.model import devices
from seglabel.model.allocator import keep_pages
from seglabel.model.devices import Device, choose_device, has_bf16


@pytest.mark.parametrize("name", ["gpu", "cuda:0", "CPU", ""])
def test_an_unknown_device_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(SegLabelError, match=r"expected auto, cuda, mps, xpu, cpu"):
        choose_device(name)


@pytest.mark.parametrize("name", ["cuda", "mps", "xpu"])
def test_a_device_this_machine_lacks_is_refused_not_replaced_in_silence(name: str) -> None:
    if getattr(torch, name, torch.backends.mps).is_available():
        pytest.skip(f"this machine has a {name} device")
    with pytest.raises(SegLabelError, match=f"{name} was asked for"):
        choose_device(name)


def test_the_cpu_is_there_whatever_else_is() -> None:
    device = choose_device("cpu")
    assert device.torch_device == torch.device("cpu")
    assert "as asked" in device.reason


def test_the_automatic_choice_always_finds_a_device_and_says_why() -> None:
    device = choose_device("auto")
    assert torch.zeros(1, device=device.torch_device).sum() == 0
    assert device.reason


def test_keeping_pages_is_possible_wherever_glibc_is() -> None:
    assert keep_pages() == (platform.libc_ver()[0] == "glibc")


@pytest.mark.parametrize("module", ["seglabel", "seglabel.model", "seglabel.cli.commands"])
def test_torch_is_not_loaded_before_it_is_needed(module: str) -> None:
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_bf16_is_a_choice_on_processors_alone(monkeypatch) -> None:
    monkeypatch.setattr(devices, "choose_device", lambda: Device("cuda", "a GPU"))
    assert not has_bf16()


def test_bf16_is_a_choice_where_openvino_computes_in_it(monkeypatch) -> None:
    openvino = pytest.importorskip("openvino")
    monkeypatch.setattr(devices, "choose_device", lambda: Device("cpu", "CPU"))
    able = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    assert has_bf16() == ("BF16" in able)
