"""Loyal customers cost less, pay more and refer more: because they are loyal, or because of who stays?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sim.draws import PURPOSES
from sim.experiments.claims.cohorts import FROZEN, LOYALTY
from sim.experiments.claims.design import Design, Judged, Part, Picture, Size
from sim.experiments.claims.effects import mean_and_spread, paired, pictured
from sim.experiments.claims.following import Followed
from sim.experiments.claims.one_fifth import smaller
from sim.experiments.claims.twins import Parting, after
from sim.experiments.claims.verdicts import Cell
from sim.market import Market
from sim.scenario import load
from sim.snapshots import Act, Snapshot, advance

SCENARIOS = ("plain", "airlines", "web_shop")
TENURE, NEW, TREATED = 36, 12, 0.5
"""Months that are given; months up to which a customer is new; share of the new ones."""
THIRDS = {
    "cost less": ("cost", -1.0, "cost to serve a purchase"),
    "pay more": ("price", 1.0, "spend a purchase"),
    "refer more": ("good news", 1.0, "months with good news to tell"),
}
"""The sentence's thirds: what is measured, and the sign that it should have."""

_KEY = next(p for p in PURPOSES if p.name == "own_7")


def _worlds(size: Size) -> list[dict[str, Any]]:
    return [
        {"scenario": name, "loyalty": loyalty}
        for name in size.pick(SCENARIOS, ("plain",))
        for loyalty in ("grows", "frozen")
    ]


def _play(world: Mapping[str, Any], seed: int, size: Size) -> list[dict[str, Any]]:
    scenario = load(world["scenario"])
    change = smaller(scenario, min(size.customers, scenario.market.customers))
    frozen: list[Act] = [after("relate", _freeze)] if world["loyalty"] == "frozen" else []
    parting = Parting(scenario, seed, size._replace(months=24), change=change | (FROZEN if frozen else {}))
    if frozen:
        _freeze(parting.market)
        parting.state = Snapshot(parting.market)
    people, months = _new(parting.market), 24 if size.is_full else min(12, size.months)
    arms = {}
    for arm in ("new", "as if long there"):
        market = parting.state.restore()
        if arm != "new":
            _age(market, people)
        followed = Followed(market)
        advance(market, months, [*frozen, followed], measured=False)
        arms[arm] = followed
    row: dict[str, Any] = {"treated": len(people)}
    both = people[
        (arms["new"].months[people] == months) & (arms["as if long there"].months[people] == months)
    ]
    for arm, followed in arms.items():
        row |= {f"{arm} {name}": number for name, number in _means(followed, people, both).items()}
    return [row | _correlations(arms["new"])]


def _freeze(market: Market) -> None:
    c = market.customers
    c.loyalty[c.supplier >= 0] = LOYALTY


def _new(market: Market) -> np.ndarray:
    """Half of those who have been a firm's customers for at most a year, by a key."""
    c = market.customers
    ids = np.flatnonzero((c.supplier >= 0) & (c.tenure <= NEW))
    return ids[market.draws._uniform(_KEY, ids, 0, 0) < TREATED]


def _age(market: Market, people: np.ndarray) -> None:
    """Give them three years, and the loyalty that those have who have been with their firm so long."""
    c = market.customers
    for firm in range(len(market.firms)):
        stayers = (c.supplier == firm) & (c.tenure >= min(TENURE, market.month))
        own = people[c.supplier[people] == firm]
        c.tenure[own] = TENURE
        if stayers.any():
            c.loyalty[own] = np.float32(c.loyalty[stayers].mean())


def _means(seen: Followed, people: np.ndarray, both: np.ndarray) -> dict[str, float]:
    """Cost and spend a purchase, good news a month, of who stays in either arm; profit a month and months of all who were treated."""
    purchases, months = max(1, int(seen.purchases[both].sum())), max(1, int(seen.months[both].sum()))
    there = int(seen.months[people].sum())
    return {
        "cost": float(seen.served[both].sum()) / purchases, "price": float(seen.spent[both].sum()) / purchases,
        "good news": float(seen.happy[both].sum()) / months, "profit": float(seen.earned[people].sum()) / max(1, there),
        "months": there / max(1, len(people)),
    }  # fmt: skip


def _correlations(seen: Followed) -> dict[str, float]:
    """Of tenure with what each customer then did, over customers who bought."""
    bought = seen.purchases > 0
    months = np.maximum(seen.months, 1)
    values = {
        "cost": seen.served / np.maximum(seen.purchases, 1), "price": seen.spent / np.maximum(seen.purchases, 1),
        "good news": seen.happy / months, "profit": seen.earned / months,
    }  # fmt: skip
    tenure = seen.tenure[bought].astype(np.float64)
    return {f"corr {name}": _correlation(tenure, value[bought]) for name, value in values.items()}


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Pearson's; 0 where one of them does not vary."""
    return float(np.corrcoef(x, y)[0, 1]) if len(x) > 2 and x.std() > 0 and y.std() > 0 else 0.0


def _judge(rows: pd.DataFrame, size: Size) -> Judged:
    worlds = list(dict.fromkeys(zip(rows["scenario"], rows["loyalty"], strict=True)))

    def at(world: tuple[str, str], column: str) -> np.ndarray:
        return paired(rows, column, {"scenario": world[0], "loyalty": world[1]})

    def caused(world: tuple[str, str], name: str, sign: float = 1.0) -> np.ndarray:
        """% by which having been there long changes it."""
        new = at(world, f"new {name}")
        return (
            sign * 100.0 * (at(world, f"as if long there {name}") - new) / max(1e-9, abs(float(new.mean())))
        )

    growing = [world for world in worlds if world[1] == "grows"]
    parts = [
        Part(third, f"having been there long, as such, changes the {words} so",
             [Cell({"scenario": world[0]}, caused(world, name, sign), 1.0) for world in growing], "%")
        for third, (name, sign, words) in THIRDS.items()
    ]  # fmt: skip
    parts.append(
        Part("no loyalty, no cause", "with loyalty frozen at the same for all, having been there long changes the profit a month by less than 1 %",
             [Cell({"scenario": world[0], "change": side}, 1.0 + sign * caused(world, "profit"))
              for world in worlds if world[1] == "frozen" for side, sign in (("above −1 %", 1.0), ("below 1 %", -1.0))], "%", is_check=True)
    )  # fmt: skip
    notes = []
    for world in worlds:
        told = ", ".join(
            f"{words} {mean_and_spread(at(world, f'corr {name}'), digits=3)}"
            for name, _, words in THIRDS.values()
        )
        notes.append(
            f"{world[0]}, loyalty {world[1]}: correlation of tenure with {told}, profit a month {mean_and_spread(at(world, 'corr profit'), digits=3)} "
            f"(published: 0.2 to 0.45). Caused: {', '.join(f'{words} {mean_and_spread(caused(world, name))} %' for name, _, words in THIRDS.values())}, "
            f"profit a month {mean_and_spread(caused(world, 'profit'))} %, months as a customer {mean_and_spread(caused(world, 'months'))} %."
        )
    picture = [
        ({"what": words, "scenario": world[0]}, caused(world, name))
        for name, words in [*((name, words) for name, _, words in THIRDS.values()), ("profit", "profit a month"), ("months", "months as a customer")]
        for world in growing
    ]  # fmt: skip
    return Judged(parts, pictured(picture), notes)


DESIGN = Design(
    name="loyal_customers",
    sentence="Loyal customers cost less, pay more and refer more.",
    source="Reichheld & Sasser 1990; tried by Reinartz & Kumar 2002",
    status="cost: no mechanism (no learning); pay and refer emergent",
    outcome="Cost to serve and spend a purchase, months with good news to tell: correlation with tenure, and what tenure causes.",
    design="The plain market, the airlines, the web shop × loyalty that grows, or is held at 0.3. At the parting, half of the customers of at most 12 months, drawn by a key, "
    "get a tenure of 36 months and the mean loyalty of their firm's customers of so long; their twins do not; both are followed for 24 months; a purchase of "
    "theirs is compared for those who stay in either arm, so that who leaves does not count as a change. Beside it the "
    "correlation of tenure with the same among all. At most 4,000 customers (the design treats a tenth, and lets "
    "service learn, which the model does not).",
    expects="Each third holds if what tenure causes has the sign in each scenario; where a correlation is off 0 and the cause is not, it is only a correlation.",
    worlds=_worlds,
    play=_play,
    judge=_judge,
    picture=Picture("dots", "what", "% that having been there long changes", "What loyalty itself causes", by="scenario"),
    customers=4_000,
)  # fmt: skip
