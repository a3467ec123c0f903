"""Surveys that firms pay for: what customers and leavers answer, with noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.ledger import C
from sim.scenario.words import REASONS

FIRED = REASONS.index("fired")
NOISE = 1.5
"""Standard deviation of what an answer adds to what is felt, in points of the score."""

if TYPE_CHECKING:
    from sim.market import Market


def ask_customers(market: Market) -> None:
    """A share of own customers is asked how likely they are to recommend; some answer.

    The score is round(7.5 + 5 satisfaction + 3 (loyalty - 0.3) + noise of sd 1.5), 0 to 10. Source: ours.
    """
    shares = np.array([firm.plan.survey for firm in market.firms])
    for each in market.firms:
        each.survey = {"asked": 0, "answers": 0, "net_promoter": None}
    if not shares.any():
        return
    c, p = market.customers, market.tables.decide
    ids = np.flatnonzero(c.supplier >= 0)
    firm = c.supplier[ids]
    asked = market.draws.uniform("surveyed", ids) < shares[firm]
    answers = asked & (market.draws.uniform("answers", ids) < p.survey_answers)
    noise = market.draws.normal("survey_score", ids, sd=NOISE)
    score = scores(c.satisfaction[ids], c.loyalty[ids], noise)
    for each in market.firms:
        own = firm == each.place
        n, given = int((asked & own).sum()), score[answers & own]
        promoters = 100.0 * ((given >= 9).mean() - (given <= 6).mean()) if len(given) else None
        each.survey = {"asked": n, "answers": len(given), "net_promoter": promoters}
        _book(market, each.place, n)
        market.ledger.current_counts[each.place, C["surveyed"]] += n
        market.ledger.current_counts[each.place, C["answered"]] += len(given)


def scores(satisfaction: np.ndarray, loyalty: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """How likely customers say they are to recommend: whole numbers of 0 to 10, float64 (n,)."""
    felt = 7.5 + 5.0 * satisfaction.astype(np.float64) + 3.0 * (loyalty.astype(np.float64) - 0.3)
    return np.clip(np.round(felt + noise), 0, 10)


def ask_leavers(market: Market) -> None:
    """A share of the month's leavers is asked why; the answer is true with chance 0.7, else any other reason.

    Adds `asked` and `reported` (code of the reason, -1 not asked) to the month's departures.
    """
    shares = np.array([firm.plan.exit_survey for firm in market.firms])
    rows = [d for d in market.departures if int(d["month"][0]) == market.month]
    if not rows:
        return
    true_share = market.tables.decide.exit_survey_true
    ids = np.sort(np.concatenate([d["customer"] for d in rows]), kind="stable")
    ids = ids[np.append(True, ids[1:] != ids[:-1])]
    draws = {name: market.draws.uniform(name, ids) for name in ("exit_asked", "exit_true", "exit_other")}
    for d in rows:
        place = np.searchsorted(ids, d["customer"])
        asked = draws["exit_asked"][place] < shares[d["firm"]]
        answer = answered(d["reason"], draws["exit_true"][place] < true_share, draws["exit_other"][place])
        d["reported"] = np.where(asked, answer, -1).astype(np.int8)
        for firm in market.firms:
            _book(market, firm.place, int((asked & (d["firm"] == firm.place)).sum()))


def answered(reason: np.ndarray, is_true: np.ndarray, u: np.ndarray) -> np.ndarray:
    """What leavers answer: the true reason (a code), or by u any other; nobody who was not fired says so. int64 (n,)."""
    others = np.where(reason == FIRED, FIRED, FIRED - 1)
    other = (u * others).astype(np.int64)
    return np.where(is_true, reason, other + (other >= reason))


def _book(market: Market, firm: int, asked: int) -> None:
    p = market.tables.decide
    market.ledger.enter(firm, "surveys", asked * market.cents(p.survey_cost * p.contact_cost))
