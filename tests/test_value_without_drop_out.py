"""Customers who do not stop: the negative binomial model against its truth and SciPy's distribution."""

from __future__ import annotations

import numpy as np
import pytest
from logs_of_purchases import buyers
from scipy import stats

from sim.value import NegativeBinomial
from sim.value.negative_binomial import silence


def lasting(n: int, r: float = 0.8, alpha: float = 10.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Histories of customers who never stop."""
    rng = np.random.default_rng(5)
    age = rng.uniform(30.0, 60.0, n)
    frequency = rng.poisson(rng.gamma(r, 1.0 / alpha, n) * age).astype(float)
    last = age * rng.random(n) ** (1.0 / np.maximum(frequency, 1.0))
    return frequency, np.where(frequency > 0, last, 0.0), age


def test_the_fit_finds_the_truth_and_its_interval_holds_it():
    model = NegativeBinomial.fit(*lasting(20_000))
    table = model.interval()
    assert (table["low"] < [0.8, 10.0]).all() and (table["high"] > [0.8, 10.0]).all()
    assert (table["standard_error"] / table["estimate"] < 0.05).all()


def test_counts_are_those_of_scipys_negative_binomial():
    x, last, age = lasting(50)
    model = NegativeBinomial.fit(x, last, age)
    r, alpha = model.r, model.alpha
    counts = stats.nbinom.logpmf(x, r, alpha / (alpha + age))
    order = np.array([np.log(np.arange(1, k + 1)).sum() for k in x]) - x * np.log(age)
    assert model.log_likelihood == pytest.approx(float((counts + order).sum()))
    assert model.expected_purchases(20.0) == pytest.approx(stats.nbinom.mean(r, alpha / (alpha + 20.0)))
    assert model.alive(3, 5.0, 9.0) == 1.0
    assert model.discounted_purchases(1, 0.0, 3, 5.0, 9.0, per_year=52.0) == pytest.approx(
        model.conditional_expected_purchases(52.0, 3, 5.0, 9.0)
    )


def test_silence_tells_those_who_stop_from_those_who_do_not():
    assert abs(silence(*lasting(20_000))) < 3.0
    assert silence(*buyers(2_000, 0.2426, 4.4135, 0.7929, 2.4258)) > 10.0
