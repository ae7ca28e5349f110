from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seglabel.cli.commands import OpenWindow, run_command
from seglabel.core.categories import Category, CategorySet
from seglabel.core.status import Status
from seglabel.formats.label_png import read_label_file
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.demo import DemoFolder

CPU = ("--device", "cpu")


def project(images) -> ProjectStore:
    return ProjectStore.open(images)


# exit codes


def test_a_run_without_trouble_ends_with_0(seglabel, images, model) -> None:
    outcome = seglabel("predict", images, "--model", model, *CPU)
    assert outcome.code == 0
    assert "proposed 3 images" in outcome.err
    assert outcome.out == ""  # sentences are for people, on stderr
    assert project(images).project.with_status(Status.PROPOSED) == project(images).project.names


def test_a_run_with_a_bad_image_ends_with_1_and_names_it(seglabel, images, model) -> None:
    (images / "torn.png").write_bytes((images / "one.png").read_bytes()[:60])
    outcome = seglabel("predict", images, "--model", model, *CPU)
    assert outcome.code == 1
    assert "proposed 3 images" in outcome.err
    assert "1 images failed" in outcome.err
    assert outcome.err.count("torn.png: ") == 1


@pytest.mark.parametrize("as_json", [(), ("--json",)])
def test_what_is_refused_ends_with_2_and_changes_nothing(seglabel, tmp_path, as_json) -> None:
    missing = tmp_path / "no such folder"
    outcome = seglabel("predict", missing, "--model", "x", *as_json)
    assert outcome.code == 2
    assert "no such folder" in outcome.err
    assert list(tmp_path.iterdir()) == []
    if as_json:
        assert "no such folder" in outcome.lines[-1]["error"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("predict",),
        ("predict", ".", "--device", "abacus"),
        ("predict", ".", "--only", "some"),
        ("train", ".", "--budget", "soon"),
        ("train", ".", "--budget", "1m", "--steps", "3"),
        ("export", "coco", "."),
        ("export", "coco", ".", "out", "--status", "good"),
    ],
)
def test_arguments_that_make_no_sense_end_with_2(seglabel, arguments) -> None:
    assert seglabel(*arguments).code == 2


@pytest.mark.parametrize("as_json", [(), ("--json",)])
def test_an_error_of_the_program_itself_is_one_sentence_and_ends_with_2(
    seglabel, labelled, tmp_path, monkeypatch, as_json
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by design")

    monkeypatch.delenv("SEGLABEL_DEBUG", raising=False)
    monkeypatch.setattr("seglabel.cli.commands.export", broken)
    arguments = ("export", "coco", labelled.folder, tmp_path / "out", *as_json)
    outcome = seglabel(*arguments)
    assert outcome.code == 2
    assert "ZeroDivisionError: by design" in outcome.err
    assert "Traceback" not in outcome.err
    if as_json:
        assert outcome.lines[-1]["error"] == "ZeroDivisionError: by design"
    monkeypatch.setenv("SEGLABEL_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        seglabel(*arguments)


class InterruptedAtItsFirstLine(io.StringIO):
    """A stdout at which somebody presses Ctrl+C as soon as something is written."""

    def write(self, text: str) -> int:
        if not self.getvalue():
            signal.raise_signal(signal.SIGINT)
        return super().write(text)


def test_ctrl_c_ends_with_130_and_keeps_what_is_done(seglabel, images, model, monkeypatch) -> None:
    before = signal.getsignal(signal.SIGINT)
    stream = InterruptedAtItsFirstLine()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", stream)
        outcome = seglabel("predict", images, "--model", model, "--json", *CPU)
    assert outcome.code == 130
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert lines[-1] == {"event": "result", "cancelled": True}
    assert project(images).project.with_status(Status.PROPOSED) == ("one.png",)
    assert signal.getsignal(signal.SIGINT) is before
    # A second run goes on from there.
    assert seglabel("predict", images, "--model", model, "--json", *CPU).lines[-1]["skipped"] == 1


# JSON for programs


def test_json_lines_tell_the_progress_and_end_with_the_result(seglabel, images, model) -> None:
    lines = seglabel("predict", images, "--model", model, "--json", *CPU).lines
    assert [line["event"] for line in lines] == ["progress"] * 3 + ["result"]
    assert [(line["done"], line["total"]) for line in lines[:-1]] == [(1, 3), (2, 3), (3, 3)]
    assert lines[2]["name"] == "zwei 图.png"
    assert (lines[-1]["proposed"], lines[-1]["failed"]) == (3, [])


def test_json_lines_pass_through_a_pipe_of_any_encoding(
    seglabel, images, model, monkeypatch
) -> None:
    pipe = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", pipe)
        outcome = seglabel("predict", images, "--model", model, "--json", *CPU)
    assert outcome.code == 0
    names = [json.loads(line).get("name") for line in pipe.buffer.getvalue().splitlines()]
    assert "zwei 图.png" in names


def test_training_tells_its_loss_in_json(seglabel, labelled, model) -> None:
    outcome = seglabel(
        "train", labelled.folder, "--init", model, "--steps", 1, "--val", 0, "--json", *CPU
    )
    assert outcome.code == 0
    *progress, result = outcome.lines
    assert progress[0]["loss"] > 0
    assert result["steps"] == 1
    assert result["miou"] is None
    assert result["model"].endswith("model-1.safetensors")
    assert (labelled.models_folder / "model-1.safetensors").is_file()
    assert "learned from 1 images in 1 steps" in outcome.err


# predict


def test_a_file_name_that_is_no_text_does_not_stop_the_run(seglabel, images, model) -> None:
    try:  # on Linux a name is any bytes; this is "café" as old programs wrote it
        shutil.copy(os.fsencode(images / "one.png"), os.fsencode(images) + b"/caf\xe9.png")
    except OSError:
        pytest.skip("this file system takes only names that are text")
    outcome = seglabel("predict", images, "--model", model, "--json", *CPU)
    assert outcome.code == 0
    assert outcome.lines[-1]["proposed"] == 4


def test_a_second_run_skips_everything(seglabel, images, model) -> None:
    seglabel("predict", images, "--model", model, *CPU)
    result = seglabel("predict", images, "--model", model, "--json", *CPU).lines[-1]
    assert (result["proposed"], result["skipped"]) == (0, 3)


def test_proposals_can_be_written_as_plain_pngs_instead(seglabel, images, model, tmp_path) -> None:
    out = tmp_path / "labels"
    assert seglabel("predict", images, "--model", model, "--out", out, *CPU).code == 0
    assert read_label_file(out / "sub/two.png").labels().shape == (24, 40)
    assert (out / "categories.txt").read_text().splitlines()[1].startswith("1,red,#ff0000")
    assert not (images / ".seglabel").exists()


def test_plain_pngs_are_of_all_images_unless_some_are_asked_for(
    seglabel, labelled, model, tmp_path
) -> None:
    arguments = ("predict", labelled.folder, "--model", model, "--json", *CPU)
    every = seglabel(*arguments, "--out", tmp_path / "all").lines[-1]
    assert every["proposed"] == 3  # the reviewed one too: nobody's labels are touched
    some = seglabel(*arguments, "--out", tmp_path / "some", "--only", "empty").lines[-1]
    assert some["proposed"] == 2
    assert labelled.load("one.png").status is Status.REVIEWED


def test_plain_pngs_never_overwrite_the_pictures_they_are_of(seglabel, images, model) -> None:
    before = (images / "one.png").read_bytes()
    outcome = seglabel("predict", images, "--model", model, "--out", images, *CPU)
    assert outcome.code == 2
    assert (images / "one.png").read_bytes() == before


def test_a_project_may_lie_elsewhere(seglabel, images, model, tmp_path) -> None:
    elsewhere = tmp_path / "project"
    seglabel("predict", images, "--model", model, "--project", elsewhere, *CPU)
    assert not (images / ".seglabel").exists()
    assert ProjectStore.open(images, elsewhere).project.records["one.png"].model == "tiny"


def test_other_scales_propose_anew_and_the_same_ones_do_not(seglabel, images, model) -> None:
    def done(*choices: str) -> tuple[int, int]:
        result = seglabel("predict", images, "--model", model, "--json", *choices, *CPU).lines[-1]
        return result["proposed"], result["skipped"]

    assert done() == (3, 0)
    assert done("--flip") == (3, 0)
    assert done("--flip") == (0, 3)
    assert done("--scales", "0.5,1") == (3, 0)
    assert done("--tile", "128") == (3, 0)
    assert done() == (3, 0)


def test_scales_and_flips_are_taken(seglabel, images, model) -> None:
    arguments = ("--scales", "0.5,1,2", "--flip", "--tile", "128")
    assert seglabel("predict", images, "--model", model, *arguments, *CPU).code == 0


# which model


def test_a_model_that_is_not_known_is_refused_with_those_that_are(
    seglabel, labelled, model
) -> None:
    labelled.models_folder.mkdir()
    for name in ("model-1", "model-2"):
        (labelled.models_folder / f"{name}.safetensors").write_bytes(model.read_bytes())
    outcome = seglabel("predict", labelled.folder, "--model", "model-3")
    assert outcome.code == 2
    assert "'model-3'" in outcome.err
    assert "model-1, model-2" in outcome.err
    assert seglabel("predict", labelled.folder, "--model", "model-2", *CPU).code == 0


def test_without_a_wish_the_projects_own_model_is_used(seglabel, labelled, model) -> None:
    outcome = seglabel("predict", labelled.folder)
    assert outcome.code == 2
    assert "no model yet" in outcome.err
    labelled.models_folder.mkdir()
    (labelled.models_folder / "mine.safetensors").write_bytes(model.read_bytes())
    labelled.project.settings["model"] = "mine"
    labelled.save_project()
    assert seglabel("predict", labelled.folder, *CPU).code == 0
    assert project(labelled.folder).project.records["sub/two.png"].model == "mine"


def test_a_file_that_is_no_model_is_refused(seglabel, images) -> None:
    outcome = seglabel("predict", images, "--model", images / "one.png")
    assert outcome.code == 2
    assert "one.png" in outcome.err


# evaluate


def test_the_last_line_of_evaluate_is_its_result(seglabel, labelled, model) -> None:
    for as_json in ((), ("--json",)):
        outcome = seglabel("evaluate", labelled.folder, "--model", model, *as_json, *CPU)
        assert outcome.code == 0
        result = json.loads(outcome.out.splitlines()[-1])
        assert set(result) >= {"miou", "pixel_accuracy", "iou", "images", "confusion"}
        assert result["images"] == 1
        assert set(result["iou"]) <= {"background", "red", "blue"}
        assert np.array(result["confusion"]).shape == (3, 3)
        assert np.array(result["confusion"]).sum() == 24 * 40


@pytest.mark.parametrize("is_compared", [False, True])
def test_a_report_is_a_page_and_the_last_line_stays_the_result(
    seglabel, labelled, model, tmp_path, is_compared
) -> None:
    plain = json.loads(seglabel("evaluate", labelled.folder, "--model", model, *CPU).out)
    other = tmp_path / "other.safetensors"
    other.write_bytes(model.read_bytes())
    page = tmp_path / "page"
    against = ("--against", other) if is_compared else ()
    outcome = seglabel(
        "evaluate", labelled.folder, "--model", model, "--report", page, *against, *CPU
    )
    assert outcome.code == 0, outcome.err
    assert [path.name for path in page.iterdir()] == ["index.html"]
    text = (page / "index.html").read_text("utf-8")
    assert ("tiny compared with other" in text) is is_compared
    assert "one.png" in text
    result = json.loads(outcome.out.splitlines()[-1])
    same = ("miou", "pixel_accuracy", "iou", "images", "confusion", "categories")
    assert {key: result[key] for key in same} == {key: plain[key] for key in same}
    assert result["report"] == str(page / "index.html")
    assert ("against" in result) is is_compared
    if is_compared:
        assert result["against"]["miou"] == plain["miou"]
    again = seglabel("evaluate", labelled.folder, "--model", model, "--report", page, *CPU)
    assert again.code == 0
    assert " on CPU" not in again.err  # nothing was computed, so no model was loaded


def test_a_model_judged_by_what_it_learned_from_is_said_to_be_flattered(
    seglabel, labelled, model
) -> None:
    train = ("train", labelled.folder, "--init", model, "--steps", 1, "--val", 0, *CPU)
    assert seglabel(*train).code == 0
    outcome = seglabel("evaluate", labelled.folder, "--model", "model-1", *CPU)
    assert "model-1 learned from 1 of these images, which flatters it" in outcome.err


def test_evaluate_takes_the_truth_from_a_folder_too(seglabel, images, model, tmp_path) -> None:
    truth = tmp_path / "truth" / "sub"
    truth.mkdir(parents=True)
    Image.fromarray(np.ones((24, 40), np.uint8)).save(truth / "two.png")
    outcome = seglabel("evaluate", images, "--model", model, "--labels", truth.parent, *CPU)
    assert outcome.code == 0
    result = json.loads(outcome.out.splitlines()[-1])
    assert result["images"] == 1
    assert result["left_out"] == ["one.png", "zwei 图.png"]
    assert "2 images have no labels in" in outcome.err


def test_the_truths_own_list_of_categories_says_what_its_ids_mean(
    seglabel, labelled, model, tmp_path
) -> None:
    truth = tmp_path / "truth"
    truth.mkdir()
    Image.fromarray(np.full((24, 40), 9, np.uint8)).save(truth / "one.png")
    Image.fromarray(np.full((24, 40), 1, np.uint8)).save(truth / "zwei 图.png")
    arguments = ("evaluate", labelled.folder, "--model", model, "--labels", truth, *CPU)
    outcome = seglabel(*arguments)  # to the project 9 means nothing
    assert outcome.code == 1
    assert "one.png: its labels hold ids without a category: [9]" in outcome.err
    (truth / "categories.txt").write_text("0,none\n9,red\n1,blue\n")
    outcome = seglabel(*arguments)
    assert outcome.code == 0
    result = json.loads(outcome.out.splitlines()[-1])
    rows = dict(zip(result["categories"], np.sum(result["confusion"], axis=1), strict=True))
    assert rows == {"none": 0, "red": 24 * 40, "blue": 24 * 40}


def test_evaluate_without_reviewed_images_says_what_to_do(seglabel, images, model) -> None:
    outcome = seglabel("evaluate", images, "--model", model, *CPU)
    assert outcome.code == 2
    assert "--labels" in outcome.err


# train


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--steps", 0), "steps"),
        (("--seed", -1, "--steps", 1), "seed"),
        (("--val", 1.5, "--steps", 1), "validation share"),
        (("--backbone", "alexnet", "--steps", 1), "alexnet"),
        (("--init", "nowhere.pth", "--steps", 1), "nowhere.pth"),
        (("--out", "model.pth", "--steps", 1), "model.pth"),
    ],
)
def test_a_training_that_cannot_be_is_refused_in_words(
    seglabel, labelled, arguments, named
) -> None:
    outcome = seglabel("train", labelled.folder, *arguments, *CPU)
    assert outcome.code == 2
    assert named in outcome.err
    assert not labelled.models_folder.exists()


def test_training_goes_past_a_damaged_picture_and_ends_with_1(seglabel, labelled, model) -> None:
    annotation = labelled.load("one.png")
    labelled.save("sub/two.png", annotation)
    path = labelled.folder / "sub/two.png"
    path.write_bytes(path.read_bytes()[:60])
    arguments = ("train", labelled.folder, "--init", model, "--steps", 1, "--val", 0)
    outcome = seglabel(*arguments, *CPU)
    assert outcome.code == 1
    assert "learned from 1 images" in outcome.err
    assert "two.png: damaged" in outcome.err


def test_a_second_training_says_which_model_is_used_and_why(seglabel, labelled, model) -> None:
    arguments = ("train", labelled.folder, "--init", model, "--steps", 1, "--val", 0, *CPU)
    first = json.loads(seglabel(*arguments, "--json").out.splitlines()[-1])
    assert (first["previous"], first["is_used"]) == (None, True)
    second = seglabel(*arguments)
    assert second.code == 0
    assert "model-2 is used now; nothing was held back to compare it with model-1" in second.err


def test_a_second_training_is_compared_on_the_same_held_back_images(
    seglabel, labelled, model
) -> None:
    annotation = labelled.load("one.png")
    for name in ("sub/two.png", "zwei 图.png"):
        labelled.save(name, annotation)
    arguments = ("train", labelled.folder, "--init", model, "--steps", 1, "--val", 0.5, *CPU)
    first = json.loads(seglabel(*arguments, "--json").out.splitlines()[-1])
    assert first["validation_images"] > 0
    second = seglabel(*arguments)
    assert f"model-1 has mIoU {first['miou']:.3f} on the same images" in second.err
    # The same steps from the same weights: it is as good, which is not better.
    assert "is still used; to use the new one: --model model-2" in second.err
    third = json.loads(seglabel(*arguments, "--json").out.splitlines()[-1])
    assert (third["is_used"], third["previous"]["model"]) == (False, "model-1")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_a_training_that_is_interrupted_keeps_the_best_and_ends_with_130(labelled, model) -> None:
    command = ("train", labelled.folder, "--init", model, "--val", 0, "--budget", "10m", *CPU)
    program = (sys.executable, "-m", "seglabel", *map(str, command), "--json")
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert json.loads(process.stdout.readline())["done"] == 1
        process.send_signal(signal.SIGINT)
        result = json.loads(process.stdout.read().splitlines()[-1])
    assert process.returncode == 130
    assert result["is_cancelled"] and result["is_used"]
    assert Path(result["model"]).is_file()


def test_training_without_labels_says_so(seglabel, images) -> None:
    outcome = seglabel("train", images, "--steps", 1, *CPU)
    assert outcome.code == 2
    assert "no image is reviewed or corrected" in outcome.err


# import and export


@pytest.mark.parametrize("command", ["import", "export"])
def test_an_unknown_format_is_refused_with_the_known_ones(
    seglabel, labelled, tmp_path, command
) -> None:
    paths = (tmp_path / "set", labelled.folder)
    outcome = seglabel(command, "yolo9000", *(paths if command == "import" else paths[::-1]))
    assert outcome.code == 2
    assert "coco, voc, masks" in outcome.err
    assert "yolo9000" in outcome.err


def test_labels_travel_out_and_in_again(seglabel, labelled, images, tmp_path) -> None:
    target = tmp_path / "masks"
    assert seglabel("export", "masks", images, target, "--status", "reviewed").code == 0
    assert seglabel("export", "masks", images, target).code == 2  # never over what exists
    assert seglabel("export", "masks", images, target, "--force", "--json").lines[-1]["images"] == 3
    elsewhere = ("--project", tmp_path / "again")
    result = seglabel("import", "masks", target, images, *elsewhere, "--json").lines[-1]
    assert result["images"] == 3
    again = ProjectStore.open(images, tmp_path / "again")
    assert np.array_equal(again.load("one.png").labels, labelled.load("one.png").labels)
    assert again.project.categories == labelled.project.categories


def test_an_import_ends_with_what_became_of_it(seglabel, labelled, tmp_path) -> None:
    masks = tmp_path / "masks"
    masks.mkdir()

    def bring(name: str, value: int):
        Image.fromarray(np.full((24, 40), value, np.uint8)).save(masks / f"{name}.png")
        return seglabel("import", "masks", masks, labelled.folder)

    assert bring("nowhere", 1).code == 2  # nothing came in
    outcome = bring("zwei 图", 9)
    assert outcome.code == 1
    assert "new categories: 9 → category 9 (9)" in outcome.err
    (masks / "nowhere.png").unlink()
    outcome = bring("zwei 图", 9)
    assert outcome.code == 0
    assert "1 had these labels already" in outcome.err


def test_a_split_that_is_none_is_refused(seglabel, labelled, tmp_path) -> None:
    outcome = seglabel("export", "coco", labelled.folder, tmp_path / "x", "--split", "train=0.8")
    assert outcome.code == 2
    assert "0.8" in outcome.err
    assert not (tmp_path / "x").exists()


def test_import_takes_names_from_a_file_and_says_what_id_0_means(
    seglabel, images, tmp_path
) -> None:
    masks = tmp_path / "masks"
    masks.mkdir()
    Image.fromarray(np.ones((24, 40), np.uint8)).save(masks / "one.png")
    (tmp_path / "classes.txt").write_text("various\nbuilding\n")
    names = ("--categories", tmp_path / "classes.txt")
    outcome = seglabel("import", "masks", masks, images, *names)
    assert outcome.code == 0
    assert "various" in outcome.err
    categories = project(images).project.categories
    assert [c.name for c in categories] == ["building"]
    assert categories.background_is_void


# demo


@pytest.fixture
def demo_folder(tmp_path, monkeypatch, model) -> Path:
    """Where a demo of small images goes; a small model stands where those built in are."""

    def draw(number: int) -> tuple[np.ndarray, np.ndarray]:
        picture, labels = np.zeros((24, 40, 3), np.uint8), np.zeros((24, 40), np.uint8)
        picture[:, : 20 + number, 0], labels[:, : 20 + number] = 255, 1
        return picture, labels

    colors = (Category(1, "red", (255, 0, 0)), Category(2, "blue", (0, 0, 255)))
    categories = CategorySet(colors)
    folders = (
        DemoFolder("left", str(model), categories, draw, new=2, labelled=1),
        DemoFolder("right", str(model), categories, draw, new=1),
    )
    monkeypatch.setattr("seglabel.__main__._demo_folders", lambda: folders)
    return tmp_path / "demo"


def test_a_demo_leaves_folders_of_the_same_names_alone(seglabel, demo_folder) -> None:
    mine = demo_folder / "right-voc" / "mine.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("years of work")
    outcome = seglabel("demo", demo_folder, "--headless")
    assert outcome.code == 2
    assert "right-voc: holds something else than an earlier export" in outcome.err
    assert "proposing" not in outcome.err  # said before the work
    assert mine.read_text() == "years of work"


def test_a_demo_without_a_screen_exports_and_says_where_everything_lies(
    seglabel, demo_folder, monkeypatch
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")  # a window that nobody could ever close
    for wish in (("--headless",), ()):  # what the first one exported, the second may replace
        outcome = seglabel("demo", demo_folder, *wish, "--json")
        assert outcome.code == 0
    result = outcome.lines[-1]
    assert [Path(path).name for path in result["folders"]] == ["left", "right"]
    names = ["left-coco", "left-voc", "right-coco", "right-voc"]
    assert [Path(path).name for path in result["exports"]] == names
    for place in (*result["folders"], *result["exports"]):
        assert place in outcome.err and Path(place).is_dir()
    coco = Path(result["exports"][0]) / "annotations" / "instances_train.json"
    assert len(json.loads(coco.read_text())["images"]) == 3
    masks = Path(result["exports"][3]).rglob("SegmentationClass/*.png")
    assert [path.name for path in masks] == ["right_01.png"]


def test_a_demo_tells_one_progress_of_all_that_it_does(seglabel, demo_folder) -> None:
    lines = seglabel("demo", demo_folder, "--headless", "--json").lines
    steps = [(line["done"], line["total"]) for line in lines if line["event"] == "progress"]
    assert steps == [(done, 7) for done in range(1, 8)]  # four are drawn, three proposed


def test_a_demo_for_the_window_exports_nothing_and_leaves_the_first_image_to_the_person(
    seglabel, demo_folder
) -> None:
    outcome = seglabel("demo", demo_folder, "--prepare", "--json")
    assert outcome.code == 0 and outcome.lines[-1]["exports"] == []
    assert sorted(path.name for path in demo_folder.iterdir()) == ["left", "right"]
    status = {n: str(r.status) for n, r in project(demo_folder / "left").project.records.items()}
    assert status == {
        "left_01.png": "empty",
        "left_02.png": "proposed",
        "left_03.png": "reviewed",
    }
    assert str(project(demo_folder / "right").project.records["right_01.png"].status) == "proposed"


def test_an_image_of_the_demo_that_fails_is_named_and_does_not_stop_the_rest(
    seglabel, demo_folder
) -> None:
    (demo_folder / "left").mkdir(parents=True)
    (demo_folder / "left" / "left_01.png").write_bytes(b"not a picture at all")
    outcome = seglabel("demo", demo_folder, "--headless", "--json")
    assert outcome.code == 1
    assert any("left_01.png" in failure for failure in outcome.lines[-1]["failed"])
    assert len(outcome.lines[-1]["exports"]) == 4


def test_a_demo_where_somebody_looks_is_made_in_the_window(demo_folder, monkeypatch) -> None:
    monkeypatch.setattr("seglabel.cli.commands.has_visible_screen", lambda: True)
    outcome = run_command(["demo", str(demo_folder)], lambda: ())
    assert outcome == OpenWindow(demo_folder)
    assert not demo_folder.exists()


def test_a_demo_whose_qt_lacks_a_library_says_how_to_install_it(seglabel, tmp_path) -> None:
    screens = "seglabel.app.demo_screens"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, screens, None)  # importing it is an ImportError
        patch.setattr("seglabel.__main__.missing_libraries", lambda: ["libEGL.so.1"])
        outcome = seglabel("demo", tmp_path / "demo", "--headless")
    assert outcome.code == 2
    assert "libEGL.so.1" in outcome.err


def test_a_faster_precision_is_used_only_where_it_is_asked_for(seglabel, images, model) -> None:
    plain = seglabel("predict", images, "--model", model, *CPU)
    assert "bf16" not in plain.err
    fast = seglabel(
        "predict", images, "--model", model, "--precision", "bf16", "--only", "all", *CPU
    )
    assert fast.code == 0
    assert "bf" in fast.err


def test_parts_of_a_folder_together_give_all_of_it(seglabel, images, model, tmp_path) -> None:
    out = tmp_path / "out"
    line = ("predict", images, "--model", model, "--out", out, *CPU)
    for part in ("1/2", "2/2"):
        assert seglabel(*line, "--shard", part).code == 0
    assert len(list(out.rglob("*.png"))) == 3
    assert json.loads(seglabel(*line, "--json").out.splitlines()[-1])["proposed"] == 0


@pytest.mark.parametrize("part", ["0/2", "3/2", "1", "a/b"])
def test_a_part_that_does_not_exist_is_refused(seglabel, images, model, part) -> None:
    assert seglabel("predict", images, "--model", model, "--shard", part).code == 2


def test_parts_are_not_written_into_one_project(seglabel, images, model) -> None:
    outcome = seglabel("predict", images, "--model", model, "--shard", "1/2", *CPU)
    assert outcome.code == 2
    assert "--out" in outcome.err


def test_a_limit_of_pixels_holds_for_the_project_from_then_on(
    seglabel, images, model, tmp_path
) -> None:
    Image.new("RGB", (1500, 1000)).save(images / "large.png")
    outcome = seglabel("predict", images, "--model", model, "--pixel-limit", "1.4", *CPU)
    assert outcome.code == 1
    assert "large.png: 1500 × 1000 pixels are more than the limit of 1 million" in outcome.err
    assert project(images).pixel_limit == 1_400_000
    assert seglabel("export", "masks", images, tmp_path / "out").code == 1
    larger = ("--pixel-limit", "1.5")
    assert seglabel("predict", images, "--model", model, *larger, *CPU).code == 0
    assert seglabel("export", "masks", images, tmp_path / "all").code == 0


@pytest.mark.parametrize("limit", ["0", "-5", "1100", "many"])
def test_a_limit_that_no_label_map_could_hold_is_refused(seglabel, images, limit) -> None:
    assert seglabel("predict", images, "--pixel-limit", limit).code == 2
