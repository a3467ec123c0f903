"""Five points of retention raise profit by 25 to 85 %: from which retention, and at what cost?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from sim.experiments.claims.design import Design, Judged, Part, Picture, Size
from sim.experiments.claims.effects import mean_and_spread, paired, pictured
from sim.experiments.claims.flips import flip
from sim.experiments.claims.twins import Kept, Parting, value
from sim.experiments.claims.verdicts import Cell, find
from sim.ledger import A
from sim.value import margin_multiple

FIRMS = ("North", "East", "South", "West")
BASES = (0.60, 0.75, 0.85, 0.92)
DISCOUNTS = (0.0, 0.10, 0.15)
COSTS = (0, 5, 10)
STEP = 0.05
LEAST, MOST = 0.0, 10.0
"""Switching costs among which the wanted retention is looked for."""
FINDS = 901
"""The seed on which switching costs are found; no effect is measured on it."""


def _worlds(size: Size) -> list[dict[str, Any]]:
    return [{"base": base} for base in size.pick(BASES, (0.75,))]


def _parting(cost: float, seed: int, size: Size) -> Parting:
    change = {f"firms.{firm}.switching_cost": cost for firm in FIRMS}
    return Parting("plain", seed, size, customers=size.customers, change=change)


def _arm(parting: Parting, cost: float, size: Size) -> tuple[float, np.ndarray, np.ndarray]:
    """The focal firm's mean yearly retention, its profit and its gross margin by month."""
    end = size.burn_in + size.months
    years = [Kept(max(size.burn_in + 1, end - 12 * back)) for back in range(1, max(2, size.months // 12 - 1))]
    ends: list[float] = []

    def look(market: Any, stage: str) -> None:
        if stage == "account":
            for one in years:
                if market.month + 1 == min(end, one.month + 12) and len(one.supplier):
                    ends.append(one.share(market, 0))

    lived = parting.arm({"firms.North.switching_cost": cost}, acts=[look, *years])
    books = lived.books[:, lived.place]
    return float(np.mean(ends)), lived.profit, books[:, A["revenue"]] - books[:, A["cost_of_goods"]]


@lru_cache(maxsize=64)
def _costs(base: float, size: Size) -> tuple[float, float]:
    """Switching costs: of all, for the base; and the focal firm's, for five points more."""
    steps = 8 if size.is_full else 3

    def kept(cost: float) -> float:
        return _arm(_parting(cost, FINDS, size), cost, size)[0]

    for_all = _bisected(kept, base, LEAST, 4.0, steps)
    parting = _parting(for_all, FINDS, size)
    now = _arm(parting, for_all, size)[0]
    more = _bisected(lambda cost: _arm(parting, cost, size)[0], now + STEP, for_all, MOST, steps)
    return for_all, more


def _bisected(kept: Callable[[float], float], wanted: float, low: float, high: float, steps: int) -> float:
    """The cost that gives the wanted retention, by bisection; the end of the range where it cannot be reached."""
    for _ in range(steps):
        middle = (low + high) / 2.0
        low, high = (middle, high) if kept(middle) < wanted else (low, middle)
    return (low + high) / 2.0


def _play(world: Mapping[str, Any], seed: int, size: Size) -> list[dict[str, Any]]:
    for_all, more = _costs(world["base"], size)
    parting = _parting(for_all, seed, size)
    rows = []
    for arm, cost in (("as it is", for_all), ("more", more)):
        retention, profit, margin = _arm(parting, cost, size)
        row = {
            "arm": arm,
            "switching_cost": cost,
            "retention": retention,
            "yearly": profit[-12:].sum(),
            "margin": margin[-12:].sum(),
        }
        for rate in DISCOUNTS:
            row |= {f"value_{rate}": value(profit, rate), f"margin_{rate}": value(margin, rate)}
        rows.append(row)
    return rows


def _judge(rows: pd.DataFrame, size: Size) -> Judged:
    bases = sorted(rows["base"].unique())

    def gain(base: float, column: str, margin: str, percent: int) -> np.ndarray:
        """% more than without, net of a programme that costs so many % of the gross margin."""
        here = rows[rows["base"] == base]
        before, now = (paired(here, column, {"arm": arm}) for arm in ("as it is", "more"))
        cost = percent / 100.0 * paired(here, margin, {"arm": "more"})
        return 100.0 * (now - cost - before) / abs(float(before.mean()))

    outcomes = {"yearly profit": ("yearly", "margin")} | {
        f"V at {100 * rate:.0f} %": (f"value_{rate}", f"margin_{rate}") for rate in DISCOUNTS
    }
    inside = {
        (base, name): _inside(gain(base, *columns, 0)) for base in bases for name, columns in outcomes.items()
    }
    raised = {base: float(np.mean(_raised(rows, base))) for base in bases}
    cells = [
        Cell({"base retention": base, "of": name}, effect, 1.0)
        for (base, name), effect in inside.items()
        if raised[base] > STEP - 0.01
    ]
    luck = {(cell.where["base retention"], cell.where["of"]): cell.p for cell in find(cells)}
    reached, notes = [], []
    for base in bases:
        here = rows[rows["base"] == base]
        before, now = (paired(here, "retention", {"arm": arm}) for arm in ("as it is", "more"))
        reached.append(float(before.mean()))
        r, i = float(before.mean()), 0.10
        closed = 100.0 * (margin_multiple(r + float((now - before).mean()), i) / margin_multiple(r, i) - 1.0)
        notes.append(
            f"Wanted base {base:.2f}: retention {before.mean():.3f}, raised by {mean_and_spread(now - before, 100)} points; yearly profit "
            f"{mean_and_spread(gain(base, 'yearly', 'margin', 0))} % more, V at 10 % {mean_and_spread(gain(base, 'value_0.1', 'margin_0.1', 0))} % "
            f"more (the margin multiple alone: {closed:.0f} %)."
        )
    flips = [
        turn for name in outcomes
        if len(bases) > 1 and (turn := flip(
            "base retention", reached, [inside[base, name] for base in bases], name,
            [luck.get((base, name), 1.0) for base in bases],
        ))
    ]  # fmt: skip
    picture = [
        (
            {"base retention": round(at, 3), "programme costs": f"costs {percent} % of margin", "of": name},
            gain(base, *outcomes[name], percent),
        )
        for name in ("yearly profit", "V at 10 %")
        for percent in COSTS
        for base, at in zip(bases, reached, strict=True)
    ]
    says = "five points more retention, at no cost, raise it by 25 to 85 %"
    return Judged(
        [Part("", says, cells, "points inside 25 to 85 %", flips, main=4)], pictured(picture), notes
    )


def _raised(rows: pd.DataFrame, base: float) -> np.ndarray:
    """By how much retention was raised, one a seed."""
    here = rows[rows["base"] == base]
    return paired(here, "retention", {"arm": "more"}) - paired(here, "retention", {"arm": "as it is"})


def _inside(gain: np.ndarray) -> np.ndarray:
    """How far inside 25 to 85 % a gain is; below 0 outside."""
    return 30.0 - np.abs(gain - 55.0)


DESIGN = Design(
    name="five_points",
    sentence="Five points of retention raise profit by 25 to 85 %.",
    source="Reichheld & Sasser 1990",
    status="emergent",
    outcome="Change of the steady yearly profit (the last 12 months), and of V.",
    design="The plain market with a base retention of 0.60, 0.75, 0.85, 0.92 a year, set by the switching cost of all firms; the focal firm's is raised "
    "until its retention is five points higher (both found by bisection on a seed of their own); discount rate 0, 10, 15 %; a programme that costs "
    "0, 5 or 10 % of the gross margin. Where five points cannot be reached, what was reached stands in the notes and in the picture, and no cell is judged. 12 seeds.",
    expects="Holds if the gain is 25 to 85 % in each cell without programme cost.",
    worlds=_worlds,
    play=_play,
    judge=_judge,
    picture=Picture("lines", "base retention", "% more", "What five points of retention bring", by="programme costs", panels="of"),
    seeds=12,
)  # fmt: skip
