"""The stage `account`: the month's money goes to accounts and records; the books are closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.behaviours.frame import keep_record
from sim.columns import column_tuple
from sim.compiled import loop
from sim.draws import BLOCK
from sim.ledger import SUM_ROWS

if TYPE_CHECKING:
    from sim.market import Market

READS = ("supplier", "satisfaction", "loyalty", "trust", "aware", "permission")
CHANGES = (
    "spent_cents", "profit_cents", "year_spent_cents", "year_profit_cents", "spent", "recent_spend", "recent_profit", "month_spent_cents",
    "month_profit_cents", "supplier_history",
)  # fmt: skip
DRAWS = ()

AccountColumns = column_tuple("AccountColumns", READS + CHANGES, __name__)


@loop
def measure_rows(c, start, stop, month, key0, key1, heads, sums):
    """What the month's metrics need, in one pass.

    ``heads`` int64 (F, 5): customers, of them those of last month and of a year ago, people who know the
    firm, people who said yes. ``sums`` (blocks, 3 F): satisfaction, loyalty and trust of own customers.
    """
    n_firms = c.aware.shape[0]
    before = (month - 1) % 12
    year_ago = month % 12
    for lo in range(start, stop, BLOCK):
        hi = min(lo + BLOCK, stop)
        block = lo // SUM_ROWS
        for i in range(lo, hi):
            f = c.supplier[i]
            if f >= 0:
                heads[f, 0] += 1
                heads[f, 1] += 1 if c.supplier_history[before, i] == f else 0
                heads[f, 2] += 1 if c.supplier_history[year_ago, i] == f else 0
                sums[block, f] += float(c.satisfaction[i])
                sums[block, n_firms + f] += float(c.loyalty[i])
                sums[block, 2 * n_firms + f] += float(c.trust[i])
        for f in range(n_firms):
            aware = c.aware[f, lo:hi]
            permission = c.permission[f, lo:hi]
            known = 0
            for j in range(hi - lo):
                known += aware[j]
            yes = 0
            for j in range(hi - lo):
                yes += 1 if (permission[j] == 1) | (permission[j] == 2) else 0
            heads[f, 3] += known
            heads[f, 4] += yes


@loop
def account_rows(c, start, stop, month, key0, key1):
    """The stage over customers start to stop: the month's sums go to the accounts of the present relationship."""
    place = month % 12
    for lo in range(start, stop, BLOCK):
        hi = min(lo + BLOCK, stop)
        history = c.supplier_history[place, lo:hi]
        supplier = c.supplier[lo:hi]
        for j in range(hi - lo):
            history[j] = supplier[j]
        for i in range(lo, hi):
            f = c.supplier[i]
            if f < 0:
                continue
            profit = c.month_profit_cents[i]
            spent = c.month_spent_cents[i]
            if profit == 0 and spent == 0:
                continue
            c.spent_cents[i] += spent
            c.profit_cents[i] += profit
            c.year_spent_cents[i] += spent
            c.year_profit_cents[i] += profit
            keep_record(c, f, i)
            c.month_spent_cents[i] = 0
            c.month_profit_cents[i] = 0


def account(market: Market) -> None:
    """Accounts are brought up to date, the month is closed, and the identities of the ledger are checked."""
    market.measure(AccountColumns)
    market.rows("account", AccountColumns)
    for firm in market.firms:
        market.ledger.enter(firm.place, "crm_system", market.cents(firm.table.crm_system))
    market.ask_surveys()
    market.ledger.close()
    market.ledger.check(market.customers.supplier, market.customers.profit_cents)
