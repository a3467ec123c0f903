"""How many runs are left, how long they take, and whether they are wanted."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from sim.market import Market
from sim.terminal import Terminal, in_notebook

if TYPE_CHECKING:
    from sim.experiments.design import Plan
    from sim.experiments.specification import Specification
    from sim.experiments.store import Store

MOST_RUNS, MOST_SECONDS = 10_000, 3_600.0
"""More runs, or more time, than this are asked about once."""

TRIAL = 0.4
"""Seconds that a trial of a run may take, for the estimate."""

START = 3.0
"""Seconds until processes have started."""


class Forecast:
    """How many runs are left, and about how long they take.

    Attributes
    ----------
    planned, left : int
        Runs. seconds : float, about how long those that are left take; 0 if none is.
    """

    def __init__(self, plan: Plan, store: Store | None, workers: int) -> None:
        self.plan, self.workers = plan, workers
        names = {one.hash for one in plan.specifications}
        gone = set() if store is None else (store.done() | store.all_aside()) & names
        self.planned, self.left = len(names), len(names) - len(gone)
        self.each = seconds_a_run(plan.specifications) if self.left else 0.0
        rounds = math.ceil(self.left / workers)
        self.seconds = START + rounds * self.each if self.left else 0.0

    def __str__(self) -> str:
        done = self.planned - self.left
        if not self.left:
            return f"{self.plan.sentence}, all of them done"
        kept = f"; {done:,} are done, {self.left:,} left" if done else ""
        return f"{self.plan.sentence}{kept}, {here(self.seconds, self.workers)}"

    @property
    def is_much(self) -> bool:
        """Whether it is worth a question."""
        return self.left > MOST_RUNS or self.seconds > MOST_SECONDS


def duration(seconds: float) -> str:
    """`40 s`, `12 min`, `3.5 h`, `4 days`."""
    if seconds < 100:
        return f"{max(1, round(seconds))} s"
    if seconds < 5_400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3_600:.1f} h" if seconds < 172_800 else f"{round(seconds / 86_400):,} days"


def here(seconds: float, workers: int) -> str:
    """`about 12 min here (2 processes)`."""
    with_ = f"{workers} processes" if workers > 1 else "one process"
    return f"about {duration(seconds)} here ({with_})"


def seconds_for(count: int, runs: list[Specification], workers: int) -> float:
    """About how long so many runs take where they are like these."""
    return START + math.ceil(count / workers) * seconds_a_run(runs)


def seconds_a_run(runs: list[Specification]) -> float:
    """About how long a run takes: the first and the last are begun, and their months carried on."""
    return sum(_trial(one) for one in (runs[0], runs[-1])) / 2


def _trial(one: Specification) -> float:
    begun = time.perf_counter()
    market = Market(one.scenario, seed=one.seed)
    market.step()  # the first may compile
    first = time.perf_counter()
    while market.month < market.months and time.perf_counter() - first < TRIAL:
        market.step()
    counted = market.month - 1
    each = (time.perf_counter() - first) / counted if counted else first - begun
    return each * market.months


def announce(said: str, runs: int, seconds: float, terminal: Terminal, ask: bool) -> None:
    """Say how many runs there may be and how long they take; ask before very many.

    Raises
    ------
    ValueError
        Nobody is there, or the answer was no.
    """
    terminal.note(f"{said}.")
    if ask and (runs > MOST_RUNS or seconds > MOST_SECONDS) and not yes(f"{said}. Go on? [y/N] "):
        raise ValueError("nothing was run")


def ask_once(forecast: Forecast, store: Store | None, answer: Callable[[str], bool]) -> None:
    """Ask before much work; once for a store.

    Raises
    ------
    ValueError
        Nobody is there, or the answer was no.
    """
    if not forecast.is_much:
        return
    name = f"{forecast.plan.hash}.asked"
    if store is not None and store.has_note(name):
        return
    if not answer(f"{forecast}. Go on? [y/N] "):
        raise ValueError("nothing was run")
    if store is not None:
        store.note(name, {"asked": True})


def yes(question: str) -> bool:
    """Ask the person who is there.

    Raises
    ------
    ValueError
        Nobody is there.
    """
    if not (sys.stdin and sys.stdin.isatty()) and not in_notebook():
        raise ValueError(
            f"{question.removesuffix(' Go on? [y/N] ')} Nobody is here to be asked: give ask=False (--yes) to go on"
        )
    return input(question).strip().lower() in ("y", "yes")
