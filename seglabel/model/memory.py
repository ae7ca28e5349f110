"""Running out of memory, and losing a device: how it shows and what to do first."""

from __future__ import annotations

import gc

import torch

OUT_OF_MEMORY = (RuntimeError, MemoryError)
"""Among these are the errors of a full memory; :func:`is_out_of_memory` tells them apart."""

LOST: tuple[type[Exception], ...] = tuple(
    kind for kind in (getattr(torch, "AcceleratorError", None),) if kind is not None
)
"""What a device that is gone raises; its context is dead for good."""

# Not every allocator has a class of its own for it.
_WORDS = ("out of memory", "can't allocate memory", "not enough memory", "failed to allocate")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    text = str(error).casefold()
    return isinstance(error, RuntimeError) and any(words in text for words in _WORDS)


def free_memory(device: torch.device) -> None:
    """Give back what nobody uses any more."""
    gc.collect()
    module = getattr(torch, device.type, None)
    empty = getattr(module, "empty_cache", None)
    if device.type != "cpu" and empty is not None:
        empty()
