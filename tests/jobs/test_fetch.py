from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from seglabel.core.errors import DownloadError, SegLabelError
from seglabel.core.progress import Progress
from seglabel.core.public_weights import PublicFile, PublicWeights
from seglabel.jobs.fetch import fetch, fetched_path, is_fetched
from seglabel.jobs.models import find_model

WEIGHTS, CONFIG = b"weights" * 1000, b"{}"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A server that has both files of a model."""
    served = tmp_path / "served"
    served.mkdir()
    (served / "model.safetensors").write_bytes(WEIGHTS)
    (served / "config.json").write_bytes(CONFIG)
    http = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(served)))
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}"
    http.shutdown()
    http.server_close()
    thread.join()


@pytest.fixture
def two_files(address: str) -> PublicWeights:
    return PublicWeights(
        "net",
        (
            PublicFile(
                f"{address}/model.safetensors",
                "model.safetensors",
                hashlib.sha256(WEIGHTS).hexdigest()[:8],
            ),
            PublicFile(f"{address}/config.json", "config.json"),
        ),
        data_set="VOC",
        categories=21,
        backbone="mobilenet_v2",
        output_stride=16,
        megabytes=0.007,
        license="Apache-2.0",
        terms="none",
    )


def test_a_model_of_several_files_becomes_a_folder(two_files, tmp_path: Path) -> None:
    told: list[Progress] = []
    report = fetch(two_files, tmp_path / "models", progress=told.append)
    assert report.path == tmp_path / "models" / "net"
    assert (report.path / "model.safetensors").read_bytes() == WEIGHTS
    assert (report.path / "config.json").read_bytes() == CONFIG
    assert report.sha256 == hashlib.sha256(WEIGHTS).hexdigest()
    assert report.is_checked
    assert told[0].total == len(WEIGHTS)


def test_what_is_there_is_not_fetched_again(two_files, tmp_path: Path) -> None:
    fetch(two_files, tmp_path)
    offline = replace(
        two_files,
        files=tuple(replace(f, url="http://127.0.0.1:1/none") for f in two_files.files),
    )
    assert fetch(offline, tmp_path).was_there


def test_a_damaged_file_is_fetched_anew(two_files, tmp_path: Path) -> None:
    fetch(two_files, tmp_path)
    damaged = tmp_path / "net" / "model.safetensors"
    damaged.write_bytes(b"half")
    assert not fetch(two_files, tmp_path).was_there
    assert damaged.read_bytes() == WEIGHTS


def test_too_little_space_is_said_before_anything_is_sent(two_files, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="MB are free"):
        fetch(replace(two_files, megabytes=1e12), tmp_path)


def test_a_model_is_found_by_its_name_once_it_was_fetched(two_files, tmp_path: Path) -> None:
    with pytest.raises(SegLabelError, match="seglabel models fetch net"):
        find_model("net", None, [two_files], tmp_path)
    assert not is_fetched(two_files, tmp_path)
    fetch(two_files, tmp_path)
    assert is_fetched(two_files, tmp_path)
    assert find_model("net", None, [two_files], tmp_path) == fetched_path(two_files, tmp_path)


def test_a_name_that_nobody_knows_is_refused(two_files, tmp_path: Path) -> None:
    with pytest.raises(SegLabelError, match="models list"):
        find_model("nothing", None, [two_files], tmp_path)
