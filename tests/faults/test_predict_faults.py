"""A run of predict that is hit at any moment loses at most the image in work."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from seglabel.core.errors import LabelError
from seglabel.core.proposal import Proposal
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.label_png import read_label_file
from seglabel.formats.masks import mask_names
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.engines.local import predict
from seglabel.jobs.sinks import ProjectSink, begin_folder

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has neither these signals nor folders to sync"
)
INTO = pytest.mark.parametrize("into", ["folder", "project"])
BY_HAND = "deep/1.png"


class Colours:
    """A model without a network."""

    name, digest, batch_size = "colours", "c0", 1

    def __init__(self, categories) -> None:
        self.categories = categories

    def propose(self, image, cancel=None) -> Proposal:
        if not isinstance(image, np.ndarray):
            image = image.read()
        labels = np.where(image[..., 0] > 128, 3, 8).astype(np.uint8)
        grid = np.full((3, 5), 0.75, np.float16)
        return Proposal(labels, grid, grid, self.name, self.digest)

    def propose_batch(self, images, cancel=None) -> list[Proposal]:
        return [self.propose(image, cancel) for image in images]


def run(folder: Path, into: str, categories, told=None):
    """One run over all images; ``told`` collects the names that were said to be written."""

    def note(step) -> None:
        if step.is_written and told is not None:
            told.append(step.name)

    store = ProjectStore.open(folder / "images")
    if into == "folder":
        sink = begin_folder(folder / "out", store, mask_names(store.project.names), categories)
    else:
        store.project.categories = categories
        store.save_project()
        sink = ProjectSink(store)
    return predict(store, store.project.names, Colours(categories), sink, progress=note)


def result(folder: Path, into: str) -> dict[str, object]:
    """What counts of a run: every byte of plain PNGs; labels, status and origin in a project.

    The revision of labels in a project tells how often they were saved, so it is left out.
    """
    if into == "folder":
        out = folder / "out"
        files = [path for path in out.rglob("*") if path.is_file() and path.name[0] != "."]
        return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}
    store = ProjectStore.open(folder / "images")
    found: dict[str, object] = {}
    for name, record in store.project.records.items():
        annotation, proposal = store.load(name), store.load_proposal(name)
        assert annotation is not None
        assert proposal is not None
        labels = (annotation.labels.tobytes(), annotation.painted.tobytes())
        origin = (record.digest, record.model_digest, record.confidence)
        found[name] = (*labels, annotation.status, *origin, proposal.labels.tobytes())
    return found


def label_by_hand(folder: Path, categories) -> None:
    store = ProjectStore.open(folder / "images")
    store.project.categories = categories
    labels = np.full((12, 20), 8, np.uint8)
    store.save(BY_HAND, Annotation(labels, labels > 0, None, Status.CORRECTED))


def whole_or_absent(folder: Path, into: str) -> None:
    """Nothing that a reader would open is torn."""
    root = folder / ("out" if into == "folder" else "images/.seglabel")
    for path in root.rglob("*.png"):
        if not path.name.startswith("."):
            try:
                read_label_file(path)
            except LabelError as error:
                pytest.fail(str(error))


@INTO
@pytest.mark.parametrize("keeps_names", [True, False])
def test_power_loss_at_any_moment_costs_at_most_the_image_in_work(
    tmp_path, disk, power_loss, tried, pictures, categories, into, keeps_names
) -> None:
    def prepare(name: str) -> Path:
        folder = tmp_path / name
        pictures(folder / "images", 5)
        if into == "project":
            label_by_hand(folder, categories)
        return folder

    undisturbed = prepare("undisturbed")
    with pytest.MonkeyPatch.context() as patch:
        whole = disk(patch, undisturbed)
        run(undisturbed, into, categories)
    expected = result(undisturbed, into)
    assert whole.events > 5
    for moment in tried(whole.events, few=8):
        folder, told = prepare(str(moment)), []
        with pytest.MonkeyPatch.context() as patch:
            struck = disk(patch, folder, moment)
            with pytest.raises(power_loss):
                run(folder, into, categories, told)
        struck.lose(keeps_names=keeps_names)
        whole_or_absent(folder, into)
        again = run(folder, into, categories)
        assert again.failed == []
        assert again.skipped >= len(told), moment  # what was said to be written, was
        assert again.proposed + again.skipped == 5
        assert again.proposed <= 5 - len(told)
        assert result(folder, into) == expected, moment
        if into == "project":
            store = ProjectStore.open(folder / "images")
            assert (store.load(BY_HAND).labels == 8).all()
            assert store.load(BY_HAND).status is Status.CORRECTED


def test_an_image_that_somebody_corrects_during_the_run_keeps_those_labels(
    tmp_path, pictures, categories
) -> None:
    pictures(tmp_path / "images", 4)
    store = ProjectStore.open(tmp_path / "images")
    store.project.categories = categories
    store.save_project()

    def correct(step) -> None:
        if step.done == 1:
            label_by_hand(tmp_path, categories)  # another program, with a store of its own
            mine = np.full((12, 20), 3, np.uint8)
            store.save("2.png", Annotation(mine, mine > 0, None, Status.CORRECTED))

    names = ["0.png", "2.png", BY_HAND]
    predict(store, names, Colours(categories), ProjectSink(store), progress=correct)
    again = ProjectStore.open(tmp_path / "images")
    assert (again.load(BY_HAND).labels == 8).all()
    assert again.load(BY_HAND).status is Status.CORRECTED
    assert again.load("0.png").status is Status.PROPOSED
    second = run(tmp_path, "project", categories)
    assert (second.proposed, second.skipped) == (1, 3)
    assert (ProjectStore.open(tmp_path / "images").load(BY_HAND).labels == 8).all()


# the program itself


def command(folder: Path, into: str, model: Path) -> list[str]:
    words = [sys.executable, "-m", "seglabel", "predict", str(folder / "images")]
    out = ["--out", str(folder / "out")] if into == "folder" else []
    return [*words, *out, "--model", str(model), "--device", "cpu", "--json"]


def start(words: list[str], caches: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "XDG_CACHE_HOME": str(caches), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    )


def finish(words: list[str], caches: Path) -> dict[str, object]:
    with start(words, caches) as process:
        lines = process.stdout.read().splitlines()
    assert process.returncode == 0
    return json.loads(lines[-1])


def hit(words: list[str], caches: Path, number: int, after: int) -> tuple[int, int]:
    """Send a signal once ``after`` lines were told; how many were told in all, and the code."""
    with start(words, caches) as process:
        told = [process.stdout.readline() for _ in range(after)]
        process.send_signal(number)
        told += process.stdout.readlines()
    written = [line for line in told if line.endswith(b"\n") and b'"progress"' in line]
    return len(written), process.returncode


@INTO
@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (getattr(signal, "SIGKILL", 9), -9)],
    ids=["ctrl+c", "kill -9"],
)
def test_the_program_goes_on_where_it_was_stopped(
    tmp_path, caches, tried, pictures, model, into, number, code
) -> None:
    count = 12
    pictures(tmp_path / "whole" / "images", count)
    finish(command(tmp_path / "whole", into, model), caches)
    expected = result(tmp_path / "whole", into)
    for moment in tried(count - 2, few=1):
        folder = tmp_path / str(moment)
        pictures(folder / "images", count)
        words = command(folder, into, model)
        told, ended = hit(words, caches, number, moment)
        whole_or_absent(folder, into)
        assert ended in (code, 0)  # 0: it was done before the signal came
        again = finish(words, caches)
        assert again["skipped"] >= told
        assert again["proposed"] + again["skipped"] == count
        assert result(folder, into) == expected
