"""There is a best split between winning and keeping, and erring on keeping costs more."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from sim.draws import PURPOSES
from sim.experiments.claims.design import Design, Judged, Part, Picture, Size
from sim.experiments.claims.effects import pictured
from sim.experiments.claims.flips import resampled
from sim.experiments.claims.twins import Parting, after
from sim.experiments.claims.verdicts import Cell
from sim.market import Market

A_HEAD = 0.30
"""Advertising of the other firms, money a head and month."""
ADVERTISING = (0.33, 0.67, 1.0, 1.5, 2.25)
"""Times that."""
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
AROUND = (0.5, 0.75, 1.0, 1.25, 1.5)
ACCOUNTABLE = 2

_KEY = next(p for p in PURPOSES if p.name == "own_8")


def _worlds(size: Size) -> list[dict[str, Any]]:
    return [{}]


def _play(world: Mapping[str, Any], seed: int, size: Size) -> list[dict[str, Any]]:
    parting = Parting("plain", seed, size, customers=size.customers)
    rows = []
    for times in size.pick(ADVERTISING, ADVERTISING[::2]):
        for share in size.pick(SHARES, SHARES[::2]):
            change = {"firms.North.plan.advertising": times * A_HEAD * size.customers}
            lived = parting.arm(change, acts=[after("decide", partial(raise_level, share=share))])
            rows.append({"advertising": times, "share": share, "value": lived.value()})
    return rows


def raise_level(market: Market, share: float, place: int = 0) -> None:
    """Give a share of a firm's customers, the same people each month, the level accountable."""
    c = market.customers
    ids = np.flatnonzero(c.supplier == place)
    ids = ids[market.draws._uniform(_KEY, ids, 0, 0) < share]
    c.level[ids] = np.maximum(c.level[ids], ACCOUNTABLE)


# ---------------------------------------------------------------- the surface


def terms(x: Any, y: Any) -> np.ndarray:
    """The terms of a quadratic in two variables, (n, 6)."""
    x, y = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    return np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=-1)


def fitted(x: np.ndarray, y: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The quadratic through a grid by least squares, a column of six coefficients a seed; values (n, S)."""
    return np.linalg.lstsq(terms(x, y), values, rcond=None)[0]


def top_of(b: np.ndarray) -> tuple[float, float] | None:
    """Where a quadratic is highest; None where it is no hill.

    Examples
    --------
    >>> top_of(np.array([0.0, 2.0, 4.0, -1.0, -2.0, 0.0]))
    (1.0, 1.0)
    """
    curve = np.array([[2 * b[3], b[5]], [b[5], 2 * b[4]]])
    if not (curve[0, 0] < 0.0 < np.linalg.det(curve)):
        return None
    x, y = np.linalg.solve(curve, -b[1:3])
    return float(x), float(y)


def _judge(rows: pd.DataFrame, size: Size) -> Judged:
    grid = rows.pivot_table(index=["advertising", "share"], columns="seed", values="value")
    x = np.log(np.array([a for a, _ in grid.index]))
    y = np.array([s for _, s in grid.index])
    each = fitted(x, y, grid.to_numpy())
    tops = [top_of(b) for b in each[:, resampled(each.shape[1])].mean(axis=2).T]
    inside = [top is not None and x.min() < top[0] < x.max() and 0.0 < top[1] < 1.0 for top in tops]
    mean = each.mean(axis=1)
    top = top_of(mean)
    parts = [Part("a best split", "V has its maximum inside the grid, with some advertising and some of the customers on a higher level",
                  [Cell({}, share=float(np.mean(inside)), seeds=each.shape[1])])]  # fmt: skip
    is_inside = top is not None and 0.0 < top[1] < 1.0
    best_x, best_y = (top[0], top[1]) if is_inside and top else _best_on(mean, x)
    height = float((terms(best_x, best_y) @ mean).item())

    def loss(adv: float, keep: float) -> np.ndarray:
        """What is lost, in % of the best V, one a seed, with so many times the best of each lever."""
        at = terms(best_x + np.log(adv), best_y * keep)
        return 100.0 * ((terms(best_x, best_y) - at) @ each).ravel() / abs(height)

    cells = [Cell({"cut": "25 %"}, loss(1.0, 0.75) - loss(0.75, 1.0), 1.0)] if is_inside else []
    parts.append(
        Part(
            "erring on keeping",
            "25 % too little for keeping loses more than 25 % too little for winning",
            cells,
        )
    )
    notes = [
        f"Best: {np.exp(best_x):.2f} times the others' advertising, {100 * best_y:.0f} % of the customers on the level accountable"
        f"{'' if is_inside else ', at the edge of the grid: the second half is not judged'}."
    ]
    if top is not None and is_inside:
        shares = np.array([one for one, ok in zip(tops, inside, strict=True) if ok and one is not None])
        low, high = np.quantile(shares[:, 1], [0.025, 0.975])
        notes.append(
            f"95 % of the resamples with a maximum have it at {100 * low:.0f} to {100 * high:.0f} % of the customers."
        )
    picture = [({"times the best": k, "lever": "winning (advertising)"}, -loss(k, 1.0)) for k in AROUND]
    picture += [
        ({"times the best": k, "lever": "keeping (level)"}, -loss(1.0, k))
        for k in AROUND
        if best_y * k <= 1.0
    ]
    return Judged(parts, pictured(picture), notes)


def _best_on(b: np.ndarray, x: np.ndarray) -> tuple[float, float]:
    """The highest place of a quadratic on the grid's rectangle."""
    xs, ys = np.meshgrid(np.linspace(x.min(), x.max(), 101), np.linspace(0.0, 1.0, 101), indexing="ij")
    place = np.unravel_index((terms(xs, ys) @ b).argmax(), xs.shape)
    return float(xs[place]), float(ys[place])


DESIGN = Design(
    name="best_split",
    sentence="There is a best split between winning and keeping customers, and erring on keeping costs more.",
    source="Blattberg & Deighton 1996; Reinartz, Thomas & Kumar 2005",
    status="emergent",
    outcome="V by money for winning and for keeping; what is lost beside the best.",
    design="The plain market: the focal firm's advertising 0.33, 0.67, 1, 1.5, 2.25 times the others' × 0, 25, 50, 75, 100 % of its customers, the same people each "
    "month, on the level accountable; a quadratic (in the logarithm of advertising) through the grid; losses beside the best are read from it, "
    "each lever in its own money (the design plays them once more). 8 seeds.",
    expects="First half: the quadratic has its maximum inside the grid, by resamples of the seeds. Second: V falls more by a quarter less for keeping than by a "
    "quarter less for winning; not judged where the best share is none or all.",
    worlds=_worlds,
    play=_play,
    judge=_judge,
    picture=Picture("lines", "times the best", "% of the best V", "What is lost beside the best split", by="lever"),
    seeds=8,
)  # fmt: skip
