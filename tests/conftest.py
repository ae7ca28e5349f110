"""What every test shares."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Windows of tests open nowhere, unless somebody wants to see them.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# A shell starts what runs in its background deaf to Ctrl+C, and so would be all that tests start.
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)

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


@pytest.fixture(scope="session", autouse=True)
def caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What the program keeps between two starts lies in a folder of the test run."""
    folder = tmp_path_factory.mktemp("caches")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(folder))
        patch.setattr("platformdirs.user_log_dir", lambda *_, **__: str(folder / "log"))
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))  # of programs that tests start
        yield folder
