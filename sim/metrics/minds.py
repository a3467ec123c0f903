"""What goes on in people's minds, as only a simulation can see it: share of mind, the true net promoter share, bad news."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.draws import Draws
from sim.maths import log
from sim.metrics.profitability import order, told
from sim.surveys import NOISE, scores

if TYPE_CHECKING:
    from sim.market import Market
    from sim.runs import Run

ROWS = 65_536


def attractions(market: Market, rows: slice) -> np.ndarray:
    """V of each firm for some customers: belief - price term + brand, -inf where it is not known; float64 (F, n).

    The price is what a choice would be made on: net of the own discount with the supplier, of the trial discount
    with others. No relationship, no message, no noise.
    """
    c = market.customers
    supplier, sensitivity = c.supplier[rows], c.price_sensitivity[rows].astype(np.float64)
    own = np.log(1.0 - c.discount[rows].astype(np.float64))
    found = np.empty((len(market.firms), len(supplier)))
    for firm in market.firms:
        f, arrays = firm.place, market.month_of_firms
        is_own = supplier == f
        price = np.where(is_own, log(float(firm.plan.price)) + own, float(arrays.log_trial_price[f]))
        value = c.belief[f, rows].astype(np.float64) - sensitivity * price
        value += c.brand[f, rows].astype(np.float64) + firm.table.brand_bonus
        known = (is_own | (c.aware[f, rows] != 0)) & (c.barred[f, rows] == 0)
        found[f] = np.where(known, value, -np.inf)
    return found


def share_of_mind(run: Run) -> pd.DataFrame:
    """How much of people's minds each firm holds at the end: its part of what draws them to the firms they know. Unit: share.

    The mean over all people of exp(V) over the sum of exp(V) of the firms known, with V = belief - price term +
    brand; an unknown firm counts 0, and so do all for who knows none. True: a firm cannot see it.

    Returns
    -------
    DataFrame
        `firm`, `share_of_mind`, `share_of_mind_of_customers` (the same over the firm's own customers), `known_by`
        (share of people).

    Source: Peppers & Rogers 1993 for the idea; the logit is McFadden's (1974).
    """
    market = run.closed
    n, firms = len(market.customers), len(market.firms)
    sums, own, heads, known = np.zeros(firms), np.zeros(firms), np.zeros(firms), np.zeros(firms)
    for lo in range(0, n, ROWS):
        rows = slice(lo, min(lo + ROWS, n))
        value = attractions(market, rows)
        seen = np.isfinite(value)
        top = np.where(seen.any(axis=0), value.max(axis=0), 0.0)
        drawn = np.exp(value - top)
        total = drawn.sum(axis=0)
        share = np.divide(drawn, total, out=np.zeros_like(drawn), where=total > 0)
        mine = market.customers.supplier[rows] == np.arange(firms)[:, None]
        sums += share.sum(axis=1)
        own += np.where(mine, share, 0.0).sum(axis=1)
        heads += mine.sum(axis=1)
        known += seen.sum(axis=1)
    rows_out = [
        (market.firms[f].name, sums[f] / n, own[f] / heads[f] if heads[f] else np.nan, known[f] / n)
        for f in order(market)
    ]
    columns = ["firm", "share_of_mind", "share_of_mind_of_customers", "known_by"]
    return told(run, pd.DataFrame(rows_out, columns=columns))


def net_promoter_true(run: Run) -> pd.DataFrame:
    """The net promoter share if every customer were asked at the end, and all answered. Unit: -100 to 100.

    Scores are drawn with the same luck as the survey's. True: a firm sees what its survey finds.

    Returns
    -------
    DataFrame
        `firm`, `customers`, `promoters` (scores of 9 and 10), `detractors` (0 to 6), `net_promoter_true`,
        `net_promoter` (of this month's survey; missing without one).

    Source: Reichheld 2003, Harvard Business Review 81(12) 46-54; how people answer is ours.
    """
    market = run.closed
    c = market.customers
    draws = Draws(market.seed)
    draws.key, draws.month = market.draws.key, market.draws.month
    rows = []
    for f in order(market):
        ids = np.flatnonzero(c.supplier == f)
        said_by = scores(c.satisfaction[ids], c.loyalty[ids], draws.normal("survey_score", ids, sd=NOISE))
        draws.begin(draws.month)
        yes, no = int((said_by >= 9).sum()), int((said_by <= 6).sum())
        true = 100.0 * (yes - no) / len(ids) if len(ids) else np.nan
        said = market.firms[f].survey["net_promoter"]
        rows.append((market.firms[f].name, len(ids), yes, no, true, np.nan if said is None else said))
    columns = ["firm", "customers", "promoters", "detractors", "net_promoter_true", "net_promoter"]
    return told(run, pd.DataFrame(rows, columns=columns))


def bad_news(run: Run) -> pd.DataFrame:
    """Whom the last month's bad news reached, and how often the same person. Unit: people.

    Returns
    -------
    DataFrame
        `firm`, `tellings`, `people` (who heard any), `overlap` (tellings a hearer), `heard_once`, `heard_twice`,
        `heard_more`, `own_customers` (among the people), `also_of_others` (who heard bad news of another firm
        too), `share_of_market`. The last row, without a firm, is for all firms: people are counted once.

    Source: TARP 1979/1986 for the tellings; the measure is ours.
    """
    market = run.closed
    c = market.customers
    n = len(c)
    heard = c.told_bad > 0
    many = heard.sum(axis=0)
    rows: list[tuple[Any, ...]] = []
    for f in order(market):
        own = int((heard[f] & (c.supplier == f)).sum())
        others = int((heard[f] & (many > 1)).sum())
        rows.append(
            (market.firms[f].name, *_spread(c.told_bad[f].astype(np.int64)), own, others, heard[f].sum() / n)
        )
    everybody = c.told_bad.sum(axis=0, dtype=np.int64)
    of_own = int(np.any([heard[f] & (c.supplier == f) for f in range(len(heard))], axis=0).sum())
    rows.append((None, *_spread(everybody), of_own, int((many > 1).sum()), (many > 0).sum() / n))
    columns = ["firm", "tellings", "people", "overlap", "heard_once", "heard_twice", "heard_more", "own_customers",
               "also_of_others", "share_of_market"]  # fmt: skip
    return told(run, pd.DataFrame(rows, columns=columns))


def _spread(tellings: np.ndarray) -> tuple[int, int, float, int, int, int]:
    """Tellings, hearers, their ratio, and how many heard once, twice, more often."""
    people, total = int((tellings > 0).sum()), int(tellings.sum())
    often = [int((tellings == 1).sum()), int((tellings == 2).sum()), int((tellings > 2).sum())]
    return total, people, total / people if people else np.nan, often[0], often[1], often[2]
