"""What commands write to the log."""

from __future__ import annotations

import pytest

from seglabel.cli import commands
from seglabel.formats.log_file import last_lines


def test_a_command_leaves_what_it_was_and_how_it_ended(seglabel, tmp_path) -> None:
    assert seglabel("doctor", "--json").code in (0, 1)
    said = [line.partition(": ")[2] for line in last_lines(2)]
    assert said[0].endswith("doctor --json") and said[1].startswith("doctor ends with")
    assert seglabel("export", "coco", str(tmp_path / "none"), str(tmp_path / "out")).code == 2
    assert "none" in last_lines(1)[0] and "WARNING" in last_lines(1)[0]


def test_where_an_unexpected_error_arose_stands_in_the_log(
    seglabel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> int:
        raise RuntimeError("in the works")

    monkeypatch.setitem(commands._COMMANDS, "doctor", broken)
    outcome = seglabel("doctor")
    assert outcome.code == 2
    assert "seglabel.log" in outcome.err
    assert any('test_log.py", line' in line for line in last_lines(12))
    assert last_lines(1) == ["RuntimeError: in the works"]
