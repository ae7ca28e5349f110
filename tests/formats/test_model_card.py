from __future__ import annotations

import json

import pytest

from seglabel.formats.model_card import CardScores, ModelCard, plain, render_card

CARD = ModelCard(
    name="roofs-3",
    summary="Finds roofs.",
    network="DeepLabv3+, efficientnet_lite0, output stride 16",
    categories=("background", "roof"),
    training=("40 images of the project Roofs of Lyon",),
    scores=(CardScores("5 held-back images", 0.8125, 0.95, {"background": 0.9, "roof": 0.725}),),
    limits=("Only seen by day",),
    facts={"steps": "700"},
    license="Apache-2.0",
    backbone_license="Apache-2.0",
    date="2026-01-02T03:04:05Z",
    program="seglabel 0.1.0",
    reproduce=("seglabel train roofs --steps 700",),
)


def test_a_card_says_all_that_is_known() -> None:
    text = render_card(CARD)
    assert text.startswith('---\nlicense: "apache-2.0"\n')
    for said in (
        "# roofs-3",
        "2 categories: background, roof.",
        "* 40 images of the project Roofs of Lyon",
        "## Scores on 5 held-back images",
        "mIoU 0.812, pixel accuracy 0.950.",
        "| roof | 0.725 |",
        "* Only seen by day",
        "| steps | 700 |",
        "| licence of the weights it started from | Apache-2.0 |",
        "| made on | 2026-01-02T03:04:05Z |",
        "    seglabel train roofs --steps 700",
        "--model roofs-3.safetensors",
    ):
        assert said in text, said


def test_what_is_not_known_is_left_out() -> None:
    text = render_card(ModelCard("m", "A model.", "DeepLabv3+", ("a",)))
    titles = [line for line in text.splitlines() if line.startswith("## ")]
    assert titles == ["## What it tells apart", "## Facts", "## Use it"]
    assert "license" not in text.split("# m")[0]


@pytest.mark.parametrize(
    "name",
    ["a|b", "# head", "<script>alert(1)</script>", "```", "two\nlines", "[x](y)", "泡"],
)
def test_no_name_can_break_out_of_its_place(name: str) -> None:
    card = ModelCard(
        name, name, name, (name,), (name,), (CardScores(name, 0.5, None, {name: 0.5}),), (name,)
    )
    text = render_card(card)
    assert "<script>" not in text
    rows = [line for line in text.splitlines() if line.endswith("| 0.500 |")]
    assert rows == [f"| {plain(name)} | 0.500 |"]
    assert plain(name).replace("\\|", "").count("|") == 0
    assert len([line for line in text.splitlines() if line.startswith("# ")]) == 1


def test_the_front_matter_is_yaml_whatever_the_licence_is_called() -> None:
    text = render_card(ModelCard("m", "s", "n", ("a",), license='odd: "one"\n---'))
    line = next(line for line in text.splitlines() if line.startswith("license: "))
    assert json.loads(line.removeprefix("license: ")) == 'odd: "one"\n---'


def test_many_categories_are_counted_and_some_are_named() -> None:
    card = ModelCard("m", "s", "n", tuple(f"c{i}" for i in range(150)))
    assert "150 categories: c0, c1," in render_card(card)
    assert "and 110 more." in render_card(card)
