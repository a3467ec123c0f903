"""Every word that the program uses means something, and says what."""

from __future__ import annotations

from pathlib import Path

import pytest

import sim
from sim.behaviours import EQUATIONS, STAGES
from sim.cli import main
from sim.columns import COLUMNS
from sim.ledger import ACTIVITIES, COUNTS
from sim.meanings import COUNT, LISTS, VOCABULARIES
from sim.metrics import METRICS
from sim.policies import POLICIES
from sim.scenario import addresses, load
from sim.scenario.database import DATABASE_COLUMNS
from sim.terms import TERMS


def test_a_parameter_is_explained_as_the_interface_shows():
    first = "talk.unhappy_tells = 10 people (0 to 100). Source: TARP 1979/1986; folk."
    for word in ("talk.unhappy_tells", "unhappy_tells", "Unhappy-tells"):
        assert repr(sim.explain(word)).splitlines()[0] == first


@pytest.mark.parametrize("address", addresses(load("two_cafes").tables))
def test_every_address_is_explained(address):
    if ".policy." not in address:
        assert sim.explain(address).meanings


WORDS = [
    *((stage.name, "stage") for stage in STAGES),
    *((name, "equation") for name in EQUATIONS),
    *((name.partition(".")[2], "equation") for name in EQUATIONS),
    *((column.name, "column") for column in COLUMNS),
    *((name, "metric") for name in METRICS),
    *((name, "policy") for name in POLICIES),
    *((name, "record") for name in DATABASE_COLUMNS),
    *((activity.name, "activity") for activity in ACTIVITIES),
    *((name, "count") for name in COUNTS),
    *((word, vocabulary.name) for vocabulary in VOCABULARIES for word in vocabulary.meanings),
]


@pytest.mark.parametrize(("word", "kind"), WORDS)
def test_every_word_is_explained(word, kind):
    found = [meaning for meaning in sim.explain(word).meanings if meaning.kind == kind]
    assert found
    assert all(len(meaning.line) > len(word) + 10 and "None" not in str(meaning) for meaning in found)


def test_every_word_of_every_vocabulary_has_a_meaning():
    assert {vocabulary.name: tuple(vocabulary.meanings) for vocabulary in VOCABULARIES} == LISTS
    assert set(COUNT) == set(COUNTS)


def test_a_metric_says_its_unit_or_source():
    assert all("Source:" in repr(sim.explain(name)) for name in METRICS)


def test_an_equation_says_its_arguments():
    text = repr(sim.explain("talk.people_told"))
    assert text.startswith("talk.people_told(mood, p): equation. ") and "TARP" in text


def test_a_policy_says_its_parameters():
    assert "top_share = 0.2 (0 to 1): share of the database" in repr(sim.explain("level_by_value"))


def test_the_plan_is_listed_with_units_and_ranges():
    text = repr(sim.explain("plan"))
    assert "firms.NAME.plan.price = 1 multiple (0.1 to 10)" in text
    assert "in rules, and in Plan.where" in repr(sim.explain("discount"))


def test_words_with_blanks_and_capitals_are_found():
    assert repr(sim.explain("Word of mouth")).startswith("word of mouth: reason, why a customer left.")


@pytest.mark.parametrize(
    ("word", "right"),
    [
        ("unhapy_tells", "talk.unhappy_tells"),
        ("tlak", "talk"),
        ("costumer_equity", "customer_equity"),
        ("proactiv", "proactive"),
    ],
)
def test_an_unknown_word_gets_the_nearest(word, right):
    with pytest.raises(ValueError, match=f'did you mean "{right}"'):
        sim.explain(word)


def test_a_word_like_nothing_says_where_to_look():
    with pytest.raises(ValueError, match="tenfold show"):
        sim.explain("xyzzyxyzzy")
    with pytest.raises(TypeError, match="a word is needed"):
        sim.explain(3)


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=lambda vocabulary: vocabulary.name)
def test_the_command_prints_a_line_a_word_of_a_list(vocabulary, capsys):
    assert main(["explain", vocabulary.name]) == 0
    lines = capsys.readouterr().out.splitlines()
    for word in vocabulary.meanings:
        assert any(line.startswith(f"  {word}: ") for line in lines), word


def test_the_page_of_the_class_says_of_scores_what_is_explained():
    page = Path(__file__).parents[1].joinpath("docs/class.md").read_text(encoding="utf-8")
    (scores,) = (v for v in VOCABULARIES if v.name == "score")
    for name, meaning in scores.meanings.items():
        assert name == "rank" or f"| {name} | {meaning} |" in page


@pytest.mark.parametrize("word", ["signal_clarity", "mechanisms.supply.signal_clarity"])
def test_a_parameter_that_is_gone_is_told_with_what_stands_for_it(word):
    with pytest.raises(ValueError, match=r"gone since model version 3; .*error_smoothing"):
        sim.explain(word)


@pytest.mark.parametrize("term", TERMS)
def test_a_term_of_the_field_leads_to_what_is_called_otherwise_here(term):
    first, *rest = sim.explain(term).meanings
    assert (first.kind, first.name) == ("term", term)
    assert all(name in first.line for name in TERMS[term])
    assert {meaning.name for meaning in rest} >= set(TERMS[term])


def test_a_term_is_found_however_it_is_written_and_leads_to_another_name():
    for word in ("Wallet Allocation Rule", "wallet_allocation_rule", "wallet-allocation-rule"):
        assert [meaning.name for meaning in sim.explain(word).meanings][1] == "wallet_allocation"
    for term, names in TERMS.items():
        assert term.lower().replace(" ", "_").replace("-", "_") not in names


def test_a_column_of_a_measures_table_leads_to_the_measure():
    (only,) = sim.explain("marginal_return").meanings
    assert only.kind == "result" and only.line.endswith("give: marginal_costs.")
    assert "net of the spend" in only.more[0]


def test_every_name_of_sim_value_is_explained():
    for name in sim.value.__all__:
        said = str(next(meaning for meaning in sim.explain(name).meanings if meaning.kind == "value"))
        assert f"sim.value.{name}" in said and len(said.split(". ")[1]) > 20, said


def test_how_to_try_a_claim_has_a_line_of_its_own(capsys):
    assert main(["explain", "drivers"]) == 0
    assert "\n  try it: sim.claim(" in capsys.readouterr().out
