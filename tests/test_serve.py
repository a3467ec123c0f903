"""Service worked again, encounter by encounter, in plain Python from the same draws; load, staff and people."""

from __future__ import annotations

import math
from statistics import NormalDist
from types import SimpleNamespace

import numpy as np
import pytest
from worlds import CONTRACTS, EVERYTHING

from sim.behaviours import STAGES
from sim.draws import Draws
from sim.ledger import A, C
from sim.market import Market

HEARD, PREVENTED, LIFT = (0.05, 0.35, 0.65, 0.80, 0.95), (0, 0, 0.10, 0.30, 0.50), (0, 0.05, 0.12, 0.20, 0.35)
LEVEL_TIME = (0.0, 0.0001, 0.0006, 0.0028, 0.016)
UNHAPPY, FAILURE = 4, 5
STATE = ("satisfaction", "loyalty", "trust", "pending", "pending_by", "hurt")
ROUGH = {
    "market.customers": 500, "market.served_at_start": 1.0, "segments.everyone.need_rate.mean": 1.5,
    "firms.North.reliability": 0.3, "firms.North.plan.level": "reactive", "firms.North.plan.recovery": "refund",
    "firms.East.reliability": 0.6, "firms.East.plan.level": "partnership", "firms.East.plan.recovery": "compensation",
    "firms.South.reliability": 0.5, "firms.South.plan.level": "accountable", "firms.South.plan.self_service": 0.5,
    "firms.West.reliability": 0.7, "firms.West.plan.level": "basic", "firms.West.plan.recovery": "none",
    "firms.East.plan.promise": 0.4, "firms.South.plan.staff": 0.2, "firms.North.quality": 0.4, "firms.North.plan.reply_days": 1.0,
}  # fmt: skip


def run_stages(market, *names):
    for stage in STAGES:
        if stage.name in names:
            market._stage = stage.name
            market.swaps.run(stage, market)


def until_buy(change, seed=3, months_before=0):
    """A market in the middle of a month: `buy` is done, `serve` comes next."""
    market = Market("plain", seed=seed, change=change)
    for _ in range(months_before):
        market.step()
    market.draws.begin(market.month)
    market.customers.clear_scratch()
    run_stages(market, "decide", "advertise", "contact", "buy")
    return market


def memory(c, f, i):
    """What a customer brings to service, as plain numbers."""
    row = {name: float(getattr(c, name)[i]) for name in STATE}
    row |= {name: float(getattr(c, name)[f, i]) for name in ("belief", "heard", "complaints")}
    return SimpleNamespace(**row, mood=0, failed=False, cost=0.0, failures=0, voiced=0, resolved=0, quick=0)


def clipped(x, low=0.0, high=1.0):
    return min(max(x, low), high)


def serve_one(m, u, firm, level, orientation, norm, spend):
    """One encounter in the words of model.md 7.5; ``u`` its eight uniforms by purpose, ``m`` the memory it moves."""
    o, plan = firm.overload, firm.plan
    failed = u["fails"] < (1 - firm.reliability) * (1 - PREVENTED[level]) * (1 + 4 * o)
    z = -1.2 * math.log(u["severity"]) if failed else 0.0
    personal = 0.4 * (firm.skill * firm.morale - 0.25) * (1 - plan.self_service)
    x = firm.quality + personal + LIFT[level] * (0.5 + orientation) - 0.6 * o + 0.30 * NormalDist().inv_cdf(u["experience"]) - z  # fmt: skip
    d = x - (0.5 * m.belief + 0.5 * (norm + plan.promise))
    v = d if d >= 0 else 2.2 * d
    m.satisfaction = clipped(0.7 * m.satisfaction + 0.3 * math.tanh(v), -1.0)
    mood = -1 if v < -1.2 else (1 if v > 0.5 else 0)
    kept, chance = 1.0, 0.6
    if failed:
        m.failed, m.failures = True, m.failures + 1
        odds = HEARD[level] / (1 - HEARD[level]) * z / 1.2
        if u["voices"] >= odds / (1 + odds):
            m.trust *= 0.85
        else:
            m.voiced, m.complaints, m.cost = m.voiced + 1, m.complaints + 1, m.cost + round(100 / plan.reply_days) / 100  # fmt: skip
            base = {"none": 0.25, "apology": 0.45, "refund": 0.7, "compensation": 0.85}[plan.recovery]
            if u["recovered"] >= base * (0.6 + 0.4 * firm.skill):
                m.trust *= 0.90
                chance = 0.3
            else:
                m.resolved += 1
                quick = u["quickly"] < math.exp(-plan.reply_days * (1 + 4 * o) / 7)
                m.quick += quick
                kept = 0.5 if quick else 0.75
                m.satisfaction = clipped(m.satisfaction + (0.35 if quick else 0.20), -1.0)
                m.loyalty = clipped(m.loyalty + (0.08 if quick else 0.04))
                m.cost += round(100 * {"none": 0, "apology": 2, "refund": 0.3 * spend, "compensation": 0.6 * spend}[plan.recovery]) / 100  # fmt: skip
                mood = 1 if u["recovered_happy"] < 0.3 else 0
    a = 0.20 * kept
    m.belief += a * (x - m.belief)
    m.heard *= 1 - a
    m.hurt = (1 - a) * m.hurt + a * z
    if mood < 0:
        m.mood = -1
        if u["thinks"] < chance:
            m.pending, m.pending_by = 1, max(m.pending_by, FAILURE if failed else UNHAPPY)
    elif mood > 0:
        m.mood = m.mood or 1
        if u["thinks"] < 0.6:
            m.pending, m.pending_by = 0, 0


def firms_now(market):
    a = market.month_of_firms
    names = ("skill", "morale", "quality", "reliability", "overload")
    return [SimpleNamespace(plan=f.plan, **{n: float(getattr(a, n)[f.place]) for n in names}) for f in market.firms]  # fmt: skip


@pytest.mark.parametrize(("change", "before"), [(ROUGH, 0), (ROUGH, 5), (EVERYTHING, 9), (CONTRACTS, 7)], ids=["rough", "later", "everything", "contracts"])  # fmt: skip
def test_every_encounter_is_served_as_the_model_says(change, before):
    market = until_buy(change, months_before=before)
    c, n, norm = market.customers, len(market.customers), market.norm
    rows = [memory(c, c.supplier[i], i) for i in range(n)]
    mail_mood, mail_firm = c.mood.copy(), c.mood_firm.copy()
    beliefs, counts, recovery = c.belief.copy(), market.ledger.current_counts.copy(), market.ledger.current[:, A["recovery"]].copy()  # fmt: skip
    run_stages(market, "serve")
    firms, encounters = firms_now(market), c.bought.astype(int) + c.visited
    purposes = ("fails", "experience", "severity", "voices", "recovered", "quickly", "thinks", "recovered_happy")  # fmt: skip
    draws = {
        p: [Draws(3).uniform(p, np.arange(n), e, month=before) for e in range(max(1, encounters.max()))]
        for p in purposes
    }
    for i in range(n):
        f = c.supplier[i]
        for e in range(encounters[i]):
            u = {p: draws[p][e][i] for p in purposes}
            serve_one(rows[i], u, firms[f], c.level[i], float(c.relationship_orientation[i]), norm, c.month_spent_cents[i] / 100 / encounters[i])  # fmt: skip
    for name in STATE:
        assert np.allclose(getattr(c, name), [getattr(m, name) for m in rows], atol=2e-6), name
    own = np.flatnonzero(c.supplier >= 0)
    for name in ("belief", "heard", "complaints"):
        assert np.allclose(
            getattr(c, name)[c.supplier[own], own], [getattr(rows[i], name) for i in own], atol=2e-6
        ), name
    assert np.array_equal(c.failed != 0, [m.failed for m in rows])
    others = np.arange(4)[:, None] != c.supplier
    assert np.array_equal(c.belief[others], beliefs[others])
    free = c.fired_by < 0
    moods = np.array(
        [-1 if m.mood < 0 else (mail or m.mood) for m, mail in zip(rows, mail_mood, strict=True)]
    )
    assert np.array_equal(c.mood[free], moods[free])
    kept = free & (moods != 0)
    about = np.where((np.array([m.mood for m in rows]) >= 0) & (mail_mood != 0), mail_firm, c.supplier)
    assert np.array_equal(c.mood_firm[kept], about[kept])
    for name, place in {
        "failures": "failures",
        "voiced": "voiced",
        "resolved": "resolved",
        "quick": "resolved_quickly",
    }.items():
        total = np.bincount(c.supplier[own], [getattr(rows[i], name) for i in own], minlength=4)
        assert np.array_equal(market.ledger.current_counts[:, C[place]] - counts[:, C[place]], total), name
    cost = np.bincount(c.supplier[own], [round(100 * rows[i].cost) for i in own], minlength=4)
    assert (
        np.abs(market.ledger.current[:, A["recovery"]] - recovery - cost).max() <= 2
    )  # a half cent may fall either way
    assert sum(m.failures for m in rows) > 5


def failure_share(change):
    market = until_buy(
        {"market.customers": 20000, "market.served_at_start": 1.0, "market.initial_awareness": 0.0, **change}
    )
    encounters = np.bincount(market.customers.supplier, market.customers.bought, minlength=4)
    run_stages(market, "serve")
    return market, market.ledger.current_counts[:, C["failures"]], encounters


@pytest.mark.parametrize(("level", "prevented"), [("basic", 0.0), ("proactive", 0.3), ("partnership", 0.5)])
def test_failures_are_unreliability_less_what_is_prevented(level, prevented):
    change = {"firms.North.plan.level": level, "firms.North.plan.staff": 1000.0, "firms.North.reliability": 0.8}  # fmt: skip
    market, failures, n = failure_share(change)
    p = 0.2 * (1 - prevented)
    assert market.month_of_firms.overload[0] == 0.0
    assert abs(failures[0] - n[0] * p) < 4 * math.sqrt(n[0] * p * (1 - p))


def test_overload_raises_failures_fourfold_by_its_share():
    market, failures, n = failure_share({"firms.North.plan.staff": 5.0, "firms.North.reliability": 0.95})
    o = market.firms[0].load / 5.0 - 1  # at skill 0.5 an agent carries 1
    p = 0.05 * (1 + 4 * o)
    assert o > 0.05 and market.month_of_firms.overload[0] == pytest.approx(o)
    assert abs(failures[0] - n[0] * p) < 4 * math.sqrt(n[0] * p * (1 - p))


def test_load_is_the_sum_of_encounters_and_levels_and_its_cost_is_booked():
    market = until_buy({**EVERYTHING, "market.customers": 800}, months_before=3)
    c = market.customers
    run_stages(market, "serve")
    encounters = (c.bought.astype(float) + c.visited) * c.service_intensity.astype(float)
    for f, self_service in enumerate((0.0, 0.0, 0.0, 0.5)):
        own = c.supplier == f
        served, levels = encounters[own] * (1 - 0.4 * self_service), np.array(LEVEL_TIME)[c.level[own]]
        firm, book = market.firms[f], market.ledger.current[f]
        assert firm.load == pytest.approx(served.sum() * 0.002 + levels.sum())
        rate = 3000 / market.month_of_firms.capacity[f]
        assert abs(book[A["materials"]] - 100 * served.sum()) <= len(served)
        assert abs(book[A["service_labour"]] - 100 * rate * 0.002 * served.sum()) <= len(served)
        assert abs(book[A["level_labour"]] - 100 * rate * levels.sum()) <= len(served)


def recovered(change):
    """Customers with one encounter, a failure voiced and recovered: satisfaction, loyalty and belief gained."""
    sure = {"serve.recoveries.apology.chance": 1.0, "firms.North.reliability": 0.0, "firms.North.skill": 1.0, "firms.North.plan.level": "partnership"}  # fmt: skip
    market = until_buy({"market.customers": 6000, "market.served_at_start": 1.0, **sure, **change})
    c = market.customers
    before = {n: getattr(c, n).astype(float) for n in ("loyalty", "belief", "trust")}
    heard = c.complaints[0].copy()
    run_stages(market, "serve")
    i = np.flatnonzero(
        (c.supplier == 0) & (c.bought == 1) & (c.complaints[0] > heard) & (before["loyalty"] < 0.9)
    )
    assert len(i) > 100
    return c, i, before


@pytest.mark.parametrize(("days", "satisfaction", "loyalty", "kept"), [(1000.0, 0.35, 0.08, 0.5), (0.01, 0.20, 0.04, 0.75)], ids=["quick", "slow"])  # fmt: skip
def test_a_forced_recovery_gives_its_gains(days, satisfaction, loyalty, kept):
    c, i, before = recovered(
        {"serve.quick_days": days, "firms.North.plan.reply_days": 0.1, "firms.North.plan.staff": 1000.0}
    )
    if satisfaction == 0.35:
        i = i[c.satisfaction[i] != 0]
    assert np.allclose(c.loyalty[i] - before["loyalty"][i], loyalty, atol=1e-6)
    assert (c.satisfaction[i] >= satisfaction - 0.3 - 1e-6).all()  # 0.3 tanh v is -0.3 at worst
    assert np.allclose(c.trust[i], before["trust"][i])
    silent, j, start = recovered({"serve.quick_days": days, "firms.North.plan.reply_days": 0.1, "firms.North.plan.staff": 1000.0,
                                  "serve.quick_kept": 0.999999, "serve.slow_kept": 0.999998})  # fmt: skip
    moved, whole = c.belief[0, i] - before["belief"][0, i], silent.belief[0, j] - start["belief"][0, j]
    assert np.array_equal(i, j) and np.allclose(moved, kept * whole, atol=1e-5)


def test_a_slow_recovery_is_a_recovery_whatever_share_of_the_belief_it_keeps():
    c, i, before = recovered(
        {"serve.quick_days": 0.01, "serve.slow_kept": 1.0, "firms.North.plan.staff": 1000.0}
    )
    gained = c.loyalty[i] - before["loyalty"][i]
    assert np.allclose(gained, 0.04, atol=1e-6), (
        "serve.slow_kept = 1 turns recovered failures into unresolved ones"
    )


def test_a_slow_recovery_stays_slow_where_both_keep_the_same_share():
    c, i, before = recovered(
        {"serve.quick_days": 0.01, "serve.slow_kept": 0.5, "firms.North.plan.staff": 1000.0}
    )
    gained = c.loyalty[i] - before["loyalty"][i]
    assert np.allclose(gained, 0.04, atol=1e-6), (
        "quick and slow are told apart by their share, not by what happened"
    )


def test_satisfaction_and_shares_stay_in_their_ranges_in_a_brutal_world():
    market = Market("plain", seed=3, change={**ROUGH, "serve.quick_satisfaction": 2.0, "serve.severity": 10.0, "firms.South.plan.staff": 0.01})  # fmt: skip
    for _ in range(15):
        market.step()
        c = market.customers
        assert np.abs(c.satisfaction).max() <= 1
        for name in ("loyalty", "trust", "tie"):
            assert getattr(c, name).min() >= 0 and getattr(c, name).max() <= 1, name


def test_norm_staff_morale_and_skill_follow_their_recursions():
    market = Market("plain", seed=3, change={**EVERYTHING, "firms.East.plan.training": 600.0})
    for month in range(8):
        before = [(f.skill, f.morale, f.staff) for f in market.firms]
        market.step()
        for firm, (skill, morale, staff) in zip(market.firms, before, strict=True):
            e, capacity = 1 - math.exp(-firm.plan.training / 200), 0.7 + 0.6 * skill
            staff = firm.load / (0.9 * capacity) if staff is None else staff
            o = max(0.0, firm.load / (staff * capacity) - 1)
            assert firm.skill == pytest.approx(skill + 0.05 * e * (1 - skill) - 0.02 * skill)
            assert firm.morale == pytest.approx(clipped(morale + 0.1 * (0.6 + 0.4 * e - o - morale)))
            after = staff + 0.3 * (firm.load / (0.9 * (0.7 + 0.6 * firm.skill)) - staff) if firm.plan.staff == "auto" else 0.3  # fmt: skip
            assert firm.staff == pytest.approx(after)
            assert firm.utilization == pytest.approx(firm.load / (staff * capacity))
            book = market.ledger.months[month][firm.place]
            labour = book[[A["service_labour"], A["level_labour"], A["idle_labour"]]].sum()
            assert (
                abs(labour - 300_000 * staff) <= 1
                and abs(book[A["training"]] - 100 * firm.plan.training * staff) <= 1
            )


def test_the_norm_is_a_tenth_of_the_months_mean_experience():
    market = Market("plain", seed=3, change={"market.customers": 3000, "firms.North.quality": 1.0, "serve.noise": 0.0, "firms.North.reliability": 1.0,
                                             "firms.North.initial_share": 1.0, "market.initial_awareness": 0.0, "firms.North.plan.level": "basic",
                                             **{f"firms.{f}.plan.advertising": 0.0 for f in ("North", "East", "South", "West")}})  # fmt: skip
    market.step()
    assert market.norm == pytest.approx(0.1 * (1.0 + 0.4 * (0.3 - 0.25)))
