"""Cost to serve: every driver on who causes it, and what processes, menus, minimum orders and firing do."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import sim
from sim.market import Market
from sim.mechanisms.cost_to_serve import (
    DRIVERS,
    driver_use,
    larger,
    mean_sizes,
    menu_price,
    next_overhead,
    price_menu,
    process_saving,
)
from sim.scenario import load

ON = {"market.customers": 1500, "mechanisms.cost_to_serve.on": True}
NORTH = "mechanisms.cost_to_serve.firms.North."


@cache
def run(months=24, seed=3, **change):
    market = Market(
        "plain", seed=seed, months=months, change={**ON, **{NORTH + k: v for k, v in change.items()}}
    )
    market.run_model()
    return market


def booked(market, line, months=12):
    return sum(book[:, market.ledger.places[line]] for book in market.ledger.months[-months:]) / 100.0


def drivers(market, months=12):
    return sum(booked(market, name, months) for name in DRIVERS)


def a_head(market, months=12):
    return drivers(market, months) / np.mean(market.heads[-months:], axis=0)


def test_the_equations_keep_their_laws():
    u = np.linspace(-6, 6, 200_001)
    density = np.exp(-0.5 * u * u)
    assert np.average(driver_use(u, 0.8), weights=density) == pytest.approx(1.0, abs=1e-3)
    p = load("plain").mechanisms.cost_to_serve
    assert (
        larger(1.0, p) == 1.0
        and larger(4.0, p) == pytest.approx(4.0**p.with_size)
        and 0 <= larger(0.0, p) < 1e-4
    )
    assert process_saving(0.0, 0.0, p) == 1.0 and process_saving(1.0, 0.0, p) == 1.0 - p.process_gain
    assert process_saving(0.0, 1.0, p) == 1.0 - p.menu_response
    assert process_saving(0.5, 0.5, p) == (1.0 - p.process_gain / 2) * (1.0 - p.menu_response / 2)
    assert menu_price(0.3, 0.3, 1.0, p) == 0.0 and menu_price(9.0, 0.1, 1.0, p) == p.menu_surcharge
    assert menu_price(0.0, 9.0, 1.0, p) == -p.menu_discount
    up, down = next_overhead(0.0, 10.0, p), 10.0 - next_overhead(10.0, 0.0, p)
    assert up > 5 * down > 0


def test_drivers_grow_with_what_is_ordered_as_a_power_of_it():
    change = {**ON, "mechanisms.cost_to_serve.with_size": 0.0}
    for setting, months in (("free", True), ("contract", False)):
        fixed, half, share = (
            Market("plain", seed=3, months=1, change={**change, "market.setting": setting} | more)
            for more in ({}, {"mechanisms.cost_to_serve.with_size": 0.5}, {"mechanisms.cost_to_serve.with_size": 1.0})
        )  # fmt: skip
        c, (order, month) = fixed.customers, mean_sizes(fixed.tables)
        a_month = c.basket * c.need_rate.astype(float) if months else c.basket
        sizes = {"order": c.basket / order, "month": a_month / month}
        assert all(size.mean() == pytest.approx(1.0, abs=0.1) for size in sizes.values())
        for name, (by, grows, _) in DRIVERS.items():
            size = sizes[by] if grows else np.ones(len(c))
            of = [getattr(market.customers, f"uses_{name}") for market in (fixed, half, share)]
            assert np.allclose(of[1] / of[0], np.sqrt(size), rtol=1e-5)
            assert np.allclose(of[2] / of[0], size, rtol=1e-5)


def test_mean_sizes_are_those_of_all_segments():
    table = load("industrial_supplier")
    kinds = [(s.share, s.basket.mean, s.need_rate.mean) for s in table.segments.values()]
    order = sum(share * basket for share, basket, _ in kinds)
    month = sum(share * basket * need for share, basket, need in kinds)
    assert mean_sizes(table).tolist() == pytest.approx([order, month])


@pytest.mark.parametrize("least", [0.0, 80.0])
def test_a_driver_is_booked_on_who_causes_it(least):
    """An order that was put together of several costs more by its size."""
    market = Market("plain", seed=5, months=1, change={**ON, f"{NORTH}minimum_order": least})
    c, p = market.customers, market.tables.mechanisms.cost_to_serve
    times = np.where(c.supplier == 0, np.maximum(least / c.basket.astype(float), 1.0), 1.0)
    uses = c.uses_custom_products.copy()
    market.run_model()
    own = (c.supplier == 0) & (c.generation == 0)
    assert np.array_equal(uses[own], c.uses_custom_products[own])
    orders = c.bought * larger(times, p)
    expected = np.rint(100 * p.custom_products * uses[own] * orders[own]).sum()
    # who left the market in this month was served before
    assert market.ledger.months[0][0, market.ledger.places["custom_products"]] == pytest.approx(
        expected, rel=0.02
    )


@pytest.mark.parametrize("menu", [0.0, 1.0])
def test_every_driver_costs_by_its_use_and_what_it_is_counted_by(menu):
    """Where its cost is charged a driver is used less, by the response to the menu."""
    market = Market("plain", seed=5, months=1, change={**ON, "market.customers": 400, f"{NORTH}menu": menu})
    c, p = market.customers, market.tables.mechanisms.cost_to_serve
    for stage in market.pass_stages():
        if stage == "relate":
            own = c.supplier == 0
            counted = {
                "order": c.bought[own].astype(float),
                "month": np.ones(own.sum()),
                "spend": c.month_spent_cents[own] / 100.0 * (c.bought[own] > 0),
            }
            for name, (by, _, _) in DRIVERS.items():
                used = getattr(c, f"uses_{name}")[own] * counted[by]
                expected = 100.0 * (1.0 - p.menu_response * menu) * getattr(p, name) * used.sum()
                booked = market.ledger.current[0, market.ledger.places[name]]
                assert booked == pytest.approx(expected, abs=own.sum() / 2) and expected > 5 * own.sum(), name


def test_demanding_customers_are_demanding_in_everything():
    c = run(1).customers
    logs = [np.log(getattr(c, f"uses_{name}").astype(float)) for name in DRIVERS]
    together = np.corrcoef(logs)
    assert together[np.triu_indices(9, 1)].mean() == pytest.approx(0.6, abs=0.05)


def test_better_processes_lower_the_cost_without_a_change_of_the_customers():
    plain, better = run(), run(process=1.0)
    assert a_head(better)[0] < 0.75 * a_head(plain)[0]
    assert a_head(better)[1] == pytest.approx(a_head(plain)[1], rel=0.05)
    for name in ("supplier", "loyalty", "belief"):
        assert np.array_equal(getattr(plain.customers, name), getattr(better.customers, name))


@pytest.mark.parametrize("support, mean", [(0.0, 1e-6), (0.5, 0.005)])
def test_a_menu_is_no_price_cut_for_all(support, mean):
    """Its discounts and surcharges, weighted by expected spend, come to 0 where no bound binds, and near it where one does."""
    table = "mechanisms.cost_to_serve."
    change = {**ON, f"{NORTH}menu": 1.0, f"{table}presales_support": support, f"{table}postsales_support": support}  # fmt: skip
    market = Market("plain", seed=3, months=1, change={**change, f"{table}spread": 0.2})
    c = market.customers
    own = np.flatnonzero(c.supplier == 0)
    before = c.discount[own].astype(float)
    price_menu(market, market.mechanisms["cost_to_serve"])
    more = before - c.discount[own]
    spend = c.basket[own].astype(float) * c.need_rate[own]
    assert more.min() < -0.01 < 0.05 < more.max()
    assert np.average(more, weights=spend) == pytest.approx(0.0, abs=mean)


def test_under_contract_a_menu_prices_bills_whatever_the_need():
    change = {**ON, "market.customers": 400, "market.setting": "contract", f"{NORTH}menu": 1.0}
    market = Market("plain", seed=3, months=1, change={**change, "mechanisms.cost_to_serve.spread": 0.2})
    c = market.customers
    own = np.flatnonzero(c.supplier == 0)
    for name in ("basket", *(f"uses_{driver}" for driver in DRIVERS)):
        getattr(c, name)[own[1]] = getattr(c, name)[own[0]]
    c.discount[own] = 0.0
    assert c.need_rate[own[0]] != c.need_rate[own[1]]
    price_menu(market, market.mechanisms["cost_to_serve"])
    assert c.discount[own[0]] == c.discount[own[1]] != 0.0
    assert np.average(c.discount[own], weights=c.basket[own]) == pytest.approx(0.0, abs=0.005)


def test_a_menu_keeps_who_is_cheap_to_serve():
    dear = {**ON, "mechanisms.cost_to_serve.custom_products": 4.0, "market.customers": 3000}
    use = []
    for menu in (0.0, 1.0):
        market = Market("plain", seed=3, months=36, change={**dear, f"{NORTH}menu": menu})
        market.run_model()
        own = market.customers.supplier == 0
        use.append((market.customers.uses_custom_products[own].mean(), a_head(market)[0]))
    assert use[1][0] < 0.93 * use[0][0] and use[1][1] < use[0][1]


def test_a_minimum_order_makes_orders_fewer_and_larger():
    plain, least = run(12), run(12, minimum_order=80.0)
    value = "average_order_value"
    assert least.metrics[value][-1][0] > 1.3 * plain.metrics[value][-1][0]
    assert booked(least, "small_orders")[0] < 0.8 * booked(plain, "small_orders")[0]
    assert np.array_equal(least.customers.basket, plain.customers.basket)


def test_under_contract_a_minimum_order_does_nothing():
    bills = []
    for least in (0.0, 100.0):
        on = {"market.customers": 400, "mechanisms.cost_to_serve.firms.Meridian.minimum_order": least}
        market = Market("mobile_operator", months=3, change=on)
        market.run_model()
        bills.append((booked(market, "revenue").tolist(), market.state_hash))
    assert bills[0] == bills[1] and bills[0][0][0] > 0


def test_items_are_sold_in_baskets_as_they_are_without_a_minimum_order():
    change = {**ON, "mechanisms.recommendation.firms.North.method": "random", f"{NORTH}minimum_order": 200.0}
    market = Market("plain", seed=3, months=1, change=change)
    c, place = market.customers, market.ledger.places["item_sales"]
    basket = c.basket.astype(float)
    for stage in market.pass_stages():
        if stage == "buy":
            items = np.bitwise_count(c.items.astype(np.uint64))
            price = market.month_of_firms.price[c.supplier]
            share = market.tables.mechanisms.recommendation.item_price
            own = (c.supplier == 0) & (items > 0)
            sold = np.rint(100 * share * basket * price) * items
            off = abs(int(market.ledger.current[0, place]) - sold[own].sum())
            assert own.sum() > 10 and off <= own.sum(), "only the cents are rounded otherwise"


class MostAreFired(sim.Policy):
    """Fires the less valuable four fifths once."""

    def decide(self, view):
        plan = sim.Plan()
        return plan.where(view.customers.value_rank < 0.8, fire=True) if view.month == 24 else plan


def test_dropping_customers_does_not_remove_overhead():
    keep, drop = (
        Market("plain", seed=3, months=28, change=ON, policies=given)
        for given in ({}, {"North": MostAreFired()})
    )
    for market in (keep, drop):
        market.run_model()
    assert drivers(drop, 1)[0] < 0.7 * drivers(keep, 1)[0]
    assert booked(drop, "serving_overhead", 1)[0] > 0.85 * booked(keep, "serving_overhead", 1)[0]


@pytest.fixture(scope="module")
def whales():
    return [sim.run("whale_case", seed=seed) for seed in range(1, 7)]


def test_a_fifth_of_the_customers_make_225_per_cent_of_the_profit(whales):
    found = []
    for run in whales:
        curve = sim.metrics.whale_curve(run)
        own = curve[curve.firm == "Wirewerk"]
        found.append(np.interp(0.2, own.customer_share, own.profit_share))
    assert np.mean(found) == pytest.approx(2.25, abs=0.15)


def test_large_customers_are_among_the_most_or_the_least_profitable(whales):
    """Luck alone would put a tenth of the largest tenth at each end, and six tenths in the middle."""
    at = []
    for run in whales:
        accounts = sim.metrics.accounts_by_activity(run)
        own = accounts[(accounts.firm == "Wirewerk") & (accounts.revenue > 0)]
        profit = own.profit.rank(pct=True)[own.revenue.rank(pct=True) > 0.9]
        at.append([(profit > 0.9).mean(), (profit <= 0.1).mean(), profit.between(0.2, 0.8).mean()])
    best, worst, middle = np.transpose(at)
    assert worst.min() > 0.12 and best.min() > 0.5 and middle.max() < 0.15
    assert best.mean() == pytest.approx(2 / 3, abs=0.04) and worst.mean() == pytest.approx(1 / 7, abs=0.02)


def test_dropping_customers_takes_a_third_of_the_drivers_and_a_tenth_of_the_overhead():
    base, fires = (
        sim.run("whale_case", seed=1, policies=policies).ledger.query("firm == 'Wirewerk' and month == 24")
        for policies in (None, {"Wirewerk": "fires_unprofitable"})
    )
    less = 1.0 - fires[[*DRIVERS, "serving_overhead"]].iloc[0] / base[[*DRIVERS, "serving_overhead"]].iloc[0]
    drivers = 1.0 - fires[list(DRIVERS)].to_numpy().sum() / base[list(DRIVERS)].to_numpy().sum()
    assert drivers == pytest.approx(0.35, abs=0.05) and less["serving_overhead"] == pytest.approx(
        0.1, abs=0.03
    )


def test_looking_inside_first_pays_more_than_firing():
    base = sim.run("whale_case", seed=2, change={"market.customers": 2000})
    inside = sim.run(
        "whale_case", seed=2, change={"market.customers": 2000}, policies={"Wirewerk": "looks_inside_first"}
    )
    fires = sim.run(
        "whale_case", seed=2, change={"market.customers": 2000}, policies={"Wirewerk": "fires_unprofitable"}
    )
    total = [run.months.query("firm == 'Wirewerk'").profit.sum() for run in (base, inside, fires)]
    assert total[1] > total[0] and total[1] > total[2]
