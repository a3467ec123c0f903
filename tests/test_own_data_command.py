"""`tenfold fit`: what it prints, writes, asks and refuses."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_own_data_fit import START, purchases

from sim.calibrate.shop import _ahead
from sim.cli import main
from sim.commands.fit import _foretells

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    file = tmp_path_factory.mktemp("own") / "sales.csv"
    table = purchases(1_500, 600).rename(columns={"customer": "card", "date": "sold_at", "amount": "net"})
    table["card"] = "K" + table["card"].astype(str)
    table.to_csv(file, index=False, sep=";", decimal=",")
    return str(file)


SINCE = ["--new-since", str(START)]


def test_the_first_page_says_what_a_log_cannot_tell_and_what_was_left_out(log, capsys):
    assert main(["fit", log, *SINCE, "--currency", "EUR"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0].startswith("4,") or "rows, 1,500 customers" in out.splitlines()[0]
    assert (
        "Revenue, not profit" in out
        and "A log cannot tell your margin, your share of the market" in " ".join(out.split())
    )
    assert "purchases a month, while active" in out and "chance to stop after a purchase" in out
    assert "Holdout: fitted on the first half of the time" in " ".join(out.split())
    assert "over the whole, the fitted half included" in " ".join(out.split())
    assert "(95 % of what luck gives a right model: −" in " ".join(out.split())
    assert "<- customer" in out and "one-off buyers" in out
    assert all(len(line) <= 80 for line in out.splitlines())


def test_json_has_estimates_intervals_and_holdout_and_no_ids(log, capsys):
    assert main(["fit", log, *SINCE, "--json"]) == 0
    text = capsys.readouterr().out
    said = json.loads(text)
    names = [row["parameter"] for row in said["estimates"]]
    assert names[:3] == ["purchases_a_month", "stop_chance", "spend"]
    assert all(row["low"] < row["estimate"] < row["high"] for row in said["estimates"])
    assert abs(said["summary"]["holdout_error"]) < 0.3 and said["summary"]["customers"] == 1_500
    assert '"K' not in text
    assert said["regularity"]["is_regular"] is False and said["regularity"]["value"] == pytest.approx(
        1, abs=0.3
    )


def test_json_says_that_intervals_are_regular_where_they_do_not_vary_at_all(tmp_path, capsys):
    rng = np.random.default_rng(1)
    rows = [
        (k, str(START + first + every * n), 20.0 + float(rng.integers(0, 9)))
        for k, (first, every) in enumerate(
            zip(rng.integers(0, 200, 200), rng.integers(20, 40, 200), strict=True)
        )
        for n in range(rng.geometric(0.2))
    ]
    pd.DataFrame(rows, columns=["customer", "date", "amount"]).to_csv(tmp_path / "fixed.csv", index=False)
    assert main(["fit", str(tmp_path / "fixed.csv"), *SINCE, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)["regularity"]
    assert said["is_regular"] is True and said["value"] is None and 20 <= said["days"] <= 40
    assert 0 < said["silent"] <= said["followed"] <= 200


def test_customers_and_pictures_are_written_and_nothing_is_overwritten(log, tmp_path, capsys):
    words = [
        "fit",
        log,
        *SINCE,
        "--margin",
        "0.3",
        "--customers",
        str(tmp_path / "all.csv"),
        "--pictures",
        str(tmp_path / "p"),
    ]
    assert main(words) == 0
    table = pd.read_csv(tmp_path / "all.csv")
    assert len(table) == 1_500 and table["customer"].str.startswith("K").all()
    assert {"purchases_12_months", "active", "lifetime_value", "value_low", "value_high"} <= set(
        table.columns
    )
    assert {file.name for file in (tmp_path / "p").iterdir()} == {"holdout.png", "weeks.png", "frequency.png"}
    capsys.readouterr()
    assert main(words) == 2
    assert "all.csv is there already; --force writes over it" in capsys.readouterr().err
    words[words.index("--customers") + 1] = str(tmp_path / "new.csv")
    assert main(words) == 2 and not (tmp_path / "new.csv").exists()
    assert "holdout.png is there already; --force writes over it" in capsys.readouterr().err


def test_the_log_is_never_written_over(log, tmp_path, capsys):
    own = tmp_path / "sales" / "own.csv"
    own.parent.mkdir()
    own.write_bytes(Path(log).read_bytes())
    for read in (own, own.parent):
        assert main(["fit", str(read), *SINCE, "--customers", str(own), "--force"]) == 2
        assert "own.csv is what is read; give what is written another name" in capsys.readouterr().err
    assert own.read_bytes() == Path(log).read_bytes()


def test_the_first_page_does_not_miss_what_was_given(log, capsys):
    assert main(["fit", log, *SINCE, "--margin", "0.3", "--share", "0.2"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert (
        "A log cannot tell what it costs to serve and to write, your rivals, consent" in out
        and "your share" not in out
    )


def test_a_scenario_is_written_and_a_later_fit_held_against_it(log, tmp_path, capsys):
    file = tmp_path / "shop.toml"
    assert main(["fit", log, *SINCE, "--margin", "0.3", "--share", "0.6", "--save", str(file), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)["scenario"]
    assert said["careful"].startswith("Careful: this market wins 80 % fewer customers than your shop won")
    assert said["newcomers"] < 0 < said["first_purchases"] < 0.5
    assert abs(said["holdout_error"]) < 0.06 and {row["mark"] for row in said["parameters"]} == {
        "yours",
        "published",
        "ours",
    }
    assert main(["check", str(file)]) == 0
    assert main(["fit", log, *SINCE, "--against", str(file)]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "no estimate moved by more than its interval" in out
    assert "alpha: need, weeks; the mean rate is r / alpha purchases a week" in out
    text = file.read_text(encoding="utf-8")
    file.write_text(
        re.sub(r"estimate spend = .*", "estimate spend = 1 (0.9 to 1.1)", text, count=1), encoding="utf-8"
    )
    both = ["--against", str(file), "--save", str(file), "--force", "--share", "0.6", "--json"]
    assert main(["fit", log, *SINCE, *both]) == 0
    rows = {row["estimate"]: row for row in json.loads(capsys.readouterr().out)["against"]}
    assert rows["spend"]["moved"] and rows["spend"]["before"] == 1 and not rows["r"]["moved"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["none.csv"], "none.csv: there is no such file or folder"),
        (["{log}", "--save", "a.toml"], "--save also needs --share"),
        (["{log}", "--save", "a.toml", "--share", "0.5", "--customers", "./a.toml"], "both to write a.toml"),
        (["{log}", "--share", "20"], "--share: your share of the market, 0.01 to 0.99"),
        (["{log}", "--margin", "35"], "--margin: a share of the price above 0"),
        (["{log}", "--customer", "shop"], 'customer: there is no column "shop"'),
        (["{log}", "--against", "none.toml"], "none.toml: cannot be read"),
        (["{log}", "--until", "soon"], "until: a date such as 2024-01-31"),
        (["{log}", "--new-since", "2999-01-01"], "is after the last purchase"),
        (["{log}", "--pictures", "{log}"], "that is a file; name a folder"),
        (["{log}", "--currencies", "EUR"], 'did you mean "--currency"'),
    ],
)
def test_mistakes_get_one_line(log, words, says, capsys):
    assert main(["fit", *(word.replace("{log}", log) for word in words)]) == 2
    err = capsys.readouterr().err
    assert says in err and "Traceback" not in err


class Typed(io.StringIO):
    """What somebody types, at a terminal."""

    def isatty(self) -> bool:
        return True


def test_what_is_in_doubt_is_asked_on_a_terminal(tmp_path, capsys, monkeypatch):
    table = purchases(1_500, 600)
    table["other"] = table["customer"] % 400
    file = tmp_path / "two.csv"
    table.rename(columns={"customer": "one"}).to_csv(file, index=False)
    assert main(["fit", str(file), *SINCE]) == 2
    assert "which column is the customer? It could be one or other" in capsys.readouterr().err
    monkeypatch.setattr(sys, "stdin", Typed("three\none\n"))
    monkeypatch.setattr(sys, "stderr", Typed())
    assert main(["fit", str(file), *SINCE]) == 0
    assert "1,500 customers" in capsys.readouterr().out


def test_what_a_market_foretells_is_told_in_whole_percents_as_the_luck_of_one_seed():
    for said in (_foretells(-0.3127), _ahead(-0.3127)):
        assert "31 % under actual" in said and "31." not in said and "one seed" in said
    assert "7 % over actual" in _ahead(0.0712) and "at actual" in _foretells(-0.004)
    assert "not known" in _ahead(float("nan")) and "not known" in _foretells(float("nan"))


def one_time_buyers() -> pd.DataFrame:
    """A log of two years: 2,000 customers who come once, and 150 who come again and again."""
    rng = np.random.default_rng(5)
    regular = purchases(150, 730, seed=4)
    once = START + rng.integers(0, 730, 2_000).astype("timedelta64[D]")
    log = pd.DataFrame({"customer": np.arange(1_000, 3_000), "date": once})
    log["amount"] = rng.choice(regular["amount"], len(log))
    return pd.concat([regular, log], ignore_index=True)


def saved(log: pd.DataFrame, file: Path, capsys) -> str:
    """Fit a log and save its market; what was printed, in one line."""
    sales = file.with_name("sales.csv")
    log.to_csv(sales, index=False)
    options = ("--share", "0.5", "--margin", "0.3", "--save", str(file))
    assert main(["fit", str(sales), *SINCE, *options]) == 0
    return " ".join(capsys.readouterr().out.split())


def test_a_shop_of_one_time_buyers_is_warned_that_its_market_is_another(tmp_path, capsys, monkeypatch):
    """Its market lives on repeat purchases and hardly wins anybody: said before the file is named, and in its page."""
    monkeypatch.setattr("sim.calibrate.shop.COHORT", 1_000)
    file = tmp_path / "shop.toml"
    out = saved(one_time_buyers(), file, capsys)
    careful = re.search(
        r"Careful: in its first year this market sells (\d+) % less than your shop did .* wrote ", out
    )
    assert careful and int(careful[1]) > 50
    assert (
        "% of your sales were first purchases, and the market is tuned to repeat purchases only" in careful[0]
    )
    assert "repeats the log's repeat purchases" in out and "% fewer customers than that won" in out
    assert 'notice = "Careful: in its first year' in file.read_text(encoding="utf-8")


def invoices(customers: int, months: int) -> pd.DataFrame:
    """A log of contracts: an invoice every month, or every second or third, at a fee of the customer's own, until it ends."""
    rng = np.random.default_rng(3)
    begun, every = rng.integers(0, months * 2 // 3, customers), rng.choice([1, 1, 2, 3], customers)
    paid = np.minimum(rng.geometric(rng.beta(0.8, 12.0, customers)), (months - begun - 1) // every + 1)
    who = np.repeat(np.arange(customers), paid)
    month = np.concatenate([b + k * np.arange(n) for b, k, n in zip(begun, every, paid, strict=True)])
    dates = (np.datetime64("2021-02") + month.astype("timedelta64[M]")).astype("datetime64[D]")
    return pd.DataFrame(
        {"customer": who, "date": dates, "amount": np.round(rng.lognormal(5, 1, customers)[who], 2)}
    )


def test_contracts_are_told_from_purchases_at_random_and_their_market_is_warned_of(
    tmp_path, capsys, monkeypatch
):
    """Each pays on the first of the month: the models and the market have random purchases, and said so."""
    monkeypatch.setattr("sim.calibrate.shop.COHORT", 1_000)
    log = invoices(250, 42)
    file = tmp_path / "shop.toml"
    out = saved(log, file, capsys)
    assert "Customers buy at regular intervals, every 31 days or so, as with contracts" in out
    ids = log.groupby("customer")["date"].agg(["size", "min", "max"]).query("size >= 3")
    usual = (ids["max"] - ids["min"]) / (ids["size"] - 1)
    lost = (log["date"].max() - ids["max"] > 2 * usual).sum()
    assert f"{lost} of {len(ids)} with three purchases or more have been silent for over twice" in out
    kept = re.search(
        r"of its new customers (\d+) % buy later than a year after the first time, of the log's (\d+) %", out
    )
    assert kept and "Careful: " in out and "which fit does not tune. wrote" in out
    known = log.groupby("customer")["date"].agg(["min", "max"])
    known = known[known["min"] <= log["date"].max() - pd.Timedelta(396, "D")]
    assert int(kept[2]) == round(100 * (known["max"] - known["min"] > pd.Timedelta(365.25, "D")).mean())
    assert "our customers buy at regular intervals" in file.read_text(encoding="utf-8")
