"""What a team and a student are scored by: value created, forecasts, permission and ethics, and without the luck."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from sim.classroom.decisions import FORECASTS
from sim.classroom.game import Game, Said
from sim.classroom.markets import Table

COVERAGE = 0.8
"""The share of rounds in which a student's range is to hold the figure."""

LEAST_ERROR = 0.01
"""The error of `as last round` counts as at least so much of its scale: who hit by chance sets no bar. Source: ours."""

LEAST_REPORTS = 1e-9


class TeamScore(NamedTuple):
    """A team's scores so far.

    Attributes
    ----------
    customer_equity : money, at the end of the last round; None before it can be told.
    profit : money, of all rounds. booked : money, bonuses less penalties.
    total : money, profit and customer equity and what was booked.
    forecast : 0 to 100, how near the team's forecasts were, over the rounds from the second; None where it gave none ever.
    ethics : 0 to 100, permission and ethics.
    """

    team: int
    customer_equity: float | None
    profit: float
    booked: float
    total: float
    forecast: float | None
    ethics: float


class StudentScore(NamedTuple):
    """A student's forecasts so far: how many, 0 to 100 for how good, the share of ranges that held the figure."""

    given: int
    points: float | None
    held: float | None


def team_scores(game: Game) -> list[TeamScore]:
    """Every team's scores, in the order of the teams."""
    errors = [usual_errors(game, number) for number in range(1, game.round)]
    return [_team_score(game, team, errors) for team in range(game.settings.teams)]


def _team_score(game: Game, team: int, errors: Sequence[dict[str, float]]) -> TeamScore:
    seen = [played.outcomes[team]["seen"] for played in game.rounds]
    equity = seen[-1]["customer_equity"] if seen else None
    profit = sum(one["profit"] for one in seen)
    booked = sum(b.amount for b in game.booked if b.team == team)
    points = [
        p
        for number, usual in enumerate(errors, 1)
        if (p := forecast_points(game, team, number, usual)) is not None
    ]
    good = [ethics(game, one)["points"] for one in seen]
    return TeamScore(
        team, equity, profit, booked, profit + (equity or 0.0) + booked,
        float(np.mean(points)) if points else None, float(np.mean(good)) if good else 100.0,
    )  # fmt: skip


# ---------------------------------------------------------------- forecasts


def scale_of(name: str, seen: dict[str, Any]) -> float:
    """What an error of a forecast is measured by: 1 for retention, the round's revenue for amounts, at least 1.

    Source: ours.
    """
    return 1.0 if name == "retention" else max(float(seen["revenue"]), 1.0)


def usual_errors(game: Game, number: int) -> dict[str, float]:
    """By how much last round's figures missed those of a round: the median over all teams, by figure.

    Figures that no team can tell are left out; of the first round, which has no last one, all are. Source: ours.
    """
    if number == 1:
        return {}
    found: dict[str, float] = {}
    for name in FORECASTS:
        missed, least = [], []
        for team, outcome in game.rounds[number - 1].outcomes.items():
            now, before = outcome["seen"], game.rounds[number - 2].outcomes[team]["seen"]
            if now[name] is not None and before[name] is not None:
                missed.append(abs(now[name] - before[name]))
                least.append(LEAST_ERROR * scale_of(name, now))
        if missed:
            found[name] = max(float(np.median(missed)), float(np.median(least)))
    return found


def forecast_points(
    game: Game, team: int, number: int, usual: dict[str, float] | None = None
) -> float | None:
    """How near a team's forecasts of a round were: the mean of three figures' points, 0 to 100.

    A figure has 100 less 50 for each `usual` error by which it missed, never below 0: 50 for who is as near as `as last
    round` is to half of the teams. One that is not given has 0. None for the first round, for figures that did not come
    out as numbers, and where the team never gave any forecast. A game of scoring 1 counts as it was said to.

    Parameters
    ----------
    usual : `usual_errors` of the round, computed unless given.

    Source: ours; a skill score against persistence, after Murphy 1988, linear so that the best forecast is the median.
    """
    played = game.rounds[number - 1]
    seen, said = played.outcomes[team]["seen"], played.counted[team].forecast
    if game.settings.scoring == 1:
        return _points_of_scoring_1(said, seen)
    if not any(one.counted[team].forecast for one in game.rounds):
        return None
    errors = usual_errors(game, number) if usual is None else usual
    points = [
        max(0.0, 100.0 - 50.0 * abs(said[name] - seen[name]) / errors[name]) if name in said else 0.0
        for name in FORECASTS
        if name in errors and seen[name] is not None
    ]
    return float(np.mean(points)) if points else None


def _points_of_scoring_1(said: dict[str, float], seen: dict[str, Any]) -> float | None:
    """100 less the mean error, of what was forecast, in percent of its scale."""
    pairs = [(name, said[name], seen[name]) for name in FORECASTS if name in said and seen[name] is not None]
    if not pairs:
        return None
    errors = [min(1.0, abs(f - x) / scale_of(name, seen)) for name, f, x in pairs]
    return 100.0 * (1.0 - float(np.mean(errors)))


def interval_score(low: float, high: float, actual: float, coverage: float = COVERAGE) -> float:
    """Width of a range, and 2 / (1 - coverage) for each unit by which it missed; lower is better.

    Source: Gneiting & Raftery 2007, equation 43.
    """
    weight = 2.0 / (1.0 - coverage)
    return (high - low) + weight * max(0.0, low - actual) + weight * max(0.0, actual - high)


def opinion_points(said: Said, seen: dict[str, Any]) -> tuple[float, bool] | None:
    """A student's forecast of the round's profit: points of 0 to 100, and whether the range held it.

    100 less the interval score in percent of the round's revenue. None without a forecast. Source: ours.
    """
    if said.number is None or said.low is None or said.high is None:
        return None
    actual = float(seen["profit"])
    score = interval_score(said.low, said.high, actual) / scale_of("profit", seen)
    return 100.0 * max(0.0, 1.0 - score), said.low <= actual <= said.high


def student_score(game: Game, student: str) -> StudentScore:
    """A student's forecasts of all rounds played, each about the team of that round."""
    found = []
    for played in game.rounds:
        said, team = game.said_by(student, played.number), game.students[student].team_in(played.number)
        points = opinion_points(said, played.outcomes[team]["seen"]) if said and team is not None else None
        if points is not None:
            found.append(points)
    if not found:
        return StudentScore(0, None, None)
    return StudentScore(
        len(found), float(np.mean([p for p, _ in found])), float(np.mean([held for _, held in found]))
    )


# ---------------------------------------------------------------- permission and ethics


def ethics(game: Game, seen: dict[str, Any]) -> dict[str, float]:
    """The permission and ethics ledger of a round, each a share of 0 to 1, and `points`, 100 times their mean.

    `consent` messages that were not uninvited; `unreported` 1 less the spam reports over the rate at which
    providers hold mail back; `honest` 1 less promises beyond the norm; `answered` complaints that were resolved;
    `kept` customers who were not fired. Source: Godin 1999 for permission; the ledger is ours.
    """
    counts = seen["counts"]
    ceiling = max(game.settings.own.contact.report_ceiling, LEAST_REPORTS)
    sent = counts["messages"]
    shares = {
        "consent": 1.0 - counts["uninvited"] / sent if sent else 1.0,
        "unreported": 1.0 - min(1.0, counts["reports"] / sent / ceiling) if sent else 1.0,
        "honest": 1.0 - min(1.0, max(0.0, seen["promise"])),
        "answered": counts["resolved"] / counts["voiced"] if counts["voiced"] else 1.0,
        "kept": 1.0 - min(1.0, counts["fired"] / max(seen["customers_before"], 1)),
    }
    return shares | {"points": 100.0 * float(np.mean(list(shares.values())))}


# ---------------------------------------------------------------- without the luck


class Adjusted(NamedTuple):
    """A team's total over many lucks: the mean, its standard error, and how much of the actual total was luck."""

    mean: float
    error: float
    luck: float


def luck_adjusted(
    game: Game, seeds: int, progress: Callable[[int, int], None] | None = None
) -> dict[int, Adjusted]:
    """All decisions played again in markets with other customers and other luck.

    Parameters
    ----------
    game : with at least one round played.
    seeds : how many other worlds, 2 or more; each market lives in the same ones.
    progress : called with the markets played and their number.

    Returns
    -------
    A mean a team, of customer equity at the end and the profit of all rounds, in money, with what was booked: luck is
    what the total differs from it.
    """
    from sim.snapshots import luck_of

    totals: dict[int, list[float]] = {team: [] for team in range(game.settings.teams)}
    number = 0
    for world in range(seeds):
        for market in range(game.settings.markets):
            table = Table(game.settings, market, seed=luck_of(game.settings.seed, world + 1))
            for team, total in _totals(table, game).items():
                totals[team].append(total)
            number += 1
            if progress:
                progress(number, seeds * game.settings.markets)
    scores = team_scores(game)
    return {team: _adjusted(values, scores[team]) for team, values in totals.items()}


def _totals(table: Table, game: Game) -> dict[int, float]:
    """Profit of all rounds and customer equity at the end, by team of one market."""
    profits = dict.fromkeys(table.teams, 0.0)
    equity = dict.fromkeys(table.teams, 0.0)
    for done in range(1, len(game.rounds) + 1):
        played = table.play(game.decided[:done])
        for team, one in played.outcomes.items():
            profits[team] += one["seen"]["profit"]
            equity[team] = one["seen"]["customer_equity"] or 0.0
    return {team: profits[team] + equity[team] for team in table.teams}


def _adjusted(values: Sequence[float], actual: TeamScore) -> Adjusted:
    mean = float(np.mean(values)) + actual.booked  # a bonus or a penalty is the same in every world
    error = float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")
    return Adjusted(mean, error, actual.total - mean)
