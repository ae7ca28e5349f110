"""Damaged files of every kind end in an error that names them, or in something that makes sense.

Here by chance, a few of each; ``packaging/dev.py fuzz`` tries many more, guided by what the readers
do with them. What that found has its own tests below.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from random import Random

import fuzz_run
import fuzz_targets
import pytest
from fuzz_targets import PIXELS, TARGETS
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.fixture(autouse=True)
def small_limits(monkeypatch):
    for module in (fuzz_targets.coco, fuzz_targets.label_png):
        monkeypatch.setattr(module, "WINDOW_PIXEL_LIMIT", PIXELS)


@pytest.mark.parametrize("name", TARGETS)
def test_no_sample_is_a_finding_and_some_are_taken(tmp_path, monkeypatch, name):
    refusing, asked, taken = fuzz_targets.refusing, [], []

    @contextmanager
    def counting(path, *kinds):
        asked.append(path)
        with refusing(path, *kinds):
            yield
            taken.append(path)  # not where the reader refused it

    monkeypatch.setattr(fuzz_targets, "refusing", counting)
    for number, data in enumerate(TARGETS[name].seeds()):
        (tmp_path / str(number)).mkdir()
        TARGETS[name].read(data, tmp_path / str(number))
    assert taken or not asked  # some readers refuse nothing


@pytest.mark.filterwarnings("ignore")  # decoders complain of what is refused right after
@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=40)
@given(st.integers(0, 2**32))
def test_a_damaged_file_is_refused_by_name_or_makes_sense(tmp_path_factory, name, seed):
    folder = tmp_path_factory.mktemp("damage")
    random = Random(seed)
    for _ in range(3):
        TARGETS[name].read(TARGETS[name].damaged(random), folder)


def test_a_run_keeps_the_input_of_every_finding_once(tmp_path, capsys):
    def read(data, folder):
        if len(data) % 2:
            raise KeyError("an error that nobody declared")

    broken = replace(TARGETS["lock"], read=read, seeds=lambda: [b"{}"])
    [kept] = fuzz_run.try_damage(broken, 100, 1, tmp_path, tmp_path)
    assert len(kept.read_bytes()) % 2 == 1
    assert "KeyError" in capsys.readouterr().err


def test_the_table_counts_the_inputs_of_each_kind_and_says_how_they_were_chosen(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(fuzz_run.importlib.util, "find_spec", lambda name: None)
    arguments = ["fuzz_run.py", "rle", "--runs", "50", "--findings", str(tmp_path)]
    monkeypatch.setattr("sys.argv", arguments)
    assert fuzz_run.main() == 0
    said = capsys.readouterr().out
    assert "NOT guided by coverage" in said
    assert "50 inputs" in said
    assert "nothing found" in said
