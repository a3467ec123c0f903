"""What `market.py` measures with: months by stage, the plain twin, the memory's speed, starts of the program."""

from __future__ import annotations

import itertools
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numba
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [path for path in (str(ROOT), str(ROOT / "benchmarks")) if path not in sys.path]

from sim.behaviours import STAGES  # noqa: E402
from sim.columns import BY_NAME, SCRATCH, shape_of  # noqa: E402
from sim.market import Market  # noqa: E402
from sim.metrics import METRICS  # noqa: E402

SCENARIO, FIRMS = "plain", 4
BURN_IN = 3
"""Months before the first that counts: awareness, records and moods fill up."""

OTHER = "clearing, prices"


# ---------------------------------------------------------------- months


class Stopwatch:
    """Adds up the CPU time of named parts of a month."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, timed under a name."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            began = time.process_time()
            try:
                return function(*args, **kwargs)
            finally:
                self.spent[name] = self.spent.get(name, 0.0) + time.process_time() - began

        return timed


def market_of(customers: int, threads: int = 1, months: int = 2_400) -> Market:
    """The market that is measured: the plain scenario at another size."""
    return Market(SCENARIO, seed=1, months=months, threads=threads, change={"market.customers": customers})


def months_by_part(customers: int, months: int) -> tuple[dict[str, float], list[float]]:
    """CPU ns a customer-month on one thread: part by part in the cheapest month, and the totals of all months.

    Parts are the nine stages, `metrics` (the pass that counts for them, and the metrics) and what is left.
    """
    market = market_of(customers)
    watch = Stopwatch()
    run = market.swaps.run
    market.swaps.run = lambda stage, where: watch.around(stage.name, run)(stage, where)  # type: ignore[method-assign]
    market.measure = watch.around("measure", market.measure)  # type: ignore[method-assign]
    market.census.take = watch.around("census", market.census.take)  # type: ignore[method-assign]
    for _ in range(BURN_IN):
        market.step()
    found: list[dict[str, float]] = []
    for _ in range(months):
        watch.spent.clear()
        began = time.process_time()
        market.step()
        total = time.process_time() - began
        spent = dict(watch.spent)
        counted = spent.pop("measure")
        spent["account"] -= counted
        asked = metrics_cost(market)
        spent["metrics"] = counted + spent.pop("census") + asked
        spent[OTHER] = total - sum(spent.values())
        spent["total"] = total
        found.append({name: 1e9 * seconds / customers for name, seconds in spent.items()})
    best = min(found, key=lambda parts: parts["total"])
    return best, [parts["total"] for parts in found]


def metrics_cost(market: Market) -> float:
    """CPU seconds of asking all metrics once."""
    began = time.process_time()
    for metric in METRICS.values():
        metric(market)
    return time.process_time() - began


def wall_of_months(customers: int, months: int) -> tuple[float, float]:
    """Wall seconds of the fastest of several months on one thread, and on two; they take turns."""
    markets = [market_of(customers, threads) for threads in (1, 2)]
    best = [float("inf"), float("inf")]
    for month in range(BURN_IN + months):
        for place, market in enumerate(markets):
            began = time.perf_counter()
            market.step()
            if month >= BURN_IN:
                best[place] = min(best[place], time.perf_counter() - began)
    return best[0], best[1]


def whole_run(customers: int, months: int) -> tuple[float, float]:
    """CPU and wall seconds of a run with all its metrics as a table."""
    import sim

    began, wall = time.process_time(), time.perf_counter()
    done = sim.run(SCENARIO, months=months, change={"market.customers": customers})
    assert len(done.months) == months * len(done.market.firms)
    return time.process_time() - began, time.perf_counter() - wall


# ---------------------------------------------------------------- the plain twin


def beside_the_twin(customers: int, months: int, *, compiled: bool) -> tuple[float, float]:
    """CPU ns a customer-month of the plain Mesa market, and of the columns, over the same months after the first.

    compiled : whether the plain market calls the compiled equations one by one, or the same equations as written.
    """
    from plain_market import PlainMarket

    PlainMarket(SCENARIO, change={"market.customers": 50}, compiled=compiled).step()  # compiles
    twin = PlainMarket(SCENARIO, change={"market.customers": customers}, compiled=compiled)
    columns = market_of(customers)
    spent = [0.0, 0.0]
    for month in range(1 + months):
        for place, market in enumerate((twin, columns)):
            began = time.process_time()
            market.step()
            if month:
                spent[place] += time.process_time() - began
    assert np.array_equal(columns.customers.supplier, [person.supplier for person in twin.people])
    return 1e9 * spent[0] / (customers * months), 1e9 * spent[1] / (customers * months)


# ---------------------------------------------------------------- memory


@numba.njit(nogil=True)
def _triad(a: np.ndarray, b: np.ndarray, c: np.ndarray, scale: float) -> None:
    for i in range(len(a)):
        a[i] = b[i] + scale * c[i]


@numba.njit(nogil=True)
def _spin(turns: int) -> float:
    x = 1.0
    for _ in range(turns):
        x = x * 1.0000001 + 1e-9
    return x


def bandwidth(threads: int, size: int = 16_000_000, tries: int = 7) -> float:
    """GB/s of the STREAM triad a = b + s c over float64 arrays far larger than the caches; 24 bytes an element.

    Source: McCalpin 1995, STREAM.
    """
    a, b, c = (np.full(size, value) for value in (0.0, 1.0, 2.0))
    cuts = np.linspace(0, size, threads + 1).astype(int)
    parts = [(a[lo:hi], b[lo:hi], c[lo:hi], 3.0) for lo, hi in itertools.pairwise(cuts)]
    _triad(a[:8], b[:8], c[:8], 3.0)
    return 24.0 * size / _fastest(_triad, parts, tries) / 1e9


def two_cores(turns: int = 30_000_000, tries: int = 3) -> float:
    """How much faster two threads do two pieces of pure computing than one does: 2 where both cores are free."""
    _spin(10)
    return 2.0 * _fastest(_spin, [(turns,)], tries) / _fastest(_spin, [(turns,)] * 2, tries)


def _fastest(function: Callable[..., Any], parts: list[tuple[Any, ...]], tries: int) -> float:
    best = float("inf")
    with ThreadPoolExecutor(len(parts)) as pool:
        for _ in range(tries):
            began = time.perf_counter()
            for job in [pool.submit(function, *part) for part in parts]:
                job.result()
            best = min(best, time.perf_counter() - began)
    return best


def _size(name: str, firms: int) -> int:
    column = BY_NAME[name]
    rows = 1 if column.kind == "history" else int(np.prod(shape_of(column, 1, firms)))
    return np.dtype(column.dtype).itemsize * rows


def bytes_touched(firms: int = FIRMS) -> dict[str, int]:
    """Bytes a customer-month that stages read and write, counted from the columns that they declare.

    A column that a stage reads counts once, one that it changes twice, as if it did so for everybody:
    `leave` declares much that it changes for few. The month's scratch is cleared first, and counts once.
    Of the twelve month-ends one is touched.
    """

    def size(name: str) -> int:
        return _size(name, firms)

    touched = {"clearing": sum(size(name) for name in SCRATCH)}
    for stage in STAGES:
        changes, reads = set(stage.module.CHANGES), set(getattr(stage.module, "READS", ()))
        touched[stage.name] = sum(map(size, reads - changes)) + 2 * sum(map(size, changes))
    return touched


def bytes_at_least(firms: int = FIRMS) -> int:
    """Bytes a customer-month that any program must move: what some stage reads once, what it changes in and out."""
    changed = {name for stage in STAGES for name in stage.module.CHANGES} - set(SCRATCH)
    read = {name for stage in STAGES for name in getattr(stage.module, "READS", ())} - changed - set(SCRATCH)
    return sum(_size(name, firms) for name in read) + 2 * sum(_size(name, firms) for name in changed)


# ---------------------------------------------------------------- starts of the program


def started(words: list[str], environment: Mapping[str, str] | None = None) -> tuple[float, float]:
    """Wall and CPU seconds of another Python process with these words, its own children included."""
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [sys.executable, "-P", *words], check=True, capture_output=True, stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": paths, **(environment or {})},
    )  # fmt: skip
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def tenfold(*words: str, tries: int = 3) -> tuple[float, float]:
    """The fastest of several starts of a command: wall and CPU seconds."""
    code = "import sys; from sim.cli import main; sys.exit(main(sys.argv[1:]))"
    return min(started(["-c", code, *words]) for _ in range(tries))


def first_compile() -> tuple[float, float]:
    """Wall and CPU seconds until everything that a run needs is compiled, into an empty cache."""
    code = "from sim.prepare import prepare; from sim.terminal import Terminal; prepare(Terminal(quiet=True))"
    with tempfile.TemporaryDirectory() as folder:
        return started(["-c", code], {"TENFOLD_CACHE": folder})


def elsewhere_ns(customers: int, months: int, environment: Mapping[str, str]) -> float:
    """CPU ns a customer-month of the cheapest month, in a process with other variables."""
    from sim.verify.bits import elsewhere

    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'benchmarks')!r}); import clock; "
        f"print(clock.months_by_part({customers}, {months})[0]['total'])"
    )
    return float(elsewhere(code, environment=environment))
