"""Contract customers: the shifted-beta-geometric model on the cohorts of Fader & Hardie 2007."""

from __future__ import annotations

import numpy as np
import pytest
from logs_of_purchases import anchors, needs_anchors

from sim.value import CannotFit, ShiftedBetaGeometric, margin_multiple

pytestmark = pytest.mark.once

HIGH_END = [86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4]
REGULAR = [63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1, 22.3, 20.7, 19.4, 18.3, 17.3]
"""Percent surviving after years 1 to 12 (Fader & Hardie 2007, table 1); fitted on seven years, 1,000 a cohort."""

COHORTS = [(HIGH_END, 0.6681, 3.8061, -1611.16, -0.26), (REGULAR, 0.7041, 1.1820, -1680.27, -0.37)]


def counts(percent, years=7):
    return np.r_[1000.0, np.round(10 * np.array(percent[:years]))]


@pytest.mark.parametrize(("percent", "alpha", "beta", "log_likelihood", "bias"), COHORTS)
def test_sbg_is_that_of_fader_hardie_2007(percent, alpha, beta, log_likelihood, bias):
    model = ShiftedBetaGeometric.fit(counts(percent))
    assert model.alpha == pytest.approx(alpha, abs=5e-4)
    assert model.beta == pytest.approx(beta, abs=5e-4)
    assert model.log_likelihood == pytest.approx(log_likelihood, abs=0.01)


@pytest.mark.parametrize(("percent", "alpha", "beta", "log_likelihood", "bias"), COHORTS)
def test_sbg_foretells_years_8_to_12_of_fader_hardie_2007_within_two_points(
    percent, alpha, beta, log_likelihood, bias
):
    model = ShiftedBetaGeometric.fit(counts(percent))
    assert 100 * model.survival(np.arange(8, 13)) == pytest.approx(percent[7:], abs=2.0)


@pytest.mark.parametrize(("percent", "alpha", "beta", "log_likelihood", "bias"), COHORTS)
def test_value_by_the_aggregate_retention_is_too_low_by_the_known_share_at_10_percent(
    percent, alpha, beta, log_likelihood, bias
):
    model = ShiftedBetaGeometric.fit(counts(percent))
    aggregate = model.beta / (model.alpha + model.beta)
    assert model.retention(1) == pytest.approx(aggregate)
    naive = margin_multiple(aggregate, 0.10, first_margin="now")
    assert naive / model.expected_margins(0.10) - 1.0 == pytest.approx(bias, abs=0.01)


@needs_anchors
def test_the_cohorts_above_are_those_beside_the_checkout():
    found = anchors()["sbg"]
    for name, (percent, alpha, beta, log_likelihood, _) in zip(("high_end", "regular"), COHORTS, strict=True):
        assert found[name] == {
            "survival": percent,
            "alpha": alpha,
            "beta": beta,
            "ll7_n1000": log_likelihood,
        }


def test_expected_margins_are_the_sum_over_survivors():
    model, k = ShiftedBetaGeometric(0.67, 3.8), np.arange(0, 2_000)
    for age in (0, 3):
        kept = model.survival(age + k) / model.survival(age)
        assert model.expected_margins(0.10, age=age) == pytest.approx(np.sum(kept / 1.1**k), rel=1e-9)


def test_retention_rises_with_age_though_nobody_changes():
    model, years = ShiftedBetaGeometric(0.7, 1.2), np.arange(1, 20)
    rates = model.retention(years)
    assert (np.diff(rates) > 0).all()
    assert rates == pytest.approx(model.survival(years) / model.survival(years - 1))


def test_alpha_and_beta_are_found_again_from_simulated_cohorts_and_intervals_hold_them():
    rng, held = np.random.default_rng(11), 0
    truth = np.array([0.8, 2.5])
    for _ in range(60):
        churn = rng.beta(*truth, 2_000)
        life = rng.geometric(churn)
        model = ShiftedBetaGeometric.fit([(life > t).sum() for t in range(9)])
        table = model.interval()
        held += ((table.low < truth) & (truth < table.high)).to_numpy().sum()
    assert 105 <= held <= 120  # 114 of 120 expected at 95 %


@pytest.mark.parametrize(
    ("survivors", "message"),
    [
        ([1000, 900, 810, 729, 656], "do not differ .* margin_multiple\\(0.9, discount\\)"),
        ([100, 100, 100], "nobody left"),
        ([100, 0, 0], "all customers left in the first period"),
        ([1000, 100, 100, 100], "leaves at once, and the rest never"),
    ],
)
def test_a_cohort_that_tells_nothing_is_refused_with_the_reason(survivors, message):
    with pytest.raises(CannotFit, match=message):
        ShiftedBetaGeometric.fit(survivors)


@pytest.mark.parametrize(
    ("survivors", "message"),
    [
        ([100, 50, 60], "a cohort cannot grow .got 60 at row 2"),
        ([100, 90], "at 0, 1 and 2 periods at least"),
        ([100, float("nan"), 50], "missing or infinite at row 1"),
        ([100, 50, -1], "customers, 0 or more"),
    ],
)
def test_counts_that_are_no_cohort_are_refused(survivors, message):
    with pytest.raises(ValueError, match=message):
        ShiftedBetaGeometric.fit(survivors)


def test_a_model_of_given_parameters_has_no_errors():
    with pytest.raises(ValueError, match="made from given parameters"):
        ShiftedBetaGeometric(1.0, 2.0).interval()
