"""A comparison in one sentence, and in a few about how sure it is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.intervals import student_t
from sim.lives import WHOLE
from sim.margin import named
from sim.sureness import NEAR, mean

if TYPE_CHECKING:
    from sim.comparison import Comparison

WINDOW = 12

WANTED = (0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0001)
"""Half-widths that people ask for, as shares of customer equity: the next below the present one is spoken of."""


def headline(pair: Comparison) -> str:
    """Who gains, by how much, how much of that is luck, what assumptions make of it, and who stays.

    Two intervals have two names: "luck" is over seeds, "assumptions" over the ranges of parameters. Where assumptions
    were not tried the sentence says so. Gains are in % of the base, or in money where the base is near 0 or
    below it. Where customer equity and profit surely go opposite ways, both are told.
    """
    rows = pair.table[
        (pair.table["metric"] == pair.metric)
        & (pair.table["firm"] == pair.firm)
        & (pair.table["segment"] == WHOLE)
    ]
    differs = pair.customers.groupby("alternative")["differs"].any()
    rows = rows[rows["alternative"].map(differs) | (rows["difference"] != 0.0)]
    if not len(rows):
        names = ", ".join(f'"{name}"' for name in pair.alternatives)
        return (
            f'{names}: nothing changes, everybody lives the same life as in "{pair.base}" '
            f"({_luck(pair, None)}; {_assumptions(pair, 1.0)})."
        )
    chosen = rows[rows["alternative"] == pair.best]
    best = (chosen if len(chosen) else rows).iloc[0]
    lives = pair.customers[pair.customers["alternative"] == best["alternative"]]
    sign = 1.0 if best["difference"] >= 0 else -1.0
    is_share, currency = pair.in_percent(best["alternative"]), pair.scenario.market.currency
    unit, scale = ("%", best["base"] / 100.0) if is_share else (currency, 1.0)
    ends = np.sort(sign * np.array(pair.together(best["alternative"])) / scale)
    turns = (
        f"; {pair.stressed.sentence[:1].lower()}{pair.stressed.sentence[1:].rstrip('.')}"
        if pair.stressed
        else ""
    )
    return (
        f'"{best["alternative"]}" gives {pair.firm} {rounded(abs(best["difference"]) / scale)} {unit} '
        f'{"more" if sign > 0 else "less"} {measure_in_words(pair)} than "{pair.base}" '
        f"({_luck(pair, ends)}; {_assumptions(pair, sign * scale)}){_but(pair, best['alternative'], sign)}; {_moved(pair, lives)}{turns}."
    )


def _but(pair: Comparison, name: str, sign: float) -> str:
    """What becomes of profit where that surely goes the other way: customer equity leaves out what winning customers costs."""
    rows = pair.table[(pair.table["metric"] == "profit") & (pair.table["segment"] == WHOLE)]
    if pair.metric != "customer_equity" or not len(rows):
        return ""
    change = sign * float(pair.differences(name, "profit").mean())
    low, high = np.sort(sign * np.array(pair.together(name, "profit")))
    if not change < 0.0 or not (high < 0.0 or len(pair.seeds) == 1):  # one seed alone has no interval
        return ""
    span = f" ({rounded(-high)} to {rounded(-low)})" if math.isfinite(low) else ""
    currency, turns = pair.scenario.market.currency, "lowers" if sign > 0 else "raises"
    return f", but {turns} {measure_in_words(pair, 'profit')} by {rounded(-change)} {currency}{span}"


def measure_in_words(pair: Comparison, metric: str | None = None) -> str:
    """What the headline speaks of, or another measure."""
    window = f" in the last {min(pair.months, WINDOW)} months" if pair.months > 1 else " in its one month"
    said = "customer equity" if (metric or pair.metric) == "customer_equity" else f"profit{window}"
    return named(said, pair.scenario)


def _luck(pair: Comparison, ends: np.ndarray | None) -> str:
    """The interval over seeds."""
    if len(pair.seeds) == 1:
        return f"luck: not measured with seed {pair.seeds[0]} alone"
    span = (
        f" {rounded(ends[0])} to {rounded(ends[1])}," if ends is not None and np.isfinite(ends).all() else ""
    )
    count = len(pair.acting)
    of_all = f" for all {count} alternatives" if ends is not None and count > 1 else ""
    return f"luck, 95 %{of_all}:{span} {len(pair.seeds)} seeds"


def _assumptions(pair: Comparison, scale: float) -> str:
    """The interval over assumptions, or that there is none yet."""
    tried = pair.stressed
    if tried is None:
        return "assumptions: not tried, see stress"
    low, high = sorted((tried.low / scale, tried.high / scale))
    return (
        f"assumptions: {rounded(low)} to {rounded(high)}"
        if math.isfinite(low)
        else "assumptions: nothing acts"
    )


def _moved(pair: Comparison, lives: pd.DataFrame) -> str:
    """How many stay who would have left, or the reverse, whichever are more."""
    n = len(pair.seeds)
    stay, go = (float(lives[column].sum()) / n for column in ("stays", "goes"))
    is_stay = stay >= go
    count, words = (stay, "stay who would have left") if is_stay else (go, "leave who would have stayed")
    if not count:
        return "nobody stays who would have left"
    mean, number = ("on average ", rounded(count)) if n > 1 else ("", f"{count:,.0f}")
    return f"{mean}{number} of {len(lives) // n:,} customers {words}"


def about_luck(pair: Comparison) -> list[str]:
    """How sure it is, what surer would cost, and what twins gained: a sentence each."""
    n = len(pair.seeds)
    if n == 1:
        return [
            "One seed: how much of the difference is luck is not measured. Compare with more seeds (20 unless you say)."
        ]
    said = []
    width, count = pair.half_width, len(pair.acting)
    of_all, of_whom = f" for all {count} alternatives" if count > 1 else "", _of_contenders(pair)
    if pair.precision is not None:
        times = f"{len(pair.looks)} look{'s' if len(pair.looks) > 1 else ''}"
        reached = "is reached" if width <= pair.precision else "is not reached"
        said.append(
            f"Precision: a half-width of {percent(pair.precision)} of {_of_base(pair)} {reached} after {times} "
            f"({n} seeds; each look at {100 * pair.chance:g} %{of_all}, so that all {LOOKS} hold with 95 %)."
        )
    if math.isfinite(width) and width > 0.0 and not pair.in_percent(pair.best):
        ends = [pair.together(name) for name in pair.contenders]
        widest = max((high - low) / 2.0 for low, high in ends if math.isfinite(low))
        said.append(
            f"Luck: the half-width{of_whom} is {rounded(widest)} {pair.scenario.market.currency}; {_why_no_share(pair)}."
        )
    elif math.isfinite(width) and width > 0.0:
        wanted = next((w for w in WANTED if w < 0.95 * width), None)
        if pair.precision is not None and width > pair.precision:
            wanted = pair.precision
        more = ""
        if wanted is not None:
            needed = pair.more_seeds(wanted)
            more = f"; {percent(wanted)} needs {needed:,} seed{'s' if needed != 1 else ''} more"
        said.append(f"Luck: the half-width{of_whom} is {percent(width)} of {_of_base(pair)}{more}.")
    if count > 1:
        said.append(
            f"{_choice(pair)} The interval in the headline holds for all alternatives together (Bonferroni); those in tables "
            "are single, each at 95 % for one alternative named beforehand. The best of many looks better than it is on average: "
            f"for what it gives, compare it alone with other seeds, from {max(pair.seeds) + 1} on."
        )
    gain = pair.variance_reduction
    if math.isfinite(gain):
        said.append(
            f"Twins: with the same luck in both worlds the variance of the difference is {rounded(gain)} times smaller than "
            "with independent seeds."
            if gain >= 1.0
            else f"Twins: with the same luck in both worlds the variance of the difference is {rounded(1 / gain)} times larger "
            "than with independent seeds."
        )
    return said


def _why_no_share(pair: Comparison) -> str:
    """Why differences are told in money, and not in % of the base."""
    level, error = pair.level(pair.best)
    its, currency = _of_base(pair), pair.scenario.market.currency
    if not level > 0.0:
        return f"{its} is {rounded(level)} {currency}, not above 0, so that shares of it say nothing"
    if error > NEAR * level:
        n = pair.seeds_of(pair.best)
        half = rounded(student_t(n - 1, 0.95) * error)
        return f"{its} is {rounded(level)} {currency}, give or take {half} with {n} seeds: too uncertain to tell shares of it"
    return (
        f"{its} is {rounded(level)} {currency}, little beside the difference, so that shares of it say little"
    )


def _choice(pair: Comparison) -> str:
    """Which of several alternatives comes first, and that the base is better where it is."""
    count = len(pair.acting)
    if mean(pair.differences(pair.best)) <= 0.0:
        return f'Choice: by these seeds none of the {count} is better than "{pair.base}"; "{pair.best}" comes nearest.'
    return f'Choice: "{pair.best}" is the best of {count} by these seeds.'


def _of_contenders(pair: Comparison) -> str:
    """Whose half-width it is: of all that act, or of those that may be the best where others surely are not."""
    count, may = len(pair.acting), len(pair.contenders)
    if count <= 1:
        return ""
    if may == count:
        return f" for all {count} alternatives"
    return (
        f' of "{pair.best}", surely ahead of the other{"s" if count > 2 else ""},'
        if may == 1
        else f" of the {may} of {count} alternatives that may be the best"
    )


LOOKS = 4
"""How often it is looked, at most, whether a precision is reached."""


def _of_base(pair: Comparison) -> str:
    return f'"{pair.base}"\'s {measure_in_words(pair)}'


def rounded(value: float) -> str:
    """A number with about two figures, for a sentence."""
    size = abs(value)
    text = f"{value:,.{0 if size >= 10 or value == 0 else 1 if size >= 1 else 2}f}"
    return text[1:] if text.strip("-0.,") == "" and text.startswith("-") else text


def percent(share: float) -> str:
    """A share in %, with two figures that count, and never fewer than the whole ones."""
    value = 100.0 * share
    return f"{value:,.0f} %" if value >= 9.95 else f"{value:.2g} %"
