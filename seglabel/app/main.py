"""Starts the window."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from seglabel.core.errors import SegLabelError
from seglabel.formats.crash_note import noting_crashes, take_crash_note
from seglabel.formats.log_file import keeping_log
from seglabel.jobs.predict import Proposer
from seglabel.system_libraries import advice, has_screen, missing_libraries

if TYPE_CHECKING:
    from seglabel.app.workers.inference import DeviceInfo, Precision

_log = logging.getLogger(__name__)


def run_window(
    folder: Path | None = None, root: Path | None = None, demo: Path | None = None
) -> int:
    """Open the window and stay until it is closed. Returns the exit code.

    It shows the images in ``folder``, with the project at ``root``, or makes the demo in ``demo``.
    """
    missing = missing_libraries()
    if missing:  # Qt would end the program without a word that helps
        print(advice(missing), file=sys.stderr)
        return 2
    if not has_screen():
        print(
            "seglabel: there is no screen to open a window on. On a machine without one use the "
            "commands (seglabel --help), for example: seglabel predict FOLDER --model FILE",
            file=sys.stderr,
        )
        return 2
    crash = take_crash_note()
    with keeping_log(), noting_crashes():
        return _run(folder, root, demo, crash)


def _run(folder: Path | None, root: Path | None, demo: Path | None, crash: Path | None) -> int:
    from PySide6.QtWidgets import QApplication

    from seglabel.app.session import Session
    from seglabel.app.settings import Settings
    from seglabel.app.unhandled import listening
    from seglabel.formats.project_store import ProjectStore

    application = make_application(sys.argv[:1])
    hand_over_quickly()
    session = Session(
        application, Settings(), ProjectStore.open_or_look, load_segmenter, describe_device
    )
    session.start(folder, root, demo)
    if crash is not None:
        session.unexpected.say_crash(crash)
    listens = listening(session.unexpected.note, lambda text: _log.warning("Qt: %s", text))
    with listens, _closing_on_signals(session.window.close):
        code = QApplication.exec()
    _log.info("closed with code %d%s", code, "" if session.has_ended else ", a thread is left")
    if not session.has_ended:
        # A thread is still at something that cannot be interrupted. All work is on disk; what it
        # would say must not reach objects that are being taken apart.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


def hand_over_quickly() -> None:
    """Let a hand that paints wait for a thread that computes no longer than a millisecond."""
    sys.setswitchinterval(0.001)


@contextmanager
def _closing_on_signals(close: Callable[[], object]) -> Iterator[None]:
    """Ctrl+C in the terminal, or being told to end, closes the window as a person would."""
    from PySide6.QtCore import QSocketNotifier, QTimer

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # Python runs its handlers between two lines of Python, of which Qt's loop may have none for
    # long: a byte on a socket wakes it.
    reader, writer = socket.socketpair()
    for end in (reader, writer):
        end.setblocking(False)
    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(lambda *_: reader.recv(1))
    old_descriptor = signal.set_wakeup_fd(writer.fileno())
    # A handler may run in the middle of painting, where no window can be closed: it comes after.
    old = {n: signal.signal(n, lambda *_: QTimer.singleShot(0, close)) for n in _ENDING}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(old_descriptor)
        notifier.setEnabled(False)
        reader.close()
        writer.close()


_ENDING = (signal.SIGINT, signal.SIGTERM)


def make_application(arguments: list[str]):  # type: ignore[no-untyped-def]
    """The QApplication with its name and icon; the existing one if there is one."""
    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QApplication

    from seglabel.resources import resource

    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(arguments)
    application.setApplicationName("seglabel")
    application.setDesktopFileName("seglabel")
    application.setWindowIcon(QIcon(str(resource("icons", "seglabel.svg"))))
    return application


def load_segmenter(path: Path, precision: Precision = "fp32") -> Proposer:
    """Load a checkpoint, leaving a core free so that painting stays smooth meanwhile.

    bf16 is used where the processor has it.
    """
    from seglabel.model.allocator import keep_pages

    keep_pages()
    import cv2
    import torch

    from seglabel.model import Segmenter
    from seglabel.model.devices import has_bf16

    threads = max((os.cpu_count() or 1) - 1, 1)
    torch.set_num_threads(threads)  # OpenVINO takes as many
    cv2.setNumThreads(threads)
    return Segmenter.load(path, precision=precision if has_bf16() else "fp32")


def describe_device() -> DeviceInfo:
    """Which device computes and why, for the status bar."""
    from seglabel.app.workers.inference import DeviceInfo
    from seglabel.model.devices import choose_device, has_bf16

    try:
        return DeviceInfo(choose_device().reason, has_bf16())
    except SegLabelError as error:
        return DeviceInfo(str(error))
