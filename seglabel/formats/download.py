"""Files from the network: resumed where they stopped, checked, renamed when whole."""

from __future__ import annotations

import hashlib
import http
import http.client
import os
import re
import shutil
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from seglabel import __version__
from seglabel.core.cancel import Cancel
from seglabel.core.errors import DownloadError
from seglabel.formats.atomic import WriteError, make_folder, sync_folder

_TIMEOUT_S = 30.0
_CHUNK = 1 << 18
_ATTEMPTS = 3  # that bring nothing before it is given up
PART_SUFFIX = ".part"

BytesCallback = Callable[[int, int], None]
"""Gets the bytes that are there and the bytes that are expected (0 if nobody knows)."""


@dataclass(frozen=True)
class _Answer:
    """What a server said it will send."""

    begin: int
    total: int  # of the whole file, 0 if it did not say


def download(
    url: str,
    target: Path,
    *,
    sha256: str = "",
    progress: BytesCallback = lambda done, total: None,
    cancel: Cancel | None = None,
) -> str:
    """Fetch ``url`` into ``target`` and return the SHA-256 of what came.

    ``sha256`` is the digest that is expected, or its first digits. What a broken connection or
    Cancelled left is kept beside the target as ``.part`` and a later call goes on from there; a
    file that is not what was expected is removed. Raises DownloadError that says what to do.
    """
    cancel = cancel or Cancel()
    part = target.with_name(target.name + PART_SUFFIX)
    try:
        make_folder(target.parent)
        was_begun = part.exists()
        _fetch(url, part, progress, cancel)
        found = digest_of(part)
        if not found.startswith(sha256.lower()) and was_begun:
            part.unlink()  # the beginning may be that of an older file
            _fetch(url, part, progress, cancel)
            found = digest_of(part)
        if not found.startswith(sha256.lower()):
            part.unlink()
            raise DownloadError(
                f"{url}: expected a file whose SHA-256 begins with {sha256}, found {found}. "
                "It was removed; try again, and if it stays so, do not trust this source"
            )
        _publish(part, target)
    except OSError as error:
        raise WriteError(f"{target}: cannot be written: {error.strerror or error}") from error
    return found


def _fetch(url: str, part: Path, progress: BytesCallback, cancel: Cancel) -> None:
    """Bring ``part`` to its full length, as long as each few attempts bring something."""
    failures = 0
    while True:
        begin = _size(part)
        try:
            total = _attempt(url, part, begin, progress, cancel)
            size = _size(part)
            if not total or size == total:
                return
            problem = f"the connection ended after {size:,} of {total:,} bytes"
        except urllib.error.HTTPError as error:
            if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and begin:
                # What is there is as long as the file or longer: only a new start can tell.
                part.unlink()
                continue
            raise DownloadError(f"{url}: the server answers {error.code} {error.reason}") from error
        except urllib.error.URLError as error:
            problem = str(error.reason)
        except (http.client.HTTPException, ssl.SSLError, TimeoutError, ConnectionError) as error:
            problem = f"{type(error).__name__}: {error}"
        failures = 0 if _size(part) > begin else failures + 1
        if failures == _ATTEMPTS:
            raise DownloadError(_advice(url, problem, _size(part)))


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _advice(url: str, problem: str, there: int) -> str:
    kept = f"{there:,} bytes are kept and the next try goes on from there." if there else ""
    return (
        f"{url}: cannot be fetched ({problem}). {kept or 'Is this machine online?'} Or download it "
        "by other means and give the file itself"
    )


def _attempt(url: str, part: Path, begin: int, progress: BytesCallback, cancel: Cancel) -> int:
    """Append what the server sends. Returns the length that the whole file should have."""
    request = urllib.request.Request(url, headers={"User-Agent": f"seglabel/{__version__}"})
    if begin:
        request.add_header("Range", f"bytes={begin}-")
    cancel.raise_if_set()
    with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as response:
        answer = _answer(response)
        done = answer.begin
        with part.open("r+b" if begin else "wb") as file:
            # A server that sends all of it again begins at 0, whatever was asked for.
            file.seek(answer.begin)
            file.truncate()
            while chunk := response.read(_CHUNK):
                file.write(chunk)
                done += len(chunk)
                progress(done, answer.total)
                cancel.raise_if_set()
    return answer.total


def _answer(response: http.client.HTTPResponse) -> _Answer:
    ranged = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    if response.status == http.HTTPStatus.PARTIAL_CONTENT and ranged:
        return _Answer(int(ranged[1]), 0 if ranged[2] == "*" else int(ranged[2]))
    length = response.headers.get("Content-Length", "")
    return _Answer(0, int(length) if length.isdigit() else 0)


def _publish(part: Path, target: Path) -> None:
    """Give what is on disk for good its name."""
    with part.open("r+b") as file:
        os.fsync(file.fileno())
    part.replace(target)
    sync_folder(target.parent)


def digest_of(path: Path) -> str:
    """SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def free_bytes(folder: Path) -> int:
    """Free space where ``folder`` is or will be."""
    existing = next(p for p in (folder, *folder.absolute().parents) if p.exists())
    return shutil.disk_usage(existing).free
