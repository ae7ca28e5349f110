from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file, save

from seglabel.core.cancel import Cancel
from seglabel.core.categories import VOID, CategorySet
from seglabel.core.errors import Cancelled, CheckpointError, LabelError, TrainingError
from seglabel.core.model_version import Judgement
from seglabel.core.progress import Progress
from seglabel.core.samples import Learned
from seglabel.core.status import Status
from seglabel.formats.atomic import WriteError
from seglabel.formats.model_file import ModelFile
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.train import held_back, next_model_path, train


def checkpoint(value: int = 7) -> bytes:
    """A file of one weight."""
    return save({"weight": np.full(1, value, np.int32)})


def weights_of(path: Path) -> int:
    return int(load_file(path)["weight"][0])


@dataclass
class Pupil:
    """A whole learner that looks at every sample once and learns nothing but their names."""

    miou: float = 0.5
    training: dict[str, np.ndarray] = field(default_factory=dict)
    validation: dict[str, np.ndarray] = field(default_factory=dict)
    categories: CategorySet | None = None

    def learn(self, training, validation, categories, progress, cancel, keep, resume) -> Learned:
        cancel.raise_if_set()
        self.categories = categories
        for sample in training:
            self.training[sample.name] = sample.load()[1]
        for sample in validation:
            self.validation[sample.name] = sample.load()[1]
        return Learned(
            checkpoint(),
            7,
            1.25,
            self.miou,
            0.75,
            {"red": 0.5},
            training=len(training),
            validation=len(validation),
        )


HALF = np.zeros((12, 20), np.bool_)
HALF[:6] = True


def test_reviewed_and_corrected_images_are_learned_from_and_no_others(store, label) -> None:
    label(store, ["a.png"])
    label(store, ["b.png"], status=Status.CORRECTED)
    label(store, ["deep/a.png"], status=Status.PROPOSED)
    pupil = Pupil()
    report = train(store, pupil, validation_share=0)
    assert set(pupil.training) == {"a.png", "b.png"}
    assert pupil.categories == store.project.categories
    assert (report.learned.training, report.learned.validation) == (2, 0)


def test_a_corrected_image_teaches_only_what_a_person_painted(store, label) -> None:
    label(store, ["a.png"], 3, status=Status.REVIEWED, painted=HALF)
    label(store, ["b.png"], 3, status=Status.CORRECTED, painted=HALF)
    pupil = Pupil()
    train(store, pupil, validation_share=0)
    assert (pupil.training["a.png"] == 3).all()  # reviewed: a person answers for every pixel
    assert (pupil.training["b.png"][:6] == 3).all()
    assert (pupil.training["b.png"][6:] == VOID).all()


@pytest.mark.parametrize("is_void", [False, True])
def test_background_teaches_unless_it_means_not_labelled(store, label, is_void) -> None:
    store.project.categories = store.project.categories.with_background_void(is_void)
    label(store, ["a.png"], 0)
    pupil = Pupil()
    train(store, pupil, validation_share=0)
    assert (pupil.training["a.png"] == (VOID if is_void else 0)).all()


def test_only_reviewed_images_judge_and_what_is_alike_teaches_nothing(store, label) -> None:
    label(store, store.project.names)
    held = held_back(store, 0.5).validation
    assert 0 < len(held) < 4
    label(store, held[:1], status=Status.CORRECTED)
    pupil = Pupil()
    report = train(store, pupil, validation_share=0.5)
    assert held[0] not in pupil.training and held[0] not in pupil.validation
    assert report.unused == report.to_json()["unused_images"] == 1


# how a model came about


def test_a_model_says_how_it_came_about(store, label, proposer) -> None:
    label(store, store.project.names)
    store.project.settings["model"] = "old"
    store.save_project()
    split = held_back(store, 0.5)
    report = train(
        store,
        Pupil(0.9),
        load=lambda name: proposer(name=name),
        validation_share=0.5,
        parent="old",
        settings={"seed": 3},
    )
    version = ModelFile.read(report.path).version
    assert version is not None
    assert (version.name, version.parent, version.project) == ("model-1", "old", "images")
    assert (version.training, version.validation) == (split.training, split.validation)
    assert version.settings == {"seed": 3}
    assert version.scores == Judgement("model-1", 0.9, 0.75, {"red": 0.5})
    assert version.before is not None
    assert (version.before.model, version.before.miou) == ("old", 0.25)
    assert version.before.iou == {"red": 0.5, "blue": 0.0}
    age = datetime.now(UTC) - datetime.fromisoformat(version.date)
    assert timedelta() <= age < timedelta(minutes=5)


def test_other_labels_give_another_digest(store, label) -> None:
    label(store, ["a.png", "b.png"])
    names = ("a.png", "b.png", "deep/a.png")
    before = store.digest_of_labels(names)
    assert store.digest_of_labels(names) == before
    label(store, ["b.png"], 8)
    assert store.digest_of_labels(names) != before


# the model that was used until then


def used(store, model: str, label) -> None:
    label(store, store.project.names)
    store.project.settings["model"] = model
    store.save_project()


@pytest.mark.parametrize(("miou", "is_used"), [(0.2, False), (0.9, True)])
def test_the_new_model_is_used_only_if_it_is_better_on_the_same_images(
    store, images, label, proposer, miou, is_used
) -> None:
    used(store, "old", label)  # all is red, of which the old one says half: 0.5 and nothing else
    report = train(store, Pupil(miou), load=lambda name: proposer(name=name), validation_share=0.5)
    assert report.previous is not None
    assert (report.previous.name, round(report.previous.miou, 2)) == ("old", 0.25)
    assert report.is_used is report.to_json()["is_used"] is is_used
    assert weights_of(report.path) == 7  # it is kept in any case
    chosen = ProjectStore.open(images).project.settings["model"]
    assert chosen == ("model-1" if is_used else "old")


def test_a_model_that_cannot_be_judged_gives_way_to_the_new_one(store, label) -> None:
    def load(name: str) -> object:
        raise CheckpointError(f"{name}: gone")

    used(store, "old", label)
    report = train(store, Pupil(), load=load, validation_share=0.5)
    assert report.is_used
    assert report.to_json()["previous"] == {"model": "old", "miou": None, "problem": "old: gone"}


def test_without_held_back_images_the_new_model_is_used(store, label, proposer) -> None:
    used(store, "old", label)
    report = train(store, Pupil(float("nan")), load=lambda name: proposer(), validation_share=0)
    assert report.is_used and report.previous is not None
    assert np.isnan(report.previous.miou)


def test_what_was_changed_in_the_project_during_the_training_stays(store, images, label) -> None:
    class Slow(Pupil):
        def learn(self, *arguments) -> Learned:
            other = ProjectStore.open(images)
            other.project.categories = other.project.categories.with_background_void(True)
            other.project.settings["locked"] = [3]
            other.save_project()
            return super().learn(*arguments)

    label(store, ["a.png"])
    train(store, Slow())
    project = ProjectStore.open(images).project
    assert project.categories.background_is_void
    assert project.settings == {"locked": [3], "model": "model-1", "learned_images": 1}


def test_the_best_model_so_far_lies_on_disk_while_the_learning_goes_on(store, label) -> None:
    told: list[dict] = []

    class Killed(Pupil):
        def learn(
            self, training, validation, categories, progress, cancel, keep, resume
        ) -> Learned:
            progress(Progress(1, 9, values={"loss": 2.0}))
            keep(checkpoint(1))
            progress(Progress(2, 9, values={"loss": 1.0}))
            raise MemoryError

    label(store, ["a.png"])
    with pytest.raises(MemoryError):
        train(store, Killed(), progress=lambda p: told.append(p.values))
    path = store.models_folder / "model-1.safetensors"
    assert weights_of(path) == 1
    assert told == [{"loss": 2.0}, {"loss": 1.0, "checkpoint": str(path)}]


def test_models_of_a_project_are_numbered_and_the_last_one_is_its_own(store, images, label) -> None:
    label(store, ["a.png"])
    paths = [train(store, Pupil()).path for _ in range(2)]
    assert [path.name for path in paths] == ["model-1.safetensors", "model-2.safetensors"]
    assert weights_of(paths[0]) == 7
    assert ProjectStore.open(images).project.settings["model"] == "model-2"


def test_a_number_is_never_given_twice(tmp_path) -> None:
    for name in ("model-2", "model-10", "model-x", "other-99"):
        (tmp_path / f"{name}.safetensors").touch()
    assert next_model_path(tmp_path).name == "model-11.safetensors"
    assert next_model_path(tmp_path / "absent").name == "model-1.safetensors"


def test_a_model_written_elsewhere_leaves_the_projects_own_choice_alone(
    store, tmp_path, label
) -> None:
    label(store, ["a.png"])
    out = tmp_path / "new folder" / "mine.safetensors"
    assert train(store, Pupil(), out=out).path == out
    assert weights_of(out) == 7
    assert "model" not in store.project.settings


@pytest.mark.parametrize("name", ["mine.pth", "mine", "folder.safetensors"])
def test_a_model_file_nobody_could_read_is_refused_before_learning(
    store, tmp_path, label, name
) -> None:
    label(store, ["a.png"])
    (tmp_path / "folder.safetensors").mkdir()
    pupil = Pupil()
    with pytest.raises(TrainingError, match=name):
        train(store, pupil, out=tmp_path / name)
    assert pupil.training == {}


def test_a_place_that_cannot_be_written_is_refused_before_learning(store, tmp_path, label) -> None:
    label(store, ["a.png"])
    (tmp_path / "file").touch()
    pupil = Pupil()
    with pytest.raises(WriteError, match=r"mine\.safetensors: cannot be written"):
        train(store, pupil, out=tmp_path / "file" / "mine.safetensors")
    assert pupil.training == {}


def test_a_place_that_is_lost_while_learning_does_not_cost_the_model(
    store, tmp_path, label
) -> None:
    class Slow(Pupil):
        def learn(self, *arguments) -> Learned:
            (tmp_path / "drive").touch()  # somebody pulled it out, so to speak
            return super().learn(*arguments)

    label(store, ["a.png"])
    report = train(store, Slow(), out=tmp_path / "drive" / "mine.safetensors")
    assert report.path == store.models_folder / "model-1.safetensors"
    assert weights_of(report.path) == 7
    assert "mine.safetensors: cannot be written" in report.misplaced
    assert str(report.path) in report.misplaced
    assert report.to_json()["misplaced"] == report.misplaced


def test_a_project_that_is_lost_while_learning_does_not_cost_the_model(
    store, tmp_path, label, monkeypatch
) -> None:
    class Slow(Pupil):
        def learn(self, *arguments) -> Learned:
            learned = super().learn(*arguments)
            store.models_folder.touch()
            return learned

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "elsewhere"))
    label(store, ["a.png"])
    report = train(store, Slow())
    assert report.path == tmp_path / "elsewhere" / "model-1.safetensors"
    assert weights_of(report.path) == 7


def test_without_labels_there_is_nothing_to_learn_from(store, label) -> None:
    label(store, ["a.png"], status=Status.PROPOSED)
    with pytest.raises(TrainingError, match="no image is reviewed or corrected"):
        train(store, Pupil())


def test_without_categories_there_is_nothing_to_learn(store, label) -> None:
    label(store, ["a.png"])
    store.project.categories = CategorySet()
    with pytest.raises(TrainingError, match="no categories"):
        train(store, Pupil())


@pytest.mark.parametrize("share", [-0.1, 1.0, 2.0, float("nan")])
def test_a_share_to_hold_back_that_makes_no_sense_is_refused(store, label, share) -> None:
    label(store, ["a.png"])
    with pytest.raises(TrainingError, match="validation share"):
        train(store, Pupil(), validation_share=share)


def test_labels_of_another_size_than_the_image_are_refused_by_name(store, images, label) -> None:
    label(store, ["a.png"])
    Image.fromarray(np.zeros((5, 6, 3), np.uint8)).save(images / "a.png")
    with pytest.raises(TrainingError, match=r"a\.png: labelled at 20 × 12.*6 × 5"):
        train(store, Pupil())


def test_a_training_that_is_cancelled_at_once_writes_no_model(store, label) -> None:
    label(store, ["a.png"])
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        train(store, Pupil(), cancel=cancel)
    assert not store.models_folder.exists()


def test_a_report_is_json_even_without_scores(store, label) -> None:
    label(store, ["a.png"])
    report = train(store, Pupil(miou=float("nan"))).to_json()
    assert report["miou"] is None
    assert report["pixel_accuracy"] == 0.75
    assert report["steps"] == 7
    assert report["model"].endswith("model-1.safetensors")


def test_an_image_that_changed_after_it_was_labelled_teaches_nothing(store, images, label) -> None:
    label(store, ["a.png"])
    Image.fromarray(np.full((12, 20, 3), 99, np.uint8)).save(images / "a.png")
    with pytest.raises(LabelError, match=r"a\.png: its file changed after it was labelled"):
        train(store, Pupil())
    store.accept_change("a.png")
    assert train(store, Pupil()).learned.training == 1
