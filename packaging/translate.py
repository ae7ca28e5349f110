"""Bring the translations up to date with the source: collect texts, compile what is translated.

    .venv/bin/python packaging/translate.py

Texts live in ``resources/translations/seglabel_<language>.ts`` and are edited there (Qt Linguist
or any editor); the compiled ``.qm`` beside each is what the program loads.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "resources" / "translations"
LANGUAGES = ("zh_CN",)


def main() -> int:
    rooms = (ROOT / "seglabel" / room for room in ("app", "tools"))
    sources = sorted(str(path) for room in rooms for path in room.rglob("*.py"))
    for language in LANGUAGES:
        file = FOLDER / f"seglabel_{language}.ts"
        options = ["-no-obsolete", "-locations", "none", "-target-language", language]
        for command in (
            ["pyside6-lupdate", *sources, *options, "-ts", str(file)],
            ["pyside6-lrelease", "-silent", str(file)],
        ):
            program = Path(sys.executable).with_name(command[0])
            code = subprocess.run([str(program), *command[1:]], check=False).returncode
            if code != 0:
                return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
