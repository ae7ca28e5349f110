"""Arrangements of controls: families for training, and others held out for testing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QFormLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLayout,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QStatusBar,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from seglabel.app.screens import controls
from seglabel.app.screens.controls import Draw, Horizontal, Vertical
from seglabel.app.screens.marks import make_icon

Page = Callable[[Draw], QWidget]


def _rows(draw: Draw, parent: QWidget | None = None, margin: int | None = None) -> QVBoxLayout:
    layout = QVBoxLayout(parent) if parent is not None else QVBoxLayout()
    _space(draw, layout, margin)
    return layout


def _columns(draw: Draw, parent: QWidget | None = None, margin: int | None = None) -> QHBoxLayout:
    layout = QHBoxLayout(parent) if parent is not None else QHBoxLayout()
    _space(draw, layout, margin)
    return layout


def _space(draw: Draw, layout: QLayout, margin: int | None) -> None:
    layout.setSpacing(draw.dice.whole(2, 14))
    side = draw.dice.whole(2, 20) if margin is None else margin
    layout.setContentsMargins(side, side, side, side)


def _keep_narrow(widget: QWidget) -> QWidget:
    widget.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    return widget


def _button_row(draw: Draw) -> QHBoxLayout:
    row = _columns(draw, margin=0)
    before = draw.dice.chance(0.7)
    if before:
        row.addStretch(1)
    for _ in range(draw.dice.whole(1, 4)):
        row.addWidget(controls.button(draw))
    if not before:
        row.addStretch(1)
    return row


def _option_group(draw: Draw) -> QWidget:
    """A titled frame with check boxes, radio buttons, or a mixture."""
    dice = draw.dice
    frame = controls.group(draw)
    layout = _rows(draw, frame, dice.whole(4, 12))
    make = dice.pick((controls.check_box, controls.radio_button, controls.any_control))
    for _ in range(dice.whole(2, 5)):
        layout.addWidget(make(draw))
    return frame


def _form_rows(draw: Draw, layout: QFormLayout, count: int) -> None:
    dice = draw.dice
    kinds = (
        controls.line_edit,
        controls.line_edit,
        controls.combo_box,
        controls.combo_box,
        controls.spin_box,
        controls.check_box,
        controls.radio_button,
        controls.slider,
        controls.progress_bar,
        controls.button,
    )
    stop = dice.pick((":", "", ""))
    for _ in range(count):
        made = dice.pick(kinds)(draw)
        layout.addRow(controls.label(draw, dice.caption() + stop), made)


def _filled(draw: Draw, parent: QWidget | None = None) -> QWidget:
    """A pane of controls in one of some orders, for tabs and splitters."""
    page = parent or QWidget()
    kind = draw.dice.whole(0, 3)
    if kind == 0:
        layout = QFormLayout(page)
        _form_rows(draw, layout, draw.dice.whole(3, 9))
    elif kind == 1:
        _scatter_into(draw, page)
    elif kind == 2:
        rows = _rows(draw, page)
        for _ in range(draw.dice.whole(1, 3)):
            rows.addWidget(_option_group(draw))
        rows.addLayout(_button_row(draw))
        rows.addStretch(1)
    else:
        rows = _rows(draw, page)
        rows.addWidget(controls.any_view(draw))
        rows.addLayout(_button_row(draw))
    return page


def _scatter_into(draw: Draw, page: QWidget) -> None:
    dice = draw.dice
    grid = QGridLayout(page)
    _space(draw, grid, None)
    columns = dice.whole(2, 4)
    for row in range(dice.whole(5, 14)):
        for column in range(columns):
            if dice.chance(0.85):
                grid.addWidget(controls.any_control(draw), row, column)
    grid.setRowStretch(grid.rowCount(), 1)


def _scatter(draw: Draw) -> QWidget:
    """A grid of any controls."""
    page = QWidget()
    _scatter_into(draw, page)
    return page


def _loose(draw: Draw) -> QWidget:
    """Any controls at any place, as no layout would put them."""
    dice = draw.dice
    page = QWidget()
    rows = QVBoxLayout(page)
    for _ in range(dice.whole(6, 14)):
        row = QHBoxLayout()
        row.addSpacing(dice.whole(0, 80))
        for _ in range(dice.whole(1, 4)):
            row.addWidget(_keep_narrow(controls.any_control(draw)))
            row.addSpacing(dice.whole(0, 40))
        if dice.chance(0.2):
            row.addWidget(controls.scroll_bar(draw, Horizontal))
        row.addStretch(1)
        rows.addLayout(row)
    return page


def _form(draw: Draw) -> QWidget:
    """Labels and fields, then buttons."""
    dice = draw.dice
    page = QWidget()
    rows = _rows(draw, page)
    if dice.chance(0.6):
        rows.addWidget(controls.heading(draw))
    if dice.chance(0.4):
        rows.addWidget(controls.paragraph(draw))
    layout = QFormLayout()
    _space(draw, layout, 0)
    if dice.chance(0.3):
        layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
    _form_rows(draw, layout, dice.whole(4, 11))
    rows.addLayout(layout)
    if dice.chance(0.4):
        rows.addWidget(controls.text_area(draw))
    rows.addLayout(_button_row(draw))
    rows.addStretch(1)
    return page


def _workbench(draw: Draw) -> QWidget:
    """A program's window: menus, tool bars, panes, a status line."""
    dice = draw.dice
    page = QWidget()
    rows = _rows(draw, page, 0)
    rows.setSpacing(dice.pick((0, 0, 2)))
    if dice.chance(0.85):
        rows.addWidget(controls.menu_bar(draw))
    for _ in range(dice.whole(0, 2)):
        rows.addWidget(controls.tool_bar(draw))
    middle = _columns(draw, margin=0)
    middle.setSpacing(0)
    if dice.chance(0.25):
        middle.addWidget(controls.tool_bar(draw, Vertical))
    panes = QSplitter(dice.pick((Horizontal, Horizontal, Vertical)))
    for _ in range(dice.whole(1, 3)):
        kind = dice.whole(0, 3)
        if kind == 0:
            panes.addWidget(controls.text_area(draw))
        elif kind == 1:
            panes.addWidget(_notebook(draw))
        elif kind == 2:
            panes.addWidget(controls.any_view(draw))
        else:
            panes.addWidget(_filled(draw))
    middle.addWidget(panes, 1)
    rows.addLayout(middle, 1)
    if dice.chance(0.6):
        rows.addWidget(_status_line(draw))
    return page


def _status_line(draw: Draw) -> QWidget:
    status = QStatusBar()
    status.addWidget(controls.label(draw, draw.dice.phrase(1, 4)))
    if draw.dice.chance(0.4):
        bar = controls.progress_bar(draw)
        bar.setMaximumWidth(120)
        status.addPermanentWidget(bar)
    if draw.dice.chance(0.4):
        status.addPermanentWidget(controls.label(draw, draw.dice.value()))
    return status


def _notebook(draw: Draw) -> QWidget:
    """Tabs with a page behind them."""
    dice = draw.dice
    made = QTabWidget()
    for _ in range(count := dice.whole(2, 6)):
        made.addTab(QWidget(), dice.caption())
    current = dice.whole(0, count - 1)
    _filled(draw, made.widget(current))
    made.setCurrentIndex(current)
    made.tabBar().setUsesScrollButtons(False)
    made.tabBar().setElideMode(Qt.TextElideMode.ElideRight)
    sides = QTabWidget.TabPosition
    made.setTabPosition(dice.pick((sides.North, sides.North, sides.North, sides.South)))
    made.setDocumentMode(dice.chance(0.25))
    return made


def _settings(draw: Draw) -> QWidget:
    """Tabs or a list of topics, with groups of options."""
    dice = draw.dice
    page = QWidget()
    rows = _rows(draw, page)
    if dice.chance(0.5):
        rows.addWidget(_notebook(draw), 1)
    else:
        middle = _columns(draw, margin=0)
        topics = controls.list_view(draw)
        topics.setMaximumWidth(dice.whole(90, 180))
        middle.addWidget(topics)
        middle.addWidget(_filled(draw), 1)
        rows.addLayout(middle, 1)
    rows.addLayout(_button_row(draw))
    return page


def _gallery(draw: Draw) -> QWidget:
    """Cards with images, as shops and collections show them; scrollable."""
    dice = draw.dice
    inner = controls.page()
    grid = QGridLayout(inner)
    _space(draw, grid, None)
    columns = dice.whole(2, 4)
    width, height = dice.whole(70, 180), dice.whole(50, 140)
    for row in range(dice.whole(1, 4)):
        for column in range(columns):
            grid.addWidget(_goods(draw, width, height), row, column)
    return _scrolling(draw, inner)


def _goods(draw: Draw, width: int, height: int) -> QWidget:
    dice = draw.dice
    frame = controls.card()
    rows = _rows(draw, frame, dice.whole(4, 10))
    rows.addWidget(controls.picture(draw, width, height))
    rows.addWidget(controls.label(draw, dice.phrase(1, 3)))
    if dice.chance(0.4):
        note = controls.label(draw, dice.phrase(2, 4))
        note.setStyleSheet(f"color: {draw.colors.muted}; font-size: 11px;")
        rows.addWidget(note)
    if dice.chance(0.6):
        rows.addWidget(controls.button(draw))
    elif dice.chance(0.4):
        rows.addWidget(controls.any_control(draw))
    return frame


def _scrolling(draw: Draw, inner: QWidget) -> QWidget:
    area = QScrollArea()
    area.setWidget(inner)
    area.setWidgetResizable(draw.dice.chance(0.8))
    area.setFrameShape(draw.dice.pick((QFrame.Shape.NoFrame, QFrame.Shape.StyledPanel)))
    return area


def _landing(draw: Draw) -> QWidget:
    """A web page: links on top, a large heading, a picture, paragraphs, a form."""
    dice = draw.dice
    inner = controls.page()
    rows = _rows(draw, inner)
    top = _columns(draw, margin=0)
    top.addWidget(controls.symbol(draw))
    for _ in range(dice.whole(2, 5)):
        top.addWidget(controls.label(draw))
    top.addStretch(1)
    if dice.chance(0.6):
        top.addWidget(controls.line_edit(draw))
    top.addWidget(controls.button(draw))
    rows.addLayout(top)
    hero = _columns(draw, margin=0)
    words = _rows(draw, margin=0)
    words.addWidget(controls.heading(draw, dice.real(1.8, 3)))
    words.addWidget(controls.paragraph(draw))
    words.addLayout(_button_row(draw))
    words.addStretch(1)
    hero.addLayout(words, 2)
    if dice.chance(0.8):
        hero.addWidget(controls.picture(draw, dice.whole(100, 260), dice.whole(80, 200)))
    rows.addLayout(hero)
    for _ in range(dice.whole(1, 3)):
        if dice.chance(0.5):
            row = _columns(draw, margin=0)
            for _ in range(dice.whole(2, 4)):
                row.addWidget(_teaser(draw))
            rows.addLayout(row)
        else:
            rows.addWidget(controls.heading(draw))
            rows.addWidget(controls.paragraph(draw))
            row = _columns(draw, margin=0)
            for _ in range(dice.whole(1, 4)):
                row.addWidget(_keep_narrow(controls.any_control(draw)))
            row.addStretch(1)
            rows.addLayout(row)
    rows.addStretch(1)
    return _scrolling(draw, inner)


def _teaser(draw: Draw) -> QWidget:
    frame = controls.card()
    rows = _rows(draw, frame)
    rows.addWidget(controls.symbol(draw))
    rows.addWidget(controls.heading(draw, 1.2))
    rows.addWidget(controls.paragraph(draw))
    if draw.dice.chance(0.4):
        rows.addWidget(controls.button(draw))
    return frame


def _dashboard(draw: Draw) -> QWidget:
    """Cards with figures, bars and tables beside a list of places to go."""
    dice = draw.dice
    page = QWidget()
    columns = _columns(draw, page)
    if dice.chance(0.6):
        places = controls.list_view(draw)
        places.setMaximumWidth(dice.whole(100, 170))
        columns.addWidget(places)
    grid = QGridLayout()
    _space(draw, grid, 0)
    for row in range(dice.whole(2, 3)):
        for column in range(dice.whole(1, 3)):
            frame = controls.card()
            rows = _rows(draw, frame)
            rows.addWidget(controls.heading(draw, dice.real(1, 1.8)))
            for _ in range(dice.whole(1, 4)):
                rows.addWidget(controls.any_control(draw))
            if dice.chance(0.25):
                rows.addWidget(controls.any_view(draw))
            elif dice.chance(0.4):
                rows.addWidget(controls.picture(draw, dice.whole(60, 160), dice.whole(40, 100)))
            grid.addWidget(frame, row, column)
    columns.addLayout(grid, 1)
    return page


def _bars(draw: Draw) -> QWidget:
    """Sliders, progress bars and scroll bars side by side, as in mixers and players."""
    dice = draw.dice
    page = QWidget()
    rows = _rows(draw, page)
    if dice.chance(0.5):
        rows.addWidget(controls.menu_bar(draw))
    lines = QFormLayout()
    _space(draw, lines, 0)
    for _ in range(dice.whole(4, 9)):
        kind = dice.pick((controls.level, controls.level, controls.progress_bar))
        lines.addRow(controls.label(draw), kind(draw))
    rows.addLayout(lines)
    if dice.chance(0.6):
        uprights = _columns(draw, margin=0)
        for _ in range(dice.whole(3, 8)):
            uprights.addWidget(controls.slider(draw, Vertical))
        if dice.chance(0.5):
            uprights.addWidget(controls.scroll_bar(draw, Vertical))
        uprights.addStretch(1)
        rows.addLayout(uprights)
    if dice.chance(0.5):
        rows.addWidget(controls.scroll_bar(draw, Horizontal))
    rows.addLayout(_button_row(draw))
    rows.addStretch(1)
    return page


def _browser(draw: Draw) -> QWidget:
    """A web page below the tabs and the address of a browser."""
    dice = draw.dice
    page = QWidget()
    rows = _rows(draw, page, 0)
    rows.setSpacing(0)
    rows.addWidget(controls.tab_bar(draw))
    bar = controls.tool_bar(draw, length=dice.whole(2, 4))
    bar.addWidget(controls.line_edit(draw))
    for icon in range(dice.whole(0, 4)):
        bar.addAction(make_icon(dice, draw.ink, 18), str(icon))
    rows.addWidget(bar)
    rows.addWidget(dice.pick((_web_form, _landing, _gallery))(draw), 1)
    return page


def _web_form(draw: Draw) -> QWidget:
    """A coloured bar with links, then cards with fields, each below its label."""
    dice = draw.dice
    inner = controls.page()
    rows = _rows(draw, inner, 0)
    rows.addWidget(_links(draw))
    cards = _columns(draw)
    for _ in range(dice.whole(1, 3)):
        frame = controls.card()
        column = _rows(draw, frame)
        column.addWidget(controls.heading(draw))
        for _ in range(dice.whole(3, 8)):
            made = controls.any_control(draw)
            if dice.chance(0.4):
                column.addWidget(controls.label(draw))
            if dice.chance(0.15):
                made = controls.bare_table(draw)
            column.addWidget(made if dice.chance(0.3) else _keep_narrow(made))
        if dice.chance(0.3):
            column.addWidget(controls.picture(draw, dice.whole(80, 200), dice.whole(60, 140)))
        column.addLayout(_button_row(draw))
        column.addStretch(1)
        cards.addWidget(frame, dice.whole(1, 2))
    rows.addLayout(cards)
    rows.addStretch(1)
    return _scrolling(draw, inner)


def _links(draw: Draw) -> QWidget:
    dice, colors = draw.dice, draw.colors
    back, ink = dice.pick(((colors.accent, colors.on_accent), ("#1f2a3a", "#f4f4f4")))
    bar = QFrame()
    bar.setStyleSheet(f".QFrame {{ background: {back}; border: none; }} QLabel {{ color: {ink}; }}")
    columns = _columns(draw, bar)
    columns.setSpacing(dice.whole(10, 30))
    for _ in range(dice.whole(2, 5)):
        columns.addWidget(controls.label(draw))
    if dice.chance(0.6):
        columns.addWidget(controls.line_edit(draw))
    columns.addStretch(1)
    columns.addWidget(controls.button(draw))
    return bar


def _panes(draw: Draw) -> QWidget:
    """Panes within panes of any kind, with bars above and below at times."""
    dice = draw.dice
    page = QWidget()
    rows = _rows(draw, page, dice.pick((0, 0, 6)))
    for bar, often in ((controls.menu_bar, 0.4), (controls.tool_bar, 0.4), (controls.tab_bar, 0.3)):
        if dice.chance(often):
            rows.addWidget(bar(draw))
    rows.addWidget(_divided(draw, dice.whole(1, 3)), 1)
    if dice.chance(0.4):
        rows.addWidget(_status_line(draw))
    return page


def _divided(draw: Draw, depth: int) -> QWidget:
    """One pane, or several side by side or above each other that are divided in turn."""
    dice = draw.dice
    if depth == 0 or dice.chance(0.15):
        return dice.pick(_CONTENTS)(draw)
    parts = [_divided(draw, depth - 1) for _ in range(dice.whole(2, 3))]
    way = dice.pick((Horizontal, Vertical))
    if dice.chance(0.5):
        splitter = QSplitter(way)
        for part in parts:
            splitter.addWidget(part)
        return splitter
    pane = controls.card() if dice.chance(0.5) else QWidget()
    margin = dice.whole(0, 8)
    layout: QBoxLayout = (
        _columns(draw, pane, margin) if way == Horizontal else _rows(draw, pane, margin)
    )
    for part in parts:
        layout.addWidget(part, dice.whole(0, 3))
    return pane


def _blank(draw: Draw) -> QWidget:
    """An empty pane."""
    made = QWidget()
    made.setMinimumSize(draw.dice.whole(10, 160), draw.dice.whole(10, 120))
    return made


def _show(draw: Draw) -> QWidget:
    """A picture of any size, with empty space around it or without, at times to be scrolled."""
    dice = draw.dice
    side = Qt.AlignmentFlag
    made = controls.picture(draw, dice.whole(60, 420), dice.whole(60, 420))
    made.setAlignment(dice.pick((side.AlignCenter, side.AlignTop | side.AlignLeft)))
    if dice.chance(0.5):
        return made
    stage = QWidget()
    grid = QGridLayout(stage)
    grid.addWidget(made, 0, 0)
    if dice.chance(0.7):
        grid.addWidget(controls.scroll_bar(draw, Vertical), 0, 1)
    if dice.chance(0.7):
        grid.addWidget(controls.scroll_bar(draw, Horizontal), 1, 0)
    return stage


def _lines(draw: Draw) -> QWidget:
    """A column of controls and text."""
    dice = draw.dice
    pane = QWidget()
    rows = _rows(draw, pane)
    for _ in range(dice.whole(2, 8)):
        row = _columns(draw, margin=0)
        for _ in range(dice.pick((1, 1, 2, 3))):
            row.addWidget(controls.any_control(draw))
        if dice.chance(0.4):
            row.addStretch(1)
        rows.addLayout(row)
    if dice.chance(0.5):
        rows.addStretch(1)
    return pane


_CONTENTS: tuple[Page, ...] = (
    controls.any_view,
    controls.any_view,
    controls.list_view,
    controls.text_area,
    _blank,
    _show,
    _show,
    _lines,
    _lines,
    _filled,
)
"""What a pane may hold."""


def _wizard(draw: Draw) -> QWidget:
    """Held out: a banner at the side, one step's options, Back and Next."""
    dice = draw.dice
    page = QWidget()
    outer = _rows(draw, page, 0)
    middle = _columns(draw, margin=0)
    middle.addWidget(controls.picture(draw, dice.whole(90, 170), 420), 0, Qt.AlignmentFlag.AlignTop)
    step = _rows(draw)
    step.addWidget(controls.heading(draw, 1.5))
    step.addWidget(controls.paragraph(draw))
    for _ in range(dice.whole(2, 4)):
        step.addWidget(dice.pick((controls.radio_button, controls.check_box))(draw))
    row = _columns(draw, margin=0)
    row.addWidget(controls.line_edit(draw), 1)
    row.addWidget(controls.button(draw))
    step.addLayout(row)
    step.addWidget(dice.pick((controls.any_view, controls.text_area))(draw))
    step.addWidget(dice.pick((controls.progress_bar, controls.level, controls.combo_box))(draw))
    middle.addLayout(step, 1)
    outer.addLayout(middle, 1)
    foot = _columns(draw)
    foot.addWidget(controls.check_box(draw))
    foot.addStretch(1)
    for _ in range(3):
        foot.addWidget(controls.button(draw))
    outer.addLayout(foot)
    return page


def _mail(draw: Draw) -> QWidget:
    """Held out: three panes of a mail program."""
    dice = draw.dice
    page = QWidget()
    rows = _rows(draw, page, 0)
    if dice.chance(0.6):
        rows.addWidget(controls.menu_bar(draw))
    rows.addWidget(controls.tool_bar(draw))
    panes = QSplitter(Horizontal)
    panes.addWidget(controls.tree(draw))
    right = QSplitter(Vertical)
    right.addWidget(controls.table(draw))
    letter = QWidget()
    words = _rows(draw, letter)
    head = _columns(draw, margin=0)
    head.addWidget(controls.picture(draw, 40, 40))
    head.addWidget(controls.heading(draw, 1.3), 1)
    head.addWidget(controls.tool_button(draw))
    head.addWidget(controls.combo_box(draw))
    words.addLayout(head)
    for _ in range(dice.whole(1, 3)):
        words.addWidget(controls.paragraph(draw))
    words.addStretch(1)
    words.addLayout(_button_row(draw))
    right.addWidget(letter)
    panes.addWidget(right)
    panes.setSizes([140, 400])
    rows.addWidget(panes, 1)
    rows.addWidget(_status_line(draw))
    return page


def _checkout(draw: Draw) -> QWidget:
    """Held out: a form in two columns with a summary card beside it."""
    dice = draw.dice
    inner = controls.page()
    columns = _columns(draw, inner)
    left = _rows(draw, margin=0)
    left.addWidget(controls.tab_bar(draw))
    left.addWidget(controls.heading(draw, 1.8))
    fields = QGridLayout()
    _space(draw, fields, 0)
    for line in range(0, dice.whole(3, 5) * 2, 2):
        for column in (0, 1):
            fields.addWidget(controls.label(draw), line, column)
            kind = dice.pick((controls.line_edit, controls.combo_box, controls.spin_box))
            fields.addWidget(kind(draw), line + 1, column)
    left.addLayout(fields)
    for _ in range(dice.whole(1, 3)):
        left.addWidget(controls.radio_button(draw))
    left.addWidget(controls.check_box(draw))
    left.addWidget(controls.slider(draw, Horizontal))
    left.addStretch(1)
    columns.addLayout(left, 2)
    summary = controls.card()
    right = _rows(draw, summary)
    right.addWidget(controls.heading(draw, 1.3))
    for _ in range(dice.whole(2, 4)):
        row = _columns(draw, margin=0)
        row.addWidget(controls.picture(draw, 44, 44))
        row.addWidget(controls.paragraph(draw), 1)
        right.addLayout(row)
    right.addWidget(controls.progress_bar(draw))
    right.addWidget(controls.button(draw))
    right.addStretch(1)
    columns.addWidget(summary, 1)
    return _scrolling(draw, inner)


def _inspector(draw: Draw) -> QWidget:
    """Held out: an image in the middle, tools at the left, properties and layers at the right."""
    dice = draw.dice
    page = QWidget()
    outer = _rows(draw, page, 0)
    outer.addWidget(controls.menu_bar(draw))
    columns = _columns(draw, margin=0)
    columns.addWidget(controls.tool_bar(draw, Vertical))
    stage = QGridLayout()
    stage.addWidget(controls.picture(draw, dice.whole(160, 300), dice.whole(140, 300)), 0, 0)
    stage.addWidget(controls.scroll_bar(draw, Vertical), 0, 1)
    stage.addWidget(controls.scroll_bar(draw, Horizontal), 1, 0)
    columns.addLayout(stage, 1)
    side = QWidget()
    side.setMaximumWidth(dice.whole(190, 260))
    rows = _rows(draw, side, 4)
    rows.addWidget(controls.tab_bar(draw))
    layout = QFormLayout()
    for kind in (controls.spin_box, controls.level, controls.combo_box, controls.line_edit):
        layout.addRow(controls.label(draw), kind(draw))
    rows.addLayout(layout)
    for _ in range(dice.whole(1, 3)):
        rows.addWidget(dice.pick((controls.check_box, controls.radio_button))(draw))
    rows.addWidget(dice.pick((controls.list_view, controls.tree))(draw), 1)
    row = _columns(draw, margin=0)
    for _ in range(dice.whole(2, 4)):
        row.addWidget(controls.tool_button(draw))
    row.addStretch(1)
    rows.addLayout(row)
    columns.addWidget(side)
    outer.addLayout(columns, 1)
    outer.addWidget(_status_line(draw))
    return page


TRAINING_PAGES: Mapping[str, Page] = {
    "scatter": _scatter,
    "loose": _loose,
    "form": _form,
    "workbench": _workbench,
    "settings": _settings,
    "gallery": _gallery,
    "landing": _landing,
    "dashboard": _dashboard,
    "bars": _bars,
    "browser": _browser,
    "web form": _web_form,
    "panes": _panes,
}
HELD_OUT_PAGES: Mapping[str, Page] = {
    "wizard": _wizard,
    "mail": _mail,
    "checkout": _checkout,
    "inspector": _inspector,
}
