"""What a script sees of a project: everything, and it can break nothing."""

from __future__ import annotations

import numpy as np
import pytest

from seglabel.core.errors import ProjectError
from seglabel.core.status import Status
from seglabel.formats import open_project
from seglabel.formats.annotation_files import Annotation


@pytest.fixture
def path(folder):
    labels = np.full((24, 32), 3, np.uint8)
    instances = np.full((24, 32), 9, np.uint16)
    annotation = Annotation(labels, labels > 0, instances, Status.REVIEWED)
    folder.labelled({"sub/a.png": annotation}).save_project()
    folder.add_picture("b.png", 5, 7)
    return folder.path


def test_a_script_sees_names_categories_status_and_labels(path, categories):
    project = open_project(str(path))
    assert project.names == ("b.png", "sub/a.png")
    assert project.categories == categories
    assert project.status("sub/a.png") == "reviewed"
    assert (project.labels("sub/a.png") == 3).all()
    assert (project.instances("sub/a.png") == 9).all()


def test_an_image_without_labels_is_background_of_its_own_size(path):
    project = open_project(path)
    assert project.status("b.png") is Status.EMPTY
    assert project.labels("b.png").tolist() == [[0] * 7] * 5
    assert project.instances("b.png").shape == (5, 7)


def test_looking_changes_nothing_on_disk(path, bytes_of):
    (path / ".seglabel" / "labels" / ".tmp-stray").touch()
    before = bytes_of(path)
    project = open_project(path)
    for name in project.names:
        project.labels(name)
    assert bytes_of(path) == before


def test_a_name_that_is_no_image_is_refused(path):
    project = open_project(path)
    for ask in (project.status, project.labels, project.instances):
        with pytest.raises(ProjectError, match=r"c\.png: not an image of this project"):
            ask("c.png")


def test_a_project_that_lies_elsewhere_is_found(folder, tmp_path):
    folder.add_picture("a.png")
    annotation = Annotation(np.ones((24, 32), np.uint8), np.ones((24, 32), bool))
    folder.open(tmp_path / "project").save("a.png", annotation)
    assert open_project(folder.path, tmp_path / "project").labels("a.png").all()
    assert not open_project(folder.path).labels("a.png").any()
