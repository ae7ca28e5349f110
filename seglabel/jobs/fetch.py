"""Fetch: public weights from the network into the person's own folder of models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seglabel.core.cancel import Cancel
from seglabel.core.errors import DownloadError
from seglabel.core.progress import Progress, ProgressCallback, ignore_progress
from seglabel.core.public_weights import PublicWeights
from seglabel.formats.download import digest_of, download, free_bytes
from seglabel.resources import resource


@dataclass(frozen=True)
class FetchReport:
    """Where the weights lie. ``sha256`` is the checkpoint's, checked if there was one to check by.

    ``was_there`` says that nothing was fetched.
    """

    path: Path
    sha256: str
    is_checked: bool
    was_there: bool

    def to_json(self) -> dict[str, Any]:
        return {
            "model": str(self.path),
            "sha256": self.sha256,
            "checked": self.is_checked,
            "was_there": self.was_there,
        }


def fetched_path(weights: PublicWeights, folder: Path) -> Path:
    """Where the weights lie below ``folder`` once they were fetched.

    A folder for what is more than one file, and the checkpoint itself otherwise. What is built in
    lies with the program.
    """
    if weights.is_built_in:
        return resource("models", weights.files[0].name)
    own = folder / weights.name
    return own if len(weights.files) > 1 else own / weights.files[0].name


def is_fetched(weights: PublicWeights, folder: Path) -> bool:
    if weights.is_built_in:
        return fetched_path(weights, folder).is_file()
    own = folder / weights.name
    return all((own / file.name).is_file() for file in weights.files)


def fetch(
    weights: PublicWeights,
    folder: Path,
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: Cancel | None = None,
) -> FetchReport:
    """Download what is missing, with resume and checksum.

    Progress counts bytes. Raises DownloadError, WriteError or Cancelled; what came so far is kept
    and a later call goes on from there.
    """
    own = folder / weights.name
    path, checkpoint = fetched_path(weights, folder), weights.files[0]
    if is_fetched(weights, folder):
        found = digest_of(path if weights.is_built_in else own / checkpoint.name)
        if found.startswith(checkpoint.sha256):
            return FetchReport(path, found, bool(checkpoint.sha256), True)
    if weights.is_built_in:
        raise DownloadError(f"{path}: missing or damaged, but it is part of seglabel: reinstall it")
    wanted = weights.megabytes * 1e6
    free = free_bytes(folder)
    if free < 1.1 * wanted:
        raise DownloadError(
            f"{folder}: {weights.name} needs {wanted / 1e6:.0f} MB, {free / 1e6:.0f} MB are free"
        )
    digests = []
    for file in weights.files:

        def tell(done: int, total: int, name: str = file.name) -> None:
            progress(Progress(done, total or round(wanted), name))

        digests.append(
            download(file.url, own / file.name, sha256=file.sha256, progress=tell, cancel=cancel)
        )
    return FetchReport(path, digests[0], bool(checkpoint.sha256), False)
