"""One decoder for everything: what each kind of file looks like, and what is refused and why."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from seglabel.core.errors import ImageError
from seglabel.core.geometry import Region
from seglabel.formats.images import (
    as_stored,
    digest_file,
    open_bytes,
    pillow_picture,
    probe_image,
    read_image,
    read_thumbnail,
    rendering,
    upright,
)

HEIGHT, WIDTH = 120, 160


@pytest.fixture
def base(picture) -> Image.Image:
    return Image.fromarray(picture(HEIGHT, WIDTH))


def ramp(shape: tuple[int, ...]) -> np.ndarray:
    """Values that grow evenly from 0 to 1 in reading order, float (H, W, …)."""
    return np.linspace(0, 1, int(np.prod(shape))).reshape(shape)


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    data = b"\x89PNG\r\n\x1a\n"
    for kind, body in chunks:
        checksum = struct.pack(">I", zlib.crc32(kind + body))
        data += struct.pack(">I", len(body)) + kind + body + checksum
    return data


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return png((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 10)), (b"IEND", b""))


def tiff_header(width: int, height: int) -> bytes:
    """A TIFF of nine entries that claims a size and holds 200 bytes."""
    entries = [
        (256, 4, width),
        (257, 4, height),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 122),
        (277, 3, 1),
        (278, 4, height),
        (279, 4, 200),
    ]
    body = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + body + bytes(4) + bytes(200)


# what can be read


def saved(path: Path, image: Image.Image, **options) -> Path:
    image.save(path, **options)
    return path


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("ok.png", {}),
        ("ok.tif", {}),
        ("ok_lzw.tif", {"compression": "tiff_lzw"}),
        ("ok_zip.tif", {"compression": "tiff_adobe_deflate"}),
        ("ok.webp", {"lossless": True}),
        ("ok.bmp", {}),
        ("ok.ppm", {}),
        ("ünï 名前 😀.png", {}),
        ("n" * 236 + ".png", {}),
    ],
)
def test_lossless_files_give_back_their_pixels(tmp_path, base, name, options):
    assert np.array_equal(read_image(saved(tmp_path / name, base, **options)), np.asarray(base))


@pytest.mark.parametrize(
    ("name", "mode", "options"),
    [
        ("ok.jpg", "RGB", {"quality": 95}),
        ("ok.webp", "RGB", {"quality": 95}),
        ("ok.gif", "RGB", {}),
        ("jpeg.tif", "RGB", {"compression": "jpeg"}),
        ("ycbcr.tif", "YCbCr", {}),
        ("cmyk.jpg", "CMYK", {"quality": 95}),
        ("cmyk.tif", "CMYK", {}),
    ],
)
def test_lossy_files_and_other_color_models_look_alike(tmp_path, base, name, mode, options):
    path = saved(tmp_path / name, base.convert(mode), **options)
    difference = read_image(path).astype(int) - np.asarray(base)
    assert np.abs(difference).mean() < 12


@pytest.mark.parametrize("name", ["palette.png", "palette.tif", "palette.bmp"])
def test_a_palette_is_looked_up(tmp_path, base, name):
    path = saved(tmp_path / name, base.convert("P"))
    assert np.array_equal(read_image(path), np.asarray(base.convert("P").convert("RGB")))


@pytest.mark.parametrize("name", ["bit1.png", "bit1.tif", "bit1.pbm"])
def test_one_bit_pictures_become_black_and_white(tmp_path, base, name):
    bits = base.convert("1")
    pixels = read_image(saved(tmp_path / name, bits))
    assert np.array_equal(pixels[..., 0] == 255, np.asarray(bits))
    assert set(np.unique(pixels)) == {0, 255}


@pytest.mark.parametrize("name", ["grey.png", "grey.jpg", "grey.tif", "grey.pgm"])
def test_grey_is_repeated_in_all_three_channels(tmp_path, base, name):
    pixels = read_image(saved(tmp_path / name, base.convert("L")))
    assert np.array_equal(pixels[..., 0], pixels[..., 1])
    assert np.array_equal(pixels[..., 0], pixels[..., 2])
    assert np.abs(pixels[..., 0].astype(int) - np.asarray(base.convert("L"))).mean() < 2


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp"])
def test_alpha_is_dropped_and_what_is_transparent_stays_visible(tmp_path, base, suffix):
    half = base.copy()
    half.putalpha(Image.linear_gradient("L").resize(base.size).point(lambda v: max(v, 1)))
    options = {"lossless": True} if suffix == ".webp" else {}
    pixels = read_image(saved(tmp_path / f"rgba{suffix}", half, **options))
    assert np.array_equal(pixels, np.asarray(base))


def test_grey_with_alpha_keeps_its_grey(tmp_path, base):
    path = saved(tmp_path / "la.png", base.convert("LA"))
    assert np.array_equal(read_image(path)[..., 0], np.asarray(base.convert("L")))


def test_a_palette_with_a_transparent_entry_keeps_all_colors(tmp_path, base):
    quantised = base.quantize(16)
    path = saved(tmp_path / "pal.png", quantised, transparency=3)
    assert np.array_equal(read_image(path), np.asarray(quantised.convert("RGB")))


@pytest.mark.parametrize("name", ["gray16.png", "gray16.tif"])
def test_16_bit_grey_is_stretched_over_the_whole_range(tmp_path, name):
    values = (1000 + 3000 * ramp((HEIGHT, WIDTH))).astype(np.uint16)
    pixels = read_image(saved(tmp_path / name, Image.fromarray(values)))[..., 0]
    assert (pixels.min(), pixels.max()) == (0, 255)
    assert np.abs(pixels - 255 * ramp((HEIGHT, WIDTH))).max() < 2


@pytest.mark.parametrize("name", ["rgb16.png", "rgb16.tif"])
def test_16_bit_colors_keep_what_8_bits_would_lose(tmp_path, name):
    # All values lie within one step of 8 bits: cut down they would be a single grey.
    values = (512 + 200 * ramp((HEIGHT, WIDTH, 3))).astype(np.uint16)
    if name.endswith("tif"):
        tifffile.imwrite(tmp_path / name, values, photometric="rgb")
    else:
        raw = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
        header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 16, 2, 0, 0, 0)
        data = png((b"IHDR", header), (b"IDAT", zlib.compress(raw)), (b"IEND", b""))
        (tmp_path / name).write_bytes(data)
    pixels = read_image(tmp_path / name)
    assert np.abs(pixels - 255 * ramp((HEIGHT, WIDTH, 3))).max() < 3


def test_outliers_and_missing_values_do_not_darken_a_float_picture(tmp_path):
    values = ramp((HEIGHT, WIDTH, 3)).astype(np.float32)
    values[0, 0], values[0, 1], values[0, 2] = np.nan, np.inf, 1e9
    tifffile.imwrite(tmp_path / "float.tif", values, photometric="rgb")
    pixels = read_image(tmp_path / "float.tif")
    assert np.abs(pixels[1:] - 255 * ramp((HEIGHT, WIDTH, 3))[1:]).max() < 3


@pytest.mark.parametrize("band", [0, 1, 2])
@pytest.mark.parametrize("column", range(3))
def test_every_band_and_column_of_a_large_picture_counts_for_its_range(
    tmp_path, monkeypatch, band, column
):
    monkeypatch.setattr(rendering, "SAMPLE", 1200)  # as if 60 × 60 pixels were many
    values = np.full((60, 60, 3), 100, np.uint16)
    values[:, column::3, band] = 5000
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="rgb")
    found = read_image(tmp_path / "a.tif")
    assert (found[..., band][values[..., band] == 5000] == 255).all()
    assert (found[values == 100] == 0).all()


@pytest.mark.parametrize(
    ("dtype", "value"), [(np.uint16, 700), (np.float32, np.nan), (np.int16, -5)]
)
def test_a_picture_of_one_value_is_read(tmp_path, dtype, value):
    tifffile.imwrite(tmp_path / "flat.tif", np.full((5, 6), value, dtype))
    assert (read_image(tmp_path / "flat.tif") == 0).all()


def test_of_many_bands_the_first_three_are_shown(tmp_path):
    bands = np.zeros((20, 30, 5), np.uint8)
    bands[...] = [10, 20, 30, 40, 50]
    tifffile.imwrite(tmp_path / "b.tif", bands, photometric="minisblack", planarconfig="contig")
    assert (read_image(tmp_path / "b.tif") == [10, 20, 30]).all()


@pytest.mark.parametrize(
    "options",
    [{"planarconfig": "separate"}, {"tile": (64, 64)}, {"bigtiff": True}, {"byteorder": ">"}],
)
def test_every_layout_of_a_tiff_gives_the_same_picture(tmp_path, base, options):
    pixels = np.asarray(base)
    stored = np.moveaxis(pixels, -1, 0) if "planarconfig" in options else pixels
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="rgb", **options)
    assert np.array_equal(read_image(tmp_path / "a.tif"), pixels)


def test_a_tiff_in_which_zero_is_white_is_not_shown_as_its_negative(tmp_path):
    grey = np.array([[0, 100], [150, 200]], np.uint8)
    tifffile.imwrite(tmp_path / "w.tif", grey, photometric="miniswhite")
    assert np.array_equal(read_image(tmp_path / "w.tif")[..., 0], 255 - grey)


def test_a_tiff_of_four_bits_spans_black_to_white(tmp_path):
    grey = np.arange(16, dtype=np.uint8).reshape(2, 8)
    tifffile.imwrite(tmp_path / "4.tif", grey, bitspersample=4, photometric="minisblack")
    assert np.array_equal(read_image(tmp_path / "4.tif")[..., 0], grey * 17)


def test_colors_that_would_come_out_wrong_are_refused(tmp_path, base):
    path = saved(tmp_path / "lab.tif", base.convert("LAB"))
    with pytest.raises(ImageError, match=r"lab.tif: its colours \(CIELAB\) cannot"):
        read_image(path)


def test_the_suffix_does_not_matter_but_the_content_does(tmp_path, base):
    path = tmp_path / "really_a_png.jpg"
    base.save(path, "PNG")
    assert probe_image(path).format == "PNG"
    assert np.array_equal(read_image(path), np.asarray(base))


@pytest.mark.parametrize("name", ["anim.gif", "anim.webp", "anim.png", "multi.tif"])
def test_of_several_pictures_the_first_counts_and_the_number_is_told(tmp_path, base, name):
    frames = [base.rotate(90 * turn, expand=False) for turn in range(4)]
    options = {"lossless": True} if name.endswith("webp") else {}
    base.save(tmp_path / name, save_all=True, append_images=frames[1:], **options)
    assert probe_image(tmp_path / name).frames == 4
    difference = read_image(tmp_path / name).astype(int) - np.asarray(base)
    assert np.abs(difference).mean() < 12  # a GIF has no more than 256 colours


def test_the_preview_beside_a_photograph_does_not_make_it_an_animation(tmp_path, base):
    path = tmp_path / "camera.jpg"
    base.save(path, "MPO", save_all=True, append_images=[base.resize((16, 12))])
    info = probe_image(path)
    assert (info.format, info.frames) == ("MPO", 1)
    assert read_image(path).shape == (HEIGHT, WIDTH, 3)


# orientation


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_come_upright_whatever_the_format(tmp_path, turned, picture, suffix, orientation):
    path = tmp_path / f"turned{suffix}"
    turned(path, orientation, HEIGHT, WIDTH)
    expected = upright(picture(HEIGHT, WIDTH), orientation)
    assert np.abs(read_image(path).astype(int) - expected).mean() < 3
    info = probe_image(path)
    assert (info.height, info.width) == expected.shape[:2]
    assert (info.orientation, info.is_turned) == (orientation, orientation != 1)


@pytest.mark.parametrize(
    ("orientation", "first"),
    # Where the stored picture's corner (0, 0) = 1 goes, as EXIF 2.3 draws it.
    [
        (1, [[1, 2], [3, 4]]),
        (2, [[2, 1], [4, 3]]),
        (3, [[4, 3], [2, 1]]),
        (4, [[3, 4], [1, 2]]),
        (5, [[1, 3], [2, 4]]),
        (6, [[3, 1], [4, 2]]),
        (7, [[4, 2], [3, 1]]),
        (8, [[2, 4], [1, 3]]),
    ],
)
def test_each_orientation_turns_as_exif_says(orientation, first):
    stored = np.array([[1, 2], [3, 4]])
    assert upright(stored, orientation).tolist() == first
    assert np.array_equal(as_stored(upright(stored, orientation), orientation), stored)


def test_an_orientation_that_does_not_exist_is_ignored(tmp_path, turned):
    turned(tmp_path / "odd.jpg", 9)
    assert probe_image(tmp_path / "odd.jpg").orientation == 1


GOOD = {
    "jpg": lambda image, path: image.save(path),
    "png": lambda image, path: image.save(path),
    "webp": lambda image, path: image.save(path),
    "gif": lambda image, path: image.save(path),
    "tif": lambda image, path: image.save(path),
    "bmp": lambda image, path: image.save(path),
    "cmyk.jpg": lambda image, path: image.convert("CMYK").save(path),
    "p.png": lambda image, path: image.convert("P").save(path),
    "f.tif": lambda image, path: Image.fromarray(np.asarray(image, np.float32)[..., 0]).save(path),
    "i16.png": lambda image, path: Image.fromarray(np.asarray(image)[..., 0] * np.uint16(9)).save(
        path
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_the_size_told_beforehand_is_the_size_that_comes(tmp_path, base, name):
    path = tmp_path / f"a.{name}"
    GOOD[name](base, path)
    info = probe_image(path)
    pixels = read_image(path)
    assert pixels.shape == (info.height, info.width, 3) == (HEIGHT, WIDTH, 3)
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
def test_the_size_told_of_a_turned_picture_is_the_upright_one(tmp_path, turned, suffix):
    path = tmp_path / f"turned{suffix}"
    turned(path, 6, HEIGHT, WIDTH)
    info = probe_image(path)
    assert (info.height, info.width) == (WIDTH, HEIGHT) == read_image(path).shape[:2]


# thumbnails


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
@pytest.mark.parametrize("size", [(64, 64), (20, 100), (1, 1), (4000, 4000)])
def test_a_thumbnail_fits_and_keeps_the_proportions(tmp_path, turned, suffix, size):
    path = tmp_path / f"turned{suffix}"
    turned(path, 6, HEIGHT, WIDTH)
    thumbnail = read_thumbnail(path, size)
    height, width = thumbnail.shape[:2]
    assert width <= size[0]
    assert height <= size[1]
    scale = min(size[0] / HEIGHT, size[1] / WIDTH, 1)
    assert abs(width - HEIGHT * scale) <= 1
    assert abs(height - WIDTH * scale) <= 1


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif"])
def test_a_thumbnail_shows_the_same_picture(tmp_path, turned, suffix):
    path = tmp_path / f"turned{suffix}"
    turned(path, 6, HEIGHT, WIDTH)
    small = read_thumbnail(path, (30, 40)).astype(int)
    whole = read_image(path).astype(int)
    assert np.abs(small[0, 0] - whole[:4, :4].mean(axis=(0, 1))).max() < 12
    assert np.abs(small[-1, -1] - whole[-4:, -4:].mean(axis=(0, 1))).max() < 12


# large pictures, which are decoded in another way


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.png", {}),
        ("a.jpg", {"quality": 90}),
        ("a.jpg", {"quality": 60, "progressive": True, "restart_marker_blocks": 3}),
        ("a.jpg", {"quality": 95, "subsampling": 0, "comment": b"\xff\xd9"}),
    ],
)
def test_large_pictures_come_out_as_small_ones_do(tmp_path, base, monkeypatch, name, options):
    path = saved(tmp_path / name, base, **options)
    expected = read_image(path)
    monkeypatch.setattr(pillow_picture, "_LARGE", 0)
    assert np.array_equal(read_image(path), expected)
    with open_bytes(path.read_bytes(), name) as opened:
        assert np.array_equal(opened.read(Region.whole(opened.shape)), expected)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "1"])
def test_large_pictures_of_other_color_models_are_converted_in_bands(
    tmp_path, base, monkeypatch, mode
):
    path = saved(tmp_path / f"a.{'jpg' if mode == 'CMYK' else 'png'}", base.convert(mode))
    expected = np.asarray(Image.open(path).convert("RGB"))
    monkeypatch.setattr(pillow_picture, "_LARGE", 0)
    monkeypatch.setattr(pillow_picture, "_BAND", 700)
    assert np.array_equal(read_image(path), expected)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_large_pictures_come_upright(tmp_path, turned, picture, monkeypatch, orientation):
    monkeypatch.setattr(pillow_picture, "_LARGE", 0)
    turned(tmp_path / "a.png", orientation, HEIGHT, WIDTH)
    assert np.array_equal(
        read_image(tmp_path / "a.png"), upright(picture(HEIGHT, WIDTH), orientation)
    )


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
@pytest.mark.parametrize("keep", [0.5, 0.98])
def test_a_large_picture_that_was_cut_off_is_refused(tmp_path, base, monkeypatch, name, keep):
    monkeypatch.setattr(pillow_picture, "_LARGE", 0)
    # The preview in the header ends with the mark that the picture lacks.
    exif = Image.Exif()
    exif[0x010E] = b"\xff\xd9"
    data = saved(tmp_path / name, base, exif=exif).read_bytes()
    (tmp_path / name).write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(ImageError, match=rf"{name}: damaged or cut off"):
        read_image(tmp_path / name)


# what is refused


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif", "a.webp", "a.gif"])
@pytest.mark.parametrize("keep", [0.5, 0.98])
def test_a_file_that_was_cut_off_gives_no_half_picture(tmp_path, base, name, keep):
    data = saved(tmp_path / name, base).read_bytes()
    (tmp_path / name).write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(ImageError, match=rf"{name}: damaged or cut off"):
        read_image(tmp_path / name)
    with pytest.raises(ImageError, match=rf"{name}: damaged or cut off"):
        read_thumbnail(tmp_path / name, (32, 32))


def test_a_png_with_one_wrong_byte_is_refused(tmp_path, base):
    path = saved(tmp_path / "crc.png", base)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(ImageError, match=r"crc.png: damaged"):
        read_image(path)


@pytest.mark.parametrize(
    ("name", "data", "complaint"),
    [
        ("zero.jpg", b"", "the file is empty"),
        ("text.jpg", b"this is a text\n" * 50, "not an image that seglabel reads"),
        ("short.png", b"\x89PNG", "not an image that seglabel reads"),
        ("hdr.png", png_header(160, 120)[:20], "not an image|damaged"),
        ("eps.jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not an image"),
        ("svg.png", b'<svg xmlns="http://www.w3.org/2000/svg" width="100000"/>', "not an image"),
        ("100k.png", png_header(100_000, 100_000), "more pixels than|more than the limit"),
        ("2e31.png", png_header(2**31 - 1, 2**31 - 1), "more pixels than|more than the limit"),
        ("0x0.png", png_header(0, 0), "claims a size|damaged|not an image"),
        (
            "100k.tif",
            tiff_header(100_000, 100_000),
            "100000 × 100000 pixels are more than the limit",
        ),
        ("0x0.tif", tiff_header(0, 0), "claims a size"),
    ],
)
def test_what_is_no_picture_is_refused_by_name_and_reason(tmp_path, name, data, complaint):
    (tmp_path / name).write_bytes(data)
    for action in (probe_image, read_image, lambda path: read_thumbnail(path, (9, 9))):
        with pytest.raises(ImageError, match=rf"{name}: .*({complaint})"):
            action(tmp_path / name)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_jpeg_that_claims_65500_pixels_a_side_is_refused_before_decoding(tmp_path, base):
    path = saved(tmp_path / "huge.jpg", base)
    data = path.read_bytes()
    at = data.index(b"\xff\xc0") + 5
    path.write_bytes(data[:at] + struct.pack(">HH", 65500, 65500) + data[at + 4 :])
    with pytest.raises(ImageError, match="65500 × 65500 pixels are more than the limit"):
        read_image(path)


def test_a_picture_above_the_limit_is_read_only_on_request(tmp_path, base):
    path = saved(tmp_path / "a.png", base)
    with pytest.raises(ImageError, match="160 × 120 pixels are more than the limit"):
        read_image(path, pixel_limit=HEIGHT * WIDTH - 1)
    assert read_image(path, pixel_limit=HEIGHT * WIDTH).shape == (HEIGHT, WIDTH, 3)


def test_a_text_that_unpacks_to_300_megabytes_is_refused(tmp_path):
    header = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)
    bomb = b"Comment\0\0" + zlib.compress(bytes(300 << 20), 1)
    image = zlib.compress(bytes(14))
    data = png((b"IHDR", header), (b"zTXt", bomb), (b"IDAT", image), (b"IEND", b""))
    (tmp_path / "bomb.png").write_bytes(data)
    with pytest.raises(ImageError, match=r"bomb.png: damaged"):
        read_image(tmp_path / "bomb.png")


def test_a_pipe_is_refused_at_once_instead_of_being_waited_for(tmp_path):
    os.mkfifo(tmp_path / "fifo.jpg")
    for action in (probe_image, read_image, digest_file):
        with pytest.raises(ImageError, match=r"fifo.jpg: expected an image file, found a pipe"):
            action(tmp_path / "fifo.jpg")


def test_folders_devices_and_broken_links_are_refused(tmp_path):
    (tmp_path / "dir.jpg").mkdir()
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    (tmp_path / "dangling.jpg").symlink_to("nowhere.jpg")
    for name, found in [
        (tmp_path / "dir.jpg", "found a folder"),
        (Path("/dev/null"), "found a device"),
        (tmp_path / "loop.jpg", "cannot be opened"),
        (tmp_path / "dangling.jpg", "cannot be opened: No such file"),
    ]:
        with pytest.raises(ImageError, match=found):
            read_image(name)


def test_a_link_to_a_picture_is_a_picture(tmp_path, base):
    saved(tmp_path / "a.png", base)
    (tmp_path / "link.png").symlink_to("a.png")
    assert np.array_equal(read_image(tmp_path / "link.png"), np.asarray(base))


@given(st.data())
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif", "a.webp", "a.gif"])
def test_flipped_and_lost_bytes_never_do_more_than_raise_an_image_error(
    tmp_path_factory, picture, name, data
):
    path = tmp_path_factory.mktemp("damage") / name
    Image.fromarray(picture(20, 30)).save(path)
    whole = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at] = data.draw(st.integers(0, 255))
    path.write_bytes(whole[: data.draw(st.integers(1, len(whole)))])
    try:
        pixels = read_image(path, pixel_limit=1 << 20)
    except ImageError as error:
        assert name in str(error)
    else:
        info = probe_image(path, pixel_limit=1 << 20)
        assert pixels.shape == (info.height, info.width, 3)


def test_the_digest_changes_with_any_byte(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"one")
    before = digest_file(path)
    path.write_bytes(b"onf")
    assert digest_file(path) != before
    assert len(before) == 32
