"""The scenario of a log: your customers as fitted, all rivals as one firm, and a mark on every parameter."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import pandas as pd

from sim.calibrate.against import estimate_lines
from sim.calibrate.cohort import MONTH, YEAR
from sim.calibrate.costs import BASKET, scaled, scaled_marks
from sim.calibrate.marks import (
    ADVERTISING,
    RIVALS,
    US,
    Mark,
    marked_lines,
    marks_of,
    parameters_of,
)
from sim.calibrate.reading import LogError
from sim.calibrate.regularity import REGULAR
from sim.calibrate.tuning import LOWEST, MOST_RUNS, Held, Tuned, hold, tune
from sim.ledger import COUNTS
from sim.market import Market
from sim.scale import stands_for, written
from sim.scenario import Scenario
from sim.scenario.finding import addresses
from sim.scenario.parameters import FORMAT
from sim.scenario.tables import Tables
from sim.scenario.validation import validate
from sim.scenario.writing import write_whole
from sim.value import BetaGeometricNBD, CannotFit

if TYPE_CHECKING:
    from sim.calibrate.fitted import Fit

COHORT = 20_000
"""Own customers of a run by which a market is tuned, where the share allows."""

FEWEST, MOST = 2_000, 50_000
"""Customers of the scenario; a larger market is written at a smaller scale."""

LEAST_FOLLOWED = 50
"""New customers of a log, of whom it is told how many still buy after a year."""

FAR = 0.25
"""Share by which a market's repeat purchases, its first year and those it wins may differ from the log's without a warning."""

LEGEND = (
    "# Marks: yours (from your log, with its 95 % interval, or as you said), published, ours.",
    "# What is not named keeps its default, published or ours: `tenfold explain WORD` tells.",
)
"""The head of the file."""

CANNOT_TELL = (
    "what it costs to serve and to write", "your rivals", "consent", "word of mouth", "and what a relationship policy does",
)  # fmt: skip
"""What no log of purchases tells."""


@dataclass(frozen=True, eq=False, repr=False)
class FittedScenario(Scenario):
    """A scenario made from a log; its file says of every line whether it is yours, published or ours.

    Attributes
    ----------
    marks : mapping of address to Mark
        Of the values that the log, or you, gave.
    estimates : DataFrame
        `Fit.table`, which the file carries in comments so that a later fit can be held against it.
    first_half_error, holdout_error : float
        Repeat purchases in this market, of customers like those known at the split, against the log's, minus 1. The
        market is tuned on both halves of the time: these say how well it repeats what it has seen.
    first_half_money_error, money_error : float
        The same of the money of these purchases. Nothing is tuned to it.
    first_year : float
        Revenue of `Us` in the first year with nothing changed, against the log's last 12 months (all of it, if it is
        shorter, against as many months), minus 1.
    newcomers : float
        Customers whom `Us` wins in that first year, against the log's new ones in its last 12 months, to scale, minus 1.
    first_purchases : float
        Share of the log's money of these 12 months that is of first purchases, 0 to 1: of what the market is not tuned to. Where
        new customers are known for less than that (`new_since`), of the money since then.
    stayed, stayed_in_log : float
        Share of new customers of `Us`, and of the log, who bought later than a year after their first purchase, 0 to 1; both of
        as long a time. NaN where fewer than 50 of the log can be followed for 13 months. Nothing is tuned to it.
    regularity : float
        Of the log's purchases, 1 where they come at random, as they do in the market; see `Fit.regularity`.
    drift : float
        Its revenue in the third year against the first, minus 1: what changes by itself, in every world of a comparison.
        All customers of the start are drawn as new ones are. Those who buy often and stop soon are the first to go.
    foretold_error : float
        Purchases of the second half, in a market fitted and tuned on the first half alone: how well such a market
        foretells, with the luck of one seed; other seeds may differ by several points. NaN where the first half is too
        little for that.
    """

    marks: Mapping[str, Mark] = field(default_factory=dict)
    estimates: pd.DataFrame = field(default_factory=pd.DataFrame)
    first_half_error: float = math.nan
    holdout_error: float = math.nan
    foretold_error: float = math.nan
    first_half_money_error: float = math.nan
    money_error: float = math.nan
    first_year: float = math.nan
    newcomers: float = math.nan
    first_purchases: float = math.nan
    stayed: float = math.nan
    stayed_in_log: float = math.nan
    regularity: float = math.nan
    drift: float = math.nan

    @property
    def stands_for(self) -> float:
        """Customers of yours that one customer of this market stands for.

        Customers and money times it are your shop's, unless market.customers was changed and advertising, an amount, was not.
        """
        return stands_for(self)

    @property
    def parameters(self) -> pd.DataFrame:
        """A row a parameter: value, mark (yours, published or ours), low, high, source."""
        return parameters_of(self.tables, self.marks)

    def with_changes(self, changes: Mapping[str, Any]) -> Scenario:
        """The same scenario with other values at some addresses, which are marked as yours; see `Scenario`.

        Its market is another than the fitted one, so that the errors are NaN.
        """
        changed = super().with_changes(changes)
        if changed is self:
            return changed
        above = tuple(f"{address}." for address in changes)
        new = [a for a in addresses(changed.tables) if a in changes or a.startswith(above)]
        marks = {**self.marks, **dict.fromkeys(new, Mark("yours", about="changed"))}
        return replace(
            self, tables=changed.tables, changes=changed.changes, marks=marks, foretold_error=math.nan,
            first_half_money_error=math.nan, money_error=math.nan,
            **cast(Any, dict.fromkeys(Alone._fields, math.nan)),
        )  # fmt: skip

    def text(self) -> str:
        """The scenario file, each line with its mark, the estimates at its end."""
        return (
            "\n".join([*LEGEND, *marked_lines(self.tables, self.marks), *estimate_lines(self.estimates)])
            + "\n"
        )

    def save(self, file: str | Path, force: bool = False) -> Path:
        """Write the scenario file with its marks; the rest, and a file of contacts beside it, as in `Scenario.save`."""
        file = Path(file)
        if file.suffix.lower() != ".toml":
            raise ValueError(f"{file}: a scenario file ends in .toml; save it as {file.with_suffix('.toml')}")
        told = replace(self, tables=self.with_edges_beside(file, force))
        write_whole(file, told.text().encode(), force=force)
        return file


# ---------------------------------------------------------------- from a fit


def scenario_of(
    fit: Fit,
    unit_margin: float | None,
    share: float,
    name: str,
    seed: int,
    report: Callable[[int, int], None] | None,
) -> FittedScenario:
    """The scenario of a fit, tuned so that its market reproduces the log. Arguments as in `Fit.scenario`."""
    _check_shares(unit_margin, share)
    words = unit_margin, share, name, seed
    tuned, trial = _tuned(fit, *words, report=report)
    target = fit.target()._replace(money=_money(fit))
    held = hold(target, trial(tuned), US, seed + 1)  # with other luck than it was tuned on
    foretold = _foretold(fit, *words, report=report)
    tables = _tables(fit, tuned, unit_margin, share, name, _people(fit, share), season=True)
    first_money, money = np.expm1(held.money).tolist()
    alone = _left_alone(fit, tables, share, seed + 1, held)
    tables = tables.model_copy(
        update={"info": _info(fit, tables, unit_margin, share, money, alone, foretold)}
    )
    return FittedScenario(
        name, tables, marks=marks_of(fit, tuned, unit_margin, share) | scaled_marks(tables), estimates=fit.table,
        foretold_error=foretold, first_half_money_error=first_money, money_error=money, **alone._asdict(),
    )  # fmt: skip


class Alone(NamedTuple):
    """A market in which nothing is changed; as `FittedScenario` has them."""

    first_half_error: float
    holdout_error: float
    first_year: float
    newcomers: float
    first_purchases: float
    drift: float
    stayed: float
    stayed_in_log: float
    regularity: float


def _left_alone(fit: Fit, tables: Tables, share: float, seed: int, held: Held) -> Alone:
    """What one run with nothing changed makes, held against the log."""
    market = Market(Scenario("left alone", tables), seed=seed)
    for _ in range(tables.market.months):
        market.step()
    place, won = market.ledger.places["revenue"], COUNTS.index("won")
    revenue = [float(month[0, place]) / 100.0 for month in market.ledger.months]
    bought = fit._purchases
    months = min(12, max(1, round((fit._end - int(bought.day.min())) / MONTH)))
    is_late = bought.day > fit._end - months * MONTH
    late = float(bought.cents[is_late].sum()) / 100.0
    who, day, cents = fit._rows
    since = max(fit._end - months * MONTH, fit._since - 1.0)  # when new customers are known
    is_first = np.r_[True, who[1:] != who[:-1]] & (day > since)
    new = int(is_first.sum()) / ((fit._end - since) / MONTH)
    meanwhile = float(bought.cents[bought.day > since].sum())
    here = sum(int(month[0, won]) for month in market.ledger.counts[:months]) / months
    scale = tables.market.customers * share / fit.active_customers  # 1 over what one customer stands for
    first_half, second = np.expm1(held.purchases).tolist()
    return Alone(
        first_half,
        second,
        sum(revenue[:months]) / (late * scale) - 1.0,
        here / (new * scale) - 1.0 if new else math.nan,
        float(cents[is_first].sum()) / meanwhile,
        sum(revenue[-12:]) / sum(revenue[:12]) - 1.0,
        *_stayed(fit, held.stayed),
        fit.regularity.value,
    )


def _stayed(fit: Fit, curve: np.ndarray) -> tuple[float, float]:
    """Of new customers, who bought later than a year after their first purchase: in a market with this curve, and in the log."""
    who, day, _ = fit._rows
    start = np.flatnonzero(np.r_[True, who[1:] != who[:-1]])
    first, last = day[start], np.maximum.reduceat(day, start)
    known = first <= fit._end - (YEAR + 1) * MONTH
    if known.sum() < LEAST_FOLLOWED:
        return math.nan, math.nan
    ages = (fit._end - first[known]) / MONTH
    here = float(np.interp(ages, np.arange(len(curve)), curve).mean())
    return here, float((last - first > YEAR * MONTH)[known].mean())


def _money(fit: Fit) -> tuple[float, float]:
    """What was paid for the repeat purchases of the customers known at the split, before and after it."""
    who, day, cents = fit._rows
    first = np.full(int(who.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, who, day)
    is_repeat = (first[who] <= fit.split) & (day > first[who])
    is_late = day > fit.split
    before, after = (float(cents[is_repeat & half].sum()) / 100.0 for half in (~is_late, is_late))
    return before, after


def _tuned(
    fit: Fit,
    unit_margin: float | None,
    share: float,
    name: str,
    seed: int,
    *,
    report: Callable[[int, int], None] | None,
    done: int = 0,
    cohort: int = COHORT,
) -> tuple[Tuned, Callable[[Tuned], Scenario]]:
    """Where tuning on a log ends, and what makes a scenario of it; `done` runs have been reported before, `cohort` customers are run."""
    stops = float(fit.table["estimate"].get("stop_chance", LOWEST))
    start = Tuned(
        1.0, min(max(stops, LOWEST), 0.9), 0.13, float(np.clip(math.log(1.0 / share - 1.0), -5.0, 5.0))
    )
    people = int(min(max(cohort / share, cohort), 300_000))

    def trial(now: Tuned) -> Scenario:
        return Scenario(name, _tables(fit, now, unit_margin, share, name, people, season=False))

    def each(run: int) -> None:
        if report:
            report(done + run, 2 * MOST_RUNS)

    return tune(fit.target(), trial, start, US, share, seed, each), trial


def _foretold(
    fit: Fit,
    unit_margin: float | None,
    share: float,
    name: str,
    seed: int,
    *,
    report: Callable[[int, int], None] | None,
) -> float:
    """How far a market of the first half of the time is off in the second; NaN where that half tells no market."""
    try:
        early = fit.at_the_split()
        tuned, trial = _tuned(
            early, unit_margin, share, name, seed, report=report, done=MOST_RUNS, cohort=COHORT // 4
        )
    except (LogError, CannotFit):
        return math.nan
    return float(np.expm1(hold(fit.target(), trial(tuned), US, seed + 1).purchases[1]))


def _check_shares(unit_margin: float | None, share: float) -> None:
    if unit_margin is not None and not 0 < unit_margin <= 1:
        raise ValueError(f"unit_margin: a share of the price above 0, up to 1 (got {unit_margin!r})")
    if not 0.01 <= share <= 0.99:
        raise ValueError(f"share_of_market: a share of 0.01 to 0.99 (got {share!r})")


def _people(fit: Fit, share: float) -> int:
    """Customers of the scenario: those active now are the firm's share."""
    market = fit.active_customers / share
    scale = max(1.0, market / MOST)
    return int(max(FEWEST, round(market / scale, -2)))


def _tables(
    fit: Fit, now: Tuned, unit_margin: float | None, share: float, title: str, people: int, *, season: bool
) -> Tables:
    """The scenario's tables; what is not named keeps its default."""
    estimate = fit.table["estimate"]
    market: dict[str, Any] = {"customers": people, "months": 36, "served_at_start": 1.0}
    market |= {"currency": fit.currency[:12] or "money"}
    market |= {"season": _season(fit.season)} if season and fit.season is not None else {}
    need = min(max(float(estimate["purchases_a_month"]) * now.need, 0.005), 30.0)
    segment: dict[str, Any] = {
        "need_rate": {"mean": _short(need), "shape": _short(min(max(float(estimate["r"]), 0.05), 1_000.0))},
        "basket": _basket(fit),
        "exit_rate": {"mean": 0.0, "varies": False}
        if now.exit_rate <= LOWEST
        else {"mean": _short(now.exit_rate), "strength": _short(_strength(fit))},
    }
    sales = need * float(estimate["spend"]) * people  # a month
    ads = {US: _short(ADVERTISING * share * sales), RIVALS: _short(ADVERTISING * (1.0 - share) * sales)}
    raw: dict[str, Any] = {
        "tenfold": FORMAT,
        "title": title if unit_margin else f"{title} (revenue, not profit)",
        "focus": US,
        "market": market,
        "segments": {"customers": segment},
        "firms": {
            US: {"initial_share": share, "unit_margin": unit_margin or 1.0, "plan": {"advertising": ads[US]}},
            RIVALS: {
                "initial_share": 1.0 - share,
                "unit_margin": unit_margin or 1.0,
                "brand_bonus": _short(now.brand_bonus),
                "plan": {"advertising": ads[RIVALS], "strategy": "silent"},
            },
        },
        "buy": {"base_chance": _short(now.base_chance), "cross_sell": 0.0},
        "leave": {"base_exit": 0.0},
    }
    return scaled(validate(raw), float(estimate["spend"]))


def _short(value: float) -> float:
    """Five figures."""
    return float(f"{value:.5g}")


def _strength(fit: Fit) -> float:
    model = fit.purchases_model
    return min(max(model.a + model.b, 0.1), 1e5) if isinstance(model, BetaGeometricNBD) else 1e5


def _basket(fit: Fit) -> dict[str, float]:
    """Mean spend by customer: an inverse Gamma of the spend model, as a Gamma of its mean and variance."""
    mean = _short(float(fit.table["estimate"]["spend"]))
    if fit.spend_model is None:
        return {"mean": mean}
    return {"mean": mean, "shape": _short(min(max(fit.spend_model.q - 2.0, 0.3), 1_000.0))}


def _season(season: pd.Series) -> list[float]:
    """The factors in thousandths, so that they sum to 12."""
    thousandths = np.round(season.to_numpy() * 1_000).astype(int)
    thousandths[thousandths.argmax()] += 12_000 - thousandths.sum()
    return [one / 1_000 for one in thousandths.tolist()]


# ---------------------------------------------------------------- what it says of itself


def cannot_tell(unit_margin: float | None, share: float | None) -> str:
    """What neither a log nor the user has told."""
    untold = {"your margin": unit_margin, "your share of the market": share}
    return ", ".join([*(what for what, told in untold.items() if told is None), *CANNOT_TELL])


def _ahead(foretold: float) -> str:
    """How well the market foretells, in a sentence."""
    if not math.isfinite(foretold):
        return "How well it foretells is not known: the first half of the time alone tells no market."
    return (
        f"Tuned on the first half alone it ends {whole_percent(foretold)} in the second: so well it foretells, "
        "with the luck of one seed; other seeds may differ by several points."
    )


def by_itself(alone: Alone | FittedScenario) -> str:
    """How the market stands to the log with nothing changed, in a sentence."""
    new = (
        f"wins {100 * abs(alone.newcomers):.0f} % {'fewer' if alone.newcomers < 0 else 'more'} customers than that won (whose first "
        f"purchases were {100 * alone.first_purchases:.0f} % of its sales), "
        if math.isfinite(alone.newcomers)
        else ""
    )
    kept = (
        f" Of its new customers {100 * alone.stayed:.0f} % buy later than a year after the first time, of the log's {100 * alone.stayed_in_log:.0f} %."
        if math.isfinite(alone.stayed)
        else ""
    )
    return (
        f"With nothing changed {US} sells {100 * alone.first_year:+.0f} % in its first year against the log's shop in its last 12 months (to "
        f"scale; that may have grown or shrunk in them), {new}and {'sells ' if new else ''}{100 * alone.drift:+.0f} % in its third year against its first: all customers "
        f"begin as new ones do, and who buys often and stops soon goes first.{kept} Compare policies with it; do not read it as a forecast."
    )


def careful(alone: Alone | FittedScenario) -> str:
    """A warning where the market is not the log's shop: in what it sells, whom it wins, or when its customers buy; "" elsewhere."""
    said = []
    if max(abs(alone.first_half_error), abs(alone.holdout_error)) > FAR:
        said.append(
            f"the market could not be tuned to your log: its repeat purchases are {100 * alone.first_half_error:+.0f} % off in the first half "
            f"of the time and {100 * alone.holdout_error:+.0f} % in the second, so that how long its customers stay is not your shop's."
        )
    if abs(alone.first_year) > FAR:
        said.append(
            f"in its first year this market sells {100 * abs(alone.first_year):.0f} % "
            f"{'less' if alone.first_year < 0 else 'more'} than your shop did in its last 12 months, to scale: its profit and "
            "customer equity are not your shop's."
        )
        if alone.first_purchases > 0.5:
            said.append(
                f"{100 * alone.first_purchases:.0f} % of your sales were first purchases, and the market is tuned to repeat purchases "
                "only: who bought once is a customer here who hardly ever buys and seldom leaves, so that its retention is not "
                "your shop's either, and a policy that looks after customers looks after people who do not come back. Such a shop "
                "lives on winning customers, of which this market tells little."
            )
    if abs(alone.newcomers) > FAR:
        said.append(
            f"this market wins {100 * abs(alone.newcomers):.0f} % {'fewer' if alone.newcomers < 0 else 'more'} customers than your shop won, to "
            "scale: what it says of winning customers, of acquisition cost and of advertising is not your shop's."
        )
    if alone.regularity >= REGULAR:
        kept = (
            f": of its new customers {100 * alone.stayed:.0f} % buy later than a year after the first time, of the log's "
            f"{100 * alone.stayed_in_log:.0f} %"
            if math.isfinite(alone.stayed)
            else ""
        )
        said.append(
            "your customers buy at regular intervals, as with contracts or standing orders, and those of this market at random. "
            f"Longer lives and rarer purchases come to the same total, so that its churn need not be yours{kept}. For contracts there is "
            'the setting "contract" (market.setting), which fit does not tune.'
        )
    text = " ".join([one[:1].upper() + one[1:] if k else one for k, one in enumerate(said)])
    return f"Careful: {text}" if text else ""


def whole_percent(foretold: float) -> str:
    """31 % under actual, from a share; in whole percents, for luck moves it by more than a tenth of one."""
    percent = round(100 * foretold)
    return (
        f"{abs(percent)} % {'under' if percent < 0 else 'over'} actual"
        if percent
        else "at actual to the percent"
    )


def _info(
    fit: Fit,
    tables: Tables,
    unit_margin: float | None,
    share: float,
    money: float,
    alone: Alone,
    foretold: float,
) -> Any:
    from sim.scenario.parameters import Info

    s = fit.summary
    headed = (
        ""
        if unit_margin
        else " No margin was given: profit here is revenue, not profit, less the costs of selling."
    )
    return Info.model_validate(
        {
            "question": "What would a relationship policy change, for customers who buy as yours do?",
            "what": f"Customers as fitted to a log of {s['purchases']:,} purchases by {s['customers']:,} customers, "
            f"{s['new_since']} to {s['until']}. {US} is your firm with {100 * share:g} % of the market; all rivals are one "
            f"firm, {RIVALS}, whose drawing power is set by that share. "
            f"{written(tables.market.customers, fit.active_customers / share)}{headed}",
            "how": "Spend is yours; need and drop-out are tuned from yours, so that new customers buy again as those of "
            f"the log did: {100 * alone.holdout_error:+.1f} % in the second half of its time, and {100 * money:+.1f} % in money, with other luck than it "
            f"was tuned on. {_ahead(foretold)} {by_itself(alone)}",
            "notice": f"{careful(alone)} ".lstrip() + f"A log cannot tell {cannot_tell(unit_margin, share)}. These are published values or ours: each line of the file says "
            f"which. Vary them before you believe a result. Costs are the model's, made for a spend of {BASKET:g} on a purchase and scaled to "
            "yours: put in your own. Further products are in spend, so that no policy sells more of them here.",
            "try": f"Put in what your firm does (firms.{US}.plan), then compare policies.",
        }
    )  # fmt: skip
