"""Reading by windows: any window is the same part of the whole, for every layout of a TIFF."""

from __future__ import annotations

import io
import struct
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from seglabel.core.errors import ImageError
from seglabel.core.geometry import Region
from seglabel.formats.images import (
    Rendering,
    open_bytes,
    open_picture,
    pillow_picture,
    probe_image,
    read_image,
    read_thumbnail,
    rendering,
    tiff_page,
)
from seglabel.formats.images.png_bands import png_bands
from seglabel.formats.images.spool import Spool

HEIGHT, WIDTH = 150, 203


def colors(bands: int = 3, dtype: type = np.uint8, seed: int = 0) -> np.ndarray:
    """Smooth noise without two equal corners, (HEIGHT, WIDTH, bands), over the range of dtype."""
    random = np.random.default_rng(seed).random((HEIGHT, WIDTH, bands))
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    slope = (x / WIDTH + 2 * y / HEIGHT)[:, :, None] / 3
    values = 0.5 * random + 0.5 * slope
    if np.dtype(dtype).kind == "f":
        return (values * 1000 - 300).astype(dtype)
    limits = np.iinfo(dtype)
    return (limits.min * 0.4 + values * (limits.max * 0.7 - limits.min * 0.4)).astype(dtype)


def planes(array: np.ndarray) -> np.ndarray:
    return np.moveaxis(array, -1, 0)


TILE = {"tile": (32, 48)}
RGB = {"photometric": "rgb"}
GREY = {"photometric": "minisblack"}
LAYOUTS = {
    "rgb rows": (colors(), RGB),
    "rgb strips": (colors(), {**RGB, "compression": "zlib", "rowsperstrip": 7}),
    "rgb predictor": (colors(), {**RGB, **TILE, "compression": "zlib", "predictor": True}),
    "rgb tiles": (colors(), {**RGB, **TILE}),
    "rgb big": (colors(), {**RGB, **TILE, "bigtiff": True, "compression": "lzw"}),
    "rgb jpeg": (colors(), {"photometric": "ycbcr", **TILE, "compression": "jpeg"}),
    "rgb webp": (colors(), {**RGB, **TILE, "compression": "webp"}),
    "rgb planes": (planes(colors()), {**RGB, **TILE, "planarconfig": "separate"}),
    "rgb plane rows": (planes(colors()), {**RGB, "planarconfig": "separate"}),
    "rgb big end": (colors(3, np.uint16), {**RGB, **TILE, "byteorder": ">"}),
    "rgb rows big end": (colors(3, np.uint16), {**RGB, "byteorder": ">"}),
    "rgba": (colors(4), {**RGB, **TILE, "extrasamples": ["unassalpha"]}),
    "grey": (colors(1)[..., 0], {**GREY, **TILE}),
    "white": (colors(1)[..., 0], {"photometric": "miniswhite", **TILE}),
    "white 16": (colors(1, np.uint16)[..., 0], {"photometric": "miniswhite", **TILE}),
    "white float": (colors(1, np.float32)[..., 0], {"photometric": "miniswhite", **TILE}),
    "bits": (colors(1)[..., 0] > 99, {**GREY, "rowsperstrip": 10, "compression": "zlib"}),
    "4 bits": (colors(1)[..., 0] >> 4, {**GREY, **TILE, "bitspersample": 4}),
    "16 bits": (colors(3, np.uint16), {**RGB, **TILE, "compression": "zlib"}),
    "signed": (colors(1, np.int16)[..., 0], {**GREY, **TILE}),
    "float": (colors(3, np.float32), {**RGB, **TILE, "compression": "zlib", "predictor": True}),
    "double": (colors(1, np.float64)[..., 0], {**GREY, "rowsperstrip": 9}),
    "seven bands": (colors(7, np.uint16), {**GREY, **TILE, "planarconfig": "contig"}),
    "seven planes": (
        planes(colors(7, np.uint16)),
        {**GREY, **TILE, "planarconfig": "separate", "compression": "zlib"},
    ),
    "cmyk": (colors(4), {"photometric": "separated", **TILE}),
    "cmyk 16": (colors(4, np.uint16), {"photometric": "separated", **TILE}),
    "palette": (
        colors(1)[..., 0],
        {
            "photometric": "palette",
            **TILE,
            "colormap": np.random.default_rng(1).integers(0, 65536, (3, 256)).astype(np.uint16),
        },
    ),
}


@pytest.fixture(scope="module")
def zoo(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("zoo")
    for name, (pixels, options) in LAYOUTS.items():
        tifffile.imwrite(folder / f"{name}.tif", pixels, **options)
    return folder


@st.composite
def regions(draw, shape: tuple[int, int]) -> Region:
    top, left = draw(st.integers(0, shape[0] - 1)), draw(st.integers(0, shape[1] - 1))
    return Region(
        top, left, draw(st.integers(top + 1, shape[0])), draw(st.integers(left + 1, shape[1]))
    )


@pytest.mark.parametrize("name", LAYOUTS)
@given(data=st.data())
def test_any_window_is_the_same_part_of_the_whole(zoo, name, data):
    path = zoo / f"{name}.tif"
    whole = read_image(path)
    with open_picture(path) as picture:
        assert picture.info.is_windowed
        assert picture.shape == (HEIGHT, WIDTH) == whole.shape[:2]
        for _ in range(3):
            region = data.draw(regions(picture.shape))
            window = picture.read(region)
            assert window.dtype == np.uint8
            assert np.array_equal(window, whole[region.slices])


@pytest.mark.parametrize("name", ["16 bits", "float", "seven planes", "cmyk 16", "white float"])
def test_black_and_white_are_the_same_where_only_some_tiles_are_looked_at(zoo, name, monkeypatch):
    monkeypatch.setattr(rendering, "SAMPLE", 500)
    monkeypatch.setattr(rendering, "LOOKED_AT", 5000)
    path = zoo / f"{name}.tif"
    whole = read_image(path)
    assert whole.max() > 200
    assert whole.min() < 50
    with open_picture(path) as picture:
        assert np.array_equal(picture.read(Region(3, 5, 40, 90)), whole[3:40, 5:90])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_windows_of_turned_pictures_are_upright(tmp_path, orientation):
    path = tmp_path / "turned.tif"
    extra = [(0x0112, 3, 1, orientation, True)]
    tifffile.imwrite(path, colors(), **RGB, **TILE, extratags=extra)
    whole = read_image(path)
    with open_picture(path) as picture:
        assert picture.shape == whole.shape[:2]
        for region in (Region(0, 0, 1, 1), Region(10, 60, 75, 140), Region.whole(whole.shape)):
            assert np.array_equal(picture.read(region), whole[region.slices])


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".bmp"])
def test_other_formats_stand_behind_the_same_interface(tmp_path, turned, suffix):
    path = tmp_path / f"turned{suffix}"
    if suffix == ".bmp":
        Image.fromarray(colors()).save(path)
    else:
        turned(path, 6, 60, 90)
    whole = read_image(path)
    with open_picture(path) as picture:
        assert not picture.info.is_windowed
        assert picture.shape == whole.shape[:2]
        assert np.array_equal(picture.read(Region(3, 4, 50, 40)), whole[3:50, 4:40])


def test_a_tiff_in_one_compressed_strip_too_large_for_a_window_is_decoded_whole(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(tiff_page, "_LARGEST_CELL", 1000)
    path = tmp_path / "strip.tif"
    tifffile.imwrite(path, colors(), **RGB, compression="zlib", rowsperstrip=HEIGHT)
    with open_picture(path) as picture:
        assert not picture.info.is_windowed
        assert np.array_equal(picture.read(Region(3, 4, 50, 40)), colors()[3:50, 4:40])


def test_holes_of_a_sparse_file_are_empty(tmp_path):
    path = tmp_path / "sparse.tif"
    tiles = [np.full((32, 32, 3), 200, np.uint8), None, None, np.full((32, 32, 3), 90, np.uint8)]
    tifffile.imwrite(
        path, iter(tiles), shape=(64, 64, 3), dtype=np.uint8, tile=(32, 32), compression="zlib",
        photometric="rgb",
    )  # fmt: skip
    whole = read_image(path)
    with open_picture(path) as picture:
        assert np.array_equal(picture.read(Region(0, 0, 64, 64)), whole)
    assert (whole[:32, :32] == 200).all()
    assert (whole[:32, 32:] == 0).all()


@pytest.mark.parametrize("name", ["a.tif", "a.png"])
def test_bytes_are_opened_like_files(tmp_path, name):
    Image.fromarray(colors()).save(tmp_path / name)
    with open_bytes((tmp_path / name).read_bytes(), name) as picture:
        assert np.array_equal(picture.read(Region(3, 4, 50, 40)), colors()[3:50, 4:40])
    with pytest.raises(ImageError, match=rf"{name}: the file is empty"):
        open_bytes(b"", name)


def test_what_is_decoded_whole_is_decoded_once_and_not_before_it_is_needed(tmp_path, monkeypatch):
    Image.fromarray(colors()).save(tmp_path / "a.png")
    calls = []
    read = pillow_picture.read
    monkeypatch.setattr(pillow_picture, "read", lambda *given: calls.append(1) or read(*given))
    with open_picture(tmp_path / "a.png") as picture:
        assert picture.shape == (HEIGHT, WIDTH)
        assert not calls
        picture.read(Region(0, 0, 5, 5))
        picture.overview(20)
    assert len(calls) == 1


# what is shown


def test_other_bands_can_be_chosen(zoo):
    chosen = Rendering(bands=(6, 0, 3))
    values = LAYOUTS["seven bands"][0]
    for name in ("seven bands", "seven planes"):
        shown = read_image(zoo / f"{name}.tif", rendering=chosen)
        for channel, band in enumerate(chosen.bands):
            order = np.corrcoef(shown[..., channel].ravel(), values[..., band].ravel())
            assert order[0, 1] > 0.99
        with open_picture(zoo / f"{name}.tif", rendering=chosen) as picture:
            assert np.array_equal(picture.read(Region(9, 9, 99, 99)), shown[9:99, 9:99])


def test_a_band_that_is_not_there_is_refused_by_name(zoo):
    with pytest.raises(ImageError, match=r"16 bits.tif: expected band 3 .* found 3 bands"):
        read_image(zoo / "16 bits.tif", rendering=Rendering(bands=(0, 1, 3)))


def test_narrower_percentiles_give_more_contrast(zoo):
    usual = read_image(zoo / "16 bits.tif")
    strong = read_image(zoo / "16 bits.tif", rendering=Rendering(percentiles=(10, 90)))
    assert (strong == 0).mean() > 0.08
    assert (usual == 0).mean() < 0.01


@pytest.mark.parametrize("percentiles", [(5, 5), (-1, 50), (50, 101), (90, 10)])
def test_percentiles_that_make_no_range_are_refused(percentiles):
    with pytest.raises(ValueError, match="percentiles"):
        Rendering(percentiles=percentiles)


# overviews


def write_pyramid(path: Path, *, below: bool) -> np.ndarray:
    """A picture of 512 × 768 whose smaller copies are of plain colours, to tell them apart."""
    pixels = np.full((512, 768, 3), 10, np.uint8)
    with tifffile.TiffWriter(path) as writer:
        writer.write(pixels, **RGB, tile=(64, 64), subifds=2 if below else 0)
        for level in (1, 2):
            copy = np.full((512 >> level, 768 >> level, 3), 10 + 50 * level, np.uint8)
            writer.write(copy, **RGB, tile=(64, 64), subfiletype=1)
    return pixels


@pytest.mark.parametrize("below", [True, False])
@pytest.mark.parametrize(
    ("side", "color"), [(768, 10), (400, 10), (384, 60), (192, 110), (20, 110)]
)
def test_an_overview_is_made_of_the_smallest_copy_that_is_large_enough(
    tmp_path, below, side, color
):
    write_pyramid(tmp_path / "a.tif", below=below)
    with open_picture(tmp_path / "a.tif") as picture:
        small = picture.overview(side)
    assert max(small.shape) == side
    assert (small == color).all()


def test_copies_of_a_pyramid_are_not_counted_as_pictures(tmp_path):
    write_pyramid(tmp_path / "a.tif", below=False)
    assert probe_image(tmp_path / "a.tif").frames == 1


@pytest.mark.parametrize("name", ["rgb tiles", "rgb strips", "rgb rows", "float", "cmyk"])
@pytest.mark.parametrize("side", [300, 120, 50, 7, 1])
def test_an_overview_looks_like_the_whole_picture_shrunk(zoo, name, side, monkeypatch):
    monkeypatch.setattr("seglabel.formats.images.shrinking._BAND", 4000)  # several bands
    path = zoo / f"{name}.tif"
    whole = read_image(path)
    with open_picture(path) as picture:
        small = picture.overview(side)
    scale = min(side / WIDTH, 1)
    assert small.shape[:2] == (max(round(HEIGHT * scale), 1), max(round(WIDTH * scale), 1))
    expected = cv2.resize(whole, small.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - expected).mean() < 2


def test_a_thumbnail_of_a_turned_tiff_is_made_of_its_copies(tmp_path):
    extra = [(0x0112, 3, 1, 6, True)]
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(
            np.zeros((512, 768, 3), np.uint8), **RGB, tile=(64, 64), subifds=1, extratags=extra
        )
        writer.write(np.full((256, 384, 3), 99, np.uint8), **RGB, tile=(64, 64), subfiletype=1)
    small = read_thumbnail(tmp_path / "a.tif", (40, 30))
    assert small.shape == (30, 20, 3)
    assert (small == 99).all()


# limits, damage, threads


def test_what_is_read_by_windows_may_be_four_times_as_large(tmp_path):
    path = tmp_path / "large.tif"
    tiles = iter([np.zeros((512, 512, 3), np.uint8)] + [None] * (59**2 - 1))
    layout = {"tile": (512, 512), "compression": "zlib", "bigtiff": True}
    tifffile.imwrite(path, tiles, shape=(30_000, 30_000, 3), dtype=np.uint8, **RGB, **layout)
    assert probe_image(path).shape == (30_000, 30_000)
    with open_picture(path) as picture:
        assert picture.read(Region(29_000, 29_000, 29_100, 30_000)).shape == (100, 1000, 3)
    with pytest.raises(ImageError, match="30000 × 30000 pixels are more than the limit of 268"):
        read_image(path)
    with pytest.raises(ImageError, match="more than the limit of 1 million"):
        open_picture(path, pixel_limit=1_000_000)


def test_what_is_decoded_whole_keeps_its_limit_unless_more_is_asked_for(tmp_path):
    path = tmp_path / "wide.png"
    Image.new("1", (1 << 15, (1 << 13) + 1)).save(path)
    with pytest.raises(ImageError, match="more than the limit of 268 million"):
        open_picture(path)
    assert probe_image(path, pixel_limit=1 << 29).shape == ((1 << 13) + 1, 1 << 15)


@pytest.mark.parametrize("name", ["rgb rows", "rgb tiles", "rgb strips", "rgb jpeg", "16 bits"])
def test_windows_of_a_file_that_was_cut_off_are_refused(zoo, tmp_path, name):
    path = tmp_path / "cut.tif"
    data = (zoo / f"{name}.tif").read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with (
        pytest.raises(ImageError, match=r"cut.tif: damaged or cut off"),
        open_picture(path) as picture,
    ):
        picture.read(Region.whole(picture.shape))


@pytest.mark.parametrize(
    "region", [Region(0, 0, 0, 5), Region(-1, 0, 5, 5), Region(0, 0, HEIGHT + 1, 5)]
)
@pytest.mark.parametrize("suffix", [".tif", ".png"])
def test_a_region_outside_the_picture_is_refused(tmp_path, region, suffix):
    path = tmp_path / f"a{suffix}"
    Image.fromarray(colors()).save(path)
    with open_picture(path) as picture, pytest.raises(ValueError, match="is no part of"):
        picture.read(region)


def test_many_threads_may_read_at_once(zoo):
    path = zoo / "float.tif"
    whole = read_image(path)
    start = threading.Barrier(8)

    def look(seed: int) -> bool:
        random = np.random.default_rng(seed)
        start.wait(10)
        fine = True
        for _ in range(30):
            top, left = int(random.integers(HEIGHT - 50)), int(random.integers(WIDTH - 60))
            region = Region(top, left, top + 50, left + 60)
            fine &= np.array_equal(picture.read(region), whole[region.slices])
        return fine

    with open_picture(path, cache_bytes=20_000) as picture, ThreadPoolExecutor(8) as threads:
        assert all(threads.map(look, range(8)))


def test_decoded_tiles_are_kept_within_the_limit(zoo, monkeypatch):
    decoded = []
    decode = tiff_page.TiffPage.decode

    def counted(self, region, bands):
        decoded.append(region)
        return decode(self, region, bands)

    monkeypatch.setattr(tiff_page.TiffPage, "decode", counted)
    tile = Region(0, 0, 32, 48)
    with open_picture(zoo / "rgb tiles.tif", cache_bytes=32 * 48 * 3 * 2) as picture:
        picture.read(Region(0, 0, 32, 20))
        picture.read(Region(0, 20, 32, 48))
        assert decoded == [tile]
        picture.read(Region(32, 0, 96, 40))  # two others take its place
        picture.read(Region(0, 0, 32, 20))
        assert decoded.count(tile) == 2
        picture.read(Region(96, 0, 128, 48))  # read whole, nothing of it is wanted any more
        picture.read(Region(0, 20, 32, 48))
    assert decoded.count(tile) == 2


def test_a_closed_picture_says_so(zoo):
    Image.fromarray(colors()).save(zoo / "a.png")
    for name in ("rgb tiles.tif", "a.png"):
        picture = open_picture(zoo / name)
        picture.close()
        with pytest.raises(ImageError, match="was closed"):
            picture.read(Region(0, 0, 5, 5))


# larger than what may be in memory


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.png", {}),
        ("a.png", {"compress_level": 0}),
        ("a.jpg", {"quality": 90}),
        ("a.webp", {"lossless": True}),
        ("turned.png", {}),
        ("grey.png", {}),
        ("strip.tif", {"compression": "tiff_lzw"}),
    ],
)
@given(data=st.data())
def test_pictures_beyond_the_limit_are_read_from_a_temporary_file(
    tmp_path_factory, turned, name, options, data
):
    path = tmp_path_factory.mktemp("beyond") / name
    if name == "turned.png":
        turned(path, 6, HEIGHT, WIDTH)
    else:
        image = Image.fromarray(colors())
        (image.convert("L") if name == "grey.png" else image).save(path, **options)
    whole = read_image(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seglabel.formats.images.reading.PIXEL_LIMIT", 1000)
        patch.setattr("seglabel.formats.images.tiff_page._LARGEST_CELL", 1000)
        patch.setattr("seglabel.formats.images.png_bands._BAND", data.draw(st.integers(1, 9000)))
        patch.setattr("seglabel.formats.images.png_bands._PIECE", data.draw(st.integers(1, 9000)))
        with open_picture(path, pixel_limit=1 << 20) as picture:
            region = data.draw(regions(picture.shape))
            assert np.array_equal(picture.read(region), whole[region.slices])
            assert isinstance(picture._decoded, Spool)
            assert picture.overview(20).shape[:2] == tuple(
                round(side * 20 / max(whole.shape)) for side in whole.shape[:2]
            )
    with pytest.raises(ImageError, match="was closed"):
        picture.read(region)


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.98])
def test_a_png_beyond_the_limit_that_was_cut_off_is_refused(tmp_path, monkeypatch, keep):
    monkeypatch.setattr("seglabel.formats.images.reading.PIXEL_LIMIT", 1000)
    path = tmp_path / "cut.png"
    Image.fromarray(colors()).save(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    with (
        open_picture(path, pixel_limit=1 << 20) as picture,
        pytest.raises(ImageError, match=r"cut.png: damaged or cut off"),
    ):
        picture.read(Region(0, 0, 5, 5))


@pytest.mark.parametrize("rows", [HEIGHT - 1, HEIGHT + 1])
def test_a_png_that_holds_another_number_of_rows_than_it_claims_is_no_half_picture(tmp_path, rows):
    path = tmp_path / "rows.png"
    Image.fromarray(colors()[: HEIGHT - 1] if rows < HEIGHT else colors()).save(path)
    data = bytearray(path.read_bytes())
    data[20:24] = HEIGHT.to_bytes(4, "big") if rows < HEIGHT else (HEIGHT - 1).to_bytes(4, "big")
    with io.BytesIO(data) as file:
        if rows < HEIGHT:
            with pytest.raises(ValueError, match=f"ends after 0 of {HEIGHT} rows"):
                list(png_bands(file))
        else:
            assert np.array_equal(np.concatenate(list(png_bands(file))), colors()[:-1])


def test_a_full_disk_is_told_as_such(tmp_path, monkeypatch):
    class Full(io.BytesIO):
        def write(self, data):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("seglabel.formats.images.reading.PIXEL_LIMIT", 1000)
    monkeypatch.setattr("seglabel.formats.images.spool.tempfile.TemporaryFile", lambda **_: Full())
    Image.fromarray(colors()).save(tmp_path / "a.png")
    with (
        open_picture(tmp_path / "a.png", pixel_limit=1 << 20) as picture,
        pytest.raises(ImageError, match=r"a.png: needs a temporary file .* No space left"),
    ):
        picture.read(Region(0, 0, 5, 5))


@pytest.mark.parametrize("compression", ["group4", "packbits", None])
def test_windows_of_black_and_white_that_names_no_depth_are_black_and_white(tmp_path, compression):
    """One bit is what TIFF 6.0 assumes where BitsPerSample is not given."""
    path = tmp_path / "fax.tif"
    dots = np.random.default_rng(0).random((9, 16)) > 0.5
    Image.fromarray(dots).save(path, compression=compression)
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<HH", 258, 3), struct.pack("<HH", 65000, 3)))
    with open_picture(path) as picture:
        assert np.array_equal(picture.read(Region(2, 3, 9, 16)), read_image(path)[2:, 3:])
        assert np.array_equal(picture.read(Region(0, 0, 9, 16))[:, :, 0] > 0, dots)
        assert picture.read(Region(0, 0, 9, 16)).max() == 255
