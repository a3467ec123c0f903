"""Elasticities of customer equity: the closed form against its own derivative and the paper, twins by hand-made numbers."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

import sim
from sim.cli import main
from sim.experiments.elasticity import Elasticities, State, compared, elasticities, levers_of
from sim.show.numbers import nice
from sim.value.elasticities import equity_elasticities


def net(margin: float = 50.0, retention: float = 0.8, acquisition: float = 900.0) -> float:
    return 100 * margin * retention / (1.1 - retention) - acquisition


def test_the_closed_form_is_the_derivative_of_its_own_value():
    found = equity_elasticities(customers=100, margin=50, retention=0.8, discount=0.1, acquisition=900)
    h = 1e-6
    by_hand = [
        (math.log(net(retention=0.8 * (1 + h))) - math.log(net())) / h,
        (math.log(net(margin=50 * (1 + h))) - math.log(net())) / h,
        (math.log(net(acquisition=900 * (1 + h))) - math.log(net())) / h,
    ]
    assert list(found) == pytest.approx(by_hand, rel=1e-4)
    assert found.margin + found.acquisition_cost == pytest.approx(1.0)


@pytest.mark.parametrize("retention", [0.75, 0.80, 0.85, 0.95])
def test_sizes_are_those_of_gupta_lehmann_stuart_2004(retention):
    # their abstract: 1 % of retention, margin, acquisition cost improves value by 5, 1 and 0.1 %; retention 3 to 7
    found = equity_elasticities(
        customers=1000, margin=100, retention=retention, discount=0.12, acquisition=20_000
    )
    assert 3.0 <= found.retention <= 7.0
    assert 1.0 <= found.margin <= 1.35
    assert -0.32 <= found.acquisition_cost <= -0.01


def test_nothing_is_said_where_winning_costs_more_than_all_is_worth():
    assert math.isnan(
        equity_elasticities(customers=1, margin=1, retention=0.5, discount=0.1, acquisition=9).margin
    )
    with pytest.raises(ValueError, match="acquisition"):
        equity_elasticities(customers=1, margin=1, retention=0.5, discount=0.1, acquisition=-1)


def state(margin=50.0, retention=0.8, cost=10.0, won=90.0, customers=100.0) -> State:
    equity = customers * margin * retention / (1.1 - retention)
    return State(customers, margin, retention, cost, equity, cost * won, 720.0)


def test_twins_in_which_only_the_driver_moves_give_the_closed_form():
    world = sim.load("two_cafes")
    sizes = np.array([1.0, 1.1, 0.9])
    today = [state(customers=100 * s, won=90 * s) for s in sizes]
    step = 1e-4
    retained = [state(retention=0.8 * (1 + step), customers=100 * s, won=90 * s) for s in sizes]
    margin = [state(margin=50 * (1 + step), customers=100 * s, won=90 * s) for s in sizes]
    # advertising is 1 % dearer: the twin buys less for the same 720, wins as many, and each of them cost a little more
    less = 720.0 / 1.01
    dear = [
        state(customers=100 * s, won=90 * s, cost=(900 * s * (1 + step) - 720.0 + less) / (90 * s))._replace(
            advertising=less
        )
        for s in sizes
    ]
    levers = {
        "retention": ("firms.Corner.switching_cost", 1.0, 1.1), "margin": ("firms.Corner.unit_margin", 0.5, 0.55),
        "acquisition cost": ("firms.Corner.plan.advertising", 60.0, 60.0 / 1.01),
    }  # fmt: skip
    table = compared(world, [today, retained, margin, dear], levers).set_index("driver")
    assert table["measured"].to_numpy() == pytest.approx(table["closed"].to_numpy(), rel=0.01)
    assert table["moved"].to_numpy() == pytest.approx([100 * step] * 3, rel=0.01)


def test_a_driver_that_does_not_move_is_not_identified():
    world = sim.load("two_cafes")
    same = [state(customers=100 * s) for s in (1.0, 1.1, 0.9)]
    table = compared(world, [same] * 4, levers_of(world, "Corner", 0.1))
    assert table["measured"].isna().all() and table["closed"].notna().all()


def test_seeds_that_went_badly_are_not_left_out():
    world = sim.load("two_cafes")
    today = [
        state(cost=10.0 if k % 2 else 800.0) for k in range(20)
    ]  # in half of the seeds winning costs more than all
    twin = [
        one._replace(retention=0.82, equity=one.equity * (1.2 if k % 2 else 0.6))
        for k, one in enumerate(today)
    ]
    table = compared(world, [today, twin, today, today], levers_of(world, "Corner", 0.1))
    assert table["measured"].isna().all() and table["below_zero"].tolist() == [10, 0, 0]
    found = Elasticities(world, "Corner", range(20), table, 1.0)
    assert "retention" in found.headline and "is not above 0 in 10 of 20 seeds" in found.headline
    assert found.notes[0].startswith(
        "Retention: not identified in twins (net customer equity, or the driver, is not above 0 in 10 of"
    )
    assert (
        found.notes[1]
        == "Margin: not identified in twins (firms.Corner.unit_margin moves nothing, as where a policy overrules it)."
    )
    assert len(found.notes) == 5


def test_without_net_customer_equity_the_reason_stands_in_place_of_the_figures(capsys, monkeypatch):
    """Advertising is an amount: in a market made small it eats all that its customers are worth."""
    from sim.experiments import Here

    monkeypatch.setattr("sim.experiments.elasticity.pool_of", lambda given: (Here(), False))
    small = {"market.customers": 120, "market.months": 14}
    large = sim.load("two_cafes").with_changes({"firms.Corner.plan.advertising": 9000.0})
    file_made = dataclasses.replace(large, changes={})  # as a scenario whose file says so
    found = elasticities(file_made.with_changes(small), seeds=2, quiet=True)
    assert found.net < 0.0 and found.table[["closed", "measured"]].isna().all(axis=None)
    assert found.headline.startswith(
        f"Customer equity of Corner net of what winning customers cost in the last year is {nice(found.net)} EUR"
    )
    assert (
        "market.customers was changed; firms.Corner.plan.advertising is an amount of money, and was not."
        in found.headline
    )
    assert found.notes[0] == found.headline and "net equity is not above 0" in str(
        [text.get_text() for text in found.plot().texts]
    )
    changes = [f"--change={address}={value}" for address, value in {**small, **large.changes}.items()]
    assert main(["elasticities", "two_cafes", *changes, "--seeds", "2", "--quiet"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "per cents of it say nothing, so that no figure is given. Customer equity is net of" in out


def test_too_few_months_and_wrong_firms_are_refused():
    with pytest.raises(ValueError, match="more than 12"):
        elasticities("plain", months=12, quiet=True)
    with pytest.raises(ValueError, match='did you mean "North"'):
        elasticities("plain", firm="Nort", months=14, quiet=True)
    with pytest.raises(ValueError, match="step"):
        elasticities("plain", months=14, step=2.0, quiet=True)


def test_the_command_prints_80_columns(capsys, monkeypatch, tmp_path):
    from sim.experiments import Here

    monkeypatch.setattr("sim.experiments.elasticity.pool_of", lambda given: (Here(), False))
    words = [
        "elasticities",
        "two_cafes",
        "--months",
        "14",
        "--seeds",
        "2",
        "--change",
        "market.customers=300",
    ]
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    out, err = capsys.readouterr()
    assert "4 worlds x 2 seeds = 8 runs" in err and max(map(len, out.splitlines())) <= 80
    assert all(driver in out for driver in ("retention", "margin", "acquisition cost"))
    assert (tmp_path / "out" / "elasticities.png").stat().st_size > 1000
