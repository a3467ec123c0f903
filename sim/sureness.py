"""How sure a comparison is: luck in its differences, seeds that a precision needs, what twins gain."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cached_property
from typing import Any, cast

import numpy as np

from sim.intervals import interval, student_t
from sim.lives import WHOLE, World

NEAR, TIMES = 0.25, 10.0
"""A base is near 0 where its standard error over seeds is more than this share of it, or a difference so many times as large."""

MOST_SEEDS = 1_000_000
"""More than this many seeds are as good as never."""


class Sureness:
    """What a comparison knows of its seeds: values of worlds, one a seed, and the intervals of their differences."""

    firm: str
    base: str
    names: list[str]
    seeds: list[int]
    chance: float
    _worlds: dict[tuple[str, int], World]

    @property
    def alternatives(self) -> list[str]:
        """The worlds but the unchanged one."""
        return [name for name in self.names if name != self.base]

    def of_seeds(self, name: str, metric: str, firm: str | None = None) -> np.ndarray:
        """A measure of a world, one a seed, float64 (seeds,)."""
        where = (WHOLE, metric), firm or self.firm
        return np.array(
            [self._worlds[name, seed].measures.at[where] for seed in self.seeds], dtype=np.float64
        )

    @cached_property
    def metric(self) -> str:
        """What the headline speaks of: customer equity; profit while that is missing (in the first year)."""
        known = any(np.isfinite(self.of_seeds(name, "customer_equity")).any() for name in self.alternatives)
        return "customer_equity" if known else "profit"

    def differences(self, name: str, metric: str | None = None) -> np.ndarray:
        """A measure (the headline's unless given) in a world less the base, one a seed that has both, float64."""
        metric = metric or self.metric
        found = self.of_seeds(name, metric) - self.of_seeds(self.base, metric)
        return cast(np.ndarray, found[np.isfinite(found)])

    @cached_property
    def best(self) -> str:
        """The alternative that gives the firm most, by the headline's measure; of those that change anything, if any does."""
        names = self.acting or self.alternatives
        means = [mean(self.differences(name)) for name in names]
        return names[int(np.nan_to_num(means, nan=-math.inf).argmax())]

    @cached_property
    def acting(self) -> list[str]:
        """The alternatives that end otherwise than the base, with any seed: the best is picked of them."""
        return [name for name in self.alternatives if self._acts(name)]

    def _acts(self, name: str) -> bool:
        return any(self._worlds[name, s].hash != self._worlds[self.base, s].hash for s in self.seeds)

    def together(self, name: str, metric: str | None = None) -> tuple[float, float]:
        """The interval of a world's mean difference (in the headline's measure unless given) that holds for all acting alternatives at once; missing with one seed.

        The best is picked by the same seeds, so that its own interval would lie off 0 too often: of 10 that do nothing on
        average in about 20 % of comparisons. Source: Bonferroni's inequality.
        """
        _, low, high = interval(self.differences(name, metric), self.chance_together)
        return low, high

    def level(self, name: str) -> tuple[float, float]:
        """The mean of the base's measure over the seeds that a world shares with it, and its standard error (0 with one seed)."""
        before = self.of_seeds(self.base, self.metric)
        both = before[np.isfinite(before) & np.isfinite(self.of_seeds(name, self.metric))]
        return mean(both), float(np.std(both, ddof=1)) / math.sqrt(len(both)) if len(both) > 1 else 0.0

    def in_percent(self, name: str) -> bool:
        """Whether a world's difference may be told in % of the base's measure: that is above 0, and not near it.

        Near 0 a share of the base is luck of the base: it is told in money. With one seed only the size of the difference
        tells.
        """
        level, error = self.level(name)
        return level > 0.0 and error <= NEAR * level and abs(mean(self.differences(name))) <= TIMES * level

    @property
    def chance_together(self) -> float:
        """The chance of each alternative's interval at which those of all that act hold together with `chance`."""
        return 1.0 - (1.0 - self.chance) / max(1, len(self.acting))

    @property
    def contenders(self) -> list[str]:
        """The best, and every acting alternative that may be: its interval, as `together` has it, reaches that of the best.

        How wide the others' are is no matter: no seeds would make them the best.
        """
        low, _ = self.together(self.best)
        names = self.acting or self.alternatives
        return [name for name in names if name == self.best or not self.together(name)[1] < low]

    @property
    def half_width(self) -> float:
        """Half of the widest interval of the `contenders`, as `together` has it, as a share of the base's measure; missing with one seed."""
        widths = [self._half(name, self.seeds_of(name)) for name in self.contenders]
        return max((width for width in widths if math.isfinite(width)), default=math.nan)

    def seeds_of(self, name: str) -> int:
        """How many seeds a world's difference has."""
        return len(self.differences(name))

    def _half(self, name: str, n: int) -> float:
        """The half-width that n seeds would give, as a share of the base's measure."""
        found, level = self.differences(name), abs(mean(self.of_seeds(self.base, self.metric)))
        if len(found) < 2 or not level > 0.0:
            return math.nan
        return student_t(n - 1, self.chance_together) * float(np.std(found, ddof=1)) / math.sqrt(n) / level

    def more_seeds(self, precision: float) -> int:
        """How many seeds more a half-width of `precision` needs.

        Parameters
        ----------
        precision : float
            Half of the headline's luck interval, as a share of its measure in the base: 0.02 is 2 % of its customer equity.

        Returns
        -------
        int
            0 where it is reached. With several alternatives, for the widest of the `contenders`' intervals, which hold together.

        Raises
        ------
        ValueError
            Fewer than two seeds were run, so that nothing is known about luck; or the precision is not above 0.

        Examples
        --------
        >>> import sim
        >>> pair = sim.compare("plain", ["basic"], months=3, seeds=4, change={"market.customers": 200})
        >>> pair.more_seeds(pair.half_width)
        0
        """
        check_precision(precision)
        if math.isnan(self.half_width):
            why = (
                "luck is not measured with one seed; compare with seeds=2 or more"
                if len(self.seeds) < 2
                else f"{self.metric} is missing, or 0 in the base; compare more months"
            )
            raise ValueError(f"more_seeds: {why}")
        return max(self._more_seeds(name, precision) for name in self.contenders)

    def _more_seeds(self, name: str, precision: float) -> int:
        n = self.seeds_of(name)
        low, high = n, n
        while self._half(name, high) > precision and high < MOST_SEEDS:
            low, high = high, 2 * high
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self._half(name, middle) <= precision else (middle + 1, high)
        return high - n

    @property
    def variance_reduction(self) -> float:
        """What pairing gains: the variance of the headline's difference with independent seeds over that of the pairs.

        As many times more seeds would be needed without twins. Missing with one seed; infinite where nothing differs.
        """
        before, after = (self.of_seeds(name, self.metric) for name in (self.base, self.best))
        return variance_reduction(before, after)


def variance_reduction(before: Iterable[float], after: Iterable[float]) -> float:
    """The variance of a difference with independent seeds over that of paired ones.

    Parameters
    ----------
    before, after : float (n,)
        A measure of two worlds, one a seed, in the same order; seeds where one is missing are left out.

    Examples
    --------
    >>> variance_reduction([100.0, 110.0, 90.0], [101.0, 112.0, 93.0])
    191.0
    """
    a, b = np.asarray(list(before), dtype=np.float64), np.asarray(list(after), dtype=np.float64)
    both = np.isfinite(a) & np.isfinite(b)
    if both.sum() < 2:
        return math.nan
    apart = float(np.var(a[both], ddof=1) + np.var(b[both], ddof=1))
    paired = float(np.var((b - a)[both], ddof=1))
    return apart / paired if paired > 0.0 else math.inf


def check_precision(precision: Any) -> None:
    """Refuse what is no share above 0."""
    is_number = isinstance(precision, (int, float)) and not isinstance(precision, bool)
    if not is_number or not 0.0 < float(precision) < math.inf:
        raise (ValueError if is_number else TypeError)(
            f"precision: must be a share above 0, such as 0.02 for 2 % of customer equity (got {precision!r})"
        )


def mean(values: np.ndarray) -> float:
    values = values[np.isfinite(values)]
    return float(values.mean()) if len(values) else math.nan
