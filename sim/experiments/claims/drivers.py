"""Invest in the driver of customer equity with the best return: value, brand or relationship, and is it the same one everywhere?"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.experiments.claims.design import Design, Judged, Part, Picture, Size
from sim.experiments.claims.effects import mean_and_spread, paired, pictured
from sim.experiments.claims.flips import best
from sim.experiments.claims.one_fifth import smaller
from sim.experiments.claims.twins import Parting, value
from sim.experiments.claims.verdicts import Cell
from sim.ledger import A
from sim.scenario import load

SCENARIOS = ("plain", "airlines", "bank_branch")
DRIVERS = {"value": "quality", "brand": "brand_bonus", "relationship": "switching_cost"}
"""Driver -> the firm's capability that is raised."""
STEP, COST = 0.1, 0.01
"""Utility points; what they cost, as a share of revenue."""
NOTHING = "nothing"


def _worlds(size: Size) -> list[dict[str, Any]]:
    return [{"scenario": name} for name in size.pick(SCENARIOS, SCENARIOS[:2])]


def _play(world: Mapping[str, Any], seed: int, size: Size) -> list[dict[str, Any]]:
    scenario = load(world["scenario"])
    parting = Parting(
        scenario, seed, size, change=smaller(scenario, min(size.customers, scenario.market.customers))
    )
    rows = []
    for driver, field in {NOTHING: "", **DRIVERS}.items():
        address = f"firms.{scenario.focus}.{field}"
        lived = parting.arm({address: float(scenario.parameter(address)) + STEP} if field else {})
        revenue = lived.books[:, lived.place, A["revenue"]]
        rows.append(
            {
                "driver": driver,
                "value": lived.value(),
                "cost": COST * value(revenue, lived.rate),
                "heads": lived.heads[-1, lived.place],
            }
        )
    return rows


def _judge(rows: pd.DataFrame, size: Size) -> Judged:
    names = list(dict.fromkeys(rows["scenario"]))

    def at(name: str, driver: str, column: str) -> np.ndarray:
        return paired(rows, column, {"scenario": name, "driver": driver})

    def returned(name: str, driver: str) -> np.ndarray:
        """What comes back of each unit of money, net of it."""
        gain = at(name, driver, "value") - at(name, NOTHING, "value")
        return gain / float(at(name, NOTHING, "cost").mean()) - 1.0

    table = {name: np.array([returned(name, driver) for driver in DRIVERS]) for name in names}
    sure = [best(table[name]) for name in names]
    words = list(DRIVERS)
    parts = [
        Part("", "the driver with the best return is not the same in all scenarios",
             [Cell({"scenarios": ", ".join(names).replace("_", " ")}, share=differing([one.shares for one in sure]),
                   seeds=next(iter(table.values())).shape[1])], "share of resamples")
    ]  # fmt: skip
    notes = []
    for name, found in zip(names, sure, strict=True):
        told = ", ".join(
            f"{driver} {mean_and_spread(table[name][k], digits=2)}" for k, driver in enumerate(words)
        )
        notes.append(
            f"{name.replace('_', ' ')}: best is {words[found.place]} (in {100 * found.shares[found.place]:.0f} % of resamples); "
            f"net return a unit of money: {told}."
        )
    picture = [
        ({"driver": driver, "scenario": name}, table[name][k])
        for k, driver in enumerate(words)
        for name in names
    ]
    return Judged(parts, pictured(picture), notes)


def differing(shares: Sequence[np.ndarray]) -> float:
    """How surely two scenarios have different best drivers: a share of resamples, 0 if one is surely best in all.

    Parameters
    ----------
    shares : for each scenario, float64 (drivers,), the share of resamples in which a driver is best.

    Examples
    --------
    >>> one, other, torn = np.array([0.99, 0.01]), np.array([0.0, 1.0]), np.array([0.5, 0.5])
    >>> differing([one, other]), differing([one, torn]), round(differing([one, one]), 2)
    (0.99, 0.5, 0.01)
    """
    pairs = itertools.combinations(shares, 2)
    apart = max(min(a[j], b[k]) for a, b in pairs for j in range(len(a)) for k in range(len(b)) if j != k)
    alike = max(np.min(shares, axis=0))
    return float(apart if apart >= alike else 1.0 - alike)


DESIGN = Design(
    name="drivers",
    sentence="Invest in the driver of customer equity with the best return: find out which.",
    source="Rust, Lemon & Zeithaml 2004",
    status="utility points are equal by construction; the ranking emergent",
    outcome="ΔV over cost, less 1, by driver and scenario.",
    design="The plain market, the airlines, the bank branch: the focal firm's quality (value), brand bonus (brand) or switching cost (relationship) is 0.1 higher, one at a time, "
    "from the parting on; each costs 1 % of revenue. At most 4,000 customers; 10 seeds (the design has 20, and sets the value beside that of a switching "
    "matrix, which the tests of lifetime value do).",
    expects="Holds, as find out which, if two scenarios have different drivers that are surely best, by resamples of the seeds; fails if one driver surely is in all.",
    worlds=_worlds,
    play=_play,
    judge=_judge,
    picture=Picture("dots", "driver", "net return a unit of money", "What a tenth of a utility point brings for 1 % of revenue", by="scenario"),
    seeds=10,
    customers=4_000,
)  # fmt: skip
