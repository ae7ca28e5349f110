"""What a tool is: pointer events in, pixels to paint out. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seglabel.core.cancel import Cancel
from seglabel.core.geometry import Region
from seglabel.core.picture import PictureSource
from seglabel.core.raster import BrushShape
from seglabel.tools.options import BRUSH_SIZES, Option, Values
from seglabel.tools.preview import NOTHING, Preview

Mask = NDArray[np.bool_]
LabelMap = NDArray[np.uint8]
Numbers = NDArray[np.uint16]
Pixels = NDArray[np.uint8]

Work = Callable[[Cancel], Any]
"""Something slow, free of side effects; what it gives comes back by :meth:`Tool.receive`."""


_NOWHERE = Region(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the pointer is, in pixels of the image with pixel centres on whole numbers.

    ``pressure`` is 1 for a mouse and 0–1 for a pen. ``clicks`` is 2 where a press is the second of
    a double click. ``secondary``: by the right button or with Alt.
    """

    y: float
    x: float
    pressure: float = 1.0
    clicks: int = 1
    shift: bool = False
    control: bool = False
    secondary: bool = False

    @property
    def point(self) -> tuple[float, float]:
        return self.y, self.x


@dataclass(frozen=True, slots=True)
class Brush:
    """Diameter in pixels and shape."""

    size: int = 24
    shape: BrushShape = "round"

    def resized(self, size: int) -> Brush:
        """Of another size, kept within what is allowed."""
        return Brush(min(max(size, BRUSH_SIZES[0]), BRUSH_SIZES[1]), self.shape)


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What a tool looks at; it changes nothing in it.

    ``labels`` is the label map, uint8 (H, W), read-only. ``category_id`` is what would be painted,
    background where the tool erases. ``options`` holds a value for every option of the tool.
    ``viewport`` is the part of the image on screen and ``scale`` the screen's pixels per image
    pixel. ``numbers``, uint16 (H, W), tell objects of the categories in ``things`` apart.
    """

    labels: LabelMap
    picture: PictureSource
    category_id: int
    brush: Brush = Brush()
    options: Values = field(default_factory=dict)
    viewport: Region = _NOWHERE
    scale: float = 1.0
    numbers: Numbers | None = None
    things: frozenset[int] = frozenset()

    @property
    def shape(self) -> tuple[int, int]:
        return self.labels.shape[0], self.labels.shape[1]

    @property
    def reach(self) -> float:
        """How far from a handle a press still takes hold of it, in pixels of the image."""
        return 9 / self.scale


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """Pixels to paint: those of ``mask`` (bool, the region's size, may reach over the border).

    They get the category of the scene, or where ``labels`` (uint8, the region's size) is given,
    what stands there. With ``numbers`` (uint16, the region's size) they keep their category and are
    told apart as objects.
    """

    region: Region
    mask: Mask
    labels: LabelMap | None = None
    numbers: Numbers | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What an event led to. A gesture goes on until a step is ``done``; it is one step of undo.

    ``areas`` are painted at once. ``work`` is done off the GUI thread; newer work takes the place
    of older that has not come back. ``settings`` are options that the tool itself changes.
    """

    areas: tuple[Area, ...] = ()
    work: Work | None = None
    done: bool = False
    settings: Values = field(default_factory=dict)


STAY = Step()
DONE = Step(done=True)


class Tool:
    """One tool, serving one gesture after another. By default an event means nothing to it.

    A gesture begins with :meth:`press`. ``hint`` says in a few words how the tool is used, for the
    window to translate. ``has_footprint``: the brush is drawn under the pointer. ``paints``: it
    needs a category.
    """

    name: str = ""
    hint: str = ""
    options: tuple[Option, ...] = ()
    erases: bool = False
    paints: bool = True
    has_footprint: bool = False

    def shown_options(self, values: Values) -> tuple[Option, ...]:
        """Those of the options that matter while these values are set."""
        return self.options

    @property
    def preview(self) -> Preview:
        """What to draw over the picture now."""
        return NOTHING

    def press(self, pointer: Pointer, scene: Scene) -> Step:
        return DONE

    def move(self, pointer: Pointer, scene: Scene) -> Step:
        """The pointer moved while it was down."""
        return STAY

    def release(self, pointer: Pointer, scene: Scene) -> Step:
        return STAY

    def hover(self, pointer: Pointer | None, scene: Scene) -> Step:
        """The pointer moved while it was up, or left. Nothing can be painted by that."""
        return STAY

    def finish(self, scene: Scene) -> Step:
        """Enter: paint what was prepared."""
        return STAY

    def step_back(self, scene: Scene) -> Step:
        """Backspace: take the last part of an unfinished gesture back."""
        return STAY

    def receive(self, result: Any, scene: Scene) -> Step:
        """Work came to its end: what it gave, a region and the mask inside it, is painted."""
        return Step((Area(*result),), done=True)

    def reset(self) -> None:
        """The gesture ended or was given up: forget it."""

    def leave(self) -> None:
        """Another image is worked on, or with another tool: forget what was seen."""
