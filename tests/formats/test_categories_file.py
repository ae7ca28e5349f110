"""Categories as a text file that people write by hand."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglabel.core.categories import Category, CategorySet
from seglabel.core.errors import LabelError
from seglabel.formats.categories_file import read_categories, write_categories


@pytest.fixture
def read(tmp_path):
    def read_text(text: str) -> CategorySet:
        (tmp_path / "names.txt").write_text(text, encoding="utf-8")
        return read_categories(tmp_path / "names.txt")

    return read_text


def test_a_bare_list_starts_at_background(read):
    found = read("nothing\ncat\ndog\n")
    assert [(c.id, c.name) for c in found] == [(1, "cat"), (2, "dog")]
    assert found.background == "nothing"
    assert not found.background_is_void


def test_full_lines_say_id_name_color_and_kind(read):
    found = read("0,other,#000000\n7,cat,#ff0080,thing\n3,sky,,stuff\n")
    assert found[7] == Category(7, "cat", (255, 0, 128), is_thing=True)
    assert (found[3].name, found[3].is_thing) == ("sky", False)
    assert found.ids == (7, 3)


def test_comments_blank_lines_and_a_byte_order_mark_are_skipped(read):
    found = read("\ufeff# my classes\n\n  \n1,cat\n# 2,dog\n")
    assert [c.name for c in found] == ["cat"]


@pytest.mark.parametrize("name", ["void", "Unlabelled", "unlabeled", "IGNORE", "undefined"])
def test_some_names_of_id_0_say_that_it_is_not_labelled(read, name):
    assert read(f"{name}\ncat\n").background_is_void
    assert read(f"0,{name},#000000\n1,cat\n").background_is_void
    assert not read(f"0,{name},#000000,stuff\n1,cat\n").background_is_void


def test_a_line_for_255_is_no_category(read):
    assert read("0,background\n1,cat\n255,ignore\n").ids == (1,)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("1,cat\nx,dog\n", "line 2: expected a number first, found 'x'"),
        ("256,cat\n", "line 1: id 256 is not within 0–255"),
        ("-1,cat\n", "line 1: id -1 is not within"),
        ("1,\n", "line 1: the name is empty"),
        ("1,cat,red\n", "line 1: expected a colour like #1f77b4, found 'red'"),
        ("1,cat,#ff0000,object\n", "line 1: expected thing, stuff, void, found 'object'"),
        ("1,cat,#ff0000,thing,big\n", "line 1: expected id,name,#rrggbb and a kind, found 5"),
        ("1,cat\n1,dog\n", r"categories\[1\]\.id: 1 is used twice"),
        ("1,cat\n2,cat\n", r"categories\[1\]\.name: 'cat' is used twice"),
        ("\n".join(f"name {n}" for n in range(300)), "300|not within"),
    ],
)
def test_a_bad_line_is_named_with_what_was_found(read, text, complaint):
    with pytest.raises(LabelError, match=rf"names\.txt.*{complaint}"):
        read(text)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "names.txt").write_bytes(b"\xff\xfe\x00c")
    with pytest.raises(LabelError, match=r"names\.txt: cannot be read as text"):
        read_categories(tmp_path / "names.txt")
    with pytest.raises(LabelError, match=r"gone\.txt: cannot be opened"):
        read_categories(tmp_path / "gone.txt")


def test_names_with_commas_and_quotes_survive(read):
    names = ["cat, black", 'the "dog"', "#hash", "ü 泡", "1"]
    categories = CategorySet.of(*names)
    assert [c.name for c in read(write_categories(categories))] == names


characters = st.characters(
    exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufffe\uffff"
)
colors = st.tuples(*[st.integers(0, 255)] * 3)
names = st.text(characters | st.sampled_from(",\"'# "), min_size=1, max_size=9).map(str.strip)


@given(st.lists(names.filter(bool), unique=True, min_size=1, max_size=6), st.booleans(), st.data())
def test_what_is_written_is_read_in_full(tmp_path_factory, chosen, is_void, data):
    background, *others = chosen
    ids = data.draw(
        st.lists(st.integers(1, 254), unique=True, min_size=len(others), max_size=len(others))
    )
    written = CategorySet(
        tuple(
            Category(number, name, data.draw(colors), number % 2 == 0)
            for number, name in zip(ids, others, strict=True)
        ),
        background=background,
        background_is_void=is_void,
    )
    path = tmp_path_factory.mktemp("categories") / "names.txt"
    path.write_text(write_categories(written), encoding="utf-8")
    assert dataclasses.asdict(read_categories(path)) == dataclasses.asdict(written)


def test_a_line_without_end_is_refused_by_name(tmp_path):
    (tmp_path / "long.txt").write_text("cat\n" + "x" * 200_000)
    with pytest.raises(LabelError, match=r"long\.txt"):
        read_categories(tmp_path / "long.txt")
