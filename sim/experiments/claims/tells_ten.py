"""Each unhappy customer tells ten, and it hurts: how far it reaches, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from sim.experiments.claims.design import Design, Judged, Part, Picture, Size
from sim.experiments.claims.effects import mean_and_spread, paired, pictured
from sim.experiments.claims.twins import Kept, Parting
from sim.experiments.claims.verdicts import Cell

TELLS = (0, 1, 3, 10, 20)
RELIABILITY = (0.98, 0.90, 0.80)
NETWORKS: dict[str, dict[str, Any]] = {
    "lattice": {"talk.network": "watts_strogatz", "talk.rewiring": 0.0},
    "small world": {"talk.network": "watts_strogatz", "talk.rewiring": 0.1},
    "random": {"talk.network": "random"},
    "scale-free": {"talk.network": "scale_free"},
}
BEST = RELIABILITY[0]


def _worlds(size: Size) -> list[dict[str, Any]]:
    return [{"network": name} for name in size.pick(list(NETWORKS), ["small world"])]


def _play(world: Mapping[str, Any], seed: int, size: Size) -> list[dict[str, Any]]:
    parting = Parting("plain", seed, size, customers=size.customers, change=NETWORKS[world["network"]])
    rows = []
    for reliability in size.pick(RELIABILITY, (BEST, 0.80)):
        for tells in size.pick(TELLS, (0, 10)):
            kept = Kept(size.burn_in + max(1, size.months - 12))
            lived = parting.arm(
                {"firms.North.reliability": reliability, "talk.unhappy_tells": tells}, acts=[kept]
            )
            rows.append({
                "reliability": reliability, "tells": tells, "value": lived.value(),
                "told": lived.counted("told_bad"), "reached": lived.counted("reached_bad"),
                "tellers": lived.counted("tellers_bad"), "retention": kept.share(lived.market),
            })  # fmt: skip
    return rows


def _judge(rows: pd.DataFrame, size: Size) -> Judged:
    networks = list(dict.fromkeys(rows["network"]))
    tells = sorted(rows["tells"].unique())
    worse = [level for level in sorted(rows["reliability"].unique(), reverse=True) if level != BEST]

    def hurt(network: str, reliability: float, number: int) -> np.ndarray:
        """What failures cost more with talk than without, % of V without failures and talk."""
        here = rows[rows["network"] == network]

        def loss(m: int) -> np.ndarray:
            good, bad = (paired(here, "value", {"reliability": r, "tells": m}) for r in (BEST, reliability))
            return good - bad

        base = paired(here, "value", {"reliability": BEST, "tells": 0})
        return 100.0 * (loss(number) - loss(0)) / abs(float(base.mean()))

    cells = [Cell({"network": n, "reliability": r}, hurt(n, r, 10), 1.0) for n in networks for r in worse]
    steps = [
        Cell(
            {"tells": f"{a} to {b}"},
            np.mean([hurt(n, worse[-1], b) - hurt(n, worse[-1], a) for n in networks], axis=0),
        )
        for a, b in pairwise(tells)
    ]
    picture = [
        ({"network": n, "reliability": r, "tells": m}, hurt(n, r, m))
        for n in networks
        for r in worse
        for m in tells
    ]
    parts = [
        Part(
            "it hurts",
            "failures cost more where each unhappy customer tells ten than where nobody tells",
            cells,
        ),
        Part(
            "the more, the worse",
            f"at reliability {worse[-1]}, over all networks, each step of telling more costs more",
            steps,
        ),
    ]
    return Judged(parts, pictured(picture), _notes(rows, networks, worse[-1]))


def _notes(rows: pd.DataFrame, networks: list[str], reliability: float) -> list[str]:
    """Reach, overlap, and the retention of the whole market."""
    said = []
    for network in networks:
        here = rows[rows["network"] == network]
        at = {"reliability": reliability, "tells": 10}
        told, reached, tellers = (paired(here, name, at) for name in ("told", "reached", "tellers"))
        said.append(
            f"{network}: ten told by each reach {mean_and_spread(reached / np.maximum(tellers, 1))} different people a teller; "
            f"{mean_and_spread(100 * (1 - reached / np.maximum(told, 1)))} % of the tellings of a month reach somebody who heard it already."
        )
    here = rows[rows["network"] == networks[0]]
    change = paired(here, "retention", {"reliability": reliability, "tells": 10}) - paired(
        here, "retention", {"reliability": reliability, "tells": 0}
    )
    said.append(
        f"Retention of the whole market ({networks[0]}) with ten told against none: {mean_and_spread(change, 100, 2)} points "
        "(bad news also devalues firms that were never tried)."
    )
    return said


DESIGN = Design(
    name="tells_ten",
    sentence="Each unhappy customer tells ten people, and it hurts.",
    source="TARP 1979/1986; folk",
    status="ten is input; the loss emergent",
    outcome="What failures of the focal firm cost in V, with talk less without; people reached; overlap.",
    design="The plain market: an unhappy customer tells 0, 1, 3, 10, 20 people × reliability of the focal firm 0.98, 0.90, 0.80 × network lattice, "
    "small world (rewiring 0.1), random, scale-free; 6 seeds (the design has 8, and reliability 0.95 too).",
    expects="Holds if the loss by failures is larger with ten told than with none at 0.90 and 0.80 on every network, and grows with each step of telling more (mean over the networks).",
    worlds=_worlds,
    play=_play,
    judge=_judge,
    picture=Picture("lines", "tells", "% of V", "What telling others adds to the loss by failures", by="reliability", panels="network"),
    seeds=6,
)  # fmt: skip
