"""Purchase histories for tests: the CDNOW sample where it stands beside the checkout, and simulated ones."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

DATA = Path(__file__).parents[2] / "shared" / "data"
BESIDE = "the CDNOW rows are not passed on with the project; they are looked for in ../shared/data"

needs_cdnow = pytest.mark.skipif(not (DATA / "cdnow_sample.txt").exists(), reason=BESIDE)
needs_anchors = pytest.mark.skipif(not (DATA / "anchors.json").exists(), reason=BESIDE)


def anchors() -> dict:
    """The published numbers that stand beside the checkout."""
    return json.loads((DATA / "anchors.json").read_text(encoding="utf-8"))


def cdnow() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Customer, day since 1 January 1997, dollars: the 1/10 sample of the papers."""
    table = np.loadtxt(DATA / "cdnow_sample.txt", usecols=(1, 2, 4))
    dates = [f"{int(d):08d}" for d in table[:, 1]]
    days = np.array([f"{d[:4]}-{d[4:6]}-{d[6:]}" for d in dates], dtype="datetime64[D]")
    return table[:, 0].astype(int), (days - np.datetime64("1997-01-01")).astype(float), table[:, 2]


def buyers(
    n: int, r: float, alpha: float, a: float, b: float, *, weeks: float = 39.0, seed: int = 1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Histories drawn as BG/NBD says: frequency, first to last, age, in weeks; ages in the last 70 % of the time."""
    rng = np.random.default_rng(seed)
    rate, stop = rng.gamma(r, 1.0 / alpha, n), rng.beta(a, b, n)
    age = rng.integers(int(7 * weeks * 0.7), int(7 * weeks) + 1, n) / 7.0
    now, last, frequency, active = np.zeros(n), np.zeros(n), np.zeros(n), np.ones(n, dtype=bool)
    while active.any():
        now = now + rng.exponential(1.0, n) / rate
        bought = active & (now <= age)
        frequency, last = frequency + bought, np.where(bought, now, last)
        active = bought & (rng.random(n) >= stop)
    return frequency, last, age


def spending(frequency: np.ndarray, p: float, q: float, gamma: float, *, seed: int = 2) -> np.ndarray:
    """Mean spend on `frequency` purchases, drawn as Gamma-Gamma says."""
    rng = np.random.default_rng(seed)
    scale = rng.gamma(q, 1.0 / gamma, len(frequency))
    return rng.gamma(p * np.maximum(frequency, 1)) / scale / np.maximum(frequency, 1)


def leavers(
    n: int, r: float, alpha: float, s: float, beta: float, *, weeks: float = 39.0, seed: int = 3
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Histories drawn as Pareto/NBD says."""
    rng = np.random.default_rng(seed)
    rate, life = rng.gamma(r, 1.0 / alpha, n), rng.exponential(1.0, n) / rng.gamma(s, 1.0 / beta, n)
    age = rng.integers(int(7 * weeks * 0.7), int(7 * weeks) + 1, n) / 7.0
    frequency = rng.poisson(rate * np.minimum(life, age)).astype(float)
    # the last of k purchases, uniform over the active time
    last = np.minimum(life, age) * rng.random(n) ** (1.0 / np.maximum(frequency, 1))
    return frequency, np.where(frequency > 0, last, 0.0), age
