"""Where ``seglabel predict`` reads and writes, and which engine it uses."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from pathlib import Path

import fsspec
import pytest
import torch
from fsspec.implementations.memory import MemoryFileSystem
from PIL import Image

from seglabel.core.categories import Category, CategorySet
from seglabel.formats.project_store import ProjectStore
from seglabel.model.segmenter import Segmenter

CPU = ("--device", "cpu")


def content(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def url(images):
    """The same pictures at a URL."""
    MemoryFileSystem.store.clear()
    memory = fsspec.filesystem("memory")
    for name, data in content(images).items():
        memory.pipe_file(f"/bucket/pictures/{name}", data)
    yield "memory://bucket/pictures"
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


def test_a_url_gives_and_takes_the_same_bytes_as_a_folder(
    seglabel, images, url, model, tmp_path
) -> None:
    run = ("--model", model, "--json", *CPU)
    assert seglabel("predict", images, "--out", tmp_path / "here", *run).code == 0
    outcome = seglabel("predict", url, "--out", "memory://bucket/labels", *run)
    assert outcome.code == 0
    assert outcome.lines[-1]["proposed"] == 3
    memory = fsspec.filesystem("memory")
    found = {
        p.removeprefix("/bucket/labels/"): memory.cat(p) for p in memory.find("/bucket/labels")
    }
    assert found == content(tmp_path / "here")
    again = seglabel("predict", url, "--out", "memory://bucket/labels", *run).lines[-1]
    assert (again["proposed"], again["skipped"]) == (0, 3)
    # From a URL into a folder, and the other way round.
    assert seglabel("predict", url, "--out", tmp_path / "fetched", *run).code == 0
    assert content(tmp_path / "fetched") == content(tmp_path / "here")
    mixed = seglabel("predict", images, "--out", "memory://bucket/labels", *run).lines[-1]
    assert (mixed["proposed"], mixed["skipped"]) == (0, 3)
    file = seglabel("predict", f"file://{images}", "--out", f"file://{tmp_path}/here", *run)
    assert file.lines[-1]["skipped"] == 3


def test_a_fall_back_is_said_as_soon_as_it_happens(
    seglabel, images, model, tmp_path, monkeypatch
) -> None:
    Image.new("RGB", (400, 300), "red").save(images / "0 large.png")
    works, failures = Segmenter._forward, [torch.OutOfMemoryError("CUDA out of memory")]

    def forward(segmenter, pixels):
        if failures and max(pixels.shape) > 256:
            raise failures.pop()
        return works(segmenter, pixels)

    monkeypatch.setattr(Segmenter, "_forward", forward)
    outcome = seglabel("predict", images, "--model", model, *CPU, "--out", tmp_path / "out")
    assert outcome.code == 0, outcome.err
    assert outcome.err.count("goes on: ") == 1
    assert "in tiles of 256 for lack of memory" in outcome.err


def test_objects_are_told_apart_only_where_there_can_be_any(
    seglabel, images, model, tmp_path
) -> None:
    run = ("predict", images, "--model", model, "--separate", *CPU)
    outcome = seglabel(*run)
    assert outcome.code == 2
    assert "thing" in outcome.err
    assert not (images / ".seglabel" / "project.json").exists()
    assert seglabel(*run, "--out", tmp_path / "out").code == 2
    assert not (tmp_path / "out").exists()
    store = ProjectStore.open(images)
    red = (Category(1, "red", (255, 0, 0), is_thing=True), Category(2, "blue", (0, 0, 255)))
    store.project.categories = CategorySet(red)
    store.save_project()
    first = seglabel(*run, "--json")
    assert (first.code, first.lines[-1]["proposed"]) == (0, 3), first.err
    assert seglabel(*run, "--json").lines[-1]["skipped"] == 3


def test_a_part_of_a_url_is_done_by_each_of_several_machines(
    seglabel, url, model, tmp_path
) -> None:
    run = ("--model", model, "--out", tmp_path / "out", "--json", *CPU)
    results = [seglabel("predict", url, "--shard", f"{i}/2", *run).lines[-1] for i in (1, 2)]
    assert sum(result["proposed"] for result in results) == 3
    assert len(list((tmp_path / "out").rglob("*.png"))) == 3


def test_a_label_at_a_url_that_somebody_else_made_is_never_overwritten(
    seglabel, url, model
) -> None:
    fsspec.filesystem("memory").pipe_file("/bucket/labels/one.png", b"mine")
    outcome = seglabel(
        "predict", url, "--out", "memory://bucket/labels", "--model", model, "--json", *CPU
    )
    assert outcome.code == 1
    assert outcome.lines[-1]["proposed"] == 2
    assert "one.png was not written by predict" in outcome.lines[-1]["failed"][0]
    assert fsspec.filesystem("memory").cat("/bucket/labels/one.png") == b"mine"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("FOLDER", "--engine", "ray"), "--engine ray: several machines cannot write"),
        (("FOLDER", "--shard", "1/2"), "--shard: several machines cannot write"),
        (("URL",), "a project cannot lie at a URL; give --out DIR"),
        (("URL", "--out", "URL/labels"), "lies in the image folder"),
        (("URL", "--out", "OUT", "--only", "empty"), "has no project"),
        (("URL", "--out", "OUT", "--project", "OUT"), "has no project"),
        (("URL", "--out", "OUT", "--engine", "ray"), "no worker can see it"),
        (("memory://nothing", "--out", "OUT"), "there is nothing here"),
    ],
)
def test_places_that_cannot_be_are_refused_and_nothing_is_written(
    seglabel, images, url, model, tmp_path, arguments, reason
) -> None:
    before = content(tmp_path)
    places = {"FOLDER": str(images), "URL": url, "OUT": str(tmp_path / "out")}
    words = [
        word.replace("URL", url) if word.startswith("URL") else places.get(word, word)
        for word in arguments
    ]
    outcome = seglabel("predict", *words, "--model", model, *CPU)
    assert outcome.code == 2
    assert reason in outcome.err
    assert content(tmp_path) == before


def test_without_ray_its_engine_is_refused_with_the_way_to_get_it(
    seglabel, images, model, tmp_path, monkeypatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "seglabel.jobs.engines.ray_data", raising=False)
    monkeypatch.delattr("seglabel.jobs.engines.ray_data", raising=False)
    outcome = seglabel(
        *("predict", images, "--engine", "ray", "--out", tmp_path / "out", "--model", model, *CPU)
    )
    assert outcome.code == 2
    assert 'pip install "seglabel[ray]"' in outcome.err
    assert not (tmp_path / "out").exists()


class InterruptedAtItsFirstLine(io.StringIO):
    """A stdout at which somebody presses Ctrl+C as soon as something is written."""

    def write(self, text: str) -> int:
        if not self.getvalue():
            signal.raise_signal(signal.SIGINT)
        return super().write(text)


def test_ray_says_the_same_in_json_stops_at_ctrl_c_and_goes_on_from_there(
    seglabel, images, model, tmp_path, monkeypatch
) -> None:
    pytest.importorskip("ray", reason='Ray is not installed: pip install "seglabel[ray]"')
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))  # that of the workers
    try:
        (images / os.fsdecode(b"caf\xe9.png")).write_bytes((images / "one.png").read_bytes())
    except OSError:  # this file system takes only names that are text
        (images / "cafe.png").write_bytes((images / "one.png").read_bytes())
    (images / "torn.png").write_bytes(b"no picture")
    run = ("predict", images, "--model", model, "--json", *CPU)
    seglabel(*run, "--out", tmp_path / "local")
    stream = InterruptedAtItsFirstLine()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", stream)
        outcome = seglabel(*run, "--out", tmp_path / "ray", "--engine", "ray")
    assert outcome.code == 130
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert lines[-1] == {"event": "result", "cancelled": True}
    outcome = seglabel(*run, "--out", tmp_path / "ray", "--engine", "ray")
    assert outcome.code == 1
    assert "Ray: " in outcome.err
    *progress, result = outcome.lines
    assert [line["done"] for line in progress] == [1, 2, 3, 4, 5]
    assert result["skipped"] >= 1
    assert result["proposed"] + result["skipped"] == 4
    assert "torn.png" in result["failed"][0]
    assert content(tmp_path / "ray") == content(tmp_path / "local")
