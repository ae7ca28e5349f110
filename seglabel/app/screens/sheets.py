"""Style sheets: for each kind of control some families of looks.

A screen's sheet takes one family per kind of control and shares radius, line width and spacing
between them. The families held out for testing are other functions, never used for training.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from seglabel.app.screens.colors import Colors, shaded
from seglabel.app.screens.dice import Dice
from seglabel.app.screens.marks import Marks


@dataclass(frozen=True)
class Cut:
    """What the controls of one screen share; lengths in pixels."""

    colors: Colors
    marks: Marks
    radius: int
    line: int
    pad: int

    @property
    def tone(self) -> str:
        """A little off the surface: hovered, tonal, alternate."""
        return shaded(self.colors.surface, 0.1 if self.colors.is_dark else -0.07)

    @property
    def border(self) -> str:
        return f"{self.line}px solid {self.colors.line}"


Rules = Callable[[Dice, Cut], str]
Families = Mapping[str, Rules]


def _box(selector: str, background: str, border: str, radius: float, padding: str = "") -> str:
    more = f"padding: {padding};" if padding else ""
    return (
        f"{selector} {{ background: {background}; border: {border}; "
        f"border-radius: {radius}px; {more} }}\n"
    )


def _gradient(first: str, last: str) -> str:
    return f"qlineargradient(x1:0, y1:0, x2:0, y2:1, stop:0 {first}, stop:1 {last})"


# --- buttons -------------------------------------------------------------------------------------

_BUTTON = "QPushButton, QToolButton#plain"


def _button_text(color: str, dice: Dice) -> str:
    weight = dice.pick(("normal", "normal", "bold", "500"))
    return f"{_BUTTON} {{ color: {color}; font-weight: {weight}; }}\n"


def _primary(cut: Cut) -> str:
    c = cut.colors
    return (
        f"QPushButton[primary=true] {{ background: {c.accent}; color: {c.on_accent}; "
        f"border-color: {c.accent}; }}\n"
    )


def _flat_button(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    padding = f"{cut.pad}px {cut.pad * 2 + 4}px"
    return _box(_BUTTON, c.accent, "none", cut.radius, padding) + _button_text(c.on_accent, dice)


def _outlined_button(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    ink = dice.pick((c.text, c.accent))
    line = f"{cut.line}px solid {dice.pick((ink, c.line))}"
    rules = _box(_BUTTON, "transparent", line, cut.radius, f"{cut.pad}px {cut.pad * 2 + 2}px")
    return rules + _button_text(ink, dice) + _primary(cut)


def _tonal_button(dice: Dice, cut: Cut) -> str:
    rules = _box(_BUTTON, cut.tone, cut.border, cut.radius, f"{cut.pad}px {cut.pad * 2}px")
    return rules + _button_text(cut.colors.text, dice) + _primary(cut)


def _gradient_button(dice: Dice, cut: Cut) -> str:
    base = dice.pick((cut.tone, cut.colors.accent))
    ink = cut.colors.text if base == cut.tone else cut.colors.on_accent
    fill = _gradient(shaded(base, 0.25), shaded(base, -0.12))
    line = f"1px solid {shaded(base, -0.35)}"
    return _box(_BUTTON, fill, line, cut.radius, f"{cut.pad}px {cut.pad * 2}px") + _button_text(
        ink, dice
    )


def _edge_button(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    rules = _box(_BUTTON, c.accent, "none", cut.radius, f"{cut.pad}px {cut.pad * 2}px")
    edge = f"{_BUTTON} {{ border-bottom: {dice.whole(2, 4)}px solid {shaded(c.accent, -0.3)}; }}\n"
    return rules + edge + _button_text(c.on_accent, dice)


def _pill_button(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    fill, ink = dice.pick(((c.accent, c.on_accent), (cut.tone, c.text), (cut.tone, c.accent)))
    rules = (
        f"{_BUTTON} {{ background: {fill}; border: none; border-radius: 13px; min-height: 26px; "
        f"padding: 0px {cut.pad * 2 + 6}px; }}\n"
    )
    return rules + _button_text(ink, dice)


def _any_fill(dice: Dice, base: str) -> str:
    """``base``, or a gradient from it in some direction."""
    if dice.chance(0.5):
        return base
    x, y = dice.pick(((0, 1), (1, 0), (1, 1)))
    first, last = shaded(base, dice.real(0, 0.35)), shaded(base, -dice.real(0, 0.35))
    return f"qlineargradient(x1:0, y1:0, x2:{x}, y2:{y}, stop:0 {first}, stop:1 {last})"


def _any_border(dice: Dice, cut: Cut) -> str:
    """A border of any colour of the screen, thicker at times at the bottom or at the top."""
    c = cut.colors
    color = dice.pick((c.line, c.muted, c.text, c.accent, shaded(c.accent, -0.3)))
    kind = dice.pick(("solid", "solid", "solid", "dashed", "dotted", "ridge", "groove"))
    rules = f"border: {dice.whole(0, 3)}px {kind} {color};"
    if dice.chance(0.25):
        side = dice.pick(("bottom", "top"))
        rules += f" border-{side}: {dice.whole(1, 4)}px solid {color};"
    return rules


def _any_button(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    base, ink = dice.pick(
        ((c.accent, c.on_accent), (cut.tone, c.text), (c.surface, c.accent), (c.field, c.text))
    )
    case = dice.pick(("", "", "text-transform: uppercase;", "font-style: italic;"))
    return (
        f"{_BUTTON} {{ background: {_any_fill(dice, base)}; {_any_border(dice, cut)} "
        f"border-radius: {dice.whole(0, 12)}px; {case} "
        f"padding: {dice.whole(1, 9)}px {dice.whole(3, 24)}px; }}\n"
    ) + _button_text(ink, dice)


def _bevel_button(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    fill = _gradient(shaded(c.surface, -0.02), shaded(c.surface, -0.16))
    line = f"{dice.whole(2, 3)}px outset {shaded(c.surface, 0.1)}"
    return _box(_BUTTON, fill, line, 0, f"{cut.pad}px {cut.pad * 2}px") + _button_text(c.text, dice)


def _double_button(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    rules = _box(_BUTTON, c.field, f"3px double {c.accent}", cut.radius, f"{cut.pad}px 12px")
    return rules + _button_text(c.accent, dice)


def _slab_button(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    rules = _box(_BUTTON, cut.tone, "none", 0, f"{cut.pad + 2}px {cut.pad * 2}px")
    stripe = f"{_BUTTON} {{ border-left: {dice.whole(3, 6)}px solid {c.accent}; }}\n"
    return rules + stripe + _button_text(c.text, dice)


# --- fields --------------------------------------------------------------------------------------

_FIELD = "QLineEdit, QAbstractSpinBox, QTextEdit, QPlainTextEdit"
_COMBO = "QComboBox"


def _combo_arrow(cut: Cut, color: str, *, width: int = 20, drop: str = "border: none;") -> str:
    arrow = cut.marks.url("down", color)
    return (
        f"QComboBox::drop-down {{ width: {width}px; subcontrol-position: center right; {drop} }}\n"
        f"QComboBox::down-arrow {{ image: {arrow}; width: 10px; height: 10px; }}\n"
    )


def _spin_arrows(cut: Cut, color: str) -> str:
    up, down = cut.marks.url("up", color), cut.marks.url("down", color)
    return (
        "QAbstractSpinBox::up-button, QAbstractSpinBox::down-button "
        "{ width: 16px; border: none; }\n"
        f"QAbstractSpinBox::up-arrow {{ image: {up}; width: 8px; height: 8px; }}\n"
        f"QAbstractSpinBox::down-arrow {{ image: {down}; width: 8px; height: 8px; }}\n"
    )


def _fields(dice: Dice, cut: Cut, fill: str, border: str, radius: int, more: str = "") -> str:
    """Text fields and, mostly, combo boxes in one dress."""
    rules = _box(_FIELD, fill, border, radius, f"{max(cut.pad - 1, 1)}px {cut.pad + 2}px")
    rules += _box(_COMBO, fill, border, radius, f"{max(cut.pad - 1, 1)}px {cut.pad + 2}px")
    for selector in (_FIELD, _COMBO):
        rules += f"{selector} {{ color: {cut.colors.text}; {more} }}\n"
    divided = f"border-left: 1px solid {cut.colors.line};"
    drop = dice.pick(("border: none;", divided))
    color = dice.pick((cut.colors.text, cut.colors.muted))
    return rules + _combo_arrow(cut, color, drop=drop) + _spin_arrows(cut, color)


def _boxed_field(dice: Dice, cut: Cut) -> str:
    return _fields(dice, cut, cut.colors.field, cut.border, cut.radius)


def _underlined_field(dice: Dice, cut: Cut) -> str:
    line = f"{dice.whole(1, 2)}px solid {dice.pick((cut.colors.muted, cut.colors.accent))}"
    return _fields(
        dice, cut, dice.pick((cut.tone, cut.colors.field)), "none", 0, f"border-bottom: {line};"
    )


def _filled_field(dice: Dice, cut: Cut) -> str:
    return _fields(dice, cut, cut.tone, "none", cut.radius)


def _strong_field(dice: Dice, cut: Cut) -> str:
    line = f"{dice.whole(1, 2)}px solid {dice.pick((cut.colors.text, cut.colors.accent))}"
    return _fields(dice, cut, cut.colors.field, line, cut.radius)


def _any_field(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    fill = _any_fill(dice, dice.pick((c.field, c.field, c.surface, cut.tone)))
    rules = _fields(dice, cut, fill, "none", dice.whole(0, 9), _any_border(dice, cut))
    width, ink = dice.whole(14, 28), dice.pick((c.text, c.accent, c.muted))
    drop = f"background: {dice.pick((cut.tone, 'transparent'))}; border: none;"
    return rules + _combo_arrow(cut, ink, width=width, drop=drop)


def _inset_field(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    rules = _fields(dice, cut, c.field, f"2px inset {c.line}", 0)
    fill = f"background: {c.accent}; border: none;"
    return rules + _combo_arrow(cut, c.on_accent, width=22, drop=fill)


def _slot_field(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    fill = _gradient(shaded(c.field, -0.12), c.field)
    return _fields(dice, cut, fill, "none", 4, f"border-top: 2px solid {shaded(c.line, -0.2)};")


def _capsule_field(dice: Dice, cut: Cut) -> str:
    rules = _fields(dice, cut, cut.colors.field, f"1px solid {cut.colors.accent}", 11)
    return rules + "QLineEdit, QComboBox, QAbstractSpinBox { min-height: 22px; }\n"


# --- check boxes and radio buttons ---------------------------------------------------------------


def _indicator(cut: Cut, side: int, off: str, on: str, tick: str, border: str, radius: int) -> str:
    """``border`` begins with its width, without which no radius would make a circle."""
    round_corner = side // 2 + int(border[0])
    ink = cut.colors.on_accent if on == cut.colors.accent else cut.colors.text
    rules = ""
    for name, mark, corner in (("QCheckBox", tick, radius), ("QRadioButton", "dot", round_corner)):
        url = cut.marks.url(mark, ink)
        rules += (
            f"{name}::indicator {{ width: {side}px; height: {side}px; border: {border}; "
            f"border-radius: {corner}px; background: {off}; }}\n"
            f"{name}::indicator:checked {{ background: {on}; image: {url}; }}\n"
        )
    return rules + f"QCheckBox, QRadioButton {{ spacing: {cut.pad + 2}px; }}\n"


def _plain_indicator(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    return _indicator(cut, dice.pick((11, 12, 14, 16)), c.field, c.field, "check", cut.border, 0)


def _rounded_indicator(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    border = f"{dice.whole(1, 2)}px solid {dice.pick((c.muted, c.accent))}"
    return _indicator(cut, dice.pick((12, 14, 16, 18)), c.field, c.accent, "check", border, 3)


def _switch_indicator(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    wide, tall = dice.whole(28, 36), 16
    dot_on, dot_off = cut.marks.url("dot", c.on_accent), cut.marks.url("dot", c.muted)
    return _rounded_indicator(dice, cut) + (
        f"QCheckBox::indicator {{ width: {wide}px; height: {tall}px; border-radius: 8px; "
        f"background: {cut.tone}; image: {dot_off}; image-position: left; }}\n"
        f"QCheckBox::indicator:checked {{ background: {c.accent}; image: {dot_on}; "
        "image-position: right; }\n"
    )


def _any_indicator(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    border = f"{dice.whole(1, 3)}px solid {dice.pick((c.line, c.muted, c.text, c.accent))}"
    on = dice.pick((c.accent, c.field, c.surface))
    off = dice.pick((c.field, c.surface, cut.tone))
    return _indicator(
        cut, dice.pick((10, 12, 14, 16, 20)), off, on, "check", border, dice.whole(0, 4)
    )


def _cross_indicator(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    return _indicator(
        cut, dice.pick((12, 14)), cut.tone, cut.tone, "cross", f"2px inset {c.line}", 0
    )


def _disc_indicator(_: Dice, cut: Cut) -> str:
    c = cut.colors
    border = f"2px solid {c.accent}"
    return _indicator(cut, 16, c.surface, c.accent, "check", border, 5)


# --- sliders and progress ------------------------------------------------------------------------


def _slider(
    groove: str,
    thick: int,
    passed: str,
    handle: str,
    border: str,
    size: tuple[int, int],
    radius: int,
) -> str:
    across, along = size
    margin = -((across - thick) // 2)
    rules = ""
    for way, thickness, width, length in (
        ("horizontal", "height", along, across),
        ("vertical", "width", across, along),
    ):
        margins = f"{margin}px 0" if way == "horizontal" else f"0 {margin}px"
        sub = "sub-page" if way == "horizontal" else "add-page"
        rules += (
            f"QSlider::groove:{way} {{ {thickness}: {thick}px; background: {groove}; "
            f"border-radius: {thick // 2}px; }}\n"
            f"QSlider::{sub}:{way} {{ background: {passed}; border-radius: {thick // 2}px; }}\n"
            f"QSlider::handle:{way} {{ background: {handle}; border: {border}; width: {width}px; "
            f"height: {length}px; margin: {margins}; border-radius: {radius}px; }}\n"
        )
    return rules


def _round_slider(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    side = dice.pick((12, 14, 16, 18))
    fill = dice.pick((c.accent, c.field))
    border = f"1px solid {dice.pick((c.muted, c.accent))}"
    thick = dice.pick((2, 4, 6))
    return _slider(c.line, thick, c.accent, fill, border, (side, side), side // 2)


def _square_slider(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    passed = dice.pick((c.accent, c.line))
    border = f"1px solid {c.muted}"
    return _slider(
        c.line, dice.pick((4, 8)), passed, cut.tone, border, (18, 10), dice.pick((0, 2, 4))
    )


def _any_slider(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    thick, across, along = dice.whole(1, 9), dice.whole(12, 26), dice.whole(8, 22)
    border = f"{dice.whole(0, 2)}px solid {dice.pick((c.muted, c.text, c.accent))}"
    handle = _any_fill(dice, dice.pick((c.accent, c.surface, c.field, cut.tone)))
    passed = dice.pick((c.accent, c.muted, c.line))
    radius = dice.whole(1, min(across, along) // 2)
    return _slider(c.line, thick, passed, handle, border, (across, along), radius)


def _needle_slider(_: Dice, cut: Cut) -> str:
    c = cut.colors
    return _slider(cut.tone, 10, c.muted, c.accent, "none", (24, 5), 0)


def _knob_slider(_: Dice, cut: Cut) -> str:
    c = cut.colors
    ring = f"4px solid {c.accent}"
    return _slider(c.muted, 3, c.muted, c.surface, ring, (14, 14), 9)


def _progress(back: str, chunk: str, border: str, radius: int, height: str, text: str) -> str:
    return (
        f"QProgressBar {{ background: {back}; border: {border}; border-radius: {radius}px; "
        f"color: {text}; text-align: center; {height} }}\n"
        f"QProgressBar::chunk {{ background: {chunk}; border-radius: {max(radius - 1, 0)}px; }}\n"
    )


def _flat_progress(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    height = dice.pick(("", "max-height: 8px;", "max-height: 14px;", "min-height: 22px;"))
    radius = dice.pick((0, 3, 4))
    return _progress(cut.tone, c.accent, dice.pick(("none", cut.border)), radius, height, c.text)


def _block_progress(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    rules = _progress(c.field, c.accent, cut.border, 0, "", c.text)
    width = f"width: {dice.whole(6, 14)}px; margin: 1px;"
    return rules + f"QProgressBar::chunk {{ {width} }}\n"


def _any_progress(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    back = dice.pick((cut.tone, c.field, c.surface, c.line))
    chunk = dice.pick((c.accent, c.accent, shaded(c.accent, 0.3), c.text))
    border = f"{dice.whole(0, 3)}px solid {dice.pick((c.line, c.muted, c.accent))}"
    height = f"min-height: {dice.whole(3, 24)}px; max-height: {dice.whole(24, 30)}px;"
    return _progress(back, chunk, border, dice.whole(0, 10), height, c.text)


def _glossy_progress(_: Dice, cut: Cut) -> str:
    c = cut.colors
    chunk = _gradient(shaded(c.accent, 0.5), shaded(c.accent, -0.2))
    return _progress(shaded(c.field, -0.1), chunk, f"2px inset {c.line}", 0, "", c.text)


def _framed_progress(_: Dice, cut: Cut) -> str:
    c = cut.colors
    rules = _progress(c.surface, c.muted, f"1px solid {c.text}", 6, "min-height: 12px;", c.text)
    return rules + "QProgressBar { padding: 2px; }\n"


# --- tabs ----------------------------------------------------------------------------------------


def _tabs(tab: str, selected: str, pane: str = "border: none;") -> str:
    return (
        f"QTabBar::tab {{ {tab} }}\nQTabBar::tab:selected {{ {selected} }}\n"
        f"QTabWidget::pane {{ {pane} }}\nQTabBar {{ qproperty-drawBase: 0; }}\n"
    )


def _underlined_tabs(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    thick = dice.whole(2, 3)
    tab = (
        f"padding: {cut.pad + 2}px {cut.pad * 2 + 4}px; color: {c.muted}; background: transparent; "
        f"border-bottom: {thick}px solid {dice.pick(('transparent', c.line))};"
    )
    return _tabs(tab, f"color: {c.accent}; border-bottom: {thick}px solid {c.accent};")


def _boxed_tabs(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    tab = (
        f"padding: {cut.pad}px {cut.pad * 2}px; background: {cut.tone}; color: {c.text}; "
        f"border: 1px solid {c.line}; border-top-left-radius: {cut.radius}px; "
        f"border-top-right-radius: {cut.radius}px; margin-right: {dice.whole(0, 3)}px;"
    )
    return _tabs(tab, f"background: {c.surface}; border-bottom: none;", f"border: {cut.border};")


def _pill_tabs(_: Dice, cut: Cut) -> str:
    c = cut.colors
    tab = (
        f"padding: {cut.pad}px {cut.pad * 2 + 2}px; color: {c.text}; background: transparent; "
        f"border-radius: {max(cut.radius, 3)}px; margin: 2px;"
    )
    return _tabs(tab, f"background: {c.accent}; color: {c.on_accent};")


def _any_tabs(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    corner = dice.whole(0, 9)
    tab = (
        f"padding: {dice.whole(1, 10)}px {dice.whole(4, 22)}px; color: {c.text}; "
        f"background: {_any_fill(dice, dice.pick((cut.tone, c.surface, c.window)))}; "
        f"border: {dice.whole(0, 1)}px solid {c.line}; border-radius: {corner}px; "
        f"margin-right: {dice.whole(0, 6)}px;"
    )
    ink, back = dice.pick(((c.accent, c.field), (c.on_accent, c.accent), (c.text, c.field)))
    return _tabs(tab, f"color: {ink}; background: {back};")


def _folder_tabs(_: Dice, cut: Cut) -> str:
    c = cut.colors
    fill = _gradient(shaded(c.surface, 0.1), shaded(c.surface, -0.1))
    tab = (
        f"padding: {cut.pad}px 14px; background: {fill}; color: {c.text}; "
        f"border: 2px outset {c.line}; border-top-right-radius: 12px; margin-right: 2px;"
    )
    return _tabs(tab, f"background: {c.field}; font-weight: bold;", f"border: 2px outset {c.line};")


def _overlined_tabs(_: Dice, cut: Cut) -> str:
    c = cut.colors
    tab = (
        f"padding: {cut.pad + 1}px 14px; color: {c.muted}; background: {cut.tone}; "
        "border-top: 3px solid transparent;"
    )
    return _tabs(
        tab, f"color: {c.text}; background: {c.surface}; border-top: 3px solid {c.accent};"
    )


# --- lists, tables, trees ------------------------------------------------------------------------

_VIEW = "QAbstractItemView"


def _views(cut: Cut, border: str, radius: int, item: str, header: str) -> str:
    c = cut.colors
    return (
        f"{_VIEW} {{ background: {c.field}; color: {c.text}; border: {border}; "
        f"border-radius: {radius}px; gridline-color: {c.line}; outline: none; "
        f"selection-background-color: {c.accent}; selection-color: {c.on_accent}; }}\n"
        f"{_VIEW}::item {{ {item} }}\n"
        f"{_VIEW}::item:selected {{ background: {c.accent}; color: {c.on_accent}; }}\n"
        f"QHeaderView {{ background: {cut.tone}; border: none; }}\n"
        f"QHeaderView::section {{ {header} }}\n"
    )


def _plain_view(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    header = f"background: {cut.tone}; color: {c.text}; border: none; padding: 3px;"
    return _views(
        cut, dice.pick(("none", cut.border)), 0, f"padding: {dice.whole(0, 4)}px;", header
    )


def _ruled_view(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    item = f"padding: {dice.whole(2, 7)}px; border-bottom: 1px solid {c.line};"
    header = (
        f"background: {c.field}; color: {c.muted}; border: none; font-weight: bold; padding: 4px;"
    )
    return _views(cut, cut.border, cut.radius, item, header)


def _any_view(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    item = f"padding: {dice.whole(0, 8)}px; margin: {dice.pick((0, 0, 1))}px;"
    below = dice.pick(("none", cut.border))
    header = (
        f"background: {_any_fill(dice, dice.pick((cut.tone, c.surface, c.line)))}; "
        f"color: {dice.pick((c.text, c.accent))}; border: none; border-bottom: {below}; "
        f"padding: {dice.whole(1, 8)}px;"
    )
    return _views(cut, dice.pick(("none", cut.border)), dice.whole(0, 8), item, header)


def _gridded_view(_: Dice, cut: Cut) -> str:
    c = cut.colors
    header = (
        f"background: {c.accent}; color: {c.on_accent}; "
        f"border: 1px outset {c.accent}; padding: 3px;"
    )
    return _views(cut, f"2px inset {c.line}", 0, f"border-right: 1px dotted {c.line};", header)


def _carded_view(_: Dice, cut: Cut) -> str:
    c = cut.colors
    item = f"background: {c.surface}; margin: 2px; border-radius: 5px; padding: 4px;"
    header = f"background: transparent; color: {c.accent}; border: none; padding: 5px;"
    return _views(cut, "none", 0, item, header)


# --- scroll bars ---------------------------------------------------------------------------------


def _scroll_bars(back: str, handle: str, width: int, margin: int, radius: int) -> str:
    rules = "QScrollBar::add-page, QScrollBar::sub-page { background: none; }\n"
    for way, side, least in (("vertical", "width", "height"), ("horizontal", "height", "width")):
        rules += (
            f"QScrollBar:{way} {{ background: {back}; {side}: {width}px; margin: 0; "
            "border: none; }\n"
            f"QScrollBar::handle:{way} {{ background: {handle}; min-{least}: 20px; "
            f"margin: {margin}px; border-radius: {radius}px; }}\n"
            f"QScrollBar::add-line:{way}, QScrollBar::sub-line:{way} {{ {least}: 0px; }}\n"
        )
    return rules


def _thin_scroll(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    back = dice.pick(("transparent", cut.tone))
    return _scroll_bars(back, dice.pick((c.line, c.muted)), dice.whole(7, 11), 1, 3)


def _wide_scroll(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    return _scroll_bars(cut.tone, c.muted, dice.whole(12, 17), dice.whole(0, 3), dice.pick((0, 4)))


def _native_scroll(_: Dice, __: Cut) -> str:
    """Those of Qt's style."""
    return ""


def _any_scroll(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    back = dice.pick((cut.tone, c.window, c.field, c.line))
    handle = dice.pick((c.muted, c.line, c.text, shaded(c.window, -0.3)))
    return _scroll_bars(back, handle, dice.whole(6, 18), dice.whole(0, 4), dice.whole(0, 5))


def _accent_scroll(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    return _scroll_bars(shaded(c.window, -0.15), c.accent, dice.whole(9, 14), 2, 2)


# --- menus and bars ------------------------------------------------------------------------------


def _bars(cut: Cut, menu: str, tool: str, item: str) -> str:
    c = cut.colors
    return (
        f"QMenuBar, QMenu {{ {menu} color: {c.text}; }}\n"
        f"QMenuBar::item, QMenu::item {{ {item} background: transparent; }}\n"
        f"QMenuBar::item:selected, QMenu::item:selected "
        f"{{ background: {c.accent}; color: {c.on_accent}; }}\n"
        f"QMenu::separator {{ height: 1px; background: {c.line}; margin: 3px; }}\n"
        f"QToolBar {{ {tool} spacing: {cut.pad}px; }}\n"
    )


def _flat_bars(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    fill = dice.pick((c.surface, cut.tone, c.window))
    item = f"padding: {cut.pad}px {cut.pad * 2 + 2}px;"
    below = dice.pick(("border: none;", f"border-bottom: 1px solid {c.line};"))
    menu = f"background: {fill}; {dice.pick((f'border: 1px solid {c.line};', below))}"
    return _bars(cut, menu, f"background: {fill}; {below} padding: {dice.whole(1, 5)}px;", item)


def _shaded_bars(_: Dice, cut: Cut) -> str:
    c = cut.colors
    fill = _gradient(shaded(c.surface, 0.15), shaded(c.surface, -0.1))
    item = f"padding: {max(cut.pad - 2, 1)}px {cut.pad * 2}px;"
    menu = f"background: {c.surface}; border: 1px solid {c.line};"
    return _bars(cut, menu, f"background: {fill}; border: 1px solid {c.line};", item)


def _any_bars(dice: Dice, cut: Cut) -> str:
    c = cut.colors
    fill = _any_fill(dice, dice.pick((c.surface, c.window, cut.tone, c.line)))
    item = f"padding: {dice.whole(1, 8)}px {dice.whole(4, 16)}px;"
    border = f"border: {dice.whole(0, 1)}px solid {c.line};"
    return _bars(
        cut, f"background: {fill}; {border}", f"background: {fill}; {border} padding: 3px;", item
    )


def _accent_bars(_: Dice, cut: Cut) -> str:
    c = cut.colors
    item = f"padding: {cut.pad}px 12px;"
    deep = shaded(c.window, -0.12)
    menu = f"background: {deep}; border: 2px outset {c.line};"
    return _bars(cut, menu, f"background: {deep}; border-top: 2px solid {c.accent};", item)


_ANY = "any"  # the families that draw all their numbers

TRAINING_SHEETS: Mapping[str, Families] = {
    "buttons": {
        "flat": _flat_button,
        "outlined": _outlined_button,
        "tonal": _tonal_button,
        "gradient": _gradient_button,
        "edge": _edge_button,
        "pill": _pill_button,
        "any": _any_button,
    },
    "fields": {
        "boxed": _boxed_field,
        "underlined": _underlined_field,
        "filled": _filled_field,
        "strong": _strong_field,
        "any": _any_field,
    },
    "indicators": {
        "plain": _plain_indicator,
        "rounded": _rounded_indicator,
        "switch": _switch_indicator,
        "any": _any_indicator,
    },
    "sliders": {"round": _round_slider, "square": _square_slider, "any": _any_slider},
    "progress": {"flat": _flat_progress, "block": _block_progress, "any": _any_progress},
    "tabs": {
        "underlined": _underlined_tabs,
        "boxed": _boxed_tabs,
        "pill": _pill_tabs,
        "any": _any_tabs,
    },
    "views": {"plain": _plain_view, "ruled": _ruled_view, "any": _any_view},
    "scroll bars": {
        "thin": _thin_scroll,
        "wide": _wide_scroll,
        "native": _native_scroll,
        "any": _any_scroll,
    },
    "bars": {"flat": _flat_bars, "shaded": _shaded_bars, "any": _any_bars},
}
HELD_OUT_SHEETS: Mapping[str, Families] = {
    "buttons": {"bevel": _bevel_button, "double": _double_button, "slab": _slab_button},
    "fields": {"inset": _inset_field, "slot": _slot_field, "capsule": _capsule_field},
    "indicators": {"cross": _cross_indicator, "disc": _disc_indicator},
    "sliders": {"needle": _needle_slider, "knob": _knob_slider},
    "progress": {"glossy": _glossy_progress, "framed": _framed_progress},
    "tabs": {"folder": _folder_tabs, "overlined": _overlined_tabs},
    "views": {"gridded": _gridded_view, "carded": _carded_view},
    "scroll bars": {"accent": _accent_scroll},
    "bars": {"accent": _accent_bars},
}


def make_sheet(dice: Dice, colors: Colors, marks: Marks, sheets: Mapping[str, Families]) -> str:
    """A style sheet of one family per kind of control."""
    cut = Cut(
        colors,
        marks,
        radius=dice.pick((0, 2, 3, 4, 6, 8)),
        line=dice.pick((1, 1, 1, 2)),
        pad=dice.whole(2, 7),
    )
    rules = [
        f"QMainWindow, QDialog, QWidget#page {{ background: {colors.window}; }}\n"
        f"QWidget {{ color: {colors.text}; }}\n"
        f"QGroupBox {{ border: {cut.border}; border-radius: {cut.radius}px; margin-top: 10px; "
        "padding-top: 8px; }\n"
        "QGroupBox::title { subcontrol-origin: margin; left: 8px; }\n"
        f"QFrame#card {{ background: {colors.surface}; border: {cut.border}; "
        f"border-radius: {cut.radius}px; }}\n"
    ]
    rules += [_pick(dice, families)(dice, cut) for families in sheets.values()]
    return "".join(rules)


def _pick(dice: Dice, families: Families) -> Rules:
    """One of the families; *any*, where there is one, half of the time."""
    if _ANY in families and dice.chance(0.5):
        return families[_ANY]
    return dice.pick(tuple(families.values()))
