"""Sensitivity: a function with known indices through the same path, ranges, words, and what is refused."""

from __future__ import annotations

import json
import math
from concurrent.futures import Future

import numpy as np
import pytest

import sim
from sim.cli import main
from sim.experiments import sensitivity
from sim.experiments.factors import factors_of, values_at
from sim.experiments.indices import luck_share, measured, places

OVER = {
    "serve.severity": (0.5, 2.5),
    "talk.bad_weight": (0.1, 1.0),
    "serve.satisfaction_weight": (0.1, 0.9),
}
"""Three parameters that stand for Ishigami's three arguments, -pi to pi over their ranges."""

FIRST, TOTAL = [0.3139, 0.4424, 0.0], [0.5576, 0.4424, 0.2437]
"""Ishigami & Homma 1990 with a = 7, b = 0.1: the indices in closed form."""


def ishigami(x: np.ndarray) -> np.ndarray:
    return np.sin(x[..., 0]) + 7 * np.sin(x[..., 1]) ** 2 + 0.1 * x[..., 2] ** 4 * np.sin(x[..., 0])


class Known:
    """Carries runs out by computing a known function of what was changed in them."""

    workers = 1

    def __init__(self, luck: float = 0.0) -> None:
        self.luck, self.runs = luck, 0

    def submit(self, function, said):
        self.runs += 1
        changed = said["changes"]
        x = [-math.pi + 2 * math.pi * (changed[a] - low) / (high - low) for a, (low, high) in OVER.items()]
        value = float(ishigami(np.array(x))) + self.luck * said["seed"]
        done: Future = Future()
        columns = {"firm": ("str", ["North"]), "share": ("float", [value])}
        done.set_result({"columns": columns, "seconds": 0.0})
        return done


def small():
    return sim.load("plain").with_changes({"market.customers": 150, "market.months": 2})


def study(**more):
    return sensitivity(small(), OVER, of="share", firm="North", quiet=True, **more)


@pytest.mark.parametrize("name", ["x1", "x2", "x3"])
def test_indices_of_ishigami_are_the_published_ones(name):
    names = ["x1", "x2", "x3"]
    at = places("sobol", 4096, names)
    found = measured("sobol", at, ishigami(2 * math.pi * at - math.pi), names).set_index("factor").loc[name]
    k = names.index(name)
    assert len(at) == 4096 * 5
    assert found["first"] == pytest.approx(FIRST[k], abs=0.03)
    assert found["total"] == pytest.approx(TOTAL[k], abs=0.03)
    assert found["first_low"] <= FIRST[k] <= found["first_high"]


def test_a_scenario_takes_the_same_path_to_the_same_indices():
    executor = Known(luck=5.0)
    found = study(runs=64, seeds=2, executor=executor)
    at = places("sobol", 64, list(OVER))
    expected = measured("sobol", at, ishigami(2 * math.pi * at - math.pi), list(OVER)).set_index("factor")
    table = found.table.set_index("parameter")
    assert executor.runs == found.runs == 64 * 5 * 2
    for name in ("first", "total", "first_low", "total_high"):
        assert table[name].to_dict() == pytest.approx(expected[name].to_dict(), abs=1e-6)
    assert found.table["parameter"][0] == "talk.bad_weight"
    assert found.headline.startswith("talk.bad_weight explains 0.")
    assert found.luck == pytest.approx(0.0, abs=1e-12)  # a seed that lifts all points alike explains nothing


def test_morris_finds_the_slopes_of_a_straight_line():
    names = ["a", "b", "c"]
    at = places("morris", 6, names)
    found = measured("morris", at, at @ [3.0, -2.0, 0.0], names).set_index("factor")
    assert found["mu_star"].to_dict() == pytest.approx({"a": 3.0, "b": 2.0, "c": 0.0})
    assert found.loc["b", "mu"] == pytest.approx(-2.0) and found["sigma"].max() == pytest.approx(
        0.0, abs=1e-9
    )


def test_the_share_of_luck_by_hand():
    # two points, two seeds: means 2 and 4, variance 2; what is left is ±0.5: 4 · 0.25 / 1 / 2 = 0.5
    assert luck_share(np.array([[1.5, 2.5], [4.5, 3.5]])) == pytest.approx(0.25 * 4 / 2 / 2)
    assert luck_share(np.array([[1.0, 11.0], [2.0, 12.0]])) == pytest.approx(0.0)
    assert math.isnan(luck_share(np.array([[1.0], [2.0]])))


def test_nothing_moves_where_nothing_depends():
    found = measured("sobol", np.zeros((8, 2)), np.ones(8), ["a", "b"])
    assert found["first"].tolist() == [0.0, 0.0] and found["total_high"].tolist() == [0.0, 0.0]


def test_places_are_turned_into_values_whole_numbers_and_words():
    factors = factors_of(small(), ["talk.unhappy_tells", "talk.network"], "North")
    low, high = values_at(factors, np.array([[0.0, 0.0], [1.0, 1.0]]))
    assert (low["talk.unhappy_tells"], high["talk.unhappy_tells"]) == (1, 20)
    assert low["talk.network"] == small().talk.network != high["talk.network"]


def test_a_group_moves_together_each_from_its_own_value():
    one = factors_of(sim.load("two_cafes"), ["segments.*.basket.mean"], "Corner")
    values = values_at(one, np.array([[1.0]]))[0]
    assert values == {"segments.regulars.basket.mean": 9.0, "segments.students.basket.mean": 6.4}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"of": "shar"}, "did you mean"),
        ({"method": "sobel"}, 'did you mean "sobol"'),
        ({"runs": 63}, "a power of two"),
        ({"firm": "Nord"}, 'did you mean "North"'),
    ],
)
def test_what_is_wrong_is_said_before_a_run(given, said):
    with pytest.raises(ValueError, match=said):
        sensitivity(small(), OVER, quiet=True, executor=Known(), **{"of": "share", **given})


def test_an_unknown_address_gets_the_nearest():
    with pytest.raises(ValueError, match=r'over: there is no "talk.unhapy_tells".*talk.unhappy_tells'):
        sensitivity(small(), ["talk.unhapy_tells"], quiet=True)


def test_the_result_is_saved_and_drawn(tmp_path):
    found = study(method="morris", runs=2, seeds=1, executor=Known())
    folder = found.save(tmp_path / "out")
    said = json.loads((folder / "sensitivity.json").read_text(encoding="utf-8"))
    assert said["method"] == "morris" and len(said["parameters"]) == 3
    assert (folder / "table.csv").is_file() and (folder / "sensitivity.png").stat().st_size > 1000
    with pytest.raises(FileExistsError):
        found.save(tmp_path / "out")


def test_the_command_tells_the_runs_first_and_prints_80_columns(capsys, monkeypatch):
    monkeypatch.setattr("sim.experiments.screening.pool_of", lambda given: (Known(), False))
    over = [f"--over={a}=[{low},{high}]" for a, (low, high) in OVER.items()]
    words = ["sensitivity", "plain", *over, "--of", "share", "--runs", "4", "--seeds", "1", "--months", "2"]
    assert main([*words, "--firm", "North", "--change", "market.customers=150"]) == 0
    out, err = capsys.readouterr()
    assert "20 points (Sobol, 3 values each) x 1 seed = 20 runs" in err
    assert " explains " in out and max(map(len, out.splitlines())) <= 80


def test_the_command_refuses_half_given_ranges(capsys):
    assert main(["sensitivity", "plain", "--over", "talk.degree", "--over", "talk.unhappy_tells=[1,2]"]) == 2
    assert "needs a range such as talk.degree=[1,20]" in capsys.readouterr().err


def test_many_assumptions_are_screened_first_and_six_go_on(capsys):
    class Sum(Known):
        def submit(self, function, said):
            self.runs += 1
            value = sum(
                said["changes"].get(a, 0.0) * k
                for a, k in (("serve.severity", 30.0), ("talk.bad_weight", 9.0))
            )
            done: Future = Future()
            done.set_result(
                {"columns": {"firm": ("str", ["North"]), "share": ("float", [value])}, "seconds": 0.0}
            )
            return done

    executor = Sum()
    found = sensitivity(
        small(), of="share", firm="North", runs=8, seeds=2, executor=executor, progress=lambda *_: None
    )
    assert "to screen, then the 6 that move most: 128 runs (Sobol)" in capsys.readouterr().err
    assert (
        len(found.table) == 6 and len(found.screen) > 50 and found.table["parameter"][0] == "serve.severity"
    )
    assert {"serve.severity", "talk.bad_weight"} <= set(found.screen["parameter"][:2])
    assert any("were screened first" in note for note in found.notes)
