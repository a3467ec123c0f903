"""The stage `account`: the month's money goes to accounts and records; the books are closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.behaviours.frame import keep_record
from sim.columns import column_tuple
from sim.compiled import loop, part
from sim.draws import BLOCK
from sim.ledger import SUM_ROWS

if TYPE_CHECKING:
    from sim.market import Market

READS = ("supplier", "satisfaction", "loyalty", "trust", "discount", "aware", "permission")
CHANGES = (
    "spent_cents", "profit_cents", "year_spent_cents", "year_profit_cents", "spent", "recent_spend", "recent_profit", "month_spent_cents",
    "month_profit_cents", "supplier_history",
)  # fmt: skip
DRAWS = ()

AccountColumns = column_tuple("AccountColumns", READS + CHANGES, __name__)
CensusColumns = column_tuple(
    "CensusColumns", ("supplier", "supplier_history", "tenure", "segment", "level", "recent_spend"), __name__
)


@loop
def measure_rows(c, room, start, stop, month, key0, key1, heads, sums):
    """What the month's metrics need, in one pass.

    ``heads`` int64 (F, 5): customers, of them those of last month and of a year ago, people who know the
    firm, people who said yes. ``sums`` (blocks, 4 F): satisfaction, loyalty, trust and discount of own customers.
    """
    n_firms = c.aware.shape[0]
    supplier, satisfaction, loyalty, trust, discount = (
        c.supplier,
        c.satisfaction,
        c.loyalty,
        c.trust,
        c.discount,
    )
    last_month, last_year = c.supplier_history[(month - 1) % 12], c.supplier_history[month % 12]
    for i in range(start, stop):
        f = supplier[i]
        if f >= 0:
            heads[f, 0] += 1
            heads[f, 1] += 1 if last_month[i] == f else 0
            heads[f, 2] += 1 if last_year[i] == f else 0
            block = i // SUM_ROWS
            sums[block, f] += float(satisfaction[i])
            sums[block, n_firms + f] += float(loyalty[i])
            sums[block, 2 * n_firms + f] += float(trust[i])
            sums[block, 3 * n_firms + f] += float(discount[i])
    for f in range(n_firms):
        aware = c.aware[f, start:stop]
        permission = c.permission[f, start:stop]
        known = 0
        for j in range(stop - start):
            known += aware[j]
        yes = 0
        for j in range(stop - start):
            yes += 1 if (permission[j] == 1) | (permission[j] == 2) else 0
        heads[f, 3] += known
        heads[f, 4] += yes


@loop
def census_rows(c, room, start, stop, month, key0, key1, group, shape, bands, rows, tallies, sums):
    """Customers by group at the month's end, and their shares of wallet.

    ``group`` (N,): firm, segment, level and band of tenure (``shape``: how many there are, ``bands``: the lowest tenures), the
    number of groups for nobody's; it stands as of last month and is brought up to date. ``tallies`` int64 (2, groups + 1): customers
    now, and those whom last month's firm lost. ``sums`` (blocks of ``rows``, 2 F): over own customers who spent, the sum of
    their shares of wallet, and their number.
    """
    n_firms, nobody = shape[0], np.int32(tallies.shape[1] - 1)
    last_month, recent = c.supplier_history[(month - 1) % 12], c.recent_spend
    for lo in range(start, stop, BLOCK):
        n = min(BLOCK, stop - lo)
        supplier, last, mine = c.supplier[lo : lo + n], last_month[lo : lo + n], group[lo : lo + n]
        for j in range(n):  # whose place was refilled has no supplier in the history, but a group still
            if ((supplier[j] != last[j]) | (last[j] < 0)) and mine[j] != nobody:
                tallies[1, mine[j]] += 1
        tenure, segment, level = c.tenure[lo : lo + n], c.segment[lo : lo + n], c.level[lo : lo + n]
        for j in range(n):
            band = np.int32(0)
            for b in range(1, len(bands)):
                band += np.int32(tenure[j] >= bands[b])
            place = (np.int32(supplier[j]) * shape[1] + np.int32(segment[j])) * shape[2] + np.int32(level[j])
            mine[j] = place * shape[3] + band if supplier[j] >= 0 else nobody
        for j in range(n):
            tallies[0, mine[j]] += 1
        block = lo // rows
        for j in range(n):
            f = supplier[j]
            if f >= 0:
                total = np.float32(0.0)
                for g in range(n_firms):
                    total += recent[g, lo + j]
                if total > 0.0:
                    sums[block, f] += np.float64(recent[f, lo + j]) / np.float64(total)
                    sums[block, n_firms + f] += 1.0


@loop
def account_rows(c, room, start, stop, month, key0, key1, accounts):
    """The stage over customers start to stop: the month's sums go to the accounts of the present relationship.

    ``accounts`` int64 (F,) takes the sum of all accounts of each firm's customers, in cents.
    """
    now = c.supplier_history[month % 12]
    for lo in range(start, stop, BLOCK):
        hi = min(lo + BLOCK, stop)
        supplier, month_profit, month_spent = (
            c.supplier[lo:hi],
            c.month_profit_cents[lo:hi],
            c.month_spent_cents[lo:hi],
        )
        spent_cents, profit_cents = c.spent_cents[lo:hi], c.profit_cents[lo:hi]
        year_spent, year_profit = c.year_spent_cents[lo:hi], c.year_profit_cents[lo:hi]
        for j in range(hi - lo):
            now[lo + j] = supplier[j]
        for j in range(hi - lo):
            spent_cents[j] += month_spent[j]
            year_spent[j] += month_spent[j]
        for j in range(hi - lo):
            profit_cents[j] += month_profit[j]
            year_profit[j] += month_profit[j]
        for j in range(hi - lo):
            if supplier[j] >= 0:
                accounts[supplier[j]] += profit_cents[j]
        _to_records(c, lo, hi, supplier, month_profit, month_spent)


@part
def _to_records(c, lo, hi, supplier, month_profit, month_spent):
    """The firms' records of a block of customers take up the month's money."""
    spent, recent_spend, recent_profit = c.spent, c.recent_spend, c.recent_profit
    for j in range(hi - lo):
        if month_profit[j] == 0 and month_spent[j] == 0:
            continue
        keep_record(spent, recent_spend, recent_profit, supplier[j], lo + j, month_spent[j], month_profit[j])
        month_spent[j] = 0
        month_profit[j] = 0


def account(market: Market) -> None:
    """Accounts are brought up to date, the month is closed, and the identities of the ledger are checked."""
    market.measure(AccountColumns)
    accounts = np.zeros(len(market.firms), dtype=np.int64)
    market.rows("account", AccountColumns, extra=accounts)
    for firm in market.firms:
        market.ledger.enter(firm.place, "crm_system", market.cents(firm.table.crm_system))
    market.ask_surveys()
    market.ledger.close()
    market.ledger.check(accounts)
