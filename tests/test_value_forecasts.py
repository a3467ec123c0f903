"""What fitted models foretell, against simulated futures; and rows that tell no model."""

from __future__ import annotations

import numpy as np
import pytest
from logs_of_purchases import buyers, leavers, spending
from scipy import integrate, special

from sim.value import BetaGeometricNBD, CannotFit, GammaGamma, ParetoNBD, purchase_histories

PAIRS = [
    (BetaGeometricNBD(0.8, 6.0, 0.8, 2.5), buyers),
    (ParetoNBD(0.8, 6.0, 0.6, 12.0), leavers),
]


@pytest.mark.parametrize(("model", "draw"), PAIRS)
def test_expected_purchases_are_the_mean_of_simulated_ones(model, draw):
    frequency, _, age = draw(200_000, *model.parameters.values(), weeks=40.0)
    expected = model.expected_purchases(age)
    error = frequency.std() / np.sqrt(len(frequency))
    assert frequency.mean() == pytest.approx(expected.mean(), abs=4 * error)


@pytest.mark.parametrize(("model", "draw"), PAIRS)
def test_what_customers_with_a_history_are_expected_to_buy_adds_up_to_what_all_are(model, draw):
    # the mean over histories of the conditional expectation is the unconditional one
    age, ahead = np.full(200_000, 30.0), 26.0
    if draw is leavers:
        rng = np.random.default_rng(6)
        rate = rng.gamma(model.r, 1 / model.alpha, len(age))
        life = np.minimum(rng.exponential(1.0, len(age)) / rng.gamma(model.s, 1 / model.beta, len(age)), 30.0)
        frequency = rng.poisson(rate * life).astype(float)
        last = np.where(frequency > 0, life * rng.random(len(age)) ** (1 / np.maximum(frequency, 1)), 0.0)
    else:
        frequency, last, age = buyers(200_000, *model.parameters.values(), weeks=30.0)
    expected = model.conditional_expected_purchases(ahead, frequency, last, age)
    later = model.expected_purchases(age + ahead) - model.expected_purchases(age)
    assert expected.mean() == pytest.approx(later.mean(), rel=0.02)


@pytest.mark.parametrize("a", [0.02, 0.05])
def test_who_buys_oftenest_has_an_expectation_where_hardly_anybody_stops(a):
    # with so many purchases the series overflows, and the integral takes its place
    few, many, most = BetaGeometricNBD(0.5, 5.0, a, 0.5).conditional_expected_purchases(
        520.0, [400, 500, 600], 103.0, 104.0
    )
    assert few < many < most and many == pytest.approx((few + most) / 2, rel=0.01)


def test_bgnbd_expectation_is_the_integral_over_those_who_may_stop():
    rng = np.random.default_rng(9)
    for k in range(60):
        r, alpha, a, b = np.exp(rng.uniform(-1, 2, 4))
        a = 1.0 + 1e-7 if k < 5 else a
        x, age, t = float(rng.choice([1, 7, 40, 600, 5_000])), rng.uniform(1, 100), rng.uniform(1, 200)
        model = BetaGeometricNBD(r, alpha, a, b)

        def integrand(u, a=a, b=b, n=r + x, x=x, c=t / (alpha + age)):
            u += np.log(a / (b + x))
            p, logs = special.expit(u), special.log_expit(u)
            weight = np.exp(a * logs + (b + x) * special.log_expit(-u) - special.betaln(a, b + x))
            return -np.expm1(-n * np.log1p(c * p)) / p * weight

        exact = integrate.quad(integrand, -100, 100, points=[-10, -3, 0, 3], limit=500)[0]
        got = model.conditional_expected_purchases(t, x, age, age) / model.alive(x, age, age)
        assert got == pytest.approx(exact, rel=1e-5)


@pytest.mark.parametrize(("model", "draw"), PAIRS)
def test_who_bought_lately_is_more_likely_alive_and_all_chances_are_chances(model, draw):
    chances = model.alive(5.0, np.linspace(1, 30, 50), 30.0)
    assert (np.diff(chances) > 0).all()
    extreme = model.alive([0.0, 1.0, 5_000.0, 5_000.0], [0.0, 0.01, 10.0, 999.0], [1000.0] * 4)
    assert ((extreme >= 0) & (extreme <= 1)).all()
    assert np.isfinite(model.conditional_expected_purchases(1_000.0, 5_000.0, [10.0, 999.0], 1_000.0)).all()


def test_expected_spend_lies_between_a_customers_mean_and_that_of_all():
    model = GammaGamma(6.25, 3.74, 15.44)
    assert (
        35.0 < model.conditional_expected_spend(1, 80.0) < model.conditional_expected_spend(10, 80.0) < 80.0
    )
    assert model.conditional_expected_spend(0, 0.0) == pytest.approx(model.expected_spend)
    assert GammaGamma(6.0, 0.9, 15.0).expected_spend == np.inf


def test_discounted_purchases_are_the_months_one_by_one():
    model = BetaGeometricNBD(0.24, 4.4, 0.8, 2.4)
    history = (2.0, 30.0, 38.0)
    upto = [model.conditional_expected_purchases(k * 52 / 12, *history) for k in range(25)]
    by_hand = np.sum(np.diff(upto) * 1.1 ** (-np.arange(1, 25) / 12))
    assert model.discounted_purchases(2.0, 0.10, *history, per_year=52) == pytest.approx(by_hand)


def test_a_count_stands_for_equal_rows_and_the_unit_of_time_does_not_matter():
    x, last, age = buyers(3_000, 0.24, 4.4, 0.8, 2.4)
    last, age = np.ceil(last), np.ceil(age)
    many = BetaGeometricNBD.fit(np.tile(x, 5), np.tile(last, 5), np.tile(age, 5))
    few = BetaGeometricNBD.fit(x, last, age, counts=np.full(3_000, 5))
    assert many.parameters == pytest.approx(few.parameters, rel=1e-6)
    assert many.log_likelihood == pytest.approx(few.log_likelihood, rel=1e-12)
    days = BetaGeometricNBD.fit(x, 7 * last, 7 * age, counts=np.full(3_000, 5))
    assert days.alpha == pytest.approx(7 * few.alpha, rel=1e-6)
    assert days.log_likelihood == pytest.approx(few.log_likelihood - 5 * x.sum() * np.log(7))


@pytest.mark.parametrize("model", [BetaGeometricNBD, ParetoNBD])
def test_rows_that_tell_no_model_are_refused_with_the_reason(model):
    rng = np.random.default_rng(2)
    age = np.full(2_000, 50.0)
    with pytest.raises(CannotFit, match="nobody bought again"):
        model.fit(np.zeros(2_000), np.zeros(2_000), age)
    # all buy at one rate and never stop
    x = rng.poisson(0.4 * age).astype(float)
    last = np.where(x > 0, age * rng.random(2_000) ** (1 / np.maximum(x, 1)), 0.0)
    with pytest.raises(CannotFit, match=r"hardly anybody .* stops|do not differ|do not tell"):
        model.fit(x, last, age)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (([1.5], [1.0], [2.0]), "frequency: repeat purchases are whole numbers .* .got 1.5 at row 0"),
        (([1, 2], [1.0, 9.0], [2.0, 5.0]), "first_to_last: time of 0 to age .got 9 at row 1"),
        (([0], [1.0], [2.0]), "0 for who never bought again"),
        (([1], [0.0], [2.0]), "above 0 for who bought again"),
        (([1, 1], [1.0], [2.0, 2.0]), "differ in length: frequency 2, first_to_last 1, age 2"),
        (([1.0], [float("inf")], [2.0]), "first_to_last: a number is missing or infinite at row 0"),
        (([], [], []), "one number a customer is needed"),
    ],
)
def test_rows_that_are_no_histories_are_refused(rows, message):
    with pytest.raises(ValueError, match=message):
        BetaGeometricNBD.fit(*rows)


def test_spending_that_tells_no_model_is_refused_with_the_reason():
    x = np.full(5_000, 3.0)
    with pytest.raises(CannotFit, match="no customer has a purchase"):
        GammaGamma.fit(np.zeros(3), np.zeros(3))
    with pytest.raises(CannotFit, match="spend the same on each"):
        GammaGamma.fit(x, spending(np.full(5_000, 1e6), 6.0, 4.0, 15.0))
    with pytest.raises(ValueError, match="above 0; leave free purchases"):
        GammaGamma.fit([1, 2], [10.0, 0.0])


def test_purchases_of_one_day_are_one_and_later_ones_are_left_out():
    h = purchase_histories(["b", "a", "a", "a", "a", "b"], [2, 0, 3, 3, 9, 2], 5, amount=[1, 2, 4, 8, 16, 32])
    assert h.customer.tolist() == ["a", "b"]
    assert h.frequency.tolist() == [1, 0] and h.first_to_last.tolist() == [3, 0]
    assert h.age.tolist() == [5, 3] and h.monetary.tolist() == [12, 0]
    with pytest.raises(ValueError, match="no purchase up to the end"):
        purchase_histories([1], [3], 2)
