"""Attention is a commons: each mailer takes from all, and together they mail more than is good for them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from sim.experiments.claims.design import Design, Judged, Part, Picture, Size
from sim.experiments.claims.effects import mean_and_spread, paired, pictured
from sim.experiments.claims.flips import resampled
from sim.experiments.claims.twins import Parting
from sim.experiments.claims.verdicts import Cell

VOLUMES = (0, 1, 2, 4, 8)
RIVALS = ("Trumpet", "Drum", "Gong", "Siren")
FOCUS = "Lantern"
SEGMENTS = ("households", "bargain_hunters")
PLENTY = 1000.0


def _worlds(size: Size) -> list[dict[str, Any]]:
    return [{"attention": "scarce"}, {"attention": "plenty"}]


def _play(world: Mapping[str, Any], seed: int, size: Size) -> list[dict[str, Any]]:
    change: dict[str, Any] = {f"firms.{firm}.plan.strategy": "interruption" for firm in (FOCUS, *RIVALS)}
    change |= {f"firms.{firm}.plan.messages": 2 for firm in (FOCUS, *RIVALS)}
    if world["attention"] == "plenty":
        change |= {f"segments.{name}.attention.mean": PLENTY for name in SEGMENTS}
    policies = dict.fromkeys(RIVALS, "status_quo")
    parting = Parting(
        "shouting_mailers", seed, size, change=change, policies=policies, customers=size.customers
    )
    rows = []
    for own, others in _pairs(world["attention"], size):
        words = {f"firms.{FOCUS}.plan.messages": own} | {
            f"firms.{firm}.plan.messages": others for firm in RIVALS
        }
        lived = parting.arm(words)
        joint = sum(lived.value(place) for place in range(1 + len(RIVALS)))
        rows.append({"own": own, "rivals": others, "value": lived.value(), "joint": joint})
    return rows


def _pairs(attention: str, size: Size) -> list[tuple[int, int]]:
    """Own and rivals' messages that are played."""
    if attention == "plenty":
        return [(own, others) for own in (0, 1) for others in size.pick((0, 2, 8), (0, 8))]
    volumes = size.pick(VOLUMES, (0, 1, 8))
    return [(own, others) for own in volumes for others in volumes]


def _judge(rows: pd.DataFrame, size: Size) -> Judged:
    scarce = rows[rows["attention"] == "scarce"]
    base = abs(float(paired(scarce, "value", {"own": 0, "rivals": 0}).mean()))
    volumes = sorted(scarce["own"].unique())
    levels = [level for level in (0, 2, 8) if level in volumes]

    def gain(attention: str, rivals: int) -> np.ndarray:
        here = rows[(rows["attention"] == attention) & (rows["rivals"] == rivals)]
        return 100.0 * (paired(here, "value", {"own": 1}) - paired(here, "value", {"own": 0})) / base

    cells = [
        Cell({"rivals' messages": f"{a} to {b}"}, gain("scarce", a) - gain("scarce", b), 0.0)
        for a, b in pairwise(levels)
    ]
    grid = np.array([[paired(scarce, "value", {"own": m, "rivals": r}) for m in volumes] for r in volumes])
    joint = np.array([paired(scarce, "joint", {"own": m, "rivals": m}) for m in volumes])
    draws = resampled(grid.shape[2])
    nash = np.array([_rest(grid[:, :, d].mean(axis=2), volumes) for d in draws])
    together = np.array([_peak(volumes, joint[:, d].mean(axis=1)) for d in draws])
    parts = [
        Part("falls", "the gain from one's first message falls with the rivals' volume", cells, "% of V without mail"),
        Part("too much", "where each answers the others best, all mail more than is best for them together",
             [Cell({}, share=float((nash > together).mean()), seeds=grid.shape[2])]),
    ]  # fmt: skip
    now, best = _rest(grid.mean(axis=2), volumes), _peak(volumes, joint.mean(axis=1))
    ends = (levels[0], levels[-1])
    notes = [
        f"Each answering the others they come to rest at {_span(now, nash)} messages a month; together {_span(best, together)} would be best.",
        f"From {ends[0]} to {ends[1]} messages of each rival the gain from one's first message falls by "
        f"{mean_and_spread(gain('scarce', ends[0]) - gain('scarce', ends[1]))} % of V; with attention for everything by "
        f"{mean_and_spread(gain('plenty', ends[0]) - gain('plenty', ends[1]))} %, and that part is rivalry.",
    ]
    picture = [
        (
            {
                "rivals' messages": level,
                "attention": {"scarce": "attention for 6 a month", "plenty": "attention for everything"}[
                    attention
                ],
            },
            gain(attention, level),
        )
        for attention in ("scarce", "plenty")
        for level in levels
    ]
    return Judged(parts, pictured(picture), notes)


def _peak(volumes: list[int], values: np.ndarray) -> float:
    """Where values are highest; between levels by the parabola through the best and its neighbours."""
    k = int(np.argmax(values))
    if k in (0, len(volumes) - 1):
        return float(volumes[k])
    (a, b, c), (u, v, w) = volumes[k - 1 : k + 2], values[k - 1 : k + 2]
    coefficients = np.polyfit([a, b, c], [u, v, w], 2)
    top = -coefficients[1] / (2.0 * coefficients[0]) if coefficients[0] < 0 else float(b)
    return float(min(max(top, a), c))


def _rest(grid: np.ndarray, volumes: list[int]) -> float:
    """Where best answers come to rest: the volume that is its own best answer, linear between the levels.

    Parameters
    ----------
    grid : float64 (rivals, own), V of the focal firm.
    """
    answers = np.array([_peak(volumes, row) for row in grid])
    gap = answers - np.array(volumes)
    for k in range(len(volumes) - 1):
        if gap[k] >= 0.0 >= gap[k + 1] and gap[k] != gap[k + 1]:
            return float(volumes[k] + (volumes[k + 1] - volumes[k]) * gap[k] / (gap[k] - gap[k + 1]))
    return float(volumes[-1] if gap[-1] > 0 else volumes[0])


def _span(at: float, resamples: np.ndarray) -> str:
    low, high = np.quantile(resamples, [0.025, 0.975])
    return f"{at:.1f} ({low:.1f} to {high:.1f})"


DESIGN = Design(
    name="commons",
    sentence="Attention is a commons: what each mailer takes, all lose.",
    source="Hardin 1968; Anderson & de Palma 2009",
    status="emergent",
    outcome="The gain in V from one's first message by the rivals' volume; the volumes of best answers and of the best for all.",
    design="The street of shouting mailers, five firms, all interrupting: own messages 0, 1, 2, 4, 8 × each rival's 0, 1, 2, 4, 8; once more with attention "
    "for everything (own 0 and 1, rivals' 0, 2, 8). Best answers and the joint best are read from the grid, with a parabola between its levels. "
    "5,000 people, 7 seeds (the design has 8).",
    expects="Holds if the gain falls with the rivals' volume, and the volume at which best answers come to rest is above the one that is best for all.",
    worlds=_worlds,
    play=_play,
    judge=_judge,
    picture=Picture("lines", "rivals' messages", "% of V without mail", "What the first message a month brings", by="attention"),
    seeds=7,
    customers=5_000,
)  # fmt: skip
