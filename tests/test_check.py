"""The contract test: what is right passes, what is wrong is told, all of it at once."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import sim
from sim.policies import POLICIES
from sim.user_errors import UserError


class PartnerWithTheTop(sim.Policy):
    """Partnership for the most valuable tenth; everybody else may call us."""

    def decide(self, view):
        plan = sim.Plan(level="reactive", strategy="opt_in", messages=2)
        return plan.where(view.customers.value_rank > 0.9, level="partnership", social=True)


def friends_only(market):
    c = market.customers
    market.tell(c.mood < 0, people=3, news="bad", online=0)
    market.tell(c.mood > 0, people=1, news="good", online=0)


# ---------------------------------------------------------------- policies


@pytest.mark.parametrize("name", POLICIES)
def test_every_shipped_policy_keeps_the_contract(name):
    checked = sim.check(name)
    assert checked.ok and checked, checked


@pytest.mark.parametrize(
    "given", [PartnerWithTheTop, PartnerWithTheTop(), {"name": "level_by_value", "top_share": 0.3}]
)
def test_a_policy_may_be_a_class_an_object_or_a_table(given):
    assert sim.check(given).ok


def policy(decide):
    return type("Mine", (sim.Policy,), {"decide": decide, "__doc__": "A policy of a test."})


CLOCK = itertools.count()


def not_a_plan(self, view):
    return {"level": "basic"}


def writes_records(self, view):
    view.customers.spent[:] = 0
    return sim.Plan()


def writes_minds(self, view):
    view._market.customers.loyalty[:] = 1.0
    return sim.Plan()


def draws_luck(self, view):
    return sim.Plan(price=1.0 + 0.001 * (next(CLOCK) % 7))


def fails_without_customers(self, view):
    return sim.Plan(discount=0.1 if view.customers.spent.max() > 1e9 else 0.0)


def fails_without_rivals(self, view):
    return sim.Plan(price=min(v["price"] for v in view.rivals().values()))


def is_out_of_range(self, view):
    return sim.Plan(price=100.0)


def misspells(self, view):
    top = view.customers.valu_rank > 0.9
    return sim.Plan().where(top, level="proactive")


@pytest.mark.parametrize(
    ("decide", "told"),
    [
        (not_a_plan, "must return a sim.Plan"),
        (writes_records, "writes into view.customers.spent"),
        (writes_minds, "changes the market's columns"),
        (draws_luck, "two plans for the same view"),
        (fails_without_customers, "in a firm without customers"),
        (fails_without_rivals, "in a market without rivals"),
        (is_out_of_range, "plan.price: must be 0.1 to 10"),
        (misspells, 'at line 2 of your function: database column: unknown .* did you mean "value_rank"'),
    ],
)
def test_a_policys_fault_is_told(decide, told):
    checked = sim.check(policy(decide))
    assert not checked and len(checked.faults) == 1, checked
    with pytest.raises(AssertionError, match=told):
        raise AssertionError(repr(checked))


def test_memory_outside_the_object_is_found():
    class Mine(sim.Policy):
        """It remembers in the class."""

        months: list[int] = []

        def decide(self, view):
            self.months.append(view.month)
            return sim.Plan(price=1.0 if len(self.months) < 60 else 1.1)

    told = repr(sim.check(Mine))
    assert "two runs with the same seed differ" in told or "two plans" in told


def test_memory_in_the_object_is_allowed():
    class Mine(sim.Policy):
        """It remembers in itself."""

        def __init__(self):
            self.seen = []

        def decide(self, view):
            self.seen.append(view.month)
            return sim.Plan(price=1.0 + 0.01 * min(10, len(self.seen)))

    assert sim.check(Mine).ok


def test_all_faults_of_a_policy_come_at_once():
    def both(self, view):
        view.customers.spent[:] = 0
        return "basic"

    assert len(sim.check(policy(both)).faults) == 2


def test_a_class_without_decide_is_no_policy():
    assert not sim.check(type("Mine", (), {}))
    assert "write a method decide" in repr(sim.check(type("Mine", (sim.Policy,), {})))


# ---------------------------------------------------------------- scenarios


def test_a_shipped_scenario_is_good():
    assert sim.check("two_cafes").ok and sim.check(sim.load("plain")).ok


def test_all_faults_of_a_file_come_at_once(tmp_path):
    file = tmp_path / "bad.toml"
    file.write_text(
        'tenfold = 1\n[market]\ncustomers = 0\n[firms.A]\nqualty = 1\n[firms.A.plan]\nlevel = "proactiv"\n',
        encoding="utf-8",
    )
    checked = sim.check(file)
    assert len(checked.faults) == 3 and "bad.toml:3" in checked.faults[0]
    assert "3 faults" in repr(checked) and sim.check(str(file)).faults == checked.faults


@pytest.mark.parametrize("name", ["two_caffes", "accountabel"])
def test_a_wrong_name_gets_the_nearest_right_one(name):
    assert "did you mean" in sim.check(name).faults[0]


def test_a_file_that_is_not_there_is_a_fault():
    assert not sim.check("nothing_here.toml").ok


# ---------------------------------------------------------------- stages and equations


def test_a_stage_is_good():
    checked = sim.check(friends_only, stage="talk")
    assert checked.ok and not checked.notes


def reads_nothing():
    """No market given."""


def misnames(market):
    market.tell(market.customers.moood < 0, people=1, news="bad")


def makes_nan(market):
    market.customers.belief[0, :5] = np.nan


def breaks_books(market):
    market.customers.supplier[:] = 0


def trusts_beyond(market):
    market.customers.trust[:] = 50


def is_not_repeatable(market):
    market.tell(market.customers.mood < 0, people=1 + next(CLOCK) % 5, news="bad")


@pytest.mark.parametrize(
    ("function", "stage", "told"),
    [
        (friends_only, "tlak", 'did you mean "talk"'),
        (reads_nothing, "talk", "must take 1 arguments, market"),
        (misnames, "talk", 'at line 2 of your function: column: unknown .* did you mean "mood"'),
        (makes_nan, "talk", "column belief is not a number for customer 0"),
        (breaks_books, "talk", "the books do not add up"),
        (is_not_repeatable, "talk", "two runs with the same seed differ"),
        (3, "talk", "must be a function"),
        (friends_only, "talk.people_told", "must take 2 arguments, mood, p"),
        (lambda mood, p: "ten", "talk.people_told", "a whole number of 0 or more is needed"),
        (lambda mood, p: 3 if mood < 0 else float("inf"), "talk.people_told", "gives inf for mood=1"),
        (
            lambda mood, p: 2.9,
            "talk.people_told",
            "gives 2.9 for mood=-?1; a whole number of 0 or more is needed",
        ),
        (lambda mood, p: -3, "talk.people_told", "gives -3 for mood"),
        (
            lambda a, b, p: 7.0,
            "leave.chance_exit",
            r"gives 7.0 for .*; a number of 0 to 1 is needed \(cut it: min\(max\(x, 0\), 1\)\)",
        ),
        (lambda a, b, p: -7.0, "leave.chance_exit", "gives -7.0 for"),
        (lambda belief, p: float("nan"), "talk.faded_belief", "gives nan for .*; a finite number is needed$"),
        (trusts_beyond, "relate", r"column trust must be 0 to 1 \(got 50.0 for customer 0\)"),
        (lambda mood, p: p.unhapy_tells, "talk.people_told", "AttributeError"),
    ],
)
def test_a_functions_fault_is_told(function, stage, told):
    checked = sim.check(function, stage=stage)
    assert len(checked.faults) == 1, checked
    with pytest.raises(AssertionError, match=told):
        raise AssertionError(repr(checked))


def test_a_stage_may_name_firms_of_another_scenario():
    def about_corner(market):
        c = market.customers
        market.tell((c.supplier == "Corner") & (c.mood < 0), people=10, news="bad")

    checked = sim.check(about_corner, stage="talk")
    assert checked.ok and "compares with Corner: no firm or segment" in repr(checked)
    with pytest.raises(UserError, match='"Corner" is none of its words'):
        sim.run("plain", months=1, change={"market.customers": 50}, swap={"talk": about_corner})


def test_a_policy_may_name_segments_of_another_scenario():
    def decide(self, view):
        return sim.Plan().where(view.customers["segment_guess"] == "students", level="reactive")

    checked = sim.check(policy(decide))
    assert checked.ok and "compares with students: no segment" in repr(checked)


def test_what_a_stage_changes_of_others_is_noted():
    def trusting(market):
        market.customers.trust = 1.0

    checked = sim.check(trusting, stage="talk")
    assert checked.ok and checked.notes == ["changes trust, which the shipped stage talk leaves alone"]


def test_an_equation_is_good_compiled_or_not():
    assert sim.check(lambda mood, p: 5 if mood < 0 else 1, stage="talk.people_told").notes == ["compiles"]
    slow = sim.check(lambda mood, p: float(str(p.unhappy_tells)), stage="talk.people_told")
    assert slow.ok and "plain Python" in slow.notes[0]


def test_a_function_needs_its_stage():
    with pytest.raises(TypeError, match='stage="talk"'):
        sim.check(friends_only)
    with pytest.raises(TypeError, match="a policy, a scenario, or a function"):
        sim.check(3)


def test_an_equation_with_luck_or_a_memory_of_its_own_is_a_fault():
    calls = []

    def lucky(mood, p):
        return 10.0 if np.random.rand() < 1e-9 else 1.0

    def counting(mood, p):
        calls.append(mood)
        return float(len(calls))

    for own, words in ((lucky, "draws luck of its own (rand, random)"), (counting, " and then ")):
        found = sim.check(own, stage="talk.people_told")
        assert not found and words in str(found), found
