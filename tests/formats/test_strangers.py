"""Data sets of strangers: no waiting, no file from elsewhere, no program in a text."""

from __future__ import annotations

import ast
import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import seglabel
from seglabel.core.errors import CheckpointError, ImportRefused, LabelError
from seglabel.core.palettes import voc_color
from seglabel.formats.categories_file import read_categories
from seglabel.formats.coco import read_coco
from seglabel.formats.label_png import peek_label_file, read_label_file, read_small_labels
from seglabel.formats.masks import read_masks
from seglabel.formats.model_file import read_notes
from seglabel.formats.registry import formats
from seglabel.formats.regular_file import open_regular, read_regular
from seglabel.formats.voc import read_voc
from seglabel.jobs.importing import import_annotations

SHAPE = (8, 10)


def write_labels(path: Path, value: int = 1) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(np.full(SHAPE, value, np.uint8))
    image.putpalette([v for i in range(256) for v in voc_color(i)])
    image.save(path)


def write_picture(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", SHAPE[::-1], "red").save(path)
    return path


def write_set(kind: str, root: Path) -> Path:
    """A data set of two images, ``a`` and ``b``, whose pictures come along; gives their folder."""
    if kind == "coco":
        pictures, suffix = root / "images", "png"
        square = [[0, 0, 10, 0, 10, 8, 0, 8]]
        data = {
            "images": [
                {"id": n, "file_name": f"{name}.png", "width": 10, "height": 8}
                for n, name in enumerate("ab")
            ],
            "annotations": [
                {"id": n, "image_id": n, "category_id": 1, "segmentation": square} for n in (0, 1)
            ],
            "categories": [{"id": 1, "name": "cat"}],
        }
        (root / "annotations").mkdir(parents=True)
        (root / "annotations" / "instances_train.json").write_text(json.dumps(data))
    else:
        pictures, suffix = root / "JPEGImages", "jpg"
        for name in "ab":
            write_labels(root / "SegmentationClass" / f"{name}.png")
    for name in "ab":
        write_picture(pictures / f"{name}.{suffix}")
    return pictures


# pictures and labels behind links


@pytest.mark.parametrize("kind", ["coco", "voc"])
@pytest.mark.parametrize("target", ["private.png", "../outside/private.png"])
def test_a_picture_behind_a_link_that_leads_out_is_named_and_not_copied(
    tmp_path, other_folder, kind, target
):
    pictures = write_set(kind, tmp_path / "set")
    private = write_picture((pictures / target) if ".." in target else tmp_path / target)
    [link] = pictures.glob("a.*")
    link.unlink()
    link.symlink_to(private)
    store = other_folder.open()
    report = import_annotations(store, formats()[kind], tmp_path / "set", copy_images=True)
    if ".." in target:  # within the data set
        assert (report.copied, report.skipped, report.problems) == (2, [], [])
        return
    assert report.copied == 1
    assert [p.stem for p in other_folder.path.iterdir() if p.is_file()] == ["b"]
    assert len(report.skipped) == 1
    assert report.skipped[0].startswith("a")
    assert len(report.problems) == 1
    assert f"{link}: a link that leads out of" in report.problems[0]


@pytest.mark.parametrize("kind", ["coco", "voc"])
def test_a_strict_import_refuses_links_that_lead_out(tmp_path, other_folder, kind):
    pictures = write_set(kind, tmp_path / "set")
    [link] = pictures.glob("a.*")
    link.rename(tmp_path / "elsewhere")
    link.symlink_to(tmp_path / "elsewhere")
    store = other_folder.open()
    with pytest.raises(ImportRefused, match="bad records, nothing was changed"):
        import_annotations(store, formats()[kind], tmp_path / "set", copy_images=True, strict=True)
    assert list(other_folder.path.iterdir()) == []


def test_labels_behind_a_link_that_leads_out_are_named_and_not_read(tmp_path):
    write_set("voc", tmp_path / "set")
    labels = tmp_path / "set" / "SegmentationClass" / "a.png"
    labels.rename(tmp_path / "elsewhere.png")
    labels.symlink_to(tmp_path / "elsewhere.png")
    for incoming in (
        read_voc(tmp_path / "set"),
        read_masks(tmp_path / "set" / "SegmentationClass"),
    ):
        first, second = incoming.images
        assert "a link that leads out of" in first.refused
        assert not second.refused
        assert (second.labels == 1).all()


def test_links_within_a_data_set_and_to_it_are_followed(tmp_path):
    write_set("voc", tmp_path / "set")
    labels = tmp_path / "set" / "SegmentationClass"
    (labels / "c.png").symlink_to("a.png")
    (tmp_path / "link").symlink_to(tmp_path / "set")
    assert [image.refused for image in read_voc(tmp_path / "link").images] == ["", "", ""]


def test_links_in_circles_end(tmp_path):
    write_set("voc", tmp_path / "set")
    labels = tmp_path / "set" / "SegmentationClass"
    (labels / "c.png").symlink_to("c.png")
    (labels / "deeper").symlink_to(labels)
    by_name = {image.name: image for image in read_voc(tmp_path / "set").images}
    assert set(by_name) == {"a", "b", "c"}
    assert "c.png" in by_name["c"].refused
    assert {image.name for image in read_masks(labels).images} == {"a", "b"}


# what is no file


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders here")
def test_nothing_waits_for_a_pipe(tmp_path):
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    for read in (read_label_file, peek_label_file, lambda p: read_small_labels(p, (3, 3))):
        with pytest.raises(LabelError, match=r"pipe\.png: expected .*, found a pipe"):
            read(pipe)
    with pytest.raises(LabelError, match="found a pipe"):
        read_categories(pipe)
    with pytest.raises(CheckpointError, match="found a pipe"):
        read_notes(pipe)
    (tmp_path / "annotations").mkdir()
    os.mkfifo(tmp_path / "annotations" / "instances_train.json")
    with pytest.raises(ImportRefused, match="found a pipe"):
        read_coco(tmp_path)
    write_set("voc", tmp_path / "set")
    for name in ("SegmentationClass/c.png", "image_names.json"):
        os.mkfifo(tmp_path / "set" / name)
    refused = [image.refused for image in read_voc(tmp_path / "set").images]
    assert refused[:2] == ["", ""]
    assert "found a pipe" in refused[2]


def test_folders_devices_and_impossible_names_are_no_files(tmp_path):
    for path, found in (
        (tmp_path, "found a folder"),
        (Path("/dev/null"), "found a device"),
        (tmp_path / "gone", "cannot be opened: No such file"),
        (tmp_path / "a\0b", "cannot be opened: embedded null"),
    ):
        with pytest.raises(LabelError, match=found):
            open_regular(path, LabelError)
    (tmp_path / "a").write_bytes(b"abc")
    assert read_regular(tmp_path / "a", LabelError) == b"abc"


# programs in texts


def test_xml_of_strangers_is_never_read(tmp_path):
    """A billion laughs, and a file from the disk: VOC's XML repeats what the PNGs say better."""
    write_set("voc", tmp_path / "set")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE a [<!ENTITY l0 "ha">{laughs}<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    annotations = tmp_path / "set" / "Annotations"
    annotations.mkdir()
    for name in "ab":
        (annotations / f"{name}.xml").write_text(f"{bomb}<annotation>&l9;&f;</annotation>")
    assert [image.refused for image in read_voc(tmp_path / "set").images] == ["", ""]


def test_no_module_can_read_xml_or_yaml_or_a_pickle_of_strangers():
    """All that could run or blow up a text is absent; PyTorch's reader has tests of its own."""
    allowed = {"model/safe_pickle.py": {"pickle"}, "formats/voc.py": {"xml.etree.ElementTree"}}
    root = Path(seglabel.__file__).parent
    for path in root.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {
            name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in [*(alias.name for alias in node.names), getattr(node, "module", "") or ""]
        }
        suspects = {
            name
            for name in imported
            if name.split(".")[0] in ("xml", "lxml", "yaml", "pickle", "marshal", "shelve", "dill")
        }
        assert suspects <= allowed.get(path.relative_to(root).as_posix(), set()), path
        called = {
            node.func.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        }
        if "xml.etree.ElementTree" in suspects:  # it may write
            assert not called & {"parse", "fromstring", "iterparse", "XML", "XMLParser"}, path
