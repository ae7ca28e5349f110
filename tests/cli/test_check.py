"""``seglabel check`` as a person and a program call it."""

from __future__ import annotations

import json

from PIL import Image


def test_a_sound_project_passes(seglabel, labelled, images):
    labelled.close()
    outcome = seglabel("check", images)
    assert outcome.code == 0
    assert "3 images, 1 with labels: nothing is wrong" in outcome.err


def test_an_image_that_was_renamed_is_listed_and_its_labels_follow_when_asked_for(
    seglabel, labelled, images
):
    Image.new("RGB", (40, 24), (1, 2, 3)).save(images / "one.png")
    labelled.accept_change("one.png")
    labelled.close()
    (images / "one.png").rename(images / "eins.png")
    outcome = seglabel("check", images)
    assert outcome.code == 1
    assert "one.png: the image that was labelled is called eins.png now" in outcome.err
    assert "--repair would mend 1 of them" in outcome.err
    outcome = seglabel("check", images, "--repair", "--json")
    assert outcome.code == 0
    result = outcome.lines[-1]
    assert result["event"] == "result"
    assert result["findings"] == []
    assert result["mended"][0]["done"] == "gave its labels to eins.png"
    assert seglabel("check", images).code == 0


def test_what_only_a_person_can_decide_is_left_to_one(seglabel, labelled, images):
    labelled.close()
    Image.new("RGB", (40, 24), (1, 2, 3)).save(images / "one.png")
    outcome = seglabel("check", images, "--repair")
    assert outcome.code == 1
    assert "changed image: one.png: its file changed after it was labelled" in outcome.err
    assert seglabel("export", "coco", images, images.parent / "out").code == 1
    assert seglabel("check", images, "--accept-changed").code == 2
    outcome = seglabel("check", images, "--repair", "--accept-changed")
    assert outcome.code == 0
    assert "took its labels to fit the new file" in outcome.err
    assert seglabel("export", "coco", images, images.parent / "more").code == 0


def test_a_folder_that_does_not_exist_is_refused(seglabel, tmp_path):
    outcome = seglabel("check", tmp_path / "nowhere", "--json")
    assert outcome.code == 2
    assert "does not exist" in json.dumps(outcome.lines[-1])
