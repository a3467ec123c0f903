"""Pictures of customers: flows, Lorenz curves, drivers, cohorts, maps, permission and hearsay say what their tables say."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest
from tables_to_draw import (
    about,
    accounts_by_tenure_of,
    cohorts_of,
    drivers_of,
    flows_of,
    funnel_of,
    lorenz_of,
    rfm_of,
)

import sim
from sim import metrics, show
from sim.experiments.studies import Study
from sim.show import style
from sim.show.going import GONE, NOBODY
from sim.show.kinds import COMPARISON_KINDS, KINDS, RUN_KINDS

matplotlib.use("agg")


@pytest.fixture(scope="module")
def cafes() -> Any:
    return sim.run("two_cafes", months=26)


def words(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.texts]


# ---------------------------------------------------------------- every kind


def test_every_kind_is_listed_explained_and_reached() -> None:
    assert set(KINDS) <= set(show.__all__) and set(RUN_KINDS) | set(COMPARISON_KINDS) == set(KINDS)
    for name, kind in KINDS.items():
        assert kind.function is getattr(show, name)
        text = repr(sim.explain(name))
        assert kind.shows[1:] in text and f'.plot("{name}")' in text
    for name, owner in ((n, sim.runs.Run) for n in RUN_KINDS):
        assert f"`{name}`" in owner.plot.__doc__, name


def test_whatever_can_be_drawn_shows_itself_in_a_notebook() -> None:
    drawn = 0
    for file in (Path(sim.__file__).parent).rglob("*.py"):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            names = {part.name for part in getattr(node, "body", []) if isinstance(part, ast.FunctionDef)}
            bases = {base.id for base in getattr(node, "bases", []) if isinstance(base, ast.Name)}
            names |= vars(Study).keys() if "Study" in bases else set()
            if isinstance(node, ast.ClassDef) and "plot" in names:
                drawn += 1
                assert {"_repr_html_", "_repr_mimebundle_"} & names, f"{file.name}: {node.name}"
    assert drawn >= 10


def test_the_page_of_pictures_has_every_kind_with_its_words_in_a_small_file() -> None:
    docs = Path(__file__).parents[1] / "docs"
    page = (docs / "pictures.md").read_text(encoding="utf-8")
    for name in KINDS:
        result = "run" if name in RUN_KINDS else "pair"
        assert f'```python\n{result}.plot("{name}")\n```' in page, (
            f"{name}: python3 benchmarks/pictures.py {name}"
        )
        words = page.split(f"](pictures/{name}.png)")[0].rpartition("![")[2]
        assert len(words) > 40 and words != KINDS[name].shows
    for file in (docs / "pictures").iterdir():
        assert file.stat().st_size < 40_000 and f"](pictures/{file.name})" in page


@pytest.mark.parametrize("kind", sorted(set(RUN_KINDS) - {"equity"}))
def test_a_firm_without_customers_and_a_run_of_a_month_can_be_drawn(kind: str) -> None:
    empty = {"firms.North.initial_share": 0.0, "market.initial_awareness": 0.0, "market.served_at_start": 0.0}
    for change, months in ((empty, 2), ({}, 1)):
        run = sim.run("plain", months=months, change={"market.customers": 60, **change})
        drawn = np.ravel(np.asarray(run.plot(kind), dtype=object))
        drawn[0].figure.draw_without_rendering()
        assert len(show.alt_text(drawn[0])) > 20


# ---------------------------------------------------------------- flows


def test_flows_count_every_departure_once_at_each_side(cafes: Any) -> None:
    ax = show.flows(cafes.departures)
    counts = cafes.departures["firm"].value_counts()
    to = cafes.departures["to"].value_counts()
    for name, n in [*counts.items(), *to.items()]:
        assert f"{name}  {n:,}" in words(ax)
    gone = int((cafes.departures["reason"] == "need ended").sum())
    assert f"{GONE}  {gone:,}" in words(ax) and f"{len(cafes.departures):,} departures" in ax.get_xlabel()
    assert words(ax)[0].startswith("Corner"), "the focus on top"


def test_flows_tell_who_left_for_nobody_and_when_nobody_left() -> None:
    table = about(pd.DataFrame([("A", "fired", None)], columns=["firm", "reason", "to"]))
    assert f"{NOBODY}  1" in words(show.flows(table))
    assert "nobody left" in words(show.flows(table.iloc[:0]))
    many = show.flows(flows_of([f"Firm number {k} of the street" for k in range(12)]))
    heights = [text.get_position()[1] for text in many.texts[:12]]
    assert min(abs(np.diff(sorted(heights)))) > 0.03, "names do not touch"


# ---------------------------------------------------------------- value


def test_the_best_fifth_is_that_of_the_measure(cafes: Any) -> None:
    ax = cafes.plot("lorenz")
    top = metrics.top_20_share(cafes).query("measure == 'revenue'").set_index("firm")["top_20_share"]
    said = [text.get_text() for text in ax.get_legend().get_texts()]
    assert said == [f"{firm}: {100 * top[firm]:.0f} %" for firm in ("Corner", "Express")]
    with pytest.raises(ValueError, match="measures are revenue, profit"):
        show.lorenz(lorenz_of(["Corner"]), measure="visits")


def test_drivers_add_up_to_the_equity_and_a_loss_is_hatched() -> None:
    ax = show.equity(drivers_of(["Corner"]), months=36)
    bars = {label.get_text(): bar for label, bar in zip(ax.get_yticklabels(), ax.patches, strict=False)}
    parts = [bar.get_width() for name, bar in bars.items() if name != "customer equity"]
    assert sum(parts) == pytest.approx(bars["customer equity"].get_width())
    assert (
        bars["brand"].get_width() < 0 and bars["brand"].get_hatch() and not bars["relationship"].get_hatch()
    )
    assert "36 months" in ax.get_xlabel() and "8 futures" in ax.get_xlabel()


def test_the_drivers_of_a_run_are_drawn_from_its_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    short = {"futures": 2, "months": 2}
    monkeypatch.setitem(RUN_KINDS, "equity", KINDS["equity"]._replace(words=short))
    run = sim.run("two_cafes", months=4, change={"market.customers": 60})
    table = metrics.equity_drivers(run, **short).set_index("driver")["equity"]
    widths = [bar.get_width() for bar in run.plot("equity").patches[:5]]
    factor = style.scaled(table, "EUR")[0]
    np.testing.assert_allclose(
        widths, table[["levelled", "value", "brand", "relationship", "equity"]] / factor
    )


def test_cohorts_are_named_by_their_year_and_small_ones_left_out(cafes: Any) -> None:
    ax = show.cohorts(cohorts_of(["Corner"]))
    assert len(ax.lines) == 4
    assert {text for text in words(ax) if text.startswith("year")} == {
        f"year {k + 1} ({200 - 20 * k})" for k in range(4)
    }
    table = metrics.cohorts(cafes)
    first = table[(table["firm"] == "Corner") & (table["cohort"] == 1)]
    np.testing.assert_allclose(cafes.plot("cohorts").lines[0].get_ydata(), 100 * first["survival"])
    few = cohorts_of(["Corner"]).assign(began=3)
    few.attrs = cohorts_of(["Corner"]).attrs
    assert "nobody began a relationship" in words(show.cohorts(few))


# ---------------------------------------------------------------- maps


def test_the_map_holds_every_customer_of_the_firm_once(cafes: Any) -> None:
    ax = cafes.plot("rfm")
    heads = [int(text.split("\n")[0].replace(",", "")) for text in words(ax)]
    table = metrics.rfm_cells(cafes)
    assert sum(heads) == table.loc[table["firm"] == "Corner", "customers"].sum()
    cell = rfm_of(["Corner"])
    mean = (160 + 40) / 20  # two cells of money in one of recency and frequency
    assert show.rfm(cell).texts[0].get_text().endswith(style.nice(mean))


def test_quadrants_count_as_the_measure_does(cafes: Any) -> None:
    table = metrics.loyalty_quadrants(cafes).query("firm == 'Corner'").set_index("quadrant")
    said = {text.split("\n")[0]: text.split("\n")[1] for text in words(cafes.plot("loyalty"))}
    assert set(said) == set(table.index)
    for name, row in table.iterrows():
        assert said[name].startswith(f"{row['customers']:,}"), name
    assert "too few" in words(show.loyalty(accounts_by_tenure_of(["Corner"]).head(3)))[0]


# ---------------------------------------------------------------- permission and hearsay


def test_the_funnel_counts_people_step_by_step(cafes: Any) -> None:
    table = metrics.permission_funnel(cafes).set_index(["firm", "stage"])["people"]
    c, months = cafes.market.customers, cafes.months.set_index(["month", "firm"])
    assert table["Corner", "said yes"] == months.loc[(26, "Corner"), "permission_base"]
    assert table["Express", "are on record"] == int((c.identified[1] > 0).sum())
    assert table["Express", "are written to"] > table["Express", "said yes"], (
        "who interrupts writes without a yes"
    )
    ax = cafes.plot("permission")
    assert [bar.get_width() for bar in ax.patches[:5]] == pytest.approx(
        [table["Corner", s] / 5.0 for s in table["Corner"].index]
    )
    assert len(show.permission(funnel_of(["Corner"])).collections) == 0


def test_news_are_heard_from_a_teller_in_the_month_in_which_it_is_told(cafes: Any) -> None:
    table = metrics.news_spread(cafes, people=200, months=12)
    assert len(table) == 200 and table["heard"].max() <= 12 and table.attrs["market"] == 500
    told = table.dropna(subset=["teller"])
    first = table.set_index("customer")["told"]
    assert len(told) > 20
    assert all(first[row.teller] <= row.heard for row in told.itertuples()), (
        "nobody is told by who has told nothing yet"
    )
    lives = cafes.follow(int(told["customer"].iloc[0])).table
    heard = lives[(lives["event"] == "heard") & (lives["cause"] == "bad") & (lives["firm"] == "Corner")]
    assert heard["month"].min() == told["heard"].iloc[0]
    for given, said in (
        ({"news": "old"}, "bad or good"),
        ({"people": 0}, "1 to 1,000"),
        ({"firm": "None"}, "no firm"),
    ):
        with pytest.raises(ValueError, match=said):
            metrics.news_spread(cafes, **given)


def test_a_silent_market_has_nothing_to_draw_on_its_ring() -> None:
    run = sim.run("two_cafes", months=3, change={"talk.unhappy_tells": 0, "market.customers": 50})
    ax = run.plot("word_of_mouth")
    assert "never: 50" in [text.get_text() for text in ax.get_legend().get_texts()]
    assert len(ax.collections[0].get_segments()) == 0
