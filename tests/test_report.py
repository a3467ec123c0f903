"""Reports: what stands in them, what must never stand in them, and that the same result gives the same bytes."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import sim
from sim.show.report import report_of, told, truths
from sim.show.report.exhibits import COUNT, MONEY, SHARE, Column, Table
from sim.show.report.workbook import inert

pytestmark = pytest.mark.once

EVIL = "-2 & 'more"

STREET = """
tenfold = 1
title = "<script>alert(1)</script> & sons"
focus = "Corner"
[info]
question = "Is <b>this</b> escaped?"
[market]
customers = 300                      # counted on a Saturday
months = 24
[talk]
unhappy_tells = 8                    # published, a survey of 1999
happy_tells = 2                      # yours (1.5 to 2.6)
[segments.all]
need_rate = { mean = 3.0, shape = 2.0 }   # mean: yours (2.5 to 3.5), counted; shape: ours
[firms.Corner]
policy = { name = "level_by_value", top_share = 0.3 }
[firms."-2 & 'more"]
[firms."007"]
[firms."NA"]
"""


class Page(HTMLParser):
    """What a page holds: its tags in order with their attributes, and its texts."""

    VOID = {"meta", "img", "br", "wbr", "link"}

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(file.read_text(encoding="utf-8"))
        self.close()
        assert self.open == [], "every tag is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Any:
    file = tmp_path_factory.mktemp("street") / "street.toml"
    file.write_text(STREET, encoding="utf-8")
    return sim.run(file, seed=3)


@pytest.fixture(scope="module")
def pair() -> Any:
    return sim.compare(
        "two_cafes", {"today": {}, "no talk": {"change": {"talk.unhappy_tells": 0}}}, months=14, seeds=3
    )


@pytest.fixture(scope="module")
def page(street: Any, tmp_path_factory: pytest.TempPathFactory) -> Page:
    return Page(street.report(tmp_path_factory.mktemp("page") / "street.html"))


def test_the_answer_comes_first_and_its_figures_are_those_of_the_run(street: Any, page: Page) -> None:
    firm = street.firms.loc["Corner"]
    answer = page.text.partition("The answer")[2].partition("This is one run")[0]
    assert f"{firm['customers']:,.0f} customers" in answer and f"{abs(firm['profit']):,.0f}" in answer
    assert "seed 3: it has no interval" in page.text
    heads = re.findall(r"The answer|Contents|What would have to be true|Month by month|Customers' value|How long they stay|"
                       r"Why customers left|Permission to write|Ledger by activity|Parameters and their sources|How this was made",
                       page.text.partition("Contents")[2])  # fmt: skip
    assert next(iter(heads)) == "What would have to be true" and len(set(heads)) == 10


def test_it_says_what_is_needed_to_make_it_again(street: Any, page: Page) -> None:
    for said in (street.hash, street.scenario.hash, "seed 3", sim.__version__):
        assert said in page.text
    assert "No assumption was varied" in page.text


def test_nothing_in_it_leads_outside_or_runs(page: Page) -> None:
    assert not {tag for tag, _ in page.tags} & {"script", "link", "iframe", "object", "form"}
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")], tag
        for name in ("src", "href"):
            value = attributes.get(name)
            assert value is None or value.startswith(("data:image/svg+xml;base64,", "#")), value
    assert "<script>alert(1)</script> & sons" in page.text and "Is <b>this</b> escaped?" in page.text


def test_every_picture_has_words_and_a_table_and_headings_go_step_by_step(page: Page) -> None:
    pictures = [attributes for tag, attributes in page.tags if tag == "img"]
    assert len(pictures) >= 14 and all(len(str(one["alt"])) > 30 for one in pictures)
    tags = [tag for tag, _ in page.tags]
    for place in (k for k, tag in enumerate(tags) if tag == "img"):
        following = [tag for tag in tags[place + 1 :] if tag in ("img", "table")]
        assert following[0] == "table"
    assert tags.count("table") == tags.count("caption") == tags.count("thead")
    assert [tag for tag in tags if re.fullmatch("h[1-6]", tag)][:2] == ["h1", "h2"] and tags.count("h1") == 1


@pytest.mark.slow
def test_the_same_run_gives_the_same_bytes_from_python_and_from_its_folder(
    street: Any, tmp_path: Path
) -> None:
    first = street.report(tmp_path / "a.html").read_bytes()
    folder = street.save(tmp_path / "saved")
    what = told.of_folder(folder)
    run, why = told.repeated(folder)
    assert run is not None and why == ""
    told.add_measures(what, run)
    truths.add_truths(what, run)
    from sim.show.report import write

    write(report_of(what), tmp_path / "both")
    assert (tmp_path / "both" / "index.html").read_bytes() == first
    street.report(tmp_path / "again")
    for file in sorted((tmp_path / "both").rglob("*.*")):
        assert file.read_bytes() == (tmp_path / "again" / file.relative_to(tmp_path / "both")).read_bytes(), (
            file.name
        )


def test_tables_read_back_number_by_number_and_word_by_word(street: Any, tmp_path: Path) -> None:
    folder = street.save(tmp_path / "saved")
    for name in ("firms", "months", "ledger", "departures", "rules"):
        one, other = getattr(street, name), told.read_table(folder, name)
        one, other = one.reset_index(), other.reset_index()
        assert list(one.columns) == list(other.columns)
        for head in one.columns:
            pairs = zip(one[head].astype(object), other[head].astype(object), strict=True)
            assert all(
                a == b or ((a is None or a != a) and (b is None or b != b)) for a, b in pairs if a is not b
            ), (name, head)


def test_no_customer_is_named_unless_that_is_asked_for(street: Any, tmp_path: Path) -> None:
    for with_ids in (False, True):
        report = report_of(told.of_run(street), with_ids)
        tables = [one.table for one in report.exhibits()] + list(report.sheets)
        named = [t.name for t in tables if {"customer", "teller", "generation"} & {c.head for c in t.columns}]
        assert named == (["best customers", "accounts", "departures"] if with_ids else [])
        per_customer = [
            t.name for t in tables if len(t.rows) >= 200 and t.name not in ("default parameters",)
        ]
        assert per_customer == (["accounts", "departures"] if with_ids else [])
    place = street.report(tmp_path / "named", with_ids=True)
    assert "names customers by their ids" in Page(place).text and "names no customer" not in Page(place).text


def test_the_workbook_has_units_in_its_heads_and_nothing_that_a_spreadsheet_obeys(
    street: Any, tmp_path: Path
) -> None:
    street.report(tmp_path / "all", with_ids=True)
    book = openpyxl.load_workbook(tmp_path / "all" / "tables.xlsx")
    assert {"firms", "months", "ledger", "own parameters", "made"} <= set(book.sheetnames)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "b"}
    assert not [cell.value for cell in cells if str(cell.value).startswith(("=", "+", "@"))]
    assert not [cell.value for cell in cells if isinstance(cell.value, str) and cell.value.startswith("-")]
    assert f"'{EVIL}" in {cell.value for cell in cells}
    heads = {cell.value for cell in book["months"][1]}
    assert {"profit (EUR a month)", "monthly churn (% a month)"} <= heads
    names = [cell.value for cell in book["months"][1]]
    last = [cell.value for cell in book["months"][book["months"].max_row]]
    row = street.months.iloc[-1]
    assert last[names.index("profit (EUR a month)")] == row["profit"]
    assert last[names.index("monthly churn (% a month)")] == pytest.approx(100 * row["monthly_churn"])


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_a_text_that_begins_like_a_formula_is_made_inert(text: str) -> None:
    assert inert(text) == f"'{text}" and inert(f"a{text}") == f"a{text}"


def test_cells_have_the_digits_that_they_need() -> None:
    columns = [Column("a"), Column("b", COUNT), Column("c", MONEY, "EUR"), Column("d", SHARE)]
    table = Table("t", "t", columns, [("x", 1234, 5.5, 0.125), (None, None, float("nan"), None)])
    assert table.cells() == [["x", "1,234", "5.50", "12.5"], ["–", "–", "–", "–"]]
    assert [c.heading() for c in columns] == ["a", "b", "c (EUR)", "d (%)"]


def test_several_seeds_give_the_answer_an_interval(tmp_path: Path) -> None:
    run = sim.run("two_cafes", months=13)
    text = Page(run.report(tmp_path / "three.html", seeds=3)).text
    others = [sim.run("two_cafes", months=13, seed=seed).firms.loc["Corner"] for seed in (1, 2, 3)]
    mean = sum(float(one["customers"]) for one in others) / 3
    assert re.search(rf"Over 3 seeds, after 13 months .* {mean:,.0f} customers \(95 %: \d+ to \d+\)", text)
    assert "seeds 1 to 3" in text and "no interval" not in text


def test_a_comparison_says_its_headline_with_the_interval_and_what_was_tried(
    pair: Any, tmp_path: Path
) -> None:
    page = Page(pair.report(tmp_path / "pair.html"))
    assert pair.headline in page.text and "95 %" in pair.headline
    assert "What was tried: 3 seeds, and no other value of any parameter" in page.text
    assert "talk.unhappy_tells = 0" in page.text
    folder = pair.save(tmp_path / "saved")
    from sim.show.report import write

    again = write(report_of(told.of_comparison_folder(folder)), tmp_path / "again.html")
    assert again.page.read_bytes() == (tmp_path / "pair.html").read_bytes()
    report = report_of(told.of_comparison(pair))
    assert not [t for t in report.sheets if "customer" in {c.head for c in t.columns}]
    named = report_of(told.of_comparison(pair), with_ids=True)
    assert [t.name for t in named.sheets if "customer" in {c.head for c in t.columns}] == ["customers"]


def test_marks_tell_yours_published_and_ours_apart(street: Any, tmp_path: Path) -> None:
    from sim.show.report.assumptions import assumptions

    def marks(what: told.Told) -> dict[str, tuple[str, str]]:
        return {a.one.address: (a.mark, a.source) for a in assumptions(what)}

    own = marks(told.of_run(street))
    assert own["market.customers"] == ("yours", "counted on a Saturday")
    assert own["market.months"] == ("yours", "your scenario")
    assert own["talk.unhappy_tells"] == ("published", "a survey of 1999")
    assert own["talk.happy_tells"] == ("yours", "(1.5 to 2.6)")
    assert own["segments.all.need_rate.mean"] == ("yours", "(2.5 to 3.5), counted")
    assert own["segments.all.need_rate.shape"] == ("ours", "")
    assert own["talk.tells_size"][0] == "published" and own["serve.noise"] == ("ours", "")
    assert marks(told.of_folder(street.save(tmp_path / "saved"))) == own, (
        "the folder remembers what the file said"
    )
    shipped = marks(told.of_run(sim.run("two_cafes", months=1, change={"talk.unhappy_tells": 3})))
    assert shipped["talk.unhappy_tells"] == ("yours", "changed for this run")
    assert shipped["market.customers"] == ("ours", "neighbours within a few minutes' walk: ours")


def test_a_run_with_a_function_of_yours_is_told_too_and_says_what_is_missing(tmp_path: Path) -> None:
    def nobody_talks(market: Any) -> None:
        """Nobody tells anybody."""

    run = sim.run("two_cafes", months=3, swap={"talk": nobody_talks})
    assert "in no file" in Page(run.report(tmp_path / "own.html")).text
    with pytest.warns(UserWarning, match="swap talk"):
        folder = run.save(tmp_path / "saved")
    again, why = told.repeated(folder)
    assert again is None and "swap talk" in why
    what = told.of_folder(folder)
    what.without = why
    text = " ".join(" ".join(section.lead) for section in report_of(what).sections)
    assert "the whale curve and the cohorts are left out: it had swap talk" in text


def test_nothing_is_written_over_unless_that_is_asked_for(tmp_path: Path) -> None:
    run = sim.run("two_cafes", months=2)
    file = tmp_path / "mine.html"
    file.write_text("mine")
    with pytest.raises(FileExistsError, match="is there already"):
        run.report(file)
    assert file.read_text() == "mine"
    with pytest.raises(ValueError, match=r"mine\.html"):
        run.report(tmp_path / "mine.pdf")
    other = tmp_path / "papers"
    other.mkdir()
    (other / "tables.xlsx").write_text("mine")
    for force in (False, True):
        with pytest.raises(FileExistsError, match="something else than reports"):
            run.report(other, force=force)
    assert [f.name for f in other.iterdir()] == ["tables.xlsx"]
    run.report(tmp_path / "whole")
    with pytest.raises(FileExistsError, match="is there already"):
        run.report(tmp_path / "whole")
    assert run.report(tmp_path / "whole", force=True) == tmp_path / "whole" / "index.html"
    kept = {f.name for f in tmp_path.iterdir()}
    assert kept == {"mine.html", "papers", "whole"}, "no part of a file is left"
    assert {f.name for f in (tmp_path / "whole").iterdir()} == {"index.html", "pictures", "tables.xlsx"}
