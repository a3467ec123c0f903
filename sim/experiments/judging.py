"""What a policy is judged by: goals, which may be any metric at the end of a run, and two of whole runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.experiments.studies import check_metric

if TYPE_CHECKING:
    from sim.experiments.specification import Specification

JUDGED = "sim.experiments.judging:judged"
"""A row a firm: every metric at the end, then the goals of whole runs."""

OF_RUNS = {
    "first_year_profit": "profit in the first 12 months",
    "complaints": "complaints voiced, and about mail, a year for 100 customers, over the whole run",
}

LESS = frozenset((
    "monthly_churn", "voluntary_churn", "acquisition_cost", "retention_cost", "cost_ratio", "opt_out_rate", "report_rate",
    "complaint_rate", "complaints_per_encounter", "complaints", "failures", "unhappy", "told_bad", "reached_bad", "opted_out",
    "reports", "mail_complaints", "voiced",
))  # fmt: skip
"""Goals that are better when there is less of them."""


def judged(one: Specification) -> pd.DataFrame:
    """A row a firm, the focus first: the metrics of `FIRMS`, `first_year_profit` and `complaints`.

    Both from one run. `complaints` is missing for a firm that never had a customer.
    """
    from sim.lives import of_firms
    from sim.runs import run

    done = run(one.scenario, seed=one.seed)
    table = of_firms(done).T.rename_axis("firm").reset_index().infer_objects()
    return table.assign(**{name: _of_firms(table["firm"], done.months, name) for name in OF_RUNS})


YEARLY = "sim.experiments.judging:yearly"
"""A row a firm: every metric at the end, and `advertising`, what was spent on it in the last 12 months."""


def yearly(one: Specification) -> pd.DataFrame:
    """A row a firm, the focus first: the metrics of `FIRMS`, and `advertising` of the last 12 months in money."""
    from sim.lives import of_firms
    from sim.runs import run

    done = run(one.scenario, seed=one.seed)
    table = of_firms(done).T.rename_axis("firm").reset_index().infer_objects()
    last = done.ledger[done.ledger["month"] > done.months_done - 12]
    return table.assign(advertising=table["firm"].map(last.groupby("firm")["advertising"].sum()))


def _of_firms(names: Iterable[str], months: pd.DataFrame, goal: str) -> list[float]:
    return [goal_of(months[months["firm"] == name], goal) for name in names]


def goal_of(months: pd.DataFrame, goal: str) -> float:
    """A goal of a whole run, from a firm's months."""
    if goal == "first_year_profit":
        return float(months.loc[months["month"] <= 12, "profit"].sum())
    heads = float(months["customers"].sum())
    voiced = float(months[["voiced", "mail_complaints"]].fillna(0.0).to_numpy().sum())
    return 1200.0 * voiced / heads if heads else float(np.nan)


def check_goals(goal: str | Sequence[str]) -> dict[str, float]:
    """Goals, each with 1 if more of it is better and -1 if less is.

    Raises
    ------
    ValueError
        An unknown goal, the same twice, or none.
    """
    names = [goal] if isinstance(goal, str) else list(goal)
    if not names or len(set(names)) < len(names):
        raise ValueError(f'goal: one, or several different ones, such as "customer_equity" (got {goal!r})')
    return {check_metric(name, OF_RUNS): -1.0 if name in LESS else 1.0 for name in names}


ADOPTED = "sim.experiments.judging:adopted"
"""As `JUDGED`, with `steps` in the options: a list of month (from 0), firm and the policy that it has from then on."""


def adopted(one: Specification) -> pd.DataFrame:
    """A row a firm, as `judged`, where firms take over policies on the way."""
    from sim.lives import of_firms
    from sim.market import Market
    from sim.policies import make_policy
    from sim.runs import Run

    market = Market(one.scenario, seed=one.seed)
    for month in range(market.months):
        for due, firm, policy in one.options["steps"]:
            if due == month:
                market.firm(firm).policy = make_policy(policy)
        market.step()
    done = Run(market)
    table = of_firms(done).T.rename_axis("firm").reset_index().infer_objects()
    return table.assign(**{name: _of_firms(table["firm"], done.months, name) for name in OF_RUNS})
