"""Screens with exact labels: the labels are checked against widgets whose places are known."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QSlider,
    QTabBar,
    QToolBar,
    QWidget,
)

from seglabel.app.screens import UI_CATEGORIES, render_screen, render_screens
from seglabel.app.screens import categories as of
from seglabel.app.screens.masks import render_labels
from seglabel.app.screens.rendering import HELD_OUT, TRAINING


@pytest.fixture
def window(qtbot) -> QWidget:
    made = QWidget()
    made.resize(300, 200)
    qtbot.addWidget(made)
    return made


def _shown(window: QWidget, qtbot) -> None:
    window.show()
    qtbot.waitExposed(window)


def _box(labels: np.ndarray, category: int) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(labels == category)
    return rows.min(), columns.min(), rows.max() + 1, columns.max() + 1


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_a_button_is_labelled_where_it_lies_and_nothing_else_is(window, qtbot, scale):
    button = QPushButton("Save", window)
    button.setStyleSheet("background: #204080; border: none; border-radius: 0px;")
    button.setGeometry(40, 30, 100, 26)
    _shown(window, qtbot)

    labels = render_labels(window, scale)

    expected = np.zeros((round(200 * scale), round(300 * scale)), np.uint8)
    expected[round(30 * scale) : round(56 * scale), round(40 * scale) : round(140 * scale)] = (
        of.BUTTON
    )
    np.testing.assert_array_equal(labels, expected)


def test_a_round_button_is_labelled_without_its_corners(window, qtbot):
    button = QPushButton("1", window)
    button.setStyleSheet("background: #204080; border: none; border-radius: 20px;")
    button.setGeometry(40, 30, 40, 40)
    _shown(window, qtbot)

    labels = render_labels(window, 1.0)

    rows, columns = np.mgrid[30:70, 40:80]
    distance = np.hypot(rows - 49.5, columns - 59.5)
    inside = labels[30:70, 40:80] == of.BUTTON
    assert inside[distance < 19].all()
    assert not inside[distance > 21].any()


def test_each_tab_is_labelled_but_not_the_empty_rest_of_the_bar(window, qtbot):
    bar = QTabBar(window)
    for name in ("One", "Two"):
        bar.addTab(name)
    bar.setExpanding(False)
    bar.setGeometry(0, 0, 300, bar.sizeHint().height())
    _shown(window, qtbot)

    labels = render_labels(window, 1.0)

    end = bar.tabRect(1).right()
    assert (labels[5, 2:end] == of.TAB).all()
    assert (labels[:, end + 2 :] == 0).all()


def test_text_is_labelled_as_the_block_it_fills(window, qtbot):
    text = QLabel("Wide label, little text", window)
    text.setGeometry(10, 10, 280, 60)
    _shown(window, qtbot)

    top, left, bottom, right = _box(render_labels(window, 1.0), of.TEXT)

    metrics = text.fontMetrics()
    assert bottom - top <= metrics.height()
    assert abs((right - left) - metrics.horizontalAdvance(text.text())) <= 4
    assert abs((top + bottom) / 2 - 40) <= metrics.height() / 2


def test_a_field_on_a_tool_bar_keeps_its_category_and_its_buttons_do_not(window, qtbot):
    bar = QToolBar(window)
    bar.addAction("Cut")
    field = QLineEdit()
    bar.addWidget(field)
    bar.setGeometry(0, 0, 300, 40)
    _shown(window, qtbot)

    labels = render_labels(window, 1.0)

    assert set(np.unique(labels)) == {0, of.TOOL_BAR, of.TEXT_FIELD}
    place = field.mapTo(window, field.rect().center())
    assert labels[place.y(), place.x()] == of.TEXT_FIELD
    assert (labels[40:] == 0).all()


def test_the_scroll_bar_of_a_list_is_no_list(window, qtbot):
    view = QListWidget(window)
    view.addItems([f"entry {n}" for n in range(50)])
    view.setGeometry(20, 20, 120, 150)
    _shown(window, qtbot)

    labels = render_labels(window, 1.0)

    bar = view.verticalScrollBar()
    corner = bar.mapTo(window, bar.rect().topLeft())
    within = labels[corner.y() : corner.y() + bar.height(), corner.x() : corner.x() + bar.width()]
    assert (within == of.SCROLL_BAR).all()
    assert (labels[25:100, 25:100] == of.LIST_OR_TABLE).all()


def test_what_is_hidden_or_cut_off_is_not_labelled(window, qtbot):
    QCheckBox("hidden", window).setVisible(False)
    pane = QWidget(window)
    pane.setGeometry(0, 0, 100, 100)
    slider = QSlider(pane)
    slider.setGeometry(80, 10, 60, 60)
    QComboBox(window).setGeometry(400, 10, 50, 20)  # beyond the window
    pane.setVisible(True)
    slider.setVisible(True)
    _shown(window, qtbot)
    window.findChild(QCheckBox).setVisible(False)

    labels = render_labels(window, 1.0)

    assert set(np.unique(labels)) <= {0, of.SLIDER}
    assert (labels[:, 100:] == 0).all()


def test_the_same_seed_gives_the_same_screens_however_many_are_asked_for(qapp):
    first = list(render_screens(2, seed=5, size=(300, 400)))
    again = list(render_screens(3, seed=5, size=(300, 400)))[:2]

    for (image, labels), (image_again, labels_again) in zip(first, again, strict=True):
        np.testing.assert_array_equal(image, image_again)
        np.testing.assert_array_equal(labels, labels_again)
    assert not np.array_equal(first[0][0], first[1][0])


def test_screens_have_the_size_asked_for_and_only_known_categories(qapp):
    for image, labels in render_screens(6, seed=1, size=(240, 500)):
        assert image.shape == (240, 500, 3) and image.dtype == np.uint8
        assert labels.shape == (240, 500) and labels.dtype == np.uint8
        assert set(np.unique(labels)) <= {0, *UI_CATEGORIES.ids}


def test_every_category_occurs_on_screens_for_training_and_on_those_held_out(qapp):
    for material in (TRAINING, HELD_OUT):
        seen: set[int] = set()
        for seed in range(40):
            seen |= set(np.unique(render_screen(seed, (360, 480), material).labels))
        assert seen == {0, *UI_CATEGORIES.ids}


def test_nothing_that_is_held_out_is_trained_on():
    def functions(material):
        yield from material.palettes.values()
        yield from material.pages.values()
        for families in material.sheets.values():
            yield from families.values()

    assert not set(functions(TRAINING)) & set(functions(HELD_OUT))
    assert not set(TRAINING.palettes) & set(HELD_OUT.palettes)
    assert not set(TRAINING.pages) & set(HELD_OUT.pages)
    assert TRAINING.sheets.keys() == HELD_OUT.sheets.keys()
    for kind, families in TRAINING.sheets.items():
        assert not set(families) & set(HELD_OUT.sheets[kind])


def test_screens_leave_no_window_behind(qapp):
    before = len(qapp.topLevelWidgets())

    list(render_screens(3, seed=9, size=(240, 320)))

    assert len(qapp.topLevelWidgets()) == before
