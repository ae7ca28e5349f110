"""Pictures of many bands, shown as the person chooses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PySide6.QtWidgets import QDialog, QDialogButtonBox

from seglabel.app.dialogs.rendering import RenderingDialog
from seglabel.app.session import Session
from seglabel.formats.images import Rendering


@pytest.fixture
def bands(qtbot, make_session, tmp_path: Path) -> Session:
    """An image of five bands, each of one value: 10, 60, 110, 160 and 210."""
    folder = tmp_path / "bands"
    folder.mkdir()
    picture = np.broadcast_to(np.arange(10, 250, 50, dtype=np.uint8), (60, 80, 5)).copy()
    tifffile.imwrite(folder / "a.tif", picture, photometric="minisblack", planarconfig="contig")
    session: Session = make_session()
    with qtbot.waitSignal(session.workspace.image_opened, timeout=20000):
        session.workspace.open_project(folder)
    return session


def middle(session: Session) -> tuple[int, int, int]:
    canvas = session.window.canvas
    color = canvas.grab().toImage().pixelColor(canvas.rect().center())
    return color.red(), color.green(), color.blue()


def test_other_bands_are_shown_and_remembered_with_the_project(qtbot, bands: Session) -> None:
    assert middle(bands) == (10, 60, 110)
    with qtbot.waitSignal(bands.workspace.image_opened, timeout=20000):
        bands.workspace.set_rendering(Rendering((4, 2, 0)))
    assert middle(bands) == (210, 110, 10)
    store = bands.workspace.store
    assert not bands.writer.flush()
    again = type(store).open(store.folder)
    assert again.rendering == Rendering((4, 2, 0))
    assert again.read_image("a.tif")[0, 0].tolist() == [210, 110, 10]


def test_a_band_that_the_picture_does_not_have_is_said(qtbot, bands: Session) -> None:
    with qtbot.waitSignal(bands.workspace.image_failed, timeout=20000) as failed:
        bands.workspace.set_rendering(Rendering((0, 1, 7)))
    assert "band" in failed.args[1]
    with qtbot.waitSignal(bands.workspace.image_opened, timeout=20000):
        bands.workspace.set_rendering(Rendering())
    assert middle(bands) == (10, 60, 110)


def test_the_dialog_gives_back_what_it_was_shown(qtbot) -> None:
    chosen = Rendering((3, 1, 0), (2.0, 98.0))
    dialog = RenderingDialog(chosen)
    qtbot.addWidget(dialog)
    assert dialog.rendering == chosen
    dialog._limits[0].setValue(99.0)
    ok = dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok)
    assert not ok.isEnabled()  # nothing would be left between black and white
    defaults = QDialogButtonBox.StandardButton.RestoreDefaults
    dialog.findChild(QDialogButtonBox).button(defaults).click()
    assert ok.isEnabled() and dialog.rendering == Rendering()
    assert isinstance(dialog, QDialog)


@pytest.mark.parametrize(
    "damaged", [None, 7, {}, {"bands": "no", "percentiles": [1]}, {"bands": [1]}]
)
def test_a_damaged_setting_is_the_usual_rendering(damaged: object) -> None:
    assert Rendering.from_json(damaged) == Rendering()
    assert Rendering.from_json(Rendering((2, 1, 0), (1, 99)).to_json()) == Rendering(
        (2, 1, 0), (1, 99)
    )
