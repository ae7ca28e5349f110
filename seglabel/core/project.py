"""A folder of images as a project: its categories, its images and how far each one is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from seglabel.core.categories import BACKGROUND, CategorySet
from seglabel.core.effort import Effort
from seglabel.core.errors import ProjectFormatError
from seglabel.core.status import Status


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """What is known of one image besides its pixels.

    ``name`` is its path relative to the image folder, with ``/``. ``revision`` counts the saves.
    ``digest`` is blake2b of the file's bytes when it was last read, ``height`` and ``width`` its
    upright size then. ``model`` and ``model_digest`` name who proposed its labels last;
    ``confidence`` and ``uncertainty`` are means over that proposal, ``doubted`` the category that
    most of its uncertainty is about and ``doubted_uncertainty`` the mean over the pixels of that.
    ``error`` says why a run failed on it. ``effort`` is what a person put into it.
    """

    name: str
    status: Status = Status.EMPTY
    revision: int = 0
    height: int = 0
    width: int = 0
    digest: str = ""
    model: str = ""
    model_digest: str = ""
    confidence: float | None = None
    error: str = ""
    uncertainty: float | None = None
    doubted: int | None = None
    doubted_uncertainty: float | None = None
    effort: Effort = field(default_factory=Effort)

    def to_json(self) -> dict[str, Any]:
        """Only what differs from a new record, so that a line stays short."""
        blank = ImageRecord(self.name)
        values = {key: getattr(self, key) for key in _RECORD_FIELDS}
        return {
            key: value.to_json() if isinstance(value, Effort) else value
            for key, value in values.items()
            if key == "name" or value != getattr(blank, key)
        }

    @classmethod
    def from_json(cls, data: Any) -> ImageRecord:
        """Read what :meth:`to_json` wrote. Raises ProjectFormatError."""
        if not isinstance(data, dict) or not isinstance(data.get("name"), str):
            raise ProjectFormatError(
                f"image record: expected an object with a name, found {data!r}"
            )
        known = {key: data[key] for key in _RECORD_FIELDS if key in data}
        try:
            known["status"] = Status(known.get("status", Status.EMPTY))
        except ValueError as error:
            raise ProjectFormatError(
                f"{data['name']}: unknown status {data['status']!r}"
            ) from error
        if "effort" in known:
            try:
                known["effort"] = Effort.from_json(known["effort"])
            except ProjectFormatError as error:
                raise ProjectFormatError(f"{data['name']}: {error}") from error
        blank = cls(data["name"])
        for key, value in known.items():
            default = getattr(blank, key)
            wanted = int | float | None if default is None else type(default)
            if not isinstance(value, wanted):
                raise ProjectFormatError(f"{data['name']}: {key}: unexpected {value!r}")
        return cls(**known)

    @property
    def doubt(self) -> float | None:
        """Mean uncertainty, 0–1; of a proposal of the first version what it lacks in confidence."""
        if self.uncertainty is None and self.confidence is not None:
            return 1 - self.confidence
        return self.uncertainty

    def changed(self, **values: Any) -> ImageRecord:
        return replace(self, **values)


_RECORD_FIELDS = tuple(ImageRecord.__slots__)


@dataclass
class Project:
    """Categories, images and the settings that belong to the data.

    ``cut_names`` gives the whole name of every image whose files are kept under a shorter one.
    """

    categories: CategorySet = field(default_factory=CategorySet)
    settings: dict[str, Any] = field(default_factory=dict)
    cut_names: dict[str, str] = field(default_factory=dict)
    _records: dict[str, ImageRecord] = field(default_factory=dict)

    @property
    def locked(self) -> frozenset[int]:
        """Ids of the categories whose pixels nothing changes."""
        ids = self.settings.get("locked", [])
        if not isinstance(ids, list):
            return frozenset()
        known = (BACKGROUND, *self.categories.ids)
        return frozenset(i for i in ids if isinstance(i, int) and i in known)

    @property
    def records(self) -> Mapping[str, ImageRecord]:
        """Every image by name, in the order of the names; read-only."""
        return MappingProxyType(self._records)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._records)

    def set_images(self, records: Iterator[ImageRecord]) -> None:
        """Replace the image list."""
        self._records = {record.name: record for record in records}

    def update(self, record: ImageRecord) -> None:
        """Put in what is now known of one image."""
        self._records[record.name] = record

    def with_status(self, *statuses: Status) -> tuple[str, ...]:
        """Names of the images in any of ``statuses``."""
        return tuple(name for name, record in self._records.items() if record.status in statuses)
