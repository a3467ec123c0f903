"""A fifth of the customers make more than all the profit, so fire the rest: or look inside first, or ask for more?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sim.experiments.claims.design import Design, Judged, Part, Picture, Size
from sim.experiments.claims.effects import mean_and_spread, paired, percent_gain, pictured
from sim.experiments.claims.forcing import Firing, Held
from sim.experiments.claims.twins import Parting
from sim.experiments.claims.verdicts import Cell

WORLDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "service-heavy": {
        "serve.encounter_load": 0.004,
        "segments.everyone.service_intensity.sd": 3.0,
        **{f"firms.{firm}.unit_margin": 0.35 for firm in ("North", "East", "South", "West")},
    },
}
FIRM = "North"
YEARS = (1, 3)
TENTH, FIFTH, SURCHARGE, SELF_SERVICE = 0.1, 0.2, 0.15, 0.5
NOTHING, INSIDE, MORE, FIRE, REST = (
    "nothing",
    "self-service for all",
    "surcharge on a tenth",
    "fire a tenth",
    "fire four fifths",
)


def _worlds(size: Size) -> list[dict[str, Any]]:
    return [
        {"market": name, "staff": staff}
        for name in WORLDS
        for staff in size.pick(("auto", "fixed"), ("auto",))
    ]


def _play(world: Mapping[str, Any], seed: int, size: Size) -> list[dict[str, Any]]:
    months = min(size.months, 12 * max(YEARS))
    parting = Parting(
        "plain", seed, size._replace(months=months), customers=size.customers, change=WORLDS[world["market"]]
    )
    market = parting.market
    place, c = market.firm(FIRM).place, market.customers
    own = np.flatnonzero(c.supplier == place)
    curve = np.sort(c.year_profit_cents[own])[::-1].cumsum() / max(
        1.0, abs(float(c.year_profit_cents[own].sum()))
    )
    whale = {
        "fifth": float(curve[max(0, round(FIFTH * len(own)) - 1)]),
        "peak": float(curve.max()), "at": float(curve.argmax() + 1) / len(own),
    }  # fmt: skip
    worst = own[np.argsort(c.recent_profit[place, own], kind="stable")]
    tenth, rest = worst[: round(TENTH * len(own))], worst[: round((1.0 - FIFTH) * len(own))]
    generation = c.generation.copy()
    staff = (
        {}
        if world["staff"] != "fixed"
        else {f"firms.{FIRM}.plan.staff": float(market.firms[place].staff or 0.0)}
    )
    arms: dict[str, Any] = {
        NOTHING: ({}, {}),
        INSIDE: ({f"firms.{FIRM}.plan.self_service": SELF_SERVICE}, {}),
        MORE: ({}, {FIRM: Held(None, tenth, generation, discount=-SURCHARGE)}),
        FIRE: ({}, {FIRM: Firing(None, tenth, size.burn_in)}),
        REST: ({}, {FIRM: Firing(None, rest, size.burn_in)}),
    }
    rows = []
    for action, (change, policies) in arms.items():
        lived = parting.arm(staff | change, policies)
        profit = {f"profit_{year}": lived.profit[: 12 * year].sum() for year in YEARS if 12 * year <= months}
        rows.append(
            {"action": action, "told": lived.counted("told_bad"), "heads": lived.heads[-1, place]}
            | profit
            | whale
        )
    return rows


def _judge(rows: pd.DataFrame, size: Size) -> Judged:
    years = [year for year in YEARS if f"profit_{year}" in rows]
    worlds = list(dict.fromkeys(zip(rows["market"], rows["staff"], strict=True)))

    def at(world: tuple[str, str], action: str, column: str) -> np.ndarray:
        return paired(rows, column, {"market": world[0], "staff": world[1], "action": action})

    def gain(world: tuple[str, str], action: str, year: int) -> np.ndarray:
        return percent_gain(at(world, action, f"profit_{year}"), at(world, NOTHING, f"profit_{year}"))

    def over_others(world: tuple[str, str], action: str, year: int) -> np.ndarray:
        """Against each of what is not firing, (3, S)."""
        return gain(world, action, year) - np.array(
            [gain(world, other, year) for other in (NOTHING, INSIDE, MORE)]
        )

    def cells(action: str) -> list[Cell]:
        return [
            Cell({"market": w[0], "staff": w[1], "years": year}, over_others(w, action, year), 1.0)
            for w in worlds
            for year in years
        ]

    markets = list(dict.fromkeys(rows["market"]))
    first = {name: next(w for w in worlds if w[0] == name) for name in markets}
    whales = [
        Cell({"market": name}, 100.0 * (at(first[name], NOTHING, "fifth") - 1.0), 1.0) for name in markets
    ]
    parts = [
        Part("more than all", "the most profitable fifth brings more than the whole year's profit", whales, "points of all profit"),
        Part("fire a tenth", "ending it with the least profitable tenth earns more than doing nothing, self-service, or a surcharge", cells(FIRE),
             "% of its profit"),
        Part("fire the rest", "ending it with all outside the best fifth does", cells(REST), "% of its profit"),
    ]  # fmt: skip
    notes = []
    for name in markets:
        one = first[name]
        notes.append(
            f"{name}: cumulative profit peaks at {mean_and_spread(at(one, NOTHING, 'peak'), digits=2)} of the whole, at "
            f"{mean_and_spread(at(one, NOTHING, 'at'), 100, 0)} % of the customers; the best fifth brings {mean_and_spread(at(one, NOTHING, 'fifth'), digits=2)}. "
            f"Bad tellings with a tenth fired: {mean_and_spread(_more(at(one, FIRE, 'told'), at(one, NOTHING, 'told')))} % more; with a surcharge "
            f"{mean_and_spread(_more(at(one, MORE, 'told'), at(one, NOTHING, 'told')))} %."
        )
    last = years[-1] if years else 0
    for world in worlds if years else []:
        order = sorted(
            (NOTHING, INSIDE, MORE, FIRE, REST), key=lambda action: -float(gain(world, action, last).mean())
        )
        notes.append(f"{world[0]}, staff {world[1]}, after {last} years, best first: {', '.join(order)}.")
    picture = [
        ({"action": action, "years": f"{year} years" if year > 1 else "1 year", "market": f"{w[0]}, staff {w[1]}"}, gain(w, action, year))
        for w in worlds for action in (INSIDE, MORE, FIRE, REST) for year in years
    ]  # fmt: skip
    return Judged(parts, pictured(picture), notes)


def _more(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How much more, in %."""
    return 100.0 * (one - other) / np.maximum(other, 1.0)


DESIGN = Design(
    name="fire_them",
    sentence="A fifth of the customers make more than all the profit, so fire the rest.",
    source="Kaplan & Narayanan 2001; Cooper & Kaplan 1991",
    status="peak of the whale curve calibrated; ranking of the actions emergent",
    outcome="Share of the year's profit that the best fifth brings; the firm's profit 1 and 3 years later, by action; bad tellings.",
    design="The plain market, and a service-heavy one (load 0.004 an encounter, margin 0.35, spread of service intensity 3) × staff auto (follows the load), or fixed as it is. "
    "The focal firm does nothing; lets all customers serve themselves by half; asks 15 % more of its least profitable tenth by recent profit; "
    "or ends the relationship with that tenth, or with all outside the best fifth. 5,000 customers; 8 seeds (the design has 10,000 and 20).",
    expects="First half: holds if the best fifth brings more than all profit in both markets. Second: holds if firing earns more than each of the others in all cells.",
    worlds=_worlds,
    play=_play,
    judge=_judge,
    picture=Picture("dots", "action", "% of the profit if nothing is done", "What dealing with unprofitable customers brings", by="years", panels="market"),
    seeds=8,
    customers=5_000,
)  # fmt: skip
