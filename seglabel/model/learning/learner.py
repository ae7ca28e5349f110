"""Turns labelled images into a checkpoint.

AdamW with a short warm-up and the poly schedule of the DeepLab papers (power 0.9); the backbone's
batch-norm statistics stay those of ImageNet, since batches are small; an exponential moving average
of the weights is what is validated and kept.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from seglabel.core.cancel import Cancel
from seglabel.core.categories import VOID, CategorySet
from seglabel.core.errors import Cancelled, TrainingError, failure
from seglabel.core.metrics import Confusion, Scores
from seglabel.core.progress import Progress, ProgressCallback
from seglabel.core.samples import Learned, Sample
from seglabel.model.architecture import Architecture
from seglabel.model.blocks import resize
from seglabel.model.checkpoint import (
    ModelSpec,
    channels_of,
    encode_checkpoint,
)
from seglabel.model.contrast import spread
from seglabel.model.deeplabv3plus import DeepLabV3Plus
from seglabel.model.devices import Device, choose_device
from seglabel.model.identify import identify
from seglabel.model.learning.crops import CropRules, Pool
from seglabel.model.learning.feeder import Feeder
from seglabel.model.precision import (
    autocast,
    channels_last_gradient,
    fast_dtype,
    keep_depthwise_in_float,
)
from seglabel.model.pretrained import backbone_defaults, load_imagenet
from seglabel.model.segmenter import Segmenter

_DEFAULT_SECONDS = 600.0
_VALIDATIONS = 6  # times that the validation images are looked at, spread over the training
_EMA = 0.995
_RESERVE = 1.3  # how much longer than the last one the final validation may take


@dataclass(frozen=True, slots=True)
class Recipe:
    """The numbers of a training.

    ``crop`` is in pixels, ``rate`` the highest learning rate of AdamW, ``warm_up`` the share of the
    training in which it is reached. ``scales`` are the smallest and the largest that crops are
    resized by.
    """

    crop: int
    batch: int
    rate: float = 5e-4
    weight_decay: float = 1e-2
    warm_up: float = 0.05
    category_weight_power: float = 0.25
    scales: tuple[float, float] = (0.5, 2.0)


CPU_RECIPE = Recipe(crop=384, batch=4)
GPU_RECIPE = Recipe(crop=512, batch=8)
BRIEF_RECIPE = Recipe(crop=256, batch=4, rate=1e-3)
"""For a few minutes on a CPU, where twice as many steps are worth more than larger crops."""

_BRIEF_SECONDS = 240.0
_BRIEF_STEPS = 200


class DeepLabLearner:
    """Trains a DeepLabv3+ for ``seconds`` or for a number of ``steps``.

    ``recipe`` replaces the numbers that suit the device.
    """

    def __init__(
        self,
        *,
        backbone: str = "efficientnet_lite0",
        init: Path | None = None,
        seconds: float | None = None,
        steps: int | None = None,
        seed: int = 0,
        device: str = "auto",
        recipe: Recipe | None = None,
        say: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        if steps is not None and steps < 1:
            raise TrainingError(f"steps: expected at least 1, found {steps}")
        if seconds is not None and seconds <= 0:
            raise TrainingError(f"seconds: expected more than 0, found {seconds}")
        if not 0 <= seed < 1 << 63:
            raise TrainingError(f"seed: expected a number from 0 on, found {seed}")
        self._backbone = backbone
        self._init = init
        self._steps = steps
        self._seconds = None if steps is not None else seconds or _DEFAULT_SECONDS
        self._seed = seed
        self._device = choose_device(device)
        self._recipe = recipe or self._usual_recipe()
        self._say = say

    def _usual_recipe(self) -> Recipe:
        if self._device.type != "cpu":
            return GPU_RECIPE
        if self._seconds is not None:
            return BRIEF_RECIPE if self._seconds <= _BRIEF_SECONDS else CPU_RECIPE
        return BRIEF_RECIPE if (self._steps or 0) <= _BRIEF_STEPS else CPU_RECIPE

    def learn(
        self,
        training: Sequence[Sample],
        validation: Sequence[Sample],
        categories: CategorySet,
        progress: ProgressCallback,
        cancel: Cancel,
        keep: Callable[[bytes], None] = lambda checkpoint: None,
    ) -> Learned:
        """Train and return the best checkpoint seen. Raises TrainingError or Cancelled.

        ``keep`` gets each checkpoint that is the best so far. Every step is told with its ``loss``
        and which ``share`` of the training is over; with each look at the validation images come
        their ``miou`` and ``iou`` by name.
        """
        begin = time.monotonic()
        torch.manual_seed(self._seed)
        net, spec = self._build(categories)
        table = np.full(256, VOID, np.uint8)
        table[list(spec.channels)] = np.arange(len(spec.channels), dtype=np.uint8)
        if spec.spreads:
            training = [_spread(sample) for sample in training]
        pool = Pool(training, table, len(spec.channels))
        if not pool.pixels.any():
            reason = f"; {pool.skipped[0]}" if pool.skipped else ""
            raise TrainingError(
                f"the labelled images hold no pixel of any category to learn{reason}"
            )
        self._say(
            f"learning {len(spec.channels)} categories from {len(pool)} images "
            f"on {self._device.reason}"
        )
        run = _Run(
            net, spec, pool, self._recipe, self._device, validation, self._seed, self._say, keep
        )
        clock = _Clock(begin, self._seconds, self._steps)
        return run.train(clock, progress, cancel)

    def _build(self, categories: CategorySet) -> tuple[DeepLabV3Plus, ModelSpec]:
        channels = channels_of(categories)
        if self._init is not None:
            return self._continue_from(self._init, categories, channels)
        defaults = backbone_defaults(self._backbone)
        arch = Architecture(self._backbone, len(channels), backbone_eps=defaults.eps)
        net = DeepLabV3Plus(arch)
        if not load_imagenet(net):
            self._say(
                f"no ImageNet weights for {self._backbone} on this machine: it starts from random "
                "weights and needs far more images and time (efficientnet_lite0 brings its own)"
            )
        spec = ModelSpec(
            arch, categories, channels, defaults.mean, defaults.std, license=defaults.license
        )
        return net, spec

    def _continue_from(
        self, path: Path, categories: CategorySet, channels: tuple[int, ...]
    ) -> tuple[DeepLabV3Plus, ModelSpec]:
        """Another checkpoint's weights; its classifier where it knows a category by name."""
        model = identify(path)
        known = model.network()
        arch = replace(model.spec.architecture, outputs=len(channels))
        net = DeepLabV3Plus(arch)
        _take_over(net, known, _rows_in_common(model.spec, categories, channels))
        return net, replace(model.spec, architecture=arch, categories=categories, channels=channels)


def _spread(sample: Sample) -> Sample:
    """The same with the picture as the model will see it."""

    def load() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        picture, labels = sample.load()
        return spread(picture), labels

    return Sample(sample.name, load)


def _rows_in_common(
    known: ModelSpec, categories: CategorySet, channels: tuple[int, ...]
) -> dict[int, int]:
    """New output channel → old one, where both mean a category of the same name."""
    old: dict[str, int] = {}
    for row, channel in enumerate(known.channels):
        old.setdefault(_key(known.categories.name_of(channel)), row)  # the first is the main one
    names = [_key(categories.name_of(c)) for c in channels]
    return {row: old[name] for row, name in enumerate(names) if name in old}


def _key(name: str) -> str:
    return name.strip().casefold()


def _take_over(net: DeepLabV3Plus, known: DeepLabV3Plus, rows: dict[int, int]) -> None:
    """Give ``net`` the weights of ``known`` and, of its classifier, the rows that it shares."""
    state = known.state_dict()
    for key in ("classifier.weight", "classifier.bias"):
        old = state[key]
        state[key] = net.state_dict()[key].clone()
        state[key][list(rows)] = old[list(rows.values())]
    net.load_state_dict(state)


@dataclass(frozen=True, slots=True)
class _Clock:
    """How far a training is, by time or by steps."""

    begin: float
    seconds: float | None
    steps: int | None

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.begin

    def share(self, step: int, reserve: float = 0.0) -> float:
        """Between 0 and 1; ``reserve`` seconds are kept for what comes after the last step."""
        if self.steps is not None:
            return step / self.steps
        assert self.seconds is not None
        return min(self.elapsed / max(self.seconds - reserve, 1e-3), 1.0)


class _Run:
    """One training under way."""

    def __init__(
        self,
        net: DeepLabV3Plus,
        spec: ModelSpec,
        pool: Pool,
        recipe: Recipe,
        device: Device,
        validation: Sequence[Sample],
        seed: int,
        say: Callable[[str], None],
        keep: Callable[[bytes], None],
    ) -> None:
        self._say = say
        self._keep = keep
        self._spec, self._pool, self._recipe = spec, pool, recipe
        self._device, self._validation, self._seed = device, list(validation), seed
        self._torch_device = device.torch_device
        self._average = copy.deepcopy(net).eval().requires_grad_(False).to(self._torch_device)
        self._net = net.to(self._torch_device)
        if device.type != "mps":
            self._net = self._net.to(memory_format=torch.channels_last)
        self._dtype = fast_dtype(self._torch_device)
        if device.type == "cpu" and self._dtype is not None:
            keep_depthwise_in_float(self._net)
        self._optimizer = _optimizer(self._net, recipe)
        self._scaler = torch.amp.GradScaler(device.type, enabled=self._dtype is torch.float16)
        self._mean = torch.tensor(spec.mean, device=self._torch_device).reshape(1, 3, 1, 1)
        self._std = torch.tensor(spec.std, device=self._torch_device).reshape(1, 3, 1, 1)
        self._weights = _category_weights(pool.frequencies, recipe).to(self._torch_device)
        self._best: bytes | None = None
        self._best_scores: Scores | None = None
        self._last_scores: Scores | None = None
        self._validation_seconds = 0.0

    def train(self, clock: _Clock, progress: ProgressCallback, cancel: Cancel) -> Learned:
        rules = CropRules(self._recipe.crop, self._recipe.scales)
        threads = 1 if self._device.type == "cpu" else 4
        total = clock.steps or 0
        step, loss, validations = 0, float("nan"), 0
        is_cancelled = is_lost = False
        self._set_mode()
        with Feeder(
            self._pool, rules, self._recipe.batch, seed=self._seed, threads=threads
        ) as feeder:
            while (share := clock.share(step, self._validation_seconds)) < 1:
                if cancel.is_set:
                    is_cancelled = True
                    break
                try:
                    loss = self._step(*feeder.next(), share, step)
                except TrainingError as error:
                    if self._best is None:
                        raise
                    self._say(f"stopped: {error}. The best checkpoint until then is kept")
                    is_lost = True
                    break
                step += 1
                progress(Progress(step, total, values=_values(loss, share)))
                if share >= (validations + 1) / (_VALIDATIONS + 1):
                    validations += 1
                    self._validate(step, clock.elapsed)
                    self._report(progress, step, total, loss, share)
        if is_cancelled and step == 0:
            raise Cancelled
        if step == 0:
            raise TrainingError(
                f"the time of {clock.seconds:g} s was over before the first step; give it more"
            )
        if not is_lost:
            self._validate(step, clock.elapsed)
            self._report(progress, step, total, loss, share)
        return self._learned(step, clock.elapsed, is_cancelled)

    def _step(self, pictures: Tensor, targets: Tensor, share: float, step: int) -> float:
        warm = min(1.0, (share + 1e-3) / self._recipe.warm_up)
        for group in self._optimizer.param_groups:
            group["lr"] = self._recipe.rate * warm * (1 - share) ** 0.9
        batch = (pictures.to(self._torch_device) - self._mean) / self._std
        targets = targets.to(self._torch_device)
        if self._device.type != "mps":
            batch = batch.contiguous(memory_format=torch.channels_last)
        with autocast(self._torch_device, self._dtype):
            scores = self._net(batch)
        scores = channels_last_gradient(scores).float()
        align_corners = self._spec.architecture.align_corners
        scores = resize(scores, targets.shape[-2:], align_corners=align_corners)
        loss = functional.cross_entropy(
            scores, targets, weight=self._weights, ignore_index=VOID, reduction="sum"
        )
        # Divided by the weight that is there; a batch without labelled pixels must not give NaN.
        labelled = self._weights[targets[targets != VOID]].sum()
        loss = loss / labelled.clamp_min(1)
        self._optimizer.zero_grad(set_to_none=True)
        self._scaler.scale(loss).backward()
        self._scaler.step(self._optimizer)
        self._scaler.update()
        self._update_average(step)
        value = float(loss.detach())
        if not np.isfinite(value):
            raise TrainingError(
                f"the loss became {value} at step {step + 1}; the learning rate is too high for "
                "these labels"
            )
        return value

    def _update_average(self, step: int) -> None:
        """The average forgets fast at first, so that it never lags behind the first steps."""
        decay = min(_EMA, (step + 1) / (step + 10))
        with torch.no_grad():
            averages = [*self._average.parameters(), *_float_buffers(self._average)]
            values = [*self._net.parameters(), *_float_buffers(self._net)]
            torch._foreach_lerp_(averages, values, 1 - decay)

    def _set_mode(self) -> None:
        self._net.train()
        backbone: nn.Module = self._net.backbone  # type: ignore[assignment]
        for module in backbone.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()

    def _validate(self, step: int, elapsed: float) -> None:
        """Judge the averaged weights and keep them if they are the best so far.

        Without validation images the latest are kept.
        """
        if self._best is not None and not self._is_sound():
            return  # the next loss will say so
        begin = time.monotonic()
        scores = self._last_scores = self._scores() if self._validation else None
        self._validation_seconds = _RESERVE * (time.monotonic() - begin)
        best = self._best_scores
        # Without a pixel to judge by, every score is NaN and the latest weights are kept.
        if scores is not None and best is not None and scores.miou <= best.miou:
            return
        self._best_scores = scores
        training = {"steps": step, "seconds": round(elapsed, 1), "seed": self._seed}
        if scores is not None:
            training |= {"miou": scores.miou, "pixel_accuracy": scores.pixel_accuracy}
        spec = replace(self._spec, training=training)
        self._best = encode_checkpoint(self._average.state_dict(), spec)
        self._keep(self._best)

    def _is_sound(self) -> bool:
        return all(bool(p.isfinite().all()) for p in self._average.parameters())

    def _scores(self) -> Scores:
        segmenter = Segmenter(
            copy.deepcopy(self._average),
            self._spec,
            name="validation",
            digest="",
            device=self._device,
        )
        confusion = Confusion()
        for sample in list(self._validation):
            try:
                picture, labels = sample.load()
            except Exception as problem:  # noqa: BLE001 - whatever a damaged file makes readers raise
                self._validation.remove(sample)
                self._pool.skipped.append(failure(sample.name, problem))
                continue
            confusion.add(labels, segmenter.propose(picture).labels)
        return confusion.scores(self._spec.channels)

    def _report(
        self, progress: ProgressCallback, step: int, total: int, loss: float, share: float
    ) -> None:
        values = _values(loss, share)
        last, best = self._last_scores, self._best_scores
        if last is not None and not np.isnan(last.miou):
            values["miou"] = round(last.miou, 4)
            values["iou"] = self._by_name(last)
        if best is not None and not np.isnan(best.miou):
            values["best_miou"] = round(best.miou, 4)
        progress(Progress(step, total, values=values))

    def _by_name(self, scores: Scores) -> dict[str, float]:
        name_of = self._spec.categories.name_of
        return {name_of(i): round(value, 4) for i, value in scores.iou.items()}

    def _learned(self, steps: int, seconds: float, is_cancelled: bool) -> Learned:
        assert self._best is not None
        scores = self._best_scores
        return Learned(
            checkpoint=self._best,
            steps=steps,
            seconds=seconds,
            miou=scores.miou if scores is not None else float("nan"),
            pixel_accuracy=scores.pixel_accuracy if scores is not None else float("nan"),
            iou=self._by_name(scores) if scores else {},
            training=len(self._pool),
            validation=len(self._validation),
            skipped=tuple(self._pool.skipped),
            is_cancelled=is_cancelled,
        )


def _values(loss: float, share: float) -> dict[str, Any]:
    """What is told of a step: its loss, and which share of the training is over."""
    return {"loss": round(loss, 4), "share": round(share, 4)}


def _optimizer(net: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW; norms and biases are not decayed."""
    decayed = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim <= 1]
    groups = [
        {"params": decayed, "weight_decay": recipe.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=recipe.rate)


def _category_weights(frequencies: NDArray[np.float64], recipe: Recipe) -> Tensor:
    """Rare categories count more; the mean weight of a pixel is 1."""
    weights = (frequencies + 0.01) ** -recipe.category_weight_power
    weights /= max(float((weights * frequencies).sum()), 1e-9)
    return torch.tensor(weights, dtype=torch.float32)


def _float_buffers(net: nn.Module) -> list[Tensor]:
    return [buffer for buffer in net.buffers() if buffer.dtype.is_floating_point]
