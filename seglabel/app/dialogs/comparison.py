"""A window of its own that shows how two models compare; work goes on beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QUrl,
    Signal,
)
from PySide6.QtGui import QColor, QDesktopServices, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from seglabel.app.panels.confusion_view import ConfusionView
from seglabel.app.panels.picture_row import PictureRow
from seglabel.core.comparison import (
    VERDICT_COLORS,
    ComparedPictures,
    Comparison,
    ImageRow,
    Verdict,
    most_confused,
    row_shares,
)

_ROLE = Qt.ItemDataRole.UserRole
_SIZE = (1080, 720)
_SWATCH = 12
_MATRIX_LIMIT = 30
_PICTURE_SIDE = 480  # pixels, so that they stay sharp when the window is made larger
_ROW_HEIGHT = 24
_BAR, _MARGIN, _NUMBER = 8, 24, 56  # height of a bar, room before and behind it
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ComparisonWindow(QDialog):
    """Shows a comparison. Pictures come when they are asked for."""

    pictures_requested = Signal(str)  # name of an image
    image_requested = Signal(str)  # to be opened in the main window
    page_requested = Signal(str)  # folder

    picture_side = _PICTURE_SIDE

    def __init__(self, comparison: Comparison, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowFlag(Qt.WindowType.Window)
        self.setModal(False)
        self._comparison = comparison
        first, second = comparison.models[0], comparison.models[-1]
        self.setWindowTitle(self.tr("{0} compared with {1}").format(second.name, first.name))
        self._problem = QLabel(self)
        self._problem.setWordWrap(True)
        self._problem.setTextFormat(Qt.TextFormat.PlainText)
        self._problem.hide()
        self._pages = QTabWidget(self)
        self._pages.addTab(self._categories_page(), self.tr("Categories"))
        self._pages.addTab(self._confusion_page(), self.tr("What is taken for what"))
        self._pages.addTab(self._images_page(), self.tr("Images"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        page = buttons.addButton(self.tr("Save as a page…"), QDialogButtonBox.ButtonRole.ActionRole)
        for button in buttons.buttons():
            assert isinstance(button, QPushButton)
            button.setAutoDefault(False)  # Enter opens the image that is chosen
        page.clicked.connect(self._ask_page)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(self._headline())
        layout.addWidget(self._judged_by())
        layout.addWidget(self._pages, 1)
        layout.addWidget(self._problem)
        layout.addWidget(buttons)
        self.resize(*_SIZE)

    def begin(self) -> None:
        """Ask for the first pictures."""
        self._fill_images()

    # what is said above

    def _headline(self) -> QLabel:
        first, second = self._comparison.models
        gain = second.scores.miou - first.scores.miou
        text = self.tr("mIoU {0:.3f} by {1}, {2:.3f} by {3}: {4:+.3f}").format(
            first.scores.miou, first.name, second.scores.miou, second.name, gain
        )
        label = QLabel(text, self)
        label.setObjectName("title")
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        return label

    def _judged_by(self) -> QLabel:
        comparison, count = self._comparison, len(self._comparison.rows)
        said = []
        if comparison.judged_by == "held-back":
            text = self.tr("On {0} images held back from training: none of them taught the models.")
            said.append(text.format(count))
        else:
            said.append(
                self.tr("On {0} reviewed images, because none was held back.").format(count)
            )
            said += [
                self.tr(
                    "{0} was trained on {1} of these, and knows them better than new images."
                ).format(model.name, model.learned_from)
                for model in comparison.models
                if model.learned_from
            ]
        if comparison.failed:
            text = self.tr("{0} images could not be judged. The first: {1}")
            said.append(text.format(len(comparison.failed), comparison.failed[0]))
        label = QLabel(" ".join(said), self)
        label.setObjectName("muted")
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        return label

    # pages

    def _categories_page(self) -> QWidget:
        names = [model.name for model in self._comparison.models]
        table = self._table([self.tr("Category"), *names, self.tr("Difference")])
        table.setAccessibleName(self.tr("IoU of each category"))
        for column in range(1, 1 + len(names)):
            table.setItemDelegateForColumn(column, _Bar(table))
            table.header().setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        colors = self._comparison.categories.color_table()
        for category_id, values in self._comparison.iou_rows():
            before, after = values
            change = None if before is None or after is None else after - before
            name = self._comparison.categories.name_of(category_id)
            item = QTreeWidgetItem([name, *map(_share, values), _change(change)])
            for column, value in enumerate(values, start=1):
                item.setData(column, _ROLE, value or 0.0)
            item.setIcon(0, _swatch(tuple(int(v) for v in colors[category_id])))
            self._add(table, item, change)
        return table

    def _confusion_page(self) -> QWidget:
        comparison = self._comparison
        confusions = [model.scores.confusion for model in comparison.models]
        rows = most_confused(confusions, _MATRIX_LIMIT)
        names = [comparison.categories.name_of(comparison.ids[i]) for i in rows]
        inside = QWidget()
        layout = QHBoxLayout(inside)
        layout.setSpacing(24)
        for model in comparison.models:
            shares = row_shares(model.scores.confusion)[rows][:, rows]
            view = ConfusionView(model.name, names, shares)
            layout.addWidget(view, 0, Qt.AlignmentFlag.AlignTop)
        layout.addStretch(1)
        area = QScrollArea()
        area.setWidget(inside)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the matrices are gone through
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        for ground in (inside, area.viewport()):
            ground.setAutoFillBackground(False)
        page = QWidget()
        whole = QVBoxLayout(page)
        whole.addWidget(
            QLabel(
                self.tr(
                    "Rows are true categories, columns what was proposed, in % of the row's pixels."
                )
            )
        )
        whole.addWidget(area, 1)
        return page

    def _images_page(self) -> QWidget:
        names = [model.name for model in self._comparison.models]
        self._order = QComboBox()
        self._order.setAccessibleName(self.tr("Order of the images"))
        self._order.addItem(self.tr("Worst first"))
        self._order.addItem(self.tr("Most changed first"))
        self._images = self._table([self.tr("Image"), *names, self.tr("Difference")])
        self._images.setAccessibleName(self.tr("mIoU of each image"))
        self._images.setToolTip(self.tr("Double-click opens an image in the main window"))
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(8, 8, 4, 8)
        column.addWidget(self._order)
        column.addWidget(self._images, 1)
        self._pictures = PictureRow()
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(4, 8, 8, 8)
        column.addWidget(self._pictures, 1)
        column.addLayout(self._key())
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([380, 700])
        splitter.setChildrenCollapsible(False)
        self._order.currentIndexChanged.connect(self._fill_images)
        self._images.currentItemChanged.connect(self._ask_pictures)
        self._images.itemActivated.connect(self._ask_image)
        return splitter

    def _key(self) -> QHBoxLayout:
        """What the colours of the last picture mean."""
        first, second = self._comparison.models
        meanings = {
            Verdict.RIGHT: self.tr("both right"),
            Verdict.GAINED: self.tr("only {0} right").format(second.name),
            Verdict.LOST: self.tr("only {0} right").format(first.name),
            Verdict.WRONG: self.tr("both wrong"),
            Verdict.UNJUDGED: self.tr("not judged"),
        }
        row = QHBoxLayout()
        for verdict, meaning in meanings.items():
            swatch, label = QLabel(), QLabel(meaning)
            swatch.setPixmap(_patch(VERDICT_COLORS[verdict]))
            label.setTextFormat(Qt.TextFormat.PlainText)
            row.addWidget(swatch)
            row.addWidget(label)
            row.addSpacing(8)
        row.addStretch(1)
        return row

    def _table(self, head: Sequence[str]) -> QTreeWidget:
        table = QTreeWidget()
        table.setObjectName("numbers")
        table.setRootIsDecorated(False)
        table.setUniformRowHeights(True)
        table.setAlternatingRowColors(True)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setHeaderLabels(head)
        header = table.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        return table

    def _add(self, table: QTreeWidget, item: QTreeWidgetItem, change: float | None) -> None:
        """Numbers to the right; what was gained in blue, what was lost in orange."""
        last = table.columnCount() - 1
        for column in range(1, last + 1):
            item.setTextAlignment(column, _RIGHT)
        item.setSizeHint(0, QSize(0, _ROW_HEIGHT))
        if change is not None and abs(change) >= 0.0005:
            item.setForeground(last, self._colored(Verdict.GAINED if change > 0 else Verdict.LOST))
        table.addTopLevelItem(item)

    def _colored(self, verdict: Verdict) -> QColor:
        """The colour of a verdict, readable on the ground of lists."""
        color = QColor(*VERDICT_COLORS[verdict])
        is_dark = self.palette().color(QPalette.ColorRole.Base).lightness() < 128
        return color.lighter(150) if is_dark else color.darker(125)

    # images

    @property
    def shown_images(self) -> list[str]:
        """Names of the images in the order in which they stand."""
        items = (self._images.topLevelItem(i) for i in range(self._images.topLevelItemCount()))
        return [item.data(0, _ROLE) for item in items if item is not None]

    @property
    def captions(self) -> list[str]:
        return self._pictures.captions

    @property
    def said(self) -> str:
        """What was said at the bottom."""
        return self._problem.text()

    def _rows(self) -> list[ImageRow]:
        comparison, count = self._comparison, len(self._comparison.rows)
        if self._order.currentIndex() == 0:
            return comparison.worst(count)
        return comparison.most_changed(count)

    def _fill_images(self) -> None:
        self._images.clear()
        for row in self._rows():
            item = QTreeWidgetItem([row.name, *map(_share, row.mious), _change(row.change)])
            item.setData(0, _ROLE, row.name)
            item.setToolTip(0, row.name)
            self._add(self._images, item, row.change)
        first = self._images.topLevelItem(0)
        if first is not None:
            self._images.setCurrentItem(first)

    def _current(self) -> str:
        item = self._images.currentItem()
        return "" if item is None else str(item.data(0, _ROLE))

    def _ask_pictures(self) -> None:
        if self._current():
            self.pictures_requested.emit(self._current())

    def _ask_image(self) -> None:
        if self._current():
            self.image_requested.emit(self._current())

    def show_pictures(self, pictures: ComparedPictures) -> None:
        """Those of the image that is chosen; what comes too late is dropped."""
        if pictures.name != self._current():
            return
        names = [model.name for model in self._comparison.models]
        captions = [self.tr("Image"), self.tr("Truth"), self.tr("Difference"), *names]
        arrays = (pictures.image, pictures.truth, pictures.verdict, *pictures.proposals)
        self._pictures.show_pictures(list(zip(captions, arrays, strict=True)))

    # the page

    def _ask_page(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Folder for the page"))
        if folder:
            self.page_requested.emit(folder)

    def show_saved(self, path: Path) -> None:
        """The page was written: show it in the browser."""
        self._say(self.tr("Saved as {0}.").format(path), is_error=False)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def show_problem(self, text: str) -> None:
        """Something that was asked for could not be done."""
        self._say(text, is_error=True)

    def _say(self, text: str, *, is_error: bool) -> None:
        self._problem.setText(text)
        self._problem.setObjectName("error" if is_error else "muted")
        self._problem.style().unpolish(self._problem)
        self._problem.style().polish(self._problem)
        self._problem.show()


class _Bar(QStyledItemDelegate):
    """A number with a bar behind it that is as long as the number is large."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        super().paint(painter, option, index)
        share = float(index.data(_ROLE) or 0.0)
        room = option.rect.adjusted(_MARGIN, 0, -_NUMBER, 0)
        width = round(share * max(room.width(), 0))
        middle = room.center().y()
        color = option.palette.color(QPalette.ColorRole.Highlight)
        if option.state & QStyle.StateFlag.State_Selected:
            color = option.palette.color(QPalette.ColorRole.HighlightedText)
        painter.fillRect(QRect(room.left(), middle - _BAR // 2, width, _BAR), color)


def _share(value: float | None) -> str:
    return "–" if value is None or value != value else f"{value:.3f}"


def _change(value: float | None) -> str:
    return "" if value is None or value != value else f"{value:+.3f}"


def _patch(color: Sequence[int]) -> QPixmap:
    pixmap = QPixmap(_SWATCH, _SWATCH)
    pixmap.fill(QColor(*color))
    return pixmap


def _swatch(color: Sequence[int]) -> QIcon:
    return QIcon(_patch(color))
