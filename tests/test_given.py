"""What users give by mistake is refused, with the cure, where it would be taken for something else."""

from __future__ import annotations

import copy
import pickle
import re
import warnings

import numba
import numpy as np
import pytest

import sim
from sim.behaviours import EQUATIONS
from sim.compiled import compile_own
from sim.market import Market
from sim.policies import make_policy
from sim.swaps import Swaps
from sim.user_errors import UserError

SMALL = {"market.customers": 200}


# ---------------------------------------------------------------- a mask where numbers of customers are needed


@pytest.fixture(scope="module")
def market():
    return Market("two_cafes", months=2, change=SMALL)


@pytest.mark.parametrize(
    "wrong", [lambda c: c.mood < 0, lambda c: len(c), lambda c: [-1, 0], lambda c: [0.0, 1.0], lambda c: None]
)
def test_draws_refuse_what_are_no_numbers_of_customers_and_the_purpose_stays_free(market, wrong):
    market.draws.begin(0)
    with pytest.raises(ValueError, match=r"np.flatnonzero\(mask\) for a mask"):
        market.draws.uniform("own_0", wrong(market.customers))
    assert len(market.draws.uniform("own_0", market.customers.ids)) == 200
    assert len(market.draws.uniform("own_1", [])) == 0


@pytest.mark.parametrize(
    ("wrong", "cure"),
    [
        (lambda c: np.where(c.mood <= 0, 1, 0), "mask == 1"),
        (lambda c: (c.mood <= 0).astype(float), "True or False a customer, or customers' numbers"),
        (lambda c: None, "customers' numbers"),
        (lambda c: [3, 200], "0 to 199"),
        (lambda c: c.mood[:3] < 0, "200 of them"),
    ],
)
def test_tell_refuses_what_names_no_tellers(market, wrong, cure):
    with pytest.raises(ValueError, match=cure):
        market.tell(wrong(market.customers), people=10, news="bad")


def test_a_stage_that_gives_a_mask_to_the_draws_stops_with_the_cure():
    def talk(market):
        c = market.customers
        u = market.draws.uniform("own_0", c.mood < 0)
        market.tell((c.mood < 0) & (u < 0.5), people=10, news="bad")

    assert "np.flatnonzero(mask)" in str(sim.check(talk, stage="talk"))
    with pytest.raises(UserError, match="talk failed in month 1, at line 3"):
        sim.run("two_cafes", months=1, change=SMALL, swap={"talk": talk})


def test_nobody_and_some_by_number_may_tell():
    def talk(market):
        market.tell([], people=10, news="bad", about="Corner")
        market.tell([3, 5, 5], people=2, news="bad", about="Corner")  # a union of two groups: each tells once

    run = sim.run("two_cafes", months=1, change=SMALL, swap={"talk": talk})
    assert run.months["told_bad"].sum() == 4


# ---------------------------------------------------------------- a policy, and a parameter of it


def test_a_change_of_a_policy_that_is_given_by_name_holds():
    change = SMALL | {"firms.Express.policy.below": 0.3}
    table = {"Express": {"name": "price_cutter", "below": 0.3}}
    wanted = sim.run("two_cafes", months=2, change=SMALL, policies=table)
    apart = sim.run("two_cafes", months=2, change=change, policies={"Express": "price_cutter"})
    assert apart.hash == wanted.hash
    assert "price_cutter" in apart.title and "below = 0.3" in apart.title
    without = sim.run("two_cafes", months=2, change=SMALL, policies={"Express": "price_cutter"})
    assert apart.hash != without.hash
    market = Market("two_cafes", months=2, change=change, policies={"Express": "price_cutter"})
    market.run_model()
    assert market.state_hash == wanted.hash


def test_a_change_of_a_policy_holds_in_a_comparison():
    apart = {"policies": {"Express": "price_cutter"}, "change": {"firms.Express.policy.below": 0.3}}
    whole = {"policies": {"Express": {"name": "price_cutter", "below": 0.3}}}
    pair = sim.compare("two_cafes", {"apart": apart, "whole": whole}, seeds=1, months=2, change=SMALL)
    assert "in the last 2 months" in pair.headline
    assert pair.runs["apart"].hash == pair.runs["whole"].hash != pair.runs["as it is"].hash


@pytest.mark.parametrize("policy", ["accountable", {"name": "price_cutter", "below": 0.3}])
def test_a_policy_that_is_given_goes_over_one_that_a_change_names(policy):
    base = {**SMALL, "firms.Express.policy": "win_back"}
    over = sim.run("two_cafes", months=2, policies={"Express": policy}, change=base)
    alone = sim.run("two_cafes", months=2, policies={"Express": policy}, change=SMALL)
    assert over.market.state_hash == alone.market.state_hash and "win_back" not in over.title


def test_a_parameter_of_a_policy_that_is_an_object_is_refused():
    change, policies = {"firms.Express.policy.below": 0.3}, {"Express": sim.Policy()}
    for act in (
        lambda: sim.run("two_cafes", months=1, policies=policies, change=change),
        lambda: sim.compare("two_cafes", {"x": {"policies": policies, "change": change}}, seeds=1),
    ):
        with pytest.raises(ValueError, match=re.escape("as a table: {'Express': {'name': …, 'below': 0.3}}")):
            act()


# ---------------------------------------------------------------- a stage, and an equation of it


def be_silent(market):
    """Nobody tells anybody."""


def test_an_equation_of_a_stage_that_is_swapped_too_is_said_to_be_unused():
    one, five = (lambda mood, p: 1.0), (lambda belief, bad, good, weight, p: belief)
    with pytest.warns(UserWarning, match=r"swap.talk.people_told: talk is swapped too.*market.call"):
        Swaps({"talk": be_silent, "talk.people_told": one})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Swaps({"talk": be_silent, "talk.hearsay": five})
        Swaps({"talk.people_told": one})
        Swaps({"talk": lambda market: market.call("talk.people_told", 1, None), "talk.people_told": one})
        Swaps(
            {"buy": be_silent, "buy.relationship": EQUATIONS["buy.relationship"].py_func}
        )  # relate has it too


# ---------------------------------------------------------------- values that a file refuses, and everyday mistakes


class NoPolicyByName:
    """Decides, though it is no sim.Policy."""

    def decide(self, view):
        view.plan.price = 3


@pytest.mark.parametrize(
    ("act", "kind", "cure"),
    [
        (lambda s: sim.Plan(staff=1e-310), ValueError, "0, or at least 0.000001 agents"),
        (lambda s: make_policy({"name": "spammer", "messages": 2.7}), ValueError, "a whole number 0 to 60"),
        (
            lambda s: make_policy({"name": "discount_matcher", "lag": 1.9}),
            ValueError,
            "a whole number 1 to 60",
        ),
        (
            lambda s: make_policy({"name": "value_tiers", "messages": 0.5}),
            ValueError,
            "a whole number -1 to 60",
        ),
        (lambda s: Market(s, months=2.5), TypeError, "months: must be a whole number"),
        (lambda s: Market(s, months="2"), TypeError, "months: must be a whole number"),
        (lambda s: Market(s, seed=1.9), TypeError, "seed: must be a whole number"),
        (lambda s: Market(s, seed=True), TypeError, "seed: must be a whole number"),
        (lambda s: setattr(s.talk, "unhappy_tells", 0), AttributeError, 'change={"talk.unhappy_tells": 0}'),
        (lambda s: s.firms["Corner"].policy.update(top_share=1.0), TypeError, "a scenario does not change"),
        (lambda s: s.firms.pop("Express"), TypeError, "a scenario does not change"),
        (
            lambda s: sim.run(s, months=1, policies={"Express": NoPolicyByName}),
            UserError,
            "return sim.Plan(price=0.9) in a policy",
        ),
    ],
)
def test_what_would_be_rounded_or_lost_is_refused_with_the_cure(act, kind, cure):
    table = {"name": "level_by_value", "top_share": 0.5}
    small = sim.load("two_cafes").with_changes(SMALL | {"firms.Corner.policy": table})
    was = small.hash
    with pytest.raises(kind, match=re.escape(cure)):
        act(small)
    assert copy.deepcopy(small).tables.model_dump() == small.tables.model_dump()
    assert pickle.loads(pickle.dumps(small)).hash == was


def test_an_equation_under_njit_is_compiled_as_it_is_without():
    own = numba.njit(lambda mood, p: 5.0 if mood < 0 else 1.0)
    assert sim.check(own, stage="talk.people_told").notes == ["compiles"]
    assert compile_own(own)(-1, None) == 5.0


def test_bounds_of_a_users_policy_that_are_whole_do_not_make_its_parameter_whole():
    class Share(sim.Policy):
        parameters = {"part": (0, 1, "part of the customers")}

        def __init__(self, part: float = 0.3) -> None:
            self.set(part=part)

    assert Share(0.3).part == 0.3
    with pytest.raises(ValueError, match=r"part: must be 0 to 1 \(got 2\)"):
        Share(2)


# ---------------------------------------------------------------- one sentence where Python's own error would stand


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (
            lambda: sim.run("plain", change=["talk.unhappy_tells=0"]),
            "change: a dict is needed, address -> value",
        ),
        (lambda: sim.run("plain", policies="win_back"), "policies: a dict is needed, firm -> policy"),
        (lambda: sim.Market("plain", policies=["win_back"]), "policies: a dict is needed"),
        (lambda: sim.run("plain", swap=print), "swap: a dict is needed, stage or equation -> your function"),
        (lambda: sim.compare("plain", ["basic"], change="talk"), "change: a dict is needed"),
        (lambda: sim.compare("plain", ["basic"], swap=[print]), "swap: a dict is needed"),
        (lambda: sim.load("plain").with_changes(["talk.unhappy_tells"]), "changes: a dict is needed"),
    ],
)
def test_what_is_no_dict_is_refused_with_the_right_form(act, said):
    with pytest.raises(TypeError, match=re.escape(said)):
        act()


@pytest.mark.parametrize(
    ("swap", "said"),
    [
        (
            {"decide": lambda market: None},
            "stage serve failed in month 1 after decide, swapped by you: ZeroDivision",
        ),
        ({"account": lambda market: None}, "the month's end failed in month 1 after account, swapped by you"),
        (
            {"serve.agent_capacity": lambda skill, p: 0.0},
            "stage serve failed in month 1 after serve.agent_capacity",
        ),
    ],
)
def test_what_fails_after_a_function_of_the_users_is_told_as_what_follows_it(swap, said):
    with pytest.raises(UserError, match=re.escape(said)) as caught:
        sim.run("two_cafes", months=2, change=SMALL, swap=swap)
    assert caught.value.run.months_done == 0


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        (lambda market: 1.0, "the metric mine, month 1: must give one number for each of the 2 firms"),
        (lambda market: np.zeros(3), "must give one number for each of the 2 firms"),
        (lambda market: np.array(["a", "b"]), "must give one number for each of the 2 firms"),
        (
            lambda market: 1 / 0,
            "the metric mine failed in month 1, at line 1 of your function: ZeroDivisionError",
        ),
    ],
)
def test_a_metric_of_ones_own_gives_a_number_a_firm(metric, said, monkeypatch):
    monkeypatch.setitem(sim.metrics.METRICS, "mine", metric)
    with pytest.raises(UserError, match=re.escape(said)):
        sim.run("two_cafes", months=1, change=SMALL)
    monkeypatch.setitem(sim.metrics.METRICS, "mine", lambda market: [3, 4])
    assert sim.run("two_cafes", months=1, change=SMALL).months["mine"].tolist() == [3, 4]


def test_a_metric_that_is_listed_later_is_missing_in_the_months_before(monkeypatch):
    market = sim.Market("two_cafes", months=2, change=SMALL)
    market.step()
    monkeypatch.setitem(sim.metrics.METRICS, "mine", lambda market: [3, 4])
    market.step()
    before, now = market.metrics["mine"]
    assert np.isnan(before).all() and now.tolist() == [3, 4]


def test_a_fault_in_a_condition_of_a_plan_names_the_condition_and_no_line_of_ours():
    class Typo(sim.Policy):
        def decide(self, view):
            return sim.Plan().where("valu_rank > 1", level="partnership")

    with pytest.raises(UserError) as caught:
        sim.run("two_cafes", months=1, change=SMALL, policies={"Corner": Typo()})
    assert str(caught.value).startswith(
        'the policy of Corner, month 1: Plan.where("valu_rank > 1"): column 1: "valu_rank" is not a column'
    )
    assert "line" not in str(caught.value)
