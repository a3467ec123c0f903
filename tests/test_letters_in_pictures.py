"""Letters that the font of pictures has not: lent by another font, or told once."""

from __future__ import annotations

import io
import warnings

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.text import Text

import sim.show as show
from sim.show import fonts, pictures

matplotlib.use("agg")

NO = "\u306e"
"""A Japanese letter that comes with matplotlib in STIXGeneral, and not in its usual font."""

NOWHERE = "\u5496\u5561"
"""Two Chinese letters that no font of matplotlib's own has."""


@pytest.fixture
def only(monkeypatch):
    """Fonts that may be asked, whatever else the computer has; nothing told yet."""

    def here(*names):
        monkeypatch.setattr(fonts, "FALLBACKS", names)
        monkeypatch.setattr(fonts, "_told", set())
        fonts._installed.cache_clear()

    yield here
    fonts._installed.cache_clear()


def drawn(firm):
    table = pd.DataFrame(
        {"acquisition_cost": [40.0, 30.0], "retention_cost": [8.0, 9.0]}, index=["Corner", firm]
    )
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        picture = show.costs(table)
        bits = [pictures.as_bytes(picture) for _ in range(2)]
    assert bits[0] == bits[1]
    label = next(text for text in picture.get_yticklabels() if text.get_text() == firm)
    return bits[0], [str(one.message) for one in said], label.get_fontfamily()


def test_a_letter_is_lent_by_the_first_font_that_has_it(only, caplog):
    only("cmr10", "no such font", "STIXGeneral")
    lent, said, families = drawn(NO)
    assert said == [] and families == ["sans-serif", "STIXGeneral"] and not caplog.records
    only("cmr10")
    assert drawn(NO)[0] != lent, "the letter is another picture than a box"


def test_what_no_font_has_is_told_once_with_the_letters_and_the_cure(only):
    only("STIXGeneral")
    _, said, families = drawn(NOWHERE)
    assert len(said) == 1 and NOWHERE[0] in said[0] and NOWHERE[1] in said[0] and "Noto Sans CJK" in said[0]
    assert families == ["sans-serif"]
    assert drawn(NOWHERE)[1] == []


def test_a_name_that_the_usual_font_can_write_changes_nothing(only):
    only("STIXGeneral")
    for name in ("Caf\u00e9 Z\u00fcrich", "\u041a\u043e\u0444\u0435", "\u039a\u03b1\u03c6\u03ad\u03c2"):
        assert drawn(name)[1:] == ([], ["sans-serif"])


def test_the_fonts_that_are_asked_are_named_once():
    assert len(set(fonts.FALLBACKS)) == len(fonts.FALLBACKS)
    here = {font.name for font in font_manager.fontManager.ttflist}
    assert set(fonts._installed()) == here & set(fonts.FALLBACKS)


DOLLARS = "$2 off, 5 % from $20"


def test_dollars_are_drawn_as_dollars_and_end_no_picture():
    table = pd.DataFrame({"month": [1, 2], "firm": [DOLLARS] * 2, "customers": [9.0, 8.0]})
    picture = pictures.figure_of(show.months(table, ["customers"], title=DOLLARS))
    assert pictures.as_bytes(picture) and picture.get_suptitle() == DOLLARS
    assert not [text for text in picture.findobj(Text) if "$" in text.get_text() and text.get_parse_math()]


def test_dollars_are_dollars_in_a_figure_of_ones_own_too():
    table = pd.DataFrame({"acquisition_cost": [40.0], "retention_cost": [8.0]}, index=[DOLLARS])
    figure = Figure()
    show.costs(table, figure.add_subplot())
    figure.savefig(io.BytesIO())
    assert DOLLARS in {text.get_text() for text in figure.findobj(Text)}


def test_powers_on_a_logarithmic_axis_and_a_users_own_formulas_stay_mathematics():
    table = pd.DataFrame({"month": [1, 2], "firm": ["Corner"] * 2, "customers": [90.0, 8000.0]})
    ax = np.ravel(np.asarray(show.months(table, ["customers"], title=DOLLARS), dtype=object))[0]
    ax.set_yscale("log")
    pictures.as_bytes(pictures.figure_of(ax))
    powers = [text for text in ax.findobj(Text) if "mathdefault" in text.get_text()]
    assert powers and all(text.get_parse_math() for text in powers)
    own = Figure().add_subplot()
    own.text(0.5, 0.5, r"$\Delta$")
    show.costs(pd.DataFrame({"acquisition_cost": [40.0], "retention_cost": [8.0]}, index=[DOLLARS]), own)
    parsed = {text.get_text(): text.get_parse_math() for text in own.findobj(Text) if "$" in text.get_text()}
    assert parsed[r"$\Delta$"] and not parsed[DOLLARS]
