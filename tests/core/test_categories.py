"""Categories: ids that never change their meaning, and files that say what is wrong with them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglabel.core.categories import (
    BACKGROUND,
    VOID,
    VOID_COLOR,
    Category,
    CategorySet,
    color_from_hex,
    color_to_hex,
)
from seglabel.core.errors import ProjectFormatError, SegLabelError

colors = st.tuples(*[st.integers(0, 255)] * 3)
names = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufffe\uffff"),
    min_size=1,
    max_size=12,
).filter(lambda name: name == name.strip() != "")


@st.composite
def category_sets(draw: st.DrawFn) -> CategorySet:
    ids = draw(st.lists(st.integers(1, 254), unique=True, max_size=8))
    chosen = draw(st.lists(names, unique=True, min_size=len(ids), max_size=len(ids)))
    return CategorySet(
        tuple(
            Category(category_id, name, draw(colors), draw(st.booleans()))
            for category_id, name in zip(ids, chosen, strict=True)
        ),
        next_id=draw(st.integers(1, 255)),
        background=draw(names),
        background_is_void=draw(st.booleans()),
    )


@given(category_sets())
def test_a_category_set_survives_being_written_and_read(categories: CategorySet):
    text = json.dumps(categories.to_json())
    assert CategorySet.from_json(json.loads(text)) == categories


@given(category_sets())
def test_the_next_id_is_above_every_id_in_use(categories: CategorySet):
    assert categories.next_id > max(categories.ids, default=0)


@given(category_sets(), st.data())
def test_an_id_is_never_given_to_a_second_category(categories: CategorySet, data: st.DataObject):
    used = set(categories.ids)
    for number in range(data.draw(st.integers(1, 5))):
        if len(categories) and data.draw(st.booleans()):
            categories = categories.without(data.draw(st.sampled_from(categories.ids)))
        if categories.next_id > 254:
            return
        categories, new = categories.with_new(f"a new one with a long name {number}")
        assert new.id not in used
        used.add(new.id)


@pytest.mark.parametrize(
    ("category_id", "complaint"),
    [
        (BACKGROUND, "reserved for background"),
        (VOID, "reserved for void"),
        (256, "not within 1–254"),
        (-1, "not within 1–254"),
    ],
)
def test_reserved_ids_are_refused_by_the_number_of_the_entry(category_id: int, complaint: str):
    good = Category(3, "good", (1, 2, 3))
    with pytest.raises(ProjectFormatError, match=rf"categories\[1\]\.id: .*{complaint}"):
        CategorySet((good, Category(category_id, "bad", (1, 2, 3))))


def test_an_id_used_twice_is_refused():
    with pytest.raises(ProjectFormatError, match=r"categories\[1\]\.id: 3 is used twice"):
        CategorySet((Category(3, "one", (0, 0, 0)), Category(3, "two", (0, 0, 0))))


@pytest.mark.parametrize("again", ["cat", " cat", "cat\u00a0"])
def test_a_name_used_twice_is_refused_whatever_blanks_surround_it(again: str):
    with pytest.raises(ProjectFormatError, match=r"categories\[1\]\.name: 'cat' is used twice"):
        CategorySet((Category(1, "cat", (0, 0, 0)), Category(2, again, (0, 0, 0))))


@pytest.mark.parametrize("name", ["a\nb", "a\0b", "a\u2028b", "a\udcffb", "a\x1fb"])
def test_names_that_no_text_file_could_carry_are_refused(name: str):
    with pytest.raises(ProjectFormatError, match=r"categories\[0\]\.name: .*control character"):
        CategorySet.of(name)


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ("cat", r"categories\[1\]: expected an object, found 'cat'"),
        ({"name": "x", "color": "#000000"}, r"categories\[1\]\.id: expected a number, found None"),
        ({"id": True, "name": "x"}, r"categories\[1\]\.id: expected a number, found True"),
        ({"id": 2, "color": "#000000"}, r"categories\[1\]\.name: expected a text, found None"),
        ({"id": 2, "name": "  ", "color": "#000000"}, r"categories\[1\]\.name is empty"),
        ({"id": 2, "name": "x", "color": "red"}, r"categories\[1\]\.color: .*found 'red'"),
        ({"id": 2, "name": "x"}, r"categories\[1\]\.color"),
        ({"id": 255, "name": "x", "color": "#000000"}, r"categories\[1\]\.id: 255 is reserved"),
    ],
)
def test_a_bad_entry_is_named_with_what_was_found(entry: object, complaint: str):
    good = {"id": 1, "name": "good", "color": "#010203"}
    with pytest.raises(ProjectFormatError, match=complaint):
        CategorySet.from_json({"categories": [good, entry]})


@pytest.mark.parametrize("data", [None, [], {}, {"categories": {}}])
def test_something_else_than_a_category_list_is_refused(data: object):
    with pytest.raises(ProjectFormatError, match="expected an object with a list"):
        CategorySet.from_json(data)


def test_a_next_id_that_is_no_number_is_refused():
    with pytest.raises(ProjectFormatError, match="next_id: expected a number, found 'two'"):
        CategorySet.from_json({"categories": [], "next_id": "two"})


def test_after_254_categories_no_id_is_left():
    categories = CategorySet.of(*(str(number) for number in range(254)))
    with pytest.raises(SegLabelError, match="no id is left for 'one more'"):
        categories.with_new("one more")


def test_a_category_is_stuff_unless_somebody_says_otherwise():
    categories, new = CategorySet().with_new("sky")
    assert not new.is_thing
    bare = {"id": 1, "name": " sky ", "color": "#010203"}
    assert CategorySet.from_json({"categories": [bare]})[1] == Category(1, "sky", (1, 2, 3))
    assert categories.with_new("car", is_thing=True)[1].is_thing


def test_changing_a_category_keeps_its_id_and_place():
    categories = CategorySet.of("cat", "dog", "cow")
    changed = categories.with_changed(2, name=" wolf ", color=(1, 2, 3), is_thing=True)
    assert changed.ids == (1, 2, 3)
    assert changed[2] == Category(2, "wolf", (1, 2, 3), True)
    assert categories[2].name == "dog"


def test_reordering_moves_no_id():
    categories = CategorySet.of("cat", "dog", "cow")
    turned = categories.reordered([3, 1, 2])
    assert [(c.id, c.name) for c in turned] == [(3, "cow"), (1, "cat"), (2, "dog")]
    assert turned.next_id == categories.next_id


def test_a_name_is_found_whatever_its_case_and_blanks():
    categories = CategorySet.of("Traffic Light", "Straße")
    assert categories.named(" traffic light ") == categories[1]
    assert categories.named("STRASSE") == categories[2]
    assert categories.named("sky") is None


def test_of_two_names_that_differ_in_case_alone_the_one_spelled_alike_is_found():
    categories = CategorySet.of("Cat", "cat")
    assert categories.named("cat") == categories[2]
    assert categories.named("Cat") == categories[1]


def test_every_id_has_something_to_call_it():
    categories = CategorySet(CategorySet.of("cat").categories, background="nothing")
    assert [categories.name_of(i) for i in (0, 1, 9, 255)] == [
        "nothing",
        "cat",
        "category 9",
        "void",
    ]


def test_an_unknown_id_raises_instead_of_giving_a_neighbour():
    categories = CategorySet.of("cat")
    assert 1 in categories
    assert 2 not in categories
    with pytest.raises(KeyError):
        categories[2]


def test_the_color_table_has_an_entry_for_every_byte():
    categories = CategorySet((Category(7, "cat", (1, 2, 3)),))
    table = categories.color_table()
    assert table.shape == (256, 3)
    assert table.dtype == np.uint8
    assert table[[0, 7, 8, 255]].tolist() == [
        [0, 0, 0],
        [1, 2, 3],
        [128] * 3,
        list(VOID_COLOR),
    ]


@given(colors)
def test_a_color_survives_its_hexadecimal_form(color: tuple[int, int, int]):
    assert color_from_hex(color_to_hex(color)) == color


@pytest.mark.parametrize("text", ["", "#12345", "#1234567", "123456", "#12345g", "#-12345"])
def test_a_text_that_is_no_color_is_refused(text: str):
    with pytest.raises(ValueError, match="expected a colour like #1f77b4"):
        color_from_hex(text)


def test_what_id_0_means_is_changed_without_touching_the_rest():
    categories = CategorySet.of("cat")
    assert categories.with_background_void(True).background_is_void
    assert categories.with_background_void(True).with_background_void(False) == categories


def test_a_name_that_is_taken_is_refused_in_words() -> None:
    categories = CategorySet.of("building", "road")
    with pytest.raises(SegLabelError, match=r"^another category is called building already$"):
        categories.with_changed(2, name=" building ")
    with pytest.raises(SegLabelError, match=r"^another category is called road already$"):
        categories.with_new("road")
    assert categories.with_changed(2, name="road") == categories


def test_a_ready_made_set_adds_only_what_is_not_there() -> None:
    own = CategorySet.of("Car", "kerb")
    other = CategorySet((Category(1, "road", (9, 8, 7)), Category(2, "car", (1, 2, 3), True)))
    merged = own.with_all_of(other)
    assert [c.name for c in merged] == ["Car", "kerb", "road"] and merged.ids == (1, 2, 3)
    assert merged[3].color == (9, 8, 7)
    assert CategorySet().with_all_of(other) == other


def test_a_ready_made_set_takes_no_id_of_a_removed_category() -> None:
    emptied = CategorySet.of("old").without(1)
    assert emptied.with_all_of(CategorySet.of("new")).ids == (2,)
