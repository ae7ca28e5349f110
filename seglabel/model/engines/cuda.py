"""What a CUDA card wants beside the network: an upload that does not wait, and recorded kernels."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_KEPT_GRAPHS = 4
"""Shapes whose kernels stay recorded. Each holds on to the memory of one forward pass."""

_WARM_UPS = 3

Function = Callable[[Tensor], tuple[Tensor, Tensor]]


class CudaUpload:
    """Copies batches to the card through pinned memory on a stream of its own.

    So the copy of one batch runs while the card still computes the one before.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._stream = torch.cuda.Stream(device)
        # Two in turn: one is filled while the other may still be read by the card.
        self._slots: list[tuple[Tensor, torch.cuda.Event] | None] = [None, None]
        self._turn = 0

    def __call__(self, batch: NDArray[np.uint8]) -> Tensor:
        """The batch on the card, ready for the current stream."""
        staged, event = self._slot(batch.size)
        staged = staged[: batch.size].view(batch.shape)
        staged.numpy()[...] = batch
        with torch.cuda.stream(self._stream):
            pixels = staged.to(self._device, non_blocking=True)
            event.record(self._stream)
        current = torch.cuda.current_stream(self._device)
        current.wait_event(event)
        pixels.record_stream(current)  # its memory must not be given away before it was read
        return pixels

    def _slot(self, size: int) -> tuple[Tensor, torch.cuda.Event]:
        """Pinned memory of at least ``size`` bytes that the card no longer reads."""
        self._turn = 1 - self._turn
        slot = self._slots[self._turn]
        if slot is not None:
            slot[1].synchronize()
        if slot is None or slot[0].numel() < size:
            event = torch.cuda.Event()
            slot = (torch.empty(size, dtype=torch.uint8, pin_memory=True), event)
            self._slots[self._turn] = slot
        return slot


class GraphedCalls:
    """A function from one tensor to two whose kernels are recorded per shape and played again.

    Launching the kernels of a small network one by one takes longer than running them. A shape is
    recorded when it comes for the second time, so that a folder of pictures of all sizes costs
    nothing; where recording fails, the function is simply called.
    """

    def __init__(self, function: Function) -> None:
        self._function = function
        self._seen: OrderedDict[tuple[int, ...], _Graph | None] = OrderedDict()
        self._is_able = True

    def __call__(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        shape = tuple(batch.shape)
        if not self._is_able or shape not in self._seen:
            self._keep(shape, None)
            return self._function(batch)
        graph = self._seen[shape]
        if graph is None:
            graph = self._record(batch)
            if graph is None:
                return self._function(batch)
        self._keep(shape, graph)
        return graph.play(batch)

    def forget(self) -> None:
        """Let go of what was recorded, and of its memory."""
        self._seen.clear()

    def _record(self, batch: Tensor) -> _Graph | None:
        try:
            return _Graph(self._function, batch)
        except torch.OutOfMemoryError:
            raise
        except RuntimeError:  # an operation that cannot be recorded on this card
            self._is_able = False
            torch.cuda.synchronize(batch.device)
            return None

    def _keep(self, shape: tuple[int, ...], graph: _Graph | None) -> None:
        self._seen[shape] = graph
        self._seen.move_to_end(shape)
        recorded = [key for key, value in self._seen.items() if value is not None]
        for key in recorded[:-_KEPT_GRAPHS]:
            del self._seen[key]
        while len(self._seen) > 16 * _KEPT_GRAPHS:
            self._seen.popitem(last=False)


class _Graph:
    """The recorded kernels of one call, between two tensors that stay in their place."""

    def __init__(self, function: Function, batch: Tensor) -> None:
        self._batch = batch.clone()
        aside = torch.cuda.Stream(batch.device)
        aside.wait_stream(torch.cuda.current_stream(batch.device))
        with torch.cuda.stream(aside):  # algorithms are chosen, workspaces made
            for _ in range(_WARM_UPS):
                function(self._batch)
        torch.cuda.current_stream(batch.device).wait_stream(aside)
        self._graph = torch.cuda.CUDAGraph()
        # Other threads may use the card meanwhile.
        with torch.cuda.graph(self._graph, capture_error_mode="thread_local"):
            self._results = function(self._batch)

    def play(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        """The results for another batch of the same shape, in memory of their own."""
        self._batch.copy_(batch)
        self._graph.replay()
        first, second = self._results
        return first.clone(), second.clone()
