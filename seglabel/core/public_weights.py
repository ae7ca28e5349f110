"""Weights to be had by name: what a person should know before they are downloaded or used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PublicFile:
    """One file to download. ``sha256`` is the digest or as many first digits as were published.

    A file without a ``url`` comes with the program.
    """

    url: str
    name: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class PublicWeights:
    """A model in the catalogue.

    ``miou`` is what its authors report on the validation set, in per cent, at one scale and (in
    ``miou_multi_scale``) with several scales and flip; ``megabytes`` is the size of the download.
    ``files[0]`` is the checkpoint.
    """

    name: str
    files: tuple[PublicFile, ...]
    data_set: str
    categories: int
    backbone: str
    output_stride: int
    megabytes: float
    license: str
    terms: str
    miou: float | None = None
    miou_multi_scale: float | None = None

    @property
    def is_built_in(self) -> bool:
        """Whether it comes with the program, so that nothing is to be downloaded."""
        return not any(file.url for file in self.files)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "data_set": self.data_set,
            "categories": self.categories,
            "backbone": self.backbone,
            "output_stride": self.output_stride,
            "miou": self.miou,
            "miou_multi_scale": self.miou_multi_scale,
            "megabytes": self.megabytes,
            "license": self.license,
            "terms": self.terms,
            "built_in": self.is_built_in,
            "files": [{"url": f.url, "name": f.name, "sha256": f.sha256} for f in self.files],
        }
