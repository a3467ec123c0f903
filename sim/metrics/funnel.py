"""From strangers to people who read: how far permission has come with each firm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.ledger import C
from sim.metrics.profitability import order, told
from sim.scenario.words import PERMISSIONS

if TYPE_CHECKING:
    from sim.runs import Run

STAGES = ("know the firm", "are on record", "said yes", "are written to", "read something")
"""The steps from strangers to readers, in order."""


def permission_funnel(run: Run) -> pd.DataFrame:
    """How many people each firm has made known, recorded, asked with success, written to and reached, at the end. Unit: people.

    Who interrupts writes to people who never said yes, so that a step can hold more than the one before.

    Returns
    -------
    DataFrame
        A row a firm and stage, in the order of the steps: `firm`, `stage` (know the firm, are on record, said yes, are
        written to, read something; the last two in the last month), `people`, `share` (of all people).

    Source: Godin 1999, for permission as steps from stranger to friend to customer; the steps are ours.
    """
    market = run.closed
    c, n = market.customers, len(market.customers)
    yes = [PERMISSIONS.index(word) for word in ("opted_in", "confirmed")]
    counts = market.ledger.counts[-1] if market.ledger.counts else None
    rows = []
    for f in order(market):
        month = [0, 0] if counts is None else [int(counts[f, C[name]]) for name in ("recipients", "read")]
        known = int(((c.aware[f] != 0) | (c.supplier == f)).sum())
        people = [known, int((c.identified[f] > 0).sum()), int(np.isin(c.permission[f], yes).sum()), *month]
        rows += [
            (market.firms[f].name, stage, count, count / n)
            for stage, count in zip(STAGES, people, strict=True)
        ]
    return told(run, pd.DataFrame(rows, columns=["firm", "stage", "people", "share"]))
