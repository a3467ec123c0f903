"""Strategy before software: what technology brings with and without a strategy, and which part of a capability brings most."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from sim.experiments.claims.design import Design, Judged, Part, Picture, Size
from sim.experiments.claims.effects import mean_and_spread, paired, percent_gain, pictured
from sim.experiments.claims.twins import Parting
from sim.experiments.claims.verdicts import Cell
from sim.mechanisms.capability import STOCKS

SOFTWARE = (0.0, 0.5, 1.0)
"""EUR a customer and month."""
BOTH = (0, 1)
OWN = "mechanisms.capability.firms.Marktbank."


def _worlds(size: Size) -> list[dict[str, Any]]:
    return [{"scenario": "bank_branch"}]


def _play(world: Mapping[str, Any], seed: int, size: Size) -> list[dict[str, Any]]:
    parting = Parting(
        world["scenario"],
        seed,
        size,
        change={"mechanisms.capability.on": True},
        customers=min(2_000, size.customers),
    )
    rows: list[dict[str, Any]] = []
    for clarity, software in product(BOTH, SOFTWARE):
        lived = parting.arm({f"{OWN}clarity": float(clarity), f"{OWN}technology": software})
        rows.append({"grid": "software", "clarity": clarity, "software": software, "value": lived.value()})
    for levels in product(BOTH, repeat=len(STOCKS)):
        lived = parting.arm(
            {f"{OWN}{name}": float(level) for name, level in zip(STOCKS, levels, strict=True)}
        )
        row = {"grid": "parts"} | dict(zip(STOCKS, levels, strict=True)) | {"value": lived.value()}
        rows.append(row)
    return rows


def _judge(rows: pd.DataFrame, size: Size) -> Judged:
    grid, parts_of = (rows[rows["grid"] == name] for name in ("software", "parts"))
    base = paired(grid, "value", {"clarity": 0, "software": 0.0})

    def gain(clarity: int, software: float) -> np.ndarray:
        return percent_gain(paired(grid, "value", {"clarity": clarity, "software": software}), base)

    alone = [Cell({"software": money}, 1.0 - gain(0, money)) for money in SOFTWARE[1:]]
    together = [
        Cell({"software": money}, gain(1, money) - gain(1, 0.0) - gain(0, money)) for money in SOFTWARE[1:]
    ]
    main = {name: _main_effect(parts_of, name, base) for name in STOCKS}
    rival = _largest(main, but="information")
    order = [Cell({"against": rival}, main[rival] - main["information"])]
    parts = [
        Part(
            "software alone",
            "without a strategy technology brings at most a per cent",
            alone,
            "% of V, less than 1",
        ),
        Part(
            "strategy makes it worth more",
            "technology and strategy together bring more than each by itself",
            together,
        ),
        Part(
            "information is not the most",
            "orientation or configuration has a larger effect than information",
            order,
        ),
    ]
    told = ", ".join(f"{name} {mean_and_spread(effect)}" for name, effect in main.items())
    notes = [
        f"Technology at {SOFTWARE[-1]:g} EUR a customer and month changes V by {mean_and_spread(gain(0, SOFTWARE[-1]))} % without a strategy, "
        f"by {mean_and_spread(gain(1, SOFTWARE[-1]))} % with one.",
        f"Full effort for a part of the capability, against none, the mean over the others, changes V in % by: {told}.",
    ]
    picture = [
        ({"software": money, "strategy": ("unclear", "clear")[clarity]}, gain(clarity, money))
        for clarity, money in product(BOTH, SOFTWARE)
    ]
    return Judged(parts, pictured(picture), notes)


def _largest(effects: Mapping[str, np.ndarray], *, but: str) -> str:
    """The part with the largest mean over seeds, but one: a seed's luck does not choose it, so two that are alike differ by 0."""
    return max((name for name in effects if name != but), key=lambda name: float(np.mean(effects[name])))


def _main_effect(rows: pd.DataFrame, name: str, base: np.ndarray) -> np.ndarray:
    """What a part does, full effort against none, in % of V: the mean over the other parts, one a seed."""
    means = rows.groupby([name, "seed"])["value"].mean().unstack("seed").sort_index(axis=1).to_numpy()
    return np.asarray(100.0 * (means[1] - means[0]) / abs(float(base.mean())), dtype=np.float64)


DESIGN = Design(
    name="strategy_first",
    sentence="Strategy before software.",
    source="Rigby, Reichheld & Schefter 2002; Day 2003",
    status="interaction and weights input; sizes emergent",
    outcome="ΔV.",
    design="The bank branch with the mechanism capability, 2,000 customers: Marktbank's technology 0, 0.5 or 1 EUR a customer and month × clarity of its strategy 0 or 1; "
    "and full effort or none for orientation, configuration and information, all eight combinations; from the parting.",
    expects="Holds if technology alone brings at most 1 % of V, technology and strategy together bring more than each by itself, and information is not the part with the largest effect.",
    worlds=_worlds,
    play=_play,
    judge=_judge,
    picture=Picture("lines", "software", "% of V", "What software brings, with a clear strategy and without", by="strategy"),
    needs=("capability",),
    customers=2_000,
)  # fmt: skip
