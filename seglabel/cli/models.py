"""``seglabel models``: those of the catalogue and of a project, downloads, conversion."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from seglabel.cli.console import Console
from seglabel.core.cancel import Cancel
from seglabel.core.errors import SegLabelError
from seglabel.core.public_weights import PublicWeights
from seglabel.formats.atomic import WriteError, write_bytes
from seglabel.formats.categories_file import read_categories
from seglabel.formats.model_card import read_card
from seglabel.jobs.fetch import fetch, is_fetched
from seglabel.jobs.giving_away import export_version
from seglabel.jobs.models import MODEL_SUFFIX, fetched_folder, find_model
from seglabel.jobs.versions import ListedVersion, find_project, find_version, list_versions
from seglabel.model.catalogue import CATALOGUE, find_public


def list_models(arguments: argparse.Namespace, console: Console, _cancel: Cancel) -> int:
    """The catalogue, with what is on this machine already, or the models of a project."""
    if getattr(arguments, "project", None) is not None:
        return _list_versions(arguments, console)
    folder = fetched_folder()
    rows = [(weights, is_fetched(weights, folder)) for weights in CATALOGUE]  # built in ones first
    if arguments.json:
        for weights, is_here in rows:
            console.output_json({**weights.to_json(), "fetched": is_here})
        return 0
    console.output(_table(rows))
    console.say(
        f"{len(rows)} models; * is on this machine ({folder}). Fetch one with: "
        "seglabel models fetch NAME"
    )
    return 0


def _table(rows: list[tuple[PublicWeights, bool]]) -> str:
    head = ("", "name", "data set", "categories", "backbone", "stride", "mIoU", "MB", "licence")
    lines = [head] + [
        (
            "*" if is_here else "",
            w.name,
            w.data_set,
            str(w.categories),
            w.backbone,
            str(w.output_stride),
            "" if w.miou is None else f"{w.miou:.1f}",
            f"{w.megabytes:.0f}",
            w.license,
        )
        for w, is_here in rows
    ]
    table = _columns(lines).splitlines()
    return "\n".join([table[0], *map(_with_address, table[1:], (w for w, _ in rows))])


def _columns(lines: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _with_address(line: str, weights: PublicWeights) -> str:
    file = weights.files[0]
    if weights.is_built_in:
        return f"{line}\n     comes with seglabel (data: {weights.terms})"
    digest = f"sha256 {file.sha256}…" if file.sha256 else "no digest is published"
    return f"{line}\n     {file.url} ({digest})"


def _list_versions(arguments: argparse.Namespace, console: Console) -> int:
    rows = list_versions(find_project(arguments.project))
    if arguments.json:
        for row in rows:
            console.output_json(row.to_json())
        return 0
    if not rows:
        console.say(f"{arguments.project}: no model was trained here yet (seglabel train)")
        return 0
    head = ("", "name", "date", "images", "held back", "mIoU", "from", "MB")
    console.output(_columns([head, *map(_version_cells, rows)]))
    for row in rows:
        if row.problem:
            console.say(f"damaged: {row.problem}")
    console.say(
        "* is in use. Use one with --model NAME; give one away with: "
        f"seglabel models export NAME OUT.safetensors --project {arguments.project}"
    )
    return 0


def _version_cells(row: ListedVersion) -> tuple[str, ...]:
    version = row.version
    return (
        "*" if row.is_used else "",
        "  " * row.depth + row.name,
        version.date.replace("T", " ")[:16],
        str(len(version.training)) if row.has_record else "?",
        str(len(version.validation)) if row.has_record else "?",
        "" if row.miou is None else f"{row.miou:.3f}",
        "damaged" if row.problem else row.origin,
        f"{row.bytes / 1e6:.1f}",
    )


def export_model(arguments: argparse.Namespace, console: Console, _cancel: Cancel) -> int:
    """Give a model of a project away, with its card."""
    row = find_version(list_versions(find_project(arguments.project)), arguments.version)
    card = export_version(row, arguments.out)
    console.result(
        {"model": str(arguments.out), "card": str(card), "version": row.name},
        f"wrote {arguments.out} ({row.name}) with its card {card}; names of images stay here",
    )
    return 0


def show_model(arguments: argparse.Namespace, console: Console, _cancel: Cancel) -> int:
    """What a checkpoint is; corrections that are given are remembered beside it."""
    from seglabel.model.identify import Corrections, describe, identify, read_sidecar, sidecar_path

    categories = read_categories(arguments.categories) if arguments.categories else None
    told = Corrections(arguments.output_stride, arguments.mean, arguments.std, categories)
    model = identify(find_model(arguments.file, None, CATALOGUE, fetched_folder()), told)
    facts = describe(model)  # builds the network, so that what is remembered is known to fit
    if told.facts:
        sidecar = sidecar_path(model.path)
        write_bytes(sidecar, told.over(read_sidecar(model.path)[0]).encode())
        console.say(f"remembered in {sidecar}; remove it to go back to what was assumed")
    if arguments.json:
        content = {f.name: {"value": f.value, "source": f.source} for f in facts}
        console.result({"file": str(model.path), "facts": content})
        return 0
    width = max(len(fact.name) for fact in facts)
    for fact in facts:
        source = f"   [{fact.source}]" if fact.source else ""
        console.output(f"{fact.name:{width}}  {fact.value}{source}")
    card = read_card(model.path)
    if card:
        console.output(f"\n{card}")
    if any(fact.source.startswith("assumed") for fact in facts):
        console.say(
            "correct what is assumed with --output-stride, --mean and --std (RGB in 0–1) or "
            "--categories; seglabel remembers it beside the file"
        )
    return 0


def fetch_model(arguments: argparse.Namespace, console: Console, cancel: Cancel) -> int:
    """Download public weights, saying first what they are."""
    weights = find_public(arguments.name)
    folder = arguments.out or fetched_folder()
    console.say(
        f"{weights.name}: {weights.data_set}, {weights.categories} categories, "
        f"{weights.backbone}, about {weights.megabytes:.0f} MB"
    )
    console.say(f"code and weights: {weights.license}; data: {weights.terms}")
    report = fetch(weights, folder, progress=console.progress, cancel=cancel)
    checked = "as published" if report.is_checked else "its authors publish none to compare with"
    done = "was here already" if report.was_there else "fetched"
    console.result(
        report.to_json(),
        f"{done}: {report.path}",
        f"sha256 {report.sha256} ({checked})",
        f"use it with: --model {weights.name if arguments.out is None else report.path}",
    )
    return 0


def convert_model(arguments: argparse.Namespace, console: Console, _cancel: Cancel) -> int:
    """Rewrite a checkpoint as seglabel's own."""
    from seglabel.model.identify import identify

    out: Path = arguments.out
    if out.suffix != MODEL_SUFFIX:
        raise SegLabelError(f"{out}: expected the name of a {MODEL_SUFFIX} file to write")
    if out.exists():
        raise WriteError(f"{out}: exists already; choose another name")
    model = identify(find_model(arguments.file, None, CATALOGUE, fetched_folder()))
    write_bytes(out, model.converted(half=arguments.half))
    console.result(
        {"model": str(out), "layout": model.layout},
        f"wrote {out}: the {model.layout} model of {model.path} with all that seglabel knows of it",
    )
    return 0
