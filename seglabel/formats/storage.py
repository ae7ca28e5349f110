"""Pictures and labels outside of a project: in a folder, or at a URL that fsspec knows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Protocol, TypeVar

from seglabel.core.errors import ImageError, ProjectError, SegLabelError
from seglabel.formats import images
from seglabel.formats.atomic import WriteError, write_bytes
from seglabel.formats.folder import checked_name, find_images
from seglabel.formats.images import IMAGE_SUFFIXES, OpenPicture

Place = Path | str
"""A folder, or the URL of one such as ``s3://bucket/pictures``."""

Value = TypeVar("Value")


class Storage(Protocol):
    """Files by relative names with ``/``."""

    def find_images(self) -> list[str]:
        """All image files, sorted; hidden ones are left out. Raises ProjectError."""
        ...

    def digest(self, name: str) -> str:
        """blake2b of the file's bytes, 32 hexadecimal digits. Raises ImageError."""
        ...

    def open_image(self, name: str) -> OpenPicture:
        """The upright picture. Raises ImageError."""
        ...

    def read(self, name: str) -> bytes | None:
        """The file's bytes, ``None`` if there is no such file. Raises SegLabelError."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """Replace the whole file at once. Raises WriteError."""
        ...


def parse_place(text: str) -> Place:
    """A path, also of ``file://``, or the URL itself, without a slash at its end."""
    if text.startswith("file://"):
        return Path(text.removeprefix("file://"))
    return text.rstrip("/") if "://" in text else Path(text)


def storage_at(place: Place) -> Storage:
    """Raises SegLabelError if what reads such URLs is not installed."""
    return UrlStorage(place) if isinstance(place, str) else FolderStorage(place)


class FolderStorage:
    """A folder on this machine, or one that all machines have mounted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_images(self) -> list[str]:
        return find_images(self._folder)

    def digest(self, name: str) -> str:
        return images.digest_file(self._folder / name)

    def open_image(self, name: str) -> OpenPicture:
        return images.open_picture(self._folder / name)

    def read(self, name: str) -> bytes | None:
        path = self._folder / name
        try:
            return path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise SegLabelError(f"{path}: cannot be read: {error.strerror or error}") from error

    def write(self, name: str, data: bytes) -> None:
        write_bytes(self._folder / name, data)


class UrlStorage:
    """What lies below a URL. Who may read and write there is the business of its own settings."""

    def __init__(self, url: str) -> None:
        try:
            from fsspec.core import url_to_fs

            self._fs, self._root = url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise SegLabelError(f"{url}: cannot be used here: {error}") from error
        self._url = url
        self._last: tuple[str, bytes] | None = None

    def find_images(self) -> list[str]:
        found = self._asked(ProjectError, "", lambda: self._fs.find(self._root))
        root = self._root.rstrip("/") + "/"
        names = [path.removeprefix(root) for path in found if path.startswith(root)]
        if not names:
            raise ProjectError(f"{self._url}: there is nothing here")
        chosen = sorted(
            name
            for name in names
            if PurePosixPath(name).suffix.lower() in IMAGE_SUFFIXES and not _is_hidden(name)
        )
        for name in chosen:
            self._require_plain(name)
        return chosen

    def digest(self, name: str) -> str:
        data = self._fetch(name)
        self._last = name, data  # to read the picture next needs no second transfer
        return images.digest_bytes(data)

    def open_image(self, name: str) -> OpenPicture:
        return images.open_bytes(self._data(name), name)

    def read(self, name: str) -> bytes | None:
        try:
            return bytes(self._fs.cat_file(self._path(name)))
        except FileNotFoundError:
            return None
        except Exception as error:
            raise SegLabelError(self._reason(name, "read", error)) from error

    def write(self, name: str, data: bytes) -> None:
        def put() -> None:
            # The file takes its name when it is whole.
            with self._fs.transaction, self._fs.open(self._path(name), "wb") as file:
                file.write(data)

        def put_into_new_folder() -> None:
            try:
                put()
            except FileNotFoundError:
                self._fs.makedirs(self._fs._parent(self._path(name)), exist_ok=True)
                put()

        self._asked(WriteError, name, put_into_new_folder, "written")

    def _data(self, name: str) -> bytes:
        last, self._last = self._last, None
        return last[1] if last is not None and last[0] == name else self._fetch(name)

    def _fetch(self, name: str) -> bytes:
        return self._asked(ImageError, name, lambda: bytes(self._fs.cat_file(self._path(name))))

    def _asked(
        self,
        kind: type[SegLabelError],
        name: str,
        action: Callable[[], Value],
        what: str = "read",
    ) -> Value:
        """Whatever a file system raises (each has errors of its own) as an error of ours."""
        try:
            return action()
        except Exception as error:
            raise kind(self._reason(name, what, error)) from error

    def _reason(self, name: str, what: str, error: Exception) -> str:
        place = f"{self._url}/{name}" if name else self._url
        return f"{place}: cannot be {what}: {error or type(error).__name__}"

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"

    def _require_plain(self, name: str) -> None:
        """Labels are named as the images: none may lead out of the folder of labels."""
        try:
            is_plain = checked_name(name) == name
        except ValueError:
            is_plain = False
        if not is_plain:
            raise ProjectError(f"{self._url}: {name!r} cannot be the name of a file everywhere")


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") and part != ".." for part in name.split("/"))
