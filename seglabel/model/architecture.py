"""What decides the numbers of a DeepLabv3+: one frozen description, stored in every checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any

from seglabel.core.errors import CheckpointError


@dataclass(frozen=True, slots=True)
class Architecture:
    """A DeepLabv3+ (Chen et al. 2018, arXiv 1802.02611) with the choices that differ in the wild.

    ``outputs`` is the number of score channels. ``output_stride`` is 8 or 16. ``aspp_rates`` is
    ``None`` for the paper's rates (6, 12, 18 at stride 16, 12, 24, 36 at stride 8) and empty for a
    head without atrous branches. ``low_level_channels`` is 0 for DeepLabv3, which has no decoder.
    ``same_padding`` pads as TensorFlow does (more at the right and the bottom on even sizes).
    """

    backbone: str
    outputs: int
    output_stride: int = 16
    separable: bool = True
    aspp_rates: tuple[int, ...] | None = None
    aspp_channels: int = 256
    low_level_channels: int = 48
    decoder_channels: int = 256
    decoder_convolutions: int = 2
    dropout: float = 0.1
    backbone_eps: float = 1e-5
    head_eps: float = 1e-5
    same_padding: bool = False
    align_corners: bool = False

    @property
    def rates(self) -> tuple[int, ...]:
        """Atrous rates of the ASPP's 3×3 branches."""
        if self.aspp_rates is not None:
            return self.aspp_rates
        return tuple(rate * 16 // self.output_stride for rate in (6, 12, 18))

    @property
    def has_decoder(self) -> bool:
        return self.low_level_channels > 0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Architecture:
        """Read what :meth:`to_json` wrote. Raises CheckpointError for unknown and bad fields."""
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(data) - known)
        if unknown:
            raise CheckpointError(
                f"architecture has unknown fields {', '.join(unknown)}: "
                "the file was written by a newer seglabel; update seglabel to use it"
            )
        kinds = {field.name: str(field.type) for field in fields(cls)}
        try:
            return cls(**{name: _READERS[kinds[name]](value) for name, value in data.items()})
        except (TypeError, ValueError) as error:
            raise CheckpointError(f"architecture is incomplete or garbled: {error}") from error


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _HIGHEST:
        raise ValueError(f"expected a number from 0 to {_HIGHEST}, found {value!r}")
    return value


def _rates(value: Any) -> tuple[int, ...] | None:
    return None if value is None else tuple(_number(rate) for rate in value)


_HIGHEST = 4096  # a garbled file must not make the network take all memory
_READERS: dict[str, Callable[[Any], Any]] = {
    "str": str,
    "int": _number,
    "float": float,
    "bool": bool,
    "tuple[int, ...] | None": _rates,
}
