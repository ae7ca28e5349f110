"""Tools: pointer events → pixels to paint. No Qt here."""

from __future__ import annotations

from seglabel.tools.base import Area, Brush, PictureSource, Pointer, Scene, Step, Tool, Work
from seglabel.tools.brush import BrushTool, EraserTool
from seglabel.tools.fill import FillTool
from seglabel.tools.measure import MeasureTool
from seglabel.tools.objects import (
    AssignObjectTool,
    MergeObjectsTool,
    SplitLineTool,
    SplitSeedsTool,
)
from seglabel.tools.options import BRUSH_SIZES
from seglabel.tools.polygon import PolygonTool
from seglabel.tools.preview import Line, Preview
from seglabel.tools.reshape import ReshapeTool
from seglabel.tools.scissors import ScissorsTool
from seglabel.tools.seeing import EdgeBrushTool, SuperpixelTool
from seglabel.tools.shapes import EllipseTool, LassoTool, RectangleTool
from seglabel.tools.strokes import GrabCutTool, WatershedTool
from seglabel.tools.wand import WandTool


def make_tools() -> dict[str, Tool]:
    """A fresh set of tools by name."""
    tools: tuple[Tool, ...] = (
        BrushTool(),
        EraserTool(),
        LassoTool(),
        PolygonTool(),
        RectangleTool(),
        EllipseTool(),
        FillTool(),
        WandTool(),
        SuperpixelTool(),
        EdgeBrushTool(),
        ScissorsTool(),
        GrabCutTool(),
        WatershedTool(),
        ReshapeTool(),
        MeasureTool(),
        SplitLineTool(),
        SplitSeedsTool(),
        MergeObjectsTool(),
        AssignObjectTool(),
    )
    return {tool.name: tool for tool in tools}


__all__ = [
    "BRUSH_SIZES",
    "Area",
    "Brush",
    "Line",
    "PictureSource",
    "Pointer",
    "Preview",
    "Scene",
    "Step",
    "Tool",
    "Work",
    "make_tools",
]
