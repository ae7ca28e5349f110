"""The benchmark measures the same work, in turn, each in a process of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


def test_contestants_do_the_same_work(seglabel, model: Path) -> None:
    outcome = seglabel("benchmark", "--model", model, "--size", "48x64", "--rounds", "1", "--json")
    assert outcome.code == 0, outcome.err
    result = json.loads(outcome.out.splitlines()[-1])
    assert result["size"] == [48, 64]
    by_name = {entry["variant"]: entry for entry in result["results"]}
    assert {"plain", "plain-pages", "torch"} <= set(by_name)
    assert by_name["plain"]["ratio"] == 1
    for name in set(by_name) - {"openvino-bf16"}:
        assert by_name[name]["agreement"] >= 0.9999
        assert by_name[name]["seconds"] > 0


@pytest.mark.parametrize("arguments", [("--size", "big"), ("--backbone", "no-such-net")])
def test_what_cannot_be_measured_is_refused(seglabel, arguments) -> None:
    assert seglabel("benchmark", "--rounds", "1", *arguments).code == 2
