"""How news of a firm spread from person to person: who heard when, and from whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.metrics.profitability import told

if TYPE_CHECKING:
    from sim.runs import Run

PEOPLE = 300
"""People that are looked at: as many as a picture can show."""

NEWS = ("bad", "good")


def news_spread(
    run: Run, *, firm: str | None = None, news: str = "bad", people: int = PEOPLE, months: int | None = None
) -> pd.DataFrame:
    """Who heard news of a firm first when, and from whom. Unit: month from 1. True: no firm can see it.

    Of the first so many people, who are neighbours in a small world: by their numbers they stand in a ring. A place whose
    holder leaves the market counts on with who comes after. The run is repeated once, with these people followed.

    Parameters
    ----------
    firm : str, optional
        The focus unless given.
    news : str
        bad or good.
    people : int
        How many are looked at, 1 to 1,000; all, if there are no more.
    months : int, optional
        How many months, 1 or more; all of the run unless given.

    Returns
    -------
    DataFrame
        A row a person: `firm`, `customer`, `heard` (the first month with such news; missing if there was none), `teller`
        (who of these people told it then; missing where it was somebody else), `told` (the first month in which the
        person told such news; missing likewise). `attrs` has `news` and `market`, the number of all people.

    Raises
    ------
    ValueError
        An unknown firm, other news, or numbers out of range.

    Source: ours; that bad news travels, TARP 1979/1986.
    """
    if news not in NEWS:
        raise ValueError(f'news: must be bad or good (got "{news}")')
    whole = run.months_done
    if not 1 <= people <= 1_000 or (months is not None and not months >= 1):
        raise ValueError(f"people: must be 1 to 1,000, months 1 or more (got {people} and {months})")
    name = firm or run.scenario.focus
    market = run.like()
    place = market.firm(name).place
    ids = np.arange(min(people, len(market.customers)))
    diary = market.follow(ids)
    heard, teller, first = (np.full(len(ids), -1, dtype=np.int64) for _ in range(3))
    for month in range(1, min(whole, months or whole) + 1):
        market.step()
        seen = diary.months[-1]
        new = (seen.after[f"told_{news}"][place] > 0) & (heard < 0)
        heard[new] = month
        for who, tellings in seen.tellings.items():
            for one in tellings:
                if one.firm != place or one.bad != (news == "bad"):
                    continue
                first[who] = month if first[who] < 0 else first[who]
                among = one.hearers[one.hearers < len(ids)]
                among = among[(heard[among] == month) & (teller[among] < 0)]
                teller[among] = who
    table = pd.DataFrame({
        "firm": np.full(len(ids), name, dtype=object), "customer": ids,
        **{key: _missing(values) for key, values in (("heard", heard), ("teller", teller), ("told", first))},
    })  # fmt: skip
    return told(run, table, news=news, market=len(market.customers), months_looked_at=market.month)


def _missing(values: np.ndarray) -> pd.api.extensions.ExtensionArray:
    """Whole numbers, missing where they are below 0."""
    array = pd.array(np.maximum(values, 0), dtype="Int64")
    array[values < 0] = pd.NA
    return array
