"""Every shipped policy keeps its promise; a plan refuses what is not right, and the later decision wins."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import sim
from sim.ledger import A, C
from sim.market import Market
from sim.policies import POLICIES, Plan, Policy, View, make_policy
from sim.policies.levels import Accountable
from sim.scenario import load
from sim.scenario.words import LEVELS
from sim.user_errors import UserError

SMALL = {"market.customers": 150}


class Watched(Policy):
    """A shipped policy, with what it saw and decided kept."""

    def __init__(self, inner):
        self.inner, self.plans, self.views = inner, [], []

    def __deepcopy__(self, memo):
        return self  # the test looks at what this very object kept

    def decide(self, view):
        plan = self.inner.decide(view)
        self.plans.append(plan)
        self.views.append(view)
        return plan


def run_with(policy, months=14, change=None, policies=None, firm="North"):
    watched = Watched(make_policy(policy))
    market = Market("plain", seed=8, months=months, change={**SMALL, **(change or {})}, policies={**(policies or {}), firm: watched})  # fmt: skip
    market.run_model()
    return market, watched


@pytest.mark.parametrize("name", POLICIES)
def test_every_shipped_policy_is_documented_checked_and_deterministic(name):
    kind = POLICIES[name]
    assert kind.__doc__ and len(kind.__doc__) > 10 and kind.source and kind.decide.__doc__
    hashes = []
    for _ in range(2):
        market = Market("plain", seed=8, months=14, change=SMALL, policies={"East": name})
        market.run_model()
        hashes.append(market.state_hash)
    assert hashes[0] == hashes[1]
    for parameter, (low, high, meaning) in kind.parameters.items():
        assert meaning
        for value in (low - 1, high + 1, "much", float("nan")):
            with pytest.raises(ValueError, match=f"{parameter}: must be"):
                kind(**{parameter: value})


def test_one_policy_object_serves_two_worlds_alike():
    hashes = []
    shared = make_policy({"name": "discount_matcher", "lag": 3})
    for _ in range(2):
        market = Market("plain", seed=8, months=8, change={**SMALL, "firms.East.plan.discount": 0.2}, policies={"North": shared})  # fmt: skip
        market.run_model()
        hashes.append(market.state_hash)
    assert hashes[0] == hashes[1], "what a policy remembers of one run reaches into the next"


def test_status_quo_is_the_plan_of_the_scenario():
    plain = Market("plain", seed=8, months=6, change=SMALL)
    plain.run_model()
    assert run_with("status_quo", 6)[0].state_hash == plain.state_hash


@pytest.mark.parametrize("level", LEVELS)
def test_uniform_levels_reach_every_customer(level):
    market, _ = run_with(level, 3)
    c = market.customers
    assert (c.level[c.supplier == 0] == LEVELS.index(level)).all() and (c.level[c.supplier == 1] == 1).all()


def test_price_cutter_stays_under_the_rivals_mean():
    market, seen = run_with({"name": "price_cutter", "below": 0.1}, change={"firms.East.plan.price": 1.2}, policies={"South": {"name": "price_cutter"}})  # fmt: skip
    assert len(seen.plans) == 14
    for plan, view in zip(seen.plans, seen.views, strict=True):
        rivals = [v["price"] for v in view.rivals().values()]
        assert plan.decisions["price"] == pytest.approx(0.9 * np.mean(rivals))
    assert market.public["North"]["price"] < np.mean([market.public[f]["price"] for f in ("East", "South", "West")])  # fmt: skip


class Promotes(Policy):
    """A discount of 0.3 in months 2 to 5."""

    def decide(self, view):
        return Plan(discount=0.3 if 2 <= view.month <= 5 else 0.0)


@pytest.mark.parametrize("lag", [1, 3])
def test_discount_matcher_follows_after_its_lag(lag):
    # Relationships that began in the month have no discount yet, so the public mean is a little under 0.3.
    _, seen = run_with({"name": "discount_matcher", "lag": lag}, policies={"East": Promotes()})
    given = [plan.decisions["discount"] for plan in seen.plans]
    assert np.flatnonzero(given).tolist() == [2 + lag, 3 + lag, 4 + lag, 5 + lag]
    assert min(g for g in given if g) > 0.2 and max(given) <= 0.3 + 1e-6


def test_level_by_value_gives_the_top_fifth_more():
    market, seen = run_with({"name": "level_by_value", "top_share": 0.2, "top": "proactive", "rest": "basic"}, 10)  # fmt: skip
    view = seen.views[-1].customers  # computed when asked for: the rank is asked for in decide
    top = view.ids[view.value_rank > 0.8]
    assert len(top) == pytest.approx(0.2 * len(view), abs=1)
    c = market.customers
    stayed = (c.supplier == 0) & (c.tenure > 1)
    assert (c.level[np.intersect1d(top, np.flatnonzero(stayed))] == LEVELS.index("proactive")).all()
    assert (c.level[np.setdiff1d(np.flatnonzero(stayed), top)] == LEVELS.index("basic")).all()


def test_bonds_reach_whom_they_promise():
    for name, columns in {
        "social_bond": ("social",),
        "structural_bond": ("structural", "bonded"),
        "financial_bond": ("discount",),
    }.items():
        c = run_with(name, 3)[0].customers
        old = (c.supplier == 0) & (c.tenure > 1)
        for column in columns:
            assert (getattr(c, column)[old] > 0).all() and not getattr(c, column)[c.supplier == 1].any(), name
    market, _ = run_with({"name": "structural_bond", "top_share": 0.3}, 6)
    bonded = market.customers.bonded[market.customers.supplier == 0].mean()
    assert 0.0 < bonded < 0.9


def test_retainer_and_acquirer_move_the_advertising_they_promise():
    for name, times in {"retainer": 0.5, "acquirer": 2.0}.items():
        for change, usual in (({}, 0.30 * 150), ({"firms.North.plan.advertising": 80.0}, 80.0)):
            book = run_with(name, 2, change)[0].ledger.months[-1][:, A["advertising"]]
            assert book[0] == pytest.approx(100 * times * usual) and book[1] == 4500


def test_good_listener_hears_more_and_recovers_more():
    change = {"market.customers": 1500, "firms.North.reliability": 0.7, "firms.East.reliability": 0.7}
    counts = sum(run_with("good_listener", 6, change)[0].ledger.counts)
    heard, resolved = counts[:, C["voiced"]] / counts[:, C["failures"]], counts[:, C["resolved"]] / counts[:, C["voiced"]]  # fmt: skip
    assert heard[0] > heard[1] + 0.1 and resolved[0] > resolved[1] + 0.15


def test_fires_unprofitable_ends_only_the_unprofitable_a_year_on_record():
    market, seen = run_with("fires_unprofitable", 26, {"market.customers": 600, "serve.encounter_load": 0.01})
    fired = 0
    for plan in seen.plans:
        for mask, decisions in plan.choices:
            assert decisions == {"fire": True}
            fired += int(mask.sum())
    assert [bool(plan.choices) for plan in seen.plans] == [m in (12, 24) for m in range(26)]
    for view, plan in zip(seen.views, seen.plans, strict=True):
        for mask, _ in plan.choices:
            d = view.customers
            assert (d.profit[mask] < 0).all() and (d.tenure[mask] >= 12).all() and mask.sum() <= 0.1 * len(d)
            assert d.profit[mask].max() <= np.sort(d.profit)[: int(np.ceil(0.1 * len(d)))].max()
    gone = sum(c[:, C["fired"]] for c in market.ledger.counts)
    assert 0 < gone[0] <= fired and not gone[1:].any()


def test_mailers_and_sellers_use_their_levers():
    market, _ = run_with("spammer", 3)
    counts = sum(market.ledger.counts)
    assert counts[0, C["uninvited"]] > 50 and not counts[1:, C["uninvited"]].any()
    market, _ = run_with("permission_builder", 10, {"market.customers": 800})
    counts = sum(market.ledger.counts)
    assert counts[0, C["said_yes"]] > counts[1, C["said_yes"]] > 0
    assert (market.customers.permission[0] == 2).any() and not (market.customers.permission[1] == 2).any()
    wide = {"market.customers": 1500}
    assert sum(run_with({"name": "referrer", "reward": 20.0}, 14, wide)[0].ledger.months)[0, A["referral_rewards"]] > 0  # fmt: skip
    assert sum(run_with({"name": "affiliates", "commission": 0.3}, 14, wide)[0].ledger.months)[0, A["commissions"]] > 0  # fmt: skip
    assert sum(run_with("win_back", 14, wide)[0].ledger.counts)[0, C["offers"]] > 0


# plans


@pytest.mark.parametrize(
    ("decisions", "message"),
    [
        ({"pric": 1.0}, 'unknown decision .*did you mean "price"'),
        ({"price": 20}, r"price: must be 0\.1 to 10 multiple \(got 20\)"),
        ({"discount": -0.4}, r"discount: must be -0\.3 to 0\.9 share of list price"),
        ({"advertising": -1}, "advertising: must be 0 to .*money a month"),
        ({"messages": 2.5}, "messages: must be 0 to 60 messages a month"),
        ({"level": "recative"}, "level: must be one of basic, reactive"),
        ({"structural": 3}, "structural: must be true or false"),
        ({"staff": -1}, 'staff: must be .*agents.*"auto"'),
        ({"price": float("nan")}, "price: must be"),
        ({"price": "cheap"}, "price: must be"),
    ],
)
def test_a_plan_refuses_what_is_not_right_with_name_range_and_unit(decisions, message):
    with pytest.raises(ValueError, match=message):
        Plan(**decisions)


def test_a_decision_for_the_whole_firm_is_refused_by_customer():
    mask = np.ones(3, dtype=bool)
    with pytest.raises(ValueError, match="one decision for the whole firm"):
        Plan().where(mask, price=0.9)
    with pytest.raises(ValueError, match='did you mean "discount"'):
        Plan().where(mask, discont=0.1)
    with pytest.raises(ValueError, match="discount: must be"):
        Plan().where(mask, discount=np.array([0.1, 0.95, 0.0]))
    with pytest.raises(ValueError, match="must be"):
        Plan().where(mask, discount=np.array([0.1, np.nan, 0.0]))


def plan_of(decide, change=None, months=4):
    """Run a policy that is this function; returns the market."""
    kind = type("Given", (Policy,), {"decide": lambda self, view: decide(view)})
    market = Market(
        "plain", seed=8, months=months, change={**SMALL, **(change or {})}, policies={"North": kind()}
    )
    market.run_model()
    return market


def test_where_takes_a_rule_a_mask_and_arrays_and_the_later_wins():
    def decide(view):
        n = len(view.customers)
        plan = Plan(discount=0.01).where("identified >= 1", discount=0.2).where(view.customers.identified > 2, discount=0.3)  # fmt: skip
        return plan.where(np.ones(n, dtype=bool), level=np.where(np.arange(n) % 2, "basic", "proactive"))

    before = View(market := plan_of(decide, months=3), market.firms[0]).customers
    identified, ids = before.identified.copy(), before.ids.copy()
    market.months = 4
    market.step()
    c = market.customers
    own = (c.supplier[ids] == 0) & (c.tenure[ids] > 1)
    assert own.any() and (identified[own] > 2).any() and (identified[own] <= 2).any()
    assert np.allclose(c.discount[ids][own], np.where(identified > 2, 0.3, 0.2)[own])
    assert np.array_equal(c.level[ids][own], np.where(np.arange(len(ids)) % 2, 0, 3)[own])


@pytest.mark.parametrize(
    ("column", "word"), [("status", "active"), ("permission", "none"), ("segment_guess", "everyone")]
)
def test_a_column_in_brackets_compares_with_words_as_its_attribute_does(column, word):
    def level(condition):
        return plan_of(lambda view: Plan().where(condition(view.customers), level="partnership")).state_hash

    by_attribute = level(lambda customers: getattr(customers, column) == word)
    assert level(lambda customers: customers[column] == word) == by_attribute
    assert level(lambda customers: ~(customers[column] != word)) == by_attribute
    assert level(lambda customers: np.isin(customers[column], [word])) == by_attribute
    assert by_attribute != plan_of(lambda view: Plan()).state_hash


def test_a_word_that_a_column_of_the_database_has_not_is_refused():
    for asked in (lambda c: c["status"] == "activ", lambda c: c.status == ["activ"]):
        with pytest.raises(UserError, match=r'view.customers.status: "activ" is none of its words; did you mean "active"'):  # fmt: skip
            plan_of(lambda view, asked=asked: Plan().where(asked(view.customers), level="basic"))


def test_where_leaves_the_plan_it_came_from_alone():
    plan = Plan(price=0.9)
    other = plan.where("spent > 10", fire=True)
    assert not plan.choices and len(other.choices) == 1 and other.decisions == {"price": 0.9}


def loses_where(view):
    plan = Plan(price=0.9).where("spent > 5", level="basic")
    plan.where("spent > 10", level="partnership").where("spent > 20", fire=True)
    return plan


USUAL = Plan()
USED = [
    lambda view: Plan(),
    lambda view: Plan().where("spent > 5", level="basic").where("spent > 10", level="partnership"),
    lambda view: USUAL.where("spent > 5", level="basic") if view.month % 2 else USUAL,
]


def test_a_plan_of_where_that_is_not_returned_is_told_once():
    with pytest.warns(UserWarning, match=r"the policy of North, month 1: .* write plan = plan.where") as told:
        plan_of(loses_where)
    assert len(told) == 1
    kind = type("Given", (Policy,), {"decide": lambda self, view: loses_where(view)})
    checked = sim.check(kind)
    assert checked.ok and "write plan = plan.where" in repr(checked)


@pytest.mark.parametrize("decide", USED)
def test_a_plan_of_where_that_is_returned_is_not(decide):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plan_of(decide)
        kind = type("Given", (Policy,), {"decide": lambda self, view: decide(view)})
        assert "where" not in repr(sim.check(kind))


@pytest.mark.parametrize(
    "decide",
    [
        lambda view: Plan().where(np.ones(3, dtype=bool), discount=0.1),
        lambda view: Plan().where(np.ones(len(view.customers)), discount=0.1),
        lambda view: Plan().where(np.ones(len(view.customers), dtype=bool), discount=np.zeros(3)),
        lambda view: None,
        lambda view: Plan(price=view.prices),
    ],
    ids=["short mask", "mask of numbers", "short values", "no plan", "no such thing"],
)
def test_a_policy_that_goes_wrong_is_told_so_in_a_sentence_with_the_firm(decide):
    with pytest.raises(UserError, match="policy of North"):
        plan_of(decide)


def test_a_rule_with_an_unknown_column_gets_the_nearest_right_name():
    with pytest.raises((UserError, ValueError), match="spent"):
        plan_of(lambda view: Plan().where("spend > 10", discount=0.1))


def test_rules_of_the_scenario_come_after_the_policy_and_the_last_rule_wins(tmp_path):
    text = (
        'tenfold = 1\ntitle = "Rules"\n[market]\ncustomers = 150\n[firms.North]\npolicy = "partnership"\n'
        '[[firms.North.rules]]\nif = "identified >= 1"\nthen = { level = "basic", discount = 0.1 }\n'
        '[[firms.North.rules]]\nif = "identified >= 3"\nthen = { level = "accountable" }\n[firms.East]\n'
    )
    path = tmp_path / "rules.toml"
    path.write_text(text)
    market = Market(load(path), seed=8, months=5)
    for _ in range(4):
        market.step()
    identified = market.customers.identified[0].copy()
    market.step()
    c = market.customers
    old = (c.supplier == 0) & (c.tenure > 1)
    assert np.array_equal(c.level[old], np.where(identified >= 3, 2, 0)[old]) and np.allclose(
        c.discount[old], 0.1
    )
    assert {0, 2} <= set(c.level[old]) and market.firms[0].rule_fired.tolist()[0] > market.firms[
        0
    ].rule_fired.tolist()[1] > 0


def test_policies_by_name_table_class_and_object_and_nothing_else():
    assert (
        repr(make_policy("accountable")) == repr(make_policy(Accountable)) == repr(make_policy(Accountable()))
    )
    assert make_policy({"name": "spammer", "messages": 3}).messages == 3
    with pytest.raises(ValueError, match='did you mean "spammer"'):
        make_policy("spamer")
    with pytest.raises(ValueError, match='did you mean "messages"'):
        make_policy({"name": "spammer", "message": 3})
    with pytest.raises(TypeError, match="must be a policy"):
        make_policy(3)
