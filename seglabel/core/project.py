"""A folder of images as a project: its categories, its images and how far each one is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from seglabel.core.categories import BACKGROUND, CategorySet
from seglabel.core.effort import Effort
from seglabel.core.errors import ProjectFormatError
from seglabel.core.status import Status


class Fault(StrEnum):
    """What became of the file of a labelled image since."""

    MISSING = "missing"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """What is known of one image besides its pixels.

    ``name`` is its path relative to the image folder, with ``/``. ``revision`` counts the saves.
    ``digest`` is blake2b of the file's bytes when it was last proposed for, or else labelled first;
    ``height`` and ``width`` are its upright size then. ``labelled`` is the digest of the bytes that
    its labels are about; a file of ``file_size`` bytes and ``file_time`` (of its last change, in
    ns) had them, so that it need not be read to know it again. ``model`` and ``model_digest`` name
    who proposed its labels last; ``confidence`` and ``uncertainty`` are means over that proposal,
    ``doubted`` the category that most of its uncertainty is about and ``doubted_uncertainty`` the
    mean over the pixels of that. ``error`` says why a run failed on it. ``effort`` is what a person
    put into it.
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
    labelled: str = ""
    file_size: int = 0
    file_time: int = 0

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
    Labelled images whose files are gone are no more among the images: they are ``missing``.
    """

    categories: CategorySet = field(default_factory=CategorySet)
    settings: dict[str, Any] = field(default_factory=dict)
    cut_names: dict[str, str] = field(default_factory=dict)
    _records: dict[str, ImageRecord] = field(default_factory=dict)
    _missing: dict[str, ImageRecord] = field(default_factory=dict)
    _changed: set[str] = field(default_factory=set)

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

    @property
    def missing(self) -> Mapping[str, ImageRecord]:
        """Labelled images whose files are gone, by name; read-only."""
        return MappingProxyType(self._missing)

    def record(self, name: str) -> ImageRecord | None:
        """What is known of an image, be its file there or not."""
        return self._records.get(name) or self._missing.get(name)

    def fault(self, name: str) -> Fault | None:
        """What is known to be wrong with the file of a labelled image."""
        if name in self._missing:
            return Fault.MISSING
        return Fault.CHANGED if name in self._changed else None

    def set_images(
        self, records: Iterable[ImageRecord], missing: Iterable[ImageRecord] = ()
    ) -> None:
        """Replace the image list."""
        self._records = {record.name: record for record in records}
        self._missing = {record.name: record for record in missing}
        self._changed = set()

    def update(self, record: ImageRecord) -> None:
        """Put in what is now known of one image."""
        place = self._missing if record.name in self._missing else self._records
        place[record.name] = record

    def note_changed(self, name: str, is_changed: bool) -> None:
        """Whether the file of an image is another one than its labels are about."""
        if is_changed:
            self._changed.add(name)
        else:
            self._changed.discard(name)

    def note_missing(self, record: ImageRecord) -> None:
        """A labelled image has no file."""
        self._missing[record.name] = record

    def forget_missing(self, name: str) -> None:
        """Its labels belong to another image now."""
        self._missing.pop(name, None)

    def with_status(self, *statuses: Status) -> tuple[str, ...]:
        """Names of the images in any of ``statuses``."""
        return tuple(name for name, record in self._records.items() if record.status in statuses)
