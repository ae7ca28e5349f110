"""Drives tools as the editor does, without a window and with slow work done at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seglabel.core.cancel import Cancel
from seglabel.core.categories import BACKGROUND
from seglabel.core.document import Document, OpenEdit
from seglabel.core.errors import LabelError
from seglabel.core.geometry import Region
from seglabel.core.picture import ArrayPicture
from seglabel.tools import Brush, PictureSource, Pointer, Scene, Step, make_tools


class Hand:
    """One tool on one document. ``at`` is a point (y, x); keywords are those of a Pointer."""

    def __init__(
        self,
        document: Document,
        tool: str,
        picture: PictureSource | NDArray[np.uint8] | None = None,
        *,
        category_id: int = 5,
        brush: Brush = Brush(),  # noqa: B008 - a frozen value
        **options: int | str | bool,
    ) -> None:
        if picture is None:
            picture = np.zeros((*document.shape, 3), np.uint8)
        if isinstance(picture, np.ndarray):
            picture = ArrayPicture(picture)
        self.document = document
        self.picture = picture
        self.tool = make_tools()[tool]
        self.category_id = category_id
        self.brush = brush
        self.scale = 1.0
        self.options = {option.key: option.default for option in self.tool.options} | options
        self.edit: OpenEdit | None = None
        self.erases = False
        self.regions: list[Region | None] = []

    @property
    def scene(self) -> Scene:
        labels = self.document.labels.view()
        labels.flags.writeable = False
        erases = self.erases or self.tool.erases
        return Scene(
            labels,
            self.picture,
            BACKGROUND if erases else self.category_id,
            self.brush,
            self.options,
            Region.whole(self.document.shape),
            self.scale,
            self.document.instances,
            frozenset({1, 2}),
        )

    @property
    def is_open(self) -> bool:
        return self.edit is not None

    def press(self, at: tuple[float, float], **details: object) -> None:
        if self.edit is None:
            self.erases = bool(details.get("secondary"))
            self.edit = self.document.begin(self.tool.name)
        self._follow(self.tool.press(Pointer(*at, **details), self.scene))

    def move(self, at: tuple[float, float], **details: object) -> None:
        if self.edit is not None:
            self._follow(self.tool.move(Pointer(*at, **details), self.scene))

    def release(self, at: tuple[float, float], **details: object) -> None:
        if self.edit is not None:
            self._follow(self.tool.release(Pointer(*at, **details), self.scene))

    def hover(self, at: tuple[float, float]) -> None:
        self._follow(self.tool.hover(Pointer(*at), self.scene))

    def click(self, at: tuple[float, float], **details: object) -> None:
        self.press(at, **details)
        self.release(at, **details)

    def drag(self, *way: tuple[float, float], **details: object) -> None:
        self.press(way[0], **details)
        for at in way[1:]:
            self.move(at, **details)
        self.release(way[-1], **details)

    def finish(self) -> None:
        if self.edit is not None:
            self._follow(self.tool.finish(self.scene))

    def step_back(self) -> None:
        if self.edit is not None:
            self._follow(self.tool.step_back(self.scene))

    def cancel(self) -> None:
        self.tool.reset()
        if self.edit is not None:
            self.edit.cancel()
            self.edit = None

    def _follow(self, step: Step) -> None:
        if self.edit is not None:
            region = None
            for area in step.areas:
                if area.numbers is not None:
                    region = self.edit.number(area.region, area.mask, area.numbers)
                elif area.labels is None:
                    region = self.edit.paint(area.region, area.mask, self.scene.category_id)
                else:
                    region = self.edit.assign(area.region, area.mask, area.labels, painted=True)
            self.regions.append(region)
        if step.done:
            self.tool.reset()
            if self.edit is not None:
                edit, self.edit = self.edit, None
                edit.commit()
        elif step.work is not None:
            try:
                result = step.work(Cancel())
            except LabelError:  # there is nothing to do: the editor says why
                self.cancel()
            else:
                self._follow(self.tool.receive(result, self.scene))
