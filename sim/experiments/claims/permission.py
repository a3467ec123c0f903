"""Permission beats spam: when?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sim.experiments.claims.design import Design, Judged, Part, Picture, Size
from sim.experiments.claims.effects import mean_and_spread, paired, percent_gain, pictured
from sim.experiments.claims.flips import flip
from sim.experiments.claims.twins import Parting
from sim.experiments.claims.verdicts import Cell, find

STRATEGIES = ("interruption", "opt_out", "opt_in", "double_opt_in", "silent")
HORIZONS = (1, 3, 6, 12, 36, 60)
CEILING, LOW = 0.003, 0.001
"""Report rates above which mailbox providers hold mail back, and below which a sender is in good standing."""


def _worlds(size: Size) -> list[dict[str, Any]]:
    return [{}]


def _play(world: Mapping[str, Any], seed: int, size: Size) -> list[dict[str, Any]]:
    parting = Parting(
        "plain", seed, size, customers=size.customers, change={"firms.North.plan.personalization": 0.7}
    )
    rows = []
    for strategy in STRATEGIES:
        lived = parting.arm({"firms.North.plan.strategy": strategy})
        profit = lived.profit
        row = {"strategy": strategy} | {f"profit_{h}": profit[:h].sum() for h in HORIZONS if h <= size.months}
        row["report_rate"] = lived.counted("reports") / max(1, lived.counted("messages"))
        row["deliverability"] = lived.market.firms[lived.place].deliverability
        rows.append(row)
    return rows


def _judge(rows: pd.DataFrame, size: Size) -> Judged:
    horizons = [h for h in HORIZONS if h <= size.months]

    def gain(strategy: str, other: str, months: int) -> np.ndarray:
        values = [paired(rows, f"profit_{months}", {"strategy": name}) for name in (strategy, other)]
        return percent_gain(values[0], values[1])

    cells = [Cell({"months": h}, gain("opt_in", "interruption", h), 1.0) for h in horizons]
    turn = flip("months", horizons, [cell.effect for cell in cells], chances=[cell.p for cell in find(cells)])
    says = "the firm that asks first has earned more than the one that mails everybody"
    rate = {name: paired(rows, "report_rate", {"strategy": name}) for name in STRATEGIES}
    order = [
        Cell({"report rate": f"interruption above {CEILING}"}, rate["interruption"] - CEILING),
        Cell({"report rate": f"double_opt_in below {LOW}"}, LOW - rate["double_opt_in"]),
    ]
    last = horizons[-1]
    notes = [
        f"After {last} months opt_in has earned {mean_and_spread(gain('opt_in', 'opt_out', last))} % more than opt_out, "
        f"double_opt_in {mean_and_spread(gain('double_opt_in', 'opt_out', last))} %.",
        f"Of interruption's messages {mean_and_spread(rate['interruption'], 100, 2)} % are reported as spam, and at the end "
        f"{mean_and_spread(paired(rows, 'deliverability', {'strategy': 'interruption'}), 100, 0)} % of its mail arrives.",
    ]
    picture = [
        ({"strategy": name, "months": h}, gain(name, "interruption", h))
        for name in STRATEGIES[1:]
        for h in horizons
    ]
    parts = [
        Part("", says, cells, "% of its profit", [turn] if turn else [], main=-1),
        Part("report rates", "as mailbox providers publish them", order, "of messages", is_check=True),
    ]
    return Judged(parts, pictured(picture), notes)


DESIGN = Design(
    name="permission",
    sentence="Permission beats spam.",
    source="Godin 1999",
    status="early gain of spam calibrated; its late loss emergent",
    outcome="Profit that has come together since the arms parted, against interruption; report rate; deliverability.",
    design="The plain market, personalization 0.7 at the focal firm: it mails by interruption, opt_out, opt_in, "
    "double_opt_in or not at all; 1, 3, 6, 12, 36 and 60 months after the start.",
    expects="Holds at a horizon if opt_in has earned more than interruption.",
    worlds=_worlds,
    play=_play,
    judge=_judge,
    picture=Picture("lines", "months", "% of the spammer's profit", "What asking first has brought so far, against mailing everybody",
                    by="strategy"),
)  # fmt: skip
