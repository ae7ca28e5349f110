"""Data sets of a size that somebody has: imported within bounds of memory, and counted in full.

By default twenty thousand annotations; ``python3 packaging/dev.py faults`` imports a million.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random

import numpy as np
import pytest
from PIL import Image

SIDE = 256
EACH = 1000  # annotations of an image
MEMORY = 2 << 30  # bytes of address space, most of which are libraries

IMPORT = """
import json, sys, time
from pathlib import Path
if sys.platform == "linux":
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[3]),) * 2)
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.registry import formats
from seglabel.jobs.importing import import_annotations

began = time.monotonic(), time.process_time()
store = ProjectStore.open(Path(sys.argv[1]))
report = import_annotations(store, formats()["coco"], Path(sys.argv[2]))
said = report.to_json()
said["problems"] = len(said["problems"]), said["problems"][:1]
said["notes"] = len(said["notes"])
said["seconds"] = time.monotonic() - began[0]
said["of_the_processor"] = time.process_time() - began[1]
if sys.platform == "linux":
    said["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps(said))
"""


def write_coco(path: Path, images: int) -> None:
    """Pentagons everywhere; every thousandth annotation is a bad one."""
    random = Random(1)
    path.parent.mkdir(parents=True)
    with path.open("w") as file:
        file.write('{"images": [')
        for number in range(images):
            comma = "," if number else ""
            entry = {"id": number, "file_name": f"{number}.png", "width": SIDE, "height": SIDE}
            file.write(comma + json.dumps(entry))
        file.write('], "annotations": [')
        for number in range(images * EACH):
            x, y = random.random() * 240, random.random() * 240
            corners = (x, y, x + 9, y, x + 9, y + 9, x + 4, y + 12, x, y + 9)
            values = [round(value, 2) for value in corners]
            if number % EACH == EACH - 1:
                values = values[:-1]
            image = number // EACH
            file.write(
                f"{',' if number else ''}"
                f'{{"id":{number},"image_id":{image},"category_id":{number % 3 + 1},"area":90,'
                f'"bbox":[{x:.2f},{y:.2f},9,12],"iscrowd":0,"segmentation":[{values}]}}'
            )
        names = [{"id": number, "name": f"kind {number}"} for number in (1, 2, 3)]
        file.write(f'], "categories": {json.dumps(names)}}}')


@pytest.mark.parametrize("images", [1000 if os.environ.get("SEGLABEL_FAULTS") == "all" else 20])
def test_all_annotations_come_in_within_bounds_of_memory(tmp_path, images) -> None:
    source = tmp_path / "set" / "annotations" / "instances_train.json"
    write_coco(source, images)
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(images):
        Image.fromarray(np.zeros((SIDE, SIDE), np.uint8)).save(pictures / f"{number}.png")
    arguments = [sys.executable, "-c", IMPORT, str(pictures), str(source), str(MEMORY)]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    found = subprocess.run(arguments, capture_output=True, text=True, env=environment, check=False)
    assert found.returncode == 0, found.stderr[-2000:]
    said = json.loads(found.stdout)
    print(f"{source.stat().st_size / 1e6:.0f} MB: {said}")
    assert said["images"] == images
    assert said["problems"][0] == images  # one bad record each, and all of them named
    assert f"annotations[{EACH - 1}]: a polygon needs an even number" in said["problems"][1][0]
    assert said["skipped"] == []
