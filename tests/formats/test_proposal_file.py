"""Proposals on disk."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from seglabel.core.errors import ProjectFormatError
from seglabel.core.proposal import Proposal
from seglabel.formats.proposal_file import (
    encode_descriptor,
    encode_proposal,
    read_descriptor,
    read_proposal,
)

shapes = hnp.array_shapes(min_dims=2, max_dims=2, max_side=12)
shares = st.floats(0, 1, width=16)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9)


@st.composite
def proposals(draw) -> Proposal:
    confidence = draw(hnp.arrays(np.float16, shapes, elements=shares))
    uncertainty = draw(hnp.arrays(np.float16, confidence.shape, elements=shares))
    labels = draw(hnp.arrays(np.uint8, shapes))
    said = (draw(texts), draw(texts), draw(texts))
    descriptor = draw(st.none() | hnp.arrays(np.float16, st.integers(1, 9), elements=shares))
    return Proposal(labels, confidence, uncertainty, *said, descriptor)


@given(proposals())
def test_a_proposal_survives_being_written_and_read(tmp_path_factory, proposal):
    path = tmp_path_factory.mktemp("proposal") / "a.npz"
    path.write_bytes(encode_proposal(proposal))
    found = read_proposal(path)
    assert np.array_equal(found.labels, proposal.labels)
    assert (found.model, found.model_digest, found.note) == (
        proposal.model,
        proposal.model_digest,
        proposal.note,
    )
    for grid in ("confidence_grid", "uncertainty_grid"):
        difference = getattr(found, grid).astype(float) - getattr(proposal, grid).astype(float)
        assert np.abs(difference).max() < 1 / 255
    if proposal.descriptor is None:
        assert found.descriptor is None and read_descriptor(path) is None
        return
    assert np.array_equal(found.descriptor, proposal.descriptor)
    digest, descriptor = read_descriptor(path)
    assert digest == proposal.model_digest
    assert descriptor.dtype == np.float16 and np.array_equal(descriptor, proposal.descriptor)


def test_a_descriptor_alone_is_read_as_it_was_written(tmp_path):
    descriptor = np.array([0.6, 0.8], np.float16)
    (tmp_path / "a.npz").write_bytes(encode_descriptor("m-1", descriptor))
    digest, found = read_descriptor(tmp_path / "a.npz")
    assert digest == "m-1" and np.array_equal(found, descriptor)
    assert read_descriptor(tmp_path / "b.npz") is None


@pytest.mark.parametrize("wrong", [np.ones(3), np.ones((2, 2), np.float16), np.float16([np.nan])])
def test_what_is_no_descriptor_is_refused_by_name(tmp_path, wrong):
    (tmp_path / "a.npz").write_bytes(archive(descriptor=wrong, model_digest="m"))
    with pytest.raises(ProjectFormatError, match=r"a\.npz: .*descriptor"):
        read_descriptor(tmp_path / "a.npz")


def test_a_proposal_of_the_first_version_is_as_uncertain_as_it_is_not_sure(tmp_path):
    old = {"labels": LABELS, "confidence": np.full((2, 3), 51, np.uint8)}
    (tmp_path / "a.npz").write_bytes(archive(**old, model="m", model_digest="d", note=""))
    assert np.allclose(read_proposal(tmp_path / "a.npz").uncertainty_grid, 0.8, atol=1e-3)


def test_where_there_is_no_proposal_there_is_none(tmp_path):
    assert read_proposal(tmp_path / "a.npz") is None


def archive(**arrays) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def single(array) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


LABELS = np.zeros((4, 4), np.uint8)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        b"PK\x03\x04 cut off",
        archive(labels=LABELS),
        archive(labels=LABELS[0], confidence=LABELS, model="", model_digest="", note=""),
        archive(labels=LABELS * 1.0, confidence=LABELS, model="", model_digest="", note=""),
        single(LABELS),
    ],
)
def test_a_damaged_proposal_is_refused_by_name(tmp_path, data):
    (tmp_path / "a.npz").write_bytes(data)
    with pytest.raises(ProjectFormatError, match=r"a\.npz: "):
        read_proposal(tmp_path / "a.npz")


def test_a_proposal_that_would_run_code_is_refused(tmp_path):
    hostile = archive(
        labels=np.array([print], object), confidence=LABELS, model="", model_digest="", note=""
    )
    (tmp_path / "a.npz").write_bytes(hostile)
    with pytest.raises(ProjectFormatError, match=r"a\.npz: damaged"):
        read_proposal(tmp_path / "a.npz")


@given(st.data())
def test_flipped_bytes_never_do_more_than_be_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("proposal") / "a.npz"
    noise = np.random.default_rng(0).integers(0, 255, (16, 16)).astype(np.uint8)
    whole = bytearray(
        encode_proposal(
            Proposal(noise, np.ones((4, 4), np.float16), np.zeros((4, 4), np.float16), "m", "d")
        )
    )
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(whole)
    try:
        read_proposal(path)
    except ProjectFormatError as error:
        assert "a.npz" in str(error)
