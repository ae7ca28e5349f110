"""Moving the tensors of a foreign checkpoint to our names, each exactly once."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from seglabel.core.errors import CheckpointError
from seglabel.model.raw_checkpoint import RawCheckpoint

NORM_EPS = 1e-5  # of every norm in a head, and of backbones where a reader relies on it
_NORM_PARTS = ("weight", "bias", "running_mean", "running_var")
_COUNTER = "num_batches_tracked"  # only training looks at it; old files lack it


class Weights:
    """What a file holds, and what of it has found its place.

    A tensor that is asked for and missing raises CheckpointError, and so does
    :meth:`finish` if one was neither placed nor dropped.
    """

    def __init__(self, raw: RawCheckpoint) -> None:
        self.raw = raw
        self._left = dict(raw.tensors)
        self._state: dict[str, Tensor] = {}
        self.origins: dict[str, str] = {}
        self.dropped: list[str] = []

    # asking

    def shape(self, key: str) -> tuple[int, ...]:
        """Shape of a tensor that is still to be placed."""
        if key not in self._left:
            raise CheckpointError(f"{self.raw.path}: lacks {key}")
        return tuple(self._left[key].shape)

    def has(self, prefix: str) -> bool:
        return any(key.startswith(prefix) for key in self._left)

    def count(self, prefix: str) -> int:
        """How many numbers follow ``prefix``, as in ``layer3.0``, ``layer3.1`` …"""
        numbers = {
            key.removeprefix(prefix).split(".")[0] for key in self._left if key.startswith(prefix)
        }
        return sum(number.isdigit() for number in numbers)

    def numbers(self, key: str) -> tuple[float, float, float] | None:
        """Three numbers that stand beside the weights, one per colour; taken away if there."""
        value = self._left.pop(key, None)
        if value is None:
            return None
        if value.numel() != 3:
            raise CheckpointError(f"{self.raw.path}: {key} is {tuple(value.shape)}, expected 3")
        red, green, blue = (float(number) for number in value.flatten())
        return red, green, blue

    # placing

    def tensor(self, source: str, target: str) -> None:
        self._put(target, self._take(source))
        self.origins[target] = source

    def conv(self, source: str, target: str) -> None:
        """A convolution without bias."""
        self.tensor(f"{source}.weight", f"{target}.weight")

    def classifier(self, source: str, target: str = "classifier") -> None:
        """A convolution with bias."""
        for part in ("weight", "bias"):
            self.tensor(f"{source}.{part}", f"{target}.{part}")

    def norm(self, source: str, target: str) -> None:
        for part in _NORM_PARTS:
            self.tensor(f"{source}.{part}", f"{target}.{part}")
        self._left.pop(f"{source}.{_COUNTER}", None)

    def conv_norm(
        self,
        conv: str,
        norm: str,
        target: str | tuple[str, str],
    ) -> None:
        """A convolution and its norm. A bias goes into the norm's mean, where it means the same."""
        to_conv, to_norm = (
            (f"{target}.conv", f"{target}.norm") if isinstance(target, str) else target
        )
        self.conv(conv, to_conv)
        self.norm(norm, to_norm)
        bias = self._left.pop(f"{conv}.bias", None)
        if bias is not None:
            mean = self._state[f"{to_norm}.running_mean"]
            if bias.shape != mean.shape:
                raise CheckpointError(f"{self.raw.path}: {conv}.bias misfits {norm}.running_mean")
            self._state[f"{to_norm}.running_mean"] = mean - bias

    def conv_without_norm(self, conv: str, target: str | tuple[str, str]) -> None:
        """A convolution where we have a norm and they have none: ours does nothing but add."""
        to_conv, to_norm = (
            (f"{target}.conv", f"{target}.norm") if isinstance(target, str) else target
        )
        self.conv(conv, to_conv)
        outputs = self._state[f"{to_conv}.weight"].shape[0]
        bias = self._left.pop(f"{conv}.bias", None)
        self._put(f"{to_norm}.weight", torch.ones(outputs))
        self._put(f"{to_norm}.bias", torch.zeros(outputs) if bias is None else bias)
        self._put(f"{to_norm}.running_mean", torch.zeros(outputs))
        self._put(f"{to_norm}.running_var", torch.full((outputs,), 1 - NORM_EPS))

    def prefixed(self, source: str, target: str) -> None:
        """Everything under ``source`` keeps its name under ``target``."""
        for key in [key for key in self._left if key.startswith(source)]:
            self.tensor(key, target + key.removeprefix(source))

    def reorder_inputs(self, key: str, sizes: Iterable[int], order: Iterable[int]) -> None:
        """Blocks of input channels of a placed convolution, in another order.

        ``sizes`` are those of the blocks as the file has them, ``order`` names them as we want
        them: it undoes a concatenation in another order.
        """
        self._reorder(key, sizes, order, dim=1)

    def reorder_outputs(self, prefix: str, sizes: Iterable[int], order: Iterable[int]) -> None:
        """The same for everything of a depthwise convolution, whose channels stay what they are."""
        for key in [key for key in self._state if key.startswith(prefix)]:
            self._reorder(key, sizes, order, dim=0)

    def _reorder(self, key: str, sizes: Iterable[int], order: Iterable[int], dim: int) -> None:
        sizes = list(sizes)
        weight = self._state[key]
        if weight.shape[dim] != sum(sizes):
            raise CheckpointError(
                f"{self.raw.path}: expected {sum(sizes)} channels for {key}, "
                f"found {weight.shape[dim]}"
            )
        blocks = torch.split(weight, sizes, dim=dim)
        self._state[key] = torch.cat([blocks[i] for i in order], dim=dim).contiguous()

    def drop(self, *prefixes: str) -> None:
        """Leave out what inference does not need, and say so."""
        for prefix in prefixes:
            keys = [key for key in self._left if key.startswith(prefix)]
            if keys:
                self.dropped.append(f"{prefix}* ({len(keys)} tensors)")
            for key in keys:
                del self._left[key]

    def finish(self) -> dict[str, Tensor]:
        """Everything by our names."""
        left = sorted(self._left)
        if left:
            more = f" and {len(left) - 3} more" if len(left) > 3 else ""
            raise CheckpointError(f"{self.raw.path}: has unexpected {', '.join(left[:3])}{more}")
        return self._state

    def _take(self, key: str) -> Tensor:
        if key not in self._left:
            raise CheckpointError(f"{self.raw.path}: lacks {key}")
        return self._left.pop(key)

    def _put(self, key: str, value: Tensor) -> None:
        if key in self._state:
            raise CheckpointError(f"{self.raw.path}: two of its tensors claim the place of {key}")
        self._state[key] = value
