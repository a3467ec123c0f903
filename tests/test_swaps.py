"""Behaviour of one's own: in its place for one run, gone from the next; faults are told in one sentence."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest

import sim
from sim import own_numbers
from sim.behaviours import BY_NAME, EQUATIONS, talk
from sim.ledger import C
from sim.market import Market
from sim.scenario.words import REASONS
from sim.swaps import compiled_once
from sim.user_errors import SlowWarning, UserError

MONTHS = 4
SMALL = {"months": MONTHS, "change": {"market.customers": 300}}


def friends_only(market):
    c = market.customers
    market.tell(c.mood < 0, people=3, news="bad", online=0)
    market.tell(c.mood > 0, people=1, news="good", online=0)


def run(swap=None, **words):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return sim.run("plain", **{**SMALL, **words}, swap=swap)


@pytest.fixture(scope="module")
def plain():
    return run()


# ---------------------------------------------------------------- what they do


def test_a_stage_of_ones_own_tells_friends_only():
    seen = []

    def watched(market):
        friends_only(market)
        c = market.customers
        seen.append(
            (int(c.told_bad.sum()), int(c.told_good.sum()), int((c.mood < 0).sum()), int((c.mood > 0).sum()))
        )

    run({"talk": watched})
    assert len(seen) == MONTHS
    assert all((bad, good) == (3 * unhappy, happy) for bad, good, unhappy, happy in seen)
    assert sum(happy for *_, happy in seen) > 0


def by_word(market):
    c = market.customers
    own = np.isin(c.supplier, ["North", "East"]) & (c.level != "partnership") & (c.segment == "everyone")
    market.tell((c.mood < 0) & own, people=10, news="bad")
    c.tier[c.select(lambda customer: customer.supplier == "South").ids] = 1


def by_code(market):
    c = market.customers
    own = np.isin(c.supplier, [0, 1]) & (c.level != 4) & (c.segment == 0)
    market.tell((c.mood < 0) & own, people=10, news="bad")
    c.tier[c.select(lambda customer: customer.supplier == 2).ids] = 1


def test_columns_of_codes_compare_with_words(plain):
    assert next(iter(plain.market.tables.segments)) == "everyone"
    words, codes = run({"talk": by_word}), run({"talk": by_code})
    assert words.hash == codes.hash != run({"talk": lambda market: None}).hash
    assert type(words.market.customers.supplier) is np.ndarray


def test_words_are_written_into_columns_too():
    def reactive(market):
        market.customers.level[:9] = "reactive"
        market.customers.left_because = "price"
        assert (market.customers.level[:9] == 1).all() and market.customers.left_because[3] == "price"
        assert market.customers.left_because.tolist() == [REASONS.index("price")] * len(market.customers)

    run({"talk": reactive}, months=1)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (lambda c: c.supplier == "Norht", 'supplier: "Norht" is none of its words; did you mean "North"?'),
        (
            lambda c: c.supplier != ["North", "us"],
            'supplier: "us" is none of its words; they are North, East',
        ),
        (lambda c: c.level[5] == "gold", 'level: "gold" is none of its words; they are basic, reactive'),
        (lambda c: c.mood == "unhappy", r"mood: holds numbers \(-1, 0, 1: .* compares with a number"),
        (lambda c: c[5].permission[0] == "ok", 'permission: "ok" is none of its'),
    ],
)
def test_a_text_that_a_column_cannot_hold_is_refused(asked, told):
    def talks(market):
        asked(market.customers)

    with pytest.raises(UserError, match=told):
        run({"talk": talks})


@pytest.mark.parametrize("stage", [stage for stage in BY_NAME if stage != "leave"])
def test_a_shipped_stage_finds_the_same_in_columns_that_compare_with_words(stage, plain):
    assert run({stage: BY_NAME[stage].function}).hash == plain.hash


def test_what_is_reckoned_from_a_column_is_a_plain_array():
    def looks(market):
        c = market.customers
        assert type(c.supplier[3:]).__name__ == type(c.supplier.copy()).__name__ == "Codes"
        made = (c.supplier + 1, c.supplier == 0, np.unique(c.supplier), np.concatenate([c.supplier, c.level]),
                pickle.loads(pickle.dumps(c.supplier)), np.where(c.mood < 0, c.supplier, -1), np.bincount(c.segment))  # fmt: skip
        assert {type(each) for each in made} == {np.ndarray}
        months = c.tenure.copy()
        months += 2
        assert (months == c.tenure + 2).all() and c.tenure.max() == max(c.tenure.tolist())

    run({"talk": looks})


def test_an_equation_of_ones_own_changes_results_as_the_number_does(plain):
    def people_told(mood, p):
        return 2 * p.unhappy_tells if mood < 0 else p.happy_tells

    double = run({"talk.people_told": people_told})
    assert double.hash != plain.hash
    assert double.hash == run(change={"market.customers": 300, "talk.unhappy_tells": 20}).hash


def test_a_swapped_chance_is_not_held_below_the_bound_of_the_shipped_one():
    def chance_opt_out(pressure, p):
        return 1.0

    counts = run({"contact.chance_opt_out": chance_opt_out}).market.ledger.counts[0]
    assert counts[:, C["recipients"]].sum() > 50
    assert (counts[:, C["opted_out"]] == counts[:, C["recipients"]]).all()


def test_a_stage_and_its_equation_may_both_be_swapped_and_nothing_stays_behind(plain):
    def unmoved(belief, bad, good, weight, p):
        return belief

    with compiled_once():
        one, both = run({"talk.hearsay": unmoved}), run({"talk": friends_only, "talk.hearsay": unmoved})
    assert len({one.hash, both.hash, run({"talk": friends_only}).hash, plain.hash}) == 4
    assert run().hash == plain.hash


def test_the_shipped_functions_in_their_own_places_change_nothing(plain):
    swap = {
        "talk": lambda market: talk.talk(market),
        "talk.people_told": EQUATIONS["talk.people_told"].py_func,
    }
    assert run(swap).hash == plain.hash


# ---------------------------------------------------------------- what cannot be compiled


def test_what_cannot_be_compiled_runs_as_plain_python_with_one_warning(plain):
    def people_told(mood, p):
        return float(str(p.unhappy_tells)) if mood < 0 else p.happy_tells

    with pytest.warns(SlowWarning, match="cannot be compiled, so this stage runs as plain Python") as caught:
        slow = sim.run("plain", **SMALL, swap={"talk.people_told": people_told})
    assert len([one for one in caught if one.category is SlowWarning]) == 1
    assert slow.hash == plain.hash


def test_the_end_of_a_stage_falls_back_too(plain):
    shipped = EQUATIONS["talk.hearsay"].py_func

    def hearsay(belief, bad, good, weight, p):
        return float(str(shipped(belief, bad, good, weight, p)))

    with pytest.warns(SlowWarning):
        assert sim.run("plain", **SMALL, swap={"talk.hearsay": hearsay}).hash == plain.hash


def test_a_stage_that_is_repeated_plans_once():
    """The stage `decide` runs again as plain Python: neither rules nor a policy's memory may count twice."""

    def faded_record(amount, p):
        return float(str(amount * p.memory))

    words = {"policies": {"North": {"name": "discount_matcher", "lag": 2}, "East": "financial_bond"}}
    with pytest.warns(SlowWarning):
        slow = sim.run("plain", **SMALL, **words, swap={"decide.faded_record": faded_record})
    assert slow.hash == run(**words).hash


def test_worlds_that_are_compared_warn_once():
    def people_told(mood, p):
        return float(str(p.unhappy_tells)) if mood < 0 else p.happy_tells

    with pytest.warns(SlowWarning) as caught:
        sim.compare(
            "plain",
            {"x": {"swap": {"talk.people_told": people_told}}},
            seeds=2,
            months=2,
            change={"market.customers": 100},
        )
    assert len([one for one in caught if one.category is SlowWarning]) == 1


# ---------------------------------------------------------------- faults


def test_a_misspelt_name_is_one_sentence_with_month_line_and_cure():
    def misspells(market):
        unhappy = market.customers.mood < 0
        if market.month == 2:
            market.tell(unhapy, people=3, news="bad")  # noqa: F821
        market.tell(unhappy, people=3, news="bad")

    with pytest.raises(UserError) as caught:
        run({"talk": misspells})
    said = "talk failed in month 3, at line 4 of your function: name 'unhapy' is not defined; did you mean 'unhappy'?"
    assert str(caught.value) == said
    kept = caught.value.run
    assert kept.months_done == 2 and kept.stopped == said
    assert list(kept.months["month"].unique()) == [1, 2]
    assert kept.departures["month"].max() <= 2
    assert len(kept.customers) == 300 and "stopped" in repr(kept)


def test_the_months_kept_are_those_of_a_run_without_the_fault():
    def breaks(market):
        if market.month == 2:
            raise RuntimeError("enough")
        friends_only(market)

    with pytest.raises(
        UserError, match="talk failed in month 3, at line 3 of your function: RuntimeError: enough"
    ) as caught:
        run({"talk": breaks})
    whole = run({"talk": friends_only}, months=2)
    np.testing.assert_array_equal(caught.value.run.months["profit"], whole.months["profit"])


def test_a_fault_in_an_equation_names_the_first_customer_and_its_values():
    def people_told(mood, p):
        return p.unhapy_tells

    with pytest.raises(
        UserError, match=r"talk.people_told failed in month 1, at line 2 of your function: .*unhapy_tells.*"
    ) as caught:
        run({"talk.people_told": people_told})
    assert "(customer " in str(caught.value) and "its values: mood=" in str(caught.value)


def test_nan_from_a_compiled_equation_names_the_customer():
    def people_told(mood, p):
        return 3.0 if mood > 0 else 0.0 / (mood + 1)

    with pytest.raises(
        UserError,
        match=r"talk.people_told returned nan in month \d+, .* \(customer \d+\); its values: mood=-1",
    ):
        run({"talk.people_told": people_told})


def test_nan_in_a_column_names_the_first_customer():
    def makes_nan(market):
        market.customers.loyalty[7:9] = np.nan

    with pytest.raises(UserError, match="talk, month 1: column loyalty is not a number for customer 7"):
        run({"talk": makes_nan})


def test_what_an_equation_must_not_give_is_told():
    with pytest.raises(
        UserError, match=r"talk.people_told returned \[1, 2\] in month 1, where a whole number of 0 or more"
    ):
        run({"talk.people_told": lambda mood, p: [1, 2]})


@pytest.mark.parametrize(
    ("swap", "told"),
    [
        ({"talk.people_told": lambda mood, p: 2.9}, "people_told returned 2.9 in month 1, where a whole number of 0 or more is"),
        ({"talk.people_told": lambda mood, p: -3}, "people_told returned -3 "),
        ({"leave.chance_exit": lambda a, b, p: 7.0}, r"chance_exit returned 7.0 in month 1, where a number of 0 to 1 is needed \(cut it: min\(max\(x, 0\), 1\)\) \(customer 0\)"),
        ({"serve.next_satisfaction": lambda s, f, p: s - 1.5}, "next_satisfaction returned -1.* a number of -1 to 1 is needed"),
        ({"relate": lambda market: market.customers.trust.fill(50)}, r"relate, month 1: column trust must be 0 to 1 \(got 50.0 for customer 0\)"),
        ({"talk": lambda market: market.customers.aware.fill(2)}, "talk, month 1: column aware must be 0 to 1"),
    ],
)  # fmt: skip
def test_a_number_out_of_its_range_stops_the_run(swap, told):
    with pytest.raises(UserError, match=told):
        run(swap)


@pytest.mark.parametrize(
    "swap",
    [
        {"talk.people_told": lambda mood, p: 10.0 if mood < 0 else 3.0},
        {"relate.next_trust": lambda trust, self_service, p: 1.0 + 1e-9},
        {"leave.chance_exit": lambda exit_rate, need_rate, p: 0},
        {"contact.may_mail": lambda strategy, permission, known, listed: permission > 0},
    ],
)
def test_the_ends_of_a_range_and_rounding_are_allowed(swap):
    run(swap)


def test_equations_with_a_range_are_there_and_chances_have_one():
    names = {address.partition(".")[2] for address in EQUATIONS}
    assert set(own_numbers.EQUATIONS) <= names
    assert {name for name in names if name.startswith("chance_")} <= set(own_numbers.EQUATIONS)


def test_a_wrong_length_is_told_with_its_line():
    def wrong(market):
        market.customers.trust = [0.5, 0.5]

    with pytest.raises(
        UserError, match=r"talk failed in month 1, at line 2 of your function: .*\(2,\).*\(300,\)"
    ):
        run({"talk": wrong})


def test_books_that_do_not_add_up_are_the_swaps_fault():
    def takes_all(market):
        market.customers.supplier[:] = 0

    with pytest.raises(UserError, match="the books of month 1 do not add up after talk") as caught:
        run({"talk": takes_all})
    assert caught.value.run is not None


def test_a_policys_fault_is_told_likewise():
    class Late(sim.Policy):
        def decide(self, view):
            return sim.Plan(price=1 / (1 - view.month))

    with pytest.raises(
        UserError, match="the policy of East failed in month 2, at line 2 of your function: ZeroDivisionError"
    ) as caught:
        run(policies={"East": Late()})
    assert caught.value.run.months_done == 1


@pytest.mark.parametrize(
    ("swap", "kind", "told"),
    [
        ({"tlak": friends_only}, ValueError, 'swap: no stage or equation "tlak"; did you mean "talk"'),
        ({"talk.people_tld": friends_only}, ValueError, 'did you mean "talk.people_told"'),
        (
            {"community.chance_joins": friends_only},
            ValueError,
            "is an equation of an optional mechanism, which is used as it",
        ),
        ({"talk": lambda: None}, ValueError, r"swap.talk: must take 1 arguments, market \(got none\)"),
        ({"talk.people_told": lambda mood: 3}, ValueError, r"must take 2 arguments, mood, p \(got mood\)"),
        ({"talk": 3}, TypeError, r"swap.talk: must be a function \(got 3\)"),
    ],
)
def test_a_swap_that_cannot_be_is_refused_before_the_first_month(swap, kind, told):
    with pytest.raises(kind, match=told):
        run(swap)


def test_a_firm_that_there_is_not_is_refused_before_any_loop_looks_it_up():
    def moves_to_firm_seven(market):
        market.customers.supplier[5] = 7

    with pytest.raises(
        UserError, match=r"talk, month 1: column supplier must be -1 to 3 \(got 7 for customer 5\)"
    ):
        Market("plain", months=1, change={"market.customers": 50}, swap={"talk": moves_to_firm_seven}).step()


def test_infinity_from_an_equation_is_found_with_its_cause():
    def divides(mood, p):
        return 1 / (mood + 1)

    market = Market("plain", months=6, change={"market.customers": 300}, swap={"talk.people_told": divides})
    with pytest.raises(UserError, match=r"talk\.people_told returned inf in month 1, .* \(customer \d+\)"):
        market.run_model()


@pytest.mark.parametrize(
    ("mechanism", "column", "value", "said"),
    [
        ("exchange", "position", 3.0, r"position must be 0 to 1 \(got 3.0 for customer 5\)"),
        ("sales_force", "territory", -0.1, r"territory must be 0 to 1 \(got -0.1"),
        ("profiling", "covered", 255, r"covered must be 0 to 63 \(got 255 for customer 5\)"),
    ],
)
def test_what_loops_of_mechanisms_look_things_up_by_is_held_to_its_limits(mechanism, column, value, said):
    def wild(market):
        getattr(market.customers, column)[..., 5] = value

    change = {"market.customers": 300, f"mechanisms.{mechanism}.on": True}
    with pytest.raises(UserError, match=f"talk, month 1: column {said}"):
        run({"talk": wild}, change=change)
