"""Predict: proposals for a whole folder, past bad images, resumable. What all engines share."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from seglabel.core.cancel import Cancel
from seglabel.core.categories import CategorySet
from seglabel.core.errors import SegLabelError
from seglabel.core.geometry import Region
from seglabel.core.picture import PictureSource
from seglabel.core.project import ImageRecord, Project
from seglabel.core.proposal import Proposal
from seglabel.core.status import Status
from seglabel.formats.images import OpenPicture

_READ_AHEAD = 1 << 25
"""Pictures of more pixels are not decoded before their turn: several of them fill the memory."""

RENEW_SETTING = "propose_anew"  # the model by which all is to be proposed

Only = Literal["untouched", "empty", "proposed", "all"]


class Proposer(Protocol):
    """What a job needs of a segmenter."""

    name: str
    digest: str

    @property
    def categories(self) -> CategorySet: ...

    @property
    def batch_size(self) -> int:
        """How many pictures of one shape it would like to be given together."""
        ...

    def propose(
        self, image: NDArray[np.uint8] | PictureSource, cancel: Cancel | None = None
    ) -> Proposal: ...

    def propose_batch(
        self, images: Sequence[NDArray[np.uint8]], cancel: Cancel | None = None
    ) -> list[Proposal]: ...


class Pictures(Protocol):
    """Where pictures come from, as a project or a folder."""

    def digest(self, name: str) -> str:
        """That of the file's bytes. Raises ImageError."""
        ...

    def open_image(self, name: str) -> OpenPicture:
        """The upright picture. Raises ImageError."""
        ...


class Sink(Protocol):
    """Where proposals go."""

    @property
    def categories(self) -> CategorySet:
        """In whose ids labels are written."""
        ...

    def is_done(self, name: str, digest: str, model_digest: str) -> bool:
        """Whether exactly this file was already proposed by this model in these categories.

        Raises SegLabelError if what is there must not be replaced.
        """
        ...

    def write(self, name: str, proposal: Proposal, digest: str) -> None: ...

    def fail(self, name: str, message: str) -> None: ...


@dataclass
class PredictReport:
    """What a run did. ``failed`` holds one message per image."""

    proposed: int = 0
    skipped: int = 0
    failed: list[str] = field(default_factory=list)
    unmapped: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def images_per_second(self) -> float:
        return self.proposed / self.seconds if self.seconds else 0.0

    def to_json(self) -> dict[str, Any]:
        return {
            "proposed": self.proposed,
            "skipped": self.skipped,
            "failed": self.failed,
            "unmapped_pixels": self.unmapped,
            "seconds": round(self.seconds, 3),
            "images_per_second": round(self.images_per_second, 3),
        }


def select(records: Iterable[ImageRecord], only: Only) -> list[str]:
    """Names of the images a run is about."""
    wanted = {
        "untouched": {Status.EMPTY, Status.PROPOSED},
        "empty": {Status.EMPTY},
        "proposed": {Status.PROPOSED},
        "all": set(Status),
    }[only]
    return [record.name for record in records if record.status in wanted]


def part_of(names: Sequence[str], part: int, parts: int) -> list[str]:
    """The ``part``-th of ``parts`` (from 1): each name is in exactly one, whoever else asks.

    It hangs on the name alone, so that machines agree even if some images are done already.
    """

    def place(name: str) -> int:
        digest = hashlib.blake2b(name.encode(errors="surrogateescape"), digest_size=8).digest()
        return int.from_bytes(digest, "big") % parts

    return [name for name in names if place(name) == part - 1]


def chosen_mapping(project: Project) -> dict[str, str]:
    """What a person decided that categories of models become in this project."""
    kept = project.settings.get("mapping")
    return {str(k): str(v) for k, v in kept.items()} if isinstance(kept, dict) else {}


def is_to_be_renewed(project: Project) -> bool:
    """Whether images that nobody touched are still to be proposed anew by the model in use."""
    wanted = project.settings.get(RENEW_SETTING)
    return bool(wanted) and wanted == project.settings.get("model")


def read_small(opened: OpenPicture) -> NDArray[np.uint8] | OpenPicture:
    """The pixels of a picture of usual size, which is closed; a large one as it was given.

    Raises ImageError.
    """
    if opened.shape[0] * opened.shape[1] > _READ_AHEAD:
        return opened
    with opened:
        return opened.read(Region.whole(opened.shape))


def propose_once(
    segmenter: Proposer, picture: NDArray[np.uint8] | OpenPicture, cancel: Cancel
) -> Proposal:
    """A proposal for what :func:`read_small` gave, which is closed afterwards.

    Raises SegLabelError if it does not fit the picture, or says no probabilities.
    """
    with nullcontext() if isinstance(picture, np.ndarray) else picture:
        return checked(segmenter.propose(picture, cancel), picture.shape[:2], segmenter.name)


def propose_together(
    segmenter: Proposer, pictures: Sequence[NDArray[np.uint8]], cancel: Cancel
) -> list[Proposal]:
    """The same for pictures of one shape."""
    found = segmenter.propose_batch(pictures, cancel)
    if len(found) != len(pictures):
        raise SegLabelError(
            f"{segmenter.name}: expected {len(pictures)} proposals, found {len(found)}"
        )
    pairs = zip(found, pictures, strict=True)
    return [checked(one, picture.shape[:2], segmenter.name) for one, picture in pairs]


def checked(proposal: Proposal, shape: tuple[int, ...], name: str) -> Proposal:
    """The proposal of the model ``name`` for a picture of ``shape``. Raises SegLabelError if it
    does not fit, or says no probabilities."""
    labels = proposal.labels
    if labels.shape != shape or labels.dtype != np.uint8:
        raise SegLabelError(
            f"{name}: expected labels uint8 {shape}, found {labels.dtype} {labels.shape}"
        )
    for grid in (proposal.confidence_grid, proposal.uncertainty_grid):
        if grid.ndim != 2 or not grid.size or not np.isfinite(grid).all():
            raise SegLabelError(f"{name}: says how sure it is in numbers that are not finite")
    return proposal
