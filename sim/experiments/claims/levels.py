"""The level should rise with margin and fall with the number of customers: Kotler's nine cells."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sim.experiments.claims.design import Design, Judged, Part, Picture, Size
from sim.experiments.claims.effects import paired
from sim.experiments.claims.flips import Best, best
from sim.experiments.claims.twins import Parting
from sim.experiments.claims.verdicts import Cell
from sim.scenario.words import LEVELS

MARGINS = {"low": 0.1, "medium": 0.3, "high": 0.6}
CROWDS = {"many": (10_000, 1), "medium": (2_000, 5), "few": (400, 25)}
"""Customers, and how many times the usual basket each buys: the market spends the same."""
KOTLER = {("many", "low"): (0, 1), ("many", "medium"): (1,), ("many", "high"): (2,),
          ("medium", "low"): (1,), ("medium", "medium"): (2,), ("medium", "high"): (3,),
          ("few", "low"): (2,), ("few", "medium"): (3,), ("few", "high"): (4,)}  # fmt: skip
"""Kotler's levels for number of customers × margin; one cell has two."""
BASKET, LOAD = 50.0, 0.001


def _worlds(size: Size) -> list[dict[str, Any]]:
    return [
        {"customers": crowd, "margin": margin}
        for crowd in size.pick(list(CROWDS), ["medium", "few"])
        for margin in size.pick(list(MARGINS), ["low", "high"])
    ]


def _play(world: Mapping[str, Any], seed: int, size: Size) -> list[dict[str, Any]]:
    customers, basket = CROWDS[world["customers"]]
    change: dict[str, Any] = {"segments.everyone.basket.mean": BASKET * basket, "serve.encounter_load": LOAD}
    for firm in ("North", "East", "South", "West"):
        change[f"firms.{firm}.unit_margin"] = MARGINS[world["margin"]]
        change[f"firms.{firm}.plan.advertising"] = 3_000.0
    parting = Parting("plain", seed, size, customers=customers, change=change)
    return [
        {"level": place, "value": parting.arm({"firms.North.plan.level": level}).value()}
        for place, level in enumerate(LEVELS)
    ]


def _judge(rows: pd.DataFrame, size: Size) -> Judged:
    crowds = [name for name in CROWDS if name in set(rows["customers"])]
    margins = [name for name in MARGINS if name in set(rows["margin"])]
    seeds = int(rows.groupby(["customers", "margin"])["seed"].nunique().min())
    found: dict[tuple[str, str], Best] = {}
    table = []
    for crowd in crowds:
        for margin in margins:
            here = rows[(rows["customers"] == crowd) & (rows["margin"] == margin)]
            values = np.array([paired(here, "value", {"level": k}) for k in range(len(LEVELS))])
            top = found[crowd, margin] = best(values)
            ties = [k for k in range(len(LEVELS)) if k != top.place and top.shares[k] > 0.025]
            text = f"{top.place} {LEVELS[top.place]}" + (
                f"\n(or {', '.join(map(str, ties))})" if ties else ""
            )
            text += f"\nKotler: {' or '.join(map(str, KOTLER[crowd, margin]))}"
            table.append({"customers": crowd, "margin": margin, "value": float(top.place), "low": np.nan,
                          "high": np.nan, "text": text})  # fmt: skip
    cells = [
        Cell(
            {"customers": crowd, "margin": f"{a} to {b}"},
            share=_not_below(found[crowd, b], found[crowd, a]),
            seeds=seeds,
        )
        for crowd in crowds
        for a, b in itertools.pairwise(margins)
    ]
    cells += [
        Cell(
            {"margin": margin, "customers": f"{a} to {b}"},
            share=_not_below(found[b, margin], found[a, margin]),
            seeds=seeds,
        )
        for margin in margins
        for a, b in itertools.pairwise(crowds)
    ]
    corner = found[crowds[-1], margins[-1]].places - found[crowds[0], margins[0]].places
    whole = [
        Cell(
            {"from": f"{crowds[0]}, {margins[0]}", "to": f"{crowds[-1]}, {margins[-1]}"},
            share=float((corner >= 2).mean()),
            seeds=seeds,
        )
    ]
    parts = [
        Part("order", "the best level never falls along a row or column", cells),
        Part("corner", "from corner to corner it rises by two levels or more", whole),
    ]
    return Judged(parts, pd.DataFrame(table), [_beside_kotler(found)])


def _not_below(later: Best, earlier: Best) -> float:
    """Share of resamples in which the later cell's best level is not below the earlier one's."""
    return float((later.places >= earlier.places).mean())


def _beside_kotler(found: Mapping[tuple[str, str], Best]) -> str:
    """How the best levels go with Kotler's, by rank."""
    ours = pd.Series([float(top.place) for top in found.values()])
    his = pd.Series([float(np.mean(KOTLER[cell])) for cell in found])
    same = sum(top.place in KOTLER[cell] for cell, top in found.items())
    rank = ours.rank().corr(his.rank()) if ours.nunique() > 1 else float("nan")
    return f"Beside Kotler's cells: {same} of {len(found)} alike, rank correlation {rank:.2f} (Spearman)."


DESIGN = Design(
    name="levels",
    sentence="The level of relationship should rise with the margin and fall with the number of customers.",
    source="Kotler 2003, five levels",
    status="order structural; thresholds calibrated",
    outcome="The level with the highest V.",
    design="The plain market, encounter load 0.001: unit margin 0.1, 0.3, 0.6 of all firms × 10,000 customers, 2,000 with five times the "
    "basket, 400 with 25 times × the focal firm's level for everybody, basic to partnership; 20 seeds (the design has 5 for the largest "
    "market, which decide nothing, and 100 for the smallest). Worlds of different size share the seeds, not the people.",
    expects="Holds if no step along a row or column goes down and from corner to corner there are two levels, by resamples of the seeds.",
    worlds=_worlds,
    play=_play,
    judge=_judge,
    picture=Picture("grid", "margin", "the best level; in brackets what more than 2.5 % of the resamples prefer",
                    "Kotler's matrix as found: the best level in each cell", rows="customers"),
    seeds=20,
)  # fmt: skip
