from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from seglabel.model.blocks import Convolution, same_padding


def tensorflow_same(size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """The smallest padding that gives ceil(size / stride) windows; the odd pixel comes last."""
    windows = -(-size // stride)
    total = 0
    while (size + total - (kernel - 1) * dilation - 1) // stride + 1 < windows:
        total += 1
    return total // 2, total - total // 2


@given(
    size=st.integers(1, 70),
    kernel=st.integers(1, 7),
    stride=st.integers(1, 4),
    dilation=st.integers(1, 6),
)
def test_padding_follows_tensorflows_rule(
    size: int, kernel: int, stride: int, dilation: int
) -> None:
    found = same_padding(size, kernel, stride, dilation)
    assert found == tensorflow_same(size, kernel, stride, dilation)


@given(height=st.integers(1, 40), width=st.integers(1, 40), stride=st.integers(1, 2))
def test_a_convolution_divides_the_size_by_its_stride_rounded_up(
    height: int, width: int, stride: int
) -> None:
    picture = torch.zeros(1, 1, height, width)
    for same in (False, True):
        convolution = Convolution(1, 1, 3, stride=stride, dilation=1, same=same)
        assert convolution(picture).shape[-2:] == (-(-height // stride), -(-width // stride))


def test_tensorflows_padding_puts_the_odd_pixel_at_the_bottom_and_right() -> None:
    convolution = Convolution(1, 1, 3, stride=2, same=True)
    torch.nn.init.zeros_(convolution.weight)
    convolution.weight.data[0, 0, 0, 0] = 1  # copies the upper left pixel of each window
    picture = torch.arange(16.0).reshape(1, 1, 4, 4)
    assert convolution(picture)[0, 0].tolist() == [[0, 2], [8, 10]]
