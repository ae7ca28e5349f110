"""One training under way: its steps, its looks at the held-back images, and what is kept.

AdamW with a short warm-up in each stage and the poly schedule of the DeepLab papers (power 0.9);
an exponential moving average of the weights is what is judged and kept.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from seglabel.core.cancel import Cancel
from seglabel.core.errors import Cancelled, TrainingError
from seglabel.core.progress import Progress, ProgressCallback
from seglabel.core.samples import Learned, Resume
from seglabel.model.blocks import resize
from seglabel.model.checkpoint import ModelSpec, encode_checkpoint
from seglabel.model.deeplabv3plus import DeepLabV3Plus
from seglabel.model.devices import Device
from seglabel.model.learning.crew import Crew
from seglabel.model.learning.crops import CropRules, Pool
from seglabel.model.learning.features import FeatureCache
from seglabel.model.learning.feeder import Feeder, NumberedCrops
from seglabel.model.learning.judge import Judge, Verdict
from seglabel.model.learning.loss import category_weights, cross_entropy_sum, lovasz_softmax
from seglabel.model.learning.recipe import Length, Recipe, Stage
from seglabel.model.learning.state import TrainingState
from seglabel.model.precision import (
    autocast,
    channels_last_gradient,
    fast_dtype,
    keep_depthwise_in_float,
)

PATIENCE = 4  # looks in vain, one after the other, that end it
_EARLIEST_END = 0.5  # before, the learning rate is still too high to tell
_EMA = 0.995
_RESERVE = 1.3  # how much longer than the last one the final look may take
_SMALL_BATCH = 12  # whose statistics are worse than those that a model brings
_KEEP_FIRST_S = 2.0
_KEEP_COST = 50  # times what it takes to keep the state lie between two times
_KEEP_LOSS = 0.05  # share of the time so far that a sudden end may cost

Inputs = tuple[Tensor, ...]


@dataclass(frozen=True)
class Talk:
    """Whom a training tells what: sentences, steps, and each checkpoint that is the best so far."""

    say: Callable[[str], None]
    progress: ProgressCallback
    keep: Callable[[bytes], None]


@dataclass(frozen=True)
class Task:
    """All that a training is about, besides the network.

    It is over some time after ``begin``, as ``clock`` tells it in seconds. ``has_new_head``: the
    head begins with random weights.
    """

    spec: ModelSpec
    pool: Pool
    judge: Judge
    recipe: Recipe
    stages: tuple[Stage, ...]
    length: Length
    device: Device
    crew: Crew
    seed: int
    talk: Talk
    clock: Callable[[], float]
    begin: float
    has_new_head: bool


class Run:
    """A network, its average and its optimizer on their way through the stages."""

    def __init__(self, net: DeepLabV3Plus, task: Task) -> None:
        self._task = task
        device, recipe, spec = task.device, task.recipe, task.spec
        self._torch_device = device.torch_device
        self._average = copy.deepcopy(net).eval().requires_grad_(False).to(self._torch_device)
        self._net = net.to(self._torch_device)
        if device.type != "mps":
            self._net = self._net.to(memory_format=torch.channels_last)
        self._dtype = fast_dtype(self._torch_device)
        if device.type == "cpu" and self._dtype is not None:
            keep_depthwise_in_float(self._net)
        self._freezes_norms = not task.has_new_head and recipe.batch * task.crew.size < _SMALL_BATCH
        self._mean = torch.tensor(spec.mean, device=self._torch_device).reshape(1, 3, 1, 1)
        self._std = torch.tensor(spec.std, device=self._torch_device).reshape(1, 3, 1, 1)
        self._weights = category_weights(task.pool.frequencies, recipe.category_weight_power)
        self._weights = self._weights.to(self._torch_device)
        self._scaler = torch.amp.GradScaler(device.type, enabled=self._dtype is torch.float16)
        self._best: bytes | None = None
        self._verdict = Verdict()  # of the best
        self._stage = self._step = self._stage_step = self._looks = self._misses = 0
        self._stage_begin = 0.0
        self._look_seconds = 0.0
        self._begin = task.begin
        self._last_kept, self._keep_seconds = task.clock(), 0.0
        self._loss, self._share = float("nan"), 0.0
        self._enter()

    # the way through

    def train(self, cancel: Cancel, resume: Resume) -> Learned:
        """Go through the stages. Raises TrainingError, or Cancelled before the first step."""
        end = self._go(cancel, resume)
        if end == "cancelled" and self._step == 0:
            raise Cancelled
        if self._step == 0:
            raise TrainingError(
                f"the time of {self._task.length.seconds:g} s was over before the first step; "
                "give it more"
            )
        if end not in ("lost", "early"):
            self._look()
        return self._learned(is_cancelled=end == "cancelled", is_early=end == "early")

    def _go(self, cancel: Cancel, resume: Resume) -> str:
        """Train until the end, and say why it came."""
        while True:
            with ExitStack() as open_until_its_end:
                inputs = self._inputs(open_until_its_end)
                module = self._task.crew.shared(_Learner(self._net, self._here.cached))
                while True:
                    share, is_cancelled, keeps = self._task.crew.agree(
                        self._share_now(), cancel.is_set, self._step > 0 and self._keeps_now()
                    )
                    if is_cancelled:
                        return "cancelled"
                    if share >= self._here.until:
                        break
                    if keeps:
                        self._keep(resume)
                    self._share = share
                    try:
                        *batch, targets = inputs()
                        self._loss = self._learn(module, batch, targets)
                    except TrainingError as error:
                        if self._best is None:
                            raise
                        self._task.talk.say(
                            f"stopped: {error}. The best checkpoint until then is kept"
                        )
                        return "lost"
                    self._step += 1
                    self._stage_step += 1
                    self._tell()
                    if share >= (self._looks + 1) / (self._task.length.looks + 1):
                        self._look()
                        if self._is_hopeless():
                            self._task.talk.say(
                                f"stopped early, after {share:.0%} of the time: the last "
                                f"{self._misses} looks at the held-back images found nothing better"
                            )
                            return "early"
            if self._stage + 1 == len(self._task.stages):
                return "done"
            self._stage += 1
            self._stage_step, self._stage_begin = 0, share
            self._enter()

    @property
    def _here(self) -> Stage:
        return self._task.stages[self._stage]

    @property
    def _elapsed(self) -> float:
        return self._task.clock() - self._begin

    def _share_now(self) -> float:
        """Of the whole training, between 0 and 1; time is left for the last look."""
        if self._task.length.steps is not None:
            return self._step / self._task.length.steps
        assert self._task.length.seconds is not None
        return min(self._elapsed / max(self._task.length.seconds - self._look_seconds, 1e-3), 1.0)

    def _enter(self) -> None:
        """What learns in this stage learns, and all else stays as it is."""
        for name, part in self._net.named_children():
            learns = name in self._here.parts
            part.requires_grad_(learns).train(learns)
            for module in part.modules():
                if isinstance(module, nn.BatchNorm2d) and (
                    name == "backbone" or self._freezes_norms
                ):
                    module.eval()
        self._optimizer = _optimizer(self._net, self._here, self._task.recipe)

    def _inputs(self, open_until_its_end: ExitStack) -> Callable[[], Inputs]:
        """What gives the next batch and its targets."""
        recipe = self._task.recipe
        rules = CropRules(recipe.crop, recipe.scales, jitter=recipe.jitter, mixed=recipe.mixed)
        crops = NumberedCrops(self._task.pool, rules, (self._task.seed, self._stage))
        place = {"rank": self._task.crew.rank, "ranks": self._task.crew.size}
        if self._here.cached:
            cache = FeatureCache(self._features, crops, self._task.recipe.batch, **place)
            return lambda: cache.next(self._stage_step)
        threads = 1 if self._task.device.type == "cpu" else 4
        feeder = open_until_its_end.enter_context(
            Feeder(crops, self._task.recipe.batch, first=self._stage_step, threads=threads, **place)
        )

        def normalised() -> Inputs:
            pictures, targets = feeder.next()
            return self._normalised(pictures), targets

        return normalised

    # a step

    def _learn(self, module: nn.Module, batch: list[Tensor], targets: Tensor) -> float:
        """One step; returns the loss, the mean over all processes."""
        warm = (self._share - self._stage_begin + 1e-3) / self._task.recipe.warm_up
        factor = min(1.0, warm) * (1 - self._share) ** 0.9
        for group in self._optimizer.param_groups:
            group["lr"] = group["highest"] * factor
        targets = targets.to(self._torch_device).long()
        with autocast(self._torch_device, self._dtype):
            scores = module(*(part.to(self._torch_device) for part in batch))
        loss = self._loss_of(channels_last_gradient(scores).float(), targets)
        self._optimizer.zero_grad(set_to_none=True)
        self._scaler.scale(loss).backward()
        self._scaler.step(self._optimizer)
        self._scaler.update()
        self._update_average()
        value = float(self._task.crew.sum(loss.detach())) / self._task.crew.size
        if not math.isfinite(value):
            raise TrainingError(
                f"the loss became {value} at step {self._step + 1}; the learning rate is too high "
                "for these labels"
            )
        return value

    def _loss_of(self, scores: Tensor, targets: Tensor) -> Tensor:
        corners = self._task.spec.architecture.align_corners
        full = resize(scores, targets.shape[-2:], align_corners=corners)
        total, weight = cross_entropy_sum(full, targets, self._weights)
        # Divided by the weight that is there, in all processes together; a batch without labelled
        # pixels must not give NaN. The processes' gradients are averaged, hence their number.
        loss = total * self._task.crew.size / self._task.crew.sum(weight).clamp_min(1)
        if self._task.recipe.overlap:
            coarse = nn.functional.interpolate(
                targets[:, None].float(), scores.shape[-2:], mode="nearest-exact"
            )[:, 0].long()
            loss = loss + self._task.recipe.overlap * lovasz_softmax(scores, coarse)
        return loss

    def _features(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        with autocast(self._torch_device, self._dtype):
            low, high = self._net.backbone(self._normalised(pictures))
        return low, high

    def _normalised(self, pictures: Tensor) -> Tensor:
        batch = (pictures.to(self._torch_device) - self._mean) / self._std
        if self._task.device.type != "mps":
            batch = batch.contiguous(memory_format=torch.channels_last)
        return batch

    def _update_average(self) -> None:
        """The average forgets fast at first, so that it never lags behind the first steps."""
        decay = min(_EMA, (self._step + 1) / (self._step + 10))
        with torch.no_grad():
            averages = [*self._average.parameters(), *_float_buffers(self._average)]
            values = [*self._net.parameters(), *_float_buffers(self._net)]
            torch._foreach_lerp_(averages, values, 1 - decay)

    # a look at the held-back images

    def _look(self) -> None:
        """Judge the averaged weights and keep them if they are the best so far.

        Without validation images the latest are kept.
        """
        self._looks += 1
        if self._best is not None and not self._is_sound():
            return  # the next loss will say so
        begin = self._task.clock()
        found = self._task.judge.judge(self._average)
        self._look_seconds = _RESERVE * (self._task.clock() - begin)
        is_best = self._best is None or found.beats(self._verdict)
        self._misses = 0 if is_best else self._misses + 1
        if is_best:
            self._verdict = found
            self._best = self._checkpoint(found)
            if self._task.crew.leads:
                self._task.talk.keep(self._best)
        if len(self._task.judge):
            self._tell(found)

    def _checkpoint(self, found: Verdict) -> bytes:
        training = {
            "steps": self._step,
            "seconds": round(self._elapsed, 1),
            "seed": self._task.seed,
            "stages": [stage.name for stage in self._task.stages[: self._stage + 1]],
        }
        if len(self._task.judge):
            training |= {"miou": found.miou, "pixel_accuracy": found.pixel_accuracy}
        spec = replace(self._task.spec, training=training)
        return encode_checkpoint(self._average.state_dict(), spec)

    def _is_sound(self) -> bool:
        return all(bool(p.isfinite().all()) for p in self._average.parameters())

    def _is_hopeless(self) -> bool:
        """Whether learning longer makes it worse rather than better."""
        is_late = self._share >= _EARLIEST_END
        return is_late and self._verdict.is_known and self._misses >= PATIENCE

    # what is kept for a process that is ended by force

    def _keeps_now(self) -> bool:
        waited = self._task.clock() - self._last_kept
        return waited >= max(
            _KEEP_FIRST_S, _KEEP_COST * self._keep_seconds, _KEEP_LOSS * self._elapsed
        )

    def _keep(self, resume: Resume) -> None:
        begin = self._task.clock()
        if self._task.crew.leads:
            resume.keep(self._state().encode(), self._share)
        self._last_kept = self._task.clock()
        self._keep_seconds = self._last_kept - begin

    def _state(self) -> TrainingState:
        best = self._best
        return TrainingState(
            stage=self._stage,
            step=self._step,
            stage_step=self._stage_step,
            stage_begin=self._stage_begin,
            share=self._share,
            elapsed=self._elapsed,
            looks=self._looks,
            misses=self._misses,
            net=self._net.state_dict(),
            average=self._average.state_dict(),
            optimizer=self._optimizer.state_dict(),
            scaler=self._scaler.state_dict(),
            random=torch.get_rng_state(),
            best=None if best is None else torch.frombuffer(bytearray(best), dtype=torch.uint8),
            verdict=self._verdict.to_json(),
        )

    def restore(self, state: TrainingState) -> None:
        """Go on where another process was. Raises TrainingError if it was another training.

        What is half restored then must not be used.
        """
        try:
            self._stage = state.stage
            self._enter()
            self._net.load_state_dict(state.net)
            self._average.load_state_dict(state.average)
            self._optimizer.load_state_dict(state.optimizer)
            self._scaler.load_state_dict(state.scaler)
        except (RuntimeError, ValueError, IndexError, KeyError) as error:
            raise TrainingError(f"what was kept is of another training: {error}") from error
        if self._task.crew.leads:
            torch.set_rng_state(state.random)
        self._step, self._stage_step = state.step, state.stage_step
        self._stage_begin, self._share = state.stage_begin, state.share
        self._looks, self._misses = state.looks, state.misses
        self._best = None if state.best is None else state.best.numpy().tobytes()
        self._verdict = Verdict(**state.verdict)
        self._begin = self._task.clock() - state.elapsed
        self._task.talk.say(f"going on after {state.share:.0%}, where this training was broken off")

    # what is told

    def _tell(self, found: Verdict | None = None) -> None:
        values: dict[str, Any] = {
            "loss": round(self._loss, 4),
            "share": round(self._share, 4),
            "stage": self._here.name,
        }
        if found is not None and found.is_known:
            values["miou"] = round(found.miou, 4)
            values["iou"] = found.iou
        if found is not None and self._verdict.is_known:
            values["best_miou"] = round(self._verdict.miou, 4)
        self._task.talk.progress(Progress(self._step, self._task.length.steps or 0, values=values))

    def _learned(self, *, is_cancelled: bool, is_early: bool) -> Learned:
        assert self._best is not None
        return Learned(
            checkpoint=self._best,
            steps=self._step,
            seconds=self._elapsed,
            miou=self._verdict.miou,
            pixel_accuracy=self._verdict.pixel_accuracy,
            iou=self._verdict.iou or {},
            training=len(self._task.pool),
            validation=len(self._task.judge),
            skipped=(*self._task.pool.skipped, *self._task.judge.skipped),
            is_cancelled=is_cancelled,
            is_early=is_early,
        )


class _Learner(nn.Module):
    """The part of a network that a stage looks through, so that processes share its gradients."""

    def __init__(self, net: DeepLabV3Plus, is_cached: bool) -> None:
        super().__init__()
        self.net = net
        self._is_cached = is_cached

    def forward(self, *inputs: Tensor) -> Tensor:
        if self._is_cached:
            scores: Tensor = self.net.classifier(self.net.decode(*inputs))
        else:
            scores = self.net(*inputs)
        return scores


def _optimizer(net: nn.Module, stage: Stage, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW over what learns in a stage; norms and biases are not decayed."""
    groups = []
    for name, part in net.named_children():
        rate = recipe.rate * (recipe.backbone_share if name == "backbone" else 1)
        for is_decayed in (True, False):
            found = [p for p in part.parameters() if (p.ndim > 1) is is_decayed]
            if name in stage.parts and found:
                decay = recipe.weight_decay if is_decayed else 0.0
                groups.append({"params": found, "weight_decay": decay, "highest": rate})
    return torch.optim.AdamW(groups, lr=recipe.rate)


def _float_buffers(net: nn.Module) -> list[Tensor]:
    return [buffer for buffer in net.buffers() if buffer.dtype.is_floating_point]
