from __future__ import annotations

import torch

from seglabel.model.refine.classifier import balanced, fit


def _two_clouds(many: int, few: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(many + few, 4, generator=generator)
    targets = torch.cat([torch.zeros(many), torch.ones(few)]).long()
    noise[:, 0] += 6.0 * targets
    return noise, targets


def _winners(solution: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
    return (features @ solution[:-1] + solution[-1]).argmax(1)


def test_what_was_painted_apart_is_told_apart() -> None:
    features, targets = _two_clouds(50, 50)
    solution = fit(features, targets, balanced(targets, 2), 2, decay=0.01)
    assert (_winners(solution, features) == targets).float().mean() > 0.98


def test_a_long_stroke_has_no_more_say_than_a_short_one() -> None:
    features, targets = _two_clouds(400, 4)
    equal = fit(features, targets, balanced(targets, 2), 2, decay=0.01)
    by_length = fit(features, targets, torch.full((404,), 1 / 404), 2, decay=0.01)
    borders = [float(-(s[-1, 1] - s[-1, 0]) / (s[0, 1] - s[0, 0])) for s in (equal, by_length)]
    assert abs(borders[0] - 3) < abs(borders[1] - 3)  # the middle between the two
    torch.testing.assert_close(balanced(targets, 2)[targets == 0].sum(), torch.tensor(0.5))


def test_without_evidence_the_scores_that_were_there_stay() -> None:
    features = torch.zeros(2, 3)
    targets = torch.tensor([0, 1])
    offsets = torch.tensor([[4.0, 0.0], [0.0, 4.0]])
    solution = fit(features, targets, balanced(targets, 2), 2, decay=1.0, offsets=offsets)
    assert solution.abs().max() < 0.05


def test_a_second_fit_gives_the_same_numbers() -> None:
    features, targets = _two_clouds(30, 10)
    first, second = (fit(features, targets, balanced(targets, 2), 2, decay=0.01) for _ in range(2))
    assert torch.equal(first, second)
