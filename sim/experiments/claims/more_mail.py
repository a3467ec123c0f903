"""Mail is nearly free, so more is better: where is too much?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sim.experiments.claims.design import Design, Judged, Part, Picture, Size
from sim.experiments.claims.effects import paired, percent_gain, pictured
from sim.experiments.claims.flips import best
from sim.experiments.claims.twins import Parting
from sim.experiments.claims.verdicts import Cell

MESSAGES = (0, 1, 2, 4, 7, 10, 16)
STRATEGIES = ("interruption", "opt_out", "opt_in")
TOLERANCE = (0.5, 1.0, 2.0)
MEAN_TOLERANCE = 3.0


def _worlds(size: Size) -> list[dict[str, Any]]:
    return [{"tolerance": factor} for factor in size.pick(TOLERANCE, (1.0,))]


def _play(world: Mapping[str, Any], seed: int, size: Size) -> list[dict[str, Any]]:
    change = {
        "firms.North.plan.personalization": 0.7,
        "segments.everyone.contact_tolerance.mean": MEAN_TOLERANCE * world["tolerance"],
    }
    parting = Parting("plain", seed, size, customers=size.customers, change=change)
    rows = []
    for strategy in size.pick(STRATEGIES, STRATEGIES[::2]):
        for messages in size.pick(MESSAGES, (0, 2, 4, 16)):
            words = {"firms.North.plan.strategy": strategy, "firms.North.plan.messages": messages}
            rows.append({"strategy": strategy, "messages": messages, "value": parting.arm(words).value()})
    return rows


def _judge(rows: pd.DataFrame, size: Size) -> Judged:
    levels = sorted(rows["messages"].unique())
    cells, told, notes, picture = [], [], [], []
    for (strategy, tolerance), part in rows.groupby(["strategy", "tolerance"], sort=False):
        where = {"strategy": strategy, "tolerance": tolerance}
        values = np.array([paired(part, "value", {"messages": m}) for m in levels])
        most = abs(float(values[:-1].mean(axis=1).max()))
        cells.append(Cell(where, 100.0 * (values[-1] - values[:-1]) / most, 1.0))
        picture += [
            (where | {"messages": m}, percent_gain(v, values[0])) for m, v in zip(levels, values, strict=True)
        ]
        top = best(values)
        told.append((tolerance, f"{strategy} {levels[top.place]} ({100 * top.shares[top.place]:.0f} %)"))
        if tolerance == 1.0 and levels[top.place] > 0:
            half, double = _losses(levels, values.mean(axis=1), top.place)
            notes.append(f"{strategy}: half the best number costs {half:.1f} % of V, double {double:.1f} %.")
    says = f"{levels[-1]} messages a month earn more than the best smaller number"
    by_tolerance = {one: ", ".join(text for other, text in told if other == one) for one, _ in told}
    flips = "best number (share of resamples): "
    flips += "; ".join(f"tolerance × {one:g}: {text}" for one, text in by_tolerance.items())
    return Judged([Part("", says, cells, main=4)], pictured(picture), notes, flips)


def _losses(levels: list[int], values: np.ndarray, place: int) -> tuple[float, float]:
    """What half and double the best number lose, % of V, linear between the levels."""
    at = np.interp([levels[place] / 2.0, levels[place] * 2.0], levels, values)
    lost = 100.0 * (values[place] - at) / abs(values[place])
    return float(lost[0]), float(lost[1])


DESIGN = Design(
    name="more_mail",
    sentence="Mail is nearly free, so more is better.",
    source="folk; tried against Godin 1999",
    status="emergent",
    outcome="V by messages a month; the best number.",
    design="The plain market, personalization 0.7 at the focal firm: 0, 1, 2, 4, 7, 10 or 16 messages a month × interruption, "
    "opt_out, opt_in × contact tolerance halved, as it is, doubled (from the start); 6 seeds (the design has 8).",
    expects="Holds if 16 earn more than each smaller number; fails for a strategy if a smaller one earns significantly more, of so many tried.",
    worlds=_worlds,
    play=_play,
    judge=_judge,
    picture=Picture("lines", "messages", "% of V without mail", "What mail brings, by how much is sent", by="strategy", panels="tolerance"),
    seeds=6,
)  # fmt: skip
