"""Who is not touched by a change is the same to the last bit; and watching a market changes nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from sim.columns import COLUMNS, STATE
from sim.market import Market
from sim.metrics import METRICS
from sim.runs import Run
from sim.verify.figures import Figure, Say

FIRMS = """
[firms.North]
[firms.East]
plan.strategy = "interruption"
[firms.South]
plan.recovery = "compensation"
[firms.West]
plan.discount = 0.1
"""

FIFTH = """
[firms.Fifth]
initial_share = 0
quality = 0.5
plan.price = 0.8
plan.advertising = 0
"""
"""A firm that nobody is told of: it has no customers, and does not advertise."""


def with_firms(more: str, change: dict[str, Any], customers: int, months: int) -> Market:
    """A market of four firms, and of more, run for some months."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "firms.toml"
        file.write_text(f'tenfold = 1\ntitle = "Firms"\n{FIRMS}{more}', encoding="utf-8")
        market = Market(file, seed=5, months=months, change={"market.customers": customers, **change})
    market.run_model()
    return market


def differ(one: Market, other: Market) -> np.ndarray:
    """Customers of whom anything differs, bool (N,); of the pairs those of the firms that both markets have."""
    found = np.zeros(len(one.customers), dtype=bool)
    firms = min(len(one.firms), len(other.firms))
    for column in COLUMNS:
        if column.name in STATE:
            a, b = (getattr(m.customers, column.name) for m in (one, other))
            if column.kind == "pair":
                a, b = a[:firms], b[:firms]
            unequal = a != b
            found |= unequal if unequal.ndim == 1 else unequal.any(axis=0)
    return found


def unknown_firm(customers: int) -> Figure:
    """A fifth firm of which nobody knows: everybody is as without it, month after month."""
    worlds = [
        with_firms(more, {"market.initial_awareness": 0.0}, customers, months=14) for more in ("", FIFTH)
    ]
    n = int(differ(*worlds).sum())
    return Figure(
        "a firm is added that nobody knows, 14 months",
        f"{customers - n:,} of {customers:,} customers equal",
        "all equal",
        n == 0,
    )


def known_firm(customers: int) -> Figure:
    """A fifth firm that some know: in its first month those who do not know it are as without it."""
    silent = {"talk.happy_talks": 0.0, "talk.unhappy_tells": 0}
    worlds = [with_firms(more, silent, customers, months=1) for more in ("", FIFTH)]
    unaware = worlds[1].customers.aware[4] == 0
    changed = differ(*worlds)
    n, wrong = int(unaware.sum()), int((changed & unaware).sum())
    return Figure(
        "a firm is added that some know: those who do not, first month",
        f"{n - wrong:,} of {n:,} customers equal",
        "all equal",
        wrong == 0 and n > 0 and bool(changed.any()),
    )


# ---------------------------------------------------------------- one market, watched or not


def one_more_metric(market: Market) -> None:
    """The month, with a metric more."""
    METRICS["one_more"] = lambda m: np.array([m.customers.loyalty.mean()] * len(m.firms))
    market.metrics.setdefault("one_more", [])
    try:
        market.step()
    finally:
        del METRICS["one_more"]


def one_more_draw(market: Market) -> None:
    """The month, and a draw that nobody uses."""
    market.step()
    market.draws.normal("own_3", market.customers.ids, sd=2.0)


def watched(market: Market) -> None:
    """The month, and then everything that looks: hash, tables, plots, rows, groups, a view of each firm."""
    import matplotlib

    from sim.policies import View

    matplotlib.use("Agg")
    from matplotlib import pyplot

    market.step()
    run = Run(market)
    assert run.hash
    for table in ("firms", "months", "customers", "departures", "ledger", "rules", "table"):
        assert getattr(run, table) is not None
    for kind in ("months", "departures", "costs"):
        run.plot(kind)
        pyplot.close("all")
    customers = market.customers
    customers.frame(pairs=True)
    customers.groupby("supplier")
    repr(customers[0])
    customers.select(customers.mood < 0).get("loyalty")
    for firm in market.firms:
        View(market, firm).customers.frame()


def collected(market: Market) -> None:
    """The month, and Mesa's data collector."""
    if not market.datacollector.model_reporters:
        market.datacollector = type(market.datacollector)(
            model_reporters={"month": "month"}, agent_reporters={"loyalty": "loyalty", "supplier": "supplier"}
        )
    market.step()
    market.datacollector.collect(market)


MONTHS: dict[str, Callable[[Market], None]] = {
    "a metric is added": one_more_metric,
    "a draw is added that nobody uses": one_more_draw,
    "every month tables, plots, hashes, rows, views": watched,
    "every month a data collector": collected,
}
"""Other ways through a month, that must give the same market."""


def hash_by(month: Callable[[Market], None], name: str, customers: int, months: int) -> str:
    """The state hash of a scenario whose months go one by one in some way."""
    market = Market(name, seed=5, months=months, change={"market.customers": customers})
    for _ in range(months):
        month(market)
    return market.state_hash


def check_untouched(full: bool, say: Say) -> list[Figure]:
    """Customers that a change does not reach, and markets that are watched, are equal to the bit."""
    customers = 20_000 if full else 2_000
    say("a firm is added")
    found = [unknown_firm(customers), known_firm(customers)]
    names = ("two_cafes", "mobile_operator", "shouting_mailers", "plain") if full else ("two_cafes", "plain")
    size, months = (1_000, 13) if full else (200, 3)
    plain = {name: hash_by(lambda m: m.step(), name, size, months) for name in names}
    for what, month in MONTHS.items():
        say(what)
        equal = sum(hash_by(month, name, size, months) == plain[name] for name in names)
        found.append(Figure(what, f"{equal} of {len(names)} worlds equal", "all equal", equal == len(names)))
    return found
