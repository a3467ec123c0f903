"""Runs of less than a year are told as what they are: pictures, reports and the explorer name no year that did not pass."""

from __future__ import annotations

import re
from typing import Any

import pytest
from matplotlib.text import Text

import sim
from sim.show import pictures, plots
from sim.show.report import effects, of_run, told
from sim.show.report.answers import standing
from sim.show.spans import full_year, last_year
from sim.show.worlds_tried import firms_beside, sentence, table_html

FEW: dict[str, Any] = {"months": 3, "change": {"market.customers": 300}}
NO_YEAR = re.compile("full year|12 month|last year")


@pytest.fixture(scope="module")
def short() -> Any:
    return sim.run("two_cafes", **FEW)


@pytest.mark.parametrize("kind", ["value", "whale_curve", "loyalty", "lorenz", "word_of_mouth"])
def test_no_picture_of_three_months_speaks_of_a_year(short: Any, kind: str) -> None:
    import matplotlib.pyplot as plt

    figure = pictures.figure_of(short.plot(kind))
    said = [text.get_text() for text in figure.findobj(Text)] + [
        str(getattr(ax, "alt_text", "")) for ax in figure.axes
    ]
    plt.close(figure)
    assert not [text for text in said if NO_YEAR.search(text)]
    assert kind in plots.KINDS


def test_no_table_of_a_report_of_three_months_does(short: Any) -> None:
    found = told.of_run(short)
    assert not NO_YEAR.search(of_run.cost_table(found).caption + of_run.named(found).caption)
    assert "3 months" in str(standing(found).rows)
    pair = sim.compare("two_cafes", {"tried": {"change": {"firms.Corner.plan.price": 2.0}}}, seeds=2, **FEW)
    assert "profit, the 3 months of the run" in str(effects.measures_table(told.of_comparison(pair)).rows)


def test_the_explorer_tells_the_months_that_passed(short: Any) -> None:
    change = {**FEW["change"], "firms.Corner.plan.price": 2.0}
    now = sim.run("two_cafes", months=3, change=change)
    assert "profit, 3 months" in firms_beside(short, now)
    assert not NO_YEAR.search(sentence(short, now, change) + table_html(short, now))


def test_a_year_is_told_as_a_year() -> None:
    assert (full_year(12), last_year(12), last_year(1)) == (
        "the last full year",
        "the last 12 months",
        "the one month of the run",
    )
