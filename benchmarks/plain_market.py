"""The plain market: the same model with one Mesa agent a person, written for reading.

    python benchmarks/plain_market.py                          # scenario plain, 300 people, 12 months
    python benchmarks/plain_market.py two_cafes --months 24

The engine in `sim/` keeps people as columns and runs compiled loops over blocks of them. Here is the
same model as one would tell it: `Person` objects that see advertising, get mail, shop, are served,
talk and leave, one after the other, in the nine stages of `PlainMarket.step`. Both call the same
equations (those of `sim/behaviours`) and draw the same luck, so that both must reach the same state,
to the last bit: `first_difference` says where they do not, and `tests/test_plain_market.py` looks.

What is shared with the engine: equations and parameters, keyed draws, tables of traits, the network of
acquaintances, policies, plans and rules of firms, and the checks of the ledger. All else, who does
what in which order and what is kept of it, is written here a second time.

Read `plain/person.py` (what a person is), then `plain/decide.py`, `plain/contact.py`, `plain/buy.py`,
`plain/serve.py` and `plain/talk.py` (what happens in a month). Numbers are Python floats; where the
engine stores one in a column of single precision, `single` rounds it: once, when it is kept.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

if __name__ == "__main__":
    sys.path.insert(1, str(Path(__file__).resolve().parents[1]))

import mesa
import numpy as np
from plain.buy import buy
from plain.contact import contact
from plain.decide import advertise, decide
from plain.firm import PlainFirm, Records, who_is_listed
from plain.person import Person, columns, loyalty_at_the_start
from plain.serve import relate, serve
from plain.talk import account, leave, talk

from sim import network
from sim.behaviours import EQUATIONS
from sim.behaviours.advertise import AdvertiseParameters
from sim.behaviours.buy import BuyParameters, bills_bound
from sim.behaviours.contact import ContactParameters
from sim.behaviours.decide import DecideParameters
from sim.behaviours.frame import parameters
from sim.behaviours.leave import LeaveParameters
from sim.behaviours.relate import RelateParameters
from sim.behaviours.serve import ServeParameters
from sim.behaviours.talk import TalkParameters
from sim.columns import BY_NAME
from sim.compiled import equation
from sim.draws import CODES, key_of, philox, uniform
from sim.ledger import ACTIVITIES, COUNTS, C, Ledger
from sim.market import Market
from sim.policies import make_policy
from sim.rules import compile_rule
from sim.scenario import load
from sim.scenario.database import vocabulary
from sim.scenario.words import LEVELS
from sim.swaps import Swaps
from sim.traits import initial_shares, population

STAGES: tuple[Callable[[PlainMarket], None], ...] = (
    decide, advertise, contact, buy, serve, relate, talk, leave, account,
)  # fmt: skip
"""A month, in order."""


@dataclass
class Departure:
    """Somebody left a firm: when, who, whom, for whom (-1 nobody), the true reason and the one reported."""

    month: int
    customer: int
    generation: int
    firm: int
    to: int
    reason: int
    tenure: int
    reported: int = -1


class PlainMarket(mesa.Model):
    """A market of people and firms, month by month; small, slow and equal to `sim.Market`.

    Parameters
    ----------
    scenario : a shipped name, a file or a Scenario.
    seed : int, 0 to 2**64 - 1.
    change : dict, address -> value.
    policies : dict, firm -> a policy's name, a table with its name, or a `sim.Policy`.
    compiled : call the compiled equations one by one. Unless given, the same equations run as they are
        written, in Python, which is faster here: a compiled one unpacks all parameters at each call.

    Attributes
    ----------
    people : list of Person. firms : list of PlainFirm. month : months done.
    eq : the model's equations by name. p : numbers of each stage. ledger : closed books.
    """

    def __init__(
        self,
        scenario: Any = "plain",
        *,
        seed: int = 1,
        change: dict[str, Any] | None = None,
        policies: dict[str, Any] | None = None,
        compiled: bool = False,
    ) -> None:
        super().__init__(rng=int(seed) % 2**63)
        self.world = load(scenario).with_changes(change) if change else load(scenario)
        self.tables = self.world.tables
        self.key = key_of(int(seed))
        self.month = 0
        self.norm = 0.0
        self.names = list(self.tables.firms)
        self.levels = [getattr(self.tables.decide.levels, name) for name in LEVELS]
        self.has_contracts = self.tables.market.setting == "contract"
        self.counted = C
        self.ledger = Ledger(len(self.names))
        self.departures: list[Departure] = []
        self.p = numbers(self.tables)
        self.eq = SimpleNamespace(
            **{
                address.split(".")[1]: function if compiled else function.py_func
                for address, function in EQUATIONS.items()
            }
        )
        self.make_people(int(seed))
        self.swaps = Swaps({})
        self.customers = Records(self.people)
        given = policies or {}
        self.firms = [self.make_firm(place, name, given.get(name)) for place, name in enumerate(self.names)]
        self.public = {firm.name: firm.shows(self.people) for firm in self.firms}

    def make_people(self, seed: int) -> None:
        """People, each with traits and perhaps a supplier, and who knows whom."""
        self.population = population(self.tables, self.key)
        self.start_shares = np.cumsum(initial_shares(self.tables))
        self.start_loyalty = loyalty_at_the_start()
        self.people = [Person(self, number) for number in range(self.tables.market.customers)]
        talk_table = self.tables.talk
        self.network = network.build(
            talk_table.network, len(self.people), talk_table.degree, talk_table.rewiring, seed,
            file=self.world.edges_file,
        )  # fmt: skip

    def make_firm(self, place: int, name: str, given: Any = None) -> PlainFirm:
        """A firm with the policy and rules of its table, or another policy that is given."""
        table = self.tables.firms[name]
        policy = make_policy(given or table.policy, f"firms.{name}.policy")
        rules = [
            SimpleNamespace(condition=self.compile_rule(rule.condition), then=dict(rule.then))
            for rule in table.rules
        ]
        return PlainFirm(self, place, name, policy, rules)

    # ------------------------------------------------ a month

    def step(self) -> None:
        """One month: the nine stages."""
        self.season = float(self.tables.market.season[self.month % 12])
        self.departures_now: list[Departure] = []
        for person in self.people:
            person.clear_month()
        for stage in STAGES:
            stage(self)
        self.departures += self.departures_now
        self.public = {firm.name: firm.shows(self.people) for firm in self.firms}
        self.month += 1

    # ------------------------------------------------ what stages use

    def uniforms(self, purpose: str, number: int, k: int, when: int) -> tuple[float, float, float, float]:
        """Four numbers in (0, 1) for a purpose, a person's number, k and a month (or generation)."""
        return four_uniforms(number, k, when, CODES[purpose], *self.key)

    def note_departure(self, person: Person, to: int, reason: int) -> None:
        """Keep that a customer leaves the supplier now."""
        self.departures_now.append(
            Departure(
                self.month, person.number, person.generation, person.supplier, to, reason, person.tenure
            )
        )

    def compile_rule(self, text: str) -> Any:
        """A rule's condition over the database columns of this scenario."""
        return compile_rule(text, vocabulary(self.tables.segments))

    def listed(self, firm: int) -> np.ndarray:
        """Who stands on the list that a firm can buy, bool (N,): a firm's view asks."""
        return who_is_listed(self.people, firm)


@equation
def four_uniforms(number, k, when, code, key0, key1):
    """Four numbers in (0, 1): the words of one keyed draw."""
    w0, w1, w2, w3 = philox(number, k, when, code, key0, key1)
    return uniform(w0), uniform(w1), uniform(w2), uniform(w3)


def numbers(tables: Any) -> SimpleNamespace:
    """The numbers of each stage, as its equations take them."""
    contact_cost, contact_time = tables.decide.contact_cost, tables.decide.contact_time
    return SimpleNamespace(
        decide=parameters(
            DecideParameters, tables.decide, memory=tables.account.recent_memory,
            initial_trust=tables.buy.initial_trust,
        ),
        advertise=parameters(AdvertiseParameters, tables.advertise),
        contact=parameters(ContactParameters, tables.contact),
        buy=parameters(
            BuyParameters, tables.buy, cause_weight=tables.leave.cause_weight,
            reason_above=tables.leave.reason_above, bills=bills_bound(tables),
        ),
        serve=parameters(ServeParameters, tables.serve, contact_cost=contact_cost, contact_time=contact_time),
        relate=parameters(
            RelateParameters, tables.relate, contact_cost=contact_cost,
            targeting_cost=tables.contact.targeting_cost,
            personalization_cost=tables.contact.personalization_cost,
        ),
        talk=parameters(TalkParameters, tables.talk),
        leave=parameters(LeaveParameters, tables.leave, initial_trust=tables.buy.initial_trust),
    )  # fmt: skip


# ---------------------------------------------------------------- is it the same as the columns?


def first_difference(market: Market, plain: PlainMarket) -> str | None:
    """Where a market of columns and a plain one differ after the same months, in a sentence; None: nowhere."""
    names = plain.names
    for name, values in columns(plain.people).items():
        stored = getattr(market.customers, name)
        differ = np.argwhere(stored != values)
        if len(differ) or stored.dtype != values.dtype or stored.shape != values.shape:
            place = tuple(differ[0]) if len(differ) else ()
            firm = f" with {names[place[0]]}" if place and BY_NAME[name].kind == "pair" else ""
            return (
                f"month {plain.month}: {name} of customer {place[-1] if place else '?'}{firm} is "
                f"{stored[place]} in the columns, {values[place]} in the plain market ({len(differ)} differ)"
            )
    books = [
        (ACTIVITIES, market.ledger.months[-1:], plain.ledger.months[-1:]),
        (COUNTS, market.ledger.counts[-1:], plain.ledger.counts[-1:]),
    ]
    for lines, theirs, ours in books:
        for f, line in np.argwhere(np.array(theirs) != np.array(ours))[:1, -2:]:
            name = getattr(lines[line], "name", lines[line])
            return (
                f"month {plain.month}: {name} of {names[f]} is {theirs[-1][f, line]} in the columns, "
                f"{ours[-1][f, line]} in the plain market"
            )
    return difference_of_firms(market, plain)


def difference_of_firms(market: Market, plain: PlainMarket) -> str | None:
    """The same for the state of firms, the norm, closed accounts and departures."""
    pairs = [("norm", market.norm, plain.norm), ("public", market.public, plain.public)]
    for one, two in zip(market.firms, plain.firms, strict=True):
        for name in ("skill", "morale", "staff", "deliverability", "report_rate", "load", "survey"):
            pairs.append((f"{name} of {one.name}", getattr(one, name), getattr(two, name)))
        pairs.append((f"rules of {one.name}", one.rule_fired.tolist(), two.rule_fired.tolist()))
    pairs.append(("departed", market.ledger.departed.tolist(), plain.ledger.departed.tolist()))
    fields = ("month", "customer", "generation", "firm", "to", "reason", "tenure", "reported")
    theirs = [row for d in market.departures for row in zip(*(d[f].tolist() for f in fields), strict=True)]
    ours = [tuple(getattr(d, f) for f in fields) for d in plain.departures]
    key = fields.index("customer") + 1
    pairs.append(("departures", sorted(theirs, key=lambda d: d[:key]), sorted(ours, key=lambda d: d[:key])))
    for name, one, two in pairs:
        if one != two:
            return f"month {plain.month}: {name} is {one} in the columns, {two} in the plain market"
    return None


def main() -> None:
    """Run both markets side by side and say whether they agree, and what the plain one costs."""
    parser = argparse.ArgumentParser(description="The plain market beside the columns.")
    parser.add_argument("scenario", nargs="?", default="plain")
    parser.add_argument("--customers", type=int, default=300)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--compiled", action="store_true", help="call the compiled equations one by one")
    given = parser.parse_args()
    change = {"market.customers": given.customers}
    PlainMarket(given.scenario, change={"market.customers": 50}, compiled=given.compiled).step()  # compiles
    market = Market(given.scenario, seed=given.seed, months=given.months, change=change)
    plain = PlainMarket(given.scenario, seed=given.seed, change=change, compiled=given.compiled)
    seconds = 0.0
    for _ in range(given.months):
        market.step()
        began = time.process_time()
        plain.step()
        seconds += time.process_time() - began
        difference = first_difference(market, plain)
        if difference:
            sys.exit(difference)
    cost = 1e9 * seconds / (given.customers * given.months)
    print(f"{given.customers} people, {given.months} months: equal to the columns in everything, to the bit")
    print(f"the plain market took {cost:,.0f} ns a customer-month (CPU)")


if __name__ == "__main__":
    main()
