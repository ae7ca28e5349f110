"""Folder, image strip and saving."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QFileDialog, QMessageBox

from seglabel.app.dialogs.asking import ask
from seglabel.app.dialogs.rendering import RenderingDialog
from seglabel.app.main_window import MainWindow
from seglabel.app.settings import Settings
from seglabel.app.workers.reader import LoadedImage
from seglabel.app.workers.thumbnails import Thumbnails
from seglabel.app.workspace import SaveState, Workspace
from seglabel.core.status import Status
from seglabel.formats.project_store import PROJECT_FOLDER, ProjectStore

_PATIENCE_MS = 200  # most pictures come sooner: the old one stays until then
_LATE_MS = 4000  # a disk that takes longer may be gone


class ProjectBinding(QObject):
    """What is open, and whether it is safe on disk."""

    def __init__(
        self,
        window: MainWindow,
        workspace: Workspace,
        thumbnails: Thumbnails,
        settings: Settings,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._was_shown = ""  # name of the image of this project that was shown last
        self._window = window
        self._workspace = workspace
        self._thumbnails = thumbnails
        self._settings = settings
        self._remembered: Path | None = None  # a folder whose project lies elsewhere, being opened
        self._is_relocated = False
        self._save_state: SaveState | None = None
        self._loading = QTimer(self)
        self._loading.setSingleShot(True)
        self._loading.setInterval(_PATIENCE_MS)
        self._loading.timeout.connect(self._show_loading)
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(_LATE_MS)
        self._late.timeout.connect(self._say_late_image)
        self._saving_late = QTimer(self)
        self._saving_late.setInterval(_LATE_MS)
        self._saving_late.timeout.connect(self._say_late_save)
        self._said_late = ""
        window.start_page.open_requested.connect(self.ask_folder)
        window.start_page.folder_chosen.connect(self._open)
        window.folder_dropped.connect(self._open)
        window.images.image_chosen.connect(self._image_chosen)
        window.images.status_chosen.connect(self._show_only)
        workspace.project_opened.connect(self._project_opened)
        workspace.images_changed.connect(self._images_changed)
        workspace.order_changed.connect(self._order_changed)
        workspace.open_failed.connect(self._open_failed)
        workspace.access_changed.connect(self._access_changed)
        workspace.conflicted.connect(window.say_error)
        workspace.relocated.connect(self._was_relocated)
        workspace.relocation_failed.connect(self._relocation_failed)
        workspace.image_wanted.connect(lambda _: (self._loading.start(), self._late.start()))
        workspace.image_opened.connect(self._image_opened)
        workspace.image_failed.connect(self._image_failed)
        workspace.pictures_changed.connect(self._pictures_changed)
        window.actions_table["bands"].triggered.connect(self._ask_rendering)
        workspace.record_changed.connect(self._record_changed)
        workspace.categories_changed.connect(self._categories_changed)
        workspace.save_state_changed.connect(self._save_state_changed)
        thumbnails.ready.connect(window.images.refresh)
        thumbnails.failed.connect(workspace.note_unreadable)
        window.start_page.show_recent(settings.recent_folders)

    def retranslate(self) -> None:
        """Say it again in the language that is set now."""
        if self._save_state is not None:
            self._save_state_changed(self._save_state, "")

    def ask_folder(self) -> None:
        """Let the person choose a folder."""
        chosen = QFileDialog.getExistingDirectory(self._window, self.tr("Open a folder of images"))
        if chosen:
            self._open(chosen)

    def _open(self, folder: str) -> None:
        self.open_folder(Path(folder))

    def open_folder(self, folder: Path, root: Path | None = None) -> None:
        """Open a folder, with its project at ``root`` or where it was kept last."""
        place = self._settings.place(folder.absolute()) if root is None else None
        self._remembered = folder.absolute() if place is not None else None
        self._workspace.open_project(folder, root or place, is_remembered=place is not None)

    def _access_changed(self, refusal: str) -> None:
        store = self._workspace.store
        if self._is_relocated:
            self._is_relocated = False
            self._say_place()
        if refusal and store is not None:
            text = self.tr("Read-only: {0}").format(refusal)
            again = partial(self._workspace.open_project, store.folder, store.root)
            if store.is_taken:
                self._window.say_error(text, self.tr("Try again"), again)
            else:
                elsewhere = self.tr("Keep the project elsewhere…")
                self._window.say_error(
                    text, elsewhere, self._ask_place, self.tr("Try again"), again
                )

    def _ask_place(self) -> None:
        """Let the person choose where the project is to lie from now on."""
        store = self._workspace.store
        if store is None:
            return
        chosen = QFileDialog.getExistingDirectory(
            self._window, self.tr("A folder for the project, on a disk with room")
        )
        if chosen:
            self._workspace.relocate(Path(chosen) / f"{store.folder.name}.seglabel")

    def _was_relocated(self) -> None:
        self._is_relocated = True  # said when it is open

    def _say_place(self) -> None:
        store = self._workspace.store
        if store is not None:
            text = self.tr(
                "The project lies in {0} from now on. Commands find it there with --project."
            )
            self._window.say_hint(
                text.format(store.root), self.tr("OK"), self._window.canvas.setFocus
            )

    def _relocation_failed(self, message: str) -> None:
        text = self.tr("The project was not moved. {0}").format(message)
        self._window.say_error(text, self.tr("Save elsewhere…"), self._ask_place)

    def _open_failed(self, message: str) -> None:
        if self._remembered is not None:
            self._settings.remember_place(self._remembered, None)
            self._remembered = None
        QMessageBox.warning(self._window, self.tr("The folder was not opened"), message)

    def _project_opened(self, store: ProjectStore) -> None:
        window = self._window
        self._settings.remember_folder(str(store.folder))
        is_inside = store.root == store.folder / PROJECT_FOLDER
        self._settings.remember_place(store.folder, None if is_inside else store.root)
        self._show_title()
        window.images.show_filter(None)
        window.banner.hide()
        window.image_banner.hide()
        self._was_shown = ""
        window.show_project(True)
        window.canvas.setFocus()

    def _images_changed(self, store: ProjectStore) -> None:
        window = self._window
        self._thumbnails.clear()
        self._loading.stop()
        self._late.stop()
        window.canvas.clear()
        window.show_image_actions(False)
        window.images.show_images(
            self._workspace.names,
            store.project.record,
            lambda name: self._thumbnails.get(store, name),
        )
        if not store.project.names:
            window.say_error(
                self.tr("{0} holds no images that seglabel reads.").format(store.folder),
                self.tr("Open another folder…"),
                self.ask_folder,
            )

    def _order_changed(self) -> None:
        self._window.images.show_order(self._workspace.names)
        self._window.images.show_current(self._workspace.name)
        self._show_title()

    def _show_only(self, status: Status | None) -> None:
        self._workspace.show_only(status)
        self._window.images.show_filter(status)
        self._window.canvas.setFocus()

    def _show_title(self) -> None:
        """Which image it is, and which one of how many."""
        store, names, name = self._workspace.store, self._workspace.names, self._workspace.name
        if store is None:
            return
        place = f" ({names.index(name) + 1} / {len(names)})" if name in names else ""
        image = f"{name}{place} – " if name else ""
        self._window.setWindowTitle(f"{image}{store.folder.name} – seglabel")

    def _ask_rendering(self) -> None:
        store = self._workspace.store
        if store is not None:
            dialog = RenderingDialog(store.rendering, self._window)
            if ask(dialog):
                self._workspace.set_rendering(dialog.rendering)

    def _pictures_changed(self) -> None:
        self._thumbnails.clear()
        self._window.images.refresh_all()

    def _image_chosen(self, name: str) -> None:
        self._workspace.go_to(name)
        self._window.canvas.setFocus()

    def _show_loading(self) -> None:
        """A picture takes its time: nothing can be done to the old one meanwhile."""
        window, name = self._window, self._workspace.name
        self._workspace.leave_image()
        window.image_banner.hide()
        window.canvas.show_loading()
        window.show_image_actions(False)
        for key in ("previous", "next"):
            window.actions_table[key].setEnabled(True)
        window.images.show_current(name)
        self._show_title()
        window.show_position(self.tr("Loading {0} …").format(name))

    def _say_late_image(self) -> None:
        store, name = self._workspace.store, self._workspace.name
        if store is not None and name:
            text = self.tr(
                "Still waiting for {0}. Its disk does not answer; other images may open."
            )
            self._window.say_of_image(
                text.format(store.image_path(name)),
                self.tr("Next image"),
                lambda: self._workspace.step(1),
                is_error=True,
            )

    def _say_late_save(self) -> None:
        root = self._workspace.waits_for
        if root is not None and not self._said_late:
            text = self.tr(
                "Still waiting for {0}: its disk does not answer, so your work is not saved. You "
                "can go on; it is kept against a crash."
            )
            self._said_late = text.format(root)
            self._window.say_error(self._said_late, self.tr("Save elsewhere…"), self._ask_place)

    def _image_opened(self, image: LoadedImage) -> None:
        self._loading.stop()
        self._late.stop()
        window = self._window
        window.show_position("")
        if (store := self._workspace.store) is not None:
            self._settings.remember_image(store.root, image.name)
        window.image_banner.hide()
        if self._was_shown not in ("", image.name):
            window.banner.move_on()  # whatever there was to do about it: it is another image now
        self._was_shown = image.name
        window.canvas.show_image(image.photograph, image.document.labels)
        window.images.show_current(image.name)
        self._show_title()
        window.show_image_actions(True)
        window.show_zoom(window.canvas.zoom)

    def _image_failed(self, name: str, message: str) -> None:
        self._loading.stop()
        self._late.stop()
        window = self._window
        window.show_position("")
        window.canvas.clear()
        window.images.show_current(name)
        self._show_title()
        window.images.refresh(name)
        window.show_image_actions(False)
        for key in ("previous", "next"):
            window.actions_table[key].setEnabled(True)
        window.say_of_image(
            message, self.tr("Next image"), lambda: self._workspace.step(1), is_error=True
        )

    def _record_changed(self, name: str) -> None:
        store = self._workspace.store
        if store is not None:
            self._thumbnails.renew(store, name)
        self._window.images.refresh(name)

    def _categories_changed(self, _categories: object) -> None:
        self._thumbnails.renew_all()
        self._window.images.refresh_all()

    def _save_state_changed(self, state: SaveState, message: str) -> None:
        texts = {
            SaveState.SAVED: self.tr("saved"),
            SaveState.UNSAVED: self.tr("not saved yet"),
            SaveState.SAVING: self.tr("saving …"),
            SaveState.FAILED: self.tr("not saved!"),
        }
        is_error = state is SaveState.FAILED
        if state is SaveState.SAVING and not self._saving_late.isActive():
            self._saving_late.start()
        elif state in (SaveState.SAVED, SaveState.FAILED):
            self._saving_late.stop()
            self._window.banner.retract(self._said_late)
            self._said_late = ""
        self._save_state = state
        self._window.show_saved(texts[state], is_error=is_error)
        if message:
            self._window.say_error(
                message,
                self.tr("Try again"),
                self._workspace.save_all,
                self.tr("Save elsewhere…"),
                self._ask_place,
            )
