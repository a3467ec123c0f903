"""A row a customer: what each will buy and is worth; the one table with ids in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.calibrate.foresight import WEEK, values_of
from sim.calibrate.sieving import EPOCH
from sim.scenario.writing import write_whole

if TYPE_CHECKING:
    from sim.calibrate.fitted import Fit


def customer_table(fit: Fit, unit_margin: float | None, discount: float) -> pd.DataFrame:
    """Arguments and columns as in `Fit.customer_values`."""
    if unit_margin is not None and not 0 < unit_margin <= 1:
        raise ValueError(f"unit_margin: a share above 0, up to 1 (got {unit_margin!r})")
    h = fit.all_histories
    table = values_of(
        fit.purchases_model,
        fit.spend_model,
        h,
        fit.spend_records(h),
        fit.own_means(),
        unit_margin or 1.0,
        discount,
    )
    ids, new = fit.ids_of(h.customer)
    first = np.rint(h.first).astype("timedelta64[D]")
    last = np.rint(h.first + h.first_to_last * WEEK).astype("timedelta64[D]")
    for name, column in (("last", EPOCH + last), ("first", EPOCH + first), ("new", new), ("customer", ids)):
        table.insert(0, name, column)
    table.attrs["value"] = "profit" if unit_margin else "revenue, not profit"
    return table


def write_customers(table: pd.DataFrame, file: Path, *, force: bool) -> Path:
    """Write the table as CSV, whole or not at all; ids that a spreadsheet would take for a formula are made inert."""
    table = table.copy()
    if table.attrs["value"] != "profit":
        table.columns = table.columns.str.replace("lifetime_value", "lifetime_revenue").str.replace(
            "value_", "revenue_"
        )
    table["customer"] = [f"'{one}" if str(one)[:1] in "=+-@" else one for one in table["customer"]]
    write_whole(file, table.to_csv(index=False, float_format="%.6g").encode("utf-8"), force=force)
    return file
