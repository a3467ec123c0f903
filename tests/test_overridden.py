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


def ruled(folder, *rules):
    """A scenario whose firm A has these rules."""
    text = 'tenfold = 1\ntitle = "Rules"\n[market]\ncustomers = 200\n[firms.A]\n'
    text += (
        "".join(f'[[firms.A.rules]]\nif = "{if_}"\nthen = {then}\n' for if_, then in rules) + "[firms.B]\n"
    )
    (folder / "ruled.toml").write_text(text)
    return str(folder / "ruled.toml")


PARTNERSHIP = ("spent >= 0", '{ level = "partnership" }')


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            {"change": {"firms.A.plan.level": "proactive"}},
            "firms.A.plan.level = proactive does not hold: rule 1",
        ),
        ({"policies": {"A": "basic"}}, "rules of A come after its policy basic, .* level by rule 1"),
        ({"change": {"firms.A.policy": "basic"}}, "rules of A come after its policy basic"),
        ({"policies": {"A": "level_by_value"}}, "rules of A come after its policy level_by_value"),
    ],
)
def test_what_rules_decide_for_everybody_is_named(tmp_path, words, told):
    with pytest.warns(UserWarning, match=told) as all_told:
        sim.run(ruled(tmp_path, PARTNERSHIP), months=4, **words)
    assert len(all_told) == 1


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"change": {"firms.B.plan.level": "proactive"}},
        {"change": {"firms.A.plan.price": 1.1}},
        {"policies": {"A": "price_cutter", "B": "basic"}},
    ],
)
def test_what_rules_leave_alone_is_not(tmp_path, words):
    some = ("spent > 60", '{ discount = 0.1, level = "basic" }')
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sim.run(ruled(tmp_path, PARTNERSHIP), months=4, **words)
        sim.run(ruled(tmp_path, some), months=4, policies={"A": "partnership"})


@pytest.mark.parametrize(
    ("rules", "notes"),
    [
        ([("status == active", "{ offer = 0.2 }")], ["offer reaches the lapsed and lost only: none of "]),
        ([("spent > 0", "{ messages = 3 }")], ["messages reach nobody while the strategy is silent: none of "]),
        ([("spent > 9 and tenure > 1", '{ level = "partnership" }'), ("spent > 0", '{ level = "basic" }')],
         ["level is never carried out: decided again by rule 2", ""]),
        ([("spent > 9 and tenure > 1", '{ level = "basic" }'), ("spent > 0", '{ level = "basic" }')], ["", ""]),
        ([("spent > 9", '{ level = "partnership" }'), ("spent > 50", '{ level = "basic" }')], ["", ""]),
        ([("spent > 0", "{ messages = 0 }")], [""]),
    ],
)  # fmt: skip
def test_a_rule_of_which_nothing_is_carried_out_has_a_note(tmp_path, rules, notes):
    file = ruled(tmp_path, *rules)
    strategy = "silent" if "messages" in rules[0][1] else "opt_in"
    change = {"firms.A.plan.strategy": strategy}
    table = sim.run(file, months=6, change=change).rules
    assert (table["fired"] > 0).all()
    for note, said, done in zip(notes, table["note"], table["carried_out"], strict=True):
        assert said.startswith(note) and bool(said) == bool(note) == (done == 0)
    checked = repr(sim.check(sim.load(file).with_changes(change)))
    assert all(note in checked for note in notes) and ("rule 1" in checked) == any(notes)


def test_what_is_carried_out_is_what_customers_have(tmp_path):
    file = ruled(
        tmp_path, ("spent > 60", '{ level = "partnership" }'), ("spent > 200", '{ level = "basic" }')
    )
    market = sim.Market(file, months=4)
    market.run_model()
    before = market.firms[0].rule_counts[:, 2, 0].copy()
    market.months = 5
    for stage in market.pass_stages():
        if stage == "decide":
            level = market.customers.level[market.customers.supplier == 0]
            held = market.firms[0].rule_counts[:, 2, 0] - before
    assert held[0] == (level == 4).sum() > 0


def test_check_notes_what_a_policy_asks_of_whom_it_cannot_reach():
    def decide(self, view):
        return sim.Plan().where(view.customers.status == "active", offer=0.3)

    checked = sim.check(type("Mine", (sim.Policy,), {"decide": decide, "__doc__": "A policy of a test."}))
    assert checked.ok and "offer reaches the lapsed and lost only: none of " in repr(checked)


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
