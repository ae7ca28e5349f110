"""Between the categories of a model and those of a project."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seglabel.core.categories import BACKGROUND, CategorySet


@dataclass(frozen=True)
class CategoryMap:
    """``table`` (uint8, 256) turns the model's ids into the project's.

    ``unmapped`` are ids of the model that have no counterpart and become background.
    """

    table: NDArray[np.uint8]
    unmapped: dict[int, str]

    def digest_with(self, model_digest: str) -> str:
        """What tells apart by whom *and in which categories* an image was proposed."""
        table = hashlib.blake2b(self.table.tobytes(), digest_size=4).hexdigest()
        return f"{model_digest}-{table}"


def match_by_name(model: CategorySet, project: CategorySet) -> CategoryMap:
    """Map equal names, ignoring case and blanks; everything else becomes background."""
    table = np.zeros(256, np.uint8)
    unmapped = {}
    for category in model:
        found = project.named(category.name)
        if found is None:
            unmapped[category.id] = category.name
        table[category.id] = BACKGROUND if found is None else found.id
    return CategoryMap(table, unmapped)
