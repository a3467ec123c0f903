"""Following up finds hidden dissatisfaction: a call after the sale, and what it is worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sim.experiments.claims.design import Design, Judged, Part, Picture, Size
from sim.experiments.claims.effects import mean_and_spread, paired, percent_gain, pictured
from sim.experiments.claims.flips import flip
from sim.experiments.claims.twins import Lived, Parting, value
from sim.experiments.claims.verdicts import Cell
from sim.ledger import A
from sim.scenario import load

VOICED = (0.03, 0.30, 0.69)
"""Share of middling failures that a customer voices unasked: Goodman & Newman 2003, from a minor to a large loss."""
MARGINS = (6, 12, 24, 48)
"""On cars, %. The first is the scenario's; verdicts are at the second, high for cars; the rest tell where it turns."""
FIRM, PLACE = "Marten", 0
CALLS = ("heard", "cost", "time")
"""What of the level accountable is taken: it hears, costs and takes time. Nothing else of it."""


def _worlds(size: Size) -> list[dict[str, Any]]:
    return [{"voiced": share} for share in size.pick(VOICED, (0.03, 0.69))]


def _play(world: Mapping[str, Any], seed: int, size: Size) -> list[dict[str, Any]]:
    parting = Parting("car_dealers", seed, size, change=_own_reactive(world["voiced"]))
    levels: Any = parting.scenario.tables.decide.levels
    calls = {f"decide.levels.reactive.{name}": getattr(levels.accountable, name) for name in CALLS}
    calls["decide.levels.reactive.heard"] = max(world["voiced"], levels.accountable.heard)
    rows = []
    for arm, change in (("waits", {}), ("calls", calls)):
        lived = parting.arm(change)
        row = {
            "arm": arm, "voiced_by": lived.counted("voiced") / max(1, lived.counted("failures")),
            "resolved": lived.counted("resolved"), "unhappy": lived.counted("unhappy"),
            "told": lived.counted("told_bad"), "lost": lived.counted("lost"), "heads": lived.heads[-1, PLACE],
        }  # fmt: skip
        rows.append(row | {f"value_{margin}": _value(lived, margin / 100.0) for margin in MARGINS})
    return rows


def _own_reactive(voiced: float) -> dict[str, Any]:
    """The rivals' reactive level is moved to the place of the level basic, which nobody uses: so only the firm's own changes."""
    levels: Any = load("car_dealers").tables.decide.levels
    reactive = levels.reactive.model_dump() | {"heard": voiced}
    change = {f"decide.levels.basic.{name}": number for name, number in reactive.items()}
    return change | {
        "decide.levels.reactive.heard": voiced,
        "firms.Ringhaus.plan.level": "basic",
    }


def _value(lived: Lived, wanted: float) -> float:
    """V at another margin on cars. Nothing that people do depends on it, so the books tell.

    The list price is paid (price 1, no discount), so revenue R and cost of goods K give the cars' part of revenue:
    K = R (1 - s) + cars (s - m), with m the margin on cars and s that on service.
    """
    table = lived.market.tables.firms[FIRM]
    revenue, cost = (lived.books[:, PLACE, A[name]] for name in ("revenue", "cost_of_goods"))
    margin, service = table.unit_margin, table.service_margin
    cars = (cost - revenue * (1.0 - service)) / (service - margin)
    return value(lived.profit + cars * (wanted - margin), lived.rate)


def _judge(rows: pd.DataFrame, size: Size) -> Judged:
    shares = sorted(rows["voiced"].unique())

    def both(column: str, share: float) -> tuple[np.ndarray, np.ndarray]:
        waits, calls = (paired(rows, column, {"voiced": share, "arm": arm}) for arm in ("waits", "calls"))
        return waits, calls

    def gain(share: float, margin: int) -> np.ndarray:
        waits, calls = both(f"value_{margin}", share)
        return percent_gain(calls, waits)

    high = MARGINS[1]
    finds = []
    for share in shares[:-1]:
        waits, calls = both("voiced_by", share)
        finds.append(Cell({"voiced unasked": share}, 100.0 * (calls - waits), 1.0))
    pays = [Cell({"voiced unasked": shares[0], "margin on cars": high}, gain(shares[0], high), 1.0)]
    more = gain(shares[0], high) - gain(shares[-1], high)
    falls = [Cell({"voiced unasked": f"{shares[0]:g} against {shares[-1]:g}", "margin on cars": high}, more)]
    few = f"{100 * shares[0]:.0f} % voiced unasked"
    turn = flip("margin on cars, %,", MARGINS, [gain(shares[0], margin) for margin in MARGINS], few)
    parts = [
        Part(
            "it finds", "where few speak up, more of the failures are heard", finds, "points of the failures"
        ),
        Part(
            "it pays", "where few speak up, V net of the calls is higher", pays, flips=[turn] if turn else []
        ),
        Part("most where few speak", "the gain is larger where 3 % speak up than where 69 % do", falls),
    ]
    notes = []
    for share in shares:
        told = {name: both(name, share) for name in ("unhappy", "told", "lost", "heads")}
        change = {name: 100.0 * (b - a) / np.maximum(a, 1.0) for name, (a, b) in told.items()}
        notes.append(
            f"{100 * share:.0f} % speak up unasked: with calls, complaints resolved rise from {mean_and_spread(both('resolved', share)[0], digits=0)} to "
            f"{mean_and_spread(both('resolved', share)[1], digits=0)}, bad tellings change by {mean_and_spread(change['told'])} %, "
            f"customers lost by {mean_and_spread(change['lost'])} %, customers at the end by {mean_and_spread(change['heads'])} %."
        )
    picture = [
        ({"voiced unasked": share, "margin on cars": f"margin {margin} %"}, gain(share, margin))
        for margin in MARGINS
        for share in shares
    ]
    return Judged(parts, pictured(picture), notes)


DESIGN = Design(
    name="follow_up",
    sentence="Following up finds hidden dissatisfaction.",
    source="Kotler 2003, the accountable level; Goodman & Newman 2003",
    status="that calls find it is input; what it brings emergent",
    outcome="Failures heard, bad tellings, customers lost; ΔV net of the calls.",
    design="Car dealers: the focal firm stays at the level reactive, or its reactive level hears, costs and takes time as accountable does, and nothing "
    "else of it × 3, 30, 69 % of middling failures voiced unasked, at all firms from the start × margin on cars 6 % (as it is), 12, 24, 48 % (from the "
    "same books: nobody acts on it). 3,000 customers; 10 seeds (the design has 20).",
    expects="Holds if more is heard, and if at a margin of 12 %, high for cars, V rises net of the calls where 3 % speak up, and more than where 69 % do.",
    worlds=_worlds,
    play=_play,
    judge=_judge,
    picture=Picture("lines", "voiced unasked", "% of V", "What calling everybody brings, by how many speak up unasked", by="margin on cars"),
    seeds=10,
    customers=3_000,
)  # fmt: skip
