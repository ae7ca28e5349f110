"""``seglabel``: a command if the first argument names one, else the window."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from seglabel.cli.parser import COMMANDS, build_parser, build_window_parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run seglabel and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] in (["-h"], ["--help"]):
        build_parser().parse_args(arguments)  # prints what there is and ends
    if arguments and arguments[0] in COMMANDS:
        from seglabel.cli.commands import OpenWindow, run_command

        outcome = run_command(arguments)
        if not isinstance(outcome, OpenWindow):
            return outcome
        folder, project = outcome.folder, None
    else:
        parser = build_window_parser()
        if arguments and not arguments[0].startswith("-"):
            # Before the options of what may be a mistyped command.
            _require_folder(parser, Path(arguments[0]))
        options = parser.parse_args(arguments)
        folder, project = options.folder, options.project
        if folder is not None:
            _require_folder(parser, folder)
    from seglabel.app.main import run_window

    return run_window(folder, project)


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
