"""What is told apart on a screen, and what belongs to what.

A control includes its own caption: the text on a button is *button*, the words beside a check box
are *check box*, the entries of a list are *list or table*. A *combo box* and a *text field* are
whole, with their arrows; an open drop-down list is *list or table*. *menu* is a menu bar or an open
menu with its entries, *tool bar* the whole bar with its flat buttons; a field or a combo box on it
keeps its own category. *tab* are the tabs, not the page behind them. Scroll bars are *scroll bar*
wherever they are. *text* is the block that free-standing text fills. Frames, pages and empty space
are background.
"""

from __future__ import annotations

from seglabel.core.categories import Category, CategorySet
from seglabel.core.palettes import default_color

_NAMES = (
    "button",
    "check box",
    "radio button",
    "text field",
    "combo box",
    "slider",
    "tab",
    "list or table",
    "menu",
    "tool bar",
    "scroll bar",
    "progress bar",
    "icon or image",
    "text",
)
(
    BUTTON,
    CHECK_BOX,
    RADIO_BUTTON,
    TEXT_FIELD,
    COMBO_BOX,
    SLIDER,
    TAB,
    LIST_OR_TABLE,
    MENU,
    TOOL_BAR,
    SCROLL_BAR,
    PROGRESS_BAR,
    ICON_OR_IMAGE,
    TEXT,
) = range(1, len(_NAMES) + 1)

UI_CATEGORIES = CategorySet(
    tuple(
        Category(number, name, default_color(number), is_thing=True)
        for number, name in enumerate(_NAMES, 1)
    )
)
