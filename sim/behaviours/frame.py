"""What every stage is handed: a firm's month as arrays, the levels, and small shared pieces."""

from __future__ import annotations

import threading
from collections import namedtuple
from typing import Any, NamedTuple

import numpy as np

from sim.compiled import bundle, equation, part, step
from sim.draws import BLOCK
from sim.scenario.parameters import Table


class FirmMonth(NamedTuple):
    """What the firms are and have planned this month: one array a field, a value a firm.

    Shares and chances are float64; words are codes, int64.
    """

    price: np.ndarray
    log_price: np.ndarray
    log_trial_price: np.ndarray
    trial_discount: np.ndarray
    referral_reward: np.ndarray
    commission: np.ndarray
    affiliate_chance: np.ndarray
    reach_chance: np.ndarray
    reply_days: np.ndarray
    reply_wait: np.ndarray  # days that pass beside those which the firm decided on and pays for
    promise: np.ndarray
    strategy: np.ndarray
    tailoring: np.ndarray
    ask: np.ndarray
    incentive: np.ndarray
    personalization: np.ndarray
    self_service: np.ndarray
    level: np.ndarray
    offers: np.ndarray
    recovery_chance: np.ndarray
    recovery_cost: np.ndarray
    recovery_share: np.ndarray
    quality: np.ndarray
    switching_cost: np.ndarray
    brand_bonus: np.ndarray
    reliability: np.ndarray
    unit_margin: np.ndarray
    service_margin: np.ndarray
    skill: np.ndarray
    morale: np.ndarray
    capacity: np.ndarray
    deliverability: np.ndarray
    overload: np.ndarray
    traits_key: np.ndarray


WORD_FIELDS = ("strategy", "tailoring", "ask", "level", "offers")


class Room(NamedTuple):
    """Scratch of one thread, for a block of customers: loops make no array of their own."""

    words: np.ndarray  # float64 (4, 4, BLOCK): the uniforms of up to four draws
    numbers: np.ndarray  # float64 (20, BLOCK)
    lists: np.ndarray  # int64 (10, BLOCK): places within the block, and counts
    flags: np.ndarray  # uint8 (6, BLOCK)
    pairs: np.ndarray  # float64 (30, BLOCK): a row a firm
    few: np.ndarray  # float64 (16,)


def room() -> Room:
    """Scratch for one thread."""
    return Room(
        np.empty((4, 4, BLOCK)), np.empty((20, BLOCK)), np.empty((10, BLOCK), dtype=np.int64),
        np.empty((6, BLOCK), dtype=np.uint8), np.empty((30, BLOCK)), np.empty(16),
    )  # fmt: skip


_rooms = threading.local()


def room_of_thread(*, plain: bool = False) -> Any:
    """The scratch of the thread that asks, made once: for compiled loops, or for plain Python."""
    if not hasattr(_rooms, "plain"):
        _rooms.plain = room()
        _rooms.compiled = bundle(_rooms.plain)
    return _rooms.plain if plain else _rooms.compiled


class Levels(NamedTuple):
    """The five relationship levels: one array a field, a value a level."""

    heard: np.ndarray
    prevented: np.ndarray
    lift: np.ndarray
    growth: np.ndarray
    cost: np.ndarray
    time: np.ndarray
    cross_sell: np.ndarray


def parameter_tuple(name: str, table: type[Table], module: str, *, extra: tuple[str, ...] = ()) -> Any:
    """A namedtuple class of a stage's numbers, for its equations and loops; ``extra`` come from other tables."""
    fields = [key for key, field in table.model_fields.items() if field.annotation in (int, float)]
    return namedtuple(name, [*fields, *extra], module=module)


_last: dict[Any, tuple[Table, dict[str, float], Any]] = {}
"""Each kind's last table and extras, and what was made of them: month after month they are the same."""


def parameters(kind: Any, table: Table, **extra: float) -> Any:
    """The numbers of a scenario's table, as that namedtuple; the same object while table and extras stay."""
    last = _last.get(kind)
    if last is not None and last[0] is table and last[1] == extra:
        return last[2]
    own = {key: _plain(getattr(table, key), table, key) for key in kind._fields if key not in extra}
    made = kind(**own, **{key: float(value) for key, value in extra.items()})
    _last[kind] = (table, extra, made)
    return made


def _plain(value: Any, table: Table, key: str) -> int | float:
    return float(value) if type(table).model_fields[key].annotation is float else int(value)


@equation
def cents(money):
    """An amount in whole cents, rounded half to even; exact up to 22 trillion."""
    return np.int64((money * 100.0 + 6755399441055744.0) - 6755399441055744.0)


@equation
def consents(permission):
    """Whether a permission is consent: opted in (1) or confirmed (2)."""
    return (permission == 1) | (permission == 2)


@equation
def clip(value, low, high):
    """The value, or the end of the range that it is beyond."""
    return min(max(value, low), high)


@part
def keep_record(spent, recent_spend, recent_profit, f, i, month_spent, month_profit):
    """Firm f's record of customer i takes up the month's spend and profit, in cents."""
    spent[f, i] = float(spent[f, i]) + month_spent * 0.01
    recent_spend[f, i] = float(recent_spend[f, i]) + month_spent * 0.01
    recent_profit[f, i] = float(recent_profit[f, i]) + month_profit * 0.01


@step
def close_account(c, i, departed):
    """Move a customer's account to the entry of the departed; the row's sums restart at 0.

    ``departed`` is int64 (F, 4): profit, spend, the year's profit, the year's spend.
    """
    f = c.supplier[i]
    departed[f, 0] += c.profit_cents[i] + c.month_profit_cents[i]
    departed[f, 1] += c.spent_cents[i] + c.month_spent_cents[i]
    departed[f, 2] += c.year_profit_cents[i] + c.month_profit_cents[i]
    departed[f, 3] += c.year_spent_cents[i] + c.month_spent_cents[i]
    keep_record(
        c.spent, c.recent_spend, c.recent_profit, f, i, c.month_spent_cents[i], c.month_profit_cents[i]
    )
    c.profit_cents[i] = 0
    c.spent_cents[i] = 0
    c.year_profit_cents[i] = 0
    c.year_spent_cents[i] = 0
    c.month_profit_cents[i] = 0
    c.month_spent_cents[i] = 0


@step
def begin_relationship(c, i, supplier, trust, won_by):
    """All that belongs to a relationship starts anew (supplier -1: none)."""
    c.supplier[i] = supplier
    c.satisfaction[i] = 0.0
    c.loyalty[i] = 0.0
    c.trust[i] = trust
    c.tie[i] = 0.0
    c.tenure[i] = 0
    c.pending[i] = 0
    c.pending_by[i] = 0
    c.products[i] = 1
    c.tier[i] = 0
    c.bonded[i] = 0
    c.discount[i] = 0.0
    c.social[i] = 0
    c.structural[i] = 0
    c.purchases[i] = 0
    c.visits[i] = 0
    c.hurt[i] = 0.0
    c.annoyed[i] = 0.0
    c.bond_peak[i] = 0.0
    c.won_by[i] = won_by


RELATIONSHIP = (
    "supplier", "satisfaction", "loyalty", "trust", "tie", "tenure", "pending", "pending_by", "products", "tier",
    "bonded", "discount", "social", "structural", "purchases", "visits", "hurt", "annoyed", "bond_peak", "won_by",
)  # fmt: skip
"""Columns that `begin_relationship` changes."""

ACCOUNT = (
    "profit_cents", "spent_cents", "year_profit_cents", "year_spent_cents", "month_profit_cents",
    "month_spent_cents", "spent", "recent_spend", "recent_profit", "supplier",
)  # fmt: skip
"""Columns that `close_account` changes."""
