"""How fast the editor is, measured on the real window by real mouse events.

    python tests/benchmarks/editor.py [--sizes 512 4096 10000 20000] [--napari PYTHON]

Prints medians and 95th percentiles in milliseconds, from sending an event until the change has been
painted and handed to the display, beside what is promised. Without a display it starts Xvfb.
``--napari`` names an interpreter that has napari (``pip install "napari[pyside6]"``), which is
measured by the same events on the same display, both drawing in software.
Each size runs in a process of its own, so that the memory that it takes at most can be told.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

from display import display

HERE = Path(__file__).resolve().parent
SIZES = (512, 4096, 10000, 20000)
BRUSHES = (20, 2000)
PEER_SIZES = (512, 4096, 10000)
MB = 1 << 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="SIDE")
    parser.add_argument("--steps", type=int, default=120, help="brush steps for each figure")
    parser.add_argument("--napari", type=Path, metavar="PYTHON", help="interpreter with napari")
    options = parser.parse_args()
    with display() as name:
        environment = os.environ | {
            "DISPLAY": name,
            "QT_QPA_PLATFORM": "xcb",
            "LIBGL_ALWAYS_SOFTWARE": "1",
        }
        for side in options.sizes:
            ours = _run(sys.executable, "editor_run.py", side, options.steps, environment)
            _report(side, ours)
            if options.napari is not None and side in PEER_SIZES:
                steps = min(options.steps, 40)
                peer = _run(str(options.napari), "napari_run.py", side, steps, environment)
                _compare(ours, peer)
    return 0


def _run(python: str, script: str, side: int, steps: int, environment: dict[str, str]) -> dict:
    command = [python, str(HERE / script), str(side), str(steps)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{script} ended with {done.returncode} at {side}")
    return json.loads(done.stdout.splitlines()[-1])


def _report(side: int, found: dict) -> None:
    print(f"\n{side} x {side}")
    for brush in BRUSHES:
        for zoom in ("1:1", "fit"):
            times = found["steps"].get(f"{brush} {zoom}")
            if times is None:
                continue
            limit, worst = (1, 16) if brush == 20 else (16, None)
            _line(f"brush {brush} at {zoom}, step and repaint", times, limit, worst)
    limit = {4096: 16, 20000: 60}.get(side)
    _line("undo of a stroke across the image", found["undo"], limit)
    limit = 50 if side == 10000 else None
    _line("outline on or off", found["outline"], limit)
    _line("fill the whole image", found["fill"], 600 if side == 10000 else None)
    print(f"  {'window silent during the fill at most':<42}{max(found['gaps']):9.2f}")
    _line("pan by a step at 1:1, repaint", found["pan"], None)
    bound = found["labels"] + found["tiles"] + 300 * MB
    limit = bound / MB if side == 10000 else None
    _verdict("memory at most until then, MB", found["peak"] / MB, limit)
    _verdict("and with the fill, MB", found["peak of fill"] / MB, None)


def _line(text: str, times: list[float], limit: float | None, worst: float | None = None) -> None:
    tail = _percentile(times, 95)
    print(
        f"  {text:<42}{median(times):9.2f}  p95 {tail:8.2f}  {_promise(median(times), limit)}"
        f"{_promise(tail, worst)}"
    )


def _verdict(text: str, value: float, limit: float | None) -> None:
    print(f"  {text:<42}{value:9.0f}                {_promise(value, limit)}")


def _promise(value: float, limit: float | None) -> str:
    if limit is None:
        return ""
    return f"[{'ok' if value <= limit else 'MISSED'}: {limit:g}] "


def _compare(ours: dict, peer: dict) -> None:
    rows = (
        ("edit alone", ours["edit"], peer["edit"], 1),
        ("step and repaint, fit", ours["steps"]["20 fit"], peer["step"], 20),
        ("undo and repaint", ours["undo"], peer["undo"], 1),
    )
    for text, mine, theirs, wanted in rows:
        ratio = median(theirs) / median(mine)
        verdict = "ok" if ratio >= wanted else "MISSED"
        print(
            f"  {'napari: ' + text:<42}{median(theirs):9.2f}  "
            f"{ratio:7.1f} times ours  [{verdict}: {wanted}]"
        )


def _percentile(values: list[float], percent: float) -> float:
    ranked = sorted(values)
    return ranked[min(round(percent / 100 * (len(ranked) - 1)), len(ranked) - 1)]


if __name__ == "__main__":
    sys.exit(main())
