"""Every metric worked again from columns, stored month-ends and the ledger; the published table of the margin multiple."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from worlds import CONTRACTS, EVERYTHING

from sim.ledger import ACTIVITIES, COUNTS, SIGNS, A, C
from sim.ledger import BY_CUSTOMER as BY_ACCOUNT
from sim.market import Market
from sim.metrics import METRICS
from sim.metrics.money import customer_equity

MONTHS = 27
COLUMNS = ("supplier", "generation", "satisfaction", "loyalty", "trust", "aware", "permission")
ON_WINNING = (
    "advertising",
    "messages_to_others",
    "lists",
    "trial_discounts",
    "referral_rewards",
    "commissions",
    "win_back",
    "win_back_discounts",
)
ON_KEEPING = (
    "levels",
    "level_labour",
    "personalization",
    "bonds",
    "messages_to_customers",
    "mail_complaints_of_customers",
    "recovery",
    "discounts",
)
BY_CUSTOMER_COSTS = ("cost_of_goods", "order_handling", "materials", "service_labour", "level_labour", "levels", "bonds", "personalization",
                     "messages_to_customers", "mail_complaints_of_customers", "recovery")  # fmt: skip
MEMOS = ("visit_revenue", "discounts", "trial_discounts", "win_back_discounts")


@pytest.fixture(scope="module", params=[EVERYTHING, CONTRACTS], ids=["everything", "contracts"])
def world(request):
    """A market of 27 months with the columns of every month's end."""
    market = Market(
        "plain",
        seed=6,
        months=MONTHS,
        change={**request.param, "market.customers": 700, "firms.North.crm_system": 50.0},
    )
    ends = []
    for _ in range(MONTHS):
        market.step()
        ends.append({n: getattr(market.customers, n).copy() for n in COLUMNS})
    return market, ends


def same(market, name, month, expected):
    assert np.allclose(market.metrics[name][month], expected, rtol=1e-9, equal_nan=True), (name, month)


def members(end, f):
    """C_f(t): the (slot, generation) whose supplier is f at the end of a month."""
    slots = np.flatnonzero(end["supplier"] == f)
    return set(zip(slots.tolist(), end["generation"][slots].tolist(), strict=True))


def money(market, lines, months):
    return np.array(
        [sum(market.ledger.months[t][f, A[line]] for line in lines for t in months) / 100 for f in range(4)]
    )


def counted(market, name, months):
    return sum(market.ledger.counts[t][:, C[name]] for t in months).astype(float)


def window(t):
    return range(max(0, t - 11), t + 1)


def share(above, below):
    return np.array([a / b if b else np.nan for a, b in zip(above, below, strict=True)])


def test_every_metric_is_documented_with_unit_and_source_and_has_a_value_a_firm_and_month(world):
    market, _ = world
    for name, metric in METRICS.items():
        assert metric.__doc__ and "Unit:" in metric.__doc__ and "Source:" in metric.__doc__, name
        assert len(market.metrics[name]) == MONTHS and all(v.shape == (4,) for v in market.metrics[name]), (
            name
        )


def test_customers_and_churn_are_those_of_the_stored_month_ends(world):
    market, ends = world
    for t in range(MONTHS):
        now = [members(ends[t], f) for f in range(4)]
        heads = np.array([len(x) for x in now])
        same(market, "customers", t, heads)
        same(market, "share_of_customers", t, heads / heads.sum())
        if t == 0:
            same(market, "monthly_churn", t, np.nan)
            continue
        before = [members(ends[t - 1], f) for f in range(4)]
        churn = share([len(b - n) for b, n in zip(before, now, strict=True)], [len(b) for b in before])
        same(market, "monthly_churn", t, churn)
        same(market, "monthly_retention", t, 1 - churn)


def test_annual_retention_is_point_to_point_and_missing_in_the_first_year(world):
    market, ends = world
    for t in range(MONTHS):
        expected = np.full(4, np.nan)
        if t >= 12:
            before, now = ([members(ends[m], f) for f in range(4)] for m in (t - 12, t))
            expected = share([len(b & n) for b, n in zip(before, now, strict=True)], [len(b) for b in before])
        same(market, "annual_retention", t, expected)


def test_voluntary_churn_leaves_out_exits_firings_and_failed_payments(world):
    market, ends = world
    left = {k: np.concatenate([d[k] for d in market.departures]) for k in ("month", "firm", "reason")}
    for t in range(1, MONTHS):
        chosen = (left["month"] == t) & (left["reason"] < 8)
        heads = [len(members(ends[t - 1], f)) for f in range(4)]
        same(market, "voluntary_churn", t, share(np.bincount(left["firm"][chosen], minlength=4), heads))


def test_costs_of_winning_and_keeping_are_sums_of_their_lines(world):
    market, ends = world
    heads = np.array([[len(members(e, f)) for f in range(4)] for e in ends])
    for t in range(MONTHS):
        won, kept = (
            counted(market, "won", window(t)),
            heads[list(window(t))].sum(axis=0) / 12 * market.metrics["annual_retention"][t],
        )
        acquisition = share(money(market, ON_WINNING, window(t)), won)
        retention = share(money(market, ON_KEEPING, window(t)), kept) if t >= 12 else np.full(4, np.nan)
        same(market, "customers_won", t, won)
        same(market, "acquisition_cost", t, acquisition)
        same(market, "retention_cost", t, retention)
        same(market, "cost_ratio", t, acquisition / retention)
    assert np.isfinite(retention).all() and np.isfinite(acquisition).all()


def test_customers_won_minus_lost_is_the_change_of_customers(world):
    market, ends = world
    for t in range(1, MONTHS):
        now, before = ([len(members(ends[m], f)) for f in range(4)] for m in (t, t - 1))
        counts = market.ledger.counts[t]
        assert (np.array(now) - before == counts[:, C["won"]] - counts[:, C["lost"]]).all()


def test_profit_is_revenue_less_every_cost_and_memos_count_once(world):
    market, _ = world
    costs = [a.name for a in ACTIVITIES if a.name != "revenue" and a.name not in MEMOS]
    for t in range(MONTHS):
        same(market, "revenue", t, money(market, ["revenue"], [t]))
        same(market, "profit", t, money(market, ["revenue"], [t]) - money(market, costs, [t]))
    assert market.ledger.months[5][0, A["crm_system"]] == 5000


def test_customer_profit_never_holds_acquisition_or_overhead(world):
    market, ends = world
    heads = np.array([[len(members(e, f)) for f in range(4)] for e in ends])
    for t in range(MONTHS):
        profit = money(market, ["revenue"], window(t)) - money(market, BY_CUSTOMER_COSTS, window(t))
        same(market, "customer_profit", t, profit * 12 / len(window(t)) / heads[list(window(t))].mean(axis=0))


def test_annual_sales_and_rates_of_complaint_and_recovery_are_sums_of_the_window(world):
    market, ends = world
    heads = np.array([[len(members(e, f)) for f in range(4)] for e in ends])
    yearly = []
    for t in range(MONTHS):
        w = window(t)
        yearly.append(money(market, ["revenue"], w) * 12 / len(w) / heads[list(w)].mean(axis=0))
        same(market, "average_annual_sales", t, yearly[t])
        grown = yearly[t] / yearly[t - 12] - 1 if t >= 23 else np.full(4, np.nan)
        same(market, "annual_sales_growth", t, grown)
        n = {
            name: counted(market, name, w) for name in ("voiced", "failures", "resolved", "orders", "visits")
        }
        same(market, "complaint_rate", t, share(n["voiced"], n["failures"]))
        same(market, "complaints_per_encounter", t, share(n["voiced"], n["orders"] + n["visits"]))
        same(market, "recovery_rate", t, share(n["resolved"], n["voiced"]))
        same(market, "recovery_of_failures", t, share(n["resolved"], n["failures"]))
        told, heard = (counted(market, name, [t]) for name in ("told_bad", "reached_bad"))
        same(market, "overlap", t, share(told, heard))
        assert (
            np.isfinite(market.metrics["net_promoter"][t][3])
            and np.isnan(market.metrics["net_promoter"][t][:3]).all()
        )


def test_voice_and_permission_are_means_and_shares_of_the_columns(world):
    market, ends = world
    for t, end in enumerate(ends):
        for name in ("satisfaction", "loyalty", "trust"):
            expected = [end[name][end["supplier"] == f].astype(float).mean() for f in range(4)]
            assert np.allclose(market.metrics[name][t], expected), name
        same(market, "awareness", t, (end["aware"] != 0).mean(axis=1))
        same(market, "permission_base", t, np.isin(end["permission"], [1, 2]).sum(axis=1))
        count = {name: counted(market, name, [t]) for name in COUNTS}
        same(market, "read_rate", t, share(count["read"], count["recipients"]))
        same(market, "opt_out_rate", t, share(count["opted_out"], count["recipients"]))
        same(market, "report_rate", t, share(count["reports"], count["messages"]))
        for name in (
            "failures",
            "voiced",
            "resolved",
            "unhappy",
            "happy",
            "told_bad",
            "told_good",
            "reached_bad",
            "reached_good",
            "referrals",
            "mail_complaints",
            "opted_out",
            "reports",
        ):
            same(market, name, t, count[name])
    for name in ("deliverability", "morale", "skill", "utilization"):
        same(market, name, MONTHS - 1, [getattr(f, name) for f in market.firms])


def test_a_silent_firm_has_no_read_rate_and_a_firm_without_customers_no_churn():
    change = {
        "market.customers": 60,
        "firms.North.plan.strategy": "silent",
        "firms.West.initial_share": 0.0,
        "market.initial_awareness": 0.0,
    }
    change |= {
        "firms.West.plan.advertising": 0.0,
        "firms.West.plan.strategy": "silent",
        "talk.happy_tells": 0,
    }
    market = Market("plain", seed=6, months=14, change=change)
    market.run_model()
    assert np.isnan(market.metrics["read_rate"][3][0])
    for name in (
        "monthly_churn",
        "annual_retention",
        "acquisition_cost",
        "retention_cost",
        "customer_profit",
        "customer_equity",
        "loyalty",
        "average_order_value",
    ):
        assert np.isnan(market.metrics[name][13][3]), name
    for name in ("revenue", "customers", "customers_won"):
        assert market.metrics[name][13][3] == 0.0, name


@pytest.mark.parametrize(
    ("discount", "retention", "multiple"),
    [
        (0.10, 0.60, 1.2),
        (0.10, 0.80, 2.67),
        (0.10, 0.90, 4.5),
        (0.14, 0.60, 1.11),
        (0.14, 0.80, 2.35),
        (0.14, 0.90, 3.75),
    ],
)
def test_customer_equity_is_the_margin_multiple_of_gupta_and_lehmann_2003(discount, retention, multiple):
    books, customers, margin = [], 1000, 240.0
    for _ in range(13):
        book = np.zeros((1, len(ACTIVITIES)), dtype=np.int64)
        book[0, A["revenue"]] = round(customers * margin / 12 * 100)
        books.append(book)
    market = SimpleNamespace(
        firms=[None], heads=[np.array([customers])] * 13, kept_year=np.array([round(retention * customers)]),
        ledger=SimpleNamespace(months=books, signs=SIGNS, by_customer=BY_ACCOUNT), tables=SimpleNamespace(market=SimpleNamespace(discount_rate=discount)),
        census=SimpleNamespace(books=sum(books[1:])),
    )  # fmt: skip
    assert customer_equity(market)[0] / (customers * margin) == pytest.approx(multiple, abs=0.005)


def test_customer_equity_is_missing_in_the_first_year_and_then_the_multiple(world):
    market, _ = world
    for t in range(MONTHS):
        r, metric = market.metrics["annual_retention"][t], market.metrics
        same(
            market,
            "customer_equity",
            t,
            metric["customer_profit"][t] * r / (1.1 - r) * metric["customers"][t],
        )
    assert (
        np.isnan(market.metrics["customer_equity"][11]).all()
        and np.isfinite(market.metrics["customer_equity"][12]).all()
    )


def test_full_retention_is_held_below_one():
    market = SimpleNamespace(
        firms=[None], heads=[np.array([10])] * 13, kept_year=np.array([10]), tables=SimpleNamespace(market=SimpleNamespace(discount_rate=0.0)),
        ledger=SimpleNamespace(months=[np.full((1, len(ACTIVITIES)), 0)] * 13, signs=SIGNS, by_customer=BY_ACCOUNT),
        census=SimpleNamespace(books=np.zeros((1, len(ACTIVITIES)), np.int64)),
    )  # fmt: skip
    assert np.isfinite(customer_equity(market)).all()


def test_the_average_order_leaves_visits_apart():
    alike = {
        "segments.everyone.basket.varies": False,
        "segments.everyone.basket.mean": 50.0,
        "buy.cross_sell": 0.0,
        "market.customers": 3000,
    }
    visits = {"segments.everyone.service_need.mean": 2.0, "segments.everyone.service_basket.mean": 10.0}
    for change in (alike, {**alike, **visits}):
        market = Market("plain", seed=6, months=3, change=change)
        market.run_model()
        got = market.metrics["average_order_value"][-1]
        assert np.allclose(got, 50.0, rtol=0.06), (
            f"revenue / orders, visits apart (metrics.md); got {got.round(1)}"
        )
