"""The one table of exchange formats. Plug-ins add theirs by entry points.

A plug-in's distribution declares, in the group ``seglabel.formats``, a name and an object that is a
:class:`Format`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import entry_points

from seglabel.formats.coco import CocoExporter, read_coco
from seglabel.formats.exchange import ExporterFactory, Importer
from seglabel.formats.masks import MaskExporter, read_masks
from seglabel.formats.voc import VocExporter, read_voc

_GROUP = "seglabel.formats"


@dataclass(frozen=True, slots=True)
class Format:
    """A data set format: how to write it, if it can be, and how to read it, if it can be."""

    name: str
    title: str
    exporter: ExporterFactory | None
    importer: Importer | None


_BUILT_IN = (
    Format("coco", "COCO instances", CocoExporter, read_coco),
    Format("voc", "Pascal VOC", VocExporter, read_voc),
    Format("masks", "Index PNGs", MaskExporter, read_masks),
)


def formats() -> dict[str, Format]:
    """All formats by name, the built-in ones first."""
    table = {one.name: one for one in _BUILT_IN}
    for entry in sorted(entry_points(group=_GROUP), key=lambda e: e.name):
        plugin = entry.load()
        if isinstance(plugin, Format):
            table.setdefault(plugin.name, plugin)
    return table
