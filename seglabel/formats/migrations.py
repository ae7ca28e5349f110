"""Bringing a project of an earlier schema up to date. What was there before is kept beside it."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from seglabel.core.errors import LabelError
from seglabel.core.parsing import parse_json
from seglabel.core.project import ImageRecord
from seglabel.formats.atomic import make_folder, sync_folder, write_bytes, write_error
from seglabel.formats.label_png import peek_label_file
from seglabel.formats.layout import (
    BACKUP,
    KINDS,
    LOG_FILE,
    PENDING,
    PROJECT_FILE,
    SCHEMA,
    stored_name,
    stored_name_1,
    stored_path,
)
from seglabel.formats.record_log import RecordLog


def migrate(root: Path) -> Path | None:
    """Rewrite a project of an earlier schema; where its files of before are, or ``None``.

    The caller has the project for itself. The new schema is written last: after a crash on the way
    the next call begins anew. Raises ProjectFormatError where it cannot be read, and WriteError.
    """
    try:
        data = parse_json((root / PROJECT_FILE).read_bytes())
        schema = data["schema"]
    except (OSError, ValueError, TypeError, KeyError):
        return None  # reading it will say what is wrong
    if schema not in _STEPS:
        return None
    backup = root / BACKUP / f"schema-{schema}"
    for name in (PROJECT_FILE, LOG_FILE):
        _keep(root / name, backup / name)
    for step in range(schema, SCHEMA):
        data = _STEPS[step](root, data)
    text = json.dumps({**data, "schema": SCHEMA}, ensure_ascii=False, indent=1, sort_keys=True)
    write_bytes(root / PROJECT_FILE, text.encode("utf-8", "surrogatepass") + b"\n")
    return backup


def _keep(path: Path, backup: Path) -> None:
    """Copy a file, unless an earlier attempt did."""
    try:
        if path.exists() and not backup.exists():
            write_bytes(backup, path.read_bytes())
    except OSError as error:
        raise write_error(backup, error) from error


def _say_which_file_labels_are_about(root: Path, data: dict[str, Any]) -> dict[str, Any]:
    """From 1 to 2: before, a proposal for a changed image made its record forget the old file."""
    log = RecordLog(root / LOG_FILE)
    records, unfinished = log.read()
    moved = {stored_name(n): n for n in records if stored_name(n) != stored_name_1(n)}
    for name in moved.values():
        _move_out_of_files_way(root, name)
    log.rewrite([_with_labelled(root, record) for record in records.values()], unfinished)
    return {**data, "cut_names": {**data.get("cut_names", {}), **moved}}


def _with_labelled(root: Path, record: ImageRecord) -> ImageRecord:
    path = stored_path(root, "labels", record.name)
    if not path.exists():
        return record
    with suppress(LabelError):  # damaged: opening it will say so
        note, _ = peek_label_file(path)
        return record.changed(labelled=str(note.get("digest", "")))
    return record.changed(labelled=record.digest)


def _move_out_of_files_way(root: Path, name: str) -> None:
    """Folders that are called as the labels of an image have another name since."""
    before, now = stored_name_1(name), stored_name(name)
    for kind, suffix in KINDS.items():
        for ending in (suffix, f"{suffix}{PENDING}"):
            old, new = root / kind / f"{before}{ending}", root / kind / f"{now}{ending}"
            try:
                if old.is_file():
                    make_folder(new.parent)
                    old.replace(new)
                    sync_folder(new.parent)
                    with suppress(OSError):  # others' files may lie in it
                        old.parent.rmdir()
            except OSError as error:
                raise write_error(new, error) from error


_STEPS = {1: _say_which_file_labels_are_about}
