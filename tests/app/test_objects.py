"""Objects of things in the window: shown, split, merged, assigned, numbered, saved, exported."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seglabel.app.session import Session
from seglabel.core.document import Document
from seglabel.core.geometry import Region
from seglabel.formats.project_store import ProjectStore
from seglabel.formats.registry import formats
from seglabel.jobs.export import export as export_labels
from seglabel.tools import Pointer

BLOCK = Region(10, 10, 40, 70)


@pytest.fixture
def with_block(session: Session) -> Session:
    """A session with a block of a thing painted by a person."""
    categories = session.workspace.project.categories.with_changed(1, is_thing=True)
    session.workspace.set_categories(categories)

    def paint(document: Document):
        edit = document.begin("rectangle")
        edit.paint(BLOCK, np.ones((BLOCK.height, BLOCK.width), np.bool_), 1)
        return edit.commit()

    assert session.editor.change(paint)
    return session


def drag(qtbot, session: Session, tool: str, *points: tuple[int, int]) -> None:
    """A drag whose result may come from off the GUI thread."""
    editor = session.editor
    editor.set_tool(tool)
    with qtbot.waitSignal(editor.stroke_finished, timeout=20000):
        editor.press(Pointer(*points[0]))
        for point in points[1:]:
            editor.move(Pointer(*point))
        editor.release(Pointer(*points[-1]))


def numbers(session: Session) -> np.ndarray:
    found = session.editor.document.instances
    assert found is not None
    return found


def split(qtbot, session: Session) -> None:
    drag(qtbot, session, "split_line", (5, 40), (45, 40))


def test_a_line_splits_and_undo_joins_again(qtbot, with_block: Session) -> None:
    labels = with_block.editor.document.labels.copy()
    split(qtbot, with_block)
    assert numbers(with_block)[20, 20] != numbers(with_block)[20, 60]
    assert numbers(with_block)[BLOCK.slices].all()
    assert np.array_equal(with_block.editor.document.labels, labels)
    with_block.editor.undo()
    assert not numbers(with_block).any()
    with_block.editor.redo()
    assert len(np.unique(numbers(with_block)[BLOCK.slices])) == 2


@pytest.mark.parametrize("meeting", ["necks", "edges"])
def test_marked_parts_share_the_object_by_watershed(qtbot, with_block: Session, meeting) -> None:
    editor = with_block.editor
    editor.set_tool("split_seeds")
    editor.options.set("meeting", meeting)
    for x in (15, 65):
        editor.press(Pointer(25, x))
        editor.release(Pointer(25, x))
    assert len(editor.preview.lines) == 2
    with qtbot.waitSignal(editor.stroke_finished, timeout=20000):
        editor.finish()
    assert numbers(with_block)[25, 15] != numbers(with_block)[25, 65]
    assert numbers(with_block)[BLOCK.slices].all()


def test_a_line_over_objects_merges_them(qtbot, with_block: Session) -> None:
    split(qtbot, with_block)
    drag(qtbot, with_block, "merge_objects", (20, 20), (20, 60))
    assert len(np.unique(numbers(with_block)[BLOCK.slices])) == 1


def test_pixels_go_from_one_object_to_another(qtbot, with_block: Session) -> None:
    split(qtbot, with_block)
    with_block.editor.set_brush_size(5)
    first = int(numbers(with_block)[20, 20])
    drag(qtbot, with_block, "assign_object", (20, 20), (20, 50), (5, 50))
    assert (numbers(with_block)[20, 20:51] == first).all()
    assert numbers(with_block)[35, 50] != first
    assert not numbers(with_block)[:10].any()  # no pixel of another category
    with_block.editor.undo()
    assert numbers(with_block)[20, 50] != first


def test_what_is_painted_on_to_an_object_belongs_to_it(qtbot, with_block: Session) -> None:
    split(qtbot, with_block)
    with_block.editor.set_category(1)
    with_block.editor.set_brush_size(5)
    right = int(numbers(with_block)[20, 60])
    drag(qtbot, with_block, "brush", (20, 60), (50, 60), (50, 20), (30, 20))
    assert numbers(with_block)[50, 40] == right
    assert numbers(with_block)[30, 20] not in (0, right)  # the other object keeps its pixels


def test_a_tool_for_objects_says_why_nothing_happened(qtbot, with_block: Session) -> None:
    editor = with_block.editor
    editor.set_tool("split_line")
    with qtbot.waitSignal(editor.failed, timeout=20000):
        editor.press(Pointer(50, 5))
        editor.release(Pointer(55, 5))
    assert not editor.is_busy
    assert "right across" in with_block.window.banner.text


def test_objects_are_numbered_in_the_order_of_the_export(qtbot, with_block: Session) -> None:
    with qtbot.waitSignal(with_block.editor.edited, timeout=20000):
        with_block.window.actions_table["renumber"].trigger()
    assert (numbers(with_block)[BLOCK.slices] == 1).all()
    with_block.editor.undo()
    assert not numbers(with_block).any()


def test_touching_objects_are_parted_all_over_the_image_in_one_step(
    qtbot, with_block: Session
) -> None:
    editor, action = with_block.editor, with_block.window.actions_table["separate_touching"]
    assert not action.icon().isNull()

    def bite(document: Document):
        edit = document.begin("rectangle")
        edit.paint(Region(10, 34, 20, 46), np.ones((10, 12), np.bool_), 0)
        edit.paint(Region(30, 34, 40, 46), np.ones((10, 12), np.bool_), 0)
        return edit.commit()

    assert editor.change(bite)
    with qtbot.waitSignal(editor.edited, timeout=20000):
        action.trigger()
    left, right = numbers(with_block)[25, 15], numbers(with_block)[25, 60]
    assert left and right and left != right
    assert with_block.view.look.objects  # what was parted is shown
    editor.undo()
    assert not numbers(with_block).any()


def test_nothing_to_part_is_said(qtbot, with_block: Session) -> None:
    with_block.window.actions_table["separate_touching"].trigger()
    banner = with_block.window.image_banner
    qtbot.waitUntil(lambda: "neck" in banner.text, timeout=20000)


def test_objects_show_by_outline_and_shade_and_their_tools_come_with_them(
    qtbot, with_block: Session
) -> None:
    window = with_block.window
    toolbox, line = window.toolbox, window.actions_table["split_line"]
    assert toolbox.button(line) is None
    plain = window.canvas.grab().toImage()
    window.actions_table["objects"].trigger()
    assert toolbox.button(line) is not None
    whole = window.canvas.grab().toImage()
    assert whole != plain
    split(qtbot, with_block)
    with_block.editor.hover(None)
    parted = window.canvas.grab().toImage()
    spots = [window.canvas.transform.to_view(20.5, x + 0.5) for x in (20, 60)]
    left, right = (parted.pixelColor(round(x), round(y)) for x, y in spots)
    assert left != right
    window.actions_table["objects"].trigger()
    assert toolbox.button(line) is None


def test_separated_objects_are_saved_and_exported_to_coco_and_voc(
    qtbot, with_block: Session, tmp_path: Path
) -> None:
    pycocotools = pytest.importorskip("pycocotools.coco")
    split(qtbot, with_block)
    with_block.workspace.save()
    qtbot.waitUntil(lambda: not with_block.writer.has_pending, timeout=20000)
    store = ProjectStore.open(with_block.workspace.store.folder)
    kept = store.load("a.png").instances
    assert np.array_equal(kept, numbers(with_block))
    export(store, "coco", tmp_path / "coco")
    file = next((tmp_path / "coco").rglob("instances*.json"))
    coco = pycocotools.COCO(str(file))
    things = [a for a in coco.loadAnns(coco.getAnnIds()) if a["category_id"] == 1]
    assert len(things) == 2
    masks = [coco.annToMask(a).astype(bool) for a in things]
    assert not (masks[0] & masks[1]).any()
    assert (masks[0] | masks[1]).sum() == BLOCK.area
    assert json.loads(file.read_text())["categories"]
    export(store, "voc", tmp_path / "voc")
    png = next((tmp_path / "voc").rglob("SegmentationObject/*.png"))
    objects = np.array(Image.open(png))
    inner = objects[15:35, 15:65]
    assert len(set(np.unique(inner)) - {0, 255}) == 2


def export(store: ProjectStore, name: str, target: Path) -> None:
    export_labels(store, formats()[name], target)


def test_showing_objects_where_no_category_is_a_thing_says_so(qtbot, session: Session) -> None:
    session.window.actions_table["objects"].trigger()
    assert "Thing" in session.window.banner.text and not session.window.banner.isHidden()


def test_the_tools_for_objects_come_below_the_others_which_stay(qtbot, with_block: Session) -> None:
    window = with_block.window
    toolbox, table = window.toolbox, window.actions_table
    before = [toolbox.button(table[key]).pos() for key in ("brush", "lasso", "measure")]
    table["objects"].trigger()
    after = [toolbox.button(table[key]).pos() for key in ("brush", "lasso", "measure")]
    assert after == before


def test_every_tool_has_a_place_in_a_low_window(qtbot, with_block: Session) -> None:
    window = with_block.window
    window.actions_table["objects"].trigger()
    window.resize(1024, 560)
    qtbot.waitUntil(lambda: window.height() == 560)
    toolbox = window.toolbox
    buttons = [toolbox.button(window.actions_table[key]) for key in with_block.editor.tools]
    buttons.append(toolbox.button(window.actions_table["pick"]))
    qtbot.waitUntil(lambda: all(toolbox.rect().contains(b.geometry()) for b in buttons))
    places = {button.pos().toTuple() for button in buttons}
    assert len(places) == len(buttons) and len({x for x, _ in places}) > 1
    assert all(not button.visibleRegion().isEmpty() for button in buttons)
