"""What seglabel reads that somebody else may have made, each as a function of a file's bytes.

A target may end in two ways: it gives something that makes sense, or it raises an error that the
program declares and that names the file. Anything else is a finding: another exception, a crash, a
hang, memory beyond the limit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import fuzz_mutators as mutators
import fuzz_seeds as seeds
import numpy as np

from seglabel.core.categories import CategorySet
from seglabel.core.errors import (
    CheckpointError,
    ImageError,
    ImportRefused,
    LabelError,
    ProjectError,
    ProjectFormatError,
    SegLabelError,
)
from seglabel.core.geometry import Region
from seglabel.formats import coco, journal, label_png, rle, voc
from seglabel.formats.categories_file import read_categories
from seglabel.formats.evaluation_store import EvaluationStore
from seglabel.formats.exchange import ImportedSet
from seglabel.formats.images import open_picture, probe_image, read_image, read_thumbnail
from seglabel.formats.label_png import peek_label_file, read_label_file, read_small_labels
from seglabel.formats.lock import read_holder
from seglabel.formats.masks import read_masks
from seglabel.formats.model_card import read_card
from seglabel.formats.model_file import ModelFile
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.proposal_file import read_certainty, read_descriptor, read_proposal
from seglabel.formats.record_log import RecordLog
from seglabel.formats.recovery import find_unsaved, recovered

PIXELS = 1 << 16
"""Pictures and label maps may have so many here: what is large is refused elsewhere, and slow."""


def small_limits() -> None:
    """Refuse in this process what is larger than PIXELS, where no caller can ask for that."""
    coco.WINDOW_PIXEL_LIMIT = label_png.WINDOW_PIXEL_LIMIT = PIXELS  # type: ignore[misc]


@dataclass(frozen=True)
class Target:
    """One kind of file: how to read it in a folder of its own, samples, and how to damage them."""

    name: str
    read: Callable[[bytes, Path], None]
    seeds: Callable[[], list[bytes]]
    mutate: mutators.Mutator

    def damaged(self, random: Random) -> bytes:
        """A sample with so much damage that little of it may be left."""
        data = random.choice(self.seeds())
        for _ in range(random.choice((1, 1, 2, 5))):
            data = self.mutate(data, random)
        return data


@contextmanager
def refusing(path: Path, *kinds: type[SegLabelError]) -> Iterator[None]:
    """Only errors of these kinds may come out, and they name the file."""
    try:
        yield
    except kinds as error:
        assert path.name in str(error), f"an error that does not name {path.name}: {error}"


def read_as_image(data: bytes, folder: Path) -> None:
    path = folder / "a.img"
    path.write_bytes(data)
    with refusing(path, ImageError):
        read_thumbnail(path, (16, 16), pixel_limit=PIXELS)
    with refusing(path, ImageError):
        info = probe_image(path, pixel_limit=PIXELS)
        pixels = read_image(path, pixel_limit=PIXELS)
        assert pixels.shape == (*info.shape, 3)
        assert pixels.dtype == np.uint8
        with open_picture(path, pixel_limit=PIXELS) as picture:
            height, width = picture.shape
            part = Region(height // 3, width // 3, height, width)
            assert np.array_equal(picture.read(part), pixels[part.slices])
            picture.overview(8)


def read_as_coco(data: bytes, folder: Path) -> None:
    path = folder / "coco.json"
    path.write_bytes(data)
    with refusing(path, ImportRefused):
        _look_at(coco.read_coco(path))


def _look_at(incoming: ImportedSet) -> None:
    for image in incoming.images:
        assert image.labels.dtype == np.uint8
        assert image.labels.ndim == 2
        if image.instances is not None:
            assert image.instances.shape == image.labels.shape
        if not image.refused and incoming.explains_ids:
            incoming.categories.unknown_in(image.labels)
    json.dumps([*incoming.problems, *incoming.notes])


def read_as_rle(data: bytes, folder: Path) -> None:
    shape = (data[0] % 64 + 1, data[1] % 64 + 1) if len(data) > 1 else (4, 5)
    text = data[2:].decode("latin1")
    try:
        counts = rle.decompress(text)
        mask = rle.decode(counts, shape)
    except ValueError:
        return
    assert mask.shape == shape
    assert rle.decompress(rle.compress(counts)) == counts


_VOC_FILES = (
    *("SegmentationClass/a.png", "SegmentationObject/a.png", "labelmap.txt"),
    *("categories.json", "image_names.json", "Annotations/a.xml"),
)


def read_as_voc(data: bytes, folder: Path) -> None:
    """The first byte tells which of its files the rest is."""
    which = data[0] % len(_VOC_FILES) if data else 0
    for number, name in enumerate(_VOC_FILES):
        path = folder / "voc" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if number == which:
            path.write_bytes(data[1:])
        elif "Segmentation" in name:
            path.write_bytes(seeds.label_pngs()[0])
        else:
            path.unlink(missing_ok=True)
    with refusing(folder / "voc", ImportRefused):
        _look_at(voc.read_voc(folder / "voc"))


def read_as_masks(data: bytes, folder: Path) -> None:
    """The first byte tells whether the rest is a mask or the list of categories."""
    masks = folder / "masks"
    masks.mkdir(exist_ok=True)
    is_list = bool(data) and data[0] % 2 == 1
    (masks / "a.png").write_bytes(seeds.label_pngs()[0] if is_list else data[1:])
    if is_list:
        (masks / "categories.txt").write_bytes(data[1:])
    else:
        (masks / "categories.txt").unlink(missing_ok=True)
    with refusing(masks, ImportRefused, LabelError):
        _look_at(read_masks(masks))


def read_as_labels(data: bytes, folder: Path) -> None:
    path = folder / "labels.png"
    path.write_bytes(data)
    with refusing(path, LabelError):
        read_small_labels(path, (3, 3))
    with refusing(path, LabelError):
        peek_label_file(path)
    with refusing(path, LabelError):
        file = read_label_file(path)
        assert isinstance(file.note, dict)
        assert file.painted().shape == file.pixels.shape
        assert file.labels().dtype == np.uint8


def read_as_categories(data: bytes, folder: Path) -> None:
    path = folder / "categories.txt"
    path.write_bytes(data)
    with refusing(path, LabelError):
        assert isinstance(read_categories(path), CategorySet)


def read_as_project(data: bytes, folder: Path) -> None:
    path = folder / ".seglabel" / "project.json"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    with refusing(path, ProjectError):
        store = ProjectStore.read(folder)
        assert isinstance(store.rendering.percentiles, tuple)
        assert store.pixel_limit is None or store.pixel_limit > 0
        assert isinstance(store.project.locked, frozenset)


def read_as_records(data: bytes, folder: Path) -> None:
    path = folder / "images.jsonl"
    path.write_bytes(data)
    with refusing(path, ProjectFormatError):
        records, unfinished = RecordLog(path).read()
        assert all(name == record.name for name, record in records.items())
        assert all(isinstance(record.to_json(), dict) for record in records.values())
        assert isinstance(unfinished, set)


def read_as_journal(data: bytes, folder: Path) -> None:
    """An image whose work was not saved, as after a crash."""
    (folder / seeds.JOURNAL_IMAGE).touch()
    store = ProjectStore.read(folder)
    path = store.journal_path(seeds.JOURNAL_IMAGE)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    journal.last_number(path)
    found = list(find_unsaved(store))
    with refusing(path, LabelError):
        kept = journal.read(path)
        assert kept is not None
        document = recovered(store, seeds.JOURNAL_IMAGE)
        assert document.labels.shape == kept.shape
        document.snapshot()
        while document.undo() is not None:
            pass
    assert all(one.name == seeds.JOURNAL_IMAGE for one in found)


def read_as_proposal(data: bytes, folder: Path) -> None:
    path = folder / "a.npz"
    path.write_bytes(data)
    with refusing(path, ProjectFormatError):
        read_descriptor(path)
    with refusing(path, ProjectFormatError):
        read_certainty(path, (9, 12))
    with refusing(path, ProjectFormatError):
        proposal = read_proposal(path)
        assert proposal is not None
        assert proposal.labels.dtype == np.uint8
        assert isinstance(proposal.mean_confidence, float)


def read_as_evaluation(data: bytes, folder: Path) -> None:
    path = folder / "model" / "a.png.npz"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    store = EvaluationStore(folder)
    store.counts("model", "a.png", "key")
    labels = store.labels("model", "a.png", "key")
    assert labels is None or labels.dtype == np.uint8


def read_as_lock(data: bytes, folder: Path) -> None:
    (folder / "lock.json").write_bytes(data)
    holder = read_holder(folder)
    assert holder is None or str(holder)


_CHECKPOINTS = ("a.safetensors", "a.pth", "a.pkl")


def read_as_checkpoint(data: bytes, folder: Path) -> None:
    """The first byte tells which container the rest is."""
    # torch takes seconds to load, which the other targets are spared.
    from seglabel.model.identify import Corrections, identify

    path = folder / _CHECKPOINTS[data[0] % len(_CHECKPOINTS) if data else 0]
    path.write_bytes(data[1:])
    read_card(path)
    with refusing(path, CheckpointError):
        ModelFile.read(path)
    with refusing(path, CheckpointError):
        identify(path).network()
    with refusing(path, CheckpointError):
        Corrections.decode(data[1:], path)


def _behind(inner: mutators.Mutator) -> mutators.Mutator:
    """The same for a file behind a byte that says which it is, which seldom changes."""

    def run(data: bytes, random: Random) -> bytes:
        first = bytes([random.randrange(256)]) if random.random() < 0.05 else data[:1]
        return first + inner(data[1:], random)

    return run


def _voc(data: bytes, random: Random) -> bytes:
    return mutators.damage_json(data, random) if data[:1] in b"{[" else _png_or_text(data, random)


def _png_or_text(data: bytes, random: Random) -> bytes:
    is_png = data[:4] == b"\x89PNG"
    return mutators.damage_png(data, random) if is_png else mutators.damage(data, random)


def _checkpoint(data: bytes, random: Random) -> bytes:
    if data[:2] == b"PK":
        return mutators.damage_members(mutators.damage)(data, random)
    if b"{" in data[:16]:
        return mutators.damage_safetensors(data, random)
    return mutators.damage(data, random)


_ARCHIVE = mutators.damage_members(mutators.damage_array)

TARGETS = {
    target.name: target
    for target in (
        Target("image", read_as_image, seeds.pictures, mutators.damage_image),
        Target("coco", read_as_coco, seeds.coco_files, mutators.damage_json),
        Target("rle", read_as_rle, seeds.run_lengths, mutators.damage),
        Target("voc", read_as_voc, seeds.voc_files, _behind(_voc)),
        Target("masks", read_as_masks, seeds.mask_files, _behind(_png_or_text)),
        Target("labels", read_as_labels, seeds.label_pngs, mutators.damage_png),
        Target("categories", read_as_categories, seeds.category_lists, mutators.damage),
        Target("checkpoint", read_as_checkpoint, seeds.checkpoints, _behind(_checkpoint)),
        Target("project", read_as_project, seeds.project_files, mutators.damage_json),
        Target("records", read_as_records, seeds.record_logs, mutators.damage_lines),
        Target("journal", read_as_journal, seeds.journals, mutators.damage_journal),
        Target("proposal", read_as_proposal, seeds.proposals, _ARCHIVE),
        Target("evaluation", read_as_evaluation, seeds.evaluations, _ARCHIVE),
        Target("lock", read_as_lock, seeds.lock_files, mutators.damage_json),
    )
}
