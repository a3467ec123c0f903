"""Favour the most valuable customers: those who are worth most, or those on whom it works?"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from sim.draws import PURPOSES
from sim.experiments.claims.design import Design, Judged, Part, Picture, Size
from sim.experiments.claims.effects import mean_and_spread, paired, percent_gain, pictured
from sim.experiments.claims.fire_them import WORLDS
from sim.experiments.claims.following import Followed
from sim.experiments.claims.forcing import Held
from sim.experiments.claims.one_fifth import smaller
from sim.experiments.claims.twins import Parting
from sim.experiments.claims.verdicts import Cell
from sim.forecasts import by_fit
from sim.futures import roll_forward
from sim.market import Market
from sim.policies import View
from sim.scenario import load

LEVEL, SHARE = "proactive", 0.2
MONTHS, FUTURES = 36, 10
RULES = ("random", "revenue", "RFM", "model", "true value", "true uplift")
CONTROL = "nobody"
TIE = 1.0
"""Points of all value by which a rule may be behind and count as equal."""

_KEY = next(p for p in PURPOSES if p.name == "own_6")


def _worlds(size: Size) -> list[dict[str, Any]]:
    return [{"market": name} for name in size.pick((*WORLDS, "airlines"), ("plain",))]


def _play(world: Mapping[str, Any], seed: int, size: Size) -> list[dict[str, Any]]:
    heavy = WORLDS.get(world["market"], {})
    scenario = load("airlines" if world["market"] == "airlines" else "plain")
    size = size._replace(months=min(size.months, MONTHS))
    change = smaller(scenario, min(size.customers, scenario.market.customers)) | heavy
    parting = Parting(scenario, seed, size, change=change)
    market, place = parting.market, parting.market.firm(scenario.focus).place
    own = np.flatnonzero(market.customers.supplier == place)
    scores = _scores(parting, place, own, FUTURES if size.is_full else 3)
    followed = Followed(market)
    control = parting.arm(acts=[followed])
    earned = followed.earned[own]
    rows = [{"rule": CONTROL, "value": control.value(), "caught": 0.0, "uplift": 0.0}]
    generation = followed.generation
    for rule in RULES:
        best = np.argsort(-scores[rule], kind="stable")[: round(SHARE * len(own))]
        parting.state.restore()
        policy = Held(market.firms[place].policy, own[best], generation, level=LEVEL)
        lived = parting.arm(policies={scenario.focus: policy})
        rows.append({
            "rule": rule, "value": lived.value(), "caught": float(earned[best].sum() / earned.sum()),
            "uplift": float(scores["true uplift"][best].mean()),
        })  # fmt: skip
    return rows


def _scores(parting: Parting, place: int, own: np.ndarray, futures: int) -> dict[str, np.ndarray]:
    """By rule, a number for each of the firm's customers: the higher, the sooner favoured."""
    market, months = parting.market, parting.size.months
    records = View(market, market.firms[place]).customers
    where = np.searchsorted(records.ids, own)
    parts = [-records.months_since_purchase[where], records.frequency[where], records.monetary[where]]
    modelled, _ = by_fit(market)
    now = roll_forward(market, futures=futures, months=months).mean[own]
    address = f"firms.{parting.firm}.plan.level"
    raised = roll_forward(parting._market({address: LEVEL}, {}), futures=futures, months=months).mean[own]
    parting.state.restore()
    return {
        "random": market.draws._uniform(_KEY, own, 0, 0),
        "revenue": records.recent_spend[where],
        "RFM": np.sum([_fifths(part) for part in parts], axis=0).astype(np.float64),
        "model": np.nan_to_num(modelled[own]),
        "true value": now,
        "true uplift": _smoothed(market, place, own, now, raised - now),
    }


def _smoothed(
    market: Market, place: int, own: np.ndarray, worth: np.ndarray, uplift: np.ndarray
) -> np.ndarray:
    """What the level does to a person, as a linear function of the value and of the true traits and state.

    A person's own uplift in a few futures is mostly luck; the function (least squares over the customers) is not.
    """
    c = market.customers
    need = c.need_rate[own].astype(np.float64)
    known = [
        worth, need * c.basket[own], need * c.service_intensity[own], need, c.relationship_orientation[own],
        c.loyalty[own], c.satisfaction[own], c.belief[place, own],
    ]  # fmt: skip
    x = np.column_stack([np.ones(len(own)), *known]).astype(np.float64)
    return x @ np.linalg.lstsq(x, uplift, rcond=None)[0]


def _fifths(values: np.ndarray) -> np.ndarray:
    """The fifth of each value, 1 the lowest to 5."""
    rank = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    return 1 + rank * 5 // max(1, len(values))


def _judge(rows: pd.DataFrame, size: Size) -> Judged:
    markets = list(dict.fromkeys(rows["market"]))

    def at(market: str, rule: str, column: str) -> np.ndarray:
        return paired(rows, column, {"market": market, "rule": rule})

    def gain(market: str, rule: str) -> np.ndarray:
        return percent_gain(at(market, rule, "value"), at(market, CONTROL, "value"))

    chain = RULES[:5]
    caught = [
        Cell(
            {"market": m, "not behind": f"{b}, after {a}"},
            100.0 * (at(m, b, "caught") - at(m, a, "caught")) + TIE,
        )
        for m in markets
        for a, b in pairwise(chain)
    ]
    pays = [Cell({"market": m}, gain(m, "true value") - gain(m, "random"), 1.0) for m in markets]
    enough = []
    for m in markets:
        by_value, by_uplift = gain(m, "true value"), gain(m, "true uplift")
        enough.append(Cell({"market": m}, by_value - by_uplift + 0.25 * abs(float(by_value.mean()))))
    parts = [
        Part("better than chance", "favouring those who are truly worth most raises V more than favouring anybody", pays),
        Part("value is enough", "choosing by true uplift does not beat it by more than a quarter", enough),
        Part("who finds them", "each of revenue, RFM, model, true value catches at least as much value as the one before, within a point", caught,
             "points of all profit, and 1"),
    ]  # fmt: skip
    notes = []
    for m in markets:
        told = ", ".join(f"{rule} {mean_and_spread(at(m, rule, 'caught'), 100, 0)}" for rule in RULES)
        brings = ", ".join(f"{rule} {mean_and_spread(gain(m, rule))}" for rule in RULES)
        notes.append(
            f"{m}: of the profit of the next {min(MONTHS, size.months)} months without favours the chosen fifth brings so many %: {told}. ΔV in %: {brings}."
        )
    picture = [({"rule": rule, "market": m}, gain(m, rule)) for rule in RULES for m in markets]
    return Judged(parts, pictured(picture), notes)


DESIGN = Design(
    name="favour_best",
    sentence="Favour the most valuable customers.",
    source="Peppers & Rogers 1993; Venkatesan & Kumar 2004",
    status="emergent",
    outcome="ΔV; share of the profit that the chosen bring; what the level brings on them.",
    design="The plain market, the service-heavy one of fire_them, the airlines: the focal firm raises a fifth of its customers to the level proactive for good, chosen at the "
    "parting at random, by recent revenue, by the sum of RFM fifths, by BG/NBD × Gamma-Gamma, by true value (the mean of 10 futures with fresh luck), or by "
    "true uplift (the same futures with the level for all, less without, fitted to the true traits and state, since of one person 10 futures tell little). 2,000 customers, 36 months, 8 seeds (the design has 50 futures, 60 months and a share of 5 % too).",
    expects="Holds if true value beats chance in V, and true uplift does not beat it by more than a quarter, and each rule catches at least as much value as the one before.",
    worlds=_worlds,
    play=_play,
    judge=_judge,
    picture=Picture("dots", "rule", "% of V", "What favouring a fifth of the customers brings, by how they are chosen", by="market"),
    seeds=8,
    customers=2_000,
)  # fmt: skip
