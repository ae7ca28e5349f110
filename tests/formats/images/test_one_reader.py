"""Pictures are opened at one place, so that every refusal and every mapping holds everywhere."""

from __future__ import annotations

import ast
from pathlib import Path

import seglabel

ROOT = Path(seglabel.__file__).parent
HOME = ROOT / "formats" / "images"
# Of the ways to decode a picture, by the last two parts of the name that is called.
DECODERS = (
    *("Image.open", "ImageFile.Parser", "cv2.imread", "cv2.imreadmulti", "cv2.imdecode"),
    *("cv2.VideoCapture", "np.fromfile", "tifffile.imread", "tifffile.TiffFile"),
    *("QImage.fromData", "QMovie", "QImageReader", "QPicture", "imread", "open_image"),
)
DECODING_MODULES = ("tifffile", "imagecodecs", "imageio", "skimage.io", "QImageReader", "QMovie")
LOADS = ("loadFromData", "fromData")


def modules() -> list[Path]:
    return sorted(path for path in ROOT.rglob("*.py") if not path.is_relative_to(HOME))


def name_of(node: ast.expr) -> str:
    """``a.b.c`` of a call, its last two parts."""
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value).rpartition('.')[2]}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def decoding(path: Path) -> list[str]:
    """What a module does that could decode a picture; label PNGs hold ids and are no pictures."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            names.append(getattr(node, "module", "") or "")
            found += [name for name in names if name in DECODING_MODULES]
        if not isinstance(node, ast.Call):
            continue
        name = name_of(node.func)
        is_ids = path.name == "label_png.py" and any(
            key.arg == "formats" and ast.unparse(key.value) == "('PNG',)" for key in node.keywords
        )
        own = name.startswith(("self.", "store.", "place.", "images.")) or "storage" in name
        if name in DECODERS and not is_ids and not own:
            found.append(f"{name} in line {node.lineno}")
        if name.rpartition(".")[2] in LOADS:
            found.append(f"{name} in line {node.lineno}")
        # QImage and QPixmap of one argument read a file where that is a name.
        if name in ("QImage", "QPixmap") and len(node.args) == 1:
            text = ast.unparse(node.args[0])
            if "path" in text.lower() or "str(" in text or isinstance(node.args[0], ast.Constant):
                found.append(f"{name}({text}) in line {node.lineno}")
    return found


def test_no_module_but_the_readers_decodes_a_picture():
    assert len(modules()) > 300
    assert {str(path): found for path in modules() if (found := decoding(path))} == {}


def test_what_would_be_found_is_found(tmp_path):
    """The check itself, on a module that does all of it."""
    path = tmp_path / "bad.py"
    path.write_text(
        "import tifffile\nfrom PIL import Image\nfrom PySide6.QtGui import QImageReader\n"
        "Image.open(path)\ncv2.imread(name)\nQImage(str(path))\nQPixmap('a.png')\n"
        "pixmap.loadFromData(data)\nPIL.Image.open(path, formats=('PNG',))\n"
    )
    assert len(decoding(path)) == 8


def test_pillow_is_always_told_which_formats_it_may_try():
    """Otherwise a PostScript file named .jpg would start Ghostscript."""
    calls = 0
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and name_of(node.func) == "Image.open":
                calls += 1
                assert "formats" in [key.arg for key in node.keywords], f"{path}:{node.lineno}"
    assert calls > 3
