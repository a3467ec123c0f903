"""Structural bonds outlast social ones, and social ones financial ones: who is still there when a bond has stopped?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sim.experiments.claims.design import Design, Judged, Part, Picture, Size
from sim.experiments.claims.effects import mean_and_spread, paired, pictured
from sim.experiments.claims.one_fifth import smaller
from sim.experiments.claims.twins import Parting, value
from sim.experiments.claims.verdicts import Cell
from sim.intervals import interval
from sim.policies import Plan, Policy, View
from sim.scenario import load

FIRM, RIVALS = "Aurora", ("Skyline", "Cheapjet")
DISCOUNT = 0.10
LASTS = 36
LAGS = (0, 1, 6, 12)
"""Months until the rivals match the discount; 0: never."""
LATER = (0, 12, 24, 36)


class _For(Policy):
    """Decisions for some months, from one month on; before and after, the firm's plan."""

    def __init__(self, start: int, months: int, **decisions: Any) -> None:
        self.start, self.stop, self.decisions = start, start + months, decisions

    def decide(self, view: View) -> Plan:
        """The decisions while they last."""
        return Plan(**self.decisions) if self.start <= view.month < self.stop else Plan()


def _arms(start: int, lasts: int, lags: list[int]) -> dict[str, dict[str, Policy]]:
    """Policies by arm."""
    arms: dict[str, dict[str, Policy]] = {
        "none": {},
        "structural": {FIRM: _For(start, lasts, structural=True)},
        "social": {FIRM: _For(start, lasts, social=True)},
    }
    for lag in lags:
        same = {rival: _For(start + lag, lasts - lag, discount=DISCOUNT) for rival in RIVALS} if lag else {}
        arms[f"discount, {_matched(lag)}"] = {FIRM: _For(start, lasts, discount=DISCOUNT), **same}
    return arms


def _matched(lag: int) -> str:
    return f"matched after {lag} month{'s' if lag > 1 else ''}" if lag else "never matched"


def _worlds(size: Size) -> list[dict[str, Any]]:
    return [{}]


def _play(world: Mapping[str, Any], seed: int, size: Size) -> list[dict[str, Any]]:
    lasts, later = _months(size)
    size = size._replace(months=lasts + later[-1])
    parting = Parting(
        "airlines", seed, size, change=smaller(load("airlines"), min(size.customers, 10_000)),
        policies=dict.fromkeys((FIRM, *RIVALS), "status_quo"),
    )  # fmt: skip
    rows = []
    for arm, policies in _arms(size.burn_in, lasts, size.pick(LAGS, (0, 1))).items():
        lived = parting.arm(policies=policies)
        heads = {f"heads_{back}": lived.heads[lasts - 1 + back, lived.place] for back in later}
        while_it_lasts = float(lived.profit[:lasts].sum())
        rows.append({"arm": arm, "profit": while_it_lasts, "value": value(lived.profit, lived.rate)} | heads)
    return rows


def _months(size: Size) -> tuple[int, tuple[int, ...]]:
    """How long bonds last, and how long after their stop one looks."""
    return (LASTS, LATER) if size.is_full else (max(6, size.months // 2), (0, 3, 6))


def _judge(rows: pd.DataFrame, size: Size) -> Judged:
    later = _months(size)[1]
    arms = [arm for arm in dict.fromkeys(rows["arm"]) if arm != "none"]

    def extra(arm: str, back: int) -> np.ndarray:
        with_it, without = (paired(rows, f"heads_{back}", {"arm": name}) for name in (arm, "none"))
        return with_it - without

    def left(arm: str, back: int) -> np.ndarray:
        """Share of the customers extra at the stop that are extra still, %, against their mean over seeds."""
        at_stop = float(extra(arm, 0).mean())
        return 100.0 * extra(arm, back) / at_stop if at_stop > 0 else np.full(len(extra(arm, 0)), np.nan)

    financial = [arm for arm in arms if arm.startswith("discount")]
    matched = f"discount, {_matched(1)}"
    rest = later[1:]

    def cells(of: Any, better: str, worse: list[str]) -> list[Cell]:
        return [
            Cell({"months later": back, "against": other}, of(better, back) - of(other, back))
            for back in rest
            for other in worse
        ]

    parts = [
        Part("structural over social, heads", "more extra customers are left of a structural bond than of a social one",
             cells(extra, "structural", ["social"]), "customers"),
        Part("social over financial, heads", "more extra customers are left of a social bond than of a discount",
             cells(extra, "social", financial), "customers"),
        Part("structural over social, shares", "of the extra customers at the stop a larger share is left",
             cells(left, "structural", ["social"]), "points of those at the stop"),
    ]  # fmt: skip
    kept = [arm for arm in financial if interval(extra(arm, 0))[1] > 0]
    if kept:
        parts.append(Part("social over financial, shares", "of the extra customers at the stop a larger share is left than of a discount's (of those that had surely more)",
                          cells(left, "social", kept), "points of those at the stop"))  # fmt: skip
    base = paired(rows, "value", {"arm": "none"})
    notes = [
        f"{arm}: extra customers at the stop and {', '.join(map(str, rest))} months later "
        f"{', '.join(mean_and_spread(extra(arm, back), digits=0) for back in later)}; V over the bond and after it "
        f"{mean_and_spread(100.0 * (paired(rows, 'value', {'arm': arm}) - base) / abs(base.mean()))} % of V without."
        for arm in arms
    ]
    shown = ["structural", "social", financial[0], *[arm for arm in financial if arm == matched]]
    picture = [
        ({"months after the stop": back, "bond": arm}, extra(arm, back)) for arm in shown for back in later
    ]
    return Judged(parts, pictured(picture), notes)


DESIGN = Design(
    name="bonds",
    sentence="Structural bonds outlast social ones, and social ones financial ones.",
    source="Berry & Parasuraman 1991",
    status="the tie's decay is input; the rest emergent",
    outcome="Customers more than without the bond, when it stops and 12, 24, 36 months later: in heads, and as a share of those at the stop; V.",
    design="The airlines without bonds (all three have the policy status_quo). For 36 months the focal firm gives all its customers nothing, a structural bond, a social bond, "
    "or a discount of 10 %; the rivals never match the discount, or give the same for as long, 1, 6 or 12 months later. 4,000 customers (the scenario has 10,000).",
    expects="Both orders, in heads and in shares, each with its verdict; the sentence holds if all do.",
    worlds=_worlds,
    play=_play,
    judge=_judge,
    picture=Picture("lines", "months after the stop", "customers", "Customers more than without the bond, after it stopped", by="bond"),
    customers=4_000,
)  # fmt: skip
