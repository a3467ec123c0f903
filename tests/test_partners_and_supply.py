"""Partners who send customers and fail in one's name; supply chains that swing, run out and hold."""

from __future__ import annotations

from functools import cache
from statistics import NormalDist

import numpy as np
import pytest

import sim
from sim.failures import ANSWERS
from sim.ledger import C
from sim.market import Market
from sim.mechanisms import partners, supply
from sim.mechanisms.failing import KINDS
from sim.scenario import load
from sim.scenario.words import WON_BY

P, S = "mechanisms.partners.", "mechanisms.supply."
F = "mechanisms.sales_force."
SEASON = [0.6, 0.7, 0.9, 1.0, 1.1, 1.3, 1.3, 1.1, 0.9, 0.8, 0.9, 1.4]


@cache
def run(seed=1, months=24, policy=None, change=()):
    given = {
        "market.customers": 1200,
        "market.season": SEASON,
        f"{P}on": True,
        f"{S}on": True,
        **dict(change),
    }
    market = Market("plain", seed=seed, months=months, change=given, policies={"North": policy} if policy else None)  # fmt: skip
    market.run_model()
    return market


def north(table, **own):
    return tuple((f"{table}firms.North.{name}", value) for name, value in own.items())


def booked(market, line, months=24):
    return sum(book[:, market.ledger.places[line]] for book in market.ledger.months[-months:]) / 100.0


def mean(market, name, firm=0):
    return np.nanmean([row[firm] for row in market.metrics[name][-12:]])


def sent_here(c):
    """Whom a partner of the supplier's, and no affiliate, sent."""
    mine = np.maximum(c.supplier, 0), np.arange(len(c))
    affiliate = (c.supplier >= 0) & (c.won_by == WON_BY.index("affiliate"))
    return affiliate & (c.sent_month[mine] == c.aware_month[mine])


# ---------------------------------------------------------------- partners


def test_the_equations_of_partners_keep_their_laws():
    p = load("plain").mechanisms.partners
    assert (
        partners.chance_fault(1.0, True, p)
        == 0.0
        < partners.chance_fault(0.5, False, p)
        < partners.chance_fault(0.5, True, p)
    )
    u = np.array([0.001, 0.2, 0.9])
    assert partners.next_crisis(np.zeros(3, dtype=bool), u, p).tolist() == [True, False, False]
    assert partners.next_crisis(np.ones(3, dtype=bool), u, p).tolist() == [False, False, True]
    assert partners.brand_stain(1.0, 1.0, 1.0, p) == p.brand_spill > partners.brand_stain(1.0, 1.0, 3.0, p)


def test_partners_send_customers_who_are_less_bound_and_cost_a_fee():
    alone, together = run(), run(change=((f"{P}joint_reach", 0.1), *north(P, partnership=1.0)))
    assert together.aware[0] > 1.08 * alone.aware[0] and together.heads[-1][0] > alone.heads[-1][0]
    c, sent = together.customers, WON_BY.index("affiliate")
    mine = (c.supplier == 0) & (c.tenure > 3) & (c.tenure < 20)
    assert (mine & (c.won_by == sent)).sum() > 10
    assert c.loyalty[mine & (c.won_by == sent)].mean() < 0.8 * c.loyalty[mine & (c.won_by != sent)].mean()
    assert 0 < booked(together, "partner_fees")[0] < 0.1 * booked(together, "revenue")[0]
    assert booked(together, "costs_shared")[0] > 0 == booked(alone, "partner_fees")[0]
    assert 0.1 < mean(together, "sent_profit") < 1.0


def test_whom_an_affiliate_sent_costs_its_commission_and_whom_a_partner_sent_the_fee():
    paid = (("firms.North.plan.affiliate_commission", 0.2),)
    close = (f"{P}joint_reach", 0.1), *north(P, partnership=1.0)
    alone, partner, both = run(change=paid), run(change=close), run(change=(*paid, *close))
    without = run(change=(*paid, (f"{P}on", False)))
    for market in (alone, both):
        assert booked(market, "commissions")[0] > 0
    assert booked(alone, "partner_fees")[0] == 0 and booked(partner, "commissions")[0] == 0
    assert booked(both, "partner_fees")[0] > 0
    assert booked(alone, "commissions")[0] == booked(without, "commissions")[0]
    assert np.isnan(alone.metrics["sent_profit"][-1][0])
    # commission or not, partners are paid for the same kind of people: those whom they made aware
    c = both.customers
    sent = sent_here(c)
    assert sent.any() and (c.won_by[sent] == WON_BY.index("affiliate")).all()
    assert (~sent & (c.supplier == 0) & (c.won_by == WON_BY.index("affiliate"))).any()
    assert (c.sent_month[0, sent] >= 0).all() and (c.sent_month[1] == -1).all()


def test_a_partner_is_paid_no_commission_and_who_sent_whom_is_told_as_without_one():
    alone = (("advertise.affiliate_reach", 0.0), (f"{P}joint_reach", 0.1), *north(P, partnership=1.0))
    paid, free = (
        run(change=(*alone, ("firms.North.plan.affiliate_commission", part))) for part in (0.2, 0.0)
    )
    assert booked(paid, "partner_fees")[0] > 0 == booked(paid, "commissions")[0]
    for name in ("supplier", "won_by", "aware_by", "sent_month"):
        assert (getattr(paid.customers, name) == getattr(free.customers, name)).all(), name
    assert (booked(paid, "partner_fees") == booked(free, "partner_fees")).all()
    assert {WON_BY[k] for k in paid.customers.won_by[paid.customers.supplier == 0]} > {"affiliate", "itself"}


def test_a_partner_in_a_crisis_fails_in_the_firms_name():
    crises = ((f"{P}crisis_chance", 0.2),)
    goods = ((f"{S}on", False),)  # failures of stock-outs are no partner's
    near = (*goods, *north(P, partnership=1.0, own_journey=0.2))
    calm, crisis = run(change=(*near, (f"{P}crisis_chance", 0.0))), run(change=(*near, *crises))
    assert mean(calm, "partners_in_crisis") == 0 < mean(crisis, "partners_in_crisis")
    failures = [sum(m.ledger.counts)[0, C["failures"]] for m in (calm, crisis)]
    assert failures[1] > 1.3 * failures[0] and crisis.heads[-1][0] < calm.heads[-1][0]
    brands = [m.customers.brand[0][m.customers.aware[0] == 1].mean() for m in (calm, crisis)]
    assert brands[1] < brands[0]
    own = run(change=(*goods, *north(P, partnership=0.0, own_journey=1.0), *crises))
    assert (
        sum(own.ledger.counts)[0, C["failures"]]
        < 1.1 * sum(run(change=goods).ledger.counts)[0, C["failures"]]
    )


def served(until="serve", swap=None, **change):
    """The first month until a stage is done, every journey of North's in partners' hands."""
    market = Market("plain", seed=1, months=1, swap=swap, change={
        "market.customers": 6000, f"{P}on": True, **dict(north(P, own_journey=0.0)), **change,
    })  # fmt: skip
    stages = market.pass_stages()
    while next(stages) != until:
        pass
    return market


def test_a_partners_fee_is_its_share_of_what_those_whom_it_sent_pay():
    market = served(
        "relate", **{f"{P}joint_reach": 1.0, f"{P}partner_fee": 0.25}, **dict(north(P, partnership=0.5))
    )
    c = market.customers
    spent = c.month_spent_cents[sent_here(c)]
    assert (spent > 0).sum() > 20
    fees = market.ledger.current[:, market.ledger.places["partner_fees"]]
    assert fees.tolist() == [pytest.approx(0.25 * spent.sum(), abs=len(spent)), 0, 0, 0]


def test_each_mood_is_counted_once_where_a_partner_spoils_the_journey():
    in_vain = {"serve.recoveries.apology.chance": 0.0}
    calm, spoiled = (served(**in_vain, **{f"{P}partner_faults": chance}) for chance in (0.0, 1.0))
    c = calm.customers
    here = (c.supplier == 0) & ((c.bought > 0) | (c.visited > 0))
    moods = [np.count_nonzero(here & (c.mood == mood)) for mood in (-1, 1)]
    assert min(moods) > 5 and (spoiled.customers.mood[here] == -1).all()
    counts, before = (market.ledger.current_counts[0] for market in (spoiled, calm))
    assert counts[C["happy"]] == before[C["happy"]] - moods[1]
    assert counts[C["unhappy"]] == before[C["unhappy"]] + here.sum() - moods[0]
    encounters = int(c.bought[here].sum()) + int(c.visited[here].sum())
    assert counts[C["happy"]] + counts[C["unhappy"]] <= encounters


def test_what_a_partner_spoils_is_complained_of_and_put_right_as_in_the_firms_own_service():
    calm, spoiled = (served(**{f"{P}partner_faults": chance}) for chance in (0.0, 1.0))
    p, own = spoiled.tables.serve, spoiled.tables.mechanisms.partners
    answers = spoiled.customers.spoiled_answer
    kept = {"trust": [0.15, 0.10, 0.0, 0.0], "belief": [1.0, 1.0, p.slow_kept, p.quick_kept]}
    gains = {"loyalty": [0.0, 0.0, p.slow_loyalty, p.quick_loyalty]}
    for answer in (1, 2, 3, 4):
        who = np.flatnonzero(answers == answer)
        assert len(who) > 3
        was, now = calm.customers, spoiled.customers
        assert now.trust[who] == pytest.approx(was.trust[who] * (1.0 - kept["trust"][answer - 1]), rel=1e-5)
        lost = own.fault_belief * kept["belief"][answer - 1]
        assert was.belief[0, who] - now.belief[0, who] == pytest.approx(np.full(len(who), lost), abs=1e-5)
        loyalty = np.minimum(was.loyalty[who] + gains["loyalty"][answer - 1], 1.0)
        assert now.loyalty[who] == pytest.approx(loyalty, abs=1e-5)
        assert (now.complaints[0, who] - was.complaints[0, who] == (answer > 1)).all()
        assert (now.pending[who] == 1).all() if answer < 3 else (now.pending[who] == was.pending[who]).all()
    more = spoiled.ledger.current_counts[0] - calm.ledger.current_counts[0]
    counted = [more[C[name]] for name in ("failures", "voiced", "resolved", "resolved_quickly")]
    assert counted == [(answers >= least).sum() for least in (1, 2, 3, 4)]
    paid = spoiled.ledger.current[0, spoiled.ledger.places["spoiled_amends"]] / 100.0
    each = spoiled.tables.decide.contact_cost / spoiled.month_of_firms.reply_days[0]
    apology = p.recoveries.apology.cost
    assert paid == pytest.approx(
        each * (answers > 1).sum() + apology * (answers > 2).sum(), abs=0.01 * len(answers)
    )


def test_what_a_partner_spoils_follows_equations_of_ones_own_for_service():
    def found(**swap):
        market = served(swap={f"serve.{k}": v for k, v in swap.items()}, **{f"{P}partner_faults": 1.0})
        return market.customers.spoiled_answer[market.customers.spoiled_answer > 0].tolist()

    shipped = found()
    loud = found(chance_voice=lambda heard, severity, p: 1.0)
    assert set(shipped) == {1, 2, 3, 4} and set(loud) == {2, 3, 4} and len(loud) == len(shipped)
    assert max(found(chance_recovery=lambda base, skill, p: 0.0)) == 2
    slow = found(chance_quick=lambda reply_days, overload, p: 0.0)
    assert slow == [min(answer, 3) for answer in shipped]


def test_failures_of_mechanisms_are_complained_of_as_often_as_those_of_service():
    more = (
        *north(P, own_journey=0.0),
        (f"{P}partner_faults", 0.2),
        *north(S, safety=0.0),
        (f"{S}lead_months", 4),
    )
    rates = []
    for change in (((f"{P}on", False), (f"{S}on", False)), more):
        counts = sum(sum(run(seed, 24, None, change).ledger.counts) for seed in range(1, 7))[0]
        assert counts[C["voiced"]] > 150
        rates.append([counts[C[name]] / counts[C["failures"]] for name in ("voiced", "resolved")])
    assert rates[1] == pytest.approx(rates[0], abs=0.04)


def test_the_diary_tells_the_failures_of_mechanisms_and_their_complaints():
    change = {
        f"{P}partner_faults": 0.3, f"{S}lead_months": 4, "market.season": SEASON,
        **dict(north(P, own_journey=0.0)), **dict(north(S, safety=0.0)),
        f"{F}on": True, **dict(north(F, representatives=3, contact_points=6)),
    }  # fmt: skip
    told = sim.run("plain", months=8, change={"market.customers": 400, **change}, follow=range(400))
    lives, books = told.follow(range(400)), told.market.ledger.counts
    rows = lives.table
    failed = rows[rows["event"].isin(["failed", *KINDS])]
    for least, name in enumerate(("failures", "voiced", "resolved", "resolved_quickly")):
        answered = failed[failed["cause"].isin(ANSWERS[least:])]
        found = [
            [((answered["month"] == m + 1) & (answered["firm"] == f.name)).sum() for f in told.market.firms]
            for m in range(8)
        ]
        assert found == [book[:, C[name]].tolist() for book in books]
    ours = failed["event"] != "failed"
    assert (failed["severity"][~ours] > 0.0).all() and failed["severity"][ours].isna().all()
    assert failed["event"].value_counts().min() > 10 and failed["event"].nunique() == 4
    said = {
        "failed": "had a bad visit at",
        "wait": "waited for goods at",
        "spoiled": "was failed by a partner of",
        "contradiction": "heard two things from",
    }
    text = " ".join(lives.sentences)
    assert {e: text.count(s) for e, s in said.items()} == failed["event"].value_counts().to_dict()
    assert sum(book[:, C["mail_complaints"]].sum() for book in books) == (rows["event"] == "complained").sum()


def test_the_whole_journey_in_own_hands_costs_more():
    own, handed = (booked(run(change=north(P, own_journey=part)), "journey", 6)[0] for part in (1.0, 0.0))
    assert own > handed > 0


# ---------------------------------------------------------------- supply


def test_the_equations_of_supply_keep_their_laws():
    p = load("plain").mechanisms.supply
    assert supply.next_forecast(10.0, 20.0, p) == 10.0 + 10.0 * p.smoothing
    assert supply.order_up_to(40.0, 4.0, 1.0) == 44.0
    luck = np.random.default_rng(1).normal(0.0, 7.0, 100_000)
    assert supply.SPREAD * np.abs(luck).mean() == pytest.approx(luck.std(), rel=0.01)
    assert supply.next_error(4.0, -8.0, p) == pytest.approx(4.0 + p.error_smoothing * (10.0 - 4.0))
    assert supply.stocked_out(np.array([10.0]), np.array([-5.0])).tolist() == [1.0]
    assert supply.stocked_out(np.array([10.0, 10.0, 0.0]), np.array([7.0, 12.0, 0.0])).tolist() == [
        0.3,
        0.0,
        0.0,
    ]


def test_orders_swing_more_than_demand_and_less_with_a_shared_signal():
    short, long_, shared = (
        mean(run(change=change), "bullwhip")
        for change in (
            ((f"{S}lead_months", 1),),
            ((f"{S}lead_months", 4),),
            ((f"{S}lead_months", 4), *north(S, shared_signal=1.0)),
        )
    )
    assert 1.0 < short < long_ and shared < 0.5 * long_


def test_goods_that_run_out_let_customers_down():
    slow = ((f"{S}lead_months", 4), *north(S, safety=0.0))
    lean, safe = run(change=slow), run(change=(*slow, *north(S, safety=4.0)))
    assert max(row[0] for row in lean.metrics["stock_outs"]) > 0.05
    assert sum(row[0] for row in lean.metrics["stock_outs"]) > sum(
        row[0] for row in safe.metrics["stock_outs"]
    )
    assert booked(lean, "holding")[0] < booked(safe, "holding")[0]
    assert booked(lean, "rush_orders")[0] > booked(safe, "rush_orders")[0]
    assert sum(lean.ledger.counts)[0, C["failures"]] > sum(safe.ledger.counts)[0, C["failures"]]


def test_who_orders_oftener_is_likelier_to_wait():
    bought = np.repeat(np.arange(5, dtype=np.uint8), 4000)
    who, late = np.empty(len(bought), dtype=np.int64), np.empty(len(bought))
    short = np.array([0.3])
    n = supply.wait_rows(np.zeros(len(bought), dtype=np.int8), bought, short, 3, 2150, 1, 2, who, late)
    for orders in range(5):
        mine = bought[who[:n]] == orders
        assert mine.sum() / 4000 == pytest.approx(1.0 - 0.7**orders, abs=0.025)
        assert late[:n][mine].sum() / 4000 == pytest.approx(0.3 * orders, abs=0.04)


def test_rush_freight_is_paid_for_every_order_that_waits():
    market = run(change=(("market.season", (1.0,) * 12), *north(S, safety=0.0)))
    short = np.array([row[0] for row in market.metrics["stock_outs"]])
    orders = np.array([counts[0, C["orders"]] for counts in market.ledger.counts])
    paid = booked(market, "rush_orders")[0] / load("plain").mechanisms.supply.rush_cost
    assert paid == round(paid) and paid > 200
    assert paid == pytest.approx(np.nansum(short * orders), rel=0.1)


def test_without_safety_half_the_months_run_short_and_the_fewer_the_more_of_it():
    months, shares = [], []
    for safety in (0.0, 1.0, 2.0, 4.0):
        found = [
            run(seed, 24, None, (("market.season", (1.0,) * 12), (f"{P}on", False), *north(S, safety=safety)))
            for seed in (1, 2)
        ]
        short = np.array([[row[0] for row in market.metrics["stock_outs"]] for market in found])
        assert (short >= 0.0).all() and (short <= 1.0).all()
        months.append((short > 0.0).mean())
        shares.append(short.mean())
    assert 0.35 < months[0] < 0.7
    assert months[0] > 1.5 * months[1] > 1.5 * months[2] > 1.5 * months[3]
    assert shares == sorted(shares, reverse=True) and shares[3] < 0.2 * shares[0]


def test_goods_are_conserved():
    market = run(months=12)
    state, sold = market.mechanisms["supply"].state, sum(market.ledger.counts)[:, C["orders"]]
    start = Market("plain", seed=1, months=1, change={"market.customers": 1200, "market.season": SEASON, f"{S}on": True})  # fmt: skip
    before = start.mechanisms["supply"].state
    had = before["stock"] + before["on_the_way"].sum(axis=1)
    left = state["stock"] + state["on_the_way"].sum(axis=1)
    assert left == pytest.approx(had + state["orders"].sum(axis=1) - sold)


@pytest.mark.parametrize(
    "policy, metric", [("works_with_partners", "sent_profit"), ("shares_demand", "bullwhip")]
)
def test_the_policies_decide(policy, metric):
    market = run(policy=policy)
    assert np.isfinite(mean(market, metric))
    if policy == "shares_demand":
        assert mean(market, metric) < 0.6 * mean(run(), metric) and booked(market, "supply_link")[0] > 0
    else:
        assert market.heads[-1][0] > run().heads[-1][0]


def test_who_sells_nothing_has_no_share_of_orders_that_wait():
    market = run(months=1, change=(("firms.North.initial_share", 0.0), ("firms.North.plan.price", 10.0)))
    assert market.ledger.counts[-1][0, C["orders"]] == 0 and np.isnan(market.metrics["stock_outs"][-1][0])
    assert (
        np.isfinite(market.metrics["stock_outs"][-1][1:]).all()
        and np.isfinite(market.mechanisms["supply"].state["short"]).all()
    )


def test_under_contract_a_shared_signal_does_not_starve_the_shelves():
    change = (("market.setting", "contract"), ("market.customers", 400))
    alone, shared = (run(months=14, change=(*change, *north(S, shared_signal=share))) for share in (0.0, 1.0))
    short = [np.mean([row[0] for row in market.metrics["stock_outs"][6:]]) for market in (alone, shared)]
    assert short[1] < short[0] + 0.05


def chain(share, safety, *, lead=2, season=(1.0,) * 12):
    """Share of months that run short, of orders that wait, bullwhip, what holding goods costs, all four firms alike: means after the first year."""
    firms = [firm.name for firm in run(months=1).firms]
    own = [
        (f"{S}firms.{firm}.{key}", value)
        for firm in firms
        for key, value in (("shared_signal", share), ("safety", safety))
    ]
    change = ((f"{P}on", False), ("market.season", season), (f"{S}lead_months", lead), *own)
    found = [run(seed, 60, None, change) for seed in (1, 2)]
    short, swing = (
        np.array([market.metrics[name][12:] for market in found]) for name in ("stock_outs", "bullwhip")
    )
    held = np.mean([booked(market, "holding", 48) for market in found])
    return (short > 0.0).mean(), short.mean(), swing.mean(), held


@pytest.mark.parametrize("share", [0.0, 1.0])
@pytest.mark.parametrize(
    "lead", [1, 2]
)  # longer, and orders that cannot be below 0 leave more than is asked for
def test_goods_last_through_a_month_with_the_chance_of_a_normal_number(share, lead):
    for safety in (0.0, 1.0, 2.0):
        assert chain(share, safety, lead=lead)[0] == pytest.approx(1.0 - NormalDist().cdf(safety), abs=0.06)


@pytest.mark.parametrize("season", [(1.0,) * 12, tuple(SEASON)])
def test_a_shared_signal_takes_less_stock_and_swings_less_for_the_same_safety(season):
    for safety in (1.0, 2.0):
        alone, shared = (chain(share, safety, season=season) for share in (0.0, 1.0))
        assert shared[0] == pytest.approx(alone[0], abs=0.05)
        assert shared[1] < alone[1] + 0.005
        assert shared[2] < 0.75 * alone[2] and shared[3] < 0.9 * alone[3]
