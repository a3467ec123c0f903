"""Good recovery saves the customer: the same failures, answered in four ways."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from sim.experiments.claims.design import Design, Judged, Part, Picture, Size
from sim.experiments.claims.effects import mean_and_spread, paired, pictured
from sim.experiments.claims.forcing import ForcedService
from sim.experiments.claims.twins import Parting
from sim.experiments.claims.verdicts import Cell
from sim.market import Market

WAYS: dict[str, dict[str, Any]] = {
    "silent": {"voiced": False},
    "unresolved": {"voiced": True, "recovered": False},
    "slow": {"voiced": True, "recovered": True, "quick": False},
    "quick": {"voiced": True, "recovered": True, "quick": True},
}
NONE = "no failure"
RELIABILITY = 0.80
"""In the month of the test, so that there are enough failures."""
SEVERE = 1.2
LATER = 6
POINT = 1.0


class _Seen:
    """An act that keeps what the month of the failures left, and who is whose customer six months later."""

    def __init__(self, month: int) -> None:
        self.month = month

    def __call__(self, market: Market, stage: str) -> None:
        c = market.customers
        if market.month == self.month:
            if stage == "buy":
                self.supplier, self.before = c.supplier.copy(), c.hurt.astype(np.float64)
                self.complaints = c.complaints.astype(np.int64).sum(axis=0)
                self.generation = c.generation.copy()
                self.once = (c.bought.astype(np.int64) + c.visited == 1) & (c.supplier >= 0)
            if stage == "serve":
                self.hurt, self.failed = c.hurt.astype(np.float64), c.failed != 0
                self.bad = (c.mood == -1) & (c.mood_firm == c.supplier)
                self.voiced = c.complaints.astype(np.int64).sum(axis=0) > self.complaints
            if stage == "relate":
                self.satisfaction = c.satisfaction.astype(np.float64)
        if market.month == self.month + LATER and stage == "account":
            self.stayed = (c.supplier == self.supplier) & (c.generation == self.generation)


def _worlds(size: Size) -> list[dict[str, Any]]:
    return [{}]


def _play(world: Mapping[str, Any], seed: int, size: Size) -> list[dict[str, Any]]:
    parting = Parting("plain", seed, size, customers=size.customers)
    month = parting.market.month
    seen = {}
    for way, forced in {**WAYS, "as it comes": {}, NONE: {"reliability": 1.0}}.items():
        seen[way] = _Seen(month)
        act = ForcedService(month, **{"reliability": RELIABILITY, **forced})
        parting.arm(acts=[act, seen[way]], months=LATER + 1)
    silent = seen["silent"]
    rate = parting.market.tables.serve.belief_rate
    severity = (silent.hurt - (1.0 - rate) * silent.before) / rate
    concerned = silent.once & silent.failed
    rows = []
    for band, who in (("slight", severity < SEVERE), ("severe", severity >= SEVERE)):
        people = np.flatnonzero(concerned & who)
        for way in (*WAYS, NONE):
            one = seen[way]
            rows.append({"way": way, "band": band, "seen": "forced"} | _of(one, people, severity))
        groups = _observed(seen, people)
        rows += [
            {"way": way, "band": band, "seen": "observed"} | _of(seen["as it comes"], group, severity)
            for way, group in groups.items()
        ]
    return rows


def _of(one: _Seen, people: np.ndarray, severity: np.ndarray) -> dict[str, Any]:
    """Means over people, and how many they are; None of nobody."""
    if not len(people):
        return {"people": 0, "satisfaction": None, "stayed": None, "bad": None, "severity": None}
    values = {"satisfaction": one.satisfaction, "stayed": one.stayed, "bad": one.bad, "severity": severity}
    return {"people": len(people)} | {name: float(column[people].mean()) for name, column in values.items()}


def _observed(seen: Mapping[str, _Seen], people: np.ndarray) -> dict[str, np.ndarray]:
    """Who had which answer where nothing was forced: voiced by the record, recovered by what is remembered."""
    now = seen["as it comes"]
    far = np.array(
        [np.abs(now.hurt[people] - seen[way].hurt[people]) for way in ("unresolved", "slow", "quick")]
    )
    way = np.where(now.voiced[people], far.argmin(axis=0) + 1, 0)
    return {name: people[way == place] for place, name in enumerate(WAYS)}


def _judge(rows: pd.DataFrame, size: Size) -> Judged:
    forced = rows[rows["seen"] == "forced"]
    bands = ("slight", "severe")

    def share(way: str, band: str, column: str = "stayed") -> np.ndarray:
        return 100.0 * paired(forced, column, {"way": way, "band": band})

    cells = [
        Cell({"failure": band, "better": f"{b} than {a}"}, share(b, band) - share(a, band))
        for band in bands
        for a, b in pairwise(WAYS)
    ]
    limit = [Cell({"failure": band}, POINT - (share("quick", band) - share(NONE, band))) for band in bands]
    parts = [
        Part("the order", "more stay after a quick recovery than a slow one, than an unresolved complaint, than silence", cells,
             "points of who is still there after six months"),
        Part("no paradox", "who was recovered quickly stays at most one point more often than who had no failure", limit, "points below that",
             is_check=True),
    ]  # fmt: skip
    notes = []
    for band in bands:
        told = ", ".join(
            f"{way} {mean_and_spread(paired(forced, 'satisfaction', {'way': way, 'band': band}), digits=2)}"
            for way in (*WAYS, NONE)
        )
        notes.append(f"Satisfaction when the month ends, {band} failures (−1 to 1): {told}.")
    notes += [_bad(share), _selection(rows)]
    picture = [
        ({"way": way, "failure": band}, share(way, band) - share(NONE, band))
        for way in WAYS
        for band in bands
    ]
    return Judged(parts, pictured(picture), notes)


def _bad(share: Any) -> str:
    told = ", ".join(f"{way} {mean_and_spread(share(way, 'severe', 'bad'))}" for way in WAYS)
    return f"Of those with a severe failure so many % have bad news to tell: {told}."


def _selection(rows: pd.DataFrame) -> str:
    """What comparing observed groups would have said, beside the truth."""
    kinds: dict[str, dict[Any, dict[str, float]]] = {}
    for kind in ("observed", "forced"):
        here = rows[(rows["seen"] == kind) & rows["way"].isin(list(WAYS)) & (rows["people"] > 0)]
        kinds[kind] = {}
        for way, group in here.groupby("way"):
            weight = group["people"] / group["people"].sum()
            kinds[kind][way] = {name: float((group[name] * weight).sum()) for name in ("stayed", "severity")}
    seen, true = kinds["observed"], kinds["forced"]
    told = ", ".join(
        f"{way} {100 * seen[way]['stayed']:.1f} % (severity {seen[way]['severity']:.2f})"
        for way in WAYS
        if way in seen
    )
    so = ", ".join(f"{way} {100 * true[way]['stayed']:.1f} %" for way in WAYS)
    return f"Where nothing is forced, the groups that a firm would compare stay so: {told}; the same failures, forced: {so}."


DESIGN = Design(
    name="recovery",
    sentence="Good recovery saves the customer.",
    source="TARP 1979/1986; McCollough & Bharadwaj 1992 for the paradox",
    status="order of the answers input; paradox and selection emergent",
    outcome="Of who had a failure: still the same supplier's customer six months later; satisfaction; bad news.",
    design="The plain market. In one month every fifth encounter fails (so that there are enough), and arms on the same failures force what becomes of "
    "them at all firms: never voiced; voiced and not recovered; recovered slowly; recovered quickly; and no failures at all. Looked at: who bought once that "
    "month and had a failure, by severity below and above 1.2. One arm forces nothing. 10,000 customers; 16 seeds (the design has 20).",
    expects="Holds if more stay at each step of silent, unresolved, slow, quick, in both bands. A quick recovery should keep at most one point more than no failure: where it does not, the market is too forgiving.",
    worlds=_worlds,
    play=_play,
    judge=_judge,
    picture=Picture("dots", "way", "points against the same people without a failure", "Still there six months after a failure, by how it was answered",
                    by="failure"),
    seeds=16,
)  # fmt: skip
