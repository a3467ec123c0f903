"""The class game as a pure state machine: what happened, in order, is the game; nothing here reads or writes a file.

`apply(game, event)` gives the game after an event, `replayed(events)` the game after all of them. What people want is
made an event by the functions of `moves`, which refuse what the rules do not allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sim import __version__
from sim.classroom import texts
from sim.classroom.decisions import Decision
from sim.classroom.faults import WrongVersion
from sim.classroom.settings import FORMAT, Settings

Event = dict[str, Any]
"""Plain data: `kind`, and what it is about."""


class Student(NamedTuple):
    """A student: what the class calls them, the team from each round on, and the roster's own row."""

    id: str
    name: str
    teams: tuple[tuple[int, int], ...] = ()
    row: tuple[str, ...] = ()

    def team_in(self, round_: int) -> int | None:
        """The team in a round, numbered from 1; None before joining."""
        found = None
        for since, team in self.teams:
            if since <= round_:
                found = team
        return found

    def here_from(self, round_: int) -> Student:
        """The same student; who joined later than a round that is open again is in the first team from it on."""
        if not self.teams or self.teams[0][0] <= round_:
            return self
        return self._replace(teams=((round_, self.teams[0][1]), *self.teams[1:]))


class Handed(NamedTuple):
    """A decision that a team handed in."""

    round: int
    team: int
    decision: Decision
    forecast: dict[str, float]
    source: str
    at: str
    late: bool


class Said(NamedTuple):
    """A student's forecast of the team's profit in the round, a range, and the reason."""

    round: int
    student: str
    number: float | None
    low: float | None
    high: float | None
    reason: str
    source: str
    at: str
    late: bool


class Counted(NamedTuple):
    """The decision that counted in a round, and how it came: handed, late, repeated, default."""

    decision: Decision
    how: str
    forecast: dict[str, float]


class Round(NamedTuple):
    """A round that was played.

    `outcomes` has for each team what `outcomes.outcome` says; `public` has for each market what everybody sees;
    `deadline` is the one that the round had.
    """

    number: int
    counted: dict[int, Counted]
    outcomes: dict[int, dict[str, Any]]
    public: list[list[dict[str, Any]]]
    hashes: list[str]
    at: str
    deadline: str = ""


class Booking(NamedTuple):
    """A bonus, or below 0 a penalty, in money of the score."""

    round: int
    team: int
    amount: float
    why: str
    automatic: bool = False


@dataclass(frozen=True)
class Game:
    """The whole game.

    Attributes
    ----------
    settings, version, model_version, format : as it was made.
    teams : names, by number. students : by id. columns : the roster's own columns.
    rounds : those played. handed, said, booked : everything that was handed in and booked, in order.
    paused : whether nothing moves. deadline : of the round that is open, ISO 8601 with its zone, or "".
    closed : the round that takes no decisions any more, for it is being played; 0 for none.
    former : team and name, of each renaming: what a team was called before.
    removed : teams that were taken out: their firms play on with their last decision, and nobody waits for them.
    """

    settings: Settings
    version: str
    model_version: str
    format: int
    teams: tuple[str, ...]
    students: dict[str, Student]
    columns: tuple[str, ...] = ()
    rounds: tuple[Round, ...] = ()
    handed: tuple[Handed, ...] = ()
    said: tuple[Said, ...] = ()
    booked: tuple[Booking, ...] = ()
    paused: bool = False
    deadline: str = ""
    has_roster: bool = False
    undone: int = 0
    forgotten: int = 0
    removed: frozenset[int] = frozenset()
    closed: int = 0
    former: tuple[tuple[int, str], ...] = ()

    @property
    def round(self) -> int:
        """The round that is open, from 1; one more than there are when the game is over."""
        return len(self.rounds) + 1

    @property
    def is_over(self) -> bool:
        """Whether all rounds are played."""
        return len(self.rounds) >= self.settings.rounds

    @property
    def active(self) -> list[int]:
        """The teams that were not taken out."""
        return [team for team in range(self.settings.teams) if team not in self.removed]

    @property
    def missing(self) -> list[int]:
        """The teams that have handed in nothing for the open round."""
        return [team for team in self.active if self.latest(team) is None]

    def latest(self, team: int, round_: int | None = None) -> Handed | None:
        """The decision of a team that counts in a round, the open one unless given: the last that was handed in."""
        wanted = self.round if round_ is None else round_
        return next((h for h in reversed(self.handed) if (h.round, h.team) == (wanted, team)), None)

    def said_by(self, student: str, round_: int) -> Said | None:
        """A student's last forecast of a round."""
        return next((s for s in reversed(self.said) if (s.round, s.student) == (round_, student)), None)

    def counting(self) -> dict[int, Counted]:
        """For each team the decision that counts if the round were played now."""
        return {team: self._counting(team) for team in range(self.settings.teams)}

    def _counting(self, team: int) -> Counted:
        handed = self.latest(team)
        if handed is not None:
            return Counted(handed.decision, "late" if handed.late else "handed", handed.forecast)
        if self.rounds:
            return Counted(self.held(team), "repeated", {})
        return Counted(self.held(team), "default", {})

    def held(self, team: int) -> Decision:
        """What a team's firm does in the open round unless something is handed in: the last round's plan, with the trial
        discount that the budget leaves of it; before the first the default plan.
        """
        if not self.rounds:
            return Decision({})
        decision, cut = self.rounds[-1].counted[team].decision, self.cut(team)
        return decision._replace(plan={**decision.plan, "trial_discount": cut[1]}) if cut else decision

    def cut(self, team: int, round_: int | None = None) -> tuple[float, float] | None:
        """The trial discount of the round before, and what the budget leaves of it in a round, the open one unless given,
        where the plan is repeated; None where all of it stays, and where the round before was played by a program that cut none.
        """
        number = self.round if round_ is None else round_
        if number < 2:
            return None
        before = self.rounds[number - 2]
        left = before.outcomes[team]["seen"].get("trial_discount_left")
        default = self.settings.own.firms[self.settings.own.focus].plan.trial_discount
        had = before.counted[team].decision.plan.get("trial_discount", default)
        return None if left is None else (float(had), float(left))

    def cut_said(self, team: int, round_: int | None = None, *, done: bool = False) -> str:
        """The same as a sentence, of what is to come or, `done`, of what was; "" where nothing is cut, or no round is left."""
        number = self.round if round_ is None else round_
        found, budget = self.cut(team, number), self.settings.budget
        if found is None or budget is None or number > self.settings.rounds:
            return ""
        return (texts.WAS_CUT if done else texts.CUT).format(
            number=number - 1, budget=f"{budget:,.0f}", currency=self.settings.own.market.currency,
            had=found[0], left=found[1],
        )  # fmt: skip

    @property
    def decided(self) -> list[dict[int, Decision]]:
        """For each round played, each team's decision."""
        return [{team: one.decision for team, one in played.counted.items()} for played in self.rounds]

    def members(self, team: int, round_: int) -> list[Student]:
        """The students of a team in a round."""
        return [one for one in self.students.values() if one.team_in(round_) == team]


def replayed(events: Iterable[Event]) -> Game:
    """The game after all events, the first of which made it."""
    stream = iter(events)
    game = made(next(stream))
    for event in stream:
        game = apply(game, event)
    return game


def how_to_get(version: str, model_version: str) -> str:
    """How to get the Tenfold that made a game; one version number may have had several models."""
    if version != __version__:
        return texts.INSTALL.format(version=version)
    return texts.TAKE_SOURCE.format(model=model_version, version=version)


def made(event: Event) -> Game:
    """A new game.

    Raises
    ------
    WrongVersion
        Another format of the folder: the message says what to take instead.
    """
    if event.get("format") != FORMAT:
        raise WrongVersion(
            texts.OTHER_FORMAT.format(
                made=repr(event.get("format")),
                here=FORMAT,
                cure=how_to_get(event.get("version", "?"), event.get("model_version", "?")),
            )
        )
    students = {
        s["id"]: Student(s["id"], s["name"], ((1, s["team"]),), tuple(s["row"])) for s in event["students"]
    }
    return Game(
        settings=Settings.from_dict(event["settings"]), version=event["version"], model_version=event["model_version"],
        format=event["format"], teams=tuple(event["teams"]), students=students, columns=tuple(event["columns"]),
        deadline=event.get("deadline", ""), has_roster=bool(event["columns"]),
    )  # fmt: skip


def apply(game: Game, event: Event) -> Game:
    """The game after an event; what is about a student who is in no game changes nothing."""
    if event["kind"] in ("said", "moved") and event["student"] not in game.students:
        return game
    return _APPLY[event["kind"]](game, event)


def _handed(game: Game, e: Event) -> Game:
    one = Handed(
        e["round"],
        e["team"],
        Decision.from_dict(e["decision"]),
        e["forecast"],
        e["source"],
        e["at"],
        e["late"],
    )
    return replace(game, handed=(*game.handed, one))


def _said(game: Game, e: Event) -> Game:
    return replace(game, said=(*game.said, Said(**{name: e[name] for name in Said._fields})))


def _joined(game: Game, e: Event) -> Game:
    row = ("",) * len(game.columns)
    new = Student(e["student"], e["name"], ((e["round"], e["team"]),), row)
    return replace(game, students={**game.students, new.id: new})


def _moved(game: Game, e: Event) -> Game:
    old = game.students[e["student"]]
    kept = tuple(step for step in old.teams if step[0] < e["round"])
    new = old._replace(teams=(*kept, (e["round"], e["team"])))
    return replace(game, students={**game.students, new.id: new})


def _renamed(game: Game, e: Event) -> Game:
    teams = list(game.teams)
    teams[e["team"]] = e["name"]
    former = (*game.former, (e["team"], game.teams[e["team"]]))
    return replace(game, teams=tuple(teams), former=former)


def _booked(game: Game, e: Event) -> Game:
    return replace(game, booked=(*game.booked, Booking(e["round"], e["team"], e["amount"], e["why"])))


def _played(game: Game, e: Event) -> Game:
    counted = {
        int(team): Counted(Decision.from_dict(one["decision"]), one["how"], one["forecast"])
        for team, one in e["counted"].items()
    }
    outcomes = {int(team): one for team, one in e["outcomes"].items()}
    played = Round(e["round"], counted, outcomes, e["public"], e["hashes"], e["at"], game.deadline)
    fees = {"late": game.settings.late, "repeated": game.settings.absent, "default": game.settings.absent}
    booked = tuple(
        Booking(e["round"], team, -fees[one.how], one.how, automatic=True)
        for team, one in counted.items()
        if fees.get(one.how, 0.0) and team not in game.removed
    )
    return replace(
        game,
        rounds=(*game.rounds, played),
        booked=(*game.booked, *booked),
        deadline=e.get("deadline", ""),
        closed=0,
    )


def _undone(game: Game, e: Event) -> Game:
    booked = tuple(b for b in game.booked if b.round != e["round"] or not b.automatic)
    students = {id_: one.here_from(e["round"]) for id_, one in game.students.items()}
    needed = {
        one.team_in(e["round"]) for one in students.values()
    }  # a team that was left later has students again
    return replace(
        game, students=students, rounds=game.rounds[:-1], booked=booked, deadline=game.rounds[-1].deadline, undone=game.undone + 1, closed=0,
        removed=frozenset(team for team in game.removed if team not in needed),
        handed=tuple(one for one in game.handed if one.round <= e["round"]),
        said=tuple(one for one in game.said if one.round <= e["round"]),
    )  # fmt: skip


_APPLY: Mapping[str, Callable[[Game, Event], Game]] = {
    "handed": _handed,
    "said": _said,
    "joined": _joined,
    "moved": _moved,
    "renamed": _renamed,
    "booked": _booked,
    "played": _played,
    "undone": _undone,
    "paused": lambda game, e: replace(game, paused=True),
    "resumed": lambda game, e: replace(game, paused=False),
    "closed": lambda game, e: replace(game, closed=e["round"]),
    "opened": lambda game, e: replace(game, closed=0),
    "deadline": lambda game, e: replace(game, deadline=e["deadline"]),
    "forgotten": lambda game, e: replace(game, forgotten=game.forgotten + 1),
    "removed": lambda game, e: replace(game, removed=game.removed | {e["team"]}),
}
"""Kinds of events, and what each does to the game."""
