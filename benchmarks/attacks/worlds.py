"""Worlds of every kind, made by Hypothesis: settings, segments, firms, policies, rules, networks, all legal.

Any number may stand at an end of its range. A made world is plain tables, as a scenario file gives them.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attacks.invariants import run
from attacks.world import put
from sim.market import Market
from sim.mechanisms import MECHANISMS
from sim.policies import POLICIES
from sim.scenario import Scenario, Tables, addresses
from sim.scenario.finding import with_all_mechanisms
from sim.scenario.laws import Parameter
from sim.scenario.reading import Source
from sim.scenario.validation import validate

MOST_CUSTOMERS = 90
FREE_OF = ("market.customers", "market.months", "talk.tries")
"""Numbers that say how long a run takes: chosen apart."""

KNOWN = addresses(with_all_mechanisms(Tables()))
CONDITIONS = (
    "True", "status == lapsed", "status in (lapsed, lost)", "spent > 60 and complaints == 0", "value_rank > 0.5",
    "months_since_purchase > 1", "permission == opted_out or identified < 2", "clv < 0 and tenure > 2", "profit / spent < 0.1",
    "segment_guess == s0", "(1 if status == active else 0) * frequency > 3", "not reads > 0",
)  # fmt: skip
BY_CUSTOMER = ("level", "discount", "messages", "social", "structural", "offer", "fire")


def number(one: Parameter) -> st.SearchStrategy[Any]:
    """A legal number: an end of its range, its default, or anything between."""
    low, high = one.low or 0.0, 1.0 if one.high is None else one.high
    if one.type == "whole number":
        inside = st.integers(int(low), min(int(high), 5_000))
        return st.one_of(st.sampled_from([int(low), min(int(high), 5_000), one.default or int(low)]), inside)
    ends = [float(low), float(high), float(one.default if isinstance(one.default, (int, float)) else low)]
    return st.one_of(st.sampled_from(ends), st.floats(float(low), float(high), allow_subnormal=False))


def value(one: Parameter) -> st.SearchStrategy[Any]:
    """A legal value of a parameter."""
    if one.address.endswith(".staff"):
        return st.one_of(st.just("auto"), st.sampled_from([0.0, 1e-6, 0.05, 3.0, 1e7]))
    if one.type in ("number", "whole number"):
        return number(one)
    return st.booleans() if one.type == "yes or no" else st.sampled_from(list(one.words))


def some(prefix: str, most: int) -> st.SearchStrategy[dict[str, Any]]:
    """Values for some of the parameters below an address, by the rest of theirs."""
    kinds = ("number", "whole number", "word", "yes or no")
    below = {
        key.removeprefix(prefix): one
        for key, one in KNOWN.items()
        if key.startswith(prefix) and one.type in kinds
    }
    below = {
        key: one for key, one in below.items() if one.address not in FREE_OF and "initial_share" not in key
    }
    chosen = st.lists(st.sampled_from(sorted(below)), max_size=most, unique=True)
    return chosen.flatmap(lambda keys: st.fixed_dictionaries({key: value(below[key]) for key in keys}))


STAGES = (
    "market.",
    "decide.",
    "advertise.",
    "contact.",
    "buy.",
    "serve.",
    "relate.",
    "talk.",
    "leave.",
    "account.",
)
STAGE_VALUES = {prefix: some(prefix, 4) for prefix in STAGES}
MECHANISM_VALUES = {name: some(f"mechanisms.{name}.", 5) for name in MECHANISMS}
PLAN, FIRM = some("firms.North.plan.", 7), some("firms.North.", 3)
TRAITS = some("segments.everyone.", 5)


@st.composite
def policy(draw: Any) -> str | dict[str, Any]:
    """A shipped policy, with some of its own parameters."""
    name = draw(st.sampled_from(sorted(POLICIES)))
    own = POLICIES[name].parameters
    keys = draw(st.lists(st.sampled_from(sorted(own)), unique=True)) if own else []
    table: dict[str, Any] = {"name": name}
    for key in keys:
        low, high, _ = own[key]
        is_whole = isinstance(low, int) and isinstance(high, int)
        table[key] = draw(
            st.integers(low, min(high, 60)) if is_whole else st.floats(float(low), min(float(high), 1e3))
        )
    return table if keys else name


@st.composite
def rule(draw: Any) -> dict[str, Any]:
    """A rule with one to three decisions."""
    keys = draw(st.lists(st.sampled_from(BY_CUSTOMER), min_size=1, max_size=3, unique=True))
    then = {key: draw(value(KNOWN[f"firms.North.plan.{key}"])) for key in keys}
    return {"if": draw(st.sampled_from(CONDITIONS)), "then": then}


@st.composite
def segment(draw: Any) -> dict[str, Any]:
    """A segment: some traits with means and spreads, some alike for all; the laws between them kept."""
    table: dict[str, Any] = {}
    for key, given_value in draw(TRAITS).items():
        if key not in ("share",) and not key.endswith(".varies"):
            put(table, tuple(key.split(".")), given_value)
    for key, trait in table.items():
        if not isinstance(trait, dict):
            continue
        mean = trait.get("mean", KNOWN[f"segments.everyone.{key}.mean"].default)
        spread = KNOWN.get(f"segments.everyone.{key}.sd")
        sd = trait.get("sd", spread.default if spread else 0.0)
        if f"segments.everyone.{key}.width" in KNOWN:
            trait["width"] = min(trait.get("width", 1.0), 2 * min(mean, 1 - mean))
        is_share = f"segments.everyone.{key}.strength" in KNOWN
        if (is_share and not 0 < mean < 1) or mean * 1000 < sd:
            table[key] = {"mean": mean, "varies": False}
    return table


@st.composite
def firm(draw: Any) -> dict[str, Any]:
    """A firm: capabilities, plan, often a policy, some rules."""
    table: dict[str, Any] = {}
    for key, given_value in draw(FIRM).items():
        if not key.startswith("plan."):
            put(table, tuple(key.split(".")), given_value)
    table["plan"] = draw(PLAN)
    if draw(st.booleans()):
        table["policy"] = draw(policy())
    if rules := draw(st.lists(rule(), max_size=3)):
        table["rules"] = rules
    return table


@st.composite
def worlds(draw: Any) -> dict[str, Any]:
    """The plain tables of a legal world of few customers."""
    tables: dict[str, Any] = {"tenfold": 1}
    for prefix in draw(st.lists(st.sampled_from(STAGES), max_size=6, unique=True)):
        for key, given_value in draw(STAGE_VALUES[prefix]).items():
            put(tables, (prefix[:-1], *key.split(".")), given_value)
    put(tables, ("market", "setting"), draw(st.sampled_from(["free", "contract"])))
    put(tables, ("market", "customers"), draw(st.integers(1, MOST_CUSTOMERS)))
    put(tables, ("talk", "tries"), draw(st.sampled_from([1, 7, 200])))
    raw = draw(st.one_of(st.just([1.0] * 12), st.lists(st.floats(0, 10), min_size=12, max_size=12)))
    if sum(raw) > 1e-3:
        put(tables, ("market", "season"), [month * 12 / sum(raw) for month in raw])
    n_segments = draw(st.integers(1, 3))
    tables["segments"] = {f"s{i}": {**draw(segment()), "share": 1 / n_segments} for i in range(n_segments)}
    tables["firms"] = {f"F{i}": draw(firm()) for i in range(draw(st.sampled_from([1, 2, 3, 5, 9])))}
    for name in draw(st.lists(st.sampled_from(sorted(MECHANISMS)), max_size=4, unique=True)):
        put(tables, ("mechanisms", name, "on"), True)
        for key, given_value in draw(MECHANISM_VALUES[name]).items():
            parts = tuple(key.split("."))
            if parts[0] != "firms" or parts[1] == "North":
                put(
                    tables,
                    ("mechanisms", name, *("F0" if part == "North" else part for part in parts)),
                    given_value,
                )
        tables["mechanisms"][name]["on"] = True
    if draw(st.booleans()):
        for i, one in enumerate(tables["firms"].values()):
            one["initial_share"] = 1.0 if i == 0 else 0.0
    if tables["talk"].get("network") == "file":
        tables["market"]["customers"] = max(2, tables["market"]["customers"])
        tables["talk"]["edges"] = "edges.csv"
    return tables


def run_world(tables: dict[str, Any], folder: Path, months: int, seed: int) -> list[str]:
    """Run a world; what does not hold, in sentences."""
    (folder / "edges.csv").write_text("0,1\n", encoding="utf-8")
    scenario = Scenario("made", validate(tables, Source(folder=folder)), folder=folder)
    return run(Market(scenario, seed=seed, months=months), months)


def attack(n: int, months: int = 14) -> int:
    """Run so many made worlds; the first in which something does not hold raises AssertionError with the world.

    Returns
    -------
    int
        Worlds that were run.
    """
    ran = 0

    with tempfile.TemporaryDirectory() as name:

        @settings(
            max_examples=n,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(worlds(), st.integers(0, 2**64 - 1))
        def hold(tables: dict[str, Any], seed: int) -> None:
            nonlocal ran
            ran += 1
            wrong = run_world(tables, Path(name), months, seed)
            assert not wrong, wrong

        hold()
    return ran
