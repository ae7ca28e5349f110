from __future__ import annotations

from seglabel.core.ordering import by_doubt, next_to_review
from seglabel.core.project import ImageRecord
from seglabel.core.status import Status

RECORDS = [
    ImageRecord("a", Status.PROPOSED, uncertainty=0.1),
    ImageRecord("b", Status.EMPTY),
    ImageRecord("c", Status.PROPOSED, uncertainty=0.4),
    ImageRecord("d", Status.REVIEWED, uncertainty=0.9),
    ImageRecord("e", Status.PROPOSED, confidence=0.7),  # of the first version: doubt 0.3
    ImageRecord("f", Status.CORRECTED, uncertainty=0.1),
    ImageRecord("g", Status.PROPOSED, uncertainty=0.8, error="cannot be read"),
]


def test_the_most_uncertain_image_comes_first_and_those_without_a_proposal_last():
    assert by_doubt(RECORDS) == ("d", "g", "c", "e", "a", "f", "b")


def test_reviewing_goes_from_the_most_uncertain_open_image_to_the_least_and_round():
    way = ["d"]
    for _ in range(5):
        way.append(next_to_review(RECORDS, way[-1]))
    assert way == ["d", "c", "e", "a", "f", "c"]


def test_from_an_image_without_a_proposal_the_way_begins_at_the_most_uncertain():
    assert next_to_review(RECORDS, "b") == "c"


def test_where_nothing_else_is_open_there_is_nothing_to_go_to():
    assert next_to_review(RECORDS[:1], "a") is None
    assert next_to_review(RECORDS[1:2], "b") is None
