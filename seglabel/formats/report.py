"""A comparison as one page of HTML that needs nothing else: no script, no file, no network."""

from __future__ import annotations

import base64
import html
import io
import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seglabel.core.categories import color_to_hex
from seglabel.core.comparison import (
    VERDICT_COLORS,
    ComparedPictures,
    Comparison,
    ImageRow,
    JudgedModel,
    Verdict,
    most_confused,
    row_shares,
)
from seglabel.resources import resource

GENERATOR = "seglabel report"
"""By which a page is known as one of these."""

_MATRIX_LIMIT = 40
_ROWS_LIMIT = 1000
_QUALITY = 85
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def render_report(
    comparison: Comparison,
    worst: Sequence[ImageRow],
    changed: Sequence[ImageRow],
    pictures: Mapping[str, ComparedPictures],
) -> str:
    """The whole page. ``worst`` and ``changed`` are shown as far as there are ``pictures`` of them.

    The same comparison gives the same page; whatever names hold is shown as text.
    """
    title = " compared with ".join(model.name for model in reversed(comparison.models))
    parts = [
        f"<h1>{_text(title)}</h1>",
        f'<p class="muted">{_judged_by(comparison)}</p>',
        _warning(comparison),
        _models(comparison),
        "<h2>IoU of each category</h2>",
        _categories(comparison),
        "<h2>What is taken for what</h2>",
        _matrices(comparison),
        *_figures("The worst images", comparison, worst, pictures),
        *_figures("The images that changed most", comparison, changed, pictures),
        "<h2>All images</h2>",
        _all_images(comparison),
        _failures(comparison),
    ]
    style = resource("report", "style.css").read_text("utf-8")
    head = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="generator" content="{GENERATOR}">\n'
        f"<title>{_text(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
    )
    return head + "\n".join(filter(None, parts)) + "\n</body>\n</html>\n"


# what is said


def _judged_by(comparison: Comparison) -> str:
    count = len(comparison.rows)
    images = "1 image" if count == 1 else f"{count} images"
    return {
        "held-back": f"On {images} held back from training: none of them taught the models.",
        "reviewed": f"On {images} that are reviewed.",
        "given": f"On {images} with labels from elsewhere.",
    }[comparison.judged_by]


def _warning(comparison: Comparison) -> str:
    """That a model is flattered by images that it learned from, or may be."""
    said = []
    for model in comparison.models:
        if model.learned_from:
            said.append(f"{model.name} learned from {model.learned_from} of these images.")
        elif model.learned_from is None and comparison.judged_by == "reviewed":
            said.append(f"{model.name} does not say which images it learned from.")
    if not said:
        return ""
    said.append("It knows images it learned from better than new ones: these scores flatter it.")
    return f'<p class="warning">{_text(" ".join(said))}</p>'


def _failures(comparison: Comparison) -> str:
    if not comparison.failed:
        return ""
    items = "".join(f"<li>{_text(message)}</li>" for message in comparison.failed)
    return f"<h2>Not judged</h2><ul>{items}</ul>"


def _models(comparison: Comparison) -> str:
    first = comparison.models[0]
    cards = [_card(model, first) for model in comparison.models]
    return f'<div class="cards">{"".join(cards)}</div>'


def _card(model: JudgedModel, first: JudgedModel) -> str:
    scores = model.scores
    gain = "" if model is first else f" {_change(scores.miou - first.scores.miou)}"
    rows = {"pixel accuracy": _share(scores.pixel_accuracy), **_facts(model)}
    facts = "".join(f"<dt>{_text(k)}</dt><dd>{_text(v)}</dd>" for k, v in rows.items())
    return (
        f'<section class="card"><h3>{_text(model.name)}</h3>'
        f'<div><span class="score">{_share(scores.miou)}</span> mIoU{gain}</div>'
        f"<dl>{facts}</dl></section>"
    )


def _facts(model: JudgedModel) -> dict[str, str]:
    version = model.version
    if version is None:
        return {}
    facts = {
        "trained": version.date.replace("T", " ")[:16] + " UTC",
        "started from": version.parent or "its backbone",
        "learned from": f"{len(version.training)} images",
        "held back": f"{len(version.validation)} images",
    }
    settings = [f"{k.replace('_', ' ')} {v}" for k, v in sorted(version.settings.items())]
    return facts | ({"settings": ", ".join(settings)} if settings else {})


def _categories(comparison: Comparison) -> str:
    names = [model.name for model in comparison.models]
    head = ["category", *(n for name in names for n in (name, "")), "difference"]
    rows = []
    for category_id, values in comparison.iou_rows():
        cells = [_category(comparison, category_id)]
        for value in values:
            cells += [_share(value), _bar(value)]
        if comparison.is_of_two:
            before, after = values
            is_known = before is not None and after is not None
            cells.append(_change(after - before) if is_known else "")  # type: ignore[operator]
        rows.append(cells)
    return _table(head if comparison.is_of_two else head[:-1], rows, "wide")


def _category(comparison: Comparison, category_id: int) -> str:
    colors = comparison.categories.color_table()
    red, green, blue = (int(v) for v in colors[category_id])
    swatch = f'<span class="swatch" style="background:{color_to_hex((red, green, blue))}"></span>'
    return swatch + _text(comparison.categories.name_of(category_id))


def _bar(value: float | None) -> str:
    width = 0 if value is None else round(120 * value)
    return f'<div class="track"><span class="bar" style="width:{width}px"></span></div>'


def _matrices(comparison: Comparison) -> str:
    confusions = [model.scores.confusion for model in comparison.models]
    rows = most_confused(confusions, _MATRIX_LIMIT)
    note = "Rows are true categories, columns what was proposed; % of the row's pixels."
    left = len(most_confused(confusions, len(comparison.ids))) - len(rows)
    if left:
        note += f" {left} categories with fewer pixels are left out."
    made = [_matrix(comparison, model, rows) for model in comparison.models]
    return f'<p class="muted">{note}</p><div class="matrices">{"".join(made)}</div>'


def _matrix(comparison: Comparison, model: JudgedModel, rows: Sequence[int]) -> str:
    names = [_text(comparison.categories.name_of(comparison.ids[i])) for i in rows]
    shares = row_shares(model.scores.confusion)
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    body = []
    for row, name in zip(rows, names, strict=True):
        cells = (_cell(float(shares[row, column]), row == column) for column in rows)
        body.append(f'<tr><th scope="row">{name}</th>{"".join(cells)}</tr>')
    return (
        f'<div class="scroll"><table class="matrix"><caption>{_text(model.name)}</caption>'
        f"<thead><tr><th></th>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def _cell(share: float, is_hit: bool) -> str:
    shown = "" if share == 0 else "<1" if share < 0.005 else f"{100 * share:.0f}"
    kind = ("hit" if is_hit else "miss") + (" full" if share > 0.55 else "")
    return f'<td class="{kind}" style="--s:{share:.3f}">{html.escape(shown)}</td>'


# images


def _figures(
    title: str,
    comparison: Comparison,
    rows: Sequence[ImageRow],
    pictures: Mapping[str, ComparedPictures],
) -> Iterable[str]:
    made = [_figure(comparison, row, pictures[row.name]) for row in rows if row.name in pictures]
    return [f"<h2>{title}</h2>", _key(comparison), *made] if made else []


def _key(comparison: Comparison) -> str:
    """What the colours of the last picture mean."""
    meanings = {Verdict.RIGHT: "right", Verdict.LOST: "wrong", Verdict.UNJUDGED: "not judged"}
    if comparison.is_of_two:
        first, second = (model.name for model in comparison.models)
        meanings = {
            Verdict.RIGHT: "both are right",
            Verdict.GAINED: f"only {second} is right",
            Verdict.LOST: f"only {first} is right",
            Verdict.WRONG: "both are wrong",
            Verdict.UNJUDGED: "not judged",
        }
    items = "".join(
        f'<span><span class="swatch" style="background:{color_to_hex(VERDICT_COLORS[v])}"></span>'
        f"{_text(meaning)}</span>"
        for v, meaning in meanings.items()
    )
    return f'<p class="key muted">{items}</p>'


def _figure(comparison: Comparison, row: ImageRow, pictures: ComparedPictures) -> str:
    names = [model.name for model in comparison.models]
    titles = ["image", "truth", *names, "difference" if comparison.is_of_two else "errors"]
    arrays = [pictures.image, pictures.truth, *pictures.proposals, pictures.verdict]
    shown = "".join(
        f'<div><img src="{_data_uri(array)}" width="{array.shape[1]}" height="{array.shape[0]}" '
        f'alt="{_text(title)}: {_text(row.name)}">{_text(title)}</div>'
        for title, array in zip(titles, arrays, strict=True)
    )
    scores = ", ".join(
        f"{_text(name)} {_share(value)}" for name, value in zip(names, row.mious, strict=True)
    )
    change = f" {_change(row.change)}" if comparison.is_of_two else ""
    caption = f'<b>{_text(row.name)}</b> <span class="muted">mIoU: {scores}</span>{change}'
    return f'<figure><figcaption>{caption}</figcaption><div class="pictures">{shown}</div></figure>'


def _all_images(comparison: Comparison) -> str:
    head = ["image", *(model.name for model in comparison.models)]
    rows = []
    for row in comparison.rows[:_ROWS_LIMIT]:
        cells = [_text(row.name), *map(_share, row.mious)]
        rows.append([*cells, _change(row.change)] if comparison.is_of_two else cells)
    more = len(comparison.rows) - _ROWS_LIMIT
    note = f'<p class="muted">and {more} more</p>' if more > 0 else ""
    return _table([*head, "difference"] if comparison.is_of_two else head, rows, "wide") + note


def _data_uri(array: NDArray[np.uint8]) -> str:
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "JPEG", quality=_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


# parts


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], kind: str) -> str:
    """``head`` is text, the cells of ``rows`` are HTML."""
    titles = "".join(f'<th scope="col">{_text(title)}</th>' for title in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<div class="scroll"><table class="{kind}"><thead><tr>{titles}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _share(value: float | None) -> str:
    return "–" if value is None or math.isnan(value) else f"{value:.3f}"


def _change(value: float) -> str:
    if math.isnan(value):
        return ""
    kind = "gain" if value >= 0.0005 else "loss" if value <= -0.0005 else "muted"
    return f'<span class="{kind}">{value:+.3f}</span>'


def _text(text: str) -> str:
    """Any text as HTML that shows it; no name can turn the line that it stands in around."""
    kept = "".join("\ufffd" if unicodedata.category(c)[0] == "C" else c for c in text)
    return html.escape(kept, quote=True)
