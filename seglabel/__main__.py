"""``seglabel``: a command if the first argument names one, else the window."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from seglabel.cli.parser import COMMANDS, build_parser, build_window_parser
from seglabel.core.errors import SegLabelError
from seglabel.system_libraries import advice, missing_libraries

if TYPE_CHECKING:
    from seglabel.jobs.demo import DemoFolder


def main(argv: Sequence[str] | None = None) -> int:
    """Run seglabel and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] in (["-h"], ["--help"]):
        build_parser().parse_args(arguments)  # prints what there is and ends
    if arguments and arguments[0] in COMMANDS:
        from seglabel.cli.commands import OpenWindow, run_command

        outcome = run_command(arguments, _demo_folders)
        if not isinstance(outcome, OpenWindow):
            return outcome
        folder, project, demo = None, None, outcome.demo
    else:
        parser = build_window_parser()
        if arguments and not arguments[0].startswith("-"):
            # Before the options of what may be a mistyped command.
            _require_folder(parser, Path(arguments[0]))
        options = parser.parse_args(arguments)
        folder, project, demo = options.folder, options.project, None
        if folder is not None:
            _require_folder(parser, folder)
    from seglabel.app.main import run_window

    return run_window(folder, project, demo)


def _demo_folders() -> Sequence[DemoFolder]:
    """What the demo consists of. Raises SegLabelError where Qt cannot draw the screens."""
    from seglabel.jobs.demo import CELLS

    try:
        from seglabel.app.demo_screens import SCREENS
    except ImportError as error:  # a system library that Qt needs, of which the system knows best
        raise SegLabelError(f"{error}. {advice(missing_libraries())}") from error
    return (SCREENS, CELLS)


def _require_folder(parser: ArgumentParser, folder: Path) -> None:
    """End the program by code 2 if what was given is neither a command nor a folder."""
    if folder.exists():
        return
    if len(folder.parts) > 1:
        parser.error(f"{folder}: no such folder")
    near = get_close_matches(str(folder), COMMANDS, cutoff=0.5) or COMMANDS
    parser.error(f"{folder}: no such folder, and no such command; commands are: {', '.join(near)}")


if __name__ == "__main__":
    sys.exit(main())
