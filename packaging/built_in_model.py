"""Turns a trained checkpoint into a model that comes with the program.

Writes ``NAME.safetensors`` (half precision, with its card inside) and ``NAME.md``, the card, and
gives the row that ``BUILT_IN`` in ``seglabel/model/catalogue.py`` needs.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from seglabel.core.categories import CategorySet
from seglabel.core.public_weights import PublicFile, PublicWeights
from seglabel.formats.atomic import write_bytes
from seglabel.formats.model_card import CARD_KEY, ModelCard, render_card
from seglabel.model.checkpoint import encode_checkpoint
from seglabel.model.identify import identify

MODELS = Path(__file__).resolve().parent.parent / "resources" / "models"


def write_built_in(
    checkpoint: Path,
    card: ModelCard,
    *,
    data_set: str,
    terms: str,
    categories: CategorySet | None = None,
    channels: tuple[int, ...] | None = None,
    spreads: bool = False,
    folder: Path = MODELS,
) -> PublicWeights:
    """Write the model that ``card`` describes below ``folder`` and return its row.

    ``terms`` is the licence of the data. ``categories`` and ``channels`` replace what the
    checkpoint says that its outputs mean; ``spreads`` is for one that learned from pictures spread
    over the whole range of brightness.
    """
    model = identify(checkpoint)
    spec = replace(
        model.spec,
        license=card.license,
        categories=categories or model.spec.categories,
        channels=channels or model.spec.channels,
        spreads=spreads or model.spec.spreads,
        training={"miou": card.scores[0].miou, "pixel_accuracy": card.scores[0].pixel_accuracy},
    )
    text = render_card(replace(card, model=card.name))
    data = encode_checkpoint(model.network().state_dict(), spec, notes={CARD_KEY: text}, half=True)
    path = folder / f"{card.name}.safetensors"
    write_bytes(path, data)
    write_bytes(path.with_suffix(".md"), text.encode())
    return PublicWeights(
        card.name,
        (PublicFile("", path.name, hashlib.sha256(data).hexdigest()),),
        data_set=data_set,
        categories=len(set(spec.channels)),
        backbone=spec.architecture.backbone,
        output_stride=spec.architecture.output_stride,
        megabytes=round(len(data) / 1e6, 1),
        license=card.license,
        terms=terms,
        miou=round(100 * card.scores[0].miou, 1),
    )
