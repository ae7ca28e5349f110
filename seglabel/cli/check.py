"""``seglabel check``: whether a project is whole, and putting right what can be."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from seglabel.cli.console import DONE, SOME_FAILED, Console
from seglabel.core.cancel import Cancel
from seglabel.core.errors import SegLabelError
from seglabel.jobs.checking import CheckReport, check
from seglabel.jobs.mending import mend


def check_command(arguments: argparse.Namespace, console: Console, cancel: Cancel) -> int:
    """A line for each thing that is wrong, or was and is mended."""
    folder, root = arguments.folder, arguments.project
    if not arguments.repair:
        if arguments.accept_changed:
            raise SegLabelError("--accept-changed changes the project: give --repair with it")
        report = check(folder, root, progress=console.progress, cancel=cancel)
        console.result(report.to_json(), *_said(report), *_advice(report))
        return SOME_FAILED if report.findings else DONE
    done = mend(
        folder,
        root,
        accept_changed=arguments.accept_changed,
        progress=console.progress,
        cancel=cancel,
    )
    console.result(
        done.to_json(),
        *(f"mended: {one.finding.text}\n        {one.deed}" for one in done.mended),
        *(f"not mended: {reason}" for reason in done.failed),
        *_said(done.after),
    )
    return SOME_FAILED if done.after.findings or done.failed else DONE


def _said(report: CheckReport) -> Sequence[str]:
    counted = f"{report.images} images, {report.labelled} with labels"
    if not report.findings:
        return [f"{counted}: nothing is wrong"]
    found = [f"{finding.kind}: {finding.text}" for finding in report.findings]
    return [*found, f"{counted}: {len(found)} things are wrong"]


def _advice(report: CheckReport) -> Sequence[str]:
    mendable = sum(finding.is_mendable for finding in report.findings)
    return [f"--repair would mend {mendable} of them"] if mendable else []
