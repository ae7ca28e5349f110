"""Downloads from a server on this machine that behaves as badly as real ones."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from seglabel.core.cancel import Cancel
from seglabel.core.errors import Cancelled, DownloadError
from seglabel.formats.atomic import WriteError
from seglabel.formats.download import download

CONTENT = bytes(range(256)) * 4000  # a megabyte
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server:
    """Serves CONTENT at any path; what it does wrong is set from outside."""

    def __init__(self) -> None:
        self.requests: list[str | None] = []  # the Range header of each
        self.drop_after: list[int] = []  # per request, bytes after which the connection ends
        self.claimed_length: int | None = None
        self.ignores_range = False
        self.status = 200
        self.content = CONTENT
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.answer(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._http.server_port}/weights.pth"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        wanted = handler.headers.get("Range")
        self.requests.append(wanted)
        if self.status != 200:
            handler.send_error(self.status)
            return
        begin = 0
        if wanted and not self.ignores_range:
            begin = int(wanted.removeprefix("bytes=").rstrip("-"))
            if begin >= len(self.content):
                handler.send_error(416)
                return
            handler.send_response(206)
            last = len(self.content) - 1
            handler.send_header("Content-Range", f"bytes {begin}-{last}/{len(self.content)}")
        else:
            handler.send_response(200)
        body = self.content[begin:]
        handler.send_header("Content-Length", str(self.claimed_length or len(body)))
        handler.end_headers()
        limit = self.drop_after.pop(0) if self.drop_after else None
        try:
            handler.wfile.write(body[:limit])
        except OSError:
            return  # the client hung up
        handler.close_connection = True

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "models" / "weights.pth"


def test_a_file_arrives_whole_and_its_progress_is_told(server: Server, target: Path) -> None:
    told: list[tuple[int, int]] = []
    found = download(server.url, target, sha256=SHA256, progress=lambda *now: told.append(now))
    assert target.read_bytes() == CONTENT
    assert found == SHA256
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [path.name for path in target.parent.iterdir()] == ["weights.pth"]


def test_the_first_digits_of_a_digest_are_enough_to_check(server: Server, target: Path) -> None:
    assert download(server.url, target, sha256=SHA256[:8]) == SHA256


def test_a_dropped_connection_is_taken_up_where_it_broke(server: Server, target: Path) -> None:
    server.drop_after = [300_000, 200_000]
    download(server.url, target, sha256=SHA256)
    assert target.read_bytes() == CONTENT
    assert server.requests == [None, "bytes=300000-", "bytes=500000-"]


def test_what_came_is_kept_for_the_next_try(server: Server, target: Path) -> None:
    server.drop_after = [100_000, 300_000, 0, 0, 0]
    with pytest.raises(DownloadError, match="400,000 bytes are kept"):
        download(server.url, target, sha256=SHA256)
    assert not target.exists()
    download(server.url, target, sha256=SHA256)
    assert server.requests[-1] == "bytes=400000-"
    assert target.read_bytes() == CONTENT


def test_a_server_that_ignores_ranges_is_read_from_the_start(server: Server, target: Path) -> None:
    server.drop_after, server.ignores_range = [300_000], True
    download(server.url, target, sha256=SHA256)
    assert target.read_bytes() == CONTENT


def test_a_wrong_file_is_removed_and_its_digests_are_named(server: Server, target: Path) -> None:
    server.content = b"something else"
    with pytest.raises(DownloadError, match=r"SHA-256 begins with .*found "):
        download(server.url, target, sha256=SHA256[:8])
    assert list(target.parent.iterdir()) == []


def test_the_beginning_of_another_file_is_thrown_away(server: Server, target: Path) -> None:
    target.parent.mkdir()
    target.with_name("weights.pth.part").write_bytes(b"old" * 1000)
    download(server.url, target, sha256=SHA256)
    assert target.read_bytes() == CONTENT


def test_more_than_the_whole_file_is_thrown_away(server: Server, target: Path) -> None:
    target.parent.mkdir()
    target.with_name("weights.pth.part").write_bytes(CONTENT + b"more")
    download(server.url, target, sha256=SHA256)
    assert target.read_bytes() == CONTENT


def test_a_server_that_promises_too_much_is_not_believed(server: Server, target: Path) -> None:
    server.claimed_length = len(CONTENT) + 5
    server.ignores_range = True  # else a second request would find out
    with pytest.raises(DownloadError, match="cannot be fetched"):
        download(server.url, target, sha256=SHA256)
    assert not target.exists()


def test_a_server_that_promises_too_little_is_found_out(server: Server, target: Path) -> None:
    server.claimed_length = 1000
    with pytest.raises(DownloadError, match="SHA-256"):
        download(server.url, target, sha256=SHA256)
    assert not target.exists()


def test_a_missing_file_is_told_by_the_servers_answer(server: Server, target: Path) -> None:
    server.status = 404
    with pytest.raises(DownloadError, match=r"weights\.pth.*404"):
        download(server.url, target)
    assert len(server.requests) == 1


def test_without_a_network_the_address_and_the_way_out_are_told(target: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(DownloadError, match=rf"127\.0\.0\.1:{port}.*online.*other means"):
        download(f"http://127.0.0.1:{port}/weights.pth", target)


def test_cancelling_keeps_what_came(server: Server, target: Path) -> None:
    cancel = Cancel()

    def stop(done: int, _: int) -> None:
        if done > 300_000:
            cancel.set()

    with pytest.raises(Cancelled):
        download(server.url, target, sha256=SHA256, progress=stop, cancel=cancel)
    assert not target.exists()
    download(server.url, target, sha256=SHA256)
    assert server.requests[-1] != "bytes=0-"
    assert target.read_bytes() == CONTENT


def test_an_old_file_stays_until_the_new_one_is_whole(server: Server, target: Path) -> None:
    target.parent.mkdir()
    target.write_bytes(b"old")
    server.content = b"wrong"
    with pytest.raises(DownloadError):
        download(server.url, target, sha256=SHA256)
    assert target.read_bytes() == b"old"


def test_a_place_that_cannot_be_written_is_named(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WriteError, match="file"):
        download(server.url, tmp_path / "file" / "weights.pth")
