"""Markets whose answer is known: customers leave by chance alone, and pay the same each month."""

from __future__ import annotations

import numpy as np
import pytest

import sim
from sim import metrics
from sim.ledger import BY_CUSTOMER, SIGNS
from sim.metrics.drivers import Flows
from sim.snapshots import advance
from sim.value import ShiftedBetaGeometric, margin_multiple

pytestmark = pytest.mark.once

ONE_FIRM = """
tenfold = 1
title = "One firm, one need, no rival"
focus = "Only"
[market]
customers = 40000
setting = "contract"
served_at_start = 1.0
initial_awareness = 1.0
[segments.everyone]
need_rate = 1.0
basket = 50.0
service_intensity = 1.0
exit_rate = {exit}
[firms.Only]
plan = {{ advertising = 0, strategy = "silent", level = "basic", staff = 200, ask = false }}
[buy]
base_chance = 0.0
outside = -50.0
cross_sell = 0.0
[serve]
unhappy_pending = 0.0
[leave]
base_exit = {base}
[talk]
unhappy_tells = 0
happy_tells = 0
"""


@pytest.fixture
def market_of(tmp_path):
    """A run of the one firm, whose customers leave for no reason but that the need ends."""

    def run(months, *, exit_rate="0.0", base="0.0", **words):
        file = tmp_path / "one.toml"
        file.write_text(ONE_FIRM.format(exit=exit_rate, base=base), encoding="utf-8")
        return sim.run(file, months=months, **words)

    return run


def test_nobody_leaves_for_another_reason(market_of):
    run = market_of(14, base="0.03")
    assert set(run.departures["reason"]) == {"need ended"}


def test_homogeneous_churn_gives_the_margin_multiple_within_one_percent(market_of):
    hazard, rate, months = 0.03, 0.10, 240
    run = market_of(months, base=str(hazard), seed=5)
    spans = metrics.relationships(run)
    first = spans[spans["began"] <= 0]
    # flows of those who were there at the end of month 1, from month 2 on, at the mean margin of a customer-month
    ended = first["ended"].fillna(months + 1).to_numpy(dtype=int)
    alive = np.array([(ended > t).sum() for t in range(1, months + 1)])
    margin = run.months["customer_profit"].iloc[13] / 12.0
    profit = alive[1:] * margin
    realised = (profit * (1.0 + rate) ** (-np.arange(1, months) / 12.0)).sum() / alive[0]
    monthly = margin_multiple(1.0 - hazard, (1.0 + rate) ** (1 / 12) - 1.0)
    assert realised == pytest.approx(margin * monthly, rel=0.01)


def test_customer_equity_is_the_yearly_margin_multiple_of_a_known_retention_within_one_percent(market_of):
    hazard = 0.015
    # the multiple is five times as uncertain as retention: many customers
    run = market_of(25, base=str(hazard), seed=5, change={"market.customers": 300_000})
    last = run.months.iloc[-1]
    yearly = margin_multiple((1.0 - hazard) ** 12, 0.10)
    assert last["annual_retention_unbroken"] == pytest.approx((1.0 - hazard) ** 12, abs=0.002)
    assert last["customer_equity"] / last["customers"] == pytest.approx(
        last["customer_profit"] * yearly, rel=0.01
    )


def test_heterogeneous_retention_rises_with_the_cohorts_age_as_sbg_says(market_of):
    alpha, beta, months = 0.8, 16.0, 60
    mean, strength = alpha / (alpha + beta), alpha + beta
    run = market_of(months, exit_rate=f"{{ mean = {mean!r}, strength = {strength!r} }}", seed=8)
    spans = metrics.relationships(run)
    first = spans[spans["began"] <= 0]  # everybody of the start: no selection before it
    ended = first["ended"].fillna(months + 1).to_numpy(dtype=int)
    n = len(first)
    alive = np.array([n, *[(ended > t).sum() for t in range(1, months + 1)]])
    expected = _sbg_survival(alpha, beta, months)
    error = np.sqrt(expected * (1 - expected) / n)
    assert (np.abs(alive / n - expected)[1:] < 4.0 * error[1:]).all()
    yearly = (alive[12::12] / alive[:-12:12])[: months // 12]
    assert (np.diff(yearly) > 0).all()
    fitted = ShiftedBetaGeometric.fit(alive)
    assert fitted.alpha == pytest.approx(alpha, rel=0.1) and fitted.beta == pytest.approx(beta, rel=0.1)


def test_flows_of_present_customers_are_those_of_the_closed_form(market_of):
    hazard, months = 0.05, 36
    run = market_of(14, base=str(hazard), seed=5)
    market = advance(run.like(), 14)
    n, flows = market.heads[-1][0], Flows(market, 0)
    advance(market, months, [flows])
    # margin of who was there when the month began; skill of the staff moves it a little from month to month
    books = np.array([(book * SIGNS)[0, BY_CUSTOMER].sum() / 100.0 for book in market.ledger.months[14:]])
    margin = books / np.array(market.heads[14:])[:, 0] * (1.0 - hazard)
    ahead = np.arange(1, months + 1)
    expected = (margin * (1.0 - hazard) ** (ahead - 1) * 1.1 ** (-ahead / 12.0)).sum()
    assert flows.total / n == pytest.approx(expected, rel=0.01)


def _sbg_survival(alpha, beta, months):
    """S(t) = S(t - 1) (beta + t - 1) / (alpha + beta + t - 1); Fader & Hardie 2007, equation 7."""
    t = np.arange(1, months + 1)
    return np.concatenate([[1.0], np.cumprod((beta + t - 1) / (alpha + beta + t - 1))])
