"""Everything that uses torch: the network, checkpoints, inference and training.

Names are resolved on first use, so that importing this package alone does not import torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seglabel.model.segmenter import Augmentation, Segmenter

__all__ = ["Augmentation", "Segmenter"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from seglabel.model import segmenter

        return getattr(segmenter, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
