"""Proposals on disk: one ``.npz`` each, so that labels and confidence are of the same model."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

import numpy as np

from seglabel.core.errors import ProjectFormatError
from seglabel.core.proposal import Proposal

# What numpy, zipfile and zlib raise at bytes that are no archive, or of something else.
_DAMAGE = (OSError, EOFError, ValueError, TypeError, KeyError, zlib.error, zipfile.BadZipFile)
_STEPS = 255  # confidence is kept in steps of 1/255


def encode_proposal(proposal: Proposal) -> bytes:
    """A compressed NumPy archive: labels, confidence in 1/255, model name and digest."""
    buffer = io.BytesIO()
    grid = proposal.confidence_grid.astype(np.float32)
    np.savez_compressed(
        buffer,
        labels=proposal.labels,
        confidence=np.rint(np.clip(grid, 0, 1) * _STEPS).astype(np.uint8),
        model=np.array(proposal.model),
        model_digest=np.array(proposal.model_digest),
        note=np.array(proposal.note),
    )
    return buffer.getvalue()


def read_proposal(path: Path) -> Proposal | None:
    """Read what :func:`encode_proposal` made; ``None`` where there is no such file."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            labels, confidence = archive["labels"], archive["confidence"]
            texts = [str(archive[key]) for key in ("model", "model_digest", "note")]
    except FileNotFoundError:
        return None
    except _DAMAGE as error:
        raise ProjectFormatError(f"{path}: damaged proposal ({error})") from error
    if labels.dtype != np.uint8 or labels.ndim != 2 or confidence.ndim != 2:
        raise ProjectFormatError(f"{path}: expected labels and confidence of one image")
    grid = (confidence.astype(np.float32) / _STEPS).astype(np.float16)
    return Proposal(labels, grid, *texts)
