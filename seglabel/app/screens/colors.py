"""Colours of screens: families of palettes, those for training apart from those held out."""

from __future__ import annotations

import colorsys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtGui import QColor, QPalette

from seglabel.app.screens.dice import Dice


@dataclass(frozen=True, slots=True)
class Colors:
    """The colours of one screen, as ``#rrggbb``. ``surface`` is that of cards and bars."""

    window: str
    surface: str
    field: str
    text: str
    muted: str
    line: str
    accent: str
    on_accent: str

    @property
    def is_dark(self) -> bool:
        return QColor(self.window).lightnessF() < 0.5


def shaded(color: str, amount: float) -> str:
    """``color`` made lighter (``amount`` above 0) or darker (below), by at most 1."""
    base = QColor(color)
    goal = 255 if amount > 0 else 0
    part = abs(amount)
    red, green, blue = (
        round(value + (goal - value) * part) for value in (base.red(), base.green(), base.blue())
    )
    return QColor(red, green, blue).name()


def _hls(hue: float, lightness: float, saturation: float) -> str:
    """A colour; hue in turns, the others from 0 to 1."""
    red, green, blue = colorsys.hls_to_rgb(hue % 1, min(max(lightness, 0), 1), saturation)
    return QColor.fromRgbF(red, green, blue).name()


def _light(dice: Dice, hue: float, tint: float, window: float, accent: str) -> Colors:
    white = dice.chance(0.6)
    return Colors(
        window=_hls(hue, window, tint),
        surface=_hls(hue, dice.real(0.93, 1.0), tint),
        field="#ffffff" if white else _hls(hue, min(window + 0.03, 1), tint),
        text=_hls(hue, dice.real(0.03, 0.25), tint),
        muted=_hls(hue, dice.real(0.38, 0.55), tint),
        line=_hls(hue, dice.real(0.6, 0.87), tint),
        accent=accent,
        on_accent="#ffffff" if QColor(accent).lightnessF() < 0.62 else "#101010",
    )


def _dark(dice: Dice, hue: float, tint: float, window: float, accent: str) -> Colors:
    step = dice.real(0.02, 0.07)
    return Colors(
        window=_hls(hue, window, tint),
        surface=_hls(hue, window + step, tint),
        field=_hls(hue, window + dice.pick((-0.04, step + 0.03)), tint),
        text=_hls(hue, dice.real(0.8, 0.98), tint * 0.5),
        muted=_hls(hue, dice.real(0.5, 0.68), tint * 0.5),
        line=_hls(hue, window + dice.real(0.1, 0.25), tint),
        accent=accent,
        on_accent="#ffffff" if QColor(accent).lightnessF() < 0.55 else "#101010",
    )


def _any_accent(dice: Dice) -> str:
    return _hls(dice.real(0, 1), dice.real(0.3, 0.6), dice.real(0.4, 1.0))


def _grey(dice: Dice) -> Colors:
    blue = _hls(dice.real(0.54, 0.64), dice.real(0.35, 0.55), dice.real(0.5, 1))
    return _light(dice, 0, 0, dice.real(0.85, 0.96), blue)


def _white(dice: Dice) -> Colors:
    return _light(dice, dice.real(0, 1), dice.real(0, 0.2), 1.0, _any_accent(dice))


def _pastel(dice: Dice) -> Colors:
    hue = dice.real(0.0, 0.45)
    return _light(dice, hue, dice.real(0.2, 0.7), dice.real(0.86, 0.95), _any_accent(dice))


def _slate(dice: Dice) -> Colors:
    return _dark(dice, 0.6, dice.real(0.05, 0.3), dice.real(0.1, 0.28), _any_accent(dice))


def _charcoal(dice: Dice) -> Colors:
    return _dark(dice, 0, 0, dice.real(0.05, 0.3), _any_accent(dice))


def _vivid(dice: Dice) -> Colors:
    hue = dice.real(0.0, 0.45)
    return _dark(dice, hue, dice.real(0.3, 0.7), dice.real(0.18, 0.35), _any_accent(dice))


def _silver(dice: Dice) -> Colors:
    return _light(dice, 0.1, dice.real(0, 0.1), dice.real(0.72, 0.84), _any_accent(dice))


def _lavender(dice: Dice) -> Colors:
    hue = dice.real(0.68, 0.85)
    return _light(dice, hue, dice.real(0.25, 0.6), dice.real(0.87, 0.95), _hls(hue, 0.42, 0.6))


def _sky(dice: Dice) -> Colors:
    hue = dice.real(0.47, 0.58)
    return _light(dice, hue, dice.real(0.3, 0.7), dice.real(0.84, 0.94), _hls(hue + 0.5, 0.4, 0.8))


def _midnight(dice: Dice) -> Colors:
    hue = dice.real(0.66, 0.85)
    return _dark(dice, hue, dice.real(0.3, 0.6), dice.real(0.1, 0.22), _hls(hue - 0.2, 0.6, 0.8))


Palettes = Mapping[str, Callable[[Dice], Colors]]

TRAINING_PALETTES: Palettes = {
    "grey": _grey,
    "white": _white,
    "pastel": _pastel,
    "slate": _slate,
    "charcoal": _charcoal,
    "vivid": _vivid,
    "silver": _silver,
}
HELD_OUT_PALETTES: Palettes = {"lavender": _lavender, "sky": _sky, "midnight": _midnight}


def make_palette(colors: Colors) -> QPalette:
    """The same colours as Qt's styles ask for them."""
    palette = QPalette(QColor(colors.surface), QColor(colors.window))
    role = QPalette.ColorRole
    for key, color in {
        role.WindowText: colors.text,
        role.Base: colors.field,
        role.AlternateBase: shaded(colors.field, 0.06 if colors.is_dark else -0.04),
        role.Text: colors.text,
        role.ButtonText: colors.text,
        role.PlaceholderText: colors.muted,
        role.Highlight: colors.accent,
        role.HighlightedText: colors.on_accent,
        role.Accent: colors.accent,
        role.Link: colors.accent,
        role.ToolTipBase: colors.surface,
        role.ToolTipText: colors.text,
    }.items():
        palette.setColor(key, QColor(color))
    group = QPalette.ColorGroup.Disabled
    for key in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(group, key, QColor(colors.muted))
    return palette
