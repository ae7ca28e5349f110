"""Category sets that data sets made well known."""

from __future__ import annotations

from seglabel.core.categories import Category, CategorySet
from seglabel.core.palettes import Color, voc_color

_VOC_NAMES = (
    "aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike "
    "person pottedplant sheep sofa train tvmonitor"
).split()

VOC = CategorySet(
    tuple(
        Category(index, name, voc_color(index), is_thing=True)
        for index, name in enumerate(_VOC_NAMES, start=1)
    )
)
"""The twenty classes of the PASCAL VOC challenges, in their order and colours."""

# name, colour, thing: the 19 classes that Cityscapes evaluates, in the order of its train ids
_CITYSCAPES: tuple[tuple[str, Color, bool], ...] = (
    ("road", (128, 64, 128), False),
    ("sidewalk", (244, 35, 232), False),
    ("building", (70, 70, 70), False),
    ("wall", (102, 102, 156), False),
    ("fence", (190, 153, 153), False),
    ("pole", (153, 153, 153), False),
    ("traffic light", (250, 170, 30), False),
    ("traffic sign", (220, 220, 0), False),
    ("vegetation", (107, 142, 35), False),
    ("terrain", (152, 251, 152), False),
    ("sky", (70, 130, 180), False),
    ("person", (220, 20, 60), True),
    ("rider", (255, 0, 0), True),
    ("car", (0, 0, 142), True),
    ("truck", (0, 0, 70), True),
    ("bus", (0, 60, 100), True),
    ("train", (0, 80, 100), True),
    ("motorcycle", (0, 0, 230), True),
    ("bicycle", (119, 11, 32), True),
)

CITYSCAPES = CategorySet(
    tuple(
        Category(index, name, color, thing)
        for index, (name, color, thing) in enumerate(_CITYSCAPES, start=1)
    ),
    background="not labelled",
    background_is_void=True,
)

TEMPLATES: dict[str, str] = {"voc": "Pascal VOC (20)", "cityscapes": "Cityscapes (19)"}
"""Key and title of each set that can be chosen."""


def template(key: str) -> CategorySet:
    """The set of a key in :data:`TEMPLATES`."""
    return {"voc": VOC, "cityscapes": CITYSCAPES}[key]
