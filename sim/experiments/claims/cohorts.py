"""Retention of a cohort rises with its age: because people differ, because loyalty grows, or both?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sim.experiments.claims.design import Design, Judged, Part, Picture, Size
from sim.experiments.claims.effects import mean_and_spread, paired, pictured
from sim.experiments.claims.twins import after
from sim.experiments.claims.verdicts import Cell
from sim.market import Market
from sim.metrics.staying import relationships
from sim.runs import Run
from sim.snapshots import advance

TRAITS = ("need_rate", "basket", "price_sensitivity", "relationship_orientation", "contact_tolerance", "privacy_concern",
          "service_intensity", "exit_rate", "taste")  # fmt: skip
SAME = {f"segments.everyone.{trait}.varies": False for trait in TRAITS}
FROZEN = {
    f"decide.levels.{level}.growth": 0.0
    for level in ("basic", "reactive", "accountable", "proactive", "partnership")
}
LOYALTY = 0.3
YEARS = 5
COHORTS = {"high end": (0.6681, 3.8061, -26.0), "regular": (0.7041, 1.182, -37.0)}
"""Fader & Hardie 2007: alpha and beta of two cohorts; and the bias, in %, of the value by the first year's retention."""
CLOSED = {
    "market.setting": "contract", "market.served_at_start": 1.0, "segments.everyone.need_rate.mean": 1.0,
    "segments.everyone.need_rate.varies": False, "buy.base_chance": 0.0, "buy.outside": -50.0, "buy.cross_sell": 0.0,
    "serve.unhappy_pending": 0.0, "leave.base_exit": 0.0, "talk.unhappy_tells": 0, "talk.happy_tells": 0,
} | {f"firms.{firm}.plan.strategy": "silent" for firm in ("North", "East", "South", "West")}  # fmt: skip
"""Nobody changes firms; people leave by their own chance alone, a period a month."""
DISCOUNT = 0.10


def _worlds(size: Size) -> list[dict[str, Any]]:
    arms = [{"world": "market", "traits": traits, "loyalty": loyalty, "cohort": ""}
            for traits in ("differ", "same") for loyalty in ("grows", "frozen")]  # fmt: skip
    closed = [{"world": "closed", "traits": "", "loyalty": "", "cohort": name} for name in COHORTS]
    return [*arms, *size.pick(closed, closed[:1])]


def _play(world: Mapping[str, Any], seed: int, size: Size) -> list[dict[str, Any]]:
    if world["world"] == "closed":
        return [_closed(COHORTS[world["cohort"]], seed, size)]
    change: dict[str, Any] = {"market.customers": size.customers}
    change |= SAME if world["traits"] == "same" else {}
    change |= FROZEN if world["loyalty"] == "frozen" else {}
    months = max(36, size.burn_in + size.months + 12)
    market = Market("plain", months=months, seed=seed, change=change, threads=1)
    advance(
        market, months, [after("relate", _freeze)] if world["loyalty"] == "frozen" else [], measured=False
    )
    spans = relationships(Run(market))
    return [{f"year_{year}": rate for year, rate in enumerate(_by_age(spans, months), 1)}]


def _freeze(market: Market) -> None:
    c = market.customers
    c.loyalty[c.supplier >= 0] = LOYALTY


def _by_age(spans: pd.DataFrame, months: int) -> list[float]:
    """Retention in each year of age, of relationships that began during the run and could be followed so long."""
    began = spans["began"].to_numpy(dtype=np.int64)
    ended = spans["ended"].fillna(10**6).to_numpy(dtype=np.int64)
    years = min(YEARS, months // 12 - 1)
    rates = []
    for year in range(1, years + 1):
        seen = (began >= 1) & (began + 12 * year <= months)
        rates.append(
            float(
                (ended[seen] > began[seen] + 12 * year).sum()
                / max(1, (ended[seen] > began[seen] + 12 * (year - 1)).sum())
            )
        )
    return rates


def _closed(cohort: tuple[float, float, float], seed: int, size: Size) -> dict[str, Any]:
    """A cohort whose members each leave by a constant chance of their own: its value, true and by one rate."""
    alpha, beta, _ = cohort
    own = {
        "segments.everyone.exit_rate.mean": alpha / (alpha + beta),
        "segments.everyone.exit_rate.strength": alpha + beta,
    }
    months = size.months
    market = Market(
        "plain",
        months=months,
        seed=seed,
        change=CLOSED | own | {"market.customers": size.customers},
        threads=1,
    )
    alive = [float(size.customers)]
    act = after("account", lambda one: alive.append(float((one.customers.generation == 0).sum())))
    advance(market, months, [act], measured=False)
    survival = np.array(alive) / alive[0]
    true = float(survival @ (1.0 + DISCOUNT) ** -np.arange(len(survival)))
    naive = (1.0 + DISCOUNT) / (1.0 + DISCOUNT - survival[1])
    return {"bias": 100.0 * (naive / true - 1.0)}


def _judge(rows: pd.DataFrame, size: Size) -> Judged:
    market = rows[rows["world"] == "market"]
    years = [k for k in range(1, YEARS + 1) if f"year_{k}" in market and market[f"year_{k}"].notna().all()]
    ages = np.array(years, dtype=np.float64)

    def rates(traits: str, loyalty: str) -> np.ndarray:
        return np.array([paired(market, f"year_{k}", {"traits": traits, "loyalty": loyalty}) for k in years])

    def slope(traits: str, loyalty: str) -> np.ndarray:
        """Points of retention a year of age, one a seed: least squares."""
        centred = ages - ages.mean()
        return 100.0 * centred @ rates(traits, loyalty) / float(centred @ centred)

    arms = [(traits, loyalty) for traits in ("differ", "same") for loyalty in ("grows", "frozen")]
    both, none = slope("differ", "grows"), slope("same", "frozen")
    checks = [Cell({"no cause": "above −1"}, none + 1.0), Cell({"no cause": "below 1"}, 1.0 - none)]
    biased = []
    for name in dict.fromkeys(rows.loc[rows["world"] == "closed", "cohort"]):
        off = paired(rows, "bias", {"cohort": name}) - COHORTS[name][2]
        biased += [
            Cell({"cohort": name, "bias": "at least"}, off + 3.0),
            Cell({"cohort": name, "bias": "at most"}, 3.0 - off),
        ]
    parts = [
        Part(
            "", "retention rises with the age of the relationship", [Cell({}, both)], "points a year of age"
        ),
        Part(
            "no cause, no rise",
            "with equal traits and frozen loyalty the slope is within one point a year",
            checks,
            "points",
            is_check=True,
        ),
        Part(
            "closed form",
            "the value by the first year's retention is too low by 26 and 37 %, within 3 points",
            biased,
            "points",
            is_check=True,
        ),
    ]
    notes = [
        f"Slope, points a year of age: both causes {mean_and_spread(both, digits=2)}; traits differ, loyalty frozen "
        f"{mean_and_spread(slope('differ', 'frozen'), digits=2)}; traits equal, loyalty grows "
        f"{mean_and_spread(slope('same', 'grows'), digits=2)}; neither {mean_and_spread(none, digits=2)}.",
        f"Of the slope, equal traits take away {_removed(both, slope('same', 'grows'))} %, frozen loyalty "
        f"{_removed(both, slope('differ', 'frozen'))} %.",
    ]
    for name in COHORTS:
        if (here := rows[rows["cohort"] == name]).size:
            said = mean_and_spread(here["bias"].to_numpy())
            notes.append(f"One rate for all misjudges the {name} cohort's value by {said} %.")
    words = {
        "differ": "traits differ",
        "same": "traits equal",
        "grows": "loyalty grows",
        "frozen": "loyalty frozen",
    }
    picture = [
        ({"year of age": year, "arm": f"{words[traits]}, {words[loyalty]}"}, 100.0 * rate)
        for traits, loyalty in arms
        for year, rate in zip(years, rates(traits, loyalty), strict=True)
    ]
    return Judged(parts, pictured(picture), notes)


def _removed(both: np.ndarray, without: np.ndarray) -> str:
    return f"{100.0 * (1.0 - without.mean() / both.mean()):.0f}"


DESIGN = Design(
    name="cohorts",
    sentence="Retention of a cohort rises with its age.",
    source="Fader & Hardie 2007; Reichheld & Sasser 1990",
    status="emergent; the closed markets are closed form",
    outcome="Slope of the yearly retention on the age of the relationship, years 1 to 5; bias of the value by one rate for all.",
    design="The plain market from its start, 96 months: traits as they differ, or all at their means × loyalty that grows, or is held at 0.3. "
    "Then two closed markets, contracts without rivals, whose customers leave by a constant chance of their own, spread as in Fader & Hardie's "
    "cohorts, a period a month. The arms share the seeds, not the people. 10 seeds.",
    expects="Holds if the slope is above 0 with both causes. Without either it must be near 0; the bias must be within 3 points of the closed form.",
    worlds=_worlds,
    play=_play,
    judge=_judge,
    picture=Picture("lines", "year of age", "% retained in that year", "Retention by age, with each cause and without", by="arm"),
    seeds=10,
)  # fmt: skip
