"""Pictures: what each must have, what it must bear, and what it must not leave behind."""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from tables_to_draw import (
    about,
    accounts_by_tenure_of,
    accounts_of,
    cohorts_of,
    drivers_of,
    effects_of,
    flows_of,
    funnel_of,
    ledger_of,
    lives_of,
    lorenz_of,
    news_of,
    rfm_of,
    survival_of,
    whale_of,
)  # fmt: skip

import sim
import sim.show as show
from sim.behaviours import EQUATIONS
from sim.metrics import METRICS
from sim.scenario.words import REASONS as WORDS
from sim.show import plots, style
from sim.show.over_time import PANELS
from sim.show.reasons import REASONS

matplotlib.use("agg")

LONG = "The Old Corner Coffee House and Bakery at the Market"


def months_of(firms: list[str], months: int = 36) -> pd.DataFrame:
    """A made-up run; what a run does not know in its first year is missing."""
    rng = np.random.default_rng(7)
    rows = [
        {
            "month": month, "firm": firm, "customers": 200.0 + 10 * place + month, "monthly_churn": rng.uniform(0.01, 0.04),
            "acquisition_cost": 40.0 + place, "retention_cost": 8.0 if month > 12 else np.nan, "profit": rng.normal(500, 900),
            "customer_equity": 40_000.0 + 900 * month if month > 12 else np.nan, "loyalty": 0.3,
        }
        for month in range(1, months + 1)
        for place, firm in enumerate(firms)
    ]  # fmt: skip
    return about(
        pd.DataFrame(rows, columns=["month", "firm", *(c for c in rows[0] if c not in ("month", "firm"))])
    )


def departures_of(firms: list[str]) -> pd.DataFrame:
    rows = [(m, m, f, r) for m, r in enumerate(WORDS) for f in firms for _ in range(m + 1)]
    return about(pd.DataFrame(rows, columns=["month", "customer", "firm", "reason"]))


def firms_of(firms: list[str]) -> pd.DataFrame:
    keep = [np.nan] + [6.0] * (len(firms) - 1)
    table = pd.DataFrame(
        {"acquisition_cost": [30.0] * len(firms), "retention_cost": keep}, index=pd.Index(firms, name="firm")
    )
    return about(table)


TABLES = {
    "months": months_of, "departures": departures_of, "costs": firms_of, "spending": ledger_of, "value": accounts_of,
    "whale_curve": whale_of, "survival": survival_of, "customers": lives_of, "twins": effects_of,
    "flows": flows_of, "lorenz": lorenz_of, "equity": drivers_of, "cohorts": cohorts_of, "rfm": rfm_of,
    "loyalty": accounts_by_tenure_of, "permission": funnel_of, "word_of_mouth": news_of,
}  # fmt: skip


def draw(kind: str, firms: list[str], **options: Any) -> list[Axes]:
    drawn = plots.KINDS[kind].function(TABLES[kind](firms), **options)
    return list(np.ravel(np.asarray(drawn, dtype=object)))


@pytest.fixture(autouse=True)
def nothing_stays_open() -> Any:
    """No picture leaves a figure or a setting behind."""
    import matplotlib.pyplot as plt

    settings = dict(matplotlib.rcParams)
    yield
    assert plt.get_fignums() == []
    assert dict(matplotlib.rcParams) == settings


@pytest.mark.parametrize(
    "firms", [["Corner"], ["Express", "Corner"], [LONG, LONG + " 2", *"abcdefgh"]], ids=["one", "two", "ten"]
)
@pytest.mark.parametrize("kind", plots.KINDS)
def test_every_picture_has_title_units_and_words(kind: str, firms: list[str]) -> None:
    axes = draw(kind, firms)
    for ax in axes:
        assert isinstance(ax, Axes)
        assert ax.get_title(loc="left").strip()
        assert ax.get_xlabel()
        assert (
            ax.get_ylabel()
            or any(label.get_text() for label in ax.get_yticklabels())
            or not len(ax.get_yticks())
        )
        assert len(show.alt_text(ax)) > 40
    of_the_focus = ("customers", "value", "cohorts", "rfm", "loyalty")
    assert ("Corner" if kind in of_the_focus else firms[0]) in show.alt_text(axes[0].figure)
    axes[0].figure.draw_without_rendering()


@pytest.mark.parametrize("kind", plots.KINDS)
def test_every_picture_draws_where_it_is_told(kind: str) -> None:
    figure = Figure()
    if kind == "months":
        given = figure.subplots(1, 2)
        axes = draw(kind, ["Corner", "Express"], metrics=["customers", "profit"], axes=given)
        assert axes == list(given)
    else:
        given = figure.subplots()
        assert draw(kind, ["Corner", "Express"], ax=given) == [given]
    assert show.alt_text(figure)


def test_months_are_six_panels_with_the_focus_first_and_strong() -> None:
    grid = show.months(months_of(["Express", "Corner"]))
    assert grid.shape == (2, 3)
    first, second = grid[0, 0].lines[:2]
    assert first.get_color() == style.OKABE_ITO["blue"] and first.get_linewidth() > second.get_linewidth()
    assert first.get_ydata()[0] == 211.0, "Corner is the focus"
    labels = [text.get_text() for text in grid[0, 0].texts if text.get_text()]  # the thin lines have none
    assert labels == ["Corner", "Express"]
    assert grid[0, 0].figure.get_suptitle() == "A street"
    assert "CHF" in grid[1, 0].get_ylabel() and grid[0, 0].get_xlabel() == "years"


def test_months_leave_missing_values_out_and_churn_is_a_mean_of_twelve() -> None:
    table = months_of(["Corner"])
    y = show.months(table, metrics="monthly_churn")[0, 0].lines[0].get_ydata()
    assert y[-1] == pytest.approx(table["monthly_churn"].iloc[-12:].mean())
    ax = show.months(months_of(["Corner"]), metrics=["customer_equity"])[0, 0]
    y = ax.lines[0].get_ydata()
    assert np.isnan(y[:12]).all() and np.isfinite(y[12:]).all()
    empty = show.months(months_of(["Corner"], months=6), metrics=["customer_equity"])[0, 0]
    assert "nothing to show yet" in [text.get_text() for text in empty.texts]
    assert empty.get_xlabel() == "months"
    assert "no value yet" in show.alt_text(empty)


def test_a_metric_of_anybody_is_drawn_and_a_misspelt_one_refused() -> None:
    assert (
        show.months(months_of(["Corner"]).assign(luck=1.0), metrics=["luck"])[0, 0].get_title(loc="left")
        == "Luck"
    )
    with pytest.raises(ValueError, match='did you mean "customer_equity"'):
        show.months(months_of(["Corner"]), metrics=["customer_equitty"])
    with pytest.raises(ValueError, match="one for each of the 6 metrics"):
        show.months(months_of(["Corner"]), axes=[Figure().subplots()])
    assert set(PANELS) <= set(METRICS)


def test_departures_know_every_reason_and_count_each() -> None:
    assert set(REASONS) == set(WORDS)
    ax = show.departures(departures_of(["Express", "Corner"]))
    assert ax.get_yticklabels()[0].get_text() == "Corner"
    assert sum(piece.get_width() for group in ax.containers for piece in group) == len(
        departures_of(["Express", "Corner"])
    )
    assert "fired 10" in show.alt_text(ax)
    table = departures_of(["Express", "Corner"])
    table.attrs["firms"] = ["Corner", "Nobody left", "Express"]
    assert [label.get_text() for label in show.departures(table).get_yticklabels()] == table.attrs["firms"]
    nobody = show.departures(departures_of(["Corner"]).iloc[:0])
    assert "nobody left" in [text.get_text() for text in nobody.texts]


def test_customers_count_those_of_both_worlds_of_one_and_of_none() -> None:
    table = about(pd.DataFrame({
        "customer": [0, 1, 2, 3] * 2, "alternative": ["as it is"] * 4 + ["other"] * 4, "seed": 1,
        "supplier": ["Corner", "Corner", "Express", None, "Corner", None, "Corner", "Express"],
    }))  # fmt: skip
    ax = show.customers(table)
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    assert words == ["in both worlds: 1", "only with “as it is”: 1", "only with “other”: 1", "in neither: 1"]
    assert "one customer" in ax.get_xlabel()
    many = show.customers(lives_of(["Corner", "Express"], ("a", "b", "c")))
    assert [label.get_text() for label in many.get_yticklabels()] == ["a", "b", "c"]


def test_twins_show_intervals_where_there_are_seeds() -> None:
    one, many = (show.twins(effects_of(["Corner", "Express"], seeds=n)) for n in (1, 20))
    assert "one seed" in one.get_xlabel() and "95 % interval" in many.get_xlabel()
    assert one.get_title(loc="left") == "What changes: profit" and "CHF" in one.get_xlabel()
    assert "percentage points" in show.twins(effects_of(["Corner"]), metric="share").get_xlabel()
    with pytest.raises(ValueError, match='did you mean "customers"'):
        show.twins(effects_of(["Corner"]), metric="costumers")


@pytest.mark.parametrize("name", EQUATIONS)
def test_every_equation_can_be_drawn(name: str) -> None:
    arguments = [a for a in inspect.signature(EQUATIONS[name].py_func).parameters if a != "p"]
    ax = show.equation(name, **{a: (0, 3) if a == arguments[0] else 1 for a in arguments})
    assert ax.get_title(loc="left") and ax.get_xlabel() and ax.get_ylabel() == name
    assert len(ax.lines[0].get_xdata()) >= 4


def test_an_equation_takes_parameters_and_refuses_what_it_does_not_know() -> None:
    ax = show.equation("talk.people_told", mood=(-1, 1), unhappy_tells=[0, 10])
    assert [line.get_ydata()[0] for line in ax.lines] == [0.0, 10.0]
    assert show.equation(lambda x, a: a * x, x=(0, 2), a=[1, 2]).lines[1].get_ydata()[-1] == 4.0
    for wrong, words in (
        ({"mod": (0, 1)}, 'did you mean "mood"'), ({}, "needs mood"), ({"mood": 1}, "exactly one argument"),
        ({"mood": (0, 1), "unhappy_tells": [1, 2], "happy_tells": [1, 2]}, "one argument at most"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=words):
            show.equation("talk.people_told", **wrong)
    with pytest.raises(ValueError, match=r'did you mean "talk\.people_told"'):
        show.equation("talk.people_tell", mood=(0, 1))


def test_an_unknown_kind_gets_the_nearest_right_one() -> None:
    run = sim.run("two_cafes", months=13)
    pair = SimpleNamespace(customers=lives_of(["Corner"]), table=effects_of(["Corner"]))
    for kind in set(plots.RUN_KINDS) - {"equity"}:  # which lets years pass: see its own test
        assert np.size(plots.of_run(run, kind)) >= 1
    for kind in plots.COMPARISON_KINDS:
        assert isinstance(plots.of_comparison(pair, kind), Axes)
    with pytest.raises(ValueError, match='did you mean "departures"'):
        plots.of_run(run, "departure")
    with pytest.raises(ValueError, match="kinds are customers, twins"):
        plots.of_comparison(pair, "???")


def test_labels_never_overlap_and_keep_their_order() -> None:
    rng = np.random.default_rng(3)
    for count in (1, 2, 5, 9, 40):
        places = rng.uniform(-0.2, 1.2, count).round(1)
        moved = style.spread(list(places), 0.1)
        gap = min(0.1, 1.0 / max(1, count - 1))
        assert (np.diff(np.sort(moved)) >= gap - 1e-9).all()
        assert (np.argsort(moved, kind="stable") == np.argsort(places, kind="stable")).all()
        assert moved.min() >= -1e-9 and moved.max() <= 1.0 + 1e-9
    assert style.spread([0.2, 0.8], 0.1) == pytest.approx([0.2, 0.8]), "what is apart stays"


def test_long_names_stay_apart() -> None:
    assert style.shorten(LONG) != style.shorten(LONG + " 2") and len(style.shorten(LONG)) <= style.LONGEST
    assert style.shorten("Express") == "Express"


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_picture_is_saved_whole_with_its_words(kind: str, tmp_path: Any) -> None:
    ax, file = draw("costs", ["Corner"])[0], tmp_path / f"costs.{kind}"
    assert show.save(ax, file) == file
    words = show.alt_text(ax)
    if kind == "png":
        from PIL import Image

        with Image.open(file) as image:
            assert image.text["Description"] == words and image.text["Title"] == ax.get_title(loc="left")
    else:
        assert f'role="img" aria-label="{words}"' in file.read_text(encoding="utf-8")
    first = file.read_bytes()
    with pytest.raises(FileExistsError, match="force"):
        show.save(ax, file)
    show.save(draw("costs", ["Corner"])[0], file, force=True)
    assert file.read_bytes() == first, "the same picture, the same bytes"
    assert [path.name for path in tmp_path.iterdir()] == [file.name], "nothing half done stays"


def test_only_pictures_are_saved_and_only_as_png_or_svg(tmp_path: Any) -> None:
    ax = draw("costs", ["Corner"])[0]
    with pytest.raises(ValueError, match=r"\.png or \.svg"):
        show.save(ax, tmp_path / "costs.gif")
    with pytest.raises(TypeError, match="what a plot returned"):
        show.save("costs", tmp_path / "costs.png")
