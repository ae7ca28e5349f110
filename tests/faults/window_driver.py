"""The real window on a folder, in the hands of somebody who never rests. Killed by a test.

Every change is told on stdout before it is acknowledged, with a digest of the annotation after it:
``did NAME ORIGIN NUMBER DIGEST``; what survives a crash from now on as ``kept NAME NUMBER``. Of a
learning: ``learner PID``, ``step``, and once the project has a new model ``learned PATH``.
"""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from seglabel.app.dialogs.learning import LearnChoice
from seglabel.app.dialogs.recovery import RecoveryDialog, Wish
from seglabel.app.learning import Lesson
from seglabel.app.main import make_application
from seglabel.app.session import Session
from seglabel.app.settings import Settings
from seglabel.app.workers import program
from seglabel.app.workers.inference import DeviceInfo
from seglabel.core.categories import CategorySet
from seglabel.core.document import Document
from seglabel.core.proposal import Proposal
from seglabel.formats.journal import JournalEntry
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.registry import formats
from seglabel.jobs.export import export
from seglabel.tools import Pointer

_PACE_MS = 4


def digest_of(document: Document) -> str:
    """Of everything that may not be lost: labels, what a person painted, objects."""
    total = hashlib.blake2b(document.labels.tobytes(), digest_size=12)
    total.update(document.painted.tobytes())
    if document.instances is not None and document.instances.any():
        total.update(document.instances.tobytes())
    return total.hexdigest()


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")  # in one piece, from whatever thread
    sys.stdout.flush()


class Learned:
    """In place of a network that was learned: says that there is nothing."""

    batch_size = 1

    def __init__(self, path: Path, categories: CategorySet) -> None:
        self.name, self.digest, self.categories = path.stem, f"of {path.stem}", categories

    def propose(self, image, cancel=None) -> Proposal:
        grid = np.ones((2, 2), np.float16)
        return Proposal(np.zeros(image.shape[:2], np.uint8), grid, grid, self.name, self.digest)

    def propose_batch(self, images, cancel=None) -> list[Proposal]:
        return [self.propose(image, cancel) for image in images]


class Hand:
    """Paints, undoes, saves, goes to other images and exports, at random; perhaps learns once."""

    def __init__(self, session: Session, seed: int, *, learns: bool) -> None:
        self._session = session
        self._is_to_learn = learns
        self._random = random.Random(seed)
        self._timer = QTimer(session)
        self._timer.timeout.connect(self._act)
        self._keep = session.keeper.keep
        session.keeper.keep = self._tell_and_keep  # type: ignore[method-assign]
        session.keeper.kept.connect(lambda name, number: say("kept", name, number))
        session.workspace.image_opened.connect(lambda _: self._timer.start(_PACE_MS))
        session.learning.began.connect(self._learning)
        session.learning.went_on.connect(lambda: say("step"))
        session.learning.learned.connect(lambda lesson: say("learned", lesson.path))
        session.learning.undecided.connect(self._use)
        session.learning.failed.connect(lambda text: say("failed", text))
        session.learning.died.connect(lambda text, _: say("failed", text))

    def _tell_and_keep(self, store: ProjectStore, name: str, entry: JournalEntry) -> None:
        document = self._session.editor.document
        assert document is not None
        say("did", name, document.origin, document.changes, digest_of(document))
        self._keep(store, name, entry)

    def _act(self) -> None:
        session, chance = self._session, self._random
        document = session.editor.document
        if document is None:
            return
        session.editor.set_category(chance.randint(0, 2))
        what = chance.choices(
            ("paint", "undo", "redo", "reviewed", "save", "next", "export", "half"),
            (50, 8, 4, 2, 8, 10, 1, 6),
        )[0]
        if what in ("paint", "half"):
            height, width = document.shape
            at = Pointer(chance.randrange(height), chance.randrange(width))
            session.editor.press(at)
            session.editor.move(Pointer(chance.randrange(height), chance.randrange(width)))
            if what == "paint":
                session.editor.release(at)
        elif what == "undo":
            session.editor.undo()
        elif what == "redo":
            session.editor.redo()
        elif what == "reviewed":
            session.workspace.mark_reviewed()
        elif what == "save":
            session.workspace.save()
        elif what == "next":
            self._timer.stop()
            session.workspace.go_to(chance.choice(session.workspace.names))
        else:
            self._export()
        if self._is_to_learn and document.status.is_by_person and not session.job.is_running:
            session.learning.start(LearnChoice(1, None))

    def _learning(self) -> None:
        self._is_to_learn = False

    def _use(self, lesson: Lesson) -> None:
        self._session.learning.use(lesson)

    def _export(self) -> None:
        store = self._session.workspace.store
        assert store is not None
        target = Path(tempfile.mkdtemp(dir=sys.argv[2])) / "masks"

        def work(progress, cancel):
            return export(
                store,
                formats()["masks"],
                target,
                progress=progress,
                cancel=cancel,
            )

        self._session.running.start("export", work, lambda report: say("exported", report.images))


def main() -> int:
    folder, scratch, seed = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    learns = "learns" in sys.argv[4:]
    start_program = program._popen

    def tell_and_start(command, errors) -> subprocess.Popen[bytes]:
        process = start_program(command, errors)
        say("learner", process.pid)
        return process

    program._popen = tell_and_start
    application = make_application(sys.argv[:1])
    session = Session(
        application,
        Settings(scratch / "window.ini"),
        ProjectStore.open_or_look,
        lambda path, precision: Learned(path, session.workspace.categories),
        lambda: DeviceInfo("test device"),
        program=(sys.executable, str(Path(__file__).with_name("learning_driver.py"))),
    )
    # Who paints answers for every pixel here: nothing is proposed of its own accord.
    session.inference.propose_anew = lambda requests: None  # type: ignore[method-assign]
    session.inference.propose_ahead = lambda requests: None  # type: ignore[method-assign]
    RecoveryDialog.ask = lambda dialog: Wish.RECOVER  # type: ignore[method-assign]
    hand = Hand(session, seed, learns=learns)
    session.recovering.recovered.connect(lambda report: say("recovered", *report.images))
    session.start(folder, None)
    code = QApplication.exec()
    del hand
    return code


if __name__ == "__main__":
    sys.exit(main())
