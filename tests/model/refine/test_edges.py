from __future__ import annotations

import numpy as np

from seglabel.model.refine.edges import smooth, winners_at_edges


def test_smoothing_stops_at_an_edge_of_the_image() -> None:
    guide = np.zeros((20, 40, 3), np.uint8)
    guide[:, 20:] = 255
    planes = np.zeros((20, 40, 2), np.float32)
    planes[..., 0] = 1
    planes[:, 20:] = (0, 1)
    planes[10, 10] = (0, 1)  # a speck
    smoothed = smooth(planes, guide, 20)
    assert (smoothed.argmax(2)[:, :20] == 0).all()
    assert (smoothed.argmax(2)[:, 20:] == 1).all()
    np.testing.assert_allclose(smoothed.sum(2), 1, atol=1e-4)


def test_a_border_within_a_cell_is_found_where_the_image_has_its_edge() -> None:
    image = np.zeros((38, 62, 3), np.uint8)
    image[:, 30:] = 200  # cells of four pixels end at 28 and 32
    first = np.ones((10, 16), np.float32)
    first[:, 7], first[:, 8:] = 0.5, 0
    labels = winners_at_edges(np.stack([first, 1 - first]), image, 4)
    assert labels.shape == (38, 62)
    borders = (np.diff(labels.astype(int), axis=1) != 0).argmax(1) + 1
    assert (np.abs(borders - 30) <= 1).all()
