"""What every test shares."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# The same examples in every run, no data base on disk, no deadline that a busy machine could miss.
settings.register_profile(
    "seglabel",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("seglabel")
