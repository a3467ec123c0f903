"""The game as tables for a spreadsheet: a row a student, a row a team, a row a decision; formulas made inert."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.classroom import scores
from sim.classroom.decisions import FORECASTS
from sim.classroom.game import Game
from sim.scenario.writing import write_whole

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""What a spreadsheet may take for the beginning of a formula."""

_SEPARATED = re.compile(r"([;\t\r\n])([\" \u00a0\ufeff\u200b]*[=+\-@|%])")

FILES = ("gradebook", "teams", "rounds", "reasons", "decisions")
Row = Sequence[Any]


def inert(value: Any) -> str:
    """A cell that no spreadsheet runs: a text that looks like a formula gets an apostrophe; numbers stay numbers.

    So does what follows a semicolon, a tab or a line break: a spreadsheet that separates by them would read another
    cell there.
    """
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value:.10g}"
    text = _SEPARATED.sub(r"\1'\2", str(value))
    first = text.lstrip(" \u00a0\ufeff\u200b")[:1]
    return f"'{text}" if first in FORMULAS and first else text


def write_tables(
    game: Game, folder: Path, adjusted: Mapping[int, scores.Adjusted] | None, *, force: bool
) -> list[Path]:
    """Write all tables as CSV (UTF-8 with a mark, which spreadsheets need) into a folder.

    Raises
    ------
    FileExistsError
        One is there, and `force` was not given: nothing is written.
    """
    made = {
        "gradebook": gradebook(game, adjusted),
        "teams": teams(game, adjusted),
        "rounds": rounds(game),
        "reasons": reasons(game),
        "decisions": decisions(game),
    }
    files = {name: folder / f"{name}.csv" for name in made}
    there = [file for file in files.values() if file.exists()]
    if there and not force:
        raise FileExistsError(f"{there[0]} is there already; --force writes over it")
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in made.items():
        write_whole(files[name], as_csv(rows), force=True)
    return list(files.values())


def as_csv(rows: Sequence[Row]) -> bytes:
    """A table as CSV: UTF-8 with a mark, which spreadsheets need; formulas inert."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([[inert(cell) for cell in row] for row in rows])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


# ---------------------------------------------------------------- the tables


def gradebook(game: Game, adjusted: Mapping[int, scores.Adjusted] | None = None) -> list[Row]:
    """A row a student: the roster's own columns, then team, own forecasts and the team's scores.

    A student who moved has the mean of the teams' figures over the rounds in each; rounds before joining count as
    absent from the student's own forecasts only.
    """
    done = len(game.rounds)
    own = list(game.columns)
    heads = [*own, "student", "student id", "team", "rounds", "forecasts given", "forecasts late", "forecast points",
             "ranges that held", "reasons given", "team total", "team rank", "team forecast points", "team ethics points",
             "team decisions late", "team decisions missing", "moved"]  # fmt: skip
    if adjusted is not None:
        heads.append("team luck-adjusted total")
    table: list[Row] = [heads]
    ranks = rank(game)
    by_team = scores.team_scores(game)
    for one in game.students.values():
        there = [(number, team) for number in range(1, done + 1) if (team := one.team_in(number)) is not None]
        teams_of = [team for _, team in there]
        said = [s for number, _ in there if (s := game.said_by(one.id, number)) is not None]
        score = scores.student_score(game, one.id)
        hows = [game.rounds[number - 1].counted[team].how for number, team in there]
        last = one.team_in(game.round)
        row: list[Any] = [
            *one.row, *[""] * (len(own) - len(one.row)), one.name, one.id, game.teams[last] if last is not None else "",
            len(there), score.given, sum(s.late for s in said), score.points, score.held,
            sum(bool(s.reason) for s in said), _mean([by_team[t].total for t in teams_of]),
            ranks.get(last) if last is not None and done else None, _mean([by_team[t].forecast for t in teams_of]),
            _mean([by_team[t].ethics for t in teams_of]), hows.count("late"), hows.count("repeated") + hows.count("default"),
            "yes" if len(one.teams) > 1 else "no",
        ]  # fmt: skip
        if adjusted is not None:
            row.append(_mean([adjusted[t].mean for t in teams_of if t in adjusted]))
        table.append(row)
    return table


def rank(game: Game) -> dict[int, int]:
    """Each team's place by its total: in its own market, or where all play alone in the whole class; ties share.

    A team that was taken out is left out.
    """
    by_team = scores.team_scores(game)
    places = {}
    for one in by_team:
        if one.team in game.removed:
            continue
        market = game.settings.seat(one.team).market
        rivals = [
            o for o in by_team
            if o.team not in game.removed and (game.settings.alone or game.settings.seat(o.team).market == market)
        ]  # fmt: skip
        places[one.team] = 1 + sum(other.total > one.total for other in rivals)
    return places


def teams(game: Game, adjusted: Mapping[int, scores.Adjusted] | None = None) -> list[Row]:
    """A row a team: its scores so far."""
    heads = ["team", "market", "rank", "total", "customer equity", "profit", "bonus and penalty", "forecast points",
             "ethics points", "students"]  # fmt: skip
    if adjusted is not None:
        heads += ["luck-adjusted total", "standard error", "luck"]
    ranks = rank(game)
    table: list[Row] = [heads]
    for one in scores.team_scores(game):
        row = [
            game.teams[one.team], game.settings.seat(one.team).market + 1, ranks.get(one.team) if game.rounds else None,
            one.total, one.customer_equity, one.profit, one.booked, one.forecast, one.ethics,
            len(game.members(one.team, game.round)),
        ]  # fmt: skip
        if adjusted is not None:
            row += list(adjusted[one.team]) if one.team in adjusted else [None] * 3
        table.append(row)
    return table


ROUND = (
    "customers",
    "share",
    "gained",
    "lost",
    "retention",
    "revenue",
    "profit",
    "customer_equity",
    "permission_base",
)


def rounds(game: Game) -> list[Row]:
    """A row a round and team: how the decision came, what came of it, what was forecast, the truth beside it."""
    heads = ["round", "team", "market", "decision", "bonus and penalty", *[name.replace("_", " ") for name in ROUND],
             *[f"forecast {name.replace('_', ' ')}" for name in FORECASTS], "forecast points", "ethics points",
             "true satisfaction", "true told bad", "true failures"]  # fmt: skip
    table: list[Row] = [heads]
    for played in game.rounds:
        usual = scores.usual_errors(game, played.number)
        for team, counted in played.counted.items():
            seen, true = played.outcomes[team]["seen"], played.outcomes[team]["true"]
            booked = sum(b.amount for b in game.booked if (b.round, b.team) == (played.number, team))
            table.append([
                played.number, game.teams[team], game.settings.seat(team).market + 1, counted.how, booked,
                *[seen[name] for name in ROUND], *[counted.forecast.get(name) for name in FORECASTS],
                scores.forecast_points(game, team, played.number, usual), scores.ethics(game, seen)["points"],
                true["satisfaction"], true["counts"]["told_bad"], true["counts"]["failures"],
            ])  # fmt: skip
    return table


def reasons(game: Game) -> list[Row]:
    """A row a round and student: forecast, range, outcome, points, the reason for the instructor to grade."""
    heads = ["round", "student", "student id", "team", "handed in", "late", "number", "low", "high", "profit", "points",
             "range held", "reason"]  # fmt: skip
    table: list[Row] = [heads]
    for number in range(1, min(game.round, game.settings.rounds) + 1):
        played = game.rounds[number - 1] if number <= len(game.rounds) else None
        for one in game.students.values():
            team, said = one.team_in(number), game.said_by(one.id, number)
            if team is None or (played is None and said is None):  # who said nothing yet is not absent
                continue
            seen = played.outcomes[team]["seen"] if played else None
            points = scores.opinion_points(said, seen) if said and seen else None
            given = (
                [said.at, "yes" if said.late else "no", said.number, said.low, said.high]
                if said
                else ["absent", *[""] * 4]
            )
            table.append([
                number, one.name, one.id, game.teams[team], *given, seen["profit"] if seen else None,
                points[0] if points else None, ("yes" if points[1] else "no") if points else "",
                said.reason if said else "",
            ])  # fmt: skip
    return table


def decisions(game: Game) -> list[Row]:
    """A row a decision file that was handed in: when, by which file, whether it counted."""
    table: list[Row] = [["round", "team", "handed in", "file", "late", "counts", "plan", "rules"]]
    for one in game.handed:
        plan = "; ".join(f"{name} = {value}" for name, value in one.decision.plan.items())
        said = "; ".join(f"if {rule['if']} then {rule['then']}" for rule in one.decision.rules)
        counts = game.latest(one.team, one.round) is one
        table.append([
            one.round, game.teams[one.team], one.at, one.source, "yes" if one.late else "no", "yes" if counts else "no",
            plan, said,
        ])  # fmt: skip
    return table


def _mean(values: Sequence[float | None]) -> float | None:
    given = [value for value in values if value is not None]
    return sum(given) / len(given) if given else None
