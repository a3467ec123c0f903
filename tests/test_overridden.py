"""A changed decision that a firm's policy overrides is named, with the cure; one that holds is not."""

import warnings

import pytest

import sim
from sim.cli import main

SMALL = {"market.customers": 100}
CLUB = "mechanisms.community.firms.Ridge.hosting"


@pytest.mark.parametrize(
    ("scenario", "change", "cure"),
    [
        ("community_brand", {CLUB: 0}, "change firms.Ridge.policy.hosting, or take the policy status_quo"),
        (
            "agent_marketplace",
            {"mechanisms.recommendation.firms.Sage.method": "best_seller"},
            "the policy status_quo",
        ),
        ("mobile_operator", {"firms.Volt.plan.price": 2.0}, "price_cutter of Volt decides it itself"),
    ],
)
def test_a_decision_that_the_policy_takes_itself_is_named(scenario, change, cure):
    (address,) = change
    with pytest.warns(UserWarning, match=f"{address} = .* does not hold") as told:
        sim.run(scenario, months=2, change=SMALL | change)
    assert len(told) == 1 and cure in str(told[0].message)


@pytest.mark.parametrize(
    ("scenario", "change"),
    [
        ("community_brand", {CLUB: 1}),  # what the policy decides as well
        ("community_brand", {CLUB: 0, "firms.Ridge.policy": "status_quo"}),
        ("community_brand", {"mechanisms.channels.firms.Ridge.automatic": 1}),
        ("community_brand", {"firms.Ridge.policy.hosting": 0}),
        ("two_cafes", {"firms.Express.plan.strategy": "silent"}),
        ("plain", {"firms.North.plan.level": "accountable", "firms.North.plan.staff": 3}),
    ],
)
def test_a_decision_that_holds_is_not(scenario, change):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sim.run(scenario, months=2, change=SMALL | change)


class Sale(sim.Policy):
    """A low price in every second month."""

    def decide(self, view):
        return sim.Plan(price=0.8) if view.month % 2 else sim.Plan()


class Below(sim.Policy):
    """A little under the own usual price."""

    def decide(self, view):
        return sim.Plan(price=0.95 * view.plan.price)


@pytest.mark.parametrize(
    ("policy", "change"),
    [
        ("acquirer", {"firms.Express.plan.advertising": 600}),  # it takes twice the plan's
        ("retainer", {"firms.Express.plan.advertising": 600}),
        (Sale, {"firms.Express.plan.price": 1.3}),  # the price is that in each other month
        (Below, {"firms.Express.plan.price": 1.3}),
    ],
)
def test_a_decision_that_the_policy_builds_on_or_takes_now_and_then_is_not(policy, change):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sim.run("two_cafes", months=2, change=SMALL | change, policies={"Express": policy})


def test_the_cure_does_not_name_the_parameter_of_a_policy_that_was_given():
    with pytest.warns(UserWarning, match=r"in month 2\); take the policy status_quo$"):
        sim.run("community_brand", months=2, change=SMALL | {CLUB: 0}, policies={"Ridge": "hosts_community"})


def test_the_command_says_it_in_a_note(capsys):
    words = [
        "run",
        "community_brand",
        "--months",
        "2",
        "--change",
        f"{CLUB}=0",
        "--change",
        "market.customers=100",
    ]
    assert main(words) == 0
    assert f"Note: {CLUB} = 0.0 does not hold" in " ".join(capsys.readouterr().err.split())


def test_a_comparison_says_in_which_worlds():
    pair = sim.compare(
        "community_brand", {"no club": {"change": {CLUB: 0}}, "truly": {"policies": {"Ridge": "status_quo"}, "change": {CLUB: 0}}},
        seeds=1, months=2, change=SMALL,
    )  # fmt: skip
    (note,) = pair.notes
    assert note.startswith(f'"no club": {CLUB} = 0.0 does not hold: the policy hosts_community of Ridge')
