"""Ready-made sets of keys, each as what differs from the table of actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from seglabel.tools.options import QT_TRANSLATE_NOOP


@dataclass(frozen=True)
class KeyPreset:
    """``keys`` maps an action to its shortcuts, which other actions lose by that."""

    text: str
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


PRESETS: Mapping[str, KeyPreset] = {
    "seglabel": KeyPreset(QT_TRANSLATE_NOOP("presets", "seglabel")),
    "left_hand": KeyPreset(
        QT_TRANSLATE_NOOP("presets", "Left hand only"),
        {
            "next": ("D", "Right"),
            "previous": ("Shift+D", "Left"),
            "reviewed": ("Ctrl+D", "Return", "Enter"),
            "lasso": ("Shift+S", "L"),
            "polygon": ("Shift+W", "P"),
            "rectangle": ("Shift+X", "M"),
            "ellipse": ("C",),
            "measure": ("Shift+C", "Shift+M"),
            "pick": ("Shift+Q", "K"),
            "reshape": ("Shift+T", "J"),
            "smaller": ("Alt+1", "["),
            "larger": ("Alt+2", "]"),
            "much_smaller": ("Alt+3", "{"),
            "much_larger": ("Alt+4", "}"),
            "find_category": ("Ctrl+F", "/"),
            "palette": ("Ctrl+T", "Ctrl+K"),
            "propose": ("Ctrl+R", "Ctrl+P"),
            "propose_folder": ("Ctrl+Shift+R", "Ctrl+Shift+P"),
            "accept": ("Ctrl+G", "Ctrl+Return"),
            "next_uncertain": ("Shift+Z", "N"),
            "previous_uncertain": ("Ctrl+Shift+F", "Shift+N"),
            "compare": ("Ctrl+Shift+C",),
            "objects": ("Ctrl+Shift+B", "I"),
            "split_line": ("Ctrl+Shift+X",),
            "split_seeds": ("Ctrl+Shift+T",),
            "merge_objects": ("Ctrl+Shift+G",),
            "assign_object": ("Ctrl+Shift+E",),
            "heat": ("Alt+5", "H"),
            "outline": ("Shift+F", "O"),
            "fit": ("Shift+G", "Ctrl+0"),
            "zoom_in": ("Shift+R", "Ctrl++", "Ctrl+=", "+", "="),
            "zoom_out": ("Shift+E", "Ctrl+-", "-"),
        },
    ),
    "labelme": KeyPreset(
        QT_TRANSLATE_NOOP("presets", "Like labelme"),
        {
            "open": ("Ctrl+U", "Ctrl+O"),
            "next": ("D", "Right"),
            "previous": ("A", "Left"),
            "polygon": ("Ctrl+N", "P"),
            "rectangle": ("Ctrl+R", "M"),
            "accept_region": ("Shift+D",),
            "new_category": ("Ctrl+Alt+N",),
            "fit": ("Ctrl+F",),
            "actual_size": ("Ctrl+0",),
        },
    ),
    "cvat": KeyPreset(
        QT_TRANSLATE_NOOP("presets", "Like CVAT"),
        {
            "next": ("F", "Right"),
            "previous": ("D", "Left"),
            "brush": ("Shift+1", "B"),
            "eraser": ("Shift+2", "E"),
            "polygon": ("Shift+3", "P"),
            "fill": ("Shift+F",),
            "undo": ("Ctrl+Z",),
            "redo": ("Ctrl+Shift+Z", "Ctrl+Y"),
            "keys": ("F1",),
            "preferences": ("F2", "Ctrl+,"),
        },
    ),
}
