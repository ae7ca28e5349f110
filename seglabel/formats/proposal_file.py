"""Proposals on disk: one ``.npz`` each, so that all of it is of the same model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seglabel.core.errors import ProjectFormatError
from seglabel.core.proposal import Proposal
from seglabel.core.uncertainty import Certainty
from seglabel.formats.array_archive import ArrayArchive, encode_arrays, open_arrays

_STEPS = 255  # confidence and uncertainty are kept in steps of 1/255


def encode_proposal(proposal: Proposal) -> bytes:
    """A compressed NumPy archive: labels, confidence and uncertainty in 1/255, model, digest, and
    the descriptor where there is one."""
    arrays = {
        "labels": proposal.labels,
        "confidence": _in_steps(proposal.confidence_grid),
        "uncertainty": _in_steps(proposal.uncertainty_grid),
        "model": np.array(proposal.model),
        "model_digest": np.array(proposal.model_digest),
        "note": np.array(proposal.note),
    }
    if proposal.descriptor is not None:
        arrays["descriptor"] = proposal.descriptor
    return encode_arrays(arrays)


def encode_descriptor(model_digest: str, descriptor: NDArray[np.float16]) -> bytes:
    """What :func:`read_descriptor` wants of an archive, and nothing else."""
    return encode_arrays({"model_digest": np.array(model_digest), "descriptor": descriptor})


def read_proposal(path: Path) -> Proposal | None:
    """Read what :func:`encode_proposal` made; ``None`` where there is no such file."""
    with open_arrays(path) as archive:
        if archive is None:
            return None
        labels = archive["labels"]
        confidence, uncertainty = _grids(archive)
        model, model_digest, note = (str(archive[key]) for key in ("model", "model_digest", "note"))
        descriptor = _descriptor(archive, path)
    is_grid = confidence.ndim == 2 and uncertainty.shape == confidence.shape
    if labels.dtype != np.uint8 or labels.ndim != 2 or not is_grid:
        raise ProjectFormatError(f"{path}: expected labels and confidence of one image")
    grids = (_from_steps(confidence), _from_steps(uncertainty))
    return Proposal(labels, *grids, model, model_digest, note, descriptor)


def read_certainty(path: Path, shape: tuple[int, int]) -> Certainty | None:
    """How sure the model was, without reading the labels of an image of ``shape`` (H, W)."""
    with open_arrays(path) as archive:
        if archive is None:
            return None
        confidence, uncertainty = _grids(archive)
    if confidence.ndim != 2 or not confidence.size or uncertainty.shape != confidence.shape:
        raise ProjectFormatError(f"{path}: expected labels and confidence of one image")
    return Certainty(_from_steps(confidence), _from_steps(uncertainty), shape)


def read_descriptor(path: Path) -> tuple[str, NDArray[np.float16]] | None:
    """Digest of the model and descriptor, float16 (D,), of an archive that has one, else ``None``.

    Nothing else of it is read.
    """
    with open_arrays(path) as archive:
        descriptor = None if archive is None else _descriptor(archive, path)
        if archive is None or descriptor is None:
            return None
        return str(archive["model_digest"]), descriptor


def _descriptor(archive: ArrayArchive, path: Path) -> NDArray[np.float16] | None:
    if "descriptor" not in archive:
        return None
    found = archive["descriptor"]
    if found.dtype != np.float16 or found.ndim != 1 or not np.isfinite(found).all():
        raise ProjectFormatError(f"{path}: expected the descriptor of one image")
    return np.asarray(found)


def _grids(archive: ArrayArchive) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    confidence = archive["confidence"]
    # Proposals of the first version have no uncertainty.
    return confidence, archive["uncertainty"] if "uncertainty" in archive else 255 - confidence


def _in_steps(grid: NDArray[np.float16]) -> NDArray[np.uint8]:
    return np.rint(np.clip(grid.astype(np.float32), 0, 1) * _STEPS).astype(np.uint8)


def _from_steps(steps: NDArray[np.uint8]) -> NDArray[np.float16]:
    return (steps.astype(np.float32) / _STEPS).astype(np.float16)
