"""What decides the numbers of a DeepLabv3+: one frozen description, stored in every checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any

from seglabel.core.errors import CheckpointError

DILATION_RULES = ("keep_first", "all", "only_first", "late")
"""Which blocks of a stage whose stride became a rate get the new rate.

*keep_first*: all but the first, which keeps the rate of the stage before (torchvision). *all*:
every block (segmentation_models_pytorch). *only_first*: none but the first (mmsegmentation's
MobileNetV2). *late*: the whole stage keeps the rate before, the next one gets it (jfzhang95's
MobileNetV2).
"""

SKIP_RULES = ("raw", "identity", "all")
"""Which skips of an Xception see relu(x) instead of x: none, those without convolution, all."""

CONTEXT_CONVS = ("none", "separable", "dense")
"""A 3×3 convolution behind the ASPP's projection, and of which kind."""

_WIDEST = 15  # pixels of a kernel's side: a garbled file must not make the network take all memory


@dataclass(frozen=True, slots=True)
class Architecture:
    """A DeepLabv3+ (Chen et al. 2018, arXiv 1802.02611) with the choices that differ in the wild.

    The defaults are the paper's. ``outputs`` is the number of score channels, ``output_stride`` 8
    or 16. A choice that a backbone does not know is without effect there.

    Head: ``aspp_rates`` is ``None`` for the paper's rates (6, 12, 18 at stride 16, 12, 24, 36 at
    stride 8) and empty for a head without atrous branches. ``low_level_channels`` is 0 for
    DeepLabv3, which has no decoder. ``separable`` is for the 3×3 convolutions of the ASPP,
    ``decoder_separable`` (``None``: the same) for those of the decoder; without ``depthwise_norm``
    nothing stands between their depthwise and pointwise part. ``context_conv`` is what stands
    behind the ASPP's projection, one of :data:`CONTEXT_CONVS`. ``pool_window`` is the (height,
    width) in cells over which the image is pooled, ``None`` for all of it.

    Backbones: ``same_padding`` pads as TensorFlow does (more at the right and the bottom on even
    sizes). ``dilation_rule`` is one of :data:`DILATION_RULES`. ``multi_grid`` are rates of the last
    stage's blocks, multiplied by the stage's own unless ``absolute_multi_grid``. ResNet:
    ``deep_stem`` is the width of a stem of three 3×3 convolutions (0 for one of 7×7),
    ``dilates_both`` whether both convolutions of a basic block are dilated. MobileNetV2:
    ``stem_padding`` is that of the first convolution, ``expands_padding`` pads before the expansion
    instead of the depthwise convolution, ``last_convolution`` ends in 1280 channels. Xception:
    ``skip_rule`` is one of :data:`SKIP_RULES`. ``exit_relu`` activates what enters the last three
    convolutions, ``exit_depthwise_relu`` what passes between their depthwise and pointwise part;
    their rate is twice that of the block before (``exit_doubles_rate``), whose last convolution may
    be undilated (``exit_undilates``). ``low_level_block`` is 1 where the stride-4 features are the
    activated end of the first block; the paper's lie in the middle of the one that reaches
    stride 8.
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
    decoder_separable: bool | None = None
    depthwise_norm: bool = True
    project_kernel: int = 1
    low_level_kernel: int = 1
    decoder_kernel: int = 3
    context_conv: str = "none"
    pool_window: tuple[int, ...] | None = None
    dilation_rule: str = "keep_first"
    multi_grid: tuple[int, ...] | None = None
    absolute_multi_grid: bool = False
    deep_stem: int = 0
    dilates_both: bool = True
    stem_padding: int = 1
    expands_padding: bool = False
    last_convolution: bool = False
    skip_rule: str = "raw"
    exit_relu: bool = False
    exit_depthwise_relu: bool = True
    exit_doubles_rate: bool = True
    exit_undilates: bool = False
    low_level_block: int = 0

    def __post_init__(self) -> None:
        choices = (
            ("dilation_rule", DILATION_RULES),
            ("skip_rule", SKIP_RULES),
            ("context_conv", CONTEXT_CONVS),
        )
        for name, known in choices:
            if getattr(self, name) not in known:
                raise CheckpointError(
                    f"{name}: expected {', '.join(known)}, found {getattr(self, name)!r}"
                )
        for name in ("project_kernel", "low_level_kernel", "decoder_kernel"):
            if not 1 <= getattr(self, name) <= _WIDEST:
                raise CheckpointError(
                    f"{name}: expected 1 to {_WIDEST}, found {getattr(self, name)}"
                )

    @property
    def rates(self) -> tuple[int, ...]:
        """Atrous rates of the ASPP's 3×3 branches."""
        if self.aspp_rates is not None:
            return self.aspp_rates
        return tuple(rate * 16 // self.output_stride for rate in (6, 12, 18))

    @property
    def has_decoder(self) -> bool:
        return self.low_level_channels > 0

    @property
    def separable_decoder(self) -> bool:
        """Whether the decoder's 3×3 convolutions are separable."""
        return self.separable if self.decoder_separable is None else self.decoder_separable

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


def _numbers(value: Any) -> tuple[int, ...] | None:
    return None if value is None else tuple(_number(rate) for rate in value)


_HIGHEST = 4096  # for the same reason
_READERS: dict[str, Callable[[Any], Any]] = {
    "str": str,
    "int": _number,
    "float": float,
    "bool": bool,
    "bool | None": lambda value: None if value is None else bool(value),
    "tuple[int, ...] | None": _numbers,
}
