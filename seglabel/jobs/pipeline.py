"""Reading, computing and writing at the same time, each in its own order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Hashable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from types import TracebackType
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


def two() -> int:
    """Enough to be ahead of someone who takes one at a time."""
    return 2


def made_ahead(
    items: Iterable[Item], make: Callable[[Item], Made], count: Callable[[], int] = two
) -> Generator[tuple[Item, Callable[[], Made]], None, None]:
    """Each item in turn, with a call that gives what ``make`` made of it or raises what it raised.

    While the caller works on one, a thread of its own makes up to ``count()`` of the next.
    """
    rest = iter(items)
    waiting: deque[tuple[Item, Future[Made]]] = deque()
    with ThreadPoolExecutor(1, "ahead") as thread:
        try:
            while True:
                wanted = max(count() + 1 - len(waiting), 0)
                waiting.extend((item, thread.submit(make, item)) for item in islice(rest, wanted))
                if not waiting:
                    return
                item, future = waiting.popleft()
                yield item, future.result
        finally:  # the caller had enough, or an error ended it
            for _, future in waiting:
                future.cancel()


def in_groups(
    items: Iterable[Item], key: Callable[[Item], Hashable], size: Callable[[], int]
) -> Generator[list[Item], None, None]:
    """Up to ``size()`` items at a time that follow each other and have the same ``key``.

    A key of ``None`` makes a group of its own. A group that is full never waits for the next item.
    """
    group: list[Item] = []
    kind: Hashable = None
    for item in items:
        found = key(item)
        if group and (found is None or found != kind):
            yield group
            group = []
        group.append(item)
        kind = found
        if len(group) >= size() or found is None:
            yield group
            group = []
    if group:
        yield group


class Behind:
    """Does one thing at a time on a thread of its own while the caller goes on.

    Whatever it raises reaches the caller with the next thing, or when the context ends.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "behind")
        self._last: Future[None] | None = None

    def __enter__(self) -> Behind:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._thread.shutdown(wait=True)
        if error is None:
            self.wait()

    def do(self, work: Callable[[], None]) -> None:
        """Start ``work`` once what was started before is done."""
        self.wait()
        self._last = self._thread.submit(work)

    def wait(self) -> None:
        """Until nothing is under way. Raises what went wrong."""
        last, self._last = self._last, None
        if last is not None:
            last.result()
