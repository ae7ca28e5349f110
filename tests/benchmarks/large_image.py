"""How much memory and time `seglabel predict` takes for one very large picture.

    python tests/benchmarks/large_image.py --model CHECKPOINT [--side 20000] [--kind tiff png jpeg]

Makes a picture of SIDE × SIDE pixels of each kind (a tiled TIFF is read by windows, PNG and JPEG
can only be decoded whole), predicts it by the command line in a process of its own and prints the
most memory that this process had, beside the label map, and the seconds it took. The promise is
less than 2 GB beside the label map.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import imagecodecs
import numpy as np
import tifffile
from numpy.typing import NDArray

TILE = 512
GB = 1e9
PROMISE_GB = 2.0
SUFFIXES = {"tiff": "tif", "png": "png", "jpeg": "jpg"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True, metavar="CHECKPOINT")
    parser.add_argument("--side", type=int, default=20_000)
    parser.add_argument("--kind", nargs="+", choices=SUFFIXES, default=list(SUFFIXES))
    parser.add_argument("--tmp", type=Path, help="where the pictures are made")
    options = parser.parse_args()
    is_kept = True
    for kind in options.kind:
        with tempfile.TemporaryDirectory(dir=options.tmp) as folder:
            path = Path(folder) / "images" / f"large.{SUFFIXES[kind]}"
            path.parent.mkdir()
            run_apart(write_picture, path, options.side)
            result = measure(path.parent, options.model, options.side)
            result |= {"side": options.side, "file_gb": path.stat().st_size / GB}
        line = {key: round(value, 3) for key, value in result.items()}
        print(json.dumps({"kind": kind} | line), flush=True)
        is_kept &= result["beside_labels_gb"] < PROMISE_GB
    return 0 if is_kept else 1


def measure(folder: Path, model: Path, side: int) -> dict[str, float]:
    """Predict the pictures of a folder in a process of its own."""
    limit = str(max(side * side / 1e6, 1))
    command = [sys.executable, "-m", "seglabel", "predict", str(folder), "--json"]
    begin = time.perf_counter()
    process = subprocess.Popen([*command, "--model", str(model), "--pixel-limit", limit])
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"predict ended with status {status}")
    peak = usage.ru_maxrss * 1024
    return {
        "seconds": time.perf_counter() - begin,
        "peak_gb": peak / GB,
        "beside_labels_gb": (peak - side * side) / GB,
    }


def run_apart(action, *arguments) -> None:
    """In a fork, so that what it needs does not count for the process that is measured."""
    child = os.fork()
    if child == 0:
        action(*arguments)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        raise SystemExit("the picture could not be made")


def write_picture(path: Path, side: int) -> None:
    if path.suffix == ".tif":
        tifffile.imwrite(
            path,
            tiles(side),
            shape=(side, side, 3),
            dtype=np.uint8,
            tile=(TILE, TILE),
            photometric="rgb",
            compression="zlib",
            compressionargs={"level": 1},
            bigtiff=True,
        )
        return
    pixels = np.empty((side, side, 3), np.uint8)
    for number, tile in enumerate(tiles(side)):
        row, column = divmod(number, -(-side // TILE))
        part = pixels[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
        part[...] = tile[: part.shape[0], : part.shape[1]]
    encode = {".png": imagecodecs.png_encode, ".jpg": imagecodecs.jpeg_encode}[path.suffix]
    path.write_bytes(encode(pixels, 1 if path.suffix == ".png" else 90))


def tiles(side: int) -> Iterator[NDArray[np.uint8]]:
    """Discs of many colours on slopes with grain: something to see at every scale."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[:TILE, :TILE]
    for _ in range((-(-side // TILE)) ** 2):
        tile = np.stack([(x * a + y * b) % 256 for a, b in random.uniform(0, 0.5, (3, 2))], axis=-1)
        for cy, cx, radius in random.uniform(0, TILE, (6, 3)):
            disc = (y - cy) ** 2 + (x - cx) ** 2 < (radius / 4) ** 2
            tile[disc] = random.integers(0, 256, 3)
        yield (tile + random.integers(0, 8, tile.shape)).clip(0, 255).astype(np.uint8)


if __name__ == "__main__":
    sys.exit(main())
