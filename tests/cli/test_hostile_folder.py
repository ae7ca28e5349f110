"""A folder full of pictures that broke other programs, through the whole command line."""

from __future__ import annotations

import json
from pathlib import Path

import hostile_corpus
import pytest
from PIL import Image

from seglabel.formats.project_store import ProjectStore

CPU = ("--device", "cpu")


@pytest.fixture
def corpus(tmp_path: Path) -> tuple[Path, dict[str, hostile_corpus.Entry]]:
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder, {entry.name: entry for entry in hostile_corpus.write(folder)}


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")  # pytest resets ours
def test_a_folder_of_hostile_pictures_is_opened_proposed_and_exported_and_failures_are_named(
    seglabel, corpus, model, tmp_path
) -> None:
    folder, entries = corpus
    listed = {name for name, entry in entries.items() if name != "dir.jpg"}
    store = ProjectStore.open(folder)
    assert set(store.project.names) == listed
    store.close()
    good = {name for name in listed if entries[name].is_picture}

    outcome = seglabel("predict", folder, "--model", model, "--json", *CPU)
    assert outcome.code == 1  # some failed
    said = outcome.lines[-1]
    assert said["proposed"] == len(good)
    assert len(said["failed"]) == len(listed) - len(good)
    for name in listed - good:
        assert any(name in failure for failure in said["failed"]), f"{name} was not named"
    outcome = seglabel("export", "coco", folder, tmp_path / "out", "--json")
    assert outcome.code == 1
    said = outcome.lines[-1]
    assert (said["images"], len(said["skipped"])) == (len(good), len(listed) - len(good))
    for name in listed - good:
        assert any(name in reason for reason in said["skipped"]), f"{name} was not named"
    [path] = (tmp_path / "out" / "annotations").glob("*.json")
    images = json.loads(path.read_bytes())["images"]
    assert {image["file_name"] for image in images} == good
    for image in images:
        with Image.open(tmp_path / "out" / "images" / image["file_name"]) as picture:
            assert set(picture.size) == {image["width"], image["height"]}
    again = ProjectStore.read(folder)
    for name in listed - good:
        assert again.project.records[name].error
