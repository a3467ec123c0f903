"""A market tuned until its customers buy again as those of the log did: their need, their drop-out, the rivals' pull."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sim.calibrate.cohort import MONTH, repeats, run_cohort
from sim.scenario import Scenario

NEAR = 0.005
"""Shares by which the purchases of either half of the time may differ from the log's, when tuning ends."""

ROUNDS = 8
STEPS = np.array([0.1, 0.3, 0.3])
"""First steps of the logarithms of need, exit rate and base chance, to see what each lever does."""

MOST_RUNS = ROUNDS + 1 + len(STEPS)
"""Runs of a tuning at most."""

LOWEST = 1e-4
"""A chance to stop that is as good as none."""


class Target(NamedTuple):
    """What the log shows of those known at the split: first days, repeat purchases up to the split and after it.

    `money` is what these were paid for, before and after; NaN where it is not asked for.
    """

    first: np.ndarray
    split: int
    end: int
    before: int
    after: int
    money: tuple[float, float] = (math.nan, math.nan)

    @property
    def months(self) -> int:
        """How long the oldest of them can be followed."""
        return max(int(np.ceil((self.end - self.first.min()) / MONTH)), 1)


class Tuned(NamedTuple):
    """Where tuning ended.

    Attributes
    ----------
    need : factor on the mean need.
    exit_rate : chance, per purchase, that the need ends. base_chance : chance a month to think again.
    brand_bonus : of all rivals as one firm.
    """

    need: float
    exit_rate: float
    base_chance: float
    brand_bonus: float


Build = Callable[[Tuned], Scenario]


class Held(NamedTuple):
    """A market held against a log.

    Attributes
    ----------
    purchases, money : float64 (2,)
        Logs of simulated over actual repeat purchases, and of their money: before and after the split.
    share : float
        The firm's share at the end.
    stayed : float64 (months + 1,)
        As in `Seen`.
    """

    purchases: np.ndarray
    money: np.ndarray
    share: float
    stayed: np.ndarray


def hold(target: Target, scenario: Scenario, firm: str, seed: int) -> Held:
    """Run new customers of a firm, and hold what they buy against what the log's did."""
    seen = run_cohort(scenario, firm, target.months, seed)

    def off(bought: np.ndarray, actual: tuple[float, float]) -> np.ndarray:
        before = repeats(bought, target.first, target.split)
        after = repeats(bought, target.first, target.end) - before
        return np.log(np.maximum([before, after], 1e-9) / np.asarray(actual))

    return Held(
        off(seen.purchases, (target.before, target.after)),
        off(seen.money, target.money),
        seen.share,
        seen.stayed,
    )


def tune(
    target: Target,
    build: Build,
    start: Tuned,
    firm: str,
    share: float,
    seed: int = 1,
    report: Callable[[int], None] | None = None,
) -> Tuned:
    """Newton's steps on the two logarithms, the slopes renewed as Broyden does; the rivals' pull follows the share.

    There are three levers for two figures: need, exits, and the chance to think again, for a log does not tell who lost
    the need from who went elsewhere. Each step is the shortest that does it, so that all three stay near the start.

    Parameters
    ----------
    target : what is to be reproduced. build : a scenario from what was tuned. start : where to begin.
    firm : the user's firm. share : its share of the market, which it is to hold.
    seed : of the runs. report : is given runs done, of `MOST_RUNS`.
    """
    runs, held = 0, share

    def run(now: Tuned) -> np.ndarray:
        nonlocal runs, held
        wrong, _, held, _ = hold(target, build(now), firm, seed)
        runs += 1
        if report:
            report(runs)
        return wrong

    now, wrong = start, run(start)
    slopes = np.array([(run(_moved(now, step)) - wrong) / step.sum() for step in np.diag(STEPS)]).T
    best = now, wrong
    for _ in range(ROUNDS):
        if np.abs(wrong).max() < NEAR:
            break
        step = np.clip(np.linalg.lstsq(slopes, -wrong, rcond=1e-3)[0], -1.0, 1.0)
        pull = 0.5 * (_logit(held) - _logit(share))
        new = _moved(now, step)
        new = new._replace(brand_bonus=float(np.clip(new.brand_bonus + pull, -5.0, 5.0)))
        before, wrong = wrong, run(new)
        slopes += np.outer(wrong - before - slopes @ step, step) / max(float(step @ step), 1e-12)
        now = new
        best = (now, wrong) if np.abs(wrong).max() < np.abs(best[1]).max() else best
    return best[0]


def _moved(now: Tuned, step: np.ndarray) -> Tuned:
    """The levers moved by steps of their logarithms, within their ranges; no exits stay none."""
    need, exits, chance = np.exp(step)
    return now._replace(
        need=float(np.clip(now.need * need, 0.2, 5.0)),
        exit_rate=float(np.clip(now.exit_rate * exits, LOWEST, 0.95)) if now.exit_rate > LOWEST else LOWEST,
        base_chance=float(np.clip(now.base_chance * chance, LOWEST, 1.0)),
    )


def _logit(share: float) -> float:
    share = min(max(share, 1e-3), 1.0 - 1e-3)
    return float(np.log(share / (1.0 - share)))
