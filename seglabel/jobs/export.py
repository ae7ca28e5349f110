"""Export: labels out of a project into a format that other programs read, verified."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seglabel.core.cancel import Cancel
from seglabel.core.errors import Cancelled, ExportError, failure
from seglabel.core.instances import find_instances, only_if_needed
from seglabel.core.progress import Progress, ProgressCallback, ignore_progress
from seglabel.core.status import Status
from seglabel.formats.atomic import TEMPORARY_PREFIX, WriteError, exchange, sync_folder, write_error
from seglabel.formats.exchange import (
    ExportImage,
    ExportOptions,
    ExportPlan,
    ExportReport,
    WrittenImage,
    object_map,
)
from seglabel.formats.folder import checked_name
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.registry import Format
from seglabel.jobs.selection import WHOLE, SplitShares, StatusChoice, choose, split
from seglabel.jobs.targets import mark, refuse_own_ground, require_free

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")


def export(
    store: ProjectStore,
    form: Format,
    target: Path,
    *,
    options: ExportOptions | None = None,
    status: StatusChoice = "all",
    shares: SplitShares | None = None,
    seed: int = 0,
    force: bool = False,
    progress: ProgressCallback = ignore_progress,
    cancel: Cancel | None = None,
) -> ExportReport:
    """Write ``target`` and read it back.

    ``target`` must not exist; with ``force`` it may be empty or an earlier export. Everything is
    built in a temporary folder beside it and takes its name only when it is whole and every pixel
    was found again. Images that cannot be exported are named in the report.
    Raises ExportError if nothing can be exported or what was written does not read back equal.
    """
    cancel = cancel or Cancel()
    if form.exporter is None:
        raise ExportError(f"{form.title} can be read but not written")
    refuse_own_ground(store, target)
    require_free(store, target, force=force)
    names = choose(store.project.records, status)
    if not names:
        wanted = "images" if status == "all" else f"{status} images"
        raise ExportError(f"{store.folder}: has no {wanted} to export")
    plan = ExportPlan(
        store.project.categories, split(names, shares or WHOLE, seed), options or ExportOptions()
    )
    report = ExportReport(target, skipped=_missing(store, status))
    building = target.parent / f"{TEMPORARY_PREFIX}{secrets.token_hex(6)}"
    try:
        building.mkdir(parents=True)
        written = _write(store, form, building, plan, report, progress, cancel)
        _verify(form, building, plan, written)
        mark(building, form.name)
        require_free(store, target, force=force)  # somebody may have made it meanwhile
        _publish(building, target)
    except OSError as error:
        raise write_error(target, error) from error
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return report


def _write(
    store: ProjectStore,
    form: Format,
    building: Path,
    plan: ExportPlan,
    report: ExportReport,
    progress: ProgressCallback,
    cancel: Cancel,
) -> dict[str, bytes]:
    assert form.exporter is not None
    exporter = form.exporter(building, plan, report)
    split_of = {name: one for one, names in plan.splits.items() for name in names}
    written: dict[str, bytes] = {}
    for index, name in enumerate(plan.names):
        cancel.raise_if_set()
        error = ""
        try:
            image = _outgoing_image(store, name, split_of[name])
            written[name] = _fingerprint(exporter.add(image))
            report.images += 1
        except (Cancelled, WriteError, OSError):
            raise
        except Exception as problem:  # noqa: BLE001 - one image must never end the run
            error = failure(name, problem)
            report.skipped.append(error)
        progress(Progress(index + 1, len(plan.names), name, error))
    if not written:
        raise ExportError(
            f"none of {len(plan.names)} images could be exported: {report.skipped[-1]}"
        )
    exporter.finish()
    report.warnings += _doubts([store.project.records[name].status for name in written])
    return written


def _missing(store: ProjectStore, status: StatusChoice) -> list[str]:
    return [
        f"{name}: its file is gone; its labels are kept. Put it back, or let "
        "seglabel check --repair look for it under another name"
        for name in choose(store.project.missing, status)
    ]


def _doubts(statuses: Sequence[Status]) -> Iterator[str]:
    """What nobody answers for among the images that went out."""
    unlabelled, proposed = statuses.count(Status.EMPTY), statuses.count(Status.PROPOSED)
    if unlabelled:
        yield f"{unlabelled} images were never labelled and went out as background alone"
    if proposed:
        yield f"{proposed} images carry proposals that nobody corrected or reviewed"


def _outgoing_image(store: ProjectStore, name: str, split_name: str) -> ExportImage:
    _require_portable(name)
    info = store.probe_image(name)
    annotation = store.load(name)
    shape = (info.height, info.width)
    if annotation is None:
        labels: NDArray[np.uint8] = np.zeros(shape, np.uint8)
        return ExportImage(name, store.image_path(name), info, labels, None, split_name)
    if annotation.labels.shape != shape:
        found = annotation.labels.shape
        raise ExportError(
            f"{name}: labelled at {found[1]} × {found[0]} pixels, "
            f"but the image now has {shape[1]} × {shape[0]}"
        )
    if store.has_changed(name):
        raise ExportError(
            f"{name}: its file changed after it was labelled. Look whether the labels still fit: "
            "mark it reviewed, or accept all that changed by seglabel check --accept-changed"
        )
    return ExportImage(
        name, store.image_path(name), info, annotation.labels, annotation.instances, split_name
    )


def _require_portable(name: str) -> None:
    """Data sets name their images in UTF-8 and with ``/``, in lines and in XML."""
    try:
        name.encode()
        is_portable = checked_name(name) == name and not _CONTROL.search(name)
    except ValueError:
        is_portable = False
    if not is_portable:
        raise ExportError(f"{name!r}: no data set can hold such a file name; rename the image")


def _verify(form: Format, building: Path, plan: ExportPlan, written: dict[str, bytes]) -> None:
    """Read everything back by our own importer and compare pixels and objects."""
    if form.importer is None:
        return
    missing = dict(written)
    by_stem = {str(Path(name).with_suffix("")): name for name in written}
    for image in form.importer(building, plan.categories, None).images:
        if image.refused:
            raise ExportError(f"verification: {image.refused}")
        name = image.name if image.name in missing else by_stem.get(image.name, image.name)
        if name not in missing:
            raise ExportError(f"verification: {image.name} was written but never exported")
        instances = image.instances
        if instances is not None:
            instances = only_if_needed(image.labels, instances, plan.categories)
        objects = find_instances(image.labels, instances, plan.categories)
        found = WrittenImage(image.labels, object_map(image.labels.shape, objects))
        if _fingerprint(found) != missing.pop(name):
            raise ExportError(f"verification: {name} reads back with other pixels than it should")
    if missing:
        raise ExportError(f"verification: {next(iter(missing))} is missing in what was written")


def _publish(building: Path, target: Path) -> None:
    """Give the finished folder its name; an old one goes only once the new one is there.

    Where the disk can, they swap their names, and the old one is what is left to remove: then there
    is no moment at which a crash would leave neither under its name.
    """
    if target.exists() and exchange(building, target):
        sync_folder(target.parent)
        return
    old = None
    if target.exists():
        old = target.parent / f"{TEMPORARY_PREFIX}{secrets.token_hex(6)}"
        os.replace(target, old)
    try:
        os.replace(building, target)
    except OSError:
        if old is not None:
            os.replace(old, target)
        raise
    sync_folder(target.parent)
    if old is not None:
        with suppress(OSError):
            shutil.rmtree(old)


def _fingerprint(image: WrittenImage) -> bytes:
    """Digest of the label map and of the partition into objects, whatever their numbers."""
    digest = hashlib.blake2b(np.ascontiguousarray(image.labels).tobytes(), digest_size=16)
    digest.update(repr(image.labels.shape).encode())
    digest.update(_canonical(image.objects).tobytes())
    return digest.digest()


def _canonical(objects: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Objects renumbered by their first pixel, row by row."""
    flat = objects.ravel()
    numbers, first = np.unique(flat, return_index=True)
    table = np.zeros(int(numbers.max()) + 1, np.uint16)
    kept = numbers != 0
    order = numbers[kept][np.argsort(first[kept])]
    table[order] = np.arange(1, len(order) + 1)
    return table[flat]
