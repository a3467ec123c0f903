"""The patterns that the market must show: our numbers beside those of the design, on fresh seeds.

    python3 benchmarks/patterns.py                        all patterns, ten seeds, some minutes on two cores
    python3 benchmarks/patterns.py --only bonds --seeds 5
    python3 benchmarks/patterns.py --quick                three seeds, smaller markets: for a quick look
    python3 benchmarks/patterns.py --json                 one JSON object, a key a pattern
    python3 benchmarks/patterns.py --out docs/patterns.md also write the table as a page

Arms that are compared run on the same seeds: the same customers with the same luck. What firms change,
they change in month 24. Figures are means over seeds, and ± is the standard deviation over seeds (of the
paired difference, where two arms are compared). A difference counts as "differs" when the design's figure,
as rounded there, is further from our mean than the spread: the root of our variance over seeds plus the
design's, where the design states one.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any, NamedTuple

import mesa
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sim.ledger import ACQUISITION, RETENTION, A, C  # noqa: E402
from sim.market import Market  # noqa: E402
from sim.policies import Plan, Policy  # noqa: E402
from sim.scenario.words import LEVELS, REASONS  # noqa: E402
from sim.swaps import Swaps  # noqa: E402

FIRST_SEED = 101
START = 24
"""The month in which arms part."""
FIRMS = ("North", "East", "South", "West")
FOCAL = FIRMS[0]
STEADY = slice(START, 120)
"""Months over which the state of the plain market is averaged."""
KEPT_COUNTS = ("won", "orders", "unhappy", "happy")


# ------------------------------------------------ policies: the plan as it is, changed for some months


class During(Policy):
    """Other decisions from month ``start`` to before month ``stop``."""

    def __init__(self, start: int = START, stop: int = 10_000, **decisions: Any) -> None:
        self.start, self.stop, self.decisions = start, stop, decisions

    def decide(self, view: Any) -> Plan:
        """The firm's own plan, or the other decisions while they last."""
        return Plan(**self.decisions) if self.start <= view.month < self.stop else Plan()


class LevelForTop(Policy):
    """A level for the most valuable share of a firm's customers by recent spend, the default for the rest.

    It knows who is a customer now, which a firm can only guess; ``seen`` takes who is active by the records.
    """

    def __init__(self, share: float, level: str, seen: bool = False) -> None:
        self.share, self.level, self.seen = share, level, seen

    def decide(self, view: Any) -> Plan:
        """Rank by recent spend."""
        own = view._market.customers.supplier[view.customers.ids] == FIRMS.index(view.firm)
        chosen = np.asarray(view.customers.status == "active") if self.seen else own
        spend = view.customers.recent_spend
        if not chosen.any():
            return Plan()
        return Plan().where(chosen & (spend > np.quantile(spend[chosen], 1.0 - self.share)), level=self.level)


class LevelForKeyed(Policy):
    """A level for a tenth of the database, drawn by a key of the customer's number."""

    def __init__(self, level: str) -> None:
        self.level = level

    def decide(self, view: Any) -> Plan:
        """The same tenth in every month and world."""
        if view.month < START:
            return Plan()
        return Plan().where(view.customers.ids * 2_654_435_761 % 2**32 < 0.1 * 2**32, level=self.level)


class MatchFocal(Policy):
    """Give own customers the mean discount that the focal firm gave ``lag`` months ago."""

    def __init__(self, lag: int = 1) -> None:
        self.lag = lag
        self._seen: list[float] = []

    def decide(self, view: Any) -> Plan:
        """What was public of the focal firm."""
        self._seen.append(view.public[FOCAL]["mean_discount"])
        return Plan(discount=self._seen[-self.lag] if len(self._seen) >= self.lag else 0.0)


POLICIES = {each.__name__: each for each in (During, LevelForTop, LevelForKeyed, MatchFocal)}


# ------------------------------------------------ equations swapped for forced outcomes of failures


def voice_never(heard, severity, p):
    """No failure is voiced."""
    return 0.0


def voice_always(heard, severity, p):
    """Every failure is voiced."""
    return 1.0


def voice_even(heard, severity, p):
    """One chance of a voice for all failures, whatever their severity."""
    return heard


def recovery_never(base, skill, p):
    """No voiced failure is recovered."""
    return 0.0


def recovery_always(base, skill, p):
    """Every voiced failure is recovered."""
    return 1.0


def quick_never(reply_days, overload, p):
    """Every recovery is slow."""
    return 0.0


def quick_always(reply_days, overload, p):
    """Every recovery is quick."""
    return 1.0


_VOICE, _RECOVERY, _QUICK = "serve.chance_voice", "serve.chance_recovery", "serve.chance_quick"
SWAPS: dict[str, dict[str, Any]] = {
    "silent": {_VOICE: voice_never},
    "unresolved": {_VOICE: voice_always, _RECOVERY: recovery_never},
    "slow": {_VOICE: voice_always, _RECOVERY: recovery_always, _QUICK: quick_never},
    "quick": {_VOICE: voice_always, _RECOVERY: recovery_always, _QUICK: quick_always},
    "even": {_VOICE: voice_even},
}
_swaps: dict[str, Swaps] = {}


def swaps_of(name: str) -> Swaps:
    """The swapped behaviour of a name; compiled once in each process."""
    if name not in _swaps:
        _swaps[name] = Swaps(SWAPS[name])
    return _swaps[name]


# ------------------------------------------------ an arm: one world, and what is kept of it


class Arm(NamedTuple):
    """One world to run: what differs from the plain market, and what is kept of its course.

    ``focal`` and ``rivals`` are (policy, its arguments) or None; ``capability`` gives columns of the focal
    firm's table from month ``START`` on; ``watch`` names watchers.
    """

    months: int = 84
    customers: int = 10_000
    change: tuple[tuple[str, Any], ...] = ()
    focal: tuple[str, tuple[tuple[str, Any], ...]] | None = None
    rivals: tuple[str, tuple[tuple[str, Any], ...]] | None = None
    capability: tuple[tuple[str, Any], ...] = ()
    swap: str | None = None
    watch: tuple[str, ...] = ()


def during(**decisions: Any) -> tuple[str, tuple[tuple[str, Any], ...]]:
    """The focal firm's changed decisions, as an `Arm` takes them."""
    return "During", tuple(decisions.items())


def all_firms(**fields: Any) -> tuple[tuple[str, Any], ...]:
    """A change of the same fields of every firm; a double underscore is a dot."""
    return tuple((f"firms.{f}.{k.replace('__', '.')}", v) for f in FIRMS for k, v in fields.items())


def make_market(arm: Arm, seed: int) -> Market:
    """The market of an arm, in month 0."""
    policies = {}
    for name, spec in zip(FIRMS, (arm.focal, arm.rivals, arm.rivals, arm.rivals), strict=True):
        if spec is not None:
            policies[name] = POLICIES[spec[0]](**dict(spec[1]))
    change = {"market.customers": arm.customers, **dict(arm.change)}
    market = Market("plain", months=arm.months, seed=seed, change=change, policies=policies, threads=1)
    if arm.swap:
        market.swaps = swaps_of(arm.swap)
    return market


def run_arm(arm: Arm, seed: int) -> dict[str, Any]:
    """Run one world on one seed and keep what the patterns need."""
    market = make_market(arm, seed)
    watchers = [WATCHERS[name](market) for name in arm.watch]
    alone = []
    while market.running:
        if market.month == START and arm.capability:
            focal = market.firm(FOCAL)
            focal.table = focal.table.model_copy(update=dict(arm.capability))
        market.step()
        alone.append(float((market.customers.supplier < 0).mean()))
        for watcher in watchers:
            watcher.look()
    kept = course(market) | {"alone": np.array(alone)}
    for watcher in watchers:
        kept |= watcher.result()
    getattr(mesa.Agent, "_ids", {}).pop(market, None)  # Mesa's table would hold every market for good
    return kept


def course(market: Market) -> dict[str, Any]:
    """Arrays (months, firms) of a finished run; money in units, not cents."""
    books = np.array(market.ledger.months)
    counts = np.array(market.ledger.counts)
    kept = {name: counts[:, :, C[name]].astype(np.float32) for name in KEPT_COUNTS}
    kept["profit"] = np.array([market.ledger.profit(t) for t in range(len(books))]) / 100.0
    kept["revenue"] = books[:, :, A["revenue"]] / 100.0
    kept["winning"] = books[:, :, ACQUISITION].sum(axis=2) / 100.0
    kept["keeping"] = books[:, :, RETENTION].sum(axis=2) / 100.0
    idle, served, levels = (
        books[:, :, A[n]] / 100.0 for n in ("idle_labour", "service_labour", "level_labour")
    )
    kept["idle_of_levels"] = idle * levels / (served + levels)
    kept["heads"] = np.array(market.heads)
    kept["slots"] = len(market.customers)
    for name in ("annual_retention", "monthly_churn", "awareness", "loyalty"):
        kept[name] = np.array(market.metrics[name])
    return kept


# ------------------------------------------------ watchers: what is looked at month by month


class Watcher:
    """Looks at a market after every month; `result` is a dict of what it saw."""

    def __init__(self, market: Market) -> None:
        self.market = market


class Leavers(Watcher):
    """Reasons of switches, ages of relationships when they end, retention without a break."""

    def __init__(self, market: Market) -> None:
        super().__init__(market)
        self.since = market.month - market.customers.tenure.astype(np.int64)
        self.broken: list[float] = []
        self._old: list[np.ndarray] = []

    def look(self) -> None:
        """Keep who began when; compare with a year ago."""
        c, month = self.market.customers, self.market.month
        began = np.where(c.supplier >= 0, month - c.tenure.astype(np.int64), -(10**6))
        key = np.stack([c.supplier.astype(np.int64), began, c.generation.astype(np.int64)])
        self._old.append(key)
        if len(self._old) > 13:
            self._old.pop(0)
        if len(self._old) == 13:
            had = self._old[0][0] >= 0
            self.broken.append(float((self._old[0] == key)[:, had].all(axis=0).mean()))

    def result(self) -> dict[str, Any]:
        """Departures as small columns, and survival by age."""
        rows = self.market.departures
        out = {
            k: np.concatenate([d[k] for d in rows]).astype(np.int16)
            for k in ("month", "firm", "reason", "tenure")
        }
        exits = out["reason"] == REASONS.index("need ended")
        began = (
            out["month"] - out["tenure"] + exits
        )  # tenure was already raised when somebody leaves the market
        c = self.market.customers
        now = self.market.month - c.tenure[c.supplier >= 0].astype(np.int64)
        unbroken = np.array([np.nan] * 12 + self.broken)
        return {
            "departures": out,
            "survival": survival(began, out["month"], now, self.market.month),
            "unbroken": unbroken,
        }


def survival(began: np.ndarray, ended: np.ndarray, alive: np.ndarray, months: int) -> np.ndarray:
    """(2, 6): at 0 to 5 years of age, relationships that could be seen so long, and those still unbroken.

    began, ended : months of relationships that ended; alive : months in which those at the end began.
    Only relationships that began in the run count.
    """
    began, age = began[began >= 0], (ended - began)[began >= 0]
    alive = alive[alive >= 0]
    out = np.zeros((2, 6))
    for year in range(6):
        seen = began + 12 * year <= months - 1
        seen_alive = alive + 12 * year <= months - 1
        out[0, year] = seen.sum() + seen_alive.sum()
        out[1, year] = (age[seen] > 12 * year).sum() + seen_alive.sum()
    return out


class Value(Watcher):
    """Revenue of 12 and customer profit of 24 months by slot, over all firms."""

    def __init__(self, market: Market) -> None:
        super().__init__(market)
        self.memory = float(market.tables.account.recent_memory)
        self.spend: list[np.ndarray] = []
        self.profit: list[np.ndarray] = []
        self._spent = self._recent = None

    def look(self) -> None:
        """This month's entries, from the firms' records (a slot that was refilled begins at 0)."""
        c = self.market.customers
        spent, recent = c.spent.astype(np.float64), c.recent_profit.astype(np.float64)
        if self._spent is not None:
            same = (c.generation == self._generation)[None, :]
            self.spend.append((spent - np.where(same, self._spent, 0.0)).sum(axis=0))
            self.profit.append((recent - np.where(same, self.memory * self._recent, 0.0)).sum(axis=0))
        self._spent, self._recent, self._generation = spent, recent, c.generation.copy()

    def result(self) -> dict[str, Any]:
        """Share of the top 20 % in revenue, and the peak of the whale curve."""
        return {"top20": top_share(sum(self.spend[-12:])), "whale": whale_peak(sum(self.profit[-24:]))}


def top_share(spend: np.ndarray, share: float = 0.2) -> float:
    """Share of revenue of the top ``share`` of those who spent anything, interpolated."""
    x = np.sort(spend[spend > 0.005])[::-1]
    total = np.concatenate([[0.0], np.cumsum(x)])
    return float(np.interp(share * len(x), np.arange(len(x) + 1), total) / total[-1])


def whale_peak(profit: np.ndarray) -> float:
    """The largest cumulative profit over customers from the best down, over total profit."""
    x = np.sort(profit[np.abs(profit) > 0.005])[::-1]
    return float(np.cumsum(x).max() / x.sum()) if x.sum() > 0 else float("nan")


class Failures(Watcher):
    """Who failed in a month, what became of the failure, and who is still there six months later."""

    OUTCOMES = ("fine", "silent", "unresolved", "slow", "quick")

    def __init__(self, market: Market) -> None:
        super().__init__(market)
        self.first = 60
        self.waiting: list[tuple[np.ndarray, ...]] = []
        self.counts = np.zeros((len(self.OUTCOMES), 3))

    def look(self) -> None:
        """A cohort a month; the one of six months ago is looked up."""
        c = self.market.customers
        if len(self.waiting) == 6:
            ids, kind, supplier, generation = self.waiting.pop(0)
            same = c.generation[ids] == generation
            still = (c.supplier[ids] == supplier) & same
            for k in range(len(self.OUTCOMES)):
                self.counts[k] += [(each & (kind == k)).sum() for each in (same | True, same, still)]
        if self.market.month > self.first:
            ids = np.flatnonzero((c.supplier >= 0) & (c.bought > 0))
            kind = outcomes(self.market, ids)
            self.waiting.append((ids, kind, c.supplier[ids].copy(), c.generation[ids].copy()))

    def result(self) -> dict[str, Any]:
        """Share still there by outcome: of all, and of those who still are in the market (`stayed`)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            still, stayed = self.counts[:, 2] / self.counts[:, 0], self.counts[:, 2] / self.counts[:, 1]
        return {
            "still": dict(zip(self.OUTCOMES, still, strict=True)),
            "stayed": dict(zip(self.OUTCOMES, stayed, strict=True)),
        }


def outcomes(market: Market, ids: np.ndarray) -> np.ndarray:
    """What became of the last failure of each customer this month, redrawn from the keyed draws.

    Returns codes of `Failures.OUTCOMES`, 0 for who did not fail.
    """
    c, p, arrays, d = market.customers, market.tables.serve, market.month_of_firms, market.draws
    kind = np.zeros(len(ids), dtype=np.int64)
    which = np.flatnonzero(c.failed[ids] == 1)
    for e in range(int(c.bought[ids[which]].max(initial=0))):
        x = which[c.bought[ids[which]] > e]
        who, f, level = ids[x], c.supplier[ids[x]], c.level[ids[x]]
        u = {
            name: d._uniform(purpose(name), who, e, d.month)
            for name in ("fails", "severity", "voices", "recovered", "quickly")
        }
        over = 1.0 + p.overload_failures * arrays.overload[f]
        failed = u["fails"] < (1.0 - arrays.reliability[f]) * (1.0 - market.levels.prevented[level]) * over
        severity = -p.severity * np.log(u["severity"])
        skill = 1.0 - p.recovery_skill + p.recovery_skill * arrays.skill[f]
        voice, recovery, quick = (
            market.swaps.equations.get("serve", {}).get(n.split(".")[1]) for n in (_VOICE, _RECOVERY, _QUICK)
        )
        heard = market.levels.heard[level]
        odds = heard / (1.0 - heard) * severity / p.severity
        voiced = u["voices"] < (odds / (1.0 + odds) if voice is None else voice(heard, severity, None))
        resolved = u["recovered"] < (
            arrays.recovery_chance[f] * skill if recovery is None else recovery(None, None, None)
        )
        soon = u["quickly"] < (
            np.exp(-arrays.reply_days[f] * over / p.quick_days) if quick is None else quick(None, None, None)
        )
        code = np.where(~voiced, 1, np.where(~resolved, 2, np.where(soon, 4, 3)))
        kind[x] = np.where(failed, code, kind[x])
    return kind


def purpose(name: str) -> Any:
    """A purpose of the keyed draws, by its name."""
    from sim.draws import PURPOSES

    return next(p for p in PURPOSES if p.name == name)


class Starters(Watcher):
    """Customers of the focal firm in month ``START``, and how many of them are there each month after."""

    def __init__(self, market: Market) -> None:
        super().__init__(market)
        self.kept: list[int] = []

    def look(self) -> None:
        """Count who is (again or still) there."""
        c = self.market.customers
        if self.market.month == START:
            self.ids = np.flatnonzero(c.supplier == 0)
            self.generation = c.generation[self.ids].copy()
        elif self.market.month > START:
            self.kept.append(
                int(((c.supplier[self.ids] == 0) & (c.generation[self.ids] == self.generation)).sum())
            )

    def result(self) -> dict[str, Any]:
        """Heads by month after ``START``."""
        return {"starters": np.array(self.kept)}


WATCHERS = {"leavers": Leavers, "value": Value, "failures": Failures, "starters": Starters}


# ------------------------------------------------ rows: a figure of the design and ours


class Row(NamedTuple):
    """A figure of the design beside ours.

    low, high : the design's figure as a range (with its rounding). ours, sd : mean and spread over seeds.
    away : distance from the design's figure in units of the spread. verdict : "within" or "differs".
    """

    measure: str
    design: str
    ours: float
    sd: float
    away: float
    verdict: str
    unit: str


def row(measure: str, design: str, values: Any, low: float, high: float | None = None, *, half: float = 0.0, sd: float = 0.0,
        unit: str = "") -> Row:  # fmt: skip
    """A row from our values over seeds; ``half`` is half a unit of the design's last digit, ``sd`` its spread."""
    x = np.asarray(values, dtype=np.float64)
    x = x[np.isfinite(x)]
    mean, own = float(x.mean()), float(x.std(ddof=1)) if len(x) > 1 else 0.0
    return row_of(measure, design, mean, own, low, high, half=half, sd=sd, unit=unit)


def row_of(measure: str, design: str, mean: float, own: float, low: float, high: float | None = None, *, half: float = 0.0,
           sd: float = 0.0, unit: str = "") -> Row:  # fmt: skip
    """A row from our mean and its spread."""
    high = low if high is None else high
    gap = max(0.0, mean - (high + half)) - max(0.0, (low - half) - mean)
    spread = float(np.hypot(own, sd))
    away = 0.0 if gap == 0.0 else (gap / spread if spread > 0 else float(np.copysign(np.inf, gap)))
    return Row(measure, design, mean, own, away, "within" if abs(away) <= 1.0 else "differs", unit)


def word_row(measure: str, design: str, ours: float, shown: str, away: float) -> Row:
    """A row for an argmax: ``away`` is how much better ours is than the design's, in units of the paired spread's error."""
    return Row(measure, design, ours, float("nan"), away, "within" if away <= 2.0 else "differs", shown)


def shown_only(made: Row) -> Row:
    """A row for information, where the design has no figure."""
    return made._replace(design="not stated", away=float("nan"), verdict="")


def each(results: Sequence[dict[str, Any]], f: Callable[[dict[str, Any]], float]) -> np.ndarray:
    """A figure of each seed."""
    return np.array([f(r) for r in results])


def paired(a: Sequence[Any], b: Sequence[Any], f: Callable[[Any], float]) -> np.ndarray:
    """The relative difference of a figure, arm against control, by seed."""
    x, y = each(a, f), each(b, f)
    return x / y - 1.0


def value_of(result: dict[str, Any], months: int = 60, tail: bool = True, rate: float = 0.10) -> float:
    """Discounted profit of the focal firm from month ``START`` on; the mean of the last year goes on to month 120."""
    flow = result["profit"][START : START + months, 0]
    k = np.arange(1, len(flow) + 1)
    total = float((flow * (1 + rate) ** (-k / 12)).sum())
    if tail:
        later = np.arange(months + 1, 121)
        total += float(flow[-12:].mean() * ((1 + rate) ** (-later / 12)).sum())
    return total


def five_years(result: dict[str, Any]) -> float:
    """Discounted profit of 60 months, without a tail."""
    return value_of(result, 60, tail=False)


class Pattern(NamedTuple):
    """A pattern: the worlds that it needs and the rows that it makes of them.

    arms(scale) -> label -> Arm; rows(results) with results[label] a list over seeds. ``times`` gives a
    multiple of the seeds by label's first word (small markets need more of them).
    """

    title: str
    note: str
    arms: Callable[[], dict[str, Arm]]
    rows: Callable[[dict[str, list[dict[str, Any]]]], Iterator[Row]]
    times: Callable[[str], float] = lambda label: 1.0


PLAIN = Arm(144, watch=("leavers",))
LONG = Arm(120, watch=("leavers", "value"))


# ------------------------------------------------ the plain market


def state_arms() -> dict[str, Arm]:
    """The plain market."""
    return {"plain": PLAIN}


def state_rows(r: dict[str, list[dict[str, Any]]]) -> Iterator[Row]:
    """Retention, churn, awareness, loyalty, encounters, money."""
    plain = r["plain"]
    whole = 10_000 / plain[0]["slots"]

    def mean(name: str) -> np.ndarray:
        return each(plain, lambda x: np.nanmean(x[name][STEADY]))

    def share(name: str) -> np.ndarray:
        return each(plain, lambda x: x[name][STEADY].sum() / x["orders"][STEADY].sum())

    yield row(
        "annual retention",
        "0.740 ± 0.002",
        mean("annual_retention"),
        0.740,
        half=0.0005,
        sd=0.002,
        unit=".4f",
    )
    yield row("annual retention, unbroken", "0.72", mean("unbroken"), 0.72, half=0.005, unit=".4f")
    yield row("monthly churn", "0.029", mean("monthly_churn"), 0.029, half=0.0005, unit=".4f")
    yield row("without supplier", "4.3 %", mean("alone"), 0.043, half=0.0005, unit=".2%")
    yield row(
        "  at month 120", "4.3 %", each(plain, lambda x: x["alone"][119]), 0.043, half=0.0005, unit=".2%"
    )
    yield row("awareness of a firm", "0.71", mean("awareness"), 0.71, half=0.005, unit=".4f")
    yield row("mean loyalty", "0.30", mean("loyalty"), 0.30, half=0.005, unit=".4f")
    yield row("unhappy encounters", "4.5 %", share("unhappy"), 0.045, half=0.0005, unit=".2%")
    yield row("happy encounters", "9.7 %", share("happy"), 0.097, half=0.0005, unit=".2%")
    yield row("profit a firm-month", "19,800", mean("profit") * whole, 19_800, half=50, unit=",.0f")
    yield row("revenue a firm-month", "86,000", mean("revenue") * whole, 86_000, half=500, unit=",.0f")


def cohort_rows(r: dict[str, list[dict[str, Any]]]) -> Iterator[Row]:
    """Retention by year of age, relationships that began in the first 120 months."""
    for year, figure in enumerate((0.60, 0.67, 0.73, 0.75, 0.78), 1):
        x = [s["survival"][1] / s["survival"][0] for s in r["cohorts"]]
        yield row(
            f"year {year}",
            f"{figure:.2f}",
            [s[year] / s[year - 1] for s in x],
            figure,
            half=0.005,
            unit=".3f",
        )


def reasons_arms() -> dict[str, Arm]:
    """The plain market, one dearer firm, more failures everywhere."""
    dear = Arm(96, focal=during(price=1.1), watch=("leavers",))
    return {
        "plain": PLAIN,
        "dearer": dear,
        "failures": Arm(96, change=all_firms(reliability=0.85), watch=("leavers",)),
    }


def reasons_rows(r: dict[str, list[dict[str, Any]]]) -> Iterator[Row]:
    """Shares of the true reasons of switches."""

    def shares(result: dict[str, Any], reason: str, focal: bool = False) -> float:
        d = result["departures"]
        counted = (
            (d["reason"] < 8) & (d["month"] >= START) & (d["month"] < 96) & ((d["firm"] == 0) | (not focal))
        )
        return float((d["reason"][counted] == REASONS.index(reason)).mean())

    figures = {"variety": 30, "a rival's offer": 20, "service failure": 15, "word of mouth": 12, "messages": 12,
               "better elsewhere": 8, "neglect": 3, "price": 0}  # fmt: skip
    for reason, figure in figures.items():
        values = each(r["plain"], lambda x, reason=reason: shares(x, reason))
        yield row(f"defaults: {reason}", f"{figure} %", values, figure / 100, half=0.005, unit=".1%")
    dear = each(r["dearer"], lambda x: shares(x, "price"))
    yield row("one firm 10 % dearer: price, of all leavers", "21 %", dear, 0.21, half=0.005, unit=".1%")
    yield shown_only(
        row("  of its own", "", each(r["dearer"], lambda x: shares(x, "price", focal=True)), 0.0, unit=".1%")
    )
    failed = each(r["failures"], lambda x: shares(x, "service failure"))
    yield row("failures at 15 % everywhere: service failure", "38 %", failed, 0.38, half=0.005, unit=".1%")


# ------------------------------------------------ costs of winning and keeping


def margin_arms() -> dict[str, Arm]:
    """Twins over 24 and 60 months: more advertising; a level more for a keyed tenth."""
    months, watch = START + 60, ("starters",)
    arms = {"plain": PLAIN, "advertising": Arm(months, focal=during(advertising=3300.0), watch=watch)}
    for low, high in (("basic", "reactive"), ("reactive", "accountable")):
        change = ((f"firms.{FOCAL}.plan.level", low),)
        arms[f"{low} base"] = Arm(months, change=change, watch=watch)
        arms[f"{low} up"] = Arm(
            months, change=change, focal=("LevelForKeyed", (("level", high),)), watch=watch
        )
    return arms


def ratio_of_sums(above: np.ndarray, below: np.ndarray) -> tuple[float, float]:
    """Sum over sum, and its jackknife standard error times the root of the seeds (a spread)."""
    n = len(above)
    if n < 2:
        return float(above.sum() / below.sum()), float("nan")
    left = (above.sum() - above) / (below.sum() - below)
    return float(above.sum() / below.sum()), float(np.sqrt((n - 1) * ((left - left.mean()) ** 2).sum()))


def margin_rows(r: dict[str, list[dict[str, Any]]]) -> Iterator[Row]:
    """The average ratio, and money a customer won or a customer-year kept at the margin."""

    def average(x: dict[str, Any], more: str | None = None) -> float:
        heads = x["heads"][STEADY].sum() / 12
        kept = heads * np.nanmean(x["annual_retention"][STEADY])
        keeping = x["keeping"][STEADY].sum() + (x[more][STEADY].sum() if more else 0.0)
        return float((x["winning"][STEADY].sum() / x["won"][STEADY].sum()) / (keeping / kept))

    ratio = each(r["plain"], average)
    yield row("average ratio", "5.4 ± 0.1", ratio, 5.4, half=0.05, sd=0.1, unit=".2f")
    ratio = each(r["plain"], lambda x: average(x, "idle_of_levels"))
    yield row("  with the levels' part of idle pay", "5.4 ± 0.1", ratio, 5.4, half=0.05, sd=0.1, unit=".2f")
    more, base = r["advertising"], r["reactive base"]
    months = slice(START, START + 24)
    spend = each(more, lambda x: x["winning"][months, 0].sum()) - each(
        base, lambda x: x["winning"][months, 0].sum()
    )
    won = each(more, lambda x: x["won"][months, 0].sum()) - each(base, lambda x: x["won"][months, 0].sum())
    yield row_of("a customer won, 24 months", "199", *ratio_of_sums(spend, won), 199, half=0.5, unit=",.0f")
    for span, who in ((60, "heads"), (24, "starters")):
        for name, design in (("basic", 96), ("reactive", 359)):
            ours = kept_at_margin(r[f"{name} up"], r[f"{name} base"], span, who)
            known = "all customers" if who == "heads" else "those of month 24"
            made = row_of(
                f"a customer-year kept, from {name}, {span} months, {known}",
                str(design),
                *ours,
                design,
                half=0.5,
                unit=",.0f",
            )
            yield made if who == "heads" else shown_only(made)


def kept_at_margin(up: Sequence[Any], base: Sequence[Any], span: int, who: str) -> tuple[float, float]:
    """Money for one more customer-year kept, over a span of months: of all customers, or of those of month `START`."""
    months = slice(START, START + span)
    spend = each(up, lambda x: x["keeping"][months, 0].sum()) - each(
        base, lambda x: x["keeping"][months, 0].sum()
    )

    def years(x: dict[str, Any]) -> float:
        return float(x["heads"][months, 0].sum() if who == "heads" else x["starters"][:span].sum()) / 12

    return ratio_of_sums(spend, each(up, years) - each(base, years))


# ------------------------------------------------ concentration


SERVICE_HEAVY = (
    ("serve.encounter_load", 0.004),
    *all_firms(unit_margin=0.35),
    ("segments.everyone.service_intensity.sd", 3.0),
)


def value_arms() -> dict[str, Arm]:
    """Defaults and a service-heavy world, 120 months."""
    return {"plain": LONG, "heavy": Arm(120, change=SERVICE_HEAVY, watch=("value",))}


def value_rows(r: dict[str, list[dict[str, Any]]]) -> Iterator[Row]:
    """Top 20 % of revenue; whale curve."""
    yield row(
        "top 20 % of 12 months' revenue",
        "0.63",
        each(r["plain"], lambda x: x["top20"]),
        0.63,
        half=0.005,
        unit=".3f",
    )
    yield row(
        "whale peak, 24 months", "1.07", each(r["plain"], lambda x: x["whale"]), 1.07, half=0.005, unit=".3f"
    )
    heavy = each(r["heavy"], lambda x: x["whale"])
    yield row("whale peak, service-heavy", "1.37 to 1.70", heavy, 1.37, 1.70, half=0.005, unit=".2f")


# ------------------------------------------------ failures, recovery, word of mouth


def recovery_arms() -> dict[str, Arm]:
    """Every failure forced to one fate, and as observed."""
    arms = {
        name: Arm(96, swap=name, watch=("failures",)) for name in ("silent", "unresolved", "slow", "quick")
    }
    arms["now"] = Arm(96, watch=("failures",))
    old = (("serve.unresolved_pending", 0.6), ("serve.slow_kept", 0.999999))
    return arms | {"even": Arm(96, swap="even", change=old, watch=("failures",))}


def recovery_rows(r: dict[str, list[dict[str, Any]]]) -> Iterator[Row]:
    """Share with the same supplier six months later."""
    for name, figure in (("silent", 0.756), ("unresolved", 0.796), ("slow", 0.852), ("quick", 0.874)):
        values = each(r[name], lambda x, n=name: x["still"][n])
        yield row(f"forced: {name}", f"{figure:.3f}", values, figure, half=0.0005, unit=".3f")
    fine = sorted(
        (each(r[n], lambda x: x["still"]["fine"]) for n in ("silent", "unresolved", "slow", "quick")),
        key=np.mean,
    )
    yield row("forced worlds: not failed, lowest", "0.84", fine[0], 0.84, half=0.005, unit=".3f")
    yield row("forced worlds: not failed, highest", "0.865", fine[-1], 0.865, half=0.0005, unit=".3f")
    observed = (("not failed", 0.874, ("fine",)), ("resolved", 0.876, ("slow", "quick")), ("unresolved", 0.796, ("unresolved",)),
                ("silent", 0.794, ("silent",)))  # fmt: skip
    for arm, label in (("even", "observed, one voice"), ("now", "observed, as it is")):
        for name, figure, kinds in observed:
            values = each(r[arm], lambda x, k=kinds: np.mean([x["stayed"][n] for n in k]))
            design = f"{figure:.3f}" if arm == "even" else "not stated"
            made = row(f"{label}: {name}", design, values, figure, half=0.0005, unit=".3f")
            yield made if arm == "even" else shown_only(made)


QUIET = (("talk.unhappy_tells", 0), ("talk.happy_tells", 0))


def loss_arms() -> dict[str, Arm]:
    """The focal firm's failures from 5 to 10 %, with and without word of mouth."""
    worse = (("reliability", 0.90),)
    return {"plain": PLAIN, "worse": Arm(84, capability=worse), "quiet": Arm(84, change=QUIET),
            "quiet worse": Arm(84, change=QUIET, capability=worse)}  # fmt: skip


def loss_rows(r: dict[str, list[dict[str, Any]]]) -> Iterator[Row]:
    """Five-year value lost."""
    yield row(
        "with word of mouth",
        "-8.8 %",
        paired(r["worse"], r["plain"], five_years),
        -0.088,
        half=0.0005,
        unit=".1%",
    )
    quiet = paired(r["quiet worse"], r["quiet"], five_years)
    yield row("without", "-7.4 %", quiet, -0.074, half=0.0005, unit=".1%")


# ------------------------------------------------ permission


PERSONAL = ((f"firms.{FOCAL}.plan.personalization", 0.7),)
STRATEGIES = ("opt_out", "interruption", "opt_in", "double_opt_in")
VOLUMES = (0, 1, 2, 4, 7, 10, 16)


def strategy_arms() -> dict[str, Arm]:
    """The focal firm's strategy from month 24 on; its personalization is 0.7."""
    return {s: Arm(84, change=PERSONAL, focal=during(strategy=s)) for s in STRATEGIES}


def strategy_rows(r: dict[str, list[dict[str, Any]]]) -> Iterator[Row]:
    """Profit a month against opt_out, by period; value."""
    spans = (((1, 3), 273, 118, "+273 ± 118"), ((4, 6), 106, 207, "+106 ± 207"), ((7, 12), -586, 0, "-586"),
             ((13, 24), -1625, 0, "-1,625"), ((25, 36), -3184, 0, "-3,184"), ((37, 60), -5178, 0, "-5,178"))  # fmt: skip
    for (first, last), figure, sd, shown in spans:
        months = slice(START + first - 1, START + last)
        gain = each(r["interruption"], lambda x, m=months: x["profit"][m, 0].mean())
        gain = gain - each(r["opt_out"], lambda x, m=months: x["profit"][m, 0].mean())
        yield row(
            f"interruption, months {first} to {last}", shown, gain, figure, half=0.5, sd=sd, unit="+,.0f"
        )
    for name, figure, sd, shown in (("interruption", -0.14, 0.0, "-14 %"), ("opt_in", -0.002, 0.013, "-0.2 ± 1.3 %"),
                                    ("double_opt_in", -0.024, 0.0, "-2.4 %")):  # fmt: skip
        half = 0.005 if name == "interruption" else 0.0005
        yield row(
            f"{name}, value",
            shown,
            paired(r[name], r["opt_out"], five_years),
            figure,
            half=half,
            sd=sd,
            unit="+.1%",
        )


def volume_arms() -> dict[str, Arm]:
    """Messages a month, by strategy."""
    return {
        f"{s} {m}": Arm(84, change=PERSONAL, focal=during(strategy=s, messages=m))
        for s in STRATEGIES[:3]
        for m in VOLUMES
    }


def best_of(values: dict[Any, np.ndarray], wanted: Iterable[Any]) -> tuple[Any, list[Any], float]:
    """The best choice, those not distinguishable from it, and how far the wanted one is behind (paired, in standard errors)."""
    best = max(values, key=lambda k: values[k].mean())

    def behind(k: Any) -> float:
        gap = values[best] - values[k]
        if k == best:
            return 0.0
        return float(gap.mean() / (gap.std(ddof=1) / np.sqrt(len(gap)))) if len(gap) > 1 else float("inf")

    ties = [k for k in values if behind(k) <= 2.0]
    return best, ties, min(behind(k) for k in wanted)


def volume_rows(r: dict[str, list[dict[str, Any]]]) -> Iterator[Row]:
    """The best number of messages."""
    for strategy, shown, wanted in (
        ("interruption", "1", (1,)),
        ("opt_out", "2 to 4", (2, 4)),
        ("opt_in", "4", (4,)),
    ):
        values = {m: each(r[f"{strategy} {m}"], five_years) for m in VOLUMES}
        best, ties, behind = best_of(values, wanted)
        tied = ", ".join(str(m) for m in ties if m != best)
        yield word_row(strategy, shown, best, f"{best}" + (f" (tie: {tied})" if tied else ""), behind)


# ------------------------------------------------ levels and bonds


MARKETS = {"many": (10_000, 1.0, 0.5), "medium": (2_000, 5.0, 2.0), "few": (400, 25.0, 10.0)}
MARGINS = (0.1, 0.3, 0.6)
KOTLER = {"many": (0, 1, 2), "medium": (2, 2, 3), "few": (2, 3, 4)}


def grid_arms() -> dict[str, Arm]:
    """Focal level by number of customers (the same spend of the market) and margin; little load."""
    arms = {}
    for name, (customers, times, _) in MARKETS.items():
        for margin in MARGINS:
            change = (
                ("serve.encounter_load", 0.001),
                ("segments.everyone.basket.mean", 50.0 * times),
                *all_firms(unit_margin=margin),
            )
            for level in LEVELS:
                arms[f"{name} {margin} {level}"] = Arm(84, customers, change, during(level=level))
    return arms


def grid_rows(r: dict[str, list[dict[str, Any]]]) -> Iterator[Row]:
    """The best level in each of nine cells."""
    for name in MARKETS:
        for margin, wanted in zip(MARGINS, KOTLER[name], strict=True):
            values = {k: each(r[f"{name} {margin} {level}"], five_years) for k, level in enumerate(LEVELS)}
            best, ties, behind = best_of(values, (wanted,))
            tied = ", ".join(str(k) for k in ties if k != best)
            yield word_row(
                f"{name}, margin {margin}",
                str(wanted),
                best,
                f"{best}" + (f" (tie: {tied})" if tied else ""),
                behind,
            )


def grid_times(label: str) -> float:
    """Small markets need more seeds."""
    return MARKETS[label.split()[0]][2]


STOP = START + 36


def bond_arms() -> dict[str, Arm]:
    """Bonds with all own customers in months 24 to 59."""

    def bond(**decisions: Any) -> Any:
        return during(stop=STOP, **decisions)

    matched = ("MatchFocal", (("lag", 1),))
    return {"plain": PLAIN, "structural": Arm(96, focal=bond(structural=True)), "unmatched discount": Arm(96, focal=bond(discount=0.1)),
            "matched discount": Arm(96, focal=bond(discount=0.1), rivals=matched), "social": Arm(96, focal=bond(social=True))}  # fmt: skip


def bond_rows(r: dict[str, list[dict[str, Any]]]) -> Iterator[Row]:
    """Extra customers when the bond stops, 12 and 35 months later."""
    figures = {
        "structural": (536, 538, 311),
        "unmatched discount": (246, 160, 81),
        "matched discount": (27, 23, 15),
        "social": (90, 96, 83),
    }
    for name, three in figures.items():
        for later, figure in zip((0, 12, 35), three, strict=True):
            at = STOP - 1 + later
            extra = each(r[name], lambda x, t=at: x["heads"][t, 0]) - each(
                r["plain"], lambda x, t=at: x["heads"][t, 0]
            )
            when = "at the end" if later == 0 else f"{later} months later"
            yield row(f"{name}, {when}", f"{figure}", extra, figure, half=0.5, unit="+.0f")


STAYING = 1.38
"""Switching cost of the focal firm that lifts its annual retention by about 4.4 points."""


def staying_arms() -> dict[str, Arm]:
    """The focal firm's customers find it harder to leave, from the start."""
    return {"plain": PLAIN, "staying": Arm(144, change=((f"firms.{FOCAL}.switching_cost", STAYING),))}


def staying_rows(r: dict[str, list[dict[str, Any]]]) -> Iterator[Row]:
    """Steady profit and ten-year value of some more points of retention."""
    late = slice(84, 144)
    gain = each(r["staying"], lambda x: np.nanmean(x["annual_retention"][late, 0]))
    gain = gain - each(r["plain"], lambda x: np.nanmean(x["annual_retention"][late, 0]))
    yield row("points of annual retention", "+4.4", 100 * gain, 4.4, half=0.05, unit="+.2f")
    steady = paired(r["staying"], r["plain"], lambda x: x["profit"][132:144, 0].mean())
    yield row("steady profit", "+37 %", steady, 0.37, half=0.005, unit="+.1%")
    ten = paired(r["staying"], r["plain"], lambda x: value_of(x, 120, tail=False))
    yield row("ten-year value", "+22 %", ten, 0.22, half=0.005, unit="+.1%")


def top_arms() -> dict[str, Arm]:
    """The level proactive for the top fifth by recent spend, or for everybody."""
    fifth = (("share", 0.2), ("level", "proactive"))
    return {
        "plain": PLAIN,
        "top": Arm(84, focal=("LevelForTop", fifth)),
        "seen": Arm(84, focal=("LevelForTop", (*fifth, ("seen", True)))),
        "all": Arm(84, focal=during(start=0, level="proactive")),
    }


def top_rows(r: dict[str, list[dict[str, Any]]]) -> Iterator[Row]:
    """Value gained or lost."""

    def first_years(x: dict[str, Any]) -> float:
        return float((x["profit"][:60, 0] * 1.1 ** (-np.arange(1, 61) / 12)).sum())

    top, every, plain = r["top"], r["all"], r["plain"]
    yield row(
        "top fifth, months 24 to 83",
        "+25 to 32 %",
        paired(top, plain, five_years),
        0.25,
        0.32,
        half=0.005,
        unit="+.1%",
    )
    yield row(
        "everybody, months 0 to 59",
        "-106 %",
        paired(every, plain, first_years),
        -1.06,
        half=0.005,
        unit="+.1%",
    )
    seen = paired(r["seen"], plain, five_years)
    yield shown_only(row("top fifth of the active on record, months 24 to 83", "", seen, 0.0, unit="+.1%"))
    made = row("everybody, months 24 to 83", "", paired(every, plain, five_years), 0.0, unit="+.1%")
    yield shown_only(made)


# ------------------------------------------------ twins


def twin_arms() -> dict[str, Arm]:
    """Small and large changes of the focal firm."""
    changes = {"messages 4": during(messages=4), "advertising +10 %": during(advertising=3300.0), "discount 5 %": during(discount=0.05),
               "price -5 %": during(price=0.95), "level accountable": during(level="accountable"), "refund": during(recovery="refund"),
               "opt_in": during(strategy="opt_in"), "interruption": during(strategy="interruption")}  # fmt: skip
    return {"plain": PLAIN} | {name: Arm(84, focal=focal) for name, focal in changes.items()}


def twin_rows(r: dict[str, list[dict[str, Any]]]) -> Iterator[Row]:
    """Variance of a difference between independent seeds over that between twins, by arm."""
    for months, low, high in ((24, 12, 430), (60, 12, 185)):
        ratios = {}
        base = each(r["plain"], lambda x, m=months: x["profit"][START : START + m, 0].sum())
        for name in r:
            if name != "plain":
                arm = each(r[name], lambda x, m=months: x["profit"][START : START + m, 0].sum())
                ratios[name] = (arm.var(ddof=1) + base.var(ddof=1)) / (arm - base).var(ddof=1)
        for name, ratio in sorted(ratios.items(), key=lambda x: x[1]):
            yield row_of(
                f"{months} months: {name}", f"{low} to {high}", ratio, 0.5 * ratio, low, high, unit=",.0f"
            )


PATTERNS: dict[str, Pattern] = {
    "state": Pattern("The plain market", "Means over firms and months 24 to 119.", state_arms, state_rows),
    "costs": Pattern(
        "Winning and keeping",
        "Ratio as in metrics.md, months 24 to 119; at the margin twins: advertising + 10 %, a level more for a keyed tenth; sums over seeds, jackknife spread.",
        margin_arms, margin_rows,
    ),
    "concentration": Pattern("Concentration", "Slots of the whole market at month 120.", value_arms, value_rows),
    "cohorts": Pattern(
        "Retention by year of age", "Relationships that began in months 0 to 119, pooled.",
        lambda: {"cohorts": LONG}, cohort_rows,
    ),
    "recovery": Pattern(
        "Still there six months after a failure",
        "All failures of the run forced by swapped equations; who bought in months 60 to 89, all firms, by the last failure of "
        "the month; not failed: bought that month without one. Forced: of all; observed: of those who still are in the market.",
        recovery_arms, recovery_rows,
    ),
    "loss": Pattern(
        "Failures of one firm from 5 to 10 %", "From month 24 on; discounted profit of 60 months, no tail.", loss_arms, loss_rows
    ),
    "strategies": Pattern(
        "Permission", "The focal firm has personalization 0.7 and 2 messages; its strategy from month 24 on; value: discounted profit of 60 months.",
        strategy_arms, strategy_rows,
    ),
    "messages": Pattern(
        "Best messages a month", f"As above; messages {', '.join(map(str, VOLUMES))}; ties within two standard errors.",
        volume_arms, volume_rows,
    ),
    "levels": Pattern(
        "Best level", "Load 0.001; 10,000, 2,000 and 400 customers with baskets of 50, 250 and 1,250; half, two and ten times the seeds.",
        grid_arms, grid_rows, grid_times,
    ),
    "bonds": Pattern(
        "Bonds in months 24 to 59", "Plain market; rivals match the mean discount a month later.", bond_arms, bond_rows
    ),
    "retention": Pattern(
        "Some points of retention", f"The focal firm's switching cost is {STAYING} from month 0 on; points over months 84 to 143, steady profit the last 12 months, value of months 24 to 143.",
        staying_arms, staying_rows,
    ),
    "favour": Pattern("Level proactive for some or all", "The level from month 0 on; customers ranked by recent spend; discounted profit of 60 months.", top_arms, top_rows),
    "twins": Pattern(
        "Variance reduction by twins", "Profit to date of eight changes from month 24 on; the spread is taken as half the figure.", twin_arms, twin_rows
    ),
    "reasons": Pattern("Why customers leave", "Switches of months 24 to 95, exits left out; one firm is dearer from month 24 on; failures at 15 % at all firms, from the start.", reasons_arms, reasons_rows),
}  # fmt: skip
"""Patterns of section 10 of the model, by name."""


# ------------------------------------------------ running


def tasks_of(names: Sequence[str], seeds: int, scale: float) -> dict[tuple[Arm, int], None]:
    """Every (arm, seed) that the patterns need, once each."""
    tasks: dict[tuple[Arm, int], None] = {}
    for name in names:
        pattern = PATTERNS[name]
        for label, arm in pattern.arms().items():
            for seed in seeds_of(pattern, label, seeds):
                tasks[(scaled(arm, scale), seed)] = None
    return tasks


def seeds_of(pattern: Pattern, label: str, seeds: int) -> range:
    """Seeds of an arm."""
    return range(FIRST_SEED, FIRST_SEED + max(2, round(seeds * pattern.times(label))))


def scaled(arm: Arm, scale: float) -> Arm:
    """A smaller market where a quick look is wanted; advertising money shrinks with it."""
    if scale == 1.0 or arm.customers < 10_000:
        return arm
    focal = arm.focal
    if focal is not None:
        focal = (focal[0], tuple((k, v * scale if k == "advertising" else v) for k, v in focal[1]))
    return arm._replace(customers=int(arm.customers * scale), focal=focal)


def _run_task(task: tuple[Arm, int]) -> tuple[tuple[Arm, int], dict[str, Any]]:
    """Run a world and free its memory, which hangs in circles."""
    result = run_arm(*task)
    gc.collect()
    gc.freeze()
    return task, result


def run_tasks(
    tasks: Iterable[tuple[Arm, int]], processes: int, show: bool
) -> dict[tuple[Arm, int], dict[str, Any]]:
    """Run all worlds on some processes; a bar on a terminal."""
    order = sorted(tasks, key=lambda t: (t[0].swap or "", -t[0].customers * t[0].months))
    if processes < 2:
        return dict(_bar((_run_task(t) for t in order), len(order), show))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        jobs = [pool.submit(_run_task, t) for t in order]
        return dict(_bar((job.result() for job in as_completed(jobs)), len(order), show))


def _bar(done: Iterator[Any], total: int, show: bool) -> Iterator[Any]:
    for k, item in enumerate(done, 1):
        if show:
            filled = 40 * k // total
            print(
                f"\r[{'#' * filled}{'.' * (40 - filled)}] {k}/{total} worlds",
                end="",
                file=sys.stderr,
                flush=True,
            )
        yield item
    if show:
        print(file=sys.stderr)


def patterns(
    names: Sequence[str], seeds: int, scale: float = 1.0, processes: int = 2, show: bool = False
) -> dict[str, list[Row]]:
    """All rows of the patterns named."""
    results = run_tasks(tasks_of(names, seeds, scale), processes, show)
    out = {}
    for name in names:
        pattern = PATTERNS[name]
        by_label = {
            label: [results[(scaled(arm, scale), s)] for s in seeds_of(pattern, label, seeds)]
            for label, arm in pattern.arms().items()
        }
        out[name] = list(pattern.rows(by_label))
    return out


# ------------------------------------------------ printing


def ours_text(r: Row) -> str:
    """Our figure as shown."""
    if not np.isfinite(r.sd) and not (r.unit.startswith((".", "+", ","))):
        return r.unit
    spread = format(r.sd, r.unit.replace("+", "")) if np.isfinite(r.sd) else "?"
    return f"{format(r.ours, r.unit)} ± {spread}"


def away_text(r: Row) -> str:
    """The difference in units of the spread, as shown."""
    return "" if not np.isfinite(r.away) and not np.isinf(r.away) else f"{r.away:+.1f}" if r.away else "0"


def as_page(rows: dict[str, list[Row]]) -> str:
    """The tables in Markdown."""
    lines = []
    for name, made in rows.items():
        pattern = PATTERNS[name]
        lines += [
            f"### {pattern.title} (`{name}`)",
            "",
            pattern.note,
            "",
            "| measure | design | ours | difference | verdict |",
            "|---|---|---|---|---|",
        ]
        lines += [
            f"| {r.measure.strip()} | {r.design} | {ours_text(r)} | {away_text(r)} | {r.verdict} |"
            for r in made
        ]
        lines.append("")
    return "\n".join(lines)


def as_text(rows: dict[str, list[Row]]) -> str:
    """The tables for a terminal of 80 columns."""
    lines = []
    for name, made in rows.items():
        lines += ["", f"{PATTERNS[name].title} ({name})"]
        lines += [
            f"  {r.measure[:34]:<34} {r.design:>13} {ours_text(r):>18} {away_text(r):>5} {r.verdict}"
            for r in made
        ]
    return "\n".join(lines)


def as_json(rows: dict[str, list[Row]]) -> str:
    """One JSON object with a key a pattern; what is not a finite number is null."""

    def plain(x: Any) -> Any:
        return None if isinstance(x, float) and not np.isfinite(x) else x

    return json.dumps(
        {
            n: [
                {k: plain(v) for k, v in r._asdict().items() if k != "unit"} | {"text": ours_text(r)}
                for r in made
            ]
            for n, made in rows.items()
        },
        indent=1,
    )


PAGE = ROOT / "docs" / "patterns.md"
BEGIN, END = "<!-- made by benchmarks/patterns.py: begin -->", "<!-- end -->"


def write_page(path: Path, table: str) -> None:
    """Put the tables into a page, between its two marks; the rest of the page stays."""
    text = path.read_text(encoding="utf-8") if path.exists() else f"# Patterns\n\n{BEGIN}\n{END}\n"
    head, rest = text.split(BEGIN, 1)
    new = f"{head}{BEGIN}\n\n{table}\n{END}{rest.split(END, 1)[1]}"
    part = path.with_suffix(".part")
    part.write_text(new, encoding="utf-8")
    part.replace(path)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only",
        metavar="NAME",
        action="append",
        choices=list(PATTERNS),
        help=f"one of {', '.join(PATTERNS)}; repeatable",
    )
    parser.add_argument("--seeds", type=int, metavar="N", help="seeds, from 101 on (10; 3 with --quick)")
    parser.add_argument("--quick", action="store_true", help="markets of 2,000 customers and three seeds")
    parser.add_argument("--json", action="store_true", help="one JSON object, a key a pattern")
    parser.add_argument("--out", type=Path, metavar="PAGE", help="also write the tables into a Markdown page")
    parser.add_argument("--processes", type=int, default=2, metavar="N", help="worlds at a time (2)")
    options = parser.parse_args(arguments)
    names = list(dict.fromkeys(options.only or PATTERNS))
    seeds = options.seeds or (3 if options.quick else 10)
    began = time.perf_counter()
    rows = patterns(names, seeds, 0.2 if options.quick else 1.0, options.processes, sys.stderr.isatty())
    if options.out:
        write_page(options.out, as_page(rows))
    print(as_json(rows) if options.json else as_text(rows))
    print(f"{seeds} seeds from {FIRST_SEED}, {time.perf_counter() - began:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
