"""Statistics of the project: counted off the GUI thread and shown."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMenu

import seglabel.app.statistics as statistics_module
from seglabel.app.dialogs.statistics import StatisticsDialog
from seglabel.app.panels.effort_charts import GrowthChart, SeriesChart, moving_means
from seglabel.app.session import Session
from seglabel.core.categories import CategorySet
from seglabel.core.effort import Effort
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.project_store import ProjectStore
from seglabel.jobs.stats import EffortStats, VersionEffort, count_labels
from seglabel.tools import Pointer

SHAPE = (60, 80)


def labels_on_disk(store: ProjectStore, name: str, category_id: int, status: Status) -> None:
    labels = np.full(SHAPE, category_id, np.uint8)
    store.save(name, Annotation(labels, labels > 0, None, status, Effort(3, 120.0)))


def opened(qtbot, session: Session) -> StatisticsDialog:
    """The dialog, once labels are counted."""
    session.window.actions_table["statistics"].trigger()
    qtbot.waitUntil(lambda: session.statistics.dialog is not None, timeout=20000)
    dialog = session.statistics.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.texts[2].startswith("Images with labels"), timeout=20000)
    return dialog


def version(model: str, changed: int) -> VersionEffort:
    return VersionEffort(model, 3, 1000, changed, 3, 9, 90.0)


def test_statistics_need_a_project(make_session: Callable[..., Session]) -> None:
    session = make_session()
    assert not session.window.actions_table["statistics"].isEnabled()
    session.statistics.ask()
    assert session.statistics.dialog is None


def test_statistics_show_pixels_status_and_work(qtbot, session: Session) -> None:
    store = session.workspace.store
    assert store is not None
    labels_on_disk(store, "a.png", 1, Status.REVIEWED)
    labels_on_disk(store, "b.png", 2, Status.CORRECTED)
    labels_on_disk(store, "c.png", 2, Status.PROPOSED)
    dialog = opened(qtbot, session)
    assert dialog.rows == [
        ("grey", "2", "2", "9,600", "66.7\u00a0%"),
        ("bright", "1", "1", "4,800", "33.3\u00a0%"),
    ]
    images, work, counted, failed = dialog.texts
    assert images == "Images: 4 — not begun: 1 · proposed: 1 · corrected: 1 · reviewed: 1"
    assert "9 strokes in 6.0 minutes" in work
    assert counted == "Images with labels: 3"
    assert failed == ""
    dialog.close()
    qtbot.waitUntil(lambda: session.statistics.dialog is None)


def test_what_is_not_saved_yet_counts_too(qtbot, session: Session) -> None:
    session.editor.set_category(1)
    session.editor.press(Pointer(20, 20))
    session.editor.release(Pointer(20, 20))
    document = session.editor.document
    assert document is not None
    painted = int(np.count_nonzero(document.labels == 1))
    dialog = opened(qtbot, session)
    assert dialog.rows[0][:4] == ("bright", "1", "1", str(painted))


def test_only_the_labels_that_are_asked_for_are_counted(qtbot, session: Session) -> None:
    store = session.workspace.store
    assert store is not None
    labels_on_disk(store, "a.png", 1, Status.REVIEWED)
    labels_on_disk(store, "b.png", 2, Status.CORRECTED)
    dialog = opened(qtbot, session)
    dialog._choice.setCurrentIndex(2)
    qtbot.waitUntil(lambda: dialog.texts[2] == "Images with labels: 1", timeout=20000)
    assert dialog.rows[0][0] == "bright"


def test_damaged_labels_are_named(qtbot, session: Session) -> None:
    store = session.workspace.store
    assert store is not None
    labels_on_disk(store, "b.png", 2, Status.REVIEWED)
    labels_on_disk(store, "c.png", 2, Status.REVIEWED)
    (store.root / "labels" / "b.png.png").write_bytes(b"torn")
    dialog = opened(qtbot, session)
    assert "b.png" in dialog.texts[3]
    assert dialog.texts[2] == "Images with labels: 1"


def test_closing_stops_the_count_and_a_late_answer_reaches_no_other_dialog(
    qtbot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = session.workspace.store
    assert store is not None
    labels_on_disk(store, "a.png", 1, Status.REVIEWED)
    gate, begun, cancels = threading.Event(), threading.Event(), []

    def held(store, choice, progress, cancel):
        cancels.append(cancel)
        begun.set()
        gate.wait(10)
        return count_labels(store, choice, progress)

    monkeypatch.setattr(statistics_module, "count_labels", held)
    session.window.actions_table["statistics"].trigger()
    qtbot.waitUntil(begun.is_set, timeout=20000)
    first = session.statistics.dialog
    assert first is not None
    first.close()
    assert cancels[0].is_set
    monkeypatch.setattr(statistics_module, "count_labels", count_labels)
    session.window.actions_table["statistics"].trigger()
    second = session.statistics.dialog
    assert second is not None
    assert second is not first
    gate.set()
    qtbot.waitUntil(lambda: second.texts[2] == "Images with labels: 1", timeout=20000)
    assert len(second.rows) == 2


def test_a_failure_is_shown(qtbot, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(statistics_module, "count_labels", fail)
    session.window.actions_table["statistics"].trigger()
    qtbot.waitUntil(
        lambda: (
            session.statistics.dialog is not None
            and "the disk is gone" in session.statistics.dialog.texts[3]
        ),
        timeout=20000,
    )


def test_what_the_model_had_right_is_drawn_and_told(qtbot) -> None:
    dialog = StatisticsDialog(CategorySet())
    qtbot.addWidget(dialog)
    statuses = dict.fromkeys(Status, 0)
    versions = (VersionEffort("", 2, 500, 500, 2, 80, 600.0), version("m1", 250), version("m2", 40))
    dialog.show_effort(EffortStats(statuses, 98, 780.0, versions))
    growth, strokes, minutes = dialog.charts
    assert growth.describe() == "m1 75.0% · m2 96.0%"
    assert growth.accessibleDescription() == growth.describe()
    assert strokes.describe() == minutes.describe() == "No image was reviewed yet."
    assert "85.5\u00a0%" in dialog.texts[1]


def pixels_of(chart: GrowthChart | SeriesChart) -> QImage:
    chart.resize(320, 140)
    return chart.grab().toImage()


def test_charts_change_with_their_numbers(qtbot) -> None:
    growth, series = GrowthChart(), SeriesChart("Strokes per image")
    for chart in (growth, series):
        qtbot.addWidget(chart)
    empty = pixels_of(growth), pixels_of(series)
    growth.show_versions([version("m1", 250), version("m2", 40)])
    series.show_values([30, 20, 12, 9, 4])
    assert pixels_of(growth) != empty[0]
    assert pixels_of(series) != empty[1]
    growth.show_versions([version(f"model-{i}", 900 - i) for i in range(200)])
    pixels_of(growth)
    growth.show_versions([version("strokes", 100), version("strokes + m1", 50)])
    assert growth.describe() == "Refine 90.0% · Refine + m1 95.0%"
    assert series.describe() == "30.0 in the beginning, 4.0 now, over 5 images"


def test_means_move_over_neighbours_on_both_sides() -> None:
    assert moving_means([]) == []
    assert moving_means([4.0]) == [4.0]
    assert moving_means([1.0, 2.0, 9.0]) == [1.0, 4.0, 9.0]
    assert moving_means([float(i) for i in range(50)]) == [float(i) for i in range(50)]


def test_statistics_are_in_menu_and_palette_and_have_a_key(session: Session, folder: Path) -> None:
    action = session.window.actions_table["statistics"]
    assert action.isEnabled()
    assert action.shortcut().toString() == "Ctrl+Alt+S"
    assert any(action in menu.actions() for menu in session.window.menuBar().findChildren(QMenu))
