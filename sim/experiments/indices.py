"""Where to look, and what was seen: Sobol's and Morris's designs on the unit cube, and their measures, through SALib."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.experiments.missing import package

METHODS = ("sobol", "morris")
WHAT = "sensitivity"
LEVELS = 4
"""Levels of the grid on which Morris's paths walk."""


def count_of(method: str, runs: int, factors: int) -> int:
    """How many points a design has: `runs` (factors + 2) for Sobol, `runs` (factors + 1) for Morris."""
    return runs * (factors + (2 if method == "sobol" else 1))


def places(method: str, runs: int, names: Sequence[str], seed: int = 1) -> np.ndarray:
    """The points of a design, 0 to 1 in each factor.

    Parameters
    ----------
    method : `sobol` (Saltelli's scheme over a Sobol sequence) or `morris` (paths, one factor at a time).
    runs : base points, a power of two, of `sobol`; paths of `morris`.
    names : of the factors. seed : of the scrambling and of the paths.

    Returns
    -------
    float64 (`count_of(…)`, factors)

    Source: Saltelli et al. 2010 for the scheme; Morris 1991 for the paths.
    """
    space = _space(names)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if method == "sobol":
            made = package("SALib.sample.sobol", WHAT).sample(space, runs, calc_second_order=False, seed=seed)
        else:
            made = package("SALib.sample.morris", WHAT).sample(space, runs, num_levels=LEVELS, seed=seed)
    return np.asarray(made, dtype=np.float64)


def measured(
    method: str, at: np.ndarray, values: np.ndarray, names: Sequence[str], seed: int = 1
) -> pd.DataFrame:
    """What each factor does to the values at a design's points.

    Parameters
    ----------
    at : float64 (P, factors), from `places` with the same method and names. values : float64 (P,).
    seed : of the resampling that gives the intervals.

    Returns
    -------
    DataFrame, a row a factor in the order of `names`
        `factor`; of `sobol` the shares of the variance `first` (alone) and `total` (with all that it interacts with);
        of `morris`, in the values' unit a whole range, `mu_star` (mean size of its steps' effect), `mu` (with sign) and
        `sigma` (spread: bends or interactions). `first`, `total` and `mu_star` with 95 % interval, `…_low` and `…_high`.

    Source: Saltelli et al. 2010; Jansen 1999; Morris 1991; Campolongo, Cariboni & Saltelli 2007 for mu_star.
    """
    names = list(names)
    if np.ptp(values) == 0.0:  # nothing moves: no share of a variance of 0
        empty = ("first", "total") if method == "sobol" else ("mu_star",)
        table = pd.DataFrame({"factor": names})
        for name in empty:
            table[[name, f"{name}_low", f"{name}_high"]] = 0.0
        return table if method == "sobol" else table.assign(mu=0.0, sigma=0.0)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if method == "sobol":
            found = package("SALib.analyze.sobol", WHAT).analyze(
                _space(names), values, calc_second_order=False, num_resamples=500, seed=seed
            )
            parts = _spans("first", found["S1"], found["S1_conf"])
            parts |= _spans("total", found["ST"], found["ST_conf"])
        else:
            found = package("SALib.analyze.morris", WHAT).analyze(
                _space(names), at, values, num_levels=LEVELS, num_resamples=500, seed=seed
            )
            parts = _spans("mu_star", found["mu_star"], found["mu_star_conf"])
            parts |= {name: np.asarray(found[name], dtype=np.float64) for name in ("mu", "sigma")}
    return pd.DataFrame({"factor": names, **parts})


def _space(names: Sequence[str]) -> dict[str, Any]:
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def _spans(name: str, value: Any, half: Any) -> dict[str, np.ndarray]:
    value, half = np.asarray(value, dtype=np.float64), np.asarray(half, dtype=np.float64)
    return {name: value, f"{name}_low": value - half, f"{name}_high": value + half}


def luck_share(values: np.ndarray) -> float:
    """The share of the variance between points' means that is luck, not the factors.

    Parameters
    ----------
    values : float64 (points, seeds). With the same seeds at each point, what a seed does to all points alike does not count.

    Returns
    -------
    float, 0 to 1; missing with one seed.
    """
    points, seeds = values.shape
    if seeds < 2 or points < 2:
        return float("nan")
    means = values.mean(axis=1, keepdims=True)
    rest = values - means - values.mean(axis=0, keepdims=True) + values.mean()
    luck = float((rest**2).sum()) / ((points - 1) * (seeds - 1)) / seeds
    seen = float(np.var(means, ddof=1))
    return min(1.0, luck / seen) if seen > 0.0 else float("nan")
