from __future__ import annotations

import argparse
import re
import subprocess
import sys

import pytest

from seglabel import __version__
from seglabel.cli.parser import COMMANDS, build_parser, duration, scales


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("10m", 600), ("1h", 3600), ("1.5h", 5400), ("2", 120), (" 0.5 m ", 30)],
)
def test_a_duration_is_read_as_people_write_it(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "0s", "-1m", "soon", "10 d", "1e3", "m", "nan", "1m30s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="10m or 90s"):
        duration(text)


def test_scales_are_read_in_their_order() -> None:
    assert scales("0.75,1,1.25") == (0.75, 1.0, 1.25)
    assert scales("1") == (1.0,)


@pytest.mark.parametrize("text", ["", "1,", "a", "0", "-1", "5", "0.5;1", "nan", "inf"])
def test_what_are_no_scales_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=r"0\.75,1,1\.25"):
        scales(text)


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_shows_every_command_and_how_to_open_the_window(seglabel, flag) -> None:
    outcome = seglabel(flag)
    assert outcome.code == 0
    for command in COMMANDS:
        assert re.search(rf"^    {command}$|^    {command} ", outcome.out, re.MULTILINE)
    assert "seglabel [FOLDER] [--project DIR]" in outcome.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(seglabel, command) -> None:
    outcome = seglabel(command, "--help")
    assert outcome.code == 0
    assert outcome.out.startswith(f"usage: seglabel {command} ")
    assert "--json" in outcome.out


@pytest.mark.parametrize(
    ("word", "said"),
    [("predikt", "predict"), ("frobnicate", "evaluate"), ("no/such/place", "no such folder")],
)
def test_a_word_that_is_neither_a_command_nor_a_folder_is_refused_without_a_screen(
    seglabel, monkeypatch, word, said
) -> None:
    monkeypatch.setattr("seglabel.app.main.run_window", lambda *_: pytest.fail("a window"))
    for more in ((), ("pictures", "--model", "one")):
        outcome = seglabel(word, *more)
        assert outcome.code == 2
        assert f"{word}: no such folder" in outcome.err and said in outcome.err
    assert ("no such command" in outcome.err) == ("/" not in word)


def test_the_version_is_told_with_and_without_a_command(seglabel) -> None:
    assert seglabel("--version").out == f"seglabel {__version__}\n"
    with pytest.raises(SystemExit, match="0"):
        build_parser().parse_args(["--version"])


def test_an_option_that_nobody_knows_is_refused(seglabel) -> None:
    outcome = seglabel("--colour", "red")
    assert outcome.code == 2
    assert "--colour" in outcome.err


def test_the_program_runs_as_a_module() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "seglabel", "--help"], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0
    assert "predict" in ended.stdout
    assert "export" in ended.stdout


def test_export_never_loads_torch_nor_qt(labelled, tmp_path) -> None:
    code = (
        "import sys; from seglabel.__main__ import main\n"
        f"ended = main(['export', 'coco', {str(labelled.folder)!r}, {str(tmp_path / 'out')!r}])\n"
        "print([m for m in ('torch', 'PySide6', 'timm') if m in sys.modules])\n"
        "sys.exit(ended)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout.strip()) == (0, "[]")
    assert "exported 3 images" in ended.stderr
