"""Customers without a contract: BG/NBD, Pareto/NBD and Gamma-Gamma against papers, truth and `lifetimes`."""

from __future__ import annotations

import numpy as np
import pytest
from logs_of_purchases import anchors, buyers, cdnow, leavers, needs_anchors, needs_cdnow, spending
from scipy import integrate, optimize, stats

from sim.value import BetaGeometricNBD, GammaGamma, ParetoNBD, purchase_histories

pytestmark = pytest.mark.once

FHL_2005 = {"r": 0.2426, "alpha": 4.4135, "a": 0.7929, "b": 2.4258}
FHL_2005_PARETO = {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}
FHL_2005_SPEND = {"p": 6.2488, "q": 3.7446, "gamma": 15.4477}


@pytest.fixture(scope="module")
def sample():
    """The CDNOW sample, 39 weeks."""
    customer, day, dollars = cdnow()
    return purchase_histories(customer, day / 7.0, 272 / 7.0, amount=dollars)


def simulated(model, n=6_000):
    """Histories drawn as a model says, from its published parameters."""
    draw = buyers if model is BetaGeometricNBD else leavers
    values = FHL_2005 if model is BetaGeometricNBD else FHL_2005_PARETO
    return draw(n, *values.values())


@needs_cdnow
def test_cdnow_has_the_customers_of_fader_hardie_lee_2005(sample):
    assert len(sample.frequency) == 2357
    assert sample.frequency.mean() == pytest.approx(1.0424268, abs=1e-6)
    assert (sample.frequency == 0).mean() == pytest.approx(0.5986423, abs=1e-6)


@needs_cdnow
def test_bgnbd_is_that_of_fader_hardie_lee_2005_table_2(sample):
    model = BetaGeometricNBD.fit(sample.frequency, sample.first_to_last, sample.age)
    assert model.parameters == pytest.approx(FHL_2005, rel=5e-4)
    assert model.log_likelihood == pytest.approx(-9582.4256, abs=0.01)
    assert model.expected_purchases([39, 78]) == pytest.approx([1.195, 1.858], abs=0.001)


@needs_cdnow
def test_pareto_nbd_is_that_of_fader_hardie_lee_2005_table_2(sample):
    model = ParetoNBD.fit(sample.frequency, sample.first_to_last, sample.age)
    assert model.parameters == pytest.approx(FHL_2005_PARETO, rel=1e-3)
    assert model.log_likelihood == pytest.approx(-9594.98, abs=0.01)


@needs_cdnow
def test_gamma_gamma_is_that_of_fader_hardie_lee_2005_on_946_repeat_buyers(sample):
    model = GammaGamma.fit(sample.frequency, sample.monetary)
    assert model.customers == 946
    assert model.parameters == pytest.approx(FHL_2005_SPEND, rel=1e-3)
    assert model.expected_spend == pytest.approx(35.171, abs=0.002)


@needs_anchors
def test_the_numbers_above_are_those_beside_the_checkout():
    purchases, spend = anchors()["bgnbd_cdnow"], anchors()["gamma_gamma_cdnow"]
    assert {name: purchases[name] for name in FHL_2005} == FHL_2005
    assert {name: spend[name] for name in FHL_2005_SPEND} == FHL_2005_SPEND
    assert purchases["log_likelihood"] == -9582.4256 and purchases["n"] == 2357


@pytest.mark.parametrize("model", [BetaGeometricNBD, ParetoNBD])
def test_published_parameters_are_found_again_from_simulated_purchases(model):
    truth = np.array(list((FHL_2005 if model is BetaGeometricNBD else FHL_2005_PARETO).values()))
    found = model.fit(*simulated(model, 40_000))
    distance = (np.log(list(found.parameters.values())) - np.log(truth)) / np.sqrt(np.diag(found.covariance))
    assert np.abs(distance).max() < 3.5
    assert (
        stats.chi2(4).sf(
            float(
                (np.log(list(found.parameters.values())) - np.log(truth))
                @ np.linalg.solve(
                    found.covariance.to_numpy(), np.log(list(found.parameters.values())) - np.log(truth)
                )
            )
        )
        > 1e-3
    )


def test_published_spending_is_found_again_from_simulated_purchases():
    frequency, _, _ = simulated(BetaGeometricNBD, 40_000)
    found = GammaGamma.fit(frequency, spending(frequency, **FHL_2005_SPEND))
    table = found.interval(0.999)
    truth = np.array(list(FHL_2005_SPEND.values()))
    assert ((table.low < truth) & (truth < table.high)).all()
    assert abs(found.correlation) < 0.02


def lifetimes_fit(name, *columns):
    """The estimates of the package `lifetimes`, which scales and searches in its own way."""
    lifetimes = pytest.importorskip("lifetimes", reason="`lifetimes` is a second opinion of the extra dev")
    fitter = getattr(lifetimes, name)(penalizer_coef=0.0)
    fitter.fit(*columns)
    return dict(fitter.params_)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("model", "name"), [(BetaGeometricNBD, "BetaGeoFitter"), (ParetoNBD, "ParetoNBDFitter")]
)
def test_lifetimes_fitted_on_the_same_rows_gives_the_same_estimates(model, name):
    rows = simulated(model, 3_000)
    assert model.fit(*rows).parameters == pytest.approx(lifetimes_fit(name, *rows), rel=0.01)


@pytest.mark.filterwarnings("ignore")
def test_lifetimes_fitted_on_the_same_spending_gives_the_same_estimates():
    frequency, _, _ = simulated(BetaGeometricNBD, 3_000)
    kept = frequency > 0
    mean = spending(frequency, **FHL_2005_SPEND)
    theirs = lifetimes_fit("GammaGammaFitter", frequency[kept], mean[kept])
    theirs["gamma"] = theirs.pop("v")
    assert GammaGamma.fit(frequency, mean).parameters == pytest.approx(theirs, rel=0.01)


@pytest.mark.parametrize("model", [BetaGeometricNBD, ParetoNBD])
def test_gradients_of_the_likelihood_are_its_differences(model):
    from sim.value.buying import rows_of

    x, last, age = simulated(model, 300)
    likelihood = model._likelihood(rows_of(x, last, age, np.ones(300)))
    for logs in (np.array([-0.7, 0.8, -0.3, 0.9]), np.array([1.0, 2.0, -2.0, 0.1])):
        slope = optimize.approx_fprime(logs, lambda v: likelihood(v)[0], 1e-6)
        assert likelihood(logs)[1] == pytest.approx(slope, rel=1e-4, abs=1e-3)


def test_the_integral_of_the_pareto_nbd_likelihood_is_that_of_adaptive_quadrature():
    from sim.value.pareto_nbd import _ways

    rng = np.random.default_rng(8)
    for _ in range(200):
        r, alpha, s, beta = np.exp(rng.uniform(-2.5, 2.5, 4))
        x = float(rng.integers(0, 100))
        age = rng.uniform(1, 100)
        last = age * rng.uniform(0.01, 0.99) if x else 0.0

        def integrand(y, last=last, r=r, alpha=alpha, s=s, beta=beta, x=x):
            ratio = np.log((alpha + last + np.expm1(y)) / (alpha + last))
            return np.exp(-(r + x) * ratio - (s + 1) * np.log(beta + last + np.expm1(y)) + y)

        exact = integrate.quad(integrand, 0, np.log1p(age - last), epsabs=0, epsrel=1e-11, limit=400)[0]
        ours = _ways(r, alpha, s, beta, np.array([x]), np.array([last]), np.array([age])).stopped[0]
        got = np.exp(ours + (r + x) * np.log(alpha + last)).sum() / s
        assert got == pytest.approx(exact, rel=1e-6)
