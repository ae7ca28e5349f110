"""The commands, their arguments and their help."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from seglabel import __version__
from seglabel.formats.storage import parse_place

COMMANDS = (
    "demo",
    "predict",
    "train",
    "evaluate",
    "import",
    "export",
    "models",
    "stats",
    "check",
    "benchmark",
    "doctor",
)
DEBUG = "SEGLABEL_DEBUG"
_DEVICES = ("auto", "cuda", "cpu", "mps", "xpu")


def build_parser() -> argparse.ArgumentParser:
    """The parser of ``seglabel COMMAND …``."""
    parser = argparse.ArgumentParser(
        prog="seglabel",
        usage="seglabel [FOLDER] [--project DIR]\n       seglabel COMMAND ...",
        description="Label images for semantic segmentation: DeepLabv3+ proposes, you correct.",
        epilog="Without a command the window opens, on FOLDER if given. "
        "seglabel COMMAND --help tells more. "
        "Exit codes: 0 done, 1 some images failed, 2 refused, 130 cancelled. "
        f"With {DEBUG}=1 in the environment, errors of the program itself show where they arose.",
    )
    parser.add_argument("--version", action="version", version=f"seglabel {__version__}")
    commands = parser.add_subparsers(
        dest="command", prog="seglabel", metavar="COMMAND", required=True
    )
    _add_demo(commands)
    _add_predict(commands)
    _add_train(commands)
    _add_evaluate(commands)
    _add_import(commands)
    _add_export(commands)
    _add_models(commands)
    _add_stats(commands)
    _add_check(commands)
    _add_benchmark(commands)
    doctor = commands.add_parser("doctor", help="what this machine offers, and what is missing")
    _add_json(doctor)
    return parser


def build_window_parser() -> argparse.ArgumentParser:
    """The parser of ``seglabel [FOLDER]``."""
    parser = argparse.ArgumentParser(
        prog="seglabel",
        description="Open the window.",
        epilog=f"Commands: {', '.join(COMMANDS)}; see seglabel COMMAND --help.",
    )
    parser.add_argument("--version", action="version", version=f"seglabel {__version__}")
    parser.add_argument("folder", nargs="?", type=Path, help="folder of images")
    _add_project(parser)
    return parser


def _add_demo(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    demo = commands.add_parser(
        "demo", help="make sample images, pre-annotate them, and open or export them"
    )
    demo.add_argument("folder", nargs="?", type=Path, default=Path("seglabel-demo"))
    ending = demo.add_mutually_exclusive_group()
    ending.add_argument(
        "--headless", action="store_true", help="export instead of opening a window"
    )
    ending.add_argument(
        "--prepare",
        action="store_true",
        help="neither: only make them, as the window does before it opens them",
    )
    _add_json(demo)


def _add_predict(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    predict = commands.add_parser("predict", help="pre-annotate every image of a folder")
    predict.add_argument(
        "folder", type=parse_place, help="folder of images, or with --out a URL as s3://bucket/a"
    )
    _add_model(predict)
    predict.add_argument(
        "--out",
        type=parse_place,
        help="write plain index PNGs into DIR, or to a URL, instead",
        metavar="DIR",
    )
    predict.add_argument(
        "--scales", type=scales, default=(1.0,), help="average over scales, e.g. 0.75,1,1.25"
    )
    predict.add_argument("--flip", action="store_true", help="average with the mirrored picture")
    predict.add_argument(
        "--separate",
        action="store_true",
        help="also tell touching objects of things apart, each an object of its own in exports",
    )
    predict.add_argument("--tile", type=int, help="see large pictures in tiles of this size")
    predict.add_argument(
        "--only",
        choices=("empty", "proposed", "all"),
        help="which images (default: those no person touched, with --out all)",
    )
    predict.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="with --out: ray computes on the cluster that RAY_ADDRESS names, else on this machine",
    )
    predict.add_argument(
        "--shard",
        type=shard,
        default=(1, 1),
        metavar="I/N",
        help="only the I-th of N equal parts of the images, for several machines",
    )
    _add_device(predict)
    _add_pixel_limit(predict)
    _add_project(predict)
    _add_json(predict)


def _add_train(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    train = commands.add_parser("train", help="learn from reviewed and corrected images")
    train.add_argument("folder", type=Path)
    train.add_argument("--backbone", default="efficientnet_lite0")
    train.add_argument(
        "--init",
        metavar="MODEL",
        help="go on from this model: a checkpoint file, or a name as for --model",
    )
    length = train.add_mutually_exclusive_group()
    length.add_argument("--budget", type=duration, help="e.g. 10m (a bare number means minutes)")
    length.add_argument("--steps", type=int, help="number of steps instead of a time")
    train.add_argument("--val", type=float, default=0.1, help="share held back for validation")
    train.add_argument("--out", type=Path, help="checkpoint to write (.safetensors)")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument(
        "--fresh",
        action="store_true",
        help="start anew, even if the same training was ended by force on its way",
    )
    _add_device(train)
    _add_project(train)
    _add_json(train)


def _add_evaluate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    evaluate = commands.add_parser("evaluate", help="compare proposals with reviewed labels")
    evaluate.add_argument("folder", type=Path)
    _add_model(evaluate)
    evaluate.add_argument("--against", metavar="MODEL", help="compare with this model too")
    truth = evaluate.add_mutually_exclusive_group()
    truth.add_argument("--labels", type=Path, help="folder of index PNGs to compare with")
    truth.add_argument(
        "--images",
        choices=("reviewed", "held-back"),
        help="judge by all reviewed images (with --against: by those that taught neither model)",
    )
    evaluate.add_argument(
        "--report", type=Path, metavar="DIR", help="write a page that shows it, DIR/index.html"
    )
    evaluate.add_argument("--scales", type=scales, default=(1.0,))
    evaluate.add_argument("--flip", action="store_true")
    evaluate.add_argument("--tile", type=int)
    _add_device(evaluate)
    _add_pixel_limit(evaluate)
    _add_project(evaluate)
    _add_json(evaluate)


def _add_import(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    importing = commands.add_parser("import", help="bring annotations in")
    importing.add_argument("format", help="masks, coco or voc")
    importing.add_argument("source", type=Path)
    importing.add_argument("folder", type=Path)
    importing.add_argument("--categories", type=Path, help="file with the names of the ids")
    importing.add_argument(
        "--copy-images", action="store_true", help="copy pictures that FOLDER lacks"
    )
    importing.add_argument(
        "--strict", action="store_true", help="change nothing if a single record is bad"
    )
    importing.add_argument(
        "--replace", action="store_true", help="replace labels that images have already"
    )
    _add_pixel_limit(importing)
    _add_project(importing)
    _add_json(importing)


def _add_export(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    export = commands.add_parser("export", help="give labels away in a format others read")
    export.add_argument("format", help="coco, voc or masks")
    export.add_argument("folder", type=Path)
    export.add_argument("target", type=Path)
    export.add_argument("--status", choices=("reviewed", "corrected", "all"), default="all")
    export.add_argument("--split", help="e.g. train=0.8,val=0.2")
    export.add_argument("--seed", type=int, default=0)
    export.add_argument(
        "--segmentation", choices=("rle", "compressed-rle", "polygon"), default="rle"
    )
    export.add_argument("--void-border", type=int, default=0, metavar="N")
    export.add_argument("--orientation", choices=("displayed", "raw"), default="displayed")
    export.add_argument("--upright-copies", action="store_true")
    export.add_argument(
        "--force", action="store_true", help="replace TARGET if it is an earlier export"
    )
    _add_pixel_limit(export)
    _add_project(export)
    _add_json(export)


def _add_models(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    models = commands.add_parser("models", help="public weights, and what a checkpoint file is")
    models.set_defaults(action="list")
    _add_json(models)
    actions = models.add_subparsers(dest="action", metavar="ACTION")
    listing = actions.add_parser(
        "list", help="built-in models and public weights, or the models of a project"
    )
    listing.add_argument(
        "--project", type=Path, metavar="FOLDER", help="a folder of images, for its own models"
    )
    info = actions.add_parser("info", help="what a checkpoint file is, and what is assumed of it")
    info.add_argument("file", help="a checkpoint, or a name in the list")
    info.add_argument("--output-stride", type=int, choices=(8, 16), help="correct what is assumed")
    info.add_argument("--mean", type=triple, help="of RGB in 0–1, e.g. 0.485,0.456,0.406")
    info.add_argument("--std", type=triple, help="of RGB in 0–1, e.g. 0.229,0.224,0.225")
    info.add_argument("--categories", type=Path, help="file with the names of the channels")
    fetch = actions.add_parser("fetch", help="download public weights")
    fetch.add_argument("name")
    fetch.add_argument("--out", type=Path, metavar="DIR", help="where to (default: your models)")
    convert = actions.add_parser("convert", help="rewrite a checkpoint as seglabel's safetensors")
    convert.add_argument("file", help="a checkpoint, or a name in the list")
    convert.add_argument("out", type=Path)
    convert.add_argument(
        "--half", action="store_true", help="weights in half precision: a file of half the size"
    )
    export = actions.add_parser("export", help="give a model of a project away, with its card")
    export.add_argument("version", help="its name, such as model-3")
    export.add_argument("out", type=Path, help="the .safetensors file to write")
    export.add_argument(
        "--project", type=Path, metavar="FOLDER", required=True, help="its folder of images"
    )
    for parser in (listing, info, fetch, convert, export):
        # Given once, before the action or behind it.
        parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS)


def _add_stats(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    stats = commands.add_parser(
        "stats", help="pixels and objects per category, and what the work took"
    )
    stats.add_argument("folder", type=Path)
    stats.add_argument(
        "--status",
        choices=("reviewed", "corrected", "all"),
        default="all",
        help="of which images labels are counted: corrected means reviewed ones too",
    )
    _add_project(stats)
    _add_json(stats)


def _add_check(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    check = commands.add_parser(
        "check",
        help="whether a project is whole and fits its images",
        description="Read all of a project: labels, instances, proposals, journals, the list of "
        "images, and whether the images are still those that were labelled.",
        epilog="Exit codes: 0 nothing is wrong (any more), 1 something is, which is listed, "
        "2 refused, 130 cancelled.",
    )
    check.add_argument("folder", type=Path)
    check.add_argument(
        "--repair",
        action="store_true",
        help="mend what is safe: labels follow images that were renamed or moved, lists are "
        "rebuilt from the labels, cut-off saves are finished, damaged proposals and journals set "
        "aside; whatever is replaced is kept below replaced/ in the project",
    )
    check.add_argument(
        "--accept-changed",
        action="store_true",
        help="with --repair: take the labels of images that changed to fit them as they are now",
    )
    _add_project(check)
    _add_json(check)


def _add_benchmark(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    benchmark = commands.add_parser("benchmark", help="plain PyTorch against seglabel, one run")
    what = benchmark.add_mutually_exclusive_group()
    what.add_argument("--model", help="checkpoint file or name in the catalogue")
    what.add_argument(
        "--backbone", default="mobilenet_v2", help="a DeepLabv3+ of random weights instead"
    )
    benchmark.add_argument("--size", type=size, default=(512, 512), metavar="HxW")
    benchmark.add_argument("--rounds", type=int, default=7)
    _add_json(benchmark)


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model",
        help="checkpoint file, or a name: trained in the project, built in (see seglabel models) "
        "or in the catalogue; without it what the project uses",
    )
    parser.add_argument(
        "--precision",
        choices=("fp32", "bf16"),
        default="fp32",
        help="bf16 is faster on processors that have it; borders of regions may differ",
    )
    parser.add_argument(
        "--map",
        metavar="MODEL=PROJECT,…",
        help="what categories of the model become here, e.g. car=vehicle,person=void; remembered",
    )


def _add_device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", choices=_DEVICES, default="auto")


def _add_project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--project", type=Path, metavar="DIR", help="where the project lies (FOLDER/.seglabel)"
    )


def _add_pixel_limit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--pixel-limit",
        type=megapixels,
        metavar="MP",
        help="allow images of so many million pixels, at most 1073; remembered in the project "
        "(default: 268, and 1073 for TIFFs that are read by windows)",
    )


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object a line on stdout")


def duration(text: str) -> float:
    """Seconds from ``90s``, ``10m``, ``1h`` or a bare number of minutes."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smh]?)\s*", text)
    if match is None or float(match[1]) <= 0:
        raise argparse.ArgumentTypeError(f"expected something like 10m or 90s, found {text!r}")
    return float(match[1]) * {"s": 1, "m": 60, "h": 3600, "": 60}[match[2]]


def shard(text: str) -> tuple[int, int]:
    """``2/5`` as the second of five parts."""
    match = re.fullmatch(r"(\d+)/(\d+)", text.strip())
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise argparse.ArgumentTypeError(f"expected a part like 2/5, found {text!r}")
    return int(match[1]), int(match[2])


def megapixels(text: str) -> float:
    """Millions of pixels, of which a label map holds 2³⁰ at most."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= (1 << 30) / 1e6:
        raise argparse.ArgumentTypeError(f"expected millions up to 1073, found {text!r}")
    return value


def size(text: str) -> tuple[int, int]:
    """``512x512`` as height and width in pixels."""
    match = re.fullmatch(r"(\d+)[x×](\d+)", text.strip().casefold())
    if match is None or not 16 <= int(match[1]) * int(match[2]) <= 1 << 28:
        raise argparse.ArgumentTypeError(f"expected a size like 512x512, found {text!r}")
    return int(match[1]), int(match[2])


def triple(text: str) -> tuple[float, float, float]:
    """Three numbers, one per colour."""
    try:
        red, green, blue = (float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected three numbers like 0.485,0.456,0.406, found {text!r}"
        ) from None
    return red, green, blue


def scales(text: str) -> tuple[float, ...]:
    """``0.75,1,1.25`` as numbers."""
    try:
        values = tuple(float(part) for part in text.split(","))
    except ValueError:
        values = ()
    if not values or not all(0.1 <= value <= 4 for value in values):
        raise argparse.ArgumentTypeError(f"expected scales like 0.75,1,1.25, found {text!r}")
    return values
