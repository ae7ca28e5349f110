"""What models said of images that judge them, kept so that nothing is computed twice.

One ``.npz`` for each model and image, which is replaced when anything that decides it has changed.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seglabel.core.errors import ProjectFormatError
from seglabel.core.metrics import PairCounts
from seglabel.formats.array_archive import encode_arrays, open_arrays
from seglabel.formats.atomic import WriteError, write_bytes
from seglabel.formats.folder import shortened
from seglabel.formats.layout import stored_name

EVALUATIONS_FOLDER = "evaluations"


class EvaluationStore:
    """Counts and label maps by model and image, below ``folder``.

    ``model`` names a model for the file system, ``key`` tells apart everything else that decides
    the numbers; what is kept under another key, or damaged, counts as absent.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def counts(self, model: str, name: str, key: str) -> PairCounts | None:
        """What was counted, without reading the label map."""
        with suppress(ProjectFormatError), open_arrays(self._path(model, name)) as archive:
            if archive is not None and str(archive["key"]) == key:
                pairs, counts = archive["pairs"], archive["counts"]
                is_whole = pairs.dtype == np.uint16 and counts.dtype == np.int64
                if is_whole and pairs.ndim == 1 and pairs.shape == counts.shape:
                    return PairCounts(pairs, counts)
        return None

    def labels(self, model: str, name: str, key: str) -> NDArray[np.uint8] | None:
        """What the model proposed, in the ids of the truth, uint8 (H, W)."""
        with suppress(ProjectFormatError), open_arrays(self._path(model, name)) as archive:
            if archive is not None and str(archive["key"]) == key:
                labels = archive["labels"]
                if labels.dtype == np.uint8 and labels.ndim == 2:
                    return labels
        return None

    def keep(
        self, model: str, name: str, key: str, counts: PairCounts, labels: NDArray[np.uint8]
    ) -> None:
        """Keep what was found, if there is room: without it the next look only takes longer."""
        arrays = {
            "key": np.array(key),
            "pairs": counts.pairs,
            "counts": counts.counts,
            "labels": labels,
        }
        with suppress(WriteError):
            write_bytes(self._path(model, name), encode_arrays(arrays))

    def forget(self, model: str) -> None:
        """Remove what is kept of all models whose name begins so."""
        if self._folder.is_dir():
            for folder in self._folder.iterdir():
                if folder.name.startswith(model) and folder.is_dir():
                    shutil.rmtree(folder, ignore_errors=True)

    def _path(self, model: str, name: str) -> Path:
        return self._folder / shortened(model) / f"{stored_name(name)}.npz"
