"""One thread writes: what comes at the same time goes into one transaction, and each is told when it is on the disk."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future

from sim.classroom.game import Game
from sim.classroom.store import Change, Store

MOST = 500
"""Changes in one transaction, at most."""

Make = Callable[[Game], Change]


class Writer:
    """Writes what is asked of it, in order, many at once.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._asked: queue.SimpleQueue[tuple[Make, Future[Game]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def ask(self, make: Make) -> Future[Game]:
        """Have a change written; the future has the game after it, or what `make` raised. It is on the disk then."""
        told: Future[Game] = Future()
        self._asked.put((make, told))
        return told

    def close(self) -> None:
        """Write what was asked for, and end."""
        self._asked.put(None)
        self._thread.join()

    def _run(self) -> None:
        open_ = True
        while open_:
            asked = [self._asked.get()]
            while len(asked) < MOST and not self._asked.empty():
                asked.append(self._asked.get())
            open_ = None not in asked
            self._write([one for one in asked if one is not None])

    def _write(self, asked: list[tuple[Make, Future[Game]]]) -> None:
        if not asked:
            return
        try:
            problems = self.store.changes([make for make, _ in asked])
        except Exception as error:  # the disk: nobody's change is written
            for _, told in asked:
                told.set_exception(error)
            return
        for (_, told), problem in zip(asked, problems, strict=True):
            if problem is None:
                told.set_result(self.store.known)
            else:
                told.set_exception(problem)
