from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from seglabel.core.categories import CategorySet
from seglabel.core.comparison import ComparedPictures, Comparison, JudgedModel, compared
from seglabel.core.metrics import PairCounts
from seglabel.core.model_version import ModelVersion
from seglabel.formats.report import render_report

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "a & b &amp; c",
    "</title></style><!--",
    "javascript:alert(1)",
    "\u202egnp.exe",
    "bad\udcffbyte",
    "泡 bläse",
)
_VOID = {"meta", "img", "br", "link"}


class Page(HTMLParser):
    """What a browser would see: tags, their attributes and the text, strictly nested."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        if "style" not in self.open:
            self.text.append(data)
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def picture(value: int) -> np.ndarray:
    return np.full((6, 8, 3), value, np.uint8)


def made(
    names: tuple[str, ...] = ("new",),
    categories: tuple[str, ...] = ("roof", "road"),
    image: str = "a.png",
    judged_by: str = "held-back",
    learned_from: int | None = 0,
) -> tuple[Comparison, str]:
    """A comparison of one or two models on one image, and its page.

    The truth is half roof, half road; the last model takes a quarter of the roof for road, an
    earlier one all of it.
    """
    known = CategorySet.of(*categories)
    truth = np.array([[1, 1, 1, 1, 2, 2, 2, 2]], np.uint8)
    worse, better = np.full_like(truth, 2), np.array([[1, 1, 1, 2, 2, 2, 2, 2]], np.uint8)
    version = ModelVersion("v", "2026-03-04T05:06:07.000Z", parent=names[0], training=("x", "y"))
    models = []
    for index, name in enumerate(names):
        proposed = better if index == len(names) - 1 else worse
        counts = PairCounts.of(truth, proposed)
        models.append(
            JudgedModel(name, counts.scores(known.ids), {image: counts}, learned_from, version)
        )
    comparison = compared(known, known.ids, models, judged_by, ["b.png: gone"])
    shown = ComparedPictures(
        image, picture(10), picture(20), tuple(picture(30) for _ in names), picture(40)
    )
    page = render_report(
        comparison, comparison.worst(3), comparison.most_changed(3), {image: shown}
    )
    return comparison, page


def test_the_numbers_of_two_models_stand_side_by_side() -> None:
    _, text = made(("old", "new"))
    page = Page(text)
    assert ["roof", "0.000", "", "0.750", "", "+0.750"] in page.rows
    assert ["road", "0.500", "", "0.800", "", "+0.300"] in page.rows
    assert ["a.png", "0.250", "0.775", "+0.525"] in page.rows
    # Rows of the confusion matrices, in per cent of the true pixels.
    assert ["roof", "", "100"] in page.rows
    assert ["roof", "75", "25"] in page.rows
    said = " ".join(page.text)
    for part in (
        "new compared with old",
        "On 1 image held back from training",
        "2026-03-04 05:06 UTC",
        "b.png: gone",
        "only new is right",
    ):
        assert part in said, part
    assert "flatter" not in said


def test_one_model_is_shown_alone() -> None:
    _, text = made()
    page = Page(text)
    assert ["roof", "0.750", ""] in page.rows
    assert "difference" not in " ".join(page.text)
    assert len(page.of("img")) == 4


def test_pictures_lie_in_the_page_itself() -> None:
    _, text = made(("old", "new"))
    sources = [attrs["src"] or "" for attrs in Page(text).of("img")]
    assert len(sources) == 2 * 5  # among the worst and among the most changed
    levels = []
    for source in sources[:5]:
        kind, _, data = source.partition(",")
        assert kind == "data:image/jpeg;base64"
        levels.append(int(np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))).mean()))
    assert levels == pytest.approx([10, 20, 30, 30, 40], abs=1)


def test_the_page_needs_nothing_but_itself() -> None:
    _, text = made(("old", "new"))
    page = Page(text)
    assert not {"script", "link", "iframe", "object", "form"} & {tag for tag, _ in page.tags}
    for tag, attrs in page.tags:
        assert not [name for name in attrs if name.startswith("on")]
        for name in ("src", "href"):
            assert (attrs.get(name) or "data:").startswith("data:"), tag
    style = text[text.index("<style>") : text.index("</style>")]
    assert not re.search(r"url\(|@import|https?:", style)
    assert "http:" not in text and "https:" not in text
    assert "prefers-color-scheme: dark" in style
    policy = next(m for m in page.of("meta") if m.get("http-equiv"))
    assert policy["content"] == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_names_hold_is_shown_as_text(name: str) -> None:
    plain = Page(made(("old", "new"))[1])
    writable = name.encode("utf-8", "replace").decode()  # a category is called nothing else
    _, text = made((f"{name}1", f"{name}2"), (f"{writable}3", f"{writable}4"), f"{name}5")
    page = Page(text)
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags]
    text.encode()  # can be written
    assert "\u202e" not in text
    if name.isprintable():
        assert any(f"{name}3" in data for data in page.text)


@pytest.mark.parametrize(
    ("judged_by", "learned_from", "part"),
    [
        ("reviewed", 1, "new learned from 1 of these images."),
        ("reviewed", None, "new does not say which images it learned from."),
        ("reviewed", 0, ""),
        ("given", None, ""),
    ],
)
def test_scores_that_flatter_a_model_say_so(judged_by, learned_from, part) -> None:
    _, text = made(judged_by=judged_by, learned_from=learned_from)
    said = " ".join(Page(text).text)
    assert part in said
    assert ("flatter" in said) is bool(part)


def test_very_many_categories_are_shown_as_far_as_they_are_seen() -> None:
    known = CategorySet.of(*(f"c{i}" for i in range(60)))
    truth = np.repeat(np.arange(1, 61, dtype=np.uint8), np.arange(1, 61))[None]
    counts = PairCounts.of(truth, truth)
    model = JudgedModel("m", counts.scores(known.ids), {"a": counts})
    text = render_report(compared(known, known.ids, [model], "given"), [], [], {})
    page = Page(text)
    assert len([row for row in page.rows if len(row) == 41]) == 41
    assert "20 categories with fewer pixels are left out." in " ".join(page.text)
