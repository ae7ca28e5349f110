"""Folder, image strip and saving."""

from __future__ import annotations

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
from seglabel.formats.project_store import ProjectStore

_PATIENCE_MS = 200  # most pictures come sooner: the old one stays until then


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
        self._save_state: SaveState | None = None
        self._loading = QTimer(self)
        self._loading.setSingleShot(True)
        self._loading.setInterval(_PATIENCE_MS)
        self._loading.timeout.connect(self._show_loading)
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
        workspace.image_wanted.connect(lambda _: self._loading.start())
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
        self._workspace.open_project(Path(folder))

    def _access_changed(self, refusal: str) -> None:
        store = self._workspace.store
        if refusal and store is not None:
            text = self.tr("Read-only: {0}").format(refusal)
            self._window.say_error(
                text,
                self.tr("Try again"),
                lambda: self._workspace.open_project(store.folder, store.root),
            )

    def _open_failed(self, message: str) -> None:
        QMessageBox.warning(self._window, self.tr("The folder was not opened"), message)

    def _project_opened(self, store: ProjectStore) -> None:
        window = self._window
        self._settings.remember_folder(str(store.folder))
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
        window.canvas.clear()
        window.show_image_actions(False)
        window.images.show_images(
            self._workspace.names,
            store.project.records.get,
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

    def _image_opened(self, image: LoadedImage) -> None:
        self._loading.stop()
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
        self._save_state = state
        self._window.show_saved(texts[state], is_error=is_error)
        if message:
            self._window.say_error(message, self.tr("Try again"), self._workspace.save_all)
