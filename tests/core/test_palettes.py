"""Colours: VOC's to the byte, ours all different."""

from __future__ import annotations

import pytest

from seglabel.core.palettes import DEFAULT_PALETTE, default_color, voc_color
from seglabel.core.templates import TEMPLATES, VOC, template


@pytest.mark.parametrize(
    ("index", "color"),
    [
        (0, (0, 0, 0)),
        (1, (128, 0, 0)),
        (2, (0, 128, 0)),
        (3, (128, 128, 0)),
        (4, (0, 0, 128)),
        (8, (64, 0, 0)),
        (15, (192, 128, 128)),
        (20, (0, 64, 128)),
        (64, (32, 0, 0)),
        (255, (224, 224, 192)),
    ],
)
def test_the_voc_color_map_is_that_of_the_challenge(index: int, color: tuple[int, int, int]):
    assert voc_color(index) == color


def test_all_256_voc_colors_differ():
    assert len({voc_color(index) for index in range(256)}) == 256


def test_the_default_palette_has_no_color_twice():
    assert len(set(DEFAULT_PALETTE)) == len(DEFAULT_PALETTE)


def test_254_categories_get_254_different_colors():
    taken: list[tuple[int, int, int]] = []
    for category_id in range(1, 255):
        color = default_color(category_id, taken)
        assert all(0 <= value <= 255 for value in color)
        taken.append(color)
    assert len(set(taken)) == 254


def test_the_first_categories_get_the_palette_in_its_order():
    assert [default_color(i) for i in (1, 2, 3)] == list(DEFAULT_PALETTE[:3])
    assert default_color(1, DEFAULT_PALETTE[:1]) == DEFAULT_PALETTE[1]
    assert default_color(len(DEFAULT_PALETTE), DEFAULT_PALETTE[-1:]) == DEFAULT_PALETTE[0]


def test_the_same_question_gets_the_same_color():
    assert default_color(300, DEFAULT_PALETTE) == default_color(300, DEFAULT_PALETTE)


def test_the_voc_template_is_in_the_order_of_the_challenge():
    assert [(c.id, c.name) for c in VOC][:: len(VOC) - 1] == [(1, "aeroplane"), (20, "tvmonitor")]
    assert VOC.named("person").color == (192, 128, 128)


def test_every_offered_template_can_be_made():
    for key in TEMPLATES:
        assert len(template(key)) > 0


def test_cityscapes_learns_nothing_from_what_is_not_labelled():
    assert template("cityscapes").background_is_void
    assert len(template("cityscapes")) == 19
