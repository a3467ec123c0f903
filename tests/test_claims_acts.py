"""What claims do to twins: forced outcomes of the same failures, decisions held for chosen people, people followed."""

from __future__ import annotations

import numpy as np
import pytest

from sim.experiments.claims import recovery
from sim.experiments.claims.design import BRIEF
from sim.experiments.claims.following import Followed
from sim.experiments.claims.forcing import Firing, ForcedService, Held
from sim.experiments.claims.twins import Parting
from sim.ledger import C


@pytest.fixture(scope="module")
def parting():
    return Parting("plain", 3, BRIEF, customers=1_500)


def month(parting, **forced):
    lived = parting.arm(acts=[ForcedService(BRIEF.burn_in, **forced)], months=1)
    return {
        name: int(lived.counts[0, :, C[name]].sum())
        for name in ("failures", "voiced", "resolved", "resolved_quickly")
    }


def test_the_same_failures_are_silent_unresolved_slow_or_quick_as_forced(parting):
    free = month(parting)
    silent, unresolved, slow, quick = (month(parting, **how) for how in recovery.WAYS.values())
    n = free["failures"]
    assert n > 10 and 0 < free["voiced"] < n
    assert silent == {"failures": n, "voiced": 0, "resolved": 0, "resolved_quickly": 0}
    assert unresolved == {"failures": n, "voiced": n, "resolved": 0, "resolved_quickly": 0}
    assert slow == {"failures": n, "voiced": n, "resolved": n, "resolved_quickly": 0}
    assert quick == {"failures": n, "voiced": n, "resolved": n, "resolved_quickly": n}
    assert month(parting, reliability=1.0)["failures"] == 0
    assert month(parting) == free  # what was forced is forgotten


def test_recovery_is_judged_on_people_who_failed_once_in_that_month():
    rows = recovery._play({}, 2, BRIEF._replace(customers=3_000))
    forced = {(r["band"], r["way"]): r for r in rows if r["seen"] == "forced"}
    for band in ("slight", "severe"):
        own = [forced[band, way] for way in recovery.WAYS]
        assert len({r["people"] for r in own}) == 1 and own[0]["people"] > 10
        assert (own[0]["severity"] < recovery.SEVERE) == (band == "slight")
        silent, unresolved, slow, quick = (r["satisfaction"] for r in own)
        assert silent == unresolved < slow < quick
        seen = [r["people"] for r in rows if r["seen"] == "observed" and r["band"] == band]
        assert sum(seen) == own[0]["people"] and min(seen[:1]) > 0


def test_decisions_are_held_for_the_chosen_and_for_nobody_else(parting):
    c = parting.state.restore().customers
    own = np.flatnonzero(c.supplier == 0)
    chosen, generation = own[::3], c.generation.copy()
    kept = {}

    def look(market, stage):
        if stage == "decide" and "level" not in kept:
            kept["level"] = market.customers.level.copy()

    parting.arm(
        policies={"North": Held(None, chosen, generation, level="partnership")}, acts=[look], months=1
    )
    assert (kept["level"][chosen] == 4).all() and (kept["level"][np.setdiff1d(own, chosen)] == 1).all()
    newcomers = generation + 1  # somebody else has each place
    kept.clear()
    parting.arm(policies={"North": Held(None, chosen, newcomers, level="partnership")}, acts=[look], months=1)
    assert (kept["level"][own] == 1).all()


def test_only_the_chosen_are_fired_and_only_once(parting):
    own = np.flatnonzero(parting.state.restore().customers.supplier == 0)
    lived = parting.arm(policies={"North": Firing(None, own[:7], BRIEF.burn_in)}, months=3)
    assert lived.counts[:, 0, C["fired"]].tolist() == [7, 0, 0]


def test_what_followed_people_spend_and_earn_is_what_the_books_say_of_those_who_stayed(parting):
    market = parting.state.restore()
    followed = Followed(market)
    before = market.customers.spent_cents.copy(), market.customers.profit_cents.copy()
    parting.arm(acts=[followed], months=4)
    c = parting.market.customers
    stayed = (followed.firm >= 0) & (followed.months == 4) & (c.supplier == followed.firm)
    stayed &= c.generation == followed.generation
    assert stayed.sum() > 500
    assert followed.spent[stayed] * 100 == pytest.approx((c.spent_cents - before[0])[stayed])
    assert followed.earned[stayed] * 100 == pytest.approx((c.profit_cents - before[1])[stayed])
    assert (followed.served[followed.purchases == 0] >= 0).all() and (followed.happy <= followed.months).all()
