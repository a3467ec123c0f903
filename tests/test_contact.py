"""Permission marketing: who is mailed, who is not, what it does to them, and what it costs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from worlds import EVERYTHING

from sim.behaviours import EQUATIONS, STAGES
from sim.draws import Draws
from sim.ledger import A, C
from sim.market import Market
from sim.policies import Plan, Policy, View
from sim.scenario.words import AWARE_BY, PERMISSIONS, STRATEGIES

FIRMS = ("North", "East", "South", "West")
NONE, OPTED_IN, CONFIRMED, OPTED_OUT = range(4)
PERMITTED_ONLY = {"opt_in": {OPTED_IN, CONFIRMED}, "double_opt_in": {CONFIRMED}}
LADDER = {f"firms.{name}.plan.strategy": s for name, s in zip(FIRMS, ("opt_out", "interruption", "opt_in", "double_opt_in"), strict=True)}  # fmt: skip


def table_says(strategy, permission, in_database, listed):
    """The table of recipients in model.md 7.3, as it reads."""
    own = in_database and permission != OPTED_OUT
    return {
        "silent": False,
        "opt_out": own,
        "interruption": own
        or permission == OPTED_OUT
        or (listed and not in_database)
        or permission in (OPTED_IN, CONFIRMED),
        "opt_in": permission in (OPTED_IN, CONFIRMED),
        "double_opt_in": permission == CONFIRMED,
    }[strategy]


def test_may_mail_is_the_table_of_recipients():
    for s, p, d, listed in itertools.product(range(5), range(4), (0, 1), (0, 1)):
        if p in (OPTED_IN, CONFIRMED) and not d and STRATEGIES[s] == "opt_out":
            continue  # nobody is asked who has not bought
        got = EQUATIONS["contact.may_mail"].py_func(s, p, d, listed)
        assert got == int(table_says(STRATEGIES[s], p, d, listed)), (STRATEGIES[s], PERMISSIONS[p], d, listed)


def run_stages(market, *names):
    for stage in STAGES:
        if stage.name in names:
            market._stage = stage.name
            market.swaps.run(stage, market)


def after_contact(change, prepare=None, seed=3, **keywords):
    """A market in its first month, just after `contact`."""
    market = Market("plain", seed=seed, change={"market.customers": 2000, **change}, **keywords)
    market.draws.begin(0)
    market.customers.clear_scratch()
    run_stages(market, "decide")
    if prepare:
        prepare(market)
    run_stages(market, "contact")
    return market


def every_kind(market):
    """Permissions, records and barred people in every combination, for every firm."""
    c, ids = market.customers, np.arange(len(market.customers))
    c.permission, c.identified, c.barred = ids % 4, (ids // 4) % 2, (ids // 8) % 5 == 0


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_recipients_follow_the_table_and_barred_people_are_never_among_them(strategy):
    market = after_contact({"firms.North.plan.strategy": strategy}, every_kind)
    ids = np.arange(2000)
    listed = Draws(3).uniform("listed", ids, 0, month=0) < 0.5
    keen = Draws(3).uniform("keen", ids, 0, month=0) < 0.65
    for i in ids:
        permission = i % 4
        if strategy == "double_opt_in" and permission == OPTED_IN and keen[i]:
            permission = CONFIRMED  # those already opted in at once when that strategy begins
        mailed = market.customers.fatigue[0, i] > 0
        in_database = (i // 4) % 2 == 1
        if in_database or permission in (NONE, OPTED_OUT):
            assert mailed == (table_says(strategy, permission, in_database, listed[i]) and market.customers.barred[0, i] == 0), i  # fmt: skip


def test_the_bought_list_covers_half_of_the_others_and_is_the_same_every_month():
    market = Market("plain", seed=3, change={"market.customers": 4000})
    listed = market.listed(1)
    assert abs(listed.mean() - 0.5) < 4 * np.sqrt(0.25 / 4000)
    market.month = 7
    assert (market.listed(1) == listed).all()


@pytest.fixture(scope="module")
def ladder():
    """Months of the four strategies beside each other: permission, fatigue, asked before and after."""
    change = {**LADDER, "market.customers": 1500, "contact.opt_out": 0.2, "firms.North.policy": "fires_unprofitable"}  # fmt: skip
    change |= {f"firms.{name}.plan.incentive": 1.0 for name in FIRMS}
    market = Market("plain", seed=4, months=30, change=change)
    months, names = [], ("permission", "fatigue", "asked", "generation", "identified", "barred")
    for _ in range(30):
        before = {n: getattr(market.customers, n).copy() for n in names}
        market.step()
        months.append((before, {n: getattr(market.customers, n).copy() for n in names}))
    return market, months


def test_who_opted_out_is_mailed_by_interrupting_firms_only(ladder):
    mailed = np.zeros(4)
    for before, after in ladder[1]:
        out = (before["permission"] == OPTED_OUT) & (before["generation"] == after["generation"])
        rested = (before["fatigue"].astype(np.float64) * 0.7).astype(np.float32)
        mailed += (out & ~np.isclose(after["fatigue"], rested, atol=1e-7)).sum(axis=1)
    assert mailed[[0, 2, 3]].tolist() == [0, 0, 0] and mailed[1] > 100


def test_firms_that_need_a_yes_mail_nobody_else(ladder):
    for before, after in ladder[1]:
        same = before["generation"] == after["generation"]
        for f in (2, 3):
            no = same & ~np.isin(before["permission"][f], [OPTED_IN, CONFIRMED])
            assert np.isclose(after["fatigue"][f][no], before["fatigue"][f][no] * 0.7, atol=1e-7).all()


def test_double_opt_in_confirms_the_keen_and_only_them(ladder):
    market, _ = ladder
    c, ids = market.customers, np.arange(1500)
    keen = Draws(4).uniform("keen", ids, 3, month=c.generation.astype(np.int64)) < 0.65
    assert (c.permission[3][keen] != OPTED_IN).all() and (c.permission[3][~keen] != CONFIRMED).all()
    assert (c.permission[3] == CONFIRMED).sum() > 20 and not (c.permission[:3] == CONFIRMED).any()


class BecomesStrict(Policy):
    """Opt-in for three months, then double opt-in."""

    def decide(self, view):
        return Plan(strategy="opt_in" if view.month < 3 else "double_opt_in", incentive=1.0)


def test_those_already_opted_in_are_confirmed_when_double_opt_in_begins():
    market = Market("plain", seed=4, months=4, change={"market.customers": 1500}, policies={"South": BecomesStrict()})  # fmt: skip
    for _ in range(3):
        market.step()
    said_yes = (market.customers.permission[2] == OPTED_IN) & (market.customers.generation == 0)
    keen = Draws(4).uniform("keen", np.arange(1500), 2, month=0) < 0.65
    market.step()
    now = market.customers.permission[2]
    assert (said_yes & keen).sum() > 20
    assert np.isin(now[said_yes & keen], [CONFIRMED, OPTED_OUT, NONE]).all() and not (now[said_yes & ~keen] == CONFIRMED).any()  # fmt: skip


def test_people_are_asked_at_most_once_a_year(ladder):
    again = 0
    for before, after in ladder[1]:
        same = before["generation"] == after["generation"]
        changed = same & (before["asked"] != 0) & (after["asked"] != before["asked"])
        asked = changed & (after["permission"] != OPTED_OUT)
        waited = after["asked"].astype(int) - before["asked"]
        assert (waited[asked] >= 12).all()
        assert not (asked & np.isin(before["permission"], [OPTED_IN, CONFIRMED]) & (after["permission"] == before["permission"])).any()  # fmt: skip
        again += int(asked.sum())
    assert again > 50


def test_an_opt_out_is_remembered_as_a_request_and_can_be_undone_a_year_later(ladder):
    undone = 0
    for month, (before, after) in enumerate(ladder[1]):
        left = (before["permission"] != OPTED_OUT) & (after["permission"] == OPTED_OUT)
        assert (after["asked"][left] == month + 1).all()
        undone += int(((before["permission"] == OPTED_OUT) & (after["permission"] == OPTED_IN) & (before["generation"] == after["generation"])).sum())  # fmt: skip
    assert undone > 0


def test_the_database_reads_as_the_formula_says():
    market = after_contact(
        {**{f"firms.{n}.plan.strategy": "opt_out" for n in FIRMS}, "market.customers": 20000}
    )
    p = 0.15 * (0.5 + 0.5 * 0.25)
    share = 1 - (1 - p) ** 2
    n, read = (market.ledger.current_counts[:, C[x]].sum() for x in ("recipients", "read"))
    assert n > 10_000 and abs(read / n - share) < 4 * np.sqrt(share * (1 - share) / n)


def test_attention_is_shared_by_all_firms():
    def known_to_all(market):
        market.customers.identified = 1
        market.customers.attention = 4.0

    change = {f"firms.{n}.plan.messages": 3 for n in FIRMS}
    market = after_contact(change, known_to_all)
    p = 0.15 * (0.5 + 0.5 * 0.25) * 4 / 12
    share, n = 1 - (1 - p) ** 3, 8000
    assert abs(market.ledger.current_counts[:, C["read"]].sum() / n - share) < 4 * np.sqrt(
        share * (1 - share) / n
    )


def test_a_read_makes_aware_and_builds_the_brand_with_consent_only():
    def consent(market):
        c, ids = market.customers, np.arange(2000)
        c.permission, c.identified, c.aware, c.brand = np.where(ids % 2, OPTED_IN, NONE), 4, 0, 0.1
        c.annoyed = 0.2

    change = {"firms.North.plan.personalization": 0.8, "firms.North.plan.tailoring": "customization", "contact.opt_out": 0.0}  # fmt: skip
    c = after_contact(change, consent).customers
    read, yes, profile = c.relevance[0] > 0, np.arange(2000) % 2 == 1, 1 - np.exp(-1.0)
    assert np.allclose(c.relevance[0][read], np.where(yes, 0.25 + 0.6 * profile, 0.25 + 0.3 * profile)[read])
    assert (c.aware[0] == read).all() and (c.aware_by[0][read] == AWARE_BY.index("message")).all()
    assert np.allclose(c.brand[0][yes & read], 0.1 + 0.05 * c.relevance[0][yes & read] * 0.9)
    assert np.allclose(c.brand[0][yes & ~read], 0.1) and (c.brand[0][~yes] < 0.1).all()
    annoyed = 0.2 + np.where(yes, 0.0, 0.1 - c.brand[0])
    assert np.allclose(c.annoyed[c.supplier == 0], annoyed[c.supplier == 0])


def test_uninvited_mail_costs_trust_of_own_customers_only():
    market = after_contact({"firms.North.plan.strategy": "interruption"}, every_kind)
    c = market.customers
    own = (c.supplier == 0) & (c.fatigue[0] > 0)
    out = own & (np.arange(2000) % 4 == OPTED_OUT)
    hit = 1 - 0.1 * np.minimum(1.0, 2 * 0.8 * 2.5 / c.contact_tolerance[out])
    assert out.sum() > 20 and np.allclose(c.trust[out], 0.5 * hit)
    identified = own & ((np.arange(2000) // 4) % 2 == 1) & (np.arange(2000) % 4 != OPTED_OUT)
    assert np.allclose(c.trust[identified], 0.5)


def test_messages_and_lists_are_paid_to_the_cent():
    market = after_contact({"firms.North.plan.strategy": "interruption", "firms.North.plan.messages": 5, "firms.East.plan.personalization": 0.5})  # fmt: skip
    c, book = market.customers, market.ledger.current
    own = c.supplier == 0
    mailed = c.fatigue[0] > 0
    assert book[0, A["messages_to_customers"]] == 5 * (mailed & own).sum()
    assert book[0, A["messages_to_others"]] == 5 * (mailed & ~own).sum()
    assert book[0, A["lists"]] == 2 * (mailed & (c.identified[0] == 0)).sum()
    assert book[1, A["messages_to_customers"]] == 3 * 2 * ((c.fatigue[1] > 0) & (c.supplier == 1)).sum()
    assert not book[1:, A["lists"]].any()


def test_a_complaint_costs_ten_and_makes_unhappy_with_that_firm():
    market = after_contact({"firms.North.plan.strategy": "interruption", "contact.complaint": 0.5})
    complained = market.customers.complaints[0] > 0
    lines = [A["mail_complaints_of_customers"], A["mail_complaints_of_others"]]
    assert complained.sum() > 100 and market.ledger.current[0, lines].sum() == 1000 * complained.sum()
    assert (market.customers.mood[complained] == -1).all()
    assert (
        market.customers.mood_firm[complained & (market.customers.complaints[1:].sum(axis=0) == 0)] == 0
    ).all()


def test_the_mood_of_who_was_fired_is_about_the_firm_that_fired():
    market = after_contact(
        {"firms.North.plan.fire": True, "firms.East.plan.strategy": "interruption", "contact.complaint": 10.0}
    )
    fired = market.customers.fired_by == 0
    assert fired.sum() > 100
    assert (market.customers.mood_firm[fired] == 0).all(), (
        "mood: being fired, else ... a complaint about mail (7.7)"
    )


def test_deliverability_follows_the_reports_of_every_month():
    market = Market("plain", seed=4, months=9, change={**EVERYTHING, "market.customers": 4000})
    rate, share = np.zeros(4), np.ones(4)
    for _ in range(9):
        market.step()
        counts = market.ledger.counts[-1]
        rate = 0.7 * rate + 0.3 * counts[:, C["reports"]] / np.maximum(1, counts[:, C["messages"]])
        allowed = np.minimum(1.0, 0.003 / np.maximum(rate, 1e-12))
        share = share + np.where(allowed < share, 0.5, 0.1) * (allowed - share)
        assert np.allclose([f.deliverability for f in market.firms], share)
        if market.month == 6:
            half_a_year = share[0]
    assert abs(half_a_year - 0.65) < 0.1 and (share[1:] > 0.95).all()


def test_offers_go_to_the_lapsed_and_lost_at_most_once_in_three_months():
    change = {
        "market.customers": 1000,
        "firms.North.plan.offer": 0.2,
        "firms.North.policy": "fires_unprofitable",
        "decide.lapsed_intervals": 1.0,
        "decide.lost_intervals": 3.0,
    }
    market = Market("plain", seed=4, months=30, change=change)
    sent = 0
    for month in range(30):
        view, c = View(market, market.firms[0]).customers, market.customers
        stopped = np.zeros(1000, dtype=bool)
        stopped[view.ids[(view.status == "lapsed") | (view.status == "lost")]] = True
        before, permission, generation = c.offered[0].astype(int), c.permission[0].copy(), c.generation.copy()
        market.step()
        got = (c.offered[0] == month + 1) & (generation == c.generation)
        assert stopped[got].all() and not c.barred[0][got].any() and (permission[got] != OPTED_OUT).all()
        assert ((before[got] == 0) | (month + 1 - before[got] >= 3)).all()
        counts, book = market.ledger.counts[-1], market.ledger.months[-1]
        assert book[0, A["win_back"]] == 50 * counts[0, C["offers"]] and not counts[1:, C["offers"]].any()
        sent += int(got.sum())
    assert sent > 300 and sum(c[0, C["won_back"]] for c in market.ledger.counts) > 0
