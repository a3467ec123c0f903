"""A market tuned until its customers buy again as those of the log did: their need, their drop-out, the rivals' pull."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from sim.calibrate.cohort import MONTH, repeats, run_cohort
from sim.scenario import Scenario

NEAR = 0.005
"""Shares by which the purchases of either half of the time may differ from the log's, when tuning ends."""

ROUNDS = 8
STEPS = {"need": 0.1, "drop_out": 0.3}
"""First steps of the logarithms, to see what each lever does."""

LOWEST = 1e-4
"""A chance to stop that is as good as none."""


class Target(NamedTuple):
    """What the log shows of those known at the split: first days, repeat purchases up to the split and after it."""

    first: np.ndarray
    split: int
    end: int
    before: int
    after: int

    @property
    def months(self) -> int:
        """How long the oldest of them can be followed."""
        return max(int(np.ceil((self.end - self.first.min()) / MONTH)), 1)


class Tuned(NamedTuple):
    """Where tuning ended.

    Attributes
    ----------
    need : factor on the mean need. exit_rate, base_chance : the two chances of which one was the lever.
    brand_bonus : of all rivals as one firm.
    """

    need: float
    exit_rate: float
    base_chance: float
    brand_bonus: float


Build = Callable[[Tuned], Scenario]


def errors(target: Target, scenario: Scenario, firm: str, seed: int) -> tuple[np.ndarray, float]:
    """Logs of simulated over actual repeat purchases, before and after the split; the firm's share at the end."""
    seen = run_cohort(scenario, firm, target.months, seed)
    before = repeats(seen.purchases, target.first, target.split)
    after = repeats(seen.purchases, target.first, target.end) - before
    return np.log(np.maximum([before, after], 1e-9) / [target.before, target.after]), seen.share


def tune(
    target: Target,
    build: Build,
    start: Tuned,
    firm: str,
    share: float,
    seed: int = 1,
    report: Callable[[int, int], None] | None = None,
) -> Tuned:
    """Newton's steps on the two logarithms, the slopes renewed as Broyden does; the rivals' pull follows the share.

    The lever of drop-out is the chance that the need ends. Where the market loses too many even without that, it is
    the chance to think again.

    Parameters
    ----------
    target : what is to be reproduced. build : a scenario from what was tuned. start : where to begin.
    firm : the user's firm. share : its share of the market, which it is to hold.
    seed : of the runs. report : is given runs done, and runs at most.
    """
    runs, held = 0, share

    def run(now: Tuned) -> np.ndarray:
        nonlocal runs, held
        wrong, held = errors(target, build(now), firm, seed)
        runs += 1
        if report:
            report(runs, ROUNDS + 4)
        return wrong

    now = start
    wrong = run(start._replace(exit_rate=LOWEST))
    by_choice = wrong[1] - wrong[0] <= 0.0  # without any exits the market loses more than the log
    now = now._replace(exit_rate=LOWEST) if by_choice else now
    wrong = wrong if by_choice else run(now)
    slopes = np.array([run(_moved(now, by_choice, step)) - wrong for step in np.diag(list(STEPS.values()))]).T
    slopes /= list(STEPS.values())
    for _ in range(ROUNDS):
        if np.abs(wrong).max() < NEAR:
            break
        step = np.clip(np.linalg.lstsq(slopes, -wrong, rcond=None)[0], -1.0, 1.0)
        pull = 0.5 * (_logit(held) - _logit(share))
        new = _moved(now, by_choice, step)
        new = new._replace(brand_bonus=float(np.clip(new.brand_bonus + pull, -5.0, 5.0)))
        before, wrong = wrong, run(new)
        slopes += np.outer(wrong - before - slopes @ step, step) / max(float(step @ step), 1e-12)
        now = new
    return now


def _moved(now: Tuned, by_choice: bool, step: Any) -> Tuned:
    need = float(np.clip(now.need * np.exp(step[0]), 0.2, 5.0))
    if by_choice:
        return now._replace(
            need=need, base_chance=float(np.clip(now.base_chance * np.exp(step[1]), LOWEST, 1.0))
        )
    return now._replace(need=need, exit_rate=float(np.clip(now.exit_rate * np.exp(step[1]), LOWEST, 0.95)))


def _logit(share: float) -> float:
    share = min(max(share, 1e-3), 1.0 - 1e-3)
    return float(np.log(share / (1.0 - share)))
