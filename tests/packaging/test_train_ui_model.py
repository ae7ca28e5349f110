from __future__ import annotations

import numpy as np

from seglabel.app.screens import UI_CATEGORIES
from seglabel.formats.model_card import read_card
from seglabel.model import Segmenter
from seglabel.model.checkpoint import encode_checkpoint
from seglabel.model.learning.start import from_imagenet


def test_screens_are_rendered_once_and_the_model_is_written_with_its_scores(
    script, qapp, tmp_path, monkeypatch, capsys
) -> None:
    module = script("train_ui_model")
    screens, models = tmp_path / "screens", tmp_path / "models"
    counts = ["--screens", "2", "--validation", "1", "--held-out", "1", "--minutes", "0"]
    begin = tmp_path / "begin.safetensors"
    start = from_imagenet("mobilenet_v2", UI_CATEGORIES, lambda _: None, width=8)
    begin.write_bytes(encode_checkpoint(start.net.state_dict(), start.spec))
    paths = ["--init", str(begin), "--out", str(models)]
    monkeypatch.setattr("sys.argv", ["train_ui_model", str(screens), *counts, *paths])

    assert module.main() == 0

    segmenter = Segmenter.load(models / "ui-elements.safetensors", "cpu", engine="torch")
    assert segmenter.categories == UI_CATEGORIES
    card = read_card(models / "ui-elements.safetensors")
    assert "1 rendered screens of layouts (wizard, mail, checkout, inspector)" in card
    assert "PublicWeights(name='ui-elements'" in capsys.readouterr().out
    before = {path: path.stat().st_mtime_ns for path in screens.glob("*/*.png")}
    assert len(before) == 8
    again = module.screens(screens, "training", 2, module.TRAINING)
    picture, labels = again[0].load()
    assert picture.shape == (480, 640, 3) and labels.max() <= max(UI_CATEGORIES.ids)
    assert picture.dtype == labels.dtype == np.uint8
    assert before == {path: path.stat().st_mtime_ns for path in screens.glob("*/*.png")}
