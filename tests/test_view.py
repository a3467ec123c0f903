"""What a firm may see: its records as they are, worked again by hand, and nothing of anybody's mind."""

from __future__ import annotations

import numpy as np
import pytest
from worlds import CONTRACTS, EVERYTHING

from sim.columns import COLUMNS
from sim.market import Market
from sim.policies import Plan, Policy, View
from sim.policies.view import Database

HIDDEN_COUNTS = {"failures", "unhappy", "happy", "tellers_bad", "tellers_good", "told_bad", "told_good", "reached_bad", "reached_good",
                 "lost", "lost_voluntarily"}  # fmt: skip
ON_RECORD = {
    "complaints",
    "reads",
    "permission",
    "identified",
    "spent",
    "products",
    "tier",
    "tenure",
    "recent_spend",
}


@pytest.fixture(scope="module")
def market():
    market = Market("plain", seed=5, months=20, change={**EVERYTHING, "market.customers": 800})
    market.run_model()
    return market


def row_by_hand(market, f, i, usual):
    """One customer's row of firm f's database from the pair columns, in the words of model.md 7.1."""
    c, t = market.customers, market.month
    identified, spent = int(c.identified[f, i]), float(c.spent[f, i])
    on_record = max(1, t - int(c.first_on_record[f, i]))
    spend, profit = float(c.recent_spend[f, i]), float(c.recent_profit[f, i])
    since = t - int(c.last_purchase[f, i])
    g = max(1.0, on_record / identified if identified > 1 else usual)
    status = "lost" if since > max(6, 8 * g) else "lapsed" if since > max(3, 4 * g) else "active"
    return {
        "months_since_purchase": since, "frequency": 12 * identified / on_record, "monetary": spent / identified, "spent": spent,
        "tenure": on_record, "profit": profit, "margin": profit / spend if spend > 0 else 0.0,
        "cost_to_serve": market.firms[f].table.unit_margin * spend - profit, "complaints": int(c.complaints[f, i]),
        "reads": int(c.reads[f, i]), "identified": identified, "status": status,
        "permission": ("none", "opted_in", "confirmed", "opted_out")[c.permission[f, i]],
    }  # fmt: skip


@pytest.mark.parametrize("f", [1, 2, 3])
def test_every_row_of_the_database_is_that_of_the_record(market, f):
    database, c = View(market, market.firms[f]).customers, market.customers
    assert np.array_equal(database.ids, np.flatnonzero(c.identified[f] > 0))
    repeat = database.ids[c.identified[f, database.ids] > 1]
    usual = float(
        np.mean(
            np.maximum(1, market.month - c.first_on_record[f, repeat].astype(int)) / c.identified[f, repeat]
        )
    )
    table = database.frame()
    statuses = set()
    for place, i in enumerate(database.ids):
        for name, value in row_by_hand(market, f, i, usual).items():
            got = table[name][place]
            assert got == value if isinstance(value, str) else got == pytest.approx(value, rel=1e-6), (
                name,
                i,
            )
        statuses.add(table["status"][place])
    assert statuses == {"active", "lapsed", "lost"}


def test_value_rank_one_is_the_most_valuable_and_ties_go_by_number(market):
    database = View(market, market.firms[1]).customers
    best = database.value_rank.argmax()
    assert database.value_rank[best] == 1.0 and database.recent_spend[best] == database.recent_spend.max()
    order = np.lexsort((database.ids, database.recent_spend))
    assert (np.diff(database.value_rank[order]) > 0).all() and database.value_rank.min() > 0


def test_recent_amounts_fade_by_a_twelfth_and_sum_what_was_paid():
    market = Market("plain", seed=5, months=6, change={"market.customers": 200})
    recent = np.zeros(200)
    for _ in range(6):
        before = market.customers.spent.astype(float).sum(axis=0)
        market.step()
        same = market.customers.generation == 0
        recent = recent * 11 / 12 + market.customers.spent.astype(float).sum(axis=0) - before
    assert np.allclose(market.customers.recent_spend.sum(axis=0)[same], recent[same], atol=0.01)


def test_lifetime_value_uses_07_in_the_first_year_then_the_share_still_active():
    seen = []

    class Watches(Policy):
        """Looks at its database every month."""

        def decide(self, view):
            d = view.customers
            seen.append(
                (
                    d.ids[d.status == "active"],
                    d.ids[d.tenure >= 12],
                    d.retention,
                    d.clv.copy(),
                    d.profit.copy(),
                )
            )
            return Plan()

    Market(
        "plain", seed=5, months=20, change={"market.customers": 500}, policies={"North": Watches()}
    ).run_model()
    for month, (active, known, retention, clv, profit) in enumerate(seen):
        expected = (
            0.7
            if month < 12
            else len(np.intersect1d(np.intersect1d(seen[month - 12][0], active), known))
            / len(seen[month - 12][0])
        )
        assert retention == pytest.approx(expected), month
        assert np.allclose(clv, profit * expected / (1.1 - expected))
    assert 0.3 < seen[-1][2] < 0.95


def test_a_firm_that_began_to_look_a_year_ago_knows_its_retention_however_seldom_it_looks():
    found = {}

    def looks(name, first, every=1):
        class Looks(Policy):
            """Asks for the forecast value from a month on."""

            def decide(self, view):
                if view.month >= first and (view.month - first) % every == 0:
                    found[name, view.month] = view.customers.retention
                return Plan()

        Market(
            "plain", seed=5, months=17, change={"market.customers": 400}, policies={"North": Looks()}
        ).run_model()

    looks("always", 0)
    looks("late", 3)
    looks("seldom", 0, every=8)
    assert found["late", 14] == 0.7
    assert found["late", 16] == found["always", 16]
    assert found["seldom", 16] == found["always", 16]


def test_prospects_are_who_is_mailed_and_never_bought():
    class Spams(Policy):
        """Interruption, by policy."""

        def decide(self, view):
            return Plan(strategy="interruption")

    by_plan = Market(
        "plain",
        seed=5,
        months=3,
        change={"market.customers": 400, "firms.North.plan.strategy": "interruption"},
    )
    by_policy = Market(
        "plain", seed=5, months=3, change={"market.customers": 400}, policies={"North": Spams()}
    )
    rows = []
    for world in (by_plan, by_policy):
        world.run_model()
        database = View(world, world.firms[0]).customers
        prospects = database.ids[database.status == "prospect"]
        assert not world.customers.identified[0, prospects].any()
        rows.append(len(prospects))
    assert rows[0] > 100
    assert rows[0] == rows[1], "the database reads the firm's table, not the strategy that the policy chose"


def test_contracts_end_in_the_database_at_once():
    market = Market("plain", seed=5, months=15, change=CONTRACTS)
    market.run_model()
    database = View(market, market.firms[1]).customers
    own = market.customers.supplier[database.ids] == 1
    assert own.any() and not own.all()
    assert np.array_equal(database.status == "active", own) and np.array_equal(
        database.status == "lost", ~own
    )


def public(thing):
    return [name for name in dir(thing) if not name.startswith("_")]


def test_a_view_shows_no_state_of_mind(market):
    view = View(market, market.firms[3])
    hidden = {c.name for c in COLUMNS if c.kind in ("trait", "customer", "pair", "history")} - ON_RECORD
    for thing in (view, view.customers):
        assert not hidden & set(public(thing)), sorted(hidden & set(public(thing)))
    assert not HIDDEN_COUNTS & set(view.counts)
    assert set(Database.COLUMNS) <= set(public(view.customers)) and not hidden & set(Database.COLUMNS)
    plain = (int, float, str, dict, list, np.ndarray, type(None), np.generic)
    for name in public(view):
        value = getattr(view, name)
        assert isinstance(value, plain) or callable(value) or name in ("customers", "plan"), name
    with pytest.raises(AttributeError, match="columns are"):
        view.customers.satisfaction
    with pytest.raises(AttributeError, match='did you mean "frequency"'):
        view.customers.frequencies


def test_everything_that_the_view_promises_is_there(market):
    view = View(market, market.firms[3])
    promised = ("firm", "month", "customers", "ledger", "counts", "history", "public", "skill", "morale", "staff", "utilization",
                "deliverability", "plan", "survey")  # fmt: skip
    missing = [name for name in promised if not hasattr(view, name)]
    assert not missing, f"in the docstring of View and not in the object: {missing}"


def test_without_contracts_the_database_does_not_tell_who_the_supplier_is(market):
    view = View(market, market.firms[1])
    own = market.customers.supplier[view.customers.ids] == 1
    for name in Database.COLUMNS:
        values = np.asarray(view.customers[name], dtype=float)
        told = [
            np.array_equal(own, values >= edge) or np.array_equal(own, values < edge)
            for edge in np.unique(values)[:50]
        ]
        assert not any(told), (
            f"{name} gives away who is a customer now; what people spend elsewhere the firm cannot see (7.1)"
        )


def test_public_is_last_months_price_and_mean_discount_of_every_firm(market):
    view, c = View(market, market.firms[3]), market.customers
    assert set(view.public) == {"North", "East", "South", "West"} and set(view.rivals()) == {
        "North",
        "East",
        "South",
    }
    assert view.public["North"]["price"] == 0.95 and view.public["North"]["trial_discount"] == 0.15
    assert view.public["West"]["mean_discount"] == pytest.approx(float(c.discount[c.supplier == 3].mean()))
    view.public["North"]["price"] = 5.0
    assert View(market, market.firms[3]).public["North"]["price"] == 0.95


def test_the_ledger_shown_is_the_firms_own_in_money(market):
    for f in (0, 3):
        view = View(market, market.firms[f])
        assert len(view.history) == 20 and view.ledger == view.history[-1]
        assert list(view.ledger.values()) == [x / 100 for x in market.ledger.months[-1][f]]


def test_segments_are_guessed_by_the_nearest_mean():
    market = Market("web_shop", seed=5, months=12, change={"market.customers": 400})
    market.run_model()
    database, segments = View(market, market.firms[0]).customers, market.tables.segments
    bought = database.monetary > 0
    means = np.log([[12 * s.need_rate.mean, s.basket.mean] for s in segments.values()])
    seen = np.log(np.stack([database.frequency, np.maximum(database.monetary, 1e-6)], axis=1))
    nearest = ((seen[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    assert bought.sum() > 10 and len(segments) > 1
    assert np.array_equal(database["segment_guess"][bought], nearest[bought])


def test_an_exit_survey_is_true_with_chance_07_else_one_of_the_other_reasons_of_leaving():
    change = {
        "market.customers": 3000,
        **{f"firms.{f}.plan.exit_survey": 1.0 for f in ("North", "East", "South", "West")},
    }
    market = Market("plain", seed=5, months=14, change={**change, "firms.North.policy": "fires_unprofitable"})
    market.run_model()
    true, said = (np.concatenate([d[k] for d in market.departures]) for k in ("reason", "reported"))
    assert len(true) > 500 and abs((true == said).mean() - 0.7) < 4 * np.sqrt(0.21 / len(true))
    assert not ((said == 9) & (true != 9)).any(), (
        "the other reasons are 0 to 8 (7.8): nobody says fired who was not"
    )
