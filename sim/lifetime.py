"""Lifetime value, five ways: four forecasts of the field, and the true one, by living the same state forward."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pandas as pd

from sim import __version__
from sim.diary import followed
from sim.forecasts import METHODS, YEARS
from sim.futures import Earned, roll_forward, twin_of
from sim.intervals import student_t
from sim.market import Market
from sim.scenario.faults import nearest
from sim.snapshots import Snapshot
from sim.tables import order
from sim.value import MissingPackage

TRUE = "true"
NAMES = (*METHODS, TRUE)
ENDLESS = ("multiple", "database", TRUE)
"""Methods without a horizon: they are held against the truth with what comes after it."""

MOST_TAIL = 0.15
"""Share of a true value that may come after the horizon; above it errors against the whole have no interval."""
TOO_MUCH = "{tail:.0%} of it comes after the last month, so that errors against the whole have no interval: look further ahead"


def lifetime_value(
    market: Any,
    *,
    method: str = "all",
    firm: str | None = None,
    customers: Any = None,
    futures: int = 200,
    months: int = 120,
    first_spell: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """What present customers are worth to their firms: discounted profit from next month on, before acquisition.

    Parameters
    ----------
    market : Market or Run
        As it is now; it stays as it is.
    method : str
        `multiple`, the margin multiple; `switching`, the brand-switching matrix; `fitted`, sBG with contracts, else BG/NBD
        with Gamma-Gamma; `database`, the firm's own forecast; `true`, the mean of many futures of the same state with fresh
        luck; `forecasts`, all but the true one; `all`, one after the other, each with its error against the truth.
    firm : str, optional
        One firm; all, the focus first, unless given.
    customers : int or list of int, optional
        A row a customer (those who have a supplier) instead of a row a firm; at most 1,000 of them.
    futures : int
        How many, 2 or more: the standard error shrinks with their square root.
    months : int
        How long each future is, 1 or more.
    first_spell : bool
        Whether the true value stops at the first end of the relationship; else returns count.
    progress : callable, optional
        Called with months lived and months in all.

    Returns
    -------
    DataFrame
        A row a firm (or customer) and method: `value` (money; for a firm its customer equity), `per_customer`, and for the
        true one `tail_share`, the part of `value` that comes after the last month and is carried on from the last four years
        (firms only), and `standard_error`: over the futures and, for a firm, of that part's unknown rate. `error` is value / truth - 1: methods that look ten years ahead
        are held against the truth of as many months, without the tail, those without a horizon against the truth with it.
        A single customer's truth has no tail: there `multiple` and `database` have no error. `error_low` and `error_high` are its 95 % interval:
        the truth and Student's t times its luck, with two standard errors of the tail; missing where more than 15 % of that
        truth is tail. `note` says why a value is missing. What has no answer is missing.

    Raises
    ------
    ValueError
        An unknown method, firm or customer, with the nearest right one.

    Source: margin multiple: Gupta & Lehmann 2003; switching: Rust, Lemon & Zeithaml 2004; fitted: Fader & Hardie 2007,
    Fader, Hardie & Lee 2005; the others: ours.

    Examples
    --------
    >>> import sim
    >>> year = sim.run("two_cafes", months=14)
    >>> worth = sim.lifetime_value(year, futures=4, months=6, firm="Corner")
    >>> worth["method"].tolist()
    ['multiple', 'switching', 'fitted', 'database', 'true']
    """
    world: Market = getattr(market, "market", market)
    if not isinstance(world, Market):
        raise TypeError(f"lifetime_value: a Market or a Run is needed (got {market!r}); sim.run gives one")
    names = _methods(method)
    places = [world.firm(firm).place] if firm else order(world)
    for name, value, least in (("futures", futures, 2), ("months", months, 1)):
        if isinstance(value, bool) or not hasattr(value, "__index__") or value < least:
            raise ValueError(f"{name}: must be a whole number of {least} or more (got {value!r})")
    ids = None if customers is None else followed(customers, len(world.customers))
    found: dict[str, tuple[np.ndarray, dict[int, str]]] = {}
    copied = twin_of(world, Snapshot(world), 1) if set(names) & set(METHODS) else world
    for name in names:
        if name in METHODS:
            found[name] = _forecast(name, copied, is_one=len(names) == 1) if world.month else _nothing(world)
    true = None
    if TRUE in names:
        true = roll_forward(world, futures=futures, months=months, first_spell=first_spell, progress=progress)
    rows = (
        _of_firms(world, places, found, true)
        if ids is None
        else _of_customers(world, ids, places, found, true)
    )
    table = pd.DataFrame(rows)
    cast(Any, table).attrs = {
        "scenario": world.scenario.name,
        "scenario_hash": world.scenario.hash,
        "seed": world.seed,
        "version": __version__,
        "month": world.month,
        "currency": world.scenario.market.currency,
        "futures": futures if true else 0,
        "horizon_months": months,
    }
    return table


def _methods(method: str) -> tuple[str, ...]:
    if method == "all":
        return NAMES
    if method == "forecasts":
        return tuple(METHODS)
    if method not in NAMES:
        near = nearest(str(method), (*NAMES, "forecasts", "all"))
        hint = f'did you mean "{near}"?' if near else f"methods are {', '.join(NAMES)}, forecasts and all"
        raise ValueError(f'method: unknown (got "{method}"); {hint}')
    return (method,)


def _forecast(name: str, market: Market, is_one: bool) -> tuple[np.ndarray, dict[int, str]]:
    """A forecast by its name; among several, one whose package is missing is missing, and says so."""
    try:
        return METHODS[name](market)  # type: ignore[no-any-return]
    except MissingPackage as error:
        if is_one:
            raise
        return _nothing(market)[0], dict.fromkeys(range(len(market.firms)), str(error))


def _nothing(market: Market) -> tuple[np.ndarray, dict[int, str]]:
    """Before the first month nothing can be forecast."""
    return np.full(len(market.customers), np.nan), dict.fromkeys(
        range(len(market.firms)), "no month has passed"
    )


def _of_firms(
    market: Market,
    places: list[int],
    found: dict[str, tuple[np.ndarray, dict[int, str]]],
    true: Earned | None,
) -> list[dict[str, Any]]:
    """A row a firm and method."""
    rows = []
    for f in places:
        own = market.customers.supplier == f
        heads = int(own.sum())
        for name, (values, why) in found.items():
            rows.append(_row(market, f, name, heads, float(values[own].sum()), why.get(f, "")))
        if true is None:
            continue
        whole = true.firms[:, f] + true.tails[:, f]
        value = float(whole.mean())
        tail = float(true.tails[:, f].mean()) / value if value else float("nan")
        note = TOO_MUCH.format(tail=tail) if abs(tail) > MOST_TAIL else ""
        luck, unsure = float(whole.std(ddof=1)) / len(whole) ** 0.5, float(true.unsure[f])
        row = _row(market, f, TRUE, heads, value, note)
        rows.append(row | {"standard_error": math.hypot(luck, unsure), "tail_share": tail})
        short = true.firms[:, f]
        wide = student_t(len(whole) - 1)
        truths = {
            True: (value, math.hypot(wide * luck, 2.0 * unsure) if abs(tail) <= MOST_TAIL else float("nan")),
            False: (float(short.mean()), wide * float(short.std(ddof=1)) / len(short) ** 0.5),
        }
        _add_errors(rows, f, truths, ahead=len(true.months))
    return rows


def _of_customers(
    market: Market, ids: np.ndarray, places: list[int], found: Any, true: Earned | None
) -> list[dict[str, Any]]:
    """A row a customer and method; the truth without what comes after its last month."""
    rows = []
    for customer in ids.tolist():
        f = int(market.customers.supplier[customer])
        if f not in places:
            continue
        mine = []
        for name, (values, why) in found.items():
            mine.append(_row(market, f, name, 1, float(values[customer]), why.get(f, "")))
        if true is not None:
            value, error = float(true.mean[customer]), float(true.error[customer])
            mine.append(_row(market, f, TRUE, 1, value, "") | {"standard_error": error})
            truth = (value, student_t(len(true.firms) - 1) * error)
            _add_errors(mine, f, {False: truth}, ahead=len(true.months))
        rows += [{"customer": customer, **row} for row in mine]
    return rows


def _row(market: Market, f: int, method: str, heads: int, value: float, note: str) -> dict[str, Any]:
    missing = float("nan")
    return {
        "firm": market.firms[f].name, "method": method, "customers": heads, "value": value,
        "per_customer": value / heads if heads else missing, "standard_error": missing, "tail_share": missing,
        "error": missing, "error_low": missing, "error_high": missing, "note": note,
    }  # fmt: skip


def _add_errors(
    rows: list[dict[str, Any]], f: int, truths: dict[bool, tuple[float, float]], ahead: int
) -> None:
    """Each forecast of a firm against the truth of its own horizon: by `truths`, half its interval beside it.

    `truths` by whether what comes after the last month is in it; a forecast that has no such truth gets a note. Half an
    interval that is missing leaves the error without one.
    """
    name = rows[-1]["firm"]
    for row in rows:
        if row["firm"] != name or row["method"] == TRUE:
            continue
        endless = row["method"] in ENDLESS
        if endless not in truths:
            row["note"] = (
                row["note"] or f"looks on without end, the truth {ahead} months: ask by firm for its error"
            )
            continue
        truth, half = truths[endless]
        if truth <= 0 or not np.isfinite(row["value"]):
            continue
        if not endless and ahead != 12 * YEARS:
            row["note"] = row["note"] or f"looks {YEARS} years ahead, the truth {ahead} months"
        row["error"] = row["value"] / truth - 1.0
        for end, sign in (("error_low", 1.0), ("error_high", -1.0)):
            edge = truth + sign * half
            row[end] = row["value"] / edge - 1.0 if edge > 0 else float("nan")
