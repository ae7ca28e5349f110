"""The errors a person can meet. Each message names what, what was expected and what was found."""

from __future__ import annotations


class SegLabelError(Exception):
    """Something that seglabel refuses or cannot do, in words for the person who asked."""


class ImageError(SegLabelError):
    """An image file that cannot be used."""


class LabelError(SegLabelError):
    """A label file or label array that does not fit."""


class ProjectError(SegLabelError):
    """A project that cannot be opened, read or written."""


class ProjectFormatError(ProjectError):
    """A project file whose content is not what seglabel writes."""


class ConflictError(ProjectError):
    """Work that was not saved over newer work of somebody else, but beside it."""


class CheckpointError(SegLabelError):
    """A model file that cannot be used."""


class ExportError(SegLabelError):
    """An export that was not made."""


class ImportRefused(SegLabelError):
    """Annotations that were not brought in."""


class TrainingError(SegLabelError):
    """Training that cannot start or go on."""


class DownloadError(SegLabelError):
    """A file from the network that did not come, or not as it should."""


class Cancelled(SegLabelError):
    """The person stopped the job."""

    def __init__(self) -> None:
        super().__init__("cancelled")


def failure(name: str, problem: Exception) -> str:
    """What went wrong with an image, in a sentence that names it."""
    text = str(problem)
    if not isinstance(problem, SegLabelError):
        text = f"{type(problem).__name__}: {text}"
    return text if name in text or repr(name) in text else f"{name}: {text}"
