"""A settings file in any state lets the program start, and is never lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from PySide6.QtCore import QByteArray

from seglabel.app.session import Session
from seglabel.app.settings import Settings


def full(path: Path) -> bytes:
    """The file as the program writes it, with everything set."""
    settings = Settings(path)
    settings.theme = "light"
    settings.language = "zh_CN"
    settings.look = replace(settings.look, opacity=0.3, outline=True)
    settings.tool_options = {"radius": 12, "shape": "round", "smooth": True}
    settings.remember_folder("/pictures/泡")
    settings.remember_folder("/pictures/other")
    settings.remember_model(path)
    settings.proposes_ahead = False
    settings.undo_mb = 300
    settings.keymap = {"brush": "B"}
    settings.remember_image(path.parent, "a/ü.png")
    settings.remember_window(QByteArray(b"\0\1geometry\xff"), QByteArray(b"layout"))
    settings.flush()
    return path.read_bytes()


def use_all(settings: Settings) -> None:
    """Read everything as the program does when it starts, and write."""
    for name in dir(Settings):
        if isinstance(getattr(Settings, name), property):
            getattr(settings, name)
    assert settings.theme in ("system", "light", "dark")
    assert settings.undo_mb >= 1
    assert all(isinstance(folder, str) for folder in settings.recent_folders)
    settings.last_image(Path("/somewhere"))
    settings.remember_folder("/pictures/new")
    settings.theme = "dark"
    settings.flush()


def require_usable(path: Path, data: bytes) -> None:
    copy = path.with_suffix(".damaged.ini")
    copy.unlink(missing_ok=True)
    path.write_bytes(data)
    use_all(Settings(path))
    again = Settings(path)
    assert again.theme == "dark"
    assert again.recent_folders[0] == "/pictures/new"
    assert not copy.exists() or copy.read_bytes() == data
    assert copy.exists() or data[-1:] in (b"", b"\n")  # what was cut off is kept


def test_what_the_program_wrote_itself_is_not_taken_for_damaged(tmp_path: Path) -> None:
    path = tmp_path / "window.ini"
    full(path)
    assert Settings(path).theme == "light"
    assert Settings(path).recent_folders == ["/pictures/other", "/pictures/泡"]
    assert not path.with_suffix(".damaged.ini").exists()


def test_a_settings_file_that_was_cut_off_anywhere_is_usable(tmp_path: Path) -> None:
    path = tmp_path / "window.ini"
    data = full(path)
    for end in range(0, len(data), 7):
        require_usable(path, data[:end])


@examples(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    place=st.floats(0, 1),
    inserted=st.binary(max_size=40) | st.text('[]=@()\\"%,;\n\0x9', max_size=20).map(str.encode),
    removed=st.integers(0, 60),
)
def test_a_settings_file_with_anything_in_it_is_usable(tmp_path, place, inserted, removed) -> None:
    path = tmp_path / "window.ini"
    path.unlink(missing_ok=True)
    data = full(path)
    at = int(place * len(data))
    require_usable(path, data[:at] + inserted + data[at + removed :])


GARBAGE = [b"\x00\xff[[[ not an ini \x80 = \n\n]]", b"\xff\xfe\x00", b"[\n" * 9999, bytes(5000)]


@pytest.mark.parametrize("data", GARBAGE)
def test_the_program_starts_with_a_damaged_settings_file_and_keeps_a_copy(
    qtbot, make_session: Callable[..., Session], tmp_path: Path, folder: Path, data: bytes
) -> None:
    path = tmp_path / "window.ini"
    path.write_bytes(data)
    session = make_session()
    session.start(folder, None)
    qtbot.waitUntil(lambda: session.workspace.image is not None, timeout=20000)
    kept = [p.read_bytes() for p in tmp_path.glob("*.ini")]
    assert data in kept


def test_only_the_damaged_file_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "window.ini"
    (tmp_path / "other.ini").write_bytes(GARBAGE[0])
    path.write_bytes(GARBAGE[0])
    use_all(Settings(path))
    assert (tmp_path / "other.ini").read_bytes() == GARBAGE[0]
    assert path.with_suffix(".damaged.ini").read_bytes() == GARBAGE[0]


def test_a_folder_in_the_place_of_the_settings_file_is_no_reason_not_to_start(tmp_path) -> None:
    path = tmp_path / "window.ini"
    path.mkdir()
    settings = Settings(path)
    assert settings.theme == "system"
    settings.theme = "dark"
    settings.flush()
