"""Closed forms of lifetime value: the margin multiple, the switching matrix, winning against keeping."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from logs_of_purchases import anchors, needs_anchors

from sim.extras import cure
from sim.value import (
    CannotFit,
    ResponseCurve,
    acquisition_retention_optimum,
    brand_switching,
    margin_multiple,
)

GUPTA_LEHMANN_2003 = [
    (0.60, 0.10, 1.20),
    (0.60, 0.14, 1.11),
    (0.80, 0.10, 2.67),
    (0.80, 0.14, 2.35),
    (0.90, 0.10, 4.50),
    (0.90, 0.14, 3.75),
]


@pytest.mark.parametrize(("retention", "discount", "multiple"), GUPTA_LEHMANN_2003)
def test_margin_multiples_are_those_of_gupta_lehmann_2003_table_1(retention, discount, multiple):
    assert margin_multiple(retention, discount) == pytest.approx(multiple, abs=0.005)
    assert (
        margin_multiple(retention, discount, first_margin="now") == margin_multiple(retention, discount) + 1.0
    )


@needs_anchors
def test_the_table_above_is_the_one_beside_the_checkout():
    values = anchors()["margin_multiple"]["values"]
    assert [
        (float(r), float(i), value) for r, row in values.items() for i, value in row.items()
    ] == GUPTA_LEHMANN_2003


def test_the_margin_multiple_is_the_sum_of_its_margins():
    k = np.arange(1.0, 2_000.0)
    for r, i, g in ((0.8, 0.1, 0.0), (0.9, 0.12, 0.05), (0.5, 0.0, -0.2), (1.0, 0.2, 0.1)):
        total = np.sum(r**k * (1 + g) ** (k - 1) / (1 + i) ** k)
        assert margin_multiple(r, i, growth=g) == pytest.approx(total, rel=1e-12)
    many = margin_multiple([0.6, 0.9], 0.10)
    assert many == pytest.approx([1.2, 4.5])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"retention": 80, "discount": 0.1}, "a share of 0 to 1 .got 80.; 80 % is 0.8"),
        ({"retention": 1.0, "discount": 0.0}, "must be under 1 \\+ discount"),
        ({"retention": 0.9, "discount": 0.1, "growth": 0.3}, "their sum has no end"),
        ({"retention": float("nan"), "discount": 0.1}, "retention: a number is missing"),
        ({"retention": 0.8, "discount": 0.1, "first_margin": "soon"}, '"later" or "now"'),
        ({"retention": 0.8, "discount": -2}, "above -1"),
    ],
)
def test_a_wrong_argument_of_the_margin_multiple_is_refused(words, message):
    with pytest.raises(ValueError, match=message):
        margin_multiple(**words)


def test_switching_value_is_the_sum_over_futures_of_rust_lemon_zeithaml_2004():
    matrix = np.array([[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.25, 0.25, 0.5]])
    first, per_year, years, discount = np.array([0.7, 0.2, 0.1]), 4, 3, 0.15
    by_hand = sum(
        first @ np.linalg.matrix_power(matrix, t) * (1 + discount) ** (-t / per_year)
        for t in range(per_year * years + 1)
    )
    value = brand_switching(first, matrix, per_year=per_year, years=years, discount=discount)
    assert value == pytest.approx(by_hand, rel=1e-12)
    money = brand_switching(
        first, matrix, per_year=4, years=3, discount=0.15, volume=20.0, margin=[0.5, 0.2, 0.1]
    )
    assert money == pytest.approx(by_hand * 20 * np.array([0.5, 0.2, 0.1]))


def test_with_one_rival_who_is_never_left_switching_value_is_the_margin_multiple():
    value = brand_switching([1, 0], [[0.8, 0.2], [0, 1]], per_year=1, years=400, discount=0.10)
    assert value[0] == pytest.approx(margin_multiple(0.8, 0.10, first_margin="now"), rel=1e-9)


def test_without_discount_a_purchase_is_counted_once_wherever_it_is_made():
    value = brand_switching([0.5, 0.5], [[0.9, 0.1], [0.4, 0.6]], per_year=2.5, years=2, discount=0.0)
    assert value.sum() == pytest.approx(6.0)


def test_switching_chances_that_do_not_sum_to_one_are_refused_with_their_row():
    with pytest.raises(ValueError, match="switching, row 1: chances of 0 to 1 that sum to 1"):
        brand_switching([1, 0], [[0.7, 0.3], [0.6, 0.5]], per_year=1, years=1, discount=0.1)
    with pytest.raises(ValueError, match=r"shape \(2,\) and switching \(1, 2\)"):
        brand_switching([1, 0], [[0.7, 0.3]], per_year=1, years=1, discount=0.1)


WORLD = {
    "acquisition_ceiling": 0.4,
    "acquisition_point": (5.0, 0.2),
    "retention_ceiling": 0.7,
    "retention_point": (10.0, 0.4),
    "discount": 0.2,
}


def test_at_the_optimum_of_blattberg_deighton_1996_marginal_costs_equal_the_lifetime_value():
    best = acquisition_retention_optimum(50.0, **WORLD)
    assert best.marginal_acquisition_cost == pytest.approx(best.lifetime_value, rel=1e-9)
    assert best.marginal_retention_cost == pytest.approx(best.lifetime_value, rel=1e-9)
    # the marginal costs are what one customer more costs, by the curves themselves
    winning = ResponseCurve.through((5.0, 0.2), ceiling=0.4)
    step = 1e-5
    more = winning.rate(best.acquisition_spend + step) - winning.rate(best.acquisition_spend)
    assert step / more == pytest.approx(best.marginal_acquisition_cost, rel=1e-4)


def equity(margin, winning, keeping, acquisition, retention, discount):
    """The customer equity of a prospect, year by year, as Blattberg & Deighton define it."""
    years = np.arange(1, 2_000)
    kept = keeping.rate(retention)
    later = np.sum((margin - retention / kept) * (kept / (1 + discount)) ** years)
    return winning.rate(acquisition) * (margin + later) - acquisition


def test_no_other_spends_bring_more_customer_equity():
    best = acquisition_retention_optimum(50.0, **WORLD)
    winning = ResponseCurve.through((5.0, 0.2), ceiling=0.4)
    keeping = ResponseCurve.through((10.0, 0.4), ceiling=0.7)
    top = equity(50.0, winning, keeping, best.acquisition_spend, best.retention_spend, 0.2)
    assert top == pytest.approx(best.customer_equity, rel=1e-9)
    for a in (0.5, 0.9, 0.99, 1.01, 1.1, 2.0):
        for r in (0.5, 0.9, 0.99, 1.01, 1.1, 2.0):
            spends = best.acquisition_spend * a, best.retention_spend * r
            assert equity(50.0, winning, keeping, *spends, 0.2) < top


def test_where_a_customer_is_worth_less_than_the_first_costs_nothing_is_spent():
    best = acquisition_retention_optimum(5.0, **WORLD)
    assert (best.acquisition_spend, best.retention_spend) == (0.0, 0.0)
    assert (best.customer_equity, best.lifetime_value) == (0.0, 5.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"acquisition_point": (5.0, 0.5)}, "acquisition_point: .* between 0 and the ceiling of 0.4"),
        ({"retention_point": 10.0}, "retention_point: a spend and the rate"),
        ({"retention_ceiling": 1.2}, "retention_ceiling: a share above 0, up to 1"),
        ({"retention_ceiling": 1.0, "discount": 0.0}, "above 0 with a retention ceiling of 1"),
    ],
)
def test_impossible_curves_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        acquisition_retention_optimum(50.0, **{**WORLD, **change})


def test_a_response_curve_is_found_again_from_what_a_market_showed():
    truth, spend = ResponseCurve(0.4, 0.14), np.array([1.0, 2.0, 5.0, 10.0, 20.0])
    won = np.random.default_rng(4).binomial(1_000_000, truth.rate(spend))
    found = ResponseCurve.fit(spend, np.full(5, 1_000_000), won)
    assert found.ceiling == pytest.approx(0.4, rel=0.01)
    assert found.steepness == pytest.approx(0.14, rel=0.02)
    with pytest.raises(CannotFit, match="do not bend"):
        ResponseCurve.fit(spend, np.full(5, 10_000), 100 * spend)


def test_closed_forms_work_without_scipy_and_a_fit_says_how_to_get_it():
    code = (
        "import sys\n"
        "for name in ('scipy', 'scipy.optimize', 'scipy.special'): sys.modules[name] = None\n"
        "import sim\n"
        "print(round(sim.value.margin_multiple(0.8, 0.1), 2))\n"
        "print(round(sim.value.acquisition_retention_optimum(50, acquisition_ceiling=.4, acquisition_point=(5, .2),"
        " retention_ceiling=.7, retention_point=(10, .4), discount=.2).lifetime_value, 2))\n"
        "try: sim.value.ShiftedBetaGeometric.fit([100, 80, 70])\n"
        "except sim.value.MissingPackage as fault: print(fault)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
        check=False,
    )
    assert done.stdout.splitlines()[:2] == ["2.67", "64.67"], done.stderr
    assert f"SciPy, which is not installed: {cure('fit')}" in done.stdout
