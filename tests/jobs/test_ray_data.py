"""The engine for clusters, on a cluster of two workers that lives as long as these tests."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from seglabel.core.cancel import Cancel
from seglabel.core.categories import Category, CategorySet
from seglabel.core.errors import Cancelled, SegLabelError
from seglabel.core.progress import Progress
from seglabel.core.proposal import Proposal
from seglabel.formats.atomic import TEMPORARY_PREFIX
from seglabel.formats.masks import mask_names
from seglabel.formats.storage import FolderStorage, find_images
from seglabel.jobs.engines.local import predict
from seglabel.jobs.sinks import begin_folder

ray = pytest.importorskip("ray", reason='Ray is not installed: pip install "seglabel[ray]"')
pytest.importorskip("ray.data")
from ray import cloudpickle  # noqa: E402

from seglabel.jobs.engines.ray_data import Errand, Layout, plan_layout, predict_on_ray  # noqa: E402

CATEGORIES = CategorySet((Category(3, "red", (255, 0, 0)), Category(8, "blue", (0, 0, 255))))
# Workers import seglabel but not its tests.
cloudpickle.register_pickle_by_value(sys.modules[__name__])


class Colours:
    """A model without a network, on which ``before`` looks at each picture first."""

    name, digest, categories, batch_size = "colours", "c0", CATEGORIES, 1

    def __init__(self, before=lambda image: None) -> None:
        self._before = before

    def propose(self, image, cancel=None) -> Proposal:
        self._before(image)
        labels = np.where(image[..., 0] > 128, 3, np.where(image[..., 2] > 128, 8, 0))
        grid = np.full((3, 5), 0.75, np.float16)
        return Proposal(labels.astype(np.uint8), grid, grid, self.name, self.digest)

    def propose_batch(self, images, cancel=None) -> list[Proposal]:
        return [self.propose(image, cancel) for image in images]


@dataclass(frozen=True)
class Plain:
    def __call__(self, threads: int) -> Colours:
        return Colours()


@dataclass(frozen=True)
class DiesOnce:
    """The first worker to see the ``count``-th picture is killed, as by the kernel."""

    scratch: Path
    count: int

    def __call__(self, threads: int) -> Colours:
        seen = []

        def kill_once(image) -> None:
            seen.append(image.shape)
            if len(seen) == self.count:
                try:
                    (self.scratch / "killed").touch(exist_ok=False)
                except FileExistsError:
                    return
                os.kill(os.getpid(), signal.SIGKILL)

        return Colours(kill_once)


@dataclass(frozen=True)
class DiesOfOne:
    """Each worker that sees a black picture dies."""

    def __call__(self, threads: int) -> Colours:
        def kill(image) -> None:
            if not image.any():
                os.kill(os.getpid(), signal.SIGKILL)

        return Colours(kill)


@dataclass(frozen=True)
class DoesNotLoad:
    def __call__(self, threads: int) -> Colours:
        raise SegLabelError("tiny.pth: no such network")


@pytest.fixture(scope="module", autouse=True)
def cluster():
    """A machine of eight cores, which are two workers."""
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_BACKEND_LOG_LEVEL", "fatal")
        cluster = Cluster(
            initialize_head=True,
            head_node_args={"num_cpus": 8, "include_dashboard": False, "object_store_memory": 1e8},
        )
        patch.setenv("RAY_ADDRESS", cluster.address)
        yield cluster
        cluster.shutdown()


@pytest.fixture
def many(tmp_path, picture) -> Path:
    """Sixty pictures, each of its own size, in two folders."""
    from PIL import Image

    folder = tmp_path / "many"
    for number in range(60):
        path = folder / ("even" if number % 2 == 0 else "odd") / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture(12 + number, 20)).save(path)
    return folder


@dataclass
class Run:
    folder: Path
    out: Path

    def on_ray(self, load, **choices):
        files = mask_names(find_images(self.folder))
        begin_folder(self.out, self.folder, files, CATEGORIES)
        errand = Errand(load, self.folder, self.out, CATEGORIES, {})
        return predict_on_ray(errand, files, **choices)

    def here(self, out: Path):
        files = mask_names(find_images(self.folder))
        sink = begin_folder(out, self.folder, files, CATEGORIES)
        return predict(FolderStorage(self.folder), list(files), Colours(), sink)


@pytest.fixture
def run(many, tmp_path) -> Run:
    return Run(many, tmp_path / "out")


def test_a_worker_that_is_killed_midway_costs_nothing(run, tmp_path, bytes_of) -> None:
    told: list[Progress] = []
    report = run.on_ray(DiesOnce(tmp_path, 2), progress=told.append)
    assert (tmp_path / "killed").exists()
    assert report.proposed + report.skipped == 60
    assert report.skipped <= 3  # what its block had done before it died
    assert report.failed == []
    assert [step.done for step in told] == list(range(1, 61))
    assert len({step.name for step in told}) == 60  # none missing, none twice
    run.here(tmp_path / "local")
    # What the killed worker was writing may lie there unfinished, under a name that nobody reads.
    for stray in run.out.rglob(f"{TEMPORARY_PREFIX}*"):
        stray.unlink()
    assert bytes_of(run.out) == bytes_of(tmp_path / "local")
    assert len(bytes_of(run.out)) == 61


def test_a_second_run_does_the_rest_only(run, many, bytes_of) -> None:
    first = run.on_ray(Plain())
    assert (first.proposed, first.skipped) == (60, 0)
    before = bytes_of(run.out)
    for name in ("even/00.png", "odd/07.png"):
        (run.out / name).unlink()
    second = run.on_ray(Plain())
    assert (second.proposed, second.skipped) == (2, 58)
    assert bytes_of(run.out) == before


def test_what_is_wrong_with_an_image_comes_back_as_a_row(run, many) -> None:
    (many / "even" / "02.png").write_bytes(b"no picture")
    told: list[Progress] = []
    report = run.on_ray(Plain(), progress=told.append)
    assert report.proposed == 59
    assert len(report.failed) == 1
    assert "even/02.png: not an image" in report.failed[0]
    assert [step.name for step in told if step.error] == ["even/02.png"]


def test_an_image_on_which_workers_die_is_reported_and_takes_no_other_with_it(run, many) -> None:
    from PIL import Image

    Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(many / "even" / "04.png")
    report = run.on_ray(DiesOfOne())
    assert report.proposed + report.skipped == 59
    assert len(report.failed) == 1
    assert report.failed[0].startswith("even/04.png: 3 workers died of it")


def test_a_model_that_does_not_load_ends_the_run_with_its_reason(run) -> None:
    with pytest.raises(SegLabelError, match=r"tiny\.pth: no such network"):
        run.on_ray(DoesNotLoad())


def test_a_place_that_cannot_be_written_ends_the_run_with_its_reason(run) -> None:
    run.out.mkdir()
    (run.out / "even").write_text("in the way")
    with pytest.raises(SegLabelError, match="cannot be written"):
        run.on_ray(Plain())


def test_stopping_keeps_what_is_done_and_a_second_run_goes_on(run, tmp_path, bytes_of) -> None:
    cancel = Cancel()
    with pytest.raises(Cancelled):
        run.on_ray(Plain(), progress=lambda step: cancel.set(), cancel=cancel)
    assert not ray.is_initialized()
    report = run.on_ray(Plain())
    assert report.skipped > 0
    assert report.proposed + report.skipped == 60
    run.here(tmp_path / "local")
    assert bytes_of(run.out) == bytes_of(tmp_path / "local")


# how many workers


def test_cores_are_shared_out_in_equal_parts_and_no_machine_gives_more_than_it_has() -> None:
    def plan(*nodes) -> Layout:
        return plan_layout(nodes, may_use_gpus=True)

    assert plan({"CPU": 2.0}) == Layout(1, 2)
    assert plan({"CPU": 16.0}, {"CPU": 8.0}, {"memory": 1e9}) == Layout(6, 4)
    assert plan({"CPU": 3.0}, {"CPU": 7.0}) == Layout(3, 3)
    with pytest.raises(SegLabelError, match="no processor"):
        plan({"memory": 1e9})


def test_where_there_are_gpus_each_has_one_worker() -> None:
    nodes = [{"CPU": 16.0, "GPU": 2.0}, {"CPU": 64.0}, {"CPU": 8.0, "GPU": 4.0}]
    assert plan_layout(nodes, may_use_gpus=True) == Layout(6, 2, 1)
    assert plan_layout(nodes, may_use_gpus=False) == Layout(22, 4)
