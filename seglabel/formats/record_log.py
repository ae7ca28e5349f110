"""What is known of each image, as an append-only file of JSON lines.

Saving one image adds a line instead of rewriting a list of all images. The last line of an image
counts. A line that was cut by a crash is dropped. Before the labels of an image are replaced, a
line announces it, so that after a crash it is known which label files to ask for the truth.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from seglabel.core.errors import ProjectFormatError
from seglabel.core.parsing import parse_json
from seglabel.core.project import ImageRecord
from seglabel.formats.atomic import make_folder, sync_folder, write_bytes, write_error

_SAVING = "saving"


class RecordLog:
    """The file ``images.jsonl`` of a project."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> tuple[dict[str, ImageRecord], set[str]]:
        """The last record of every image, and the names whose saving never ended.

        Raises ProjectFormatError that names a line that is damaged, other than the last one.
        """
        records, unfinished, problems = self.salvage()
        if problems:
            raise ProjectFormatError(f"{self._path}, {problems[0]}")
        return records, unfinished

    def salvage(self) -> tuple[dict[str, ImageRecord], set[str], list[str]]:
        """The same of the lines that can be read, and what is wrong with the others."""
        records: dict[str, ImageRecord] = {}
        unfinished: set[str] = set()
        problems: list[str] = []
        try:
            lines = self._path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return records, unfinished, problems
        except OSError as error:
            raise ProjectFormatError(f"{self._path}: {error.strerror or error}") from error
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                entry = parse_json(line)
                if isinstance(entry, dict) and _SAVING in entry:
                    unfinished.add(str(entry[_SAVING]))
                    continue
                record = ImageRecord.from_json(entry)
            except (ValueError, TypeError, ProjectFormatError) as error:
                if number < len(lines):  # else the crash came while this line was written
                    problems.append(f"line {number}: {error}")
                continue
            records[record.name] = record
            unfinished.discard(record.name)
        return records, unfinished, problems

    def announce(self, name: str) -> None:
        """Say that the labels of ``name`` are about to be replaced."""
        self._append({_SAVING: name}, durable=False)

    def append(self, record: ImageRecord) -> None:
        """Add what is now known; on return it survives power loss."""
        self._append(record.to_json(), durable=True)

    def note(self, record: ImageRecord) -> None:
        """The same of what can be found out again; power loss may take it."""
        self._append(record.to_json(), durable=False)

    def rewrite(self, records: Iterable[ImageRecord], unfinished: Iterable[str] = ()) -> None:
        """Have a line of each of these, and no more. Raises WriteError."""
        lines = [_dump(record.to_json()) for record in records]
        lines += [_dump({_SAVING: name}) for name in sorted(unfinished)]
        write_bytes(self._path, b"".join(lines))

    def _append(self, entry: dict[str, object], *, durable: bool) -> None:
        try:
            make_folder(self._path.parent)
            is_new = not self._path.exists()
            with self._path.open("ab+") as file:
                file.write(_mend(file) + _dump(entry))
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            if is_new:
                sync_folder(self._path.parent)
        except OSError as error:
            raise write_error(self._path, error) from error


def _mend(file: BinaryIO) -> bytes:
    """Take away a line that a crash cut off; what to write before the next line."""
    if not file.tell():
        return b""
    file.seek(-1, os.SEEK_END)
    if file.read(1) == b"\n":
        return b""
    file.seek(0)
    whole = file.read()
    begin = whole.rfind(b"\n") + 1
    try:
        parse_json(whole[begin:])
    except ValueError:
        file.truncate(begin)
        return b""
    return b"\n"  # only the end of the line is missing


def _dump(entry: dict[str, object]) -> bytes:
    # File names need not be valid Unicode; json.loads reads such bytes back as they were.
    text = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass") + b"\n"
