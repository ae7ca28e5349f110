"""What models said of images that judge them, kept so that nothing is computed twice.

One ``.npz`` for each model and image, which is replaced when anything that decides it has changed.
"""

from __future__ import annotations

import io
import shutil
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seglabel.core.metrics import PairCounts
from seglabel.formats.atomic import WriteError, write_bytes
from seglabel.formats.folder import shortened
from seglabel.formats.project_store import stored_name

EVALUATIONS_FOLDER = "evaluations"

_DAMAGE = (OSError, EOFError, ValueError, TypeError, KeyError, zlib.error, zipfile.BadZipFile)


class EvaluationStore:
    """Counts and label maps by model and image, below ``folder``.

    ``model`` names a model for the file system, ``key`` tells apart everything else that decides
    the numbers; what is kept under another key, or damaged, counts as absent.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def counts(self, model: str, name: str, key: str) -> PairCounts | None:
        """What was counted, without reading the label map."""
        with suppress(*_DAMAGE), np.load(self._path(model, name), allow_pickle=False) as archive:
            if str(archive["key"]) == key:
                return PairCounts(
                    archive["pairs"].astype(np.uint16), archive["counts"].astype(np.int64)
                )
        return None

    def labels(self, model: str, name: str, key: str) -> NDArray[np.uint8] | None:
        """What the model proposed, in the ids of the truth, uint8 (H, W)."""
        with suppress(*_DAMAGE), np.load(self._path(model, name), allow_pickle=False) as archive:
            labels = archive["labels"] if str(archive["key"]) == key else None
            if labels is not None and labels.dtype == np.uint8 and labels.ndim == 2:
                return np.asarray(labels, np.uint8)
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
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for part, array in arrays.items():
                with archive.open(f"{part}.npy", "w", force_zip64=True) as file:
                    np.lib.format.write_array(file, array, allow_pickle=False)
        with suppress(WriteError):
            write_bytes(self._path(model, name), buffer.getvalue())

    def forget(self, model: str) -> None:
        """Remove what is kept of all models whose name begins so."""
        if self._folder.is_dir():
            for folder in self._folder.iterdir():
                if folder.name.startswith(model) and folder.is_dir():
                    shutil.rmtree(folder, ignore_errors=True)

    def _path(self, model: str, name: str) -> Path:
        return self._folder / shortened(model) / f"{stored_name(name)}.npz"
