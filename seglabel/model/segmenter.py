"""A loaded DeepLabv3+ with its categories, preprocessing and device: picture in, proposal out."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import platformdirs
import torch
from numpy.typing import NDArray
from torch import Tensor

from seglabel.core.cancel import Cancel
from seglabel.core.categories import CategorySet
from seglabel.core.errors import SegLabelError
from seglabel.core.geometry import Region
from seglabel.core.label_map import renumber
from seglabel.core.picture import ArrayPicture, PictureSource
from seglabel.core.proposal import Proposal, unit_length
from seglabel.model.augmentation import Augmentation, View
from seglabel.model.batching import BatchSize
from seglabel.model.blocks import resize
from seglabel.model.checkpoint import ModelSpec
from seglabel.model.contrast import SpreadPicture, spread
from seglabel.model.deeplabv3plus import DeepLabV3Plus
from seglabel.model.devices import Device, choose_device
from seglabel.model.engines import Engine, make_engine
from seglabel.model.engines.pixel_net import PixelNet
from seglabel.model.engines.torch_engine import TorchEngine
from seglabel.model.identify import Corrections, IdentifiedModel, identify
from seglabel.model.memory import LOST, OUT_OF_MEMORY, free_memory, is_out_of_memory
from seglabel.model.tiling import ALIGNMENT, blended, with_neighbours
from seglabel.model.upsampling import certainty, winners, winners_on_device

Picture = NDArray[np.uint8]
Scores = NDArray[np.float32]

_WHOLE_LIMIT = 1 << 22
"""Pictures of at most this many pixels (2048²) are seen whole; larger ones in tiles."""

_WHOLE_LIMIT_ON_GPU = 1 << 24
_BATCH_LIMIT = 64
_TILE = 1024
_SMALLER = (1024, 512, 256)  # tiles that are tried one after another where memory runs out


@dataclass(frozen=True, slots=True)
class _Band:
    """Rows of a proposal: labels uint8 at full size, the others float16 on the network's grid."""

    labels: NDArray[np.uint8]
    confidence: NDArray[np.float16]
    uncertainty: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class _View:
    """Scores (1, C, h, w) on the device, the size in pixels under them, the descriptor (D,)."""

    scores: Tensor
    size: tuple[int, int]
    descriptor: NDArray[np.float32]


class Segmenter:
    """Proposes labels for pictures of any size."""

    def __init__(
        self,
        net: DeepLabV3Plus,
        spec: ModelSpec,
        *,
        name: str,
        digest: str,
        device: Device,
        tile: int | None = None,
        augmentation: Augmentation | None = None,
        engine: Engine | None = None,
    ) -> None:
        if tile is not None and (tile < 128 or tile % ALIGNMENT):
            raise SegLabelError(
                f"tile: expected a multiple of {ALIGNMENT} from 128 on, found {tile}"
            )
        self.spec = spec
        self.name = name
        self.digest = digest
        self.device = device
        self._tile = tile
        self._given_up = ""
        self._augmentation = augmentation or Augmentation()
        self.engine = engine or TorchEngine(PixelNet(net, spec.mean, spec.std), device)
        self._batch = BatchSize(_BATCH_LIMIT if device.type == "cuda" else 1)
        self._ids = np.zeros(256, np.uint8)  # of each channel
        self._ids[: len(spec.channels)] = spec.channels

    @classmethod
    def load(
        cls,
        path: str | Path,
        device: str = "auto",
        *,
        output_stride: int | None = None,
        mean: tuple[float, float, float] | None = None,
        std: tuple[float, float, float] | None = None,
        categories: CategorySet | None = None,
        tile: int | None = None,
        augmentation: Augmentation | None = None,
        engine: str = "auto",
        precision: str = "fp32",
    ) -> Segmenter:
        """Load a checkpoint of any layout seglabel knows. No code in the file is ever run.

        The keyword arguments replace what the file says, or what is assumed where it says nothing;
        what a person corrected before is remembered beside the file.
        Raises CheckpointError that names what is wrong.
        """
        path = Path(path)
        model = identify(path, Corrections(output_stride, mean, std, categories))
        net, chosen = model.network().eval(), choose_device(device)
        return cls(
            net,
            model.spec,
            name=path.stem if path.is_file() else path.name,
            digest="-".join(filter(None, (model.digest, *_choices(precision, tile, augmentation)))),
            device=chosen,
            tile=tile,
            augmentation=augmentation,
            engine=make_engine(
                PixelNet(net, model.spec.mean, model.spec.std),
                chosen,
                engine=engine,
                precision=precision,
                cache=_cache_of(model),
            ),
        )

    @property
    def categories(self) -> CategorySet:
        """What it tells apart. Background is not in the list; see ``spec.channels``."""
        return self.spec.categories

    def logits(self, image: Picture) -> Scores:
        """Upsampled class scores of one picture, float32 (C, H, W).

        ``image`` is uint8 RGB (H, W, 3). The picture is seen whole, without augmentation.
        """
        _check(image)
        seen = self._forward(spread(image) if self.spec.spreads else image)
        height, width = image.shape[:2]
        full = resize(seen.scores, seen.size, align_corners=self.spec.architecture.align_corners)
        return np.asarray(full[0, :, :height, :width].float().cpu(), np.float32)

    def propose(self, image: Picture | PictureSource, cancel: Cancel | None = None) -> Proposal:
        """Labels and confidence for one picture, uint8 RGB (H, W, 3). Raises Cancelled.

        Of a source only one tile at a time is read, unless it is small enough to be seen whole.
        Where memory runs out, or the device is lost, the same is tried again in smaller tiles and
        then on the CPU; the proposal's ``note`` says so. Raises SegLabelError if all of that fails.
        """
        source = _as_source(image)
        if self.spec.spreads:
            source = SpreadPicture(source)
        cancel = cancel or Cancel()
        while True:
            try:
                return self._propose(source, cancel)
            except LOST as error:
                problem, is_full = str(error).splitlines()[0], False
            except OUT_OF_MEMORY as error:
                if not is_out_of_memory(error):
                    raise
                problem, is_full = str(error).splitlines()[0], True
            # Out of the except block: the exception held on to all tensors of the attempt.
            if not self._step_down(source, may_tile=is_full):
                raise SegLabelError(
                    f"{self.name}: {self.where} ran out of memory or was lost even so ({problem})"
                )

    @property
    def batch_size(self) -> int:
        """How many pictures of one shape :meth:`propose_batch` would best be given now."""
        return 1 if self.engine.device.type == "cpu" else self._batch.size

    def propose_batch(
        self, images: Sequence[Picture], cancel: Cancel | None = None
    ) -> list[Proposal]:
        """As :meth:`propose` of each, for pictures of one shape, computed together where that pays.

        Learns from how long it took what :attr:`batch_size` should be; where memory runs out, the
        batch is halved before anything else is given up.
        """
        cancel = cancel or Cancel()
        if len(images) > 1 and self._can_be_together(images[0].shape):
            try:
                seen = [spread(image) for image in images] if self.spec.spreads else images
                return self._propose_together(seen, cancel)
            except LOST:
                pass  # that one by one it goes on with the CPU
            except OUT_OF_MEMORY as error:
                if not is_out_of_memory(error):
                    raise
            self._let_go()
            if self._batch.halve():
                self._given_up = f"in batches of {self._batch.size} for lack of memory"
        return [self.propose(image, cancel) for image in images]

    def _can_be_together(self, shape: tuple[int, ...]) -> bool:
        is_whole = self._tile_for(shape[0], shape[1]) is None
        return is_whole and self._augmentation.is_plain and self.engine.device.type != "cpu"

    def _propose_together(self, images: Sequence[Picture], cancel: Cancel) -> list[Proposal]:
        cancel.raise_if_set()
        begin = time.perf_counter()
        batch = np.stack([_padded(image) if self.spec.pads else image for image in images])
        seen = self.engine.run(batch)
        scores = self._checked(seen.scores)
        bands = [self._whole(one, batch.shape[1:3], images[0].shape[:2]) for one in scores]
        self._batch.note(len(images), time.perf_counter() - begin)
        return [
            self._proposal(band, [descriptor])
            for band, descriptor in zip(bands, _on_host(seen.descriptors), strict=True)
        ]

    @property
    def where(self) -> str:
        """Where and with what it computes, and what had to be given up."""
        return ", ".join(filter(None, (self.device.reason, self.engine.title, self._given_up)))

    def _propose(self, source: PictureSource, cancel: Cancel) -> Proposal:
        height, width = source.shape
        if self._can_be_together(source.shape):
            return self._propose_together([source.read(Region.whole(source.shape))], cancel)[0]
        labels = np.empty((height, width), np.uint8)
        confidence, uncertainty, top = [], [], 0
        descriptors: list[NDArray[np.float32]] = []
        for band in self._bands(source, cancel, descriptors):
            rows = min(len(band.labels), height - top)
            labels[top : top + rows] = band.labels[:rows, :width]
            confidence.append(band.confidence)
            uncertainty.append(band.uncertainty)
            top += rows
        whole = _Band(labels, np.concatenate(confidence), np.concatenate(uncertainty))
        return self._proposal(whole, descriptors)

    def _proposal(self, whole: _Band, descriptors: Sequence[NDArray[np.float32]]) -> Proposal:
        return Proposal(
            whole.labels,
            whole.confidence,
            whole.uncertainty,
            self.name,
            self.digest,
            self.where,
            unit_length(np.mean(descriptors, axis=0)),
        )

    def _step_down(self, source: PictureSource, *, may_tile: bool) -> bool:
        """Ask for less: a smaller tile, or the CPU. Returns whether there was anything left."""
        self._let_go()
        longest = max(source.shape)
        smaller = [tile for tile in _SMALLER if tile < min(longest, self._tile or longest)]
        if may_tile and smaller:
            self._tile = smaller[0]
            self._given_up = f"in tiles of {self._tile} for lack of memory"
            return True
        if self.engine.device.type == "cpu":
            return False
        self.engine = self.engine.on_cpu()
        with suppress(*LOST):
            free_memory(self.device.torch_device)
        self._given_up = f"on the CPU: {self.device.reason} ran out of memory or was lost"
        return True

    def _let_go(self) -> None:
        with suppress(*LOST):  # a dead device gives nothing back
            self.engine.release()
            free_memory(self.engine.device)

    # inside

    def _bands(
        self, source: PictureSource, cancel: Cancel, descriptors: list[NDArray[np.float32]]
    ) -> Iterator[_Band]:
        """From the top to the bottom; adds the descriptor of each tile to ``descriptors``."""
        height, width = source.shape
        tile = self._tile_for(height, width)
        if tile is None:
            picture = source.read(Region.whole(source.shape))
            scores, size = self._scores(picture, cancel, descriptors)
            yield self._whole(scores, size, source.shape)
            return
        stride = self._grid_stride
        rows, columns = -(-height // stride), -(-width // stride)
        for band, own in with_neighbours(self._tiled(source, tile, cancel, descriptors)):
            size = (band.shape[1] * stride, band.shape[2] * stride)
            found = renumber(winners(band, size, align_corners=False), self._ids)
            yield _Band(
                found[own.start * stride : own.stop * stride, :width],
                *certainty(band[:, own][:, :rows, :columns]),
            )
            rows -= own.stop - own.start

    def _tile_for(self, height: int, width: int) -> int | None:
        """The size of tiles for such a picture; ``None`` if it is seen whole."""
        limit = _WHOLE_LIMIT if self.engine.device.type == "cpu" else _WHOLE_LIMIT_ON_GPU
        tile = self._tile or (_TILE if height * width > limit else None)
        return None if tile is None or (height <= tile and width <= tile) else tile

    def _whole(self, scores: Tensor, size: tuple[int, ...], shape: tuple[int, ...]) -> _Band:
        """Of a picture of ``shape`` that was seen whole, its grid (C, h, w) covering ``size``."""
        align_corners = self.spec.architecture.align_corners
        covered = (size[0], size[1])
        found = renumber(_winners(scores, covered, align_corners=align_corners), self._ids)
        rows = -(-scores.shape[1] * shape[0] // size[0])
        columns = -(-scores.shape[2] * shape[1] // size[1])
        grid = _on_host(scores[:, :rows, :columns])
        return _Band(found[: shape[0], : shape[1]], *certainty(grid))

    def _tiled(
        self,
        source: PictureSource,
        tile: int,
        cancel: Cancel,
        descriptors: list[NDArray[np.float32]],
    ) -> Iterator[Scores]:
        """Blended scores (C, rows, w) on the grid, in bands from the top to the bottom."""

        def score(piece: Picture) -> Scores:
            return _on_host(self._scores(piece, cancel, descriptors)[0])

        return blended(source, tile, self._grid_stride, len(self.spec.channels), score)

    @property
    def _grid_stride(self) -> int:
        arch = self.spec.architecture
        return 4 if arch.has_decoder else arch.output_stride

    def _scores(
        self, image: Picture, cancel: Cancel, descriptors: list[NDArray[np.float32]]
    ) -> tuple[Tensor, tuple[int, int]]:
        """Scores on the grid (C, h, w), and the size in pixels that the grid covers.

        The descriptor of the plain view is added to ``descriptors``.
        """
        cancel.raise_if_set()
        seen = self._forward(image)
        plain, size = seen.scores, seen.size
        descriptors.append(seen.descriptor)
        if self._augmentation.is_plain:
            return plain[0], size
        grid = (plain.shape[-2], plain.shape[-1])
        total = torch.zeros_like(plain)
        for view in self._augmentation.views():
            cancel.raise_if_set()
            if view == View():
                total += plain.softmax(1)
                continue
            seen = self._forward(view.of(image))
            total += view.back(
                seen.scores.softmax(1),
                seen.size,
                image.shape,
                grid,
                size,
                align_corners=self.spec.architecture.align_corners,
            )
        # The logarithm turns mean probabilities back into scores with the same winner.
        mean = total[0] / total[0].sum(0)
        return mean.clamp_min(1e-12).log(), size

    def _forward(self, pixels: Picture) -> _View:
        if self.spec.pads:
            pixels = _padded(pixels)
        scores, descriptors = self.engine.run(pixels[None])
        size = (pixels.shape[0], pixels.shape[1])
        return _View(self._checked(scores), size, _on_host(descriptors)[0])

    def _checked(self, scores: Tensor) -> Tensor:
        channels = len(self.spec.channels)
        if scores.ndim != 4 or scores.shape[1] != channels or 0 in scores.shape:
            raise SegLabelError(
                f"{self.name}: expected scores (N, {channels}, h, w), found {tuple(scores.shape)}"
            )
        if not _is_finite(scores):  # argmax would make channel 0 of them
            raise SegLabelError(
                f"{self.name}: computes numbers that are not finite on {self.device.reason}; "
                "its file is damaged, or this device cannot run it: try another (--device)"
            )
        return scores


def _choices(precision: str, tile: int | None, augmentation: Augmentation | None) -> list[str]:
    """What else decides a proposal besides the weights; empty where it is the usual."""
    return [
        precision if precision != "fp32" else "",
        f"tile{tile}" if tile is not None else "",
        augmentation.title if augmentation is not None else "",
    ]


def _cache_of(model: IdentifiedModel) -> Path:
    """Where an engine may keep what it made of these weights in this architecture."""
    spec = model.spec
    key = f"{model.digest} {spec.architecture} {spec.mean} {spec.std}"
    name = hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
    return Path(platformdirs.user_cache_dir("seglabel", appauthor=False)) / "engines" / name


def _check(image: Picture) -> None:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise SegLabelError(
            f"image: expected uint8 RGB (H, W, 3), found {image.dtype} {image.shape}"
        )


def _padded(pixels: Picture) -> Picture:
    """Padded at the bottom and right to a multiple of 16 by repeating the border."""
    bottom, right = -pixels.shape[0] % ALIGNMENT, -pixels.shape[1] % ALIGNMENT
    if not bottom and not right:
        return pixels
    padded = cv2.copyMakeBorder(pixels, 0, bottom, 0, right, cv2.BORDER_REPLICATE)
    return np.asarray(padded, np.uint8)


def _winners(scores: Tensor, size: tuple[int, int], *, align_corners: bool) -> NDArray[np.uint8]:
    """Index of the highest upsampled score, found where the scores are."""
    if scores.device.type == "cpu":
        return winners(_on_host(scores), size, align_corners=align_corners)
    return winners_on_device(scores, size, align_corners=align_corners)


def _is_finite(scores: Tensor) -> bool:
    # On a CPU without PyTorch: its threads go on spinning for milliseconds beside OpenVINO's.
    if scores.device.type == "cpu":
        return bool(np.isfinite(_on_host(scores)).all())
    return bool(scores.isfinite().all())


def _on_host(scores: Tensor) -> Scores:
    return np.asarray(scores.cpu(), np.float32)


def _as_source(image: Picture | PictureSource) -> PictureSource:
    if isinstance(image, np.ndarray):
        _check(image)
        return ArrayPicture(image)
    return image
