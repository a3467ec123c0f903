"""What a class game is set to: its scenario, its markets, its rounds, its rules."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import sim.policies  # noqa: F401  (it brings the check of policies)
from sim.classroom.faults import GameError
from sim.classroom.limits import Limits, limits_for
from sim.scenario import Scenario, check_text
from sim.scenario.parameters import FirmTable, PlanTable
from sim.scenario.writing import file_text

FORMAT = 1
"""The format of a game's folder."""

SCORING = 2
"""How new games are scored. 2: customer equity by one window, forecasts against `as last round`, trial discounts in the budget."""

MOST_IN_A_MARKET = 8
MOST_TEAMS = 200
MOST_ROUNDS = 60
MOST_MONTHS = 12

COLOURS = (
    "Blue", "Red", "Green", "Yellow", "Orange", "Purple", "White", "Black", "Silver", "Gold", "Pink", "Brown",
    "Coral", "Indigo", "Olive", "Amber", "Azure", "Crimson", "Ivory", "Jade", "Lilac", "Maroon", "Ruby", "Teal",
)  # fmt: skip
"""Names of teams, where nobody gives others."""


class Seat(NamedTuple):
    """Where a team plays: the number of its market, from 0, and its firm's name in that market."""

    market: int
    firm: str


@dataclass(frozen=True)
class Settings:
    """What a class game is set to.

    Attributes
    ----------
    name : the scenario's name. scenario : the text of its file.
    teams : how many. markets : how many markets they play in, with equal customers and luck.
    alone : whether each team has a market of its own, against the scenario's other firms.
    rivals : policies that run further firms in each market.
    rounds, months : how many rounds, and the months of one, 1 to 12.
    seed : the number that all luck comes from.
    budget : money a month that a plan may spend, None for no limit.
    late, absent : money taken from a team's score for a late decision, and for none.
    limits : fields of the form with the least and the most that this class may write; none in a game made before there were any.
    scoring : how it is scored, `SCORING` where it was made; a game made before there were two keeps 1.
    """

    name: str
    scenario: str
    teams: int
    markets: int = 1
    alone: bool = False
    rivals: tuple[str, ...] = ()
    rounds: int = 6
    months: int = 6
    seed: int = 1
    budget: float | None = None
    late: float = 0.0
    absent: float = 0.0
    limits: Limits = ()
    scoring: int = 1

    @property
    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return dataclasses.asdict(self) | {"rivals": list(self.rivals)}

    @staticmethod
    def from_dict(said: Mapping[str, Any]) -> Settings:
        """From plain data."""
        limits = tuple((name, low, high) for name, low, high in said.get("limits", ()))
        return Settings(**{**said, "rivals": tuple(said["rivals"]), "limits": limits})

    @property
    def bounds(self) -> dict[str, tuple[float, float]]:
        """The limits by field."""
        return {name: (low, high) for name, low, high in self.limits}

    @property
    def size(self) -> int:
        """Places for teams in one market; where teams do not fill them, the default plan runs a firm."""
        return 1 if self.alone else math.ceil(self.teams / self.markets)

    def seat(self, team: int) -> Seat:
        """Where a team, numbered from 0, plays."""
        if self.alone:
            return Seat(team, self.own.focus)
        return Seat(team % self.markets, f"Firm {team // self.markets + 1}")

    def members(self, market: int) -> list[tuple[int, str]]:
        """The teams of a market, and each one's firm."""
        seats = ((team, self.seat(team)) for team in range(self.teams))
        return [(team, seat.firm) for team, seat in seats if seat.market == market]

    @property
    def own(self) -> Scenario:
        """The scenario as it was given; of a game of an earlier model version, without what is gone since."""
        return _read(self.scenario, self.name)

    @property
    def world(self) -> Scenario:
        """The scenario of each market: a firm a team, all alike, and the rivals."""
        return _world(self)


def settings_of(
    scenario: Scenario, *, limits: Mapping[str, tuple[float, float]] | None = None, **given: Any
) -> Settings:
    """The settings of a new game, checked.

    Parameters
    ----------
    scenario : its market. **given : fields of `Settings`.
    limits : fields of the form with limits in place of the class's own, as in `limits_for`.

    Raises
    ------
    GameError
        What cannot be, with the cure: too many teams for a market, a network from a file.
    """
    if scenario.edges_file is not None:
        raise GameError(
            "talk.network: a class game keeps its scenario in one file, and this one reads its network from another; "
            'take talk.network = "watts_strogatz"'
        )
    kept = limits_for(default_plan(scenario), limits or {}, alone=given.get("alone", False))
    settings = Settings(
        name=scenario.name, scenario=file_text(scenario.tables), limits=kept, scoring=SCORING, **given
    )
    if settings.alone:
        settings = dataclasses.replace(settings, markets=settings.teams)
    problem = spread_problem(settings.teams, settings.markets, settings.alone)
    if problem:
        raise GameError(problem)
    settings.world  # noqa: B018  (an unknown policy of a rival is refused here)
    return settings


def default_plan(scenario: Scenario) -> PlanTable:
    """The plan that each team begins with, its advertising in money a month."""
    plan = scenario.firms[scenario.focus].plan
    if plan.advertising is not None:
        return plan
    return plan.model_copy(update={"advertising": 0.30 * scenario.market.customers})


def spread_problem(teams: int, markets: int, alone: bool) -> str:
    """Why so many teams cannot play in so many markets, and what can; "" if they can."""
    if alone:
        return ""
    if markets > teams:
        return f"--markets {markets}: there are {teams} teams, and each market needs one; write --markets {teams} or less"
    if math.ceil(teams / markets) <= MOST_IN_A_MARKET:
        return ""
    fewest = math.ceil(teams / MOST_IN_A_MARKET)
    in_each = math.ceil(teams / fewest)
    return (
        f"{teams} teams in {markets} market{'s' * (markets > 1)}: at most {MOST_IN_A_MARKET} play in one; "
        f"write --markets {fewest} ({in_each} in each), or --alone"
    )


def team_names(given: Mapping[int, str], teams: int) -> list[str]:
    """A name for each team: those given, then colours, then numbers."""
    taken = {name.casefold() for name in given.values()}
    spare = iter([name for name in COLOURS if name.casefold() not in taken])
    return [given.get(i) or next(spare, f"Team {i + 1}") for i in range(teams)]


_worlds: dict[Settings, Scenario] = {}
_scenarios: dict[tuple[str, str], Scenario] = {}


def _read(text: str, name: str) -> Scenario:
    if (text, name) not in _scenarios:
        own = check_text(text, f"{name}.toml", without_gone=True)
        _scenarios[text, name] = dataclasses.replace(own, folder=Path())
    return _scenarios[text, name]


def _world(settings: Settings) -> Scenario:
    if settings not in _worlds:
        _worlds[settings] = _made(settings)
    return _worlds[settings]


def _made(settings: Settings) -> Scenario:
    """The firms of a market: teams' firms are the focus's, without its policy and rules, with equal shares."""
    own = settings.own
    focus = own.firms[own.focus].model_copy(update={"policy": None, "rules": ()})
    if settings.alone:
        firms: dict[str, FirmTable] = {**own.firms, own.focus: focus}
    else:
        equal = focus.model_copy(update={"initial_share": None})
        firms = {f"Firm {i + 1}": equal for i in range(settings.size)}
    for place, policy in enumerate(settings.rivals, 1):
        firms[f"Rival {place}"] = focus.model_copy(update={"policy": policy, "initial_share": None})
    tables = own.tables.model_copy(
        update={"firms": firms, "focus": next(iter(firms)) if not settings.alone else own.focus}
    )
    return check_text(file_text(tables), f"{settings.name}.toml")
