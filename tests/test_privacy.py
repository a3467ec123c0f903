"""Privacy: exposure harms, openness and choice soften it, and a breach hits hardest where people had no choice."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from worlds import FIRMS

from sim.ledger import C
from sim.market import Market
from sim.mechanisms.privacy import (
    STATEMENTS,
    breach_harm,
    chance_of_yes,
    exposure,
    fuller_profile,
    transparency,
)
from sim.metrics import METRICS
from sim.scenario import load

NORTH = "mechanisms.privacy.firms.North."
TOLD = dict.fromkeys(STATEMENTS, True)


@cache
def _run(months, seed, given, customers=1500):
    change = {
        "market.customers": customers,
        "mechanisms.privacy.audit_chance": 0.0,
        **{NORTH + k: v for k, v in given},
    }
    market = Market("plain", seed=seed, months=months, change=change)
    market.run_model()
    return market


def run(months=24, seed=3, **given):
    return _run(months, seed, tuple(sorted(given.items())))


def trust(market, place=0):
    return market.metrics["trust"][-1][place]


def test_openness_and_choice_each_soften_exposure_by_half():
    assert (
        exposure(1.0, 0.0, 0.0) == 1.0 and exposure(1.0, 1.0, 0.0) == 0.5 and exposure(1.0, 1.0, 1.0) == 0.25
    )
    assert transparency(7, 1.0) == 1.0 and transparency(7, 0.0) == 0.5 and transparency(0, 1.0) == 0.0


def test_a_yes_is_less_likely_by_the_law():
    contact, p = load("plain").contact, load("plain").mechanisms.privacy
    plain, exposed = (chance_of_yes(0.5, 0.0, 0.5, v, contact, p) for v in (0.0, 1.0))
    logit = np.log(exposed / (1 - exposed)) - np.log(plain / (1 - plain))
    assert logit == pytest.approx(-2.0 * 0.5)


def test_the_core_has_the_same_chance_without_exposure():
    from sim.behaviours.buy import chance_yes
    from sim.behaviours.contact import ContactParameters
    from sim.behaviours.frame import parameters

    table = load("plain").contact
    compiled = chance_yes(0.4, 0.3, 0.6, parameters(ContactParameters, table))
    assert chance_of_yes(0.4, 0.3, 0.6, 0.0, table, load("plain").mechanisms.privacy) == pytest.approx(
        compiled, rel=1e-12
    )


def test_fewer_say_yes_under_exposure_in_the_proportion_of_the_law():
    plain, exposed = run(6), run(6, access=1.0)
    asked, said = (sum(b[0, C[name]] for b in plain.ledger.counts) for name in ("asked", "said_yes"))
    asked_1, said_1 = (sum(b[0, C[name]] for b in exposed.ledger.counts) for name in ("asked", "said_yes"))
    assert said_1 / asked_1 < 0.75 * said / asked
    assert trust(exposed) < trust(plain)


def test_openness_and_choice_suppress_the_harm_of_data_access():
    harm = {}
    for told, control in ((False, 0.0), (True, 0.0), (False, 1.0), (True, 1.0)):
        market = run(24, access=1.0, control=control, **(TOLD if told else {}))
        harm[told, control] = trust(run(24)) - trust(market)
    assert harm[False, 0.0] > 1.3 * harm[True, 0.0] > 1.3 * harm[True, 1.0] > 0
    assert harm[False, 0.0] > 1.3 * harm[False, 1.0]


def test_a_breach_hurts_more_where_people_had_no_choice():
    loss = {}
    for control in (0.0, 1.0):
        quiet = run(14, access=1.0, control=control)
        leaky = run(14, access=1.0, control=control, breach_month=12)
        loss[control] = trust(quiet) - trust(leaky)
    assert loss[0.0] > 1.3 * loss[1.0] > 0


def test_data_leaks_by_access_and_by_what_security_leaves_of_it():
    def breaches(access, security):
        decided = {f"mechanisms.privacy.firms.{name}.{what}": value for name in FIRMS
                   for what, value in (("access", access), ("security", security))}  # fmt: skip
        change = {"market.customers": 100, "mechanisms.privacy.breach_chance": 1.0, **decided}
        market = Market("plain", seed=4, months=24, change=change)
        market.run_model()
        return market.mechanisms["privacy"].state["breaches"]

    assert (breaches(1.0, 0.0) == 24).all()
    assert (breaches(1.0, 1.0) == 0).all() and (breaches(0.0, 0.0) == 0).all()
    assert abs(breaches(0.6, 0.5).sum() - 0.3 * 96) < 3.0 * (0.21 * 96) ** 0.5


def test_a_breach_is_paid_talked_about_and_stains_rivals_that_take_data():
    given = {
        "mechanisms.privacy.firms.East.access": 1.0,
        "mechanisms.privacy.on": True,
        "market.customers": 1500,
    }
    markets = []
    for month in (0, 8):
        market = Market(
            "plain", seed=4, months=9, change={**given, NORTH + "access": 1.0, NORTH + "breach_month": month}
        )
        market.run_model()
        markets.append(market)
    quiet, leaky = markets
    place = leaky.ledger.places["breach_costs"]
    assert [bool(book[0, place]) for book in leaky.ledger.months] == [k == 7 for k in range(9)]
    assert trust(leaky, 1) < trust(quiet, 1) and trust(leaky, 2) == pytest.approx(trust(quiet, 2), rel=0.02)
    assert leaky.ledger.counts[7][0, C["tellers_bad"]] > 3 * quiet.ledger.counts[7][0, C["tellers_bad"]]
    assert leaky.metrics["ethics_points"][-1][0] > quiet.metrics["ethics_points"][-1][0]


def test_whom_a_breach_makes_unhappy_is_counted_once():
    quiet, leaky = (run(10, access=1.0, breach_month=month) for month in (0, 10))
    c, before = leaky.customers, quiet.customers
    now, then = (market.ledger.counts[-1][0] for market in (leaky, quiet))
    bad, was_bad, was_glad = (
        (people.supplier == 0) & (people.mood_firm == 0) & (people.mood == mood)
        for people, mood in ((c, -1), (before, -1), (before, 1))
    )
    assert now[C["unhappy"]] - then[C["unhappy"]] == (bad & ~was_bad).sum() > 50
    assert then[C["happy"]] - now[C["happy"]] == (bad & was_glad).sum() > 0


def test_where_a_breach_makes_more_unhappy_than_bought_the_metric_says_whom_it_counts():
    """Customers, beside the encounters of the month."""
    told = {NORTH + "access": 1.0, NORTH + "breach_month": 2, "mechanisms.privacy.breach_tells": 1.0}
    rarely = {"market.customers": 1500, "segments.everyone.need_rate.mean": 0.3}
    market = Market("plain", seed=3, months=2, change={**rarely, **told})
    market.run_model()
    counts = market.ledger.counts[-1][0]
    assert counts[C["unhappy"]] > counts[C["orders"]] + counts[C["visits"]]
    unit = "Unit: times a month"
    for name, said in (("unhappy", "and customers whom a mechanism"), ("happy", "less the customers")):
        assert market.metrics[name][-1][0] == counts[C[name]]
        assert said in METRICS[name].__doc__ and unit in METRICS[name].__doc__


def test_data_fits_messages_better_and_the_record_is_as_it_was():
    p = load("plain").mechanisms.privacy
    assert fuller_profile(2.0, 0.0, 4.0, p) == pytest.approx(2.0) and fuller_profile(2.0, 1.0, 4.0, p) > 6.0
    assert fuller_profile(np.array([2, 5], np.uint16), 0.0, 4.0, p) == pytest.approx([2.0, 5.0])
    given = {"market.customers": 1500, "firms.North.plan.personalization": 0.8, "mechanisms.privacy.on": True}
    reads = []
    for access in (0.0, 1.0):
        market = Market("plain", seed=4, months=1, change={**given, NORTH + "access": access})
        market.run_model()
        reads.append(market.customers.relevance[0])
        assert market.customers.identified.max() < 60
    assert reads[1][reads[0] > 0].mean() > 1.1 * reads[0][reads[0] > 0].mean()


OPEN = {**dict.fromkeys(STATEMENTS, True), "access": 1.0, "control": 1.0, "security": 1.0, "sharing": 1.0}


@cache
def _audited(audit_chance, given):
    change = {"market.customers": 800, "mechanisms.privacy.audit_chance": audit_chance}
    market = Market("plain", seed=4, months=3, change=change | {NORTH + k: v for k, v in given})
    market.run_model()
    return market


def audited(audit_chance=1.0, **given):
    return _audited(audit_chance, tuple(sorted(given.items())))


@pytest.mark.parametrize(
    "false",
    [{"control": 0.0}, {"security": 0.0}, {"says_sharing": False}],
    ids=["opt out without choice", "no security", "sharing not said"],
)
def test_a_part_of_the_statement_that_is_false_is_found_and_costs_trust(false):
    given = OPEN | false
    assert trust(audited(**given)) == pytest.approx(0.85**3 * trust(audited(0.0, **given)), rel=0.08)
    assert audited(**given).metrics["ethics_points"][-1][0] > 3 * 100


def test_an_honest_firm_has_nothing_to_fear_of_an_audit():
    honest, quiet = OPEN, {"access": 1.0}
    nothing_taken = OPEN | {"access": 0.0, "control": 0.0, "security": 0.0}
    for given in (honest, quiet, nothing_taken):
        assert trust(audited(**given)) == trust(audited(0.0, **given))
    market = audited(**honest)
    assert all(book[0, market.ledger.places["data_sales"]] > 0 for book in market.ledger.months)


def test_silence_does_not_beat_openness():
    silent = {"access": 1.0, "sharing": 1.0}
    assert trust(audited(**silent)) < 0.7 * trust(audited(0.0, **silent))
    for part in ("says_what", "says_sharing"):
        assert trust(audited(**silent)) < trust(audited(**silent, **{part: True}))
    assert trust(audited(**silent)) < trust(audited(**OPEN | {"says_sharing": False}))


def test_harm_grows_with_concern():
    assert breach_harm(1.0, 1.0) == 1.0 and breach_harm(1.0, 0.0) == 0.5 and breach_harm(0.0, 1.0) == 0.0
