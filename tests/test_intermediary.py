"""A retailer between firm and customers: nobody is known, little loyalty, a margin; and going direct."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import sim
from sim.ledger import C
from sim.market import Market
from sim.mechanisms.intermediary import chance_shelf, kept_loyalty, next_direct, shelf_anger
from sim.scenario import load
from sim.scenario.words import AWARE_BY

T = "mechanisms.intermediary."
OWN = f"{T}firms.Sohle."


@cache
def run(seed=1, months=24, policy=None, change=()):
    given = {"market.customers": 1500, **dict(change)}
    market = Market("behind_the_retailer", seed=seed, months=months, change=given, policies={"Sohle": policy} if policy else None)  # fmt: skip
    market.run_model()
    return market


DIRECT = ((f"{OWN}direct", 1.0), (f"{T}direct_speed", 1.0))


def booked(market, line, months=12):
    return sum(book[:, market.ledger.places[line]] for book in market.ledger.months[-months:]) / 100.0


def test_the_equations_keep_their_laws():
    p = load("behind_the_retailer").mechanisms.intermediary
    assert next_direct(0.0, 1.0, p) == p.direct_speed
    assert kept_loyalty(0.3, 0.2, p) == 0.2 and 0.3 < kept_loyalty(0.3, 0.4, p) < 0.35
    assert shelf_anger(0.0, p) == 0.0 < shelf_anger(1.0, p) and chance_shelf(1.0, p) < chance_shelf(0.0, p)


def test_behind_the_retailer_a_firm_sees_sales_and_nobody_to_whom():
    class Looks(sim.Policy):
        rows, sold = -1, 0.0

        def decide(self, view):
            Looks.rows, Looks.sold = len(view.customers), view.ledger.get("revenue", 0.0)
            return sim.Plan(level="partnership", discount=0.2).where("spent > 0", messages=9)

    market = run(policy=Looks(), months=12)
    c = market.customers
    assert Looks.rows == 0 and Looks.sold > 1000
    mine = c.supplier == 0
    assert (c.level[mine] == 0).all() and (c.discount[mine] == 0).all() and booked(market, "levels")[0] == 0
    assert booked(market, "messages_to_customers")[0] == 0 and market.metrics["known_customers"][-1][0] == 0.0


def test_the_retailer_keeps_its_margin_of_what_is_sold_there():
    market = run()
    revenue, kept = booked(market, "revenue"), booked(market, "retail_margin")
    assert kept[0] == pytest.approx(0.3 * revenue[0], rel=1e-3)
    share = np.mean(market.metrics["direct_sales"][-12:], axis=0)
    assert share[0] == 0 and 0.15 < share[2] < 0.6
    assert kept[2] == pytest.approx(0.3 * revenue[2] * (1 - share[2]), rel=0.05)


def test_who_goes_direct_knows_customers_and_keeps_their_loyalty():
    direct, behind = run(change=DIRECT), run()
    assert direct.metrics["known_customers"][-1][0] > 0.9
    c = [
        m.customers.loyalty[(m.customers.supplier == 0) & (m.customers.tenure > 12)].mean()
        for m in (direct, behind)
    ]
    assert c[0] > 1.3 * c[1]
    assert direct.metrics["annual_retention"][-1][0] > behind.metrics["annual_retention"][-1][0]
    assert booked(direct, "retail_margin")[0] == 0 < booked(direct, "direct_orders")[0]
    assert booked(direct, "levels")[0] > 0


def test_an_angry_retailer_makes_a_half_direct_brand_lose_customers():
    half = (*DIRECT[1:], (f"{OWN}direct", 0.3))
    calm, angry = (run(change=(*half, (f"{T}conflict", x), (f"{T}delisting", x / 3))) for x in (0.0, 3.0))
    assert angry.heads[-1][0] < 0.9 * calm.heads[-1][0]


def test_shelves_make_brands_known():
    shown, hidden = (run(months=12, change=((f"{T}shelf_reach", x),)) for x in (0.1, 0.0))
    assert (shown.aware > 1.1 * hidden.aware).all()


def test_what_the_shelf_shows_stays_known_beside_shopping_agents():
    agents = {"mechanisms.shopping_agents.users": 0.5, "mechanisms.shopping_agents.reduces": 1.0}
    by_shelf, found = AWARE_BY.index("advertising"), []
    for more in ({}, agents):
        change = {"market.customers": 600, f"{T}shelf_reach": 0.3, **more}
        market = Market("behind_the_retailer", seed=1, months=4, change=change)
        market.run_model()
        c = market.customers
        shelf = (c.aware_by == by_shelf) & (
            c.aware_month == 3
        )  # what the last month showed is not forgotten yet
        assert (c.aware[shelf] == 1).all()
        found.append((c.aware_by == by_shelf).sum(axis=1))
    assert (found[1] > 0.8 * found[0]).all() and found[0].min() > 50


@pytest.mark.parametrize(
    "change",
    [
        {"cost_to_serve.firms.Sohle.menu": 1.0},
        {"shopping_agents.users": 1.0, "shopping_agents.bargains": 1.0, "shopping_agents.firms.Sohle.gives_way": 0.2},
        {"exchange.firms.Sohle.unbundling": 1.0, "exchange.firms.Sohle.exchange": "transactional"},
    ],
    ids=["menu", "agents", "exchange"],
)  # fmt: skip
def test_no_mechanism_gives_the_retailers_customers_a_discount(change):
    given = {"market.customers": 400, "firms.Sohle.plan.price": 1.2}
    market = Market("behind_the_retailer", months=2, change=given | {f"mechanisms.{k}": v for k, v in change.items()})  # fmt: skip
    for stage in market.pass_stages():
        if stage == "decide":
            c = market.customers
            planned = np.abs(c.discount[c.supplier == 0]).max()
        if stage == "buy":
            old = (c.supplier == 0) & (c.tenure > 0)
            assert planned > 0 and old.sum() > 50 and (c.discount[old] == 0).all()


@pytest.mark.parametrize(
    "name, line, decided",
    [
        ("profiling", "profiles", {"tracking": True, "cookies": True, "web_log": True, "mining": 1.0}),
        ("capability", "dialogue", {"dialogue": 1.0}),
        ("privacy", "data_sales", {"access": 1.0, "sharing": 1.0}),
    ],
    ids=["profiles", "dialogue", "data"],
)
def test_of_those_behind_the_retailer_no_profile_is_made_no_dialogue_held_and_no_data_taken(
    name, line, decided
):
    asked = tuple((f"mechanisms.{name}.firms.Sohle.{key}", value) for key, value in decided.items())
    quiet, behind, direct = (
        run(months=12, change=change)
        for change in (((f"mechanisms.{name}.on", True),), asked, (*asked, *DIRECT))
    )
    assert booked(behind, line)[0] == 0.0 < booked(direct, line)[0]
    for column in ("supplier", "trust", "satisfaction", "loyalty", "mood"):
        assert (getattr(behind.customers, column) == getattr(quiet.customers, column)).all()
    columns = {"profiling": "profile_known", "capability": "dialogue_known"}
    if name in columns:
        known = getattr(behind.customers, columns[name])
        assert not (known[0] if known.ndim > 1 else known[behind.customers.supplier == 0]).any()


class Turns(sim.Policy):
    """All at the retailer or all direct, the other way from month 8 on; notes what its database shows."""

    def __init__(self, first, strategy="opt_in"):
        self.first, self.strategy, self.looks = first, strategy, []

    def decide(self, view):
        c = view.customers
        self.looks.append((len(c), c.spent.sum(), c.recent_spend.sum(), c.profit.sum(), view.ledger.get("revenue", 0.0)))  # fmt: skip
        direct = self.first if view.month < 8 else 1.0 - self.first
        plan = {"direct": direct}
        return sim.Plan(strategy=self.strategy, messages=2, mechanisms={"intermediary": plan})


def turned(first, strategy="opt_in"):
    policy = Turns(first, strategy)
    change = {"market.customers": 600, f"{T}direct_speed": 1.0, f"{OWN}direct": first}
    market = Market("behind_the_retailer", seed=1, months=12, change=change, policies={"Sohle": policy})
    market.run_model()
    return market, market.firms[0].policy.looks


def test_what_was_bought_at_the_retailer_is_on_no_record_when_the_firm_goes_direct():
    _, looks = turned(0.0)
    rows, spent, recent, profit, revenue = looks[9]  # after the first month of the own shop
    assert rows > 20 and 0.8 * revenue < spent <= revenue + 0.01 and recent <= spent and profit < recent
    _, looks = turned(0.0, "interruption")  # whom a bought list names
    assert looks[8][0] > 100 and looks[8][1:4] == (0.0, 0.0, 0.0)


def test_who_goes_back_to_the_retailer_gets_no_more_mail():
    market, _ = turned(1.0)
    mailed = [int(counts[0, C["messages"]]) for counts in market.ledger.counts]
    assert min(mailed[2:8]) > 0 and mailed[8:] == [0, 0, 0, 0]
    assert np.isin(market.customers.permission[0], (0, 3)).all()


def test_the_policy_goes_direct_in_its_second_year():
    market = run(policy="goes_direct", months=30)
    share = np.array(market.metrics["direct_sales"])[:, 0]
    assert (share[:12] == 0).all() and share[-1] > 0.3
