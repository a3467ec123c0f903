"""Channels cost, wait and solve by their row; posts stay; a community makes more talk of both signs and is hard to leave."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from sim.ledger import C
from sim.market import Market
from sim.mechanisms.channels import (
    ROWS,
    answer_worth,
    opinions_read,
    posts_left,
    questions_left,
)
from sim.mechanisms.community import (
    chance_drops_out,
    chance_joins,
    help_each_other,
    help_no_longer,
    tie_of_member,
)
from sim.scenario import load

SMALL = {"market.customers": 1500}
CHANNELS, COMMUNITY = "mechanisms.channels.", "mechanisms.community."


@cache
def _run(months, seed, given):
    market = Market("plain", seed=seed, months=months, change={**SMALL, **dict(given)})
    market.run_model()
    return market


def run(months=12, seed=3, **given):
    return _run(months, seed, tuple((k.replace("__", "."), v) for k, v in given.items()))


def north(prefix, **decided):
    return {f"{prefix}firms.North.{name}".replace(".", "__"): value for name, value in decided.items()}


def booked(market, line):
    return sum(book[0, market.ledger.places[line]] for book in market.ledger.months) / 100.0


def test_an_answer_is_worth_less_the_later_it_comes():
    p = load("plain").mechanisms.channels
    worth = answer_worth(True, np.array([0.0, 1.0, 7.0]), p)
    assert (
        worth[0] == p.answered and worth[2] == pytest.approx(p.answered / np.e) and (np.diff(worth) < 0).all()
    )
    assert answer_worth(False, 0.0, p) == -p.unanswered


def test_questions_cost_by_the_channel_they_come_through():
    fax, portal = (
        run(**north(CHANNELS, phone=False, letter=False, **{name: True})) for name in ("fax", "portal")
    )
    none = run(**north(CHANNELS, phone=False, letter=False))
    asked = booked(none, "questions")
    assert asked == 0.0 and booked(fax, "questions") > 3 * booked(portal, "questions") > 0
    satisfied = [market.metrics["satisfaction"][-1][0] for market in (none, fax, portal)]
    assert satisfied[0] < satisfied[1] < satisfied[2]  # a tenth has a fax, half of them find a page


def test_experienced_customers_ask_less():
    p = load("plain").mechanisms.channels
    assert questions_left(0.0, p) == 1.0
    assert questions_left(p.experience_months, p) == pytest.approx(1.0 - p.experience * (1.0 - np.exp(-1.0)))
    assert questions_left(1e4, p) == pytest.approx(1.0 - p.experience)
    asked = []
    for experience in (0.0, 1.0):
        market = Market("plain", months=1, change={**SMALL, f"{CHANNELS}experience": experience})
        for stage in market.pass_stages():
            if stage == "buy":
                market.customers.tenure[:] = 600
        asked.append(market.ledger.months[0][:, market.ledger.places["questions"]].sum())
    assert asked[0] > 0 == asked[1]  # all of them have learned everything


def test_complaints_take_the_days_of_the_channels_in_use():
    rows = {name: (days, reach) for name, (_what, _cost, days, reach, _solves) in ROWS.items()}
    slowest = max(days for days, _ in rows.values())
    closed = {"phone": False, "letter": False}
    phone = 0.8 * rows["phone"][0] + 0.2 * slowest
    both = (0.8 * rows["phone"][0] + 0.6 * rows["letter"][0]) / 1.4
    for opened, days in ((closed, slowest), ({"letter": False}, phone), ({}, both)):
        market = Market("plain", months=1, change={"market.customers": 200, **{
            f"{CHANNELS}firms.North.{name}": value for name, value in {"phone": True, **opened}.items()
        }})  # fmt: skip
        market.run_model()
        assert market.month_of_firms.reply_wait[0] == pytest.approx(days)
        assert market.month_of_firms.reply_days[0] == 3.0  # what it decided, and pays for


def test_complaints_through_quick_channels_are_put_right_quickly():
    def quickly(**opened):
        market = run(
            36, firms__North__plan__recovery="compensation", **north(CHANNELS, letter=False, **opened)
        )
        counts = sum(market.ledger.counts)[0]
        assert counts[C["voiced"]] > 100
        return counts[C["resolved_quickly"]] / counts[C["resolved"]], counts[C["resolved"]] / counts[
            C["voiced"]
        ]

    fast, slow = quickly(counter=True, e_mail=True), quickly(phone=False)
    assert fast[0] > 1.5 * slow[0] and fast[1] == pytest.approx(slow[1], abs=0.05)


def test_a_quick_answer_costs_the_same_through_any_channel():
    for opened in ({}, north(CHANNELS, phone=False)):
        market = run(12, firms__North__plan__reply_days=0.5, firms__North__plan__recovery="none", **opened)
        voiced = sum(market.ledger.counts)[0, C["voiced"]]
        contact = market.tables.decide.contact_cost
        assert booked(market, "recovery") == pytest.approx(voiced * contact / 0.5) and voiced > 20


def test_who_buys_oftener_asks_more():
    paid = {f"{CHANNELS}{name}.cost".replace(".", "__"): 1.0 for name in ("phone", "letter")}
    asked = []
    for need in (1.0, 2.0):
        market = run(1, **paid, segments__everyone__need_rate__mean=need)
        buyers = (market.customers.bought > 0) | (market.customers.visited > 0)
        line = market.ledger.places["questions"]
        asked.append(
            market.ledger.months[0][:, line].sum() / 100 / (buyers & (market.customers.supplier >= 0)).sum()
        )
    assert asked[1] > 1.2 * asked[0]


def test_a_machine_is_cheap_and_solves_less():
    by_hand, machine = run(**north(CHANNELS, automatic=0.0)), run(**north(CHANNELS, automatic=1.0))
    assert booked(machine, "questions") < 0.1 * booked(by_hand, "questions")
    assert machine.metrics["solved_share"][-1][0] < by_hand.metrics["solved_share"][-1][0]


def test_every_channel_can_be_opened_and_has_a_row():
    table = load("plain").with_changes({f"{CHANNELS}on": True}).mechanisms.channels
    for name, (_what, cost, days, reach, solves) in ROWS.items():
        row = getattr(table, name)
        assert (row.cost, row.delay, row.reach, row.solves) == (cost, days, reach, solves)


def test_posts_stay_where_talk_fades():
    p = load("plain").mechanisms.channels
    assert posts_left(100.0, 0.0, p) == pytest.approx(97.0)
    assert posts_left(100.0, 5.0, p) == pytest.approx(102.0)
    bad, good = opinions_read(np.array([30.0, 0.0]), np.array([10.0, 0.0]), p)
    assert (
        bad[0] + good[0] == pytest.approx(p.read_at_once)
        and bad[0] == 3 * good[0]
        and bad[1] == good[1] == 0.0
    )


def test_every_mood_is_posted_where_all_post_and_posts_leave_at_their_rate():
    given = {"market.customers": 600, f"{CHANNELS}posts": 1.0, f"{CHANNELS}fades": 0.4}
    market = Market("plain", seed=3, months=2, change=given)
    state, c = market.mechanisms["channels"].state, market.customers
    for _month in range(2):
        before = {name: state[name].copy() for name in ("bad", "good")}
        for stage in market.pass_unmeasured():
            if stage == "talk":
                for name, sign in (("bad", -1), ("good", 1)):
                    felt = np.bincount(c.mood_firm[c.mood == sign], minlength=4)
                    assert felt.sum() > 10 and np.allclose(state[name], 0.6 * before[name] + felt)


def test_a_share_of_the_moods_is_posted_and_the_measure_says_how_many_are_bad():
    given = {**SMALL, f"{CHANNELS}posts": 0.3, f"{CHANNELS}fades": 0.0}
    market = Market("plain", seed=3, months=3, change=given)
    state, c, felt = market.mechanisms["channels"].state, market.customers, np.zeros(2)
    for _month in range(3):
        market.step()
        felt += [np.count_nonzero((c.mood == sign) & (c.mood_firm >= 0)) for sign in (-1, 1)]
    posted = np.array([state["bad"].sum(), state["good"].sum()])
    assert (felt > 100).all() and (abs(posted - 0.3 * felt) < 3.0 * np.sqrt(0.21 * felt)).all()
    share = market.metrics["posted_share_bad"][-1]
    assert share == pytest.approx(state["bad"] / (state["bad"] + state["good"])) and (share > 0).all()
    silent = run(1, **{f"{CHANNELS}posts".replace(".", "__"): 0.0})
    assert np.isnan(silent.metrics["posted_share_bad"][-1]).all()


def test_old_bad_posts_still_lower_the_beliefs_of_strangers():
    def after_a_year(fades):
        market = Market(
            "plain", seed=3, months=13, change={**SMALL, f"{CHANNELS}fades": fades, f"{CHANNELS}posts": 0.0}
        )
        market.step()
        market.mechanisms["channels"].state["bad"][0] = 500.0
        market.run_model()
        strangers = market.customers.supplier != 0
        return market.customers.belief[0, strangers].mean()

    assert after_a_year(0.03) < after_a_year(1.0) - 0.1


def test_a_community_raises_word_of_mouth_of_both_signs():
    plain, hosted = run(24), run(24, **north(COMMUNITY, hosting=1.0))
    assert hosted.metrics["community_members"][-1][0] > 0.2 * hosted.heads[-1][0]
    for sign in ("bad", "good"):
        heard = [
            sum(book[0, C[f"reached_{sign}"]] for book in m.ledger.counts[-12:]) for m in (plain, hosted)
        ]
        assert heard[1] > 1.15 * heard[0], sign


def test_members_help_each_other_and_are_harder_to_leave():
    plain, hosted = run(36), run(36, **north(COMMUNITY, hosting=1.0))
    labour = [booked(m, "service_labour") / sum(h[0] for h in m.heads) for m in (plain, hosted)]
    assert labour[1] < labour[0]
    c = hosted.customers
    assert c.tie.max() == 0.0  # the tie that members feel is never kept
    kept = [np.mean(m.metrics["annual_retention"][-12:], axis=0)[0] for m in (plain, hosted)]
    assert kept[1] > kept[0]


def test_members_give_each_other_a_share_of_their_service_and_nobody_else():
    labour = []
    for share in (0.0, 0.25, 1.0):
        given = {"market.customers": 300, f"{COMMUNITY}joins": 0.0, f"{COMMUNITY}drops_out": 0.0}
        market = Market("plain", seed=3, months=1, change={**given, f"{COMMUNITY}peer_support": share})
        c = market.customers
        ids = np.flatnonzero(c.supplier == 0)
        c.member[ids], c.member_of[ids] = 1, 0
        market.run_model()
        labour.append(market.ledger.months[0][:, market.ledger.places["service_labour"]])
    alone, some, all_of_it = labour
    members = alone[0] - all_of_it[0]  # who came from another firm in the month is no member yet
    assert members > 0.9 * alone[0] > 0 and alone[0] - some[0] == pytest.approx(0.25 * members, rel=1e-3)
    assert (some[1:] == alone[1:]).all() and (all_of_it[1:] == alone[1:]).all()


def test_who_chose_another_firm_in_the_month_gets_no_help_of_former_fellows():
    market = Market("plain", seed=3, months=1, change={"market.customers": 300, f"{COMMUNITY}on": True})
    own, c = market.mechanisms["community"], market.customers
    members = np.flatnonzero(c.supplier >= 0)[:60]
    c.member[members], c.member_of[members] = 1, c.supplier[members]
    c.supplier[members[:20]] = (c.supplier[members[:20]] + 1) % 4
    own.scratch["members"], before = members, c.service_intensity.copy()
    help_each_other(market, own)
    expected = before.copy()
    expected[members[20:]] *= np.float32(1.0 - own.p.peer_support)
    assert np.array_equal(c.service_intensity, expected)
    help_no_longer(market, own)
    assert np.array_equal(c.service_intensity, before)


def test_customers_join_and_drop_out_by_their_chances():
    """Three standard deviations of luck at most; members of another firm's community are struck off."""

    def first_month(member_of, **given):
        change = {f"{COMMUNITY}{name}": value for name, value in given.items()}
        market = Market("plain", seed=3, months=1, change={**SMALL, f"{COMMUNITY}firms.North.hosting": 0.5, **change})  # fmt: skip
        c = market.customers
        mine = c.supplier == 0
        c.member[mine], c.member_of[mine] = member_of >= 0, member_of
        next(market.pass_stages())
        mine, p = c.supplier == 0, market.mechanisms["community"].p
        assert not c.member[~mine].any() and (c.member_of[mine] == np.where(c.member[mine], 0, -1)).all()
        return c.member[mine].sum(), chance_joins(0.5, c.relationship_orientation[mine].astype(float), p)

    for joins in (0.1, 0.7):
        members, chance = first_month(-1, joins=joins)
        assert abs(members - chance.sum()) < 3.0 * (chance * (1.0 - chance)).sum() ** 0.5
    assert first_month(1, joins=0.0)[0] == 0
    members, chance = first_month(0, joins=0.0, drops_out=0.2)
    assert abs(members - 0.7 * len(chance)) < 3.0 * (0.21 * len(chance)) ** 0.5


def test_members_are_customers_and_the_need_for_service_is_as_it_was():
    hosted, plain = run(24, **north(COMMUNITY, hosting=1.0)), run(24)
    c = hosted.customers
    member = c.member != 0
    assert (c.member_of[member] == 0).all() and (c.member_of[~member] == -1).all()
    same = (c.generation == 0) & (plain.customers.generation == 0)
    assert np.array_equal(c.service_intensity[same], plain.customers.service_intensity[same])


def test_who_left_in_the_month_is_no_member_at_its_end():
    everybody = {"mechanisms__community__joins": 1.0, "mechanisms__community__drops_out": 0.0}
    market = run(12, **north(COMMUNITY, hosting=1.0), **everybody)
    members, heads = np.array(market.metrics["community_members"])[:, 0], np.array(market.heads)[:, 0]
    assert (members <= heads).all() and members[-1] > 0.8 * heads[-1]
    c = market.customers
    assert members[-1] == np.count_nonzero((c.member != 0) & (c.supplier == 0))
    assert members[-1] < np.count_nonzero(c.member)  # who left is struck off when the next month begins


def test_the_equations_of_members():
    p = load("plain").mechanisms.community
    assert chance_joins(0.0, 1.0, p) == 0.0 and chance_drops_out(1.0, p) == p.drops_out
    assert tie_of_member(0.0, p) == p.belonging and tie_of_member(1.0, p) == 1.0


def test_as_many_as_may_be_told_are_told_by_the_members_of_two_firms():
    both = {f"{COMMUNITY}firms.{name}.hosting": 1.0 for name in ("North", "East")}
    change = {"market.customers": 300, **both, f"{COMMUNITY}joins": 1.0}
    told = []
    for fellows, others in ((100, 3), (100, 100)):
        most = {f"{COMMUNITY}members_told": fellows, f"{COMMUNITY}others_told": others}
        market = Market("plain", seed=3, months=3, change={**change, **most})
        market.run_model()
        assert (market.metrics["community_members"][-1][:2] > 0).all()
        told.append(sum(market.ledger.counts)[:, [C["told_bad"], C["told_good"]]].sum())
    assert told[1] > 1.5 * told[0]


def test_no_questions_have_no_solved_share():
    market = run(1, **{"mechanisms__channels__questions": 0.0})
    assert np.isnan(market.metrics["solved_share"][-1]).all()
