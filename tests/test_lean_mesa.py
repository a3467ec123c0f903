"""Mesa is read without its experimental part, and whole for whoever asks for it."""

import subprocess
import sys


def said_by(code: str) -> str:
    """What a fresh Python prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_market_comes_without_mesas_experimental_part():
    asked = "import sys, sim.market; print('mesa.experimental.continuous_space' in sys.modules)"
    assert said_by(asked) == "False"


def test_all_of_mesa_is_there_for_who_asks():
    ask = "import sim.market, mesa, sys; print(mesa.experimental.devs.__name__, mesa.experimental is sys.modules['mesa.experimental'])"
    assert said_by(ask) == "mesa.experimental.devs True"
    ask = "import sim.market; from mesa.experimental import continuous_space as c; print(c.ContinuousSpace.__name__)"
    assert said_by(ask) == "ContinuousSpace"
    ask = "import sim.market; import mesa.experimental.devs as d; print(d.ABMSimulator.__name__)"
    assert said_by(ask) == "ABMSimulator"


def test_mesa_that_was_imported_before_is_left_as_it_is():
    ask = "import mesa; whole = mesa.experimental; import sim.market; print(sim.market.mesa.experimental is whole)"
    assert said_by(ask) == "True"
