from __future__ import annotations

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def training(script):
    return script("train_nuclei_model")


@pytest.fixture
def touching() -> np.ndarray:
    """Two nuclei side by side and one alone."""
    instances = np.zeros((40, 60), np.uint16)
    instances[10:30, 5:20], instances[10:30, 20:35] = 7, 3
    instances[10:30, 45:55] = 9
    return instances


def test_a_border_is_learned_where_two_nuclei_touch_and_nowhere_else(training, touching) -> None:
    labels = training.labels_with_borders(touching)
    rows, columns = np.nonzero(labels == training.BORDER)
    assert (columns.min(), columns.max()) == (18, 21)
    assert (rows.min(), rows.max()) == (10, 29)
    assert ((labels > 0) == (touching > 0)).all()


def test_nuclei_are_matched_one_to_one_by_their_overlap(training, touching) -> None:
    same = touching.astype(np.int32)
    assert training.matched(same, touching) == (3, 0, 0)
    as_one = np.where(np.isin(same, (3, 7)), 1, same)
    assert training.matched(as_one, touching) == (1, 1, 2)
    nothing = np.zeros_like(same)
    assert training.matched(nothing, touching) == (0, 0, 3)
    assert training.matched(same, np.zeros_like(touching)) == (0, 3, 0)


def test_every_image_has_its_place_for_ever(training, tmp_path, touching) -> None:
    for kind in ("images", "instances"):
        (tmp_path / kind).mkdir()
    for number in range(30):
        name = f"cell_{number}.png"
        Image.fromarray(np.zeros((40, 60, 3), np.uint8)).save(tmp_path / "images" / name)
        Image.fromarray(touching).save(tmp_path / "instances" / name)
    first, again = training.read_data(tmp_path), training.read_data(tmp_path)
    assert [one.place for one in first] == [one.place for one in again]
    assert len({one.place for one in first}) == 30
    assert all(0 <= one.place < 1 for one in first)


def test_each_picture_is_learned_in_several_looks_with_its_labels_in_place(
    training, touching
) -> None:
    glowing = np.where(touching > 0, 90, 8).astype(np.uint8)[..., None].repeat(3, axis=2)
    one = training.Annotated("cell.png", glowing, touching, 0.5)
    samples = training.training_samples([one])
    assert len(samples) >= 4
    shades = set()
    for sample in samples:
        picture, labels = sample.load()
        assert picture.dtype == labels.dtype == np.uint8
        assert picture.shape[:2] == labels.shape
        assert set(np.unique(labels)) == {0, training.NUCLEUS, training.BORDER}
        grey = picture.mean(axis=2)
        shades.add(bool(grey[labels == 1].mean() > grey[labels == 0].mean()))
    assert shades == {True, False}  # bright on dark and dark on bright
