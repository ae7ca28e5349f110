"""Errors that nothing handles, wherever in the program they come up."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from seglabel.app.workers.errors import sentence


@dataclass(frozen=True)
class Trouble:
    """An error that nothing handled.

    ``text`` says it in a line, ``trace`` where it came from. Those with one ``key`` are the same
    error once more.
    """

    text: str
    trace: str
    key: str

    @classmethod
    def of(cls, error: BaseException) -> Trouble:
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        trace = "".join(traceback.format_exception(error))
        return cls(sentence(error), trace, f"{type(error).__qualname__} {place}")


Tell = Callable[[Trouble], None]
_GRAVE = (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)


@contextmanager
def listening(tell: Tell, warn: Callable[[str], None]) -> Iterator[None]:
    """Meanwhile ``tell`` hears of errors on all threads, in slots and of Qt itself, ``warn`` of
    Qt's warnings. Both are called on the thread where it happened, and whoever listened before
    still hears of everything.
    """
    before = sys.excepthook, threading.excepthook

    def on_error(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, Exception):  # else it is a wish to end
            tell(Trouble.of(error.with_traceback(trace)))
        before[0](kind, error, trace)

    def on_thread(arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None and issubclass(arguments.exc_type, Exception):
            tell(Trouble.of(arguments.exc_value.with_traceback(arguments.exc_traceback)))
        before[1](arguments)

    def on_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        if kind in _GRAVE:
            tell(Trouble(f"Qt: {text}", "", text))
        elif kind == QtMsgType.QtWarningMsg:
            warn(text)
        pass_on(kind, context, text)

    sys.excepthook, threading.excepthook = on_error, on_thread
    pass_on: Any = qInstallMessageHandler(on_message) or _print
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook = before
        qInstallMessageHandler(None if pass_on is _print else pass_on)


def _print(kind: QtMsgType, _: QMessageLogContext, text: str) -> None:
    """As Qt does where nobody listens."""
    if sys.stderr is not None and kind != QtMsgType.QtDebugMsg:
        print(text, file=sys.stderr)
