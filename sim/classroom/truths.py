"""What only a debrief tells: what customers are truly worth, and a team's market had it decided otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.classroom.decisions import Decision
from sim.classroom.markets import Rounds, Table
from sim.classroom.settings import Settings
from sim.lifetime import lifetime_value

FUTURES = 10
"""Futures of the same state that are lived: the table has the standard error."""

MONTHS = 36
"""How far each future goes; what comes after is estimated from the last year."""


def debriefed(settings: Settings, number: int, rounds: Rounds, team: int) -> dict[str, Any]:
    """A team's truth after these rounds, as plain data.

    Returns
    -------
    `values` : for each method its lifetime value a customer, in money, and for the true one its standard error.
    `as_it_was`, `had_it_not` : of the team, each other team and each rival the customers and the profit of all rounds, in
    the game, and in its twin: same customers, same luck, the team on the default plan from the first round.
    """
    was = Table(settings, number)
    own = was.teams[team]
    here = _played(was, rounds)
    twin = Table(settings, number)
    there = _played(twin, [{**decided, team: Decision({})} for decided in rounds])
    return {"values": _values(was, own), "as_it_was": here, "had_it_not": there, "firm": own}


def _played(table: Table, rounds: Rounds) -> dict[str, dict[str, float]]:
    """Customers at the end and profit of all rounds, by firm."""
    table.play(rounds)
    market = table.market
    profit = [
        float(sum(market.ledger.profit(m)[f.place] for m in range(market.month))) / 100.0
        for f in market.firms
    ]
    return {
        firm.name: {"customers": float(market.heads[-1][firm.place]), "profit": profit[firm.place]}
        for firm in market.firms
    }


def _values(table: Table, firm: str) -> list[Mapping[str, Any]]:
    """Lifetime values of a firm's customers, by method, the true one last."""
    frame = lifetime_value(table.market, method="all", firm=firm, futures=FUTURES, months=MONTHS)
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
