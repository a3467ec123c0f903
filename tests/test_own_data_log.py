"""Logs of purchases as people have them: read, cleaned, and every row that was left out accounted for."""

from __future__ import annotations

import gzip
import zipfile

import numpy as np
import pandas as pd
import pytest

from sim import extras
from sim.calibrate import reading
from sim.calibrate.cleaning import read_purchases
from sim.calibrate.reading import LogError
from sim.calibrate.sieving import most_purchases

ROWS = [("anna", "2023-01-31", 12.5), ("björn", "2023-02-01", 7.0), ("anna", "2023-02-14", 1200.25)]


def plain_text(separator=",", decimal=".", dates="%Y-%m-%d", head=True) -> str:
    lines = [separator.join(("customer", "date", "amount"))] if head else []
    for who, day, money in ROWS:
        written = f"{money:.2f}".replace(".", decimal)
        lines.append(separator.join((who, pd.Timestamp(day).strftime(dates), written)))
    return "\n".join(lines) + "\n"


def log_of(**columns) -> pd.DataFrame:
    return pd.DataFrame({"customer": "c", "date": "2023-05-17", "amount": 10.0} | columns)


def check_rows(purchases) -> None:
    assert list(purchases.ids) == ["anna", "björn"]
    assert purchases.customer.tolist() == [0, 0, 1]
    assert purchases.cents.tolist() == [1250, 120025, 700]
    assert (np.datetime64("1970-01-01") + purchases.day[0]) == np.datetime64("2023-01-31")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_any_separator_and_encoding(tmp_path, separator, encoding):
    (tmp_path / "log.csv").write_bytes(plain_text(separator).encode(encoding))
    check_rows(read_purchases(tmp_path / "log.csv"))


@pytest.mark.parametrize(
    "dates", ["%d.%m.%Y", "%m/%d/%Y", "%Y%m%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"]
)
def test_dates_as_people_write_them(tmp_path, dates):
    (tmp_path / "log.csv").write_text(plain_text(";", ",", dates), encoding="utf-8")
    found = read_purchases(tmp_path / "log.csv")
    check_rows(found)
    net = next(line for line in found.layout.splitlines() if "<- amount" in line)
    assert net.count("; ") == 2, "three samples, told apart where the decimal mark is a comma"


def test_gzip_zip_and_a_folder_of_both(tmp_path):
    text = plain_text().encode()
    with gzip.open(tmp_path / "a.csv.gz", "wb") as file:
        file.write(text)
    check_rows(read_purchases(tmp_path / "a.csv.gz"))
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as box:
        box.writestr("in/log.csv", text)
    check_rows(read_purchases(tmp_path / "b.zip"))
    both = read_purchases(tmp_path)
    assert both.report.loc["read", "rows"] == 6 and both.cents.sum() == 121975
    assert both.report.loc["duplicates: the whole row is in another file", "rows"] == 3


def test_parquet_and_a_dataframe(tmp_path):
    pytest.importorskip("pyarrow")
    table = pd.DataFrame(ROWS, columns=["card", "sold_at", "net"]).assign(
        sold_at=lambda t: pd.to_datetime(t["sold_at"])
    )
    check_rows(read_purchases(table))
    table.to_parquet(tmp_path / "log.parquet")
    check_rows(read_purchases(tmp_path / "log.parquet"))


def test_columns_by_name_and_by_number(tmp_path):
    (tmp_path / "log.csv").write_text(plain_text(head=False), encoding="utf-8")
    check_rows(read_purchases(tmp_path / "log.csv", customer=1, date=2, amount="3"))
    with pytest.raises(LogError, match='there is no column "shop"; there are column 1, column 2, column 3'):
        read_purchases(tmp_path / "log.csv", customer="shop")


@pytest.mark.parametrize("written", ["Rs. {}", "INR {}", "₹{}", "₹ {}.00", "kr {}", "{} Kč", "R$ {}.50"])
def test_amounts_with_a_word_or_a_sign_in_every_row_are_found(written):
    rows = log_of(date=["2023-05-17", "2023-05-18"], total=[written.format(250), written.format("1 250")])
    rows = rows.drop(columns="amount").assign(shop="Shop 12", sales_rep="Rep 3.5", customer=["K 1", "K 2"])
    assert read_purchases(rows).cents.sum() // 1000 == 150, "a total comes before sales"
    plain = read_purchases(rows.assign(sales_rep=[5.0, 6.0]))
    assert plain.cents.tolist() == [500, 600], (
        "a named column of plain numbers counts before those with words"
    )
    with pytest.raises(LogError, match="It could be paid or total or sales_rep: say --amount"):
        read_purchases(rows.assign(paid=[5.5, 6.5]))


def test_columns_in_doubt_are_asked_for_with_three_rows():
    log = log_of(buyer=["a", "b", "c", "d"], user=["e", "f", "g", "h"]).drop(columns="customer")
    log = log.rename(columns={"buyer": "one", "user": "two"})
    with pytest.raises(
        LogError, match=r"which column is the customer\? It could be one or two: say --customer"
    ) as fault:
        read_purchases(log)
    assert "one: a; b; c\n" in str(fault.value)


def test_dates_that_could_be_either_are_refused_until_it_is_said():
    log = log_of(date=["01/02/2023", "03/04/2023"])
    with pytest.raises(LogError, match="could be day-month or month-day in every row: say --date-format"):
        read_purchases(log)
    first = {
        form: read_purchases(log, date_format=form).day[0] for form in ("day-month", "month-day", "%d/%m/%Y")
    }
    assert first["day-month"] == first["%d/%m/%Y"] == 19389 and first["month-day"] == 19359


def test_dates_in_two_ways_are_refused():
    with pytest.raises(LogError, match=r'written in two ways \("31/01/2023" and "01/31/2023"\)'):
        read_purchases(log_of(date=["31/01/2023", "01/31/2023"]))


def test_amounts_that_could_be_thousands_or_decimals_are_refused_until_it_is_said():
    log = log_of(amount=["1,234", "2,500"])
    with pytest.raises(LogError, match="could be thousands or decimals in every row: say --decimal"):
        read_purchases(log)
    assert read_purchases(log, decimal=".").cents.tolist() == [373400]
    assert read_purchases(log, decimal=",").cents.tolist() == [373]
    assert read_purchases(log_of(amount=["1.234,50", "€ 2,50"])).cents.tolist() == [123700]


def test_rows_of_one_order_are_one_purchase_and_of_a_customer_and_day_without_orders():
    rows = log_of(
        date=["2023-05-17", "2023-05-17", "2023-05-18"], order=["x", "y", "y"], amount=[1.0, 2.0, 4.0]
    )
    with_orders = read_purchases(rows)
    assert with_orders.orders.tolist() == [2, 1] and with_orders.cents.tolist() == [300, 400]
    without = read_purchases(rows.drop(columns="order"))
    assert without.orders.tolist() == [1, 1] and without.cents.tolist() == [300, 400]


def test_what_is_left_out_is_counted_by_reason_and_the_money_adds_up():
    rows = log_of(
        customer=["zoe", "zoe", "", "yak", "yak", "wim", "wim", "zoe"],
        date=["2023-05-17 10:00", "2023-05-17 10:00", "2023-05-17 11:00", "no", "2023-05-18 09:00",
              "2023-05-19 09:00", "2099-01-01 09:00", "2023-05-20 10:00"],
        amount=[10.0, 10.0, 30.0, 5.0, 0.0, 20.0, 7.0, 8.0],
    )  # fmt: skip
    report = read_purchases(rows, until="2023-12-31").report
    out = report["rows"].to_dict()
    assert out.pop("read") == 8 and out.pop("kept") == 3 and out.pop("of these, 1 one-off buyers") == 1
    assert out == {
        "no date that can be read": 1,
        "no customer": 1,
        "after 2023-12-31": 1,
        "duplicates: the whole row is there before": 1,
        "zero amounts": 1,
    }
    assert (
        report["money"].drop(["read", "of these, 1 one-off buyers"]).sum()
        == report.loc["read", "money"]
        == 90.0
    )
    assert report.loc["no customer", "share_of_money"] == pytest.approx(30 / 90)
    assert report.loc["zero amounts", "examples"] == "row 5: 2023-05-18, 0.00"
    assert not report["examples"].str.contains("zoe|yak|wim").any()


def test_returns_are_taken_off_the_purchase_they_belong_to():
    rows = log_of(
        customer=["a", "a", "a", "b", "b", "c", "d", "d"],
        date=["2023-05-01", "2023-05-08", "2023-05-09", "2023-05-01", "2023-05-03", "2023-05-04", "2023-05-01", "2023-05-02"],
        amount=[10.0, 20.0, -10.0, 50.0, -15.0, -3.0, 5.0, -6.0],
    )  # fmt: skip
    purchases = read_purchases(rows)
    names = purchases.ids[purchases.customer]
    assert dict(zip(names, purchases.cents.tolist(), strict=True)) == {"a": 2000, "b": 3500, "d": 500}
    report = purchases.report["rows"]
    assert report["returns, netted against their purchase"] == 2
    assert report["returns without the purchase"] == 2  # c's, and d's, which is more than d paid
    assert report["purchases returned in full"] == 1


def test_tills_and_staff_cards_are_left_out_and_good_customers_are_not():
    rng = np.random.default_rng(1)
    counts = 1 + rng.poisson(rng.gamma(0.4, 5.0, 20_000))
    assert counts.max() <= most_purchases(counts)
    assert rng.lognormal(1.0, 1.0, 100_000).max() <= most_purchases(rng.lognormal(1.0, 1.0, 100_000))
    assert most_purchases(np.ones(500)) >= 30
    who = np.repeat(np.arange(1_000), rng.poisson(4.0, 1_000) + 1)
    days = np.datetime64("2023-01-01") + rng.integers(0, 300, len(who))
    log = pd.DataFrame({"customer": who, "date": days, "amount": 5.0, "order": np.arange(len(who))})
    till = pd.DataFrame({"customer": 7777, "date": days[0], "amount": 5.0, "order": -1 - np.arange(900)})
    report = read_purchases(pd.concat([log, till])).report
    found = report[report.index.str.startswith("tills or staff cards: 1 id ")]
    assert found["rows"].tolist() == [900] and report.loc["kept", "rows"] == len(who)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "the file is empty"),
        ("customer,date,amount\n", "the log has no rows"),
        ("customer,date,amount\na,2023-01-01,5\nb,2023-01-02,1,2,3\n", "line 3 has 5 fields instead of 3"),
        ("customer,date,amount,currency\na,2023-01-01,5,EUR\nb,2023-01-02,1,USD\n", "several currencies: EUR .1., USD .1."),
        ("customer,date,amount\na,2023-01-01,€5.10\nb,2023-01-02,$1.10\nb,2023-01-03,$2.10\n", "currencies: USD .2., EUR .1."),
        ("customer,date,amount\na,2099-01-01,5\n", "no purchase is left"),
        ("\x00\x01\x02\x03" * 9, "no text"),
    ],
)  # fmt: skip
def test_bad_logs_get_a_clear_error(tmp_path, content, says):
    (tmp_path / "log.csv").write_bytes(content.encode())
    with pytest.raises(LogError, match=says):
        read_purchases(tmp_path / "log.csv")


def test_broken_archives_and_missing_files_get_a_clear_error(tmp_path):
    with gzip.open(tmp_path / "whole.gz", "wb") as file:
        file.write(np.random.default_rng(1).bytes(9_000))
    (tmp_path / "cut.csv.gz").write_bytes((tmp_path / "whole.gz").read_bytes()[:5_000])
    (tmp_path / "cut.zip").write_bytes(b"PK\x03\x04 and no more")
    (tmp_path / "cut.parquet").write_bytes(b"PAR1 and no more")
    for name in ("cut.csv.gz", "cut.zip", "cut.parquet"):
        if name == "cut.parquet":
            pytest.importorskip("pyarrow")
        with pytest.raises(LogError, match="whole"):
            read_purchases(tmp_path / name)
    with pytest.raises(LogError, match="no such file or folder"):
        read_purchases(tmp_path / "none.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(LogError, match=r"no file in it ends in \.csv"):
        read_purchases(tmp_path / "empty")


def test_a_log_that_does_not_fit_memory_is_refused_with_a_cure(monkeypatch):
    monkeypatch.setattr("sim.calibrate.cleaning.free_memory", lambda: (1_000.0, "on this computer"))
    with pytest.raises(
        LogError, match=r"about 40 rows need .* of memory, and .* are free on this computer; take every"
    ):
        read_purchases(log_of(date=["2023-05-17"] * 40))


def test_dataframes_as_people_have_them():
    rows = log_of(date=["2023-05-17", "2023-05-18", "2023-05-19"])
    holes = read_purchases(rows.assign(customer=[1.0, np.nan, 2.0], amount=[1.0, 2.0, np.nan]))
    assert list(holes.ids) == ["1"] and holes.report.loc["no amount that can be read", "rows"] == 1
    dates = pd.to_datetime(rows["date"])
    for written in (
        dates,
        dates.dt.tz_localize("Europe/Berlin"),
        dates.dt.date,
        dates.astype(str).astype("category"),
    ):
        assert read_purchases(rows.assign(date=written)).day.tolist() == [19494, 19495, 19496]
    for freq in ("D", "h", "s"):
        periods = pd.Series(pd.PeriodIndex(rows["date"], freq=freq))
        for written in (periods, periods.astype(object)):
            assert read_purchases(rows.assign(date=written)).day.tolist() == [19494, 19495, 19496]
    numbered = rows.set_axis([5, 6, 7], axis=1)
    assert len(read_purchases(numbered, customer=5, date=6, amount=7).day) == 3
    with pytest.raises(LogError, match="several columns are called amount"):
        read_purchases(pd.concat([rows, rows[["amount"]]], axis=1))
    with pytest.raises(LogError, match="a file, files, a folder, or a DataFrame"):
        read_purchases(5)


@pytest.mark.parametrize("freq", ["W", "M", "Y"])
def test_periods_longer_than_a_day_are_refused_with_a_cure_that_holds(freq):
    log = log_of(date=pd.PeriodIndex(["2023-05-17", None, "2024-05-18"], freq=freq))
    with pytest.raises(
        LogError, match=r'date: periods such as ".*" are longer than the day of a purchase'
    ) as fault:
        read_purchases(log, date="date")
    assert 'log["date"] = pd.PeriodIndex(log["date"]).to_timestamp()' in str(fault.value)
    log["date"] = pd.PeriodIndex(log["date"]).to_timestamp()
    assert len(read_purchases(log).day) == 2
    assert len(read_purchases(log_of(month=pd.PeriodIndex(["2023-05"], freq=freq))).day) == 1


@pytest.mark.parametrize(("column", "cell"), [("customer", ["a"]), ("amount", np.ones(2)), ("order", {})])
def test_a_cell_with_a_list_is_refused_with_its_column_and_a_cure(column, cell):
    rows = log_of(**{"date": ["2023-05-17 10:00", "2023-05-18"], column: pd.Series(["b", cell])})
    with pytest.raises(
        LogError, match=f"column {column}, row 2: a cell holds one value, not a .*: write one value"
    ):
        read_purchases(rows, **{column: column})


def test_columns_whose_names_are_numbers_are_read_in_their_place():
    rows = pd.DataFrame(
        {
            0: ["c", "c"],
            1: pd.PeriodIndex(["2023-05-17", "2023-05-18"], freq="D"),
            2: [1.0, 2.0],
            3: pd.Series([["a"], "b"]),
        }
    )
    assert read_purchases(rows, customer=0, date=1, amount=2).cents.tolist() == [100, 200]


@pytest.mark.parametrize("more", [{}, {"order": ["1", "1", "2"]}])
def test_lists_in_a_column_without_a_role_play_no_part(more):
    dates = ["2023-05-17 10:00", "2023-05-17 10:00", "2023-05-18 11:00"]
    rows = log_of(date=dates, items=pd.Series([["a"], ["b", "c"], {}]), **more)
    read = read_purchases(rows)
    assert read.cents.tolist() == read_purchases(rows.assign(items=["a", "b", "c"])).cents.tolist()


def test_where_pyarrow_is_not_ready_made_nothing_is_said_to_get_it():
    assert "start.py" not in reading.without_arrow("win-arm64") and "pip" not in reading.without_arrow(
        "win-arm64"
    )
    assert extras.cure("fit") in reading.without_arrow("win-amd64")


@pytest.mark.parametrize(
    "dates", ["%d-%b-%y", "%d %B %Y", "%d-%b-%Y 10:15", "%B %d, %Y", "%Y-%b-%d", "%a, %d %b %Y 09:30:00"]
)
def test_dates_with_names_of_months_are_read(tmp_path, dates):
    (tmp_path / "log.csv").write_text(plain_text(";", dates=dates))
    check_rows(read_purchases(tmp_path / "log.csv"))


@pytest.mark.parametrize(
    ("name", "month"), [("März", 3), ("Mrz.", 3), ("Okt", 10), ("Dezember", 12), ("mei", 5)]
)
def test_german_and_dutch_months_are_read(name, month):
    found = read_purchases(log_of(date=[f"3. {name} 2023", f"17-{name}-23"]))
    days = [np.datetime64("1970-01-01") + day for day in found.day]
    assert days == [np.datetime64(f"2023-{month:02d}-03"), np.datetime64(f"2023-{month:02d}-17")]


def test_a_day_that_a_month_does_not_have_is_left_out():
    found = read_purchases(log_of(date=["30-Jan-23", "30-Feb-23", "30-Mär-23", "30-Mud-23"]), date="date")
    assert found.report.loc["no date that can be read", "rows"] == 2 and len(found.day) == 2


@pytest.mark.parametrize(
    "written", [[44957, 44958, 44971], [44957.4, 44958.0, 44971.9], ["44957", "44958", "44971"]]
)
def test_days_as_spreadsheets_count_them_are_read_and_told_of(written):
    rows = pd.DataFrame(ROWS, columns=["customer", "date", "amount"]).assign(date=written)
    found = read_purchases(rows)
    check_rows(found)
    assert (
        f"date: numbers are taken for days as spreadsheets count them, {written[0]} for 2023-01-31"
        in found.notes
    )
    with pytest.raises(LogError, match="which column is the date"):  # the name has to say so
        read_purchases(rows.rename(columns={"date": "code"}))


@pytest.mark.parametrize(
    ("date", "says"),
    [
        ("2023-W05-2", 'such as "2023-W05-2".*; "%G-W%V-%u" would read 2023-W05-2 as 2023-01-31'),
        ("230131", '; "%y%m%d" would read 230131 as 2023-01-31'),
        ("2023-W05", "a week is no day"),
        ("soon", "say how they are written: --date-format HOW, such as %d.%m.%Y for 31.01.2024"),
    ],
)
def test_dates_that_are_not_read_get_a_format_that_would(date, says):
    with pytest.raises(LogError, match=says):
        read_purchases(log_of(date=[date, date]), date="date")
    if "%" in date or "would read" in says:
        form = says.split('"')[-2]
        found = read_purchases(log_of(date=[date, date]), date="date", date_format=form)
        assert found.day.tolist() == [19388]


def test_a_workbook_is_to_be_saved_as_csv(tmp_path):
    with zipfile.ZipFile(tmp_path / "log.xlsx", "w") as box:
        box.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(LogError, match=r"workbook \(xlsx\), save its sheet as CSV first"):
        read_purchases(tmp_path / "log.xlsx")
