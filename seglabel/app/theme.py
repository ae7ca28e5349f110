"""Light and dark: two palettes for Fusion and a short style sheet."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QAbstractButton, QApplication

from seglabel.app.settings import ThemeChoice
from seglabel.resources import resource


@dataclass(frozen=True)
class Theme:
    """The colours of one look. ``canvas`` is neutral: no tint beside colours being judged."""

    name: str
    window: str
    panel: str
    field: str
    text: str
    muted: str
    line: str
    hover: str
    accent: str
    on_accent: str
    canvas: str
    error: str
    good: str


LIGHT = Theme(
    name="light",
    window="#f2f3f5",
    panel="#fafafb",
    field="#ffffff",
    text="#1d2126",
    muted="#5b626b",
    line="#d3d7dc",
    hover="#e4e7eb",
    accent="#0b61c4",
    on_accent="#ffffff",
    canvas="#a6a6a6",
    error="#b3261e",
    good="#1c7c45",
)
DARK = Theme(
    name="dark",
    window="#2b2d31",
    panel="#313439",
    field="#1e2023",
    text="#e8e9eb",
    muted="#a4abb3",
    line="#45494f",
    hover="#3a3e43",
    accent="#4c9bff",
    on_accent="#0a1420",
    canvas="#3d3d3d",
    error="#ff8a80",
    good="#6fd39a",
)


def resolve_theme(choice: ThemeChoice, application: QApplication) -> Theme:
    """The theme for a choice; *system* follows the desktop."""
    if choice == "system":
        scheme = application.styleHints().colorScheme()
        return DARK if scheme == Qt.ColorScheme.Dark else LIGHT
    return DARK if choice == "dark" else LIGHT


def apply_theme(application: QApplication, theme: Theme) -> None:
    """Dress the whole application."""
    application.setStyle("Fusion")
    application.setPalette(make_palette(theme))
    application.setStyleSheet(make_style_sheet(theme))


def make_palette(theme: Theme) -> QPalette:
    """The colours for every role that Fusion asks for."""
    palette = QPalette()
    role = QPalette.ColorRole
    colors = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.field,
        role.AlternateBase: theme.panel,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.panel,
        role.ButtonText: theme.text,
        role.BrightText: theme.error,
        role.ToolTipBase: theme.field,
        role.ToolTipText: theme.text,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Light: theme.hover,
        role.Midlight: theme.hover,
        role.Mid: theme.line,
        role.Dark: theme.line,
        role.Shadow: "#000000",
    }
    for color_role, color in colors.items():
        palette.setColor(color_role, QColor(color))
    disabled = QPalette.ColorGroup.Disabled
    for color_role in (role.WindowText, role.Text, role.ButtonText):
        faded = QColor(theme.muted)
        faded.setAlphaF(0.6)
        palette.setColor(disabled, color_role, faded)
    palette.setColor(disabled, role.Highlight, QColor(theme.line))
    return palette


def make_style_sheet(theme: Theme) -> str:
    """What palettes cannot say: spacing, the primary button, quiet borders."""
    check = resource("icons", f"check-{theme.name}.svg").as_posix()
    return f"""
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QCheckBox::indicator {{ width: 16px; height: 16px; border: 1px solid {theme.muted};
    border-radius: 4px; background: {theme.field}; }}
QCheckBox::indicator:checked {{ background: {theme.accent}; border-color: {theme.accent};
    image: url({check}); }}
QToolBar {{ border: 0; border-bottom: 1px solid {theme.line}; padding: 2px 6px; spacing: 2px;
    background: {theme.window}; }}
QToolBar#tools {{ border-bottom: 0; border-right: 1px solid {theme.line}; padding: 4px 2px; }}
QToolBar::separator {{ background: {theme.line}; width: 1px; height: 1px; margin: 4px 6px; }}
QToolButton {{ border: 1px solid transparent; border-radius: 5px; padding: 3px 5px;
    color: {theme.text}; }}
QToolButton:hover {{ background: {theme.hover}; }}
QToolButton:checked {{ background: {theme.hover}; color: {theme.accent}; }}
QToolBar#tools QToolButton:checked {{ background: {theme.accent}; color: {theme.on_accent}; }}
QToolButton[popupMode="2"] {{ padding-right: 18px; }}
QToolButton#filter {{ padding-right: 5px; }}
QToolButton#filter::menu-indicator {{ image: none; }}
QToolButton::menu-indicator {{ subcontrol-origin: padding; subcontrol-position: right center;
    right: 4px; }}
QToolButton:disabled {{ color: {theme.muted}; }}
QToolButton:focus {{ border-color: {theme.accent}; }}
QToolButton#primary {{ background: {theme.accent}; color: {theme.on_accent}; padding: 3px 11px;
    font-weight: 600; }}
QToolButton#primary:focus, QPushButton#primary:focus, QToolBar#tools QToolButton:checked:focus
    {{ border: 1px solid {theme.text}; }}
QToolButton#primary:disabled {{ background: {theme.line}; color: {theme.muted}; }}
QPushButton#primary {{ background: {theme.accent}; color: {theme.on_accent};
    border: 1px solid transparent; border-radius: 6px; padding: 7px 17px; font-weight: 600; }}
QPushButton#primary:disabled {{ background: {theme.line}; color: {theme.muted}; }}
QPushButton#quiet {{ background: transparent; color: {theme.accent};
    border: 1px solid transparent; border-radius: 5px; padding: 5px 9px; }}
QPushButton#quiet:focus {{ border-color: {theme.accent}; }}
QPushButton#quiet:disabled {{ color: {theme.muted}; }}
QPushButton#quiet:hover {{ background: {theme.hover}; border-radius: 5px; }}
QMainWindow::separator {{ background: {theme.line}; width: 1px; height: 1px; }}
QDockWidget {{ titlebar-close-icon: none; font-weight: 600; }}
QDockWidget::title {{ background: {theme.window}; padding: 5px 10px 3px 10px; text-align: left; }}
QStatusBar {{ border-top: 1px solid {theme.line}; }}
QStatusBar::item {{ border: 0; }}
QFrame#banner {{ background: {theme.panel}; border: 1px solid {theme.line}; border-radius: 8px; }}
QFrame#banner[kind="error"] {{ border-color: {theme.error}; }}
QDialog#palette {{ border: 1px solid {theme.muted}; }}
QDialog#palette QTreeWidget::item, QTreeWidget#numbers::item {{ padding: 0 6px; }}
QFrame#tour {{ background: {theme.panel}; border-bottom: 1px solid {theme.line}; }}
QFrame#tour QLabel[state] {{ color: {theme.muted}; }}
QFrame#tour QLabel[state="now"] {{ color: {theme.accent}; font-weight: 600; }}
QFrame#tour QLabel[state="done"] {{ color: {theme.good}; }}
QFrame#optionsBar {{ background: {theme.window}; border-bottom: 1px solid {theme.line}; }}
QLabel#muted {{ color: {theme.muted}; }}
QLabel#dropTarget {{ color: {theme.muted}; border: 1px dashed {theme.muted}; border-radius: 8px; }}
QLabel#title {{ font-size: 22px; font-weight: 600; }}
QLabel#error {{ color: {theme.error}; }}
QScrollBar:horizontal {{ height: 8px; background: transparent; margin: 0; }}
QScrollBar:vertical {{ width: 8px; background: transparent; margin: 0; }}
QScrollBar::handle {{ background: {theme.line}; border-radius: 4px; }}
QScrollBar::handle:hover {{ background: {theme.muted}; }}
QScrollBar::handle:horizontal {{ min-width: 40px; }}
QScrollBar::handle:vertical {{ min-height: 40px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QListView#images {{ background: {theme.field}; border: 0; border-top: 1px solid {theme.line}; }}
QListView#categories, QListView#history {{ background: {theme.field};
    border: 1px solid {theme.line}; border-radius: 6px; outline: 0; }}
QListView#categories:focus, QListView#history:focus, QListView#images:focus, QTreeWidget:focus
    {{ border-color: {theme.accent}; }}
QTreeWidget {{ border: 1px solid {theme.line}; border-radius: 6px; background: {theme.field};
    alternate-background-color: {theme.panel}; }}
QSlider {{ min-height: 22px; }}
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {theme.line}; }}
QSlider::sub-page:horizontal {{ height: 4px; border-radius: 2px; background: {theme.accent}; }}
QSlider::handle:horizontal {{ width: 14px; height: 14px; margin: -5px 0; border-radius: 7px;
    background: {theme.text}; }}
QSlider::handle:horizontal:focus {{ background: {theme.accent}; }}
CategoryPanel QLineEdit, QDialog QLineEdit {{ border: 1px solid {theme.line}; border-radius: 5px;
    padding: 4px 6px; background: {theme.field}; }}
CategoryPanel QLineEdit:focus, QDialog QLineEdit:focus {{ border-color: {theme.accent}; }}
QProgressBar {{ border: 0; border-radius: 4px; background: {theme.line}; }}
QProgressBar::chunk {{ border-radius: 4px; background: {theme.accent}; }}
QToolTip {{ background: {theme.field}; color: {theme.text}; border: 1px solid {theme.line};
    padding: 4px; }}
"""


def make_primary(button: QAbstractButton) -> None:
    """Mark the one button of a dialog or page that does what the person came for."""
    button.setObjectName("primary")
    button.style().unpolish(button)
    button.style().polish(button)
