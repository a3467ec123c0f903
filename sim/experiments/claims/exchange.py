"""Match the exchange to the situation: is the exchange that fits best in every situation?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sim.experiments.claims.design import Design, Judged, Part, Picture, Size
from sim.experiments.claims.effects import mean_and_spread, paired, pictured
from sim.experiments.claims.twins import Parting
from sim.experiments.claims.verdicts import Cell
from sim.mechanisms.exchange import EXCHANGES

SITUATIONS = {"low": 0.05, "middle": 0.5, "high": 0.95}
KINDS = EXCHANGES[:3]
"""The kinds of exchange, in the order of the situations that they fit."""
MIXED = "mixed"
OWN = "mechanisms.exchange.firms.Kessler.exchange"
COSTS = {"account_cost": 50.0, "assessment_cost": 20.0}
"""In EUR a month, for accounts that buy for thousands; the defaults are made for small ones."""


def _worlds(size: Size) -> list[dict[str, Any]]:
    return [{"situation": name} for name in (*SITUATIONS, MIXED)]


def _play(world: Mapping[str, Any], seed: int, size: Size) -> list[dict[str, Any]]:
    name = world["situation"]
    spread: dict[str, Any] = {"situation_spread": 0.25, "orientation_counts": 1.5}
    if name != MIXED:
        spread = {"situation": SITUATIONS[name], "situation_spread": 0.1, "orientation_counts": 0.0}
    change = {f"mechanisms.exchange.{key}": level for key, level in (COSTS | spread).items()}
    change |= {"firms.Kessler.policy": "reactive"}
    parting = Parting("industrial_supplier", seed, size, change=change, customers=min(1_000, size.customers))
    at_first = len(parting.market.customers) / len(parting.market.firms)
    rows = []
    for kind in KINDS if name != MIXED else (*KINDS, "matched"):
        lived = parting.arm({OWN: kind})
        heads = float(lived.heads[:, lived.place].mean())
        rows.append({"exchange": kind, "an_account": lived.value() / at_first, "heads": heads})
    return rows


def _judge(rows: pd.DataFrame, size: Size) -> Judged:
    def at(situation: str, kind: str, column: str = "an_account") -> Any:
        return paired(rows, column, {"situation": situation, "exchange": kind})

    fits, picture = [], []
    for (situation, _), right in zip(SITUATIONS.items(), KINDS, strict=True):
        base = abs(float(at(situation, right).mean()))
        for kind in KINDS:
            if kind != right:
                cost = 100.0 * (at(situation, right) - at(situation, kind)) / base
                fits.append(Cell({"situation": situation, "against": kind}, cost, 1.0))
            picture.append(({"situation": situation, "exchange": kind}, at(situation, kind)))
    base = abs(float(at(MIXED, "matched").mean()))
    matched = [
        Cell({"against": kind}, 100.0 * (at(MIXED, "matched") - at(MIXED, kind)) / base, 1.0)
        for kind in KINDS
    ]
    too_close, too_far = (
        100.0 * (1.0 - at(s, k) / at(s, right))
        for s, k, right in (("low", KINDS[2], KINDS[0]), ("high", KINDS[0], KINDS[2]))
    )
    notes = [
        f"Too close costs {mean_and_spread(too_close, digits=0)} % of V where the situation is low, too distant "
        f"{mean_and_spread(too_far, digits=0)} % where it is high."
    ]
    parts = [
        Part("it fits", "the exchange nearest to the situation has the highest V", fits),
        Part(
            "matched",
            "where situations differ, meeting each account where it stands beats one exchange for all",
            matched,
        ),
    ]
    return Judged(parts, pictured(picture), notes)


DESIGN = Design(
    name="exchange",
    sentence="Match the exchange to the situation.",
    source="Day 2000; Cannon & Perreault 1999",
    status="cost of a mismatch input; what closeness brings emergent",
    outcome="V, an account of the market's third that each firm would have.",
    design="The industrial supplier with the mechanism exchange, 1,000 accounts, Kessler's policy reactive; all accounts' situation low (0.05), middle (0.5) "
    "or high (0.95) with a spread of 0.1 × transactional, value-adding or collaborative exchange at Kessler from the parting; and situations that "
    "differ with the accounts' orientation × those three and matched exchange. The rivals are value-adding.",
    expects="Holds if the exchange nearest to the situation has a higher V than each other, and matched exchange than each for all.",
    worlds=_worlds,
    play=_play,
    judge=_judge,
    picture=Picture("dots", "exchange", "V an account, EUR", "What each exchange brings, by the accounts' situation", by="situation"),
    needs=("exchange",),
    customers=1_000,
)  # fmt: skip
