"""The market as a whole: the same bits, money to the cent, customers conserved, exits as drawn."""

from __future__ import annotations

import numpy as np
import pytest
from worlds import CONTRACTS, EVERYTHING

import sim.market
from sim.behaviours.frame import parameters
from sim.behaviours.leave import LeaveParameters, chance_exit
from sim.columns import BLANK, STATE
from sim.draws import Draws
from sim.ledger import BY_CUSTOMER, COUNTS, SIGNS, A, C
from sim.market import Market
from sim.named_codes import for_people
from sim.policies import Plan, Policy

WORLDS = pytest.mark.parametrize("change", [EVERYTHING, CONTRACTS], ids=["everything", "contracts"])


class SaysNothing(Policy):
    """A plan that repeats the defaults."""

    def decide(self, view):
        n = len(view.customers)
        return Plan(price=1.0).where(np.zeros(n, dtype=bool), level="partnership")


def test_a_policy_that_changes_nothing_gives_the_same_bits():
    one = Market("plain", seed=4, months=8, change={"market.customers": 300})
    two = Market(
        "plain", seed=4, months=8, change={"market.customers": 300}, policies={"East": SaysNothing()}
    )
    one.run_model()
    two.run_model()
    assert one.state_hash == two.state_hash


def test_another_seed_gives_another_world():
    worlds = [Market("plain", seed=s, months=2, change={"market.customers": 300}) for s in (1, 2)]
    for world in worlds:
        world.run_model()
    assert worlds[0].state_hash != worlds[1].state_hash


@WORLDS
def test_one_thread_and_two_give_the_same_bits(change, monkeypatch):
    monkeypatch.setattr(sim.market, "THREADS_FROM", 100)
    monkeypatch.setattr(sim.market, "CHUNK", 4096)
    bigger = {**change, "market.customers": 9000}
    one = Market("plain", seed=2, months=5, change=bigger, threads=1)
    two = Market("plain", seed=2, months=5, change=bigger, threads=2)
    one.run_model()
    two.run_model()
    assert one.state_hash == two.state_hash


@WORLDS
def test_compiled_and_plain_python_give_the_same_bits(change):
    fast = Market("plain", seed=2, months=14, change={**change, "market.customers": 60})
    slow = Market("plain", seed=2, months=14, change={**change, "market.customers": 60}, plain=True)
    for _ in range(14):
        fast.step()
        slow.step()
        for name in STATE:
            same = np.array_equal(getattr(fast.customers, name), getattr(slow.customers, name))
            assert same, f"{name}, month {fast.month}"
    assert fast.state_hash == slow.state_hash


@WORLDS
def test_money_is_whole_and_customers_are_conserved_in_every_month(change):
    market = Market("plain", seed=6, months=30, change=change)
    before = np.bincount(market.customers.supplier + 1, minlength=5)[1:]
    for _ in range(30):
        market.step()  # checks that accounts sum to the ledger
        book, counts = market.ledger.months[-1], market.ledger.counts[-1]
        heads = market.heads[-1]
        assert (heads == before + counts[:, C["won"]] - counts[:, C["lost"]]).all()
        assert (market.ledger.profit() == (book * SIGNS).sum(axis=1)).all()
        assert (counts >= 0).all()
        before = heads
    revenue = sum(book[:, A["revenue"]] for book in market.ledger.months)
    c = market.customers
    own = np.array([c.spent_cents[c.supplier == f].sum() for f in range(4)])
    assert (own + market.ledger.departed[:, 1] == revenue).all()
    lost = sum(counts[:, C["lost"]] for counts in market.ledger.counts)
    left = np.concatenate([d["firm"] for d in market.departures])
    assert (np.bincount(left, minlength=4) == lost).all()


def test_every_mechanism_of_the_core_does_something():
    free = Market("plain", seed=6, months=36, change=EVERYTHING)
    bound = Market("plain", seed=6, months=36, change=CONTRACTS)
    free.run_model()
    bound.run_model()
    counts = sum(free.ledger.counts).sum(axis=0)
    silent = [
        name
        for name, n in zip(COUNTS, counts, strict=True)
        if n == 0 and name not in ("ended_contracts", "mail_complaints")
    ]
    assert not silent
    assert sum(bound.ledger.counts)[:, C["ended_contracts"]].sum() > 0
    reasons = np.unique(np.concatenate([d["reason"] for d in free.departures]))
    assert len(reasons) >= 8
    money = sum(free.ledger.months).sum(axis=0)
    still = [
        name
        for name, i in A.items()
        if money[i] == 0
        and name not in ("crm_system", "mail_complaints_of_customers", "mail_complaints_of_others")
    ]
    assert not still


def test_year_accounts_restart_in_january():
    market = Market("plain", seed=6, months=13, change=EVERYTHING)
    market.run_model()
    c = market.customers
    january = market.ledger.months[-1][:, BY_CUSTOMER] @ SIGNS[BY_CUSTOMER]
    own = np.array([c.year_profit_cents[c.supplier == f].sum() for f in range(4)])
    assert (own + market.ledger.departed[:, 2] == january).all()


def test_those_who_leave_the_market_are_those_drawn_from_python():
    market = Market("plain", seed=9, months=2, change={"market.customers": 2000})
    p = parameters(LeaveParameters, market.tables.leave, initial_trust=0.4)
    c = market.customers
    hazard = [chance_exit(float(r), float(n), p) for r, n in zip(c.exit_rate, c.need_rate, strict=True)]
    drawn = Draws(9).uniform("exits", np.arange(2000)) < np.array(hazard)
    market.step()
    assert np.array_equal(market.customers.generation == 1, drawn)
    assert drawn.sum() > 5


def test_an_unknown_firm_in_policies_is_named():
    with pytest.raises(ValueError, match="no firm"):
        Market("plain", policies={"Nort": "basic"})


def test_seed_and_rng_are_one_number():
    assert Market("plain", rng=3, change={"market.customers": 50}).seed == 3
    with pytest.raises(ValueError, match="not both"):
        Market("plain", seed=1, rng=2)


def test_work_on_threads_comes_back_in_its_order_and_its_error_is_heard(monkeypatch):
    monkeypatch.setattr("sim.market.THREADS_FROM", 1)
    market = Market("two_cafes", threads=3)
    assert market.each(lambda a, b: a * b, range(50), range(50)) == [k * k for k in range(50)]
    done = []

    def work(k):
        done.append(k)
        return 1 / (k - 7)

    with pytest.raises(ZeroDivisionError):
        market.each(work, range(50))
    assert 7 in done and len(set(done)) == len(done)


def test_the_months_scratch_is_emptied_wherever_it_was_written_and_left_alone_elsewhere():
    customers = Market("plain", change={"market.customers": 300}).customers
    scratch = [column for column in customers.columns if column.kind.startswith("month")]
    for column in scratch:
        getattr(customers, column.name)[...] = 7
    customers.offer[0] = -0.0
    customers.clear_scratch()
    for column in scratch:
        values = getattr(customers, column.name)
        assert (values == BLANK.get(column.name, 0)).all() and not np.signbit(values[values == 0]).any(), (
            column.name
        )
    customers.messages.flags.writeable = False  # nobody wrote to it: it is only looked at
    customers.clear_scratch()


def test_numbers_made_of_a_column_of_codes_keep_their_parts():
    shares = for_people(Market("plain", change={"market.customers": 50})).supplier.astype(float)
    shares[0] = 0.75
    assert shares[0] == 0.75
