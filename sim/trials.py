"""One assumption moved, on the same twins: what every world earns, with as many seeds as the answer needs."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from sim.intervals import student_t

if TYPE_CHECKING:
    from sim.comparison import Comparison
    from sim.runs import Run

ROUNDS = (1, 3)
"""With how many seeds a point is tried first; where the answer is close, all that are allowed."""

UNKNOWN = math.sqrt(2.0)
"""With one seed the spread of a shift is not known: it is taken for that of two independent worlds, so many times the spread
over seeds. Twins make it smaller."""


class Point(NamedTuple):
    """What was found where an assumption was moved to.

    Attributes
    ----------
    difference : of the headline's alternative to the base, in money.
    gap : what the choice earns more than the best other world; below 0 the choice turns.
    error : standard error of the gap. best : the world that earns most here.
    seeds : how many were run. acts : whether any world differs from what it was without the move.
    """

    difference: float
    gap: float
    error: float
    best: str
    seeds: int
    acts: bool


class Trials:
    """The runs of a stress test, counted, kept where the comparison keeps its seeds.

    Parameters
    ----------
    pair : the comparison, with its seeds run. most : seeds of a point, at most.
    told : called after each run with runs done and what is tried.
    """

    def __init__(self, pair: Comparison, most: int, told: Callable[[int, str], None]) -> None:
        self.pair, self.told = pair, told
        self.seeds = pair.seeds[:most]
        self.names = list(pair.names)
        self.before = {name: pair.of_seeds(name, pair.metric) for name in self.names}
        self.hashes = {(name, seed): pair.hash_of(name, seed) for name in self.names for seed in self.seeds}
        self.choice = max(self.names, key=lambda name: _mean(self.before[name]))
        self.runs, self.began = 0, time.monotonic()
        self._found: dict[str, list[dict[str, tuple[float, str]]]] = {}

    def at(self, change: Mapping[str, Any], what: str, least: int = 0) -> Point:
        """Move to some values and look, with more seeds while the answer is close; `least` seeds in any case."""
        rounds = sorted({min(n, len(self.seeds)) for n in (*ROUNDS, len(self.seeds)) if n >= least})
        for n in rounds:
            point = self._look(change, what, n)
            if not point.acts or not self.is_close(point):
                break
        return point

    def here(self) -> Point:
        """Where nothing is moved, with all seeds of the comparison."""
        return self._point({name: np.zeros(len(self.before[name])) for name in self.names}, False)

    def _look(self, change: Mapping[str, Any], what: str, n: int) -> Point:
        """What the first n seeds say."""
        key = json.dumps(dict(change), sort_keys=True)
        found = self._found.setdefault(key, [])
        for seed in self.seeds[len(found) : n]:
            found.append(self._worlds(key, change, seed, what))
        used = self.seeds[: len(found)]
        acts = any(
            state != self.hashes[name, seed] or (value != self.before[name][k] and value == value)
            for k, (one, seed) in enumerate(zip(found, used, strict=True))
            for name, (value, state) in one.items()
        )
        shift = {
            name: np.array([one[name][0] for one in found]) - self.before[name][: len(found)]
            for name in self.names
        }
        return self._point(shift, acts)

    def _point(self, shift: Mapping[str, np.ndarray], acts: bool) -> Point:
        """What every world's mean is, moved by the mean of its shifts."""
        level = {name: _mean(self.before[name]) + _mean(shift[name]) for name in self.names}
        known = {name: value if math.isfinite(value) else -math.inf for name, value in level.items()}
        best = max(self.names, key=lambda name: known[name])
        rival = max((name for name in self.names if name != self.choice), key=lambda name: known[name])
        error = self._error(shift[self.choice] - shift[rival], self.before[self.choice] - self.before[rival])
        difference = level[self.pair.best] - level[self.pair.base]
        seeds = len(shift[self.choice])
        return Point(difference, level[self.choice] - level[rival], error, best, seeds, acts)

    def _worlds(
        self, key: str, change: Mapping[str, Any], seed: int, what: str
    ) -> dict[str, tuple[float, str]]:
        """All worlds with one seed: the headline's measure and the state's hash; kept if seeds are kept."""
        name = f"point-{hashlib.sha256(f'{self.pair.metric} {key} {seed}'.encode()).hexdigest()[:24]}"
        store = self.pair.store
        known = store.read(name) if store is not None else None
        if known is None:
            known = {}
            for world in self.names:
                run = self.pair.twins.run(world, seed, change=change)
                known[world] = [earned(run, self.pair.metric, self.pair.firm), run.hash]
                self.runs += 1
                self.told(self.runs, what)
            if store is not None:
                store.write(name, known)
        return {world: (float(value), str(state)) for world, (value, state) in known.items()}

    def _error(self, shift: np.ndarray, before: np.ndarray) -> float:
        """The standard error of a gap: of the mean over all seeds without the move, plus the mean shift of those moved.

        The two are added as if they were independent. Where luck differs they pull against each other, so that it is
        rather too large.
        """
        shift, before = shift[np.isfinite(shift)], before[np.isfinite(before)]
        if len(before) < 2:
            return math.nan
        spread = float(np.std(before, ddof=1))
        if len(shift) == len(before):  # all seeds: it is the mean of their differences
            return float(np.std(before + shift, ddof=1)) / math.sqrt(len(before))
        moved = UNKNOWN * spread if len(shift) < 2 else float(np.std(shift, ddof=1)) / math.sqrt(len(shift))
        return math.hypot(moved, spread / math.sqrt(len(before)))

    def is_close(self, point: Point) -> bool:
        """Whether luck could turn what was found: 0 is within the 95 % interval (Student's t)."""
        if not math.isfinite(point.error):
            return True
        n = point.seeds if point.seeds > 1 else len(self.seeds)
        return abs(point.gap) <= student_t(max(1, n - 1)) * point.error


def earned(run: Run, metric: str, firm: str) -> float:
    """The headline's measure of a firm at a run's end."""
    return float(cast(Any, run.firms.at[firm, metric]))


def _mean(values: np.ndarray) -> float:
    seen = values[np.isfinite(values)]
    return float(seen.mean()) if len(seen) else math.nan
