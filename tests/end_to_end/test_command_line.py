"""From somebody's masks to a trained model and data sets that other programs read.

Everything through the real ``main()``, as a script would.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from pycocotools.coco import COCO
from torchvision.datasets import VOCSegmentation

from seglabel.__main__ import main
from seglabel.formats import open_project
from seglabel.formats.categories_file import read_categories

SIZE = (60, 84)
LABELLED = ("street/one.png", "street/two.png", "three.jpg", "four.jpg")
NEW = ("street/five.png", "six.png")
# pycocotools has yet to learn a keyword of NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

NAMES = ("background", "door", "window")
Run = Callable[..., list[str]]


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)  # on a busy machine threads wait for each other


@pytest.fixture
def seglabel(capsys) -> Run:
    """Runs a command that must succeed, and gives back the lines of its stdout."""

    def run(*arguments: object) -> list[str]:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        assert code == 0, said.err
        return said.out.splitlines()

    return run


def facade(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A grey wall with a red door and blue windows, and its ids."""
    generator = np.random.default_rng(seed)
    picture = generator.integers(110, 140, (*SIZE, 3), np.uint8)
    labels = np.zeros(SIZE, np.uint8)
    left = int(generator.integers(4, 30))
    for category_id, color, top, side in ((1, (190, 30, 30), 24, 20), (2, (30, 60, 200), 6, 12)):
        for begin in range(left, SIZE[1] - side, 34 // category_id):
            area = (slice(top, top + side), slice(begin, begin + side - 2))
            picture[area], labels[area] = color, category_id
    return picture, labels


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six pictures, of which somebody labelled four: ``masks`` lies beside the images."""
    images, masks = tmp_path / "images", tmp_path / "masks"
    for seed, name in enumerate((*LABELLED, *NEW)):
        picture, labels = facade(seed)
        (images / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(images / name)
        if name in LABELLED:
            mask = (masks / name).with_suffix(".png")
            mask.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(labels).save(mask)
    lines = ["0,background", "1,door,#be1e1e,thing", "2,window,#1e3cc8,thing"]
    (tmp_path / "classes.txt").write_text("\n".join(lines))
    return images


def digests(folder: Path) -> dict[str, str]:
    """What is in every image file."""
    paths = [folder / name for name in (*LABELLED, *NEW)]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_masks_become_a_model_proposals_and_data_sets_that_others_read(
    seglabel: Run, folder: Path, tmp_path: Path
) -> None:
    before = digests(folder)

    lines = seglabel(
        *("import", "masks", tmp_path / "masks", folder),
        *("--categories", tmp_path / "classes.txt", "--json"),
    )
    assert json.loads(lines[-1])["images"] == 4

    device = ("--device", "cpu", "--json")
    lines = seglabel("train", folder, "--steps", 2, "--val", 0.25, *device)
    told = [json.loads(line) for line in lines]
    assert all(line["loss"] > 0 for line in told[:-1])
    assert (told[-1]["training_images"], told[-1]["validation_images"]) == (3, 1)
    assert Path(told[-1]["model"]).is_relative_to(folder / ".seglabel")

    result = json.loads(seglabel("predict", folder, *device)[-1])
    assert (result["proposed"], result["skipped"], result["failed"]) == (2, 0, [])
    result = json.loads(seglabel("predict", folder, *device)[-1])
    assert (result["proposed"], result["skipped"]) == (0, 2)

    scores = json.loads(seglabel("evaluate", folder, "--model", "model-1", *device)[-1])
    assert scores["images"] == 4
    assert np.sum(scores["confusion"]) == 4 * SIZE[0] * SIZE[1]
    assert set(scores["iou"]) <= set(NAMES)

    for form in ("coco", "voc"):
        seglabel("export", form, folder, tmp_path / form, "--split", "train=0.5,val=0.5")
    project = open_project(folder)
    truth = {name: project.labels(name) for name in project.names}
    assert_coco_holds(tmp_path / "coco", truth)
    assert_voc_holds(tmp_path / "voc", truth)
    for seed, name in enumerate(LABELLED):  # a person's labels came through untouched
        assert np.array_equal(truth[name], facade(seed)[1])

    assert digests(folder) == before


def assert_coco_holds(target: Path, truth: dict[str, np.ndarray]) -> None:
    """What pycocotools decodes are the labels, pixel for pixel."""
    found = {}
    for split in ("train", "val"):
        coco = COCO(str(target / "annotations" / f"instances_{split}.json"))
        assert [c["name"] for c in coco.loadCats(coco.getCatIds())] == ["door", "window"]
        for image in coco.loadImgs(coco.getImgIds()):
            labels = np.zeros((image["height"], image["width"]), np.uint8)
            for annotation in coco.loadAnns(coco.getAnnIds(image["id"])):
                mask = coco.annToMask(annotation).astype(bool)
                assert annotation["area"] == mask.sum()
                labels[mask] = annotation["category_id"]
            found[image["file_name"]] = labels
            assert (target / "images" / image["file_name"]).is_file()
    assert set(found) == set(truth)
    assert all(np.array_equal(found[name], truth[name]) for name in truth)


def assert_voc_holds(target: Path, truth: dict[str, np.ndarray]) -> None:
    """What torchvision reads are the labels, pixel for pixel."""
    root = target / "VOCdevkit" / "VOC2012"
    names = json.loads((root / "image_names.json").read_bytes())
    found = {}
    for split in ("train", "val"):
        data_set = VOCSegmentation(str(target), year="2012", image_set=split)
        for index, path in enumerate(data_set.masks):
            picture, labels = data_set[index]
            assert picture.size == labels.size
            found[names[Path(path).stem]] = np.array(labels)
    assert set(found) == set(truth)
    assert all(np.array_equal(found[name], truth[name]) for name in truth)


def test_what_one_command_writes_another_takes(seglabel: Run, folder: Path, tmp_path: Path) -> None:
    # A model file and plain PNGs, without a project in the image folder.
    elsewhere = ("--project", tmp_path / "project")
    masks = ("import", "masks", tmp_path / "masks", folder)
    seglabel(*masks, "--categories", tmp_path / "classes.txt", *elsewhere)
    model, labels = tmp_path / "mine.safetensors", tmp_path / "labels"
    learn = ("--steps", 1, "--val", 0, "--out", model)
    seglabel("train", folder, *learn, "--device", "cpu", *elsewhere)
    seglabel("predict", folder, "--model", model, "--out", labels, "--device", "cpu")
    assert [c.name for c in read_categories(labels / "categories.txt")] == list(NAMES[1:])
    lines = seglabel("evaluate", folder, "--model", model, "--labels", labels, "--device", "cpu")
    scores = json.loads(lines[-1])
    assert (scores["images"], scores["pixel_accuracy"]) == (6, 1.0)  # it agrees with itself
    assert not (folder / ".seglabel").exists()


def test_the_same_export_twice_gives_the_same_bytes(
    seglabel: Run, folder: Path, tmp_path: Path
) -> None:
    seglabel(
        *("import", "masks", tmp_path / "masks", folder),
        *("--categories", tmp_path / "classes.txt"),
    )
    for form in ("coco", "voc", "masks"):
        written = []
        for attempt in ("first", "second"):
            target = tmp_path / attempt / form
            seglabel("export", form, folder, target, "--split", "train=0.5,val=0.5")
            files = sorted(path for path in target.rglob("*") if path.is_file())
            written.append({path.relative_to(target): path.read_bytes() for path in files})
        assert written[0] == written[1]
        assert written[0]
