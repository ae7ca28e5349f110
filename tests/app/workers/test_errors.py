"""Whatever breaks inside a worker becomes a message, and the worker serves the next request."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QObject, Signal, SignalInstance

from seglabel.app.workers import program, thumbnails
from seglabel.app.workers.errands import Errands
from seglabel.app.workers.errors import sentence
from seglabel.app.workers.inference import (
    AheadRequest,
    DeviceInfo,
    Inference,
    ProposeRequest,
    RefineRequest,
)
from seglabel.app.workers.jobs import JobRunner
from seglabel.app.workers.journal import JournalKeeper
from seglabel.app.workers.program import OwnProgram
from seglabel.app.workers.reader import Reader
from seglabel.app.workers.thumbnails import Thumbnails
from seglabel.app.workers.tool_work import ToolWorker
from seglabel.app.workers.writer import Writer
from seglabel.core.cancel import Cancel
from seglabel.core.categories import Category, CategorySet
from seglabel.core.document import Document
from seglabel.core.errors import SegLabelError
from seglabel.core.geometry import Region
from seglabel.core.painted import Painted
from seglabel.core.proposal import Proposal, unit_length
from seglabel.core.status import Status
from seglabel.formats.annotation_files import Annotation
from seglabel.formats.journal import JournalEntry
from seglabel.formats.project_store import ProjectStore

CATEGORIES = CategorySet((Category(1, "one", (200, 0, 0)), Category(2, "two", (0, 0, 200))))
SHAPE = (12, 20)
WAIT_MS = 10_000


class Breakable:
    """What everything is made of here; breaks as long as it is told to."""

    def __init__(self) -> None:
        self.is_broken = True

    def __call__(self, *_: object, **__: object) -> None:
        if self.is_broken:
            raise RuntimeError("in the works")


class Model:
    name, digest, batch_size = "model", "m1", 1

    def __init__(self, before: Callable[..., None]) -> None:
        self.before = before

    @property
    def categories(self) -> CategorySet:
        return CATEGORIES

    def propose(self, image, cancel=None) -> Proposal:
        self.before()
        return proposal()

    def propose_batch(self, images, cancel=None) -> list[Proposal]:
        return [self.propose(image, cancel) for image in images]

    def refine(self, image, painted, categories, chosen, cancel) -> Proposal:
        return self.propose(image, cancel)


def proposal(shape: tuple[int, int] = SHAPE) -> Proposal:
    grid = np.full((3, 5), 0.5, np.float16)
    seen = unit_length(np.ones(4, np.float32))
    return Proposal(np.ones(shape, np.uint8), grid, grid, "model", "m1", descriptor=seen)


class Heard(QObject):
    """Signals in place of the functions that some workers call."""

    told = Signal(object)
    refused = Signal(str)


@dataclass
class Case:
    """``ask`` makes a request, which is answered by one of the two signals."""

    ask: Callable[[], object]
    failed: SignalInstance
    answered: SignalInstance
    close: Callable[[], bool]
    parts: tuple[object, ...] = field(default=())  # kept alive


@dataclass
class Made:
    """What a case is made of."""

    breaks: Breakable
    store: ProjectStore
    patch: pytest.MonkeyPatch

    def breaks_store(self, method: str) -> None:
        works = getattr(ProjectStore, method)

        def perhaps(store: ProjectStore, *arguments, **choices):
            self.breaks()
            return works(store, *arguments, **choices)

        self.patch.setattr(ProjectStore, method, perhaps)


def inference(made: Made, load=None, describe=None) -> Inference:
    model = Model(made.breaks)
    worker = Inference(
        load or (lambda path, precision: model),
        describe or (lambda: DeviceInfo("here")),
        lambda path: model,
    )
    if load is None:
        worker.load(Path("model.safetensors"))
    return worker


def picture() -> np.ndarray:
    return np.zeros((*SHAPE, 3), np.uint8)


def loading_a_model(made: Made) -> Case:
    def load(path: Path, precision: str) -> Model:
        made.breaks()
        return Model(made.breaks)

    worker = inference(made, load)
    ask = lambda: worker.load(Path("model.safetensors"))  # noqa: E731
    return Case(ask, worker.model_failed, worker.model_loaded, worker.close)


def a_model_that_cannot_say_what_it_knows(made: Made) -> Case:
    class Mute(Model):
        @property
        def categories(self) -> CategorySet:
            made.breaks()
            return CATEGORIES

    worker = inference(made, lambda path, precision: Mute(made.breaks))
    ask = lambda: worker.load(Path("model.safetensors"))  # noqa: E731
    return Case(ask, worker.model_failed, worker.model_loaded, worker.close)


def proposing(made: Made) -> Case:
    worker = inference(made)
    request = ProposeRequest("a.png", picture(), CATEGORIES, {})
    ask = lambda: worker.propose(request)  # noqa: E731
    return Case(ask, worker.propose_failed, worker.proposed, worker.close)


def refining(made: Made) -> Case:
    worker = inference(made)
    document = Document.blank(*SHAPE)
    document.painted[:] = True
    painted = Painted.of(document, 1 << 20)
    request = RefineRequest("a.png", picture(), painted, CATEGORIES, {}, None)
    ask = lambda: worker.refine(request)  # noqa: E731
    return Case(ask, worker.refine_failed, worker.refined, worker.close)


def proposing_ahead(made: Made) -> Case:
    worker = inference(made)
    request = AheadRequest(made.store, "a.png", CATEGORIES, {})
    ask = lambda: worker.propose_ahead([request])  # noqa: E731
    return Case(ask, worker.ahead_failed, worker.ahead_proposed, worker.close)


def describing(made: Made) -> Case:
    worker = inference(made)
    request = AheadRequest(made.store, "a.png", CATEGORIES, {}, only_describes=True)
    ask = lambda: worker.propose_anew([request])  # noqa: E731
    return Case(ask, worker.ahead_failed, worker.described, worker.close)


def running_over_a_folder(made: Made) -> Case:
    worker = inference(made)
    made.patch.setattr("seglabel.app.workers.inference.chosen_mapping", chosen(made))
    ask = lambda: worker.run_folder(made.store, ["a.png"])  # noqa: E731
    return Case(ask, worker.run_failed, worker.run_finished, worker.close)


def chosen(made: Made) -> Callable[[object], dict[str, str]]:
    def mapping(project: object) -> dict[str, str]:
        made.breaks()
        return {}

    return mapping


def a_job(made: Made) -> Case:
    worker = JobRunner()
    ask = lambda: worker.start(lambda progress, cancel: made.breaks(), Cancel())  # noqa: E731
    return Case(ask, worker.failed, worker.finished, worker.close)


def an_errand(made: Made) -> Case:
    worker, heard = Errands(), Heard()
    ask = lambda: worker.put(made.breaks, heard.told.emit, heard.refused.emit)  # noqa: E731
    return Case(ask, heard.refused, heard.told, worker.close, (heard,))


def a_tool(made: Made) -> Case:
    worker = ToolWorker()
    ask = lambda: worker.start(made.breaks)  # noqa: E731
    return Case(ask, worker.failed, worker.finished, worker.close)


def loading_an_image(made: Made) -> Case:
    made.breaks_store("open_image")
    worker = Reader()
    ask = lambda: worker.load(made.store, "a.png")  # noqa: E731
    return Case(ask, worker.failed, worker.loaded, worker.close)


def reading_labels(made: Made) -> Case:
    made.breaks_store("load")
    worker = Reader()
    ask = lambda: worker.read_labels(made.store, "a.png")  # noqa: E731
    return Case(ask, worker.trouble, worker.labels_read, worker.close)


def reading_a_proposal(made: Made) -> Case:
    made.store.keep_proposal("a.png", proposal(), made.store.digest("a.png"))
    made.breaks_store("load_proposal")
    worker = Reader()
    ask = lambda: worker.read_proposal(made.store, "a.png")  # noqa: E731
    return Case(ask, worker.trouble, worker.proposal_read, worker.close)


def reading_what_is_compared(made: Made) -> Case:
    made.breaks_store("load_proposal")
    worker = Reader()
    ask = lambda: worker.read_compared(made.store, "a.png")  # noqa: E731
    return Case(ask, worker.trouble, worker.compared_read, worker.close)


def saving(made: Made) -> Case:
    made.breaks_store("save")
    worker = Writer()
    labels = np.ones(SHAPE, np.uint8)
    annotation = Annotation(labels, labels > 0, None, Status.CORRECTED)
    ask = lambda: worker.save(made.store, "a.png", annotation)  # noqa: E731
    return Case(ask, worker.failed, worker.saved, worker.close)


def saving_what_was_proposed_ahead(made: Made) -> Case:
    made.breaks_store("save_proposal")
    worker = Writer()
    digest = made.store.digest("a.png")
    ask = lambda: worker.save_proposal(made.store, "a.png", proposal(), digest)  # noqa: E731
    return Case(ask, worker.failed, worker.proposal_saved, worker.close)


def keeping_a_descriptor(made: Made) -> Case:
    made.breaks_store("keep_descriptor")
    worker = Writer()
    seen = unit_length(np.ones(4, np.float32))
    ask = lambda: worker.keep_descriptor(made.store, "a.png", "m1", seen)  # noqa: E731
    return Case(ask, worker.failed, worker.descriptor_saved, worker.close)


def noting_an_error(made: Made) -> Case:
    made.breaks_store("record_error")
    worker = Writer()
    ask = lambda: worker.record_error(made.store, "a.png", "no")  # noqa: E731
    return Case(ask, worker.failed, worker.error_recorded, worker.close)


def keeping_a_journal(made: Made) -> Case:
    made.breaks_store("note_changes")
    made.breaks_store("note_changes_elsewhere")
    worker = JournalKeeper()
    document = Document.blank(*SHAPE)

    def ask() -> None:
        with document.begin("paint") as edit:
            edit.paint(Region.whole(SHAPE), np.ones(SHAPE, np.bool_), 1)
            edit.commit()
        worker.keep(made.store, "a.png", JournalEntry(document.last_change, document.snapshot()))

    return Case(ask, worker.failed, worker.kept, worker.close)


def looking_for_unsaved_work(made: Made) -> Case:
    made.breaks_store("journals")
    worker = JournalKeeper()
    ask = lambda: worker.look(made.store)  # noqa: E731
    return Case(ask, worker.failed, worker.found, worker.close)


def making_thumbnails(made: Made) -> Case:
    works = thumbnails._make

    def perhaps(store: ProjectStore, name: str):
        made.breaks()
        return works(store, name)

    made.patch.setattr(thumbnails, "_make", perhaps)
    worker = Thumbnails()

    def ask() -> None:
        worker.renew(made.store, "a.png")
        worker.get(made.store, "a.png")

    return Case(ask, worker.failed, worker.ready, worker.close)


def a_program_of_its_own(made: Made) -> Case:
    works, heard, worker = program._popen, Heard(), OwnProgram()

    def perhaps(command, errors):
        made.breaks()
        return works(command, errors)

    def sort(end: program.ProgramEnd) -> None:
        heard.refused.emit(end.said) if end.code is None else heard.told.emit(end.code)

    made.patch.setattr(program, "_popen", perhaps)
    worker.ended.connect(sort)
    ask = lambda: worker.start([sys.executable, "-c", ""])  # noqa: E731
    return Case(ask, heard.refused, heard.told, worker.close, (heard,))


CASES = (
    loading_a_model,
    a_model_that_cannot_say_what_it_knows,
    proposing,
    refining,
    proposing_ahead,
    describing,
    running_over_a_folder,
    a_job,
    an_errand,
    a_tool,
    loading_an_image,
    reading_labels,
    reading_a_proposal,
    reading_what_is_compared,
    saving,
    saving_what_was_proposed_ahead,
    keeping_a_descriptor,
    noting_an_error,
    keeping_a_journal,
    looking_for_unsaved_work,
    making_thumbnails,
    a_program_of_its_own,
)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    Image.fromarray(picture()).save(tmp_path / "a.png")
    store = ProjectStore.open(tmp_path)
    store.project.categories = CATEGORIES
    store.save_project()
    return Made(Breakable(), store, monkeypatch)


@pytest.mark.parametrize("make", CASES, ids=lambda make: make.__name__)
def test_what_breaks_inside_is_told_and_the_next_request_is_served(
    qtbot, made: Made, make: Callable[[Made], Case], caplog
) -> None:
    case = make(made)
    failed: list[tuple[object, ...]] = []
    answered: list[tuple[object, ...]] = []
    try:
        case.failed.connect(lambda *values: failed.append(values))
        case.ask()
        qtbot.waitUntil(lambda: bool(failed), timeout=WAIT_MS)
        assert "RuntimeError: in the works" in str(failed[0][-1])
        assert any(record.exc_info for record in caplog.records)  # the log says where
        made.breaks.is_broken = False
        case.answered.connect(lambda *values: answered.append(values))
        case.ask()
        qtbot.waitUntil(lambda: bool(answered), timeout=WAIT_MS)
    finally:
        assert case.close()
        made.store.close()


def test_a_device_that_cannot_be_told_is_a_sentence(qtbot, made: Made) -> None:
    def describe() -> DeviceInfo:
        raise ImportError("libcudart.so: no such file")

    worker = inference(made, describe=describe)
    with qtbot.waitSignal(worker.device_known, timeout=WAIT_MS) as told:
        worker.start()
    assert "libcudart.so" in told.args[0].text
    assert worker.close()


NAN = np.full((3, 5), np.nan, np.float16)
SURE = np.ones((3, 5), np.float16)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (proposal((20, 12)), "expected labels uint8 (12, 20), found uint8 (20, 12)"),
        (Proposal(np.zeros(SHAPE, np.int64), SURE, SURE, "model", "m1"), "found int64 (12, 20)"),
        (Proposal(np.zeros(SHAPE, np.uint8), NAN, NAN, "model", "m1"), "not finite"),
    ],
    ids=["wrong shape", "wrong type", "not a number"],
)
def test_what_a_model_must_not_say_reaches_no_document(
    qtbot, made: Made, bad: Proposal, reason: str
) -> None:
    worker = inference(made)
    model = Model(lambda: None)
    model.propose = lambda image, cancel=None: bad
    worker._load_segmenter, worker._load_refiner = lambda *_: model, lambda *_: model
    worker.load(Path("model.safetensors"))
    with qtbot.waitSignal(worker.propose_failed, timeout=WAIT_MS) as told:
        worker.propose(ProposeRequest("a.png", picture(), CATEGORIES, {}))
    assert reason in told.args[1]
    with qtbot.waitSignal(worker.run_finished, timeout=WAIT_MS) as told:
        worker.run_folder(made.store, ["a.png"])
    assert told.args[0].proposed == 0 and reason in told.args[0].failed[0]
    assert reason in made.store.project.records["a.png"].error
    document = Document.blank(*SHAPE)
    painted = Painted.of(document, 1 << 20)
    with qtbot.waitSignal(worker.refine_failed, timeout=WAIT_MS) as told:
        worker.refine(RefineRequest("a.png", picture(), painted, CATEGORIES, {}, None))
    assert reason in told.args[1]
    assert worker.close()


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (SegLabelError("a.png: is gone"), "a.png: is gone"),
        (OSError(28, "No space left on device", "/data/a.png"), "/data/a.png: No space left"),
        (MemoryError(), "there is not enough memory"),
        (ValueError("never raised"), "ValueError: never raised"),
    ],
)
def test_an_error_is_said_in_a_sentence(error: Exception, text: str) -> None:
    assert sentence(error).startswith(text)
