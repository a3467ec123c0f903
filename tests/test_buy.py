"""Choice and purchase, worked again in NumPy from the same draws: who chooses whom, why, and what it costs."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from worlds import CONTRACTS, EVERYTHING

from sim.behaviours.buy import bills_bound, buy
from sim.behaviours.leave import departure_reason
from sim.draws import Draws
from sim.ledger import A, C
from sim.market import Market
from sim.scenario.words import AWARE_BY, PENDING_BY, REASONS, WON_BY

WATCHED = (
    "supplier", "loyalty", "price_sensitivity", "relationship_orientation", "tie", "tenure", "trust", "discount", "pending", "pending_by",
    "need_rate", "basket", "belief", "brand", "heard", "hurt", "annoyed", "bond_peak", "aware", "aware_month", "aware_by", "barred",
    "relevance", "offer", "offer_read", "bought", "left_month", "left_for", "left_because", "won_by", "level", "products", "tier",
    "month_spent_cents", "teller",
)  # fmt: skip
PLAIN = {"market.customers": 3000, "buy.outside": -50.0, "buy.cross_sell": 0.0, "advertise.forgetting": 0.0}
SILENT = {f"firms.{name}.plan.strategy": "silent" for name in ("North", "East", "South", "West")}
NOBODY_THINKS = {"buy.base_chance": 0.0, "buy.rival_message": 0.0, "buy.price_alert": 0.0}


def columns(market):
    c = market.customers
    wide = {n: getattr(c, n) for n in WATCHED}
    return SimpleNamespace(**{n: v.astype(np.float64) if v.dtype.kind == "f" else v.astype(np.int64) for n, v in wide.items()})  # fmt: skip


def watch(change, months, seed=5, since=0, prepare=None):
    """Run a market and keep the columns just before and after `buy`; with `prepare`, of its last month only."""
    kept = []

    def watched(market):
        if prepare:
            prepare(market)
        before, book, counts = columns(market), market.ledger.current.copy(), market.ledger.current_counts.copy()  # fmt: skip
        buy(market)
        if market.month >= since:
            firms = {n: getattr(market.month_of_firms, n).copy() for n in ("price", "trial_discount", "promise", "switching_cost", "brand_bonus", "level")}  # fmt: skip
            spent, counted = market.ledger.current - book, market.ledger.current_counts - counts
            kept.append(SimpleNamespace(month=market.month, seed=seed, bills=bills_bound(market.tables), before=before, after=columns(market), spent=spent, counted=counted, **firms))  # fmt: skip

    market = Market("plain", seed=seed, months=months, change=change, swap={"buy": watched})
    if prepare:
        market.month = months - 1
    market.run_model()
    return kept


def drawn(m, purpose, k=0):
    ids = np.arange(len(m.before.supplier))
    return Draws(m.seed).uniform(purpose, ids, k, month=m.month)


def occasions(m):
    """Poisson by inversion of one uniform (7.4)."""
    b = m.before
    mean = b.need_rate * np.where((b.relevance > 0).any(axis=0), 1.05, 1.0)
    u, n = drawn(m, "occasions"), np.zeros(len(mean), dtype=np.int64)
    term = total = np.exp(-mean)
    for k in range(1, 31):
        n += u > total
        term = term * mean / k
        total = total + term
    return n


def thinking(m):
    """`pending` and `pending_by` after the three draws at the start of `buy` (7.4)."""
    b, s = m.before, m.before.supplier
    firm = np.arange(4)[:, None]
    rival = (((b.relevance > 0) | (b.offer_read != 0)) & (firm != s)).any(axis=0)
    known = (b.aware != 0) & (b.barred == 0) & (firm != s)
    n = known.sum(axis=0)
    others = (known * np.log(m.price)[:, None]).sum(axis=0) / np.maximum(n, 1)
    gap = np.where(n > 0, np.log(m.price)[s] + np.log(1 - b.discount) - others, 0.0)
    cause = np.where(drawn(m, "base_chance") < 0.13 * (1 - b.loyalty), PENDING_BY.index("chance"), 0)
    cause = np.where(rival & (drawn(m, "rival_message") < 0.5), PENDING_BY.index("rival's message"), cause)
    alert = (gap > 0) & (drawn(m, "price_gap") < 1 - np.exp(-0.2 * b.price_sensitivity * np.maximum(gap, 0)))
    cause = np.where(alert, PENDING_BY.index("price gap"), cause)
    cause = np.where(s >= 0, cause, 0)
    return (b.pending != 0) | (cause > 0), np.maximum(b.pending_by, cause)


def parts(m):
    """Every part of the utility of every firm at the first occasion, (4, N), and of the outside option (N,)."""
    b, s = m.before, m.before.supplier
    own = np.arange(4)[:, None] == s
    offer = np.where(b.offer_read != 0, b.offer, 0.0) / m.bills
    discount = np.where(own, np.where(offer > 0, np.maximum(b.discount, offer), b.discount), np.maximum(m.trial_discount[:, None] / m.bills, offer))  # fmt: skip
    bond = 1.5 * b.loyalty * (0.5 + b.relationship_orientation) + 1.2 * b.tie
    noise = np.array([-np.log(-np.log(drawn(m, "choice", f))) for f in range(4)])
    p = SimpleNamespace(own=own, net=np.log(m.price)[:, None] + np.log(1 - discount), noise=noise, bond=bond)
    p.listed = np.broadcast_to(np.log(m.price)[:, None], own.shape)
    p.salience = 0.9 * b.relevance + 0.8 * (b.offer_read != 0)
    p.brand = b.brand + m.brand_bonus[:, None]
    p.promise = np.broadcast_to(m.promise[:, None] / 2, own.shape)
    p.relation = np.where(own, m.switching_cost[:, None] + bond, p.promise)
    p.total = b.belief - b.price_sensitivity * p.net + p.brand + p.relation + p.salience + noise
    p.known = (own | (b.aware != 0)) & (b.barred == 0)
    p.outside = -1.0 - np.log(-np.log(drawn(m, "choice", 31)))
    return p


def chosen(m):
    p = parts(m)
    total = np.where(p.known, p.total, -np.inf)
    return np.where(total.max(axis=0) > p.outside, total.argmax(axis=0), -1)


@pytest.fixture(scope="module")
def free():
    return watch(EVERYTHING, 32, since=10)


@pytest.fixture(scope="module")
def bound():
    return watch(CONTRACTS, 30, since=6)


def test_every_choice_is_the_largest_utility_and_habit_is_loyal_to_the_supplier(free):
    switched = 0
    for m in free:
        n, w, s = occasions(m), chosen(m), m.before.supplier
        choosing = (n > 0) & ((s < 0) | thinking(m)[0])
        expected = np.where(choosing & (w >= 0), w, s)
        sure = (s >= 0) | (w >= 0) | (n < 2)  # who has no supplier and buys nothing chooses again
        assert np.array_equal(m.after.supplier[sure], expected[sure]), f"month {m.month}"
        bought = np.where(choosing & (w < 0), n - 1, n)
        assert np.array_equal(m.after.bought[sure], bought[sure])
        assert not m.after.bought[n == 0].any()
        assert not (m.after.pending != 0)[choosing].any()  # a free choice clears it
        assert not ((m.after.barred != 0) & (m.after.supplier == np.arange(4)[:, None])).any()
        switched += int(((s >= 0) & (expected != s)).sum())
    assert switched > 80 and free[-1].after.barred.any()


def test_the_terms_of_the_true_reason_sum_to_the_difference_in_utility(free):
    seen = set()
    for m in free:
        b, p, i = m.before, parts(m), np.flatnonzero((m.before.supplier >= 0) & (m.after.left_month == m.month) & (m.after.left_for >= 0))  # fmt: skip
        if not len(i):
            continue
        s, w = b.supplier[i], m.after.left_for[i]
        sensitivity, peak = b.price_sensitivity[i], b.bond_peak[i]
        c1 = sensitivity * (p.net[s, i] - p.listed[w, i])
        c2, c5 = b.hurt[i], b.annoyed[i]
        c4 = b.heard[w, i] - b.heard[s, i]
        c3 = b.belief[w, i] - b.belief[s, i] - c2 - c4
        c6 = peak - p.bond[i]
        pull = p.salience[w, i] - p.salience[s, i] + p.brand[w, i] - p.brand[s, i] - c5 + p.promise[w, i]
        c7 = -sensitivity * (p.net[w, i] - p.listed[w, i]) + pull
        terms = np.array([c1, c2, c3, c4, c5, c6, c7])
        gap = p.total[w, i] - p.total[s, i] - (p.noise[w, i] - p.noise[s, i])
        assert np.allclose(terms.sum(axis=0), gap + m.switching_cost[s] + peak, atol=1e-9)
        by = thinking(m)[1][i]
        reasons = [departure_reason.py_func(*t, k, 1.0, 0.1) for t, k in zip(terms.T, by, strict=True)]
        assert m.after.left_because[i].tolist() == reasons
        seen |= set(reasons)
    assert len(seen) >= 6


def test_nobody_leaves_who_does_not_think_again():
    (m,) = watch({"market.customers": 600, **NOBODY_THINKS}, 1)
    served = m.before.supplier >= 0
    assert np.array_equal(m.after.supplier[served], m.before.supplier[served])
    assert np.array_equal(m.after.bought[served], occasions(m)[served])


def test_free_choices_have_the_shares_of_the_logit():
    beliefs, prices = np.array([0.2, 0.6, -0.3, 0.1]), [1.0, 1.1, 0.9, 1.0]
    change = {**SILENT, "market.customers": 12000, "firms.South.plan.promise": 0.4, "firms.West.brand_bonus": 0.3, "firms.East.plan.trial_discount": 0.1}  # fmt: skip
    change |= {f"firms.{name}.plan.price": p for name, p in zip(("North", "East", "South", "West"), prices, strict=True)}  # fmt: skip

    def all_think_again(market):
        c = market.customers
        c.supplier, c.pending, c.aware, c.brand, c.relevance, c.discount = 0, 1, 1, 0.0, 0.0, 0.0
        c.need_rate, c.price_sensitivity, c.loyalty, c.relationship_orientation, c.tie = 2.0, 4.0, 0.2, 0.5, 0.25  # fmt: skip
        c.belief = beliefs[:, None]

    (m,) = watch(change, 1, prepare=all_think_again)
    log_price = np.log(prices) + np.log([1, 0.9, 1, 1])
    value = beliefs - 4.0 * log_price + [1.0 + 1.5 * 0.2 + 1.2 * 0.25, 0.0, 0.2, 0.3]
    odds = np.exp([*value, -1.0])
    n = occasions(m)
    some = n > 0
    outside = some & (m.after.supplier == 0) & (m.after.bought == n - 1)
    got = [int((some & (m.after.supplier == f) & ~outside).sum()) for f in range(4)] + [int(outside.sum())]
    share, total = odds / odds.sum(), some.sum()
    assert (np.abs(np.array(got) - share * total) < 4 * np.sqrt(total * share * (1 - share))).all()


def full_price(m, r):
    """List value of occasion r in money, one product, tier 0 (7.4)."""
    noise = -0.25 * np.log(np.prod([drawn(m, "spend", 4 * r + w) for w in range(4)], axis=0))
    return m.before.basket * noise


def test_the_trial_discount_holds_for_the_first_purchase_only():
    (m,) = watch({**PLAIN, "firms.North.plan.trial_discount": 0.2}, 1)
    n, won = occasions(m), (m.before.supplier != 0) & (m.after.supplier == 0)
    once, twice = won & (n == 1), won & (n == 2)
    assert once.sum() > 50 and twice.sum() > 10
    first = np.round(80 * full_price(m, 0))
    assert np.array_equal(m.after.month_spent_cents[once], first[once])
    assert np.array_equal(m.after.month_spent_cents[twice], (first + np.round(100 * full_price(m, 1)))[twice])
    memo = np.round(20 * full_price(m, 0)[won]).sum()
    assert m.spent[0, A["trial_discounts"]] == memo and not m.spent[1:, A["trial_discounts"]].any()


def test_a_surcharge_is_a_discount_below_zero():
    (m,) = watch({**PLAIN, **NOBODY_THINKS, "firms.North.plan.discount": -0.2}, 1)
    own = (m.before.supplier == 0) & (occasions(m) == 1)
    assert own.sum() > 50
    assert np.array_equal(m.after.month_spent_cents[own], np.round(120 * full_price(m, 0))[own])
    assert m.spent[0, A["discounts"]] == 0  # it is no spend on keeping


def test_a_discount_comes_wholly_out_of_margin():
    books = [watch({**PLAIN, **NOBODY_THINKS, "market.served_at_start": 1.0, "firms.North.plan.discount": d}, 1)[0].spent[0] for d in (0.0, 0.25)]  # fmt: skip
    assert books[0][A["cost_of_goods"]] == books[1][A["cost_of_goods"]] > 0
    assert books[1][A["revenue"]] == pytest.approx(0.75 * books[0][A["revenue"]], rel=1e-5)
    assert books[1][A["cost_of_goods"]] == pytest.approx(0.6 * books[0][A["revenue"]], rel=1e-5)


def test_commissions_and_rewards_follow_what_won_the_customer():
    by = {word: AWARE_BY.index(word) for word in AWARE_BY}

    def prospects(market):
        c, ids = market.customers, np.arange(len(market.customers))
        c.supplier, c.aware, c.relevance, c.offer_read, c.barred = np.where(ids < 50, 0, np.where(ids < 100, 1, -1)), 1, 0.0, 0, 0  # fmt: skip
        c.pending = 0
        c.aware_by = np.array([by["affiliate"], by["referral"], by["advertising"]])[ids % 3]
        c.aware_month = np.where(ids % 2 == 0, 2, 1)  # three months ago counts, four do not
        c.teller, c.teller_firm = ids % 100, 0

    plan = {"firms.North.plan.affiliate_commission": 0.1, "firms.North.plan.referral_reward": 7.0}
    (m,) = watch({**PLAIN, **SILENT, **NOBODY_THINKS, **plan}, 6, prepare=prospects)
    ids = np.arange(3000)
    won = (ids >= 100) & (m.after.supplier == 0)
    known = np.where(ids % 2 == 0, m.before.aware_by[0], WON_BY.index("itself"))
    assert np.array_equal(m.after.won_by[won], known[won])
    paid = np.round(100 * full_price(m, 0))
    affiliate = won & (known == by["affiliate"])
    assert m.spent[0, A["commissions"]] == np.round(0.1 * paid[affiliate]).sum() > 0
    referred = won & (known == by["referral"])
    assert m.counted[0, C["referrals"]] == referred.sum()
    assert m.spent[0, A["referral_rewards"]] == 700 * (referred & (m.before.teller < 50)).sum() > 0
    assert not m.spent[1:, [A["commissions"], A["referral_rewards"]]].any()


def test_a_new_relationship_starts_anew(free):
    for m in free:
        new = (m.after.supplier >= 0) & (m.after.supplier != m.before.supplier)
        for name, value in {
            "loyalty": 0,
            "tie": 0,
            "tenure": 0,
            "discount": 0,
            "hurt": 0,
            "annoyed": 0,
            "bond_peak": 0,
            "pending": 0,
        }.items():
            assert (getattr(m.after, name)[new] == value).all(), name
        assert np.allclose(m.after.trust[new], 0.4)
        assert np.array_equal(m.after.level[new], m.level[m.after.supplier[new]])


def test_a_contract_is_one_payment_a_month_and_free_only_at_its_term(bound):
    ended = switched = 0
    for m in bound:
        b, a = m.before, m.after
        failed = (b.supplier >= 0) & (drawn(m, "payment") < 0.02)
        held = (b.supplier >= 0) & ~failed
        at_term = thinking(m)[0] & (b.tenure > 0) & (b.tenure % 3 == 0)
        w = chosen(m)
        expected = np.where(held & at_term, w, b.supplier)
        assert np.array_equal(a.supplier[held], expected[held]), f"month {m.month}"
        assert np.array_equal(a.bought[held], (expected >= 0)[held])
        assert (a.left_because[failed] == REASONS.index("need ended")).all() and (a.left_month[failed] == m.month).all()  # fmt: skip
        signed = (b.supplier < 0) & (a.supplier >= 0)
        assert (a.bought[signed] == 1).all()
        ended += int((held & (expected < 0)).sum())
        switched += int((held & (expected >= 0) & (expected != b.supplier)).sum())
    assert ended > 5 and switched > 20


def test_a_payment_that_fails_is_not_followed_by_another_in_the_month(bound):
    failed = [(m.before.supplier >= 0) & (drawn(m, "payment") < 0.02) for m in bound]
    assert sum(f.sum() for f in failed) > 20
    bought = sum(int(m.after.bought[f].sum()) for m, f in zip(bound, failed, strict=True))
    assert bought == 0, "with a supplier n = 1, the payment (7.4): who fails to pay has no other occasion this month"  # fmt: skip
