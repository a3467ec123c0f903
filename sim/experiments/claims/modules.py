"""Personalization beats customization online: where ready modules are near enough, or a message of one's own too dear."""

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

SPREAD = (0.2, 0.5, 1.0)
MODULES = (3, 10)
COSTS = (0.02, 0.10, 0.50)


def _worlds(size: Size) -> list[dict[str, Any]]:
    return [{"spread": spread} for spread in size.pick(SPREAD, (0.5,))]


def _play(world: Mapping[str, Any], seed: int, size: Size) -> list[dict[str, Any]]:
    change = {"contact.taste_spread": world["spread"], "firms.Pulse.plan.personalization": 0.7}
    parting = Parting("web_shop", seed, size, change=change)

    def played(tailoring: str, **words: Any) -> dict[str, Any]:
        own = {"firms.Pulse.plan.tailoring": tailoring} | {
            f"contact.{name}": level for name, level in words.items()
        }
        row = {"tailoring": tailoring, "modules": 0, "bespoke_cost": 0.0} | words
        return row | {"value": parting.arm(own).value()}

    rows = [played("targeting")]
    rows += [played("personalization", modules=count) for count in MODULES]
    return rows + [played("customization", bespoke_cost=cost) for cost in size.pick(COSTS, COSTS[::2])]


def _judge(rows: pd.DataFrame, size: Size) -> Judged:
    spreads, costs = sorted(rows["spread"].unique()), sorted(set(rows["bespoke_cost"]) - {0.0})
    cells, sought, picture, notes = [], [], [], []
    for spread in spreads:
        here = rows[rows["spread"] == spread]
        base = paired(here, "value", {"tailoring": "targeting"})
        custom = {
            cost: percent_gain(
                paired(here, "value", {"tailoring": "customization", "bespoke_cost": cost}), base
            )
            for cost in costs
        }
        for modules in MODULES:
            ready = percent_gain(
                paired(here, "value", {"tailoring": "personalization", "modules": modules}), base
            )
            effects = [ready - custom[cost] for cost in costs]
            cells += [
                Cell({"taste_spread": spread, "modules": modules, "bespoke_cost": cost}, effect, 1.0)
                for cost, effect in zip(costs, effects, strict=True)
            ]
            sought.append((costs, effects, f"taste spread {spread:g}, {modules} modules"))
            picture.append(({"taste_spread": spread, "what": f"{modules} ready modules"}, ready))
        picture += [
            ({"taste_spread": spread, "what": f"customized, {cost:g} EUR each"}, custom[cost])
            for cost in costs
        ]
        notes.append(
            f"Taste spread {spread:g}: against one message for all, {MODULES[-1]} modules bring {mean_and_spread(ready)} % of V, "
            f"customization at {costs[0]:g} EUR a message {mean_and_spread(custom[costs[0]])} %."
        )
    chances = np.reshape([cell.p for cell in find(cells)], (len(sought), len(costs)))
    turns = [flip("bespoke_cost", *one, chances=p.tolist()) for one, p in zip(sought, chances, strict=True)]
    flips = [turn for turn in turns if turn]
    says = "ready modules earn more than messages made for one person"
    return Judged([Part("", says, cells, flips=flips, main=10)], pictured(picture), notes)


DESIGN = Design(
    name="modules",
    sentence="Personalization beats customization online.",
    source="Ansari & Mela 2003, E-customization; Peppers & Rogers 1993",
    status="fit input; boundary emergent",
    outcome="ΔV against targeting (one message for all).",
    design="The web shop, personalization 0.7 at Pulse: targeting, 3 or 10 ready modules, or a message made for each person at 0.02, 0.10 or "
    "0.50 EUR × taste spread 0.2, 0.5, 1 (from the start); 2,000 customers, 20 seeds.",
    expects="Holds only if: the cells, and the boundary in the cost of a customized message.",
    worlds=_worlds,
    play=_play,
    judge=_judge,
    picture=Picture("dots", "what", "% of V with one message for all", "What fitting messages brings", panels="taste_spread"),
    customers=2_000,
)  # fmt: skip
