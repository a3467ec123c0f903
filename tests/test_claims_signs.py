"""Signs that each claim must show at any size: one or two seeds, small markets; verdicts are not asserted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.experiments.claims import (
    bonds,
    drivers,
    favour_best,
    fire_them,
    follow_up,
    loyal_customers,
    recovery,
)
from sim.experiments.claims.design import BRIEF

SMALL = BRIEF._replace(customers=1_200, months=12, burn_in=12)


def rows_of(claim, world=0, seeds=(1,), size=SMALL):
    where = claim._worlds(size)[world]
    return pd.DataFrame([row for seed in seeds for row in claim._play(where, seed, size)])


def test_an_answer_keeps_more_people_than_silence():
    rows = rows_of(recovery, seeds=(1, 2), size=SMALL._replace(customers=5_000))
    rows = rows[rows["seen"] == "forced"]
    people = rows[rows["way"] == "quick"]["people"].sum()
    stayed = (rows["stayed"] * rows["people"]).groupby(rows["way"]).sum() / people
    assert stayed["silent"] < stayed["slow"] and stayed["silent"] < stayed["quick"]
    assert people > 200


def test_calls_are_heard_and_cost():
    rows = rows_of(follow_up).set_index("arm")
    assert rows.loc["calls", "voiced_by"] > rows.loc["waits", "voiced_by"] + 0.2
    assert rows.loc["calls", "value_6"] < rows.loc["waits", "value_6"]


def test_the_value_at_another_margin_is_that_of_a_firm_with_it():
    from sim.experiments.claims.twins import Parting

    size = SMALL._replace(months=4, burn_in=2)
    at = {
        margin: Parting("car_dealers", 1, size, change={"firms.Marten.unit_margin": margin}).arm()
        for margin in (0.06, 0.12)
    }
    assert follow_up._value(at[0.06], 0.06) == pytest.approx(at[0.06].value())
    assert follow_up._value(at[0.06], 0.12) == pytest.approx(at[0.12].value(), abs=1.0)


def test_tenure_without_loyalty_changes_nothing():
    frozen = rows_of(loyal_customers, world=1).iloc[0]
    assert frozen["treated"] > 50
    for name in ("cost", "price", "good news", "profit", "months"):
        assert frozen[f"new {name}"] == frozen[f"as if long there {name}"]
    grows = rows_of(loyal_customers, world=0).iloc[0]
    assert grows["as if long there months"] > grows["new months"]


def test_firing_four_fifths_costs_more_than_firing_a_tenth():
    rows = rows_of(fire_them).set_index("action")
    assert rows.loc[fire_them.REST, "profit_1"] < rows.loc[fire_them.FIRE, "profit_1"]
    assert rows.loc[fire_them.REST, "heads"] < rows.loc[fire_them.FIRE, "heads"]
    assert rows["peak"].min() >= 1.0 >= rows["at"].max()


def test_a_structural_bond_holds_more_than_a_social_one():
    heads = rows_of(bonds, size=SMALL._replace(months=24)).set_index("arm")["heads_6"]
    assert heads["structural"] > heads["social"] >= heads["none"] - 3


def test_each_driver_raises_value_or_heads():
    rows = rows_of(drivers, size=SMALL._replace(customers=2_000)).set_index("driver")
    assert (rows.loc[list(drivers.DRIVERS), "heads"] >= rows.loc[drivers.NOTHING, "heads"]).all()
    assert rows["cost"].min() > 0


def test_futures_find_more_value_than_chance():
    rows = rows_of(favour_best).set_index("rule")
    assert rows.loc["true value", "caught"] > rows.loc["random", "caught"]
    assert rows.loc["true uplift", "uplift"] >= rows.loc["random", "uplift"]
    assert np.isfinite(rows["value"]).all()
