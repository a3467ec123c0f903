"""Every equation of the model against its closed form, a value worked by hand, or a published number."""

from __future__ import annotations

import inspect
import math
from types import SimpleNamespace

import numpy as np
import pytest

import sim.behaviours.contact as contact
import sim.behaviours.serve as serve
from sim.behaviours import EQUATIONS
from sim.behaviours.frame import cents, parameters
from sim.scenario import load
from sim.scenario.words import LEVELS, PENDING_BY, REASONS

TABLES = load("plain").tables
CONTACT = parameters(contact.ContactParameters, TABLES.contact)
SERVE = parameters(serve.ServeParameters, TABLES.serve, contact_cost=1.0, contact_time=1.0)
BUY, RELATE, TALK, ADVERTISE, LEAVE = (getattr(TABLES, s) for s in ("buy", "relate", "talk", "advertise", "leave"))  # fmt: skip
DECIDE = SimpleNamespace(memory=TABLES.account.recent_memory)
near = pytest.approx

LEVEL_TABLE = {  # model.md 7.1 and, in the last place, 7.4: lift of cross-selling
    "basic": (0.05, 0.0, 0.0, 0.06, 0.0, 0.0, 0.0),
    "reactive": (0.35, 0.0, 0.05, 0.09, 0.15, 0.0001, 0.1),
    "accountable": (0.65, 0.10, 0.12, 0.12, 0.50, 0.0006, 0.3),
    "proactive": (0.80, 0.30, 0.20, 0.16, 2.50, 0.0028, 0.8),
    "partnership": (0.95, 0.50, 0.35, 0.22, 14.0, 0.016, 1.5),
}


def eq(address, *args):
    """An equation's value, by its address ("contact.may_mail" stands in test_contact, compiled code in test_market)."""
    return EQUATIONS[address].py_func(*args)


def test_every_equation_has_a_docstring_and_is_tested_here():
    text = inspect.getsource(inspect.getmodule(eq))
    for address, equation in EQUATIONS.items():
        assert equation.py_func.__doc__, address
        assert f'"{address}"' in text, f"no test of {address}"


def test_the_levels_are_those_of_the_table():
    for name in LEVELS:
        row = getattr(TABLES.decide.levels, name)
        got = tuple(getattr(row, f) for f in ("heard", "prevented", "lift", "growth", "cost", "time", "cross_sell"))  # fmt: skip
        assert got == LEVEL_TABLE[name], name


def test_records_keep_eleven_twelfths_a_month():
    assert eq("decide.faded_record", 120.0, DECIDE) == near(110.0)


def test_amounts_are_rounded_half_to_even():
    assert [int(cents(x)) for x in (0.005, 0.015, 0.025, 0.125, 0.375, -0.125, 1e9 + 0.01)] == [0, 2, 2, 12, 38, -12, 100_000_000_001]  # fmt: skip


def test_brand_decays_five_percent_a_month_and_gains_less_the_better_it_is():
    assert eq("advertise.faded_brand", -0.4, ADVERTISE) == near(-0.38)
    assert [eq("advertise.reached_brand", b, ADVERTISE) for b in (0.0, 0.5, -0.5, 1.0)] == near([0.1, 0.55, -0.4, 1.0])  # fmt: skip


def test_reach_saturates_in_money_a_head():
    assert eq("advertise.chance_reached", 0.0, ADVERTISE) == 0.0
    assert eq("advertise.chance_reached", 0.30, ADVERTISE) == near(1 - math.exp(-0.045))
    assert eq("advertise.chance_reached", 20.0, ADVERTISE) == near(0.950213, abs=1e-6)


def test_affiliates_reach_bargain_hunters_more_and_at_most_twice():
    assert eq("advertise.chance_affiliate", 0.05, 4.0, ADVERTISE) == near(0.02 * (1 - math.exp(-1)))
    assert eq("advertise.chance_affiliate", 0.05, 12.0, ADVERTISE) == near(0.04 * (1 - math.exp(-1)))
    assert eq("advertise.chance_affiliate", 0.0, 4.0, ADVERTISE) == 0.0


def test_a_profile_fills_with_purchases_and_counts_half_without_consent():
    assert eq("contact.profile", 4.0, True, CONTACT) == near(1 - math.exp(-1))
    assert eq("contact.profile", 4.0, False, CONTACT) == near((1 - math.exp(-1)) / 2)


def test_fit_by_tailoring():
    assert [eq("contact.fit", t, 0, CONTACT) for t in (0.5, 0.0, 0.9)] == near([1.0, 0.5, 0.6])
    assert eq("contact.fit", 0.30, 1, CONTACT) == near(1 - abs(0.30 - 2.5 / 8))  # the module of 0.25 to 0.375
    assert eq("contact.fit", 1.0, 1, CONTACT) == near(1 - 1 / 16)  # the last module, not a ninth
    assert eq("contact.fit", 0.123, 2, CONTACT) == 1.0


def test_relevance_runs_from_a_quarter_to_one():
    assert eq("contact.message_relevance", 0.0, 1.0, 1.0, CONTACT) == 0.25
    assert eq("contact.message_relevance", 1.0, 1.0, 1.0, CONTACT) == 1.0
    assert eq("contact.message_relevance", 0.5, 0.4, 0.9, CONTACT) == near(0.25 + 0.75 * 0.18)


def test_consenting_people_open_20_to_22_percent_as_public_benchmarks_say():
    for q in (0.3, 0.35, 0.4):
        keen, others = (eq("contact.chance_opened", o, q, 0.0, 1.0, 1.0, CONTACT) for o in (CONTACT.read_keen, CONTACT.read_consenting))  # fmt: skip
        assert 0.20 <= 0.65 * keen + 0.35 * others < 0.225


def test_opening_falls_with_fatigue_deliverability_and_crowding():
    whole = eq("contact.chance_opened", 0.15, 0.25, 0.0, 1.0, 1.0, CONTACT)
    assert whole == near(0.15 * 0.625)
    assert eq("contact.chance_opened", 0.15, 0.25, 0.3, 0.8, 0.5, CONTACT) == near(whole * 0.7 * 0.8 * 0.5)
    assert eq("contact.chance_opened", 0.15, 0.25, 0.0, 1.0, 7.0, CONTACT) == whole


def test_one_of_m_messages_is_read_with_the_complement_of_none():
    for p, m in ((0.1, 1.0), (0.2, 3.0), (0.05, 60.0)):
        assert eq("contact.chance_read", p, m) == near(1 - (1 - p) ** m)


def test_pressure_fatigue_and_their_consequences():
    felt = eq("contact.pressure", 6.0, 0.25, 2.5, 3.0, CONTACT)
    assert felt == near(4.0)
    assert eq("contact.next_fatigue", 0.5, felt, CONTACT) == near(0.35 + 0.3 * (1 - math.exp(-4)))
    assert eq("contact.chance_opt_out", felt, CONTACT) == near(1 - math.exp(-0.24))
    for uninvited, share in ((True, 1.0), (False, 0.1)):
        assert eq("contact.chance_complaint", felt, uninvited, CONTACT) == near(1 - math.exp(-0.002 * share))
        assert eq("contact.chance_report", felt, uninvited, CONTACT) == near(1 - math.exp(-0.024 * share))


def test_a_chance_is_never_above_its_bound():
    bounds = (
        ("contact.chance_opt_out", "contact.most_opt_out", ()),
        ("contact.chance_complaint", "contact.most_complaint", (True,)),
        ("contact.chance_complaint", "contact.most_complaint", (False,)),
        ("contact.chance_report", "contact.most_report", (True,)),
        ("contact.chance_report", "contact.most_report", (False,)),
    )
    for chance, bound, told in bounds:
        for felt in (0.0, 1e-300, 1e-9, 0.01, 1.0, 40.0, 1e6):
            assert eq(chance, felt, *told, CONTACT) <= eq(bound, felt, CONTACT)


def test_brand_and_trust_after_mail():
    assert eq("contact.brand_after_reading", 0.2, 0.6, CONTACT) == near(0.2 + 0.05 * 0.6 * 0.8)
    assert eq("contact.brand_after_intrusion", 0.2, 4.0, 0.7, CONTACT) == near(0.2 - (1 - math.exp(-0.02 * 4 * 1.2)) * 1.2)  # fmt: skip
    assert eq("contact.brand_after_intrusion", -1.0, 9.0, 1.0, CONTACT) == -1.0
    assert eq("contact.trust_after_intrusion", 0.5, 4.0, CONTACT) == near(0.45)
    assert eq("contact.trust_after_intrusion", 0.5, 0.5, CONTACT) == near(0.475)


def test_an_interrupting_firm_sinks_to_065_in_half_a_year_and_to_a_half_later():
    rate, share, path = 0.0, 1.0, []
    for _ in range(48):
        rate = eq("contact.next_report_rate", rate, 6.0, 1000.0, CONTACT)  # 0.6 % of messages, model.md 7.3
        share = eq("contact.next_deliverability", share, rate, CONTACT)
        path.append(share)
    assert path[0] == 1.0 and path[5] == near(0.65, abs=0.05) and path[-1] == near(0.5, abs=0.01)
    rate = eq("contact.next_report_rate", rate, 0.0, 0.0, CONTACT)
    assert rate == near(0.7 * 0.006, rel=1e-3)
    assert eq("contact.next_deliverability", 0.5, 1e-9, CONTACT) == near(0.55)  # recovery is slower than the fall  # fmt: skip


def test_chances_of_thinking_again_and_of_an_occasion():
    assert [eq("buy.chance_base", loyalty, BUY) for loyalty in (0.0, 0.5, 1.0)] == near([0.13, 0.065, 0.0])
    assert eq("buy.chance_price", 4.0, 0.1, BUY) == near(1 - math.exp(-0.08))
    assert eq("buy.chance_price", 4.0, -0.1, BUY) == 0.0
    assert eq("buy.expected_occasions", 0.6, 1.5, True, 1.05) == near(0.945)
    assert eq("buy.expected_occasions", 0.6, 1.5, False, 1.05) == near(0.9)


def test_relationship_equity_and_utility():
    bond = eq("buy.relationship", 0.4, 0.6, 0.5, 1.0, BUY)
    assert bond == near(1.0 + 1.5 * 0.4 * 1.1 + 1.2 * 0.5)
    assert eq("buy.utility", 0.3, 0.2, -0.1, bond, 0.9, 0.05) == near(0.3 - 0.2 - 0.1 + bond + 0.9 + 0.05)


def test_an_order_grows_with_products_and_tiers_and_cross_selling_with_level_and_reading():
    values = [eq("buy.list_value", 50.0, p, t, 1.0, BUY) for p, t in ((1.0, 0), (5.0, 0), (1.0, 1), (1.0, 2), (3.0, 2))]  # fmt: skip
    assert values == near([50.0, 110.0, 60.0, 72.0, 50 * 1.6 * 1.44])
    assert eq("buy.chance_cross_sell", 0.0, 0.0, BUY) == near(0.03)
    assert eq("buy.chance_cross_sell", 1.5, 0.4, BUY) == near(0.03 * 2.5 * 1.2)


def test_permission_is_given_by_a_logit():
    assert eq("buy.chance_yes", 0.5, 0.4, 0.5, CONTACT) == near(1 / (1 + math.exp(1.2 - 1.0 - 0.2 + 1.0)))


def test_voice_rises_with_severity_as_goodman_and_newman_2003_published():
    at = [eq("serve.chance_voice", 0.35, z, SERVE) for z in (0.06, 1.2, 6.0)]
    assert at[0] == near(0.03, abs=0.005) and at[1] == near(0.35) and 0.69 <= at[2] <= 0.735


def test_mean_voice_over_failures_is_as_the_model_states():
    z = -1.2 * np.log((np.arange(20000) + 0.5) / 20000)
    means = [np.mean([eq("serve.chance_voice", v[0], s, SERVE) for s in z[::4]]) for v in LEVEL_TABLE.values()]  # fmt: skip
    assert means == near([0.05, 0.29, 0.52, 0.66, 0.87], abs=0.006)


def test_capacity_load_and_overload():
    assert eq("serve.agent_capacity", 0.5, SERVE) == near(1.0)
    assert eq("serve.encounter_load", 3.0, 2.0, 0.5, SERVE) == near(3 * 2 * 0.8 * 0.002)
    assert eq("serve.materials_used", 3.0, 2.0, 0.5, SERVE) == near(4.8)
    assert [eq("serve.overload", x, 2.0) for x in (1.0, 2.0, 3.0)] == near([0.0, 0.0, 0.5])
    assert eq("serve.overload", 1.0, 0.0) == 1.0 and eq("serve.overload", 0.0, 0.0) == 0.0


def test_failures_fall_with_prevention_and_rise_with_overload():
    assert eq("serve.chance_failure", 0.95, 0.3, 0.0, SERVE) == near(0.035)
    assert eq("serve.chance_failure", 0.95, 0.3, 0.5, SERVE) == near(0.105)
    assert eq("serve.chance_failure", 0.0, 0.0, 5.0, SERVE) == 1.0


def test_experience_is_people_level_load_and_noise():
    x = eq("serve.experience", 0.1, 0.5, 0.6, 0.5, 0.2, 0.4, 0.5, -1.0, SERVE)
    assert x == near(0.1 + 0.4 * 0.05 * 0.5 + 0.2 * 0.9 - 0.3 - 0.3)


def test_a_shortfall_weighs_2_2_times_an_equal_excess():
    d = eq("serve.disconfirmation", 0.5, 0.2, 0.1, 0.3, SERVE)
    assert d == near(0.5 - (0.1 + 0.2))
    assert eq("serve.felt", d, SERVE) == d and eq("serve.felt", -d, SERVE) == near(-2.2 * d)


def test_satisfaction_and_belief_after_an_encounter():
    assert eq("serve.next_satisfaction", 0.4, -0.5, SERVE) == near(0.28 + 0.3 * math.tanh(-0.5))
    assert eq("serve.next_satisfaction", -1.0, -1e9, SERVE) == -1.0
    assert eq("serve.next_belief", 0.4, -0.6, 0.2) == near(0.2)


def test_recovery_by_answer_and_skill():
    chances = [getattr(TABLES.serve.recoveries, r).chance for r in ("none", "apology", "refund", "compensation")]  # fmt: skip
    assert chances == [0.25, 0.45, 0.7, 0.85]
    assert [eq("serve.chance_recovery", 0.45, skill, SERVE) for skill in (0.0, 0.5, 1.0)] == near(
        [0.27, 0.36, 0.45]
    )
    assert eq("serve.chance_quick", 3.0, 0.0, SERVE) == near(math.exp(-3 / 7))
    assert eq("serve.chance_quick", 3.0, 0.25, SERVE) == near(math.exp(-6 / 7))


def test_norm_morale_skill_and_staff():
    assert eq("serve.next_norm", 0.2, 0.5, SERVE) == near(0.23)
    effect = eq("serve.training_effect", 200.0, SERVE)
    assert effect == near(1 - math.exp(-1))
    assert eq("serve.next_morale", 0.5, effect, 0.2, SERVE) == near(0.5 + 0.1 * (0.6 + 0.4 * effect - 0.2 - 0.5))  # fmt: skip
    assert eq("serve.next_skill", 0.5, effect, SERVE) == near(0.5 + 0.05 * effect * 0.5 - 0.01)
    assert eq("serve.next_staff", 2.0, 3.6, 1.0, SERVE) == near(2.0 + 0.3 * (4.0 - 2.0))


def test_loyalty_grows_and_withers():
    grown = eq("relate.next_loyalty", 0.4, 0.2, 0.6, 0.5, 0.09, 1.0, 1.0, 1.0, RELATE)
    assert grown == near(0.4 + 0.09 * 0.6 * 0.5 * 1.1 * 1.0 * 1.5 - 0.01 * 0.4 * 0.75)
    idle = eq("relate.next_loyalty", 0.4, 0.2, 0.6, 0.5, 0.09, 0.0, 0.0, 4.0, RELATE)
    assert idle == near(0.4 + 0.09 * 0.6 * 0.5 * 1.1 * 0.4)
    hurt = eq("relate.next_loyalty", 0.4, -0.8, 0.6, 0.5, 0.09, 0.0, 1.0, 0.0, RELATE)
    assert hurt == near(0.4 - 0.12 * 0.4 * 0.8 - 0.004)


def test_trust_tie_and_satisfaction_by_month():
    assert eq("relate.next_trust", 0.5, 0.0, RELATE) == near(0.52)
    assert eq("relate.next_trust", 0.5, 1.0, RELATE) == near(0.51)
    assert eq("relate.next_tie", 0.5, 1.0, RELATE) == near(0.5 + 1 / 12)
    assert eq("relate.next_tie", 0.5, 0.0, RELATE) == near(0.5 - 1 / 24)
    assert eq("relate.next_tie", 0.99, 1.0, RELATE) == 1.0 and eq("relate.next_tie", 0.01, 0.0, RELATE) == 0.0
    assert eq("relate.faded_satisfaction", -0.5, RELATE) == near(-0.485)


def test_an_unhappy_customer_tells_ten_and_a_happy_one_perhaps_three():
    assert eq("talk.people_told", -1, TALK) == 10 and eq("talk.people_told", 1, TALK) == 3
    assert eq("talk.chance_talks", -1, 0.0, 50.0, TALK) == 1.0
    assert eq("talk.chance_talks", 1, 0.0, 50.0, TALK) == near(0.5)
    assert eq("talk.chance_talks", 1, 10.0, 50.0, TALK) == near(0.5 + 0.4 * (1 - math.exp(-1)))


@pytest.mark.parametrize("weight", [1.0, 0.4])
@pytest.mark.parametrize(("bad", "good"), [(1, 0), (0, 1), (3, 2), (0, 7), (20, 1)])
def test_hearsay_is_the_exact_formula(bad, good, weight):
    says = (-1.5 * 0.20 * bad + 0.08 * good) / (0.20 * bad + 0.08 * good)
    expected = says + (0.3 - says) * (1 - 0.20 * weight) ** bad * (1 - 0.08 * weight) ** good
    assert eq("talk.hearsay", 0.3, bad, good, weight, TALK) == near(expected, rel=1e-12)


def test_beliefs_not_used_fade_and_good_news_makes_aware():
    assert eq("talk.faded_belief", -0.4, TALK) == near(-0.38)
    assert [eq("talk.chance_made_aware", g, TALK) for g in (0, 1, 2, 10)] == [1 - 0.5**g for g in (0, 1, 2, 10)]  # fmt: skip


def test_the_exit_hazard_is_that_of_the_formula():
    for rate, need in ((0.0, 1.0), (0.01, 0.6), (0.2, 12.0), (1.0, 5.0)):
        assert eq("leave.chance_exit", rate, need, LEAVE) == near(1 - (1 - 0.002) * (1 - rate) ** need, abs=1e-9)  # fmt: skip


def reason_of(terms, pending_by="nothing", weight=1.0, above=0.1):
    return REASONS[eq("leave.departure_reason", *terms, PENDING_BY.index(pending_by), weight, above)]


def test_the_largest_term_is_the_reason_of_a_departure_and_small_ones_are_variety():
    for k in range(7):
        assert reason_of([0.5 if j == k else 0.4 for j in range(7)]) == REASONS[k + 1]
        assert reason_of([0.1 if j == k else -1.0 for j in range(7)]) == "variety"
    assert reason_of([-0.2] * 7) == "variety"


def test_of_equal_terms_the_lower_code_is_the_reason():
    for low in range(7):
        for high in range(low + 1, 7):
            assert reason_of([0.6 if j in (low, high) else 0.0 for j in range(7)]) == REASONS[low + 1]


def test_what_made_think_again_adds_one_to_its_term():
    causes = {"price gap": "price", "failure": "service failure", "unhappy": "better elsewhere", "rival's message": "a rival's offer"}  # fmt: skip
    for by, reason in causes.items():
        assert reason_of([0.9, 0.9, 0.9, 1.0, 0.9, 0.9, 0.9], by) == reason
        assert reason_of([0.9, 0.9, 0.9, 1.0, 0.9, 0.9, 0.9], by, weight=0.0) == "word of mouth"
    assert reason_of([0.0] * 7, "chance") == "variety"
