"""The plain market, one Mesa agent a person, equals the columns to the last bit in every month."""

from __future__ import annotations

import sys
from pathlib import Path

import mesa
import numpy as np
import pytest
from worlds import CONTRACTS, EVERYTHING

from sim.behaviours import STAGES
from sim.columns import STATE
from sim.ledger import ACTIVITIES, COUNTS
from sim.market import Market
from sim.policies import Plan, Policy

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

import plain_market
from plain.person import Person, columns
from plain.serve import Total
from plain_market import PlainMarket, first_difference

WORLDS = {
    "everything": ("plain", EVERYTHING),
    "contracts": ("plain", CONTRACTS),
    "two cafes": ("two_cafes", {}),
}
PEOPLE = {"market.customers": 300}
MONTHS = 24


def both(name, people=PEOPLE, policies=None, seed=7):
    scenario, change = WORLDS.get(name, (name, {}))
    change = {**change, **people}
    market = Market(scenario, seed=seed, months=MONTHS, change=change, policies=policies)
    return market, PlainMarket(scenario, seed=seed, change=change, policies=policies)


def go_together(market, plain, months):
    for _ in range(months):
        market.step()
        plain.step()
        difference = first_difference(market, plain)
        assert difference is None, difference


@pytest.mark.parametrize("name", WORLDS)
def test_the_plain_market_equals_the_columns_in_everything_and_every_month(name):
    market, plain = both(name)
    go_together(market, plain, MONTHS)
    assert len(plain.ledger.months) == MONTHS
    assert sum(book.any() for book in plain.ledger.months) == MONTHS


class ChangesItsMind(Policy):
    """Decides everything by customer, asks for permission in several ways, and hires by hand at times."""

    def decide(self, view):
        month, c = view.month, view.customers
        plan = Plan(
            strategy=("opt_in", "double_opt_in", "interruption", "silent")[month // 3 % 4],
            staff="auto" if month % 2 else 0.2, survey=0.5 if month % 5 == 0 else 0.0, exit_survey=0.4,
            level="partnership" if month % 4 == 0 else "basic", fire=month == 9,
        )  # fmt: skip
        plan = plan.where(c.value_rank > 0.5, messages=9, discount=0.25, social=True, level="proactive")
        plan = plan.where(c.identified > 2, structural=True, offer=0.3, discount=-0.2)
        return plan.where(
            "frequency > 5 and months_since_purchase > 1", offer=0.5, messages=0, fire=month == 5
        )


HOT = {
    "contact.complaint": 2.0, "contact.report": 1.0, "contact.opt_out": 0.5, "buy.nonpayment": 0.1,
    "leave.base_exit": 0.05, "talk.happy_talks": 1.0, "talk.online": 0.6, "buy.initial_trust": 0.7,
    "decide.lapsed_months": 0.0, "decide.lapsed_intervals": 0.0, "buy.offer_gap": 2, "buy.offer_read": 0.9,
}  # fmt: skip
"""What is rare, often."""


@pytest.mark.parametrize("name", WORLDS)
def test_they_agree_where_policies_decide_by_customer_and_rare_things_are_common(name):
    firms = ("Corner", "Express") if name == "two cafes" else ("North", "West")
    policies = {firms[0]: ChangesItsMind(), firms[1]: "discount_matcher"}
    go_together(*both(name, {**HOT, "market.customers": 120}, policies), 15)


@pytest.mark.parametrize("people", [1, 2, 11, 12])
def test_they_agree_where_everybody_knows_everybody(people):
    go_together(*both("everything", {**HOT, "market.customers": people}), 12)


def test_they_agree_on_more_people_than_fit_one_block():
    go_together(*both("two cafes", {"market.customers": 4200}), 2)


def test_they_agree_with_more_firms_than_words_in_a_draw(tmp_path):
    file = tmp_path / "six.toml"
    firms = "".join(
        f"[firms.F{f}]\nquality = {0.1 * f}\n[firms.F{f}.plan]\nstrategy = 'interruption'\n" for f in range(6)
    )
    file.write_text(f"tenfold = 1\ntitle = 'Six'\n{firms}", encoding="utf-8")
    go_together(*both(str(file), {**HOT, "market.customers": 100}), 4)


def test_the_compiled_equations_called_one_by_one_give_the_same():
    change = {**EVERYTHING, "market.customers": 30}
    one, two = (PlainMarket("plain", change=change, compiled=compiled) for compiled in (False, True))
    for _ in range(3):
        one.step()
        two.step()
    for name, values in columns(one.people).items():
        assert np.array_equal(values, columns(two.people)[name]), name


def test_people_are_mesa_agents_and_the_stages_are_those_of_the_engine():
    plain = PlainMarket("plain", change={"market.customers": 20})
    assert len(plain.agents_by_type[Person]) == 20
    assert isinstance(plain, mesa.Model)
    assert [stage.__name__ for stage in plain_market.STAGES] == [stage.name for stage in STAGES]
    assert set(columns(plain.people)) == set(STATE)


@pytest.mark.parametrize("column", STATE)
def test_a_difference_in_a_column_is_named_with_month_and_customer(column):
    market, plain = both("two cafes", {"market.customers": 40})
    values = getattr(market.customers, column)
    values[..., 17] += np.array(1, dtype=values.dtype)
    said = first_difference(market, plain)
    assert said.startswith(f"month 0: {column} of customer 17 ")


def test_a_difference_in_the_books_is_named_with_line_and_firm():
    market, plain = both("two cafes", {"market.customers": 40})
    market.step()
    plain.step()
    assert first_difference(market, plain) is None
    for line, activity in enumerate(ACTIVITIES):
        market.ledger.months[-1][1, line] += 1
        assert first_difference(market, plain).startswith(f"month 1: {activity.name} of Express is ")
        market.ledger.months[-1][1, line] -= 1
    for line, count in enumerate(COUNTS):
        market.ledger.counts[-1][0, line] += 1
        assert first_difference(market, plain).startswith(f"month 1: {count} of Corner is ")
        market.ledger.counts[-1][0, line] -= 1
    market.firms[0].skill += 1e-16
    assert "skill of Corner" in first_difference(market, plain)


def test_sums_are_taken_in_the_order_of_the_columns():
    class Somebody:
        number = 0

    rng = np.random.default_rng(1)
    amounts = rng.lognormal(sigma=3.0, size=10_000)
    total, somebody = Total(), Somebody()
    for number, amount in enumerate(amounts):
        somebody.number = number
        total.add(somebody, float(amount))
    parts = [np.cumsum(amounts[lo : lo + 4096])[-1] for lo in range(0, 10_000, 4096)]
    assert total.result() == np.cumsum(parts)[-1]
