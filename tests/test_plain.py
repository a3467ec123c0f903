"""Where Numba cannot be imported: the same numbers in plain Python, a line that says so, and a limit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from worlds import EVERYTHING

from sim import plain
from sim.compiled import equation
from sim.draws import philox
from sim.market import Market
from sim.maths import exp, gamma_quantile, log

ROOT = Path(__file__).parents[1]

ALIKE = ("relationship_orientation", "privacy_concern", "exit_rate", "service_basket", "contact_tolerance")
WORLD = {
    **EVERYTHING,
    "market.customers": 60,
    **{f"segments.everyone.{trait}.varies": False for trait in ALIKE},  # quantile tables take seconds each
}

WITHOUT_NUMBA = """
import json, sys, warnings
sys.modules["numba"] = None
from sim.draws import Draws
from sim.market import Market

def tells_two(mood, p):
    return 2 if mood < 0 else 1

change = json.loads(sys.argv[1])
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    market = Market("plain", seed=5, months=3, change=change)
    market.run_model()
    swapped = Market("plain", seed=5, months=2, change=change, swap={"talk.people_told": tells_two})
    swapped.run_model()
    draws = Draws(3)
    normal = draws.normal("own_0", range(20)).tolist()
    counts = draws.poisson("own_1", range(20), mean=4.0).tolist()
try:
    Market("plain", change={"market.customers": 5001})
    refused = ""
except ValueError as error:
    refused = str(error)
print(json.dumps([market.state_hash, swapped.state_hash, normal, counts, [str(w.message) for w in said], refused]))
"""


def tells_two(mood, p):
    return 2 if mood < 0 else 1


@pytest.fixture(scope="module")
def without_numba() -> list:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-c", WITHOUT_NUMBA, json.dumps(WORLD)]
    done = subprocess.run(words, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_the_market_has_the_same_bits_without_numba(without_numba):
    market = Market("plain", seed=5, months=3, change=WORLD)
    market.run_model()
    assert without_numba[0] == market.state_hash


@pytest.mark.slow
def test_so_has_a_market_with_a_swapped_equation(without_numba):
    market = Market("plain", seed=5, months=2, change=WORLD, swap={"talk.people_told": tells_two})
    market.run_model()
    assert without_numba[1] == market.state_hash


def test_so_have_draws_of_your_own(without_numba):
    draws = Market("plain", seed=3, change=WORLD).draws
    assert without_numba[2] == draws.normal("own_0", range(20)).tolist()
    assert without_numba[3] == draws.poisson("own_1", range(20), mean=4.0).tolist()


def test_one_line_says_so(without_numba):
    (line,) = without_numba[4]
    assert line.startswith("Numba cannot be imported (") and "plain Python: the same numbers" in line
    assert "up to 5,000 customers" in line


def test_a_larger_market_is_refused_with_the_cure(without_numba):
    refused = without_numba[5]
    assert refused.startswith("market.customers: at most 5,000 in plain Python (got 5,001)")
    assert "install Python 3.13 (64 bit)" in refused and "make the market smaller" in refused


# ---- the stand-in ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "values"),
    [
        (exp, (-800.0, -1.0, 0.0, 1.5, 709.5, 800.0)),
        (log, (0.0, 1e-320, 0.3, 1.0, 1e300, float("inf"))),
    ],
    ids=["exp", "log"],
)
def test_mathematics_is_equal_to_the_bit(function, values):
    same = plain.scalar(function.py_func)
    assert [same(np.float64(v)) for v in values] == [function(v) for v in values]


def test_a_quantile_is_equal_to_the_bit():
    same = plain.scalar(gamma_quantile.py_func)
    assert [same(1.2, u) for u in (0.001, 0.4, 0.99)] == [gamma_quantile(1.2, u) for u in (0.001, 0.4, 0.99)]


def test_small_integers_are_widened_as_compiled_code_does():
    same = plain.scalar(philox.py_func)
    words = np.uint16(7), np.uint8(255), np.int16(3), 2**32 - 1, 1, 2
    assert same(*words) == philox(*map(int, words))


@pytest.mark.parametrize(("a", "b"), [(1.0, 0.0), (-1.0, 0.0), (0.0, 0.0), (1e200, 1e-200)])
def test_division_by_zero_gives_what_compiled_code_gives(a, b):
    def ratio(a, b):
        return a / b

    assert np.array_equal(plain.scalar(ratio)(a, b), equation(ratio)(a, b), equal_nan=True)
