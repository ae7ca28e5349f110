"""Label PNGs: every reader sees the ids, and seglabel finds again what it knows of them."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image
from pytest import MonkeyPatch

from seglabel.core.categories import CategorySet
from seglabel.core.errors import LabelError
from seglabel.formats.label_png import (
    LabelFile,
    encode_instances,
    encode_labels,
    peek_label_file,
    read_label_file,
    read_small_labels,
)

COLORS = CategorySet.of("cat", "dog").color_table()
shapes = hnp.array_shapes(min_dims=2, max_dims=2, max_side=40)
notes = st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=8) | st.booleans())
HERE = Path("labels.png")


def file_of(data: bytes) -> LabelFile:
    return LabelFile(data, HERE)


def png_of(image: Image.Image, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", **options)
    return buffer.getvalue()


def without_surrogates(value: object) -> bool:
    return "\\ud" not in ascii(value)


@given(st.data(), notes.filter(without_surrogates))
def test_labels_painted_pixels_and_note_come_back(data, note):
    labels = data.draw(hnp.arrays(np.uint8, shapes))
    painted = data.draw(hnp.arrays(np.bool_, labels.shape))
    file = file_of(encode_labels(labels, COLORS, note=note, painted=painted))
    assert np.array_equal(file.labels(), labels)
    assert np.array_equal(file.painted(), painted)
    assert file.note == note


def test_many_bands_make_one_file(monkeypatch):
    monkeypatch.setattr("seglabel.formats.label_png._PIECE", 100)
    noise = np.random.default_rng(0)
    labels = noise.integers(0, 9, (150, 37)).astype(np.uint8)
    painted = noise.random((150, 37)) < 0.5
    file = file_of(encode_labels(labels, COLORS, note={}, painted=painted))
    assert np.array_equal(file.labels(), labels)
    assert np.array_equal(file.painted(), painted)
    assert encode_labels(labels, COLORS, painted=painted & False) == encode_labels(labels, COLORS)


@given(
    hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=40)),
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    st.sampled_from(["ours", "grey", "16 bits", "bits"]),
    st.integers(1, 200),
)
def test_small_labels_are_the_pixels_in_the_middle_of_equal_parts(labels, shape, kind, band):
    if kind == "bits":
        labels = labels % 2
    with TemporaryDirectory() as folder, MonkeyPatch.context() as patch:
        patch.setattr("seglabel.formats.images.png_bands._BAND", band)
        path = Path(folder) / "a.png"
        if kind == "ours":
            path.write_bytes(encode_labels(labels, COLORS, note={}, painted=labels > 3))
        elif kind == "grey":
            Image.fromarray(labels).save(path)
        elif kind == "16 bits":
            path.write_bytes(encode_instances(labels.astype(np.uint16)))
        else:
            Image.fromarray(labels.astype(bool)).save(path)
        small = read_small_labels(path, shape)
    for y, x in np.ndindex(shape):
        row = int((y + 0.5) * labels.shape[0] / shape[0] + 1e-9)
        column = int((x + 0.5) * labels.shape[1] / shape[1] + 1e-9)
        assert small[y, x] == labels[row, column]


def test_damage_is_said_of_small_labels_too(tmp_path):
    path = tmp_path / "a.png"
    with pytest.raises(LabelError, match=r"a\.png.*cannot be opened"):
        read_small_labels(path, (3, 3))
    noise = np.random.default_rng(0).integers(0, 255, (90, 90)).astype(np.uint8)
    data = encode_labels(noise, COLORS)
    for broken in (data[: len(data) // 2], data[:40], b"no picture", b""):
        path.write_bytes(broken)
        with pytest.raises(LabelError, match=r"a\.png"):
            read_small_labels(path, (3, 3))


def test_a_note_may_be_in_any_language(tmp_path):
    note = {"model": "Straßen-Modell 泡 😀"}
    path = tmp_path / "a.png"
    path.write_bytes(encode_labels(np.zeros((3, 5), np.uint8), COLORS, note=note))
    assert read_label_file(path).note == note
    assert peek_label_file(path) == (note, (3, 5))


def test_other_programs_see_an_indexed_picture_with_the_same_ids():
    labels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    data = encode_labels(labels, COLORS, note={"revision": 1}, painted=labels > 9)
    with Image.open(io.BytesIO(data)) as image:
        assert image.mode == "P"
        assert np.array_equal(np.array(image), labels)
        assert image.getpalette("RGB") == COLORS.ravel().tolist()


def test_few_labels_are_not_renumbered():
    labels = np.full((4, 4), 200, np.uint8)
    labels[0, 0] = 255
    with Image.open(io.BytesIO(encode_labels(labels, COLORS))) as image:
        assert np.unique(np.array(image)).tolist() == [200, 255]


@given(hnp.arrays(np.uint16, shapes))
def test_instances_keep_all_sixteen_bits(instances):
    data = encode_instances(instances)
    assert np.array_equal(file_of(data).pixels, instances)
    with Image.open(io.BytesIO(data)) as image:
        assert np.array_equal(np.array(image, np.uint16), instances)


def test_the_same_labels_give_the_same_bytes():
    labels = np.eye(20, dtype=np.uint8)
    note = {"b": 1, "a": 2}
    turned = {"a": 2, "b": 1}
    painted = labels == 1
    assert encode_labels(labels, COLORS, note=note, painted=painted) == encode_labels(
        labels, COLORS, note=turned, painted=painted
    )


def test_a_png_of_another_program_has_no_note_and_nothing_painted():
    file = file_of(png_of(Image.fromarray(np.full((3, 4), 9, np.uint8))))
    assert file.note == {}
    assert not file.painted().any()
    assert file.painted().shape == (3, 4)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_a_palette_of_few_bits_gives_its_indices(bits):
    ids = (np.arange(12) % 2**bits).astype(np.uint8).reshape(3, 4)
    image = Image.fromarray(ids)
    image.putpalette(COLORS[: 2**bits].tobytes())
    assert np.array_equal(file_of(png_of(image, bits=bits)).labels(), ids)


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_grey_of_few_bits_gives_the_bits_and_not_a_brightness(bits, grey_png):
    ids = (np.arange(16, dtype=np.uint8) % 2**bits).reshape(2, 8)
    assert np.array_equal(file_of(grey_png(ids, bits)).labels(), ids)


def test_16_bit_labels_are_accepted_up_to_255():
    small = png_of(Image.fromarray(np.array([[0, 255]], np.uint16)))
    assert file_of(small).labels().tolist() == [[0, 255]]
    large = png_of(Image.fromarray(np.array([[0, 256]], np.uint16)))
    with pytest.raises(LabelError, match=r"labels\.png: expected ids of at most 255, found 256"):
        file_of(large).labels()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA"])
def test_colors_are_refused_because_they_are_no_ids(mode):
    with pytest.raises(LabelError, match=r"labels\.png: expected one id per pixel .*found colours"):
        file_of(png_of(Image.new(mode, (4, 4))))


@given(st.data())
def test_a_damaged_label_file_is_refused_or_whole(data):
    labels = np.arange(600, dtype=np.uint16).reshape(20, 30).astype(np.uint8)
    painted = labels > 100
    whole = encode_labels(labels, COLORS, note={"revision": 3}, painted=painted)
    at = data.draw(st.integers(8, len(whole) - 1))
    broken = bytearray(whole)
    broken[at] ^= data.draw(st.integers(1, 255))
    broken = broken[: data.draw(st.sampled_from([len(whole), at]))]
    try:
        file = file_of(bytes(broken))
        found = file.labels(), file.painted(), file.note
    except LabelError as error:
        assert "labels.png" in str(error)
    else:
        assert np.array_equal(found[0], labels)
        assert np.array_equal(found[1], painted)
        assert found[2] == {"revision": 3}


@pytest.mark.parametrize("data", [b"", b"text", b"\xff\xd8\xff\xe0 a JPEG"])
def test_something_else_than_a_png_is_refused_by_name(tmp_path, data):
    path = tmp_path / "a.png"
    path.write_bytes(data)
    for read in (read_label_file, peek_label_file):
        with pytest.raises(LabelError, match=r"a\.png: (expected a PNG|damaged)"):
            read(path)


@pytest.mark.parametrize("side", [40_000, 100_000])
def test_a_label_file_that_claims_too_many_pixels_is_refused(side, grey_header):
    with pytest.raises(LabelError, match=r"labels\.png: .*(too many|exceeds limit)"):
        file_of(grey_header(side, side))


def test_a_missing_label_file_is_an_error_that_names_it(tmp_path):
    with pytest.raises(LabelError, match=r"gone\.png: cannot be opened: No such file"):
        read_label_file(tmp_path / "gone.png")


def test_a_note_of_endless_brackets_is_damage(tmp_path):
    path = tmp_path / "a.png"
    labels = np.zeros((3, 4), np.uint8)
    data = encode_labels(labels, COLORS, note={"deep": "x"})
    at = data.index(b"iTXt") - 4
    (length,) = struct.unpack(">I", data[at : at + 4])
    body = b"iTXtseglabel" + bytes(5) + b"[" * 9999
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    path.write_bytes(data[:at] + chunk + data[at + 12 + length :])
    with pytest.raises(LabelError, match=r"a\.png: damaged"):
        peek_label_file(path)
    with pytest.raises(LabelError, match=r"a\.png: damaged note"):
        read_label_file(path).note  # noqa: B018 - read for what it raises


@pytest.mark.parametrize(("width", "height"), [(0, 5), (5, 0), (2**31 - 1, 1), (40_000, 40_000)])
def test_small_labels_of_an_impossible_size_are_refused_before_any_row_is_read(
    tmp_path, width, height
):
    path = tmp_path / "a.png"
    data = bytearray(encode_labels(np.zeros((3, 4), np.uint8), COLORS))
    data[16:24] = struct.pack(">2I", width, height)
    path.write_bytes(data)
    with pytest.raises(LabelError, match=rf"a\.png: claims a size of {width} × {height}"):
        read_small_labels(path, (3, 3))


def test_small_labels_of_rows_with_an_unknown_filter_are_damage(tmp_path):
    path = tmp_path / "a.png"
    data = encode_labels(np.zeros((3, 4), np.uint8), COLORS)
    at = data.index(b"IDAT") - 4
    body = b"IDAT" + zlib.compress(bytes([9, 0, 0, 0, 0] * 3))
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    path.write_bytes(data[:at] + chunk + data[-12:])
    with pytest.raises(LabelError, match=r"a\.png: damaged"):
        read_small_labels(path, (3, 3))
