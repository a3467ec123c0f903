"""Logs as tills, shops and spreadsheets write them: what their habits mean, and what must not be taken for granted."""

from __future__ import annotations

import pytest
from test_own_data_log import log_of

from sim.calibrate.cleaning import read_purchases
from sim.calibrate.reading import InDoubt


@pytest.mark.parametrize(
    ("price", "pieces"),
    [("UnitPrice", "Quantity"), ("Price", "Qty"), ("Einzelpreis", "Menge"), ("net_price", "units sold"), ("unit_amount", "pieces")],
)  # fmt: skip
def test_a_price_beside_a_quantity_is_not_taken_for_what_was_paid(price, pieces):
    rows = log_of(**{price: [2.5, 1.25, 3.75], pieces: [6, 12, -2]}).drop(columns="amount")
    with pytest.raises(
        InDoubt, match=rf"{price} is the price of one.* a column {price} x {pieces}.* --amount"
    ) as doubt:
        read_purchases(rows)
    assert doubt.value.option == "amount" and price in doubt.value.choices
    assert read_purchases(rows, amount=price).cents.sum() == 750
    assert read_purchases(rows.assign(total=[15.0, 15.0, 7.5])).cents.sum() == 3750
    assert read_purchases(rows.drop(columns=pieces)).cents.sum() == 750
    assert read_purchases(rows.rename(columns={price: "total price"})).cents.sum() == 750


def test_a_column_of_text_that_is_called_units_is_no_quantity():
    assert read_purchases(log_of(price=[2.5], units="kg").drop(columns="amount")).cents.tolist() == [250]
