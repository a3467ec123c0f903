"""Customers willingly give data: how many still say yes where a firm takes more, and what openness and choice are worth."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from sim.experiments.claims.design import Design, Judged, Part, Picture, Size
from sim.experiments.claims.effects import mean_and_spread, paired, percent_gain, pictured
from sim.experiments.claims.twins import Lived, Parting, after
from sim.experiments.claims.verdicts import Cell
from sim.market import Market
from sim.mechanisms.privacy import STATEMENTS

BOTH = (0, 1)
FACTORS = ("access", "transparency", "control", "incentive")
BREACH = 36
OWN = "mechanisms.privacy.firms.Pulse."


def _worlds(size: Size) -> list[dict[str, Any]]:
    return [{"scenario": "web_shop"}]


def _play(world: Mapping[str, Any], seed: int, size: Size) -> list[dict[str, Any]]:
    parting = Parting(world["scenario"], seed, size, change={"mechanisms.privacy.audit_chance": 0.0})
    breach = size.burn_in + min(BREACH, max(2, size.months - 2))
    rows = []
    for levels in product(*(BOTH,) * len(FACTORS)):
        factors = dict(zip(FACTORS, levels, strict=True))
        if factors["incentive"] and not size.is_full:
            continue
        for leaks in (False, True) if factors["access"] else (False,):
            kept = _Trust()
            change = _decisions(factors, breach if leaks else 0)
            lived = parting.arm(change, acts=[after("account", kept)])
            rows.append(factors | {"breach": int(leaks)} | _outcomes(lived, kept.last))
    return rows


def _decisions(factors: Mapping[str, int], breach: int) -> dict[str, Any]:
    told = {f"{OWN}{name}": bool(factors["transparency"]) for name in STATEMENTS}
    own = {f"{OWN}{name}": float(factors[name]) for name in ("access", "control")}
    incentive = {"firms.Pulse.plan.incentive": float(factors["incentive"])}
    return told | own | incentive | {f"{OWN}breach_month": breach}


class _Trust:
    """An act that keeps the mean trust of Pulse's customers at a month's end."""

    last = 0.0

    def __call__(self, market: Market) -> None:
        own = market.customers.supplier == market.firm("Pulse").place
        self.last = float(np.mean(market.customers.trust[own], dtype=np.float64)) if own.any() else 0.0


def _outcomes(lived: Lived, trust: float) -> dict[str, Any]:
    said = int(lived.market.permitted[lived.place])
    return {"said_yes": said, "trust": trust, "value": lived.value()}


def _judge(rows: pd.DataFrame, size: Size) -> Judged:
    incentives = sorted(rows["incentive"].unique())

    def got(column: str, *levels: int, breach: int = 0) -> np.ndarray:
        return paired(rows, column, dict(zip(FACTORS, levels, strict=True)) | {"breach": breach})

    willing, softer, safer, picture, notes = [], [], [], [], []
    for told, control, incentive in product(BOTH, BOTH, incentives):
        where = {"transparency": told, "control": control, "incentive": incentive}
        base = got("said_yes", 0, told, control, incentive)
        effect = percent_gain(got("said_yes", 1, told, control, incentive), base)
        willing.append(Cell(where, effect, 1.0))
        arm = {(0, 0): "neither", (1, 0): "open", (0, 1): "choice", (1, 1): "open, with choice"}[
            told, control
        ]
        picture.append(({"what": arm, "reward": ("no reward", "full reward")[incentive]}, effect))
    for incentive, other in product(incentives, BOTH):
        harm = {
            (told, control): 100.0
            * (got("trust", 0, told, control, incentive) - got("trust", 1, told, control, incentive))
            for told, control in product(BOTH, BOTH)
        }
        softer.append(Cell({"control": other, "incentive": incentive}, harm[0, other] - harm[1, other], 0.1))
        softer_by_control = harm[other, 0] - harm[other, 1]
        safer.append(Cell({"transparency": other, "incentive": incentive}, softer_by_control, 0.1))
    cost = percent_gain(got("value", 1, 0, 0, 0), got("value", 0, 0, 0, 0))
    open_cost = percent_gain(got("value", 1, 1, 1, 0), got("value", 0, 1, 1, 0))
    leak = {
        control: percent_gain(got("value", 1, 0, control, 0, breach=1), got("value", 1, 0, control, 0))
        for control in BOTH
    }
    notes = [
        f"Taking data changes V by {mean_and_spread(cost)} % where nothing is said and nothing can be chosen, "
        f"by {mean_and_spread(open_cost)} % with both.",
        f"A breach then changes V by {mean_and_spread(leak[0])} % without choice, {mean_and_spread(leak[1])} % with it.",
    ]
    parts = [
        Part("willingly", "as many or more say yes where a firm takes data", willing, "% of who said yes"),
        Part("openness", "openness softens what data access costs in trust", softer, "points of trust"),
        Part("choice", "choice softens what data access costs in trust", safer, "points of trust"),
    ]
    return Judged(parts, pictured(picture), notes)


DESIGN = Design(
    name="data",
    sentence="Customers willingly give data.",
    source="Peppers & Rogers 1993; against it Martin, Borah & Palmatier 2017",
    status="signs input; size emergent",
    outcome="People who said yes at the end, trust of own customers, V.",
    design="The web shop with the mechanism privacy: Pulse's data access, openness (all seven statements, which nobody audits), choice and reward for a yes, each off and on "
    "from the parting; with access once more with a breach in month 36; 2,000 people, 20 seeds.",
    expects="Willingly: holds if as many say yes with access as without. Openness and choice: hold if they soften what access costs in trust.",
    worlds=_worlds,
    play=_play,
    judge=_judge,
    picture=Picture("dots", "what", "% of who said yes without it", "What taking data does to who says yes", panels="reward"),
    needs=("privacy",),
    customers=2_000,
)  # fmt: skip
