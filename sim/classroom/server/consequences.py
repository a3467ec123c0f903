"""What each lever did in the last round, in a sentence beside it: the firm's own books, and what is public."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.classroom import texts
from sim.classroom.game import Game
from sim.terminal import count, number, percent


def consequences(game: Game, team: int) -> Mapping[str, str]:
    """What came of each decision in the last round, as far as the firm's own books tell; those of which they tell nothing
    are left out."""
    if not game.rounds:
        return texts.FIRST_ROUND
    figures = _figures(game, team)
    return {name: said.format(**figures) for name, said in texts.CONSEQUENCES.items()}


def _figures(game: Game, team: int) -> dict[str, Any]:
    """Everything that the sentences may name."""
    played = game.rounds[-1]
    seen = played.outcomes[team]["seen"]
    own = game.settings.own
    plan = {**vars(own.firms[own.focus].plan), **played.counted[team].decision.plan}
    public = played.public[game.settings.seat(team).market]
    others = [one["price"] for one in public if one["team"] != team]
    money = {f"paid_{name}": count(amount) for name, amount in seen["ledger"].items()}
    counts = {name: count(n) for name, n in seen["counts"].items()}
    rivals = texts.RIVALS_ASKED.format(low=number(min(others)), high=number(max(others))) if others else ""
    return {
        **money, **counts, "currency": own.market.currency, "gained": count(seen["gained"]), "lost": count(seen["lost"]),
        "price": number(plan["price"]), "level": str(plan["level"]), "strategy": str(plan["strategy"]).replace("_", " "),
        "retention": percent(seen["retention"]), "rivals": rivals, "base": count(seen["permission_base"]),
        "recovery": str(plan["recovery"]), "morale": number(seen["morale"], 2), "skill": number(seen["skill"], 2),
        "staff": number(seen["staff"], 1), "load": percent(seen["utilization"]), "asked_leavers": count(seen["asked_leavers"]),
    }  # fmt: skip
