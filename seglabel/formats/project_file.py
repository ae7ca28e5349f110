"""``project.json``: schema version, categories, settings, whose the files of cut names are."""

from __future__ import annotations

import json
from pathlib import Path

from seglabel.core.categories import CategorySet
from seglabel.core.errors import ProjectError, ProjectFormatError
from seglabel.core.parsing import parse_json
from seglabel.core.project import Project
from seglabel.formats.layout import PROJECT_FILE, SCHEMA


def is_project(root: Path) -> bool:
    """Whether a project lies at ``root``."""
    return (root / PROJECT_FILE).is_file()


def encode_project(project: Project) -> bytes:
    """The file of a project's categories and settings."""
    content = {
        "schema": SCHEMA,
        "settings": project.settings,
        "cut_names": project.cut_names,
        **project.categories.to_json(),
    }
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    # File names need not be valid Unicode; json.loads reads such bytes back as they were.
    return text.encode("utf-8", "surrogatepass") + b"\n"


def read_project_file(root: Path) -> Project:
    """Categories and settings from ``project.json``; a blank project where there is none."""
    path = root / PROJECT_FILE
    try:
        data = parse_json(path.read_bytes())
    except FileNotFoundError:
        return Project()
    except OSError as error:
        raise ProjectError(f"{path}: cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise ProjectFormatError(f"{path}: expected JSON: {error}") from error
    if not isinstance(data, dict):
        raise ProjectFormatError(f"{path}: expected an object, found {type(data).__name__}")
    schema = data.get("schema")
    if not isinstance(schema, int) or not 1 <= schema <= SCHEMA:
        is_newer = isinstance(schema, int) and schema > SCHEMA
        hint = "; a newer seglabel wrote it: update seglabel to open it" if is_newer else ""
        raise ProjectFormatError(f"{path}: expected schema {SCHEMA}, found {schema!r}{hint}")
    settings = data.get("settings", {})
    cut_names = data.get("cut_names", {})
    for key, value in (("settings", settings), ("cut_names", cut_names)):
        if not isinstance(value, dict):
            raise ProjectFormatError(f"{path}: {key}: expected an object")
    try:
        categories = CategorySet.from_json(data)
    except ProjectFormatError as error:
        raise ProjectFormatError(f"{path}: {error}") from error
    return Project(categories, settings, cut_names)
