"""Mesa is read without its continuous space and NetworkX, and whole for whoever asks for it."""

import subprocess
import sys

import mesa
import pytest


def said_by(code: str) -> str:
    """What a fresh Python prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_market_comes_without_mesas_continuous_space():
    asked = (
        "import sys, sim.market; print('mesa.experimental.continuous_space.continuous_space' in sys.modules)"
    )
    assert said_by(asked) == "False"


@pytest.mark.skipif(
    not mesa.__version__.startswith("3.3"), reason="later versions of Mesa ask for both themselves"
)
def test_a_run_waits_for_no_linear_algebra_and_no_graphs():
    ask = (
        "import sys, sim.market; sim.market.Market('two_cafes', months=1).run_model(); "
        "print([name for name in ('scipy.linalg', 'networkx.classes') if name in sys.modules])"
    )
    assert said_by(ask) == "[]"


LEAN = "from sim.lean_mesa import import_mesa; mesa = import_mesa(); import sys; "


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import networkx as n; print(n.__version__ > '3', n.path_graph(3).number_of_edges())", "True 2"),
        ("import networkx.classes.graph as g; print(g.Graph.__name__)", "Graph"),
        ("from networkx import *; print(Graph.__name__)", "Graph"),
        ("from networkx.algorithms import approximation as a; print(a.__name__)", "networkx.algorithms.approximation"),
        ("import mesa.space as s; print(s.nx.path_graph(4).number_of_edges())", "3"),
        ("import networkx as n, pickle; print(pickle.loads(pickle.dumps(n.path_graph(5))).number_of_edges())", "4"),
        ("import networkx as n, inspect; print(inspect.getsourcefile(n).endswith('__init__.py'))", "True"),
        ("print(mesa.experimental.continuous_space.ContinuousSpace.__name__)", "ContinuousSpace"),
        ("print(mesa.experimental.devs.__name__, mesa.experimental is sys.modules['mesa.experimental'])", "mesa.experimental.devs True"),
        ("from mesa.experimental import *; print(devs.__name__)", "mesa.experimental.devs"),
        ("from mesa.experimental import continuous_space as c; print(c.ContinuousSpace.__name__)", "ContinuousSpace"),
        ("import mesa.experimental.devs as d; print(d.ABMSimulator.__name__)", "ABMSimulator"),
    ],
)  # fmt: skip
def test_mesa_and_networkx_are_whole_for_who_asks(code, said):
    assert said_by(LEAN + code) == said


@pytest.mark.once
def test_numba_multiplies_matrices_and_folds_rows_as_ever():
    ask = (
        "import sim.market, numba, numpy as np; f = numba.njit(lambda a: (a @ a)[0, 1] + np.convolve(a[0], a[1])[1]); "
        "print(f(np.array([[1.0, 2.0], [3.0, 4.0]])))"
    )
    assert said_by(ask) == "20.0"


def test_mesa_that_was_imported_before_is_left_as_it_is():
    ask = "import mesa; whole = mesa.experimental; " + LEAN + "print(mesa.experimental is whole)"
    assert said_by(ask) == "True"
