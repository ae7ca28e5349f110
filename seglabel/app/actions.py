"""Every action in one table: text, tooltip, icon, shortcut."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from seglabel.app.icons import make_icon
from seglabel.app.theme import Theme
from seglabel.tools.options import QT_TRANSLATE_NOOP

_CONTEXT = "actions"


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One row of the table.

    ``menu`` is where it stands, a ``group`` makes a choice of one, ``short`` is for buttons.
    ``repeats``: holding the key does it again and again.
    """

    key: str
    menu: str
    text: str
    tip: str
    shortcuts: tuple[str, ...] = ()
    icon: str = ""
    checkable: bool = False
    group: str = ""
    short: str = ""
    repeats: bool = False


FILE = QT_TRANSLATE_NOOP("actions", "&File")
EDIT = QT_TRANSLATE_NOOP("actions", "&Edit")
VIEW = QT_TRANSLATE_NOOP("actions", "&View")
TOOLS = QT_TRANSLATE_NOOP("actions", "&Tools")
MODEL = QT_TRANSLATE_NOOP("actions", "&Model")
IMAGE = QT_TRANSLATE_NOOP("actions", "&Image")
HELP = QT_TRANSLATE_NOOP("actions", "&Help")
CATEGORY = QT_TRANSLATE_NOOP("actions", "&Category")
MENUS = (FILE, EDIT, IMAGE, CATEGORY, TOOLS, MODEL, VIEW, HELP)

SECTIONS = frozenset(
    (
        *("import", "save", "quit", "copy_region", "palette", "category_0", "lock"),
        *("reviewed", "next_in_queue"),
        *("lasso", "fill", "scissors", "pick", "split_line", "smaller"),
        *("accept", "accept_region", "next_uncertain", "accept_category", "load_model"),
        *("side_by_side", "grid", "heat", "fit", "next_part", "about"),
    )
)
"""Actions before which a menu has a line."""

NUMBER_KEYS = tuple(f"category_{digit}" for digit in range(10))
"""Actions that choose background and the first nine categories."""


def _choosing_category(digit: int, text: str) -> ActionSpec:
    tip = QT_TRANSLATE_NOOP("actions", "Paint this category from now on")
    return ActionSpec(NUMBER_KEYS[digit], CATEGORY, text, tip, (str(digit),))


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "open",
        FILE,
        QT_TRANSLATE_NOOP("actions", "Open folder…"),
        QT_TRANSLATE_NOOP("actions", "Open a folder of images"),
        ("Ctrl+O",),
        "open",
        short=QT_TRANSLATE_NOOP("actions", "Open"),
    ),
    ActionSpec(
        "import",
        FILE,
        QT_TRANSLATE_NOOP("actions", "Import labels…"),
        QT_TRANSLATE_NOOP("actions", "Bring in COCO, Pascal VOC or index PNGs"),
        ("Ctrl+I",),
        "import",
    ),
    ActionSpec(
        "export",
        FILE,
        QT_TRANSLATE_NOOP("actions", "Export…"),
        QT_TRANSLATE_NOOP("actions", "Write COCO, Pascal VOC or index PNGs"),
        ("Ctrl+E",),
        "export",
    ),
    ActionSpec(
        "statistics",
        FILE,
        QT_TRANSLATE_NOOP("actions", "Statistics…"),
        QT_TRANSLATE_NOOP("actions", "Pixels and objects per category, and what the work took"),
        ("Ctrl+Alt+S",),
        "statistics",
    ),
    ActionSpec(
        "check",
        FILE,
        QT_TRANSLATE_NOOP("actions", "Check project…"),
        QT_TRANSLATE_NOOP(
            "actions", "Whether all is whole and the images are still those that were labelled"
        ),
        ("Ctrl+Alt+C",),
    ),
    ActionSpec(
        "save",
        FILE,
        QT_TRANSLATE_NOOP("actions", "Save now"),
        QT_TRANSLATE_NOOP("actions", "Saving is automatic; this does it at once"),
        ("Ctrl+S",),
        "save",
    ),
    ActionSpec(
        "quit",
        FILE,
        QT_TRANSLATE_NOOP("actions", "Quit"),
        QT_TRANSLATE_NOOP("actions", "Save and close the window"),
        ("Ctrl+Q",),
    ),
    ActionSpec(
        "undo",
        EDIT,
        QT_TRANSLATE_NOOP("actions", "Undo"),
        QT_TRANSLATE_NOOP("actions", "Take the last change back"),
        ("Ctrl+Z",),
        "undo",
        repeats=True,
    ),
    ActionSpec(
        "redo",
        EDIT,
        QT_TRANSLATE_NOOP("actions", "Redo"),
        QT_TRANSLATE_NOOP("actions", "Do the undone change again"),
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        "redo",
        repeats=True,
    ),
    ActionSpec(
        "copy_region",
        EDIT,
        QT_TRANSLATE_NOOP("actions", "Copy region of previous image"),
        QT_TRANSLATE_NOOP("actions", "Take over the region that the previous image has here"),
        ("Ctrl+D",),
        "copy-previous",
    ),
    ActionSpec(
        "copy_previous",
        EDIT,
        QT_TRANSLATE_NOOP("actions", "Copy all of previous image"),
        QT_TRANSLATE_NOOP("actions", "Take over every label of the previous image"),
        ("Ctrl+Shift+D",),
        "copy-previous",
    ),
    ActionSpec(
        "palette",
        EDIT,
        QT_TRANSLATE_NOOP("actions", "Find anything…"),
        QT_TRANSLATE_NOOP("actions", "Type what you want: an action, a category or an image"),
        ("Ctrl+K",),
    ),
    ActionSpec(
        "shortcuts",
        EDIT,
        QT_TRANSLATE_NOOP("actions", "Keyboard shortcuts…"),
        QT_TRANSLATE_NOOP("actions", "Give actions other keys, or use those of another program"),
        ("Ctrl+Alt+K",),
    ),
    ActionSpec(
        "preferences",
        EDIT,
        QT_TRANSLATE_NOOP("actions", "Preferences…"),
        QT_TRANSLATE_NOOP("actions", "Theme, language, wheel, undo and what runs ahead"),
        ("Ctrl+,",),
        "settings",
    ),
    ActionSpec(
        "new_category",
        CATEGORY,
        QT_TRANSLATE_NOOP("actions", "New category"),
        QT_TRANSLATE_NOOP("actions", "Type the name of a new category"),
        ("Ctrl+N",),
        "add",
    ),
    ActionSpec(
        "find_category",
        CATEGORY,
        QT_TRANSLATE_NOOP("actions", "Choose category by name…"),
        QT_TRANSLATE_NOOP("actions", "Type a few letters of a category, then Enter"),
        ("/",),
    ),
    _choosing_category(0, QT_TRANSLATE_NOOP("actions", "Background")),
    _choosing_category(1, QT_TRANSLATE_NOOP("actions", "Category 1")),
    _choosing_category(2, QT_TRANSLATE_NOOP("actions", "Category 2")),
    _choosing_category(3, QT_TRANSLATE_NOOP("actions", "Category 3")),
    _choosing_category(4, QT_TRANSLATE_NOOP("actions", "Category 4")),
    _choosing_category(5, QT_TRANSLATE_NOOP("actions", "Category 5")),
    _choosing_category(6, QT_TRANSLATE_NOOP("actions", "Category 6")),
    _choosing_category(7, QT_TRANSLATE_NOOP("actions", "Category 7")),
    _choosing_category(8, QT_TRANSLATE_NOOP("actions", "Category 8")),
    _choosing_category(9, QT_TRANSLATE_NOOP("actions", "Category 9")),
    ActionSpec(
        "previous",
        IMAGE,
        QT_TRANSLATE_NOOP("actions", "Previous image"),
        QT_TRANSLATE_NOOP("actions", "Save and go back one image"),
        ("U", "Left"),
        "previous",
        repeats=True,
    ),
    ActionSpec(
        "next",
        IMAGE,
        QT_TRANSLATE_NOOP("actions", "Next image"),
        QT_TRANSLATE_NOOP("actions", "Save and go on one image"),
        ("D", "Right"),
        "next",
        repeats=True,
    ),
    ActionSpec(
        "reviewed",
        IMAGE,
        QT_TRANSLATE_NOOP("actions", "Reviewed, next"),
        QT_TRANSLATE_NOOP("actions", "This image is right: mark it reviewed and go on"),
        ("Return", "Enter"),
        "reviewed",
    ),
    ActionSpec(
        "brush",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Brush"),
        QT_TRANSLATE_NOOP("actions", "Paint the current category"),
        ("B",),
        "brush",
        checkable=True,
        group="tool",
    ),
    ActionSpec(
        "eraser",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Eraser"),
        QT_TRANSLATE_NOOP(
            "actions", "Paint background (for the moment: right button, or hold Alt)"
        ),
        ("E",),
        "eraser",
        checkable=True,
        group="tool",
    ),
    ActionSpec(
        "lasso",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Lasso"),
        QT_TRANSLATE_NOOP("actions", "Draw around what you want to paint"),
        ("L",),
        "lasso",
        checkable=True,
        group="tool",
    ),
    ActionSpec(
        "polygon",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Polygon"),
        QT_TRANSLATE_NOOP("actions", "Set corners one by one; Enter closes"),
        ("P",),
        "polygon",
        checkable=True,
        group="tool",
    ),
    ActionSpec(
        "rectangle",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Rectangle"),
        QT_TRANSLATE_NOOP("actions", "Drag a rectangle (Shift: square, Ctrl: from the middle)"),
        ("M",),
        "rectangle",
        checkable=True,
        group="tool",
    ),
    ActionSpec(
        "ellipse",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Ellipse"),
        QT_TRANSLATE_NOOP("actions", "Drag an ellipse (Shift: circle, Ctrl: from the middle)"),
        ("C",),
        "ellipse",
        checkable=True,
        group="tool",
    ),
    ActionSpec(
        "fill",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Fill"),
        QT_TRANSLATE_NOOP("actions", "Give the region under the pointer the current category"),
        ("F",),
        "fill",
        checkable=True,
        group="tool",
    ),
    ActionSpec(
        "wand",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Magic wand"),
        QT_TRANSLATE_NOOP("actions", "Paint pixels of like colour; drag changes the tolerance"),
        ("W",),
        "wand",
        checkable=True,
        group="tool",
    ),
    ActionSpec(
        "superpixel",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Superpixel brush"),
        QT_TRANSLATE_NOOP("actions", "Paint whole superpixels under the stroke"),
        ("S",),
        "superpixel",
        checkable=True,
        group="tool",
    ),
    ActionSpec(
        "edge_brush",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Edge brush"),
        QT_TRANSLATE_NOOP("actions", "A brush whose paint stops at edges inside its disc"),
        ("Shift+B",),
        "edge-brush",
        checkable=True,
        group="tool",
    ),
    ActionSpec(
        "scissors",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Scissors"),
        QT_TRANSLATE_NOOP("actions", "Click along an edge, the line follows it"),
        ("X",),
        "scissors",
        checkable=True,
        group="tool",
    ),
    ActionSpec(
        "grabcut",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "GrabCut"),
        QT_TRANSLATE_NOOP("actions", "Cut an object out of a box around it"),
        ("G",),
        "grabcut",
        checkable=True,
        group="tool",
    ),
    ActionSpec(
        "watershed",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Watershed"),
        QT_TRANSLATE_NOOP("actions", "Let regions grow from a few strokes"),
        ("T",),
        "watershed",
        checkable=True,
        group="tool",
    ),
    ActionSpec(
        "reshape",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Reshape"),
        QT_TRANSLATE_NOOP("actions", "Grow, shrink or smooth regions, fill holes, remove islands"),
        ("Shift+S",),
        "reshape",
        checkable=True,
        group="tool",
    ),
    ActionSpec(
        "pick",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Pick category"),
        QT_TRANSLATE_NOOP("actions", "Take the category under the pointer or of the next click"),
        ("K",),
        "pick",
        checkable=True,
        group="tool",
    ),
    ActionSpec(
        "measure",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Measure"),
        QT_TRANSLATE_NOOP("actions", "Length of a path and the area that it encloses, in pixels"),
        ("Shift+M",),
        "measure",
        checkable=True,
        group="tool",
    ),
    ActionSpec(
        "lock",
        CATEGORY,
        QT_TRANSLATE_NOOP("actions", "Lock category"),
        QT_TRANSLATE_NOOP(
            "actions", "Protect the pixels that the current category has; more can still be painted"
        ),
        ("Q",),
        "lock",
    ),
    ActionSpec(
        "split_line",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Split object by a line"),
        QT_TRANSLATE_NOOP("actions", "Draw a line right across an object to make two of it"),
        ("Shift+X",),
        "object-split-line",
        checkable=True,
        group="tool",
    ),
    ActionSpec(
        "split_seeds",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Split object by watershed"),
        QT_TRANSLATE_NOOP("actions", "Mark the parts of an object; Enter splits it among them"),
        ("Shift+T",),
        "object-split-seeds",
        checkable=True,
        group="tool",
    ),
    ActionSpec(
        "merge_objects",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Merge objects"),
        QT_TRANSLATE_NOOP("actions", "Draw a line over objects to make one of them"),
        ("Shift+G",),
        "object-merge",
        checkable=True,
        group="tool",
    ),
    ActionSpec(
        "assign_object",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Assign to object"),
        QT_TRANSLATE_NOOP("actions", "Press on an object and brush over what belongs to it"),
        ("Shift+E",),
        "object-assign",
        checkable=True,
        group="tool",
    ),
    ActionSpec(
        "separate_touching",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Separate touching objects"),
        QT_TRANSLATE_NOOP(
            "actions", "Part all objects of things at their necks; those with a number stay"
        ),
        ("Ctrl+Shift+K",),
        "object-separate",
    ),
    ActionSpec(
        "renumber",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Renumber objects"),
        QT_TRANSLATE_NOOP("actions", "Number all objects 1, 2, 3 … in the order of the export"),
        ("Ctrl+Shift+I",),
        "object-renumber",
    ),
    ActionSpec(
        "smaller",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Smaller brush"),
        QT_TRANSLATE_NOOP("actions", "One step smaller (also Ctrl + wheel)"),
        ("[",),
        repeats=True,
    ),
    ActionSpec(
        "larger",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Larger brush"),
        QT_TRANSLATE_NOOP("actions", "One step larger (also Ctrl + wheel)"),
        ("]",),
        repeats=True,
    ),
    ActionSpec(
        "much_smaller",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Much smaller brush"),
        QT_TRANSLATE_NOOP("actions", "Five steps smaller"),
        ("{",),
        repeats=True,
    ),
    ActionSpec(
        "much_larger",
        TOOLS,
        QT_TRANSLATE_NOOP("actions", "Much larger brush"),
        QT_TRANSLATE_NOOP("actions", "Five steps larger"),
        ("}",),
        repeats=True,
    ),
    ActionSpec(
        "propose",
        MODEL,
        QT_TRANSLATE_NOOP("actions", "Propose"),
        QT_TRANSLATE_NOOP("actions", "Let the model label this image; what you painted stays"),
        ("Ctrl+P",),
        "propose",
    ),
    ActionSpec(
        "refine",
        MODEL,
        QT_TRANSLATE_NOOP("actions", "Refine from strokes"),
        QT_TRANSLATE_NOOP(
            "actions",
            "Label the rest of this image after the strokes that you painted in it; needs no model",
        ),
        ("R",),
        "refine",
        short=QT_TRANSLATE_NOOP("actions", "Refine"),
    ),
    ActionSpec(
        "learn",
        MODEL,
        QT_TRANSLATE_NOOP("actions", "Learn…"),
        QT_TRANSLATE_NOOP("actions", "Make a better model from what you corrected and reviewed"),
        ("Ctrl+L",),
        "learn",
        short=QT_TRANSLATE_NOOP("actions", "Learn"),
    ),
    ActionSpec(
        "refine_live",
        MODEL,
        QT_TRANSLATE_NOOP("actions", "Refine live"),
        QT_TRANSLATE_NOOP("actions", "Refine after each stroke without being asked"),
        ("Ctrl+Alt+L",),
        checkable=True,
    ),
    ActionSpec(
        "propose_folder",
        MODEL,
        QT_TRANSLATE_NOOP("actions", "Propose whole folder"),
        QT_TRANSLATE_NOOP("actions", "Let the model label every image that nobody touched"),
        ("Ctrl+Shift+P",),
        "propose-folder",
        short=QT_TRANSLATE_NOOP("actions", "Propose folder"),
    ),
    ActionSpec(
        "propose_ahead",
        MODEL,
        QT_TRANSLATE_NOOP("actions", "Propose ahead"),
        QT_TRANSLATE_NOOP(
            "actions",
            "While you work on an image, let the model label the next ones that nobody touched; "
            "begins with your first proposal in a project",
        ),
        ("Ctrl+Alt+P",),
        checkable=True,
    ),
    ActionSpec(
        "accept",
        MODEL,
        QT_TRANSLATE_NOOP("actions", "Accept proposal"),
        QT_TRANSLATE_NOOP("actions", "Keep all labels of this image as if you had painted them"),
        ("Ctrl+Return",),
        "accept",
        short=QT_TRANSLATE_NOOP("actions", "Accept"),
    ),
    ActionSpec(
        "clear",
        MODEL,
        QT_TRANSLATE_NOOP("actions", "Clear proposal"),
        QT_TRANSLATE_NOOP("actions", "Remove what the model labelled; what you painted stays"),
        ("Ctrl+Backspace",),
        "clear",
        short=QT_TRANSLATE_NOOP("actions", "Clear"),
    ),
    ActionSpec(
        "accept_region",
        MODEL,
        QT_TRANSLATE_NOOP("actions", "Accept region"),
        QT_TRANSLATE_NOOP(
            "actions", "The proposed region that is marked or under the pointer is right"
        ),
        ("A",),
        "region-accept",
    ),
    ActionSpec(
        "reject_region",
        MODEL,
        QT_TRANSLATE_NOOP("actions", "Reject region"),
        QT_TRANSLATE_NOOP(
            "actions", "The proposed region that is marked or under the pointer is background"
        ),
        ("Z",),
        "region-reject",
    ),
    ActionSpec(
        "replace_region",
        MODEL,
        QT_TRANSLATE_NOOP("actions", "Make region the current category"),
        QT_TRANSLATE_NOOP(
            "actions",
            "The proposed region that is marked or under the pointer is of the current category",
        ),
        ("Shift+A",),
        "region-replace",
    ),
    ActionSpec(
        "next_uncertain",
        MODEL,
        QT_TRANSLATE_NOOP("actions", "Next uncertain region"),
        QT_TRANSLATE_NOOP("actions", "Go on, from the largest and most uncertain region down"),
        ("N",),
        "uncertain-next",
        repeats=True,
    ),
    ActionSpec(
        "previous_uncertain",
        MODEL,
        QT_TRANSLATE_NOOP("actions", "Previous uncertain region"),
        QT_TRANSLATE_NOOP("actions", "Go back to a larger or more uncertain region"),
        ("Shift+N",),
        "uncertain-previous",
        repeats=True,
    ),
    ActionSpec(
        "next_in_queue",
        IMAGE,
        QT_TRANSLATE_NOOP("actions", "Next in queue"),
        QT_TRANSLATE_NOOP(
            "actions", "Go on to the image from which the model is expected to learn most"
        ),
        ("Ctrl+Shift+N",),
        "queue-next",
    ),
    ActionSpec(
        "sort_by_gain",
        IMAGE,
        QT_TRANSLATE_NOOP("actions", "What to label next comes first"),
        QT_TRANSLATE_NOOP(
            "actions",
            "Go through the images in the order in which it pays to label them, or by name",
        ),
        ("Ctrl+Shift+U",),
        "sort-queue",
        checkable=True,
    ),
    ActionSpec(
        "accept_category",
        MODEL,
        QT_TRANSLATE_NOOP("actions", "Accept current category"),
        QT_TRANSLATE_NOOP("actions", "All that is proposed of the current category is right"),
        ("Ctrl+Shift+A",),
        "category-accept",
    ),
    ActionSpec(
        "reject_category",
        MODEL,
        QT_TRANSLATE_NOOP("actions", "Reject current category"),
        QT_TRANSLATE_NOOP("actions", "All that is proposed of the current category is background"),
        ("Ctrl+Alt+Z",),
        "category-reject",
    ),
    ActionSpec(
        "accept_above",
        MODEL,
        QT_TRANSLATE_NOOP("actions", "Accept what is above the threshold"),
        QT_TRANSLATE_NOOP("actions", "What is proposed with enough confidence is right"),
        ("Ctrl+Alt+A",),
        "threshold-accept",
        short=QT_TRANSLATE_NOOP("actions", "Accept above"),
    ),
    ActionSpec(
        "clear_below",
        MODEL,
        QT_TRANSLATE_NOOP("actions", "Clear what is below the threshold"),
        QT_TRANSLATE_NOOP("actions", "Remove what is proposed with too little confidence"),
        ("Ctrl+Alt+Backspace",),
        "threshold-clear",
        short=QT_TRANSLATE_NOOP("actions", "Clear below"),
    ),
    ActionSpec(
        "load_model",
        MODEL,
        QT_TRANSLATE_NOOP("actions", "Choose model…"),
        QT_TRANSLATE_NOOP(
            "actions", "Use a model of this project, public weights or a checkpoint file"
        ),
        ("Ctrl+M",),
        "model",
        short=QT_TRANSLATE_NOOP("actions", "Choose…"),
    ),
    ActionSpec(
        "versions",
        MODEL,
        QT_TRANSLATE_NOOP("actions", "Models of this project…"),
        QT_TRANSLATE_NOOP(
            "actions", "How each came about; go back to one, compare two, give one away"
        ),
        ("Ctrl+Shift+L",),
        "model",
        short=QT_TRANSLATE_NOOP("actions", "Models…"),
    ),
    ActionSpec(
        "mapping",
        MODEL,
        QT_TRANSLATE_NOOP("actions", "Categories of the model…"),
        QT_TRANSLATE_NOOP("actions", "What the model's categories become in this project"),
        ("Ctrl+Shift+M",),
    ),
    ActionSpec(
        "model_facts",
        MODEL,
        QT_TRANSLATE_NOOP("actions", "About the model…"),
        QT_TRANSLATE_NOOP("actions", "What the model is, what is assumed of it, and corrections"),
        ("Ctrl+Alt+M",),
    ),
    ActionSpec(
        "bf16",
        MODEL,
        QT_TRANSLATE_NOOP("actions", "Faster, slightly rounded (bf16)"),
        QT_TRANSLATE_NOOP(
            "actions",
            "Compute with fewer digits: about one and a half times as fast; a few pixels at "
            "borders turn out differently",
        ),
        ("Ctrl+Alt+B",),
        checkable=True,
    ),
    ActionSpec(
        "overlay",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Overlay"),
        QT_TRANSLATE_NOOP("actions", "Fill regions with the colour of their category"),
        ("Tab",),
        "overlay",
        checkable=True,
    ),
    ActionSpec(
        "outline",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Outline"),
        QT_TRANSLATE_NOOP("actions", "Draw a line around regions"),
        ("O",),
        "outline",
        checkable=True,
    ),
    ActionSpec(
        "photograph",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Photograph alone"),
        QT_TRANSLATE_NOOP("actions", "Show no labels (for the moment: hold V)"),
        ("Ctrl+Shift+V",),
        "photo",
        checkable=True,
    ),
    ActionSpec(
        "compare",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Proposal in place of the labels"),
        QT_TRANSLATE_NOOP(
            "actions", "Show what the model proposed in place of the labels (hold Shift+V)"
        ),
        ("Shift+C",),
        "compare",
        checkable=True,
    ),
    ActionSpec(
        "solo",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Current category alone"),
        QT_TRANSLATE_NOOP("actions", "Show the labels of the current category only"),
        ("Shift+O",),
        "solo",
        checkable=True,
    ),
    ActionSpec(
        "side_by_side",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Side by side"),
        QT_TRANSLATE_NOOP("actions", "Show the photograph without labels beside the canvas"),
        ("Y",),
        "side-by-side",
        checkable=True,
    ),
    ActionSpec(
        "adjust",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Brightness and contrast…"),
        QT_TRANSLATE_NOOP("actions", "How bright the photograph is shown; the file stays as it is"),
        ("Ctrl+B",),
        "adjust",
    ),
    ActionSpec(
        "bands",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Bands and stretch…"),
        QT_TRANSLATE_NOOP("actions", "Which bands are shown, and what is black and white"),
        ("Ctrl+Alt+R",),
        "bands",
    ),
    ActionSpec(
        "grid",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Pixel grid"),
        QT_TRANSLATE_NOOP("actions", "Lines between pixels once they are large"),
        ("Ctrl+G",),
        "grid",
        checkable=True,
    ),
    ActionSpec(
        "overview",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Overview map"),
        QT_TRANSLATE_NOOP("actions", "A small map where the view does not show the whole picture"),
        ("Ctrl+Shift+O",),
        "overview",
        checkable=True,
    ),
    ActionSpec(
        "rulers",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Rulers"),
        QT_TRANSLATE_NOOP("actions", "Count the pixels along the edges of the view"),
        ("Ctrl+R",),
        "ruler",
        checkable=True,
    ),
    ActionSpec(
        "wheel_zooms",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Wheel zooms"),
        QT_TRANSLATE_NOOP(
            "actions", "The wheel zooms and Ctrl + wheel sizes the brush; off: the other way round"
        ),
        ("Ctrl+Shift+W",),
        "wheel",
        checkable=True,
    ),
    ActionSpec(
        "heat",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Uncertainty"),
        QT_TRANSLATE_NOOP("actions", "Show as heat how unsure the model was"),
        ("H",),
        "heat",
        checkable=True,
    ),
    ActionSpec(
        "objects",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Objects"),
        QT_TRANSLATE_NOOP("actions", "Show the objects of things by outline and shade"),
        ("I",),
        "objects",
        checkable=True,
    ),
    ActionSpec(
        "fit",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Fit"),
        QT_TRANSLATE_NOOP("actions", "Show the whole picture"),
        ("Ctrl+0",),
        "fit",
    ),
    ActionSpec(
        "actual_size",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "100 %"),
        QT_TRANSLATE_NOOP("actions", "One pixel of the picture on one of the screen"),
        ("Ctrl+1",),
        "one-to-one",
    ),
    ActionSpec(
        "zoom_in",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Zoom in"),
        QT_TRANSLATE_NOOP("actions", "Closer (also the wheel)"),
        ("Ctrl++", "Ctrl+=", "+", "="),
        "zoom-in",
        repeats=True,
    ),
    ActionSpec(
        "zoom_out",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Zoom out"),
        QT_TRANSLATE_NOOP("actions", "Farther (also the wheel)"),
        ("Ctrl+-", "-"),
        "zoom-out",
        repeats=True,
    ),
    ActionSpec(
        "next_part",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Next part of the window"),
        QT_TRANSLATE_NOOP("actions", "Put the keyboard into the next list or panel"),
        ("F6",),
        repeats=True,
    ),
    ActionSpec(
        "full_screen",
        VIEW,
        QT_TRANSLATE_NOOP("actions", "Picture only"),
        QT_TRANSLATE_NOOP("actions", "Hide everything but the picture"),
        ("F11",),
        checkable=True,
    ),
    ActionSpec(
        "keys",
        HELP,
        QT_TRANSLATE_NOOP("actions", "Keys"),
        QT_TRANSLATE_NOOP("actions", "All keys on one sheet"),
        ("F1", "?"),
        "help",
    ),
    ActionSpec(
        "tour",
        HELP,
        QT_TRANSLATE_NOOP("actions", "Guided tour"),
        QT_TRANSLATE_NOOP("actions", "From the first proposal to the export in five steps"),
        ("F4",),
        checkable=True,
    ),
    ActionSpec(
        "about",
        HELP,
        QT_TRANSLATE_NOOP("actions", "About seglabel"),
        QT_TRANSLATE_NOOP("actions", "Version and licence"),
    ),
)


def translated(text: str) -> str:
    """A text of the table in the language of the window."""
    return QCoreApplication.translate(_CONTEXT, text)


def without_mnemonic(title: str) -> str:
    """“&File” and “文件(&F)” as a heading."""
    return re.sub(r"\(&.\)|&", "", title)


def _works_anywhere(shortcut: str) -> bool:
    """Whether a shortcut can never be meant as typing: a function key or one with Ctrl."""
    if shortcut in ("Ctrl+Backspace", "Ctrl+Return"):
        return False
    return shortcut.startswith("Ctrl+") or (shortcut[0] == "F" and shortcut[1:].isdigit())


class Actions(QObject):
    """The table brought to life: one QAction per row."""

    keys_changed = Signal()

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._actions: dict[str, QAction] = {}
        self._groups: dict[str, QActionGroup] = {}
        self._names: dict[str, str] = {}  # of actions that are called after data
        for spec in ACTIONS:
            self._actions[spec.key] = self._make(spec)
        self.retranslate()
        self.dress(theme)

    def __getitem__(self, key: str) -> QAction:
        return self._actions[key]

    def of_menu(self, menu: str) -> Iterable[QAction]:
        return (self._actions[spec.key] for spec in ACTIONS if spec.menu == menu)

    def set_names(self, names: Mapping[str, str]) -> None:
        """Call these actions after what they are about, and all others as the table does."""
        self._names = {key: name.replace("&", "&&") for key, name in names.items()}
        self.retranslate()

    def set_keys(self, keys_of: Callable[[str], tuple[str, ...]]) -> None:
        """Use other shortcuts from now on, given per action as portable texts."""
        for key, action in self._actions.items():
            _set_keys(action, keys_of(key))
        self.retranslate()
        self.keys_changed.emit()

    def dress(self, theme: Theme) -> None:
        """Icons in the colours of a theme."""
        for spec in ACTIONS:
            if spec.icon:
                # The current tool is filled with the accent colour; what is merely switched on is
                # drawn in it.
                checked = theme.on_accent if spec.group else theme.accent
                self._actions[spec.key].setIcon(make_icon(spec.icon, theme, checked=checked))

    def retranslate(self) -> None:
        """Texts in the language that is set now."""
        for spec in ACTIONS:
            action = self._actions[spec.key]
            text = self._names.get(spec.key) or translated(spec.text)
            tip = translated(spec.tip)
            keys = native_keys(action)
            action.setText(text)
            action.setIconText(translated(spec.short) if spec.short else text)
            action.setToolTip(
                f"<b>{text}</b> ({keys})<br>{tip}" if keys else f"<b>{text}</b><br>{tip}"
            )
            action.setStatusTip(tip)

    def _make(self, spec: ActionSpec) -> QAction:
        action = QAction(self)
        action.setObjectName(spec.key)
        _set_keys(action, spec.shortcuts)
        action.setCheckable(spec.checkable)
        action.setAutoRepeat(spec.repeats)
        if spec.group:
            group = self._groups.setdefault(spec.group, QActionGroup(self))
            group.addAction(action)
        return action


def native_keys(action: QAction) -> str:
    """The shortcuts of an action as this system writes them."""
    form = QKeySequence.SequenceFormat.NativeText
    # Some keys have two codes and one name, such as both Enter keys in Chinese.
    return " / ".join(dict.fromkeys(key.toString(form) for key in action.shortcuts()))


def _set_keys(action: QAction, shortcuts: tuple[str, ...]) -> None:
    action.setShortcuts([QKeySequence(text) for text in shortcuts])
    # Bare keys belong to the picture, so that they can be typed into text fields.
    context = Qt.ShortcutContext
    anywhere = any(_works_anywhere(text) for text in shortcuts)
    action.setShortcutContext(
        context.WindowShortcut if anywhere else context.WidgetWithChildrenShortcut
    )
