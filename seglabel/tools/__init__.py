"""Tools: pointer events → edits. No Qt here."""

from __future__ import annotations

from seglabel.tools.base import BRUSH_SIZES, Brush, Pointer, Stroke, Tool
from seglabel.tools.brush import BrushTool, EraserTool
from seglabel.tools.fill import FillTool


def make_tools() -> dict[str, Tool]:
    """A fresh set of tools by name."""
    tools: tuple[Tool, ...] = (BrushTool(), EraserTool(), FillTool())
    return {tool.name: tool for tool in tools}


__all__ = ["BRUSH_SIZES", "Brush", "Pointer", "Stroke", "Tool", "make_tools"]
