"""``seglabel``: a command if the first argument names one, else the window."""

from __future__ import annotations

import sys
from collections.abc import Sequence

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
        options = build_window_parser().parse_args(arguments)
        folder, project = options.folder, options.project
    from seglabel.app.main import run_window

    return run_window(folder, project)


if __name__ == "__main__":
    sys.exit(main())
