"""Between the categories of a model and those of a project."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seglabel.core.categories import BACKGROUND, VOID, CategorySet
from seglabel.core.errors import SegLabelError

TO_BACKGROUND = ""
TO_VOID = "void"

# Names of the same thing in the data sets that public models know, and in Chinese.
_SYNONYMS: tuple[frozenset[str], ...] = tuple(
    frozenset(group.split(", "))
    for group in (
        "person, people, human, pedestrian, man, 人, 行人, 人物",
        "car, automobile, auto, motorcar, 汽车, 轿车, 车",
        "truck, lorry, 卡车, 货车",
        "bus, coach, 公交车, 公共汽车, 巴士",
        "train, 火车, 列车",
        "bicycle, bike, cycle, 自行车, 单车",
        "motorcycle, motorbike, minibike, 摩托车",
        "aeroplane, airplane, plane, aircraft, 飞机",
        "boat, ship, vessel, 船",
        "road, street, roadway, 道路, 路, 马路",
        "sidewalk, pavement, footpath, footway, 人行道",
        "building, house, edifice, 建筑, 建筑物, 楼房, 房屋",
        "wall, 墙, 墙壁",
        "fence, 围栏, 栅栏",
        "pole, post, 杆",
        "traffic light, traffic signal, 交通灯, 红绿灯",
        "traffic sign, signboard, sign, 交通标志, 标志",
        "vegetation, plants, trees, 植被, 植物",
        "tree, 树, 树木",
        "grass, lawn, 草, 草地",
        "terrain, ground, earth, soil, barren, 地面, 土地, 裸地",
        "low vegetation, low_vegetation, 低矮植被",
        "impervious surface, impervious_surface, 不透水面",
        "sky, 天空, 天",
        "water, sea, river, lake, 水, 水体, 水域",
        "forest, woodland, 森林, 林地",
        "agricultural, farmland, field, crop, cropland, 农田, 耕地",
        "sofa, couch, 沙发",
        "diningtable, dining table, table, 餐桌, 桌子",
        "chair, seat, 椅子",
        "pottedplant, potted plant, flowerpot, 盆栽",
        "tvmonitor, tv, television, monitor, tv monitor, 电视, 显示器",
        "window, windowpane, 窗, 窗户",
        "door, 门",
        "roof, 屋顶",
        "cat, 猫",
        "dog, 狗",
        "bird, 鸟",
        "horse, 马",
        "sheep, 羊, 绵羊",
        "cow, cattle, ox, 牛",
        "bottle, 瓶子",
        "clutter, 杂物",
    )
)


@dataclass(frozen=True)
class CategoryMap:
    """``table`` (uint8, 256) turns the model's ids into the project's.

    ``unmapped`` are ids of the model that have no counterpart and become background. ``targets``
    says of each name of the model what it becomes: a name of the project, TO_VOID or TO_BACKGROUND.
    """

    table: NDArray[np.uint8]
    unmapped: dict[int, str]
    targets: dict[str, str]

    def digest_with(self, model_digest: str) -> str:
        """What tells apart by whom *and in which categories* an image was proposed."""
        table = hashlib.blake2b(self.table.tobytes(), digest_size=4).hexdigest()
        return f"{model_digest}-{table}"


def model_of(digest: str) -> str:
    """The digest of a model without that of the categories it was used in; see
    :meth:`CategoryMap.digest_with`."""
    return digest.rpartition("-")[0]


def match_by_name(
    model: CategorySet, project: CategorySet, chosen: Mapping[str, str] | None = None
) -> CategoryMap:
    """Map equal names, ignoring case and blanks, then names of the same thing.

    ``chosen`` is what a person decided: a name of the model → a name of the project, TO_VOID or
    TO_BACKGROUND; it comes first. What has no counterpart becomes background.
    """
    table = np.zeros(256, np.uint8)
    unmapped, targets = {}, {}
    decided = {_key(name): target for name, target in (chosen or {}).items()}
    for category in model:
        target = decided.get(_key(category.name))
        if target is None or not _exists(target, project):
            target = _counterpart(category.name, project)
        if target is None:
            unmapped[category.id] = category.name
            target = TO_BACKGROUND
        targets[category.name] = target
        table[category.id] = _id_of(target, project)
    return CategoryMap(table, unmapped, targets)


def parse_mapping(text: str, project: CategorySet) -> dict[str, str]:
    """``car=vehicle,person=void`` as a dictionary; ``background`` is TO_BACKGROUND.

    Raises SegLabelError that names the part and the names that would do.
    """
    chosen = {}
    for part in text.split(","):
        name, equals, target = (piece.strip() for piece in part.partition("="))
        if not name or not equals:
            raise SegLabelError(f"--map: expected model=project, found {part.strip()!r}")
        if _key(target) in ("background", _key(project.background)):
            target = TO_BACKGROUND
        if not _exists(target, project):
            known = ", ".join([*(c.name for c in project), "background", TO_VOID])
            raise SegLabelError(f"--map: no category is called {target!r}; known are {known}")
        chosen[name] = target
    return chosen


def _exists(target: str, project: CategorySet) -> bool:
    return target in (TO_BACKGROUND, TO_VOID) or project.named(target) is not None


def _id_of(target: str, project: CategorySet) -> int:
    found = project.named(target)  # a category that is called void comes before the value
    if found is not None:
        return found.id
    return VOID if target == TO_VOID else BACKGROUND


def _counterpart(name: str, project: CategorySet) -> str | None:
    """The project's name for what a model calls ``name``, if there is exactly one."""
    found = project.named(name)
    if found is not None:
        return found.name
    plain = _plain(name)
    same = [c.name for c in project if _plain(c.name) == plain]
    if not same:
        same = [c.name for c in project if any({plain, _plain(c.name)} <= g for g in _SYNONYMS)]
    return same[0] if len(same) == 1 else None


def _key(name: str) -> str:
    return name.strip().casefold()


def _plain(name: str) -> str:
    """Without the marks that data sets write between words."""
    return " ".join(name.replace("_", " ").replace("-", " ").casefold().split())
