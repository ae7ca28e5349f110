"""Words of rooms that know no Qt, in the language of the window."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication

from seglabel.tools.options import QT_TRANSLATE_NOOP

_FORMATS = (
    QT_TRANSLATE_NOOP("formats", "COCO instances"),
    QT_TRANSLATE_NOOP("formats", "Pascal VOC"),
    QT_TRANSLATE_NOOP("formats", "Index PNGs"),
)
_DEVICES = (
    QT_TRANSLATE_NOOP("devices", "CPU (no CUDA device)"),
    QT_TRANSLATE_NOOP("devices", "CPU (this PyTorch was built without CUDA)"),
    QT_TRANSLATE_NOOP("devices", "CPU (as asked)"),
)
_GIVEN_UP = (
    QT_TRANSLATE_NOOP("devices", "in tiles of {0} for lack of memory"),
    QT_TRANSLATE_NOOP("devices", "in batches of {0} for lack of memory"),
    QT_TRANSLATE_NOOP("devices", "on the CPU: {0} ran out of memory or was lost"),
)

_STAGES = {
    "classifier": QT_TRANSLATE_NOOP("stages", "classifier alone"),
    "decoder": QT_TRANSLATE_NOOP("stages", "decoder, on kept features"),
    "network": QT_TRANSLATE_NOOP("stages", "whole network"),
}


def stage_title(name: str) -> str:
    """What learns in a stage of a training."""
    return QCoreApplication.translate("stages", _STAGES.get(name, name))


def format_title(title: str) -> str:
    """A format's title. One that a plug-in brought stays as it is."""
    return QCoreApplication.translate("formats", title)


def device_text(text: str) -> str:
    """Where models compute and why, and what they had to give up.

    Names of devices and engines stay as they are.
    """
    for template in _GIVEN_UP:
        before, after = template.split("{0}")
        if found := re.search(re.escape(before) + "(.+)" + re.escape(after), text):
            said = QCoreApplication.translate("devices", template).format(found[1])
            text = text[: found.start()] + said + text[found.end() :]
    known = next((device for device in _DEVICES if text.startswith(device)), "")
    return (
        QCoreApplication.translate("devices", known) + text.removeprefix(known) if known else text
    )
