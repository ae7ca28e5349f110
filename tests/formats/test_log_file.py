"""The log: found by whoever looks for a fault, bounded, and without a picture in it."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from seglabel.formats.log_file import LOG_NAME, keeping_log, last_lines, log_folder

log = logging.getLogger("seglabel.test")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("platformdirs.user_log_dir", lambda *_, **__: str(tmp_path / "log"))
    return tmp_path / "log"


def text(folder: Path) -> str:
    return (folder / LOG_NAME).read_text("utf-8")


def test_what_seglabel_says_is_written_down_and_of_others_warnings_alone(folder: Path) -> None:
    with keeping_log():
        log.info("opened %s", "/photos/ünï 图.png")
        logging.getLogger("other").info("chatter")
        logging.getLogger("other").warning("a warning")
    log.info("after its end")
    said = text(folder)
    assert "INFO seglabel.test: opened /photos/ünï 图.png" in said
    assert "a warning" in said
    assert "chatter" not in said and "after its end" not in said
    assert last_lines(1)[0].endswith("WARNING other: a warning")


def test_it_begins_anew_at_a_limit_and_keeps_a_few_older_files(folder: Path) -> None:
    with keeping_log(limit=2000):
        for number in range(400):
            log.info("line %d", number)
    files = sorted(path.name for path in folder.iterdir())
    assert files == [LOG_NAME, f"{LOG_NAME}.1", f"{LOG_NAME}.2", f"{LOG_NAME}.3"]
    assert all(path.stat().st_size <= 2000 for path in folder.iterdir())
    assert last_lines(1)[0].endswith("line 399")


def test_programs_that_run_at_once_share_it_when_one_begins_a_new_file(folder: Path) -> None:
    program = f"""
import logging, platformdirs, sys
platformdirs.user_log_dir = lambda *_, **__: {str(folder)!r}
from seglabel.formats.log_file import keeping_log
with keeping_log(limit=2000):
    for line in sys.stdin:
        for number in range(int(line)):
            logging.getLogger("seglabel.other").info("other %d", number)
        print(flush=True)
"""
    command, pipe = [sys.executable, "-c", program], subprocess.PIPE
    with (
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as other,
        keeping_log(limit=2000),
    ):

        def let_it_say(count: int) -> None:
            other.stdin.write(f"{count}\n")
            other.stdin.flush()
            other.stdout.readline()

        log.info("mine first")
        let_it_say(50)  # which is more than one file
        log.info("mine second")
        let_it_say(1)
        other.stdin.close()
    assert [line.rpartition(": ")[2] for line in last_lines(2)] == ["mine second", "other 0"]
    assert all(path.stat().st_size <= 2200 for path in folder.iterdir())


def test_no_pixel_of_what_an_error_quotes_gets_in(folder: Path) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (40, 40, 3), np.uint8)
    with keeping_log():
        try:
            np.testing.assert_array_equal(pixels, 255 - pixels)
        except AssertionError as error:
            log.warning("failed", exc_info=error)
        log.warning("of %s and %r", pixels[0, :20].tolist(), bytes(pixels[0, :9]))
        log.warning("a long one %s", "x" * 5000)
    said = text(folder)
    assert "Arrays are not equal" in said and "test_log_file.py" in said  # what helps is there
    for y in range(3):
        shown = " ".join(map(str, pixels[y, :2].ravel()))
        assert shown not in said and shown.replace(" ", ", ") not in said
    assert repr(bytes(pixels[0, :3]))[2:-1] not in said
    assert max(map(len, said.splitlines())) < 500


def test_a_place_that_cannot_be_written_stops_nothing(folder: Path, caplog) -> None:
    folder.write_text("in the way")
    with keeping_log():
        log.info("said all the same")
    assert "no log is kept" in caplog.text
    assert last_lines(5) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
def test_a_full_disk_stops_nothing_and_fills_no_terminal(folder: Path, capsys) -> None:
    folder.mkdir()
    (folder / LOG_NAME).symlink_to("/dev/full")
    with keeping_log():
        log.warning("not written")
    assert capsys.readouterr().err == ""


def test_an_error_that_ends_the_program_stands_at_its_end(folder: Path) -> None:
    with pytest.raises(RuntimeError), keeping_log():
        raise RuntimeError("no window")
    assert "the program ends by an error" in text(folder)
    assert last_lines(1) == ["RuntimeError: no window"]


def test_it_lies_in_what_the_system_keeps_for_a_person(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    if sys.platform == "linux":
        import platformdirs.unix

        monkeypatch.setattr(
            "platformdirs.user_log_dir",
            lambda *args, **choices: platformdirs.unix.Unix(*args, **choices).user_log_dir,
        )
        assert log_folder() == tmp_path / "seglabel" / "log"
    assert log_folder().is_absolute()
