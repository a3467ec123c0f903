"""The elementary functions: their error bounds, their bits compiled and plain, their laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

from sim import maths
from sim.compiled import quiet_overflow

RNG = np.random.default_rng(20240601)  # picks test values only; the package never does this
ANY = np.concatenate(
    [
        RNG.uniform(-700.0, 700.0, 800),
        RNG.normal(size=1200),
        [0.0, -0.0, 1.0, -1.0, 0.625, -708.0, 709.0, -710.0, 710.0, 1e-310, 1e300, math.inf, -math.inf],
    ]
)
SHARES = np.concatenate(
    [
        RNG.uniform(0.0, 1.0, 60),
        10.0 ** RNG.uniform(-12.0, -1.0, 20),
        1.0 - 10.0 ** RNG.uniform(-12.0, -1.0, 20),
    ]
)
EQUATIONS = {
    "exp": ANY,
    "log": np.abs(ANY),
    "normal_quantile": RNG.uniform(0.0, 1.0, 2000),
    "tanh": ANY,
    "logistic": ANY,
    "normal_cdf": ANY,
}


def each(function, values, *before):
    """The function applied to each value in turn, as an array."""
    return np.array([function(*before, float(value)) for value in values])


def largest_ulp(found, expected):
    """Largest distance in units of the last place of the expected value."""
    return float(np.max(np.abs(found - expected) / np.spacing(np.abs(expected))))


def plain_version(name, monkeypatch):
    """The function as plain Python, with all that it calls in this file plain as well."""
    for other, value in list(vars(maths).items()):
        if hasattr(value, "py_func"):
            monkeypatch.setattr(maths, other, value.py_func)
    return getattr(maths, name)


@pytest.mark.parametrize("name", EQUATIONS)
def test_equations_have_the_same_bits_compiled_and_plain(name, monkeypatch):
    values = EQUATIONS[name]
    compiled = each(getattr(maths, name), values)
    plain = plain_version(name, monkeypatch)
    with quiet_overflow():
        numpy_scalars = np.array([plain(value) for value in values])
        assert each(plain, values).tobytes() == compiled.tobytes()
        assert numpy_scalars.tobytes() == compiled.tobytes()


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("gamma_quantile", (0.7,)),
        ("gamma_cdf", (2.5,)),
        ("beta_quantile", (0.5, 3.0)),
        ("beta_cdf", (2.0, 9.0)),
    ],
)
def test_helpers_have_the_same_bits_compiled_and_plain(name, parameters, monkeypatch):
    values = SHARES[:25]
    compiled = each(getattr(maths, name), values, *parameters)
    plain = plain_version(name, monkeypatch)
    assert each(plain, values, *parameters).tobytes() == compiled.tobytes()


def test_log_gamma_has_the_same_bits_compiled_and_plain(monkeypatch):
    values = 10.0 ** RNG.uniform(-2.0, 4.0, 2000)
    compiled = each(maths.log_gamma, values)
    assert each(plain_version("log_gamma", monkeypatch), values).tobytes() == compiled.tobytes()


def test_exp_is_within_one_ulp_of_the_system_library():
    values = np.concatenate([np.linspace(-700.0, 700.0, 100_000), np.linspace(-2.0, 2.0, 50_001)])
    assert largest_ulp(each(maths.exp, values), each(math.exp, values)) <= 1.0


def test_exp_clamps_at_both_ends():
    assert maths.exp(0.0) == 1.0
    assert maths.exp(-708.1) == 0.0
    assert maths.exp(709.1) == math.inf
    assert maths.exp(-math.inf) == 0.0
    assert math.isnan(maths.exp(math.nan))


def test_log_is_within_one_ulp_of_the_system_library():
    values = np.concatenate([10.0 ** np.linspace(-307.0, 308.0, 100_000), np.linspace(0.3, 3.0, 50_001)])
    assert largest_ulp(each(maths.log, values), each(math.log, values)) <= 1.0


def test_log_at_the_edges():
    assert maths.log(1.0) == 0.0
    assert maths.log(0.0) == -math.inf
    assert maths.log(math.inf) == math.inf
    assert math.isnan(maths.log(-1.0))
    assert math.isnan(maths.log(math.nan))


def test_log_undoes_exp():
    values = np.linspace(-700.0, 700.0, 5001)
    assert np.allclose(each(maths.log, each(maths.exp, values)), values, rtol=1e-15, atol=1e-15)


def test_normal_quantile_is_as_close_as_wichura_1988_promises():
    shares = np.concatenate([np.linspace(1e-6, 1.0 - 1e-6, 50_001), 10.0 ** np.linspace(-12.0, -1.0, 5001)])
    assert np.abs(each(maths.normal_quantile, shares) - special.ndtri(shares)).max() < 8e-7
    far = 10.0 ** np.linspace(-300.0, -12.0, 5001)
    assert np.abs(each(maths.normal_quantile, far) / special.ndtri(far) - 1.0).max() < 3e-7


def test_normal_quantile_rises_and_is_symmetric():
    shares = np.linspace(0.0, 1.0, 100_002)[1:-1]
    values = each(maths.normal_quantile, shares)
    assert (np.diff(values) > 0.0).all()
    quarters = np.arange(1, 512) / 1024.0
    assert (each(maths.normal_quantile, quarters) == -each(maths.normal_quantile, 1.0 - quarters)).all()
    assert maths.normal_quantile(0.5) == 0.0


def test_tanh_is_within_two_ulp_and_odd():
    values = np.concatenate([np.linspace(-25.0, 25.0, 50_001), 10.0 ** np.linspace(-300.0, 0.0, 5001)])
    found = each(maths.tanh, values)
    exact = np.tanh(values.astype(np.longdouble)).astype(np.float64)
    assert np.abs(found - exact)[exact == 0.0].max() == 0.0
    assert largest_ulp(found[exact != 0.0], exact[exact != 0.0]) <= 2.0
    assert (found == -each(maths.tanh, -values)).all()
    assert maths.tanh(1e300) == 1.0
    assert maths.tanh(-1e300) == -1.0


def test_logistic_is_within_three_ulp_and_never_overflows():
    values = np.linspace(-700.0, 700.0, 100_001)
    assert largest_ulp(each(maths.logistic, values), special.expit(values)) <= 3.0
    assert maths.logistic(0.0) == 0.5
    assert maths.logistic(-1e300) == 0.0
    assert maths.logistic(1e300) == 1.0


def test_normal_cdf_is_exact_to_1e_minus_15():
    values = np.linspace(-40.0, 40.0, 20_001)
    found = each(maths.normal_cdf, values)
    assert np.abs(found - special.ndtr(values)).max() < 1e-15
    tail = values[(values < -7.0) & (values > -37.0)]
    assert np.abs(each(maths.normal_cdf, tail) / special.ndtr(tail) - 1.0).max() < 1e-8
    assert maths.normal_cdf(0.0) == 0.5
    assert maths.normal_cdf(math.inf) == 1.0
    assert maths.normal_cdf(-math.inf) == 0.0


def test_log_gamma_against_reference_and_factorials():
    values = 10.0 ** np.linspace(-2.0, 5.0, 5001)
    expected = special.gammaln(values)
    error = np.abs(each(maths.log_gamma, values) - expected) / np.maximum(1.0, np.abs(expected))
    assert error.max() < 2e-14
    for n in range(1, 20):
        assert maths.log_gamma(n + 1.0) == pytest.approx(math.log(math.factorial(n)), abs=2e-14)


@pytest.mark.parametrize("shape", [0.01, 0.05, 0.3, 1.0, 2.5, 10.0, 100.0, 1e3, 1e4])
def test_gamma_against_reference(shape):
    expected = special.gammaincinv(shape, SHARES)
    known = expected > 1e-12
    found = each(maths.gamma_quantile, SHARES, shape)
    assert np.abs(found[known] / expected[known] - 1.0).max() < 1e-10
    assert (found[~known] <= 1.1e-12).all()
    shares = special.gammainc(shape, expected[known])
    assert np.abs(each(maths.gamma_cdf, expected[known], shape) / shares - 1.0).max() < 1e-10


@pytest.mark.parametrize("a", [0.05, 0.5, 1.0, 3.0, 50.0, 1000.0])
@pytest.mark.parametrize("b", [0.05, 0.5, 1.0, 3.0, 50.0, 1000.0])
def test_beta_against_reference(a, b):
    expected = special.betaincinv(a, b, SHARES)
    known = expected > 1e-12
    found = each(maths.beta_quantile, SHARES, a, b)
    assert np.abs(found[known] / expected[known] - 1.0).max() < 1e-10
    assert (found[~known] <= 1.1e-12).all()
    shares = special.betainc(a, b, expected[known])
    assert np.abs(each(maths.beta_cdf, expected[known], a, b) / shares - 1.0).max() < 1e-10


def test_quantiles_never_fall_not_by_a_bit():
    near = np.nextafter(0.3, 1.0) - 0.3
    steps = [0.3 + k * near for k in range(200)]
    grid = np.sort(np.concatenate([np.linspace(0.0, 1.0, 400), SHARES, steps]))
    for shape in (0.01, 0.8, 30.0):
        assert (np.diff(each(maths.gamma_quantile, grid[:-1], shape)) >= 0.0).all()
    for a, b in ((0.05, 0.05), (0.5, 3.0), (40.0, 900.0)):
        assert (np.diff(each(maths.beta_quantile, grid, a, b)) >= 0.0).all()


def test_quantiles_and_shares_at_the_edges():
    assert maths.gamma_quantile(2.0, 0.0) == 0.0
    assert maths.gamma_quantile(2.0, 1.0) == math.inf
    assert maths.beta_quantile(2.0, 3.0, 0.0) == 0.0
    assert maths.beta_quantile(2.0, 3.0, 1.0) == 1.0
    assert maths.gamma_cdf(2.0, 0.0) == 0.0
    assert maths.beta_cdf(2.0, 3.0, 0.0) == 0.0
    assert maths.beta_cdf(2.0, 3.0, 1.0) == 1.0


def test_closed_forms_exponential_and_power():
    for u in (1e-9, 0.1, 0.5, 0.9, 0.999):
        assert maths.gamma_quantile(1.0, u) == pytest.approx(-math.log1p(-u), rel=1e-12)
        assert maths.beta_quantile(3.0, 1.0, u) == pytest.approx(u ** (1.0 / 3.0), rel=1e-12)


def test_mean_of_gamma_quantiles_is_the_shape():
    shares = (np.arange(2000) + 0.5) / 2000.0
    assert each(maths.gamma_quantile, shares, 4.0).mean() == pytest.approx(4.0, rel=1e-3)
    assert each(maths.beta_quantile, shares, 2.0, 6.0).mean() == pytest.approx(0.25, rel=1e-3)
