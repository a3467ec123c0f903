"""Columns that say what a row is, paid, failed, refunded: asked about, never passed over; and which column is the amount."""

from __future__ import annotations

import json
import sys

import numpy as np
import pandas as pd
import pytest
from test_own_data_command import SINCE, Typed
from test_own_data_fit import START, purchases
from test_own_data_log import log_of

import sim
from sim.calibrate import reading
from sim.calibrate.cleaning import read_purchases
from sim.calibrate.reading import InDoubt, LogError
from sim.cli import main
from sim.commands.fit import _of_rows

DAYS = ["2023-01-01", "2023-01-02", "2023-01-03", "2023-01-04"]


def rows_of(**columns) -> pd.DataFrame:
    """Four purchases of 8, 4, 2 and 1 on four days."""
    return log_of(date=DAYS, amount=[8.0, 4.0, 2.0, 1.0], **columns)


@pytest.mark.parametrize(
    ("column", "words", "answers"),
    [
        ("Status", ["Paid", "Failed", "Refunded", "Paid"],
         ["--only Status=Paid", "--returns Status=Refunded", "--only Status=all"]),
        ("type", ["sale", "sale", "refund", "sale"], ["--only type=sale", "--returns type=refund", "--only type=all"]),
        ("Financial Status", ["paid", "partially_refunded", "voided", ""],
         ['--only "Financial Status=paid,,partially_refunded"', '--only "Financial Status=all"']),
        ("kind", ["", "", "Storno", ""], ["--only kind=", "--only kind=all"]),
        ("Art", ["Rechnung", "Rechnung", "Gutschrift", "Rechnung"],
         ["--only Art=Rechnung", "--returns Art=Gutschrift", "--only Art=all"]),
        ("cancelled", [False, True, False, False], ["--only cancelled=False", "--only cancelled=all"]),
        ("Returned", [0, 0, 1, 0], ["--only Returned=0", "--returns Returned=1", "--only Returned=all"]),
        ("cancelled_at", ["", "2023-01-02", "", ""], ["--only cancelled_at=", "--only cancelled_at=all"]),
        ("OrderStatus", ["Shipped", "Shipped", "Not returned", "CancelledByBuyer"],
         ['--only "OrderStatus=Shipped,Not returned"', "--only OrderStatus=all"]),
        ("Typ", ["Verkauf", "Rückerstattung", "Verkauf", "Verkauf"],
         ["--only Typ=Verkauf", "--returns Typ=Rückerstattung", "--only Typ=all"]),
        ("Status", ["Abgeschlossen", "Rückerstattet", "Rückzahlung", "Zurückgezahlt"],
         ["--only Status=Abgeschlossen", "--returns Status=Rückerstattet,Rückzahlung,Zurückgezahlt", "--only Status=all"]),
        ("Status", ["Paid", "Disputed", "Teilrückerstattung", "Rücksendung"],
         ["--only Status=Paid,Teilrückerstattung", "--returns Status=Rücksendung", "--only Status=all"]),
        ("Status", ["Completed", "Denied", "Pending", "Completed"], ["--only Status=Completed", "--only Status=all"]),
        ("Financial Status", ["paid", "pending", "refunded", "authorized"],
         ['--only "Financial Status=paid"', '--returns "Financial Status=refunded"', '--only "Financial Status=all"']),
        ("Status", ["paid", "not paid", "paid", "On hold"], ["--only Status=paid", "--only Status=all"]),
        ("Status", ["bezahlt", "nicht bezahlt", "noch nicht bezahlt", "bezahlt"],
         ["--only Status=bezahlt", "--only Status=all"]),
        ("Statut", ["payé", "échoué", "non payé", "pas payé"], ["--only Statut=payé", "--only Statut=all"]),
        ("paid", [True, False, True, True], ["--only paid=True", "--only paid=all"]),
        ("success", ["TRUE", "FALSE", "TRUE", "TRUE"], ["--only success=TRUE", "--only success=all"]),
        ("product", ["Tea", "Return ticket", "Refund", "Tea"],
         ['--only "product=Tea,Return ticket"', "--returns product=Refund", "--only product=all"]),
        ("Status", ["Paid, card", "Paid, cash", "Shipped", "Voided"],
         ['--only "Status=Paid, card,Paid, cash,Shipped"', "--only Status=all"]),
    ],
)  # fmt: skip
def test_a_column_that_says_that_some_rows_are_no_sales_is_asked_about(column, words, answers):
    rows = rows_of(**{column: words})
    with pytest.raises(InDoubt, match=f"{column} says that some rows are no sales: ") as doubt:
        read_purchases(rows)
    assert doubt.value.choices == answers
    for answer in answers:
        option, _, said = answer.removeprefix("--").partition(" ")
        found = (
            read_purchases(rows.iloc[:, :], **{option: said.strip('"')})
            if not {"Failed", "pending", "Disputed"} & set(words)
            else None
        )
        assert found is None or found.cents.sum() > 0


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("type", ["sale", "sale", "gift", "sale"]),
        ("customer type", ["new", "returning", "returning", "new"]),
        ("ticket", ["non-refundable", "standard", "standard", "no returns"]),
        ("Return policy", ["30 days"] * 4),
        ("returned", [0, 0, 0, 0]),
        ("Return window days", [30, 14, 30, 14]),
        ("note", [f"refund {k}" for k in range(4)]),
        ("product", ["Return ticket", "Single ticket", "Day pass", "Day pass"]),
        ("visitor", ["New", "Return", "New", "New"]),
        ("coupon", ["RETURN10", "", "", "NEW5"]),
        ("category", ["Books", "Toys", "Cancelling headphones", "Toys"]),
        ("Cancellation insurance", ["yes", "no", "no", "yes"]),
        ("Order item", ["Return ticket", "Refund voucher", "Day pass", "Day pass"]),
        ("Paid by", ["card", "no", "card", "card"]),
    ],
)
def test_other_columns_are_not_asked_about(column, words):
    assert read_purchases(rows_of(**{column: words})).cents.sum() == 1500


def test_returns_that_have_a_minus_sign_need_no_word():
    rows = log_of(date=DAYS[:3], amount=[8.0, 4.0, -4.0], type=["sale", "sale", "refund"])
    assert read_purchases(rows).cents.tolist() == [800]
    assert read_purchases(rows, returns="type=refund").cents.tolist() == [800]


def test_words_with_commas_are_taken_as_they_are_offered():
    rows = rows_of(Status=["Paid, card", "Paid, cash", "Shipped", "Refunded"])
    with pytest.raises(InDoubt) as doubt:
        read_purchases(rows)
    only = doubt.value.choices[0].removeprefix("--only ").strip('"')
    for words in (
        only,
        "Status=shipped,paid, cash , Paid, card",
        ["Status=Paid, card", "Status=Paid, cash,Shipped"],
    ):
        found = read_purchases(rows, only=words)
        assert found.cents.sum() == 1400 and not found.notes
    with pytest.raises(LogError, match="only: Status is Paid or card in no row"):
        read_purchases(rows.assign(Status=["Shipped", "Shipped", "Ready", "Ready"]), only="Status=Paid, card")


def test_only_the_rows_that_are_asked_for_count_and_the_others_are_counted():
    rows = rows_of(Status=["Paid", "Failed", "Refunded", "Paid"])
    found = read_purchases(rows, only="Status=paid")
    assert found.cents.tolist() == [800, 100]
    assert found.report.loc["Status is not paid", ["rows", "money"]].tolist() == [2, 6.0]
    assert read_purchases(rows, only=["status=Paid, Failed"]).cents.sum() == 1300
    assert read_purchases(rows, only="Status=all").cents.sum() == 1500
    assert read_purchases(rows, only="4=Paid").cents.sum() == 900
    where = rows.assign(shop=["north", "south", "north", "south"])
    assert read_purchases(where, only=["Status=Paid", "shop=south"]).cents.sum() == 100
    assert read_purchases(where, only=["Status=all", "shop=north"]).cents.sum() == 1000


def test_money_given_back_is_taken_off_though_it_has_no_minus_sign():
    rows = log_of(date=DAYS, amount=[8.0, 4.0, 4.0, 1.0], type=["sale", "sale", "Refund", "failed"])
    with pytest.raises(InDoubt, match=r"type says that some rows are no sales: sale \(2\), failed \(1\)\."):
        read_purchases(rows, returns="type=refund")  # what failed is asked about still
    found = read_purchases(rows, returns="type=refund", only="type=sale")
    assert found.cents.tolist() == [800]
    assert found.report.loc["of these, money given back: type is refund", ["rows", "money"]].tolist() == [
        1,
        -4.0,
    ]
    assert found.report.loc["type is not sale or refund", "rows"] == 1


def test_what_nobody_can_mean_is_refused():
    rows = rows_of(Status=["Paid", "Failed", "Paid", "Paid"])
    for words, says in (
        ({"only": "Status"}, r'only: a column and its words, such as Status=Paid .*got "Status"'),
        ({"only": "State=Paid"}, 'only: there is no column "State"; there are customer'),
        ({"only": "Status=Piad"}, r"only: Status is Piad in no row; there are Paid \(3\), Failed \(1\)"),
        ({"only": "Status=Paid", "returns": "Status=Refund"}, "returns: Status is Refund in no row"),
    ):
        with pytest.raises(LogError, match=says):
            read_purchases(rows, **words)
    found = read_purchases(rows, only="Status=Paid,Shiped")
    assert found.notes == ("Status is Shiped in no row",) and found.cents.sum() == 1100


def test_a_word_that_stands_in_the_first_line_of_an_order_is_that_of_its_lines():
    rows = log_of(
        date=DAYS[0], order=["x", "x", "y", "y", "z"], amount=[1.0, 2.0, 4.0, 8.0, 16.0],
        status=["paid", "", "voided", "", ""],
    )  # fmt: skip
    assert read_purchases(rows, only="status=paid").cents.sum() == 300
    assert read_purchases(rows.drop(columns="order"), only="status=paid").cents.sum() == 100
    assert read_purchases(rows, only="status=").cents.sum() == 2600, "who asks for blank cells means these"


def test_a_word_that_comes_late_in_a_long_log_is_seen_and_a_column_of_many_words_is_not(monkeypatch):
    n = 45_000
    rows = pd.DataFrame({"customer": np.arange(n) % 997, "date": START + np.arange(n) % 700, "amount": 5.0 + np.arange(n) % 90,
                         "state": np.where(np.arange(n) == n - 1, "Failed", "Paid"),
                         "campaign": ["none"] * 20_000 + [f"void {k % 90}" for k in range(n - 20_000)]})  # fmt: skip
    monkeypatch.setattr(reading, "ROWS", 10_000)
    with pytest.raises(InDoubt, match=r"state says .*: Paid \(44,999\), Failed \(1\)"):
        read_purchases(rows)
    assert read_purchases(rows, only="state=Paid").report.loc["state is not Paid", "rows"] == 1


def test_refunds_in_a_column_of_their_own_are_told_with_their_share():
    rows = rows_of(Refunded=["0.00", "4.00", "", "0.50"]).rename(
        columns={"Refunded": "Amount Refunded", "amount": "Amount"}
    )
    found = read_purchases(rows)
    assert found.cents.sum() == 1500, "Amount Refunded is not taken for the amount"
    assert found.notes[0].startswith("Amount Refunded has 4.50, 30.0 % of the amounts, and is not taken off")
    assert "add a column with Amount - Amount Refunded" in found.notes[0]
    state = rows.assign(Status=["Paid", "Refunded", "Paid", "Paid"])
    assert "has 0.50, 4.5 % of the amounts" in read_purchases(state, only="Status=Paid").notes[0]
    assert not read_purchases(rows.assign(**{"Amount Refunded": "0.00"})).notes
    odd = read_purchases(rows, amount="Amount Refunded")
    assert odd.notes[0] == "the amount is Amount Refunded, which by its name is not what customers paid"


def test_totals_are_asked_about_and_refunds_discounts_taxes_and_fees_never():
    beside = {
        "Discount Amount": 0.5,
        "Refunded Amount": 0.5,
        "Taxes": 1.5,
        "Shipping amount": 4.95,
        "Fee": 0.5,
    }
    rows = rows_of(**beside).rename(columns={"amount": "Subtotal"})
    assert read_purchases(rows).cents.sum() == 1500
    with pytest.raises(InDoubt, match="It could be Subtotal or Total: say --amount"):
        read_purchases(rows.assign(Total=9.5))
    for name in (
        "Amount incl. VAT",
        "total_ex_tax",
        "Total before discount",
        "Amount (tax included)",
        "Net of fees",
    ):
        assert read_purchases(rows.rename(columns={"Subtotal": name})).cents.sum() == 1500
    with pytest.raises(InDoubt, match="amount\\? It could be Discount Amount or Refunded Amount or Taxes or"):
        read_purchases(rows.drop(columns="Subtotal"))


@pytest.mark.parametrize(
    "name",
    ["fee", "Membership fee", "Importe con IVA", "Importe sin IVA", "Montant hors taxes", "Total w/ tax", "Bedrag zonder btw",
     "Net sales post-discount", "Price paid (tips incl.)", "Amount (tax)"],
)  # fmt: skip
def test_the_only_money_of_a_log_is_the_amount_whatever_it_is_called(name):
    rows = rows_of().rename(columns={"amount": name}).assign(receipt=[1001, 1002, 1003, 1004])
    for found in (read_purchases(rows), read_purchases(rows, amount=name)):
        assert found.cents.sum() == 1500 and not found.notes


@pytest.mark.parametrize("name", ["Importe con IVA", "Importe sin IVA", "Montant hors taxes", "Total w/ tax",
                                  "Bedrag zonder btw", "Net sales post-discount", "Price paid (tips incl.)"])  # fmt: skip
def test_money_with_or_without_tax_is_what_was_paid_beside_another_column(name):
    rows = rows_of(**{"Rückerstattung": 0.5}).rename(columns={"amount": name})
    assert read_purchases(rows).cents.sum() == 1500
    with pytest.raises(InDoubt, match="amount"):
        read_purchases(rows_of(Fee=0.5).rename(columns={"amount": "Order Value"}))


def test_one_currency_of_a_log_is_taken_by_its_column():
    rows = rows_of(currency=["EUR", "EUR", "USD", "EUR"])
    with pytest.raises(LogError, match=r"keep one \(--only COLUMN=EUR\)"):
        read_purchases(rows)
    found = read_purchases(rows, only="currency=EUR")
    assert found.currency == "EUR" and found.cents.sum() == 1300
    signs = rows.assign(amount=["€8.00", "€4.00", "$2.00", "€1.00"])
    assert read_purchases(signs, only="currency=EUR").cents.sum() == 1300


@pytest.mark.parametrize("shop", ["Lima", "Cusco"])
def test_an_unknown_mark_beside_all_amounts_that_were_asked_for_is_their_currency(shop):
    rows = rows_of(shop=["Lima", "Lima", "Cusco", "Lima"])
    rows["amount"] = [f"S/ {amount:.2f}" for amount in rows["amount"]]
    found = read_purchases(rows, amount="amount", currency="PEN", only=f"shop={shop}")
    assert found.currency == "PEN" and found.cents.sum() == {"Lima": 1300, "Cusco": 200}[shop]


def shop(tmp_path) -> tuple[pd.DataFrame, str]:
    """A log, one in ten of whose rows came back as a row of its own without a minus sign; and its file."""
    sales = purchases(1_500, 600).assign(type="sale")
    back = sales.iloc[::10].assign(type="refund")
    both = pd.concat([sales, back]).sort_values(["date", "type"], ascending=[True, False], ignore_index=True)
    both.to_csv(tmp_path / "types.csv", index=False)
    return both, str(tmp_path / "types.csv")


@pytest.mark.once
def test_the_command_and_python_take_the_same_words(tmp_path, capsys):
    both, file = shop(tmp_path)
    assert main(["fit", file, *SINCE]) == 2
    assert "--returns type=refund if these stand beside" in " ".join(capsys.readouterr().err.split())
    assert main(["fit", file, *SINCE, "--returns", "type=refund", "--only", "type=sale", "--json"]) == 0
    by_command = json.loads(capsys.readouterr().out)["estimates"]
    said = sim.fit(both, new_since=START.astype(str), returns="type=refund", only="type=sale")
    assert [row["estimate"] for row in by_command] == said.table["estimate"].tolist()
    signed = both.assign(amount=both["amount"].where(both["type"] == "sale", -both["amount"]))
    found, plain = read_purchases(both, returns="type=refund"), read_purchases(signed.drop(columns="type"))
    assert found.cents.tolist() == plain.cents.tolist() and found.day.tolist() == plain.day.tolist()


@pytest.mark.once
@pytest.mark.parametrize(
    "typed",
    [
        "sale\n2\n",
        "4\n--returns type=refund\n",
        '--returns "type=refund"\n',
        "type=piad\n--only type=sale --returns type=refund\n",
    ],
)
def test_on_a_terminal_one_of_the_options_is_typed(tmp_path, capsys, monkeypatch, typed):
    _, file = shop(tmp_path)
    monkeypatch.setattr(sys, "stdin", Typed(typed))
    monkeypatch.setattr(sys, "stderr", Typed())
    assert main(["fit", file, *SINCE]) == 0
    assert "money given back: type is refund" in " ".join(capsys.readouterr().out.split())
    assert "  2  --returns type=refund\n" in sys.stderr.getvalue()


@pytest.mark.parametrize(
    ("said", "answers"),
    [
        ("3", [("only", "A b=all")]), ("0", []), ("4", []), ("paid", []), ("--only paid", []), ("--until x=1", []), ("", []),
        ("A b=paid", [("only", "A b=paid")]), ("--only A b=paid, free", [("only", "A b=paid, free")]),
        ('--only "A b=x" --returns \'c=y\'', [("only", "A b=x"), ("returns", "c=y")]),
    ],
)  # fmt: skip
def test_an_answer_is_a_number_or_any_column_and_its_words(said, answers):
    assert _of_rows(said, ["--only A=x", "--returns A=y", '--only "A b=all"']) == answers
