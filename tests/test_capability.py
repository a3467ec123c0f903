"""The relating capability: three parts that multiply, technology times strategy, employees, learning, dialogue."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from sim.ledger import C
from sim.market import Market
from sim.mechanisms.capability import (
    information_of,
    leg_balance,
    next_content,
    next_known,
    next_removed,
    over_usual,
    relating_capability,
    staff_leaving,
    taught,
)
from sim.scenario import load
from sim.snapshots import advance

OWN = "mechanisms.capability.firms.Marktbank."


@cache
def run(seed=1, months=24, policy=None, change=(), **own):
    given = {"market.customers": 1000, "mechanisms.capability.on": True, **dict(change)}
    market = Market(
        "bank_branch", seed=seed, months=months, change=given | {OWN + name: value for name, value in own.items()},
        policies={"Marktbank": policy} if policy else None,
    )  # fmt: skip
    market.run_model()
    return market


def profit(market):
    return sum(market.ledger.profit(month)[0] for month in range(len(market.ledger.months))) / 100.0


def last(market, name, firm=0):
    return market.metrics[name][-1][firm]


def test_the_equations_keep_their_laws():
    p = load("plain").mechanisms.capability
    assert (
        relating_capability(1.0, 1.0, 1.0, p) == pytest.approx(1.0)
        and relating_capability(1.0, 0.0, 1.0, p) < 0.15
    )
    missing = [relating_capability(*(0.1 if k == j else 1.0 for k in range(3)), p) for j in range(3)]
    assert missing[1] < missing[0] < missing[2], "configuration is missed most, information least"
    assert over_usual(p.usual, p) == 0.0 and over_usual(1.0, p) == 1.0
    demanding = p.model_copy(update={"usual": 0.9})
    assert over_usual(0.0, demanding) == -1.0 and over_usual(0.85, demanding) == pytest.approx(-0.5)
    assert leg_balance(1.0, 1.0, 1.0, p) == pytest.approx(1.0)
    assert leg_balance(1.0, 0.0, 0.0, p) < 0.1 < leg_balance(1.0, 0.5, 0.5, p) < 1.0
    assert (
        information_of(0.3, 9.0, 0.0, 1.0, p)
        == 0.3
        == information_of(0.3, 0.0, 1.0, 1.0, p)
        < information_of(0.3, 9.0, 1.0, 1.0, p)
    )
    assert (
        next_content(0.5, 1.0, 0.0, 0.0, p)
        > next_content(0.5, 0.0, 0.0, 0.0, p)
        > next_content(0.5, 0.0, 0.3, 1.0, p)
    )
    assert (
        staff_leaving(p.content_base, p) == p.staff_turnover and staff_leaving(0.2, p) > 2 * p.staff_turnover
    )
    assert (
        next_removed(0.0, 1.0, 0.0, p)
        == 0.0
        < next_removed(0.0, 1.0, 0.4, p)
        < next_removed(0.0, 1.0, 0.9, p)
    )
    bursts, steady = 0.0, 0.0
    for month in range(120):
        bursts = next_known(bursts, taught(1.8 * (month % 6 == 0), p), p)
        steady = next_known(steady, taught(0.3, p), p)
    assert steady > 1.5 * bursts, "a dialogue that goes on teaches more than campaigns of the same cost"


def test_an_ordinary_firm_is_not_changed_by_it():
    given = {"market.customers": 1000, "mechanisms.capability.on": True}
    with_it, without = (
        Market("bank_branch", seed=1, months=6, change=change)
        for change in (given, {"market.customers": 1000})
    )
    for market in (with_it, without):
        market.run_model()
    assert np.array_equal(with_it.heads, without.heads)
    assert (with_it.metrics["relating"][-1] == pytest.approx(0.3)) and (
        with_it.metrics["revenue"][-1] == without.metrics["revenue"][-1]
    ).all()


def test_messages_of_a_firm_far_below_the_usual_are_to_the_point_or_not_never_less_than_not():
    demanding = (("mechanisms.capability.usual", 0.95), ("mechanisms.capability.capability_relevance", 5.0),
                 ("firms.Marktbank.plan.strategy", "interruption"), ("firms.Marktbank.plan.messages", 4))  # fmt: skip
    market = Market("bank_branch", seed=1, months=24, change={"market.customers": 300, **dict(demanding)}, policies={"Marktbank": "basic"})  # fmt: skip
    for _ in range(24):
        for stage in market.pass_unmeasured():
            if stage == "contact":
                assert market.customers.relevance.min() >= 0.0
    assert sum(market.ledger.counts)[0, C["read"]] > 100


def test_technology_needs_a_strategy_and_its_three_legs():
    alone, clear, one_leg = (
        run(technology=1.0, **more)
        for more in ({}, {"clarity": 1.0}, {"clarity": 1.0, "sales_leg": 0.0, "service_leg": 0.0})
    )
    relating = [last(m, "relating") for m in (alone, clear, one_leg)]
    assert relating[0] == pytest.approx(0.3) and relating[1] > 0.34 > relating[2]
    assert profit(alone) < profit(clear) and profit(alone) < profit(run())
    assert profit(clear) - profit(run(clarity=1.0)) > profit(alone) - profit(run())


def test_the_three_parts_lift_each_other():
    parts = ("orientation", "configuration", "information")
    full = last(run(**dict.fromkeys(parts, 1.0)), "relating")
    single = [last(run(**{name: 1.0}), "relating") for name in parts]
    assert full > 0.85 and max(single) < 0.55 and single[1] > single[0] > single[2]
    better = run(**dict.fromkeys(parts, 1.0))
    assert last(better, "annual_retention") > last(run(), "annual_retention")


def test_employees_are_what_they_are_rewarded_for():
    sales, value, oriented = run(rewarded_for="sales"), run(rewarded_for="value"), run(orientation=1.0)
    content = [last(m, "employee_satisfaction") for m in (sales, run(), oriented)]
    assert content[0] < content[1] < content[2]
    leaving = [last(m, "employee_turnover") for m in (sales, run(), oriented)]
    assert leaving[0] > leaving[1] > leaving[2]
    assert sales.firms[0].morale < run().firms[0].morale < oriented.firms[0].morale + 1e-9
    assert last(value, "satisfaction") > last(run(), "satisfaction") > last(sales, "satisfaction")


@cache
def incentive(kind):
    """North's employees rewarded for something: revenue (with what was pushed) and profit a month, seeds by months; satisfaction and customers at the end."""
    money, end = [], []
    for seed in range(1, 9):
        change = {"market.customers": 1500, "mechanisms.capability.on": True}
        change |= {"mechanisms.capability.firms.North.rewarded_for": kind}
        market = Market("plain", seed=seed, months=30, change=change)
        market.run_model()
        sales = [market.ledger.places[line] for line in ("revenue", "pushed_sales")]
        revenue = [book[0, sales].sum() / 100.0 for book in market.ledger.months]
        money.append((revenue, [market.ledger.profit(month)[0] / 100.0 for month in range(30)]))
        end.append((last(market, "satisfaction"), market.heads[-1][0]))
    return *np.swapaxes(money, 0, 1), *np.transpose(end)


def test_an_incentive_on_sales_sells_more_at_first_and_less_later():
    none, sales = incentive("none"), incentive("sales")
    for place in (0, 1):  # revenue, profit
        gained = (sales[place] - none[place])[:, :6].mean(axis=1)
        assert gained.mean() > 4.0 * gained.std() / len(gained) ** 0.5
    lost = (none[0] - sales[0])[:, -12:].mean(axis=1)
    assert lost.mean() > 2.5 * lost.std() / len(lost) ** 0.5
    assert sales[1][:, -12:].mean() < none[1][:, -12:].mean() and sales[3].mean() < 0.95 * none[3].mean()


def test_an_incentive_on_retention_satisfies_more_and_one_on_value_earns_more():
    none, retention, value = (incentive(kind) for kind in ("none", "retention", "value"))
    assert retention[2].mean() > value[2].mean() + 0.005 > none[2].mean() + 0.03
    assert value[1][:, -12:].mean() > retention[1][:, -12:].mean() > none[1][:, -12:].mean()
    assert min(retention[3].mean(), value[3].mean()) > none[3].mean()


def pushed(scenario, months=1, push=0.2, **change):
    """After the purchases of a month: the market, its first firm rewards sales; what each customer's profit has more than without a push, in money."""
    firm = Market(scenario, months=1, change={"market.customers": 50}).firms[0].name
    given = {"market.customers": 3000, f"mechanisms.capability.firms.{firm}.rewarded_for": "sales", **change}
    markets = [
        Market(scenario, seed=2, months=months, change={**given, "mechanisms.capability.sales_push": much})
        for much in (0.0, push)
    ]
    for market in markets:
        advance(market, months - 1)
        stages = market.pass_stages()
        while next(stages) != "buy":
            pass
    without, market = markets
    assert (without.customers.supplier == market.customers.supplier).all()
    more = market.customers.month_profit_cents - without.customers.month_profit_cents
    assert (market.customers.month_spent_cents == without.customers.month_spent_cents).all()
    return market, more / 100.0


def test_what_is_pushed_is_earned_by_the_firm_that_rewards_sales_from_who_stays_with_it():
    market, more = pushed("plain", months=3, **{"firms.North.plan.price": 0.8})
    c, places, month = market.customers, market.ledger.places, market.month_of_firms
    stays = (c.supplier == 0) & (c.supplier_before == 0) & (c.month_spent_cents > 0)
    left = (c.supplier_before == 0) & (c.supplier > 0) & (c.month_spent_cents > 0)
    won = (c.supplier == 0) & (c.supplier_before != 0) & (c.month_spent_cents > 0)
    assert min(stays.sum() / 100, left.sum(), won.sum()) > 1
    assert (more[~stays] == 0.0).all()
    sold = 0.2 * 0.01 * c.month_spent_cents[stays]
    goods = sold / (month.price[0] * (1.0 - c.discount[stays])) * (1.0 - month.unit_margin[0])
    assert more[stays] == pytest.approx(sold - goods, abs=0.0101)
    booked = market.ledger.current[:, [places["pushed_sales"], places["pushed_goods"]]] / 100.0
    assert booked[0] == pytest.approx([sold.sum(), goods.sum()], abs=0.005 * stays.sum())
    assert not booked[1:].any()


def test_under_contract_more_is_sold_only_where_a_contract_ends():
    bound = {"market.setting": "contract", "buy.term": 4}
    market, more = pushed("plain", months=6, **bound)
    c = market.customers
    stays = (c.supplier == 0) & (c.supplier_before == 0) & (c.month_spent_cents > 0)
    ends = stays & (c.tenure > 0) & (c.tenure % 4 == 0)
    assert 50 < ends.sum() < 0.6 * stays.sum()
    assert (more[ends] > 0.0).all() and (more[~ends] == 0.0).all()


def test_at_the_retailer_nothing_is_pushed_and_nobody_is_cared_for():
    market, more = pushed("behind_the_retailer")
    c, there = market.customers, market.mechanisms["intermediary"].scratch["there"]
    assert ((c.supplier == 0) & (there[0] != 0) & (c.month_spent_cents > 0)).sum() > 100 and not more.any()
    partly = {"mechanisms.intermediary.firms.Sohle.direct": 0.5}
    market, more = pushed("behind_the_retailer", **partly)
    c, there = market.customers, market.mechanisms["intermediary"].scratch["there"][0] != 0
    stays = (c.supplier == 0) & (c.supplier_before == 0) & (c.month_spent_cents > 0)
    assert (stays & there).any() and (more[stays & ~there] > 0.0).all() and not more[there].any()
    for rewarded in ("retention", "value"):
        satisfaction, paid = {}, {}
        for kind in ("none", rewarded):
            given = {**partly, "market.customers": 1000}
            given["mechanisms.capability.firms.Sohle.rewarded_for"] = kind
            market = Market("behind_the_retailer", seed=2, months=1, change=given)
            for stage in market.pass_stages():
                if stage == "serve":
                    satisfaction[kind] = market.customers.satisfaction.copy()
                    there = market.mechanisms["intermediary"].scratch["there"][0] != 0
                if stage == "relate":
                    known = ((market.customers.supplier == 0) & ~there).sum()
            paid[kind] = market.ledger.months[0][0, market.ledger.places["relating_capability"]] / 100.0
        cared = satisfaction[rewarded] > satisfaction["none"]
        assert cared.any() and not cared[there].any()
        cost = market.mechanisms["capability"].p.reward_cost
        assert paid[rewarded] - paid["none"] == pytest.approx(cost * known, abs=0.011)


def test_learning_makes_future_failures_rarer_where_they_are_heard():
    def failures(market):
        return sum(market.ledger.counts[-12:])[0, C["failures"]]

    deaf = (("firms.Marktbank.policy", "basic"),)
    learns, plain = run(learning=1.0), run()
    assert failures(learns) < 0.75 * failures(plain)
    assert last(learns, "causes_removed") > 3 * last(run(change=deaf, learning=1.0), "causes_removed") > 0
    rivals = [sum(m.ledger.counts[-12:])[1, C["failures"]] for m in (learns, plain)]
    assert rivals[0] == pytest.approx(rivals[1], rel=0.15)


def test_a_dialogue_that_goes_on_beats_campaigns_of_the_same_cost():
    steady, bursts = run(dialogue=0.3), run(dialogue=0.3, bursts=True)
    spent = [sum(b[0, m.ledger.places["dialogue"]] for b in m.ledger.months) for m in (steady, bursts)]
    assert spent[0] == pytest.approx(spent[1], rel=0.06)
    c = [m.customers.dialogue_known[m.customers.supplier == 0].mean() for m in (steady, bursts)]
    assert c[0] > 1.5 * c[1] > 0
    assert profit(steady) > profit(bursts)


def test_who_is_known_by_dialogue_stays_and_a_new_supplier_begins_a_new_one():
    stayed, beliefs = [], []
    for value in (0.0, 4.0):
        change = {"market.customers": 600, "mechanisms.capability.dialogue_value": value}
        market = Market("plain", seed=3, months=1, change=change)
        c = market.customers
        known = c.supplier == 0
        c.dialogue_known[known], c.loyalty[:], c.pending[:], c.aware[:] = 1.0, 0.0, 1, 1
        stages = market.pass_stages()
        while next(stages) != "buy":
            pass
        assert np.array_equal(c.dialogue_known == 1.0, known & (c.supplier == 0))
        assert (c.dialogue_known[~known | (c.supplier != 0)] == 0.0).all()
        stayed.append((c.supplier[known] == 0).mean())
        beliefs.append(c.belief.copy())
    assert 0.1 < stayed[0] < stayed[1] - 0.2
    assert np.array_equal(*beliefs), "only for the choice"


def test_a_dialogue_teaches_the_firm_that_holds_it_and_no_rival():
    change = {"market.customers": 300, "mechanisms.capability.firms.North.dialogue": 0.3}
    market = Market("plain", seed=3, months=12, change=change)
    market.run_model()
    c, p = market.customers, market.mechanisms["capability"].p
    assert (c.dialogue_known[c.supplier != 0] == 0.0).all()
    won = (c.supplier == 0) & (c.tenure == 1)
    assert won.any() and c.dialogue_known[won] == pytest.approx(taught(0.3, p))


def test_who_leaves_takes_skill_along_as_far_as_newcomers_have_less():
    """Beyond the usual turnover, which is in the training and forgetting of the core."""
    skill = {}
    for newcomer in (1.0, 0.4):
        unhappy = {"content_speed": 1.0, "content_pressure": 1.0, "firms.North.rewarded_for": "sales", "newcomer_skill": newcomer}  # fmt: skip
        change = {f"mechanisms.capability.{name}": value for name, value in unhappy.items()}
        market = Market("plain", seed=3, months=1, change={"market.customers": 300, **change})
        market.run_model()
        own, skill[newcomer] = market.mechanisms["capability"], market.firms[0].skill
    extra = own.state["left"][0] - own.p.staff_turnover
    assert extra > 0.05 and skill[0.4] == pytest.approx(skill[1.0] * (1.0 - 0.6 * extra), rel=1e-9)


def test_the_policy_puts_strategy_first():
    market = run(policy="strategy_first", months=30)
    assert last(market, "relating") > 0.7 and profit(market) > profit(run(months=30))
