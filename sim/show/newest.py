"""The newest wish only: what is asked for while something is done ends it, and nothing waits in a line."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


class GivenUp(Exception):
    """What is done is no longer wanted: something newer was asked for."""


class Newest:
    """Does one thing at a time in a thread of its own: the newest that it was asked for.

    Parameters
    ----------
    work : callable
        Called with what was asked for, and with a function that raises `GivenUp` once something newer is wanted; it
        calls that as often as it can.
    """

    def __init__(self, work: Callable[[Any, Callable[[], None]], None]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._wanted: list[Any] = []
        self._number = 0
        self._thread: threading.Thread | None = None

    def ask(self, wish: Any) -> None:
        """Want this, and nothing that was wanted before."""
        with self._lock:
            self._wanted = [wish]
            self._number += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._go, name="tenfold-explorer", daemon=True)
                self._thread.start()

    def wait(self) -> None:
        """Return when nothing is wanted any more."""
        while (thread := self._thread) is not None:
            thread.join()

    def _go(self) -> None:
        while True:
            with self._lock:
                if not self._wanted:
                    self._thread = None
                    return
                wish, number = self._wanted.pop(), self._number
            try:
                self._work(wish, lambda mine=number: self._mind(mine))  # type: ignore[misc]
            except GivenUp:
                continue
            except BaseException:
                with self._lock:
                    self._thread = None
                raise

    def _mind(self, number: int) -> None:
        if number != self._number:
            raise GivenUp
