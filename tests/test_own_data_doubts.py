"""Logs that could be misread in silence: each is asked about, refused with a cure, or told of in the table."""

from __future__ import annotations

import codecs
import re
import zipfile

import numpy as np
import pandas as pd
import pytest
from test_own_data_fit import START, purchases
from test_own_data_log import log_of

import sim
from sim.calibrate.cleaning import read_purchases
from sim.calibrate.newcomers import new_from
from sim.calibrate.reading import LogError


@pytest.mark.parametrize("blank", ["", None, np.nan])
def test_rows_without_an_order_are_one_purchase_a_day(blank):
    rows = log_of(
        date=["2023-05-17", "2023-05-17", "2023-05-18", "2023-05-19"],
        order=[blank, blank, blank, "x"],
        amount=[1.0, 2.0, 4.0, 8.0],
    )
    found = read_purchases(rows)
    assert found.cents.tolist() == [300, 400, 800] and found.orders.tolist() == [1, 1, 1]
    note = found.report[found.report.index.str.startswith("of these, without an order")]
    assert note["rows"].tolist() == [3]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("customer,date,amount\na,2023-01-01,5,50\nb,2023-01-02,7,25\n", "lines have 4 fields and the head 3; a decimal"),
        ("customer,date,amount\na,2023-01-01,\"5\",50\n", "lines have 4 fields and the head 3"),
    ],
)  # fmt: skip
def test_fields_beyond_the_head_are_not_cut_off(tmp_path, text, says):
    (tmp_path / "log.csv").write_text(text, encoding="utf-8")
    with pytest.raises(LogError, match=says):
        read_purchases(tmp_path / "log.csv")


def test_a_separator_at_the_end_of_each_line_and_commas_in_quotes_are_read(tmp_path):
    for text in (
        'customer,date,amount\na,2023-01-01,"5,50"\n',
        "customer;date;amount\na;2023-01-01;5,50;\n",
    ):
        (tmp_path / "log.csv").write_text(text, encoding="utf-8")
        assert read_purchases(tmp_path / "log.csv").cents.tolist() == [550]


def test_whole_euros_with_a_point_for_thousands_are_asked_about():
    rows = log_of(amount=["1.250", "980", "12.400 €"])
    with pytest.raises(LogError, match="amounts such as 1\\.250 could be thousands or decimals in every row"):
        read_purchases(rows)
    assert read_purchases(rows, decimal=",").cents.sum() == 1_463_000
    for sure in (["1.250", "2.50"], ["0.120", "1.250"], ["1234.567", "1.250"]):
        assert read_purchases(log_of(amount=sure)).cents.sum() == round(100 * sum(map(float, sure)))


@pytest.mark.parametrize(
    ("amounts", "fits_not", "mark"),
    [(["5.25", "1,250.00", "12,50"], "12,50", "."), (["5,25", "1.250,00", "12.50"], "12.50", ",")],
)
def test_an_amount_with_the_other_decimal_mark_is_refused_wherever_it_stands(amounts, fits_not, mark):
    few = log_of(amount=amounts[:2])
    assert read_purchases(few, decimal=mark).cents.sum() == 125_525
    with pytest.raises(LogError, match=f'"{fits_not}" does not fit the decimal mark "{re.escape(mark)}"'):
        read_purchases(log_of(amount=amounts), amount="amount", decimal=mark)


@pytest.mark.parametrize("several", ["5-7", "5–7", "5/7", "10:30", "2 x 5.00", "5€50", "1e3 EUR"])
def test_an_amount_of_several_numbers_is_refused_with_its_row(several):
    rows = log_of(amount=["5.25", "6.25", several])
    with pytest.raises(
        LogError, match=f'DataFrame: row 3: the amount "{several}" is more than one number; write'
    ):
        read_purchases(rows, amount="amount", decimal=".")


@pytest.mark.parametrize(
    "one", ["1'250.00", "1 250.00", "1\u202f250.00", "1250,-", "Rs. 1,250/-", "$ 1250", "1.25e3"]
)
def test_an_amount_of_one_number_is_read_however_it_is_marked(one):
    rows = log_of(amount=["5.25", one])
    assert read_purchases(rows, amount="amount", decimal=".").cents.tolist() == [125_525]


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("3 Jan 2023", "%d %b %Y"),
        ("Jan 3, 2023", "%b %d, %Y"),
        ("2023-01-03T22:15:00", "%Y-%m-%dT%H:%M:%S"),
        ("2023-01-03 22:15:00", "%Y-%m-%d %H:%M:%S"),
        ("03/01/2023 10:15 PM", "%d/%m/%Y %I:%M %p"),
        ("2023-01-03T22:15:00+0900", "%Y-%m-%dT%H:%M:%S%z"),
        ("03.01.2023 22:15", "%d.%m.%Y"),
    ],
)
def test_a_date_format_is_that_of_the_whole_cell(written, form):
    day = read_purchases(log_of(date=[written]), date="date", date_format=form).day
    assert np.datetime64("1970-01-01") + day == [np.datetime64("2023-01-03")]


def test_a_date_format_that_is_none_is_named():
    with pytest.raises(LogError, match='date format: "%Q" is none'):
        read_purchases(log_of(date=["2023-05-17"]), date_format="%Q")


def test_days_that_could_be_of_two_months_are_refused():
    with pytest.raises(LogError, match=r'until: a date such as 2024-01-31 .got "03/04/2023".'):
        read_purchases(log_of(date=["2023-05-17"]), until="03/04/2023")
    one = np.zeros(1, dtype=np.int64)
    with pytest.raises(LogError, match=r'new_since: a date such as 2024-01-31 .got "03/04/2023".'):
        new_from(one, one, one, "03/04/2023", [])
    assert len(read_purchases(log_of(date=["2023-05-17"]), until=pd.Timestamp("2023-05-17")).day) == 1


def test_a_zip_with_a_password_says_what_to_do(tmp_path):
    file = tmp_path / "log.zip"
    with zipfile.ZipFile(file, "w") as box:
        box.writestr("log.csv", "customer,date,amount\na,2023-01-01,5\n")
    raw = bytearray(file.read_bytes())
    raw[6] |= 1  # the flag of a password, in the file's head and in the list of files
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    file.write_bytes(raw)
    with pytest.raises(LogError, match=r"log.zip: it asks for a password; unpack it first"):
        read_purchases(file)


def test_bytes_that_windows_does_not_have_are_found_beyond_the_first_4_megabytes(tmp_path):
    line = b"a,2023-01-01,5\n"
    text = b"customer,date,amount\n" + line * ((5 << 20) // len(line)) + b"\xe4\x81,2023-01-02,5\n"
    with pytest.raises(UnicodeDecodeError):
        codecs.decode(text, "cp1252")
    (tmp_path / "log.csv").write_bytes(text)
    assert len(read_purchases(tmp_path / "log.csv").ids) == 2


def test_equal_lines_of_a_receipt_are_kept_where_nothing_tells_them_from_duplicates():
    rows = log_of(order=["x", "x", "x"], amount=[3.0, 3.0, 5.0])
    found = read_purchases(rows)
    assert found.cents.tolist() == [1100]
    assert found.report[found.report.index.str.startswith("of these, alike")]["rows"].tolist() == [1]
    assert read_purchases(rows.assign(shop="north")).cents.tolist() == [1100]
    twice = pd.concat([rows, rows]).assign(line=[1, 2, 3] * 2)
    again = read_purchases(twice)
    assert again.cents.tolist() == [1100]
    assert again.report.loc["duplicates: the whole row is there before", "rows"] == 3
    a_row_an_order = log_of(order=["x", "y", "y"], shop="north", amount=[3.0, 4.0, 4.0])
    assert read_purchases(a_row_an_order).cents.tolist() == [700]


def test_a_currency_that_contradicts_the_log_is_refused_and_capitals_do_not_matter():
    dollars = log_of(amount=["$5.5", "$6.5"])
    with pytest.raises(LogError, match="--currency EUR: the amounts are in USD; leave --currency out"):
        read_purchases(dollars, currency="EUR")
    for asked, name in ((None, "USD"), ("usd", "USD"), ("$", "USD"), ("CAD", "CAD")):
        assert read_purchases(dollars, currency=asked).currency == name
    mixed = log_of(amount=[5.0, 6.0, 7.0], currency=["EUR", "eur", "€"])
    assert read_purchases(mixed).currency == "EUR"
    assert read_purchases(log_of(amount=["5.5"]), currency="points").currency == "points"


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (["67.05₺", "9.58€", "₴ 5.00"], "EUR (100), TRY (100), UAH (100)"),
        (["R67.05", "R$9.58", "R$1.58"], "BRL (200), ZAR (100)"),
        (["US$67.05", "C$9.58", "A$ 1.00"], "AUD (100), CAD (100), USD (100)"),
        (["€67.05", "9.58 kr", "9.50 kr."], "kr (200), EUR (100)"),
        (["€67.05", "zł 9.58", "9,000.50 Kč"], "CZK (100), EUR (100), PLN (100)"),
        (["¥67", "JP¥9", "CN¥9"], "JPY (200), CNY (100)"),
        (["Dhs 67.05", "SAR 9.58", "5.50 SAR"], "SAR (200), Dhs (100)"),
        (["67.05 Taler", "9.58 Gulden", "5.50"], "Gulden (100), Taler (100)"),
    ],
)  # fmt: skip
def test_several_currencies_are_refused_whatever_their_signs(written, says):
    with pytest.raises(LogError, match="the amounts are in several currencies: ") as fault:
        read_purchases(log_of(amount=written * 100), amount="amount")
    counted = re.findall(r"\S+ \(\d+\)", str(fault.value))
    assert sorted(counted) == sorted(says.split(", "))


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (["R$ 67,05", "-R$ 1,05"], "BRL"), (["67.05₺", "9.58"], "TRY"), (["kr. 5.50", "Kr 6.50"], "kr"),
        (["₹ 5.50", "Rs. 6.50"], "INR"), (["Rs. 5.50", "Rs 6.50"], "Rs"), (["5.50 eur", "€6.50"], "EUR"),
        (["CAD $5.50", "C$6.50"], "CAD"), (["5.50 EUR net", "EUR 6.50"], "EUR"), (["5.50", "6.50"], ""),
        (["￥550", "¥650"], "JPY"), (["Fr. 5.50", "CHF 6.50"], "CHF"), (["Taler 5.50", "6.50 Taler"], "Taler"),
    ],
)  # fmt: skip
def test_one_currency_is_named_however_it_is_written(written, name):
    assert read_purchases(log_of(amount=written * 3), amount="amount").currency == name


def test_a_sign_of_several_currencies_is_the_one_that_is_asked_for_or_that_a_column_names():
    kronor = log_of(amount=["5.50 kr", "6.50 kr"])
    assert read_purchases(kronor, currency="SEK").currency == "SEK"
    assert read_purchases(log_of(amount=["Taler 5.50", "Taler 6.50"]), currency="XTH").currency == "XTH"
    with pytest.raises(LogError, match="--currency EUR: the amounts are in kr"):
        read_purchases(kronor, currency="EUR")
    assert read_purchases(log_of(amount=["$5.50", "$6.50"], currency="CAD")).currency == "CAD"
    assert read_purchases(log_of(amount=[5.5, 6.5], currency="R$")).currency == "BRL"
    with pytest.raises(LogError, match="in several currencies"):
        read_purchases(log_of(amount=["$5.50", "C$6.50"]))


@pytest.mark.parametrize("written", [["67.05₺", "9.58€"], ["US$67.05", "C$9.58"], ["9.58 kr", "zł 9.58"]])
def test_amounts_in_several_currencies_are_found_to_be_amounts(written):
    with pytest.raises(LogError, match="in several currencies"):
        read_purchases(log_of(amount=written))


def test_a_word_beside_some_amounts_is_not_passed_over():
    """CR is money given back, k a thousand; a word in one row of thousands is a slip."""
    for word in ("CR", "k"):
        rows = log_of(amount=["5.50", "6.50", f"2.50 {word}"])
        with pytest.raises(LogError, match=rf'beside 1 of 3 amounts stands "{word}", and nothing beside'):
            read_purchases(rows, amount="amount")
    rows = log_of(amount=["5.50"] * 2_000 + ["5.50 each"])
    assert read_purchases(rows).cents.sum() == 2_001 * 550


def test_where_orders_have_a_row_each_equal_rows_are_duplicates():
    rows = log_of(
        order=["x", "y", "z"], date=["2023-05-17", "2023-05-17", "2023-05-18"], amount=[3.0, 3.0, 5.0]
    )
    found = read_purchases(pd.concat([rows, rows.head(2)]))
    assert found.cents.tolist() == [600, 500]
    assert found.report.loc["duplicates: the whole row is there before", "rows"] == 2
    assert found.notes[0].startswith("2 rows (35.3 % of the money) are left out as duplicates")
    one_price = rows.assign(
        order="x", amount=3.0, date="2023-05-17"
    )  # three tickets of one order, or one three times
    assert read_purchases(one_price).cents.tolist() == [900]


@pytest.mark.parametrize("more", [{}, {"order": [7, 7, 8, 8]}, {"date": "2023-05-17 10:15", "shop": "north"}])
def test_rows_that_another_file_has_too_are_counted_once(tmp_path, more):
    """Two equal lines of one file are two; the same two in the next file are copies."""
    rows = log_of(
        customer=["a", "a", "b", "b"], amount=[3.0, 3.0 if "shop" not in more else 4.0, 5.0, 6.0], **more
    )
    rows.to_csv(tmp_path / "first.csv", index=False)
    pd.concat([rows.head(3), rows.tail(1).assign(customer="d")]).to_csv(tmp_path / "second.csv", index=False)
    found = read_purchases(tmp_path)
    assert found.cents.sum() == rows["amount"].sum() * 100 + 600
    out = found.report[found.report.index.str.startswith("duplicates: the whole row is ")]
    assert out["rows"].tolist() == [3] and out["examples"].iloc[0].startswith(
        "second.csv, row 1: 2023-05-17, 3.00"
    )
    assert found.notes[0].startswith("3 rows (")


def test_equal_rows_that_are_kept_are_counted_and_named_on_the_first_page():
    rows = log_of(customer=["a", "b", "b"], amount=[3.0, 5.0, 6.0])
    assert not read_purchases(rows).notes
    found = read_purchases(pd.concat([rows, rows]))
    assert found.cents.sum() == 2 * 1400
    assert found.report.loc["of these, alike in all columns", ["rows", "money"]].tolist() == [3, 14.0]
    assert found.notes[0].startswith("3 rows (50.0 % of the money) are kept though alike in all columns")
    fit = sim.fit(pd.concat([purchases(1_500, 600)] * 2), new_since=START.astype(str))
    assert "(50.0 % of the money) are kept though alike" in fit.notes[0]


def test_an_order_whose_number_is_0_is_an_order():
    found = read_purchases(log_of(order=[0, 1], amount=[3.0, 4.0]))
    assert found.orders.tolist() == [2] and not found.report.index.str.contains("without an order").any()
