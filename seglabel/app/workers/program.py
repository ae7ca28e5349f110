"""A command of seglabel in a process of its own, so that its end by force takes nothing along."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from PySide6.QtCore import QObject, Signal

from seglabel.app.workers.errors import noted
from seglabel.app.workers.worker import Worker

_PATIENCE_S = 0.6  # for a process that is told to end, before it is ended
_NICE = 5
_TAIL = 2000  # bytes of what it said last


def own_program() -> tuple[str, ...]:
    """The command that runs seglabel from within itself."""
    if getattr(sys, "frozen", False):
        return (sys.executable,)
    return (sys.executable, "-m", "seglabel")


@dataclass(frozen=True)
class ProgramEnd:
    """How a command ended.

    ``code`` is its exit code, negative for a signal, ``None`` if it could not be started;
    ``result`` its last line of JSON, empty if it did not come that far; ``said`` what it wrote to
    stderr last.
    """

    code: int | None
    result: dict[str, Any] = field(default_factory=dict)
    said: str = ""


class OwnProgram(Worker):
    """Starts a command with ``--json``, one at a time, and passes on what it says."""

    told = Signal(object)  # dict: one line of JSON
    ended = Signal(object)  # ProgramEnd

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._is_stopped = False

    def start(self, command: Sequence[str]) -> None:
        """Run ``command``; answers by signals."""
        self._is_stopped = False
        self._thread = threading.Thread(
            target=self._run, args=(tuple(command),), name="program", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end and to keep the best so far, as Ctrl+C does in a terminal."""
        with self._lock:
            self._is_stopped = True
            if self._process is not None:
                _interrupt(self._process)

    @property
    def pid(self) -> int | None:
        """Of the process that runs, which leads a group of its own."""
        with self._lock:
            return None if self._process is None else self._process.pid

    def close(self) -> bool:
        """End the process and all it started; the best checkpoint so far lies on disk anyway.

        Returns whether no thread is left.
        """
        self.stop()
        for how in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
            with self._lock:
                if self._process is not None:
                    _end_group(self._process, how)
            if self._thread is not None:
                self._thread.join(_PATIENCE_S)
        return self._thread is None or not self._thread.is_alive()

    def _run(self, command: tuple[str, ...]) -> None:
        """Whatever happens, it is said that it ended."""
        try:
            end = self._ended(command)
        except Exception as error:  # noqa: BLE001 - becomes a signal
            end = ProgramEnd(None, said=noted(error))
            with self._lock:
                process, self._process = self._process, None
            if process is not None:
                _end_group(process, getattr(signal, "SIGKILL", signal.SIGTERM))
                process.wait()
        self.tell(self.ended, end)

    def _ended(self, command: tuple[str, ...]) -> ProgramEnd:
        with tempfile.TemporaryFile() as errors:
            try:
                process = _popen(command, errors)
            except OSError as error:
                return ProgramEnd(None, said=f"{command[0]}: {error.strerror}")
            with self._lock:
                self._process = process
                if self._is_stopped:
                    _interrupt(process)
            result = self._listen(process)
            code = process.wait()
            with self._lock:
                self._process = None
            errors.seek(max(errors.seek(0, os.SEEK_END) - _TAIL, 0))
            said = errors.read().decode("utf-8", "replace").strip()
        return ProgramEnd(code, result, said)

    def _listen(self, process: subprocess.Popen[bytes]) -> dict[str, Any]:
        """Pass on every line until the last; returns the result, if one came."""
        result: dict[str, Any] = {}
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                with contextlib.suppress(ValueError):
                    said = json.loads(line)
                    if not isinstance(said, dict):
                        continue
                    if said.get("event") == "result":
                        result = said
                    else:
                        self.tell(self.told, said)
        return result


def _popen(command: Sequence[str], errors: IO[bytes]) -> subprocess.Popen[bytes]:
    group: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, **group
    )
    if sys.platform != "win32":
        with contextlib.suppress(OSError):  # it is over already
            nice = os.getpriority(os.PRIO_PROCESS, process.pid) + _NICE
            os.setpriority(os.PRIO_PROCESS, process.pid, nice)  # painting comes first
    return process


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.terminate()  # a program without a console cannot send Ctrl+C
    else:
        _end_group(process, signal.SIGINT)


def _end_group(process: subprocess.Popen[bytes], how: int) -> None:
    if sys.platform == "win32":
        process.kill()
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, how)
