"""Pictures that broke other programs: each gives its picture or is refused with a reason.

They are read in a process of its own with bounds of memory and time, one after the other.
"""

from __future__ import annotations

import json
import os
import queue
import re
import subprocess
import sys
import threading
from pathlib import Path

import hostile_corpus
import pytest

MEMORY = 6 << 30  # bytes of address space
SECONDS = 20  # for one file, most of which is for slow machines

READ = """
import json, sys
from pathlib import Path
if sys.platform == "linux":
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]),) * 2)
from seglabel.core.errors import ImageError
from seglabel.core.geometry import Region
from seglabel.formats.images import open_picture, probe_image, read_image, read_thumbnail

def opened(path):
    with open_picture(path) as picture:
        return picture.read(Region.whole(picture.shape))

def said(action, path):
    try:
        return action(path)
    except ImageError as error:
        return str(error)

def shape(pixels):
    if isinstance(pixels, str):
        return pixels
    assert pixels.dtype.name == "uint8" and pixels.shape[2] == 3
    return [pixels.shape[1], pixels.shape[0]]

print("ready", flush=True)
for line in sys.stdin:
    path = Path(json.loads(line))
    probed = said(lambda path: list(probe_image(path).shape[::-1]), path)
    whole, parts = said(read_image, path), said(opened, path)
    thumbnail = said(lambda path: read_thumbnail(path, (32, 32)), path)
    same = isinstance(whole, str) or isinstance(parts, str) or bool((whole == parts).all())
    answer = [probed, shape(whole), shape(parts), shape(thumbnail), same]
    print(json.dumps(answer), flush=True)
"""


class Reader:
    """The process that reads; begun anew where it crashed or hung."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", READ, str(MEMORY)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )
        self._lines: queue.Queue[str] = queue.Queue()
        process, lines = self._process, self._lines

        def listen() -> None:
            assert process.stdout is not None
            for line in process.stdout:
                lines.put(line)
            lines.put("")  # it ended

        self._listener = threading.Thread(target=listen, daemon=True)
        self._listener.start()
        assert self._lines.get(timeout=120).strip() == "ready"

    def read(self, path: Path) -> list | str:
        """What was said of a file, or that it crashed or hung."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(str(path)) + "\n")
        self._process.stdin.flush()
        try:
            line = self._lines.get(timeout=SECONDS)
        except queue.Empty:
            line = "hung"
        if line.startswith("["):
            return json.loads(line)
        self.close()
        verdict = f"{line or 'crashed'} (exit code {self._process.returncode})"
        self._begin()
        return verdict

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._listener.join()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """What must come of every file, and what came, by name."""
    folder = tmp_path_factory.mktemp("corpus")
    made = hostile_corpus.write(folder)
    reader = Reader()
    try:
        return {entry.name: (entry, reader.read(folder / entry.name)) for entry in made}
    finally:
        reader.close()


NAMES = [entry.name for entry in hostile_corpus.entries()]


def test_the_corpus_holds_at_least_what_the_design_lists():
    assert len(set(NAMES)) == len(NAMES) >= 51


@pytest.mark.parametrize("name", NAMES)
def test_every_hostile_file_gives_its_picture_or_is_refused_with_its_name_and_a_reason(
    corpus, name
):
    entry, answer = corpus[name]
    assert not isinstance(answer, str), f"the reader {answer}"
    probed, whole, parts, thumbnail, same = answer
    if entry.is_picture:
        width, height = entry.expected
        assert whole == parts == probed == [width, height]
        assert max(thumbnail) == 32
        assert same
        return
    for refused in (whole, parts, thumbnail) if entry.probed else (probed, whole, parts):
        assert isinstance(refused, str), "it was not refused"
        assert name in refused
        assert re.search(entry.expected, refused)
