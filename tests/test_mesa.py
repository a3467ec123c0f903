"""Mesa's own words on the market, with whatever Mesa is installed."""

from __future__ import annotations

import mesa
import numpy as np
import pytest

from sim.market import Firm, Market

SMALL = {"market.customers": 40}


class Collected(Market):
    """A market with one of Mesa's collectors."""

    def __init__(self, customers=40, **kwargs):
        super().__init__("plain", change={"market.customers": customers}, months=3, **kwargs)
        self.datacollector = mesa.DataCollector(
            model_reporters={"served": count_served},
            agent_reporters={"loyalty": "loyalty"},
            agenttype_reporters={Firm: {"morale": "morale"}},
        )

    def step(self):
        super().step()
        self.datacollector.collect(self)


def count_served(market):
    return int((market.customers.supplier >= 0).sum())


def test_mesas_data_collector_reads_customers_as_agents_and_firms_by_type():
    market = Collected(seed=2)
    market.run_model()
    table = market.datacollector.get_agent_vars_dataframe()
    assert len(table) == 3 * 40
    last = table.xs(3, level="Step")["loyalty"].to_numpy(dtype=float)
    assert np.array_equal(last, market.customers.loyalty.astype(float))
    assert len(market.datacollector.get_model_vars_dataframe()) == 3
    assert len(market.datacollector.get_agenttype_vars_dataframe(Firm)) == 12


def test_mesas_batch_run_runs_markets():
    rows = mesa.batch_run(
        Collected,
        {"customers": [30, 40], "seed": [5]},
        number_processes=1,
        max_steps=3,
        display_progress=False,
    )
    assert {row["customers"] for row in rows} == {30, 40}
    assert all(row["served"] > 0 for row in rows)


def test_firms_are_agents_and_customers_speak_as_an_agent_set():
    market = Market("plain", seed=2, months=2, change=SMALL)
    market.step()
    assert isinstance(market.firms[0], mesa.Agent)
    assert {f.name for f in market.agents_by_type[Firm]} == {"North", "East", "South", "West"}
    c = market.customers
    loyal = c.select(lambda row: row.loyalty > 0.3)
    assert len(loyal) == int((c.loyalty > 0.3).sum())
    assert np.array_equal(c.select(c.loyalty > 0.3).get("loyalty"), loyal.get("loyalty"))
    assert sum(len(group) for group in c.groupby("supplier").values()) == 40
    assert c.agg("loyalty", np.mean) == pytest.approx(float(c.loyalty.mean()))
    c.select(c.supplier < 0).set("trust", 0.1)
    assert (c.trust[c.supplier < 0] == np.float32(0.1)).all()
    seen = []
    c.do(lambda row: seen.append(row.unique_id))
    assert seen == list(range(40))
    assert c[3].belief.shape == (4,)
    assert c.frame(pairs=True, firms=["a", "b", "c", "d"]).shape[0] == 40


def test_a_misspelt_column_gets_the_nearest_right_name():
    market = Market("plain", seed=2, months=2, change=SMALL)
    with pytest.raises(AttributeError, match='did you mean "loyalty"'):
        market.customers.loyality
    with pytest.raises(IndexError, match="0 to 39"):
        market.customers[40]
