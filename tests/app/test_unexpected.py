"""An error that nothing handled: one dialog, however often it comes, and tests still see it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer, qCritical, qWarning
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QPushButton

from seglabel.app.dialogs.unexpected import UnexpectedDialog
from seglabel.app.main_window import MainWindow
from seglabel.app.theme import DARK
from seglabel.app.unexpected import Unexpected
from seglabel.app.unhandled import listening
from seglabel.app.workers.thread import WorkThread
from seglabel.formats.log_file import LOG_NAME, keeping_log


@pytest.fixture
def warnings() -> list[str]:
    return []


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("platformdirs.user_log_dir", lambda *_, **__: str(tmp_path / "log"))
    return tmp_path / "log" / LOG_NAME


@pytest.fixture(scope="module")
def window(qapp) -> Iterator[MainWindow]:
    made = MainWindow(DARK)
    made.show()
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def is_safe() -> list[bool]:
    return [True]


@pytest.fixture
def watched(
    qtbot, window: MainWindow, log: Path, warnings: list[str], is_safe: list[bool]
) -> Iterator[Unexpected]:
    """Unhandled errors are listened for, as those of the program are."""
    unexpected = Unexpected(window, lambda: all(is_safe))
    with keeping_log(), listening(unexpected.note, warnings.append):
        yield unexpected
    for dialog in dialogs():
        dialog.reject()
    unexpected.deleteLater()


def dialogs() -> list[UnexpectedDialog]:
    shown = [w for w in QApplication.topLevelWidgets() if isinstance(w, UnexpectedDialog)]
    return [dialog for dialog in shown if dialog.isVisible()]


def fail(text: str = "the brush broke") -> None:
    raise ValueError(text)


def in_a_slot(action: Callable[[], None]) -> None:
    QTimer.singleShot(0, action)


def press(dialog: QDialog, text: str) -> None:
    next(b for b in dialog.findChildren(QPushButton) if b.text() == text).click()


def test_an_error_in_a_slot_is_shown_logged_and_still_heard_by_who_listened_before(
    qtbot, watched: Unexpected, log: Path
) -> None:
    # The tests' own listener was there before.
    with qtbot.captureExceptions() as caught, listening(watched.note, print):
        in_a_slot(fail)
        qtbot.waitUntil(lambda: bool(dialogs()), timeout=20000)
    assert [str(one[1]) for one in caught] == ["the brush broke"]
    (dialog,) = dialogs()
    assert "ValueError: the brush broke (test_unexpected.py:" in dialog._what.text()
    assert "Your work is safe" in dialog.text
    said = log.read_text("utf-8")
    assert "unexpected: ValueError: the brush broke" in said
    assert 'test_unexpected.py", line' in said


@pytest.mark.parametrize("where", ["thread", "work thread"])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_on_another_thread_is_shown(qtbot, watched: Unexpected, where: str) -> None:
    if where == "thread":
        threading.Thread(target=fail).start()
        qtbot.waitUntil(lambda: bool(dialogs()), timeout=20000)
    else:
        thread, went_on = WorkThread("tested"), threading.Event()
        thread.put(fail)
        thread.put(went_on.set)
        qtbot.waitUntil(lambda: bool(dialogs()), timeout=20000)
        assert went_on.wait(5)
        assert thread.close()
    assert "the brush broke" in dialogs()[0].details


def test_what_qt_calls_critical_is_shown_and_its_warnings_are_logged(
    qtbot, watched: Unexpected, warnings: list[str], qtlog
) -> None:
    qWarning("a warning")
    qCritical("a grave thing")
    qtbot.waitUntil(lambda: bool(dialogs()), timeout=20000)
    assert "Qt: a grave thing" in dialogs()[0].details
    assert warnings[0] == "a warning"
    assert {"a warning", "a grave thing"} <= {record.message for record in qtlog.records}


def test_the_same_error_again_is_counted_in_the_one_dialog(
    qtbot, watched: Unexpected, log: Path
) -> None:
    with qtbot.captureExceptions() as caught, listening(watched.note, print):
        for _ in range(40):
            in_a_slot(fail)
        in_a_slot(lambda: [].pop())
        qtbot.waitUntil(lambda: len(caught) == 41, timeout=20000)
        qtbot.waitUntil(lambda: bool(dialogs()) and "41 in all" in dialogs()[0].text, timeout=20000)
    (dialog,) = dialogs()
    assert "2 different errors, 41 in all." in dialog.text
    assert "the brush broke" in dialog._what.text()  # the first one
    assert "× 40" in dialog.details and "IndexError" in dialog.details
    assert log.read_text("utf-8").count("Traceback") == 2  # the log is not flooded
    assert "32 times by now: ValueError" in log.read_text("utf-8")


def test_an_error_that_a_closed_dialog_told_of_comes_back_as_a_line(
    qtbot, watched: Unexpected, window: MainWindow
) -> None:
    with qtbot.captureExceptions(), listening(watched.note, print):
        in_a_slot(fail)
        qtbot.waitUntil(lambda: bool(dialogs()), timeout=20000)
        dialogs()[0].reject()
        assert dialogs() == []
        in_a_slot(fail)
        qtbot.waitUntil(lambda: "happened again" in window.banner.text, timeout=20000)
        assert dialogs() == []
        window.banner._act()
        (dialog,) = dialogs()
        assert "It happened 2 times." in dialog.text
        dialog.reject()
        in_a_slot(lambda: {}["another"])
        qtbot.waitUntil(lambda: bool(dialogs()), timeout=20000)


def test_details_hold_versions_trace_and_the_end_of_the_log_and_can_be_copied(
    qtbot, watched: Unexpected, log: Path, monkeypatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    with qtbot.captureExceptions(), listening(watched.note, print):
        in_a_slot(fail)
        qtbot.waitUntil(lambda: bool(dialogs()), timeout=20000)
    (dialog,) = dialogs()
    press(dialog, "Copy details")
    copied = QGuiApplication.clipboard().text()
    for part in ("seglabel 0", "Python 3", "PySide6", "Traceback", "ValueError", "ERROR seglabel"):
        assert part in copied
    press(dialog, "Open log folder")
    assert opened == [str(log.parent)]
    press(dialog, "Close")
    assert dialogs() == []


def test_work_that_is_not_protected_is_said_to_be_saved_first(
    qtbot, watched: Unexpected, is_safe: list[bool]
) -> None:
    is_safe[0] = False
    with qtbot.captureExceptions(), listening(watched.note, print):
        in_a_slot(fail)
        qtbot.waitUntil(lambda: bool(dialogs()), timeout=20000)
    assert "not yet kept on disk" in dialogs()[0].text


def test_an_error_while_something_asks_can_be_closed(
    qtbot, watched: Unexpected, window: MainWindow
) -> None:
    asking = QDialog(window)
    seen: list[bool] = []

    def look() -> None:
        shown = dialogs()
        if not shown:
            QTimer.singleShot(10, look)
            return
        press(shown[0], "Close")
        seen.append(not dialogs())
        asking.accept()

    with qtbot.captureExceptions(), listening(watched.note, print):
        in_a_slot(fail)
        in_a_slot(look)
        asking.exec()
    assert seen == [True]


def test_an_error_in_showing_errors_does_not_go_round_and_round(
    qtbot, watched: Unexpected, monkeypatch
) -> None:
    def broken(dialog: UnexpectedDialog, troubles: object) -> None:
        raise RuntimeError("the dialog itself")

    monkeypatch.setattr(UnexpectedDialog, "show_troubles", broken)
    with qtbot.captureExceptions() as caught, listening(watched.note, print):
        in_a_slot(fail)
        qtbot.waitUntil(lambda: len(caught) >= 2, timeout=20000)
        done: list[bool] = []
        in_a_slot(lambda: done.append(True))
        qtbot.waitUntil(lambda: bool(done), timeout=20000)
        assert len(caught) <= 3


def test_a_crash_is_told_of_and_where_its_note_is(
    watched: Unexpected, window: MainWindow, tmp_path: Path
) -> None:
    watched.say_crash(tmp_path / "crash-20260101-120000.txt")
    assert "crashed" in window.banner.text
    assert "crash-20260101-120000.txt" in window.banner.text


def test_the_log_tells_what_a_session_does(
    qtbot, log: Path, make_session, folder: Path, tmp_path: Path
) -> None:
    with keeping_log():
        session = make_session(folder)
        qtbot.waitUntil(lambda: session.workspace.image is not None, timeout=20000)
        with qtbot.waitSignal(session.proposing.model_changed, timeout=20000):
            session.proposing.load_model(tmp_path / "fake.safetensors")
        session.workspace.go_to("d.png")
        qtbot.waitUntil(lambda: "d.png" in session.workspace.unreadable, timeout=20000)
        session.keeper.failed.emit("the journal's disk is full")
        assert not session.recovering.is_protected
    said = log.read_text("utf-8")
    for part in ("window of seglabel", f"{folder} with 4 images", "fake.safetensors", "d.png: not"):
        assert part in said
