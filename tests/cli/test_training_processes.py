"""Trainings as processes: killed and gone on with, and two that learn together."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from seglabel.formats.project_store import ProjectStore

ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}

Lines = list[dict[str, Any]]


def command(store: ProjectStore, model: Path, *more: object) -> list[str]:
    shared = ("--init", model, "--val", 0, "--device", "cpu", "--json")
    return ["-m", "seglabel", *map(str, ("train", store.folder, *shared, *more))]


def run(arguments: list[str], *launcher: str) -> tuple[Lines, str]:
    """What it told and said, after it ended well."""
    done = subprocess.run(
        [sys.executable, *launcher, *arguments],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def state_of(store: ProjectStore) -> Path:
    return store.models_folder / ".training" / "state"


def kill_on_its_way(store: ProjectStore, arguments: list[str]) -> int:
    """Start a training and end it by force once it has kept something; returns the last step."""
    with subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=ENVIRONMENT,
    ) as process:
        for line in process.stdout:
            told = json.loads(line)
            if state_of(store).exists():
                process.send_signal(signal.SIGKILL)
                break
    assert process.returncode == -signal.SIGKILL
    return int(told["done"])


def same_weights(one: Path, other: Path) -> bool:
    first, second = load_file(one), load_file(other)
    return first.keys() == second.keys() and all(torch.equal(first[k], second[k]) for k in first)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_a_training_that_is_killed_goes_on_and_ends_as_if_nothing_had_happened(
    labelled, model, tmp_path
) -> None:
    steps = 40
    arguments = command(labelled, model, "--steps", steps)
    alone, _ = run(command(labelled, model, "--steps", steps, "--out", tmp_path / "a.safetensors"))
    assert alone[-1]["steps"] == steps
    reached = kill_on_its_way(labelled, arguments)
    assert 0 < reached < steps
    lines, said = run(arguments)
    assert "going on after" in said
    assert 1 < lines[0]["done"] <= reached + 1
    assert lines[-1]["steps"] == steps
    assert same_weights(Path(lines[-1]["model"]), tmp_path / "a.safetensors")
    assert not state_of(labelled).parent.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_what_was_broken_off_can_be_left_aside(labelled, model) -> None:
    arguments = command(labelled, model, "--steps", 40)
    kill_on_its_way(labelled, arguments)
    with subprocess.Popen(
        [sys.executable, *arguments, "--fresh"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=ENVIRONMENT,
    ) as process:
        assert json.loads(process.stdout.readline())["done"] == 1
        process.kill()


def test_two_processes_learn_together_and_only_the_first_one_tells_and_writes(
    labelled, model
) -> None:
    together = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    lines, said = run(command(labelled, model, "--steps", 3), *together)
    assert [line["done"] for line in lines if line["event"] == "progress"] == [1, 2, 3]
    assert [line["event"] for line in lines].count("result") == 1
    assert said.count("2 processes together") == 1
    assert [path.name for path in labelled.models_folder.iterdir()] == ["model-1.safetensors"]
    assert lines[-1]["steps"] == 3
