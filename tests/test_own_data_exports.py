"""Logs as tills, shops and spreadsheets write them: what their habits mean, and what must not be taken for granted."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from test_own_data_log import log_of

from sim.calibrate.cleaning import read_purchases
from sim.calibrate.reading import InDoubt, LogError


@pytest.mark.parametrize(
    ("price", "pieces"),
    [("UnitPrice", "Quantity"), ("Price", "Qty"), ("Einzelpreis", "Menge"), ("net_price", "units sold"), ("unit_amount", "pieces")],
)  # fmt: skip
def test_a_price_beside_a_quantity_is_not_taken_for_what_was_paid(price, pieces):
    rows = log_of(**{price: [2.5, 1.25, 3.75], pieces: [6, 12, -2]}).drop(columns="amount")
    with pytest.raises(
        InDoubt, match=rf"{price} is the price of one.* a column total .*{price} x {pieces}.* --amount"
    ) as doubt:
        read_purchases(rows)
    assert doubt.value.option == "amount" and price in doubt.value.choices
    assert read_purchases(rows, amount=price).cents.sum() == 750
    assert read_purchases(rows.assign(total=[15.0, 15.0, 7.5])).cents.sum() == 3750
    assert read_purchases(rows.assign(**{f"{price} x {pieces}": 9.0}), amount=5).cents.sum() == 2700
    assert read_purchases(rows.drop(columns=pieces)).cents.sum() == 750
    assert read_purchases(rows.rename(columns={price: "total price"})).cents.sum() == 750


def test_a_column_of_text_that_is_called_units_is_no_quantity():
    assert read_purchases(log_of(price=[2.5], units="kg").drop(columns="amount")).cents.tolist() == [250]


def test_receipt_numbers_that_begin_again_are_purchases_of_their_days():
    rows = log_of(
        customer=["c", "c", "c", "d"], date=["2023-01-01", "2023-01-01", "2023-06-01", "2023-06-02"], receipt=17,
        amount=[2.0, 3.0, 4.0, 8.0],
    )  # fmt: skip
    found = read_purchases(rows)
    assert found.cents.tolist() == [500, 400, 800] and found.orders.tolist() == [1, 1, 1]
    note = found.report[
        found.report.index.str.startswith("of these, with an order number that stands on several days")
    ]
    assert note["rows"].tolist() == [3]  # fmt: skip
    assert not read_purchases(rows[1:2]).report.index.str.contains("several days").any()


def test_a_return_with_the_number_of_its_order_is_taken_off_that_order():
    rows = log_of(
        date=["2023-01-01", "2023-01-05", "2023-01-09", "2023-06-01", "2023-06-03"],
        receipt=[17, 18, 17, 17, 17], amount=[9.0, 7.0, -2.0, 6.0, -1.0],
    )  # fmt: skip
    found = read_purchases(rows)
    assert found.cents.tolist() == [700, 700, 500]
    assert found.report.loc["returns, netted against their purchase", "rows"] == 2


def test_numbers_that_begin_again_tell_no_lines_apart():
    days = ["2023-01-01", "2023-01-01", "2023-01-01", "2023-01-02"]
    rows = log_of(date=days, receipt=17, shop=["a", "a", "a", "b"], amount=[3.0, 3.0, 5.0, 7.0])
    assert read_purchases(rows).cents.tolist() == [1100, 700]


@pytest.mark.parametrize(
    "time", ["", " 00:00:00", "T00:00:00Z", " 0:00", " 12:00:00 AM", " 00:00:00.000", "T00:00:00+01:00"]
)
def test_midnight_is_no_time_of_day(time):
    rows = log_of(date=[f"2023-01-05{time}"] * 2 + [f"2023-01-06{time}"], amount=[5.0, 5.0, 7.0])
    assert read_purchases(rows).cents.tolist() == [1000, 700]


@pytest.mark.parametrize(
    "time", ["10:31:00", "00:31", "0:00:01", "12:00:00 PM", "12:00", "10:00:00", "20:00"]
)
def test_a_time_of_day_tells_equal_rows_to_be_one_row_twice(time):
    rows = log_of(date=[f"2023-01-05 {time}"] * 2 + ["2023-01-06 00:00:00"])
    assert read_purchases(rows).cents.tolist() == [1000, 1000]


@pytest.mark.parametrize("minus", "-−–‒﹣－")
def test_any_minus_sign_is_a_return(minus):
    rows = log_of(date=["2023-01-05", "2023-01-06"], amount=["20.50", f"{minus}5.50"])
    assert read_purchases(rows).cents.tolist() == [1500]
    back = log_of(sum=[f"{minus}5.50"] * 2 + ["20.00"]).drop(columns="amount")
    assert read_purchases(back).cents.tolist() == [900]


@pytest.mark.parametrize(
    ("written", "cents"),
    [("Rs. 250", 25_000), ("kr. 250", 25_000), ("Rs.1,200", 120_000), ("Fr. 12.50", 1_250), ("-Rs. 2.50", -250),
     ("$ .50", 50), ("12.50 EUR.", 1_250), ("12.50 kr.", 1_250), ("Fr. 12.–", 1_200)],
)  # fmt: skip
def test_the_point_of_an_abbreviation_is_no_decimal_mark(written, cents):
    rows = log_of(date=["2023-01-05", "2023-01-06"], amount=["30.00", written])
    for decimal in (None, "."):
        assert read_purchases(rows, amount="amount", decimal=decimal).cents.sum() == 3_000 + cents


def test_an_abbreviation_does_not_say_what_the_decimal_mark_is():
    assert read_purchases(log_of(amount=["Rs. 12,50"]), amount="amount").cents.tolist() == [1250]
    assert read_purchases(log_of(amount=["kr. 1.250,00"]), amount="amount").cents.tolist() == [125_000]
    with pytest.raises(InDoubt, match="could be thousands or decimals"):
        read_purchases(log_of(amount=["kr. 1.250"]), amount="amount")
    with pytest.raises(LogError, match=r'"Rs\. 12,50" does not fit the decimal mark "\."'):
        read_purchases(log_of(amount=["Rs. 9.99", "Rs. 12,50"]), amount="amount", decimal=".")


def folder_of(place, *months: list[str]):
    for k, amounts in enumerate(months, 1):
        rows = [f"c;2023-0{k}-{day:02d};{amount}" for day, amount in enumerate(amounts, 1)]
        (place / f"{k}.csv").write_text("\n".join(["customer;date;amount", *rows]), encoding="utf-8")
    return place


def test_a_month_of_whole_amounts_leaves_the_decimal_mark_to_the_next(tmp_path):
    assert read_purchases(folder_of(tmp_path, ["450", "451"], ["12,50"])).cents.tolist() == [
        45_000,
        45_100,
        1_250,
    ]
    assert read_purchases(folder_of(tmp_path, ["Rs. 450"], ["7"]), amount=3).cents.sum() == 45_700
    for months in (["450"], ["1.250", "1.251"]), (["1.250", "1.251"], ["450"]):
        with pytest.raises(InDoubt, match=r"amounts such as 1\.250 could be thousands or decimals"):
            read_purchases(folder_of(tmp_path, *months))
    assert read_purchases(tmp_path, decimal=",").cents.sum() == 295_100


def test_the_other_decimal_mark_is_refused_with_both_cures(tmp_path):
    with pytest.raises(LogError, match="mend the file, or say --decimal , if that is the mark of all"):
        read_purchases(folder_of(tmp_path, ["0.125"], ["12,50"]))


def test_amounts_as_text_beside_numbers_and_empty_cells():
    for amounts, cents, missing in (
        (["5,50", "6,25", None], 1_175, 1),
        ([5.5, 7, Decimal("1.25"), np.float64(2.0), "6,50", np.nan, pd.NA, ""], 2_225, 3),
        ([1.5, "1.250,00", "6,50"], 125_800, 0),
        ([1.5, "€ 2", None], 350, 1),
    ):
        rows = log_of(amount=pd.Series(amounts, dtype=object))
        found = read_purchases(rows, amount="amount")
        assert found.cents.sum() == cents
        assert read_purchases(rows.astype({"amount": "category"}), amount="amount").cents.sum() == cents
        assert found.report["rows"].get("no amount that can be read", 0) == missing
    with pytest.raises(InDoubt, match=r"amounts such as 1,250 could be thousands or decimals"):
        read_purchases(log_of(amount=pd.Series([1.5, "1,250"], dtype=object)))


def test_customer_numbers_with_a_point_and_a_zero_are_whole_numbers(tmp_path):
    rows = log_of(CustomerID=["17850.0", "", "17851.0"], order=["7.0", "8.0", "7"]).drop(columns="customer")
    assert list(read_purchases(rows).ids) == ["17850", "17851"]
    for file, mark, month in (("a.csv", "", 1), ("b.csv", ".0", 2)):
        lines = [f"{178 + k}{mark},2023-0{month}-{k + 1:02d},4.50" for k in range(20)]
        (tmp_path / file).write_text("\n".join(["customer,date,amount", *lines, "K-1,2023-03-01,4.50"]))
    found = read_purchases(tmp_path)
    assert len(found.ids) == 21 and (np.bincount(found.customer)[:20] == 2).all()


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;", "\ufeffsep=;"])
def test_the_separator_that_excel_writes_above_the_head_is_taken(tmp_path, first):
    for head in ("customer;date;amount", ""):
        rows = [first, *filter(None, [head]), "a, b;2023-01-31;5,50", "a, b;2023-02-01;7,00"]
        (tmp_path / "log.csv").write_text("\n".join(rows), encoding="utf-8")
        found = read_purchases(tmp_path / "log.csv", customer=1, date=2, amount=3)
        assert found.cents.tolist() == [550, 700] and list(found.ids) == ["a, b"]


@pytest.mark.parametrize(
    "title", ["Sales report 2023", "Sales, all shops", "Sales report 2023,,,", '"Sales, by day"']
)
def test_a_title_above_the_head_is_to_be_deleted(tmp_path, title):
    rows = [title, "", "customer,date,amount,shop", *(f"c{k},2023-01-{k:02d},5.50,x" for k in range(1, 9))]
    (tmp_path / "log.csv").write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(
        LogError, match=r"log\.csv: the first line \(\"Sales.*\) is no head: delete the lines above the names"
    ) as fault:
        read_purchases(tmp_path / "log.csv")
    assert title.strip(',"') in str(fault.value)
