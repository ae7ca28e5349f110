from __future__ import annotations

import json

import pytest

from seglabel.cli.console import Console
from seglabel.core.progress import Progress


def test_programs_get_one_object_a_line_on_stdout(capsys) -> None:
    with Console(as_json=True) as console:
        console.progress(Progress(1, 2, "a.png", values={"loss": 0.5}))
        console.progress(Progress(2, 2, "b.png", error="b.png: damaged"))
        console.result({"images": 1}, "one image")
    said = capsys.readouterr()
    assert [json.loads(line) for line in said.out.splitlines()] == [
        {"event": "progress", "done": 1, "total": 2, "name": "a.png", "loss": 0.5},
        {"event": "progress", "done": 2, "total": 2, "name": "b.png", "error": "b.png: damaged"},
        {"event": "result", "images": 1},
    ]
    assert said.err == "one image\n"


def test_people_get_sentences_on_stderr_and_nothing_on_stdout(capsys) -> None:
    with Console(as_json=False) as console:
        console.say("on the CPU")
        console.progress(Progress(1, 2, "a.png", error="a.png: damaged", values={"loss": 1.0}))
        console.progress(Progress(2, 2, "b.png"))
        console.result({"images": 1}, "one image")
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == ["on the CPU", "one image"]


def test_a_progress_bar_without_a_terminal_fills_no_log(capsys) -> None:
    with Console(as_json=False) as console:
        for done in range(100):
            console.progress(Progress(done, 100))
    assert capsys.readouterr().err == ""


def test_a_name_that_is_no_text_can_be_told(capsys) -> None:
    # On Linux a file name is any bytes; what is no UTF-8 arrives as a lone surrogate.
    with Console(as_json=True) as console:
        console.progress(Progress(1, 1, "caf\udce9.png"))
    assert json.loads(capsys.readouterr().out)["name"] == "caf\udce9.png"


def test_an_error_leaves_no_bar_behind(capsys) -> None:
    with pytest.raises(RuntimeError), Console(as_json=False) as console:
        console.progress(Progress(1, 2))
        raise RuntimeError
    assert console._bar is None
