"""Foreign checkpoints give the numbers of their original networks."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

_PATH = Path(__file__).parents[3] / "packaging" / "parity.py"


def _load():
    """The command that prints the table; ``packaging`` is no package."""
    spec = importlib.util.spec_from_file_location("parity", _PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["parity"] = module
    spec.loader.exec_module(module)
    return module


parity = _load()


@pytest.mark.parametrize("case", parity.cases(), ids=lambda case: case.name)
def test_a_foreign_checkpoint_scores_as_its_original(case, tmp_path: Path) -> None:
    outcome = case.run(tmp_path)
    assert outcome.error <= 1e-4
    assert outcome.agreement >= 0.9999


def test_every_layout_has_a_judge(tmp_path: Path) -> None:
    from seglabel.model.layouts import LAYOUTS, OWN

    judged = {case.name.split("-")[0] for case in parity.cases()}
    titles = {"VainF": "vainf", "VainF DeepLabv3": "vainf", "segmentation_models_pytorch": "smp"}
    expected = {titles.get(name, name.casefold()) for name in LAYOUTS if name != OWN}
    assert judged == expected
