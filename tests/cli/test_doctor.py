from __future__ import annotations

import shutil
import subprocess
import sys

from seglabel.cli import doctor

TOPICS = [
    "seglabel",
    "system libraries",
    "Qt",
    "screen",
    "packages",
    "OpenCV",
    "device",
    "disk",
    "log",
]


def test_the_doctor_looks_at_everything(seglabel) -> None:
    outcome = seglabel("doctor", "--json")
    result = outcome.lines[-1]
    assert [topic for topic in result if topic != "event"] == TOPICS
    assert outcome.code == (0 if all(result[topic]["ok"] for topic in TOPICS) else 1)
    for topic in TOPICS:
        assert result[topic]["text"]
        assert topic in outcome.err


def test_a_check_that_breaks_is_a_finding_not_the_end(monkeypatch) -> None:
    def broken(path: object) -> None:
        raise OSError("no such device")

    monkeypatch.setattr(shutil, "disk_usage", broken)
    findings = {finding.topic: finding for finding in doctor.examine()}
    assert list(findings) == TOPICS
    assert not findings["disk"].is_fine
    assert "no such device" in findings["disk"].text


def test_missing_libraries_come_with_the_line_that_installs_them(monkeypatch, seglabel) -> None:
    monkeypatch.setattr(doctor, "missing_libraries", lambda: ["libEGL.so.1"])
    outcome = seglabel("doctor")
    assert outcome.code == 1
    assert "FAIL  system libraries" in outcome.err
    assert "libEGL.so.1" in outcome.err


def test_without_a_screen_the_commands_are_still_fine(monkeypatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    screen = next(finding for finding in doctor.examine() if finding.topic == "screen")
    assert screen.is_fine


def test_the_doctor_itself_never_loads_qt() -> None:
    # It is asked when Qt cannot be loaded.
    code = (
        "import sys; from seglabel.cli.doctor import examine; examine()\n"
        "sys.exit('PySide6' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
