"""Many runs carried out: what is kept is not done again, what kills its worker twice when it is alone is set aside."""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.experiments.pool import Cluster, Local
from sim.experiments.store import DamagedPart, Store
from sim.experiments.working import Columns, as_table, carry_out

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiments.specification import Specification

DEATHS = 2
"""After so many dead workers, when nothing else was under way, a run is set aside."""

LOOK = 20.0
"""Seconds without a finished run after which a cluster is asked whether it is still there."""

IN_A_ROW = 10
"""So many runs set aside by deaths, and none done: then it is not the runs' fault."""


class SetAside(RuntimeError):
    """Runs that could not be done; the message says which, and why."""


class Outcome(NamedTuple):
    """One run, done or set aside.

    Attributes
    ----------
    specification : Specification
    columns : its table as plain data; None if it was set aside.
    fault : why it was set aside, in a sentence; "" if it was not.
    seconds : what it took; 0 if it was kept from before.
    """

    specification: Specification
    columns: Columns | None
    fault: str = ""
    seconds: float = 0.0

    @property
    def table(self) -> pd.DataFrame:
        """What the run's work gave."""
        if self.columns is None:
            raise SetAside(self.fault)
        return as_table(self.columns)


def run_all(
    specifications: Iterable[Specification],
    *,
    store: Store | str | os.PathLike[str] | None = None,
    executor: Any = None,
    again: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Outcome]:
    """Carry many runs out, and yield each when it is done: kept ones first, then in any order.

    Parameters
    ----------
    specifications : iterable of Specification
        Runs of equal hash are done once, and yielded once.
    store : Store, str or path, optional
        Where finished runs are kept: those that are there are read and not done again. Nothing is written unless given.
    executor : optional
        Anything with `submit`, as executors of `concurrent.futures` have it; processes of this computer unless given.
        The text `tcp://…` is the address of a Dask scheduler.
    again : bool
        Whether to try again what was set aside.
    progress : callable, optional
        Called with runs done (or set aside) and runs in all.

    Yields
    ------
    Outcome

    Raises
    ------
    OSError
        The disk is full, or the store cannot be written: everything that was yielded is kept.
    ConnectionError
        The cluster has gone.
    RuntimeError
        Workers cannot do any run, or the given executor is broken.

    Examples
    --------
    >>> from sim.experiments import Here, run_all, specify
    >>> runs = [specify("plain", months=2, seed=seed, change={"market.customers": 200}) for seed in (1, 2)]
    >>> sorted(outcome.specification.seed for outcome in run_all(runs, executor=Here()))
    [1, 2]
    """
    runs = list({one.hash: one for one in specifications}.values())
    kept = Store(store) if isinstance(store, (str, os.PathLike)) else store
    pool = Local() if executor is None else Cluster(executor) if isinstance(executor, str) else executor
    try:
        for done, outcome in enumerate(_Work(runs, kept, pool, again).outcomes(), 1):
            if progress:
                progress(done, len(runs))
            yield outcome
    finally:
        if pool is not executor:
            pool.close()


def tables_of(specifications: Iterable[Specification], **more: Any) -> list[pd.DataFrame]:
    """The runs' tables in the order of the specifications; the words are those of `run_all`.

    Raises
    ------
    SetAside
        A run could not be done: the message says which, and why.
    """
    wanted = list(specifications)
    found = {outcome.specification.hash: outcome for outcome in run_all(wanted, **more)}
    for one in wanted:
        if fault := found[one.hash].fault:
            raise SetAside(f"{one.scenario.name}, seed {one.seed}, {dict(one.scenario.changes)}: {fault}")
    return [found[one.hash].table for one in wanted]


def kept(
    specifications: Iterable[Specification], store: Store, *, aside_only: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Outcome]:  # fmt: skip
    """What a store has of some runs, by hash, without doing any; damaged parts are taken away, to be done again."""
    runs = list({one.hash: one for one in specifications}.values())
    work, found = _Work(runs, store, None, again=False), {}
    aside = store.all_aside() if aside_only else set()
    for place, one in enumerate(runs, 1):
        if aside_only and one.hash not in aside:
            continue
        if (known := work._known(one)) is not None:
            found[one.hash] = known
        if progress:
            progress(place, len(runs))
    return found


class _Work:
    """The runs that are left, those under way, and how often each was alone under way when a worker died."""

    def __init__(self, runs: list[Specification], store: Store | None, pool: Any, again: bool) -> None:
        self.runs, self.store, self.pool, self.again = runs, store, pool, again
        self.left: deque[Specification] = deque()
        self.suspects: deque[Specification] = deque()  # one of them killed a worker: each goes on alone
        self.under_way: dict[Future[Any], Specification] = {}
        self.deaths: Counter[str] = Counter()
        self.killers = 0  # set aside by deaths since the last run that was done

    def outcomes(self) -> Iterator[Outcome]:
        """Each run, as soon as there is something to say of it."""
        for one in self.runs:
            if (known := self._known(one)) is not None:
                yield known
            else:
                self.left.append(one)
        while self.left or self.suspects or self.under_way:
            is_broken = not self._fill()
            if self.under_way:
                done, _ = wait(self.under_way, timeout=LOOK, return_when=FIRST_COMPLETED)
                if not done and getattr(self.pool, "is_lost", False):
                    raise ConnectionError(self._lost())
                yield from self._finished(done)
            if is_broken or any(self._is_broken(future) for future in self.under_way):
                yield from self._renew()

    @property
    def room(self) -> int:
        """How many runs may be under way: one waits for each that is worked on."""
        return 2 * int(getattr(self.pool, "workers", 0) or os.cpu_count() or 1)

    # ------------------------------------------------ what is known

    def _known(self, one: Specification) -> Outcome | None:
        """A run that is kept, or was set aside; None if it is to be done."""
        if self.store is None:
            return None
        try:
            columns = self.store.read(one)
        except DamagedPart:
            self.store.forget(one)
            columns = None
        if columns is not None:
            return Outcome(one, columns)
        if self.again:
            self.store.take_back(one.hash)
        why = self.store.why_aside(one.hash)
        return Outcome(one, None, why) if why else None

    # ------------------------------------------------ carrying out

    def _fill(self) -> bool:
        """Hand over as many runs as there is room for; False where the pool takes none."""
        while self.suspects or self.left:
            if len(self.under_way) >= (1 if self.suspects else self.room):
                break
            source = self.suspects or self.left
            one = source.popleft()
            try:
                self.under_way[self.pool.submit(carry_out, one.plain())] = one
            except BrokenExecutor:
                source.appendleft(one)
                return False
            if source is self.suspects:
                break
        return True

    @staticmethod
    def _is_broken(future: Future[Any]) -> bool:
        return future.done() and not future.cancelled() and isinstance(future.exception(), BrokenExecutor)

    def _finished(self, done: Iterable[Future[Any]]) -> Iterator[Outcome]:
        for future in done:
            if not self._is_broken(future):
                yield from self._judge(self.under_way.pop(future), future)

    def _judge(self, one: Specification, future: Future[Any]) -> Iterator[Outcome]:
        """What a worker said of a run."""
        error = None if future.cancelled() else future.exception()
        if future.cancelled() or getattr(self.pool, "is_lost", False):
            raise ConnectionError(self._lost())
        if type(error).__name__ == "KilledWorker":  # Dask: it has tried several times
            yield from self._died(one)
        elif error is not None:
            raise RuntimeError(f"a worker could not take a run ({type(error).__name__}: {error})") from error
        else:
            yield self._said(one, future.result())

    def _said(self, one: Specification, said: dict[str, Any]) -> Outcome:
        if refused := said.get("refused"):
            raise RuntimeError(refused)
        if fault := said.get("fault"):
            return self._put_aside(one, fault)
        self.killers = 0
        if self.store is not None:
            self.store.write(one, said["columns"])
        return Outcome(one, said["columns"], seconds=said["seconds"])

    # ------------------------------------------------ deaths

    def _renew(self) -> Iterator[Outcome]:
        """A worker died: all that were under way are suspects, and go on alone, in new processes.

        Where several were, nobody knows whose death it was, or whether somebody outside killed the worker: it counts for none.
        """
        wait(self.under_way)
        flying, self.under_way = self.under_way, {}
        if not hasattr(self.pool, "renew"):
            raise RuntimeError("the executor is broken, a worker of it died; runs that were done are kept")
        self.pool.renew()
        for future, one in flying.items():
            if not self._is_broken(future):
                yield from self._judge(one, future)
            elif len(flying) > 1:
                self.suspects.append(one)
            else:
                yield from self._died(one)

    def _died(self, one: Specification) -> Iterator[Outcome]:
        """The first time, the run is tried once more, alone; the second time it is set aside."""
        self.deaths[one.hash] += 1
        if self.deaths[one.hash] < DEATHS:
            self.suspects.append(one)
            return
        self.killers += 1
        if self.killers >= IN_A_ROW:
            raise RuntimeError(
                f"{self.killers} runs in a row killed their workers, and none was done: workers cannot run here"
            )
        yield self._put_aside(one, f"it killed its worker {self.deaths[one.hash]} times")

    def _put_aside(self, one: Specification, why: str) -> Outcome:
        if self.store is not None:
            self.store.set_aside(one, why)
        return Outcome(one, None, why)

    def _lost(self) -> str:
        where = getattr(self.pool, "address", "the executor")
        return f"{where} has gone, or gave up a run; runs that were done are kept: start it again, and go on"
